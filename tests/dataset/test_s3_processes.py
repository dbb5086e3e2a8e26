"""Processes that write to one dataset in a bucket: no commit is lost, and after a kill -9 it is readable."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

import rutterframe as rf
from rutterframe.demo.server import DemoServer
from tests.conftest import settings_of
from tests.dataset.test_refresh import readable
from tests.dataset.workers import refresh_often, start_process, start_refresh
from tests.s3_server import S3Server

NAMES = ["invoices", "bills", "accounts"]
FULL = {
    "invoices of roaster-quickbooks": 542, "invoices of gear-xero": 423,
    "bills of roaster-quickbooks": 277, "bills of gear-xero": 318,
    "accounts of roaster-quickbooks": 48, "accounts of gear-xero": 71,
}  # fmt: skip


def files_of(server: S3Server, bucket: str) -> set[str]:
    """Return the addresses of the Parquet files of rows in a bucket."""
    listed = server.client().list_objects_v2(Bucket=bucket)["Contents"]
    names = [one["Key"] for one in listed if one["Key"].endswith(".parquet")]
    return {f"s3://{bucket}/{name}" for name in names if "_delta_log" not in name}


@pytest.mark.parametrize(
    ("processes", "times"), [(2, 2), pytest.param(4, 6, marks=[pytest.mark.long, pytest.mark.timeout(300)])]
)
def test_processes_that_refresh_at_once(
    s3_server: S3Server, s3_bucket: str, processes: int, times: int
) -> None:
    """Each commit of each process is there: the store writes a version only once, and others commit again."""
    path, names = f"{s3_bucket}/books", ["a", "b", "c", "d"][:processes]
    started = [start_process(refresh_often, path, name, times, s3_server.environment) for name in names]
    for process in started:
        process.join()
    assert [process.exitcode for process in started] == [0] * processes
    data = rf.Dataset(path)
    frame = data.load("invoices")
    last = times - 1.0
    assert frame[["connection_id", "amount_due"]].to_numpy().tolist() == [[name, last] for name in names]
    assert frame.attrs["receipt"]["complete"] is True
    for resource in ("invoices", "bills"):
        versions = data.versions(resource)
        assert versions["connection_id"].value_counts().to_dict() == dict.fromkeys(names, times)


@pytest.mark.long
@pytest.mark.timeout(300)
def test_killed_in_the_middle(
    server: DemoServer, client: rf.Client, s3_server: S3Server, s3_bucket: str
) -> None:
    """After each kill -9 the dataset is readable; the next refresh completes, and vacuum deletes the rest."""
    path, bucket = f"{s3_bucket}/books", s3_bucket.removeprefix("s3://")
    connections = [client.connection(name) for name in ("roaster-quickbooks", "gear-xero")]
    killed = 0
    for turn, writes in enumerate((1, 4, 7, 10, 13, 16, 22, 30)):
        bills = server.books.collection("roaster-quickbooks", "bills")
        bills.replace(turn, {**bills.record(turn), "amount_due": 1000.0 + turn}, bills.changed_at(turn))
        start = len(s3_server.requests())
        process = start_refresh({**settings_of(server), **s3_server.environment}, path)
        deadline = time.monotonic() + 30
        while process.is_alive() and time.monotonic() < deadline:
            sent = [request.method for request in s3_server.requests(start)]
            if sent.count("PUT") + sent.count("POST") >= writes:
                break
            process.join(0.002)
        killed += process.is_alive()
        process.kill()
        process.join()
        rows = readable(path)
        assert {name: FULL[name] for name in rows} == rows
    assert killed >= 4
    rf.refresh(connections, path, resources=NAMES, full=True)
    assert readable(path) == FULL
    data = rf.Dataset(path)
    current = {file for name in NAMES for file in data.files(name)}
    assert current < files_of(s3_server, bucket)
    # Vacuum keeps the young ones: they may be of a refresh that runs.
    assert data.vacuum(keep=timedelta(days=1)) == 0
    for name in NAMES:
        table = data._tables.open(name)
        assert table is not None
        table.vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False, full=True)
    assert files_of(s3_server, bucket) == current
    assert readable(path) == FULL
