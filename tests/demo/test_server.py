"""Start, stop and threads of the demo server."""

from __future__ import annotations

import asyncio
import logging
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import pytest

from rutterframe.demo.faults import Fault
from rutterframe.demo.server import DemoServer

if TYPE_CHECKING:
    from tests.demo.conftest import Api


def test_a_server_starts_and_stops() -> None:
    """Inside the block requests are answered; after it the thread has ended and the port is closed."""
    before = threading.active_count()
    with DemoServer() as server:
        assert threading.active_count() == before + 1
        assert httpx.get(f"{server.url}/connections").status_code == 401
    assert threading.active_count() == before
    address = urlsplit(server.url)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address.hostname or "", address.port or 0), timeout=1)


def test_stop_does_not_wait_for_idle_or_slow_clients(caplog: pytest.LogCaptureFixture) -> None:
    """Idle connections do not hold the server back, slow responses are cut off, and nothing is logged."""
    server = DemoServer(faults=[Fault("slow", seconds=60)]).start()
    with httpx.Client(
        auth=(server.client_id, server.client_secret), headers={"X-Rutter-Version": "2024-08-31"}
    ) as idle:
        idle.get(f"{server.url}/nowhere")
        with pytest.raises(httpx.ReadTimeout):
            idle.get(f"{server.url}/connections", timeout=0.1)
        server.stop()
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_a_server_can_start_again() -> None:
    """After a stop the same server starts anew, with its books as they were; stopping twice has no effect."""
    server = DemoServer()
    with pytest.raises(RuntimeError, match="has not been started"):
        _ = server.url
    with server:
        with pytest.raises(RuntimeError, match="is running already"):
            server.start()
        assert httpx.get(f"{server.url}/connections").status_code == 401
    server.stop()
    with server:
        assert httpx.get(f"{server.url}/connections").status_code == 401


def test_two_servers_have_the_same_secrets_and_different_ports(api: Api) -> None:
    """Credentials and tokens depend on the seed only; they are long, and all different."""
    with DemoServer() as second, DemoServer(seed=8) as third:
        server = api.server
        assert (server.client_id, server.client_secret) == (second.client_id, second.client_secret)
        assert server.access_tokens == second.access_tokens
        assert server.url != second.url
        assert third.client_secret != server.client_secret
        assert not set(third.access_tokens.values()) & set(server.access_tokens.values())
    secrets = [server.client_id, server.client_secret, *server.access_tokens.values()]
    assert len(set(secrets)) == len(secrets) == 12
    assert min(map(len, secrets)) >= 24


def test_a_port_in_use_is_an_error() -> None:
    """The error comes from start, at once."""
    with DemoServer() as first:
        port = urlsplit(first.url).port or 0
        with pytest.raises(OSError, match="in use"):
            DemoServer(port=port).start()


def test_the_port_is_an_argument() -> None:
    """A free port that is passed is the port of the URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with DemoServer(port=port) as server:
        assert server.url == f"http://127.0.0.1:{port}"


def test_the_loopback_of_ipv6_can_be_served() -> None:
    """An IPv6 address is in brackets in the URL."""
    try:
        server = DemoServer(host="::1").start()
    except OSError:
        pytest.skip("this machine has no IPv6")
    with httpx.Client() as client:
        assert server.url.startswith("http://[::1]:")
        assert client.get(f"{server.url}/connections").status_code == 401
    server.stop()


@pytest.mark.parametrize("page_size", [0, -1, True, 2.5, "50"])
def test_an_invalid_page_size_is_refused(api: Api, page_size: object) -> None:
    """It is refused at the start and later."""
    with pytest.raises(ValueError, match="page_size must be a whole number from 1"):
        DemoServer(page_size=page_size)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="page_size must be a whole number from 1"):
        api.server.configure(page_size=page_size)  # type: ignore[arg-type]


def test_it_works_where_an_event_loop_is_running() -> None:
    """As in a notebook: start, request and stop within a coroutine."""

    async def notebook() -> int:
        with DemoServer() as server:
            async with httpx.AsyncClient() as client:
                return (await client.get(f"{server.url}/connections")).status_code

    assert asyncio.run(notebook()) == 401


def test_many_threads_are_served(api: Api) -> None:
    """Eight threads read the same list at the same time, and all read the same."""
    results: list[list[str]] = []

    def read() -> None:
        with httpx.Client() as client:
            results.append([row["id"] for row in type(api)(api.server, client).rows("bills", "gear-xero")])

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [[row["id"] for row in api.server.books.rows("gear-xero", "bills")]] * 8


def test_a_running_server_does_not_block_the_exit() -> None:
    """The interpreter ends with the server running, without a warning or an error."""
    program = "from rutterframe.demo.server import DemoServer; print(DemoServer().start().url)"
    result = subprocess.run(
        [sys.executable, "-W", "error", "-X", "dev", "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("http://127.0.0.1:")
