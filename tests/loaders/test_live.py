"""Loads in the live dialect: the frames of the contract, with more columns, and what the contract lacks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pandas as pd
import pyarrow as pa
import pytest

import rutterframe as rf
from rutterframe.client import ConnectionStatus, Paginator
from rutterframe.demo.faults import Fault
from rutterframe.dialects import LIVE
from rutterframe.frames import rows_of
from rutterframe.loaders import freshness
from rutterframe.loaders.list_load import ListLoad
from rutterframe.loaders.side_by_side import SideBySide
from rutterframe.models import LIVE_RESOURCES, RESOURCES
from tests.conftest import HEALTHY

KEYS = ["connection_id", "id"]
LEDGERS = ["roaster-quickbooks", "gear-xero"]
SHOPS = ["roaster-shopify", "gear-amazon", "gear-shopify"]
BANKS = ["roaster-bank", "gear-bank"]
#: Contract columns without a live source on some connections, which are null there (docs/reference/live.md).
NULL = {
    "transactions": ["type"],
    "bank_accounts": ["institution_name"],
    "ad_accounts": ["currency", "status"],
}


@pytest.fixture(scope="module")
def live() -> Iterator[rf.Client]:
    with rf.demo(dialect="live", retry=rf.RetryPolicy(attempts=1)) as client:
        yield client


@pytest.fixture(scope="module")
def frames(live: rf.Client) -> dict[str, pd.DataFrame]:
    """Every resource of every active connection, in the live dialect."""
    connections = [live.connection(name) for name in HEALTHY]
    return rf.load_all(connections, resources=[*RESOURCES, *LIVE_RESOURCES], progress=False)


@pytest.fixture(scope="module")
def contract_frames() -> dict[str, pd.DataFrame]:
    """The same books in the contract's dialect."""
    with rf.demo() as client:
        return rf.load_all([client.connection(name) for name in HEALTHY], progress=False)


def values(frame: pd.DataFrame, columns: list[str], like: pd.DataFrame | None = None) -> list[list[Any]]:
    """Return rows as plain values, sorted by id, with the nested fields that another frame has."""
    like = frame if like is None else like
    plain = [_plain(frame[name], like[name]) for name in [*KEYS, *columns]]
    return [list(row[len(KEYS) :]) for row in sorted(zip(*plain, strict=True), key=lambda row: row[:2])]


def _plain(column: pd.Series, like: pd.Series) -> list[Any]:
    if not str(column.dtype).startswith("list"):
        return [None if pd.isna(value) else value for value in column.tolist()]
    kind = like.dtype
    assert isinstance(kind, pd.ArrowDtype)
    names = [field.name for field in kind.pyarrow_dtype.value_type]
    rows = pa.array(column).to_pylist()
    return [
        lines if lines is None else [{name: line[name] for name in names} for line in lines] for lines in rows
    ]


@pytest.mark.slow
@pytest.mark.parametrize("resource", RESOURCES)
def test_both_dialects_give_the_same_values(
    resource: str, frames: dict[str, pd.DataFrame], contract_frames: dict[str, pd.DataFrame]
) -> None:
    """Every contract column that has a live source has the same values, row by row, to the cent."""
    expected, live_frame = contract_frames[resource], frames[resource]
    assert list(live_frame.columns[: len(expected.columns)]) == list(expected.columns)
    if resource == "invoices":  # a negative invoice of the contract is a credit memo here
        expected = expected[expected["amount_due"] >= 0]
    if resource == "transactions":  # a ledger has no such list, a shop only here
        expected = expected[expected["connection_id"].isin(BANKS)]
        live_frame = live_frame[live_frame["connection_id"].isin(BANKS)]
    columns = [name for name in expected.columns if name not in NULL.get(resource, [])]
    if resource == "products":  # only variants have a price, and those of a product may differ
        own = {key: price for key, price in values(live_frame, ["id", "price"]) if price is not None}
        variants = rf.variants(live_frame).groupby("product_id")["price"].agg(set)
        assert own == {key: one for key, (one, *more) in variants.items() if not more}
        columns.remove("price")
        columns.remove("currency")
    assert len(expected) > 0
    assert values(live_frame, columns, expected) == values(expected, columns)


def test_what_only_live_has(frames: dict[str, pd.DataFrame]) -> None:
    """Each list that the contract lacks is loaded, typed, and complete."""
    rows = {name: len(frames[name]) for name in LIVE_RESOURCES}
    assert rows == {
        "vendors": 26,
        "invoice_payments": 872,
        "bill_payments": 541,
        "invoice_credit_memos": 37,
        "bill_credit_memos": 25,
        "payment_terms": 9,
        "bank_transactions": 2222,
        "shop_payments": 6044,
        "payouts": 313,
        "stores": 2,
        "company_info": 2,
        "balance_sheets": 26,
        "income_statements": 26,
        "cash_flow_statements": 26,
        "events": 4,
    }
    for name in LIVE_RESOURCES:
        assert rf.receipt(frames[name])["complete"], name
        assert "object" not in {str(dtype) for dtype in frames[name].dtypes}


def test_a_receipt_says_how_old_the_data_is(frames: dict[str, pd.DataFrame]) -> None:
    """A live receipt names when the platform was last synchronised, and the lists that came back empty."""
    receipt = rf.receipt(frames["invoices"])
    assert receipt["data_as_of"] == "2026-06-30T12:00:00.000Z"
    assert receipt["empty"] == []
    assert receipt["per_connection"]["gear-xero"]["data_as_of"] == "2026-06-30T12:00:00.000Z"
    assert "data as of (UTC)    2026-06-30T12:00:00.000Z" in str(receipt)


def test_a_list_without_rows_is_named(live: rf.Client) -> None:
    """What an organization does not synchronise comes back empty without an error: the receipt names it."""
    connections = [live.connection(name) for name in LEDGERS]
    frame = rf.load_vendors(connections, last_synced_at_min="2026-12-31T00:00:00Z", progress=False)
    receipt = rf.receipt(frame)
    assert (receipt["complete"], receipt["rows"], receipt["empty"]) == (True, 0, LEDGERS)


def test_what_the_status_names_as_unavailable_is_not_asked_for(live: rf.Client) -> None:
    """A list among the unavailable objects of a connection is not offered by its platform."""
    frame = rf.load_payment_terms([live.connection(name) for name in LEDGERS], progress=False)
    receipt = rf.receipt(frame)
    assert (receipt["complete"], receipt["not_offered"], receipt["empty"]) == (True, ["gear-xero"], [])
    assert receipt["per_connection"]["gear-xero"]["pages"] == 0


def test_a_status_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch, live: rf.Client) -> None:
    """Without the status the rows are loaded, and the receipt says that their age is not known."""

    def refuse(_: object) -> None:
        raise rf.ServerError("no status today", status=500)

    monkeypatch.setattr(freshness, "read_status", refuse)
    frame = rf.load_vendors(live.connection("gear-xero"), progress=False)
    assert len(frame) == 14
    assert frame.attrs["receipt"]["data_as_of"] is None
    assert frame.attrs["receipt"]["complete"]
    assert "data as of (UTC)    not known" in str(rf.receipt(frame))


def test_a_connection_that_is_not_ready(monkeypatch: pytest.MonkeyPatch, live: rf.Client) -> None:
    """Before the first synchronisation has ended no list of a connection is complete, whatever it answers."""
    status = ConnectionStatus("gear-xero", status="not_ready", is_ready=False)
    monkeypatch.setattr(freshness, "read_status", lambda _: status)
    receipt = rf.receipt(rf.load_vendors(live.connection("gear-xero"), progress=False))
    assert (receipt["complete"], receipt["not_ready"], receipt["rows"]) == (False, ["gear-xero"], 14)
    assert "not ready yet       gear-xero" in str(receipt)
    assert "NOT COMPLETE" in str(receipt)


def test_expenses_are_two_lists_and_have_categories(frames: dict[str, pd.DataFrame]) -> None:
    """Expenses and refunds are one frame; refunds are negative, categories are names of accounts."""
    expenses = frames["expenses"]
    assert expenses["expense_type"].value_counts().to_dict() == {"expense": 626, "refund": 1}
    assert (expenses.loc[expenses["expense_type"] == "refund", "amount"] < 0).all()
    assert expenses["category"].notna().all()
    own = rf.receipt(expenses)["per_connection"]["roaster-quickbooks"]
    assert own["rows"] == int((expenses["connection_id"] == "roaster-quickbooks").sum())


@pytest.mark.parametrize("size", [10, 100_000])
def test_chunks_of_expenses(live: rf.Client, frames: dict[str, pd.DataFrame], size: int) -> None:
    """Chunks are the frame of the loader, over both lists, with categories; the last one is complete."""
    connection = live.connection("roaster-quickbooks")
    chunks = list(rf.iter_frames(connection, "expenses", chunksize=size))
    whole = frames["expenses"].query("connection_id == 'roaster-quickbooks'").reset_index(drop=True)
    together = pd.concat(chunks, ignore_index=True)
    assert together.drop(columns="line_items").equals(whole.drop(columns="line_items"))
    assert [chunk.attrs["receipt"]["complete"] for chunk in chunks] == [False] * (len(chunks) - 1) + [True]


def test_customers_are_those_of_the_platform(frames: dict[str, pd.DataFrame]) -> None:
    """A ledger has the customers of its invoices, a shop those of its orders."""
    customers = frames["customers"]
    kinds = customers.groupby("connection_id")["kind"].agg(lambda kinds: ", ".join(sorted(set(kinds))))
    assert kinds.to_dict() == {**dict.fromkeys(LEDGERS, "ledger"), **dict.fromkeys(SHOPS, "shop")}


def test_accounts_that_fail_are_named_by_the_expenses() -> None:
    """Expenses without the accounts that their categories come from are not complete."""
    fault, once = Fault("500", resource="accounts", times=0), rf.RetryPolicy(attempts=1)
    with rf.demo(dialect="live", faults=[fault], retry=once) as client:
        frame = rf.load_expenses(client.connection("gear-xero"), on_error="skip", progress=False)
    receipt = rf.receipt(frame)
    assert len(frame) > 0
    assert frame["category"].isna().all()
    assert not receipt["complete"]
    assert list(receipt["errors"]) == ["gear-xero"]


def test_hidden_connections_are_listed(live: rf.Client) -> None:
    """Connections that are disabled or need to be authorized again are listed, with the service's words."""
    connections = rf.load_connections(live, progress=False).set_index("id")
    assert connections.loc["gear-ebay-closed", "status"] == "disabled"
    assert connections.loc["roaster-netsuite-old", "status"] == "needs_reauth"


@pytest.mark.parametrize("loader", [f"load_{name}" for name in LIVE_RESOURCES])
def test_the_contract_does_not_have_it(client: rf.Client, loader: str) -> None:
    """In the contract's dialect the loader raises an error that says what to set."""
    with pytest.raises(rf.ConfigurationError, match="dialect='live'"):
        getattr(rf, loader)(client.connection("roaster-quickbooks"), progress=False)


def test_two_dialects_in_one_load(live: rf.Client, client: rf.Client) -> None:
    """Connections of both dialects are refused: their frames have different columns."""
    connections = [live.connection("gear-xero"), client.connection("roaster-quickbooks")]
    with pytest.raises(rf.ConfigurationError, match=r"several dialects \(contract, live\)"):
        rf.load_invoices(connections, progress=False)


def test_a_row_that_moves_while_the_list_is_read() -> None:
    """A list that cannot be sorted is requested once more: no row that moved to the front is missed."""
    with rf.demo(dialect="live", page_size=100) as client:
        (request,) = client.connection("roaster-shopify").listings("orders")
        batches = ListLoad(Paginator(request), "raise").batches(SideBySide(others_wait=lambda: True))
        first = next(batch for batch in batches if batch is not None)
        everything = client.server.books.rows("roaster-shopify", "orders")
        moved = min(everything, key=lambda order: str(order["updated_at"]))["id"]
        assert moved not in first.table.column("id").to_pylist()
        client.server.books.change("roaster-shopify", "orders", moved, total_price=1_234.5)
        tables = [first.table, *[batch.table for batch in batches if batch is not None]]
        rows = rows_of(LIVE.record("orders"), tables, "roaster-shopify").table.to_pandas()
    assert set(rows["id"]) == {order["id"] for order in everything}
    assert rows.set_index("id").loc[moved, "total_price"] == 1_234.5


def test_a_platform_that_ignores_the_kind_of_expense() -> None:
    """Expenses that both lists have count once, with the sign of their own kind."""
    expenses = [
        {"id": "e1", "expense_type": "expense", "line_items": [{"total_amount": 40}]},
        {"id": "e2", "expense_type": "refund", "line_items": [{"total_amount": 15}]},
    ]
    connection = {
        "id": "books",
        "platform": "QUICKBOOKS",
        "status": "active",
        "access_token": "a-token-of-books",
    }

    def answer(request: httpx.Request) -> httpx.Response:
        lists: dict[str, Any] = {
            "/accounting/expenses": {"expenses": expenses, "next_cursor": None},
            "/accounting/accounts": {"accounts": [], "next_cursor": None},
            "/connections": {"connections": [connection]},
            "/connections/access_token": {"connection": {"id": "books", "platform": "QUICKBOOKS"}},
        }
        return httpx.Response(200, json=lists[request.url.path])

    with rf.Client(
        client_id="an-id",
        client_secret="a-secret",
        environment="http://127.0.0.1:9",
        dialect="live",
        transport=httpx.MockTransport(answer),
    ) as client:
        frame = rf.load_expenses(client.connection("books"), progress=False)
    assert dict(zip(frame["id"], frame["amount"], strict=True)) == {"e1": 40.0, "e2": -15.0}
    assert rf.receipt(frame)["complete"]
    assert rf.receipt(frame)["duplicates_dropped"] == 2
