"""The demo's books have dirt in known places: check finds all of it, and nothing else."""

from __future__ import annotations

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.demo.books.anomalies import DIRT, showing
from rutterframe.demo.server import DemoServer
from rutterframe.quality import CHECKS
from tests.conftest import HEALTHY

#: Which check finds which dirt.
FINDS = {
    "bill_twice": "possible_duplicate",
    "bill_without_due_date": "missing_due_date",
    "credit_note": "unapplied_credit",
    "customer_twice": "customer_entered_twice",
    "deleted_product": "unknown_product",
    "draft_bill": "draft_with_balance",
    "draft_invoice": "draft_with_balance",
    "expense_without_account": "missing_account",
    "expense_without_date": "missing_date",
    "invoice_of_years_ago": "long_overdue",
    "invoice_without_due_date": "missing_due_date",
    "negative_expense": "negative_expense",
    "negative_order": "negative_order_total",
    "negative_price": "price_not_positive",
    "order_rest_is_unusual": "order_is_not_its_lines",
    "order_total_is_far_off": "unlikely_order_total",
    "order_twice": "possible_duplicate",
    "order_updated_first": "updated_before_created",
    "order_without_date": "missing_date",
    "overdrawn_account": "overdrawn",
    "part_paid_invoice": "part_paid",
    "product_without_price": "price_not_positive",
    "total_is_not_the_lines": "order_is_not_its_lines",
    "transaction_twice": "possible_duplicate",
    "transaction_without_account": "missing_account",
    "transaction_without_date": "missing_date",
    "zero_balance_open_invoice": "open_without_balance",
}
#: Which dirt is no fault of the data, and why.
NO_FAULT = {
    "guest_order": "who buys without an account is no customer",
    "jpy_bill": "yen are a currency, and have no decimals",
    "jpy_invoice": "yen are a currency, and have no decimals",
    "kwd_bill": "dinars are a currency, and have three decimals",
    "kwd_invoice": "dinars are a currency; a line is rounded to the fils",
    "unicode_customer": "a name may have any letters",
    "voided_bill": "it was voided, and nothing is due",
    "voided_invoice": "it was voided, and nothing is due",
}

Place = tuple[str, str, str, str | None]


def planted(server: DemoServer) -> set[Place]:
    """Name every record of the books that shows dirt which is a fault: check, resource, connection, id."""
    places: set[Place] = set()
    for item in DIRT:
        for connection in HEALTHY if item.name in FINDS else ():
            products = frozenset(product["id"] for product in server.books.rows(connection, "products"))
            shown = showing(item, server.books.rows(connection, item.resource), products)
            check = FINDS[item.name]
            # The ordinary rests of a connection's orders are one finding.
            ids = {None if item.name == "total_is_not_the_lines" else record["id"] for record in shown}
            places |= {(check, item.resource, connection, record) for record in ids}
    return places


def everything(server: DemoServer) -> dict[str, pd.DataFrame]:
    """Load all that the demo has."""
    with rf.Client(
        client_id=server.client_id,
        client_secret=server.client_secret,
        environment=server.url,
        access_tokens=server.access_tokens,
        rate_limit=None,
    ) as client:
        return rf.load_all([client.connection(name) for name in HEALTHY], progress=False)


def test_every_kind_of_dirt_is_judged() -> None:
    """Each kind of dirt is either found by a check that exists, or no fault."""
    assert set(FINDS) | set(NO_FAULT) == {item.name for item in DIRT}
    assert set(FINDS) & set(NO_FAULT) == set()
    assert set(FINDS.values()) <= {one.name for one in CHECKS}


@pytest.mark.parametrize(("seed", "scale"), [(7, 1), (3, 1), (21, 2)])
def test_exactly_what_is_planted_is_found(seed: int, scale: int) -> None:
    """Whatever the seed, the findings are the records that show dirt: none is missed, and none is made up."""
    with DemoServer(seed=seed, scale=scale, page_size=500) as server:
        found = rf.check(everything(server))
        names = ["check", "resource", "connection_id", "id"]
        rows = found[names].astype(object).where(found[names].notna(), None)
        assert set(rows.itertuples(index=False, name=None)) == planted(server)
        for item in DIRT:
            here = (found["check"] == FINDS.get(item.name)) & (found["connection_id"] == item.connection)
            assert item.name in NO_FAULT or here.any(), item.name
    assert found.attrs["notes"] == []


def test_how_much_the_demo_has(server: DemoServer) -> None:
    """The findings of the demo, counted."""
    found = rf.check(everything(server))
    counts = found.groupby(["severity", "resource", "check"]).size()
    assert counts.to_dict() == {
        ("error", "expenses", "missing_account"): 1,
        ("error", "expenses", "missing_date"): 1,
        ("error", "orders", "missing_date"): 1,
        ("error", "orders", "negative_order_total"): 1,
        ("error", "transactions", "missing_account"): 1,
        ("error", "transactions", "missing_date"): 1,
        ("note", "bank_accounts", "overdrawn"): 1,
        ("note", "bills", "draft_with_balance"): 1,
        ("note", "invoices", "draft_with_balance"): 4,
        ("note", "invoices", "part_paid"): 8,
        ("note", "invoices", "unapplied_credit"): 2,
        ("note", "orders", "order_is_not_its_lines"): 269,
        ("warning", "bills", "missing_due_date"): 2,
        ("warning", "bills", "possible_duplicate"): 1,
        ("warning", "customers", "customer_entered_twice"): 1,
        ("warning", "expenses", "negative_expense"): 1,
        ("warning", "invoices", "long_overdue"): 1,
        ("warning", "invoices", "missing_due_date"): 2,
        ("warning", "invoices", "open_without_balance"): 1,
        ("warning", "orders", "possible_duplicate"): 1,
        ("warning", "orders", "unknown_product"): 134,
        ("warning", "orders", "unlikely_order_total"): 2,
        ("warning", "orders", "updated_before_created"): 1,
        ("warning", "products", "price_not_positive"): 2,
        ("warning", "transactions", "possible_duplicate"): 1,
    }
    rests = found.loc[(found["check"] == "order_is_not_its_lines") & found["id"].isna()]
    assert rests[["connection_id", "explanation"]].to_numpy().tolist() == [
        [
            "gear-amazon",
            (
                "1,100 of 1,104 orders come to more than their lines, by 22,409.12 EUR and 6,499."
                "11 GBP in all: shipping and tax."
            ),
        ],
        [
            "gear-shopify",
            (
                "1,232 of 1,350 orders come to more than their lines, by 40,375.10 EUR and 14,485"
                ".03 GBP and 2,292.36 USD in all: shipping and tax."
            ),
        ],
        [
            "roaster-shopify",
            (
                "1,508 of 2,186 orders come to more than their lines, by 10,882.21 USD in all: sh"
                "ipping and tax."
            ),
        ],
    ]
