"""Resources as attributes of a connection: ``client.connection(id).invoices.list()``."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Generic, TypeVar, cast
from urllib.parse import quote

from rutterframe.client.filters import Moment, format_filters
from rutterframe.client.pagination import Paginator
from rutterframe.client.records import read_page, read_record
from rutterframe.client.request import RequestSpec
from rutterframe.dialects import Route
from rutterframe.errors import ConfigurationError, NotFound, RutterframeError
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
        """Return the request of the list by its first route, with checked filters; nothing is sent.

        Parameters
        ----------
        **filters : datetime, date or str
            Filters of this list; in the contract only transactions and orders have some.

        Returns
        -------
        RequestSpec
            The request of the first page.

        Raises
        ------
        InvalidFilter
            If the list has no such filter, or the filter does not take that value.

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     client.connection("gear-xero").invoices.listing().path
        '/invoices'
        """
        request = self._request
        if not filters:
            return request
        checked = format_filters(request.session.dialect, request.resource, filters, request.route)
        return replace(request, filters=checked)

    def listings(self, **filters: Moment | None) -> tuple[RequestSpec, ...]:
        """Return a request for each route of the list, with checked filters.

        The contract has one route for each list. In the live dialect it depends on the connection's platform,
        which is looked up in the list of connections where several routes would be possible.

        Parameters
        ----------
        **filters : datetime, date or str
            Filters of this list; in the contract only transactions and orders have some.

        Returns
        -------
        tuple of RequestSpec
            A request for each route: one in the contract.

        Raises
        ------
        InvalidFilter
            If the list has no such filter, or the filter does not take that value.

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     len(client.connection("gear-xero").invoices.listings())
        1
        """
        request = self._request
        if len(request.session.dialect.resources[request.resource]) == 1:
            return (self.listing(**filters),)
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

    def list(self, **filters: Moment | None) -> Iterator[R]:
        """Yield every record, page by page; a page is requested when its first record is needed.

        Parameters
        ----------
        **filters : datetime, date or str
            Filters of this list; in the contract only transactions and orders have some.

        Returns
        -------
        iterator of record
            Pydantic models with the columns of the frame.

        Raises
        ------
        InvalidFilter
            If this list has no such filter, or the value is not valid.
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
        return self._records(self.listings(**filters))

    def _request_of(self, record_id: str, *, step: str = "", route: Route | None = None) -> RequestSpec:
        """Return the request of one record, or of a step below it."""
        request = self._by_route(route or self._request.route)
        path = path_to(request.route, record_id)
        return replace(request, path=f"{path}/{step}" if step else path)

    def _records(self, requests: Sequence[RequestSpec]) -> Iterator[R]:
        for request in requests:
            yield from self._records_of(request)

    def _records_of(self, request: RequestSpec) -> Iterator[R]:
        pages, rows = Paginator(request), 0
        try:
            # No variable here holds a page: a server may repeat the request in it, a traceback would show it.
            for records in (read_page(request, body) for body in pages):
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

        Returns
        -------
        record
            A pydantic model with the columns of the frame.

        Raises
        ------
        NotFound
            If this connection has no such record.

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     customers = client.connection("gear-xero").customers
        ...     first = next(customers.list())
        ...     customers.retrieve(first.id) == first
        True
        """
        session, resource = self._request.session, self._request.resource
        *routes, last = routes_of(session, resource, self._request.connection_id)
        for route in routes:  # of a platform that is not known
            with contextlib.suppress(NotFound):
                return self._retrieve(record_id, route)
        return self._retrieve(record_id, last)

    def _retrieve(self, record_id: str, route: Route) -> R:
        request = self._request_of(record_id, route=route)
        model = cast("type[R]", request.session.dialect.record(request.resource))
        return request.session.get(
            request, read=lambda body: read_record(model, body, record_id, route=route)
        )


class Transactions(Resource[Transaction]):
    """The transactions of a connection."""

    def list(
        self, *, updated_at_min: Moment | None = None, **filters: Moment | None
    ) -> Iterator[Transaction]:
        """Yield every transaction.

        Parameters
        ----------
        updated_at_min : datetime, date or str, optional
            Only what changed at or after this moment. Without a zone it is read as UTC, with a warning.
        **filters : datetime, date or str
            Further filters, which only the live dialect has.

        Returns
        -------
        iterator of Transaction
            Pydantic models with the columns of the frame.

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     transactions = client.connection("roaster-bank").transactions
        ...     sum(1 for _ in transactions.list(updated_at_min="2026-06-29T00:00Z")) > 0
        True
        """
        return self._records(self.listings(updated_at_min=updated_at_min, **filters))


class Customers(RetrievableResource[Customer]):
    """The customers of a connection."""


def routes_of(session: Session, resource: str, connection_id: str | None) -> tuple[Route, ...]:
    """Return the routes of a resource that a connection's platform has; the first if it has none of them."""
    routes = session.dialect.resources[resource]
    if len(routes) == 1 or connection_id is None:
        return routes[:1]
    return session.dialect.routes(resource, session.platform(connection_id)) or routes[:1]


def refuse_contract(request: RequestSpec, what: str) -> None:
    """Refuse what only the live dialect has.

    Raises
    ------
    ConfigurationError
        If the request is one of the contract.
    """
    if not request.session.dialect.is_live:
        raise ConfigurationError(
            f"{what} is only in the live dialect",
            hint="the contract has no such request; of the real service open rf.Client(dialect='live').",
        )


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
