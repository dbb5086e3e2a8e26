"""Whatever the description of the service allows is read, with nulls and missing fields everywhere."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rutterframe.dialects import LIVE, Route
from rutterframe.frames import Decoder
from tests.dialects.test_live_contract import ROUTES, Schema, record_schema, types_of
from tests.live_contract import live_document

NUMBERS = st.integers(-(10**6), 10**6).map(lambda cents: cents / 100)
#: Money is a number or text, whatever the description says.
MONEY = NUMBERS | NUMBERS.map(lambda amount: f"{amount:.2f}")
#: Numbers that are whole: a fraction of a day is refused.
WHOLE = {"due_days", "discount_days"}
#: Numbers that are described as text.
AS_TEXT = {"currency_rate"}
MOMENTS = st.datetimes().filter(lambda moment: moment.year >= 1000)
DATES = MOMENTS.map(lambda moment: f"{moment:%Y-%m-%d}") | MOMENTS.map(
    lambda moment: f"{moment.isoformat(timespec='milliseconds')}Z"
)
TEXTS = st.sampled_from(["", "a", "Żółw", "12", "null"])
_DEEPEST = 4


def values(schema: Schema, name: str = "", depth: int = 0) -> st.SearchStrategy[Any]:
    """Return a strategy of JSON values that fit a schema, with null in every place."""
    if depth > _DEEPEST:
        return st.none()
    if "$ref" in schema:
        schema = live_document()["components"]["schemas"][schema["$ref"].split("/")[-1]]
        return values(schema, name, depth)
    if "anyOf" in schema:
        return st.one_of([values(part, name, depth) for part in schema["anyOf"]])
    return st.one_of([st.none(), *(_of_type(kind, schema, name, depth) for kind in sorted(types_of(schema)))])


def _of_type(kind: str, schema: Schema, name: str, depth: int) -> st.SearchStrategy[Any]:
    if "enum" in schema:
        words = [word for word in schema["enum"] if isinstance(word, str)]
        return st.sampled_from([*words[:20], words[0].upper(), "a new word"])
    if kind == "array":
        size = 2 if depth < _DEEPEST else 0
        return st.lists(_without_null(schema["items"], name, depth + 1), max_size=size)
    if kind == "object":
        return objects(schema, depth + 1)
    if kind in {"number", "integer"} or name in AS_TEXT or schema.get("format") == "decimal":
        return st.integers(0, 365) if name in WHOLE else MONEY
    return {"boolean": st.booleans(), "null": st.none()}.get(
        kind, DATES if schema.get("format") == "date-time" else TEXTS
    )


def _without_null(schema: Schema, name: str, depth: int) -> st.SearchStrategy[Any]:
    # Too deep there is only null, which is left out as well: the list is then empty.
    if depth > _DEEPEST:
        return st.just({})
    return values(schema, name, depth).filter(lambda value: value is not None)


def objects(schema: Schema, depth: int = 0) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy of objects, each with some of the fields that are described."""
    fields = {key: values(inner, key, depth) for key, inner in schema.get("properties", {}).items()}
    return st.fixed_dictionaries({}, optional=fields)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "route"), ROUTES)
@settings(deadline=None, max_examples=8)
@given(data=st.data())
def test_every_described_answer_is_read(name: str, route: Route, data: st.DataObject) -> None:
    """A page of records that fit the description has as many rows, each like the record alone."""
    mapping = route.mapping
    assert mapping is not None
    size = 1 if route.is_single else 3
    sent = data.draw(st.lists(objects(record_schema(route)), min_size=size, max_size=size), label=name)
    envelope = {"connection": {"id": "c1", "orgId": "o1", "platform": "FACEBOOK"}}
    page = json.dumps({**envelope, route.list_key: sent[0] if route.is_single else sent}).encode()
    decoder = Decoder(
        mapping.model, route.list_key, LIVE.cursor_key, "c1", mapping=mapping, is_single=route.is_single
    )
    batch = decoder.decode([page])
    assert (len(batch.table), batch.refused) == (len(sent), 0)
