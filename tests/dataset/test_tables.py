"""The rows of one connection are committed as a whole, again where another writer was faster."""

from __future__ import annotations

import os
import pickle
import sys
from pathlib import Path
from typing import Any, NoReturn

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from rutterframe.dataset import tables
from rutterframe.dataset.bucket_merge import MergedRows, merge_rows
from rutterframe.dataset.commits import notes
from rutterframe.dataset.spool import Spool
from rutterframe.dataset.stored_rows import StoredRows
from rutterframe.dataset.tables import Tables, rows_schema
from tests.dataset.test_merge import NOW


def note(_: MergedRows) -> dict[str, Any]:
    return {"connection_id": "books", "receipt": {}}


def merge(stored: StoredRows, *ids: str, full: bool = True) -> MergedRows:
    """Merge rows of accounts as they are loaded."""
    loaded = Spool()
    schema = pa.schema([field for field in rows_schema("accounts") if field.name[0] != "_"])
    loaded.append(pa.Table.from_pylist([{"id": name} for name in ids], schema=schema))
    return merge_rows(stored, loaded, full=full, now=NOW)


def ids_of(at: Tables, connection: str = "books") -> list[str]:
    return [name for part in at.stored_rows("accounts", connection).tables for name in part["id"].to_pylist()]


def test_a_second_writer_commits_again(path: Path) -> None:
    """A writer that another one has overtaken merges again with the new rows: nothing is lost."""
    ours, theirs = Tables(str(path)), Tables(str(path))
    ours.write("accounts", "books", lambda stored: merge(stored, "a"), note)
    merged: list[int] = []

    def overtaken(stored: StoredRows) -> MergedRows:
        merged.append(stored.rows)
        if len(merged) == 1:
            theirs.write("accounts", "books", lambda rows: merge(rows, "a", "b"), note)
        return merge(stored, "c", full=False)

    commit = ours.write("accounts", "books", overtaken, note)
    assert (merged, commit.rows.added) == ([1, 2], 1)
    assert ids_of(ours) == ["a", "b", "c"]


def test_a_commit_while_the_log_is_read_is_not_missing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A commit of another writer after the log was read does not look like a removed one."""
    theirs = Tables(str(path))
    theirs.write("accounts", "books", lambda stored: merge(stored, "a"), note)

    def open_slowly(*arguments: Any, **options: Any) -> DeltaTable:
        table = DeltaTable(*arguments, **options)
        theirs.write("accounts", "books", lambda stored: merge(stored, "a", "b"), note)
        return table

    monkeypatch.setattr(tables, "DeltaTable", open_slowly)
    opened = Tables(str(path)).open("accounts")
    assert opened is not None
    assert opened.version() == 1


def test_no_file_is_left_of_an_overtaken_commit(path: Path) -> None:
    """The file of an overtaken writer is deleted: every file belongs to a version."""
    ours, theirs = Tables(str(path)), Tables(str(path))
    turns = iter([True, False])

    def overtaken(stored: StoredRows) -> MergedRows:
        if next(turns):
            theirs.write("accounts", "books", lambda rows: merge(rows, "b"), note)
        return merge(stored, "c")

    ours.write("accounts", "books", overtaken, note)
    table = ours.open("accounts")
    assert table is not None
    named = {Path(file).name for version in (1, 2) for file in at(table, version).file_uris()}
    assert {file.name for file in path.rglob("part-*.parquet")} == named
    assert len(named) == 2


def write(ours: Tables, connection: str, *ids: str) -> None:
    """Write rows of a connection, with its note."""
    its = {"connection_id": connection, "receipt": {}}
    ours.write("accounts", connection, lambda stored: merge(stored, *ids), lambda _: its)


def at(table: DeltaTable, version: int) -> DeltaTable:
    table.load_as_version(version)
    return table


def test_a_version_has_the_notes_until_then(path: Path) -> None:
    """An older version has no later notes."""
    ours = Tables(str(path))
    for name in ("a", "b", "c"):
        write(ours, name, "1")
    table = ours.open("accounts")
    assert table is not None
    connections = {
        version: [note["connection_id"] for note in notes(at(table, version))] for version in range(4)
    }
    assert connections == {0: [], 1: ["a"], 2: ["b", "a"], 3: ["c", "b", "a"]}


def test_old_versions_do_not_expire(path: Path) -> None:
    """A checkpoint deletes no commit of an old log: a month end may be read months later."""
    log = path / "accounts" / "_delta_log"
    for number in range(20):
        ours = Tables(str(path))
        write(ours, "books", f"{number}")
        for file in log.glob("*.json"):
            os.utime(file, (0, 0))
        ours.finish()
    table = Tables(str(path)).open("accounts")
    assert table is not None
    assert table.metadata().configuration["delta.enableExpiredLogCleanup"] == "false"
    assert [int(file.name[:20]) for file in sorted(log.glob("*.checkpoint.parquet"))] == [4, 9, 14, 19]
    assert sorted(file.stem for file in log.glob("*.json")) == [f"{number:020}" for number in range(21)]
    assert [at(table, version).version() for version in range(21)] == list(range(21))


def test_always_overtaken(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer that is overtaken at each attempt raises an error."""
    monkeypatch.setattr(tables, "_ATTEMPTS", 2)
    ours, theirs = Tables(str(path)), Tables(str(path))
    turn = iter("bcdefgh")

    def overtaken(stored: StoredRows) -> MergedRows:
        theirs.write("accounts", "books", lambda rows: merge(rows, next(turn)), note)
        return merge(stored, "z")

    with pytest.raises(OSError, match="cannot be used: Failed to commit transaction"):
        ours.write("accounts", "books", overtaken, note)
    assert "z" not in ids_of(ours)


def test_a_merge_that_fails_writes_nothing(path: Path) -> None:
    """After an error in the merge the version before stays."""
    ours = Tables(str(path))
    ours.write("accounts", "books", lambda stored: merge(stored, "a"), note)

    def broken(_: StoredRows) -> MergedRows:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ours.write("accounts", "books", broken, note)
    assert ids_of(ours) == ["a"]


def test_any_id_is_a_connection(path: Path) -> None:
    """A connection with a quote in its id has its own rows, and its own note."""
    ours = Tables(str(path))
    ours.write("accounts", "books", lambda stored: merge(stored, "a"), note)
    its = {"connection_id": "it's", "receipt": {}}
    ours.write("accounts", "it's", lambda stored: merge(stored, "b"), lambda _: its)
    table = ours.open("accounts")
    assert table is not None
    assert (ids_of(ours), ids_of(ours, "it's")) == (["a"], ["b"])
    assert [note["connection_id"] for note in notes(table)] == ["it's", "books"]


def test_tables_can_be_pickled(path: Path) -> None:
    """The location is pickled, open tables are not."""
    ours = Tables(str(path))
    ours.write("accounts", "books", lambda stored: merge(stored, "a"), note)
    copy = pickle.loads(pickle.dumps(ours))  # noqa: S301 - written here
    assert ids_of(copy) == ["a"]


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where deltalake is not installed the error says how to get it."""
    for name in [name for name in sys.modules if name.startswith("rutterframe.dataset")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(ImportError, match=r'A dataset needs deltalake: pip install "rutterframe\[dataset\]"'):
        __import__("rutterframe.dataset")


def test_an_incomplete_file_is_deleted(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an error of writing no incomplete file stays, and the version before does."""
    ours = Tables(str(path))
    ours.write("accounts", "books", lambda stored: merge(stored, "a"), note)

    def full(*_: object, **__: object) -> NoReturn:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq.ParquetWriter, "write_table", full)
    with pytest.raises(OSError, match="No space left on device\nNext: check that"):
        ours.write("accounts", "books", lambda stored: merge(stored, "a", "b"), note)
    assert ids_of(ours) == ["a"]
    assert len(list(path.rglob("*.parquet"))) == 1
