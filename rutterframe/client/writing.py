"""Resources that take new records: one, or a frame of them."""

from __future__ import annotations

import functools
import inspect
import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any, ParamSpec, TypeVar, cast

import pandas as pd
from pydantic import SecretStr

from rutterframe.client.bulk import earlier_of, plan, rows_of, run, to_frame
from rutterframe.client.request import RequestSpec
from rutterframe.client.resources import R, Resource, read_record
from rutterframe.errors import InvalidDraft, InvalidResponse
from rutterframe.frames.exact import parse_object
from rutterframe.models import CREATES, RECORDS, Draft
from rutterframe.models.drafts import as_json, draft, no_such_field
from rutterframe.models.fields import excerpt

P = ParamSpec("P")
T = TypeVar("T")

_LONGEST_KEY = 255


def names_checked(method: Callable[P, T]) -> Callable[P, T]:
    """Make a misspelt keyword an InvalidDraft that says which one was probably meant."""
    known = [name for name in inspect.signature(method).parameters if name != "self"]

    @functools.wraps(method)
    def checked(*args: P.args, **given: P.kwargs) -> T:
        for name in given:
            if name not in known:
                raise InvalidDraft(
                    f"Nothing was sent: {name} {no_such_field(name, known)}",
                    hint="correct it and send it again.",
                )
        return method(*args, **given)

    return checked


class CreatableResource(Resource[R]):
    """A resource that takes new records."""

    def _create(self, fields: Mapping[str, Any], key: str | None = None) -> R:
        """Check a new record, and write it."""
        written = draft(CREATES[self._request.resource], fields)
        return self._send(written, checked_key(key) if self._repeatable else None)

    @property
    def _repeatable(self) -> bool:
        return self._request.session.dialect.resources[self._request.resource].repeatable

    def _send(self, written: Draft, key: str | None) -> R:
        request = self._request
        model = cast("type[R]", RECORDS[request.resource])
        find_out = (
            f"send it again with idempotency_key={key!r} and the same fields: it is written once at most, "
            "and the answer is the record."
            if key
            else f"look for it in client.connection({request.connection_id!r}).{request.resource}.list() "
            "before you send it again: it could be written twice."
        )
        return request.session.write(
            with_body(request, written, key=key),
            read=lambda body: read_record(model, body),
            find_out=find_out,
        )

    def _create_many(
        self,
        frame: pd.DataFrame,
        lines: pd.DataFrame | None,
        key: str | None,
        *,
        dry_run: bool,
        resume: pd.DataFrame | BaseException | None,
        send_again: Collection[object],
    ) -> pd.DataFrame:
        """Check a frame of records, and write them one by one unless it is a dry run."""
        if not isinstance(frame, pd.DataFrame):
            raise TypeError(f"create_many takes a pandas DataFrame; this is a {type(frame).__name__}")
        model, connection_id = CREATES[self._request.resource], self._request.connection_id or ""
        entries = plan(
            rows_of(frame, model, lines=lines, key=key),
            model,
            repeatable=self._repeatable,
            earlier=earlier_of(resume, connection_id),
            send_again=send_again,
        )

        def result() -> pd.DataFrame:
            return to_frame(entries, connection_id, frame.index)

        if dry_run:
            return result()
        return run(entries, lambda written, name: str(getattr(self._send(written, name), "id", "")), result)


def with_body(
    request: RequestSpec, written: Draft, *, method: str = "POST", key: str | None = None
) -> RequestSpec:
    """Return the request that writes a record."""
    body = SecretStr(as_json(written))
    return replace(request, method=method, body=body, idempotency_key=key)


def checked_key(key: str | None) -> str:
    """Take an Idempotency-Key, or make one.

    Raises
    ------
    InvalidDraft
        If a header cannot hold it.
    """
    if key is None:
        return str(uuid.uuid4())
    plain = type(key) is str and key.isascii() and key.isprintable() and key == key.strip()
    if not plain or not 0 < len(key) <= _LONGEST_KEY:
        raise InvalidDraft(
            f"Nothing was sent: idempotency_key cannot be {excerpt(key)}",
            hint=f"give 1 to {_LONGEST_KEY} plain characters, or leave it out to have one made.",
        )
    return key


def read_nothing(body: bytes) -> None:
    """Take an answer in which nothing is of interest: none, or any JSON object.

    Raises
    ------
    InvalidResponse
        If it is something else: a proxy's page is no answer of the API.
    """
    if body:
        parse_object(body)


def read_token(body: bytes) -> SecretStr:
    """Take the access token out of an answer; no error shows anything of it.

    Raises
    ------
    InvalidResponse
        If there is none.
    """
    token = None
    try:
        token = parse_object(body).get("access_token")
    except InvalidResponse:
        token = None
    if not token or not isinstance(token, str):
        raise InvalidResponse("The answer holds no access token", transient=False)
    return SecretStr(token)
