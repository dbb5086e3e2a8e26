"""Many processes write at once: each waits for the others, and all of them complete."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from deltalake.exceptions import CommitFailedError
from deltalake.table import TableOptimizer

import rutterframe as rf
from rutterframe.dataset.bucket_merge import MergedRows
from rutterframe.dataset.open_table import OpenTable
from rutterframe.dataset.stored_rows import StoredRows
from rutterframe.dataset.tables import Tables
from tests.dataset.test_tables import ids_of, merge, note
from tests.dataset.workers import refresh_often, start_process


@pytest.mark.parametrize("times", [3, pytest.param(12, marks=[pytest.mark.long, pytest.mark.timeout(180)])])
def test_four_processes_with_several_refreshes_each(path: Path, times: int) -> None:
    """Of four processes that refresh other connections at the same time, all succeed and nothing is lost."""
    names = ["a", "b", "c", "d"]
    processes = [start_process(refresh_often, str(path), name, times) for name in names]
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 4
    data = rf.Dataset(path)
    frame = data.load("invoices")
    assert frame[["connection_id", "amount_due"]].to_numpy().tolist() == [
        [name, times - 1.0] for name in names
    ]
    assert frame.attrs["receipt"]["complete"] is True
    for resource in ("invoices", "bills"):
        versions = data.versions(resource)
        assert versions["connection_id"].value_counts().to_dict() == dict.fromkeys(names, times)
        named = {file.name for file in (path / resource).glob("connection_id=*/*.parquet")}
        assert len(named) == 4 * times  # no file is left of a commit that another process overtook


def test_compact_waits_for_refreshes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A compaction that a refresh has overtaken begins again with the new version."""
    Tables(path).write("accounts", "books", lambda stored: merge(stored, "a"), note)
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    compact, failures = TableOptimizer.compact, iter([True, True, False])

    def overtaken(self: TableOptimizer) -> dict[str, object]:
        if next(failures):
            raise CommitFailedError("a concurrent transaction deleted the same data your transaction deletes")
        return compact(self)

    monkeypatch.setattr(TableOptimizer, "compact", overtaken)
    rf.Dataset(path).compact("accounts")
    assert len(waited) == 2


def commits_fail(monkeypatch: pytest.MonkeyPatch, times: int, words: str) -> list[float]:
    """Let commits fail so many times, and give how long was waited for each, without waiting."""
    waited: list[float] = []
    commit = OpenTable.commit

    def failing(self: OpenTable, *rest: object) -> int:
        if len(waited) < times:
            raise CommitFailedError(words)
        return commit(self, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(OpenTable, "commit", failing)
    monkeypatch.setattr(time, "sleep", waited.append)
    return waited


def test_waits_are_random_and_grow_up_to_a_limit(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After each failed commit the wait may be longer, up to a second; then the same file is committed."""
    waited = commits_fail(monkeypatch, 30, "a concurrent transaction deleted data this operation read")
    monkeypatch.setattr(random, "uniform", lambda low, high: (low, high)[1])
    merged: list[int] = []

    def once(stored: StoredRows) -> MergedRows:
        merged.append(stored.rows)
        return merge(stored, "a")

    Tables(path).write("accounts", "books", once, note)
    assert waited[:6] == [0.05, 0.1, 0.2, 0.4, 0.8, 1.0]
    assert set(waited[5:]) == {1.0}
    assert merged == [0]
    assert ids_of(Tables(path)) == ["a"]


def test_a_refresh_that_is_always_overtaken_says_so(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends after a bounded number of commits; the error names other processes, and no file stays."""
    waited = commits_fail(monkeypatch, 1000, "a concurrent transaction deleted data this operation read")
    message = (
        r"(?s)cannot be used: a concurrent transaction .*\n"
        r"Next: other processes commit to it at the same time: refresh again when they are done"
    )
    with pytest.raises(OSError, match=message) as error:
        Tables(path).write("accounts", "books", lambda stored: merge(stored, "a"), note)
    assert "disk" not in str(error.value)
    assert len(waited) == 39
    assert list(path.rglob("*.parquet")) == []
