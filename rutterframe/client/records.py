"""Read records from responses: a page of them, a single one, bare or in an object of its own."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from rutterframe.client.request import RequestSpec
from rutterframe.dialects import Route
from rutterframe.dialects.extra_fields import extend_mapping
from rutterframe.errors import InvalidResponse, NotFound
from rutterframe.frames.exact import invalid_rows, page_rows, parse_object, read_rows
from rutterframe.models import Record
from rutterframe.models.fields import excerpt

R = TypeVar("R", bound=Record)


def read_page(request: RequestSpec, body: bytes) -> list[Any]:
    """Read the records of a page, as those of the dialect.

    Raises
    ------
    InvalidResponse
        If it has no such list, or a record cannot be read.
    """
    route, envelope = request.route, parse_object(body)
    if route.is_single and isinstance(envelope.get(route.list_key), dict | None):
        rows = [envelope[route.list_key]] if envelope.get(route.list_key) is not None else []
    else:
        rows = page_rows(envelope, route.list_key)
    model = request.session.dialect.record(request.resource, request.filters)
    return _read(model, route, rows, envelope)


def read_record(
    model: type[R], body: bytes, record_id: str | None = None, *, route: Route | None = None
) -> R:
    """Read a response that is one record; with an id, it must have that id.

    Parameters
    ----------
    model : type of record
        The record of the dialect.
    body : bytes
        The response.
    record_id : str, optional
        The id that was requested.
    route : Route, optional
        Where the record is within the response, and how its fields are read.

    Raises
    ------
    NotFound
        If there is no record where one could be.
    InvalidResponse
        If it is something else.
    """
    envelope = parse_object(body)
    sent: Any = envelope
    if route is not None and route.single_key is not None:
        sent = _unwrapped(envelope, route.single_key, record_id)
    record = cast("R", _read(model, route, [sent], envelope)[0])
    response_id = getattr(record, "id", None)
    if record_id is None and not response_id:
        raise InvalidResponse(f"The response has no id: {excerpt(record)}", transient=False)
    if record_id is not None and response_id != record_id:
        raise InvalidResponse(
            f"Requested {record_id!r}, but the response is {excerpt(record)}", transient=False
        )
    return record


def read_object(body: bytes, key: str) -> dict[str, Any]:
    """Read the object under a key of a response, as it was sent.

    Raises
    ------
    InvalidResponse
        If there is none.
    """
    sent = parse_object(body).get(key)
    if not isinstance(sent, dict):
        raise InvalidResponse(f"The response has no object {key!r}", transient=False)
    return sent


def read_array(body: bytes) -> list[Any]:
    """Read a response that is a list, without an object around it.

    Raises
    ------
    InvalidResponse
        If it is something else.
    """
    if not body.lstrip().startswith(b"["):
        content = "an object" if body.lstrip().startswith(b"{") else "something else"
        raise InvalidResponse(
            f"The response is {content} instead of a list", transient=content != "an object"
        )
    rows: list[Any] = parse_object(b'{"rows":' + body + b"}")["rows"]
    return rows


def map_row(request: RequestSpec, row: dict[str, Any]) -> Any:
    """Return the record of the dialect for one row of a list.

    Raises
    ------
    InvalidRows
        If it cannot be read.
    """
    model = request.session.dialect.record(request.resource)
    return _read(model, request.route, [row], {})[0]


def _unwrapped(envelope: dict[str, Any], key: str, record_id: str | None) -> Any:
    """Return what stands under the key of a single record.

    Raises
    ------
    NotFound
        If it is null, or a list without rows: the service knows no such record.
    InvalidResponse
        If the key is missing.
    """
    if key not in envelope:
        raise InvalidResponse(
            f"The response has no {key!r} (keys: {excerpt(sorted(envelope))})", transient=False
        )
    sent = envelope[key]
    if sent in (None, []) and record_id is not None:
        content = "null" if sent is None else "an empty list"
        raise NotFound(f"There is no {key} {record_id!r}: the API answered with {content}", status=200)
    if isinstance(sent, list):  # as the service sends a payment of a shop: a list of one
        rows = [row for row in sent if isinstance(row, dict) and row.get("id") == record_id]
        return rows[0] if len(rows) == 1 else sent
    return sent


def _read(model: type[Record], route: Route | None, rows: list[Any], envelope: dict[str, Any]) -> list[Any]:
    """Read rows as the records of the dialect, through its mapping if it has one."""
    mapping = extend_mapping(route.mapping if route is not None else None, model)
    page = read_rows(model, rows) if mapping is None else read_rows(mapping.wire, rows)
    if page.refused:
        raise invalid_rows(page)
    if mapping is None:
        return page.valid
    return [mapping.record(record, envelope) for record in page.valid]
