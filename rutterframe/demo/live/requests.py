"""Writes of the live dialect around their endpoints: wrapped bodies, Idempotency-Key, answers by a job."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rutterframe.demo.api.bodies import Field, Schema, object_of, one_of, parse_body
from rutterframe.demo.api.responses import ApiError
from rutterframe.demo.api.service import Call
from rutterframe.demo.books.collection import Record
from rutterframe.demo.live.jobs import job_of
from rutterframe.demo.live.service import live

#: An endpoint of a write: the call, and the checked object of its body.
Write = Callable[[Call, dict[str, Any]], Record]


def write(key: str, schema: Schema, endpoint: Write, *, modes: bool = False) -> Callable[[Call], Record]:
    """Return the operation of a write.

    Parameters
    ----------
    key : str
        The key of the object in the body.
    schema : dict
        The fields of the object.
    endpoint : callable
        Does it, and returns the body of the answer.
    modes : bool
        Whether the body can ask for an answer by a job.
    """
    wrapped: Schema = {key: Field(object_of(schema), required=True)}
    if modes:
        wrapped["response_mode"] = Field(one_of("async", "prefer_sync"))

    def operation(call: Call) -> Record:
        service = live(call)
        request = (call.method, call.url, call.body)
        scope = (call.connection, call.idempotency_key or "")
        if call.idempotency_key is not None and scope in service.answers:
            first, answer = service.answers[scope]
            if first != request:
                raise ApiError(
                    409, "IDEMPOTENCY_CONFLICT", "Idempotency-Key: was used before with another request"
                )
            return answer  # type: ignore[no-any-return]
        try:
            body = parse_body(call.body, wrapped)
            answer = _do(call, body, endpoint, body[key])
        except ApiError as error:
            raise live_error(error) from error
        if call.idempotency_key is not None:
            service.answers[scope] = request, answer
        return answer

    return operation


def live_error(error: ApiError) -> ApiError:
    """Return an error with the status that the live service has for it: it has no 422."""
    return ApiError(400 if error.status == 422 else error.status, error.code, error.message)


def _do(call: Call, body: dict[str, Any], endpoint: Write, fields: dict[str, Any]) -> Record:
    if body.get("response_mode") != "async":
        return endpoint(call, fields)
    # What the platform refuses is reported inside the job.
    try:
        job = job_of(call, endpoint(call, fields))
    except ApiError as error:
        refusal = live_error(error)
        job = job_of(call, refusal.body, refusal.status)
    return live(call).jobs.add(job)
