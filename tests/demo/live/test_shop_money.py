"""Totals, refunds, payments and payouts of the shops add up, and payouts are those of the bank."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.demo.live.conftest import LiveApi

SHOPS = {"roaster-shopify": "roaster-bank", "gear-shopify": "gear-bank", "gear-amazon": "gear-bank"}


def amount_of(order: dict[str, Any]) -> Decimal:
    lines = sum((line["price"] for line in order["line_items"]), Decimal(0))
    return Decimal(lines - order["total_discount"] + order["total_tax"] + order["total_shipping"])


@pytest.mark.parametrize("connection", SHOPS)
def test_lines_less_discount_with_tax_and_shipping_are_the_total(live: LiveApi, connection: str) -> None:
    """Every order adds up, but for the four planted ones with a wrong total."""
    orders = live.list("/orders", connection)
    wrong = [order for order in orders if amount_of(order) != order["total_price"]]
    assert len(wrong) == (4 if connection == "gear-amazon" else 0)
    assert sum(amount_of(order) for order in orders) == sum(order["total_price"] for order in orders)
    if connection != "gear-amazon":  # a marketplace has no discounts of its own
        assert any(order["total_discount"] for order in orders)


@pytest.mark.parametrize("connection", SHOPS)
def test_refunds(live: LiveApi, connection: str) -> None:
    """A refunded order says so, also where a part was refunded; the amount is text, or unknown on Amazon."""
    orders = live.list("/orders", connection)
    refunded = [order for order in orders if order["refunds"]]
    statuses = Counter(order["status"] for order in refunded)
    assert statuses["archived"] > 3
    assert statuses["cancelled"] == sum(order["status"] == "cancelled" for order in orders)
    assert {order["payment_status"] for order in refunded} == {"refunded"}
    for order in refunded:
        lines = {line["id"]: line for line in order["line_items"]}
        for part in (part for refund in order["refunds"] for part in refund["line_items"]):
            line = lines[part["line_item_id"]]
            assert part["quantity"] <= line["quantity"]
            if connection == "gear-amazon":
                assert part["amount"] is None
            else:
                assert isinstance(part["amount"], str)
                assert 0 < Decimal(part["amount"]) <= line["price"]


@pytest.mark.parametrize("connection", SHOPS)
def test_payments_are_those_of_the_orders(live: LiveApi, connection: str) -> None:
    """Sales have the order's total; a refund is negative on Amazon, and Shopify shows authorisations too."""
    orders = {order["id"]: order for order in live.list("/orders", connection)}
    payments = live.list("/transactions", connection)
    sales = [payment for payment in payments if payment["type"] == "sale"]
    assert {payment["order_id"]: payment["amount"] for payment in sales} == {
        key: order["total_price"] for key, order in orders.items()
    }
    assert len(sales) == len(orders)
    assert {payment["id"] for payment in payments} == set(Counter(payment["id"] for payment in payments))
    refunds = {payment["order_id"]: payment for payment in payments if payment["type"] == "refund"}
    assert set(refunds) == {key for key, order in orders.items() if order["refunds"]}
    authorised = [payment for payment in payments if payment["platform_type"] == "authorization"]
    assert bool(authorised) == (connection != "gear-amazon")
    for key, refund in refunds.items():
        order = orders[key]
        if order["status"] == "cancelled":
            expected = order["total_price"]
        elif connection == "gear-amazon":
            continue
        else:
            expected = Decimal(order["refunds"][0]["line_items"][0]["amount"])
        assert refund["amount"] == (-expected if connection == "gear-amazon" else expected)


@pytest.mark.parametrize(("connection", "bank"), SHOPS.items())
def test_payouts_are_those_of_the_bank(live: LiveApi, connection: str, bank: str) -> None:
    """Each payout that has arrived is a deposit of that day and amount; its parts add up to it."""
    deposits: defaultdict[tuple[str, Decimal, str], int] = defaultdict(int)
    for row in live.list("/banking/bank_transactions", bank):
        deposits[row["date"][:10], row["amount"], row["currency_code"]] += 1
    payouts = live.list("/payouts", connection)
    for payout in payouts:
        assert sum((part["amount"] for part in payout["transactions"]), Decimal(0)) == payout["amount"]
        is_there = deposits[payout["arrival_at"][:10], payout["amount"], payout["iso_currency_code"]] > 0
        assert is_there == (payout["status"] == "paid")
    assert Counter(payout["status"] for payout in payouts)["in_transit"] >= 1


def test_stores(live: LiveApi) -> None:
    """A store has a name and a currency; Amazon tells nothing of it."""
    assert live.get("/store", "gear-shopify").json()["store"]["default_currency"] == "EUR"
    assert live.get("/store", "gear-amazon").json()["store"] is None
