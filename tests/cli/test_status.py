"""The command status: how fresh a dataset is, in a terminal and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

import rutterframe as rf
from rutterframe import cli
from rutterframe.cli import status as status_command
from rutterframe.cli.staleness import stale_lists, stale_records, stale_sentences
from rutterframe.cli.status_table import print_status
from rutterframe.dataset.status import DTYPES
from tests.dataset.scripted import Api, invoices

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
DAY = timedelta(hours=26)
REFUSED = "1 row could not be read and is set aside: record '7', due_date: not a valid date"
NEVER = "never read to its end"


def lists(rows: Sequence[Sequence[Any]]) -> pd.DataFrame:
    """Return a status of literal lists: connection, resource, status, hours ago, rows, error."""
    records = [
        [name, resource, status, at, at, rows_now, error is None, error]
        for name, resource, status, hours, rows_now, error in rows
        for at in [None if hours is None else NOW - timedelta(hours=hours)]
    ]
    frame = pd.DataFrame(records, columns=list(DTYPES))
    return frame.astype(
        {"last_success": "datetime64[us, UTC]", "last_attempt": "datetime64[us, UTC]"}
    ).astype(DTYPES)


LISTS = lists(
    [
        ["acme-books", "invoices", "complete", 9.2, 12_187, None],
        ["acme-books", "bills", "complete", 9.3, 40, None],
        ["acme-books", "orders", "not offered", None, 0, None],
        ["bakery", "invoices", "complete", 50.0, 3, None],
        ["bakery", "bills", "failed", 74.0, None, "The API answered HTTP 503\nWhere: x\nNext: y"],
        ["bakery", "orders", "failed", 74.5, None, "The API answered HTTP 503\nWhere: z\nNext: y"],
        ["corner-shop", "orders", "incomplete", 1.0, 7, REFUSED],
        ["dormant", "invoices", "complete", 100.0, 1, None],
        ["elsewhere", "invoices", "never refreshed", None, None, NEVER],
        ["future", "bills", "complete", -3.0, 2, None],
    ]
)


def printed(
    capsys: pytest.CaptureFixture[str], width: int, max_age: timedelta | None, **more: Any
) -> list[str]:
    rows = more.pop("rows", LISTS)
    stale = None if max_age is None else stale_lists(rows, max_age, NOW)
    print_status(rows, stale, NOW, width, details=more.get("details", False))
    return [line.rstrip() for line in capsys.readouterr().out.splitlines()]


def test_connections_in_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Each connection has a line, as fresh as its oldest list; what is not complete or stale comes first."""
    below = [
        "",
        "Lists: 10 of 6 connections (5 complete, 2 failed, 1 not offered, 1 incomplete, 1",
        "never refreshed). Stale: 6 lists of 4 connections.",
        "bakery bills, orders: The API answered HTTP 503.",
        "corner-shop orders: 1 row could not be read and is set aside: record '7',",
        "due_date: not a valid date.",
        "elsewhere invoices: never read to its end.",
    ]
    assert printed(capsys, 80, DAY) == [
        "connection    last success UTC     age    rows  lists  status",
        "────────────────────────────────────────────────────────────────────────────",
        "elsewhere     never                  –     n/a      1  1 never read, 1 stale",
        "bakery        2026-06-27 09:30   3d 2h     n/a      3  2 failed, 3 stale",
        "corner-shop   2026-06-30 11:00      1h       7      1  1 incomplete",
        "dormant       2026-06-26 08:00   4d 4h       1      1  1 stale",
        "future        2026-06-30 15:00   ahead       2      1  1 stale",
        "acme-books    2026-06-30 02:42  9h 18m  12,227      2  complete",
        *below,
    ]


def test_connections_in_a_narrow_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Below 80 columns ages stand without times; without an age none is stale, and the failed come first."""
    assert printed(capsys, 60, None)[:8] == [
        "connection      age   rows lists status",
        "─────────────────────────────────────────────",
        "elsewhere         –    n/a     1 1 never read",
        "bakery        3d 2h    n/a     3 2 failed",
        "corner-shop      1h      7     1 1 incomplete",
        "dormant       4d 4h      1     1 complete",
        "acme-books   9h 18m 12,227     2 complete",
        "future        ahead      2     1 complete",
    ]


def test_every_list_in_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """With details each list has a line, and what is not offered has no last success."""
    lines = printed(capsys, 80, DAY, details=True)
    assert lines[:4] == [
        "connection    resource  last success UTC     age    rows  status",
        "────────────────────────────────────────────────────────────────────────────────",
        "elsewhere     invoices  never                  –     n/a  never refreshed, stale",
        "bakery        orders    2026-06-27 09:30   3d 2h     n/a  failed, stale",
    ]
    assert "acme-books    orders    –                      –       0  not offered" in lines
    words = [line.split()[-1] for line in lines[2 : lines.index("")]]
    assert words[-1] == "offered"


def test_a_long_table_is_short(capsys: pytest.CaptureFixture[str]) -> None:
    """Of many connections twenty have a line, and of many errors five; --details has all."""
    rows = [[f"c{number:03}", "bills", "complete", 1.0, 1, None] for number in range(100)]
    rows += [[f"f{number}", "bills", "failed", 2.0, 1, f"Reason {number}"] for number in range(7)]
    many = lists(rows)
    lines = printed(capsys, 80, None, rows=many)
    assert [line.partition(" ")[0] for line in lines[2:22]] == [
        *(f"f{number}" for number in range(7)), *(f"c{number:03}" for number in range(13))
    ]  # fmt: skip
    assert lines[22:] == [
        "",
        "20 of 107 connections, those that are not complete or oldest first. (--details",
        "shows each list.)",
        "Lists: 107 of 107 connections (100 complete, 7 failed).",
        *(f"f{number} bills: Reason {number}." for number in range(5)),
        "(5 of 7 reasons; --details shows each.)",
    ]
    assert len(printed(capsys, 80, None, rows=many, details=True)) == 2 + 107 + 2 + 7


def test_nothing_was_refreshed(capsys: pytest.CaptureFixture[str]) -> None:
    """A dataset without a list says so."""
    assert printed(capsys, 80, None, rows=LISTS.iloc[:0]) == ["No list of this dataset was ever refreshed."]


def test_stale_lists() -> None:
    """A list that is older, never read or ahead of the clock is stale; one that is not offered is not."""
    stale = stale_lists(LISTS, DAY, NOW)
    assert [(one["connection_id"], one["resource"], one["age_seconds"]) for one in stale_records(stale)] == [
        ("elsewhere", "invoices", None),
        ("dormant", "invoices", 360_000),
        ("bakery", "orders", 268_200),
        ("bakery", "bills", 266_400),
        ("bakery", "invoices", 180_000),
        ("future", "bills", -10_800),
    ]
    assert stale_records(stale)[1]["last_success"] == "2026-06-26T08:00:00.000Z"
    assert [sentence for sentence, _ in stale_sentences(stale, DAY)] == [
        "Older than 1d 2h: elsewhere invoices (never read to its end).",
        "Older than 1d 2h: dormant invoices (last read 2026-06-26 08:00 UTC, 4d 4h ago).",
        "Older than 1d 2h: bakery orders (last read 2026-06-27 09:30 UTC, 3d 2h ago), and 2 more lists.",
        "Older than 1d 2h: future bills (last read 2026-06-30 15:00 UTC, ahead of this machine's clock).",
    ]
    at_the_limit = lists(
        [["a", "bills", "complete", 26.0, 1, None], ["b", "bills", "complete", 26.001, 1, None]]
    )
    assert stale_lists(at_the_limit, DAY, NOW)["connection_id"].tolist() == ["b"]
    clocks = lists([[f"{hours}", "bills", "complete", hours, 1, None] for hours in (-1.0, -1.001)])
    assert stale_lists(clocks, DAY, NOW)["connection_id"].tolist() == ["-1.001"]


def test_many_stale_connections() -> None:
    """Of many stale connections the twelve oldest are named."""
    rows = [[f"c{number}", "bills", "complete", 100.0 - number, 1, None] for number in range(30)]
    sentences = [text for text, _ in stale_sentences(stale_lists(lists(rows), DAY, NOW), DAY)]
    assert [text.split()[4] for text in sentences[:12]] == [f"c{number}" for number in range(12)]
    assert sentences[12:] == ["Older than 1d 2h: 18 more connections (--json lists each)."]


def run(*words: str) -> Result:
    return CliRunner().invoke(cli.app, ["status", *words], env={"COLUMNS": "80", "TERM": "dumb"})


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of two connections; of b the last refresh of invoices failed."""
    path = tmp_path_factory.mktemp("status") / "books"
    api = Api({("a", "invoices"): invoices(3), ("b", "invoices"): invoices(2)})
    for _ in range(2):
        rf.refresh(
            api.connections("a", "b"), path, resources=["invoices", "bills"], progress=False, on_error="skip"
        )
        api.answers["b", "invoices"] = 503
    return path


def test_the_command(dataset: Path) -> None:
    """A failed last refresh is exit code 1, with the rows and the time of the last success."""
    result = run(str(dataset))
    assert result.exit_code == 1
    lines = [line.rstrip() for line in result.stdout.splitlines()]
    assert [line.split()[0] + " " + " ".join(line.split()[4:]) for line in lines[2:4]] == [
        "b 2 2 1 failed", "a 3 2 complete"
    ]  # fmt: skip
    assert lines[4:] == [
        "",
        "Lists: 4 of 2 connections (3 complete, 1 failed).",
        "b invoices: The API answered HTTP 503: X (tried 3 times).",
    ]


def test_the_document(dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--json prints one line with every connection and list; what is stale is exit code 3."""
    result = run(str(dataset), "--json", "--max-age", "1h")
    assert (result.exit_code, result.stderr, result.stdout.count("\n")) == (1, "", 1)
    document = json.loads(result.stdout)
    assert [*document] == [
        "path", "checked", "exit_code", "counts", "connections", "lists", "max_age_seconds", "stale", "error"
    ]  # fmt: skip
    assert document["counts"] == {
        "complete": 3, "incomplete": 0, "failed": 1, "never refreshed": 0, "not offered": 0,
        "damaged": 0,
    }  # fmt: skip
    assert (document["max_age_seconds"], document["stale"], document["error"]) == (3600, [], None)
    times = ("last_success", "last_attempt", "age_seconds")
    a, b = document["connections"]
    assert {name: value for name, value in b.items() if name not in times} == {
        "connection_id": "b", "rows": 2, "lists": 2, "incomplete": 0, "failed": 1, "damaged": 0,
        "never_refreshed": 0,
        "complete": False,
    }  # fmt: skip
    assert (a["complete"], a["failed"]) == (True, 0)
    stored = rf.Dataset(dataset).status()
    assert [(one["resource"], one["status"], one["rows"]) for one in document["lists"]] == [
        ("invoices", "complete", 3), ("bills", "complete", 0),
        ("invoices", "failed", 2), ("bills", "complete", 0),
    ]  # fmt: skip
    assert datetime.fromisoformat(document["lists"][2]["last_success"]) == stored["last_success"][2]
    assert document["lists"][2]["error"].startswith("The API answered HTTP 503")
    later = datetime.now(UTC) + timedelta(hours=2)

    class Later(datetime):
        @classmethod
        def now(cls, _: object = None) -> datetime:  # type: ignore[override]
            return later

    monkeypatch.setattr(status_command, "datetime", Later)
    complete = rf.Dataset(dataset).status()
    complete["complete"] = True
    monkeypatch.setattr(rf.Dataset, "status", lambda _: complete)
    assert run(str(dataset)).exit_code == 0
    assert run(str(dataset), "--max-age", "3h").exit_code == 0
    result = run(str(dataset), "--max-age", "90m", "--json")
    assert (result.exit_code, len(json.loads(result.stdout)["stale"])) == (3, 4)


def test_without_a_dataset(tmp_path: Path) -> None:
    """A folder without a dataset is one error, and a document that states it."""
    result = run(str(tmp_path / "none"), "--json")
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    assert document["error"]["message"].startswith(f"There is no dataset at {tmp_path / 'none'}")
    assert (document["lists"], document["connections"], document["exit_code"]) == ([], [], 1)
    assert result.stderr.startswith("Error: There is no dataset at ")
    assert run(str(tmp_path / "none")).stdout == ""


def test_an_address_with_a_signature() -> None:
    """What may be a key stands neither in the document nor in the error."""
    result = run("s3://buck/?token=hidden-word", "--json")
    document = json.loads(result.stdout)
    assert document["path"] == "s3://buck/?***"
    assert document["error"]["message"].startswith("'s3://buck/?***' cannot be used: *** may be a key")
    assert "hidden" not in result.output


def test_a_wrong_age(dataset: Path) -> None:
    """An age without a unit is wrong usage, with examples."""
    result = run(str(dataset), "--max-age", "26")
    assert result.exit_code == 2
    assert "such as 26h, 90m, 2d" in " ".join(result.stderr.replace("│", "").split())
