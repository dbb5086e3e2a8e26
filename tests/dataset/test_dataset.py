"""Reading a dataset: of now, of then, by other engines, and tidied up."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow.compute as pc
import pytest
from deltalake import DeltaTable

import rutterframe as rf
from tests.dataset.scripted import Api, invoices

BOOKS = "roaster-quickbooks"
AS_OF = "2026-06-30"


@pytest.fixture
def data(client: rf.Client, path: Path) -> rf.Dataset:
    rf.refresh([client.connection(name) for name in (BOOKS, "gear-xero")], path, resources=["invoices"])
    return rf.Dataset(path)


def test_a_moment_gives_the_last_version_until_then(data: rf.Dataset, client: rf.Client, path: Path) -> None:
    """A moment means the last version until then, a day its end; before the first there is nothing."""
    invoice = client.connection(BOOKS).invoices
    customer = str(next(client.connection(BOOKS).customers.list()).id)
    between = datetime.now(UTC)
    invoice.create(customer_id=customer, line_items=[{"total_amount": 1.0}])
    rf.refresh(client.connection(BOOKS), path, resources=["invoices"])
    today = datetime.now(UTC).date()
    versions = (np.int64(1), between, f"{between}", between.replace(tzinfo=None), today, f"{today}", None)
    lengths = [len(data.load("invoices", version=version)) for version in versions]
    assert lengths[1:] == [965, 965, 965, 966, 966, 966]
    assert lengths[0] in {542, 423}
    assert len(data.compare("invoices", between)) == 1
    assert data.compare("invoices", between, date.max)["change"].tolist() == ["added"]


def test_a_connection_is_read_from_its_own_files(data: rf.Dataset) -> None:
    """The rows of one connection are loaded from its files alone: those of another need not be there."""
    (of_xero,) = (file for file in data.files("invoices") if "connection_id=gear-xero" in file)
    Path(of_xero).unlink()
    assert len(data.load("invoices", connections=[BOOKS])) == 542
    with pytest.raises(
        OSError, match=r"cannot be used: (?s:.*)Next: a version cannot be read once its files"
    ):
        data.load("invoices")


def test_reports_on_a_scan(data: rf.Dataset) -> None:
    """DuckDB and Polars read the dataset as it is, and a report has the same cents on each."""
    expected = rf.reports.ar_aging(data.load("invoices"), AS_OF)
    scan = data.scan("invoices")
    lazy = pl.scan_pyarrow_dataset(scan).filter(pl.col("_deleted_at").is_null())
    results = {"polars": rf.reports.ar_aging(lazy, AS_OF).collect().to_pandas()}
    with duckdb.connect() as duck:
        duck.sql("SET TimeZone = 'UTC'")
        rows = duck.sql("SELECT * FROM scan WHERE _deleted_at IS NULL")
        results["duckdb"] = rf.reports.ar_aging(rows, AS_OF).df()
    for report in results.values():
        assert report["total"].tolist() == expected["total"].tolist()
        assert report["documents"].tolist() == expected["documents"].tolist()
    assert scan.count_rows(filter=pc.field("connection_id") == BOOKS) == 542


@pytest.mark.spark
def test_spark_reads_the_files(data: rf.Dataset, spark: object) -> None:
    """Spark reads the files that the dataset names, and a report has the same cents."""
    expected = rf.reports.ar_aging(data.load("invoices"), AS_OF)
    files = [f"file://{name}" if name.startswith("/") else name for name in data.files("invoices")]
    read = spark.read.option("basePath", files[0].split("connection_id=")[0])  # type: ignore[attr-defined]
    report = rf.reports.ar_aging(read.parquet(*files), AS_OF).collect()
    assert [row["total"] for row in report] == expected["total"].tolist()


def test_compact_and_vacuum(data: rf.Dataset, client: rf.Client, path: Path) -> None:
    """To compact changes no row; to vacuum deletes the files of old versions only."""
    before = data.load("invoices")
    shop = client.connection(BOOKS)
    customer = str(next(shop.customers.list()).id)
    for _ in range(3):
        shop.invoices.create(customer_id=customer, line_items=[{"total_amount": 1.0}])
        rf.refresh(shop, path, resources=["invoices"])
    data.compact()
    assert len(data.load("invoices")) == len(before) + 3
    assert data.vacuum() == 0
    pd.testing.assert_frame_equal(data.load("invoices", version=2), before)
    assert data.vacuum(keep=timedelta(0)) >= 3
    assert len(data.load("invoices")) == len(before) + 3
    with pytest.raises(OSError, match="cannot be used"):
        data.load("invoices", version=2)


def test_missing_resources_and_versions_are_errors(data: rf.Dataset) -> None:
    """A resource that was not refreshed is named, with those that were."""
    with pytest.raises(KeyError, match="The dataset has no 'bills'; it has invoices"):
        data.load("bills")
    assert repr(data).endswith("dataset: invoices>")


def test_files_of_a_killed_refresh_are_vacuumed(data: rf.Dataset, path: Path) -> None:
    """A file that no version knows goes once it is old; a young one may be a refresh that is under way."""
    folder = next((path / "invoices").glob("connection_id=*"))
    old, young = folder / "part-old.parquet", folder / "part-young.parquet"
    for file in (old, young):
        file.write_bytes(b"half")
    os.utime(old, (0, 0))
    data.vacuum(keep=timedelta(days=2))
    assert (old.exists(), young.exists()) == (False, True)
    assert data.load("invoices").attrs["receipt"]["complete"]


def aged(folder: Path, **ages: float) -> dict[str, Path]:
    """Write files that no version knows, each so many hours old."""
    files = {}
    for name, age in ages.items():
        files[name] = folder / f"part-{name}.parquet"
        files[name].write_bytes(b"half")
        at = (datetime.now(UTC) - timedelta(hours=age)).timestamp()
        os.utime(files[name], (at, at))
    return files


def test_versions_within_the_period_stay(data: rf.Dataset, path: Path) -> None:
    """Files older than the period are deleted, younger ones stay: to the hour."""
    folder = next((path / "invoices").glob("connection_id=*"))
    files = aged(folder, older=49.0, younger=47.0)
    assert data.vacuum(keep=timedelta(hours=48)) == 1
    assert {name: file.exists() for name, file in files.items()} == {"older": False, "younger": True}
    files = aged(folder, older=25.9, younger=24.1)
    assert data.vacuum(keep=timedelta(hours=24, seconds=1)) == 1  # in whole hours, and never fewer
    assert {name: file.exists() for name, file in files.items()} == {"older": False, "younger": True}


def test_files_of_a_running_refresh_stay(data: rf.Dataset, path: Path) -> None:
    """Files of no version are deleted only if a day or more is kept: a refresh may have begun hours ago."""
    folder = next((path / "invoices").glob("connection_id=*"))
    [file] = aged(folder, hours=30.0).values()
    assert (data.vacuum(keep=timedelta(hours=23)), file.exists()) == (0, True)
    assert (data.vacuum(keep=timedelta(hours=24)), file.exists()) == (1, False)


@pytest.mark.parametrize("keep", [timedelta(minutes=30), timedelta(seconds=1), timedelta(minutes=59)])
def test_the_period_is_rounded_up_to_hours(
    data: rf.Dataset, client: rf.Client, path: Path, keep: timedelta
) -> None:
    """A period of minutes keeps an hour: the version before can still be read."""
    books = client.connection(BOOKS)
    customer = str(next(books.customers.list()).id)
    books.invoices.create(customer_id=customer, line_items=[{"total_amount": 1.0}])
    before = data.load("invoices")
    rf.refresh(books, path, resources=["invoices"])
    assert data.vacuum(keep=keep) == 0
    pd.testing.assert_frame_equal(data.load("invoices", version=2), before)


def test_an_invalid_period_is_refused(data: rf.Dataset) -> None:
    """A negative time, or a number, is refused before anything is deleted."""
    with pytest.raises(ValueError, match=r"keep=-1 day, 23:00:00 is negative"):
        data.vacuum(keep=timedelta(hours=-1))
    with pytest.raises(TypeError, match=r"is not a timedelta \(expected one such as timedelta\(days=30\)\)"):
        data.vacuum(keep=30)  # type: ignore[arg-type]


def test_rows_without_an_id_are_not_compared(path: Path) -> None:
    """Two rows without an id cannot be distinguished: no change of them is reported."""
    api = Api(
        {("books", "invoices"): [{"id": "1", "amount_due": 1.0}, {"amount_due": 2.0}, {"amount_due": 3.0}]}
    )
    rf.refresh(api.connections("books"), path, resources=["invoices"])
    api.answers["books", "invoices"] = [{"id": "1", "amount_due": 1.0}, {"amount_due": 4.0}]
    rf.refresh(api.connections("books"), path, resources=["invoices"])
    api.answers["books", "invoices"] = [{"id": "1", "amount_due": 9.0}, {"amount_due": 4.0}]
    rf.refresh(api.connections("books"), path, resources=["invoices"])
    data = rf.Dataset(path)
    assert data.load("invoices")["amount_due"].tolist() == [9.0, 4.0]
    assert len(data.compare("invoices", 1, 2)) == 0
    assert data.compare("invoices", 1)[["id", "change"]].to_numpy().tolist() == [["1", "changed"]]


def test_changes_are_listed_by_connection_and_id(path: Path) -> None:
    """Whatever happened to them, records stand by connection and id."""
    connections = ("a", "b")
    api = Api({(name, "invoices"): [{"id": "1", "amount_due": 1.0}, {"id": "5"}] for name in connections})
    rf.refresh(api.connections(*connections), path, resources=["invoices"])
    for name in connections:
        api.answers[name, "invoices"] = [{"id": "1", "amount_due": 2.0}, {"id": "9"}]
    rf.refresh(api.connections(*connections), path, resources=["invoices"])
    changes = rf.Dataset(path).compare("invoices", 2)
    assert changes[["connection_id", "id", "change"]].to_numpy().tolist() == [
        ["a", "1", "changed"], ["a", "5", "removed"], ["a", "9", "added"],
        ["b", "1", "changed"], ["b", "5", "removed"], ["b", "9", "added"],
    ]  # fmt: skip


def test_the_newest_refresh_gives_the_receipt(path: Path) -> None:
    """Of several refreshes the receipt is that of the last one until a version, by connection."""
    api = Api({("books", "invoices"): invoices(3), ("more", "invoices"): invoices(2)})
    connections = api.connections("books", "more")
    rf.refresh(connections, path, resources=["invoices"])
    api.answers["books", "invoices"] = [*invoices(3), *invoices(3)[:1]]
    rf.refresh(connections[0], path, resources=["invoices"])
    receipts = [
        rf.Dataset(path).load("invoices", version=version).attrs["receipt"] for version in (2, 3, None)
    ]
    assert [one["duplicates_dropped"] for one in receipts] == [0, 1, 1]
    started = [one["per_connection"]["books"]["duplicates_dropped"] for one in receipts]
    assert started == [0, 1, 1]
    assert receipts[1] == receipts[2]
    assert receipts[0]["started"] <= receipts[0]["finished"] < receipts[1]["finished"]


def test_another_order_of_the_same_rows_is_loaded(path: Path) -> None:
    """Where only the order changed the refresh says so, and the frame has the new order."""
    api = Api({("books", "invoices"): invoices(3)})
    rf.refresh(api.connections("books"), path, resources=["invoices"])
    api.answers["books", "invoices"] = invoices(3)[::-1]
    done = rf.refresh(api.connections("books"), path, resources=["invoices"])
    counts = ["status", "rows", "added", "changed", "removed"]
    assert done[counts].to_numpy().tolist() == [["refreshed", 3, 0, 0, 0]]
    assert rf.Dataset(path).load("invoices")["id"].tolist() == ["3", "2", "1"]
    assert rf.Dataset(path).load("invoices", version=1)["id"].tolist() == ["1", "2", "3"]


def test_rows_that_another_tool_has_sorted_are_loaded_in_order(data: rf.Dataset, path: Path) -> None:
    """After another tool has sorted the files by an amount the rows are still loaded in the API's order."""
    before = data.load("invoices")
    DeltaTable(path / "invoices").optimize.z_order(["amount_due"])
    scanned = data.scan("invoices").to_table(columns=["id"]).column("id").to_pylist()
    assert scanned != before["id"].tolist()
    pd.testing.assert_frame_equal(data.load("invoices"), before)


def test_an_address_instead_of_a_folder(client: rf.Client, path: Path) -> None:
    """A dataset at an address is written and read through deltalake."""
    rf.refresh(client.connection(BOOKS), path.as_uri(), resources=["accounts"])
    assert rf.refresh(client.connection(BOOKS), path, resources=["accounts"])["status"].tolist() == [
        "unchanged"
    ]
    assert len(rf.Dataset(path.as_uri()).load("accounts")) > 0
