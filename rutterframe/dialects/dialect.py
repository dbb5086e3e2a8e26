"""A dialect of the API: base URLs, routes, parameters and keys, as data."""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from rutterframe.dialects.extra_fields import ExtraField, extend_record
from rutterframe.models import Record, record_model
from rutterframe.models.platforms import platform_kind

if TYPE_CHECKING:
    from rutterframe.dialects.mapping import Mapping

#: The dialects of rutterframe itself, one of which is the base of any other.
BASES = ("contract", "live")

_NOTHING: abc.Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Filter:
    """A query parameter that narrows or widens a list.

    Attributes
    ----------
    name : str
        The name of the parameter, the same in Python and in the query.
    values : tuple of str or None
        The valid values of an enumeration; None for a point in time.
    is_date : bool
        Whether it is a calendar date, such as the first day of a statement; other times are points in time.
    """

    name: str
    values: tuple[str, ...] | None = None
    is_date: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """One way to ask for a resource; a resource of the live dialect may have several.

    Attributes
    ----------
    path : str
        The path of the list, below the base URL.
    list_key : str
        The key of the list in the response.
    filters : tuple of Filter
        The filters of the list.
    repeatable : bool
        Whether a create (POST to the path) takes an Idempotency-Key.
    name : str
        Which of several routes this is, such as "refunds" or "shop"; empty if there is only one.
    kinds : frozenset of str
        The kinds of platform that have it ("ledger", "shop", "bank", "ads"); empty for any.
    params : mapping of str to str
        The parameters that are sent with every page, such as the limit.
    single_key : str or None
        The key of the object around a single record; None if a record comes without one.
    is_single : bool
        Whether the response has one object under the list's key instead of a list.
    is_array : bool
        Whether the response is the list itself, without an object around it.
    changed_since : str or None
        The filter that asks for changed rows only; None if there is no such filter.
    is_sorted : bool
        Whether rows cannot move from one page to another while the pages are read.
    mapping : Mapping or None
        The columns of the frame by the fields of the response; None if they are the same.
    """

    path: str
    list_key: str
    filters: tuple[Filter, ...] = ()
    repeatable: bool = False
    name: str = ""
    kinds: frozenset[str] = frozenset()
    params: abc.Mapping[str, str] = field(default_factory=dict, hash=False)
    single_key: str | None = None
    is_single: bool = False
    is_array: bool = False
    changed_since: str | None = None
    is_sorted: bool = True
    mapping: Mapping | None = field(default=None, hash=False, repr=False)

    def is_on(self, platform: str | None) -> bool:
        """Return whether a platform may have this route; one of an unknown kind may have any."""
        kind = platform_kind(platform) if platform else None
        return kind is None or not self.kinds or kind in self.kinds


@dataclass(frozen=True, slots=True)
class Dialect:
    """The addresses, routes, parameters and keys of the API on one kind of server.

    Attributes
    ----------
    name : str
        The name of the dialect.
    base_urls : mapping of str to str
        The base URL of each named environment.
    version : str
        The API version that is requested by default.
    resources : mapping of str to tuple of Route
        The routes of each resource, by the name of its model.
    records : mapping of str to type of Record
        The model of each resource's frame, where it is not the contract's.
    joins : mapping of str to str
        For a resource with columns that are taken from another one: the name of that resource.
    by_changes : frozenset of str
        The resources of which a refresh requests only what changed, by the route's ``changed_since``.
    with_deletions : frozenset of str
        Those among them with deletions that the service lists as events.
    has_status : bool
        Whether a connection has a status that says when its data was last synchronised.
    versions : frozenset of str or None
        The API versions that can be requested; None for any.
    moment_format : str
        How points in time are written in the query: "iso" or "milliseconds" since 1970.
    version_header, request_id_header, idempotency_header : str
        The names of headers.
    token_parameter, cursor_parameter, cursor_key : str
        The parameters of the access token and of the cursor, and the cursor's key in a response.
    fulfillments : str
        The last part of the path that fulfils an order.
    webhooks : Route
        The route of the webhooks, which are listed without pages.
    token_exchange : str
        The path that exchanges a public token for an access token.
    base : {"contract", "live"}
        The dialect of all that is not a list: tokens, statuses, jobs, writes and webhooks.
    fields : mapping of str to tuple of ExtraField
        The fields of installed packages or of the program, by resource: columns after those of the record.
    """

    name: str
    base_urls: abc.Mapping[str, str]
    version: str
    resources: abc.Mapping[str, tuple[Route, ...]]
    records: abc.Mapping[str, type[Record]] = field(default_factory=dict)
    joins: abc.Mapping[str, str] = field(default_factory=dict)
    by_changes: frozenset[str] = frozenset()
    with_deletions: frozenset[str] = frozenset()
    has_status: bool = False
    versions: frozenset[str] | None = None
    moment_format: Literal["iso", "milliseconds"] = "iso"
    version_header: str = "X-Rutter-Version"
    request_id_header: str = "X-Rutter-Request-ID"
    token_parameter: str = "access_token"  # noqa: S105 - the parameter's name
    cursor_parameter: str = "cursor"
    cursor_key: str = "next_cursor"
    idempotency_header: str = "Idempotency-Key"
    fulfillments: str = "fulfillments"
    webhooks: Route = Route("/config-webhooks", "webhooks")
    token_exchange: str = "/connections/token_exchange"  # noqa: S105 - a path
    base: Literal["contract", "live"] = "contract"
    fields: abc.Mapping[str, tuple[ExtraField, ...]] = field(default_factory=dict)

    @property
    def is_live(self) -> bool:
        """Whether it is the live dialect, or one with that as its base."""
        return self.base == "live"

    def routes(self, resource: str, platform: str | None = None) -> tuple[Route, ...]:
        """Return the routes of a resource that a platform has; all where the platform is not known.

        Parameters
        ----------
        resource : str
            The name of the resource.
        platform : str, optional
            The connection's platform.

        Raises
        ------
        KeyError
            If the dialect does not have the resource.

        Examples
        --------
        >>> from rutterframe.dialects import CONTRACT
        >>> [route.path for route in CONTRACT.routes("bank_accounts", "plaid")]
        ['/bank-accounts']
        """
        return tuple(route for route in self.resources[resource] if route.is_on(platform))

    def record(self, resource: str, filters: abc.Mapping[str, str] = _NOTHING) -> type[Record]:
        """Return the model of a resource's frame as it is sent with these filters.

        Parameters
        ----------
        resource : str
            The name of the resource.
        filters : mapping of str to str, optional
            The filters of the list: an expansion adds a column.

        Raises
        ------
        KeyError
            If the dialect does not have the resource.

        Examples
        --------
        >>> from rutterframe.dialects import CONTRACT
        >>> CONTRACT.record("orders", {"expand": "platform_data"}).__name__
        'ExpandedOrder'
        """
        model, fields = self.plain_record(resource, filters), self.fields.get(resource)
        return extend_record(model, fields) if fields else model

    def plain_record(self, resource: str, filters: abc.Mapping[str, str] = _NOTHING) -> type[Record]:
        """Return the model of a resource without extra fields; parameters as in `record`."""
        return self.records.get(resource) or record_model(resource, filters)
