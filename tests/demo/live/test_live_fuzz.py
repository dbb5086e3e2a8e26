"""Generated requests from the published description, for every operation of the demo's live routes."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from rutterframe.demo.live.operations import LIVE_OPERATIONS
from rutterframe.demo.server import DemoServer
from tests.demo.live.conftest import LiveApi
from tests.live_contract import lenient_document

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

pytestmark = pytest.mark.slow

LEDGER, SHOP = "gear-xero", "gear-shopify"
#: The connection that has the objects of a path; others are those of a shop.
CONNECTIONS = {
    "/accounting": LEDGER,
    "/events": LEDGER,
    "/banking": "gear-bank",
    "/ads": "roaster-google-ads",
}
STATUSES = {200, 400, 401, 403, 404, 405, 409, 410}
SETTINGS = settings(
    derandomize=True,  # the same requests in every run
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)


@functools.cache
def operations() -> dict[tuple[str, str], Any]:
    document = lenient_document()
    served = {(operation.method.lower(), operation.path) for operation in LIVE_OPERATIONS}
    document["paths"] = {
        path: operations_of_path
        for path, methods in document["paths"].items()
        if (
            operations_of_path := {method: one for method, one in methods.items() if (method, path) in served}
        )
    }
    results: list[Any] = list(schemathesis.openapi.from_dict(document).get_all_operations())
    return {(result.ok().method.lower(), result.ok().path): result.ok() for result in results}


@pytest.fixture(scope="module")
def scratch(http: httpx.Client) -> Iterator[LiveApi]:
    """A server that the writes of this module may change."""
    with DemoServer(dialect="live", page_size=5) as server:
        yield LiveApi(server, http)


def connection_of(path: str) -> str:
    return next((name for start, name in CONNECTIONS.items() if path.startswith(start)), SHOP)


def id_of(api: LiveApi, path: str) -> str:
    """Return an id that the list of a path has."""
    resource = path.split("{", maxsplit=1)[0].strip("/")
    if resource in {"jobs", "configs/webhooks"}:
        return "none"
    body = api.get(f"/{resource}", connection_of(path)).json()
    rows = next(value for value in body.values() if isinstance(value, list))
    return str(rows[0]["id"]) if rows else "none"


def text_of(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def send(api: LiveApi, case: Any, flaws: set[str]) -> httpx.Response:
    """Send a generated request, corrected but for the named flaws, so that few end at the token."""
    path, body = case.path, case.body
    query = {key: text_of(value) for key, value in (case.query or {}).items() if isinstance(key, str)}
    if "query" not in flaws:
        query = {key: value for key, value in query.items() if key in {"expand", "sort", "status", "type"}}
    if "token" not in flaws and "access_token" in {one.name for one in case.operation.query}:
        query["access_token"] = api.server.access_tokens[connection_of(case.path)]
    for name, value in (case.path_parameters or {}).items():
        text = id_of(api, path) if "ids" not in flaws and name == "id" else text_of(value)
        path = path.replace(f"{{{name}}}", quote(text, safe="") or "none")
    if "ids" not in flaws and isinstance(body, dict):
        body = with_real_ids(api, case.path, body)
    sendable = body if isinstance(body, dict | list | str | int | float | bool) or body is None else b""
    return api.send(case.method, path, params=query, body=sendable)


def with_real_ids(api: LiveApi, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Put real ids, currencies and fields that the demo knows into a generated body."""
    rows = api.server.books.rows
    for key, field, value in (
        ("invoice", "customer_id", rows(LEDGER, "customers")[0]["id"]),
        ("bill", "vendor_id", rows(LEDGER, "bills")[0]["vendor_id"]),
    ):
        if isinstance(body.get(key), dict):
            known = {"issue_date", "currency_code", "line_items", "due_date", "memo", "status", field}
            fields = {name: one for name, one in body[key].items() if name in known}
            fields |= {"currency_code": "EUR", "issue_date": "2026-06-30"} if "{" not in path else {}
            if field in fields:
                fields[field] = value
            return {key: fields}
    return body


FLAWS = st.sampled_from([set(), set(), set(), {"ids"}, {"query"}, {"token"}, {"ids", "query"}])


def assert_balance(api: LiveApi) -> None:
    """After all writes assets still equal liabilities, equity and result."""
    signs = {"asset": 1, "liability": -1, "equity": -1, "income": -1, "expense": 1}
    sums: dict[str, Any] = {}
    for account in api.list("/accounting/accounts", LEDGER):
        currency = account["currency_code"]
        sums[currency] = sums.get(currency, 0) + signs[account["category"]] * account["balance"]
    assert not any(sums.values())


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["valid", "invalid"])
@pytest.mark.parametrize(
    ("method", "path"), sorted({(one.method.lower(), one.path) for one in LIVE_OPERATIONS})
)
def test_every_request_gets_a_documented_response(
    scratch: LiveApi, method: str, path: str, mode: GenerationMode
) -> None:
    """Whatever is sent, the status is a known one, and an error has its three fields."""
    cases: Any = operations()[method, path]

    @settings(SETTINGS, max_examples=5)
    @given(cases.as_strategy(generation_mode=mode), FLAWS)
    def check(case: Any, flaws: set[str]) -> None:
        answer = send(scratch, case, flaws)
        assert answer.status_code in STATUSES, (answer.status_code, answer.text)
        if answer.status_code >= 400:
            assert set(answer.json()) == {"error_type", "error_code", "error_message"}

    check()
    if method != "get":
        assert_balance(scratch)
