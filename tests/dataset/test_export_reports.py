"""Reports on the tables of an export: the same cents as on pandas, through DuckDB, ibis and Arrow."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
import ibis
import pandas as pd
import pyarrow as pa
import pytest

import rutterframe as rf
from tests.dataset.databases import TestDatabase, create_database
from tests.dataset.scripted import Api
from tests.postgresql_server import PASSWORD, USER

# ibis uses what pandas 4 and DuckDB will not have.
pytestmark = [
    pytest.mark.filterwarnings("ignore:The 'future.infer_string' option"),
    pytest.mark.filterwarnings("ignore:fetch_arrow_table"),
]

AS_OF = "2026-06-30"
Tables = Callable[[str], Any]
INVOICES = [
    {
        "id": "1", "customer_id": "c", "amount_due": 0.1, "currency": "USD", "status": "open",
        "due_date": AS_OF,
    },
    {"id": "2", "customer_id": "c", "amount_due": 0.2, "currency": "USD", "status": "open"},
    {
        "id": "3", "customer_id": "c", "amount_due": -100.005, "currency": "USD", "status": "open",
        "due_date": "2026-05-01",
    },
    {"id": "4", "customer_id": "c", "amount_due": 9.0, "currency": "USD", "status": "paid"},
]  # fmt: skip
ORDERS = [
    {
        "id": "o", "total_price": 40.0, "currency": "USD", "status": "paid",
        "line_items": [
            {"product_id": "p", "quantity": 1_000_000, "unit_price": 0.00004},
            {"product_id": "q", "quantity": 3, "unit_price": 0.1},
        ],
    },
    {"id": "void", "total_price": 7.0, "currency": "USD", "status": "voided",
     "line_items": [{"product_id": "p", "quantity": 1, "unit_price": 7.0}]},
]  # fmt: skip
ACCOUNTS = [
    {"id": "1", "balance": 100.1, "currency": "USD", "type": "checking"},
    {"id": "2", "balance": -0.2, "currency": "USD", "type": "checking"},
    {"id": "3", "balance": 50.0, "currency": "USD", "type": "credit_card"},
]
#: What is read with which driver: the kind of database, and the module that reads it.
READERS = {
    "duckdb": ("duckdb", "duckdb"),
    "ibis-duckdb": ("duckdb", "ibis"),
    "ibis-sqlite": ("sqlite", "ibis"),
    "arrow-postgresql": ("postgresql", "adbc_driver_postgresql"),
    "ibis-postgresql": ("postgresql", "psycopg"),
}


@pytest.fixture(
    scope="module",
    params=[pytest.param(name, marks=pytest.mark.long) if "postgresql" in name else name for name in READERS],
)
def tables(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tables]:
    """The tables of an export, read by an engine; an invoice, an order and an account were deleted since."""
    path = tmp_path_factory.mktemp("books")
    kind, module = READERS[request.param]
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not installed")
    server = request.getfixturevalue("postgresql_server") if kind == "postgresql" else None
    database = create_database(kind, path, server)
    old = {
        "id": "0",
        "amount_due": 5.0,
        "total_price": 5.0,
        "balance": 5.0,
        "currency": "USD",
        "status": "open",
    }
    lists = {"invoices": INVOICES, "orders": ORDERS, "bank_accounts": ACCOUNTS}
    api = Api({("books", name): [*rows, old] for name, rows in lists.items()})
    for rows in (None, lists):
        api.answers |= {("books", name): new for name, new in (rows or {}).items()}
        rf.refresh(api.connections("books"), path / "books", resources=list(lists), full=True)
        rf.Dataset(path / "books").export(database.url)
    with _reader(request.param, database) as read:
        yield read


@contextmanager
def _reader(name: str, database: TestDatabase) -> Iterator[Tables]:
    """Open the tables of a database with an engine."""
    if name == "duckdb":
        with duckdb.connect(database.path) as connection:
            yield lambda table: connection.sql(f"FROM {table}")
    elif name == "arrow-postgresql":
        import adbc_driver_postgresql.dbapi as adbc  # noqa: PLC0415 - an extra

        with adbc.connect(database.url) as connection, connection.cursor() as cursor:
            yield lambda table: cursor.execute(f"TABLE {table}_current").fetch_arrow_table()
    else:
        backend = {"ibis-duckdb": ibis.duckdb, "ibis-sqlite": ibis.sqlite}.get(name, ibis.postgres)
        opened = backend.connect(database.path) if database.server is None else _postgresql(database)
        yield lambda table: opened.table(f"{table}_current")
        opened.disconnect()


def _postgresql(database: TestDatabase) -> Any:
    assert database.server is not None
    schema = database.url.rpartition("%3D")[2]
    return ibis.postgres.connect(
        host="127.0.0.1", port=database.server.port, user=USER, password=PASSWORD,
        database="postgres", schema=schema,
    )  # fmt: skip


def rows_of(report: Any, *columns: str) -> list[list[Any]]:
    """Return columns of a report of any engine."""
    frame = report.df() if isinstance(report, duckdb.DuckDBPyRelation) else report
    frame = frame.to_pandas() if isinstance(frame, pa.Table) else frame
    assert isinstance(frame, pd.DataFrame)
    values = frame[list(columns)].astype(object)
    return values.where(values.notna(), None).to_numpy().tolist()


def test_aging(tables: Tables) -> None:
    """An aging of an exported table has the cents of the frame's, and counts no deleted row."""
    aging = rf.reports.ar_aging(tables("invoices"), AS_OF)
    columns = ["connection_id", "currency", "current", "days_31_60", "no_due_date", "total", "documents"]
    assert rows_of(aging, "customer_id") == [["c"]]
    assert rows_of(aging, *columns)[0][:6] == ["books", "USD", 0.1, -100.005, 0.2, -99.705]
    assert rows_of(aging, "days_61_90", "days_91_plus", "days_1_30", "documents")[0] == [0.0, 0.0, 0.0, 3]


def test_revenue_by_product_from_the_lines(tables: Tables) -> None:
    """The child table of line items takes the place of the nested column."""
    revenue = rf.reports.revenue_by_product(tables("orders"), lines=tables("orders_line_items"))
    assert sorted(rows_of(revenue, "product_id", "revenue"), key=lambda row: -row[1]) == [
        ["p", 40.0],
        ["q", 0.3],
        [None, -0.3],
    ]


def test_cash_position(tables: Tables) -> None:
    """A cash position of an exported table has the cents of the frame's."""
    cash = rf.reports.cash_position(tables("bank_accounts"))
    assert rows_of(cash, "currency", "accounts", "balance", "debt") == [["USD", 3, 99.9, 50.0]]
