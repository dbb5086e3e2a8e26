"""What a load and a refresh cost does not grow with the history of a dataset, and no history is removed."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable

import rutterframe as rf
from rutterframe.dataset import log, open_table, tables
from rutterframe.dataset.bucket_merge import MergedRows
from rutterframe.dataset.commits import Refreshes, notes, refreshes, version_at
from rutterframe.dataset.latest import note_latest
from rutterframe.dataset.summaries import SUMMARY
from rutterframe.dataset.tables import Tables
from tests.dataset.damages import commit
from tests.dataset.scripted import Api, invoices
from tests.dataset.test_tables import merge
from tests.s3_server import S3Server


def record(opened: Tables, times: int, name: str = "books") -> None:
    """Commit as often as a connection was read, and nothing was new."""
    for _ in range(times):
        known = opened.refreshes("invoices")
        assert known is not None
        newest = known[1].read[name]
        note = {key: value for key, value in newest.items() if key not in {"version", "committed_at"}}
        opened.record("invoices", note, create=False)


def refresh(api: Api, path: str | Path, *ids: str) -> list[str]:
    """Refresh invoices, and return the status of each list."""
    done = rf.refresh(api.connections(*(ids or ("books",))), path, resources=["invoices"], progress=False)
    return done["status"].tolist()


@pytest.fixture
def api() -> Api:
    """An API with three invoices."""
    return Api({("books", "invoices"): invoices(3)})


@pytest.mark.slow
def test_requests_to_a_bucket_do_not_grow_with_the_number_of_commits(
    api: Api, s3_bucket: str, s3_server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A load and a refresh take as many requests after 2, 7 and 40 commits, give or take one in ten.

    Each is of one connection without changes. Its older versions keep their receipts, and `versions` has all.
    """
    path = f"{s3_bucket}/books"
    counts: dict[str, list[int]] = {"load": [], "refresh": []}
    refresh(api, path)
    for until in (2, 7, 40):
        opened = Tables(path)
        table = opened.open("invoices")
        assert table is not None
        record(opened, until - 1 - table.version())
        opened.finish()
        for name, operation in (
            ("refresh", lambda: refresh(api, path)),
            ("load", lambda: rf.Dataset(path).load("invoices")),
        ):
            before = len(s3_server.requests())
            operation()
            counts[name].append(len(s3_server.requests(before)))
    for numbers in counts.values():
        assert max(numbers) <= 1.1 * min(numbers)
    assert max(counts["load"]) <= 20
    assert max(counts["refresh"]) <= 65
    data = rf.Dataset(path)
    versions = data.versions("invoices")
    assert versions["version"].tolist() == list(range(40, 0, -1))
    finished = {version: data.load("invoices", version=version).attrs["receipt"] for version in (1, 2, 40)}
    assert len({receipt["finished"] for receipt in finished.values()}) == 3
    assert finished[1]["finished"] < finished[2]["finished"] < finished[40]["finished"]
    # A commit that is larger than what is read at first.
    monkeypatch.setattr(log, "_MOST_BYTES", 100)
    assert data.load("invoices").attrs["receipt"] == finished[40]
    assert data.vacuum() == 0


@pytest.mark.slow
def test_a_log_in_a_bucket_without_its_newest_commits_is_refused(
    api: Api, s3_bucket: str, s3_server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A load and a refresh name what is missing; a commit of another process in between is not missing."""
    path, bucket = f"{s3_bucket}/books", s3_bucket.removeprefix("s3://")
    refresh(api, path)
    theirs = Tables(path)

    def open_slowly(*arguments: Any, **options: Any) -> DeltaTable:
        table = DeltaTable(*arguments, **options)
        monkeypatch.setattr(tables, "DeltaTable", DeltaTable)
        record(theirs, 1)
        theirs.finish()
        return table

    monkeypatch.setattr(tables, "DeltaTable", open_slowly)
    assert refresh(api, path) == ["unchanged"]
    assert rf.Dataset(path).versions("invoices")["version"].tolist() == [3, 2, 1]

    folder = "books/invoices/_delta_log"

    def remove(*names: str) -> None:
        for name in names:
            s3_server.client().delete_object(Bucket=bucket, Key=f"{folder}/{name}")

    note_latest(theirs.small_files, "invoices", 2)  # of a slower process; a newer one is noted already
    remove(f"{3:020}.json")
    with pytest.raises(OSError, match=r"cannot be used: the commit 0+3\.json of invoices is missing"):
        rf.Dataset(path).load("invoices")
    remove(f"{3:020}.checkpoint.parquet")
    with pytest.raises(OSError, match="cannot be used: "):
        rf.Dataset(path).load("invoices")
    remove("_last_checkpoint")
    message = "the log of invoices ends with version 2, but 3 was written: its newest commits are missing"
    for use in (lambda: rf.Dataset(path).load("invoices"), lambda: refresh(api, path)):
        with pytest.raises(OSError, match=message) as error:
            use()
        assert f"delete {path}/invoices/_rutterframe_latest" in str(error.value)
    s3_server.client().delete_object(Bucket=bucket, Key="books/invoices/_rutterframe_latest")
    assert len(rf.Dataset(path).load("invoices")) == 3


def read_whole_log(table: DeltaTable) -> Refreshes:
    """Collect the newest note of each connection from all commits, newest first."""
    result, requested = Refreshes(version=table.version()), set()
    for note in notes(table):
        connection = note["connection_id"]
        requested |= {connection, *note.get("connections", ())}
        if "receipt" in note:
            result.read.setdefault(connection, note)
        elif connection not in result.read:
            result.failures.setdefault(connection, note)
    result.requested = requested
    return result


def drawn_notes(seed: int, names: Sequence[str], number: int) -> Iterator[dict[str, Any]]:
    """Yield notes of lists that were read, that failed, and that are not offered."""
    draw = random.Random(seed)  # noqa: S311 - not a secret
    for count in range(number):
        note: dict[str, Any] = {"connection_id": draw.choice(names), "stored": count}
        kind = draw.choice(["read", "read", "failed", "absent", "announced"])
        if kind in {"read", "announced"}:
            note["receipt"] = {"pages": count}
        else:
            note |= {"error": f"HTTP {count}", "not_offered": kind == "absent"}
        if kind == "announced":
            note["connections"] = draw.sample([*names, "new"], 2)
        yield note


@pytest.mark.parametrize(("connections", "number"), [(2, 20), (8, 30), (25, 60)])
def test_the_newest_notes_are_those_of_the_whole_log(path: Path, connections: int, number: int) -> None:
    """At each version, and for a writer that goes on, they are what reading all commits would find."""
    opened = Tables(path)
    names = [f"connection-{one}" for one in range(connections)]
    for note in drawn_notes(connections, names, number):
        opened.record("invoices", note, create=True)
    table = opened.open("invoices")
    assert table is not None
    known = opened.refreshes("invoices")
    assert known is not None
    for version in range(table.version(), -1, -1):
        table.load_as_version(version)
        whole, newest = read_whole_log(table), refreshes(table)
        for one in (newest, known[1]) if version == number else (newest,):
            assert (one.read, one.failures) == (whole.read, whole.failures)
            assert (one.missing, sorted(one.available)) == (whole.missing, sorted(whole.available))


def commits_read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list to which each commit that is read is added."""
    read: list[str] = []
    info = log._info

    def counted(content: bytes, name: str) -> dict[str, Any]:
        read.append(name)
        return info(content, name)

    monkeypatch.setattr(log, "_info", counted)
    return read


@pytest.mark.parametrize(("connections", "most"), [(1, 1), (9, 1), (25, 3)])
def test_few_commits_are_read(
    path: Path, monkeypatch: pytest.MonkeyPatch, connections: int, most: int
) -> None:
    """Of up to nine connections the newest commit is read; of n connections at most n / 10 more."""
    opened = Tables(path)
    for number in range(40):
        name = f"connection-{number % connections}"
        opened.record("invoices", {"connection_id": name, "receipt": {}}, create=True)
    table = opened.open("invoices")
    assert table is not None
    read = commits_read(monkeypatch)
    for version in range(40, 30, -1):
        table.load_as_version(version)
        read.clear()
        assert len(refreshes(table).read) == connections
        assert len(read) <= most


def without_summaries(table: Path, versions: Sequence[int]) -> None:
    """Rewrite commits as an older rutterframe wrote them."""
    for version in versions:
        lines = [json.loads(line) for line in commit(table, version).read_text().splitlines()]
        for line in lines:
            line.get("commitInfo", {}).pop(SUMMARY, None)
        commit(table, version).write_text("".join(f"{json.dumps(line)}\n" for line in lines))


def test_a_dataset_of_an_older_rutterframe_is_read_whole_once(api: Api, path: Path) -> None:
    """Without summaries all commits are read; after the next refresh only the newest one is."""
    api.answers["shop", "invoices"] = invoices(2)
    refresh(api, path, "books", "shop")
    record(Tables(path), 10)
    without_summaries(path / "invoices", range(13))
    (path / "_rutterframe_origin").unlink()
    before = rf.Dataset(path).load("invoices")
    assert before.attrs["receipt"]["connections"] == ["books", "shop"]
    assert refresh(api, path) == ["unchanged"]
    # What the summary has is not read again.
    commit(path / "invoices", 2).write_text('{"commitInfo":{}}\n')
    after = rf.Dataset(path).load("invoices")
    assert after.equals(before)
    assert after.attrs["receipt"]["connections"] == ["books", "shop"]


def test_a_refresh_that_was_killed_before_its_checkpoint(api: Api, path: Path) -> None:
    """Its commits are there; the next refresh writes the checkpoint."""
    refresh(api, path)
    folder = path / "invoices" / "_delta_log"
    record(Tables(path), 12)  # and never `finish`
    assert list(folder.glob("*.checkpoint.parquet")) == []
    assert len(rf.Dataset(path).load("invoices")) == 3
    assert refresh(api, path) == ["unchanged"]
    assert [file.name for file in folder.glob("*.checkpoint.parquet")] == [f"{14:020}.checkpoint.parquet"]


def test_a_checkpoint_that_cannot_be_written_fails_no_refresh(
    api: Api, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commits are there already: the table is only read slower."""
    refresh(api, path)
    record(Tables(path), 12)

    def full(_: DeltaTable) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(DeltaTable, "create_checkpoint", full)
    assert refresh(api, path) == ["unchanged"]


def test_a_long_refresh_writes_checkpoints_meanwhile(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One follows many commits, so that a refresh that is killed leaves no long log."""
    assert open_table._MANY == 100
    monkeypatch.setattr(open_table, "_MANY", 10)
    opened = Tables(path)
    for _ in range(21):
        opened.record("invoices", {"connection_id": "books", "receipt": {}}, create=True)
    folder = path / "invoices" / "_delta_log"
    assert sorted(int(file.name[:20]) for file in folder.glob("*.checkpoint.parquet")) == [10, 20]


def test_commits_with_files_have_a_checkpoint_sooner(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Deltalake takes longer for each of them, so the table is opened again at a checkpoint after some."""
    assert open_table._MANY_WITH_FILES == 25
    monkeypatch.setattr(open_table, "_MANY_WITH_FILES", 3)
    tables = Tables(path)
    for number in range(7):
        name = f"c{number}"

        def note(_: MergedRows, name: str = name) -> dict[str, Any]:
            return {"connection_id": name, "receipt": {}}

        tables.write("accounts", name, lambda stored: merge(stored, "a"), note)
    folder = path / "accounts" / "_delta_log"
    assert sorted(int(file.name[:20]) for file in folder.glob("*.checkpoint.parquet")) == [3, 6]
    assert [tables.stored_rows("accounts", f"c{number}").rows for number in range(7)] == [1] * 7


def test_a_newest_commit_under_a_checkpoint_is_missed(api: Api, path: Path) -> None:
    """A checkpoint has the rows of a commit that was removed, but not its note: that is an error."""
    refresh(api, path)
    DeltaTable(path / "invoices").create_checkpoint()
    commit(path / "invoices", 1).unlink()
    with pytest.raises(OSError, match=r"the commit 0+1\.json of invoices is missing, as after an incomplete"):
        rf.Dataset(path).load("invoices")


def test_a_vacuum_keeps_what_is_noted_beside_the_tables(api: Api, path: Path) -> None:
    """Neither the newest version nor the origin is a file of an old version."""
    refresh(api, path)
    files = [path / "_rutterframe_origin", path / "invoices" / "_rutterframe_latest"]
    for file in files:
        os.utime(file, (0, 0))
    for keep in (timedelta(0), timedelta(days=1)):
        rf.Dataset(path).vacuum(keep=keep)
    assert all(file.exists() for file in files)
    assert refresh(api, path) == ["unchanged"]


def test_a_vacuum_deletes_checkpoints_of_versions_that_are_too_old(api: Api, path: Path) -> None:
    """It keeps the newest of the old ones, from which the first younger version is read, and all commits."""
    refresh(api, path)
    folder = path / "invoices" / "_delta_log"
    for number in range(6):
        record(Tables(path), 1)
        DeltaTable(path / "invoices").create_checkpoint()
        if number < 4:
            for file in folder.glob("*.checkpoint.parquet"):
                os.utime(file, (0, 0))
    assert rf.Dataset(path).vacuum() == 3
    checkpoints = [int(file.name[:20]) for file in sorted(folder.glob("*.checkpoint.parquet"))]
    assert checkpoints == [5, 6, 7]
    versions = rf.Dataset(path).versions("invoices")["version"]
    assert [len(rf.Dataset(path).load("invoices", version=one)) for one in versions] == [3] * 7
    assert rf.Dataset(path).vacuum(keep=timedelta(0)) == 0


def test_an_empty_commit_before_the_checkpoint_is_noticed_in_its_version(api: Api, path: Path) -> None:
    """The newest version does not need it, an older one does."""
    refresh(api, path)
    record(Tables(path), 3)
    DeltaTable(path / "invoices").create_checkpoint()
    commit(path / "invoices", 2).write_text("")
    assert len(rf.Dataset(path).load("invoices")) == 3
    with pytest.raises(OSError, match=r"the commit 0+2\.json of invoices is empty"):
        rf.Dataset(path).load("invoices", version=2)


def test_rows_without_a_note_are_refused(api: Api, path: Path) -> None:
    """Where another program has cleaned up old commits, a connection is not left out without a word."""
    api.answers["shop", "invoices"] = invoices(2)
    refresh(api, path, "books", "shop")
    record(Tables(path), 5)
    DeltaTable(path / "invoices").create_checkpoint()
    without_summaries(path / "invoices", range(8))
    for version in range(5):
        commit(path / "invoices", version).unlink()
    with pytest.raises(OSError, match="connection 'shop' has rows, and no commit notes its refresh"):
        rf.Dataset(path).load("invoices")
    refresh(api, path, "shop")
    assert len(rf.Dataset(path).load("invoices")) == 5


@pytest.mark.parametrize("removed", [0, 7])
def test_few_commits_are_read_to_find_a_moment(
    path: Path, monkeypatch: pytest.MonkeyPatch, removed: int
) -> None:
    """Each moment leads to the last version until then, also if commits were removed or have no time."""
    opened = Tables(path)
    for _ in range(40):
        opened.record("invoices", {"connection_id": "books", "receipt": {}}, create=True)
    table = DeltaTable(path / "invoices")
    for version in range(41):
        file = commit(path / "invoices", version)
        lines = [json.loads(line) for line in file.read_text().splitlines()]
        for line in lines:
            if "commitInfo" in line:
                line["commitInfo"]["timestamp"] = 1_000 * version
                if version in {20, 21, 40}:
                    del line["commitInfo"]["timestamp"]
        file.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
        if version < removed:
            file.unlink()
    read = commits_read(monkeypatch)
    for version in range(removed, 41):
        expected = {20: 19, 21: 19, 40: 39}.get(version, version)
        read.clear()
        moment = datetime.fromtimestamp(version + 0.5, UTC)
        assert version_at(table, moment) == expected
        assert len(read) <= 16
    with pytest.raises(ValueError, match="There is no version until 1969"):
        version_at(table, "1969-12-31")
