"""Aging as of an earlier day: equal to what was open that day, and never a wrong figure without a note."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import rutterframe as rf
from rutterframe.reports.describe import describe
from rutterframe.views.text import markdown
from rutterframe.views.workbook import write_workbook
from tests.reports.live_frames import live_credit_memos, live_documents

DAY = "2026-05-31"
Engine = Callable[[pd.DataFrame], Any]
Rows = Callable[[Any], list[dict[str, Any]]]

PAID_SINCE = {"status": "paid", "amount_due": 0.0, "payments": [("2026-06-10", 100.0)]}
PAID_PART = {
    "status": "partially_paid",
    "amount_due": 25.5,
    "payments": [("2026-05-20", 40.25), ("2026-06-02", 34.25)],
}


def amounts(rows: list[dict[str, Any]]) -> dict[str, float | None]:
    """Return the amount of each open item by its id."""
    return {row["id"]: row["amount_due"] for row in rows}


def test_what_was_open(engine: Engine, rows: Rows) -> None:
    """An invoice paid since was open then, a part payment until then is taken off, one paid then was not."""
    invoices = live_documents(
        PAID_SINCE,
        PAID_PART,
        {"status": "paid", "amount_due": 0.0, "payments": [("2026-05-31", 100.0)]},
        {"issue_date": "2026-06-01"},
        {"issue_date": DAY},
        {"status": "draft"},
        {"status": "void", "amount_due": 0.0},
        {"payments": None},
    )
    items = rows(rf.reports.open_items(engine(invoices), DAY))
    assert amounts(items) == {"i0": 100.0, "i1": 59.75, "i4": 100.0, "i7": 100.0}
    (row,) = rows(rf.reports.ar_aging(engine(invoices), DAY))
    assert (row["current"], row["total"], row["documents"]) == (359.75, 359.75, 4)


def test_the_day_of_the_data_has_todays_amounts(engine: Engine, rows: Rows) -> None:
    """On the day that the documents were synchronised, and later, amounts due are those of the frame."""
    invoices = live_documents(PAID_SINCE, PAID_PART, {"total_amount": None})
    for day in ("2026-06-30", "2026-07-15"):
        assert amounts(rows(rf.reports.open_items(engine(invoices), day))) == {"i1": 25.5, "i2": 100.0}


UNKNOWN: list[tuple[dict[str, Any], str]] = [
    ({"issue_date": None}, "no issue date"),
    ({"total_amount": None}, "no total"),
    ({"amount_due": None}, "no amount due"),
    ({"amount_due": 0.0, "payments": [(None, 100.0)]}, "a payment without a date or amount"),
    ({"amount_due": 0.0, "payments": [("2026-05-02", None)]}, "a payment without a date or amount"),
    ({"amount_due": 60.0}, "payments do not explain the amount due"),
    ({"amount_due": 60.0, "payments": None}, "payments do not explain the amount due"),
    ({"status": "paid", "amount_due": 100.0}, "payments do not explain the amount due"),
    (
        {"status": "paid", "amount_due": 0.0, "payments": [("2026-05-02", 99.99)]},
        "payments do not explain the amount due",
    ),
]


@pytest.mark.parametrize(("document", "reason"), UNKNOWN)
def test_what_is_not_known(document: dict[str, Any], reason: str) -> None:
    """Where a piece is missing, the amount counts as zero, and a note has the number and the totals."""
    aging = rf.reports.ar_aging(live_documents({}, document), DAY)
    assert (aging["total"].tolist(), aging["documents"].tolist()) == ([100.0], [2])
    total = "0.00" if "total_amount" in document else "100.00"
    (note,) = aging.attrs["notes"][1:]
    assert note == (
        f"Documents of which it is not known what was open on {DAY}, counted as zero: 1 (i1), with "
        f"totals of {total} USD ({reason}: 1)."
    )


def test_what_is_not_known_is_null(engine: Engine, rows: Rows) -> None:
    """Where a piece is missing, the amount of the open item is null, on every engine."""
    invoices = live_documents({}, *(document for document, _ in UNKNOWN))
    items = amounts(rows(rf.reports.open_items(engine(invoices), DAY)))
    assert items == {"i0": 100.0, **{f"i{place + 1}": None for place in range(len(UNKNOWN))}}


def test_a_document_that_was_not_synchronised_since(engine: Engine, rows: Rows) -> None:
    """A document that was not synchronised after the day has the amount due, whatever else is missing."""
    invoices = live_documents(
        {},
        {"total_amount": None, "amount_due": 7.0, "last_synced_at": "2026-05-31T23:59:59Z"},
        {"total_amount": None, "amount_due": 7.0, "last_synced_at": "2026-06-01T00:00:00Z"},
        {"status": "paid", "amount_due": 0.0, "last_synced_at": "2026-05-20T00:00:00Z"},
    )
    assert amounts(rows(rf.reports.open_items(engine(invoices), DAY))) == {"i0": 100.0, "i1": 7.0, "i2": None}


def test_a_payment_after_the_last_synchronisation(engine: Engine, rows: Rows) -> None:
    """A payment that is dated ahead counts from its date on, also if the document was not changed since."""
    ahead = {"amount_due": 0.0, "payments": [("2026-06-05", 100.0)], "last_synced_at": "2026-05-20T00:00:00Z"}
    invoices = live_documents({}, {**ahead, "status": "paid"}, {**ahead, "issue_date": None})
    items = amounts(rows(rf.reports.open_items(engine(invoices), DAY)))
    assert items == {"i0": 100.0, "i1": 100.0, "i2": 100.0}


@pytest.mark.parametrize("column", ["last_synced_at", "value"])
def test_no_day_of_the_data(engine: Engine, rows: Rows, column: str) -> None:
    """Where it is not known which day the amounts due stand for, every day is reconstructed."""
    invoices = live_documents(PAID_PART, {"issue_date": "2027-01-01"})
    if column == "value":
        empty = pd.to_datetime(pd.Series([None, None])).dt.tz_localize("UTC").astype("datetime64[us, UTC]")
        invoices["last_synced_at"] = empty
    else:
        invoices = invoices.drop(columns=column)
    assert amounts(rows(rf.reports.open_items(engine(invoices), DAY))) == {"i0": 59.75}
    assert amounts(rows(rf.reports.open_items(engine(invoices), "2026-12-31"))) == {"i0": 25.5}


def test_voided_since() -> None:
    """A document that is void today is left out, and noted, since the service does not date that."""
    invoices = live_documents(
        {"status": "VOID", "total_amount": 50.0, "amount_due": 0.0},
        {"status": "rejected", "last_synced_at": "2026-05-01T00:00:00Z"},
        {"status": "void", "issue_date": "2026-06-02"},
        {"status": "draft"},
        {},
    )
    aging = rf.reports.ar_aging(invoices, DAY)
    assert aging["total"].tolist() == [100.0]
    (note,) = aging.attrs["notes"][1:]
    assert note == (
        "Documents that are void, rejected or cancelled today, left out: the service does not date that, so "
        f"they may have been open on {DAY}: 1 (i0), with totals of 50.00 USD."
    )
    assert aging.attrs["reconstructed"] == DAY


def test_settled_by_less_than_half_a_cent(engine: Engine, rows: Rows) -> None:
    """What is below half of a currency's smallest unit is neither open nor unexplained."""
    invoices = live_documents(
        {"amount_due": 0.004, "payments": [("2026-05-02", 99.996)]},
        {"amount_due": 0.0, "status": "paid", "payments": [("2026-05-02", 99.996), ("2026-06-02", 0.001)]},
        {"amount_due": 0.4, "currency": "JPY", "payments": [("2026-05-02", 99.6)]},
        {"amount_due": 0.0, "currency": "USD", "payments": [("2026-05-02", 99.995)]},
    )
    assert amounts(rows(rf.reports.open_items(engine(invoices), DAY))) == {"i3": None}


def test_contract_frames_are_not_reconstructed() -> None:
    """Without issue dates, totals and payments an earlier day has the amounts of today."""
    invoices = live_documents(PAID_SINCE, PAID_PART).drop(columns="payments")
    aging = rf.reports.ar_aging(invoices, DAY)
    assert aging["total"].tolist() == [25.5]
    assert "reconstructed" not in aging.attrs
    assert "does not reconstruct an earlier day" in aging.attrs["notes"][0]


def test_documents_twice_on_lazy_engines(engine: Engine, rows: Rows) -> None:
    """On a lazy engine a document that is there twice is refused; in memory each row has its payments."""
    invoices = live_documents(PAID_PART, PAID_PART).assign(id="i0")
    native = engine(invoices)
    if isinstance(native, pd.DataFrame | pl.DataFrame | pa.Table):
        assert [row["amount_due"] for row in rows(rf.reports.open_items(native, DAY))] == [59.75, 59.75]
    else:
        with pytest.raises(ValueError, match="'i0' twice in connection 'ledger'"):
            rf.reports.open_items(native, DAY)


def test_payments_that_are_not_payments(engine: Engine) -> None:
    """Payments without an amount as a field are refused, and so is text."""
    kind = pd.ArrowDtype(pa.list_(pa.struct([pa.field("date", pa.timestamp("us"))])))
    invoices = live_documents({})
    dates = pd.Series([[{"date": pd.Timestamp(DAY)}]], dtype=kind)
    with pytest.raises(ValueError, match="payments have no 'amount'"):
        rf.reports.ar_aging(engine(invoices.assign(payments=dates)), DAY)
    with pytest.raises(ValueError, match=r"'payments'.* must (be|hold)"):
        rf.reports.ar_aging(engine(invoices.assign(payments="[]")), DAY)


def test_not_compared_with_another_day() -> None:
    """A reconstructed report is compared with nothing but one of the same day."""
    invoices = live_documents(PAID_SINCE, PAID_PART)
    accounts = pd.DataFrame({"connection_id": ["ledger"], "currency": ["USD"], "balance": [159.75]})
    aging = rf.reports.ar_aging(invoices, DAY)
    tie = rf.reports.tie_out(aging, accounts)
    assert tie["ok"].isna().all()
    assert tie["report"].tolist() == [159.75]
    assert tie.attrs["notes"] == [
        f"Not compared: the report is reconstructed as of {DAY}, the source is not."
    ]
    assert rf.reports.tie_out(aging, rf.reports.open_items(invoices, DAY))["ok"].tolist() == [True]
    (note,) = rf.reports.tie_out(aging, rf.reports.open_items(invoices, "2026-05-10")).attrs["notes"]
    assert note == f"Not compared: the report is reconstructed as of {DAY}, the source is as of 2026-05-10."
    (note,) = rf.reports.tie_out(accounts, aging).attrs["notes"]
    assert note.startswith("Not compared: the source is reconstructed")


def test_the_columns_of_live_items(tmp_path: Path) -> None:
    """Open items of live documents are described, drawn, and written to a workbook."""
    items = rf.reports.open_items(live_documents(PAID_PART), DAY)
    kinds = {column.name: column.kind.value for column in describe("open_items", items.columns)}
    assert (kinds["issue_date"], kinds["total_amount"], kinds["payments"]) == ("day", "money", "text")
    write_workbook(tmp_path / "items.xlsx", items)
    assert "2026-05-01" in markdown(items)


def test_a_row_is_explained() -> None:
    """The documents of a reconstructed row add up to it, with the amounts of that day."""
    invoices = live_documents(PAID_SINCE, {**PAID_PART, "customer_id": "d"}, {"customer_id": "d"})
    used_since = {"remaining_amount": 0.0, "documents": [("2026-06-03", 30.0)]}
    memos = live_credit_memos({"customer_id": "d", **used_since})
    aging = rf.reports.ar_aging(invoices, DAY, credit_memos=memos)
    assert aging[["customer_id", "total"]].to_numpy().tolist() == [["d", 129.75], ["c", 100.0]]
    explained = rf.reports.explain(aging.iloc[0], {"invoices": invoices, "credit_memos": memos})
    assert dict(zip(explained["id"], explained["amount_due"], strict=True)) == {
        "i1": 59.75,
        "i2": 100.0,
        "m0": -30.0,
    }
    with pytest.raises(ValueError, match="source must hold 'credit_memos'"):
        rf.reports.explain(aging.iloc[0], invoices)


@dataclass
class Event:
    """What happened to an invoice on a day: a payment, or it became void."""

    day: date
    cents: int


@dataclass
class Replayed:
    """An invoice in the oracle's books: issued on a day, then paid day by day."""

    issued: date
    cents: int
    payments: list[Event] = field(default_factory=list)

    def open_on(self, day: date) -> Decimal:
        """Return what was open at the end of a day: the books replayed until then."""
        if self.issued > day:
            return Decimal(0)
        left = self.cents
        for event in sorted(self.payments, key=lambda event: event.day):
            if event.day <= day:
                left -= event.cents
        return Decimal(left) / 100


FIRST = date(2026, 1, 1)
days = st.integers(0, 200).map(lambda number: FIRST + timedelta(days=number))


@st.composite
def invoices_of(draw: st.DrawFn) -> Replayed:
    """Draw an invoice, or a credit, and payments that never exceed it."""
    issued, cents, sign = draw(days), draw(st.integers(1, 10**7)), draw(st.sampled_from([1, 1, 1, -1]))
    replayed, left = Replayed(issued, cents * sign), cents
    for _ in range(draw(st.integers(0, 4))):
        part = draw(st.integers(0, left))
        replayed.payments.append(Event(issued + timedelta(days=draw(st.integers(-3, 90))), part * sign))
        left -= part
    return replayed


def frame_of(books: list[Replayed], today: date) -> pd.DataFrame:
    """Write the books as the service has them today: everything that happened until then."""
    documents: list[dict[str, Any]] = []
    for place, replayed in enumerate(books):
        until = [event for event in replayed.payments if event.day <= today]
        due = replayed.cents - sum(event.cents for event in until)
        documents.append(
            {
                "id": f"i{place:03}",
                "issue_date": replayed.issued.isoformat(),
                "due_date": (replayed.issued + timedelta(days=30)).isoformat(),
                "total_amount": replayed.cents / 100,
                "amount_due": due / 100,
                "status": "paid" if due == 0 else "partially_paid" if until else "open",
                "payments": [(event.day.isoformat(), event.cents / 100) for event in until],
                "last_synced_at": f"{today}T12:00:00Z",
            }
        )
    return live_documents(
        *(document for document in documents if document["issue_date"] <= today.isoformat())
    )


@pytest.mark.slow
@given(books=st.lists(invoices_of(), min_size=1, max_size=8), day=days)
def test_equal_to_the_books_of_that_day(books: list[Replayed], day: date) -> None:
    """For any books and any earlier day the items are those that were open, to the cent."""
    today = FIRST + timedelta(days=400)
    wanted = {f"i{place:03}": each.open_on(day) for place, each in enumerate(books)}
    wanted = {own: amount for own, amount in wanted.items() if amount}
    items = rf.reports.open_items(frame_of(books, today), day)
    got = {own: Decimal(str(amount)) for own, amount in zip(items["id"], items["amount_due"], strict=True)}
    assert got == wanted
    total = sum(wanted.values(), Decimal(0))
    aging = rf.reports.ar_aging(frame_of(books, today), day)
    assert sum((Decimal(str(value)) for value in aging["total"]), Decimal(0)) == total


@pytest.mark.slow
@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(books=st.lists(invoices_of(), min_size=1, max_size=8), day=days)
def test_the_same_cents_on_every_engine(engine: Engine, rows: Rows, books: list[Replayed], day: date) -> None:
    """For any books an earlier day is the same on every engine."""
    frame = frame_of(books, FIRST + timedelta(days=400))
    assert rows(rf.reports.ar_aging(engine(frame), day)) == rows(rf.reports.ar_aging(frame, day))
