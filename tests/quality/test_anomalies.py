"""The demo's books have planted anomalies: check finds all of them, and nothing else."""

from __future__ import annotations

import functools

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.demo.books.anomalies import ANOMALIES, find_anomalies
from rutterframe.demo.server import DemoServer
from rutterframe.quality import CHECKS
from tests.conftest import HEALTHY
from tests.quality.conftest import load_demo

#: The check that finds each kind of anomaly.
CHECK_OF = {
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
#: The anomalies that are correct data, and why.
CORRECT = {
    "guest_order": "an order without a customer account is allowed",
    "jpy_bill": "yen are a currency, and have no decimals",
    "jpy_invoice": "yen are a currency, and have no decimals",
    "kwd_bill": "dinars are a currency, and have three decimals",
    "kwd_invoice": "dinars are a currency; a line is rounded to the fils",
    "unicode_customer": "a name may have any letters",
    "voided_bill": "it was voided, and nothing is due",
    "voided_invoice": "it was voided, and nothing is due",
}

#: Check, resource, connection and id.
Finding = tuple[str, str, str, str | None]


def expected_findings(server: DemoServer) -> set[Finding]:
    """Return the findings that the planted anomalies should give."""
    rows = functools.cache(server.books.rows)  # it copies every row
    findings: set[Finding] = set()
    for anomaly in ANOMALIES:
        for connection in HEALTHY if anomaly.name in CHECK_OF else ():
            products = frozenset(product["id"] for product in rows(connection, "products"))
            records = find_anomalies(anomaly, rows(connection, anomaly.resource), products)
            check = CHECK_OF[anomaly.name]
            # The usual differences between a connection's orders and their lines are one finding.
            ids = {None if anomaly.name == "total_is_not_the_lines" else record["id"] for record in records}
            findings |= {(check, anomaly.resource, connection, record) for record in ids}
    return findings


def assert_all_planted(findings: pd.DataFrame, server: DemoServer) -> None:
    """Assert that the findings are the planted anomalies, and that each kind of anomaly has one."""
    names = ["check", "resource", "connection_id", "id"]
    rows = findings[names].astype(object).where(findings[names].notna(), None)
    assert set(rows.itertuples(index=False, name=None)) == expected_findings(server)
    for anomaly in ANOMALIES:
        matches = (findings["check"] == CHECK_OF.get(anomaly.name)) & (
            findings["connection_id"] == anomaly.connection
        )
        assert anomaly.name in CORRECT or matches.any(), anomaly.name
    assert findings.attrs["notes"] == []


def test_every_kind_of_anomaly_is_classified() -> None:
    """Each kind of anomaly is either found by an existing check, or correct data."""
    assert set(CHECK_OF) | set(CORRECT) == {anomaly.name for anomaly in ANOMALIES}
    assert set(CHECK_OF) & set(CORRECT) == set()
    assert set(CHECK_OF.values()) <= {check.name for check in CHECKS}


def test_the_findings_are_the_planted_anomalies(
    demo_findings: pd.DataFrame, shared_server: DemoServer
) -> None:
    """The findings of the demo are the anomalous records: none is missed, and none is added."""
    assert_all_planted(demo_findings, shared_server)


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "scale"), [(3, 1), (21, 2)])
def test_the_findings_are_the_planted_anomalies_of_other_seeds(seed: int, scale: int) -> None:
    """For other seeds and scales, too, the findings are the anomalous records."""
    with DemoServer(seed=seed, scale=scale, page_size=500) as server:
        assert_all_planted(rf.check(load_demo(server)), server)


def test_the_number_of_findings_of_the_demo(demo_findings: pd.DataFrame) -> None:
    """The demo has a fixed number of findings of each check."""
    findings = demo_findings
    counts = findings.groupby(["severity", "resource", "check"]).size()
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
    differences = findings.loc[(findings["check"] == "order_is_not_its_lines") & findings["id"].isna()]
    assert differences[["connection_id", "explanation"]].to_numpy().tolist() == [
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
