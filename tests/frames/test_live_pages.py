"""Live pages in the spellings of the service are read by whole columns; unreadable values are refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

import rutterframe as rf
from rutterframe.dialects import LIVE
from rutterframe.frames import Decoder, decode
from rutterframe.frames.decode import Batch
from rutterframe.frames.exact import Refusals
from rutterframe.frames.exact_table import exact_table
from rutterframe.models import Webhook

Row = dict[str, Any]
ORDER = LIVE.resources["orders"][0]
INVOICE = LIVE.resources["invoices"][0]
ROUTES = {"invoices": INVOICE, "orders": ORDER}


def invoice(number: int) -> Row:
    """Return an invoice with the fields that the service always sends."""
    return {
        "id": f"i{number}",
        "platform_id": str(number),
        "customer_id": "c1",
        "due_date": "2026-01-31T00:00:00.000Z",
        "issue_date": "2026-01-01T00:00:00.000Z",
        "status": "partially_paid",
        "amount_due": 12.5,
        "currency_code": "USD",
        "total_amount": 20,
        "linked_payments": [
            {
                "id": f"p{number}",
                "allocated_date": "2026-01-15T00:00:00.000Z",
                "allocated_amount": 7.5,
                "type": "INVOICE_PAYMENT",
            }
        ],
        "line_items": [
            {
                "description": "Beans",
                "total_amount": 20,
                "item": {"id": "b1", "quantity": 2, "unit_amount": 10},
                "type": None,
            },
            {"description": "Freight", "total_amount": 0, "item": None, "type": "shipping"},
        ],
        "created_at": None,
        "updated_at": "2026-01-15T09:00:00.000Z",
        "last_synced_at": "2026-01-16T09:00:00.000Z",
    }


def decoded(resource: str, rows: list[Any], on_invalid: Any = "raise") -> Batch:
    """Decode a page as the service formats it."""
    route = ROUTES[resource]
    assert route.mapping is not None
    page = {route.list_key: rows, "next_cursor": None, "connection": {"id": "c1", "platform": "QUICKBOOKS"}}
    body = json.dumps(page, separators=(",", ":")).encode()
    key, model = route.list_key, route.mapping.model
    return Decoder(model, key, "next_cursor", "c1", on_invalid, mapping=route.mapping).decode([body])


def changed(*path: str | int, to: Any) -> Callable[[Row], Row]:
    """Return a function that changes one value of a record."""

    def change(row: Row) -> Row:
        inner: Any = row
        for part in path[:-1]:
            inner = inner[part]
        inner[path[-1]] = to
        return row

    return change


SPELLINGS = [
    changed("amount_due", to="12.50"),
    changed("line_items", 0, "item", "quantity", to="2.0"),
    changed("line_items", 0, "item", "unit_amount", to="10.00"),
    changed("linked_payments", 0, "allocated_amount", to="7.50"),
    changed("line_items", 1, "item", to={"id": None, "quantity": None, "unit_amount": None}),
    changed("line_items", 1, "item", to=[]),
    changed("line_items", 1, "item", to=""),
    changed("line_items", 1, "item", to={}),
    changed("due_date", to="2026-01-31"),
    changed("due_date", to="2026-01-31T05:00:00Z"),
    changed("due_date", to="2026-01-31T23:59:59-08:00"),
    changed("linked_payments", 0, "allocated_date", to="2026-01-15"),
    changed("status", to="PARTIALLY_PAID"),
    changed("platform_data", to={"anything": [1, {"due_date": "no date"}]}),
    changed("updated_at", to="2026-01-15T09:00:00Z"),
    changed("last_synced_at", to="2026-01-16 10:00:00+01:00"),
]


@pytest.mark.parametrize("change", SPELLINGS)
@pytest.mark.parametrize("rows", [1, 40])
def test_spellings(monkeypatch: pytest.MonkeyPatch, change: Callable[[Row], Row], rows: int) -> None:
    """Each spelling of the service has the same value, and none takes the path of single rows."""
    monkeypatch.setattr(decode, "exact_table", None)
    usual = decoded("invoices", [invoice(number) for number in range(40)]).table

    other = [change(invoice(number)) if number < rows else invoice(number) for number in range(40)]

    assert decoded("invoices", other).table.equals(usual)


def test_the_columns_of_an_invoice() -> None:
    """The contract's columns are first; a line without an item has neither quantity nor price."""
    row = decoded("invoices", [invoice(1)]).table.to_pylist()[0]

    assert list(row)[:7] == [
        "id",
        "customer_id",
        "status",
        "amount_due",
        "currency",
        "due_date",
        "line_items",
    ]
    assert (row["due_date"], row["issue_date"]) == (datetime(2026, 1, 31), datetime(2026, 1, 1))  # noqa: DTZ001
    lines = [(line["quantity"], line["unit_price"], line["total_amount"]) for line in row["line_items"]]
    assert lines == [(2.0, 10.0, 20.0), (None, None, 0.0)]
    payment = {"id": "p1", "date": datetime(2026, 1, 15), "amount": 7.5, "kind": "payment"}  # noqa: DTZ001
    assert row["payments"] == [payment]


@pytest.mark.parametrize(
    ("change", "field", "value", "reason"),
    [
        (changed("due_date", to="31.01.2026"), "due_date", "'31.01.2026'", "not ISO 8601 text"),
        (changed("due_date", to="2026-02-30"), "due_date", "'2026-02-30'", "valid date"),
        (changed("due_date", to="2026-01-31T25:00:00Z"), "due_date", "'2026-01-31T25:00:00Z'", "not a date"),
        (changed("due_date", to=1769817600000), "due_date", "1769817600000", "not ISO 8601 text"),
        (changed("amount_due", to="1,234.50"), "amount_due", "'1,234.50'", "not a number"),
        (changed("amount_due", to=True), "amount_due", "True", "not a number"),
        (
            changed("line_items", 0, "item", "quantity", to="two"),
            "line_items[0].item.quantity",
            "'two'",
            "not a number",
        ),
        (changed("line_items", 0, "item", to=7), "line_items[0].item", "7", "valid dictionary"),
        (changed("line_items", to={}), "line_items", "{}", "valid list"),
        (changed("line_items", 1, to=None), "line_items[1]", "None", "valid dictionary"),
        (
            changed("linked_payments", 0, "allocated_date", to="soon"),
            "linked_payments[0].allocated_date",
            "'soon'",
            "not ISO 8601 text",
        ),
    ],
)
def test_refusals(change: Callable[[Row], Row], field: str, value: str, reason: str) -> None:
    """A row that cannot be read is refused with the names of the wire; its neighbours are not."""
    rows = [invoice(number) for number in range(40)]
    change(rows[7])

    with pytest.raises(rf.InvalidRows) as error:
        decoded("invoices", rows)
    batch = decoded("invoices", rows, "quarantine")

    (refusal,) = batch.reasons
    assert error.value.refused == batch.reasons
    assert (refusal.record_id, refusal.field, refusal.value) == ("i7", field, value)
    assert reason in refusal.reason
    expected = [f"i{number}" for number in range(40) if number != 7]
    assert (batch.refused, batch.table.column("id").to_pylist()) == (1, expected)


def order(number: int) -> Row:
    """Return an order that is paid and shipped; several of its keys have the same ending."""
    return {
        "id": f"o{number}",
        "status": "active",
        "payment_status": "paid",
        "fulfillment_status": "fulfilled",
        "total_discount": 1,
        "total_shipping_discount": 0,
        "customer": {"id": "c1"},
        "line_items": [{"id": "l1", "quantity": 2, "unit_cost": 1.5, "price": 3}],
    }


@pytest.mark.parametrize(
    ("before", "after", "field"),
    [
        ('"customer":{"id":"c1"}', '"customer":7', "customer"),
        ('"payment_status":"paid"', '"payment_status":"paid","payment_status":"paid"', "payment_status"),
        ('"id":"c1"', '"id":"c1","id":"c2"', "customer.id"),
        ('"unit_cost":1.5', '"unit_cost":1.5,"unit_cost":2', "line_items[0].unit_cost"),
        ('"total_discount":1', '"total_discount":{}', "total_discount"),
    ],
)
def test_only_the_row_in_doubt_is_read_by_itself(
    monkeypatch: pytest.MonkeyPatch, before: str, after: str, field: str
) -> None:
    """One unreadable row among others is read alone: keys that end alike are not taken for repeated ones."""
    single: list[int] = []

    def count(model: Any, rows: list[Any], refusals: Refusals) -> Any:
        single.append(len(rows))
        return exact_table(model, rows, refusals)

    monkeypatch.setattr(decode, "exact_table", count)
    rows = [json.dumps(order(number), separators=(",", ":")) for number in range(40)]
    rows[7] = rows[7].replace(before, after)
    assert ORDER.mapping is not None
    decoder = Decoder(ORDER.mapping.model, "orders", "next_cursor", None, "quarantine", mapping=ORDER.mapping)
    batch = decoder.decode([f'{{"orders":[{",".join(rows)}],"next_cursor":null}}'.encode()])

    assert [(reason.record_id, reason.field) for reason in batch.reasons] == [("o7", field)]
    assert (batch.table.num_rows, single) == (39, [1])


def test_another_connection_is_refused() -> None:
    """A page of another connection is refused in the live envelope too."""
    mapping = INVOICE.mapping
    assert mapping is not None
    body = b'{"invoices":[],"next_cursor":null,"connection":{"id":"other","orgId":"o","platform":"XERO"}}'
    with pytest.raises(rf.ConnectionMismatch):
        Decoder(mapping.model, "invoices", "next_cursor", "c1", mapping=mapping).decode([body])


def test_the_text_of_each_page_belongs_to_its_rows() -> None:
    """A text of the page is that of the page a row came with, also after rows that were refused."""
    route = LIVE.resources["ad_accounts"][0]
    mapping = route.mapping
    assert mapping is not None
    pages = [
        {"accounts": [{"id": "a"}, {"id": "b", "updated_at": "never"}], "connection": {"platform": "GOOGLE"}},
        {"accounts": [{"id": "c"}], "connection": {"platform": "FACEBOOK"}},
        {"accounts": [{"id": "d", "updated_at": 7}, {"id": "e"}], "connection": None},
    ]
    decoder = Decoder(mapping.model, route.list_key, "next_cursor", None, "quarantine", mapping=mapping)
    batch = decoder.decode([json.dumps(page).encode() for page in pages])

    assert batch.table.select(["id", "platform"]).to_pylist() == [
        {"id": "a", "platform": "google_ads"},
        {"id": "c", "platform": "facebook_ads"},
        {"id": "e", "platform": None},
    ]


@pytest.mark.parametrize(
    ("tree", "field", "value", "reason"),
    [
        ("7", "assets", "7", "valid list"),
        ('{"name":"Bank","value":"much"}', "assets[0].value", "'much'", "not a number"),
        (
            '{"items":[{"name":"Bank","value":"1.00"},{"value":true}]}',
            "assets[2].value",
            "True",
            "not a number",
        ),
        ('{"items":[3]}', "assets[1]", "3", "valid dictionary"),
        ('{"items":{"name":"Bank"}}', "assets", "{'items'", "the items of an entry are not a list"),
        ('{"items":[{"items":[{"value":1,"value":2}]}]}', "assets", "{'items'", "a key appears twice"),
        ('{"value":1,"value":2}', "assets.value", "two values", "the key appears twice"),
    ],
)
def test_refused_trees(tree: str, field: str, value: str, reason: str) -> None:
    """A statement with an entry that cannot be read is refused; its neighbour is not."""
    route = LIVE.resources["balance_sheets"][0]
    mapping = route.mapping
    assert mapping is not None
    body = f'{{"balance_sheets":[{{"id":"good"}},{{"id":"bad","assets":{tree}}}]}}'.encode()
    decoder = Decoder(mapping.model, route.list_key, "next_cursor", None, "quarantine", mapping=mapping)
    batch = decoder.decode([body])

    assert batch.table.column("id").to_pylist() == ["good"]
    (refusal,) = batch.reasons
    assert (refusal.record_id, refusal.field) == ("bad", field)
    assert value in refusal.value
    assert reason in refusal.reason


def test_a_single_object() -> None:
    """An answer with one object has one row; null has none, and an answer without it is refused."""
    route = LIVE.resources["stores"][0]
    mapping = route.mapping
    assert mapping is not None
    decoder = Decoder(mapping.model, "store", "next_cursor", "c1", mapping=mapping, is_single=True)
    key = route.list_key

    store = json.dumps({key: {"id": "s", "store_name": "Beans"}}).encode()
    names = decoder.decode([store]).table.select(["id", "name"]).to_pylist()
    assert names == [{"id": "s", "name": "Beans"}]
    assert len(decoder.decode([json.dumps({key: None}).encode()]).table) == 0
    with pytest.raises(rf.InvalidResponse, match=r"The answer has no object 'store' \(keys: \['stores'\]\)"):
        decoder.decode([b'{"stores":[]}'])
    with pytest.raises(rf.InvalidResponse, match=r"The answer has no object 'store' \('store' is \[\]\)"):
        decoder.decode([b'{"store":[]}'])


def test_a_bare_array() -> None:
    """A body that is the list itself is read as a page; anything else is refused."""
    decoder = Decoder(Webhook, "webhooks", "next_cursor", is_array=True)

    assert decoder.decode([b'[{"id":"w1"},{"id":"w2"}]']).table.column("id").to_pylist() == ["w1", "w2"]
    assert decoder.decode([b"\xef\xbb\xbf[]"]).table.num_rows == 0
    for body in (b"{}", b'[]}{"webhooks":[]', b"[", b"null", b""):
        with pytest.raises(rf.InvalidResponse):
            decoder.decode([body])
