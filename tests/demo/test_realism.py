"""The books have the seasons, growth, habits and references of real ones."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from typing import Any

import pytest

from rutterframe.demo.books.store import RESOURCES, Books

CLOSING = date(2026, 6, 30)


@pytest.fixture(scope="module", params=[7, 5])
def books(request: pytest.FixtureRequest) -> Books:
    return Books(request.param)


def by_month(orders: list[dict[str, Any]]) -> Counter[int]:
    return Counter(int(order["created_at"][5:7]) for order in orders)


def test_coffee_sells_best_before_christmas(books: Books) -> None:
    """November and December are the months of the coffee shop."""
    months = by_month(books.rows("roaster-shopify", "orders"))
    assert {month for month, _ in months.most_common(2)} == {11, 12}
    assert months[12] > 1.7 * sum(months.values()) / 12


def test_tents_are_bought_in_summer(books: Books) -> None:
    """April to August brings the outdoor shop more than half of its orders."""
    months = by_month(books.rows("gear-shopify", "orders"))
    assert sum(months[month] for month in (4, 5, 6, 7, 8)) > 0.5 * sum(months.values())


@pytest.mark.parametrize("shop", ["roaster-shopify", "gear-shopify", "gear-amazon"])
def test_shops_grow(books: Books, shop: str) -> None:
    """The second year has more orders than the first."""
    created = [order["created_at"] for order in books.rows(shop, "orders") if order["created_at"]]
    assert sum(moment >= "2025-07-01" for moment in created) > 1.04 * sum(
        moment < "2025-07-01" for moment in created
    )


def test_some_customers_are_regular_and_most_buy_once(books: Books) -> None:
    """The coffee shop lives on regulars; on the marketplace nearly every customer buys once."""
    coffee = Counter(
        order["customer_id"] for order in books.rows("roaster-shopify", "orders") if order["customer_id"]
    )
    market = Counter(order["customer_id"] for order in books.rows("gear-amazon", "orders"))

    assert sum(count for count in coffee.values() if count > 2) > 0.5 * coffee.total()
    assert sum(count == 1 for count in coffee.values()) > 0.3 * len(coffee)
    assert sum(count == 1 for count in market.values()) > 0.85 * len(market)


@pytest.mark.parametrize(
    ("ledger", "resource"), [("roaster-quickbooks", "invoices"), ("gear-xero", "invoices")]
)
def test_some_customers_pay_late(books: Books, ledger: str, resource: str) -> None:
    """Open invoices are in every aging bucket from not yet due to more than ninety days."""
    buckets: Counter[int] = Counter()
    for row in books.rows(ledger, resource):
        if row["status"] == "open" and row["due_date"]:
            late = (CLOSING - date.fromisoformat(row["due_date"])).days
            buckets[0 if late <= 0 else min(4, (late - 1) // 30 + 1)] += 1

    assert set(buckets) >= {0, 1, 2, 4}
    assert buckets[0] > buckets[2]


def test_some_bills_are_late_too(books: Books) -> None:
    """The companies themselves do not always pay in time."""
    late = [
        row
        for ledger in ("roaster-quickbooks", "gear-xero")
        for row in books.rows(ledger, "bills")
        if row["status"] == "open" and row["due_date"] and row["due_date"] < CLOSING.isoformat()
    ]
    assert late


def test_expenses_have_categories_of_the_ledger(books: Books) -> None:
    """Every expense names an expense account as its category, and is paid from an asset or a liability."""
    accounts = {row["id"]: row for row in books.rows("gear-xero", "accounts")}
    categories = {row["name"] for row in accounts.values() if row["type"] == "expense"}
    expenses = books.rows("gear-xero", "expenses")

    assert {row["category"] for row in expenses} <= categories
    paid_from = {row["account_id"] for row in expenses} - {None}
    assert {accounts[account]["type"] for account in paid_from} == {"asset", "liability"}


def test_references_exist(books: Books) -> None:
    """Customers of invoices and orders, and variants of order lines, are in their lists."""
    for connection, resource in (
        ("gear-xero", "invoices"),
        ("gear-shopify", "orders"),
        ("roaster-shopify", "orders"),
    ):
        customers = {row["id"] for row in books.rows(connection, "customers")}
        named = {row["customer_id"] for row in books.rows(connection, resource)} - {None}
        assert named <= customers
    variants = {
        (product["id"], variant["id"]): variant["sku"]
        for product in books.rows("gear-amazon", "products")
        for variant in product["variants"]
    }
    lines = [line for order in books.rows("gear-amazon", "orders") for line in order["line_items"]]
    assert {(line["product_id"], line["variant_id"]) for line in lines} <= set(variants)
    assert len(set(variants.values())) == len(variants)


def test_no_record_is_after_the_closing_date(books: Books) -> None:
    """No date of a record, but for due dates, is after noon of 30 June 2026."""
    for connection in books.connections:
        for resource in RESOURCES:
            for row in books.rows(connection, resource):
                for key in ("date", "created_at", "updated_at"):
                    assert (row.get(key) or "") <= "2026-06-30T12:00:00Z"


def test_the_volume_is_that_of_a_small_company() -> None:
    """With seed 7 the lists have these lengths, so that loading them all takes a few seconds."""
    books = Books(7)
    sizes = {
        resource: sum(len(books.rows(connection, resource)) for connection in books.connections)
        for resource in RESOURCES
    }
    assert 1000 < sizes["invoices"] + sizes["bills"] < 2000
    assert 3000 < sizes["orders"] < 5000
    assert 6000 < sizes["transactions"] < 13_000


def test_the_same_seed_gives_the_same_books() -> None:
    """Two builds of a seed are equal to the byte, and another seed gives other books."""

    def text(seed: int) -> str:
        books = Books(seed)
        return json.dumps(
            [books.rows(name, resource) for name in books.connections for resource in RESOURCES]
        )

    assert text(7) == text(7)
    assert text(7) != text(8)


def test_scale_multiplies_the_volume() -> None:
    """Scale 3 has about three times the orders, invoices and customers, all with names of their own."""
    one, three = Books(7, 1), Books(7, 3)
    for connection, resource in (
        ("roaster-shopify", "orders"),
        ("roaster-quickbooks", "invoices"),
        ("roaster-quickbooks", "customers"),
    ):
        ratio = len(three.rows(connection, resource)) / len(one.rows(connection, resource))
        assert 2.5 < ratio < 3.5
    names = [row["name"] for row in Books(7, 17).rows("gear-xero", "customers")]
    assert len(names) > 500
    assert len(set(names)) == len(names)


def test_a_scale_below_one_is_refused() -> None:
    """The error states what the scale must be."""
    with pytest.raises(ValueError, match="scale must be a whole number from 1, not 0"):
        Books(7, 0)


def test_an_unknown_list_is_refused() -> None:
    """Rows are read by list key, and another key is an error."""
    with pytest.raises(KeyError, match="bank-accounts"):
        Books().rows("gear-bank", "bank-accounts")
