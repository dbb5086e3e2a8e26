"""Books from the API and from a dataset."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.demo.faults import Fault


def test_of_a_connection() -> None:
    """Books of one connection have its lists alone, and know the day and the business of the demo."""
    with rf.demo() as client:
        books = rf.load_books(client.connection("gear-bank"), resources=["bank_accounts"], progress=False)
    assert [*books.frames] == ["bank_accounts", "vendors"]
    assert (books.as_of, books.businesses, books.currency) == ("2026-06-30", {"Gear": ["gear-bank"]}, "USD")
    with pytest.raises(KeyError, match="these books have no 'invoices'"):
        _ = books.month_end_reports


def test_arguments_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Day and businesses that are passed come before those that are set."""
    monkeypatch.setenv("RUTTER_AS_OF", "2026-01-31")
    with rf.demo() as client:
        bank = client.connection("gear-bank")
        assert rf.load_books(bank, resources=["bank_accounts"], progress=False).as_of == "2026-01-31"
        books = rf.load_books(
            bank, resources=["bank_accounts"], as_of="2026-03-31", businesses={"G": ["gear-bank"]},
            progress=False,
        )  # fmt: skip
        with pytest.raises(ValueError, match="businesses lists 'x', and no connection has such an id"):
            rf.load_books(bank, businesses={"G": ["x"]}, progress=False)
    assert (books.as_of, books.businesses) == ("2026-03-31", {"G": ["gear-bank"]})


def test_a_connection_that_fails_is_left_out_whole() -> None:
    """With on_error="skip" a connection with a failed list is in no frame, and every report says so."""
    fault = Fault("not_ready", resource="bills", connection="gear-xero", times=0)
    with rf.demo(faults=[fault]) as client:
        ledgers = [client.connection(name) for name in ("gear-xero", "roaster-quickbooks")]
        with pytest.raises(rf.LoadError):
            rf.load_books(ledgers, progress=False)
        books = rf.load_books(ledgers, on_error="skip", progress=False)
    assert not books.is_complete
    assert books.frames["invoices"]["connection_id"].unique().tolist() == ["roaster-quickbooks"]
    (note,) = [note for note in books.ar_aging().attrs["notes"] if note.startswith("Left out")]
    assert note.startswith("Left out, since not all of its lists could be read: gear-xero. ")


@pytest.fixture(scope="module")
def live_books() -> rf.Books:
    """The books of a ledger of the live dialect."""
    with rf.demo(dialect="live") as client:
        return rf.load_books(client.connection("gear-xero"), progress=False)


def test_credits_are_behind_the_cells_that_hold_them(live_books: rf.Books) -> None:
    """Credit memos are among the documents of a forecast's receipts, and behind an open item of their own."""
    credits_ = 0
    month_end = live_books.month_end("forecast").reports["Forecast"]
    for forecast in (live_books.cash_forecast(weeks=2), month_end):
        for place in range(len(forecast)):
            rows = live_books.explain(forecast.iloc[place], "receipts")
            assert round(rows["amount_due"].sum(), 2) == forecast["receipts"].iloc[place]
            credits_ += int((rows["amount_due"] < 0).sum())
    assert credits_ > 0
    items = live_books.open_items()
    item = items[items["amount_due"] < 0].iloc[0]
    assert live_books.explain(item)["amount_due"].tolist() == [item["amount_due"]]


def test_the_document_of_an_earlier_open_item_is_as_loaded(live_books: rf.Books) -> None:
    """An amount that was open on an earlier day is not that of the document, which a note says."""
    earlier = live_books.replace(as_of="2026-03-31")
    rows = earlier.explain(earlier.open_items().iloc[0])
    assert "As loaded: the item has what was open on 2026-03-31." in rows.attrs["notes"]


def test_what_a_cell_of_a_forecast_holds_besides_is_noted(live_books: rf.Books) -> None:
    """Without the credit memos, and where overdue documents are spread, the documents are not the cell."""
    row = live_books.cash_forecast(overdue="spread").iloc[0]
    rows = rf.reports.explain(row, {"invoices": live_books.frames["invoices"]})
    assert rows.attrs["notes"][1:] == [
        "Without the credit memos that the cell takes off: pass {'invoices': …, 'credit_memos': …}.",
        "Of each overdue document the cell holds an equal part for each week of the forecast.",
    ]


def test_live_books(live_books: rf.Books) -> None:
    """Books of the live dialect have vendors, credit memos and statements as well."""
    books = live_books
    assert {"vendors", "invoice_credit_memos", "payment_terms", "balance_sheets"} <= {*books.frames}
    assert books.ap_aging()["vendor_name"].notna().all()
    assert books.dso()["currency"].tolist() == books.dso()["currency"].unique().tolist()
    assert len(books.days_to_pay("bills")) > 0
    assert books.dpo()["dpo"].notna().any()
    assert books.compare_statements()["ok"].all()


def test_of_a_dataset(tmp_path: Path) -> None:
    """A dataset is read without a request, as of its newest refresh or the day that is passed."""
    with rf.demo() as client:
        ledgers = [client.connection(name) for name in ("gear-xero", "roaster-quickbooks")]
        done = rf.refresh(ledgers, tmp_path, resources=["invoices", "accounts", "customers"])
    assert done["error"].isna().all()
    books = rf.open_books(tmp_path)
    assert books.as_of == f"{pd.Timestamp.now('UTC'):%Y-%m-%d}"
    assert (books.is_complete, books.is_demo) == (True, True)
    assert rf.open_books(tmp_path, as_of="2026-06-30").month_end("aging").agree
    part = rf.open_books(tmp_path, connections=["gear-xero"], businesses={"Gear": ["gear-xero"]})
    assert (part.connections, part.is_complete) == (("gear-xero",), True)
    with pytest.raises(ValueError, match="the dataset has no connection 'x'; it has gear-xero, roaster-q"):
        rf.open_books(tmp_path, connections=["x"])
    with pytest.raises(ValueError, match="businesses lists 'x', and no connection has such an id"):
        rf.open_books(tmp_path, businesses={"Gear": ["x"]})


def test_settings_with_a_dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """RUTTER_BUSINESSES and RUTTER_AS_OF apply to a dataset, for the connections that it has."""
    with rf.demo() as client:
        rf.refresh(client.connection("gear-xero"), tmp_path, resources=["invoices"])
    monkeypatch.setenv("RUTTER_AS_OF", "2026-03-31")
    monkeypatch.setenv("RUTTER_BUSINESSES", '{"Gear": ["gear-xero", "gear-bank"], "Other": ["other"]}')
    books = rf.open_books(tmp_path)
    assert (books.as_of, books.businesses) == ("2026-03-31", {"Gear": ["gear-xero"]})


def test_a_list_that_a_refresh_could_not_read(tmp_path: Path) -> None:
    """What the last refresh could not read is in the notes of every report: the books are not complete."""
    with rf.demo() as client:
        ledger = client.connection("gear-xero")
        rf.refresh(ledger, tmp_path, resources=["invoices"])
        client.server.configure(faults=[Fault("not_ready", resource="invoices", times=0)])
        with pytest.raises(rf.LoadError):
            rf.refresh(ledger, tmp_path, resources=["invoices"])
    books = rf.open_books(tmp_path)
    assert not books.is_complete
    assert books.ar_aging().attrs["notes"][-1].startswith("Not up to date: invoices of gear-xero: ")
