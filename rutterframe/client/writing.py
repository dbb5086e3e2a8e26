"""Resources that create records: one, or a frame of them."""

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
from rutterframe.client.live_bodies import live_body, plain_fields
from rutterframe.client.records import read_record
from rutterframe.client.request import RequestSpec
from rutterframe.client.resources import R, Resource, refuse_contract
from rutterframe.errors import InvalidDraft, InvalidResponse
from rutterframe.frames.exact import parse_object
from rutterframe.models import CREATES, Draft
from rutterframe.models.drafts import describe_unknown_field, draft_to_json, validate_draft
from rutterframe.models.fields import excerpt

P = ParamSpec("P")
T = TypeVar("T")

# The longest Idempotency-Key, in characters.
_MAX_KEY = 255
# The errors of every write, for the docstrings.
_RAISES = """InvalidDraft
    If a field does not exist or is missing, or its value is not valid; nothing is sent.
OutcomeUnknown
    If it may or may not have been written; the error says how to find out.
APIError, TransportError
    If it was not written."""
_RAISES_LIVE = """ConfigurationError
    For what only the live dialect has, in the contract; nothing is sent."""


def write_method(method: Callable[P, T]) -> Callable[P, T]:
    """Check the names of a method's keywords, and complete its docstring.

    A misspelt keyword is an InvalidDraft with the name that was probably meant; ``{raises}`` in the docstring
    stands for the errors of every write, ``{live}`` for those of what only the live dialect has.
    """
    if method.__doc__ is not None:  # None with python -OO
        text = inspect.cleandoc(method.__doc__).replace("{raises}", _RAISES).replace("{live}", _RAISES_LIVE)
        method.__doc__ = f"{text}\n"
    known = [name for name in inspect.signature(method).parameters if name != "self"]
    only_live = getattr(method, "only_live", ())

    @functools.wraps(method)
    def checked(*args: P.args, **kwargs: P.kwargs) -> T:
        for name in kwargs:
            if name not in known:
                is_live = cast("Any", args[0])._request.session.dialect.is_live  # noqa: SLF001 - self
                fields = [field for field in known if is_live or field not in only_live]
                raise InvalidDraft(
                    f"Nothing was sent: {name} {describe_unknown_field(name, fields)}",
                    hint="correct it and send it again.",
                )
        return method(*args, **kwargs)

    return checked


def only_live(*names: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Mark the keywords that only the live dialect has: the contract's errors do not list them."""

    def mark(method: Callable[P, T]) -> Callable[P, T]:
        vars(method)["only_live"] = names
        return method

    return mark


class CreatableResource(Resource[R]):
    """A resource with records that can be created."""

    def _create(
        self, fields: Mapping[str, Any], live: Mapping[str, Any] | None = None, key: str | None = None
    ) -> R:
        """Check the fields of a new record, and create it.

        Parameters
        ----------
        fields : mapping
            The fields that the contract has; some of them live has not.
        live : mapping, optional
            The fields that only the live dialect has.
        key : str, optional
            The Idempotency-Key.
        """
        request = self._request
        if self._is_live:
            fields = plain_fields(request.resource, {**fields, **(live or {})})
        else:
            refuse_live_fields(
                request, {**(live or {}), "idempotency_key": None if self._repeatable else key}
            )
        written = validate_draft(self._draft, fields)
        return self._send(written, checked_key(key) if self._repeatable else None)

    @property
    def _is_live(self) -> bool:
        return self._request.session.dialect.is_live

    @property
    def _draft(self) -> type[Draft]:
        """The draft that creates a record of this resource."""
        if not self._is_live:
            return CREATES[self._request.resource]
        from rutterframe.models.live.drafts import LIVE_CREATES  # noqa: PLC0415 - on first use

        return LIVE_CREATES[self._request.resource]

    @property
    def _repeatable(self) -> bool:
        return self._request.route.repeatable

    def _send(self, written: Draft, key: str | None) -> R:
        request = self._request
        model = cast("type[R]", request.session.dialect.record(request.resource))
        find_out = (
            again_with(key)
            if key
            else f"look for it in client.connection({request.connection_id!r}).{request.resource}.list() "
            "before you send it again: it could be written twice."
        )
        return request.session.write(
            with_body(request, written, key=key),
            read=lambda body: read_record(model, body, route=request.route),
            find_out=find_out,
        )

    def _update(self, record_id: str, fields: Mapping[str, Any], key: str | None) -> R:
        """Check the changes of a record of the live service, and send them."""
        from rutterframe.models.live.drafts import LIVE_UPDATES  # noqa: PLC0415 - on first use

        request = self._request
        refuse_contract(request, f"{request.resource}.update")
        written = validate_draft(LIVE_UPDATES[request.resource], plain_fields(request.resource, fields))
        if not written.model_dump(exclude_none=True):
            raise nothing_to_change()
        model = cast("type[R]", request.session.dialect.record(request.resource))
        checked = checked_key(key)
        return request.session.write(
            with_body(self._request_of(record_id), written, method="PATCH", key=checked),
            read=lambda body: read_record(model, body, record_id, route=request.route),
            find_out=again_with(checked),
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
        """Check a frame of records, and create them one by one unless it is a dry run."""
        if not isinstance(frame, pd.DataFrame):
            raise TypeError(f"create_many takes a pandas DataFrame; this is a {type(frame).__name__}")
        model, connection_id = self._draft, self._request.connection_id or ""
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


class ResourceWithLines(CreatableResource[R]):
    """A resource with records that have lines."""

    def create_many(
        self,
        frame: pd.DataFrame,
        lines: pd.DataFrame | None = None,
        *,
        key: str | None = None,
        dry_run: bool = True,
        resume: pd.DataFrame | BaseException | None = None,
        send_again: Collection[object] = (),
    ) -> pd.DataFrame:
        """Create a record for each row of a frame; by default only check them, and send nothing.

        Check the result of the dry run first; then pass ``dry_run=False``, and that result as ``resume=``.
        The records are sent one by one. If that stops in the middle, the exception has the result so far
        as its ``partial``: with ``resume=`` only records without an id are sent.

        Parameters
        ----------
        frame : pandas.DataFrame
            One row for each record. The columns are the fields of ``create``, and the key; an empty cell is a
            field that is left out. Money is sent as it is written: 12.34 as 12.34.
        lines : pandas.DataFrame, optional
            One row for each line: its fields, and the key of its record. Without it the frame has a column
            ``line_items``.
        key : str, optional
            The column of both frames that identifies the record, such as an invoice number. It is not sent,
            unless it is a field. The frame's index when left out.
        dry_run : bool
            Whether only to check.
        resume : pandas.DataFrame or exception, optional
            An earlier result, or the exception that has it.
        send_again : collection
            The records of unknown outcome to send again. Invoices, and all records in the live dialect, need
            not be named: with their idempotency key they are sent again safely. Others could be created
            twice: check first whether they exist; if so, put their id into the result.

        Returns
        -------
        pandas.DataFrame
            One row for each record, with the frame's index; all columns are text. To store it in a file, use
            Parquet, or read a CSV with ``dtype="str"``.

            ===============  ============================================================================
            name             meaning
            ===============  ============================================================================
            connection_id    the connection
            record           the record's key, or its index
            status           valid: not sent yet; invalid: refused, see error; created; skipped: it was
                             created before; unknown: sent, but the response was lost
            id               of the record that was created
            error            the reason why it was not created, or is unknown
            idempotency_key  for invoices, live for all: with it, sending again creates nothing twice
            fingerprint      a hash of the record's fields
            ===============  ============================================================================

        Raises
        ------
        InvalidDraft
            If the frames do not fit: a column is not a field, a key stands twice, a line has no record.
        RutterframeError
            If nothing more can be sent: the credentials were refused, a limit was reached, the API does not
            respond, or three responses in a row were lost. Its ``partial`` is the result.
        WriteInterrupted
            On Ctrl-C; its ``partial`` is the result.

        Examples
        --------
        >>> import pandas as pd
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     books = client.connection("roaster-quickbooks")
        ...     customer = next(books.customers.list()).id
        ...     new = pd.DataFrame({"number": ["A-1", "A-2"], "customer_id": [customer, None]})
        ...     lines = pd.DataFrame({"number": ["A-1", "A-2"], "total_amount": [12.34, 5.0]})
        ...     checked = books.invoices.create_many(new, lines, key="number")
        ...     done = books.invoices.create_many(new, lines, key="number", dry_run=False, resume=checked)
        >>> checked["status"].tolist(), checked["error"].tolist()[1]
        (['valid', 'invalid'], 'customer_id is missing')
        >>> done["status"].tolist()
        ['created', 'invalid']
        """
        return self._create_many(frame, lines, key, dry_run=dry_run, resume=resume, send_again=send_again)


def with_body(
    request: RequestSpec, written: Draft, *, method: str = "POST", key: str | None = None
) -> RequestSpec:
    """Return a request with a record as its body, in the spelling of the dialect."""
    if request.session.dialect.is_live:
        body = live_body(request.resource, written)
    else:
        body = SecretStr(draft_to_json(written))
    return replace(request, method=method, body=body, idempotency_key=key)


def again_with(key: str) -> str:
    """Return how to find out whether something was written that has an Idempotency-Key."""
    return (
        f"send it again with idempotency_key={key!r} and the same fields: it is written once at most, "
        "and the response is the record."
    )


def nothing_to_change() -> InvalidDraft:
    """Return the error of an update without a field."""
    return InvalidDraft("Nothing was sent: there is nothing to change", hint="pass at least one field.")


def refuse_live_fields(request: RequestSpec, fields: Mapping[str, Any]) -> None:
    """Refuse fields that only the live dialect has.

    Raises
    ------
    ConfigurationError
        If one of them is not None.
    """
    for name, value in fields.items():
        if value is not None:
            refuse_contract(request, name)


def checked_key(key: str | None) -> str:
    """Return the Idempotency-Key, or a new one if it is None.

    Raises
    ------
    InvalidDraft
        If a header cannot hold it.
    """
    if key is None:
        return str(uuid.uuid4())
    plain = type(key) is str and key.isascii() and key.isprintable() and key == key.strip()
    if not plain or not 0 < len(key) <= _MAX_KEY:
        raise InvalidDraft(
            f"Nothing was sent: idempotency_key cannot be {excerpt(key)}",
            hint=f"pass 1 to {_MAX_KEY} plain characters, or leave it out for a new one.",
        )
    return key


def read_nothing(body: bytes) -> None:
    """Check a response without content: empty, or any JSON object.

    Raises
    ------
    InvalidResponse
        If it is something else, such as a proxy's page.
    """
    if body:
        parse_object(body)


def read_token(body: bytes) -> SecretStr:
    """Return the access token of a response; no error quotes the response.

    Raises
    ------
    InvalidResponse
        If it has no access token.
    """
    token = None
    try:
        token = parse_object(body).get("access_token")
    except InvalidResponse:
        token = None
    if not token or not isinstance(token, str):
        raise InvalidResponse("The response has no access token", transient=False)
    return SecretStr(token)
