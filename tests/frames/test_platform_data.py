"""Orders with the platform's own records as JSON text; the other fields are checked as without them."""

from __future__ import annotations

import json

import pytest

import rutterframe as rf
from rutterframe.frames import Decoder, OnInvalid
from rutterframe.frames.decode import Batch
from rutterframe.models import ExpandedOrder


def decode(*rows: str, on_invalid: OnInvalid = "raise") -> Batch:
    """Decode a page of orders that are JSON text."""
    body = f'{{"orders":[{",".join(rows)}],"next_cursor":null}}'
    return Decoder(ExpandedOrder, "orders", "next_cursor", "c1", on_invalid).decode([body.encode()])


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        ('{"a":"\\ud800"}', '{"a": "\\ud800"}'),
        ('{"a":"\\ud83d\\ude00"}', '{"a": "😀"}'),
        ('"\\ud800"', '"\\ud800"'),
        ("[1.5,-0.0,true]", "[1.5, -0.0, true]"),
        ("12", "12"),
        ("null", None),
    ],
)
@pytest.mark.parametrize("price", ["7", '"7"'])
def test_platform_data_is_its_json_text(sent: str, text: str | None, price: str) -> None:
    """Half of a surrogate pair stays escaped, other values are as they were sent, by either path."""
    table = decode(f'{{"id":"a","total_price":{price},"platform_data":{sent}}}').table
    assert table["platform_data"].to_pylist() == [text]
    assert table["total_price"].to_pylist() == [7.0]


def test_a_repeated_key_that_is_not_read_matters_nowhere() -> None:
    """A key that no column needs may be repeated, also beside a row that is refused."""
    sent = '{"id":"a","k":1,"k":2,"platform_data":{"x":1}}'
    bad = '{"id":"b","platform_data":{"x":1,"x":2}}'
    assert decode(sent).table["platform_data"].to_pylist() == ['{"x": 1}']
    batch = decode(bad, sent, on_invalid="quarantine")
    assert (batch.table["platform_data"].to_pylist(), batch.refused) == (['{"x": 1}'], 1)


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ('{"id":"a","total_price":1,"total_price":2}', "total_price"),
        ('{"id":"a","platform_data":{"x":1,"x":2}}', "platform_data.x"),
        ('{"id":"a","line_items":[{"quantity":1,"quantity":2}]}', "line_items[0].quantity"),
        ('{"id":"a","status":"\\ud800","platform_data":{}}', "status"),
        ('{"id":"a","total_price":1e999,"platform_data":{}}', "total_price"),
    ],
)
def test_refused_rows(sent: str, field: str) -> None:
    """Repeated keys and invalid values are refused with record and field; other rows are read."""
    good = '{"id":"b","platform_data":{"é":[]}}'
    with pytest.raises(rf.InvalidRows) as caught:
        decode(good, sent)
    assert [(refusal.record_id, refusal.field) for refusal in caught.value.refused] == [("a", field)]
    batch = decode(sent, good, on_invalid="quarantine")
    assert (batch.table["id"].to_pylist(), batch.refused) == (["b"], 1)
    assert batch.table["platform_data"].to_pylist() == ['{"é": []}']


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param('{"x":1e999}', id="too large"),
        *(
            pytest.param("[" * depth + "]" * depth, id=f"{depth} deep")
            for depth in (960, 980, 990, 1000, 100_000)
        ),
    ],
)
def test_platform_data_that_cannot_be_written(sent: str) -> None:
    """Data that Python reads but cannot write as JSON, or cannot read, raises InvalidResponse."""
    try:
        table = decode(f'{{"id":"a","platform_data":{sent}}}').table
    except rf.InvalidResponse:
        return
    assert json.loads(table["platform_data"].to_pylist()[0]) == json.loads(sent)
