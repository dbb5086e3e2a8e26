"""Each check, with the record that it is about and its neighbours that are right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.quality import CHECKS

Made = Callable[..., pd.DataFrame]

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


def check(made: Made, changes: dict[str, list[dict[str, Any]]]) -> list[tuple[Any, ...]]:
    """Check good books with some records more; a change names the fields in which a record is different."""
    frames = {
        resource: made(
            resource, good, *({**good, "id": f"x{n}", **change} for n, change in enumerate(more, 1))
        )
        for resource, good in GOOD.items()
        for more in [changes.get(resource, [])]
    }
    found = rf.check(frames, as_of="2026-06-30")
    assert found.attrs["notes"] == []
    names = ["severity", "check", "resource", "id", "field", "value", "explanation"]
    return list(
        found[names].astype(object).where(found[names].notna(), None).itertuples(index=False, name=None)
    )


def lines(*several: tuple[Any, Any, Any]) -> list[dict[str, Any]]:
    """Write lines of quantity, unit price and total."""
    return [{"quantity": q, "unit_price": p, "total_amount": t} for q, p, t in several]


def test_good_books_have_no_findings(made: Made) -> None:
    """Where nothing is wrong nothing is found, and nothing is left unchecked."""
    assert check(made, {}) == []


CASES: list[tuple[str, str, dict[str, Any], tuple[Any, ...]]] = [
    (
        "missing_id", "customers", {"id": None},
        (None, "id", None, "The record has no id, so that nothing can point to it."),
    ),
    (
        "duplicate_id", "accounts", {"id": "a1", "name": "Till"},
        ("a1", "id", "a1", "The record stands there 2 times, and counts so often."),
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
        ("x1", "currency", "usd", "usd is no currency code of ISO 4217."),
    ),
    (
        "unknown_currency", "products", {"currency": None},
        ("x1", "currency", None, "The record does not say its currency."),
    ),
    (
        "date_out_of_range", "invoices", {"due_date": "1989-12-31"},
        (
            "x1", "due_date", "1989-12-31",
            "1989-12-31 is before 1990: a typing error, or a system's word for no day.",
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
        "date_out_of_range", "orders", {"updated_at": "2027-07-01T00:00:00Z"},
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
        ("x1", "id", "x1", "It looks like b1: the same party, currency, due day and sum of its lines."),
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
        ("x1", "type", "escrow", "escrow is no type that is known here; known are checking, savings."),
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
        "order_is_not_its_lines", "orders", {"total_price": 14.95},
        (
            "x1", "total_price", "14.95",
            "The lines add up to 10 USD; 4.95 are shipping, tax and discounts, or a mistake.",
        ),
    ),
    (
        "overdrawn", "bank_accounts", {"balance": -0.5},
        ("x1", "balance", "-0.5", "Giro is overdrawn: it holds -0.5 USD."),
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "resource", "change", "found"), CASES, ids=[f"{case[0]}-{case[1]}" for case in CASES]
)
def test_one_fault_is_one_finding(
    made: Made, name: str, resource: str, change: dict[str, Any], found: tuple[Any, ...]
) -> None:
    """A record with one fault, among good ones, gives one finding that names it and says what is wrong."""
    severity = {one.name: one.severity for one in CHECKS}[name]
    assert check(made, {resource: [change]}) == [(severity, name, resource, *found)]


def test_every_check_has_a_case() -> None:
    """No check is without a literal; those of the receipt are in test_frame."""
    assert {case[0] for case in CASES} == {one.name for one in CHECKS} - {"incomplete_load", "refused_row"}


@pytest.mark.parametrize(
    ("resource", "change"),
    [
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
        ("bills", {"due_date": "1990-01-01"}),
        ("bills", {"customer": "nobody", "vendor_id": "v2"}),
        ("bills", {"status": "voided", "amount_due": 0}),
        ("expenses", {"date": "2027-06-30"}),
        ("expenses", {"description": "Tea"}),
        ("expenses", {"amount": -4.0}),
        ("transactions", {"account_id": "k1"}),
        ("transactions", {"account_id": None}),
        ("transactions", {"currency": "BGN", "amount": -3.0}),
        ("orders", {"updated_at": "2027-06-30T23:59:59Z"}),
        ("accounts", {"balance": -10.0, "type": "liability"}),
        ("accounts", {"balance": 1234567890.12}),
        ("accounts", {"balance": 0.1 + 0.2}),
        ("products", {"price": 0.0049, "variants": []}),
        ("ad_accounts", {"status": "anything"}),
    ],
    ids=str,
)
def test_what_is_right(made: Made, resource: str, change: dict[str, Any]) -> None:
    """What looks odd, but is right or cannot be known, is no finding."""
    assert check(made, {resource: [change]}) == []


def test_a_credit_that_is_more_than_its_lines(made: Made) -> None:
    """A credit is compared with its lines by size, and a balance of the other sign is not its lines'."""
    credit = {"amount_due": -12.0, "line_items": lines((2, -5.0, -10.0))}
    other = {"amount_due": -10.0, "due_date": "2026-01-01"}
    found = check(made, {"invoices": [credit, other]})
    assert [(name, key) for _, name, _, key, *_ in found] == [
        ("lines_do_not_sum", "x1"),
        ("lines_do_not_sum", "x2"),
        ("unapplied_credit", "x1"),
        ("unapplied_credit", "x2"),
    ]


def test_the_same_id_in_another_connection(made: Made) -> None:
    """An id counts within its connection: it is no duplicate of another's, and no customer of another's."""
    frames = {
        "customers": made("customers", {"id": "1"}, {"id": "2"}, c2=[{"id": "1"}]),
        "orders": made("orders", c2=[{**GOOD["orders"], "customer_id": "2"}]),
    }
    found = rf.check(frames, as_of="2026-06-30")
    names = ["check", "resource", "connection_id", "id", "value"]
    assert found[names].to_numpy().tolist() == [["unknown_customer", "orders", "c2", "o1", "2"]]


def test_a_document_that_stands_there_twice_is_no_look_alike(made: Made) -> None:
    """The same record twice is a duplicate id, and not also a possible duplicate of itself."""
    found = check(made, {"bills": [{"id": "b1"}, {"id": "b1"}]})
    assert [(name, value) for _, name, _, _, _, value, _ in found] == [("duplicate_id", "b1")]
    assert found[0][-1].startswith("The record stands there 3 times")


def test_more_lines_than_can_be_counted(made: Made) -> None:
    """A sum beyond 64-bit ticks is not known, so it is compared with nothing: no wrap, no error."""
    huge = lines(*[(1, 4e14, 4e14)] * 6)
    assert check(made, {"bills": [{"line_items": huge}]}) == []
