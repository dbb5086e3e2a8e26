"""A dataset in a bucket, on an S3-compatible server, does what one on disk does."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.dataset.tables import Tables
from rutterframe.storage import wrap_options
from tests.dataset.scripted import Api, invoices
from tests.s3_server import SECRET, S3Server

NAMES = ["accounts", "invoices"]


class Both(NamedTuple):
    """One history of refreshes, in a bucket and on disk."""

    bucket: str
    folder: Path
    results: list[list[pd.DataFrame]]


def state(number: int) -> Api:
    """Return an API with lists that change: a row is added, one changes and one vanishes."""
    rows = invoices(5)
    if number:
        rows = [*rows[:2], {**rows[3], "amount_due": 12.5}, rows[4], {"id": "new", "currency": "USD"}]
    accounts = [{"id": "1", "name": "Receivables"}] if number < 2 else [{"name": "No id", "id": None}]
    return Api({("a", "invoices"): rows, ("a", "accounts"): accounts, ("b", "invoices"): invoices(3)})


@pytest.fixture(scope="module")
def both(s3_server: S3Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """Refresh four times: all is new, nothing is, rows have changed, and a list cannot be read."""
    bucket, folder = s3_server.create_bucket("parity"), tmp_path_factory.mktemp("parity")
    paths = f"{bucket}/my books", folder / "my books"
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(1) as executor:
        for name, value in s3_server.environment.items():
            patch.setenv(name, value)
        # One thread: the versions do not depend on which connection is faster.
        options: dict[str, Any] = {"resources": NAMES, "on_error": "skip", "executor": executor}
        results = [
            [rf.refresh(state(number).connections("a", "b"), path, **options) for path in paths]
            for number in (0, 0, 1, 2)
        ]
        yield Both(*paths, results)


def test_results_and_frames(both: Both) -> None:
    """Each refresh returns, and each load and its receipt has, what it has on disk."""
    for left, right in both.results:
        pd.testing.assert_frame_equal(left.drop(columns="error"), right.drop(columns="error"))
    bucket, disk = rf.Dataset(both.bucket), rf.Dataset(both.folder)
    assert bucket.resources == disk.resources == ("accounts", "invoices")
    assert bucket.connections == disk.connections == ("a", "b")
    for name in NAMES:
        left, right = bucket.load(name), disk.load(name)
        pd.testing.assert_frame_equal(left, right)
        for key in ("complete", "rows", "connections", "resource"):
            assert left.attrs["receipt"][key] == right.attrs["receipt"][key]
        counts = ["version", "connection_id", "added", "changed", "removed"]
        pd.testing.assert_frame_equal(bucket.versions(name)[counts], disk.versions(name)[counts])
    assert bucket.load("invoices")["amount_due"].tolist()[:3] == [10.0, 10.0, 12.5]
    assert bucket.load("invoices", deleted=True)["id"].tolist() == ["3"]


def test_earlier_versions(both: Both) -> None:
    """Versions and moments are those of disk, and compare finds the same differences."""
    data = rf.Dataset(both.bucket)
    moments = data.versions("invoices").set_index("version")["committed_at"]
    for version in (2, moments[2].to_pydatetime()):  # the first of both connections
        earlier = data.load("invoices", version=version)
        assert earlier["id"].tolist() == ["1", "2", "3", "4", "5", "1", "2", "3"]
    changes = data.compare("invoices", 2)
    assert changes[["connection_id", "change", "id"]].to_numpy().tolist() == [
        ["a", "removed", "3"],
        ["a", "changed", "4"],
        ["a", "added", "new"],
    ]


def test_for_other_tools(both: Both, s3_server: S3Server) -> None:
    """DuckDB reads the Arrow dataset of `scan`; `files` are the addresses of the objects."""
    data = rf.Dataset(both.bucket, storage_options=s3_server.storage_options)
    scanned: Any = data.scan("invoices")
    current = duckdb.arrow(scanned).filter("_deleted_at IS NULL")
    totals = current.aggregate("connection_id, sum(amount_due)").order("connection_id")
    assert totals.fetchall() == [("a", 42.5), ("b", 30.0)]
    assert scanned.count_rows() == 9
    files = data.files("invoices")
    stored = s3_server.client().list_objects_v2(Bucket="parity")["Contents"]
    assert {*files} <= {f"s3://parity/{one['Key']}" for one in stored}
    assert files[0].startswith("s3://parity/my books/invoices/connection_id=")


def test_compact_and_vacuum(s3_server: S3Server, s3_bucket: str) -> None:
    """To compact changes no row; to vacuum deletes the files of old versions from the bucket."""
    path = f"{s3_bucket}/books"
    for number in (0, 1):
        rf.refresh(state(number).connections("a"), path, resources=["invoices"])
    data = rf.Dataset(path)
    before = data.load("invoices")
    data.compact()
    pd.testing.assert_frame_equal(data.load("invoices"), before)
    assert data.vacuum() == 0
    assert data.vacuum(keep=timedelta(0)) >= 1
    listed = s3_server.client().list_objects_v2(Bucket=s3_bucket.removeprefix("s3://"))["Contents"]
    stored = {f"{s3_bucket}/{one['Key']}" for one in listed if one["Key"].endswith(".parquet")}
    assert {name for name in stored if "_delta_log" not in name} == {*data.files("invoices")}
    pd.testing.assert_frame_equal(data.load("invoices"), before)
    with pytest.raises(OSError, match=r"the file .*parquet is missing\nNext: a version cannot be read once"):
        data.load("invoices", version=1)
    file = data.files("invoices")[0]
    s3_server.client().delete_object(
        Bucket=s3_bucket.removeprefix("s3://"), Key=file.removeprefix(f"{s3_bucket}/")
    )
    with pytest.raises(OSError, match=r"the file books/.*parquet is missing\nNext: restore the folder"):
        rf.refresh(state(0).connections("a"), path, resources=["invoices"], full=True)


def test_rows_set_aside_and_other_origins(s3_bucket: str) -> None:
    """Rows that cannot be read are set aside; another environment is refused before any request."""
    path = f"{s3_bucket}/books"
    rows = [*invoices(2), {"id": "3", "due_date": "0000-00-00"}]
    api = Api({("a", "invoices"): rows})
    done = rf.refresh(api.connections("a"), path, resources=["invoices"], on_invalid="quarantine")
    assert done[["rows", "added"]].to_numpy().tolist() == [[2, 2]]
    assert rf.Dataset(path).load("invoices").attrs["receipt"]["complete"] is False
    other = Api()
    with pytest.raises(ValueError, match="holds rows of the environment"):
        rf.refresh(other.connections("a", environment="production"), path, resources=["invoices"])
    assert other.requests == []


def test_books_of_a_bucket(client: rf.Client, s3_server: S3Server, s3_bucket: str) -> None:
    """Books are opened from a bucket with storage_options alone; the aging has the figures of the loader."""
    path = f"{s3_bucket}/books"
    names = ["invoices", "customers", "accounts"]
    rf.refresh(client.connection("roaster-quickbooks"), path, resources=names)
    with pytest.MonkeyPatch.context() as patch:
        for name in s3_server.environment:
            patch.delenv(name)
        books = rf.open_books(path, as_of="2026-06-30", storage_options=s3_server.storage_options)
    totals = books.ar_aging().groupby("currency")["total"].sum()
    assert totals.to_dict() == {"KWD": 260.312, "USD": pytest.approx(32_395.95)}
    assert books.month_end("aging").verdict == "All 3 totals agree."


def test_keys_go_to_other_processes(s3_server: S3Server, both: Both) -> None:
    """The tables of a refresh are sent to another process with their keys, which no text of them shows."""
    tables = Tables(both.bucket, wrap_options(s3_server.storage_options))
    with pytest.MonkeyPatch.context() as patch:
        for name in s3_server.environment:
            patch.delenv(name)
        received = pickle.loads(pickle.dumps(tables))  # noqa: S301 - our own
        table = received.open("invoices")
    assert table is not None
    assert len(table.file_uris()) == len(rf.Dataset(both.folder).files("invoices"))
    assert SECRET not in f"{vars(received)}"


def test_a_server_without_conditional_writes(s3_server: S3Server, s3_bucket: str) -> None:
    """Such a server holds no dataset, since commits could be lost, and the error says so; it holds files."""
    bucket = s3_server.create_bucket(f"unconditional-{s3_bucket.removeprefix('s3://')}")
    with pytest.raises(
        OSError, match=r"such as a write on a condition \(501 .*\)\nNext: use a server with cond"
    ):
        rf.refresh(
            state(0).connections("a"),
            f"{bucket}/books",
            resources=["invoices"],
            storage_options={"max_retries": "0"},
        )
    with pytest.raises(FileNotFoundError, match="There is no dataset at"):
        rf.Dataset(f"{bucket}/books")
    rf.write_frame(pd.DataFrame({"a": [1]}), f"{bucket}/x.csv")


def test_a_bucket_without_a_dataset(s3_bucket: str) -> None:
    """A bucket without a dataset gives another error than one that does not exist."""
    with pytest.raises(FileNotFoundError, match=f"^There is no dataset at {s3_bucket}/x: name the folder"):
        rf.Dataset(f"{s3_bucket}/x")
    assert repr(rf.Dataset.__new__(rf.Dataset)) == "<rutterframe.Dataset, not opened>"


def test_a_damaged_log_in_a_bucket(s3_server: S3Server, s3_bucket: str) -> None:
    """An empty commit is called so, and a dataset without its checkpoint can be read once that is deleted."""
    api = Api({("a", "invoices"): invoices(3)})
    path, bucket = f"{s3_bucket}/books", s3_bucket.removeprefix("s3://")
    for count in (2, 3):
        api.answers["a", "invoices"] = invoices(count)
        rf.refresh(api.connections("a"), path, resources=["invoices"], progress=False)
    store, log = s3_server.client(), "books/invoices/_delta_log"
    checkpoint = {"Bucket": bucket, "Key": f"{log}/{2:020}.checkpoint.parquet"}
    store.put_object(**checkpoint, Body=b"PAR1 damaged" * 9)
    named = r"damaged \(_last_checkpoint names 0{19}2\.checkpoint\.parquet\)\nNext: move _last_checkpoint "
    with pytest.raises(OSError, match=named):
        rf.Dataset(path).load("invoices")
    for name in (f"{2:020}.checkpoint.parquet", f"{1:020}.checkpoint.parquet", "_last_checkpoint"):
        store.delete_object(Bucket=bucket, Key=f"{log}/{name}")
    assert len(rf.Dataset(path).load("invoices")) == 3
    assert rf.Dataset(path).status()["status"].tolist() == ["complete"]
    store.put_object(Bucket=bucket, Key=f"{log}/{2:020}.json", Body=b"")
    with pytest.raises(OSError, match=r"the commit 0{19}2\.json of invoices is empty\nNext: restore"):
        rf.Dataset(path).load("invoices")
