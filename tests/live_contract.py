"""The published description of the live service, version 2024-08-31, which the project does not carry itself.

It is read from `../shared/live`, or from where `LIVE_CONTRACT` says; tests that need it are skipped without.
"""

from __future__ import annotations

import copy
import functools
import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
import yaml

_ROOT = Path(__file__).parents[1]
# Read at import: the fixture that keeps RUTTER_ variables out changes the working folder as well.
LIVE_CONTRACT = Path(
    os.environ.get("LIVE_CONTRACT", _ROOT.parent / "shared/live/live-2024-08-31.yaml")
).resolve()
#: What the file calls a decimal, and rates: text such as "-12.50", which no generator of examples knows.
_DECIMAL = {"pattern": r"^-?(0|[1-9][0-9]{0,5})\.[0-9]{2}$", "example": "-12.50"}


class Operation(NamedTuple):
    """An operation of the service: its id, its path with the names of its parameters, and these."""

    name: str
    path: str
    query: frozenset[str]
    required: frozenset[str]
    headers: frozenset[str]


@functools.cache
def _read() -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document: dict[str, Any] = yaml.load(LIVE_CONTRACT.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506
    return document


def live_document() -> dict[str, Any]:
    """Return the description; skip the test if it is not on this machine."""
    if not LIVE_CONTRACT.exists():
        pytest.skip("the description of the live service is missing: LIVE_CONTRACT names its file")
    return _read()


def lenient_document() -> dict[str, Any]:
    """Return the description without the formats of ids: the demo's are words, so that one can read them."""
    document = copy.deepcopy(live_document())
    for schema in _objects(document):
        if schema.get("format") == "uuid":
            del schema["format"]
    return document


def strict_document() -> dict[str, Any]:
    """Return the description with requests that have no other fields, and with examples of decimals."""
    document = copy.deepcopy(live_document())
    for schema in _objects(document):
        rate = schema.get("currency_rate")
        if isinstance(rate, dict) and "string" in rate.get("type", ()):
            rate.update(_DECIMAL)
        if schema.get("format") == "decimal":
            schema.update(_DECIMAL)
    open_objects = [
        operation["requestBody"]["content"]["application/json"]["schema"]
        for methods in document["paths"].values()
        for operation in methods.values()
        if "requestBody" in operation
    ]
    visited: set[int] = set()
    while open_objects:
        schema = open_objects.pop()
        if "$ref" in schema:
            schema = _resolve(document, schema["$ref"])
        if id(schema) in visited or "allOf" in schema:
            continue
        visited.add(id(schema))
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
        parts = (*schema.get("properties", {}).values(), schema.get("items"), *schema.get("anyOf", ()))
        open_objects += [part for part in parts if isinstance(part, dict)]
    return document


def write_strict(folder: Path) -> Path:
    """Write the strict description into a folder, as JSON, and return the file."""
    path = folder / "live.json"
    path.write_text(json.dumps(strict_document()), encoding="utf-8")
    return path


def operation_of(method: str, path: str) -> Operation:
    """Return the operation of a request.

    Raises
    ------
    AssertionError
        If the service has no such path, or not with that method.
    """
    document = live_document()
    for template, methods in document["paths"].items():
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
        if re.fullmatch(pattern, path) and ("{" not in template or path not in document["paths"]):
            assert method.lower() in methods, f"{template} has no {method}"
            operation = methods[method.lower()]
            parameters = list(map(_parameter, operation.get("parameters", ())))
            queries = [parameter for parameter in parameters if parameter["in"] == "query"]
            return Operation(
                operation["operationId"],
                template,
                frozenset(query["name"] for query in queries),
                frozenset(query["name"] for query in queries if query.get("required")),
                frozenset(parameter["name"] for parameter in parameters if parameter["in"] == "header"),
            )
    raise AssertionError(f"the service has no path {path}")


def check_query(request: httpx.Request, base: str = "") -> Operation:
    """Return the operation of a request, which sends parameters that it has, and all that it requires.

    Validators ignore a parameter that an operation does not have; a misspelt filter would filter nothing.
    """
    operation = operation_of(request.method, request.url.path.removeprefix(base))
    sent = frozenset(request.url.params)
    assert sent <= operation.query, f"{operation.name} has no {', '.join(sorted(sent - operation.query))}"
    assert operation.required <= sent, f"{operation.name} needs {', '.join(sorted(operation.required))}"
    keys = {"Idempotency-Key", "X-Rutter-Version"} & {*map(str.title, request.headers)}
    unknown = {key for key in keys if key not in operation.headers}
    assert not unknown, f"{operation.name} has no {', '.join(unknown)}"
    return operation


def _parameter(parameter: Mapping[str, Any]) -> Mapping[str, Any]:
    return _resolve(live_document(), parameter["$ref"]) if "$ref" in parameter else parameter


def _resolve(document: Mapping[str, Any], reference: str) -> dict[str, Any]:
    value: Any = document
    for part in reference.removeprefix("#/").split("/"):
        value = value[part]
    assert isinstance(value, dict)
    return value


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of a document."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _objects(inner)
