"""The command ``rutterframe export``: a table and a sentence, exit codes, and no password."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import rutterframe as rf
from rutterframe.cli import app
from tests.dataset.scripted import Api, invoices


@pytest.fixture
def api() -> Api:
    return Api({("acme", "invoices"): invoices(3), ("acme", "bills"): [{"id": "1"}]})


@pytest.fixture
def books(api: Api, tmp_path: Path) -> Path:
    """A dataset of two lists of a ledger."""
    rf.refresh(api.connections("acme"), tmp_path / "books", resources=["invoices", "bills"])
    return tmp_path / "books"


def run(*arguments: str | Path) -> Result:
    """Run the command."""
    return CliRunner().invoke(app, ["export", *map(str, arguments)])


def test_the_rows_of_each_list_are_printed(books: Path) -> None:
    """Each list has a line with its rows and changes; the database has them."""
    result = run(books, "sqlite:///books.sqlite", "--width", "80")
    assert result.exit_code == 0
    lines = [line.split() for line in result.stdout.splitlines() if "acme" in line]
    assert lines == [["invoices", "acme", "3", "3", "0", "0"], ["bills", "acme", "1", "1", "0", "0"]]
    assert "2 lists exported, 2 of them with changes." in result.stdout
    with closing(sqlite3.connect("books.sqlite")) as database:
        assert database.execute("SELECT COUNT(*) FROM invoices").fetchall() == [(3,)]
    again = run(books, "sqlite:///books.sqlite", "--resource", "bills")
    assert "1 list exported, 0 of them with changes." in again.stdout


def test_a_list_that_is_not_complete(books: Path, api: Api) -> None:
    """The exit code is 1, the rows of the earlier refresh are exported, and the list is named."""
    api.answers["acme", "bills"] = 500
    rf.refresh(api.connections("acme"), books, resources=["bills"], on_error="skip")
    result = run(books, "duckdb:///books.duckdb")
    assert result.exit_code == 1
    assert "acme bills: failed. Its rows are those of an earlier refresh." in result.stdout
    document = json.loads(run(books, "duckdb:///books.duckdb", "--json").stdout)
    assert document["exit_code"] == 1
    assert document["error"] is None
    assert [(row["table"], row["complete"], row["rows"]) for row in document["lists"]] == [
        ("invoices", True, 3),
        ("bills", False, 1),
    ]


def test_a_list_of_which_rows_were_set_aside(books: Path, api: Api) -> None:
    """The rows are those of the newest refresh, and the sentence says that some are missing."""
    api.answers["acme", "bills"] = [{"id": "1"}, {"id": "2"}, {"id": "3", "due_date": "soon"}]
    rf.refresh(api.connections("acme"), books, resources=["bills"], on_invalid="quarantine")
    result = run(books, "sqlite:///books.sqlite")
    assert result.exit_code == 1
    assert "acme bills: incomplete. Some of its rows are missing: rutterframe status says why." in (
        " ".join(result.stdout.split())
    )
    with closing(sqlite3.connect("books.sqlite")) as database:
        assert database.execute("SELECT id FROM bills").fetchall() == [("1",), ("2",)]


def test_errors_are_a_sentence(books: Path) -> None:
    """What is invalid is printed with the next step, as options, and without a password."""
    result = run(books, "mysql://me:s3cret@host/db")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: The address of the database is not valid (expected 'duckdb:///")
    assert "s3cret" not in result.output
    assert (
        "has no 'orders'; it has invoices, bills" in run(books, "duckdb:///x", "--resource", "orders").stderr
    )
    with closing(sqlite3.connect("books.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        result = run(books, "sqlite:///books.sqlite", "--timeout", "0.01", "--json")
    assert "or pass a longer --timeout" in result.stderr
    assert (
        json.loads(result.stdout)["error"]["hint"]
        == "close it in the other program, or pass a longer --timeout"
    )


def test_many_lists_are_added_up_by_table(tmp_path: Path) -> None:
    """More than a dozen lists have a line for each table; --details prints each list."""
    names = [f"ledger-{number}" for number in range(13)]
    api = Api({(name, "invoices"): invoices(2) for name in names})
    rf.refresh(api.connections(*names), tmp_path / "books", resources=["invoices"])
    result = run(tmp_path / "books", "duckdb:///books.duckdb", "--width", "80")
    assert result.stdout.splitlines()[2].split() == ["invoices", "13", "26", "26", "0", "0"]
    assert "13 lists exported, 13 of them with changes. (--details shows each.)" in result.stdout
    details = run(tmp_path / "books", "duckdb:///books.duckdb", "--details")
    assert details.stdout.count("ledger-") == 13
