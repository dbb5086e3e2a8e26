"""The rows of a connection stand in files by position, and only files with a changed row are written anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from deltalake import DeltaTable
from hypothesis import given, settings
from hypothesis import strategies as st

from rutterframe.dataset import connection_files
from rutterframe.dataset.merge import DELETED, META_FIELDS, POSITION
from rutterframe.dataset.positioned_rows import SPACING, place
from rutterframe.dataset.spool import MAX_BYTES
from rutterframe.dataset.tables import Tables
from tests.dataset.test_merge import SIZES, STORED, Result, Row, load, merge, rows_of
from tests.dataset.test_tables import merge as accounts

ROWS = 4


@pytest.fixture(autouse=True, scope="module")
def _small_files() -> Iterator[None]:
    """Divide rows into files of about four."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection_files, "_FILE_ROWS", ROWS)
        yield


def numbered(count: int, start: int = 0) -> list[Row]:
    return [(f"r{number:03}", float(number)) for number in range(start, start + count)]


def ids(tables: list[pa.Table]) -> list[list[str]]:
    """Return the ids of each file, by position."""
    ordered = sorted(tables, key=lambda table: table[POSITION][0].as_py())
    return [table["id"].to_pylist() for table in ordered]


def stored(*rows: Row) -> list[pa.Table]:
    return merge([], load(*rows), full=True).files


def old_layout(tables: list[pa.Table]) -> list[pa.Table]:
    """Return rows as older versions stored them: one file, and positions that deleted rows have as well."""
    rows = pa.concat_tables([STORED.empty_table(), *tables]).sort_by([(POSITION, "ascending")])
    deleted = np.asarray(rows[DELETED].is_valid())
    positions = np.where(deleted, np.cumsum(deleted) - 1, np.cumsum(~deleted) - 1)
    rows = rows.set_column(rows.schema.get_field_index(POSITION), META_FIELDS[1], pa.array(positions))
    return [rows.sort_by([(POSITION, "ascending")])]


def test_rows_are_divided_into_files_by_position() -> None:
    """The first load is divided into files of about the same number of rows."""
    assert ids(stored(*numbered(10))) == [["r000", "r001", "r002", "r003", "r004"], [
        "r005", "r006", "r007", "r008", "r009",
    ]]  # fmt: skip


def test_only_the_file_of_a_changed_row_is_written() -> None:
    """A changed, a deleted, an inserted row: one file is replaced, and no other row gets a new position."""
    rows = numbered(40)
    before = stored(*rows)
    assert len(before) == 10
    changed = [*rows[:17], ("r017", -1.0), *rows[18:]]
    deleted = [*rows[:17], *rows[18:]]
    inserted = [*rows[:17], ("new", 5.0), *rows[17:]]
    positions = dict(
        zip(*(pa.concat_tables(before)[name].to_pylist() for name in ("id", POSITION)), strict=True)
    )
    for listed in (changed, deleted, inserted):
        after = merge(before, load(*listed), full=True)
        assert len(after.written) == 1
        assert [row[:2] for row in rows_of(after.table) if not row[2]] == listed
        for name, position in zip(
            after.table["id"].to_pylist(), after.table[POSITION].to_pylist(), strict=True
        ):
            assert positions.get(name, position) == position
    for after in (
        merge(before, load(("r017", -1.0)), full=False),
        merge(before, load(), full=False, deleted=["r017", "unknown"]),
    ):
        assert ids(after.written) == [["r016", "r017", "r018", "r019"]]


def test_rows_before_the_first_and_behind_the_last() -> None:
    """New rows at an end go to a file of their own, or to the file there while that is small."""
    rows = numbered(40)
    before = stored(*rows)
    front = merge(before, load(("new", 1.0), *rows), full=True)
    assert (ids(front.written), front.written[0][POSITION].to_pylist()) == ([["new"]], [-SPACING])
    again = merge(front.files, load(("newer", 2.0), ("new", 1.0), *rows), full=True)
    assert ids(again.written) == [["newer", "new"]]
    for full in (True, False):
        end = merge(before, load(*(rows if full else ()), ("new", 1.0)), full=full)
        assert (ids(end.written), end.written[0][POSITION].to_pylist()) == ([["new"]], [40 * SPACING])
        again = merge(end.files, load(*(rows if full else ()), ("new", 1.0), ("newer", 2.0)), full=full)
        assert ids(again.written) == [["new", "newer"]]


def test_a_changed_row_moves_alone() -> None:
    """A list by time of change lists a changed row first: only its old and its new file are written."""
    rows = numbered(40)
    after = merge(stored(*rows), load(("r030", 0.5), *rows[:30], *rows[31:]), full=True)
    assert ids(after.written) == [["r030"], ["r028", "r029", "r031"]]
    assert (after.counts.changed, after.counts.moved) == (1, True)


def test_another_order_of_equal_rows_writes_all() -> None:
    """Where unchanged rows are in another order, all rows are written behind the deleted ones."""
    rows = numbered(20)
    before = merge(stored(*rows), load(*rows[:4], *rows[5:]), full=True).files
    after = merge(before, load(*reversed(rows[5:])), full=True)
    assert [row[0] for row in rows_of(after.table)] == [
        *(name for name, _ in rows[:5]), *(name for name, _ in reversed(rows[5:])),
    ]  # fmt: skip
    assert (after.counts.changed, after.counts.removed, after.counts.moved) == (0, 4, True)


def test_small_files_do_not_accumulate() -> None:
    """After many refreshes with a new row each there are no more files than the rows need."""
    for full in (True, False):
        files, rows = stored(*numbered(3)), numbered(3)
        for number in range(80):
            new = (f"n{number}", 1.0)
            rows = [new, *rows] if full else [*rows, new]
            files = merge(files, load(*(rows if full else [new])), full=full).files
        assert len(files) <= 21
        table = pa.concat_tables(files).sort_by([(POSITION, "ascending")])
        assert [row[:2] for row in rows_of(table)] == rows


def test_a_place_between_two_rows() -> None:
    """Rows between two others get positions in the gap; without one those of the file are spread anew."""
    none = np.zeros(0, bool)
    assert place(np.array([0, 30]), np.array([0, 0]), np.array([False, False]), 0, None).tolist() == [
        0, 10, 20, 30,
    ]  # fmt: skip
    assert place(np.array([7, 8]), np.array([7]), np.array([False]), 7, 37).tolist() == [7, 17, 27]
    assert place(np.array([7, 8]), np.array([7]), np.array([False]), 7, None).tolist() == [
        7, 7 + SPACING, 7 + 2 * SPACING,
    ]  # fmt: skip
    assert place(np.array([3, 3]), np.zeros(0, np.int64), none, 3, None).tolist() == [3, 3 + SPACING]


LISTS = st.permutations([f"{one}{two}" for one in "abcd" for two in "0123"])


@st.composite
def refreshes(draw: st.DrawFn) -> list[tuple[str, list[Row], list[str]]]:
    """Draw refreshes: a full list that follows from the one before, or changes with deletions."""
    listed = dict.fromkeys(draw(LISTS)[: draw(st.integers(0, 16))], 0.0)
    result: list[tuple[str, list[Row], list[str]]] = [("full", list(listed.items()), [])]
    for _ in range(draw(st.integers(1, 6))):
        kind = draw(st.sampled_from(["full", "full", "changes", "reorder"]))
        names = draw(LISTS)
        some = names[: draw(st.integers(0, 3))]
        if kind == "changes":
            rows: list[Row] = [(name, draw(st.sampled_from([0.0, 1.0, None]))) for name in some]
            result.append((kind, rows, names[3 : 3 + draw(st.integers(0, 2))]))
            continue
        known = [name for name, _ in result[-1][1]] if result[-1][0] == "full" else names[:10]
        if kind == "reorder":
            known = draw(st.permutations(known))
        known = [name for name in known if name not in names[4 : 4 + draw(st.integers(0, 2))]]
        for name in some:
            if name not in known:
                known.insert(draw(st.integers(0, len(known))), name)
        values = {name: draw(st.sampled_from([0.0, 0.0, 0.0, 1.0])) for name in known}
        result.append(("full", list(values.items()), []))
    return result


def model(
    state: list[Row], kind: str, rows: list[Row], deleted: list[str]
) -> tuple[list[Row], tuple[int, ...]]:
    """Return the current rows after a refresh, and the counts of added, changed and removed ones."""
    before, loaded = dict(state), dict(rows)
    added = sum(name not in before for name in loaded)
    changed = sum(name in before and before[name] != value for name, value in rows)
    if kind == "full":
        return rows, (added, changed, sum(name not in loaded for name in before))
    removed = [name for name in deleted if name in before and name not in loaded]
    after = {name: value for name, value in (before | loaded).items() if name not in removed}
    return list(after.items()), (added, changed, len(removed))


@given(steps=refreshes(), max_bytes=SIZES, old=st.integers(0, 6), compacted=st.integers(0, 6))
@settings(max_examples=40)
def test_any_refreshes_leave_the_rows_of_the_model(
    steps: list[tuple[str, list[Row], list[str]]], max_bytes: int, old: int, compacted: int
) -> None:
    """Rows, order and counts are those of a simple model, also of old layouts and compacted files."""
    files: list[pa.Table] = []
    state: list[Row] = []
    known: set[str | None] = set()
    for number, (kind, rows, deleted) in enumerate(steps):
        result = merge(files, load(*rows), full=kind == "full", max_bytes=max_bytes, deleted=deleted)
        before = dict(state)
        order = [name for name in before if name in dict(rows)]
        state, counts = model(state, kind, rows, deleted)
        check(result, state, counts)
        if kind == "full":
            both = [name for name, _ in rows if name in before]
            assert result.counts.moved == (both != order)
        known |= {name for name, _ in state}
        assert set(result.table["id"].to_pylist()) == known
        files = result.files
        if number == old:
            files = old_layout(files)
        if number == compacted and files:
            files = [pa.concat_tables(reversed(files))]


def check(result: Result, state: list[Row], counts: tuple[int, ...]) -> None:
    assert (result.counts.added, result.counts.changed, result.counts.removed) == counts
    assert [row[:2] for row in rows_of(result.table) if not row[2]] == state
    assert result.counts.live == len(state)
    names = result.table["id"].to_pylist()
    assert len(names) == len(set(names))
    if result.written:
        assert all(len(table) for table in result.written)
        for table in result.written:
            its = table[POSITION].to_pylist()
            assert its == sorted(set(its))


def test_an_id_that_is_stored_twice_is_refused() -> None:
    """Two rows of an id, in two files or in a file that another program has written, are an error."""
    rows = numbered(40)
    before = stored(*rows)
    again = before[3].set_column(
        before[3].schema.get_field_index(POSITION), META_FIELDS[1], pa.array(np.arange(4) + 90 * SPACING)
    )
    changed = [*rows[:12], ("r012", -1.0), *rows[13:]]
    for loaded, full in ((changed, True), ([changed[12]], False)):
        for max_bytes in (MAX_BYTES, 150):
            with pytest.raises(OSError, match="record 'r012' is stored twice"):
                merge([*before, again], load(*loaded), full=full, max_bytes=max_bytes)


def test_other_tools_read_the_files(tmp_path: Path) -> None:
    """DuckDB and Polars read the rows of several files, after compaction, a merge and vacuum as well."""
    ours = Tables(str(tmp_path))
    its_note = {"connection_id": "it's ~", "receipt": {}}
    names = [f"a{number:02}" for number in range(30)]

    def write(*names: str, full: bool = True) -> int:
        return ours.write(
            "accounts", "it's ~", lambda stored: accounts(stored, *names, full=full), lambda _: its_note
        ).version

    def current() -> tuple[list[str], list[str]]:
        table = DeltaTable(ours.uri("accounts"))
        files = ours.files("accounts", table)
        query = "SELECT id FROM read_parquet($1) WHERE _deleted_at IS NULL ORDER BY _position"
        rows = pl.scan_delta(ours.uri("accounts")).filter(pl.col("_deleted_at").is_null()).sort("_position")
        with closing(duckdb.connect()) as base:
            ids = [row[0] for row in base.execute(query, [files]).fetchall()]
        return ids, rows.select("id").collect()["id"].to_list()

    first = write(*names)
    before = set(DeltaTable(ours.uri("accounts")).file_uris())
    write("new", *names[:7], *names[8:])
    table = DeltaTable(ours.uri("accounts"))
    assert len(before - set(table.file_uris())) == 2
    assert current() == (["new", *names[:7], *names[8:]],) * 2
    table.load_as_version(first)
    assert set(table.file_uris()) == before
    DeltaTable(ours.uri("accounts")).optimize.compact()
    assert len(DeltaTable(ours.uri("accounts")).file_uris()) == 1
    write("end", full=False)
    write("new", *names[:7], *names[9:], "end")
    assert current() == (["new", *names[:7], *names[9:], "end"],) * 2
    assert len(DeltaTable(ours.uri("accounts")).file_uris()) > 1
    table = DeltaTable(ours.uri("accounts"))
    assert len(table.vacuum(0, dry_run=False, enforce_retention_duration=False, full=True)) >= len(before)
    assert current() == (["new", *names[:7], *names[9:], "end"],) * 2
