"""The books balance to the cent, in every currency, for several seeds and sizes."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING, Any

import pytest

from rutterframe.demo.books.store import Books

if TYPE_CHECKING:
    from tests.demo.conftest import Api

Rows = Callable[[str, str], list[dict[str, Any]]]
Sums = dict[Any, Decimal]

BUSINESSES = [("roaster-quickbooks", "roaster-bank"), ("gear-xero", "gear-bank")]
SHOPS = [
    ("roaster-shopify", "roaster-quickbooks", "Shopify clearing"),
    ("gear-shopify", "gear-xero", "Shopify clearing"),
    ("gear-amazon", "gear-xero", "Amazon clearing"),
]
DIGITS = {"JPY": 0, "KWD": 3}


@cache
def books(seed: int, scale: int) -> Books:
    return Books(seed, scale)


@lru_cache(maxsize=32)
def exact_rows(seed: int, scale: int, connection: str, resource: str) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = json.loads(
        json.dumps(books(seed, scale).rows(connection, resource)), parse_float=Decimal, parse_int=Decimal
    )
    return records


@pytest.fixture(
    scope="module",
    params=[(7, 1), (1, 1), (2024, 1), (7, 2), (11, 3)],
    ids=lambda param: "seed {} x{}".format(*param),
)
def rows(request: pytest.FixtureRequest) -> Rows:
    """The records as their JSON text has them, with exact decimals."""
    return partial(exact_rows, *request.param)


def total(rows: list[dict[str, Any]], by: str, amount: str) -> Sums:
    sums: defaultdict[Any, Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[row[by]] += row[amount]
    return {key: value for key, value in sums.items() if value}


@pytest.mark.parametrize(("ledger", "bank"), BUSINESSES)
@pytest.mark.parametrize(
    ("resource", "control"), [("invoices", "Accounts Receivable"), ("bills", "Accounts Payable")]
)
def test_open_documents_equal_the_control_accounts(
    rows: Rows, ledger: str, bank: str, resource: str, control: str
) -> None:
    """Open invoices add up to accounts receivable, and open bills to accounts payable, per currency."""
    del bank
    documents = [row for row in rows(ledger, resource) if row["status"] == "open"]
    accounts = [row for row in rows(ledger, "accounts") if row["name"].startswith(control)]

    assert total(documents, "currency", "amount_due") == total(accounts, "currency", "balance")
    assert len(documents) > 10


@pytest.mark.parametrize(("ledger", "bank"), BUSINESSES)
def test_the_ledgers_cash_is_the_banks_money(rows: Rows, ledger: str, bank: str) -> None:
    """Every bank account has a ledger account of the same name, currency and balance."""
    accounts = {(row["name"], row["currency"]): row["balance"] for row in rows(ledger, "accounts")}
    for account in rows(bank, "bank_accounts"):
        assert accounts[account["name"], account["currency"]] == account["balance"]


@pytest.mark.parametrize(("ledger", "bank"), BUSINESSES)
def test_assets_equal_liabilities_and_equity(rows: Rows, ledger: str, bank: str) -> None:
    """Assets = liabilities + equity + revenue - expenses in every currency."""
    del bank
    signs = {"asset": 1, "liability": -1, "equity": -1, "revenue": -1, "expense": 1}
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for account in rows(ledger, "accounts"):
        sums[account["currency"]] += signs[account["type"]] * account["balance"]

    assert len(sums) >= 3
    assert set(sums.values()) == {Decimal(0)}


@pytest.mark.parametrize(("ledger", "bank"), BUSINESSES)
def test_postings_add_up_to_the_balances(rows: Rows, ledger: str, bank: str) -> None:
    """Transactions add up to the balance of every account of the ledger, and of every bank account."""
    for connection, resource in ((ledger, "accounts"), (bank, "bank_accounts")):
        accounts = rows(connection, resource)
        transactions = rows(connection, "transactions")

        assert total(transactions, "account_id", "amount") == total(accounts, "id", "balance")
        currencies = {account["id"]: account["currency"] for account in accounts}
        assert all(
            currencies[row["account_id"]] == row["currency"] for row in transactions if row["account_id"]
        )


@pytest.mark.parametrize(("ledger", "bank"), BUSINESSES)
def test_every_bank_account_begins_with_its_opening_balance(rows: Rows, ledger: str, bank: str) -> None:
    """The first transaction of each bank account is its opening balance, so that history can be rebuilt."""
    del ledger
    first: dict[str, dict[str, Any]] = {}
    for row in rows(bank, "transactions"):
        first.setdefault(row["account_id"], row)

    assert set(first) == {account["id"] for account in rows(bank, "bank_accounts")}
    assert {(row["type"], row["description"], row["date"]) for row in first.values()} == {
        ("opening_balance", "Opening balance", "2024-07-01")
    }


@pytest.mark.parametrize(("shop", "ledger", "clearing"), SHOPS)
def test_orders_reach_the_ledger(rows: Rows, shop: str, ledger: str, clearing: str) -> None:
    """Orders that were not cancelled add up to the sales that the ledger booked for the shop."""
    orders = [row for row in rows(shop, "orders") if row["status"] != "cancelled"]
    accounts = {row["id"] for row in rows(ledger, "accounts") if row["name"].startswith(clearing)}
    sales = [
        row for row in rows(ledger, "transactions") if row["type"] == "sale" and row["account_id"] in accounts
    ]

    assert total(orders, "currency", "total_price") == total(sales, "currency", "amount")


@pytest.mark.parametrize(("ledger", "bank"), BUSINESSES)
def test_amounts_have_the_decimals_of_their_currency(rows: Rows, ledger: str, bank: str) -> None:
    """No amount has more decimals than ISO 4217 gives its currency."""

    def amounts(row: dict[str, Any]) -> list[Decimal]:
        nested = [line[key] for line in row.get("line_items", []) for key in ("unit_price", "total_amount")]
        return nested + [row[key] for key in ("amount", "amount_due", "balance") if key in row]

    currencies = set()
    for connection, resource in (
        (ledger, "accounts"),
        (ledger, "transactions"),
        (ledger, "invoices"),
        (ledger, "bills"),
        (bank, "transactions"),
    ):
        for row in rows(connection, resource):
            unit = Decimal(1).scaleb(-DIGITS.get(row["currency"], 2))
            assert all(amount % unit == 0 for amount in amounts(row)), row
            currencies.add(row["currency"])
    assert currencies >= {"USD", "JPY"}


@pytest.mark.parametrize("shop", ["roaster-shopify", "gear-shopify"])
def test_an_orders_total_is_lines_and_shipping_and_tax_less_discount(api: Api, shop: str) -> None:
    """What the platform's own record calls shipping, tax and discount explains every order's total."""
    api.server.configure(page_size=500)
    orders = api.rows("orders", shop, expand="platform_data")

    assert len(orders) > 1000
    for order in orders:
        raw = order["platform_data"]
        lines = sum(line["quantity"] * line["unit_price"] for line in order["line_items"])
        shipping = Decimal(raw["total_shipping_price_set"]["shop_money"]["amount"])
        extra = shipping + Decimal(raw["total_tax"]) - Decimal(raw["total_discounts"])
        assert order["total_price"] == lines + extra == Decimal(raw["total_price"])


def test_lines_of_documents_add_up(rows: Rows) -> None:
    """A line is quantity times unit price, and no amount due exceeds the sum of its lines."""
    for resource in ("invoices", "bills"):
        for row in rows("roaster-quickbooks", resource):
            unit = Decimal(1).scaleb(-DIGITS.get(row["currency"], 2))
            for line in row["line_items"]:
                assert line["total_amount"] == (line["quantity"] * line["unit_price"]).quantize(unit)
            lines = sum(line["total_amount"] for line in row["line_items"])
            if row["status"] == "draft":
                assert row["amount_due"] == lines
            elif row["status"] in {"paid", "voided"}:
                assert row["amount_due"] == 0
            else:
                assert abs(row["amount_due"]) <= abs(lines)
