"""The tables of the live dialect agree with the published description of the service."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from rutterframe.dialects import LIVE, Route
from rutterframe.dialects.live_banking import CONNECTIONS
from rutterframe.dialects.map_record import translate
from rutterframe.dialects.mapping import Case, Concat, Field, First, Rows, Words
from rutterframe.dialects.wire import WireField
from rutterframe.models import LIVE_RESOURCES, RECORDS
from rutterframe.models.columns import columns
from rutterframe.models.fields import Kind
from tests.live_contract import live_document

Schema = dict[str, Any]

ROUTES = [
    pytest.param(name, route, id=f"{name}-{route.name}" if route.name else name)
    for name, routes in LIVE.resources.items()
    for route in routes
]
#: The JSON types from which a kind of value can be read; money is a number or text.
TYPES = {
    Kind.TEXT: {"string"},
    Kind.NUMBER: {"number", "integer", "string"},
    Kind.COUNT: {"number", "integer"},
    Kind.TIMESTAMP: {"string"},
    Kind.WRITTEN_DAY: {"string"},
}
#: The fields of which the description does not say what they hold.
UNDESCRIBED = {"events.data.id"}
#: The words that mean the same as one of the description, and that some platforms send.
MORE_WORDS = {"canceled", "credit card"}


def resolved(schema: Schema) -> Schema:
    """Follow references, and leave out that a value may be null."""
    if "$ref" in schema:
        return resolved(live_document()["components"]["schemas"][schema["$ref"].split("/")[-1]])
    for key in ("anyOf", "oneOf"):
        if key in schema:
            parts = [part for part in map(resolved, schema[key]) if part.get("type") != "null"]
            # A statement may be asked for later; a status may be any other text as well.
            return parts[0]
    return schema


def types_of(schema: Schema) -> set[str]:
    named = schema.get("type", [])
    return {named} if isinstance(named, str) else set(named)


def operation(path: str) -> Schema:
    described: Schema = live_document()["paths"][path]["get"]
    return described


def parameters(path: str) -> dict[str, Schema]:
    """Return the query parameters of an operation, without the token, by name."""
    components = live_document()["components"]["parameters"]
    listed = [
        components[item["$ref"].split("/")[-1]] if "$ref" in item else item
        for item in operation(path)["parameters"]
    ]
    return {item["name"]: item for item in listed if item["in"] == "query" and item["name"] != "access_token"}


def answer(path: str) -> Schema:
    return resolved(operation(path)["responses"]["200"]["content"]["application/json"]["schema"])


def record_schema(route: Route) -> Schema:
    """Return the schema of one record of a list."""
    schema = resolved(answer(route.path)["properties"][route.list_key])
    return schema if route.is_single else resolved(schema["items"])


def wire_differences(wire: WireField, schema: Schema, path: str) -> Iterator[str]:
    """Yield the wire fields that the description does not have, or has as another type."""
    for key, inner in wire.fields.items():
        name = f"{path}.{key}"
        if key not in schema.get("properties", {}):
            yield from () if name in UNDESCRIBED else (f"{name} is not described",)
            continue
        described = resolved(schema["properties"][key])
        if inner.form == "list":
            described = resolved(described.get("items", {}))
        elif inner.form == "value" and inner.kind is not None:
            known = types_of(described) - {"null"}
            if known and not known <= TYPES[inner.kind]:
                yield f"{name} is {sorted(known)}, read as a {inner.kind}"
            is_moment = described.get("format") == "date-time"
            if is_moment is not (inner.kind in {Kind.TIMESTAMP, Kind.WRITTEN_DAY}):
                yield f"{name} has the format {described.get('format')}, read as a {inner.kind}"
        elif inner.form in {"object", "tree"} and types_of(described) - {"null"} not in ({"object"}, set()):
            yield f"{name} is {types_of(described)}, read as an {inner.form}"
        yield from wire_differences(inner, described, name)


@pytest.mark.parametrize(("name", "route"), ROUTES)
def test_every_wire_field_is_described(name: str, route: Route) -> None:
    """Each field that a column is read from exists, with a type that can be read as the column's kind."""
    assert route.mapping is not None
    assert list(wire_differences(route.mapping._wire, record_schema(route), name)) == []


@pytest.mark.parametrize(("name", "route"), ROUTES)
def test_every_parameter_is_described(name: str, route: Route) -> None:
    """Each parameter that is sent exists and has a valid value, and what is required is sent."""
    known = parameters(route.path)
    assert {*route.params, *(item.name for item in route.filters)} <= {*known}, name
    assert {key for key, item in known.items() if item.get("required")} <= {*route.params}
    for key, value in route.params.items():
        schema = known[key]["schema"]
        assert value in schema.get("enum", [value])
        assert int(value) <= known[key]["x-maximum"] if key == "limit" else True
    for item in route.filters:
        schema = known[item.name]["schema"]
        if item.values is not None:
            assert [*item.values] == schema["enum"]
        elif item.is_date:
            assert schema == {"type": "string", "format": "date-time"}
        else:
            assert known[item.name].get("x-unit") == "unix-ms" or item.name.startswith("transaction_date")
    assert route.changed_since in {None, *(item.name for item in route.filters)}


@pytest.mark.parametrize(("name", "route"), ROUTES)
def test_every_list_is_described(name: str, route: Route) -> None:
    """Lists are paged where a limit is sent; single objects are under their key."""
    described = answer(route.path)["properties"]
    assert types_of(resolved(described[route.list_key])) == {"object" if route.is_single else "array"}, name
    assert ("limit" in route.params) is ("limit" in parameters(route.path))
    assert ("sort" in route.params) is (route.is_sorted and "limit" in route.params)
    if route.is_sorted and "limit" in route.params:
        assert "enum" not in parameters(route.path)["sort"]["schema"]  # any column
    paths = live_document()["paths"]
    assert (route.single_key is not None) is ("get" in paths.get(f"{route.path}/{{id}}", {}))
    if route.single_key is not None:
        single = answer(f"{route.path}/{{id}}")["properties"]
        record = resolved(single[route.single_key])
        # The description has a list of one for a payment of a shop.
        assert resolved(record.get("items", record)) == record_schema(route)


def described_at(schema: Schema, path: tuple[str, ...]) -> Schema:
    """Return the schema at the end of a path through objects and lists."""
    for key in path:
        schema = resolved(resolved(schema)["properties"][key])
        schema = resolved(schema["items"]) if "items" in schema else schema
    return schema


def words_of(expression: Any, schema: Schema) -> Iterator[tuple[set[str], set[str]]]:
    """Yield the words that a column knows, and those of its field's description."""
    match expression:
        case Words(Field(path=path), words) if words:  # of currencies none is renamed
            yield set(words), set(described_at(schema, path).get("enum", [])) - {None}
        case Case(cases):
            by_field: dict[tuple[str, ...], set[str]] = {}
            for source, word, _ in cases:
                assert isinstance(source, Field)
                by_field.setdefault(source.path, set()).add(word)
            for path, tested in by_field.items():
                assert tested <= set(described_at(schema, path)["enum"]) | MORE_WORDS
        case First(sources) | Concat(sources):
            for source in sources:
                yield from words_of(source, schema)
        case Rows(fields=columns):
            for column in columns.values():
                yield from words_of(column, described_at(schema, expression.path))


@pytest.mark.parametrize(("name", "route"), ROUTES)
def test_every_word_of_an_enumeration_is_known(name: str, route: Route) -> None:
    """Each word that the description lists for a column becomes a word of the column's model."""
    assert route.mapping is not None
    for column, expression in route.mapping.expressions.items():
        for known, described in words_of(expression, record_schema(route)):
            lower = {word.lower() for word in known}
            missing = {word for word in described if word.lower() not in lower}
            # Of the 190 subtypes of bank accounts only the contract's are listed.
            assert missing == set() or (name, column) == ("bank_accounts", "type"), (name, column, missing)


def test_every_resource_has_a_route_and_a_model() -> None:
    """The live dialect has the contract's resources first, and what only it has after them."""
    assert list(LIVE.resources) == [*RECORDS, *LIVE_RESOURCES]
    for name, routes in LIVE.resources.items():
        for route in routes:
            assert route.mapping is not None
            assert route.mapping.model is LIVE.record(name)


@pytest.mark.parametrize("name", RECORDS)
def test_the_columns_of_the_contract_come_first(name: str) -> None:
    """A frame of the live dialect has the contract's columns first, with the same kinds of value."""
    contract, live = columns(RECORDS[name]), columns(LIVE.record(name))
    assert [(item.name, item.kind) for item in live[: len(contract)]] == [
        (item.name, item.kind) for item in contract
    ]


def test_the_servers_and_the_version_are_described() -> None:
    """Both base URLs have /versioned: without it the service ignores the version."""
    document = live_document()
    assert sorted(LIVE.base_urls.values()) == sorted(server["url"] for server in document["servers"])
    assert LIVE.versions == frozenset({document["info"]["version"]})
    assert LIVE.version in LIVE.versions
    assert "post" in document["paths"][LIVE.token_exchange]
    assert answer(LIVE.webhooks.path)["type"] == "array"
    assert LIVE.webhooks.is_array


@pytest.mark.parametrize("name", ["invoices", "bills", "orders", "products"])
def test_creates_take_a_key(name: str) -> None:
    """What can be created takes an Idempotency-Key."""
    (route,) = LIVE.resources[name]
    assert route.repeatable
    references = [item.get("$ref", "") for item in live_document()["paths"][route.path]["post"]["parameters"]]
    assert "#/components/parameters/IdempotencyKey" in references


def test_every_platform_of_the_description_is_known() -> None:
    """Each platform becomes a word of the contract's spelling: in small letters, with its own name there."""
    words = CONNECTIONS.expressions["platform"]
    assert isinstance(words, Words)
    names = live_document()["components"]["schemas"]["PlatformName"]["enum"]
    translated = {name: translate(words.words, name) for name in names}
    assert {name: word for name, word in translated.items() if word != name.lower()} == {
        "BIG_COMMERCE": "bigcommerce",
        "FACEBOOK": "facebook_ads",
        "GOOGLE": "google_ads",
        "TIKTOK": "tiktok_ads",
        "WOO_COMMERCE": "woocommerce",
        "ZOHOBOOKS": "zoho_books",
    }
