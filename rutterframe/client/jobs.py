"""Jobs: what the live service answers later, in place of a response; they are followed to their end."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from urllib.parse import quote

from rutterframe.client.error_mapping import api_error, may_have_happened
from rutterframe.client.request import RequestSpec
from rutterframe.client.retry import pause
from rutterframe.errors import InvalidResponse, OutcomeUnknown, RutterframeError, TransportError
from rutterframe.frames.exact import parse_object

T = TypeVar("T")

_KEY = b'"async_response"'
# A response that names a job has nothing else: longer ones are not looked into.
_MAX_BYTES = 8192
# The most seconds between two questions.
_MAX_WAIT = 10.0
_DONE = frozenset({"success", "failure"})


@dataclass(frozen=True, slots=True)
class StartedJob:
    """A job that a response names in place of its content."""

    id: str


@dataclass(frozen=True, slots=True)
class Job:
    """A job of the live service.

    Attributes
    ----------
    id, status : str
        Its id, and its state: prequeued, pending, success or failure.
    http_status : int or None
        The HTTP status of its response, once there is one.
    error_code, error_message : str or None
        What was wrong.
    record_id : str or None
        The record that was written.
    """

    id: str
    status: str
    http_status: int | None = None
    error_code: str | None = None
    error_message: str | None = None
    record_id: str | None = None


@dataclass(frozen=True, slots=True)
class _State:
    """The state of a job, with its response; what it repeats of the request is not kept."""

    status: str
    http_status: int | None
    body: bytes


def or_job(read: Callable[[bytes], T]) -> Callable[[bytes], T | StartedJob]:
    """Return what reads a response, or the job that it names."""

    def read_or_job(body: bytes) -> T | StartedJob:
        if len(body) <= _MAX_BYTES and _KEY in body:
            named = parse_object(body).get("async_response")
            if isinstance(named, dict):
                if not isinstance(named.get("id"), str) or not named["id"]:
                    raise InvalidResponse("The response names a job without an id", transient=False)
                return StartedJob(named["id"])
        return read(body)

    return read_or_job


def finish_read(
    request: RequestSpec, job: StartedJob, read: Callable[[bytes], T], stop: threading.Event
) -> T:
    """Wait for the response of a request that reads.

    Raises
    ------
    TransportError
        If the job does not finish in time.
    APIError, InvalidResponse
        If it fails.
    """
    state = _follow(request, job, stop)
    if state is None:
        raise TransportError(
            _unfinished(request, job).replace("the service", "The service"),
            hint="it goes on: load again later, or raise job_limit= of rf.RetryPolicy.",
            transient=False,
        ).with_context(request.context)
    return _result(request, state, read)


def finish_write(request: RequestSpec, job: StartedJob, read: Callable[[bytes], T], find_out: str) -> T:
    """Wait for the response of a request that writes.

    Raises
    ------
    OutcomeUnknown
        If the job does not finish in time, or nothing is known of it.
    APIError
        If it was not written.
    """
    hint = f"client.job({job.id!r}) shows the state of the job; or {find_out}"
    state = None
    try:
        state = _follow(request, job, threading.Event())
        problem = RutterframeError(_unfinished(request, job))
    except RutterframeError as error:
        problem = error
    except BaseException as error:
        unknown = f"It is not known whether this was written: interrupted in job {job.id!r}"
        error.add_note(f"{unknown}\nNext: {hint}")
        raise
    if state is not None:
        try:
            return _result(request, state, read)
        except RutterframeError as error:
            if not may_have_happened(error):
                raise
            problem = error
    raise OutcomeUnknown(
        f"It is not known whether this was written: {problem.message}",
        hint=hint,
        context=problem.with_context(request.context).context,
        idempotency_key=request.idempotency_key,
    ) from None


def read_job(request: RequestSpec, job_id: str) -> Job:
    """Return a job, without what it repeats of its request.

    Raises
    ------
    NotFound
        If there is no such job.
    """
    session = request.session
    state = session.get(_request_of(request, job_id), read=_read_state)
    body = _object(state.body)
    records = [value for value in body.values() if isinstance(value, dict)]
    texts = {name: body.get(name) for name in ("error_code", "error_message")}
    masked = {
        name: session.secrets.mask(text, request) if isinstance(text, str) else None
        for name, text in texts.items()
    }
    record_id = next((row["id"] for row in records if isinstance(row.get("id"), str)), None)
    return Job(job_id, state.status, state.http_status, **masked, record_id=record_id)


def _unfinished(request: RequestSpec, job: StartedJob) -> str:
    return f"the service has not finished job {job.id!r} after {request.session.policy.job_limit:,g} seconds"


def _follow(request: RequestSpec, job: StartedJob, stop: threading.Event) -> _State | None:
    """Return the state of a job that is done; None if it is not in time."""
    of_job = _request_of(request, job.id)
    end, wait = time.monotonic() + request.session.policy.job_limit, request.session.policy.wait_initial
    while True:
        state = request.session.get(of_job, read=_read_state, stop=stop)
        if state.status in _DONE:
            return state
        if time.monotonic() + wait > end:
            return None
        pause(wait, stop)
        wait = min(2 * wait, _MAX_WAIT)


def _request_of(request: RequestSpec, job_id: str) -> RequestSpec:
    """Return the request of a job, which takes no access token; that of the request is still masked."""
    return replace(
        request,
        path=f"/jobs/{quote(job_id, safe='')}",
        method="GET",
        access_token=None,
        filters={},
        cursor=None,
        body=None,
        idempotency_key=None,
        secrets=request.all_secrets,
    )


def _read_state(body: bytes) -> _State:
    """Read the state of a job: its request, which may hold a token, is left out."""
    job = parse_object(body)
    status, response = job.get("status"), job.get("response")
    if not isinstance(status, str):
        raise InvalidResponse("The job has no status", transient=False)
    response = response if isinstance(response, dict) else {}
    http_status, content = response.get("http_status"), response.get("body")
    return _State(
        status.casefold(),
        int(http_status) if isinstance(http_status, int | float) else None,
        # Some services hold the response as text.
        content.encode() if isinstance(content, str) else json.dumps(content).encode(),
    )


def _result(request: RequestSpec, state: _State, read: Callable[[bytes], T]) -> T:
    """Return the response of a job as read, or raise the error that it reports."""
    import httpx  # noqa: PLC0415 - on first use

    status = state.http_status
    failure: RutterframeError
    if state.status == "failure" or (status or 200) >= 400:
        # A failure without a reason may have written something.
        status = status if status is not None and status >= 400 else 500
        response = httpx.Response(status, content=state.body)
        failure = api_error(response, lambda text: request.session.secrets.mask(text, request))
        raise failure.with_context(request.context)
    try:
        return read(state.body)
    except RutterframeError as error:
        failure = request.session.without_secrets(error, request)
    raise failure.with_context(request.context) from None


def _object(body: bytes) -> dict[str, Any]:
    try:
        return parse_object(body)
    except InvalidResponse:
        return {}
