"""JSON is read piece by piece as it is read at once, without what no field needs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rutterframe as rf
from benchmarks.bounds import peak
from rutterframe.frames import Decoder, json_walk
from rutterframe.frames.json_walk import LongValue, check_json, read_envelope, rows_in
from rutterframe.models import Transaction

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9)
VALUES = st.recursive(
    SCALARS | st.sampled_from(['"', "\\", "]}", '{"', "null"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)
#: Objects of which a part is read: `id` and `amount` are fields of a transaction.
RECORDS = st.fixed_dictionaries({}, optional={"id": SCALARS, "amount": SCALARS, "a": VALUES, "]": VALUES})


def needed(value: Any) -> Any:
    """Return a value without the members that a transaction does not have."""
    known = Transaction.model_fields
    return {key: inner for key, inner in value.items() if key in known} if isinstance(value, dict) else value


@given(st.lists(RECORDS | VALUES, max_size=8), st.sampled_from([None, 1]), st.sampled_from([1, 5, 30]))
def test_rows_are_read_in_pieces_as_at_once(rows: list[Any], indent: int | None, window: int) -> None:
    """Whatever the rows and the size of a piece, each row has the values that Python's parser reads."""
    text = json.dumps(rows, indent=indent, ensure_ascii=bool(indent))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_walk, "_WINDOW", window)
        read = [row for some in rows_in(text, 0, Transaction) for row in some]
    assert len(read) == len(rows)
    for row, sent in zip(read, rows, strict=True):
        if isinstance(row, LongValue):
            assert isinstance(sent, list)
        else:
            assert repr(needed(row)) == repr(needed(sent))


def test_members_around_the_rows() -> None:
    """The members of a page are read wherever they are; of long ones only those that are asked for."""
    rows = ",".join(['{"amount":NaN}'] * 2_000)
    body = f'{{"a":[{rows}],"next\\u005fcursor":"c","long":"{"x" * 9_000}","b":Infinity,"invoices":[{rows}]}}'
    envelope = read_envelope(body.encode(), ["next_cursor"])
    assert envelope["next_cursor"] == "c"
    assert (len(envelope["long"]), envelope["b"]) == (9_000, float("inf"))
    assert [repr(envelope[key])[:14] for key in ("a", "invoices")] == ['[{"amount":NaN'] * 2
    with pytest.raises(rf.InvalidResponse, match="the key 'next_cursor' twice"):
        read_envelope(b'{"next_cursor":null,"next_cursor":"c"}', ["next_cursor"])
    body = f'{{"invoices":[{",".join(["{}"] * 100_000)}],"next\\u005fcursor":"c"}}'
    assert peak(lambda: read_envelope(body.encode(), ["next_cursor"])) < 5 * len(body)


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        ("]", "no closing brace"),
        ("}", "Missing a comma or ']' after an array element"),
        ("]}}", "more than one object"),
        ("]}{}", "more than one object"),
        (',"a" "b"]}', "Missing a comma or ']' after an array element"),
        (",nan]}", "Invalid value"),
        (',"\x01"]}', "Invalid encoding in string"),
        (',"\\x"]}', "Invalid escape character in string"),
        (",01]}", "Missing a comma or ']' after an array element"),
        (',"\udcff"]}', "'utf-8' codec can't decode byte"),
    ],
)
def test_large_bodies_that_are_not_json(end: str, reason: str) -> None:
    """A large body that is not JSON is refused with a reason, and not parsed for it."""
    body = ('{"rows":[' + ",".join(["{}"] * 100_000) + end).encode(errors="surrogateescape")
    with pytest.raises(rf.InvalidResponse) as caught:
        check_json(body)
    assert caught.value.message.startswith(f"The response is not JSON ({reason}")

    def check() -> None:
        with pytest.raises(rf.InvalidResponse):
            check_json(body)

    assert peak(check) < 10 * len(body)


@pytest.mark.parametrize("number", ["1e999", "-1E+12345", "[1e400]", '"\\ud800"', '"\\udfff\\ud800"', "-NaN"])
def test_what_arrow_refuses_and_json_does_not(number: str) -> None:
    """Numbers beyond float64 and halves of surrogate pairs are JSON; no row has to be given up for them."""
    check_json(f'{{"a":{number}}}'.encode())


def test_another_connection_is_noticed_in_a_long_member() -> None:
    """A page of another connection is refused also where its connection has many other members."""
    many = ",".join(f'"k{number}":{{}}' for number in range(5_000))
    body = f'{{"transactions":[{{"id":"a","id":"b"}}],"connection":{{{many},"id":"other"}}}}'.encode()
    decoder = Decoder(Transaction, "transactions", "next_cursor", "c1", "quarantine")
    with pytest.raises(rf.ConnectionMismatch):
        decoder._exact(body)
