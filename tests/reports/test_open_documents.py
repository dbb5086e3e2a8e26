"""Credit memos as negative open items, aging by issue date, and due dates from payment terms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import polars as pl
import pytest

import rutterframe as rf
from tests.reports.live_frames import live_credit_memos, live_documents

TODAY, DAY = "2026-06-30", "2026-05-31"
Engine = Callable[[pd.DataFrame], Any]
Rows = Callable[[Any], list[dict[str, Any]]]

TERMS = pd.DataFrame(
    {
        "connection_id": ["ledger", "ledger", "other", "ledger", "ledger"],
        "id": ["t30", "t0", "t30", "bad", "null"],
        "due_days": [30.0, 0.0, 90.0, 2.5, None],
    }
)


def memos() -> pd.DataFrame:
    """Build credit memos: open, partly used, used since, used up, void, a draft, of another customer."""
    return live_credit_memos(
        {"remaining_amount": 30.0},
        {"status": "PARTIALLY_APPLIED", "remaining_amount": 10.0, "documents": [("2026-05-20", 20.0)]},
        {"status": "applied", "remaining_amount": 0.0, "documents": [("2026-06-02", 30.0)]},
        {"status": "applied", "remaining_amount": 0.0, "documents": [("2026-05-12", 30.0)]},
        {"status": "voided", "remaining_amount": 30.0},
        {"status": "draft"},
        {"customer_id": "d", "currency": "EUR", "remaining_amount": 5.0, "documents": [("2026-06-09", 25.0)]},
        {"issue_date": "2026-06-20", "customer_id": None},
    )


def test_credit_memos_are_items_of_their_own(engine: Engine, rows: Rows) -> None:
    """What remains of a credit memo is a negative item, due when it was issued; nothing is netted away."""
    items = rows(rf.reports.open_items(engine(live_documents({})), TODAY, credit_memos=engine(memos())))
    assert [(row["id"], row["amount_due"], row["days_past_due"], row["bucket"]) for row in items] == [
        ("m6", -5.0, 51, "days_31_60"),
        ("m0", -30.0, 51, "days_31_60"),
        ("m1", -10.0, 51, "days_31_60"),
        ("i0", 100.0, 30, "days_1_30"),
        ("m7", -30.0, 10, "days_1_30"),
    ]
    assert {row["id"]: row["total_amount"] for row in items}["m1"] == -30.0
    assert {row["id"]: row["status"] for row in items}["m1"] == "partially_paid"


def test_credit_memos_in_an_aging(engine: Engine, rows: Rows) -> None:
    """A credit memo is negative in its bucket and in the customer's total, and counts as a document."""
    aging = rf.reports.ar_aging(engine(live_documents({})), TODAY, credit_memos=engine(memos()))
    names = ("customer_id", "currency", "days_1_30", "days_31_60", "total", "documents")
    assert [tuple(row[name] for name in names) for row in rows(aging)] == [
        ("d", "EUR", 0.0, -5.0, -5.0, 1),
        ("c", "USD", 100.0, -40.0, 60.0, 3),
        (None, "USD", -30.0, 0.0, -30.0, 1),
    ]


def test_credit_memos_of_an_earlier_day(engine: Engine, rows: Rows) -> None:
    """What remained of a credit memo on an earlier day comes from its dated allocations."""
    aging = rf.reports.ar_aging(engine(live_documents({})), DAY, credit_memos=engine(memos()))
    names = ("customer_id", "currency", "current", "days_1_30", "total", "documents")
    assert [tuple(row[name] for name in names) for row in rows(aging)] == [
        ("d", "EUR", 0.0, -30.0, -30.0, 1),
        ("c", "USD", 100.0, -70.0, 30.0, 4),
    ]


def test_a_ledger_without_credit_memos(engine: Engine, rows: Rows) -> None:
    """Without a credit memo amounts are those due today, also where payments do not explain them."""
    documents = engine(live_documents({"amount_due": 55.0}))
    none = live_credit_memos({}).head(0)
    aging = rf.reports.ar_aging(documents, TODAY, credit_memos=engine(none))
    assert [row["total"] for row in rows(aging)] == [55.0]
    assert "reconstructed" not in rf.reports.ar_aging(live_documents({}), TODAY, credit_memos=none).attrs


def test_credit_memos_below_zero(engine: Engine, rows: Rows) -> None:
    """Where a platform signs its credit memos they are credits as well, and an overdrawn one is not."""
    signed = live_credit_memos(
        {"amount": -30.0, "remaining_amount": -30.0},
        {"amount": -8.0, "remaining_amount": -3.0, "issue_date": None},
        {"amount": 20.0, "remaining_amount": -1.0, "customer_id": "overdrawn"},
    )
    aging = rf.reports.ar_aging(engine(live_documents({})), TODAY, credit_memos=engine(signed))
    assert [(row["customer_id"], row["total"]) for row in rows(aging)] == [("c", 67.0), ("overdrawn", 1.0)]


def test_credit_memos_of_vendors(engine: Engine, rows: Rows) -> None:
    """A vendor's credit reduces what we owe, in a row's bucket of its own."""
    bills = live_documents({}, party="vendor_id")
    credit = live_credit_memos({"issue_date": None}, party="vendor_id")
    (row,) = rows(rf.reports.ap_aging(engine(bills), TODAY, credit_memos=engine(credit)))
    assert (row["vendor_id"], row["days_1_30"], row["no_due_date"], row["total"]) == ("c", 100.0, -30.0, 70.0)


def test_notes_on_credit_memos() -> None:
    """Notes on credit memos begin with that, and receipts and arguments go along."""
    invoices = live_documents({})
    unknown = live_credit_memos({"remaining_amount": 7.0})
    aging = rf.reports.ar_aging(invoices, DAY, credit_memos=unknown)
    assert aging.attrs["notes"][1].startswith(
        "Credit memos: Documents of which it is not known what was open"
    )
    assert aging.attrs["credit_memos"] is True


def test_what_credit_memos_must_have() -> None:
    """Credit memos need their columns, the engine of the documents, and the keys of the aging."""
    invoices, credit = live_documents({}), live_credit_memos({})
    with pytest.raises(ValueError, match="credit_memos has no column 'remaining_amount'"):
        rf.reports.ar_aging(invoices, TODAY, credit_memos=credit.drop(columns="remaining_amount"))
    with pytest.raises(ValueError, match=r"credit_memos must be of the documents' engine, .*pandas"):
        rf.reports.ar_aging(invoices, TODAY, credit_memos=pl.from_pandas(credit))
    with pytest.raises(ValueError, match="credit_memos has no column 'business'"):
        rf.reports.ar_aging(invoices.assign(business="B"), TODAY, by="business", credit_memos=credit)
    with pytest.raises(ValueError, match="credit_memos has no column 'connection_id', and the other"):
        rf.reports.ar_aging(invoices, TODAY, credit_memos=credit.drop(columns="connection_id"))
    with pytest.raises(ValueError, match="the documents has no column 'connection_id', and the other"):
        rf.reports.ar_aging(invoices.drop(columns="connection_id"), TODAY, credit_memos=credit)
    with pytest.raises(ValueError, match=r"an earlier day needs payments, .*\(dialect='live'\)"):
        rf.reports.ar_aging(invoices.drop(columns="payments"), DAY, credit_memos=credit)


def test_aged_by_issue_date(engine: Engine, rows: Rows) -> None:
    """By issue date a document's days count from there, whatever its due date."""
    invoices = live_documents({}, {"issue_date": None}, {"issue_date": TODAY})
    aging = rf.reports.ar_aging(engine(invoices), TODAY, age_by="issue_date")
    (row,) = rows(aging)
    assert (row["current"], row["days_31_60"], row["no_due_date"]) == (100.0, 100.0, 100.0)
    if isinstance(aging, pd.DataFrame):
        assert aging.attrs["notes"][0] == (
            "Aged by issue date: days count from there, not from the due date."
        )
    items = rows(rf.reports.open_items(engine(invoices), TODAY, age_by="issue_date"))
    assert [(row["id"], row["days_past_due"]) for row in items] == [("i0", 60), ("i2", 0), ("i1", None)]


def test_due_dates_from_terms(engine: Engine, rows: Rows) -> None:
    """A missing due date is the issue date plus the days of the terms, of its own connection."""
    late = {"due_date": None, "payment_terms_id": "t30"}
    invoices = live_documents(
        late,
        {**late, "payment_terms_id": "t0"},
        {**late, "connection_id": "other"},
        {**late, "payment_terms_id": "bad"},
        {**late, "payment_terms_id": "null"},
        {**late, "payment_terms_id": None},
        {**late, "issue_date": None},
        {"due_date": "2026-06-29", "payment_terms_id": "t30"},
    )
    items = rf.reports.open_items(engine(invoices), TODAY, payment_terms=engine(TERMS))
    assert {row["id"]: row["days_past_due"] for row in rows(items)} == {
        "i0": 30,
        "i1": 60,
        "i2": -30,
        "i3": None,
        "i4": None,
        "i5": None,
        "i6": None,
        "i7": 1,
    }
    if isinstance(items, pd.DataFrame):
        assert "Due dates from issue date and payment terms: 3." in items.attrs["notes"]


def test_terms_of_a_frame_without_connections(engine: Engine, rows: Rows) -> None:
    """Terms without connections are those of documents without connections."""
    invoices = live_documents({"due_date": None, "payment_terms_id": "t0"}).drop(columns="connection_id")
    terms = TERMS.iloc[[0, 1]].drop(columns="connection_id")
    (row,) = rows(rf.reports.ar_aging(engine(invoices), TODAY, payment_terms=engine(terms)))
    assert row["days_31_60"] == 100.0


def test_terms_need_live_documents() -> None:
    """Documents without issue dates or terms are refused, with where these come from."""
    invoices = live_documents({}).drop(columns="payment_terms_id")
    with pytest.raises(ValueError, match=r"payment_terms= needs payment_terms_id, .*\(dialect='live'\)"):
        rf.reports.ar_aging(invoices, TODAY, payment_terms=TERMS)


def test_a_row_by_terms_is_explained() -> None:
    """A row that was aged by payment terms is explained with them."""
    invoices = live_documents({"due_date": None, "payment_terms_id": "t30"})
    aging = rf.reports.ar_aging(invoices, TODAY, payment_terms=TERMS)
    sources = {"invoices": invoices, "payment_terms": TERMS}
    explained = rf.reports.explain(aging.iloc[0], sources, bucket="days_1_30")
    assert explained["id"].tolist() == ["i0"]


def test_dates_of_other_types(engine: Engine, rows: Rows) -> None:
    """Dates of documents may be text where those of credit memos are dates: both are read as they are."""
    invoices = live_documents({}).astype({"due_date": "str"}).drop(columns=["issue_date", "payments"])
    memos_of_today = live_credit_memos({})
    aging = rf.reports.ar_aging(engine(invoices), TODAY, credit_memos=engine(memos_of_today))
    (row,) = rows(aging)
    assert (row["days_1_30"], row["days_31_60"], row["documents"]) == (100.0, -30.0, 2)
    listed = rows(rf.reports.open_items(engine(invoices), TODAY, credit_memos=engine(memos_of_today)))
    assert [(row["id"], row["days_past_due"]) for row in listed] == [("m0", 51), ("i0", 30)]


def test_no_credit_memos_at_all(engine: Engine, rows: Rows) -> None:
    """An empty list of credit memos does not make the day of the data an earlier one."""
    invoices = live_documents({"total_amount": None})
    for none in (live_credit_memos({})[:0], live_credit_memos({})[:0].drop(columns="last_synced_at")):
        aging = rf.reports.ar_aging(engine(invoices), TODAY, credit_memos=engine(none))
        assert [row["total"] for row in rows(aging)] == [100.0]
        if isinstance(aging, pd.DataFrame):
            assert "reconstructed" not in aging.attrs
