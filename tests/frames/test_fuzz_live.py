"""Live pages with bytes changed at random have the rows that each record has by itself, or are refused."""

from __future__ import annotations

import functools
import json
import random
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

import rutterframe as rf
from rutterframe.demo.books.store import Books
from rutterframe.demo.live.books import LiveBooks
from rutterframe.dialects import LIVE
from rutterframe.frames import Decoder, OnInvalid
from tests.frames.test_fuzz import mutate

HOMES = {
    "invoices": "roaster-quickbooks",
    "bills": "gear-xero",
    "expenses": "gear-xero",
    "invoice_payments": "roaster-quickbooks",
    "orders": "roaster-shopify",
    "products": "gear-shopify",
    "bank_accounts": "roaster-bank",
    "ad_accounts": "roaster-google-ads",
}


@functools.cache
def pages(resource: str) -> list[bytes]:
    """Return three pages of the demo's books, formatted as the service does and as others might."""
    route = LIVE.resources[resource][0]
    rows = LiveBooks(Books(7, 1)).list(HOMES[resource], resource)
    field = next(iter(rows.moments))
    records = [rows.record(entry.key) for entry in rows.entries(field)[:8]]
    connection = {"id": "c1", "orgId": "o1", "platform": "GOOGLE"}
    return [
        json.dumps(
            {route.list_key: records[:4], "next_cursor": "abc", "connection": connection},
            separators=(",", ":"),
        ).encode(),
        json.dumps(
            {"connection": connection, "next_cursor": None, route.list_key: records[4:]}, indent=1
        ).encode(),
        json.dumps({route.list_key: records[:1]}).encode(),
    ]


def plain(value: Any) -> Any:
    """Return a value with midnights without a zone as dates."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value.date() if isinstance(value, datetime) and value.tzinfo is None else value


def parsed(body: bytes) -> dict[str, Any]:
    """Parse a page; NaN is not JSON, and does not matter in a field that is ignored."""
    page: dict[str, Any] = json.loads(body.decode("utf-8-sig"))
    return page


def equals_single_records(resource: str, bodies: list[bytes], on_invalid: OnInvalid) -> bool:
    """Decode pages and compare the rows with those of single records; return whether they were read."""
    route = LIVE.resources[resource][0]
    mapping = route.mapping
    assert mapping is not None
    decoder = Decoder(mapping.model, route.list_key, "next_cursor", "c1", on_invalid, mapping=mapping)
    try:
        batch = decoder.decode(bodies)
    except rf.InvalidResponse:
        return False
    decoded = [plain(row) for row in batch.table.to_pylist()]
    expected = []
    for page in map(parsed, bodies):
        for row in page[route.list_key]:
            try:
                expected.append(mapping.record(mapping.wire.model_validate(row), page).model_dump())
            except ValidationError:
                assert batch.refused
    # Of a row with a repeated key the parser reads the last, and the decoder refuses the row.
    remaining = iter(expected)
    assert all(any(row == one for one in remaining) for row in decoded)
    sent = sum(len(page[route.list_key]) for page in map(parsed, bodies))
    assert len(decoded) + batch.refused == sent
    return True


@pytest.mark.slow
@pytest.mark.parametrize("resource", HOMES)
@pytest.mark.parametrize("on_invalid", ["raise", "quarantine"])
@pytest.mark.parametrize("examples", [40, pytest.param(150, marks=pytest.mark.long)])
def test_changed_bytes(resource: str, on_invalid: OnInvalid, examples: int) -> None:
    """For any change of its bytes a page has the rows of its single records, or is refused."""

    @settings(max_examples=examples, deadline=None)
    @given(chance=st.randoms(use_true_random=False))
    def check(chance: random.Random) -> None:
        bodies = [
            mutate(body, pages(resource), chance) if chance.random() < 0.6 else body
            for body in chance.sample(pages(resource), chance.randint(1, 3))
        ]
        equals_single_records(resource, bodies, on_invalid)

    check()


@pytest.mark.slow
@pytest.mark.parametrize("resource", HOMES)
def test_unchanged_pages(resource: str) -> None:
    """Without changes, all rows of the pages are read."""
    assert equals_single_records(resource, pages(resource), "raise")
