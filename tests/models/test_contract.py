"""The models and the dialect agree with openapi.yaml."""

from __future__ import annotations

import copy
import types
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import pytest
import yaml
from pydantic import AnyUrl, BaseModel

import rutterframe as rf
from rutterframe import models
from rutterframe.dialects import CONTRACT, Dialect
from rutterframe.models.columns import columns, unwrap
from rutterframe.models.fields import Known, Unit

CONTRACT_FILE = Path(__file__).parents[1] / "contract" / "openapi.yaml"

#: The models without a schema in the contract, and why.
NO_SCHEMA = {
    "ExpandedOrder",  # an Order as it is sent with expand=platform_data
    "FulfillmentLineItem",  # inline in FulfillmentCreate
    "Record",  # the base of records
    "Draft",  # the base of drafts
    "WebhookMessage",  # sent to a webhook; not described by the contract
}

#: The requests of resources that the contract lacks, and that are refused in its dialect.
LIVE_ONLY = {("bills", "retrieve"), ("invoices", "update"), ("bills", "update"), ("orders", "update")}

_TYPES: dict[type, dict[str, str]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
    AnyUrl: {"type": "string", "format": "uri"},
}


@pytest.fixture(scope="module")
def contract() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(CONTRACT_FILE.read_text(encoding="utf-8"))
    return read


# The schemas that follow from the models


def _is_list(annotation: Any) -> bool:
    if get_origin(annotation) in {Union, types.UnionType}:
        return any(_is_list(part) for part in get_args(annotation))
    return get_origin(annotation) is list


def _schema_of_field(model: type[BaseModel], name: str) -> dict[str, Any]:
    field = model.model_fields[name]
    inner, metadata = unwrap(field.annotation)
    metadata = [*metadata, *field.metadata]
    if isinstance(inner, type) and issubclass(inner, BaseModel):
        known_by_name = inner.__name__ not in NO_SCHEMA
        schema: dict[str, Any] = (
            {"$ref": f"#/components/schemas/{inner.__name__}"} if known_by_name else schema_of(inner)
        )
    elif get_origin(inner) is Literal:
        schema = {"type": "string", "enum": list(get_args(inner))}
    else:
        schema = dict(_TYPES[inner])
        if Unit("the record's currency, major units") in metadata:
            schema["format"] = "double"
        for item in metadata:
            if isinstance(item, Known):
                schema["enum"] = list(item.values)
    return {"type": "array", "items": schema} if _is_list(field.annotation) else schema


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """Return the schema that follows from a model."""
    required = [name for name, field in model.model_fields.items() if field.is_required()]
    return {
        "type": "object",
        **({"required": required} if required else {}),
        "properties": {name: _schema_of_field(model, name) for name in model.model_fields},
    }


# The comparisons: each returns the differences as text


def _plain(schema: Any) -> Any:
    """Remove descriptions and examples."""
    if not isinstance(schema, dict):
        return schema
    return {
        key: {name: _plain(inner) for name, inner in value.items()} if key == "properties" else _plain(value)
        for key, value in schema.items()
        if key not in {"description", "example"}
    }


def _compare(place: str, ours: Any, theirs: Any) -> list[str]:
    if isinstance(ours, dict) and isinstance(theirs, dict) and list(ours) == list(theirs):
        return [
            difference for key in ours for difference in _compare(f"{place}.{key}", ours[key], theirs[key])
        ]
    # Only the order of properties matters: it is the order of a frame's columns.
    if isinstance(ours, dict) and isinstance(theirs, dict) and not place.endswith(".properties"):
        if set(ours) == set(theirs):
            return [
                difference
                for key in ours
                for difference in _compare(f"{place}.{key}", ours[key], theirs[key])
            ]
        return [f"{place}: {ours} is not {theirs}"]
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return [f"{place}: {list(ours)} is not {list(theirs)}"]
    return [] if ours == theirs else [f"{place}: {ours!r} is not {theirs!r}"]


def schema_differences(contract: dict[str, Any]) -> list[str]:
    """Compare every schema of the contract with the model of its name."""
    differences: list[str] = []
    schemas = contract["components"]["schemas"]
    ours = {
        name
        for name in models.__all__
        if isinstance(getattr(models, name), type) and issubclass(getattr(models, name), BaseModel)
    }
    if ours - NO_SCHEMA != set(schemas):
        differences.append(f"names: {sorted((ours - NO_SCHEMA) ^ set(schemas))}")
    for name in sorted(ours & set(schemas)):
        differences += _compare(name, schema_of(getattr(models, name)), _plain(schemas[name]))
    return differences


def _lists(contract: dict[str, Any]) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Return list key → (path, schema name, operation) of every paged list."""
    lists = {}
    for path, operations in contract["paths"].items():
        if "get" not in operations:
            continue
        schema = operations["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        properties = schema.get("properties", {})
        if "next_cursor" in properties:
            (key,) = set(properties) - {"next_cursor"}
            lists[key] = (path, properties[key]["items"]["$ref"].rpartition("/")[2], operations["get"])
    return lists


def _parameters(contract: dict[str, Any], operation: dict[str, Any]) -> dict[str, dict[str, Any]]:
    named = contract["components"]["parameters"]
    resolved = [
        named[entry["$ref"].rpartition("/")[2]] if "$ref" in entry else entry
        for entry in operation.get("parameters", [])
    ]
    return {parameter["name"]: parameter for parameter in resolved}


def resource_differences(contract: dict[str, Any]) -> list[str]:
    """Compare RECORDS and RESOURCES with the lists of the contract."""
    lists = _lists(contract)
    theirs = [(key, schema) for key, (_, schema, _) in lists.items()]
    ours = [(key, model.__name__) for key, model in models.RECORDS.items()]
    differences = [] if ours == theirs else [f"RECORDS: {ours} is not {theirs}"]
    served = tuple(
        key for key, (_, _, operation) in lists.items() if "access_token" in _parameters(contract, operation)
    )
    return (
        differences
        if served == models.RESOURCES
        else [*differences, f"RESOURCES: {models.RESOURCES} is not {served}"]
    )


def dialect_differences(contract: dict[str, Any], dialect: Dialect) -> list[str]:
    """Compare a dialect with the paths, parameters, servers and version of the contract."""
    servers = {server["description"].lower(): server["url"] for server in contract["servers"]}
    named = {
        where: contract["components"]["parameters"][name]["name"]
        for where, name in (("version", "XRutterVersion"), ("token", "AccessToken"), ("cursor", "Cursor"))
    }
    with rf.Client(client_id="an-id", client_secret="a-secret") as client:
        connection = client.connection("books", "a-token")
        resources = {
            "connections": client.connections,
            **{key: getattr(connection, key) for key in models.RESOURCES},
        }
    differences: list[str] = []
    whole: list[tuple[str, object, object]] = [
        ("base_urls", dict(dialect.base_urls), servers),
        ("version", dialect.version, contract["info"]["version"]),
        ("version_header", dialect.version_header, named["version"]),
        ("token_parameter", dialect.token_parameter, named["token"]),
        ("cursor_parameter", dialect.cursor_parameter, named["cursor"]),
        ("resources", list(dialect.resources), list(_lists(contract))),
    ]
    for what, ours, theirs in whole:
        differences += [] if ours == theirs else [f"{what}: {ours!r} is not {theirs!r}"]
    for key, (path, _, operation) in _lists(contract).items():
        (route,), resource = dialect.resources[key], resources[key]
        filters = {
            name: parameter["schema"]
            for name, parameter in _parameters(contract, operation).items()
            if parameter["in"] == "query" and name not in {named["token"], named["cursor"]}
        }
        ours_filters = {
            f.name: {
                "type": "string",
                **({"format": "date-time"} if f.values is None else {"enum": [*f.values]}),
            }
            for f in route.filters
        }
        retrievable = any(
            other.startswith(f"{path}/{{") and other.endswith("}") and "get" in operations
            for other, operations in contract["paths"].items()
        )
        writes = contract["paths"][path].get("post", {})
        headers = {p["name"] for p in _parameters(contract, writes).values() if p["in"] == "header"}
        updatable = any(
            other.startswith(f"{path}/{{") and "put" in operations
            for other, operations in contract["paths"].items()
        )
        facts: list[tuple[str, object, object]] = [
            ("create", hasattr(resource, "create"), bool(writes)),
            ("repeatable", route.repeatable, dialect.idempotency_header in headers),
            ("update", hasattr(resource, "update") and (key, "update") not in LIVE_ONLY, updatable),
            ("path", route.path, path),
            ("list_key", route.list_key, key),
            ("filters", ours_filters, filters),
            ("retrieve", hasattr(resource, "retrieve") and (key, "retrieve") not in LIVE_ONLY, retrievable),
        ]
        for what, ours, theirs in facts:
            differences += [] if ours == theirs else [f"{key}.{what}: {ours!r} is not {theirs!r}"]
    return differences


# The agreement


def test_every_schema_of_the_contract_is_a_model(contract: dict[str, Any]) -> None:
    """Names, order, types, formats, enumerations and required lists of all models are the contract's."""
    assert schema_differences(contract) == []


def test_the_contract_has_twenty_two_schemas(contract: dict[str, Any]) -> None:
    """The comparison reads the whole contract, not an empty one."""
    assert len(contract["components"]["schemas"]) == 22


def test_records_and_resources_are_the_lists_of_the_contract(contract: dict[str, Any]) -> None:
    """RECORDS holds every paged list in the contract's order, RESOURCES those that a connection serves."""
    assert resource_differences(contract) == []


def test_the_dialect_has_the_routes_of_the_contract(contract: dict[str, Any]) -> None:
    """Paths, list keys, filters, methods, servers and version of CONTRACT are the contract's."""
    assert dialect_differences(contract, CONTRACT) == []


@pytest.mark.parametrize(("resource", "method"), sorted(LIVE_ONLY))
def test_what_only_the_live_dialect_has_is_refused(resource: str, method: str) -> None:
    """A request that the contract lacks is refused in its dialect, before anything is sent."""
    with rf.Client(client_id="an-id", client_secret="a-secret") as client:
        call = getattr(getattr(client.connection("books", "a-token"), resource), method)
        with pytest.raises(rf.ConfigurationError):
            call("x1", **({"status": "cancelled"} if (resource, method) == ("orders", "update") else {}))


def test_drafts_are_the_bodies_of_the_contract(contract: dict[str, Any]) -> None:
    """CREATES has the body of every POST to a list, and the other writes have the routes of the contract."""
    bodies = {
        key: contract["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        for key, (path, _, _) in _lists(contract).items()
        if "post" in contract["paths"][path]
    }
    assert bodies == {key: f"#/components/schemas/{model.__name__}" for key, model in models.CREATES.items()}
    writes = {
        (method, path)
        for path, operations in contract["paths"].items()
        for method in operations
        if method != "get" and path not in {route.path for (route,) in CONTRACT.resources.values()}
    }
    assert writes == {
        ("post", CONTRACT.token_exchange),
        ("post", f"{CONTRACT.resources['orders'][0].path}/{{orderId}}/{CONTRACT.fulfillments}"),
        ("put", f"{CONTRACT.resources['products'][0].path}/{{productId}}"),
        ("post", CONTRACT.webhooks.path),
        ("delete", f"{CONTRACT.webhooks.path}/{{webhookId}}"),
    }
    answer = contract["paths"][CONTRACT.webhooks.path]["get"]["responses"]["200"]
    schema = answer["content"]["application/json"]["schema"]
    assert list(schema["properties"]) == [CONTRACT.webhooks.list_key]


def test_columns_have_the_enumerations_of_the_contract(contract: dict[str, Any]) -> None:
    """The known values of a column are the contract's enumeration, or empty without one."""
    schemas = contract["components"]["schemas"]
    ours = {
        (model.__name__, column.name): list(column.known)
        for model in models.RECORDS.values()
        for column in columns(model)
    }
    assert ours == {
        (model.__name__, name): schema.get("enum", [])
        for model in models.RECORDS.values()
        for name, schema in schemas[model.__name__]["properties"].items()
    }


def test_an_expanded_order_is_an_order_with_one_more_field() -> None:
    """expand=platform_data adds exactly the platform's own record, at the end."""
    assert list(models.ExpandedOrder.model_fields) == [*models.Order.model_fields, "platform_data"]
    assert models.record_model("orders", {"expand": "platform_data"}) is models.ExpandedOrder
    assert models.record_model("orders", {"updated_at_min": "2026-01-01"}) is models.Order
    assert models.record_model("invoices", {}) is models.Invoice


def test_webhook_events_are_the_literal_of_the_contract(contract: dict[str, Any]) -> None:
    """Webhooks accept the events of the contract and no others."""
    events = contract["components"]["schemas"]["WebhookCreate"]["properties"]["events"]["items"]["enum"]
    assert list(get_args(models.WebhookEvent)) == events


# The comparisons can fail


def _schema(contract: dict[str, Any], name: str) -> dict[str, Any]:
    schema: dict[str, Any] = contract["components"]["schemas"][name]
    return schema


def _renamed(contract: dict[str, Any]) -> None:
    properties = _schema(contract, "Invoice")["properties"]
    _schema(contract, "Invoice")["properties"] = {
        ("amount_open" if name == "amount_due" else name): schema for name, schema in properties.items()
    }


def _reordered(contract: dict[str, Any]) -> None:
    properties = _schema(contract, "Account")["properties"]
    _schema(contract, "Account")["properties"] = dict(reversed(properties.items()))


def _inline(contract: dict[str, Any]) -> None:
    line = _schema(contract, "FulfillmentCreate")["properties"]["line_items"]["items"]
    line["properties"]["quantity"]["type"] = "number"


@pytest.mark.parametrize(
    ("mutate", "difference"),
    [
        (
            _renamed,
            (
                "Invoice.properties: ['id', 'customer_id', 'status', 'amount_due', 'currency', 'due_date', "
                "'line_items'] is not ['id', 'customer_id', 'status', 'amount_open', 'currency', 'due_date', "
                "'line_items']"
            ),
        ),
        (
            _reordered,
            (
                "Account.properties: ['id', 'name', 'type', 'currency', 'balance', 'platform_id'] is not "
                "['platform_id', 'balance', 'currency', 'type', 'name', 'id']"
            ),
        ),
        (
            lambda c: _schema(c, "OrderLineItem")["properties"]["quantity"].update(type="number"),
            "OrderLineItem.properties.quantity.type: 'integer' is not 'number'",
        ),
        (
            lambda c: _schema(c, "Bill")["properties"]["due_date"].update(format="date-time"),
            "Bill.properties.due_date.format: 'date' is not 'date-time'",
        ),
        (
            lambda c: _schema(c, "Bill")["properties"]["amount_due"].pop("format"),
            ("Bill.properties.amount_due: {'type': 'number', 'format': 'double'} is not {'type': 'number'}"),
        ),
        (
            lambda c: _schema(c, "LineItem")["properties"]["quantity"].update(format="double"),
            (
                "LineItem.properties.quantity: {'type': 'number'} is not "
                "{'type': 'number', 'format': 'double'}"
            ),
        ),
        (
            lambda c: _schema(c, "Order")["properties"]["status"]["enum"].append("refunded"),
            (
                "Order.properties.status.enum: ['pending', 'processing', 'fulfilled', 'cancelled'] is not "
                "['pending', 'processing', 'fulfilled', 'cancelled', 'refunded']"
            ),
        ),
        (
            lambda c: _schema(c, "ProductCreate")["required"].append("price"),
            "ProductCreate.required: ['title'] is not ['title', 'price']",
        ),
        (
            lambda c: _schema(c, "WebhookCreate")["properties"]["url"].pop("format"),
            ("WebhookCreate.properties.url: {'type': 'string', 'format': 'uri'} is not {'type': 'string'}"),
        ),
        (
            lambda c: _schema(c, "Product")["properties"]["variants"]["items"].update(
                {"$ref": "#/components/schemas/LineItem"}
            ),
            (
                "Product.properties.variants.items.$ref: '#/components/schemas/ProductVariant' is not "
                "'#/components/schemas/LineItem'"
            ),
        ),
        (
            _inline,
            (
                "FulfillmentCreate.properties.line_items.items.properties.quantity.type: "
                "'integer' is not 'number'"
            ),
        ),
        (lambda c: c["components"]["schemas"].update(Vendor={}), "names: ['Vendor']"),
    ],
)
def test_a_changed_schema_is_a_difference(
    contract: dict[str, Any], mutate: Callable[[dict[str, Any]], object], difference: str
) -> None:
    """A changed name, order, type, format, enumeration, required list or reference is reported."""
    changed = copy.deepcopy(contract)
    mutate(changed)
    assert schema_differences(changed) == [difference]


def _list_key(contract: dict[str, Any]) -> None:
    response = contract["paths"]["/bills"]["get"]["responses"]["200"]
    properties = response["content"]["application/json"]["schema"]["properties"]
    properties["payables"] = properties.pop("bills")


@pytest.mark.parametrize(
    ("mutate", "differing"),
    [
        (lambda c: c["paths"].update({"/banks": c["paths"].pop("/bank-accounts")}), "bank_accounts.path"),
        (lambda c: c["paths"]["/orders/{orderId}"].pop("get"), "orders.retrieve"),
        (lambda c: c["paths"]["/transactions"]["get"]["parameters"].pop(), "transactions.filters"),
        (
            lambda c: c["paths"]["/orders"]["get"]["parameters"][3]["schema"]["enum"].append("customer"),
            "orders.filters",
        ),
        (lambda c: c["servers"][1].update(url="https://sandbox.example.com"), "base_urls"),
        (lambda c: c["info"].update(version="2025-01-01"), "version"),
    ],
)
def test_a_changed_route_is_reported(
    contract: dict[str, Any], mutate: Callable[[dict[str, Any]], object], differing: str
) -> None:
    """Any change of a path, filter, method, server or version is differences and named."""
    changed = copy.deepcopy(contract)
    mutate(changed)
    # A path that moves to the end of the contract also changes the order of the resources.
    named = {difference.partition(":")[0] for difference in dialect_differences(changed, CONTRACT)}
    assert named - {"resources"} == {differing}


def test_a_changed_list_is_seen(contract: dict[str, Any]) -> None:
    """A list under another key, or served without an access token, is reported."""
    changed = copy.deepcopy(contract)
    _list_key(changed)
    assert len(resource_differences(changed)) == 2
    changed = copy.deepcopy(contract)
    del changed["paths"]["/bills"]["get"]["parameters"][1]
    assert [difference.partition(":")[0] for difference in resource_differences(changed)] == ["RESOURCES"]
