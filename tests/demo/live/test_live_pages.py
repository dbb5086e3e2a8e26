"""Pages of the live dialect: limits, orders, filters and cursors, and faults on them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from rutterframe.demo.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.demo.live.conftest import LiveApi

LEDGER, SHOP = "roaster-quickbooks", "gear-shopify"
PATH = "/accounting/invoices"


def ids(api: LiveApi, path: str = PATH, connection: str = LEDGER, **query: Any) -> list[str]:
    return [row["id"] for row in api.list(path, connection, **query)]


def test_limits(live: LiveApi) -> None:
    """A page has 50 records, or as many as the request asks for; all limits give the same records."""
    assert len(live.get(PATH, LEDGER).json()["invoices"]) == 50
    assert len(live.get(PATH, LEDGER, limit=7).json()["invoices"]) == 7
    assert ids(live, limit=37) == ids(live, limit=500)
    assert len(set(ids(live))) == len(ids(live))


def test_a_page_size_of_the_server_caps_the_limit(serve_live: Callable[..., LiveApi]) -> None:
    """A test that wants many pages sets the page size of the server."""
    api = serve_live(page_size=20)
    assert len(api.get(PATH, LEDGER, limit=500).json()["invoices"]) == 20
    assert len(api.get(PATH, LEDGER, limit=5).json()["invoices"]) == 5
    assert len(ids(api)) > 400
    api.server.configure(page_size=30)
    assert len(api.get(PATH, LEDGER, limit=500).json()["invoices"]) == 30


@pytest.mark.parametrize("field", ["updated_at", "last_synced_at", "created_at"])
def test_orders(live: LiveApi, field: str) -> None:
    """The newest change comes first, or the order that the request asks for; without a word it ascends."""
    for sort, reverse in ((f"{field} ASC", False), (f"{field} DESC", True), (field, False)):
        values = [row[field] for row in live.list(PATH, LEDGER, sort=sort, limit=90)]
        assert values == sorted(values, reverse=reverse)
    newest = [row["updated_at"] for row in live.list(PATH, LEDGER)]
    assert newest == sorted(newest, reverse=True)


def test_the_order_of_payments_of_a_shop(live: LiveApi) -> None:
    """Payments of a shop are sorted by "asc" or "desc"."""
    for sort in ("asc", "desc"):
        rows = live.list("/transactions", SHOP, sort=sort)
        values = [row["created_at"] for row in rows]
        assert values == sorted(values, reverse=sort == "desc")


def milliseconds(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


@pytest.mark.parametrize(
    ("path", "connection", "name", "field"),
    [
        (PATH, LEDGER, "last_synced_at_min", "last_synced_at"),
        (PATH, LEDGER, "updated_at_min", "updated_at"),
        (PATH, LEDGER, "updated_at_max", "updated_at"),
        ("/accounting/expenses", LEDGER, "transaction_date_min", "transaction_date"),
        ("/orders", SHOP, "updated_at_min", "updated_at"),
        ("/orders", SHOP, "created_at_max", "created_at"),
        ("/products", SHOP, "updated_at_min", "updated_at"),
        ("/products", SHOP, "created_at_min", "created_at"),
        ("/customers", SHOP, "updated_at_max", "updated_at"),
        ("/payouts", SHOP, "arrival_at_min", "arrival_at"),
        ("/payouts", SHOP, "created_at_max", "created_at"),
        ("/banking/bank_transactions", "gear-bank", "last_synced_at_min", "last_synced_at"),
    ],
)
def test_filters_by_time(live: LiveApi, path: str, connection: str, name: str, field: str) -> None:
    """A filter in milliseconds, ends included, gives what the records themselves say."""
    rows = live.list(path, connection)
    bound = sorted(row[field] for row in rows)[len(rows) // 3]
    expected = {
        row["id"] for row in rows if (row[field] >= bound if name.endswith("_min") else row[field] <= bound)
    }
    assert set(ids(live, path, connection, **{name: milliseconds(bound)})) == expected
    assert 0 < len(expected) < len(rows)


@pytest.mark.parametrize(
    ("path", "connection", "query", "field", "value"),
    [
        ("/accounting/accounts", LEDGER, {"account_type": "bank"}, "account_type", "bank"),
        (PATH, LEDGER, {"document_number": "INV-00007"}, "document_number", "INV-00007"),
        (PATH, LEDGER, {"filter": 'status = "draft" AND document_number ~ "INV"'}, "status", "draft"),
        ("/orders", SHOP, {"payment_status": "pending"}, "payment_status", "pending"),
        ("/products", SHOP, {"status": "draft"}, "status", "draft"),
        ("/accounting/expenses", "gear-xero", {"expense_type": "refund"}, "expense_type", "refund"),
    ],
)
def test_filters_by_value(
    live: LiveApi, path: str, connection: str, query: dict[str, str], field: str, value: str
) -> None:
    """A parameter that names a field keeps the records with that value."""
    rows = live.list(path, connection, **query)
    assert rows
    assert {row[field] for row in rows} == {value}


def test_expansions(live: LiveApi) -> None:
    """Orders can have their payments, other records the platform's own data; orders can be narrowed."""
    order = next(
        order
        for order in live.list("/orders", SHOP, expand="transactions")
        if order["refunds"] and order["status"] == "archived"
    )
    assert {payment["type"] for payment in order["transactions"]} >= {"sale", "refund"}
    assert {payment["order_id"] for payment in order["transactions"]} == {order["id"]}
    single = live.get(f"/orders/{order['id']}", SHOP, expand="transactions").json()["order"]
    assert len(single["transactions"]) == len(order["transactions"])
    narrow = live.get("/orders", SHOP, properties="total_price, status").json()["orders"][0]
    assert set(narrow) == {"id", "total_price", "status"}
    account = live.get("/accounting/accounts", LEDGER, expand="platform_data").json()["accounts"][0]
    assert account["platform_data"] == {"Id": account["platform_id"]}
    assert live.code("/orders", SHOP, expand="platform_data") == (400, "INVALID_PARAMETER")


def test_only_expenses_without_a_word(live: LiveApi) -> None:
    """The list of expenses has no refunds unless it is asked for them."""
    rows = live.list("/accounting/expenses", "gear-xero")
    assert {row["expense_type"] for row in rows} == {"expense"}
    assert len(live.list("/accounting/expenses", "gear-xero", expense_type="refund")) == 1


def test_a_cursor_belongs_to_its_list_and_filters(live: LiveApi) -> None:
    """A cursor of another list, connection or order is refused."""
    cursor = live.get(PATH, LEDGER).json()["next_cursor"]
    assert live.get(PATH, LEDGER, cursor=cursor, limit=3).status_code == 200
    for path, connection, query in (
        ("/accounting/bills", LEDGER, {}),
        (PATH, "gear-xero", {}),
        (PATH, LEDGER, {"sort": "created_at"}),
        (PATH, LEDGER, {"updated_at_min": 1}),
    ):
        assert live.code(path, connection, cursor=cursor, **query) == (400, "INVALID_CURSOR")


def test_the_cursor_comes_before_or_after_the_connection(live: LiveApi) -> None:
    """The order of the keys around the records is not documented: the demo sends both."""
    assert list(live.get("/orders", SHOP).json()) == ["orders", "next_cursor", "connection"]
    assert list(live.get("/products", SHOP).json()) == ["products", "connection", "next_cursor"]
    assert live.get("/orders", SHOP).json()["connection"]["platform"] == "SHOPIFY"


def test_a_changed_record_moves(serve_live: Callable[..., LiveApi]) -> None:
    """A record that changes between two pages moves: pages are not a snapshot."""
    api = serve_live(page_size=100)
    first = api.get("/products", SHOP, limit=5).json()
    last = api.list("/products", SHOP)[-1]["id"]
    api.server.books.change(SHOP, "products", last, description="New")
    rest = [
        row["id"] for row in api.list("/products", SHOP, cursor=first["next_cursor"], limit=5)
    ]  # the newest change is now before the cursor
    all_ids = [row["id"] for row in first["products"]] + rest
    assert last not in all_ids
    assert api.get("/products", SHOP).json()["products"][0]["id"] == last


def plan(api: LiveApi, *faults: Fault) -> None:
    api.server.configure(faults=faults)


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("429", 429, "RATE_LIMIT_EXCEEDED"),
        ("452", 452, "PLATFORM_RATE_LIMIT_EXCEEDED"),
        ("503", 503, "SERVICE_UNAVAILABLE"),
        ("not_ready", 400, "PRODUCT_NOT_READY"),
    ],
)
def test_errors_come_once(live: LiveApi, kind: str, status: int, code: str) -> None:
    """The fault plan works on live routes by the names of our resources."""
    plan(live, Fault(kind, "ad_accounts"), Fault(kind, "transactions", connection="gear-bank"))
    for path, connection in (
        ("/ads/accounts", "roaster-google-ads"),
        ("/banking/bank_transactions", "gear-bank"),
    ):
        assert live.code(path, connection) == (status, code)
        assert live.get(path, connection).status_code == 200


@pytest.mark.parametrize(
    ("kind", "path", "connection", "field", "value"),
    [
        ("number_as_text", PATH, LEDGER, "amount_due", str),
        ("unknown_enum", PATH, LEDGER, "status", "never_heard_of"),
        ("unknown_fields", PATH, LEDGER, "x_score", 0.5),
        ("missing_fields", PATH, LEDGER, "due_date", None),
    ],
)
def test_altered_pages(
    live: LiveApi, kind: str, path: str, connection: str, field: str, value: object
) -> None:
    """Faults alter the live fields."""
    plan(live, Fault(kind, "invoices"))
    row = live.get(path, connection).json()["invoices"][0]
    if value is None:
        assert field not in row
    else:
        assert row[field] == value or isinstance(row[field], value if isinstance(value, type) else ())


def test_altered_times_counts_and_rows(live: LiveApi) -> None:
    """Times, counts, rows, pages and cursors are altered as on the contract's routes."""
    plan(live, Fault("nine_digit_fractions", "orders"), Fault("float_count", "orders"))
    order = live.get("/orders", SHOP).json()["orders"][0]
    assert order["updated_at"].endswith(".123456789Z")
    assert isinstance(order["line_items"][0]["quantity"], float)
    plan(live, Fault("null_row", "orders"))
    assert None in live.get("/orders", SHOP).json()["orders"]
    plan(live, Fault("moved_row", "orders", page=2))
    first = live.get("/orders", SHOP).json()
    second = live.get("/orders", SHOP, cursor=first["next_cursor"]).json()
    assert second["orders"][0]["id"] == first["orders"][-1]["id"]
    plan(live, Fault("empty_page", "orders"))
    empty = live.get("/orders", SHOP).json()
    assert empty["orders"] == []
    assert live.get("/orders", SHOP, cursor=empty["next_cursor"]).json() == first
    plan(live, Fault("repeat_cursor", "orders", times=0, page=0))
    cursor = live.get("/orders", SHOP).json()["next_cursor"]
    assert live.get("/orders", SHOP, cursor=cursor).json()["next_cursor"] == cursor


def test_the_log_has_the_path_below_versioned(live: LiveApi) -> None:
    """The request log has the paths of the documentation, and no secret."""
    live.server.configure()
    live.get(PATH, LEDGER)
    (entry,) = live.server.requests
    assert (entry.path, entry.connection, entry.page, entry.status) == (PATH, LEDGER, 1, 200)
