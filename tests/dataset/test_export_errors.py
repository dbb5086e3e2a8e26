"""What an export reports where a database cannot be used: one sentence, the next step, and no password."""

from __future__ import annotations

import sqlite3
import traceback
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb
import pytest
from pydantic import SecretStr

import rutterframe as rf
from rutterframe.dataset.export import export as export_module
from rutterframe.dataset.export import on_duckdb
from rutterframe.dataset.export.failures import database_error
from rutterframe.dataset.export.target import parse_target
from tests.dataset.scripted import Api, invoices
from tests.postgresql_server import PASSWORD, QUOTED_PASSWORD, PostgreSQLServer

SECRETS = (PASSWORD, QUOTED_PASSWORD, "wr0ng-secret")


@pytest.fixture
def data(path: Path) -> rf.Dataset:
    """A dataset of three invoices."""
    rf.refresh(Api({("acme", "invoices"): invoices(3)}).connections("acme"), path, resources=["invoices"])
    return rf.Dataset(path)


def error_of(data: rf.Dataset, url: Any, **options: Any) -> str:
    """Return the error of an export; neither its texts nor the variables of its frames have a password."""
    with pytest.raises((OSError, ValueError, TypeError, ImportError)) as caught:
        data.export(url, **options)
    error = caught.value
    text = "".join(traceback.format_exception(error)) + _variables(error.__traceback__)
    assert error.__context__ is None or error.__suppress_context__
    assert not any(secret in text for secret in SECRETS), text
    return str(error)


def _variables(trace: TracebackType | None) -> str:
    """Return the variables of the frames of this project."""
    texts = []
    while trace is not None:
        if "rutterframe/dataset" in trace.tb_frame.f_code.co_filename:
            texts.append(repr(trace.tb_frame.f_locals))
        trace = trace.tb_next
    return "".join(texts)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://me:wr0ng-secret@host/db", "is not valid (expected 'duckdb:///books.duckdb', 'sqlite:///"),
        ("wr0ng-secret", "or 'postgresql://user@host/database')"),
        ("duckdb://books.duckdb", "names no file: write duckdb:///books.duckdb for a file in this folder"),
        ("sqlite:///:memory:", "names no file: write sqlite:///books.sqlite for a file"),
        ("postgresql://me:12#wr0ng-secret@host/db", "in a password, : / ? # [ ] @ and % are written with"),
        ("postgresql://me:12/wr0ng-secret@host/db", "or it is left out and set as PGPASSWORD"),
        ("postgresql://me:12?wr0ng-secret@host/db", "or it is left out and set as PGPASSWORD"),
        ("postgresql://me:[wr0ng-secret@host/db", "or it is left out and set as PGPASSWORD"),
        ("duckdb:///x.duckdb?motherduck_token=wr0ng-secret", "has a ? or #: what follows would stand in"),
        ("sqlite:///f.sqlite#wr0ng-secret", "Write sqlite:///books.sqlite, without options"),
        (b"duckdb:///x", "url must be a text or a SecretStr, got bytes"),
    ],
)
def test_an_address_that_is_not_valid(data: rf.Dataset, url: Any, message: str) -> None:
    """The error names what is expected, and quotes nothing that may be a password."""
    assert message in error_of(data, url)
    assert not [*Path().glob("*secret*")]


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("postgresql://me%3Awr0ng-secret@host/db", "postgresql://me@host/db"),
        ("postgresql://me%253awr0ng-secret@host/db", "postgresql://me@host/db"),
        ("postgresql://me%40shop:wr0ng-secret@host/db", "postgresql://me%40shop@host/db"),
    ],
)
def test_a_password_behind_an_encoded_colon(url: str, public: str) -> None:
    """A colon that is written with percent signs begins a password too, which no text shows."""
    target = parse_target(SecretStr(url))
    error = database_error(target, 'password authentication failed for user "me:wr0ng-secret"')
    assert str(target) == public
    assert "wr0ng-secret" not in str(error)


def test_resources_are_checked(data: rf.Dataset) -> None:
    """A resource that the dataset does not have, and an empty list, are refused before a file is created."""
    with pytest.raises(KeyError, match="no 'orders'; it has invoices"):
        data.export("duckdb:///x.duckdb", resources=["orders"])
    with pytest.raises(ValueError, match="resources is empty: leave it out for all"):
        data.export("duckdb:///x.duckdb", resources=[])
    assert not Path("x.duckdb").exists()


def test_a_driver_that_is_not_installed(data: rf.Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names what to install."""
    monkeypatch.setattr(export_module, "find_spec", lambda _: None)
    message = error_of(data, "postgresql://me:wr0ng-secret@host/db")
    assert message == (
        'An export to postgresql://me@host/db needs a driver: pip install "rutterframe[postgresql]"'
    )


def test_a_file_that_is_locked(data: rf.Dataset, tmp_path: Path) -> None:
    """A file that another program writes is waited for, then the error states what to do."""
    path = tmp_path / "books.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        message = error_of(data, f"sqlite:///{path}", timeout=0.01)
    assert message == (
        f"The database sqlite:///{path} cannot be used: database is locked. Nothing of invoices was "
        f"changed.\nNext: close it in the other program, or pass a longer timeout= for which to wait, "
        f"in seconds"
    )
    file = tmp_path / "books.duckdb"
    duckdb.connect(file).close()
    with duckdb.connect(file, read_only=True):
        message = error_of(data, f"duckdb:///{file}", timeout=0.01)
    assert message.endswith(
        "Next: this process has the file open, maybe with read_only=True: close that first"
    )


def test_an_export_of_another_thread(data: rf.Dataset, tmp_path: Path) -> None:
    """An export to DuckDB waits for another one of its process, then states that."""
    with on_duckdb._writing:
        message = error_of(data, f"duckdb:///{tmp_path}/books.duckdb", timeout=0.01)
    assert "another export of this process writes to it\nNext: " in message
    assert message.endswith(
        "Next: wait until it has ended, or pass a longer timeout= for which to wait, in seconds"
    )


def test_a_file_that_is_not_a_database(data: rf.Dataset, tmp_path: Path) -> None:
    """Another file is left as it is, also one of SQLite that was named as one of DuckDB."""
    other, lite = tmp_path / "other", tmp_path / "lite"
    other.write_text("a letter " * 1000, encoding="utf-8")
    data.export(f"sqlite:///{lite}")
    for url in (f"duckdb:///{other}", f"sqlite:///{other}", f"duckdb:///{lite}"):
        assert error_of(data, url).endswith("Next: name another file: this one is left as it is")
    assert other.read_text(encoding="utf-8") == "a letter " * 1000
    message = error_of(data, f"duckdb:///{tmp_path}/absent/x.duckdb")
    assert message.endswith("Next: check that the folder exists and can be written")


def test_an_undone_export_leaves_the_last_one(data: rf.Dataset, path: Path, tmp_path: Path) -> None:
    """A dataset with a damaged file is not exported, and the rows of the export before stay."""
    url = f"duckdb:///{tmp_path / 'books.duckdb'}"
    data.export(url)
    api = Api({("acme", "invoices"): invoices(2)})
    rf.refresh(api.connections("acme"), path, resources=["invoices"])
    for file in data.files("invoices"):
        Path(file).write_bytes(b"PAR1 damaged PAR1")
    assert "The dataset at" in error_of(data, url)
    with duckdb.connect(tmp_path / "books.duckdb") as database:
        assert database.execute("SELECT COUNT(*) FROM invoices_current").fetchall() == [(3,)]


def test_a_row_that_the_database_does_not_take(data: rf.Dataset, path: Path, tmp_path: Path) -> None:
    """Where a trigger drops a row, the numbers differ after the export: it is undone and refused."""
    file = tmp_path / "books.sqlite"
    data.export(f"sqlite:///{file}")
    with closing(sqlite3.connect(file)) as other:
        other.execute(
            "CREATE TRIGGER picky BEFORE INSERT ON invoices WHEN NEW.id = '4' BEGIN SELECT RAISE(IGNORE); END"
        )
    rf.refresh(Api({("acme", "invoices"): invoices(5)}).connections("acme"), path, resources=["invoices"])
    message = error_of(data, f"sqlite:///{file}")
    assert "connection 'acme' would have 4 rows in invoices, and the dataset has 5" in message
    assert "\nNext: drop the tables of invoices in the database, and export again" in message
    with closing(sqlite3.connect(file)) as other:
        assert other.execute("SELECT COUNT(*) FROM invoices_current").fetchall() == [(3,)]


@pytest.mark.long
def test_a_dataset_in_a_bucket(s3_bucket: str, tmp_path: Path) -> None:
    """A dataset at an address is exported as one in a folder."""
    api = Api({("acme", "invoices"): invoices(3)})
    rf.refresh(api.connections("acme"), f"{s3_bucket}/books", resources=["invoices"])
    data = rf.Dataset(f"{s3_bucket}/books")
    assert data.export(f"duckdb:///{tmp_path}/books.duckdb")["added"].tolist() == [3]
    assert data.export(f"duckdb:///{tmp_path}/books.duckdb")["added"].tolist() == [0]


def test_a_lock_of_another_process() -> None:
    """DuckDB's text on a lock, with its advice to readers, is a sentence on the other process."""
    lock = (
        'IO Error: Could not set lock on file "/x.duckdb": Conflicting lock is held in /usr/bin/python3 '
        "(PID 17). However, you would be able to open this database in read-only mode, e.g. by using the "
        "-readonly parameter in the CLI. See also https://duckdb.org/docs/"
    )
    message = str(database_error(parse_target(SecretStr("duckdb:////x.duckdb")), lock))
    assert message == (
        "The database duckdb:////x.duckdb cannot be used: another process has the file open (PID 17)\n"
        "Next: close it in the other program, or pass a longer timeout= for which to wait, in seconds"
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("IO Error: /x exists, but it is not a valid DuckDB database file!", "database file"),
        (
            "connection failed: Connection refused\n\tIs the server running on that host?",
            "Connection refused",
        ),
    ],
)
def test_a_reason_has_no_mark_at_its_end(text: str, reason: str) -> None:
    """What follows a reason does not double its punctuation, and no driver's question is passed on."""
    message = str(database_error(parse_target(SecretStr("duckdb:////x.duckdb")), text, "invoices"))
    assert f"{reason}. Nothing of invoices was changed.\nNext: " in message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            'IO: [libpq] Failed to connect: connection to "h" failed: FATAL:  wrong password\n',
            'connection to "h" failed: FATAL:  wrong password',
        ),
        (
            'IO: [libpq] Failed to connect: invalid percent-encoded token: "wr0ng-secret"\n',
            'invalid percent-encoded token: "***"',
        ),
        (
            'INVALID_ARGUMENT: Failed to execute query: ERROR:  no relation "x"\nLINE 1: SELECT\n',
            'no relation "x"',
        ),
    ],
)
def test_the_reason_is_the_text_of_the_driver(text: str, message: str) -> None:
    """A reason is one line, without the driver's own prefix, the statement and the password."""
    target = parse_target(SecretStr("postgresql://me:wr0ng-secret@host/db"))
    assert str(database_error(target, text)).startswith(
        f"The database postgresql://me@host/db cannot be used: {message}\nNext: "
    )
    assert "wr0ng" not in repr(target)


@pytest.mark.long
def test_a_server_that_cannot_be_used(data: rf.Dataset, postgresql_server: PostgreSQLServer) -> None:
    """A wrong password, database, host or port is one sentence each."""
    url = postgresql_server.url()
    advice = {
        url.replace(QUOTED_PASSWORD, "wr0ng-secret"): "check user and password; the password may be set as",
        url.replace("/postgres?", "/absent?"): "check the name in the address, or create the database",
        url.replace("127.0.0.1", "absent.invalid"): "check the name of the host in the address",
        url.replace(f":{postgresql_server.port}", ":1"): "check host and port in the address, and that",
        f"{url}&wrong=1": "check the address; a password may be left out of it",
        postgresql_server.url("absent"): "create the schema that search_path names",
    }
    for address, step in advice.items():
        message = error_of(data, address)
        assert f"\nNext: {step}" in message
        assert message.count("\n") == 1


@pytest.mark.long
def test_the_password_of_the_environment(
    data: rf.Dataset, postgresql_server: PostgreSQLServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A password that is left out of the address is read from PGPASSWORD."""
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    address = postgresql_server.create_schema().replace(f":{QUOTED_PASSWORD}", "")
    assert data.export(address)["rows"].tolist() == [3]
