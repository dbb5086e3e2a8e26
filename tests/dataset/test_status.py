"""The status of a dataset: each list with its last success, its rows, and what is missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake

import rutterframe as rf
from rutterframe.dataset.commits import Refreshes
from rutterframe.dataset.status import DTYPES, status_frame
from tests.dataset.scripted import Api, invoices
from tests.s3_server import S3Server

MONDAY, TUESDAY = 1_782_086_400_000, 1_782_172_800_000  # 2026-06-22 and 23 at midnight, in UTC


def read_note(name: str, *, complete: bool = True, **receipt: Any) -> dict[str, Any]:
    """Return the note of a refresh that read a list on Monday, as far as a status reads it."""
    whole: dict[str, Any] = {
        "environment": "demo", "pages": 1, "duplicates_dropped": 0, "rows_refused": 0, "refused": [],
        "started": "", "finished": "", "not_offered": [], "per_connection": {name: {"complete": complete}},
        **receipt,
    }  # fmt: skip
    return {"connection_id": name, "receipt": whole, "committed_at": MONDAY, "version": 3, "live": 5}


def failure(name: str, error: str, **more: Any) -> dict[str, Any]:
    return {"connection_id": name, "error": error, "committed_at": TUESDAY, "version": 4, **more}


def rows_of(frame: pd.DataFrame) -> list[list[Any]]:
    frame = frame.copy()
    for name in ("last_success", "last_attempt"):
        frame[name] = frame[name].dt.strftime("%a")
    return frame.astype(object).where(frame.notna(), None).to_numpy().tolist()


def test_every_status() -> None:
    """Each list has one of five statuses, and the rows of its last success."""
    refused = [{"record_id": "7", "field": "due_date", "reason": "not a valid date, got '0000-00-00'"}]
    nameless = [{"record_id": None, "field": "", "reason": "not an object, got 3"}] * 4
    read = {
        "a": read_note("a"),
        "b": read_note("b", complete=False, rows_refused=1, refused=refused),
        "c": read_note("c", complete=False, rows_refused=5_001, refused=nameless),
        "d": read_note("d"),
        "e": read_note("e", not_offered=["e"]),
        "f": read_note("f", not_offered=["f"], complete=False),
        "g": read_note("g", complete=False, not_ready=["g"]),
    }
    failures = {
        "d": failure("d", "The API answered HTTP 503"),
        "h": failure("h", "not offered (HTTP 404)", not_offered=True),
        "i": failure("i", "No access token"),
    }
    rows = rows_of(status_frame([("bills", Refreshes(read, failures, ["i", "j"]))]))
    one = "1 row could not be read and is set aside: record '7', due_date: not a valid date, got '0000-00-00'"
    three = "; ".join(["a record without id, the row itself: not an object, got 3"] * 3)
    many = f"5,001 rows could not be read and are set aside: {three}; and 4,998 more"
    dropped = (
        "not requested any more, since its platform does not have it; the rows are of an earlier refresh"
    )
    not_ready = "its first synchronisation with the platform has not ended"
    assert [row[1] for row in rows] == ["bills"] * 10
    assert [row[:1] + row[2:] for row in rows] == [
        ["a", "complete", "Mon", "Mon", 5, True, None],
        ["b", "incomplete", "Mon", "Mon", 5, False, one],
        ["c", "incomplete", "Mon", "Mon", 5, False, many],
        ["d", "failed", "Mon", "Tue", 5, False, "The API answered HTTP 503"],
        ["e", "not offered", None, "Mon", 5, True, None],
        ["f", "incomplete", None, "Mon", 5, False, dropped],
        ["g", "incomplete", "Mon", "Mon", 5, False, not_ready],
        ["h", "not offered", None, "Tue", 0, False, "not offered (HTTP 404)"],
        ["i", "failed", None, "Tue", None, False, "No access token"],
        ["j", "never refreshed", None, None, None, False, "never read to its end"],
    ]  # fmt: skip


def test_the_columns() -> None:
    """Columns and dtypes are the same with rows and without, and rows are by connection."""
    one = Refreshes({"b": read_note("b"), "a": read_note("a")})
    for frame in (status_frame([]), status_frame([("bills", one), ("accounts", one)])):
        assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == DTYPES
    pairs = frame[["connection_id", "resource"]].to_numpy().tolist()
    assert pairs == [["a", "bills"], ["a", "accounts"], ["b", "bills"], ["b", "accounts"]]


def test_a_note_of_an_older_rutterframe() -> None:
    """A note without the number of rows leaves them null."""
    note = read_note("a")
    del note["live"]
    assert status_frame([("bills", Refreshes({"a": note}))])["rows"].isna().all()


def refresh(api: Api, path: Path, *ids: str) -> pd.DataFrame:
    connections = api.connections(*ids)
    return rf.refresh(connections, path, resources=["bills", "invoices"], progress=False, on_error="skip")


def test_status_of_a_dataset(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refresh without changes renews the last success, a failed one does not; no row is read."""
    api = Api({("a", "invoices"): invoices(3), ("b", "invoices"): invoices(2)})
    refresh(api, path, "a", "b")
    first = rf.Dataset(path).status().set_index(["connection_id", "resource"])
    assert first["status"].tolist() == ["complete"] * 4
    assert first["last_success"].equals(first["last_attempt"])
    api.answers = {("a", "invoices"): invoices(2), ("b", "invoices"): 503}
    refresh(api, path, "a", "b")
    monkeypatch.setattr(pq, "ParquetFile", None)
    data = rf.Dataset(path)
    second = data.status().set_index(["connection_id", "resource"])
    assert second["rows"].tolist() == [2, 0, 2, 0]  # of the three of a, one is marked as deleted
    assert second["status"].tolist() == ["complete", "complete", "failed", "complete"]
    renewed = second["last_success"] > first["last_success"]
    assert renewed.tolist() == [True, True, False, True]
    assert (second["last_attempt"] > first["last_attempt"]).all()
    newest = data.versions("invoices").groupby("connection_id")["committed_at"].max()
    assert second["last_success"].xs("invoices", level="resource").tolist() == newest.tolist()
    assert second["error"].tolist()[2].startswith("The API answered HTTP 503")


def test_a_dataset_without_a_commit(path: Path) -> None:
    """Of tables that were created and never written there is no list."""
    api = Api({("a", "invoices"): invoices(1)})
    refresh(api, path, "a")
    for log in path.glob("*/_delta_log/*1.json"):
        log.unlink()
    for note in path.glob("*/_rutterframe*"):
        note.unlink()
    assert len(rf.Dataset(path).status()) == 0


@pytest.mark.slow
def test_status_of_an_address(s3_server: S3Server, s3_bucket: str) -> None:
    """A status of an address reads no file of rows, and takes no more requests after many refreshes."""
    api = Api({("a", "invoices"): invoices(2)})
    address, counts = f"{s3_bucket}/books", []
    for refreshes in (1, 7):
        for _ in range(refreshes):
            rf.refresh(api.connections("a"), address, resources=["invoices"], progress=False)
        start = len(s3_server.requests())
        status = rf.Dataset(address).status()
        sent = s3_server.requests(start)
        assert status[["status", "rows"]].to_numpy().tolist() == [["complete", 2]]
        assert not [one for one in sent if one.path.endswith(".parquet") and "checkpoint" not in one.path]
        counts.append(len(sent))
    assert counts[1] <= 1.5 * counts[0]


def test_rows_of_another_program(path: Path) -> None:
    """A list that load refuses is damaged, for the same reason; of rows without a refresh all lists are."""
    api = Api({("a", "invoices"): invoices(3), ("b", "invoices"): invoices(2)})
    refresh(api, path, "a", "b")
    folder = path / "invoices"
    DeltaTable(folder).delete("connection_id = 'a' AND id = '1'")
    rows = sorted(rows_of(rf.Dataset(path).status()), key=lambda row: row[:2])
    reason = (
        "connection 'a' has 2 rows, and its last refresh stored 3: a part of the log is lost, or another "
        "program has written rows"
    )
    assert [[*row[:3], *row[5:7]] for row in rows] == [
        ["a", "bills", "complete", 0, True],
        ["a", "invoices", "damaged", None, False],
        ["b", "bills", "complete", 0, True],
        ["b", "invoices", "complete", 2, True],
    ]
    assert rows[1][7].startswith(f"{reason}\nNext: restore the folder from a copy")
    with pytest.raises(OSError, match=reason):
        rf.Dataset(path).load("invoices")

    table = DeltaTable(folder).to_pyarrow_table().slice(0, 1)
    at = table.schema.get_field_index("connection_id")
    foreign = table.set_column(at, table.schema.field(at), pa.array(["z"], table.schema.field(at).type))
    write_deltalake(folder, foreign, mode="append")
    rows = rows_of(rf.Dataset(path).status())
    assert [row[:3] for row in rows if row[1] == "invoices"] == [
        ["a", "invoices", "damaged"], ["b", "invoices", "damaged"], ["z", "invoices", "damaged"],
    ]  # fmt: skip
    assert {row[7].partition(",")[0] for row in rows if row[1] == "invoices"} == {"connection 'z' has rows"}
    with pytest.raises(OSError, match="connection 'z' has rows, and no commit notes its refresh"):
        rf.Dataset(path).load("invoices", connections=["b"])
