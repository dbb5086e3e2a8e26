"""`rf.diagnose`: a server that answers, refuses, speaks the other dialect, or is not there."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx
import pytest

import rutterframe as rf
from rutterframe.client.diagnosis import Diagnosis, Finding
from rutterframe.client.dialect_probe import ConnectionList, Probe
from rutterframe.demo.server import DemoServer
from tests.conftest import AT_ONCE, client_of, settings_of


class Changed(httpx.BaseTransport):
    """Changes every response of a server."""

    def __init__(self, change: Callable[[httpx.Request, httpx.Response], httpx.Response]) -> None:
        self._transport = httpx.HTTPTransport()
        self._change = change

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._transport.handle_request(request)
        response.read()
        headers = {name: value for name, value in response.headers.items() if name != "content-encoding"}
        return self._change(
            request, httpx.Response(response.status_code, headers=headers, content=response.content)
        )

    def close(self) -> None:
        self._transport.close()


#: One try without a wait.
ONCE = rf.RetryPolicy(attempts=1)


def finding_of(result: Diagnosis, check: str) -> Finding:
    """Return the only finding of a check."""
    (finding,) = [finding for finding in result.findings if finding.check == check]
    return finding


@pytest.fixture
def environment(server: DemoServer, monkeypatch: pytest.MonkeyPatch) -> DemoServer:
    """The demo API as the environment's settings name it."""
    for name, value in settings_of(server).items():
        monkeypatch.setenv(name, value)
    return server


def test_all_is_well(client: rf.Client) -> None:
    """Of the demo's ten connections eight can be loaded; the two others are warnings with advice."""
    result = rf.diagnose(client)
    assert result.ok
    assert result.summary == "2 warnings, 14 ok"
    assert [(one.check, one.status) for one in result.findings[:6]] == [
        ("credentials", "ok"), ("environment", "ok"), ("dialect", "ok"), ("version", "ok"), ("clock", "ok"),
        ("connections", "ok"),
    ]  # fmt: skip
    assert (
        finding_of(result, "connections").finding == "8 of 10 can be loaded (8 active, 1 error, 1 inactive)."
    )
    by_id = {one.connection_id: one for one in result.findings if one.check == "connection"}
    assert by_id["gear-xero"] == Finding(
        "connection", "ok", "xero, active, access token known.", "", "gear-xero"
    )
    assert by_id["gear-ebay-closed"] == Finding(
        "connection",
        "warning",
        "ebay, inactive, access token known.",
        "let the business connect its platform again, or leave it out.",
        "gear-ebay-closed",
    )


def test_all_is_well_live() -> None:
    """Of the live demo eight can be loaded as well; each says how old its rows are, and what it lacks."""
    with rf.demo(dialect="live") as client:
        result = rf.diagnose(client)
    assert result.ok
    assert result.summary == "2 warnings, 14 ok"
    assert finding_of(result, "dialect").finding == "The server speaks 'live', as the client does."
    by_id = {one.connection_id: one for one in result.findings if one.check == "connection"}
    assert by_id["gear-xero"].finding == (
        "xero, active, access token known, synchronised at 2026-06-30 12:00 UTC, without payment_terms."
    )
    assert (by_id["roaster-netsuite-old"].status, by_id["roaster-netsuite-old"].next) == (
        "warning",
        "let the business sign in to its platform again.",
    )


def test_no_secret_of_the_list_is_shown() -> None:
    """The tokens that the live list of connections hands out are in no form of the result."""
    with rf.demo(dialect="live") as client:
        texts = [*_forms(rf.diagnose(client))]
        for secret in (client.server.client_secret, *client.server.access_tokens.values()):
            assert not any(secret in text for text in texts)


@pytest.mark.parametrize(
    ("change", "finding", "advice"),
    [
        (
            {"connection": {"id": "gear-bank", "needs_update": True, "last_sync_completed_at": None}},
            "plaid, needs_reauth, access token known.",
            "let the business sign in to its platform again.",
        ),
        (
            None,
            "plaid, active, The API answered HTTP 403: Not yours.",
            "check that this connection is active",
        ),
    ],
)
def test_the_state_of_a_live_connection(change: dict[str, object] | None, finding: str, advice: str) -> None:
    """A connection that needs a sign-in, or cannot be read, is a warning with advice."""

    def answer(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        if request.url.params.get("access_token") == server.access_tokens["gear-bank"]:
            body = change or {"error_message": "Not yours."}
            return httpx.Response(200 if change else 403, json=body)
        return response

    with (
        DemoServer(dialect="live") as server,
        client_of(
            server, dialect="live", access_tokens=None, transport=Changed(answer), retry=ONCE
        ) as client,
    ):
        result = rf.diagnose(client)
    bank = next(one for one in result.findings if one.connection_id == "gear-bank")
    assert (bank.status, bank.finding) == ("warning", finding)
    assert bank.next.startswith(advice)


def test_nothing_is_changed(client: rf.Client, server: DemoServer) -> None:
    """It sends four requests, all of which read."""
    server.configure(faults=[])
    rf.diagnose(client)
    assert [(one.method, one.path) for one in server.requests] == [
        ("GET", "/connections"), ("GET", "/config-webhooks"), ("GET", "/configs/webhooks"),
        ("GET", "/connections"),
    ]  # fmt: skip


def test_settings_of_the_environment(environment: DemoServer) -> None:
    """Without a client the settings are read; each is named with the variable that it comes from."""
    result = rf.diagnose()
    assert result.ok
    assert finding_of(result, "credentials").finding == (
        "Client id and secret are set (RUTTER_CLIENT_ID and RUTTER_CLIENT_SECRET), and accepted."
    )
    assert finding_of(result, "environment").finding == f"{environment.url} (RUTTER_ENVIRONMENT)."
    assert finding_of(result, "version").finding == "2024-08-31 is requested (the default)."


def test_settings_of_a_file(server: DemoServer, tmp_path: Path) -> None:
    """A setting in .env is named as such."""
    lines = [f"{name}='{value}'" for name, value in settings_of(server).items()]
    (tmp_path / ".env").write_text("\n".join(lines), encoding="utf-8")
    assert finding_of(rf.diagnose(), "credentials").finding == (
        "Client id and secret are set (RUTTER_CLIENT_ID in .env and RUTTER_CLIENT_SECRET in .env), and "
        "accepted."
    )


def test_settings_that_were_passed(client: rf.Client, server: DemoServer) -> None:
    """Settings of a client that were passed are named as such."""
    assert finding_of(rf.diagnose(client), "credentials").finding == (
        "Client id and secret are set (passed), and accepted."
    )
    assert finding_of(rf.diagnose(client), "environment").finding == f"{server.url} (passed)."


@pytest.mark.parametrize(
    ("settings", "finding"),
    [
        ({}, "No API credentials are set"),
        ({"RUTTER_CLIENT_ID": "an id"}, "RUTTER_CLIENT_ID is set, but RUTTER_CLIENT_SECRET is not"),
        ({"RUTTER_CLIENTID": "an id"}, "Unknown setting RUTTER_CLIENTID in the environment"),
        ({"RUTTER_DIALECT": "life"}, "Unknown dialect 'life' (expected 'contract' or 'live')"),
        (
            {
                "RUTTER_DIALECT": "live",
                "RUTTER_VERSION": "2023-03-14",
                "RUTTER_CLIENT_ID": "an id",
                "RUTTER_CLIENT_SECRET": "a secret",
            },
            (
                "Version 2023-03-14 cannot be read in the dialect 'live': its types and names differ "
                "(expected 2024-08-31)"
            ),
        ),
    ],
)
def test_settings_that_are_not_valid(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], finding: str
) -> None:
    """Without credentials, or with a setting that is not valid, that is the only finding, with advice."""
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    (only,) = rf.diagnose().findings
    assert (only.check, only.status, only.finding) == ("settings", "failed", finding)
    assert only.next


@pytest.mark.usefixtures("environment")
def test_credentials_that_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials that are refused fail, the dialect is found out all the same, and nothing is listed."""
    monkeypatch.setenv("RUTTER_CLIENT_SECRET", "another secret")
    result = rf.diagnose()
    assert not result.ok
    credentials = finding_of(result, "credentials")
    assert credentials.status == "failed"
    assert "refused: The API answered HTTP 401" in credentials.finding
    assert credentials.next.startswith("check RUTTER_CLIENT_ID and RUTTER_CLIENT_SECRET")
    assert finding_of(result, "dialect").status == "ok"
    assert "connections" not in {one.check for one in result.findings}


def test_a_port_without_a_server(server: DemoServer) -> None:
    """A server that is not there is the one failure; what it would have shown is unknown."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with client_of(server, environment=f"http://127.0.0.1:{port}", retry=AT_ONCE) as client:
        result = rf.diagnose(client)
    assert {one.check: one.status for one in result.findings} == {
        "credentials": "unknown", "environment": "ok", "server": "failed", "dialect": "unknown",
        "version": "ok", "clock": "unknown",
    }  # fmt: skip
    assert "Connection refused" in finding_of(result, "server").finding


def test_a_live_server_and_a_client_of_the_contract() -> None:
    """A live server is recognised by a client of the contract, too."""
    with DemoServer(dialect="live") as server, client_of(server, access_tokens=None) as client:
        result = rf.diagnose(client)
    assert finding_of(result, "dialect") == Finding(
        "dialect",
        "failed",
        "The server speaks 'live', but the client 'contract'.",
        'pass dialect="live" to rf.Client(), or set RUTTER_DIALECT=live.',
    )


@pytest.mark.usefixtures("environment")
def test_the_other_dialect() -> None:
    """A client of the other dialect is a failure that names what to set; its connections are not listed."""
    result = rf.diagnose(dialect="live")
    assert finding_of(result, "dialect") == Finding(
        "dialect",
        "failed",
        "The server speaks 'contract', but the client 'live'.",
        'pass dialect="contract" to rf.Client(), or set RUTTER_DIALECT=contract.',
    )
    assert result.findings[-1].check == "clock"


@pytest.mark.parametrize(
    ("seconds", "status", "finding"),
    [
        (-30, "ok", "It agrees with the server's, within 60 seconds."),
        (30, "ok", "It agrees with the server's, within 60 seconds."),
        (-7200, "warning", "It is 7,2"),
        (7200, "warning", "It is 7,"),
        (None, "unknown", "The server sent no date to compare the clock with."),
    ],
)
def test_clocks(server: DemoServer, seconds: int | None, status: str, finding: str) -> None:
    """A clock that is more than a minute off the server's is a warning."""

    def shift(_: httpx.Request, response: httpx.Response) -> httpx.Response:
        response.headers.pop("Date", None)
        if seconds is not None:
            date = datetime.now(UTC) + timedelta(seconds=seconds)
            response.headers["Date"] = format_datetime(date, usegmt=True)
        return response

    with client_of(server, transport=Changed(shift)) as client:
        clock = finding_of(rf.diagnose(client), "clock")
    assert clock.status == status
    assert clock.finding.startswith(finding)
    if status == "warning":
        assert ("ahead of" if (seconds or 0) < 0 else "behind") in clock.finding


def test_connections_without_a_token(environment: DemoServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection without a token is a warning with advice; if none has one, that is a failure."""
    only = {"gear-xero": environment.access_tokens["gear-xero"]}
    monkeypatch.setenv("RUTTER_ACCESS_TOKENS", json.dumps(only))
    result = rf.diagnose()
    connections = finding_of(result, "connections")
    assert connections.status == "warning"
    assert connections.finding == (
        "1 of 10 can be loaded (8 active, 1 error, 1 inactive); 9 have no access token."
    )
    assert connections.next.startswith("set RUTTER_ACCESS_TOKENS to a JSON object")
    bank = next(one for one in result.findings if one.connection_id == "gear-bank")
    assert (bank.status, bank.finding, bank.next) == ("warning", "plaid, active, no access token known.", "")
    monkeypatch.delenv("RUTTER_ACCESS_TOKENS")
    result = rf.diagnose()
    assert not result.ok
    assert finding_of(result, "connections").finding.startswith("None of 10 can be loaded")


def test_a_server_without_connections(server: DemoServer) -> None:
    """If there are no connections, that is a failure."""

    def empty(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        if request.url.path == "/connections":
            return httpx.Response(200, json={"connections": [], "next_cursor": None})
        return response

    with client_of(server, transport=Changed(empty)) as client:
        result = rf.diagnose(client)
    assert finding_of(result, "connections") == Finding(
        "connections", "failed", "There is none.", "let a business connect its platform."
    )


def test_another_service(server: DemoServer) -> None:
    """A response that is not a list of connections, such as a proxy's page, is a failure of the server."""

    def page(_: httpx.Request, response: httpx.Response) -> httpx.Response:
        return httpx.Response(200, headers=response.headers, text="<h1>Sign in</h1>")

    with client_of(server, transport=Changed(page)) as client:
        result = rf.diagnose(client)
    assert not result.ok
    assert finding_of(result, "server").finding.startswith("Its response is not a list of connections")
    assert finding_of(result, "credentials").status == "unknown"


def test_many_connections(server: DemoServer) -> None:
    """Of many connections a hundred are listed, and how many more there are; unknown words have advice."""
    rows = [{"id": f"c{number}", "platform": None, "status": "asleep"} for number in range(103)]

    def many(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        if request.url.path == "/connections":
            return httpx.Response(200, json={"connections": rows, "next_cursor": None})
        return response

    with client_of(server, transport=Changed(many)) as client:
        result = rf.diagnose(client)
    assert finding_of_all(result)[-1].finding == "3 more are not listed."
    assert [one.connection_id for one in result.findings if one.check == "connection"][-1] == "c99"
    assert result.findings[-2].finding == "unknown platform, asleep, no access token known."
    assert result.findings[-2].next == "ask the API's support what that status means."


def finding_of_all(result: Diagnosis) -> list[Finding]:
    """Return the findings about all connections."""
    return [one for one in result.findings if one.check == "connections"]


def test_a_list_that_fails_the_second_time(server: DemoServer) -> None:
    """If the list of connections fails after the server answered, that is a failure with its words."""
    paths: list[str] = []

    def fail(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        paths.append(request.url.path)
        if paths.count("/connections") == 2:
            return httpx.Response(500, json={"error_code": "INTERNAL", "error_message": "Sorry."})
        return response

    with client_of(server, transport=Changed(fail), retry=ONCE) as client:
        result = rf.diagnose(client)
    assert finding_of(result, "connections").finding == "The API answered HTTP 500: INTERNAL: Sorry."


def test_a_path_that_is_not_answered(server: DemoServer) -> None:
    """If one of the two paths is not answered, the other and the list show the dialect."""

    def drop(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        if request.url.path == "/configs/webhooks":
            raise httpx.ReadError("dropped")
        return response

    with client_of(server, transport=Changed(drop), retry=ONCE) as client:
        assert finding_of(rf.diagnose(client), "dialect").status == "ok"


def test_a_list_that_fails(server: DemoServer) -> None:
    """If the list of connections fails, that is a failure with the server's words."""

    def fail(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        if request.url.path == "/connections":
            return httpx.Response(403, json={"error_code": "NOT_ALLOWED", "error_message": "Not yours."})
        return response

    with client_of(server, transport=Changed(fail)) as client:
        result = rf.diagnose(client)
    assert finding_of(result, "server").finding == "The API answered HTTP 403: NOT_ALLOWED: Not yours."
    assert finding_of(result, "dialect").status == "ok"


NO_LIST = ConnectionList()
TOKENS = ConnectionList(1, has_tokens=True)
PAGES = ConnectionList(0, has_cursor=True)


@pytest.mark.parametrize(
    ("connections", "statuses", "dialect"),
    [
        (TOKENS, {"contract": 404, "live": 200}, "live"),
        (PAGES, {"contract": 200, "live": 404}, "contract"),
        (ConnectionList(2), {}, "contract"),
        (ConnectionList(0), {}, None),
        (NO_LIST, {"contract": 404, "live": 403}, "live"),
        (None, {"contract": 401, "live": 404}, "contract"),
        (None, {"contract": 401, "live": 401}, None),
        (None, {"contract": 404, "live": 404}, None),
        (None, {"contract": 500, "live": 404}, None),
        (TOKENS, {"contract": 200, "live": 404}, None),
        (TOKENS, {"contract": 200, "live": 200}, "live"),
    ],
)
def test_the_dialect_of_answers(
    connections: ConnectionList | None, statuses: dict[str, int], dialect: str | None
) -> None:
    """Tokens, a cursor, and a path that only one has show the dialect; a contradiction does not."""
    assert Probe(connections, None, statuses, None).dialect == dialect


@pytest.mark.parametrize("body", [b"", b"[]", b'{"connections": {}}', b"\xff", b"[" * 100_000])
def test_a_response_that_is_no_list(body: bytes) -> None:
    """A response of another form shows nothing, and is not an error."""
    assert ConnectionList.read(body) == NO_LIST


def test_text_of_eighty_columns(client: rf.Client) -> None:
    """The text has at most 80 columns, a line for each status, and the next step below its finding."""
    lines = repr(rf.diagnose(client)).splitlines()
    assert lines[0] == "2 warnings, 14 ok"
    assert max(map(len, lines)) <= 80
    place = lines.index("warning  connection   gear-ebay-closed: ebay, inactive, access token known.")
    assert lines[place + 1] == " " * 22 + "Next: let the business connect its platform again, or"


def test_control_characters_and_markup() -> None:
    """Control characters are shown, not executed, and markup in a name is text."""
    result = Diagnosis((Finding("connection", "ok", "\x1b[2J<b>", "", "a\nb"),))
    assert repr(result).splitlines()[1] == r"ok       connection  a\nb: \x1b[2J<b>"
    assert r"a\nb" not in repr(Diagnosis(()))
    assert "&lt;b&gt;" in result._repr_html_()
    assert "\x1b" not in result._repr_html_()


def test_a_frame_and_json(client: rf.Client) -> None:
    """The frame has a row for each finding, all of it text; the dict is that of --json."""
    result = rf.diagnose(client)
    frame = result.to_frame()
    assert frame.dtypes.astype(str).to_dict() == dict.fromkeys(
        ("check", "connection_id", "status", "finding", "next"), "str"
    )
    assert len(frame) == len(result.findings) == 16
    as_dict = result.to_dict()
    assert as_dict["ok"] is True
    assert json.loads(json.dumps(as_dict)) == as_dict


def test_no_secret_is_shown(environment: DemoServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither credentials nor access tokens are in any form of the result, also where they are refused."""
    secrets = [environment.client_id, environment.client_secret, *environment.access_tokens.values()]
    texts = [*_forms(rf.diagnose())]
    monkeypatch.setenv("RUTTER_CLIENT_SECRET", "another secret")
    texts += _forms(rf.diagnose())
    for secret in (*secrets, "another secret"):
        assert not any(secret in text for text in texts)


def _forms(result: Diagnosis) -> Iterator[str]:
    yield from (repr(result), result._repr_html_(), json.dumps(result.to_dict()), result.to_frame().to_csv())
