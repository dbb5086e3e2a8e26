"""Pages with bytes changed at random are read as plain Python reads them, or raise InvalidResponse."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rutterframe as rf
from rutterframe.client.pagination import CursorReader
from rutterframe.demo.books.store import Books
from rutterframe.dialects import CONTRACT
from rutterframe.frames import Decoder, OnInvalid
from rutterframe.models import RECORDS, ExpandedOrder, Record
from rutterframe.models.columns import columns
from rutterframe.models.fields import Kind

HOMES = {
    "accounts": "gear-xero",
    "transactions": "roaster-quickbooks",
    "invoices": "gear-xero",
    "bills": "roaster-quickbooks",
    "expenses": "gear-xero",
    "orders": "roaster-shopify",
    "products": "gear-shopify",
    "customers": "roaster-shopify",
    "bank_accounts": "roaster-bank",
    "ad_accounts": "roaster-google-ads",
}
#: Input that decoders get wrong, as text and as invalid UTF-8.
TEXTS = (
    "null", "true", "NaN", "Infinity", "-", "-0", "00", "0x1", "1.", ".5", "1e999", "1e-400", "1E+2", "1.5",
    "3.0", "9223372036854775807", "9223372036854775808", "0.1", "123456789012345678901234567890",
    '"12.34"', '"1,234"', "{}", "[]", "[null]", "}\n{", "null,",
    '"', "{", "}", "[", "]", ",", ":", "\\", "/", "\n", "\r\n", "\t", " ", "\x00", "\x1f", "\x7f",
    "\\u0000", "\\ud800", "\\ud83d\\ude00", "\\u00e9", "é", "狼", "\ufeff", "\u2028",
    '"id":', '"id":"x",', '"amount":"12.34",', '"currency":null,', '"next_cursor":"', '"next_cursor":null',
    '"2026-02-30"', '"2026-02-28T00:00:00Z"', '"0000-01-01"', '{"id":"y"},', '"line_items":[],',
    '"connection":{"id":"other"},', '"connection":7,',
)  # fmt: skip
NOT_UTF8 = (b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xe2\x82")
TOKENS = (*(text.encode() for text in TEXTS), *NOT_UTF8)


def pages(resource: str) -> list[bytes]:
    """Return three pages of the demo's books, formatted as its API does and as others might."""
    rows = Books(7, 1).rows(HOMES[resource], resource)[:8]
    first = {resource: rows[:4], "next_cursor": "b3JkZXJz:4"}
    last = {"connection": {"id": "c1"}, "next_cursor": None, resource: rows[4:]}
    return [
        json.dumps(first, ensure_ascii=False, separators=(",", ":")).encode(),
        json.dumps(last, indent=1).encode(),
        json.dumps({resource: rows[:1]}).encode(),
    ]


PAGES = {resource: pages(resource) for resource in HOMES}
MODELS: dict[str, type[Record]] = {name: RECORDS[name] for name in HOMES}


def mutate(body: bytes, pages: list[bytes], chance: random.Random) -> bytes:
    """Change some bytes: flip, cut, double, insert a difficult token, or a piece of another page."""
    for _ in range(chance.randint(1, 4)):
        start = chance.randint(0, len(body))
        end = min(len(body), start + chance.choice([0, 1, 1, 2, 5, 20, 80]))
        kind = chance.randint(0, 5)
        if kind == 0:
            new = bytes(byte ^ 1 << chance.randint(0, 7) for byte in body[start:end])
        elif kind == 1:
            new = b""
        elif kind == 2:
            new = body[start:end] * 2
        elif kind == 3:
            other = chance.choice(pages)
            at = chance.randint(0, len(other))
            new = other[at : at + chance.choice([1, 5, 40])]
        else:
            new = chance.choice(TOKENS)
            if kind == 4:
                start, end = value_at(body, start)
        body = body[:start] + new + body[end:]
    return body


def value_at(body: bytes, start: int) -> tuple[int, int]:
    """Return the bounds of the next value after a position: between a colon and the comma after it."""
    colon = body.find(b":", start)
    if colon < 0:
        return start, start
    ends = [end for mark in (b",", b"}", b"]") if (end := body.find(mark, colon)) > 0]
    return colon + 1, min(ends, default=len(body))


def read(model: type[Record], row: Any) -> dict[str, Any]:
    """Read a record with plain Python types; anything but a record raises."""
    if not isinstance(row, dict):
        raise TypeError(row)
    return {
        column.name: value(column.kind, row.get(column.name))
        if column.rows is None
        else nested(column.rows, row.get(column.name))
        for column in columns(model)
    }


def nested(model: type[Record], sent: Any) -> list[dict[str, Any]] | None:
    return None if sent is None else [read(model, row) for row in sent]


def value(kind: Kind | None, sent: Any) -> Any:
    """Return a value exactly as it was sent, or raise."""
    if sent is None:
        return None
    if isinstance(sent, bool) or kind is None:
        raise TypeError(sent)
    if kind is Kind.TEXT:
        if not isinstance(sent, str | int):
            raise TypeError(sent)
        return str(sent)
    if kind is Kind.NUMBER:
        return float(sent)
    if kind is Kind.COUNT:
        return sent if isinstance(sent, int) else whole(sent)
    moment = datetime.fromisoformat(sent[:26] if len(sent) > 30 else sent)
    if kind is Kind.DATE:
        assert moment.time() == time()
        return datetime.combine(date(moment.year, moment.month, moment.day), time())
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def whole(sent: float | str) -> int:
    """Return a whole number that was sent as 3.0, or as text."""
    before, _, after = str(sent).partition(".")
    assert set(after) <= {"0"}
    return int(before)


def parsed(body: bytes) -> dict[str, Any]:
    """Parse a page with plain Python, which reads NaN and infinity as well; no field has them."""
    page = json.loads(body.decode("utf-8-sig"))
    if not isinstance(page, dict):
        raise TypeError(page)
    return page


def equals_plain_python(resource: str, bodies: list[bytes], on_invalid: OnInvalid) -> bool:
    """Decode pages and compare the rows with those of plain Python; return whether they were read."""
    model = MODELS[resource]
    try:
        # As in a load, the cursor is read first, and a page with an invalid one is refused.
        cursors = [CursorReader(CONTRACT)(body) for body in bodies]
        batch = Decoder(model, resource, "next_cursor", "c1", on_invalid).decode(bodies)
    except rf.InvalidResponse:
        return False
    decoded = batch.table.to_pylist()
    sent = [row for body in bodies for row in parsed(body)[resource]]
    assert len(decoded) + batch.refused == len(sent)
    rows: Iterator[Any] = iter(sent)
    for row in decoded:
        # Refused rows are skipped; the others have the order in which they were sent.
        assert any(same(model, sent_row, row) for sent_row in rows), row
    assert cursors == [parsed(body).get("next_cursor") or None for body in bodies]
    return True


def same(model: type[Record], sent: Any, decoded: dict[str, Any]) -> bool:
    """Return whether a row is what plain Python reads."""
    try:
        return read(model, sent) == decoded
    except (TypeError, ValueError, AssertionError):
        return False


@pytest.mark.parametrize("resource", HOMES)
@pytest.mark.parametrize("on_invalid", ["raise", "quarantine"])
@pytest.mark.parametrize("examples", [40, pytest.param(150, marks=pytest.mark.long)])
def test_changed_bytes(resource: str, on_invalid: OnInvalid, examples: int) -> None:
    """For any change of its bytes a page has the rows that plain Python reads, or is refused."""

    @settings(max_examples=examples)
    @given(chance=st.randoms(use_true_random=False))
    def check(chance: random.Random) -> None:
        bodies = [
            mutate(body, PAGES[resource], chance) if chance.random() < 0.6 else body
            for body in chance.sample(PAGES[resource], chance.randint(1, 3))
        ]
        equals_plain_python(resource, bodies, on_invalid)

    check()


@pytest.mark.parametrize("resource", HOMES)
def test_unchanged_pages(resource: str) -> None:
    """Without changes, all rows of the pages are read."""
    assert equals_plain_python(resource, PAGES[resource], "raise")


def test_the_comparison_can_fail() -> None:
    """The comparison notices a changed value in any field."""
    sent = json.loads(PAGES["orders"][0])["orders"][0]
    expected = read(MODELS["orders"], sent)
    assert same(MODELS["orders"], sent, expected)
    for name in expected:
        assert not same(MODELS["orders"], sent, {**expected, name: "another"}), name
    assert not same(MODELS["orders"], None, expected)


@pytest.mark.parametrize("examples", [100, pytest.param(300, marks=pytest.mark.long)])
def test_changed_bytes_of_expanded_orders(examples: int) -> None:
    """A changed page with the platform's own records has its rows or is refused."""
    page = {"orders": [{"id": "a", "platform_data": {"x": [1, None, "é"]}}], "next_cursor": None}

    @settings(max_examples=examples)
    @given(chance=st.randoms(use_true_random=False))
    def check(chance: random.Random) -> None:
        changed = mutate(json.dumps(page).encode(), PAGES["orders"], chance)
        on_invalid: OnInvalid = chance.choice(["raise", "quarantine"])
        try:
            batch = Decoder(ExpandedOrder, "orders", "next_cursor", "c1", on_invalid).decode([changed])
        except rf.InvalidResponse:
            return
        rows = parsed(changed)["orders"]
        assert len(batch.table) + batch.refused == len(rows)
        if batch.refused == 0:
            texts = batch.table["platform_data"].to_pylist()
            values = [None if text is None else json.loads(text) for text in texts]
            assert values == [row.get("platform_data") for row in rows]

    check()
