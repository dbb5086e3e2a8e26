"""Fixtures of the reports' tests: the demo companies' books, and one frame on every engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import duckdb
import narwhals.stable.v2 as nw
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import rutterframe as rf
from rutterframe.demo.server import DemoServer
from tests.conftest import client_of

#: The demo's shops.
SHOPS = ("roaster-shopify", "gear-shopify", "gear-amazon")

#: The ledger and the bank of each demo company.
COMPANIES = {"gear-xero": "gear-bank", "roaster-quickbooks": "roaster-bank"}


@dataclass(frozen=True)
class Books:
    """One company's frames, as they were loaded."""

    invoices: pd.DataFrame
    bills: pd.DataFrame
    accounts: pd.DataFrame
    bank_accounts: pd.DataFrame


@pytest.fixture(scope="session")
def all_books(shared_server: DemoServer) -> dict[str, Books]:
    """The books of both demo companies, loaded once; no report changes a frame."""
    books = {}
    with client_of(shared_server) as client:
        for ledger, bank in COMPANIES.items():
            connection = client.connection(ledger)
            books[ledger] = Books(
                rf.load_invoices(connection, progress=False),
                rf.load_bills(connection, progress=False),
                rf.load_accounts(connection, progress=False),
                rf.load_bank_accounts(client.connection(bank), progress=False),
            )
    return books


@pytest.fixture(scope="session")
def shops(shared_server: DemoServer) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The orders and products of all shops of the demo, loaded once."""
    with client_of(shared_server) as client:
        connections = [client.connection(name) for name in SHOPS]
        return rf.load_orders(connections, progress=False), rf.load_products(connections, progress=False)


@pytest.fixture(params=list(COMPANIES))
def books(all_books: dict[str, Books], request: pytest.FixtureRequest) -> Books:
    """The books of one demo company, then of the other."""
    return all_books[request.param]


@pytest.fixture
def rows() -> Callable[[Any], list[dict[str, Any]]]:
    """Read a report of any engine as plain rows, in its order, with None for what is missing."""

    def read(native: Any) -> list[dict[str, Any]]:
        frame = nw.from_native(native)
        eager = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
        return [{name: _plain(value) for name, value in row.items()} for row in eager.rows(named=True)]

    return read


def _plain(value: Any) -> Any:
    missing = value is None or value is pd.NA or value != value  # noqa: PLR0124 - so are NaN and NaT
    return None if missing else value


@pytest.fixture(scope="session")
def duckdb_connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """Open DuckDB once, with one thread: the frames of the tests have few rows."""
    with duckdb.connect(config={"threads": 1}) as connection:
        yield connection


@pytest.fixture(
    params=["pandas", "pandas-object", "pandas-arrow", "polars", "polars-lazy", "pyarrow", "duckdb"]
)
def engine(
    request: pytest.FixtureRequest, duckdb_connection: duckdb.DuckDBPyConnection
) -> Iterator[Callable[[pd.DataFrame], Any]]:
    """Convert a pandas frame to that of one engine after the other."""
    with duckdb_connection.cursor() as cursor:
        convert: dict[str, Callable[[pd.DataFrame], Any]] = {
            "pandas": lambda frame: frame,
            "pandas-object": _on_numpy,
            "pandas-arrow": lambda frame: frame.convert_dtypes(dtype_backend="pyarrow"),
            "polars": pl.from_pandas,
            "polars-lazy": lambda frame: pl.from_pandas(frame).lazy(),
            "pyarrow": _to_arrow,
            "duckdb": lambda frame: cursor.from_arrow(_to_arrow(frame)),
        }
        yield convert[request.param]


def _to_arrow(frame: pd.DataFrame) -> pa.Table:
    return pa.Table.from_pandas(frame, preserve_index=False)


def _on_numpy(frame: pd.DataFrame) -> pd.DataFrame:
    """Convert text to numpy objects, with None for missing values."""
    texts = {name: object for name, dtype in frame.dtypes.items() if isinstance(dtype, pd.StringDtype)}
    return frame.astype(texts)
