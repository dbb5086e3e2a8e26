"""Resources as attributes of a connection: ``client.connection(id).invoices.list()``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Generic, TypeVar, cast
from urllib.parse import quote

from rutterframe.client.filters import Moment, format_filters
from rutterframe.client.pagination import Paginator
from rutterframe.client.request import RequestSpec
from rutterframe.dialects import Route
from rutterframe.errors import InvalidResponse, RutterframeError
from rutterframe.frames.exact import invalid_rows, page_rows, parse_object, read_rows
from rutterframe.models import Customer, Record, Transaction
from rutterframe.models.fields import excerpt

if TYPE_CHECKING:
    from rutterframe.client.session import Session

R = TypeVar("R", bound=Record)

# In a path these would be a step, not an id.
_NOT_IDS = ("", ".", "..")
# The longest id, in characters.
_MAX_ID = 1000


class Resource(Generic[R]):
    """A resource that can be listed.

    Parameters
    ----------
    request : RequestSpec
        The request of the resource's list.
    """

    def __init__(self, request: RequestSpec) -> None:
        self._request = request

    def __repr__(self) -> str:
        """Name the resource and its connection; nothing secret."""
        request = self._request
        of = f" of {request.connection_id!r}" if request.connection_id is not None else ""
        return f"<{type(self).__name__} {request.resource!r}{of}>"

    def listing(self, **filters: Moment | None) -> RequestSpec:
        """Return the request of the list by its first route, with checked filters; nothing is sent."""
        request = self._request
        if not filters:
            return request
        checked = format_filters(request.session.dialect, request.resource, filters, request.route)
        return replace(request, filters=checked)

    def listings(self, **filters: Moment | None) -> tuple[RequestSpec, ...]:
        """Return a request for each route of the list, with checked filters.

        The contract has one route for each list. In the live dialect it depends on the connection's platform,
        which is looked up in the list of connections where several routes would be possible.
        """
        request = self._request
        requests = tuple(
            self._by_route(route)
            for route in routes_of(request.session, request.resource, request.connection_id)
        )
        if not filters:
            return requests
        return tuple(
            replace(one, filters=format_filters(one.session.dialect, one.resource, filters, one.route))
            for one in requests
        )

    def _by_route(self, route: Route) -> RequestSpec:
        request = self._request
        return request if route is request.route else replace(request, route=route, path=route.path)

    def list(self) -> Iterator[R]:
        """Yield every record, page by page; a page is requested when its first record is needed.

        Yields
        ------
        record
            A pydantic model with the fields of the contract.

        Raises
        ------
        InvalidRows
            If a record cannot be read without guessing.
        APIError, TransportError, PaginationError
            If a page could not be read.

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     first = next(client.connection("roaster-quickbooks").accounts.list())
        >>> first.currency
        'USD'
        """
        return self._records(self.listing())

    def _request_of(self, record_id: str, *, step: str = "") -> RequestSpec:
        """Return the request of one record, or of a step below it."""
        request = self._request
        path = path_to(request.session.dialect.resources[request.resource][0], record_id)
        return replace(request, path=f"{path}/{step}" if step else path)

    def _records(self, request: RequestSpec) -> Iterator[R]:
        model = cast("type[R]", request.session.dialect.record(request.resource, request.filters))
        pages, rows = Paginator(request), 0
        try:
            # No variable here holds a page: a server may repeat the request in it, a traceback would show it.
            for records in (read_page(model, body, request.list_key) for body in pages):
                yield from records
                rows += len(records)
        except RutterframeError as error:
            masked = request.session.without_secrets(error, request)
            raise masked.with_context(replace(request.context, pages=pages.pages, rows=rows)) from None


class RetrievableResource(Resource[R]):
    """A resource with records that can also be retrieved by their ids."""

    def retrieve(self, record_id: str) -> R:
        """Return one record.

        Parameters
        ----------
        record_id : str
            The record's id.

        Raises
        ------
        NotFound
            If this connection has no such record.
        """
        session = self._request.session
        model = cast("type[R]", session.dialect.record(self._request.resource))
        return session.get(self._request_of(record_id), read=lambda body: read_record(model, body, record_id))


class Transactions(Resource[Transaction]):
    """The transactions of a connection."""

    def list(self, *, updated_at_min: Moment | None = None) -> Iterator[Transaction]:
        """Yield every transaction.

        Parameters
        ----------
        updated_at_min : datetime, date or str, optional
            Only what changed at or after this moment. Without a zone it is read as UTC, with a warning.
        """
        return self._records(self.listing(updated_at_min=updated_at_min))


class Customers(RetrievableResource[Customer]):
    """The customers of a connection."""


def routes_of(session: Session, resource: str, connection_id: str | None) -> tuple[Route, ...]:
    """Return the routes of a resource that a connection's platform has; the first if it has none of them."""
    routes = session.dialect.resources[resource]
    if len(routes) == 1 or connection_id is None:
        return routes[:1]
    return session.dialect.routes(resource, session.platform(connection_id)) or routes[:1]


def path_to(route: Route, record_id: str) -> str:
    """Return the path of one record.

    Raises
    ------
    ValueError
        If the id is not valid in a path.
    """
    if type(record_id) is not str or record_id in _NOT_IDS or len(record_id) > _MAX_ID:
        raise ValueError(
            f"{excerpt(record_id)} is not a valid id of {route.list_key} "
            f"(expected a text of 1 to {_MAX_ID:,} characters)"
        )
    return f"{route.path}/{quote(record_id, safe='')}"


def read_page(model: type[R], body: bytes, list_key: str) -> list[R]:
    """Read the records of a page.

    Raises
    ------
    InvalidResponse
        If it has no such list, or a record cannot be read.
    """
    page = read_rows(model, page_rows(parse_object(body), list_key))
    if page.refused:
        raise invalid_rows(page)
    return page.valid


def read_record(model: type[R], body: bytes, record_id: str | None = None) -> R:
    """Read a response that is one record; with an id, it must have that id.

    Raises
    ------
    InvalidResponse
        If it is something else.
    """
    page = read_rows(model, [parse_object(body)])
    if page.refused:
        raise invalid_rows(page)
    record = page.valid[0]
    response_id = getattr(record, "id", None)
    if record_id is None and not response_id:
        raise InvalidResponse(f"The response has no id: {excerpt(record)}", transient=False)
    if record_id is not None and response_id != record_id:
        raise InvalidResponse(
            f"Requested {record_id!r}, but the response is {excerpt(record)}", transient=False
        )
    return record
