"""How many days paid documents took: plain and weighted means and the median, exactly."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rutterframe as rf
from rutterframe.reports.describe import recognise
from rutterframe.views import tables
from tests.reports.live_frames import live_documents

Engine = Callable[[pd.DataFrame], Any]
Rows = Callable[[Any], list[dict[str, Any]]]


def paid(total: float, *payments: tuple[str | None, float | None], **other: Any) -> dict[str, Any]:
    """Write a paid document of 1 May with payments."""
    return {"status": "paid", "amount_due": 0.0, "total_amount": total, "payments": list(payments)} | other


def invoices() -> pd.DataFrame:
    """Build paid invoices, and some that do not count."""
    return live_documents(
        paid(100.0, ("2026-05-11", 100.0)),
        paid(1000.0, ("2026-05-03", 400.0), ("2026-05-21", 600.0)),
        paid(10.0, ("2026-05-02", 10.0)),
        paid(10.0, ("2026-04-29", 10.0), customer_id="early"),
        paid(8.0, ("2026-05-05", 8.0), customer_id="c", connection_id="other"),
        paid(70.0, ("2026-05-06", 70.0), customer_id=None, currency="JPY"),
        paid(50.0, (None, 50.0)),
        paid(50.0, ("2026-05-09", None)),
        paid(50.0, ("2026-05-09", 49.0)),
        paid(50.0, ("2026-05-09", 50.0), issue_date=None),
        paid(50.0),
        paid(0.0),
        paid(-50.0, ("2026-05-09", -50.0)),
        {"status": "partially_paid", "amount_due": 10.0, "payments": [("2026-05-09", 90.0)]},
        {},
    )


def test_by_customer(engine: Engine, rows: Rows) -> None:
    """A document's days end with its last payment; the means, the median and what is left out are columns."""
    report = rows(rf.reports.days_to_pay(engine(invoices())))
    assert list(report[0]) == [
        "connection_id", "customer_id", "customer_name", "currency", "documents", "amount", "mean_days",
        "weighted_days", "median_days", "left_out",
    ]  # fmt: skip
    weighted = Fraction(100 * 10 + 1000 * 20 + 10 * 1, 1110)
    assert [tuple(row.values()) for row in report] == [
        ("ledger", None, None, "JPY", 1, 70.0, 5.0, 5.0, 5.0, 0),
        ("ledger", "c", None, "USD", 3, 1110.0, float(Fraction(31, 3)), float(weighted), 10.0, 5),
        ("other", "c", None, "USD", 1, 8.0, 4.0, 4.0, 4.0, 0),
        ("ledger", "early", None, "USD", 1, 10.0, -2.0, -2.0, -2.0, 0),
    ]


def test_notes() -> None:
    """What is left out is noted with its number and totals."""
    report = rf.reports.days_to_pay(invoices())
    (note,) = report.attrs["notes"]
    assert note == (
        "Paid documents without an issue date or dated payments that add up to the total, left out: 5, with "
        "totals of 250.00 USD."
    )
    assert report.attrs["by"] == "customer_id"


def test_names_and_other_keys(engine: Engine, rows: Rows) -> None:
    """Names are looked up by connection and id, or are the keys, as are other columns."""
    customers = pd.DataFrame(
        {"connection_id": ["ledger", "other"], "id": ["c", "c"], "name": ["Harbour", "Harbour"]}
    )
    named = rows(rf.reports.days_to_pay(engine(invoices()), customers=engine(customers)))
    assert [(row["connection_id"], row["customer_name"]) for row in named][1:3] == [
        ("ledger", "Harbour"),
        ("other", "Harbour"),
    ]
    merged = rows(rf.reports.days_to_pay(engine(invoices()), by="customer_name", customers=engine(customers)))
    assert [(row["customer_name"], row["currency"], row["documents"]) for row in merged] == [
        (None, "JPY", 1),
        ("Harbour", "USD", 4),
        (None, "USD", 1),
    ]
    (first, second) = rows(rf.reports.days_to_pay(engine(invoices()), by=["status"]))
    assert (first["status"], first["currency"], second["documents"]) == ("paid", "JPY", 5)


def test_bills(engine: Engine, rows: Rows) -> None:
    """Bills have vendors."""
    bills = live_documents(paid(10.0, ("2026-05-31", 10.0)), party="vendor_id")
    vendors = pd.DataFrame({"connection_id": ["ledger"], "id": ["c"], "name": ["Import Co"]})
    (row,) = rows(rf.reports.days_to_pay(engine(bills), by="vendor_id", vendors=engine(vendors)))
    assert (row["vendor_name"], row["mean_days"]) == ("Import Co", 30.0)


def test_nothing_is_paid(engine: Engine, rows: Rows) -> None:
    """Documents that are not paid give no rows; paid ones that are all left out give a row without days."""
    assert rows(rf.reports.days_to_pay(engine(live_documents({})))) == []
    (row,) = rows(rf.reports.days_to_pay(engine(live_documents(paid(5.0)))))
    assert (row["documents"], row["amount"], row["mean_days"], row["left_out"]) == (0, 0.0, None, 1)
    assert (row["weighted_days"], row["median_days"]) == (None, None)


def test_what_is_needed() -> None:
    """Contract frames are refused, with where the missing columns come from; so are taken names."""
    with pytest.raises(ValueError, match=r"days_to_pay needs payments, .*\(dialect='live'\)"):
        rf.reports.days_to_pay(invoices().drop(columns="payments"))
    with pytest.raises(ValueError, match="by='amount' is the name of a column of the report"):
        rf.reports.days_to_pay(invoices(), by="amount")
    with pytest.raises(ValueError, match="bills has no column 'vendor_id'"):
        rf.reports.days_to_pay(invoices(), by="vendor_id")


def test_drawn_and_explained() -> None:
    """A row is recognised, drawn with one decimal, and explained to the paid documents."""
    report = rf.reports.days_to_pay(invoices())
    assert recognise(report.columns) == "days_to_pay"
    explained = rf.reports.explain(report.iloc[1], invoices())
    assert {"i0", "i1", "i2"} <= set(explained["id"])
    assert set(explained["status"]) == {"paid"}
    customers = pd.DataFrame({"connection_id": ["ledger"], "id": ["early"], "name": ["Harbour"]})
    named = rf.reports.days_to_pay(invoices(), by="customer_name", customers=customers)
    row = named[named["customer_name"] == "Harbour"].iloc[0]
    sources = {"invoices": invoices(), "customers": customers}
    assert rf.reports.explain(row, sources)["id"].tolist() == ["i3"]
    html = tables.days_to_pay(report).as_raw_html()
    assert "18.9" in html
    assert "(2.0)" in html


documents = st.lists(st.tuples(st.integers(1, 10**6), st.integers(-5, 120)), min_size=1, max_size=9)


@given(documents=documents)
def test_equal_to_the_definition(documents: list[tuple[int, int]]) -> None:
    """For any documents the three figures are those of their definitions, in exact arithmetic."""
    first = date(2026, 5, 1)
    frame = live_documents(
        *(
            paid(cents / 100, ((first + timedelta(days=days)).isoformat(), cents / 100))
            for cents, days in documents
        )
    )
    (row,) = rf.reports.days_to_pay(frame).to_dict("records")
    number, total = len(documents), sum(cents for cents, _ in documents)
    assert row["mean_days"] == float(Fraction(sum(days for _, days in documents), number))
    assert row["weighted_days"] == float(Fraction(sum(cents * days for cents, days in documents), total))
    assert row["median_days"] == statistics.median(days for _, days in documents)
