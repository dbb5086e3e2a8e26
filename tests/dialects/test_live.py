"""The routes of the live dialect: what is sent for each resource of each kind of platform."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from rutterframe import dialects
from rutterframe.dialects import CONTRACT, DIALECTS, LIVE
from rutterframe.models import LIVE_RESOURCES, RECORDS
from rutterframe.models.live import LIVE_RECORDS

SORTED = "limit=500&sort=last_synced_at+ASC"
LEDGER = {
    "accounts": f"/accounting/accounts?{SORTED}",
    "invoices": f"/accounting/invoices?{SORTED}",
    "bills": f"/accounting/bills?{SORTED}",
    "expenses": [
        f"/accounting/expenses?{SORTED}&expense_type=expense",
        f"/accounting/expenses?{SORTED}&expense_type=refund",
    ],
    "customers": f"/accounting/customers?{SORTED}",
    "vendors": f"/accounting/vendors?{SORTED}",
    "invoice_payments": f"/accounting/invoice_payments?{SORTED}",
    "bill_payments": f"/accounting/bill_payments?{SORTED}",
    "invoice_credit_memos": f"/accounting/invoice_credit_memos?{SORTED}",
    "bill_credit_memos": f"/accounting/bill_credit_memos?{SORTED}",
    "payment_terms": f"/accounting/payment_terms?{SORTED}",
    "company_info": "/accounting/company_info",
    "balance_sheets": "/accounting/balance_sheets",
    "income_statements": "/accounting/income_statements",
    "cash_flow_statements": "/accounting/cash_flow_statements",
    "events": "/events?limit=500&type=object_deleted",
}
SHOP = {
    "transactions": "/transactions?limit=500",
    "orders": "/orders?limit=500",
    "products": "/products?limit=500",
    "customers": "/customers?limit=500",
    "shop_payments": "/transactions?limit=500",
    "payouts": "/payouts?limit=500",
    "stores": "/store",
}
BANK = {
    "transactions": f"/banking/bank_transactions?{SORTED}",
    "bank_accounts": f"/banking/bank_accounts?{SORTED}",
    "bank_transactions": f"/banking/bank_transactions?{SORTED}",
}
ADS = {"ad_accounts": f"/ads/accounts?{SORTED}"}


def requests(platform: str | None) -> dict[str, str | list[str]]:
    """Return the path and query of every resource of a platform; a list where there are several."""
    sent: dict[str, str | list[str]] = {}
    for resource in LIVE.resources:
        routes = LIVE.routes(resource, platform)
        urls = [f"{route.path}?{urlencode(route.params)}".rstrip("?") for route in routes]
        if resource != "connections" and urls:
            sent[resource] = urls[0] if len(urls) == 1 else urls
    return sent


@pytest.mark.parametrize(
    ("platform", "expected"),
    [("QUICKBOOKS", LEDGER), ("WOO_COMMERCE", SHOP), ("PLAID", BANK), ("GOOGLE", ADS)],
)
def test_requests_of_a_platform(platform: str, expected: dict[str, str | list[str]]) -> None:
    """A platform is asked for what its kind has, in pages of 500, sorted where that can be asked for."""
    assert requests(platform) == expected


def test_a_platform_of_no_kind_is_asked_for_everything() -> None:
    """A payment processor may have any of them."""
    assert list(requests("STRIPE")) == [*RECORDS, *LIVE_RESOURCES][1:]
    assert requests("STRIPE") == requests(None)
    assert requests("STRIPE")["customers"] == [LEDGER["customers"], SHOP["customers"]]


def test_hidden_connections_are_asked_for() -> None:
    """Without a status the list would leave out the disabled, and those that have to sign in again."""
    (route,) = LIVE.routes("connections", "QUICKBOOKS")
    assert (route.path, dict(route.params)) == ("/connections", {"status": "any"})


@pytest.mark.parametrize(
    ("resource", "changed_since", "is_sorted"),
    [
        ("invoices", ["last_synced_at_min"], True),
        ("expenses", ["last_synced_at_min", "last_synced_at_min"], True),
        ("bank_accounts", ["last_synced_at_min"], True),
        ("ad_accounts", ["last_synced_at_min"], True),
        ("orders", ["updated_at_min"], False),
        ("products", ["updated_at_min"], False),
        ("shop_payments", ["updated_at_min"], False),
        ("payouts", [None], False),
        ("events", ["last_synced_at_min"], False),
        ("stores", [None], True),
        ("balance_sheets", [None], True),
    ],
)
def test_how_changes_are_asked_for(
    resource: str, changed_since: list[str | None], *, is_sorted: bool
) -> None:
    """Ledgers, banks and advertising by the last synchronisation, shops by the last change."""
    routes = LIVE.routes(resource)
    assert [route.changed_since for route in routes] == changed_since
    assert {route.is_sorted for route in routes} == {is_sorted}


def test_the_filters_of_the_live_dialect() -> None:
    """Points in time, calendar dates of statements, and words; nothing is expanded."""
    filters = {
        name: [item.name for item in route.filters]
        for name, routes in LIVE.resources.items()
        for route in routes[-1:]
    }
    changed = ["updated_at_min", "updated_at_max"]
    created = ["created_at_min", "created_at_max"]
    assert filters["invoices"] == [*changed, "last_synced_at_min"]
    assert filters["expenses"] == [
        *changed, "last_synced_at_min", "transaction_date_min", "transaction_date_max",
    ]  # fmt: skip
    assert filters["orders"] == [*changed, *created, "fulfillment_status", "payment_status"]
    assert filters["products"] == [*changed, *created, "status"]
    assert filters["customers"] == changed
    assert filters["payouts"] == [*created, "arrival_at_min", "arrival_at_max"]
    assert filters["balance_sheets"] == ["start_date", "end_date"]
    assert [item.name for item in LIVE.routes("balance_sheets")[0].filters if item.is_date] == [
        "start_date", "end_date",
    ]  # fmt: skip


def test_the_single_records_of_the_live_dialect() -> None:
    """A single record is below a key of its own; what has no such request is null."""
    keys = {name: {route.single_key for route in routes} for name, routes in LIVE.resources.items()}
    assert [name for name in keys if None in keys[name]] == [
        "connections", "payouts", "stores", "company_info", "balance_sheets", "income_statements",
        "cash_flow_statements", "events",
    ]  # fmt: skip
    assert keys["bill_credit_memos"] == {"bill_credit_memo"}
    assert keys["transactions"] == {"bank_transaction", "transaction"}
    assert keys["ad_accounts"] == {"account"}


def test_the_base_urls_of_the_live_dialect() -> None:
    """Without /versioned the service would ignore the version, on the sandbox as well."""
    assert LIVE.base_urls == {
        "production": "https://production.rutterapi.com/versioned",
        "sandbox": "https://sandbox.rutterapi.com/versioned",
    }
    assert (LIVE.version, LIVE.versions) == ("2024-08-31", frozenset({"2024-08-31"}))
    assert (CONTRACT.version, CONTRACT.versions) == ("2024-08-31", None)
    assert (LIVE.moment_format, CONTRACT.moment_format) == ("milliseconds", "iso")


def test_the_records_of_the_live_dialect() -> None:
    """Each resource has its live record; a filter changes nothing about it."""
    assert {name: LIVE.record(name) for name in LIVE.resources} == LIVE_RECORDS
    assert LIVE.record("orders", {"expand": "transactions"}) is LIVE_RECORDS["orders"]


def test_the_dialects_by_name() -> None:
    """There are two dialects; another name is a key error, and another attribute an attribute error."""
    assert dict(DIALECTS) == {"contract": CONTRACT, "live": LIVE}
    assert len(DIALECTS) == 2
    with pytest.raises(KeyError):
        DIALECTS["rutter"]
    with pytest.raises(AttributeError, match="no attribute 'SANDBOX'"):
        _ = dialects.SANDBOX
