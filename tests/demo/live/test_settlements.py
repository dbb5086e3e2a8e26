"""Payments, credits and the oracle of open items: they add up to the documents, and to the ledger."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from rutterframe.demo.books.replay import OpenOn
from rutterframe.demo.books.store import Books
from rutterframe.demo.books.units import digits, month_ends
from rutterframe.demo.live.balances import MonthlyBalances

if TYPE_CHECKING:
    from tests.demo.live.conftest import LiveApi

LEDGERS = ["roaster-quickbooks", "gear-xero"]
DOCUMENTS = [("invoices", "INVOICE"), ("bills", "BILL")]
CLOSING = date(2026, 6, 30)


def settled(document: dict[str, Any]) -> Decimal:
    linked = document["linked_payments"] + document.get("linked_credit_memos", [])
    return sum((one["allocated_amount"] for one in linked), Decimal(0))


@pytest.mark.parametrize("connection", LEDGERS)
@pytest.mark.parametrize("resource", ["invoices", "bills"])
def test_total_less_payments_and_credits_is_due(live: LiveApi, connection: str, resource: str) -> None:
    """Total less what is linked is the amount due; void documents have no payments, drafts neither."""
    documents = live.list(f"/accounting/{resource}", connection)
    for document in documents:
        total = sum((line["total_amount"] for line in document["line_items"]), Decimal(0))
        assert document["total_amount"] == document["sub_total"] == total
        if document["status"] in {"void", "draft"}:
            assert settled(document) == 0
        else:
            assert document["total_amount"] - settled(document) == document["amount_due"]
        for one in document["linked_payments"]:
            assert one["allocated_date"] >= document["issue_date"]
    assert {document["status"] for document in documents} >= {"open", "paid", "void"}


@pytest.mark.parametrize("connection", LEDGERS)
@pytest.mark.parametrize(("resource", "amount"), [("invoices", "amount"), ("bills", "allocated_amount")])
def test_payments_are_those_of_their_documents(
    live: LiveApi, connection: str, resource: str, amount: str
) -> None:
    """Every payment is linked from its document with the same id, day and amount, and no other is."""
    linked = {
        (one["id"], document["id"], one["allocated_date"], one["allocated_amount"])
        for document in live.list(f"/accounting/{resource}", connection)
        for one in document["linked_payments"]
        if one.get("type", "INVOICE_PAYMENT") == "INVOICE_PAYMENT"
    }
    day = "txn_date" if resource == "invoices" else "transaction_date"
    payments = live.list(f"/accounting/{resource[:-1]}_payments", connection)
    assert linked == {
        (payment["id"], one["id"], payment[day], Decimal(one[amount]))
        for payment in payments
        for one in payment[f"linked_{resource}"]
    }
    assert all(
        Decimal(payment["total_amount"]) == sum(Decimal(one[amount]) for one in payment[f"linked_{resource}"])
        for payment in payments
    )
    # Money of customers is text, money of vendors is a number.
    assert {type(payment["total_amount"]) for payment in payments} <= (
        {str} if resource == "invoices" else {int, Decimal}
    )


@pytest.mark.parametrize("connection", LEDGERS)
@pytest.mark.parametrize("resource", ["invoices", "bills"])
def test_credit_memos_are_used_in_the_month_of_their_issue(
    live: LiveApi, connection: str, resource: str
) -> None:
    """A used credit memo is linked from its document, and was issued before, or on the day, in one month."""
    documents = {document["id"]: document for document in live.list(f"/accounting/{resource}", connection)}
    memos = live.list(f"/accounting/{resource[:-1]}_credit_memos", connection)
    used = [memo for memo in memos if memo[f"linked_{resource}"]]
    assert len(used) > 5
    earlier = 0
    for memo in used:
        (link,) = memo[f"linked_{resource}"]
        document = documents[link["id"]]
        linked = [*document["linked_payments"], *document.get("linked_credit_memos", [])]
        (one,) = [one for one in linked if one["id"] == memo["id"]]
        assert Decimal(memo["total_amount"]) == Decimal(link["allocated_amount"]) == one["allocated_amount"]
        assert Decimal(memo["remaining_amount"]) == 0
        assert memo["status"] == ("APPLIED" if resource == "invoices" else "paid")
        assert document["issue_date"] <= memo["issue_date"] <= link["allocated_date"]
        assert memo["issue_date"][:7] == link["allocated_date"][:7]
        earlier += memo["issue_date"] < link["allocated_date"]
    assert earlier > 5


@pytest.mark.parametrize("connection", LEDGERS)
@pytest.mark.parametrize("resource", ["invoices", "bills"])
def test_at_the_closing_date_the_oracle_shows_what_is_due(
    live: LiveApi, connection: str, resource: str
) -> None:
    """On the last day of the books what was open is what the lists show as due."""
    open_on = live.server.books.open_on(connection, resource, CLOSING)
    documents = live.list(f"/accounting/{resource}", connection)
    assert open_on.amounts == {
        document["id"]: document["amount_due"]
        for document in documents
        if document["status"] in {"open", "paid"} and document["amount_due"]
    }
    assert sorted(open_on.voided) == sorted(row["id"] for row in documents if row["status"] == "void")
    credit = f"{resource[:-1]}_credit_memos"
    assert live.server.books.open_on(connection, credit, CLOSING).amounts == {
        memo["id"]: -Decimal(memo["remaining_amount"])
        for memo in live.list(f"/accounting/{credit}", connection)
        if Decimal(memo["remaining_amount"])
    }


@pytest.mark.parametrize("connection", LEDGERS)
@pytest.mark.parametrize("resource", ["invoices", "bills"])
def test_on_any_day_the_oracle_is_total_less_earlier_payments(
    live: LiveApi, connection: str, resource: str
) -> None:
    """What the live lists date up to a day, and nothing later, gives what was open on that day."""
    documents = live.list(f"/accounting/{resource}", connection)
    for day in (date(2024, 12, 31), date(2025, 8, 17), date(2026, 5, 31)):
        expected = {}
        for document in documents:
            if document["status"] in {"void", "draft"} or document["issue_date"][:10] > day.isoformat():
                continue
            linked = document["linked_payments"] + document.get("linked_credit_memos", [])
            paid = sum(
                one["allocated_amount"] for one in linked if one["allocated_date"][:10] <= day.isoformat()
            )
            if document["total_amount"] != paid:
                expected[document["id"]] = document["total_amount"] - paid
        assert live.server.books.open_on(connection, resource, day).amounts == expected
        assert expected


def by_currency(books: Books, connection: str, resource: str, day: date) -> Counter[str]:
    """Return the sum of the open documents and credit memos of a day by currency, in 1/1000."""
    rows = {row["id"]: row["currency"] for row in books.rows(connection, resource)}
    histories = books.histories(connection, resource)
    for position in histories.collection.positions():
        for allocation in histories.of(position).allocations:
            rows[allocation.id] = histories.of(position).record["currency"]
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for name in (resource, f"{resource[:-1]}_credit_memos"):
        for key, amount in books.open_on(connection, name, day).amounts.items():
            sums[rows[key]] += amount
    return Counter({currency: int(total * 1000) for currency, total in sums.items() if total})


@pytest.mark.parametrize("connection", LEDGERS)
@pytest.mark.parametrize(
    ("resource", "role"), [("invoices", "Accounts Receivable"), ("bills", "Accounts Payable")]
)
def test_the_oracle_agrees_with_the_ledger_at_month_ends(
    live: LiveApi, connection: str, resource: str, role: str
) -> None:
    """Open documents less open credits are the balance of the control account of each currency."""
    books = live.server.books
    balances = MonthlyBalances(books, connection)
    for month in range(3, 24, 5):
        day = date.fromordinal(month_ends()[month])
        expected: Counter[str] = Counter()
        for row, account in enumerate(balances.chart.accounts):
            if account.role == role and (balance := balances.in_currency(month, row)):
                expected[account.currency] = balance * 10 ** (3 - digits(account.currency))
        assert by_currency(books, connection, resource, day) == expected


def test_the_oracle_names_its_parts() -> None:
    """The oracle has amounts, void and deleted documents; unknown ledgers raise KeyError."""
    books = Books()
    result = books.open_on("gear-xero", "bills", date(2026, 6, 1))
    assert isinstance(result, OpenOn)
    assert (len(result.voided), len(result.deleted)) == (4, 1)
    with pytest.raises(KeyError):
        books.open_on("gear-nothing", "bills", date(2026, 6, 1))
