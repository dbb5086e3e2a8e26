"""Generated requests: from the contract, valid and invalid, for every operation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from schemathesis import GenerationMode

from rutterframe.demo.server import DemoServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from tests.demo.conftest import Api

CONTRACT = yaml.safe_load(
    (Path(__file__).parents[1] / "contract" / "openapi.yaml").read_text(encoding="utf-8")
)
_RESULTS: list[Any] = list(schemathesis.openapi.from_dict(CONTRACT).get_all_operations())
OPERATIONS = {result.ok().definition.raw["operationId"]: result.ok() for result in _RESULTS}
# The connection that has the resource, so that not every request gets an empty list.
CONNECTIONS = {
    "orders": "gear-shopify",
    "products": "gear-shopify",
    "bank": "gear-bank",
    "ad": "roaster-google-ads",
}
STATUSES = {200, 204, 400, 401, 404, 405, 409, 422}
SETTINGS = settings(
    derandomize=True,  # the same requests in every run
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)


@pytest.fixture(scope="module")
def scratch_server() -> Iterator[DemoServer]:
    """A server that the writes of this module may change."""
    with DemoServer(page_size=5) as server:
        yield server


@pytest.fixture
def scratch(api: Api, scratch_server: DemoServer) -> Api:
    return type(api)(scratch_server, api.http)


def conforms(schema: dict[str, Any], value: Any) -> bool:
    """Whether a value agrees with a schema of the contract; its nulls stand for absent fields."""
    validator = Draft202012Validator({**schema, "components": CONTRACT["components"]})
    return bool(validator.is_valid(without_nulls(value)))


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_nulls(element) for key, element in value.items() if element is not None}
    return [without_nulls(element) for element in value] if isinstance(value, list) else value


def connection_of(path: str) -> str:
    return next(
        (connection for word, connection in CONNECTIONS.items() if path.startswith(f"/{word}")), "gear-xero"
    )


def real_id(api: Api, path: str) -> str:
    """Return an id that the path's list has."""
    resource = path.split("/")[1]
    if resource == "config-webhooks":
        return next(iter(row["id"] for row in api.get(f"/{resource}").json()["webhooks"]), "none")
    return str(api.server.books.rows(connection_of(path), resource)[0]["id"])


def with_real_ids(api: Api, path: str, body: Any) -> Any:
    """Put real ids into a generated body, so that more than its shape is tried."""
    if isinstance(body, dict):
        rows = api.server.books.rows
        if path == "/bills" and "vendor_id" in body:
            return body | {"vendor_id": rows("gear-xero", "bills")[0]["vendor_id"]}
        if "customer_id" in body:
            return body | {"customer_id": rows(connection_of(path), "customers")[0]["id"]}
    return body


def text_of(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def send(api: Api, case: Any, flaws: set[str]) -> tuple[httpx.Response, Any]:
    """Send a generated request, corrected but for the named flaws, so that few end at the token."""
    path, body = case.formatted_path, case.body
    query = {key: text_of(value) for key, value in (case.query or {}).items() if isinstance(key, str)}
    headers = {
        key: text_of(value) for key, value in (case.headers or {}).items() if key.lower() != "authorization"
    }
    if "version" not in flaws:
        headers = {key: value for key, value in headers.items() if key.lower() != "x-rutter-version"}
        headers["X-Rutter-Version"] = "2024-08-31"
    if "query" not in flaws:
        query = {
            key: value for key, value in query.items() if key in {"access_token", "expand", "updated_at_min"}
        }
    if "token" not in flaws and not case.path.startswith("/con"):
        query["access_token"] = api.server.access_tokens[connection_of(case.path)]
    if "ids" not in flaws:
        body = with_real_ids(api, case.path, body)
        if case.path_parameters:
            (name,) = case.path_parameters
            path = case.path.replace(f"{{{name}}}", quote(real_id(api, case.path)))
    sendable = body if isinstance(body, dict | list | str | int | float | bool) or body is None else b""
    return api.send(case.method, path, params=query, headers=headers, body=sendable), sendable


FLAWS = st.sampled_from([set(), set(), set(), {"ids"}, {"query"}, {"token"}, {"version"}, {"ids", "query"}])


def assert_balance(api: Api) -> None:
    """After all writes assets still equal liabilities, equity and result."""
    signs = {"asset": 1, "liability": -1, "equity": -1, "revenue": -1, "expense": 1}
    sums: dict[str, Any] = {}
    for account in api.rows("accounts", "gear-xero"):
        sums[account["currency"]] = (
            sums.get(account["currency"], 0) + signs[account["type"]] * account["balance"]
        )
    assert not any(sums.values())


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["valid", "invalid"])
@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("examples", [6, pytest.param(25, marks=pytest.mark.long)])
def test_every_request_gets_a_documented_response(
    scratch: Api, name: str, mode: GenerationMode, examples: int
) -> None:
    """Responses have known statuses, and accepted requests and their responses agree with the contract."""
    operation = OPERATIONS[name]
    raw = operation.definition.raw
    answers = {
        int(status): response.get("content", {}).get("application/json", {}).get("schema")
        for status, response in raw["responses"].items()
    }
    body_schema = raw.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")

    @settings(SETTINGS, max_examples=examples)
    @given(operation.as_strategy(generation_mode=mode), FLAWS)
    def check(case: Any, flaws: set[str]) -> None:
        answer, body = send(scratch, case, flaws)
        assert answer.status_code in STATUSES, (answer.status_code, answer.text)
        assert answer.headers["x-rutter-request-id"].startswith("demo-request-")
        if answer.status_code >= 400:
            assert set(answer.json()) == {"error_type", "error_code", "error_message"}
        elif answer.status_code == 200:
            assert answers[200] is None or conforms(answers[200], answer.json())
            assert body_schema is None or conforms(body_schema, body)
        else:
            assert 204 in answers

    check()
    if name in {"createInvoice", "createBill"}:
        assert_balance(scratch)
