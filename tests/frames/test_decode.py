"""Decoded values, refused values and invalid pages, each with a literal."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rutterframe as rf
from rutterframe.frames import Decoder, rows_of, to_frame
from rutterframe.frames.decode import Batch
from rutterframe.models import ExpandedOrder, Order, Product, Record, Transaction

KEYS = {Order: "orders", Product: "products", Transaction: "transactions", ExpandedOrder: "orders"}


def page(model: type[Record], *rows: str) -> bytes:
    """Return a page of rows that are JSON text."""
    return f'{{"{KEYS[model]}":[{",".join(rows)}],"next_cursor":null}}'.encode()


def decode(model: type[Record], *bodies: bytes, on_invalid: Any = "raise", connection: str = "c1") -> Batch:
    """Decode pages of a connection."""
    return Decoder(model, KEYS[model], "next_cursor", connection, on_invalid).decode(bodies)


def frame(model: type[Record], *bodies: bytes) -> pd.DataFrame:
    """Decode pages into a frame."""
    return to_frame(model, [rows_of(model, [decode(model, *bodies).table], "c1")])


PLAIN = '{"id":"t0","amount":1.25,"date":"2026-01-31"}'


@pytest.mark.parametrize(
    ("sent", "column", "value"),
    [
        ('{"amount":"12.34"}', "amount", 12.34),
        ('{"amount":12.34}', "amount", 12.34),
        ('{"amount":-0.01}', "amount", -0.01),
        ('{"amount":1e2}', "amount", 100.0),
        ('{"amount":"-1e-2"}', "amount", -0.01),
        ('{"amount":0.30000000000000004}', "amount", 0.30000000000000004),
        ('{"amount":9007199254740993}', "amount", 9007199254740992.0),
        ('{"amount":-0.0}', "amount", 0.0),
        ('{"amount":0.1000000000000000055511151231257827}', "amount", 0.1),
        ('{"amount":123456789.005}', "amount", 123456789.005),
        ('{"id":12}', "id", "12"),
        ('{"id":12345678901234567890}', "id", "12345678901234567890"),
        ('{"id":"0012"}', "id", "0012"),
        ('{"id":"12"}', "id", "12"),
        ('{"description":"a\\nb\\u00e9\\ud83d\\ude00"}', "description", "a\nbé😀"),
        ('{"description":"\\u0000"}', "description", "\x00"),
        ('{"description":""}', "description", ""),
        ('{"date":"2026-02-28"}', "date", pd.Timestamp("2026-02-28")),
        ('{"date":"2026-02-28T00:00:00Z"}', "date", pd.Timestamp("2026-02-28")),
        ('{"date":"0001-01-01"}', "date", pd.Timestamp("0001-01-01").as_unit("us")),
        ('{"type":"a new word"}', "type", "a new word"),
        ('{"unknown":{"deep":[1,2,{"x":null}]},"id":"a"}', "id", "a"),
    ],
)
def test_values_of_a_transaction(sent: str, column: str, value: object) -> None:
    """A value is read by either path, alone and after a page of the columnar path."""
    alone = frame(Transaction, page(Transaction, sent))
    after = frame(Transaction, page(Transaction, PLAIN), page(Transaction, sent))
    assert alone[column].iloc[0] == value
    assert after[column].iloc[1] == value
    assert after["amount"].iloc[0] == 1.25


@pytest.mark.parametrize(
    ("sent", "value"),
    [
        ("2026-01-31T10:00:00Z", "2026-01-31T10:00:00"),
        ("2026-01-31T10:00:00", "2026-01-31T10:00:00"),
        ("2026-01-31 10:00:00Z", "2026-01-31T10:00:00"),
        ("2026-01-31T10:00:00+02:00", "2026-01-31T08:00:00"),
        ("2026-01-31T10:00:00+0530", "2026-01-31T04:30:00"),
        ("2026-01-31T10:00:00+00", "2026-01-31T10:00:00"),
        ("2026-01-31T10:00:00.5-05", "2026-01-31T15:00:00.500000"),
        ("2026-01-31T10:00Z", "2026-01-31T10:00:00"),
        ("2026-01-31T10:00:00.1Z", "2026-01-31T10:00:00.100000"),
        ("2026-01-31T10:00:00.123456Z", "2026-01-31T10:00:00.123456"),
        ("2026-01-31T10:00:00.123456789Z", "2026-01-31T10:00:00.123456"),
        ("2026-01-31", "2026-01-31T00:00:00"),
    ],
)
def test_times(sent: str, value: str) -> None:
    """A time is in UTC to the microsecond; without a zone it is UTC, and further digits are truncated."""
    orders = frame(Order, page(Order, f'{{"id":"o","created_at":"{sent}"}}'))
    assert orders["created_at"].iloc[0] == pd.Timestamp(value, tz="UTC")
    assert str(orders["created_at"].dtype) == "datetime64[us, UTC]"


def test_times_of_several_forms_on_one_page() -> None:
    """Times with and without fractions and zones may be on one page."""
    sent = (
        "2026-01-31T10:00:00Z",
        "2026-01-31T10:00:00.5Z",
        "2026-01-31T10:00:00.123456789Z",
        "2026-01-31T10:00:00",
    )
    orders = frame(
        Order, page(Order, *(f'{{"id":"{n}","created_at":"{time}"}}' for n, time in enumerate(sent)))
    )
    assert orders["created_at"].dt.microsecond.tolist() == [0, 500_000, 123_456, 0]
    assert orders["created_at"].dt.floor("s").unique().tolist() == [
        pd.Timestamp("2026-01-31T10:00:00", tz="UTC")
    ]


@pytest.mark.parametrize(
    ("sent", "value"),
    [("3", 3), ("3.0", 3), ('"3"', 3), ("-1", -1), ("9223372036854775807", 2**63 - 1), ("null", None)],
)
def test_counts(sent: str, value: int | None) -> None:
    """A count is a whole number, also as 3.0 or as text, and stays exact up to 64 bits."""
    table = decode(Product, page(Product, f'{{"id":"p","variants":[{{"inventory_quantity":{sent}}}]}}')).table
    assert table["variants"].to_pylist()[0][0]["inventory_quantity"] == value


@pytest.mark.parametrize(
    ("sent", "field", "reason"),
    [
        ('{"id":"t","amount":true}', "amount", "not a number"),
        ('{"id":"t","amount":"1,234.00"}', "amount", "not a number"),
        ('{"id":"t","amount":""}', "amount", "not a number"),
        ('{"id":"t","amount":1e999}', "amount", "Input should be a finite number"),
        ('{"id":"t","amount":[1]}', "amount", "Input should be a valid number"),
        ('{"id":"t","date":"2026-02-30"}', "date", "day value is outside expected range"),
        (
            '{"id":"t","date":"2026-01-31T10:00:00"}',
            "date",
            "Datetimes provided to dates should have zero time",
        ),
        ('{"id":"t","date":1700000000}', "date", "not ISO 8601 text"),
        ('{"id":"t","date":"31/01/2026"}', "date", "not ISO 8601 text"),
        ('{"id":"t","description":"\\ud800"}', "description", "half of a surrogate pair"),
        ('{"id":"t","description":1.5}', "description", "Input should be a valid string"),
        ('{"id":"t","amount":1,"amount":2}', "amount", "the key appears twice"),
    ],
)
def test_refused_values(sent: str, field: str, reason: str) -> None:
    """A value that would need a guess is refused with record, field, value and reason."""
    with pytest.raises(rf.InvalidRows) as caught:
        decode(Transaction, page(Transaction, PLAIN), page(Transaction, PLAIN.replace("t0", "t1"), sent))
    (refusal,) = caught.value.refused
    assert (refusal.record_id, refusal.field) == ("t", field)
    assert reason in refusal.reason
    assert "record 't'" in str(caught.value)
    assert 'on_invalid="quarantine"' in str(caught.value)


@pytest.mark.parametrize(
    ("model", "sent", "field"),
    [
        (Order, '{"id":"o","line_items":[{"quantity":1.5}]}', "line_items[0].quantity"),
        (
            Order,
            '{"id":"o","line_items":[{"quantity":1},{"quantity":9223372036854775808}]}',
            "line_items[1].quantity",
        ),
        (
            Product,
            '{"id":"p","variants":[{"inventory_quantity":-9223372036854775809}]}',
            "variants[0].inventory_quantity",
        ),
        (Product, '{"id":"p","variants":[{"inventory_quantity":true}]}', "variants[0].inventory_quantity"),
        (Order, '{"id":"o","line_items":[{"quantity":1,"quantity":1}]}', "line_items[0].quantity"),
        (Order, '{"id":"o","line_items":[null]}', "line_items[0]"),
        (Order, '{"id":"o","line_items":{}}', "line_items"),
        (Order, '{"id":"o","created_at":"2026-01-31T23:59:60Z"}', "created_at"),
        (Order, '{"id":"o","created_at":"2026-01-31T10Z"}', "created_at"),
        (Order, '{"id":"o","created_at":"2026-01-31T10:00:00+24"}', "created_at"),
        (Order, '{"id":"o","created_at":"0001-01-01T00:00:00+05:00"}', "created_at"),
        (Order, '{"id":"o","created_at":"9999-12-31T23:59:59-02:00"}', "created_at"),
        (Transaction, '{"id":"t","date":"0000-01-01"}', "date"),
        (Product, '{"id":"p","variants":[{"price":"free"}]}', "variants[0].price"),
    ],
)
def test_refused_values_in_nested_rows(model: type[Record], sent: str, field: str) -> None:
    """Nested values are checked as strictly, and named by their path."""
    with pytest.raises(rf.InvalidRows) as caught:
        decode(model, page(model, sent))
    assert [refusal.field for refusal in caught.value.refused] == [field]


def test_null_before_a_page_is_refused() -> None:
    """A body that begins with null is refused: it would crash Arrow's reader."""
    with pytest.raises(rf.InvalidResponse, match="Extra data"):
        decode(Transaction, b'null\n{"transactions":[{"id":"a"}],"next_cursor":null}')


def test_null_row_is_refused() -> None:
    """A null instead of a record is refused, not read as a record of nulls."""
    with pytest.raises(rf.InvalidRows, match="null instead of a record"):
        decode(Transaction, page(Transaction, PLAIN, "null"))


def test_quarantine_loads_the_other_rows() -> None:
    """With quarantine the other rows are loaded in order, and the refused one is counted with a reason."""
    body = page(Transaction, '{"id":"a","amount":1}', '{"id":"b","amount":"x"}', '{"id":"c","amount":"3"}')
    batch = decode(Transaction, body, on_invalid="quarantine")
    assert batch.table["id"].to_pylist() == ["a", "c"]
    assert batch.table["amount"].to_pylist() == [1.0, 3.0]
    assert batch.refused == 1
    assert [str(reason) for reason in batch.reasons] == ["record 'b', amount: not a number, got 'x'"]


def test_a_row_refused_for_two_reasons_counts_once() -> None:
    """Two bad fields of one row are two reasons, but one refused row."""
    batch = decode(
        Transaction, page(Transaction, '{"id":"b","amount":"x","date":"y"}'), on_invalid="quarantine"
    )
    assert (batch.refused, len(batch.reasons)) == (1, 2)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<html>down</html>", "The response is not JSON"),
        (b'{"transactions":[{"id":"a"}', "The response is not JSON"),
        (b'{"transactions":[{"id":"a","amount":nan}]}', "The response is not JSON"),
        (b'{"transactions":[{"id":"a","amount":+1}]}', "The response is not JSON"),
        (b'{"transactions":[]} {"transactions":[]}', "Extra data"),
        (b'{"transactions":[{"id":"\xff"}]}', "can't decode byte 0xff"),
        (b'{"transactions":[{"id":"a\x01"}]}', "Invalid control character"),
        (b'{"transactions":null}', "no list 'transactions' ('transactions' is None)"),
        (b'{"data":[{"id":"a"}]}', "no list 'transactions' (keys: ['data'])"),
        (b'{"transactions":{"id":"a"}}', "no list 'transactions'"),
        (b'{"transactions":[],"transactions":[{"id":"a"}]}', "the key 'transactions' twice"),
        (b'[{"id":"a"}]', "a list instead of an object"),
        (b"", "The response is not JSON"),
    ],
)
def test_invalid_pages(body: bytes, message: str) -> None:
    """A body that is not a page is an error with a reason, never a frame with missing rows."""
    with pytest.raises(rf.InvalidResponse) as caught:
        decode(Transaction, page(Transaction, PLAIN), body)
    assert message in str(caught.value)


def test_pretty_printed_pages() -> None:
    """Pages with line breaks are read like others, also several at once."""
    pretty = json.dumps({"transactions": [{"id": "a", "description": "x\ny"}], "next_cursor": None}, indent=2)
    batch = decode(
        Transaction, pretty.encode(), page(Transaction, PLAIN), pretty.replace('"a"', '"b"').encode()
    )
    assert batch.table["id"].to_pylist() == ["a", "t0", "b"]
    assert batch.table["description"].to_pylist() == ["x\ny", None, "x\ny"]


def test_byte_order_mark() -> None:
    """A byte order mark before the page is ignored."""
    assert decode(Transaction, b"\xef\xbb\xbf" + page(Transaction, PLAIN)).table["id"].to_pylist() == ["t0"]


def test_empty_page() -> None:
    """A page may have no rows."""
    assert len(decode(Transaction, page(Transaction)).table) == 0


@pytest.mark.parametrize("columnar", [True, False])
def test_page_of_another_connection(*, columnar: bool) -> None:
    """A page that names another connection is refused: the token belongs to that one."""
    amount = "1" if columnar else '"1"'
    body = f'{{"transactions":[{{"amount":{amount}}}],"connection":{{"id":"c2"}}}}'.encode()
    with pytest.raises(rf.ConnectionMismatch, match=r"connection 'c1' opened connection 'c2'"):
        decode(Transaction, body)
    assert len(decode(Transaction, body, connection="c2").table) == 1


def test_platform_data_is_json_text() -> None:
    """An expanded order has the platform's own record as JSON text, in the last column."""
    body = page(
        ExpandedOrder,
        '{"id":"a","platform_data":{"tags":["é",1.5,null],"n":{"x":true}}}',
        '{"id":"b","platform_data":null}',
        '{"id":"c","platform_data":"just text","total_price":"7"}',
    )
    table = decode(ExpandedOrder, body).table
    assert table.column_names[-1] == "platform_data"
    assert table["platform_data"].to_pylist() == [
        '{"tags": ["é", 1.5, null], "n": {"x": true}}',
        None,
        '"just text"',
    ]


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53)
rows = st.fixed_dictionaries(
    {},
    optional={
        "id": texts,
        "amount": st.none() | numbers,
        "currency": st.none() | texts,
        "date": st.none() | st.dates().map(str),
        "description": st.none() | texts,
        "type": texts,
        "surprise": st.none() | texts | st.lists(st.integers()),
    },
)


@given(st.lists(st.lists(rows, max_size=5), min_size=1, max_size=4), st.booleans())
def test_the_columnar_path_equals_the_exact_path(pages: list[list[dict[str, Any]]], escaped: bool) -> None:
    """For any rows of the contract's types both paths return the same values, to the bit."""
    decoder = Decoder(Transaction, "transactions", "next_cursor", "c1")
    bodies = [
        json.dumps({"transactions": rows, "next_cursor": None}, ensure_ascii=escaped).encode()
        for rows in pages
    ]
    exact = [row for body in bodies for row in decoder._exact(body).table.to_pylist()]
    assert decoder.decode(bodies).table.to_pylist() == exact


@given(st.binary(max_size=60), st.integers(0, 120), st.integers(0, 255))
def test_any_bytes_are_rows_or_invalid_response(noise: bytes, at: int, byte: int) -> None:
    """For any bytes a decoder returns rows or raises InvalidResponse, and nothing else."""
    whole = page(Transaction, PLAIN, '{"id":"é","amount":2}')
    for body in (noise, whole[:at] + bytes([byte]) + whole[at + 1 :], whole[:at] + noise + whole[at:]):
        try:
            table = decode(Transaction, body).table
        except rf.InvalidResponse:
            continue
        json.loads(body.decode("utf-8-sig"))
        assert table.column_names[0] == "id"
