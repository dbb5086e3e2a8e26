"""rf.demo() and rf.connect(), and the connections that are opened for a report."""

from __future__ import annotations

import importlib
import re
import socket
import subprocess
import sys
from urllib.parse import urlsplit

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.demo.faults import Fault
from rutterframe.demo.server import DemoServer
from tests.conftest import client_of

# The package has the function `connect` under the module's name.
connect = importlib.import_module("rutterframe.connect")


def is_listening(url: str) -> bool:
    parts = urlsplit(url)
    with socket.socket() as probe:
        return probe.connect_ex((parts.hostname or "", parts.port or 0)) == 0


def test_the_demo_returns_a_working_client() -> None:
    """rf.demo() needs no credentials, and every active connection can be read without a token."""
    with rf.demo() as client:
        assert isinstance(client, rf.Client)
        active = [connection for connection in client.connections.list() if connection.status == "active"]
        assert [connection.id for connection in active] == [
            "roaster-quickbooks",
            "roaster-shopify",
            "roaster-bank",
            "roaster-google-ads",
            "gear-xero",
            "gear-shopify",
            "gear-amazon",
            "gear-bank",
        ]
        for connection in active:
            assert connection.id is not None
            list(client.connection(connection.id).bank_accounts.list())


def test_closing_the_demo_stops_the_server() -> None:
    """Closing the client closes the port and ends the server's thread; closing again does nothing."""
    client = rf.demo()
    assert client.server._running is not None
    _, thread = client.server._running
    url = client.server.url
    assert (thread.is_alive(), is_listening(url)) == (True, True)
    client.close()
    assert (thread.is_alive(), is_listening(url)) == (False, False)
    client.close()


def test_the_with_block_stops_the_server_after_an_error() -> None:
    """An error in the block does not leave the server running."""
    client = rf.demo()
    assert client.server._running is not None
    _, thread = client.server._running
    with pytest.raises(rf.NotFound), client:
        client.connections.retrieve("no-such-connection")
    assert not thread.is_alive()


def test_two_demos_side_by_side_do_not_mix() -> None:
    """Each demo has a port and books of its own; the same seed gives the same books."""
    with rf.demo() as one, rf.demo() as same, rf.demo(seed=8) as other:
        assert len({one.server.url, same.server.url, other.server.url}) == 3
        first, again, different = (
            [account.balance for account in client.connection("roaster-bank").bank_accounts.list()]
            for client in (one, same, other)
        )
    assert first == again != different


def test_the_demo_takes_page_size_faults_and_policy() -> None:
    """The faults, the page size and the retry policy of a demo are arguments."""
    policy = rf.RetryPolicy(attempts=1)
    faults = [Fault("500", resource="accounts", page=2, times=0)]
    with rf.demo(page_size=7, faults=faults, retry=policy) as client:
        with pytest.raises(rf.ServerError) as error:
            list(client.connection("roaster-quickbooks").accounts.list())
        assert (error.value.context.pages, error.value.context.rows) == (1, 7)
        assert [request.status for request in client.server.requests] == [200, 500]


def test_the_demo_speaks_the_live_dialect() -> None:
    """Client and server speak it, below the path of the real service."""
    with rf.demo(dialect="live") as client:
        assert (client.dialect, client.server.dialect) == ("live", "live")
        assert urlsplit(client.server.url).path == "/versioned"


def test_receipts_of_the_demo_name_it() -> None:
    """The receipt of what is loaded from the demo names the environment "demo"."""
    with rf.demo() as client:
        frame = rf.load_bank_accounts(client.connection("roaster-bank"), progress=False)
    assert frame.attrs["receipt"]["environment"] == "demo"


def test_credentials_of_the_environment_do_not_reach_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    """With credentials set, rf.demo() still returns the demo."""
    monkeypatch.setenv("RUTTER_CLIENT_ID", "real-id")
    monkeypatch.setenv("RUTTER_CLIENT_SECRET", "real-secret")
    monkeypatch.setenv("RUTTER_ENVIRONMENT", "sandbox")
    monkeypatch.setenv("RUTTER_ACCESS_TOKEN", "real-token")
    with rf.demo() as client:
        assert len(list(client.connection("roaster-bank").bank_accounts.list())) == 3


def test_connect_without_credentials_returns_the_demo_and_prints_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without credentials rf.connect() returns the demo, and prints that the data is made up."""
    with rf.connect() as client:
        assert isinstance(client, connect.DemoClient)
    assert capsys.readouterr().out == (
        "DEMO DATA: no credentials are set, so every figure below is made up.\n"
        "(Set RUTTER_CLIENT_ID and RUTTER_CLIENT_SECRET to read your own books.)\n"
    )


def test_connect_without_credentials_follows_the_dialect(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo speaks the dialect that is set, so that notebooks run on either."""
    monkeypatch.setenv("RUTTER_DIALECT", "Live")
    with rf.connect() as client:
        assert isinstance(client, connect.DemoClient)
        assert client.dialect == "live"


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        ("production", "https://production.rutterapi.com/versioned"),
        ("sandbox", "https://sandbox.rutterapi.com"),
    ],
)
def test_connect_with_credentials_prints_the_environment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], environment: str, url: str
) -> None:
    """With both credentials rf.connect() returns a client of the API, and prints its environment."""
    monkeypatch.setenv("RUTTER_CLIENT_ID", "canary-id")
    monkeypatch.setenv("RUTTER_CLIENT_SECRET", "canary-secret")
    monkeypatch.setenv("RUTTER_ENVIRONMENT", environment)
    with rf.connect() as client:
        assert type(client) is rf.Client
        assert repr(client) == f"<rutterframe.Client of {url}, version 2024-08-31, dialect 'contract'>"
    assert capsys.readouterr().out == f"REAL DATA: reading from the {environment!r} environment.\n"


@pytest.mark.parametrize("name", ["RUTTER_CLIENT_ID", "RUTTER_CLIENT_SECRET"])
def test_connect_with_half_the_credentials_is_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """One credential without the other is an error; it does not lead to made-up figures."""
    monkeypatch.setenv(name, "canary")
    with pytest.raises(rf.MissingCredentials, match=rf"^{name} is set, but RUTTER_CLIENT_"):
        rf.connect()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "imports",
    [
        "import rutterframe as rf; import rutterframe.demo.server",
        "import rutterframe.demo.server; import rutterframe as rf",
        "from rutterframe.demo import server; import rutterframe as rf; rf.demo().close()",
    ],
)
def test_demo_stays_the_function(imports: str) -> None:
    """Importing the demo package, before or after, leaves `rf.demo` the function."""
    code = f"{imports}; print(rf.demo.__name__, rf.demo.__module__)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("demo rutterframe.connect\n", "")


def test_open_active(client: rf.Client) -> None:
    """Active and unhealthy connections are opened; the others, also those without a status, are named."""
    listed = pd.DataFrame(
        {
            "id": ["gear-bank", "gear-xero", "gear-shopify", "gear-amazon"],
            "status": ["error", "active", "unhealthy", None],
        }
    )
    connections, left_out, *_ = connect.open_active(client, listed)
    assert [one.id for one in connections] == ["gear-xero", "gear-shopify"]
    assert left_out == [
        "Left out, since only active connections are fresh: gear-bank (error), gear-amazon (of no status)."
    ]


@pytest.mark.parametrize(("status", "message"), [(["error"], "there are a (error)"), ([], "there is none")])
def test_no_connection_is_active(client: rf.Client, status: list[str], message: str) -> None:
    """No active connection is an error, since a report of nothing would look like one of zero."""
    listed = pd.DataFrame({"id": ["a"][: len(status)], "status": status}, dtype="str")
    with pytest.raises(rf.ConfigurationError, match=re.escape(message)):
        connect.open_active(client, listed)


def test_open_connections(client: rf.Client) -> None:
    """Connections that are named are opened once each, whatever their status; else all active ones."""
    connections, left_out, *_ = connect.open_connections(
        client, ["gear-xero", "gear-ebay-closed", "gear-xero"]
    )
    assert [one.id for one in connections] == ["gear-xero", "gear-ebay-closed"]
    assert left_out == []
    connections, left_out, *_ = connect.open_connections(client, None)
    assert len(connections) == 8
    assert "roaster-netsuite-old (error), gear-ebay-closed (inactive)" in left_out[0]


def test_a_connection_without_a_token_is_left_out_and_named(server: DemoServer) -> None:
    """Of three connections the one without an access token is named and left out, the others are opened."""
    with client_of(server, access_tokens={"gear-xero": "a", "gear-bank": "b"}) as known:
        result = connect.open_connections(known, ["gear-xero", "gear-amazon", "gear-bank"])
    assert [one.id for one in result.connections] == ["gear-xero", "gear-bank"]
    assert result.left_out == [
        "Left out, since no access token is known: gear-amazon. (See RUTTER_ACCESS_TOKENS.)"
    ]
    assert result.without_token == ["gear-amazon"]


def test_active_connections_without_a_token_are_left_out(server: DemoServer) -> None:
    """Those that are not active are named first, then the active ones without an access token."""
    listed = pd.DataFrame(
        {"id": ["gear-bank", "gear-ebay-closed", "gear-amazon"], "status": ["active", "inactive", "active"]}
    )
    with client_of(server, access_tokens={"gear-bank": "b"}) as known:
        result = connect.open_active(known, listed)
    assert result[1:] == (
        [
            "Left out, since only active connections are fresh: gear-ebay-closed (inactive).",
            "Left out, since no access token is known: gear-amazon. (See RUTTER_ACCESS_TOKENS.)",
        ],
        ["gear-amazon"],
        {"gear-ebay-closed": "inactive"},
    )


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        (["gear-amazon"], "No access token is known for connection 'gear-amazon' (known are gear-xero)"),
        (["gear-amazon", "gear-bank"], "No access token is known for gear-amazon, gear-bank"),
    ],
)
def test_no_connection_has_a_token(server: DemoServer, ids: list[str], message: str) -> None:
    """Where none of the connections has an access token, that is an error which names them."""
    with (
        client_of(server, access_tokens={"gear-xero": "a"}) as known,
        pytest.raises(rf.MissingToken) as caught,
    ):
        connect.open_connections(known, ids)
    assert caught.value.message == message


def test_the_version_of_the_environment_does_not_reach_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo works whatever version is set for the real API."""
    monkeypatch.setenv("RUTTER_VERSION", "2023-03-14")
    with rf.demo() as client:
        assert len(list(client.connections.list())) == 10


def test_a_demo_that_cannot_start_leaves_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the client of the demo cannot be created, its server is stopped."""
    started: list[DemoServer] = []
    start = DemoServer.start

    def start_and_record(self: DemoServer) -> DemoServer:
        started.append(self)
        return start(self)

    monkeypatch.setattr(DemoServer, "start", start_and_record)
    monkeypatch.setenv("RUTTER_CLIENT_IDD", "x")
    try:
        rf.demo().close()
    except rf.ConfigurationError:
        assert [server._running for server in started if server._running] == []
    finally:
        for server in started:
            server.stop()
