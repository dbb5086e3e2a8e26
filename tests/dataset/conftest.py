"""A demo API that is written to, and a folder for a dataset."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rutterframe.demo.server import DemoServer
from tests.postgresql_server import PostgreSQLServer, run_postgresql


@pytest.fixture
def server() -> Iterator[DemoServer]:
    """A demo API for one test, which may write to it."""
    with DemoServer() as server:
        yield server


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "dataset"


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgreSQLServer]:
    """One PostgreSQL server for the whole session."""
    with run_postgresql() as server:
        yield server
