"""Days sales and payable outstanding: simple and count-back, by connection and currency."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rutterframe as rf
from rutterframe.reports.describe import describe, recognise
from rutterframe.views import tables
from tests.reports.live_frames import live_credit_memos, live_documents

TODAY = "2026-06-30"
Engine = Callable[[pd.DataFrame], Any]
Rows = Callable[[Any], list[dict[str, Any]]]


def issued(day: str | None, total: float | None, due: float | None = None, **other: Any) -> dict[str, Any]:
    """Write a document that was issued on a day, paid but for what is due, which is all by default."""
    left = total if due is None else due
    paid = [] if total is None or left == total else [("2026-06-29", total - (left or 0.0))]
    status = "paid" if left == 0 else "open"
    return {
        "issue_date": day, "total_amount": total, "amount_due": left, "payments": paid, "status": status,
    } | other  # fmt: skip


def invoices() -> pd.DataFrame:
    """Build invoices of three connections and two currencies."""
    return live_documents(
        issued("2026-06-10", 100.0),
        issued("2026-05-10", 80.0),
        issued("2026-04-10", 70.0, due=32.0),
        issued("2026-03-10", 60.0, due=0.0),
        issued("2026-06-20", 500.0, status="draft"),
        issued("2026-07-20", 500.0, currency="EUR"),
        issued("2026-04-02", 50.0, due=10.0, currency="EUR"),
        issued("2026-04-01", 50.0, due=0.0, connection_id="shop"),
        issued("2026-06-30", 45.0, due=0.0, connection_id="shop", currency="EUR"),
    )


def test_simple(engine: Engine, rows: Rows) -> None:
    """The simple figure is the open balance, divided by the total amounts of the period, times its days."""
    report = rows(rf.reports.dso(engine(invoices()), TODAY, days=90))
    assert [tuple(row.values()) for row in report] == [
        ("ledger", "EUR", 510.0, 50.0, 90, 918.0),
        ("shop", "EUR", 0.0, 45.0, 90, 0.0),
        ("ledger", "USD", 212.0, 250.0, 90, float(Fraction(212 * 90, 250))),
    ]
    assert list(report[0]) == ["connection_id", "currency", "balance", "sales", "days", "dso"]


def test_count_back(engine: Engine, rows: Rows) -> None:
    """Count-back takes whole months off the balance, and of the last one the part that is left."""
    report = rows(rf.reports.dso(engine(invoices()), TODAY, method="count_back"))
    assert [tuple(row.values()) for row in report] == [
        ("ledger", "EUR", 510.0, 50.0, 91, None),
        ("shop", "EUR", 0.0, 0.0, 0, 0.0),
        ("ledger", "USD", 212.0, 250.0, 91, float(30 + 31 + Fraction(32 * 30, 70))),
        ("shop", "USD", 0.0, 0.0, 0, 0.0),
    ]


def test_an_earlier_day(engine: Engine, rows: Rows) -> None:
    """The balance of an earlier day is what was open then, over the sales until then."""
    (row,) = rows(rf.reports.dso(engine(invoices().head(4)), "2026-05-15", days=45))
    assert tuple(row.values())[1:] == ("USD", 210.0, 150.0, 45, 63.0)
    (row,) = rows(rf.reports.dso(engine(invoices().head(4)), "2026-05-15", method="count_back"))
    # 15 days of May, 30 of April, and March has exactly what is left.
    assert tuple(row.values())[1:] == ("USD", 210.0, 210.0, 76, 76.0)


def test_payable(engine: Engine, rows: Rows) -> None:
    """Days payable outstanding are the same of bills, over purchases."""
    bills = live_documents(issued("2026-06-10", 60.0), issued("2026-05-10", 30.0, due=0.0), party="vendor_id")
    (row,) = rows(rf.reports.dpo(engine(bills), TODAY, days=90))
    assert row == {
        "connection_id": "ledger", "currency": "USD", "balance": 60.0, "purchases": 90.0, "days": 90,
        "dpo": 60.0,
    }  # fmt: skip


def test_net_of_credit_memos(engine: Engine, rows: Rows) -> None:
    """With credit memos the balance is net of what remains of them, and sales of those of the period."""
    memos = live_credit_memos({"remaining_amount": 20.0, "documents": [("2026-05-12", 10.0)]})
    frame = live_documents(issued("2026-06-10", 100.0))
    (row,) = rows(rf.reports.dso(engine(frame), TODAY, credit_memos=engine(memos)))
    assert tuple(row.values())[2:] == (80.0, 70.0, 90, float(Fraction(80 * 90, 70)))


@pytest.mark.parametrize(
    ("document", "row", "reason"),
    [
        (
            issued("2026-06-10", 5.0) | {"amount_due": None},
            (None, 105.0),
            "the open amount of a document is not",
        ),
        (issued(None, 5.0), (105.0, None), "a document has no issue date or no total"),
        (
            issued("2026-06-10", None) | {"amount_due": 5.0},
            (105.0, None),
            "a document has no issue date or no",
        ),
        (issued("2026-06-10", -500.0), (-400.0, -400.0), "the balance is negative"),
        (issued("2026-06-10", -100.0, due=0.0), (100.0, 0.0), "there are no sales to divide by"),
    ],
)
def test_no_figure(document: dict[str, Any], row: tuple[Any, ...], reason: str) -> None:
    """Where balance or sales are not known, or no figure follows from them, it is null and noted."""
    report = rf.reports.dso(live_documents(issued("2026-06-10", 100.0), document), TODAY)
    assert report["dso"].isna().all()
    values = [None if pd.isna(value) else value for value in report[["balance", "sales"]].iloc[0]]
    assert tuple(values) == row
    assert any(note.startswith(f"No figure, since {reason}") for note in report.attrs["notes"])
    assert report.attrs["notes"][-1].endswith(": ledger USD.")


def test_no_figure_by_count_back() -> None:
    """Count-back has no figure where documents of a counted month are not known, or go back too little."""
    known = issued("2026-06-10", 100.0)
    for document, days in ((issued(None, 5.0), 0), (issued("2026-06-11", None) | {"amount_due": 5.0}, 0)):
        report = rf.reports.dso(live_documents(known, document), TODAY, method="count_back")
        assert report["dso"].isna().all()
        assert report["days"].tolist() == [days]
    # A month that does not count may lack a total.
    early = issued("2026-04-10", None, due=0.0) | {"amount_due": 0.0, "status": "paid"}
    report = rf.reports.dso(live_documents(known, early), TODAY, method="count_back")
    assert report["dso"].tolist() == [30.0]
    more = live_documents(known, issued("2026-06-11", 20.0) | {"amount_due": 50.0})
    report = rf.reports.dso(more, TODAY, method="count_back")
    assert report["dso"].isna().all()
    assert report.attrs["notes"][-1] == (
        "No figure, since the documents do not go back far enough: ledger USD."
    )


def test_arguments() -> None:
    """Methods and periods that are not valid are refused, and so are frames of the contract."""
    with pytest.raises(ValueError, match="method='average' is not valid"):
        rf.reports.dso(invoices(), TODAY, method="average")
    for days in (0, 1.5, True, 4000):
        with pytest.raises(ValueError, match=r"days=.* is not valid"):
            rf.reports.dso(invoices(), TODAY, days=days)  # type: ignore[arg-type]
    contract = invoices().drop(columns=["issue_date", "payments"])
    message = r"dso needs issue_date, payments, which invoices does not have: .*\(dialect='live'\)"
    with pytest.raises(ValueError, match=message):
        rf.reports.dso(contract, TODAY)
    with pytest.raises(ValueError, match="bills has no column 'amount_due'"):
        rf.reports.dpo(invoices().drop(columns="amount_due"), TODAY)


def test_without_connections(engine: Engine, rows: Rows) -> None:
    """A frame without connections counts as one."""
    (row,) = rows(rf.reports.dso(engine(invoices().head(4).drop(columns="connection_id")), TODAY))
    assert (row["connection_id"], row["balance"]) == (None, 212.0)


def test_described_and_explained() -> None:
    """A row is recognised by its columns, described, drawn, and explained to the documents that were open."""
    report = rf.reports.dso(invoices(), TODAY)
    assert recognise(report.columns) == "dso"
    assert [column.unit for column in describe("dso", report.columns)][-2:] == ["number", "days"]
    explained = rf.reports.explain(report.iloc[2], invoices())
    assert explained["id"].tolist() == ["i0", "i1", "i2"]
    assert explained["amount_due"].sum() == report["balance"].iloc[2]
    html = tables.days_outstanding(report).as_raw_html()
    assert "Days sales outstanding as of 2026-06-30" in html
    assert "76.3" in html


months = st.lists(st.integers(0, 50_000), min_size=1, max_size=14)


@given(sales=months, open_cents=st.integers(0, 100_000))
def test_count_back_equals_a_walk_through_the_days(sales: list[int], open_cents: int) -> None:
    """Count-back is the number of days of even sales within months that the balance covers."""
    starts = [date(2026, 6, 1)]
    while len(starts) < len(sales):
        last = starts[-1]
        starts.append(date(last.year - (last.month == 1), (last.month - 2) % 12 + 1, 1))
    frame = live_documents(
        *(
            issued(start.isoformat(), cents / 100, due=0.0) | {"status": "paid"}
            for start, cents in zip(starts, sales, strict=True)
        ),
        # Beyond the months of the test, so that its total counts in none of them.
        issued("2020-01-01", open_cents / 100),
    )
    (figure,) = rf.reports.dso(frame, TODAY, method="count_back")["dso"].tolist()
    left, days = Fraction(open_cents), Fraction(0)
    for start, cents in zip(starts, sales, strict=True):
        length = ((date(start.year + start.month // 12, start.month % 12 + 1, 1)) - start).days
        for _ in range(length):
            if left <= 0:
                break
            part = min(Fraction(1), left / Fraction(cents, length)) if cents else Fraction(1)
            days += part
            left -= part * Fraction(cents, length)
    if left <= 0:
        assert figure == float(days)
