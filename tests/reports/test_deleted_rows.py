"""Rows that a dataset's files and tables keep after they were deleted upstream count in no report."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import duckdb
import narwhals.stable.v2 as nw
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import rutterframe as rf

AS_OF = "2026-06-30"
Frame = Callable[[list[dict[str, Any]]], Any]
ENGINES: dict[str, Callable[[pa.Table], Any]] = {
    "pandas": lambda table: table.to_pandas(types_mapper=pd.ArrowDtype),
    "pyarrow": lambda table: table,
    "polars": pl.DataFrame,
    "polars-lazy": lambda table: pl.DataFrame(table).lazy(),
    "duckdb": lambda table: duckdb.default_connection().from_arrow(table),
}


@pytest.fixture(params=list(ENGINES))
def stored(request: pytest.FixtureRequest) -> Frame:
    """Build a stored frame of one engine after the other: its last row was deleted upstream."""

    def build(rows: list[dict[str, Any]]) -> Any:
        deleted: list[datetime | None] = [None] * (len(rows) - 1) + [datetime(2026, 6, 1, tzinfo=UTC)]
        table = pa.table(
            {
                "connection_id": ["c"] * len(rows),
                **{name: [row[name] for row in rows] for name in rows[0]},
                "_deleted_at": pa.array(deleted, pa.timestamp("us", "UTC")),
                "_position": list(range(len(rows))),
            }
        )
        return ENGINES[request.param](table)

    return build


def rows_of(native: Any, *columns: str) -> list[list[Any]]:
    """Return columns of a frame of any engine."""
    frame: Any = nw.from_native(native)
    frame = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
    return [list(row) for row in frame.select(*columns).rows()]


def invoice(own: str, amount: float, status: str = "open") -> dict[str, Any]:
    """Return an invoice of customer "a" that is due on 2026-06-01."""
    due = datetime(2026, 6, 1)  # noqa: DTZ001 - days have no zone
    return {
        "id": own, "customer_id": "a", "status": status, "amount_due": amount, "total_amount": amount,
        "currency": "USD", "issue_date": due, "due_date": due,
    }  # fmt: skip


def test_documents(stored: Frame) -> None:
    """Aging, open items, tie-out and the documents behind a cell are those of the rows that are left."""
    invoices = stored([invoice("1", 5.0), invoice("2", 0.1), invoice("3", 100.0)])
    aging = rf.reports.ar_aging(invoices, AS_OF)
    assert rows_of(aging, "days_1_30", "total", "documents") == [[5.1, 5.1, 2]]
    assert rows_of(rf.reports.open_items(invoices, AS_OF), "id") == [["1"], ["2"]]
    assert rows_of(rf.reports.tie_out(aging, invoices), "report", "source") == [[5.1, 5.1]]
    cell = {"customer_id": "a", "connection_id": "c", "currency": "USD", "total": 5.1, "days_1_30": 5.1}
    assert rows_of(rf.reports.explain(cell, invoices, as_of=AS_OF, by="customer_id"), "id") == [["1"], ["2"]]
    names = stored([{"id": "a", "name": "New"}, {"id": "a", "name": "Old"}])
    assert rows_of(rf.reports.ar_aging(invoices, AS_OF, customers=names), "customer_name") == [["New"]]


def test_orders_and_their_lines(stored: Frame) -> None:
    """Neither revenue nor `rf.line_items` nor `rf.variants` has anything of a deleted record."""
    line = {"product_id": "p", "variant_id": "v", "quantity": 2, "unit_price": 3.5}
    order = {"status": "paid", "currency": "USD", "total_price": 7.0, "line_items": [line]}
    orders = stored([{"id": "1", **order}, {"id": "2", **order}])
    lines = rf.line_items(orders)
    assert rows_of(lines, "order_id", "quantity") == [["1", 2]]
    revenue = rows_of(rf.reports.revenue_by_product(orders, lines=lines), "revenue", "orders")
    assert sorted(revenue) == [[0.0, 1], [7.0, 1]]
    small = {"id": "v", "title": "Small", "price": 3.5, "sku": "s", "inventory_quantity": 1}
    products = stored([{"id": own, "title": "Tea", "variants": [small]} for own in "pq"])
    assert rows_of(rf.variants(products), "product_id", "id") == [["p", "v"]]


def test_cash(stored: Frame) -> None:
    """Deleted bank accounts and transactions move no cash."""
    banks = stored(
        [{"id": "1", "balance": 9.0, "currency": "USD"}, {"id": "2", "balance": 1.0, "currency": "USD"}]
    )
    assert rows_of(rf.reports.cash_position(banks), "accounts", "balance") == [[1, 9.0]]
    day = datetime(2026, 6, 29)  # noqa: DTZ001 - days have no zone
    move = {"account_id": "1", "currency": "USD", "date": day}
    moves = stored([{"id": "1", **move, "amount": 4.0}, {"id": "2", **move, "amount": 8.0}])
    history = rf.reports.cash_history(banks, moves, as_of="2026-06-29")
    assert [row for row in rows_of(history, "inflow", "balance") if row[0]] == [[4.0, 9.0]]


def test_every_row_was_deleted(stored: Frame) -> None:
    """Where nothing is left an aging has no rows."""
    assert rows_of(rf.reports.ar_aging(stored([invoice("1", 5.0)]), AS_OF), "total") == []


def test_checks_and_books() -> None:
    """`rf.check`, books and a month end of a stored frame are those of the rows that are left."""
    rows = pd.DataFrame([invoice("1", 5.0), invoice("1", 5.0), invoice("2", -1.0)]).assign(connection_id="c")
    frame = rows.assign(_deleted_at=pd.to_datetime(["", "2026-06-01", "2026-06-01"]), _position=[0, 1, 2])
    assert set(rf.check({"invoices": frame})["id"].dropna()) <= {"1"}
    assert "duplicate_id" not in set(rf.check({"invoices": frame})["check"])
    books = rf.Books({"invoices": frame}, AS_OF)
    assert books.frames["invoices"]["id"].tolist() == ["1"]
    assert len(frame) == 3


def test_month_end_leaves_out_deleted_accounts() -> None:
    """A deleted account of the ledger is compared with nothing."""
    invoices = pd.DataFrame([invoice("1", 5.0)]).assign(connection_id="c")
    accounts = pd.DataFrame(
        {
            "connection_id": "c", "id": ["1", "2"], "name": "Accounts Receivable", "type": "asset",
            "balance": [5.0, 7.0], "currency": "USD", "_deleted_at": [None, pd.Timestamp("2026-06-01")],
        }
    )  # fmt: skip
    result = rf.reports.month_end(["aging"], {"invoices": invoices, "accounts": accounts}, AS_OF)
    assert result.verdict == "All 1 totals agree."


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", ["_position", "_deleted_at"])
def test_files_without_the_names_of_their_folders(engine: str, name: str) -> None:
    """Files of a dataset read without connections are refused, with the option to read them with."""
    table = pa.Table.from_pylist([{**invoice("1", 5.0), "line_items": [{"quantity": 1.0}], name: None}])
    message = rf"^The frame has '{name}' and no 'connection_id': .*hive_schema.*hive_partitioning.*basePath"
    with pytest.raises(ValueError, match=message):
        rf.reports.ar_aging(ENGINES[engine](table), AS_OF)
    with pytest.raises(ValueError, match=message):
        rf.line_items(ENGINES[engine](table))


def test_polars_without_hive_schema(tmp_path: Any) -> None:
    """Files that Polars reads without hive_schema are refused."""
    folder = tmp_path / "connection_id=0123"
    folder.mkdir()
    pl.DataFrame([{**invoice("1", 5.0), "_position": 0}]).write_parquet(folder / "part.parquet")
    with pytest.raises(ValueError, match="hive_schema"):
        rf.reports.ar_aging(pl.scan_parquet(folder / "part.parquet"), AS_OF)


@pytest.mark.skipif(duckdb.__version__.startswith("1."), reason="DuckDB 1 closes an unread result by itself")
def test_an_unread_result_of_duckdb() -> None:
    """A connection with an unread result is one sentence, with what to do."""
    with duckdb.connect() as connection:
        rows = connection.sql(
            "SELECT 'a' AS customer_id, 'open' AS status, 5.0 AS amount_due, 'USD' AS currency, "
            "DATE '2026-06-01' AS due_date"
        )
        connection.execute("SELECT 1")
        with pytest.raises(
            RuntimeError, match=r"unread result of execute\(\): fetch it, .* con\.cursor\(\)"
        ) as caught:
            rf.reports.ar_aging(rows, AS_OF)
        assert caught.value.__suppress_context__
        assert caught.value.__cause__ is None
        # Narwhals asks for the zone of moments as soon as it reads the columns.
        lines = connection.sql(
            "SELECT 'c' AS connection_id, '1' AS id, [{quantity: 1.0}] AS line_items, now() AS _deleted_at"
        )
        connection.execute("SELECT 1")
        for report in (rf.line_items, rf.reports.trial_balance):
            with pytest.raises(RuntimeError, match="unread result"):
                report(lines)
        connection.fetchall()
        assert rf.reports.ar_aging(rows, AS_OF).fetchall()[0][-2:] == (5.0, 1)
