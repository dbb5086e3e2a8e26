"""The planted anomalies are where the list states, for every seed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from rutterframe.demo.books.anomalies import ANOMALIES, Anomaly, find_anomalies
from rutterframe.demo.books.collection import Record
from rutterframe.demo.books.conditions import OVERDRAWN_ACCOUNT, UNICODE_CUSTOMER
from rutterframe.demo.books.store import Books

Rows = Callable[[str, str], list[Record]]

NAMES = {
    "bill_twice",
    "bill_without_due_date",
    "credit_note",
    "customer_twice",
    "deleted_product",
    "draft_bill",
    "draft_invoice",
    "expense_without_account",
    "expense_without_date",
    "guest_order",
    "invoice_of_years_ago",
    "invoice_without_due_date",
    "jpy_bill",
    "jpy_invoice",
    "kwd_bill",
    "kwd_invoice",
    "negative_expense",
    "negative_order",
    "negative_price",
    "order_rest_is_unusual",
    "order_total_is_far_off",
    "order_twice",
    "order_updated_first",
    "order_without_date",
    "overdrawn_account",
    "part_paid_invoice",
    "product_without_price",
    "total_is_not_the_lines",
    "transaction_twice",
    "transaction_without_account",
    "transaction_without_date",
    "unicode_customer",
    "voided_bill",
    "voided_invoice",
    "zero_balance_open_invoice",
}


@pytest.fixture(scope="module", params=[(7, 1), (3, 1), (99, 2)], ids=str)
def rows(request: pytest.FixtureRequest) -> Rows:
    """The records of a list of the books, rendered once."""
    return cache(Books(*request.param).rows)


def test_the_list_of_anomalies_is_complete() -> None:
    """Every kind of anomaly has a name and a description."""
    assert {anomaly.name for anomaly in ANOMALIES} == NAMES
    assert all(anomaly.about.endswith(".") for anomaly in ANOMALIES)


@pytest.mark.parametrize("anomaly", ANOMALIES, ids=lambda anomaly: f"{anomaly.name}-{anomaly.connection}")
def test_anomalies_are_where_they_were_planted(rows: Rows, anomaly: Anomaly) -> None:
    """At least one record of the named list is the anomaly."""
    products = frozenset(product["id"] for product in rows(anomaly.connection, "products"))

    assert find_anomalies(anomaly, rows(anomaly.connection, anomaly.resource), products)


def test_only_the_planted_account_is_overdrawn(rows: Rows) -> None:
    """No bank account but the planted one is below zero at the closing date."""
    accounts = [*rows("roaster-bank", "bank_accounts"), *rows("gear-bank", "bank_accounts")]

    assert [account["name"] for account in accounts if account["balance"] < 0] == [OVERDRAWN_ACCOUNT]


def test_the_unicode_name_has_several_scripts_and_an_emoji() -> None:
    """Latin with a macron, Han, Greek, Cyrillic, Arabic and an emoji beyond the basic plane."""
    for letter in "Ō狼Ελ Яب☕🦊":
        assert letter in UNICODE_CUSTOMER
