"""Exports of a dataset beside other ways into a database: pandas and SQLAlchemy, ADBC, DuckDB by hand.

Run from the root of the repository::

    python -m benchmarks.export                  # 100,000 invoices with one line each, three rounds
    python -m benchmarks.export --rows 10000 --rounds 1

Every side writes the same invoices and lines to an empty database; an export also writes its state and counts
the rows afterwards. A side of a package that is not installed is left out, and so is PostgreSQL without its
server. Times are the least of the rounds, on the clock and of this process alone: a server has its own.
The printed table is for ``docs/howto/databases.md``.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

import rutterframe as rf
from benchmarks.report import machine_text, markdown_table
from rutterframe.dataset.export.layout import layouts_of, split_rows
from rutterframe.dataset.tables import table_schema
from tests.dataset.scripted import Api
from tests.postgresql_server import PostgreSQLServer, run_postgresql

Tables = dict[str, pa.Table]
Side = Callable[[Path], None]


def invoices(count: int, *, changed: int = 0) -> list[dict[str, Any]]:
    """Return invoices with a line each, of which the last ones have other amounts."""
    return [
        {
            "id": f"inv-{number}", "customer_id": f"c{number % 997}", "status": "open",
            "amount_due": number / 100 + (number >= count - changed), "currency": "USD",
            "due_date": f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}",
            "line_items": [
                {"description": "Ale", "quantity": 2.0, "total_amount": number / 100}
            ],
        }
        for number in range(count)
    ]  # fmt: skip


def refresh(path: Path, rows: list[dict[str, Any]]) -> rf.Dataset:
    """Refresh the invoices of one connection."""
    api = Api({("acme", "invoices"): rows})
    rf.refresh(api.connections("acme"), path, resources=["invoices"], full=True)
    return rf.Dataset(path)


def read_tables(data: rf.Dataset) -> Tables:
    """Return the tables of the current rows, as typed as the export writes them."""
    rows = data.scan("invoices").to_table().cast(table_schema("invoices"))
    return {
        layout.name: part.cast(
            pa.schema(
                [(f.name, pa.date32() if f.type == pa.timestamp("us") else f.type) for f in part.schema]
            )
        )
        for layout, part in split_rows(rows, layouts_of("invoices", "contract"))
    }


def sides(data: rf.Dataset, server: PostgreSQLServer | None) -> dict[str, Side]:
    """Return the ways to write the first export, by database and name."""

    def url(kind: str, folder: Path) -> str:
        return server.create_schema() if kind == "PostgreSQL" and server else f"{kind.lower()}:///{folder}/x"

    result: dict[str, Side] = {}
    for kind in ("DuckDB", "SQLite", *(["PostgreSQL"] if server else [])):
        result[f"{kind}: export"] = lambda folder, kind=kind: void(data.export(url(kind, folder)))  # type: ignore[misc]
    result["DuckDB: its own read_parquet"] = lambda folder: by_duckdb(data, folder)
    if installed("adbc_driver_sqlite"):
        import adbc_driver_sqlite.dbapi as lite  # noqa: PLC0415 - not installed everywhere

        result["SQLite: ADBC"] = lambda folder: by_adbc(data, lite.connect(f"{folder}/x"))
    if server is not None and installed("adbc_driver_postgresql"):
        import adbc_driver_postgresql.dbapi as server_driver  # noqa: PLC0415

        result["PostgreSQL: ADBC"] = lambda _: by_adbc(data, server_driver.connect(server.create_schema()))
    if installed("sqlalchemy"):
        result["SQLite: to_sql"] = lambda folder: by_pandas(data, f"sqlite:///{folder}/x")
        if server is not None and installed("psycopg"):
            result["PostgreSQL: to_sql"] = lambda _: by_pandas(
                data, server.create_schema().replace("postgresql:", "postgresql+psycopg:")
            )
    return dict(sorted(result.items()))


def installed(name: str) -> bool:
    """Return whether a package is installed."""
    return importlib.util.find_spec(name) is not None


def void(_: pd.DataFrame) -> None:
    """Drop a result."""


def by_duckdb(data: rf.Dataset, folder: Path) -> None:
    """Create the tables from the Parquet files, in SQL."""
    with duckdb.connect(folder / "x") as database:
        files = f"read_parquet({data.files('invoices')}, hive_partitioning = true)"
        database.execute(f"CREATE TABLE invoices AS SELECT * EXCLUDE (line_items) FROM {files}")
        database.execute(
            f"CREATE TABLE invoices_line_items AS SELECT connection_id, id AS invoice_id, "
            f"UNNEST(line_items, recursive := true) FROM {files}"
        )


def by_adbc(data: rf.Dataset, connection: Any) -> None:
    """Create the tables from Arrow, in one transaction."""
    with closing(connection), connection.cursor() as cursor:
        for name, table in read_tables(data).items():
            cursor.adbc_ingest(name, table, mode="create")
        connection.commit()


def by_pandas(data: rf.Dataset, url: str) -> None:
    """Write the frame and its lines with pandas and SQLAlchemy."""
    engine = importlib.import_module("sqlalchemy").create_engine(url)
    frame = data.load("invoices")
    frame.drop(columns="line_items").to_sql("invoices", engine, index=False, chunksize=10_000)
    rf.line_items(frame).to_sql("invoices_line_items", engine, index=False, chunksize=10_000)
    engine.dispose()


def measure(side: Side) -> tuple[float, float]:
    """Return the seconds on the clock and of this process that a side takes in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        wall, cpu = time.perf_counter(), time.process_time()
        side(Path(folder))
        return time.perf_counter() - wall, time.process_time() - cpu


def best(times: list[tuple[float, float]]) -> tuple[float, float]:
    """Return the least of each."""
    return min(wall for wall, _ in times), min(cpu for _, cpu in times)


@contextmanager
def postgresql() -> Iterator[PostgreSQLServer | None]:
    """Start PostgreSQL where it is installed."""
    with ExitStack() as stack:
        server = None
        try:
            server = stack.enter_context(run_postgresql())
        except BaseException as skipped:  # noqa: BLE001 - pytest's way to skip
            print(f"Without PostgreSQL: {skipped}")
        yield server


def increments(path: Path, count: int, server: PostgreSQLServer | None, folder: Path) -> list[list[str]]:
    """Measure exports after no change, and after 1 % of the rows changed."""
    urls = {"DuckDB": f"duckdb:///{folder}/duck", "SQLite": f"sqlite:///{folder}/lite"}
    if server is not None:
        urls["PostgreSQL"] = server.create_schema()
    data, rows = rf.Dataset(path), []
    for url in urls.values():
        data.export(url)
    refresh(path, invoices(count, changed=count // 100))
    for kind, url in urls.items():
        changed = measure(lambda _, url=url: void(data.export(url)))  # type: ignore[misc]
        same = measure(lambda _, url=url: void(data.export(url)))  # type: ignore[misc]
        rows += [
            [f"{kind}: export of 1 % changed", *cells(changed)],
            [f"{kind}: export without changes", *cells(same)],
        ]
    return rows


def cells(seconds: tuple[float, float]) -> list[str]:
    """Return times as cells of a table."""
    return [f"{seconds[0] * 1000:,.0f} ms", f"{seconds[1] * 1000:,.0f} ms"]


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with postgresql() as server, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "books"
        data = refresh(path, invoices(options.rows))
        names = sides(data, server)
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
        for _ in range(options.rounds):
            for name, side in names.items():
                times[name].append(measure(side))
        base = {name.partition(":")[0]: best(times[name]) for name in names if name.endswith("export")}
        rows = [
            [name, *cells(best(rounds)), f"{best(rounds)[0] / base[name.partition(':')[0]][0]:.1f} x"]
            for name, rounds in times.items()
        ]
        rows += [[*row, ""] for row in increments(path, options.rows, server, Path(folder))]
    print(f"{options.rows:,} invoices with a line each. {machine_text()}\n")
    print(markdown_table(["database", "clock", "this process", "clock, export = 1"], rows))
    print(f"SQLite {sqlite3.sqlite_version}, DuckDB {duckdb.__version__}")


if __name__ == "__main__":
    main()
