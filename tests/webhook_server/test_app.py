"""Messages over a socket: which are accepted, refused or ignored, and what an answer promises."""

from __future__ import annotations

import logging
import socket
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from rutterframe.dialects import LIVE
from rutterframe.webhook_server import app as app_module
from rutterframe.webhook_server import protocol
from rutterframe.webhook_server.app import MAX_BODY
from rutterframe.webhook_server.events import Scope
from rutterframe.webhook_server.pending import Pending, QueueFull
from tests.webhook_server.serving import AT_ONCE, SECRET, Refreshes, Site, message, serving, sign


@pytest.fixture
def refreshes() -> Refreshes:
    return Refreshes()


@pytest.fixture
def site(refreshes: Refreshes, tmp_path: Path) -> Iterator[Site]:
    with serving(refreshes, tmp_path / "state") as site:
        yield site


def read_all(connection: socket.socket) -> bytes:
    """Read until the server closes the connection."""
    return b"".join(iter(lambda: connection.recv(4096), b""))


def test_a_message_is_refreshed(site: Site, refreshes: Refreshes) -> None:
    """A signed message is answered with 202, and its list is refreshed; nothing else is."""
    answer = site.post(message("ORDER_UPDATED", "shop"), Host="example.com")
    assert (answer.status_code, answer.json()) == (202, {"status": "queued"})
    assert site.server.pending.wait_until_idle(10)
    assert refreshes.calls == [("shop", ["orders"], Scope.CHANGES)]
    health = site.health()
    assert health["messages"] == {"queued": 1}
    assert health["pending"] == {"waiting": 0, "retrying": 0, "running": 0, "oldest_seconds": 0.0}
    assert health["refreshes"]["lists"] == 1
    assert health["refreshes"]["newest"] is not None
    assert health["catch_up"] == {"queued_at": None, "error": None}
    assert (health["failing"], health["failures"]) == (0, [])
    assert site.client.get("/ready").json() == {"ready": True}


def test_what_is_refused(site: Site, refreshes: Refreshes, caplog: pytest.LogCaptureFixture) -> None:
    """Without a valid signature 401, signed but not a message 400; no answer quotes it."""
    body = message("ORDER_UPDATED", "shop", access_token="canary-token")
    for signature in (
        "",
        "sha256=",
        sign(body, "another secret"),
        sign(body + b" "),
        sign(body)[7:],
        "sha256=\xfc",
    ):
        answer = site.client.post(
            "/webhooks", content=body, headers={b"X-Rutter-Signature": signature.encode("latin-1")}
        )
        assert answer.status_code == 401
        assert "canary" not in answer.text
    assert site.client.post("/webhooks", content=body).status_code == 401
    # The log has one line of many that are not signed: another secret may be set than that of the API.
    warnings = [record.getMessage() for record in caplog.records if record.name == "rutterframe"]
    assert len(warnings) == 1
    assert warnings[0].startswith("Refused, 1 since the start: The webhook is not signed. If it is the API")
    for content in (b"", b"canary", b"[]", b'{"access_token": "canary"}', b'{"type": 1}', b'{"a":' * 999):
        answer = site.post(content)
        assert answer.status_code == 400
        assert "canary" not in answer.text
    for connection_id in (None, "", "a\x1b[2J", "\ud800"):
        assert site.post(message("ORDER_UPDATED", connection_id)).status_code == 400
    assert site.client.get("/webhooks").status_code == 405
    assert site.client.post("/", content=body).status_code == 404
    assert refreshes.calls == []
    assert site.health()["messages"] == {"refused": 17}


def test_what_is_ignored(refreshes: Refreshes, tmp_path: Path) -> None:
    """Events without rows, of other resources or other connections: 200, and nothing is refreshed."""
    with serving(refreshes, tmp_path / "state", resources=["orders"], connections=["shop"]) as site:
        for body in (
            message("JOB_COMPLETED", None),
            message("CONNECTION_NEEDS_UPDATE", "shop"),
            message("JOURNAL_ENTRY_UPDATED", "shop"),
            message("PRODUCT_UPDATED", "shop"),
            message("ORDER_UPDATED", "other"),
        ):
            answer = site.post(body)
            assert (answer.status_code, answer.json()) == (200, {"status": "ignored"})
        assert site.post(message("INITIAL_UPDATE", "shop")).status_code == 202
        assert site.server.pending.wait_until_idle(10)
    assert refreshes.calls == [("shop", ["orders"], Scope.ALL)]


def test_a_connection_of_the_live_service(refreshes: Refreshes, tmp_path: Path) -> None:
    """The end of a synchronisation refreshes the connection, with one call for each scope."""
    with serving(refreshes, tmp_path / "state", dialect=LIVE) as site:
        assert site.post(message("INCREMENTAL_SYNC_COMPLETED", "books")).status_code == 202
        assert site.server.pending.wait_until_idle(10)
    (_, first, scope), (_, second, last) = refreshes.calls
    assert (scope, last) == (Scope.CHANGES, Scope.RECENT)
    assert sorted(second) == ["customers", "orders", "products", "shop_payments", "transactions"]
    assert {"invoices", "balance_sheets"} < {*first}


def test_a_repeated_message_does_no_harm(site: Site, refreshes: Refreshes) -> None:
    """The same bytes are one refresh while it waits, and one more while it runs: changes look the same."""
    body = message("ORDER_UPDATED", "shop")
    refreshes.gate.clear()
    assert site.post(body).json() == {"status": "queued"}
    refreshes.begun.wait(10)
    answers = [site.post(body).json()["status"] for _ in range(20)]
    assert answers == ["queued", *["coalesced"] * 19]
    refreshes.gate.set()
    assert site.server.pending.wait_until_idle(10)
    assert len(refreshes.calls) == 2


def test_a_large_body_is_not_read(site: Site) -> None:
    """A body above the limit is answered with 413: at once if its length is sent, else when it is reached."""
    with site.connect() as connection:
        connection.sendall(b"POST /webhooks HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n")
        answer = connection.recv(4096)
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert b"connection: close" in answer.lower()
    assert site.client.post("/webhooks", content=iter([b"x" * 65536] * 5)).status_code == 413
    exact = message("JOB_COMPLETED", note="x" * MAX_BODY)[: MAX_BODY - 2]
    assert site.post(exact + b'"}').status_code == 200
    assert site.post(exact + b'"} ').status_code == 413
    assert site.health()["messages"] == {"refused": 3, "ignored": 1}


def test_slow_clients(refreshes: Refreshes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection on which headers or body take too long is ended, whatever it sends meanwhile."""
    monkeypatch.setattr(protocol, "HEADER_SECONDS", 0.3)
    monkeypatch.setattr(app_module, "BODY_SECONDS", 0.3)
    with serving(refreshes, tmp_path / "state") as site:
        with (
            site.connect() as silent,
            site.connect() as headers,
            site.connect() as body,
            site.connect() as second,
        ):
            body.sendall(b"POST /webhooks HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\nx")
            second.sendall(b"GET /ready HTTP/1.1\r\nHost: a\r\n\r\n")
            headers.sendall(b"POST /webhooks HTTP/1.1\r\nX-A: ")
            assert read_all(silent) == read_all(headers) == b""
            assert read_all(body).startswith(b"HTTP/1.1 408 ")
            assert second.recv(4096).startswith(b"HTTP/1.1 200 ")
            second.sendall(b"GET ")
            assert b"HTTP" not in read_all(second)
        with site.connect() as away:
            away.sendall(b"POST /webhooks HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\nx")
        assert site.post(message("ORDER_UPDATED")).status_code == 202


def test_a_failure_is_reported_and_tried_again(
    site: Site, refreshes: Refreshes, caplog: pytest.LogCaptureFixture
) -> None:
    """A refresh that fails is in the health, with the first line of its error, and waits for its retry."""
    refreshes.errors = ["No access token is known\nNext: set it", ""]
    site.post(message("ORDER_UPDATED", "shop"))
    assert site.server.pending.wait_until_idle(10)
    health = site.health()
    assert (health["failing"], health["pending"]["retrying"], health["refreshes"]["failed"]) == (1, 1, 1)
    (failure,) = health["failures"]
    assert failure.pop("since") is not None
    assert failure == {
        "connection_id": "shop",
        "resource": "orders",
        "error": "No access token is known",
        "attempts": 1,
    }
    assert "shop: orders not refreshed, to be tried again: No access token is known" in caplog.text


def test_a_message_that_cannot_be_noted_is_not_accepted(
    site: Site, monkeypatch: pytest.MonkeyPatch, refreshes: Refreshes
) -> None:
    """Where the disk cannot be written, or too much is pending: 503, so that the API sends it again."""
    add = Pending.add
    for error in (OSError("disk full"), QueueFull()):

        def failing(_: Pending, __: object, error: Exception = error) -> None:
            raise error

        monkeypatch.setattr(Pending, "add", failing)
        answer = site.post(message("ORDER_UPDATED", "shop"))
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
        assert site.client.get("/ready").status_code == 503
    assert refreshes.calls == []
    assert site.health()["messages"] == {"postponed": 2}
    monkeypatch.setattr(Pending, "add", add)
    assert site.post(message("ORDER_UPDATED", "shop")).status_code == 202
    assert site.server.pending.wait_until_idle(10)


def test_nothing_secret_is_shown(
    refreshes: Refreshes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither log, health nor the file has the secret, a token or the query of a request."""
    caplog.set_level(logging.DEBUG)
    refreshes.errors = ["", "down"]
    with serving(refreshes, tmp_path / "state", options=replace(AT_ONCE, wait=60)) as site:
        for code in ("ORDER_UPDATED", "SOMETHING\x1b[2J", "JOB_COMPLETED"):
            body = message(code, "shop", access_token="canary-token", update_url="https://x/?token=canary")
            signed = {"X-Rutter-Signature": sign(body)}
            site.client.post("/webhooks?key=canary-query", content=body, headers=signed)
        text = site.client.get("/health?key=canary-query").text
    own = [record.getMessage() for record in caplog.records if record.name == "rutterframe"]
    assert own == [
        "order.updated of shop: queued",
        "something\\x1b[2j of shop: queued",
        "job_completed of shop: nothing to refresh",
    ]
    files = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"shop" in files
    for word in ("canary", SECRET):
        assert word not in f"{own} {text}"
        assert word.encode() not in files


def test_messages_at_the_same_time_are_written_together(
    refreshes: Refreshes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Messages that arrive while the disk writes are noted with one commit, and each is answered after it."""
    writes: list[int] = []
    first, go_on = threading.Event(), threading.Event()
    add = Pending.add

    def counting(self: Pending, changes: list[object]) -> None:
        writes.append(len(changes))
        first.set()
        go_on.wait(20)
        add(self, changes)  # type: ignore[arg-type]

    monkeypatch.setattr(Pending, "add", counting)
    options = replace(AT_ONCE, wait=60)
    with serving(refreshes, tmp_path / "state", options=options) as site, ThreadPoolExecutor(9) as senders:
        bodies = [message("ORDER_UPDATED", f"shop-{number}") for number in range(9)]
        answers = [senders.submit(site.post, bodies[0])]
        assert first.wait(20)
        answers += [senders.submit(site.post, body) for body in bodies[1:]]
        while len(site.server._receiver._batch) < 8:
            site.health()
        go_on.set()
        assert [answer.result().status_code for answer in answers] == [202] * 9
    assert writes == [1, 8]
    file = sqlite3.connect(tmp_path / "state")
    assert file.execute("SELECT count(*) FROM pending").fetchall() == [(9,)]
    file.close()
