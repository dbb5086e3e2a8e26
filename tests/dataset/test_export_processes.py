"""Exports in several processes: one that is killed, and some at once."""

from __future__ import annotations

import os
import signal
from multiprocessing import get_context
from pathlib import Path

import pytest

import rutterframe as rf
from tests.dataset.databases import TestDatabase, assert_exported, create_database
from tests.dataset.scripted import Api, invoices
from tests.dataset.workers import export_and_wait, export_often, start_process

pytestmark = pytest.mark.long
LINES = [{"description": "Ale", "quantity": 1.0, "unit_price": 10.0, "total_amount": 10.0}]


@pytest.fixture(params=["duckdb", "sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> TestDatabase:
    """An empty database of each kind."""
    kind = request.param
    server = request.getfixturevalue("postgresql_server") if kind == "postgresql" else None
    return create_database(kind, tmp_path, server)


def refresh(path: Path, count: int) -> rf.Dataset:
    """Refresh so many invoices of a ledger, and leave their objects."""
    api = Api({("acme", "invoices"): [{**row, "line_items": LINES} for row in invoices(count)]})
    rf.refresh(api.connections("acme"), path, resources=["invoices"])
    return rf.Dataset(path)


def kill_before_the_commit(path: Path, url: str) -> None:
    """Start an export in a process, and kill it when it has sent every row."""
    ours, theirs = get_context("forkserver").Pipe()
    process = start_process(export_and_wait, str(path), url, theirs)
    theirs.close()
    assert ours.recv_bytes() == b"sent"
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    ours.close()


def test_a_killed_export_leaves_the_last_complete_one(database: TestDatabase, path: Path) -> None:
    """After kill -9 the database is as the export before left it, and the next export completes."""
    data = refresh(path, 3)
    kill_before_the_commit(path, database.url)
    assert data.export(database.url)["added"].tolist() == [3]
    data = refresh(path, 1000)
    kill_before_the_commit(path, database.url)
    assert database.rows("SELECT COUNT(*) FROM invoices_current") == [(3,)]
    assert database.rows("SELECT COUNT(*) FROM invoices_line_items_current") == [(3,)]
    assert data.export(database.url)["added"].tolist() == [997]
    assert_exported(database, data, ["invoices", "invoices_line_items"])


def test_exports_at_once(database: TestDatabase, path: Path) -> None:
    """Exports of three processes take turns: none fails, and the rows are those of the newest version."""
    data = refresh(path, 50)
    processes = [start_process(export_often, str(path), database.url, 2) for _ in range(3)]
    data = refresh(path, 60)
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    data.export(database.url)
    assert_exported(database, data, ["invoices", "invoices_line_items"])
