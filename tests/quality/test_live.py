"""The checks of frames of the live dialect, which have more columns, words and resources."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

import rutterframe as rf
from rutterframe.frames import frame_schema, rows_of, to_frame
from rutterframe.models.live import LIVE_RECORDS

DAY = pd.Timestamp("2026-06-30")
MOMENT = pd.Timestamp("2026-06-30T10:00:00", tz="UTC")
LINE = {"description": "Beans", "quantity": 2.0, "unit_price": 5.0, "total_amount": 10.0}
DOCUMENT = {
    "id": "d1", "customer_id": "u1", "vendor_id": "v1", "status": "open", "amount_due": 10.0,
    "currency": "USD", "due_date": DAY, "issue_date": DAY, "total_amount": 10.0, "line_items": [LINE],
    "payments": [], "last_synced_at": MOMENT,
}  # fmt: skip


def frame(resource: str, *records: dict[str, Any]) -> pd.DataFrame:
    """Return a frame of the live dialect with the dtypes of a loader."""
    model = LIVE_RECORDS[resource]
    known = [{key: value for key, value in row.items() if key in model.model_fields} for row in records]
    return to_frame(model, [rows_of(model, [pa.Table.from_pylist(known, frame_schema(model))], "c1")])


def findings(resource: str, *records: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return check, id, field and explanation of each finding."""
    result = rf.check({resource: frame(resource, *records)}, as_of="2026-07-01")
    columns = ["check", "id", "field", "explanation"]
    return list(result[columns].itertuples(index=False, name=None))


@pytest.mark.parametrize("resource", LIVE_RECORDS)
def test_an_empty_frame_has_no_findings(resource: str) -> None:
    """Every resource of the live dialect can be checked, by its name and by its columns."""
    empty = frame(resource)
    assert rf.check({resource: empty}).empty
    assert rf.check(empty).empty


@pytest.mark.parametrize("resource", ["invoices", "bills"])
@pytest.mark.parametrize(
    ("line", "is_right"),
    [
        ({}, True),
        ({"total_amount": 11.0, "tax_amount": 1.0}, True),
        ({"total_amount": 11.0, "sub_total": 10.0}, True),
        ({"total_amount": 9.0, "sub_total": 9.0, "discount_amount": 1.0}, True),
        ({"total_amount": 9.9, "tax_amount": 0.9, "discount_amount": 1.0}, True),
        ({"total_amount": 11.0}, False),
        ({"total_amount": 11.0, "tax_amount": 2.0}, False),
    ],
)
def test_a_line_with_tax_or_discount(resource: str, line: dict[str, Any], *, is_right: bool) -> None:
    """A line's total may have tax, and a discount taken off, beside quantity times unit price."""
    document = {**DOCUMENT, "line_items": [{**LINE, **line}]}
    expected = [] if is_right else ["line_is_not_its_product"]
    assert [check for check, *_ in findings(resource, document)] == expected


def test_a_document_with_shipping_on_it() -> None:
    """What is due is compared with the document's total, which may be more than its lines."""
    assert findings("invoices", {**DOCUMENT, "amount_due": 12.5, "total_amount": 12.5}) == []
    assert findings("invoices", {**DOCUMENT, "amount_due": 12.5, "payments": None}) == [
        ("lines_do_not_sum", "d1", "amount_due", "12.5 USD are due, but the lines add up to 10.")
    ]


def _payments(*amounts: float | None) -> list[dict[str, Any]]:
    return [
        {"id": f"p{n}", "date": DAY, "amount": amount, "kind": "payment"} for n, amount in enumerate(amounts)
    ]


@pytest.mark.parametrize("resource", ["invoices", "bills"])
@pytest.mark.parametrize(
    ("changes", "rest"),
    [
        ({"payments": _payments(0.1, 0.2), "amount_due": 9.7}, None),
        ({"payments": _payments(3.0), "amount_due": 10.0}, "7"),
        ({"payments": [], "amount_due": 9.0}, "10"),
        ({"payments": None, "amount_due": 9.0}, None),
        ({"payments": _payments(3.0, None), "amount_due": 9.0}, None),
        ({"payments": [], "amount_due": 0.0, "status": "voided"}, None),
        ({"payments": [], "amount_due": 9.0, "total_amount": None}, None),
    ],
)
def test_payments_that_do_not_explain_what_is_due(
    resource: str, changes: dict[str, Any], rest: str | None
) -> None:
    """What is due is the total less the payments, where all of them are known and the document is booked."""
    document = {**DOCUMENT, **changes}
    wrong = [
        (identity, field, text)
        for check, identity, field, text in findings(resource, document)
        if check == "payments_do_not_sum"
    ]
    due = f"{document['amount_due']:g}"
    text = f"{due} USD are due, but the total less the payments is {rest}."
    assert wrong == ([] if rest is None else [("d1", "amount_due", text)])


def test_contract_frames_have_no_payments_to_check() -> None:
    """A frame of the contract has neither total nor payments, and no note says that they are missing."""
    live = frame("invoices", DOCUMENT)
    contract = live[["connection_id", "id", "customer_id", "status", "amount_due", "currency", "due_date"]]
    notes = rf.check({"invoices": contract}, as_of="2026-07-01").attrs["notes"]
    assert not any("payments" in note or "total_amount" in note for note in notes)


@pytest.mark.parametrize(
    ("resource", "record", "is_known"),
    [
        (
            "invoices",
            {**DOCUMENT, "status": "pending_approval", "amount_due": 0.0, "total_amount": 0.0},
            True,
        ),
        ("accounts", {"id": "a1", "type": "nonposting", "currency": "USD", "balance": 0.0}, True),
        ("accounts", {"id": "a1", "type": "memo", "currency": "USD", "balance": 0.0}, False),
        ("connections", {"id": "c1", "status": "needs_reauth"}, True),
        ("connections", {"id": "c1", "status": "error"}, False),
        ("products", {"id": "p1", "status": "inactive", "currency": "USD", "price": 1.0}, True),
    ],
)
def test_words_of_the_live_dialect(resource: str, record: dict[str, Any], *, is_known: bool) -> None:
    """The words of the dialect in which a frame was loaded are known."""
    checks = [check for check, *_ in findings(resource, record)]
    assert ("unknown_word" not in checks) is is_known


def test_a_bank_account_of_one_of_many_types() -> None:
    """Of the many types of bank accounts only the kind is checked; a debt is not overdrawn."""
    card = {
        "id": "b1",
        "name": "Card",
        "type": "money_market",
        "kind": "credit",
        "balance": -5.0,
        "currency": "USD",
    }
    assert findings("bank_accounts", card) == []
    assert [check for check, *_ in findings("bank_accounts", {**card, "kind": "depository"})] == ["overdrawn"]


MOVEMENT = {
    "id": "t1", "amount": 5.0, "currency": "USD", "date": DAY, "last_synced_at": None, "gateway": "stripe",
}  # fmt: skip


def test_payments_of_a_shop_are_on_no_account() -> None:
    """A shop's payment has no account, and equals one of another order only by chance."""
    one = {**MOVEMENT, "type": "sale", "order_id": "o1", "status": "success"}
    assert findings("transactions", one, {**one, "id": "t2", "order_id": "o2"}) == []
    assert [check for check, *_ in findings("transactions", one, {**one, "id": "t2"})] == [
        "possible_duplicate"
    ]


def test_a_bank_transaction_without_an_account() -> None:
    """A movement at a bank without an account is a finding."""
    checks = [check for check, *_ in findings("transactions", {**MOVEMENT, "last_synced_at": MOMENT})]
    assert checks == ["missing_account"]


def test_a_refund_is_a_negative_expense() -> None:
    """An expense below zero is a finding unless it is a refund."""
    refund = {
        "id": "e1",
        "amount": -5.0,
        "currency": "USD",
        "date": DAY,
        "account_id": "a1",
        "expense_type": "refund",
    }
    assert findings("expenses", refund) == []
    checks = [check for check, *_ in findings("expenses", {**refund, "expense_type": "expense"})]
    assert checks == ["negative_expense"]


def test_an_advertising_account_has_no_currency() -> None:
    """The live dialect has the currency of campaigns only."""
    assert findings("ad_accounts", {"id": "ad1", "name": "Main", "updated_at": MOMENT}) == []


PAYMENT = {"id": "p1", "amount": 5.0, "currency": "USD", "date": DAY, "status": "active", "documents": []}


@pytest.mark.parametrize("resource", ["invoice_payments", "bill_payments"])
@pytest.mark.parametrize(
    ("changes", "checks"),
    [
        ({}, []),
        ({"id": None}, ["missing_id"]),
        ({"currency": "usd"}, ["unknown_currency"]),
        ({"amount": None}, ["missing_amount"]),
        ({"amount": 5.001}, ["too_many_decimals"]),
        ({"date": pd.Timestamp("1899-12-30")}, ["date_out_of_range"]),
    ],
)
def test_payments_are_checked(resource: str, changes: dict[str, Any], checks: list[str]) -> None:
    """What only the live dialect has is checked for ids, currencies, amounts and days."""
    assert [check for check, *_ in findings(resource, {**PAYMENT, **changes})] == checks


def test_a_bill_of_a_vendor_that_is_not_listed() -> None:
    """Vendors are looked up where they were loaded; without them nothing is noted, as in the contract."""
    bills = frame(
        "bills", DOCUMENT, {**DOCUMENT, "id": "d2", "vendor_id": "v2", "due_date": DAY + pd.Timedelta("1D")}
    )
    vendors = frame("vendors", {"id": "v1", "name": "Mill", "last_synced_at": MOMENT})
    result = rf.check({"bills": bills, "vendors": vendors}, as_of="2026-07-01")
    assert result[["check", "id", "explanation"]].to_numpy().tolist() == [
        ["unknown_vendor", "d2", "The vendor v2 is not among the vendors of c1."]
    ]
    alone = rf.check({"bills": bills}, as_of="2026-07-01")
    assert alone.empty
    assert not any("vendor" in note for note in alone.attrs["notes"])


CREDIT = {"id": "m1", "amount": 5.0, "remaining_amount": 2.5, "currency": "USD", "issue_date": DAY}


@pytest.mark.parametrize("resource", ["invoice_credit_memos", "bill_credit_memos"])
@pytest.mark.parametrize(
    ("changes", "is_open"),
    [
        ({"status": "open"}, True),
        ({"status": "partially_applied"}, True),
        ({"status": None}, True),
        ({"status": "voided"}, False),
        ({"status": "draft"}, False),
        ({"status": "applied", "remaining_amount": 0.0}, False),
        ({"status": "open", "remaining_amount": 0.001}, False),
    ],
)
def test_a_credit_memo_that_is_not_used_up(resource: str, changes: dict[str, Any], *, is_open: bool) -> None:
    """What remains of a credit memo lowers an aging, so it is worth knowing."""
    text = "A credit of 2.5 USD is open: it has not been set off against a document."
    expected = [("unapplied_credit", "m1", "remaining_amount", text)] if is_open else []
    assert [
        finding for finding in findings(resource, {**CREDIT, **changes}) if finding[0] == "unapplied_credit"
    ] == expected


def test_a_live_frame_without_payments() -> None:
    """A note says that payments could not be checked, where the column was taken out."""
    invoices = frame("invoices", DOCUMENT).drop(columns="payments")
    assert (
        "The frame of invoices has no column 'payments': what needs it was not checked."
        in rf.check({"invoices": invoices}, as_of="2026-07-01").attrs["notes"]
    )


def test_the_resource_by_the_columns() -> None:
    """A frame without a receipt is recognised by its columns; one of no resource is refused."""
    payments = frame("bill_payments", {**PAYMENT, "id": None})
    assert rf.check(payments, as_of="2026-07-01")["resource"].tolist() == ["bill_payments"]
    with pytest.raises(ValueError, match="This frame looks like none of connections, accounts"):
        rf.check(pd.DataFrame({"id": ["x"]}))
