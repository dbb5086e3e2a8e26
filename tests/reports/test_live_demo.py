"""The reports of live frames on the demo's books, compared with what the books themselves say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.demo.books.store import Books
from rutterframe.reports.month_end import month_end

CLOSING = "2026-06-30"
COMPANIES = {
    "roaster-quickbooks": ("roaster-bank", ("roaster-shopify",)),
    "gear-xero": ("gear-bank", ("gear-shopify", "gear-amazon")),
}
_LEDGER = (
    "invoices", "bills", "accounts", "customers", "vendors", "invoice_credit_memos", "bill_credit_memos",
    "payment_terms", "balance_sheets",
)  # fmt: skip


@dataclass(frozen=True)
class Company:
    """The live frames of a company, and the books that they were made from."""

    ledger: str
    frames: dict[str, pd.DataFrame]
    books: Books


@pytest.fixture(scope="module")
def companies() -> Iterator[dict[str, Company]]:
    """Load the live frames of both companies, once."""
    with rf.demo(dialect="live") as client:
        loaded = {}
        for ledger, (bank, shops) in COMPANIES.items():
            connection = client.connection(ledger)
            frames = {name: getattr(rf, f"load_{name}")(connection, progress=False) for name in _LEDGER}
            frames["bank_accounts"] = rf.load_bank_accounts(client.connection(bank), progress=False)
            stores = [client.connection(shop) for shop in shops]
            frames["orders"] = rf.load_orders(stores, progress=False)
            frames["products"] = rf.load_products(stores, progress=False)
            loaded[ledger] = Company(ledger, frames, client.server.books)
        yield loaded


@pytest.fixture(params=list(COMPANIES))
def company(companies: dict[str, Company], request: pytest.FixtureRequest) -> Company:
    """One company, then the other."""
    return companies[request.param]


def exact(values: Any) -> Decimal:
    """Add up amounts exactly."""
    return sum((Decimal(str(value)) for value in values), Decimal(0))


@pytest.mark.slow
@pytest.mark.parametrize("documents", ["invoices", "bills"])
@pytest.mark.parametrize(
    "day",
    [
        date(2025, 7, 31),
        date(2025, 9, 30),
        date(2025, 12, 31),
        date(2026, 1, 15),
        date(2026, 4, 30),
        date(2026, 6, 28),
    ],
)
def test_what_was_open_on_an_earlier_day(company: Company, documents: str, day: date) -> None:
    """Open items of an earlier day are those of the books replayed until then, to the cent."""
    memos = f"{documents[:-1]}_credit_memos"
    wanted = {
        own: amount
        for resource in (documents, memos)
        for own, amount in company.books.open_on(company.ledger, resource, day).amounts.items()
    }
    frames = company.frames
    items = rf.reports.open_items(frames[documents], day, credit_memos=frames[memos])
    assert items.attrs["reconstructed"] == day.isoformat()
    assert {
        own: Decimal(str(amount)) for own, amount in zip(items["id"], items["amount_due"], strict=True)
    } == wanted
    aged = rf.reports.ar_aging if documents == "invoices" else rf.reports.ap_aging
    aging = aged(frames[documents], day, credit_memos=frames[memos])
    assert exact(aging["total"]) == exact(wanted.values())
    outstanding = rf.reports.dso if documents == "invoices" else rf.reports.dpo
    report = outstanding(frames[documents], day, credit_memos=frames[memos])
    assert exact(report["balance"]) == exact(wanted.values())


@pytest.mark.slow
def test_the_month_end_agrees(company: Company) -> None:
    """On the closing day every report agrees with the books, control accounts net of credit memos."""
    result = month_end("all", company.frames, CLOSING)
    assert result.counts.differ == 0
    assert result.counts.agree >= 10
    titles = ("Receivables to ledger", "Payables to ledger", "Revenue to orders", "Cash to bank accounts")
    assert all(result.ties[title]["ok"].all() for title in titles)


@pytest.mark.slow
def test_revenue_sums_to_the_orders(company: Company) -> None:
    """Gross less discounts, with tax and shipping, is what the orders come to; nothing is left over."""
    orders = company.frames["orders"]
    report = rf.reports.revenue_by_product(orders, company.frames["products"])
    names = ("gross", "discounts", "refunds", "net", "tax", "shipping")
    parts = {name: exact(report[name]) for name in names}
    counted = orders[orders["status"] != "cancelled"]
    total = exact(counted["total_price"])
    assert parts["gross"] - parts["discounts"] + parts["tax"] + parts["shipping"] == total
    assert parts["discounts"] == exact(counted["total_discount"])
    assert parts["net"] == parts["gross"] - parts["discounts"] - parts["refunds"]
    assert parts["refunds"] > 0
    rest = report[report["title"] == "Not allocated to a product"]
    assert rest["gross"].tolist() == [0.0] * len(rest)


@pytest.mark.slow
def test_balance_sheets_agree_with_the_accounts(company: Company) -> None:
    """The latest balance sheet agrees with our sums of the accounts, at the company's own rates."""
    accounts, sheets = company.frames["accounts"], company.frames["balance_sheets"]
    own = company.books.business(company.ledger).company
    foreign = [code for code in accounts["currency"].unique() if code != own.base]
    not_converted = rf.reports.compare_statements(sheets, accounts)
    assert not_converted["ok"].isna().all()
    rates = pd.DataFrame(
        {
            "currency": foreign,
            "rate": [10_000 / own.rate(code) for code in foreign],
            "date": pd.Timestamp(CLOSING),
        }
    )
    converted = rf.reports.convert(accounts, rates, own.base, columns=["balance"])
    tie = rf.reports.compare_statements(sheets, converted).set_index("line")
    assert tie.loc[["total_assets", "total_liabilities"], "ok"].all()
    # What the rounding of each account leaves is a line of the statement's equity.
    assert abs(tie.loc["total_equity", "difference"]) < 0.05


@pytest.mark.slow
def test_days_to_pay_of_the_books(company: Company) -> None:
    """Each paid document of the demo has dated payments that add up to it, so that none is left out."""
    invoices = company.frames["invoices"]
    report = rf.reports.days_to_pay(invoices, customers=company.frames["customers"])
    assert report["left_out"].sum() == 0
    assert report["documents"].sum() == (invoices["status"] == "paid").sum()
    assert report["weighted_days"].between(-30, 200).all()
