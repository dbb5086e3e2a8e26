"""The command `rutterframe serve-webhooks`, from its start to a signal."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

import rutterframe as rf
from rutterframe import cli
from rutterframe.demo.server import DemoServer
from rutterframe.webhook_server import WebhookServer
from tests.conftest import client_of, settings_of
from tests.webhook_server.serving import message, sign
from tests.webhook_server.test_dataset import LEDGERS, add_invoice, ids


def run(*words: str, **settings: str) -> Result:
    """Run the command on a free port, without catching up, unless the words say otherwise."""
    defaults = ["--port", "0", "--wait", "0", "--catch-up", "0"]
    environment = {"COLUMNS": "80", "TERM": "dumb", **settings}
    return CliRunner().invoke(cli.app, ["serve-webhooks", *defaults, *words], env=environment)


def post(url: str, body: bytes, secret: str) -> int:
    """Send a signed message, and return the status of the answer."""
    return httpx.post(url, content=body, headers={"X-Rutter-Signature": sign(body, secret)}).status_code


@pytest.fixture
def during(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[WebhookServer], object]], None]:
    """A function that has something done while the command serves, which then stops."""

    def register(action: Callable[[WebhookServer], object]) -> None:
        serve = WebhookServer.serve

        def serve_meanwhile(server: WebhookServer) -> None:
            def act() -> None:
                server.ready.wait()
                try:
                    action(server)
                finally:
                    server.shut_down()

            thread = threading.Thread(target=act)
            thread.start()
            serve(server)
            thread.join()

        monkeypatch.setattr(WebhookServer, "serve", serve_meanwhile)

    return register


@pytest.fixture
def api() -> Iterator[DemoServer]:
    """A demo API for one test, which may write to it."""
    with DemoServer() as server:
        yield server


@pytest.mark.slow
def test_a_message_arrives_in_the_dataset(
    api: DemoServer, tmp_path: Path, during: Callable[..., None]
) -> None:
    """Messages are verified with the client secret of the settings, and the log states what is refreshed."""
    path, answers = tmp_path / "books", []

    def act(server: WebhookServer) -> None:
        answers.append(post(server.url, message("INVOICE_UPDATED", LEDGERS[0]), "another secret"))
        answers.append(post(server.url, message("INVOICE_UPDATED", LEDGERS[0]), api.client_secret))
        assert server.pending.wait_until_idle(60)

    during(act)
    result = run("--dataset", str(path), **settings_of(api))
    assert (result.exit_code, result.stdout, answers) == (0, "", [401, 202])
    refusal = (
        "Refused, 1 since the start: The webhook's signature is not that of its body and this client secret. "
        "If it is the API that sends them, check the client secret"
    )
    lines = [re.sub(r"^\S+Z |:\d+", "", line) for line in result.stderr.splitlines()]
    assert lines == [
        "REAL DATA: reading from the '" + api.url.rpartition(":")[0] + "' environment.",
        "Messages: POST http://127.0.0.1/webhooks; state: GET /health, same port.",
        f"WARNING {refusal}",
        "INFO invoices of roaster-quickbooks: refreshed, 542 rows, 542 added",
        "Stopped. Nothing is pending.",
    ]
    assert len(ids(path, "invoices")) == 542


@pytest.mark.slow
def test_the_demo_catches_up(tmp_path: Path, during: Callable[..., None]) -> None:
    """At the start the active connections are refreshed; of those that were named, only they."""

    def act(server: WebhookServer) -> None:
        while server.health()["catch_up"]["queued_at"] is None:
            pass
        assert server.pending.wait_until_idle(60)

    during(act)
    words = ["--connection", "gear-xero", "--resource", "bills", "--resource", "accounts", "--catch-up", "24"]
    path = tmp_path / "books"
    result = run("--demo", "--dataset", str(path), *words, "--log-format", "json")
    assert result.exit_code == 0, result.stderr
    lines = [json.loads(line) for line in result.stderr.splitlines()]
    assert [line["message"] for line in lines if "resource" not in line][1:] == [
        "Catching up 1 connection",
        "Stopped. Nothing is pending.",
    ]
    assert {(line["connection_id"], line["resource"]) for line in lines if "resource" in line} == {
        ("gear-xero", "accounts"),
        ("gear-xero", "bills"),
    }
    assert rf.Dataset(path).resources == ("accounts", "bills")


def test_other_machines_are_warned_of(tmp_path: Path, during: Callable[..., None]) -> None:
    """Where other machines can connect a warning says what to do; what is pending at the end is stated."""
    state = tmp_path / "state"
    during(lambda server: post(server.url, message("ORDER_UPDATED", "gear-shopify"), _secret()))
    words = ["--dataset", str(tmp_path / "books"), "--state", str(state), "--host", "0.0.0.0"]  # noqa: S104
    result = run("--demo", *words, "--wait", "3600")
    assert result.exit_code == 0
    warning = (
        "Warning: 0.0.0.0 is open to other machines, and this is plain HTTP. Let a proxy with TLS forward "
        "/webhooks only, and let this listen on 127.0.0.1."
    )
    assert result.stderr.splitlines()[1:] == [
        warning,
        f"Stopped. 1 list is pending, as {state} notes: the next start refreshes it.",
    ]


def _secret() -> str:
    return DemoServer().client_secret


@pytest.mark.slow
def test_what_cannot_start(tmp_path: Path, server: DemoServer) -> None:
    """Without credentials, a place for its file or a dataset of this API the command fails, with advice."""
    path = str(tmp_path / "books")
    result = run("--dataset", path)
    assert (result.exit_code, "add --demo to read made-up books" in result.stderr) == (1, True)
    result = run("--dataset", "s3://bucket/books", "--demo")
    assert result.exit_code == 1
    assert "Pending refreshes cannot be noted at the address s3://bucket/books" in result.stderr
    assert "name a file of this machine with --state" in result.stderr
    result = run("--dataset", path, "--resource", "nothing")
    assert (result.exit_code, "there is no resource 'nothing'" in result.stderr) == (2, True)
    assert run("--dataset", path, "--port", "70000").exit_code == 2
    with rf.demo() as other:
        rf.refresh(other.connection("gear-xero"), path, resources=["accounts"])
    result = run("--dataset", path, **settings_of(server))
    assert result.exit_code == 1
    assert "environment" in result.stderr
    assert not (tmp_path / "books/_webhooks.sqlite").exists()


def test_two_signals(tmp_path: Path, during: Callable[..., None]) -> None:
    """At SIGTERM the command ends with exit code 0; at a second one it does not wait for refreshes."""
    assert threading.current_thread() is threading.main_thread()
    begun, ended = threading.Event(), []

    def act(server: WebhookServer) -> None:
        def refresh(*arguments: object) -> None:
            begun.set()
            ended.append(arguments[-1].wait(60))  # type: ignore[attr-defined]
            raise rf.errors.LoadInterrupted("Interrupted", None)

        server._workers._refresh = refresh  # type: ignore[assignment]
        post(server.url, message("ORDER_UPDATED", "gear-shopify"), _secret())
        begun.wait(20)
        os.kill(os.getpid(), signal.SIGTERM)
        while not server.is_stopping:
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    during(act)
    result = run("--demo", "--dataset", str(tmp_path / "books"))
    assert (result.exit_code, ended) == (0, [True])
    assert "Stopped. 1 list is pending" in result.stderr
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def start(path: Path, api: DemoServer, *words: str) -> tuple[subprocess.Popen[str], str]:
    """Start the command in a process of its own, and return it with the address of messages."""
    command = [sys.executable, "-m", "rutterframe", "serve-webhooks", "--dataset", str(path), "--port", "0"]
    process = subprocess.Popen(
        [*command, "--catch-up", "0", *words],
        stderr=subprocess.PIPE, text=True, env={**os.environ, **settings_of(api)},
    )  # fmt: skip
    assert process.stderr is not None
    line = next(line for line in process.stderr if line.startswith("Messages: POST "))
    return process, line.split()[2].rstrip(";")


@pytest.mark.long
def test_kill_9_loses_nothing_that_was_accepted(api: DemoServer, tmp_path: Path) -> None:
    """A message that was answered with 202 before kill -9 is refreshed by the next start."""
    path, added = tmp_path / "books", []
    for words in (("--wait", "3600"), ("--wait", "0")):  # before the refresh begins, and during it
        process, url = start(path, api, *words)
        with client_of(api) as client:
            added.append(add_invoice(client, LEDGERS[0], 12.34))
        assert post(url, message("INVOICE_CREATED", LEDGERS[0]), api.client_secret) == 202
        process.kill()
        process.communicate()
    process, url = start(path, api)
    with httpx.Client() as client_of_health:
        while client_of_health.get(url.replace("/webhooks", "/health")).json()["refreshes"]["lists"] == 0:
            pass
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors.splitlines()[-1]) == (0, "Stopped. Nothing is pending.")
    assert {*added} <= ids(path, "invoices")
