"""Writing one connection's rows: again where another writer was faster, and never half."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from rutterframe.dataset import merging, tables
from rutterframe.dataset.tables import Tables, notes, rows_of_connection, table_schema
from tests.dataset.test_merging import NOW

NOTE = {"connection_id": "books", "receipt": {}}


def come(*ids: str) -> pa.Table:
    """Give rows of accounts as they are loaded."""
    schema = pa.schema([field for field in table_schema("accounts") if field.name[0] != "_"])
    rows = [{"connection_id": "books", "id": name} for name in ids]
    return pa.Table.from_pylist(rows, schema=schema)


def whole(kept: pa.Table, *ids: str) -> merging.Merged:
    return merging.merged(kept, come(*ids), whole=True, now=NOW)


def ids_of(at: Tables) -> list[str]:
    table = at.open("accounts")
    assert table is not None
    kept: list[str] = rows_of_connection(table, "accounts", "books")["id"].to_pylist()
    return kept


def test_another_writer_was_faster(path: Path) -> None:
    """A writer that another one has overtaken merges anew with what is there now: nothing is lost."""
    ours, theirs = Tables(str(path)), Tables(str(path))
    ours.write("accounts", "books", lambda kept: whole(kept, "a"), NOTE)
    seen: list[int] = []

    def overtaken(kept: pa.Table) -> merging.Merged:
        seen.append(len(kept))
        if len(seen) == 1:
            theirs.write("accounts", "books", lambda rows: whole(rows, "a", "b"), NOTE)
        return merging.merged(kept, come("c"), whole=False, now=NOW)

    done = ours.write("accounts", "books", overtaken, NOTE)
    assert (seen, done.merged.added) == ([1, 2], 1)
    assert ids_of(ours) == ["a", "b", "c"]


def test_always_overtaken(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer that is overtaken each time gives up, and says so."""
    monkeypatch.setattr(tables, "_ATTEMPTS", 2)
    ours, theirs = Tables(str(path)), Tables(str(path))
    turn = iter("bcdefgh")

    def overtaken(kept: pa.Table) -> merging.Merged:
        theirs.write("accounts", "books", lambda rows: whole(rows, next(turn)), NOTE)
        return whole(kept, "z")

    with pytest.raises(OSError, match="cannot be used: Failed to commit transaction"):
        ours.write("accounts", "books", overtaken, NOTE)
    assert "z" not in ids_of(ours)


def test_a_merge_that_fails_writes_nothing(path: Path) -> None:
    """Whatever goes wrong on the way, the version before stays."""
    ours = Tables(str(path))
    ours.write("accounts", "books", lambda kept: whole(kept, "a"), NOTE)

    def broken(_: pa.Table) -> merging.Merged:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ours.write("accounts", "books", broken, NOTE)
    assert ids_of(ours) == ["a"]


def test_any_id_is_a_connection(path: Path) -> None:
    """A connection whose id has a quote in it has its own rows, and its own note."""
    ours = Tables(str(path))
    ours.write("accounts", "books", lambda kept: whole(kept, "a"), NOTE)
    rows = come("b").set_column(0, "connection_id", pa.array(["it's"], pa.large_string()))
    ours.write(
        "accounts",
        "it's",
        lambda kept: merging.merged(kept, rows, whole=True, now=NOW),
        {**NOTE, "connection_id": "it's"},
    )
    table = ours.open("accounts")
    assert table is not None
    assert rows_of_connection(table, "accounts", "it's")["id"].to_pylist() == ["b"]
    assert ids_of(ours) == ["a"]
    assert [note["connection_id"] for note in notes(table)] == ["it's", "books"]


def test_tables_go_to_other_processes(path: Path) -> None:
    """What is held open here stays here; the address goes along."""
    ours = Tables(str(path))
    ours.write("accounts", "books", lambda kept: whole(kept, "a"), NOTE)
    there = pickle.loads(pickle.dumps(ours))  # noqa: S301 - our own
    assert ids_of(there) == ["a"]


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where deltalake is not installed the error says how to get it."""
    for name in [name for name in sys.modules if name.startswith("rutterframe.dataset")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(ImportError, match=r"A dataset needs deltalake: pip install 'rutterframe\[dataset\]'"):
        __import__("rutterframe.dataset")
