"""The rows behind a report of another package, its frames, and the titles of its sheets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.extensions.reports import CURRENCY, Column, Kind, Report, Spec, sum_by

PIECES = Column("pieces", Kind.COUNT, "Pieces", "How many")
SALES = Column("sales", Kind.MONEY, "Sales", "How much")
ORDERS = pd.DataFrame(
    {
        "connection_id": "shop",
        "id": ["1", "2", "3", "4"],
        "status": ["open", "paid", "paid", "open"],
        "title": ["Tea", "Tea", "Rice", "Tea"],
        "day": pd.to_datetime(["2026-06-01", "2026-06-01", "2026-06-02", "2026-06-01"]),
        "currency": ["EUR", "EUR", "EUR", "USD"],
        "total_price": [1.0, 2.0, 4.0, 8.0],
    }
)


@pytest.fixture
def report_of() -> Iterator[Callable[..., pd.DataFrame]]:
    """Return a function that registers a report and computes it from the orders."""
    registered: list[Report] = []

    def compute(report: Report, **options: Any) -> pd.DataFrame:
        rf.extensions.register(report)
        registered.append(report)
        return rf.Books({"orders": ORDERS}, "2026-06-30").report(report.name, **options)

    yield compute
    for report in registered:
        rf.extensions.unregister(report)


def by(column: Column, **parts: Any) -> Report:
    """Return a report of the orders by a column, which explains its rows."""
    spec = Spec("mine", "Mine", "What?", (column, CURRENCY, PIECES, SALES), size="sales", **parts)
    name = column.name
    return Report(
        spec,
        lambda orders: sum_by(orders, name, {"sales": "total_price"}, count="pieces"),
        rows=lambda orders: orders,
    )


@pytest.mark.parametrize(
    "report",
    [
        by(Column("status", Kind.KEY, "Status", "Which")),
        by(Column("title", Kind.KEY, "Title", "Which")),
        by(Column("status", Kind.TEXT, "Status", "Which"), identity=("status",)),
        by(Column("day", Kind.DAY, "Day", "When"), identity=("day",)),
    ],
)
def test_the_rows_behind_a_row_add_up_to_it(report: Report, report_of: Callable[..., pd.DataFrame]) -> None:
    """Every key counts, whatever its name or kind, and always the currency."""
    computed = report_of(report)
    assert len(computed) == 3
    for place in range(3):
        rows = computed.iloc[[place]].rf.explain()
        assert rows["total_price"].sum() == computed["sales"].iloc[place]


def test_rows_that_nothing_tells_apart(report_of: Callable[..., pd.DataFrame]) -> None:
    """A text is not a key: the rows behind two rows with equal keys would be the same."""
    with pytest.raises(ValueError, match=r"two rows with the same .*currency, and nothing distinguishes"):
        report_of(by(Column("status", Kind.TEXT, "Status", "Which")))


def test_a_bucket_is_for_agings(report_of: Callable[..., pd.DataFrame]) -> None:
    """A bucket is refused, not ignored."""
    with pytest.raises(ValueError, match="bucket='days_1_30' is for rows of an aging"):
        report_of(by(Column("status", Kind.KEY, "Status", "Which"))).head(1).rf.explain(bucket="days_1_30")


SPEC = Spec("mine", "Mine", "What?", (CURRENCY, PIECES, SALES), size="sales")


def some(orders: Any, *, only: Any = "paid") -> Any:
    """Return the orders with a status."""
    return orders[orders["status"] == (only if isinstance(only, str) else only[0])]


def of_some(orders: Any, *, only: Any = "paid") -> Any:
    """Add up the orders with a status."""
    return sum_by(some(orders, only=only), "currency", {"sales": "total_price"}, count="pieces")


def test_an_option_decides_which_rows_count(report_of: Callable[..., pd.DataFrame]) -> None:
    """The rows behind a row are those that the option selected."""
    report = report_of(Report(SPEC, of_some, rows=some), only="open")
    assert report["sales"].tolist() == [1.0, 8.0]
    assert report.head(1).rf.explain()["id"].tolist() == ["1"]
    default = rf.Books({"orders": ORDERS}, "2026-06-30").report("mine")
    assert default.rf.explain()["id"].tolist() == ["2", "3"]


@pytest.mark.parametrize(("rows", "only"), [(lambda orders: orders, "open"), (some, ["open"])])
def test_an_option_that_its_rows_cannot_know(
    rows: Callable[..., Any], only: Any, report_of: Callable[..., pd.DataFrame]
) -> None:
    """Rows that may not be those that were added up are not shown."""
    report = report_of(Report(SPEC, of_some, rows=rows), only=only)
    with pytest.raises(ValueError, match=r"mine was computed with only=, and the rows .* may be others"):
        report.head(1).rf.explain()


def test_a_function_that_writes_into_its_frames(report_of: Callable[..., pd.DataFrame]) -> None:
    """The frames of books stay as loaded, so that the next report is right."""

    def careless(orders: Any) -> Any:
        orders["total_price"] = 0.0
        del orders["title"]
        return sum_by(orders, "currency", {"sales": "total_price"}, count="pieces")

    before = ORDERS.copy()
    report_of(Report(SPEC, careless))
    pd.testing.assert_frame_equal(ORDERS, before)


def test_no_sheet_replaces_another(tmp_path: Path) -> None:
    """A title that the file has already is refused: one of two reports would be missing."""
    banks = Report(
        Spec("banks", "cash", "What?", SPEC.columns, size="sales"),
        lambda bank_accounts: sum_by(bank_accounts, "currency", {"sales": "balance"}, count="pieces"),
    )
    with rf.demo() as client:
        books = rf.load_books(client.connection("gear-bank"), progress=False)
    rf.extensions.register(banks)
    for write, name in ((books.to_excel, "a.xlsx"), (books.to_html, "a.html")):
        with pytest.raises(ValueError, match="banks: the file has a report with the title 'cash' already"):
            write(tmp_path / name, reports=["banks"])
    rf.extensions.unregister(banks)
