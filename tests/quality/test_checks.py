"""Each check finds the one wrong record among good ones, and nothing in records that are right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.quality import CHECKS

MakeFrame = Callable[..., pd.DataFrame]

GOOD: dict[str, dict[str, Any]] = {
    "accounts": {"id": "a1", "name": "Cash", "type": "asset", "currency": "USD", "balance": 10.0},
    "transactions": {
        "id": "t1",
        "amount": 10.0,
        "currency": "USD",
        "date": "2026-06-30",
        "description": "Sale",
        "account_id": "a1",
    },
    "invoices": {
        "id": "i1",
        "customer_id": "u1",
        "status": "open",
        "amount_due": 10.0,
        "currency": "USD",
        "due_date": "2026-06-30",
        "line_items": [{"quantity": 2, "unit_price": 5.0, "total_amount": 10.0}],
    },
    "bills": {
        "id": "b1",
        "vendor_id": "v1",
        "status": "open",
        "amount_due": 10.0,
        "currency": "USD",
        "due_date": "2026-06-30",
        "line_items": [{"quantity": 2, "unit_price": 5.0, "total_amount": 10.0}],
    },
    "expenses": {
        "id": "e1",
        "amount": 10.0,
        "currency": "USD",
        "date": "2026-06-30",
        "description": "Fuel",
        "account_id": "a1",
    },
    "orders": {
        "id": "o1",
        "customer_id": "u1",
        "status": "fulfilled",
        "currency": "USD",
        "total_price": 10.0,
        "line_items": [{"product_id": "p1", "variant_id": "w1", "quantity": 2, "unit_price": 5.0}],
        "created_at": "2026-06-30T10:00:00Z",
        "updated_at": "2026-06-30T10:00:00Z",
    },
    "products": {
        "id": "p1",
        "status": "active",
        "currency": "USD",
        "price": 5.0,
        "variants": [{"id": "w1", "inventory_quantity": 3}],
        "created_at": "2026-01-01T00:00:00Z",
    },
    "customers": {"id": "u1", "name": "Ada", "created_at": "2026-01-01T00:00:00Z"},
    "bank_accounts": {"id": "k1", "name": "Giro", "type": "checking", "balance": 10.0, "currency": "USD"},
    "ad_accounts": {"id": "d1", "name": "Ads", "currency": "USD", "status": "ENABLED"},
}


Findings = list[tuple[Any, ...]]


def with_changes(resource: str, changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the good record, and a copy of it with each of the changes."""
    good = GOOD[resource]
    return [good, *({**good, "id": f"x{n}", **change} for n, change in enumerate(changes, 1))]


def check_all(
    make_frame: MakeFrame, books: dict[str, dict[str, list[dict[str, Any]]]]
) -> dict[str, Findings]:
    """Check good books with changes, as connections of one load, and return the findings by connection."""
    frames = {
        resource: make_frame(
            resource,
            **{name: with_changes(resource, changes.get(resource, [])) for name, changes in books.items()},
        )
        for resource in GOOD
    }
    result = rf.check(frames, as_of="2026-06-30")
    assert result.attrs["notes"] == []
    rows = result.astype(object).where(result.notna(), None)
    findings: dict[str, Findings] = {name: [] for name in books}
    names = ["severity", "check", "resource", "id", "field", "value"]
    for row in rows.to_dict("records"):
        explanation = row["explanation"].replace(f"of {row['connection_id']}.", "of c1.")
        findings[row["connection_id"]].append((*(row[name] for name in names), explanation))
    return findings


def check(make_frame: MakeFrame, changes: dict[str, list[dict[str, Any]]]) -> Findings:
    """Check one connection's good books with additional records."""
    return check_all(make_frame, {"c1": changes})["c1"]


def lines(*rows: tuple[Any, Any, Any]) -> list[dict[str, Any]]:
    """Return lines with quantity, unit price and total."""
    return [{"quantity": q, "unit_price": p, "total_amount": t} for q, p, t in rows]


def test_good_books_have_no_findings(make_frame: MakeFrame) -> None:
    """Good books have no findings, and no note says that something was not checked."""
    assert check(make_frame, {}) == []


CASES: list[tuple[str, str, dict[str, Any], tuple[Any, ...]]] = [
    (
        "missing_id", "customers", {"id": None, "name": "Bob"},
        (None, "id", None, "The record has no id, so that nothing can point to it."),
    ),
    (
        "duplicate_id", "accounts", {"id": "a1", "name": "Till"},
        ("a1", "id", "a1", "The record appears 2 times, and counts each time."),
    ),
    (
        "unknown_account", "transactions", {"account_id": "k9"},
        ("x1", "account_id", "k9", "The account k9 is not among the accounts of c1."),
    ),
    (
        "unknown_account", "expenses", {"account_id": "k1", "description": "Tea"},
        ("x1", "account_id", "k1", "The account k1 is not among the accounts of c1."),
    ),
    (
        "closed_with_balance", "invoices", {"status": "paid", "due_date": "2026-01-01"},
        ("x1", "amount_due", "10", "The document is paid, and 10 USD of it are still due."),
    ),
    (
        "closed_with_balance", "bills", {"status": "voided", "currency": "KWD"},
        ("x1", "amount_due", "10", "The document is voided, and 10 KWD of it are still due."),
    ),
    (
        "lines_do_not_sum", "invoices", {"amount_due": 10.01, "due_date": "2026-01-01"},
        ("x1", "amount_due", "10.01", "10.01 USD are due, but the lines add up to 10."),
    ),
    (
        "lines_do_not_sum", "bills", {"amount_due": 12, "due_date": "2026-01-01"},
        ("x1", "amount_due", "12", "12 USD are due, but the lines add up to 10."),
    ),
    (
        "line_is_not_its_product", "bills", {"amount_due": 9, "line_items": lines((2, 5.0, 9.0))},
        (
            "x1", "line_items[0].total_amount", "9",
            "Line 1: 2 times 5 is 10, but its total is 9.",
        ),
    ),
    (
        "line_is_not_its_product", "invoices",
        {"currency": "KWD", "amount_due": 260.311, "line_items": lines((42.5, 6.125, 260.311))},
        (
            "x1", "line_items[0].total_amount", "260.311",
            "Line 1: 42.5 times 6.125 is 260.3125, but its total is 260.311.",
        ),
    ),
    (
        "unknown_currency", "ad_accounts", {"currency": "usd"},
        ("x1", "currency", "usd", "usd is not a currency code of ISO 4217."),
    ),
    (
        "unknown_currency", "products", {"currency": None},
        ("x1", "currency", None, "The record does not say its currency."),
    ),
    (
        "date_out_of_range", "invoices", {"due_date": "1989-12-31"},
        (
            "x1", "due_date", "1989-12-31",
            "1989-12-31 is before 1990: a typing error, or a system's placeholder for no date.",
        ),
    ),
    (
        "date_out_of_range", "bills", {"due_date": "2031-07-01"},
        ("x1", "due_date", "2031-07-01", "2031-07-01 is more than 5 years after 2026-06-30."),
    ),
    (
        "date_out_of_range", "expenses", {"date": "2027-07-01"},
        ("x1", "date", "2027-07-01", "2027-07-01 is more than 1 year after 2026-06-30."),
    ),
    (
        "date_out_of_range", "orders",
        {"created_at": "2026-06-30T10:30:00Z", "updated_at": "2027-07-01T00:00:00Z"},
        ("x1", "updated_at", "2027-07-01", "2027-07-01 is more than 1 year after 2026-06-30."),
    ),
    (
        "missing_amount", "transactions", {"amount": None},
        ("x1", "amount", None, "The record has no amount, so it counts as nothing."),
    ),
    (
        "missing_amount", "bills", {"amount_due": None, "due_date": "2026-01-01"},
        ("x1", "amount_due", None, "The record has no amount, so it counts as nothing."),
    ),
    (
        "amount_too_large", "accounts", {"balance": 1e300},
        (
            "x1", "balance", "1e+300",
            "1e+300 is more than 461,168,601,842,739, and cannot be counted exactly.",
        ),
    ),
    (
        "unknown_customer", "invoices", {"customer_id": "u9"},
        ("x1", "customer_id", "u9", "The customer u9 is not among the customers of c1."),
    ),
    (
        "unknown_customer", "orders", {"customer_id": "u9"},
        ("x1", "customer_id", "u9", "The customer u9 is not among the customers of c1."),
    ),
    (
        "no_party", "bills", {"vendor_id": None},
        ("x1", "vendor_id", None, "The document does not say who owes it, or is owed."),
    ),
    (
        "unknown_product", "orders",
        {"line_items": [
            {"product_id": "p1", "variant_id": "w1", "quantity": 1, "unit_price": 5.0},
            {"product_id": "p9", "variant_id": "w9", "quantity": 1, "unit_price": 5.0},
        ]},
        (
            "x1", "line_items[1].product_id", "p9",
            "Line 2 sells product p9, which is not among the products of c1.",
        ),
    ),
    (
        "unknown_product", "orders",
        {"line_items": [{"product_id": "p1", "variant_id": "w9", "quantity": 2, "unit_price": 5.0}]},
        (
            "x1", "line_items[0].variant_id", "w9",
            "Line 1 sells variant w9, which product p1 no longer has.",
        ),
    ),
    (
        "possible_duplicate", "bills", {},
        ("x1", "id", "x1", "It looks like b1: the same counterparty, currency, due date and sum of lines."),
    ),
    (
        "possible_duplicate", "expenses", {},
        ("x1", "id", "x1", "It looks like e1: the same account, day, amount, currency and description."),
    ),
    (
        "open_without_balance", "invoices", {"amount_due": 0, "due_date": "2026-01-01"},
        ("x1", "amount_due", "0", "Nothing is due any more, and the document is still open."),
    ),
    (
        "missing_due_date", "bills", {"due_date": None},
        ("x1", "due_date", None, "The document is open and has no due date."),
    ),
    (
        "unknown_word", "bank_accounts", {"type": "escrow"},
        ("x1", "type", "escrow", "escrow is not a known type (known: checking, savings)."),
    ),
    (
        "too_many_decimals", "expenses", {"amount": 10.005},
        ("x1", "amount", "10.005", "10.005 is finer than the smallest unit of USD."),
    ),
    (
        "too_many_decimals", "bank_accounts", {"balance": 10.5, "currency": "JPY"},
        ("x1", "balance", "10.5", "10.5 is finer than the smallest unit of JPY."),
    ),
    (
        "negative_quantity", "bills",
        {"amount_due": 5, "line_items": lines((2, 5.0, 10.0), (-1, 5.0, -5.0))},
        (
            "x1", "line_items[1].quantity", "-1",
            "Line 2 has the quantity -1: a return entered as a sale, or a mistake.",
        ),
    ),
    (
        "negative_stock", "products", {"variants": [{"id": "w2", "inventory_quantity": -4}]},
        (
            "x1", "variants[0].inventory_quantity", "-4",
            "Variant 1 has a stock of -4: more was sold than there was.",
        ),
    ),
    (
        "unapplied_credit", "invoices", {"amount_due": -10, "line_items": lines((2, -5.0, -10.0))},
        (
            "x1", "amount_due", "-10",
            "A credit of -10 USD is open: it has not been set off against a document.",
        ),
    ),
    (
        "draft_with_balance", "bills", {"status": "draft"},
        ("x1", "amount_due", "10", "The document is draft, so its 10 USD are in no aging and no ledger."),
    ),
    (
        "part_paid", "invoices", {"amount_due": 9.99, "due_date": "2026-01-01"},
        (
            "x1", "amount_due", "9.99",
            "9.99 USD are due of 10: it is paid in part, or its lines are not right.",
        ),
    ),
    (
        "order_is_not_its_lines", "orders", {"total_price": 15.0},
        (
            None, "total_price", None,
            "1 of 2 orders come to more than their lines, by 5.00 USD in all: shipping and tax.",
        ),
    ),
    (
        "order_is_not_its_lines", "orders", {"total_price": 15.01},
        (
            "x1", "total_price", "15.01",
            "The lines add up to 10 USD; 5.01 are shipping, tax and discounts, or a mistake.",
        ),
    ),
    (
        "order_is_not_its_lines", "orders", {"total_price": 9.99},
        (
            "x1", "total_price", "9.99",
            "The lines add up to 10 USD; -0.01 are shipping, tax and discounts, or a mistake.",
        ),
    ),
    (
        "order_is_not_its_lines", "orders", {"total_price": 39.99},
        (
            "x1", "total_price", "39.99",
            "The lines add up to 10 USD; 29.99 are shipping, tax and discounts, or a mistake.",
        ),
    ),
    (
        "unlikely_order_total", "orders", {"total_price": 100.0},
        ("x1", "total_price", "100", "The order comes to 100 USD, but its lines add up to 10."),
    ),
    (
        "unlikely_order_total", "orders", {"total_price": 40.0},
        ("x1", "total_price", "40", "The order comes to 40 USD, but its lines add up to 10."),
    ),
    (
        "unlikely_order_total", "orders", {"total_price": 2.5},
        ("x1", "total_price", "2.5", "The order comes to 2.5 USD, but its lines add up to 10."),
    ),
    (
        "unlikely_order_total", "orders", {"total_price": 0.0},
        ("x1", "total_price", "0", "The order comes to 0 USD, but its lines add up to 10."),
    ),
    (
        "unlikely_order_total", "orders", {"status": "cancelled", "total_price": 100.0},
        ("x1", "total_price", "100", "The order comes to 100 USD, but its lines add up to 10."),
    ),
    (
        "negative_order_total", "orders", {"total_price": -10.0},
        (
            "x1", "total_price", "-10",
            "The order comes to -10 USD: a refund entered as a sale, or a wrong sign.",
        ),
    ),
    (
        "negative_order_total", "orders",
        {
            "total_price": -5.0,
            "line_items": [{"product_id": "p1", "variant_id": "w1", "quantity": -1, "unit_price": 5.0}],
        },
        (
            "x1", "total_price", "-5",
            "The order comes to -5 USD: a refund entered as a sale, or a wrong sign.",
        ),
    ),
    (
        "unapplied_credit", "invoices", {"amount_due": -25.5, "line_items": lines((-3, 8.5, -25.5))},
        (
            "x1", "amount_due", "-25.5",
            "A credit of -25.5 USD is open: it has not been set off against a document.",
        ),
    ),
    (
        "closed_with_balance", "invoices", {"status": "Paid", "due_date": "2026-01-01"},
        ("x1", "amount_due", "10", "The document is Paid, and 10 USD of it are still due."),
    ),
    (
        "open_without_balance", "bills", {"amount_due": 4.5e-13, "due_date": "2026-01-01"},
        ("x1", "amount_due", "4.5e-13", "Nothing is due any more, and the document is still open."),
    ),
    (
        "too_many_decimals", "expenses", {"amount": 10.00001, "description": "Tea"},
        ("x1", "amount", "10.00001", "10.00001 is finer than the smallest unit of USD."),
    ),
    (
        "missing_date", "expenses", {"date": None},
        ("x1", "date", None, "The record has no date, so it is in no period."),
    ),
    (
        "missing_date", "transactions", {"date": None},
        ("x1", "date", None, "The record has no date, so it is in no period."),
    ),
    (
        "missing_date", "orders", {"created_at": None},
        ("x1", "created_at", None, "The record has no date, so it is in no period."),
    ),
    (
        "missing_account", "expenses", {"account_id": None},
        ("x1", "account_id", None, "The record has no account."),
    ),
    (
        "missing_account", "transactions", {"account_id": None},
        ("x1", "account_id", None, "The record has no account."),
    ),
    (
        "possible_duplicate", "invoices", {},
        ("x1", "id", "x1", "It looks like i1: the same counterparty, currency, due date and sum of lines."),
    ),
    (
        "possible_duplicate", "transactions", {},
        ("x1", "id", "x1", "It looks like t1: the same account, day, amount, currency and description."),
    ),
    (
        "possible_duplicate", "orders", {},
        ("x1", "id", "x1", "It looks like o1: the same customer, lines and total, within minutes."),
    ),
    (
        "possible_duplicate", "orders",
        {"created_at": "2026-06-30T10:10:00Z", "updated_at": "2026-06-30T11:00:00Z", "status": "Pending"},
        ("x1", "id", "x1", "It looks like o1: the same customer, lines and total, within minutes."),
    ),
    (
        "customer_entered_twice", "customers", {"name": "  ADA."},
        ("x1", "id", "x1", "It has the name of u1: a customer that was entered twice."),
    ),
    (
        "negative_expense", "expenses", {"amount": -4.0},
        (
            "x1", "amount", "-4",
            "The expense is -4 USD: a refund entered as an expense, or a wrong sign.",
        ),
    ),
    (
        "price_not_positive", "products", {"price": 0.0},
        ("x1", "price", "0", "The price is 0: it is sold for nothing, or the price was not entered."),
    ),
    (
        "price_not_positive", "products",
        {"price": -5.0, "variants": [{"id": "w2", "price": -5.0, "inventory_quantity": 3}]},
        ("x1", "price", "-5", "The price is -5: it is sold for nothing, or the price was not entered."),
    ),
    (
        "price_not_positive", "products", {"variants": [{"id": "w2", "price": 0.0, "inventory_quantity": 3}]},
        (
            "x1", "variants[0].price", "0",
            "Variant 1 has the price 0: it is sold for nothing, or the price was not entered.",
        ),
    ),
    (
        "long_overdue", "invoices", {"due_date": "2020-05-31"},
        ("x1", "due_date", "2020-05-31", "The document was due on 2020-05-31, and is still open."),
    ),
    (
        "long_overdue", "bills", {"due_date": "2024-06-29", "status": "Submitted"},
        ("x1", "due_date", "2024-06-29", "The document was due on 2024-06-29, and is still Submitted."),
    ),
    (
        "updated_before_created", "orders",
        {"created_at": "2026-06-30T10:30:00Z", "updated_at": "2026-06-30T10:29:59Z"},
        (
            "x1", "updated_at", "2026-06-30",
            "It was updated on 2026-06-30, and created only later, on 2026-06-30.",
        ),
    ),
    (
        "updated_before_created", "products",
        {"created_at": "2026-01-02T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"},
        (
            "x1", "updated_at", "2026-01-01",
            "It was updated on 2026-01-01, and created only later, on 2026-01-02.",
        ),
    ),
    (
        "unknown_product", "orders",
        {"total_price": 20.0, "line_items": [
            {"product_id": "p9", "variant_id": "w9", "quantity": 1, "unit_price": 5.0},
            {"product_id": "p9", "variant_id": "w8", "quantity": 3, "unit_price": 5.0},
        ]},
        (
            "x1", "line_items[0].product_id", "p9",
            "Line 1 sells product p9, which is not among the products of c1.",
        ),
    ),
    (
        "overdrawn", "bank_accounts", {"balance": -0.5},
        ("x1", "balance", "-0.5", "Giro is overdrawn: it holds -0.5 USD."),
    ),
]  # fmt: skip


RIGHT: list[tuple[str, dict[str, Any]]] = [
    ("orders", {"customer_id": None}),
    ("orders", {"status": "cancelled", "total_price": None, "line_items": []}),
    ("orders", {"line_items": None}),
    ("orders", {"line_items": [{"product_id": None, "quantity": 2, "unit_price": 5.0}]}),
    ("orders", {"line_items": [{"product_id": "p1", "quantity": None, "unit_price": 5.0}]}),
    ("invoices", {"status": "partially_paid", "due_date": "2026-01-01"}),
    ("invoices", {"status": "paid", "amount_due": 0, "due_date": None}),
    ("invoices", {"status": "voided", "amount_due": 0}),
    ("invoices", {"status": "paid", "amount_due": None, "due_date": "2026-01-01"}),
    ("invoices", {"line_items": None, "due_date": "2026-01-01"}),
    ("invoices", {"line_items": [], "due_date": "2026-01-01"}),
    ("invoices", {"line_items": lines((None, None, None)), "due_date": "2026-01-01"}),
    ("invoices", {"line_items": lines((2, 5.0, None)), "due_date": "2026-01-01"}),
    ("invoices", {"line_items": lines((3, 3.333, 10.0)), "due_date": "2026-01-01"}),
    ("invoices", {"line_items": lines((1, 0.1, 0.1), (1, 0.2, 0.2)), "amount_due": 0.3}),
    (
        "invoices",
        {"currency": "KWD", "amount_due": 260.312, "line_items": lines((42.5, 6.125, 260.312))},
    ),
    ("invoices", {"currency": "JPY", "amount_due": 100, "line_items": lines((3, 33.5, 100))}),
    ("bills", {"due_date": "2031-06-30"}),
    ("bills", {"due_date": "1990-01-01", "status": "Paid", "amount_due": 4.5e-13}),
    ("bills", {"due_date": "2024-06-30"}),
    ("invoices", {"status": "PAID", "amount_due": 0, "due_date": "2026-01-01"}),
    ("invoices", {"status": "paid", "amount_due": 0, "line_items": lines((-3, 8.5, -25.5))}),
    ("customers", {"name": "Ada B."}),
    ("bank_accounts", {"balance": 0.0}),
    ("bank_accounts", {"balance": -0.0}),
    ("accounts", {"type": "Asset"}),
    ("accounts", {"type": "Cost of Goods Sold"}),
    ("bank_accounts", {"type": "Credit Card", "balance": -4000.0}),
    ("bank_accounts", {"type": "loan", "balance": -50000.0}),
    ("bank_accounts", {"type": "money_market"}),
    ("bills", {"customer": "unused", "vendor_id": "v2"}),
    ("bills", {"status": "voided", "amount_due": 0}),
    ("expenses", {"date": "2027-06-30"}),
    ("expenses", {"description": "Tea"}),
    ("expenses", {"amount": 0.0}),
    ("expenses", {"amount": -0.0}),
    ("transactions", {"account_id": "k1"}),
    ("transactions", {"amount": 0.0}),
    ("transactions", {"date": "2026-06-29"}),
    ("transactions", {"type": "payment"}),
    ("transactions", {"currency": "BGN", "amount": -3.0}),
    ("orders", {"created_at": "2026-06-30T10:30:00Z", "updated_at": "2027-06-30T23:59:59Z"}),
    ("orders", {"created_at": "2026-06-30T10:10:01Z", "updated_at": "2026-06-30T10:10:01Z"}),
    ("orders", {"status": "Cancelled", "total_price": 0.0}),
    ("orders", {"total_price": 0.0, "line_items": [{"product_id": "p1", "quantity": 1, "unit_price": 0.0}]}),
    ("orders", {"status": "canceled"}),
    ("accounts", {"balance": -10.0, "type": "liability"}),
    ("accounts", {"balance": 1234567890.12}),
    ("accounts", {"balance": 0.1 + 0.2}),
    ("products", {"price": 0.0049, "variants": []}),
    ("ad_accounts", {"status": "anything"}),
]

# A connection for each case, so that one check has the findings of all of them.
BOOKS = {
    **{f"case-{n}": {resource: [change]} for n, (_, resource, change, _) in enumerate(CASES)},
    **{f"right-{n}": {resource: [change]} for n, (resource, change) in enumerate(RIGHT)},
}


@pytest.fixture(scope="module")
def findings_by_case(make_frame: MakeFrame) -> dict[str, Findings]:
    """The findings of all these books, checked together, by case."""
    return check_all(make_frame, BOOKS)


@pytest.mark.parametrize("number", range(len(CASES)), ids=[f"{case[0]}-{case[1]}" for case in CASES])
def test_one_wrong_record_is_one_finding(findings_by_case: dict[str, Findings], number: int) -> None:
    """One wrong record among good ones gives one finding, with the record and the explanation."""
    name, resource, _, expected = CASES[number]
    severity = {check.name: check.severity for check in CHECKS}[name]
    assert findings_by_case[f"case-{number}"] == [(severity, name, resource, *expected)]


def test_every_check_has_a_case() -> None:
    """Every check has a case here; those of receipts are in test_frame, of the live dialect in test_live."""
    elsewhere = {"incomplete_load", "part_of_a_load", "refused_row", "payments_do_not_sum", "unknown_vendor"}
    assert {case[0] for case in CASES} == {check.name for check in CHECKS} - elsewhere


@pytest.mark.parametrize("number", range(len(RIGHT)), ids=[f"{case[0]}-{case[1]}" for case in RIGHT])
def test_right_records_have_no_findings(findings_by_case: dict[str, Findings], number: int) -> None:
    """Records that look odd, but are right or cannot be judged, have no findings."""
    assert findings_by_case[f"right-{number}"] == []


def test_a_credit_that_is_more_than_its_lines(make_frame: MakeFrame) -> None:
    """A credit is compared with its lines by size, and a balance of the other sign differs from them."""
    credit = {"amount_due": -12.0, "line_items": lines((2, -5.0, -10.0))}
    other = {"amount_due": -10.0, "due_date": "2026-01-01"}
    findings = check(make_frame, {"invoices": [credit, other]})
    assert [(name, key) for _, name, _, key, *_ in findings] == [
        ("lines_do_not_sum", "x1"),
        ("lines_do_not_sum", "x2"),
        ("unapplied_credit", "x1"),
        ("unapplied_credit", "x2"),
    ]


def test_the_same_id_in_another_connection(make_frame: MakeFrame) -> None:
    """An id is unique only within its connection: the same id in another one is another record."""
    frames = {
        "customers": make_frame("customers", {"id": "1"}, {"id": "2"}, c2=[{"id": "1"}]),
        "orders": make_frame("orders", c2=[{**GOOD["orders"], "customer_id": "2"}]),
    }
    findings = rf.check(frames, as_of="2026-06-30")
    names = ["check", "resource", "connection_id", "id", "value"]
    assert findings[names].to_numpy().tolist() == [["unknown_customer", "orders", "c2", "o1", "2"]]


def test_a_repeated_document_is_one_duplicate_id(make_frame: MakeFrame) -> None:
    """A repeated record is a duplicate id, and not also a possible duplicate of itself."""
    findings = check(make_frame, {"bills": [{"id": "b1"}, {"id": "b1"}]})
    assert [(name, value) for _, name, _, _, _, value, _ in findings] == [("duplicate_id", "b1")]
    assert findings[0][-1].startswith("The record appears 3 times")


def test_sums_too_large_for_ticks_are_unknown(make_frame: MakeFrame) -> None:
    """A sum beyond 64-bit ticks is unknown and not compared: it neither wraps around nor raises."""
    huge = lines(*[(1, 4e14, 4e14)] * 6)
    assert check(make_frame, {"bills": [{"line_items": huge}]}) == []


def pairs(frame: pd.DataFrame) -> list[list[Any]]:
    """List the check, connection and id of each finding."""
    names = ["check", "connection_id", "id"]
    return frame[names].astype(object).where(frame[names].notna(), None).to_numpy().tolist()


def test_the_same_ids_in_two_connections(make_frame: MakeFrame) -> None:
    """References and duplicates are looked up in the record's own connection only."""
    order = {**GOOD["orders"], "id": "1", "customer_id": "1"}
    order["line_items"] = [{"product_id": "1", "variant_id": "1", "quantity": 2, "unit_price": 5.0}]
    posting = {**GOOD["transactions"], "id": "1", "account_id": "1"}
    product = {**GOOD["products"], "id": "1", "variants": [{"id": "1", "price": 5.0}]}
    frames = {
        "accounts": make_frame(
            "accounts", acme=[{**GOOD["accounts"], "id": "1"}], beta=[{**GOOD["accounts"], "id": "2"}]
        ),
        "transactions": make_frame("transactions", acme=[posting], beta=[posting]),
        "invoices": make_frame(
            "invoices",
            acme=[{**GOOD["invoices"], "id": "1", "customer_id": "1"}],
            beta=[{**GOOD["invoices"], "id": "1", "customer_id": "1"}],
        ),
        "orders": make_frame("orders", acme=[order], beta=[order]),
        "products": make_frame("products", acme=[product], beta=[{**product, "id": "2"}]),
        "customers": make_frame(
            "customers", acme=[{"id": "1", "name": "Zed"}], beta=[{"id": "2", "name": "Zed"}]
        ),
        "bank_accounts": make_frame("bank_accounts"),
    }
    assert pairs(rf.check(frames, as_of="2026-06-30")) == [
        ["unknown_account", "beta", "1"],
        ["unknown_customer", "beta", "1"],
        ["unknown_customer", "beta", "1"],
        ["unknown_product", "beta", "1"],
    ]


def test_frames_without_connections(make_frame: MakeFrame) -> None:
    """Frames without connection_id count as one connection without a name."""
    frames = {
        "customers": make_frame("customers", {"id": "1", "name": "Ada"}),
        "invoices": make_frame("invoices", {**GOOD["invoices"], "customer_id": "2"}),
        "orders": make_frame("orders", {**GOOD["orders"], "customer_id": "1", "total_price": 12.0}),
    }
    bare = {name: frame.drop(columns="connection_id") for name, frame in frames.items()}
    findings = rf.check(bare, as_of="2026-06-30")
    assert pairs(findings) == [["unknown_customer", None, "i1"], ["order_is_not_its_lines", None, None]]
    assert findings["explanation"].tolist()[1] == (
        "1 of 1 orders come to more than their lines, by 2.00 USD in all: shipping and tax."
    )


def test_shipping_and_tax_in_several_currencies(make_frame: MakeFrame) -> None:
    """Shipping and tax of a connection's orders are added up by currency, with the decimals of each."""
    orders = make_frame(
        "orders",
        *(
            {**GOOD["orders"], "id": str(n), "customer_id": str(n), "total_price": 12.5, "currency": code}
            for n, code in enumerate(["USD", "KWD", "USD", None])
        ),
    )
    findings = rf.check({"orders": orders}, as_of="2026-06-30")
    (rests,) = findings.loc[findings["check"] == "order_is_not_its_lines", "explanation"]
    assert rests == (
        "4 of 4 orders come to more than their lines, by 2.500 KWD and 5.00 USD and 2.50 without a currency "
        "in all: shipping and tax."
    )


def test_small_prices_add_up(make_frame: MakeFrame) -> None:
    """Parts of lines finer than a hundredth of a cent are added up before they are rounded."""
    line = {"product_id": "p1", "variant_id": "w1", "quantity": 200, "unit_price": 0.000165}
    order = {**GOOD["orders"], "total_price": 33.0, "line_items": [line] * 1000}
    small = {
        **GOOD["orders"],
        "id": "o2",
        "total_price": 0.04,
        "line_items": [{**line, "quantity": 1, "unit_price": 0.00004}] * 1000,
    }
    assert pairs(rf.check({"orders": make_frame("orders", order, small)}, as_of="2026-06-30")) == []


def test_customers_of_the_same_name(make_frame: MakeFrame) -> None:
    """In a ledger equal names are one customer; in a shop only if at most one has an e-mail address."""
    customers = [
        {"id": "1", "name": "Anna Weiß", "email": "anna@a.example"},
        {"id": "2", "name": "ANNA  WEISS", "email": "weiss@b.example"},
        {"id": "3", "name": "Anna Weiß", "email": "aw@c.example"},
        {"id": "4", "name": "A. Weiß", "email": " Anna@A.example"},
        {"id": "5", "name": "anna weiß"},
        {"id": "6", "name": None},
        {"id": "7", "name": None},
        {"id": "8", "name": "Ben", "email": ""},
        {"id": "9", "name": "Kim", "email": ""},
    ]
    frames = {
        "customers": make_frame("customers", shop=customers, ledger=customers),
        "invoices": make_frame("invoices", ledger=[{**GOOD["invoices"], "customer_id": "1"}]),
    }
    findings = rf.check(frames, as_of="2026-06-30")
    assert findings[["connection_id", "id", "explanation"]].to_numpy().tolist() == [
        ["ledger", "3", "It has the name of 1: a customer that was entered twice."],
        ["ledger", "4", "It has the e-mail address of 1: a customer that was entered twice."],
        ["ledger", "5", "It has the name of 1: a customer that was entered twice."],
        ["shop", "4", "It has the e-mail address of 1: a customer that was entered twice."],
        ["shop", "5", "It has the name of 1: a customer that was entered twice."],
    ]


@pytest.mark.parametrize("resource", ["transactions", "expenses"])
@pytest.mark.parametrize("spelling", ["COFFEE CO", "coffee  co. ", "\uff23offee Co"])
def test_descriptions_that_differ_in_case_and_blanks(
    make_frame: MakeFrame, resource: str, spelling: str
) -> None:
    """Descriptions are compared without case, blanks and points, as names are."""
    row = {"account_id": "k1", "currency": "USD", "date": "2026-06-01", "amount": -5.0, "category": "Tea"}
    texts = {"t1": "Coffee Co", "t2": spelling, "t3": "Coffee Corp", "t4": None, "t5": "Coffee Co 2"}
    frame = make_frame(resource, *({**row, "id": name, "description": text} for name, text in texts.items()))
    findings = rf.check({resource: frame}, as_of="2026-06-30")
    assert findings.loc[findings["check"] == "possible_duplicate", "id"].tolist() == ["t2"]


def test_equal_orders_of_guests(make_frame: MakeFrame) -> None:
    """Equal orders of guests are duplicates only at the same moment: two guests may buy the same."""
    guest = {**GOOD["orders"], "customer_id": None}
    other = [{"product_id": "p1", "variant_id": "w1", "quantity": 1, "unit_price": 10.0}]
    orders = make_frame(
        "orders",
        guest,
        {**guest, "id": "o2", "created_at": "2026-06-30T10:00:01Z", "updated_at": "2026-06-30T10:00:01Z"},
        {**guest, "id": "o3"},
        {**guest, "id": "o4", "line_items": other},
        {**guest, "id": "o5", "currency": "EUR"},
    )
    assert pairs(rf.check({"orders": orders}, as_of="2026-06-30")) == [["possible_duplicate", "c1", "o3"]]


def test_variants_that_each_product_numbers_from_one(make_frame: MakeFrame) -> None:
    """A variant's id is unique only within its product."""
    products = make_frame(
        "products",
        {**GOOD["products"], "variants": [{"id": "1", "price": 5.0}]},
        {**GOOD["products"], "id": "p2", "variants": [{"id": "1", "price": 5.0}, {"id": "2", "price": 5.0}]},
    )

    def order(number: str, product: str | None, variant: str) -> dict[str, Any]:
        line = {"product_id": product, "variant_id": variant, "quantity": 2, "unit_price": 5.0}
        return {**GOOD["orders"], "id": number, "customer_id": number, "line_items": [line]}

    orders = make_frame(
        "orders",
        order("o1", "p1", "2"),
        order("o2", "p2", "2"),
        order("o3", None, "2"),
        order("o4", None, "3"),
    )
    findings = rf.check({"orders": orders, "products": products}, as_of="2026-06-30")
    assert findings[["id", "explanation"]].to_numpy().tolist() == [
        ["o1", "Line 1 sells variant 2, which product p1 no longer has."],
        ["o4", "Line 1 sells variant 3, which product nothing no longer has."],
    ]


def test_a_platform_that_sends_no_accounts(make_frame: MakeFrame) -> None:
    """101 expenses without any account are one finding, 100 are a finding each."""
    expense = {**GOOD["expenses"], "account_id": None}
    many = [{**expense, "id": str(n), "description": str(n)} for n in range(101)]
    findings = rf.check({"expenses": make_frame("expenses", none=many, some=many[:100])}, as_of="2026-06-30")
    counts = findings.groupby("connection_id").size().to_dict()
    assert counts == {"none": 1, "some": 100}
    assert findings.loc[findings["connection_id"] == "none", "explanation"].tolist() == [
        "None of 101 records has an account."
    ]
