"""The specs describe every report, and agree with their columns."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.reports.columns import Kind
from rutterframe.reports.describe import describe, recognise
from rutterframe.reports.specs import SPECS

AS_OF = "2026-06-30"
#: Exported, but no report: they work on reports, hold several, or return one of another name.
NO_REPORTS = {"compare_statements", "convert", "explain", "month_end", "MonthEnd", "read_names", "read_rates"}
DTYPES = {
    Kind.KEY: {"str"},
    Kind.TEXT: {"str"},
    Kind.DAY: {"datetime64[us]"},
    Kind.MONEY: {"float64"},
    Kind.SHARE: {"float64"},
    Kind.COUNT: {"Int64"},
    Kind.FLAG: {"bool", "boolean"},
}


def test_every_report_has_a_spec() -> None:
    """Every report that is exported is described, under its own name."""
    assert set(rf.reports.__all__) - NO_REPORTS <= set(SPECS)
    assert all(name == spec.name for name, spec in SPECS.items())


@pytest.mark.parametrize("name", sorted(SPECS))
def test_a_spec_has_a_title_a_question_and_labels(name: str) -> None:
    """A spec has a title, a question, and columns with a label and a meaning of one line each."""
    spec = SPECS[name]
    assert spec.title
    assert spec.question.endswith("?")
    names = [column.name for column in spec.columns]
    assert len(set(names)) == len(names)
    for column in spec.columns:
        assert column.label
        assert column.meaning
        assert "\n" not in column.meaning + column.sign


def test_a_spec_cannot_be_changed() -> None:
    """A spec is frozen."""
    with pytest.raises(FrozenInstanceError):
        SPECS["ar_aging"].title = "Another"  # type: ignore[misc]


def reports_of(books: Any) -> dict[str, pd.DataFrame]:
    """Return each report from a company's books."""
    aging = rf.reports.ar_aging(books.invoices, AS_OF)
    receivable = books.accounts[books.accounts["name"].str.startswith("Accounts Receivable")]
    return {
        "ar_aging": aging,
        "ap_aging": rf.reports.ap_aging(books.bills, AS_OF, bounds=(15, 45)),
        "cash_position": rf.reports.cash_position(books.bank_accounts, by="institution_name"),
        "trial_balance": rf.reports.trial_balance(books.accounts),
        "tie_out": rf.reports.tie_out(aging, receivable),
    }


@pytest.mark.parametrize("name", ["ar_aging", "ap_aging", "cash_position", "trial_balance", "tie_out"])
def test_the_columns_are_those_of_the_report(books: Any, name: str) -> None:
    """Every column of a report is described, in order, and its kind is that of its dtype."""
    report = reports_of(books)[name]
    columns = describe(report.attrs["report"], report.columns)
    assert [column.name for column in columns] == report.columns.tolist()
    for column in columns:
        assert str(report[column.name].dtype) in DTYPES[column.kind], column.name
    fixed = {column.name for column in SPECS[name].columns}
    assert fixed <= set(report.columns)


def test_the_columns_of_open_items(books: Any) -> None:
    """A list of open items has the documents' columns and the two that its spec describes."""
    report = rf.reports.open_items(books.invoices, AS_OF)
    columns = describe("open_items", report.columns)
    assert [column.name for column in columns] == report.columns.tolist()
    assert [column.kind for column in columns[-2:]] == [Kind.COUNT, Kind.TEXT]
    assert str(report["days_past_due"].dtype) == "Int64"
    assert str(report["bucket"].dtype) == "str"


def test_the_keys_of_an_aging(books: Any) -> None:
    """The connection and the customer are keys, a name beside them is text, and a name alone is a key."""
    columns = describe("ar_aging", rf.reports.ar_aging(books.invoices, AS_OF).columns)[:4]
    assert [(column.label, column.kind) for column in columns] == [
        ("Connection id", Kind.KEY),
        ("Customer id", Kind.KEY),
        ("Customer", Kind.TEXT),
        ("Currency", Kind.KEY),
    ]
    assert columns[0].meaning == "Where it was loaded from; ids are unique within it"
    alone = describe("ar_aging", ["customer_name", "currency", "total"])[0]
    assert (alone.label, alone.kind) == ("Customer name", Kind.KEY)


def test_buckets_and_named_columns() -> None:
    """A bucket is money with its days as a label; a column that the caller named is a key."""
    key, inner, last = describe("ar_aging", ["customer_id", "days_16_45", "days_46_plus"])
    assert (key.label, key.kind) == ("Customer id", Kind.KEY)
    assert key.meaning == "The column 'customer_id' that the report groups by"
    assert (inner.label, inner.meaning, inner.kind) == ("16–45 days", "16 to 45 days past due", Kind.MONEY)
    assert (last.label, last.meaning) == ("46+ days", "46 days past due or more")
    assert last.sign == "credits exceed what is owed"


def test_reports_are_recognised_by_their_columns(client: rf.Client) -> None:
    """Each report is recognised by its columns, whatever else is among them; a loaded frame is none."""
    ledger, bank, shop = (client.connection(name) for name in ("gear-xero", "gear-bank", "gear-shopify"))
    loads = (rf.load_invoices, rf.load_bills, rf.load_accounts, rf.load_expenses)
    invoices, bills, accounts, expenses = (load(ledger, progress=False) for load in loads)
    banks, moves = (load(bank, progress=False) for load in (rf.load_bank_accounts, rf.load_transactions))
    orders, products = (load(shop, progress=False) for load in (rf.load_orders, rf.load_products))
    make = rf.reports
    aging = make.ar_aging(invoices, AS_OF)
    reports = {
        "ar_aging": aging,
        "ap_aging": make.ap_aging(bills, AS_OF, bounds=(15, 45)),
        "open_items": make.open_items(invoices, AS_OF),
        "revenue_by_product": make.revenue_by_product(orders, products, by="variant_id"),
        "cash_position": make.cash_position(banks, by="institution_name"),
        "cash_history": make.cash_history(banks, moves),
        "cash_forecast": make.cash_forecast(banks, invoices, bills, AS_OF),
        "runway": make.runway(make.cash_forecast(banks, invoices, bills, AS_OF)),
        "transfers": make.transfers(banks, moves),
        "expenses_by_category": make.expenses_by_category(expenses, period="month"),
        "trial_balance": make.trial_balance(accounts),
        "concentration": make.concentration(aging, by="customer_id"),
        "tie_out": make.tie_out(aging, aging),
    }
    assert {name: recognise(report.columns) for name, report in reports.items()} == {n: n for n in reports}
    assert [recognise([*report.columns, "phone", "id"]) for report in reports.values()] == [*reports]
    for frame in (invoices, bills, accounts, expenses, banks, moves, orders, products):
        assert recognise(frame.columns) is None


def test_an_aging_of_neither_side() -> None:
    """An aging without customers and vendors could be of either, and so could one with both."""
    columns = ["currency", "current", "no_due_date", "total", "documents"]
    assert recognise(columns) is None
    assert recognise(["customer_id", *columns]) == "ar_aging"
    assert recognise(["vendor_name", *columns]) == "ap_aging"
    assert recognise(["customer_id", "vendor_id", *columns]) is None


def test_a_column_that_was_added_is_no_key() -> None:
    """A column before the currency is what the report was made by; one behind it was added, as by a merge."""
    key, _, added = describe("cash_position", ["institution_name", "currency", "phone"])
    assert (key.kind, added.kind, added.label) == (Kind.KEY, Kind.TEXT, "Phone")
