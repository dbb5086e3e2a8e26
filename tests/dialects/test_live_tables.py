"""The columns of each resource of the live service: a record as it is sent, and the row that it becomes."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from rutterframe.dialects import LIVE, Route
from rutterframe.frames import Decoder

SENT = "2026-02-01T10:20:30.500Z"
MOMENT = datetime(2026, 2, 1, 10, 20, 30, 500_000, tzinfo=UTC)
OTHER = "2026-01-15T00:00:00+02:00"
OTHER_MOMENT = datetime(2026, 1, 14, 22, tzinfo=UTC)
CHANGES = {"updated_at": OTHER, "last_synced_at": SENT}
CHANGED = {"updated_at": OTHER_MOMENT, "last_synced_at": MOMENT}


def route_of(resource: str, name: str = "") -> Route:
    (route,) = [route for route in LIVE.resources[resource] if route.name == name]
    return route


def row(resource: str, sent: dict[str, Any], name: str = "", platform: str = "QUICKBOOKS") -> dict[str, Any]:
    """Return the row of a frame for a record as it is sent."""
    mapping = route_of(resource, name).mapping
    assert mapping is not None
    envelope = {"connection": {"id": "c1", "orgId": "o1", "platform": platform}, "next_cursor": None}
    one = mapping.record(mapping.wire.model_validate(sent), envelope).model_dump()
    times = 1 if route_of(resource, name).is_single else 2
    assert paged_rows(resource, sent, name, envelope) == [one] * times
    return one


def paged_rows(
    resource: str, sent: dict[str, Any], name: str, envelope: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return the rows of a page with a record twice, as loaders decode it."""
    route = route_of(resource, name)
    mapping = route.mapping
    assert mapping is not None
    decoder = Decoder(
        mapping.model, route.list_key, LIVE.cursor_key, "c1", mapping=mapping, is_single=route.is_single
    )
    page = json.dumps({**envelope, route.list_key: sent if route.is_single else [sent, sent]}).encode()
    table = decoder.decode([page]).table
    rows: list[dict[str, Any]] = with_dates(table.to_pylist())
    return rows


def with_dates(value: Any) -> Any:
    """Return the values of Arrow with dates for days, which are moments without a zone there."""
    if isinstance(value, list):
        return [with_dates(inner) for inner in value]
    if isinstance(value, dict):
        return {name: with_dates(inner) for name, inner in value.items()}
    return value.date() if isinstance(value, datetime) and value.tzinfo is None else value


# Accounting


def test_an_account() -> None:
    """Income is revenue, and the account's type and number come after the contract's columns."""
    sent: dict[str, Any] = {
        "id": "a1", "platform_id": "35", "parent_id": "a0", "account_type": "bank", "category": "income",
        "status": "active", "balance": "1201.50", "currency_code": "USD", "name": "Checking",
        "nominal_code": "1000", "subsidiaries": [], "created_at": SENT, "platform_url": None, **CHANGES,
    }  # fmt: skip
    assert row("accounts", sent) == {
        "id": "a1", "name": "Checking", "type": "revenue", "currency": "USD", "balance": 1201.5,
        "platform_id": "35", "account_type": "bank", "nominal_code": "1000", "status": "active",
        "parent_id": "a0", **CHANGED,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("category", "expected"),
    [
        ("asset", "asset"),
        ("EXPENSE", "expense"),
        ("Income", "revenue"),
        ("nonposting", "nonposting"),
        ("unknown", "unknown"),
        ("Memorandum", "Memorandum"),
        (None, None),
    ],
)
def test_categories_of_accounts(category: str | None, expected: str | None) -> None:
    """Words are compared without case; a word that is not known is kept as sent."""
    assert row("accounts", {"id": "a1", "category": category})["type"] == expected


INVOICE = {
    "id": "i1", "platform_id": "145", "account_id": "ar", "customer_id": "c1", "payment_terms_id": "t30",
    "subsidiary_id": None, "due_date": "2026-01-31T00:00:00.000Z", "issue_date": "2026-01-01",
    "status": "partially_paid", "amount_due": 60.5, "currency_code": "USD", "discount_amount": "5",
    "document_number": "1042", "memo": "thanks", "sub_total": 100, "tax_amount": 10.5,
    "total_amount": "110.50",
    "linked_payments": [
        {
            "id": "p1", "allocated_date": "2026-01-10T00:00:00.000Z", "allocated_amount": 40,
            "type": "INVOICE_PAYMENT",
        },
        {"id": "m1", "allocated_date": "2026-01-20", "allocated_amount": "10", "type": "INVOICE_CREDIT_MEMO"},
        {"id": "j1", "allocated_date": "2026-01-21", "allocated_amount": 0, "type": "JOURNAL_ENTRY"},
        {"id": "u1", "allocated_date": None, "allocated_amount": None, "type": None},
    ],
    "line_items": [
        {
            "platform_id": "1", "account_id": "sales", "description": "Beans", "discount_amount": 5,
            "sub_total": 100, "tax_amount": 10.5, "total_amount": 110.5, "type": None,
            "item": {"id": "it1", "quantity": 1.5, "unit_amount": "70"},
        },
        {"platform_id": "2", "description": None, "total_amount": None, "type": "shipping", "item": None},
    ],
    **CHANGES,
}  # fmt: skip
LINE = {
    "description": "Beans", "quantity": 1.5, "unit_price": 70.0, "total_amount": 110.5, "item_id": "it1",
    "account_id": "sales", "sub_total": 100.0, "tax_amount": 10.5, "discount_amount": 5.0, "type": None,
}  # fmt: skip
NO_LINE = dict.fromkeys(LINE)


def test_an_invoice() -> None:
    """Dates are those that are written, numbers may be text, and payments have their days and kinds."""
    assert row("invoices", INVOICE) == {
        "id": "i1", "customer_id": "c1", "status": "partially_paid", "amount_due": 60.5, "currency": "USD",
        "due_date": date(2026, 1, 31), "line_items": [LINE, {**NO_LINE, "type": "shipping"}],
        "issue_date": date(2026, 1, 1), "document_number": "1042", "total_amount": 110.5, "sub_total": 100.0,
        "tax_amount": 10.5, "discount_amount": 5.0,
        "payments": [
            {"id": "p1", "date": date(2026, 1, 10), "amount": 40.0, "kind": "payment"},
            {"id": "m1", "date": date(2026, 1, 20), "amount": 10.0, "kind": "credit_memo"},
            {"id": "j1", "date": date(2026, 1, 21), "amount": 0.0, "kind": "journal_entry"},
            {"id": "u1", "date": None, "amount": None, "kind": None},
        ],
        "payment_terms_id": "t30", "account_id": "ar", "memo": "thanks", **CHANGED,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("void", "voided"),
        ("VOID", "voided"),
        ("voided", "voided"),
        ("Open", "open"),
        ("PAID", "paid"),
        ("submitted", "submitted"),
        ("unknown", "unknown"),
        ("In review", "In review"),
        (None, None),
    ],
)
@pytest.mark.parametrize("resource", ["invoices", "bills", "bill_credit_memos"])
def test_statuses_of_documents(resource: str, status: str | None, expected: str | None) -> None:
    """A void document is voided in the contract's words."""
    assert row(resource, {"id": "1", "status": status})["status"] == expected


@pytest.mark.parametrize(
    "written",
    ["2026-01-31", "2026-01-31T00:00:00.000Z", "2026-01-31T23:59:59Z", "2026-01-31T09:00:00+13:00"],
)
def test_a_day_is_the_one_that_is_written(written: str) -> None:
    """A date is its first ten characters, whatever the time of day and the zone behind them."""
    assert row("invoices", {"due_date": written})["due_date"] == date(2026, 1, 31)


def test_a_bill() -> None:
    """A bill's discount has another name, and its payments and credit memos are two lists."""
    sent = {
        **INVOICE, "vendor_id": "v1", "total_discount": 2, "currency_rate": "1.25",
        "linked_payments": [{"id": "p1", "allocated_date": "2026-01-10", "allocated_amount": 40}],
        "linked_credit_memos": [{"id": "m1", "allocated_date": "2026-01-20", "allocated_amount": 10}],
        "linked_purchase_orders": [],
    }  # fmt: skip
    columns = row("bills", sent)
    assert list(columns)[:7] == [
        "id", "vendor_id", "status", "amount_due", "currency", "due_date", "line_items",
    ]  # fmt: skip
    assert {key: columns[key] for key in ("vendor_id", "discount_amount", "currency_rate", "payments")} == {
        "vendor_id": "v1", "discount_amount": 2.0, "currency_rate": 1.25,
        "payments": [
            {"id": "p1", "date": date(2026, 1, 10), "amount": 40.0, "kind": "payment"},
            {"id": "m1", "date": date(2026, 1, 20), "amount": 10.0, "kind": "credit_memo"},
        ],
    }  # fmt: skip
    assert columns["line_items"] == [LINE, NO_LINE]


def test_payments_of_a_bill_are_unknown_without_one_of_the_lists() -> None:
    """A bill without the list of credit memos may have some: its payments are null, not a part of them."""
    paid = {"id": "p1", "allocated_date": "2026-01-10", "allocated_amount": 40}
    assert row("bills", {"linked_payments": [paid]})["payments"] is None
    assert row("bills", {"linked_payments": [], "linked_credit_memos": []})["payments"] == []


def _expense(**fields: Any) -> dict[str, Any]:
    return {
        "id": "e1", "platform_id": "9", "account_id": "card", "vendor_id": "v1", "currency_code": "USD",
        "transaction_date": "2026-01-05T00:00:00.000Z", "expense_type": "expense", "currency_rate": 1,
        "memo": None,
        "line_items": [
            {"account_id": "rent", "total_amount": 0.1, "description": "Desk"},
            {"account_id": "rent", "total_amount": "0.2", "description": "Desk"},
        ],
        **CHANGES, **fields,
    }  # fmt: skip


LINES = [
    {"account_id": "rent", "description": "Desk", "total_amount": 0.1},
    {"account_id": "rent", "description": "Desk", "total_amount": 0.2},
]


@pytest.mark.parametrize(
    ("route", "sent_type", "amount", "expense_type"),
    [
        ("expenses", "expense", 0.3, "expense"),
        ("expenses", None, 0.3, "expense"),
        ("expenses", "refund", -0.3, "refund"),
        ("refunds", "refund", -0.3, "refund"),
        ("refunds", "REFUND", -0.3, "refund"),
        ("refunds", None, -0.3, "refund"),
        ("refunds", "expense", 0.3, "expense"),
    ],
)
def test_an_expense(route: str, sent_type: str | None, amount: float, expense_type: str) -> None:
    """The amount is the exact sum of the lines, negative for a refund; the list decides without its word."""
    assert row("expenses", _expense(expense_type=sent_type), route) == {
        "id": "e1", "amount": amount, "currency": "USD", "date": date(2026, 1, 5), "description": "Desk",
        "category": None, "account_id": "card", "expense_type": expense_type, "vendor_id": "v1",
        "line_items": LINES, "currency_rate": 1.0, **CHANGED,
    }  # fmt: skip


def test_a_refund_that_is_signed_already() -> None:
    """A platform that signs what it refunds does not turn the refund into spending."""
    lines = [{"total_amount": -12.5}]
    assert row("expenses", _expense(expense_type="refund", line_items=lines), "refunds")["amount"] == -12.5


@pytest.mark.parametrize("lines", [None, [], [{"total_amount": 1}, {"total_amount": None}]])
def test_the_amount_of_an_expense_is_unknown(lines: Any) -> None:
    """Without lines, or with a line without an amount, there is no sum."""
    assert row("expenses", _expense(line_items=lines), "expenses")["amount"] is None


def test_the_description_of_an_expense() -> None:
    """The memo, else what all lines have in common."""
    described = [{"total_amount": 1, "description": "Desk"}, {"total_amount": 1, "description": "Chair"}]
    assert (
        row("expenses", _expense(memo="Office", line_items=described), "expenses")["description"] == "Office"
    )
    assert row("expenses", _expense(line_items=described), "expenses")["description"] is None


def test_a_customer_of_a_ledger() -> None:
    """The name of the customer, else of the contact."""
    sent = {
        "id": "c1", "platform_id": "7", "customer_name": "Blue Door", "contact_name": "Ann", "email": "a@b.c",
        "phone": "1", "status": "ACTIVE", "currency_code": "USD", "payment_terms_id": "t30",
        "created_at": SENT, **CHANGES,
    }  # fmt: skip
    expected = {
        "id": "c1", "name": "Blue Door", "email": "a@b.c", "phone": "1", "created_at": MOMENT,
        "kind": "ledger", "status": "active", "currency": "USD", "payment_terms_id": "t30", **CHANGED,
    }  # fmt: skip
    assert row("customers", sent, "ledger") == expected
    assert row("customers", {**sent, "customer_name": None}, "ledger") == {**expected, "name": "Ann"}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ({"vendor_name": "Mill", "display_name": "The Mill", "contact_name": "Bo"}, "Mill"),
        ({"vendor_name": None, "display_name": "The Mill", "contact_name": "Bo"}, "The Mill"),
        ({"contact_name": "Bo"}, "Bo"),
        ({}, None),
    ],
)
def test_a_vendor(names: dict[str, Any], expected: str | None) -> None:
    """The name of the vendor, else the one it is shown by, else of the contact."""
    sent = {
        "id": "v1", "email": "m@b.c", "phone": None, "status": "archived", "currency_codes": ["USD"],
        "payment_terms_id": None, "created_at": SENT, **CHANGES,
    }  # fmt: skip
    assert row("vendors", {**sent, **names}) == {
        "id": "v1", "name": expected, "email": "m@b.c", "phone": None, "created_at": MOMENT,
        "status": "archived", "currency": "USD", "payment_terms_id": None, **CHANGED,
    }  # fmt: skip


def test_the_currency_of_a_vendor_with_several() -> None:
    """A vendor with several currencies has no currency of its own."""
    assert row("vendors", {"currency_codes": ["USD", "EUR"]})["currency"] is None
    assert row("vendors", {"currency_codes": []})["currency"] is None


def test_payment_terms() -> None:
    """Days are whole numbers, also with a decimal point."""
    sent = {
        "id": "t30", "platform_id": "3", "term_name": "2/10 net 30", "due_days": 30, "discount_days": 10.0,
        "discount_percent": 2.5, "created_at": None, **CHANGES,
    }  # fmt: skip
    assert row("payment_terms", sent) == {
        "id": "t30", "name": "2/10 net 30", "due_days": 30, "discount_days": 10, "discount_percent": 2.5,
        "created_at": None, **CHANGED,
    }  # fmt: skip


def test_the_business() -> None:
    """The closing date is below additional fields, which only QuickBooks sends."""
    sent = {
        "id": "1", "name": "Roaster", "legal_name": "Roaster Ltd", "currency_code": "USD", "addresses": [],
        "additional_fields": {"closing_date": "2025-12-31T00:00:00Z"}, "created_at": SENT, **CHANGES,
    }  # fmt: skip
    expected = {
        "id": "1", "name": "Roaster", "legal_name": "Roaster Ltd", "currency": "USD",
        "closing_date": date(2025, 12, 31), "created_at": MOMENT, **CHANGED,
    }  # fmt: skip
    assert row("company_info", sent) == expected
    assert row("company_info", {**sent, "additional_fields": None}) == {**expected, "closing_date": None}


def test_a_payment_of_invoices() -> None:
    """Amounts are text, and the linked invoices have names of their own."""
    sent = {
        "id": "p1", "account_id": "bank", "customer_id": "c1", "txn_date": "2026-01-10T00:00:00.000Z",
        "currency_code": "USD", "currency_rate": None, "total_amount": "100.00",
        "linked_invoices": [{"id": "i1", "allocated_at": "2026-01-10", "amount": "60.25"}], **CHANGES,
    }  # fmt: skip
    assert row("invoice_payments", sent) == {
        "id": "p1", "customer_id": "c1", "date": date(2026, 1, 10), "amount": 100.0, "currency": "USD",
        "currency_rate": None, "account_id": "bank",
        "documents": [{"id": "i1", "date": date(2026, 1, 10), "amount": 60.25}], **CHANGED,
    }  # fmt: skip


def test_a_payment_of_bills() -> None:
    """Amounts are numbers, the rate is text, and a void payment is voided."""
    sent = {
        "id": "p1", "account_id": "bank", "vendor_id": "v1", "transaction_date": "2026-01-10",
        "currency_code": "EUR", "currency_rate": "0.92", "total_amount": 100, "status": "void",
        "linked_bills": [{"id": "b1", "allocated_date": "2026-01-11", "allocated_amount": 60.25}],
        "linked_credit_memos": [], **CHANGES,
    }  # fmt: skip
    assert row("bill_payments", sent) == {
        "id": "p1", "vendor_id": "v1", "date": date(2026, 1, 10), "amount": 100.0, "currency": "EUR",
        "currency_rate": 0.92, "account_id": "bank",
        "documents": [{"id": "b1", "date": date(2026, 1, 11), "amount": 60.25}], **CHANGED,
        "status": "voided",
    }  # fmt: skip


CREDIT = {
    "id": "m1", "account_id": "ar", "issue_date": "2026-01-05T00:00:00.000Z", "currency_code": "USD",
    "document_number": "CM1", "memo": None, **CHANGES,
}  # fmt: skip


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("OPEN", "open"),
        ("PARTIALLY_APPLIED", "partially_applied"),
        ("APPLIED", "applied"),
        ("VOID", "voided"),
        ("DRAFT", "draft"),
        (None, None),
    ],
)
def test_a_credit_memo_of_a_customer(status: str | None, expected: str | None) -> None:
    """Status words are in capital letters and amounts are text."""
    sent = {
        **CREDIT, "customer_id": "c1", "status": status, "total_amount": "90.00", "remaining_amount": "30.00",
        "linked_invoices": [{"id": "i1", "allocated_date": "2026-01-20", "allocated_amount": "60"}],
    }  # fmt: skip
    assert row("invoice_credit_memos", sent) == {
        "id": "m1", "customer_id": "c1", "status": expected, "amount": 90.0, "remaining_amount": 30.0,
        "currency": "USD", "issue_date": date(2026, 1, 5), "document_number": "CM1",
        "documents": [{"id": "i1", "date": date(2026, 1, 20), "amount": 60.0}], **CHANGED,
    }  # fmt: skip


def test_a_credit_memo_of_a_vendor() -> None:
    """Status words are in small letters and amounts are numbers."""
    sent = {
        **CREDIT, "vendor_id": "v1", "status": "open", "total_amount": 90, "remaining_amount": 30,
        "linked_bills": [{"id": None, "allocated_date": "2026-01-20", "allocated_amount": 60}],
    }  # fmt: skip
    assert row("bill_credit_memos", sent) == {
        "id": "m1", "vendor_id": "v1", "status": "open", "amount": 90.0, "remaining_amount": 30.0,
        "currency": "USD", "issue_date": date(2026, 1, 5), "document_number": "CM1",
        "documents": [{"id": None, "date": date(2026, 1, 20), "amount": 60.0}], **CHANGED,
    }  # fmt: skip


# Statements


def _entry(name: str, value: str, *items: Any, account_id: str | None = None) -> dict[str, Any]:
    return {"platform_id": None, "account_id": account_id, "name": name, "value": value, "items": list(items)}


PERIOD = {
    "id": "s1", "start_date": "2026-01-01T00:00:00.000Z", "end_date": "2026-01-31", "currency_code": "USD",
    "created_at": SENT, "updated_at": OTHER,
}  # fmt: skip
IN_PERIOD = {
    "id": "s1", "start_date": date(2026, 1, 1), "end_date": date(2026, 1, 31), "currency": "USD",
    "created_at": MOMENT, "updated_at": OTHER_MOMENT,
}  # fmt: skip


def item(path: str, value: float, account_id: str | None = None) -> dict[str, Any]:
    return {"path": path, "name": path.rpartition(" > ")[2], "account_id": account_id, "value": value}


def test_a_balance_sheet() -> None:
    """The lines of the three trees are one list from top to bottom, each with the headings above it."""
    sent = {
        **PERIOD, "total_assets": "150.00", "total_equity": "100", "total_liabilities": "50",
        "assets": _entry(
            "Assets", "150", _entry("Cash", "150", _entry("Checking", "150.00", account_id="a1"))
        ),
        "liabilities": _entry("Liabilities", "50"), "equity": _entry("Equity", "100"),
    }  # fmt: skip
    assert row("balance_sheets", sent) == {
        **IN_PERIOD, "total_assets": 150.0, "total_liabilities": 50.0, "total_equity": 100.0,
        "items": [
            item("Assets", 150.0), item("Assets > Cash", 150.0),
            item("Assets > Cash > Checking", 150.0, "a1"), item("Liabilities", 50.0), item("Equity", 100.0),
        ],
    }  # fmt: skip


def test_an_income_statement() -> None:
    """A business without cost of sales has no lines of it."""
    sent = {
        **PERIOD, "accounting_standard": "accrual", "gross_profit": "100.00", "net_income": "60",
        "total_cost_of_sales": None, "total_expenses": "40", "total_income": "100",
        "income": _entry("Income", "100"), "expenses": _entry("Expenses", "40"), "cost_of_sales": None,
    }  # fmt: skip
    assert row("income_statements", sent) == {
        **IN_PERIOD, "accounting_standard": "accrual", "total_income": 100.0, "total_cost_of_sales": None,
        "gross_profit": 100.0, "total_expenses": 40.0, "net_operating_income": None, "net_income": 60.0,
        "items": [item("Income", 100.0), item("Expenses", 40.0)],
    }  # fmt: skip


def test_a_cash_flow_statement() -> None:
    """The three kinds of activity are one list."""
    sent = {
        **PERIOD, "ending_balance": "130", "starting_balance": "100", "total_financing": "0",
        "total_investing": "-20", "total_operating": "50",
        "operating_activities": _entry("Operating", "50"), "investing_activities": _entry("Investing", "-20"),
        "financing_activities": _entry("Financing", "0"),
    }  # fmt: skip
    assert row("cash_flow_statements", sent) == {
        **IN_PERIOD, "starting_balance": 100.0, "total_operating": 50.0, "total_investing": -20.0,
        "total_financing": 0.0, "ending_balance": 130.0,
        "items": [item("Operating", 50.0), item("Investing", -20.0), item("Financing", 0.0)],
    }  # fmt: skip


# Commerce


def _order(**fields: Any) -> dict[str, Any]:
    return {
        "id": "o1", "payment_status": "paid", "status": "active", "total_discount": 5, "total_price": 37.34,
        "fulfillment_status": None, "iso_currency_code": "USD", "name": "#1001", "total_shipping": 12.34,
        "total_tax": 2, "customer": {"id": "c1", "email": None}, "line_items": [], "fulfillments": [],
        "created_at": SENT, "updated_at": OTHER, **fields,
    }  # fmt: skip


def test_an_order() -> None:
    """The price of a line is the line's; the unit cost is the price of one."""
    sent = _order(
        line_items=[
            {
                "id": "l1", "product_id": "p1", "variant_id": "v1", "price": 30, "quantity": 1.5,
                "iso_currency_code": "USD", "sku": "B1", "title": "Beans", "unit_cost": 20,
            },
            {"id": "l2", "product_id": None, "price": 9, "quantity": 4, "unit_cost": None},
            {"id": "l3", "price": 9, "quantity": 0, "unit_cost": None},
        ],
        refunds=[
            {"line_items": [{"line_item_id": "l1", "quantity": 0.5, "status": None, "amount": "10.00"}]},
            {"line_items": [{"line_item_id": "l2", "quantity": 1, "status": "Completed"}]},
        ],
        order_number="1001",
        total_shipping_discount=1,
        cancelled_at=OTHER,
    )  # fmt: skip
    line = dict.fromkeys(
        ("product_id", "variant_id", "quantity", "unit_price", "line_id", "sku", "title", "line_amount",
         "currency")
    )  # fmt: skip
    assert row("orders", sent) == {
        "id": "o1", "customer_id": "c1", "status": "processing", "currency": "USD", "total_price": 37.34,
        "line_items": [
            {
                "product_id": "p1", "variant_id": "v1", "quantity": 1.5, "unit_price": 20.0, "line_id": "l1",
                "sku": "B1", "title": "Beans", "line_amount": 30.0, "currency": "USD",
            },
            {**line, "quantity": 4.0, "unit_price": 2.25, "line_id": "l2", "line_amount": 9.0},
            {**line, "quantity": 0.0, "line_id": "l3", "line_amount": 9.0},
        ],
        "created_at": MOMENT, "updated_at": OTHER_MOMENT, "payment_status": "paid",
        "fulfillment_status": None, "order_number": "1001", "total_discount": 5.0, "total_tax": 2.0,
        "total_shipping": 12.34, "total_shipping_discount": 1.0, "cancelled_at": OTHER_MOMENT,
        "refunds": [
            {"line_item_id": "l1", "quantity": 0.5, "status": None, "amount": 10.0},
            {"line_item_id": "l2", "quantity": 1.0, "status": "completed", "amount": None},
        ],
    }  # fmt: skip


def test_an_order_of_a_guest() -> None:
    """A guest has no id, an order without a number has a name, and refunds that are not sent are null."""
    columns = row("orders", _order(customer=None))
    assert (columns["customer_id"], columns["order_number"], columns["refunds"]) == (None, "#1001", None)


@pytest.mark.parametrize(
    ("status", "fulfillment", "payment", "expected"),
    [
        ("cancelled", "fulfilled", "paid", "cancelled"),
        ("CANCELLED", None, None, "cancelled"),
        ("canceled", None, None, "cancelled"),
        ("active", "fulfilled", "pending", "fulfilled"),
        ("archived", "fulfilled", "refunded", "fulfilled"),
        ("active", "partial", "pending", "processing"),
        ("active", "unfulfilled", "pending", "pending"),
        ("active", None, "pending", "pending"),
        ("active", "unfulfilled", "paid", "processing"),
        ("active", None, "refunded", "processing"),
        ("active", "unknown", "unknown", "processing"),
        ("unknown", None, "paid", "processing"),
        ("unknown", "unfulfilled", "unknown", "processing"),
        ("unknown", "unknown", "unknown", "unknown"),
        (None, None, None, "unknown"),
    ],
)
def test_the_status_of_an_order(
    status: str | None, fulfillment: str | None, payment: str | None, expected: str
) -> None:
    """One status of three: cancelled first, then shipped, then paid; unknown only if all of them are."""
    sent = _order(status=status, fulfillment_status=fulfillment, payment_status=payment)
    assert row("orders", sent)["status"] == expected


def _variant(**fields: Any) -> dict[str, Any]:
    return {
        "id": "v1", "product_id": "p1", "price": 12.5, "barcode": "400", "iso_currency_code": "USD",
        "sku": "B1", "title": "250 g", "unit_cost": 4, "inventory": {"total_count": 2.5, "locations": None},
        **fields,
    }  # fmt: skip


VARIANT = {
    "id": "v1", "title": "250 g", "price": 12.5, "sku": "B1", "inventory_quantity": 2.5, "currency": "USD",
    "barcode": "400", "unit_cost": 4.0,
}  # fmt: skip


def test_a_product() -> None:
    """The price of a product is that of all its variants; a stock may be a fraction, or not sent."""
    sent: dict[str, Any] = {
        "id": "p1", "name": "Beans", "description": "Dark", "type": "coffee", "status": "Active",
        "category_id": "cat", "variants": [_variant(), _variant(inventory=None)], "created_at": SENT,
        "updated_at": OTHER,
    }  # fmt: skip
    assert row("products", sent) == {
        "id": "p1", "title": "Beans", "description": "Dark", "status": "active", "price": 12.5,
        "currency": "USD", "variants": [VARIANT, {**VARIANT, "inventory_quantity": None}],
        "created_at": MOMENT, "updated_at": OTHER_MOMENT, "type": "coffee", "category_id": "cat",
    }  # fmt: skip


@pytest.mark.parametrize("variants", [None, [], [_variant(), _variant(price=13, iso_currency_code="EUR")]])
def test_a_product_without_one_price(variants: Any) -> None:
    """Variants that differ have no common price or currency."""
    columns = row("products", {"id": "p1", "variants": variants})
    assert (columns["price"], columns["currency"]) == (None, None)


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [("Ann", "Lee", "Ann Lee"), (None, "Lee", "Lee"), ("Ann", "", "Ann"), (None, None, None)],
)
def test_a_customer_of_a_shop(first: str | None, last: str | None, name: str | None) -> None:
    """Both names together, or the one that there is."""
    sent: dict[str, Any] = {
        "id": "c1", "email": "a@b.c", "first_name": first, "last_name": last, "phone": None, "orders": [],
        "created_at": SENT, "updated_at": OTHER,
    }  # fmt: skip
    assert row("customers", sent, "shop") == {
        "id": "c1", "name": name, "email": "a@b.c", "phone": None, "created_at": MOMENT, "kind": "shop",
        "status": None, "currency": None, "payment_terms_id": None, "updated_at": OTHER_MOMENT,
        "last_synced_at": None,
    }  # fmt: skip


PAYMENT = {
    "id": "t1", "order_id": "o1", "payment_method_type": "card", "status": "success", "type": "REFUND",
    "amount": -12.5, "fee": 0.3, "gateway": "stripe", "gateway_data": None, "iso_currency_code": "USD",
    "description": None, "created_at": "2026-01-31T23:30:00-02:00", "updated_at": SENT,
}  # fmt: skip


def test_a_payment_of_a_shop() -> None:
    """The amount keeps the sign of the platform."""
    assert row("shop_payments", PAYMENT) == {
        "id": "t1", "order_id": "o1", "type": "refund", "status": "success", "amount": -12.5, "fee": 0.3,
        "currency": "USD", "payment_method": "card", "gateway": "stripe", "description": None,
        "created_at": datetime(2026, 2, 1, 1, 30, tzinfo=UTC), "updated_at": MOMENT,
    }  # fmt: skip


def test_a_transaction_of_a_shop() -> None:
    """The day of a shop's payment is the one in UTC; it is on no account."""
    assert row("transactions", PAYMENT, "shop") == {
        "id": "t1", "amount": -12.5, "currency": "USD", "date": date(2026, 2, 1), "description": None,
        "type": "refund", "account_id": None, "status": "success", "order_id": "o1", "fee": 0.3,
        "gateway": "stripe", "updated_at": MOMENT, "last_synced_at": None,
    }  # fmt: skip


def test_a_payout() -> None:
    """The destination may be a bank account, a card, or not sent."""
    sent = {
        "id": "po1", "gateway_account_id": "g", "arrival_at": SENT, "amount": 95, "gateway": "stripe",
        "iso_currency_code": "USD", "schedule": "automatic", "status": "in_transit", "type": "bank_account",
        "method": None,
        "destination": {"bank_name": "First", "last_four": None, "account_number_last_digits": "42"},
        "transactions": [], "created_at": SENT, "updated_at": OTHER,
    }  # fmt: skip
    expected = {
        "id": "po1", "amount": 95.0, "currency": "USD", "status": "in_transit", "arrival_at": MOMENT,
        "type": "bank_account", "method": None, "schedule": "automatic", "gateway": "stripe",
        "bank_name": "First", "mask": "42", "created_at": MOMENT, "updated_at": OTHER_MOMENT,
    }  # fmt: skip
    assert row("payouts", sent) == expected
    assert row("payouts", {**sent, "destination": None}) == {**expected, "bank_name": None, "mask": None}


def test_a_store() -> None:
    """The currency of a shop is its default."""
    sent = {"id": "s1", "store_name": "Roaster", "url": "https://roaster.example", "default_currency": "USD"}
    assert row("stores", sent) == {
        "id": "s1", "name": "Roaster", "url": "https://roaster.example", "currency": "USD", "email": None,
    }  # fmt: skip


# Banking, advertising, connections, events


def test_a_transaction_of_a_bank() -> None:
    """The bank feed has no words for the kind of movement, and its day is the one that is written."""
    sent = {
        "id": "t1", "platform_id": "9", "account_id": "b1", "amount": -4.2, "currency_code": "USD",
        "date": "2026-01-31T00:00:00.000Z", "merchant_name": "Mill", "status": "POSTED", "category": ["Food"],
        "last_synced_at": SENT,
    }  # fmt: skip
    assert row("transactions", sent, "bank") == {
        "id": "t1", "amount": -4.2, "currency": "USD", "date": date(2026, 1, 31), "description": "Mill",
        "type": None, "account_id": "b1", "status": "posted", "order_id": None, "fee": None, "gateway": None,
        "updated_at": None, "last_synced_at": MOMENT,
    }  # fmt: skip
    assert row("bank_transactions", sent) == {
        "id": "t1", "account_id": "b1", "date": date(2026, 1, 31), "amount": -4.2, "currency": "USD",
        "description": "Mill", "status": "posted", "last_synced_at": MOMENT,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "current", "available", "balance"),
    [
        ("depository", 100, 90, 100.0),
        ("depository", None, 90, 90.0),
        (None, None, 90, 90.0),
        ("credit", 420.5, 4579.5, 420.5),
        ("credit", None, 4579.5, None),
        ("LOAN", None, 1, None),
    ],
)
def test_a_bank_account(
    kind: str | None, current: float | None, available: float | None, balance: float | None
) -> None:
    """What is available stands in for the balance, but not of a card or loan: there it is left of a limit."""
    sent = {
        "id": "b1", "platform_id": "9", "mask": "1234", "name": "Main", "subtype": "Checking", "type": kind,
        "balance": {"available": available, "currency_code": "USD", "current": current},
        "last_synced_at": SENT,
    }  # fmt: skip
    assert row("bank_accounts", sent) == {
        "id": "b1", "name": "Main", "type": "checking", "balance": balance, "currency": "USD",
        "institution_name": None, "kind": kind and kind.lower(), "available": available, "mask": "1234",
        "last_synced_at": MOMENT,
    }  # fmt: skip


def test_the_word_null() -> None:
    """The enumerations of the service list 'null': it is null, not a word, nor a currency."""
    sent = {"id": "o1", "fulfillment_status": "null", "payment_status": "NULL", "iso_currency_code": "null"}
    columns = row("orders", sent)
    assert [columns[name] for name in ("fulfillment_status", "payment_status", "currency")] == [None] * 3


def test_a_refund_below_zero() -> None:
    """WooCommerce signs what it refunds: amount and quantity of a refund are positive in either case."""
    line = {"line_item_id": "l1", "quantity": -1, "status": None, "amount": "-4.00"}
    refunds = row("orders", {"id": "o1", "refunds": [{"line_items": [line]}]})["refunds"]
    assert refunds == [{"line_item_id": "l1", "quantity": 1.0, "status": None, "amount": 4.0}]


def test_a_card_without_a_type() -> None:
    """Where the type is missing, the subtype says that what is available is left of a limit."""
    balance = {"available": 4579.5, "currency_code": "USD", "current": None}
    assert row("bank_accounts", {"id": "b1", "subtype": "CREDIT_CARD", "balance": balance})["balance"] is None


def test_a_bank_account_without_a_balance() -> None:
    """An account may come without a balance."""
    columns = row("bank_accounts", {"id": "b1", "balance": None, "subtype": "money_market"})
    assert (columns["balance"], columns["currency"], columns["type"]) == (None, None, "money_market")


@pytest.mark.parametrize(("platform", "expected"), [("GOOGLE", "google_ads"), ("Pinterest", "Pinterest")])
def test_an_ad_account(platform: str, expected: str) -> None:
    """The platform is that of the connection, in the contract's spelling if it has one."""
    sent = {"id": "ad1", "platform_id": "9", "parent_id": None, "name": "Main", "created_at": SENT, **CHANGES}
    assert row("ad_accounts", sent, platform=platform) == {
        "id": "ad1", "name": "Main", "platform": expected, "currency": None, "status": None,
        "parent_id": None, **CHANGED,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("platform", "expected"),
    [("QUICKBOOKS", "quickbooks"), ("WOO_COMMERCE", "woocommerce"), ("STRIPE", "stripe"), ("ACME", "ACME")],
)
def test_a_connection(platform: str, expected: str) -> None:
    """Neither the access token nor the link to sign in again becomes a column."""
    sent = {
        "id": "c1", "access_token": "secret", "link_url": "https://link.example/secret", "name": "Books",
        "platform": platform, "status": "needs_reauth", "created_at": SENT, "updated_at": OTHER,
    }  # fmt: skip
    assert row("connections", sent) == {
        "id": "c1", "platform": expected, "status": "needs_reauth", "created_at": MOMENT,
        "updated_at": OTHER_MOMENT, "name": "Books",
    }  # fmt: skip


def test_an_event() -> None:
    """The record that was deleted, else the event's own id."""
    sent = {"id": "ev1", "resource": "INVOICE", "type": "object_deleted", "last_synced_at": SENT}
    expected = {
        "id": "ev1", "type": "object_deleted", "resource": "INVOICE", "record_id": "ev1",
        "last_synced_at": MOMENT,
    }  # fmt: skip
    assert row("events", sent) == expected
    assert row("events", {**sent, "data": {"id": "i1"}}) == {**expected, "record_id": "i1"}


# Nulls


ROUTES = [
    pytest.param(name, route.name, id=f"{name}-{route.name}")
    for name, routes in LIVE.resources.items()
    for route in routes
]
#: What a column holds although nothing was sent.
CONSTANT = {
    ("orders", ""): {"status": "unknown"},
    ("customers", "ledger"): {"kind": "ledger"},
    ("customers", "shop"): {"kind": "shop"},
    ("expenses", "expenses"): {"expense_type": "expense"},
    ("expenses", "refunds"): {"expense_type": "refund"},
    ("ad_accounts", ""): {"platform": "quickbooks"},
}


def nothing(sent: Any) -> Any:
    """Return a record with each of its fields null."""
    return dict.fromkeys(sent.model_fields)


@pytest.mark.parametrize(("resource", "name"), ROUTES)
def test_everything_may_be_missing_or_null(resource: str, name: str) -> None:
    """A record of which nothing was sent, or everything as null, is a row of nulls."""
    mapping = route_of(resource, name).mapping
    assert mapping is not None
    expected = {**dict.fromkeys(mapping.model.model_fields), **CONSTANT.get((resource, name), {})}
    assert row(resource, {}, name) == expected
    assert row(resource, nothing(mapping.wire), name) == expected
