"""The server as a whole: how it starts, stops, continues and catches up."""

from __future__ import annotations

import signal
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pydantic import SecretStr

import rutterframe as rf
from rutterframe.dialects import CONTRACT
from rutterframe.errors import LoadInterrupted
from rutterframe.webhook_server import WebhookServer, catch_up
from rutterframe.webhook_server.events import Change, Scope
from rutterframe.webhook_server.journal import Journal
from rutterframe.webhook_server.server import _signals
from tests.webhook_server.serving import AT_ONCE, SECRET, Refreshes, message, outcome, serving

ORDERS = ("a", ["orders"], Scope.CHANGES)


def noted(state: Path) -> list[Change]:
    """Return what a file notes as pending."""
    journal = Journal(state)
    changes = journal.read()
    journal.close()
    return changes


def test_a_stop_waits_for_refreshes_under_way(tmp_path: Path) -> None:
    """A server that stops ends the refreshes under way, begins nothing more, and notes the rest."""
    refreshes, state = Refreshes(), tmp_path / "state"
    refreshes.gate.clear()
    with serving(refreshes, state, options=replace(AT_ONCE, workers=1, grace=60)) as site:
        site.post(message("ORDER_UPDATED", "a"))
        assert refreshes.begun.wait(10)
        site.post(message("ORDER_UPDATED", "b"))
        threading.Timer(0.3, refreshes.gate.set).start()
    assert refreshes.calls == [ORDERS]
    assert noted(state) == [Change("b", "orders")]
    with serving(refreshes, state) as site:
        assert site.server.pending.wait_until_idle(10)
    assert refreshes.calls == [ORDERS, ("b", ["orders"], Scope.CHANGES)]
    assert noted(state) == []


def test_a_stop_does_not_wait_for_ever(tmp_path: Path) -> None:
    """A refresh that takes longer than a stop waits is stopped, and stays pending."""
    refreshes, state = Refreshes(), tmp_path / "state"
    refreshes.gate.clear()
    with serving(refreshes, state, options=replace(AT_ONCE, grace=0.0)) as site:
        site.post(message("ORDER_DELETED", "a"))
        assert refreshes.begun.wait(10)
    assert noted(state) == [Change("a", "orders", Scope.ALL)]


def test_a_refresh_that_is_interrupted_stays_pending(tmp_path: Path) -> None:
    """What raises LoadInterrupted because the server stops is pending as before, without a failure."""
    begun = threading.Event()

    def refresh(*arguments: Any) -> pd.DataFrame:
        begun.set()
        arguments[-1].wait(20)
        raise LoadInterrupted("Interrupted", None)

    with serving(refresh, tmp_path / "state", options=replace(AT_ONCE, grace=0.0)) as site:
        site.post(message("ORDER_UPDATED", "a"))
        assert begun.wait(10)
    assert site.server.pending.failures == []
    assert noted(tmp_path / "state") == [Change("a", "orders")]


def test_errors_of_a_refresh_do_not_end_the_server(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A refresh that raises is a failure, of unforeseen errors only by their kind; others go on."""
    errors: dict[str, Any] = {
        "a": OSError("The dataset cannot be used: disk full\nNext: free space"),
        "b": RuntimeError("canary"),
        "c": rf.errors.TransportError("no connection " + "x" * 400),
    }

    def refresh(connection_id: str, resources: Sequence[str], *_: object) -> pd.DataFrame:
        if connection_id in errors:
            raise errors[connection_id]
        if connection_id == "d":
            return outcome(connection_id, [])
        return outcome(connection_id, resources)

    with serving(refresh, tmp_path / "state") as site:
        for connection_id in "abcde":
            assert site.post(message("ORDER_UPDATED", connection_id)).status_code == 202
        assert site.server.pending.wait_until_idle(10)
        failures = {one["connection_id"]: one["error"] for one in site.health()["failures"]}
    assert failures == {
        "a": "The dataset cannot be used: disk full",
        "b": "RuntimeError",
        "c": "no connection " + "x" * 286 + "…",
        "d": "the refresh returned no outcome",
    }
    assert "a: orders not refreshed, to be tried again: The dataset cannot be used: disk full" in caplog.text
    assert "canary" not in caplog.text


def test_a_file_that_cannot_be_written_at_the_end_of_a_refresh(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A refresh of which the end cannot be noted is done again after a restart; the server goes on."""
    refreshes, state = Refreshes(), tmp_path / "state"

    def remove(_: Journal, __: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch, serving(refreshes, state) as site:
        patch.setattr(Journal, "remove", remove)
        site.post(message("ORDER_UPDATED", "a"))
        assert site.server.pending.wait_until_idle(10)
        site.post(message("ORDER_UPDATED", "a"))
        assert site.server.pending.wait_until_idle(10)
    assert refreshes.calls == [ORDERS, ORDERS]
    assert "disk full" in caplog.text
    assert noted(state) == [Change("a", "orders")]


def test_all_connections_are_caught_up(tmp_path: Path) -> None:
    """At the start all connections are refreshed, of lists of shops the changes of the last 15 days."""
    refreshes = Refreshes()
    options = replace(AT_ONCE, catch_up=24.0)
    resources = ["orders", "products"]
    with serving(
        refreshes,
        tmp_path / "state",
        options=options,
        list_connections=lambda: ["a", "b"],
        resources=resources,
    ) as site:
        while site.health()["catch_up"]["queued_at"] is None:
            pass
        assert site.server.pending.wait_until_idle(10)
    assert sorted(refreshes.calls) == [
        (name, [resource], scope)
        for name in "ab"
        for resource, scope in (("orders", Scope.RECENT), ("products", Scope.CHANGES))
    ]


def test_connections_that_cannot_be_listed_are_listed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the connections cannot be listed, the health states why, and they are listed again later."""
    monkeypatch.setattr(catch_up, "_FIRST_RETRY", 0.01)
    answers: list[Any] = [rf.errors.TransportError("no connection\nx"), KeyError("canary"), ["a"]]
    errors: list[str | None] = []
    go_on, ended = threading.Event(), threading.Event()

    def listed() -> list[str]:
        go_on.wait(20)
        errors.append(site.server._catch_up.error)
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        ended.set()
        return list(answer)

    options = replace(AT_ONCE, catch_up=1.0)
    with serving(Refreshes(), tmp_path / "state", options=options, list_connections=listed) as site:
        go_on.set()
        assert ended.wait(20)
    assert errors == [None, "no connection", "KeyError"]


def test_an_address_that_is_in_use(tmp_path: Path) -> None:
    """An address that cannot be listened on is an error that names it; no folder and no file is created."""
    with serving(Refreshes(), tmp_path / "state") as site:
        port = site.server.address[1]
        with pytest.raises(
            OSError, match=rf"Cannot listen on 127.0.0.1 port {port}: Address already in use\nNext: stop"
        ):
            WebhookServer(
                Refreshes(),
                SecretStr(SECRET),
                CONTRACT,
                tmp_path / "b/c",
                options=replace(AT_ONCE, port=port),
            )
    assert not (tmp_path / "b").exists()


def test_a_file_that_cannot_be_used_frees_the_address(tmp_path: Path) -> None:
    """Where the file cannot be used, the address is free again."""
    with serving(Refreshes(), tmp_path / "state") as site:
        port = site.server.address[1]
    (tmp_path / "b").write_text("a file")
    for _ in range(2):
        with pytest.raises(OSError, match="cannot be"):
            WebhookServer(
                Refreshes(), SecretStr(SECRET), CONTRACT, tmp_path / "b", options=replace(AT_ONCE, port=port)
            )


def test_an_address_of_the_sixth_version(tmp_path: Path) -> None:
    """The address of IPv6's loopback has brackets."""
    options = replace(AT_ONCE, host="::1")
    with serving(Refreshes(), tmp_path / "state", options=options) as site:
        assert site.server.url.startswith("http://[::1]:")
        assert site.post(message("ORDER_UPDATED")).status_code == 202


def test_the_handlers_of_signals_are_restored() -> None:
    """Signals are taken while the server runs, and have their handlers again afterwards."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.getsignal(number) for number in numbers]
    second: list[str] = []
    with _signals(lambda: second.append("again")) as stopping:
        signal.raise_signal(signal.SIGTERM)
        stopping()
        signal.raise_signal(signal.SIGTERM)
    assert second == ["again"]
    assert [signal.getsignal(number) for number in numbers] == before
