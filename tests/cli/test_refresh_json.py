"""The command refresh under a scheduler: one document on stdout, all else on stderr, and the exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

import rutterframe as rf
from rutterframe import cli
from rutterframe.cli import dataset as dataset_commands
from rutterframe.demo.server import DemoServer
from tests.conftest import settings_of
from tests.dataset.scripted import Api, invoices

KEYS = [
    "path", "environment", "dialect", "started", "finished", "exit_code", "counts", "lists", "left_out",
    "errors", "max_age_seconds", "stale", "error",
]  # fmt: skip
NO_COUNTS = {"refreshed": 0, "unchanged": 0, "not offered": 0, "failed": 0}


def run(*words: str, **settings: str) -> Result:
    return CliRunner().invoke(cli.app, ["refresh", *words], env={"COLUMNS": "80", "TERM": "dumb", **settings})


def document_of(result: Result) -> dict[str, Any]:
    """Return the document on stdout, which is one line."""
    assert result.stdout.count("\n") == 1
    document: dict[str, Any] = json.loads(result.stdout)
    assert [*document] == KEYS
    assert document["exit_code"] == result.exit_code
    assert datetime.fromisoformat(document["started"]) <= datetime.fromisoformat(document["finished"])
    return document


def log_of(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stderr.splitlines()]


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    """An API that the command reads from: invoices of a, b and c."""
    api = Api(
        {(name, "invoices"): invoices(2) for name in "abc"}, connections_status=200, listed=[{"id": "lost"}]
    )
    monkeypatch.setattr(dataset_commands, "open_client", lambda **_: api.client("a", "b", "c"))
    return api


def words_of(path: Path, *ids: str, resources: tuple[str, ...] = ("invoices",)) -> list[str]:
    connections = [word for name in ids for word in ("--connection", name)]
    return [str(path), *connections, *(word for name in resources for word in ("--resource", name))]


def test_the_document(api: Api, tmp_path: Path) -> None:
    """It has every list with its counts, errors with their hint, and what was left out; the log is JSON."""
    rows: Any = [*invoices(2), {"id": "3", "due_date": "0000-00-00"}]
    api.answers.update({("a", "invoices"): rows, ("b", "invoices"): 503, ("a", "orders"): 404})
    path = tmp_path / "books"
    words = words_of(path, "a", "b", "lost", resources=("invoices", "orders"))
    result = run(*words, "--json", "--quarantine", "--log-format", "json", "--max-age", "26h")
    document = document_of(result)
    assert result.exit_code == 1
    scalars = ("path", "environment", "dialect", "max_age_seconds", "error")
    assert {name: document[name] for name in scalars} == {
        "path": str(path), "environment": "https://api.example.com/base", "dialect": "contract",
        "max_age_seconds": 93_600, "error": None,
    }  # fmt: skip
    assert document["counts"] == {"refreshed": 1, "unchanged": 1, "not offered": 1, "failed": 3}
    by_list = {(one["connection_id"], one["resource"]): one for one in document["lists"]}
    assert by_list["b", "orders"] == {
        "connection_id": "b", "resource": "orders", "status": "unchanged", "rows": 0, "added": 0,
        "changed": 0, "removed": 0, "version": by_list["b", "orders"]["version"], "error": None,
    }  # fmt: skip
    assert by_list["a", "invoices"]["error"].startswith(
        "1 row could not be read and is set aside: record '3'"
    )
    assert (by_list["b", "invoices"]["rows"], by_list["a", "orders"]["rows"]) == (None, 0)
    errors = [
        (one["connection_id"], one["resource"], one["message"].partition(":")[0])
        for one in document["errors"]
    ]
    assert sorted(errors) == [
        ("a", "invoices", "1 row could not be read and is set aside"),
        ("a", "orders", "not offered (HTTP 404)"),
        ("b", "invoices", "The API answered HTTP 503"),
        ("lost", "invoices", "No access token is known for connection 'lost' (known are a, b, c)"),
        ("lost", "orders", "No access token is known for connection 'lost' (known are a, b, c)"),
    ]
    hints = {(one["connection_id"], one["resource"]): one["hint"] for one in document["errors"]}
    assert "RUTTER_ACCESS_TOKENS" in hints["lost", "orders"]
    assert hints["a", "invoices"] is None
    assert document["left_out"] == [{"connection_id": "lost", "reason": "no access token is known"}]
    log = log_of(result)
    levels = [(one["level"], one.get("connection_id"), one.get("resource")) for one in log]
    assert ("info", "b", "orders") in levels
    assert [one for one in levels if one[0] == "error"] == [("error", "b", "invoices")]
    assert [one for one in levels if one[0] == "warning"][:3] == [
        ("warning", None, None), ("warning", "a", "invoices"), ("warning", "a", "orders")
    ]  # fmt: skip


def test_the_document_of_a_success(api: Api, tmp_path: Path) -> None:
    """Without a failure the exit code is 0, nothing is on stderr, and the next refresh changes nothing."""
    words = [*words_of(tmp_path / "x", "a"), "--json"]
    first, again = run(*words), run(*words, "--max-age", "1h")
    assert (first.exit_code, first.stderr, again.exit_code, again.stderr) == (0, "", 0, "")
    assert document_of(first)["counts"] == {**NO_COUNTS, "refreshed": 1}
    assert document_of(first)["stale"] is None
    assert document_of(again)["counts"] == {**NO_COUNTS, "unchanged": 1}
    assert document_of(again)["stale"] == []
    assert api.requests


@pytest.fixture
def aged(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, timedelta], None]:
    """Return a function that makes the last success of a connection so much older."""
    status = rf.Dataset.status
    ages: dict[str, timedelta] = {}

    def older(self: rf.Dataset) -> pd.DataFrame:
        frame = status(self)
        frame["last_success"] -= pd.to_timedelta(frame["connection_id"].map(ages).fillna(timedelta(0)))
        return frame

    monkeypatch.setattr(rf.Dataset, "status", older)
    return ages.__setitem__


def test_a_stale_connection_that_is_not_refreshed(
    api: Api, tmp_path: Path, aged: Callable[[str, timedelta], None]
) -> None:
    """A connection that this refresh does not read is stale: exit code 3; a failure beats it with 1."""
    run(*words_of(tmp_path / "x", "a", "b"))
    aged("b", timedelta(days=2, hours=1))
    words = [*words_of(tmp_path / "x", "a"), "--max-age"]
    result = run(*words, "26h")
    assert result.exit_code == 3
    assert "Lists: 1 of 1 connection (1 unchanged)." in result.stdout
    assert result.stderr.startswith("Older than 1d 2h: b invoices (last read 20")
    assert result.stderr.endswith(" UTC, 2d 1h ago).\n")
    result = run(*words, "26h", "--json", "--log-format", "json")
    (stale,) = document_of(result)["stale"]
    assert (result.exit_code, stale["connection_id"], stale["resource"]) == (3, "b", "invoices")
    assert stale["age_seconds"] >= 49 * 3600
    assert [(one["level"], one["connection_id"]) for one in log_of(result)][-1] == ("warning", "b")
    assert run(*words, "3d").exit_code == 0
    api.answers["a", "invoices"] = 503
    assert run(*words, "26h").exit_code == 1


def test_every_list_of_the_first_refresh_failed(api: Api, tmp_path: Path) -> None:
    """There is no dataset then, and nothing to call stale: the errors are those of the lists."""
    api.answers["a", "invoices"] = 503
    document = document_of(run(*words_of(tmp_path / "x", "a"), "--json", "--max-age", "26h"))
    assert (document["exit_code"], document["stale"], document["error"]) == (1, None, None)
    assert [one["message"].partition(":")[0] for one in document["errors"]] == ["The API answered HTTP 503"]


def test_before_the_first_request(tmp_path: Path) -> None:
    """Without credentials the document has the error and its hint, and no list."""
    result = run(str(tmp_path / "x"), "--json", "--max-age", "26h")
    document = document_of(result)
    assert result.exit_code == 1
    assert document["error"]["message"] == "No API credentials are set"
    assert document["error"]["hint"].startswith("set RUTTER_CLIENT_ID and RUTTER_CLIENT_SECRET")
    assert [document[name] for name in ("counts", "lists", "errors", "left_out")] == [NO_COUNTS, [], [], []]
    assert (document["environment"], document["stale"]) == (None, None)
    assert result.stderr.startswith("Error: No API credentials are set\nNext: set ")
    (line,) = log_of(run(str(tmp_path / "x"), "--json", "--log-format", "json"))
    assert (line["level"], line["message"]) == ("error", "No API credentials are set")


def test_a_dataset_that_cannot_be_used(api: Api, tmp_path: Path) -> None:
    """A path that is a file, and an address with a password: one error in the document, without it."""
    (tmp_path / "file").write_text("in the way")
    document = document_of(run(*words_of(tmp_path / "file", "a"), "--json"))
    assert f"{tmp_path}/file is a file" in document["error"]["message"]
    assert api.requests == []
    for address in ("s3://key:hidden-word@bucket/x%20y", "s3://***@bucket/x%20y?token=hidden-word"):
        result = run(address, "--json")
        document = document_of(result)
        assert document["path"].startswith("s3://***@bucket/x%20y")
        assert document["error"] is not None
        assert "hidden" not in result.output


@pytest.mark.usefixtures("api")
def test_a_damaged_dataset(tmp_path: Path) -> None:
    """A log that cannot be read is one error, whether the refresh or --max-age finds it."""
    run(*words_of(tmp_path / "x", "a", resources=("invoices", "bills")))
    (tmp_path / "x/bills/_delta_log/00000000000000000001.json").write_text("")
    result = run(*words_of(tmp_path / "x", "a"), "--json", "--max-age", "26h")
    document = document_of(result)
    assert result.exit_code == 1
    assert "00000000000000000001.json" in document["error"]["message"]
    assert "restore the folder from a copy" in document["error"]["hint"]


@pytest.mark.parametrize("as_json", [True, False])
def test_ctrl_c(api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, as_json: bool) -> None:
    """After Ctrl-C the exit code is 130, without a traceback, and the document has the error."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(dataset_commands, "open_connections", interrupted)
    result = run(*words_of(tmp_path / "x", "a"), *["--json"] * as_json)
    assert result.exit_code == 130
    assert result.stderr == "Error: Interrupted by Ctrl-C: what was committed stays.\nNext: refresh again\n"
    if as_json:
        message = {"message": "Interrupted by Ctrl-C: what was committed stays.", "hint": "refresh again"}
        assert document_of(result)["error"] == message
        assert document_of(result)["environment"] == "https://api.example.com/base"
    else:
        assert result.stdout == ""
    assert {request.url.path for request in api.requests} == {"/base/connections"}


def test_an_unforeseen_error(api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of the program itself is a line of the log with its traceback, and the document names it."""

    def broken(*_: object, **__: object) -> None:
        raise KeyError("?access_token=not-to-be-seen")

    monkeypatch.setattr(dataset_commands, "open_connections", broken)
    words = words_of(tmp_path / "x", "a")
    result = run(*words, "--json", "--log-format", "json")
    document = document_of(result)
    assert result.exit_code == 1
    assert document["error"] == {
        "message": "KeyError: '?access_token=**********'", "hint": "report it with the lines of the log"
    }  # fmt: skip
    first, last = log_of(result)
    assert first["message"].startswith("unforeseen error\nTraceback (most recent call last):")
    assert last["message"] == document["error"]["message"]
    assert "not-to-be-seen" not in result.output
    assert isinstance(run(*words).exception, KeyError)
    assert {request.url.path for request in api.requests} == {"/base/connections"}


def test_real_data_with_inactive_connections(server: DemoServer, tmp_path: Path) -> None:
    """Which environment is read is stated on stderr; inactive connections are left out, without failing."""
    settings = settings_of(server)
    words = [str(tmp_path / "x"), "--resource", "bank_accounts", "--json"]
    result = run(*words, **settings)
    document = document_of(result)
    assert result.exit_code == 0
    assert document["environment"] == server.url
    assert document["left_out"] == [
        {"connection_id": "roaster-netsuite-old", "reason": "it is not active: error"},
        {"connection_id": "gear-ebay-closed", "reason": "it is not active: inactive"},
    ]
    (first,) = result.stderr.splitlines()
    assert first == f"REAL DATA: reading from the {server.url!r} environment."
    text = run(*words, "--log-format", "json", "--log-level", "debug", **settings)
    log = log_of(text)
    (left_out,) = [one for one in log if one["message"].startswith("Left out, ")]
    assert (left_out["level"], "roaster-netsuite-old (error), " in left_out["message"]) == ("info", True)
    assert [one["message"] for one in log if "REAL DATA" in one["message"]] == [first]
    requests = [one for one in log if one["message"].startswith("GET ")]
    assert ("gear-bank", "bank_accounts") in {(one.get("connection_id"), one["resource"]) for one in requests}
    for secret in (server.client_secret, *server.access_tokens.values()):
        assert secret not in text.output
        assert secret not in result.output
