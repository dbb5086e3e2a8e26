"""All 26 operations over a real socket, validated on both sides by an independent validator.

One difference is known: the contract calls no field nullable, while real services, and so the demo, send null
for a value that is missing. Responses are therefore validated without their nulls; requests as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from openapi_core import OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest, MockResponse

import rutterframe as rf
from rutterframe.demo.server import DemoServer
from tests.client.operations import OPERATIONS, Known, known_to

CONTRACT = yaml.safe_load((Path(__file__).parents[1] / "contract/openapi.yaml").read_text(encoding="utf-8"))
SPEC = OpenAPI.from_dict(CONTRACT)
METHODS = {
    operation["operationId"]: (method, path)
    for path, operations in CONTRACT["paths"].items()
    for method, operation in operations.items()
}


class Recorder(httpx.BaseTransport):
    """Records the requests that were sent, and their responses."""

    def __init__(self) -> None:
        self._transport = httpx.HTTPTransport()
        self.exchanges: list[tuple[httpx.Request, httpx.Response]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._transport.handle_request(request)
        response.read()
        self.exchanges.append((request, response))
        return httpx.Response(response.status_code, headers=response.headers, content=response.content)

    def close(self) -> None:
        self._transport.close()


@pytest.fixture(scope="module")
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture(scope="module")
def writable(recorder: Recorder) -> Iterator[tuple[rf.Client, Known]]:
    """A server of its own, since it is written to, and what there is on it."""
    with (
        DemoServer() as server,
        rf.Client(
            client_id=server.client_id,
            client_secret=server.client_secret,
            environment=server.url,
            access_tokens=server.access_tokens,
            transport=recorder,
        ) as client,
    ):
        yield client, known_to(client, server)


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_nulls(inner) for key, inner in value.items() if inner is not None}
    return [without_nulls(inner) for inner in value] if isinstance(value, list) else value


def validate(sent: httpx.Request, response: httpx.Response) -> None:
    """Judge a request as it left, and its response, by the contract."""
    request = MockRequest(
        "https://production.rutterapi.com",
        sent.method.lower(),
        "/versioned" + sent.url.path,
        args=dict(sent.url.params),
        headers=dict(sent.headers),
        data=sent.read() or None,
    )
    body = json.dumps(without_nulls(response.json())).encode() if response.content else b""
    SPEC.validate_request(request)
    SPEC.validate_response(request, MockResponse(body, response.status_code))


def test_every_operation_of_the_contract_is_called() -> None:
    """The operations below are the 26 of the contract, each by its name."""
    assert list(METHODS) == list({name: None for name in METHODS if name in OPERATIONS})
    assert len(METHODS) == len(OPERATIONS) == 26


@pytest.mark.parametrize("operation", OPERATIONS)
def test_requests_and_responses_agree_with_the_contract(
    writable: tuple[rf.Client, Known], recorder: Recorder, operation: str
) -> None:
    """The request and its response validate, and are those of the operation."""
    client, known = writable
    recorder.exchanges.clear()
    OPERATIONS[operation](client, known)
    ((sent, response),) = recorder.exchanges
    method, path = METHODS[operation]
    assert sent.method == method.upper()
    assert [ours == theirs or theirs[0] == "{" for ours, theirs in zip(
        sent.url.path.split("/")[1:], path.split("/")[1:], strict=True
    )] == [True] * path.count("/")  # fmt: skip
    validate(sent, response)


WRONG: list[dict[str, Any]] = [{"customer_id": "c", "line_items": 3}, {"line_items": []}]


def test_the_validator_refuses_a_wrong_body() -> None:
    """A body with a wrong type, and one without a required field, are refused by the validator."""
    url = "https://api.example.com/invoices?access_token=t"
    for body in WRONG:
        sent = httpx.Request("POST", url, json=body, headers={"X-Rutter-Version": "2024-08-31"})
        with pytest.raises(OpenAPIError):
            validate(sent, httpx.Response(200, json={}))


def test_the_request_of_a_write(writable: tuple[rf.Client, Known], recorder: Recorder) -> None:
    """A write has its JSON, its length and type, the version, Basic auth, the token and a key."""
    client, known = writable
    recorder.exchanges.clear()
    client.connection("gear-xero").invoices.create(
        customer_id=known.customer,
        line_items=[{"description": "Zelt für 2", "total_amount": 12.34}],
        idempotency_key="k-1",
    )
    ((sent, _),) = recorder.exchanges
    expected = (
        f'{{"customer_id":"{known.customer}",'
        '"line_items":[{"description":"Zelt für 2","total_amount":12.34}]}'
    )
    assert sent.read().decode() == expected
    assert sent.headers["Content-Length"] == str(len(expected.encode()))
    assert sent.headers.get_list("Content-Length") == [str(len(expected.encode()))]
    assert sent.headers["Content-Type"] == "application/json"
    assert sent.headers["Idempotency-Key"] == "k-1"
    assert sent.headers["X-Rutter-Version"] == "2024-08-31"
    assert sent.headers["Authorization"].startswith("Basic ")
    assert "access_token" in sent.url.params


def test_only_invoices_send_a_key(writable: tuple[rf.Client, Known], recorder: Recorder) -> None:
    """The contract has the Idempotency-Key for invoices only; a new one is sent where none is passed."""
    client, known = writable
    recorder.exchanges.clear()
    for name in ("createInvoice", "createInvoice", "createBill", "createOrder", "createProduct"):
        OPERATIONS[name](client, known)
    keys = [sent.headers.get("Idempotency-Key") for sent, _ in recorder.exchanges]
    assert keys[2:] == [None, None, None]
    assert len({*keys[:2]}) == 2
    assert {len(key or "") for key in keys[:2]} == {36}
