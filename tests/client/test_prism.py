"""All 26 operations against a mock server that others made of openapi.yaml: it refuses what does not fit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

import rutterframe as rf
from rutterframe.client.request import RequestSpec
from tests.client.operations import OPERATIONS, Known
from tests.prism import run_prism

CONTRACT = Path(__file__).parents[1] / "contract/openapi.yaml"

pytestmark = [pytest.mark.prism, pytest.mark.xdist_group("prism")]


@pytest.fixture(scope="module")
def prism() -> Iterator[str]:
    """Start Prism on the contract, and return its address."""
    with run_prism(CONTRACT) as address:
        yield address


@pytest.fixture
def client(prism: str) -> Iterator[rf.Client]:
    with rf.Client(
        client_id="an-id",
        client_secret="a-secret",
        environment=prism,
        access_tokens={"string": "a-token"},
        retry=rf.RetryPolicy(attempts=1),
    ) as client:
        yield client


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_request_is_valid_and_every_response_is_read(client: rf.Client, operation: str) -> None:
    """Prism accepts each of the 26 requests, and the client reads its responses."""
    only = client.connection("string")
    ids = dict.fromkeys(
        ("connection_id", "invoice", "order", "product", "variant", "shopper", "customer", "vendor"), "string"
    )
    known = Known(ledger=only, shop=only, bank=only, ads=only, public_token="public", webhook="string", **ids)
    OPERATIONS[operation](client, known)


def test_prism_refuses_invalid_requests(prism: str, client: rf.Client) -> None:
    """Prism refuses a body that does not fit, and a request without the version header."""
    with pytest.raises(rf.BadRequest, match="422"):
        client._session.write(
            replace(
                RequestSpec.of(client._session, "invoices"),
                method="POST",
                body=SecretStr('{"line_items": 3}'),
            ),
            read=bytes,
            find_out="",
        )
    assert httpx.get(f"{prism}/accounts?access_token=t", auth=("an-id", "a-secret")).status_code == 422
