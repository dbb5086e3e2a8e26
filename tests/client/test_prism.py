"""All 26 operations against a mock server that others made of openapi.yaml: it refuses what does not fit.

It needs Prism, named by `PRISM`, on the PATH or in node_modules; CONTRIBUTING says how to install it.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

import rutterframe as rf
from rutterframe.client.request import RequestSpec
from tests.client.operations import OPERATIONS, Known

ROOT = Path(__file__).parents[2]
CONTRACT = ROOT / "tests/contract/openapi.yaml"
# Read at import: the fixture that keeps RUTTER_ variables out changes the working folder as well.
NAMED = os.environ.get("PRISM")

pytestmark = [pytest.mark.prism, pytest.mark.xdist_group("prism")]


def find_prism() -> str | None:
    local = ROOT / "node_modules/.bin/prism"
    return NAMED or shutil.which("prism") or (str(local) if local.exists() else None)


@pytest.fixture(scope="module")
def prism() -> Iterator[str]:
    """Start Prism in its request-validating mode on a free port, and return its address."""
    command_of_prism = find_prism()
    if command_of_prism is None:
        pytest.skip("Prism is not installed: see CONTRIBUTING, 'Prism'")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [command_of_prism, "mock", "--errors", "-h", "127.0.0.1", "-p", str(port), str(CONTRACT)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running:
        assert running.stdout is not None
        output: list[str] = []
        for line in running.stdout:
            output.append(line)
            if "Prism is listening" in line:
                break
        else:
            pytest.fail("Prism did not start:\n" + "".join(output))
        # Its log is read on, so that the pipe does not fill up.
        reading = threading.Thread(target=running.stdout.read, daemon=True)
        reading.start()
        yield f"http://127.0.0.1:{port}"
        running.terminate()
        running.wait()
        reading.join()


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
            RequestSpec(
                client._session, "invoices", "/invoices", method="POST", body=SecretStr('{"line_items": 3}')
            ),
            read=bytes,
            find_out="",
        )
    assert httpx.get(f"{prism}/accounts?access_token=t", auth=("an-id", "a-secret")).status_code == 422
