"""The mappings of the live dialect: both compilers agree about every table, whatever is sent."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rutterframe.dialects import LIVE
from rutterframe.dialects.dialect import Route
from rutterframe.frames import Decoder
from tests.frames.wire_rows import wire_rows

ROUTES = {
    f"{resource} {route.name}".strip(): route
    for resource, routes in LIVE.resources.items()
    for route in routes
}
ENVELOPE = {"connection": {"id": "c1", "platform": "GOOGLE"}}


def decoded(route: Route, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of a page, or of as many single objects, decoded as whole columns."""
    assert route.mapping is not None
    pages = [{route.list_key: row} for row in rows] if route.is_single else [{route.list_key: rows}]
    bodies = [json.dumps({**page, "next_cursor": None, **ENVELOPE}).encode() for page in pages]
    decoder = Decoder(
        route.mapping.model,
        route.list_key,
        "next_cursor",
        "c1",
        mapping=route.mapping,
        is_single=route.is_single,
    )
    return [plain(row) for body in bodies for row in decoder.decode([body]).table.to_pylist()]


def plain(value: Any) -> Any:
    """Return a value with midnights without a zone as dates."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value.date() if isinstance(value, datetime) and value.tzinfo is None else value


@pytest.mark.slow
@pytest.mark.parametrize("name", ROUTES)
@settings(deadline=None, max_examples=30)
@given(data=st.data())
def test_both_compilers_agree(name: str, data: st.DataObject) -> None:
    """A page has the same values as its records have one by one, for every table of the live dialect."""
    route = ROUTES[name]
    mapping = route.mapping
    assert mapping is not None
    rows = data.draw(st.lists(wire_rows(mapping.wire), max_size=4))

    one_by_one = [mapping.record(mapping.wire.model_validate(row), ENVELOPE).model_dump() for row in rows]

    assert decoded(route, rows) == one_by_one
