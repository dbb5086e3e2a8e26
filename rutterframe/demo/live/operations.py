"""The operations of the live dialect, as data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from rutterframe.demo.api.authentication import connection_of
from rutterframe.demo.api.operations import Operation
from rutterframe.demo.api.responses import ApiError
from rutterframe.demo.api.service import Call
from rutterframe.demo.books.collection import Record
from rutterframe.demo.live.connections import (
    connection_of_token,
    connection_status,
    exchange_token,
    list_connections,
)
from rutterframe.demo.live.expansions import expansion
from rutterframe.demo.live.lists import LiveList
from rutterframe.demo.live.objects import (
    company_info,
    event_list,
    list_webhooks,
    retrieve_webhook,
    store,
)
from rutterframe.demo.live.pages import MOST, LivePageRequest
from rutterframe.demo.live.service import live, open_connection
from rutterframe.demo.live.statements import STATEMENTS, list_statements
from rutterframe.demo.live.write_operations import WRITES

_TOKEN = ("access_token", "force_fetch")
_PAGED = (*_TOKEN, "cursor", "limit")
_CLASSIC = (*_PAGED, "sort", "expand", "last_synced_at_min", "updated_at_min", "updated_at_max")
_LEDGER = (*_CLASSIC, "filter")
_STATEMENT = (*_TOKEN, "start_date", "end_date", "expand", "response_mode")
_UPDATED = ("updated_at_min", "updated_at_max")
_TRANSACTION_DATE = ("transaction_date_min", "transaction_date_max")
_CREATED = ("created_at_min", "created_at_max")


class ListRoute(NamedTuple):
    """A list, and its single records.

    Attributes
    ----------
    path, list_key : str
        The path, and the key of the records in the answer.
    resource : str
        The name of the list in the books and in fault plans.
    single_key : str
        The key of a single record.
    query : tuple of str
        The query parameters.
    defaults : dict of str to str
        Parameters that a request has unless it says otherwise.
    """

    path: str
    list_key: str
    resource: str
    single_key: str
    query: tuple[str, ...]
    defaults: Mapping[str, str] = MappingProxyType({})


def _ledger(name: str, single_key: str, *query: str) -> ListRoute:
    return ListRoute(f"/accounting/{name}", name, name, single_key, (*_LEDGER, *query))


ROUTES = (
    _ledger("accounts", "account", "account_type"),
    _ledger("invoices", "invoice", "document_number"),
    _ledger("bills", "bill", "document_number"),
    _ledger("expenses", "expense", "expense_type", *_TRANSACTION_DATE)._replace(
        defaults={"expense_type": "expense"}
    ),
    _ledger("customers", "customer", "customer_name"),
    _ledger("vendors", "vendor", "vendor_name"),
    _ledger("invoice_payments", "invoice_payment"),
    _ledger("bill_payments", "bill_payment"),
    _ledger("invoice_credit_memos", "invoice_credit_memo"),
    _ledger("bill_credit_memos", "bill_credit_memo"),
    _ledger("payment_terms", "payment_term"),
    ListRoute(
        "/orders",
        "orders",
        "orders",
        "order",
        (
            *_PAGED,
            *_UPDATED,
            *_CREATED,
            "expand",
            "fulfillment_status",
            "order_number",
            "payment_status",
            "phone",
            "properties",
        ),
    ),
    ListRoute(
        "/products",
        "products",
        "products",
        "product",
        (*_PAGED, *_UPDATED, *_CREATED, "expand", "name", "status"),
    ),
    ListRoute("/customers", "customers", "customers", "customer", (*_PAGED, *_UPDATED, "email", "phone")),
    ListRoute(
        "/transactions",
        "transactions",
        "transactions",
        "transaction",
        (*_PAGED, *_UPDATED, *_CREATED, "sort"),
    ),
    ListRoute(
        "/payouts",
        "payouts",
        "payouts",
        "",
        (*_PAGED, *_CREATED, "arrival_at_min", "arrival_at_max", "expand"),
    ),
    ListRoute("/banking/bank_accounts", "bank_accounts", "bank_accounts", "bank_account", _CLASSIC),
    ListRoute(
        "/banking/bank_transactions", "bank_transactions", "transactions", "bank_transaction", _CLASSIC
    ),
    ListRoute("/ads/accounts", "accounts", "ad_accounts", "account", _CLASSIC),
)


def _list_of(call: Call, route: ListRoute) -> LiveList:
    """Return the list of a route, which the platform must have.

    Raises
    ------
    ApiError
        404, if the platform has no such list.
    """
    books = live(call).live_books
    kind = books.kind(call.connection)
    area = route.path.split("/")[1]
    if {"accounting": "ledger", "banking": "bank", "ads": "ads"}.get(area, "shop") != kind:
        raise ApiError(404, "ENDPOINT_NOT_SUPPORTED", f"{route.path}: the platform has no such objects")
    return books.list(call.connection, route.resource)


def _pages(route: ListRoute) -> Callable[[Call], LivePageRequest]:
    def request(call: Call) -> LivePageRequest:
        listed = _list_of(call, route)
        return LivePageRequest(
            call, listed, route.list_key, live(call).envelope(call.connection), route.defaults
        )

    return request


def _single(route: ListRoute) -> Callable[[Call], Record]:
    def retrieve(call: Call) -> Record:
        listed, record_id = _list_of(call, route), call.path["id"]
        key = listed.find(record_id)
        if key is None:
            raise ApiError(410, "OBJECT_NOT_FOUND", f"{route.single_key}: no {record_id[:60]!r} here")
        record: Any = expansion(call)(key, listed.record(key))
        if route.path == "/transactions":
            record = [record]  # the service sends a list of one
        return {route.single_key: record, "connection": live(call).envelope(call.connection)}

    return retrieve


def _list_operations() -> Iterator[Operation]:
    for route in ROUTES:
        yield Operation(
            f"list {route.path}",
            "GET",
            route.path,
            route.resource,
            "list",
            route.query,
            pages=_pages(route),
            opens=open_connection,
        )
        if not route.single_key:
            continue
        id_type = ("id_type",) if route.path.count("/") > 1 else ()
        expand = ("expand",) if route.path == "/orders" else ()
        yield Operation(
            f"get {route.path}",
            "GET",
            f"{route.path}/{{id}}",
            route.resource,
            "retrieve",
            (*_TOKEN, *id_type, *expand),
            _single(route),
            opens=open_connection,
        )


def _events(call: Call) -> LivePageRequest:
    if call.query.get("type") != "object_deleted":
        raise ApiError(400, "INVALID_PARAMETER", "type: is required, and must be object_deleted")
    listed = event_list(live(call), call.connection, call.query.get("resources"))
    return LivePageRequest(call, listed, "events", None, {"limit": str(MOST)})


def _read_job(call: Call) -> Record:
    return live(call).jobs.read(call.path["id"])


LIVE_OPERATIONS = (
    Operation(
        "list connections", "GET", "/connections", "connections", "list", ("status",), list_connections
    ),
    Operation(
        "status of a connection",
        "GET",
        "/connections/status",
        "connections",
        "retrieve",
        ("access_token",),
        connection_status,
        opens=connection_of,
    ),
    Operation(
        "connection of a token",
        "GET",
        "/connections/access_token",
        "connections",
        "retrieve",
        ("access_token",),
        connection_of_token,
        opens=connection_of,
    ),
    Operation(
        "exchange a token",
        "POST",
        "/item/public_token/exchange",
        "connections",
        "write",
        (),
        exchange_token,
    ),
    *_list_operations(),
    Operation(
        "list /events",
        "GET",
        "/events",
        "events",
        "list",
        ("access_token", "type", "cursor", "limit", "expand", "last_synced_at_min", "resources"),
        pages=_events,
        opens=open_connection,
    ),
    *(
        Operation(
            f"list {path}",
            "GET",
            path,
            resource,
            "list",
            query,
            endpoint,
            opens=open_connection,
        )
        for path, resource, query, endpoint in (
            ("/store", "stores", (*_TOKEN, "expand"), store),
            ("/accounting/company_info", "company_info", (*_TOKEN, "expand"), company_info),
            *((f"/accounting/{name}", name, _STATEMENT, list_statements(name)) for name in STATEMENTS),
        )
    ),
    Operation("list webhooks", "GET", "/configs/webhooks", "webhooks", "list", (), list_webhooks),
    Operation("get a webhook", "GET", "/configs/webhooks/{id}", "webhooks", "retrieve", (), retrieve_webhook),
    Operation("get a job", "GET", "/jobs/{id}", "jobs", "retrieve", (), _read_job),
    *WRITES,
)
