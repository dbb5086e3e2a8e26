"""Time and memory of reports over a dataset, by the engine and how it reads the files.

Run from the root of the repository::

    python -m benchmarks.scale --engines               # 10 M invoices, transactions and order lines
    python -m benchmarks.scale --engines --rows 300000

Each side is a process of its own. The rows are generated, see ``benchmarks.stored``: two connections, three
currencies, and the files of a first refresh. All sides must return the same report, to the last digit.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import tempfile
import time
from collections.abc import Callable
from typing import Any

import duckdb
import narwhals.stable.v2 as nw
import polars as pl

import rutterframe as rf
import rutterframe.dataset
import rutterframe.reports
from benchmarks import stored
from benchmarks.memory import CLEAR_REFS, MEGABYTE, memory_bytes, run_in_process
from benchmarks.report import markdown_table

Read = Callable[[rf.Dataset, str], Any]
_FILES = (
    "FROM read_parquet(getvariable('files'), hive_partitioning = true, hive_types_autocast = false) "
    "WHERE _deleted_at IS NULL"
)


def duckdb_files(data: rf.Dataset, resource: str) -> Any:
    duck = connect()
    # A variable is read when a relation is executed, so each resource has its own.
    duck.execute(f"SET VARIABLE files_{resource} = ?", [data.files(resource)])
    return duck.sql(_FILES.replace("'files'", f"'files_{resource}'"))


def duckdb_scan(data: rf.Dataset, resource: str) -> Any:
    return connect().from_arrow(data.scan(resource)).filter("_deleted_at IS NULL")


_CONNECTIONS: list[duckdb.DuckDBPyConnection] = []


def connect() -> duckdb.DuckDBPyConnection:
    if not _CONNECTIONS:
        _CONNECTIONS.append(duckdb.connect())
        _CONNECTIONS[0].sql("SET TimeZone = 'UTC'")
    return _CONNECTIONS[0]


def polars_files(data: rf.Dataset, resource: str) -> Any:
    lazy = pl.scan_parquet(data.files(resource), hive_schema={"connection_id": pl.String})
    return lazy.filter(pl.col("_deleted_at").is_null())


def polars_scan(data: rf.Dataset, resource: str) -> Any:
    return pl.scan_pyarrow_dataset(data.scan(resource)).filter(pl.col("_deleted_at").is_null())


def pandas_load(data: rf.Dataset, resource: str) -> Any:
    return data.load(resource)


SIDES: dict[str, Read] = {
    "DuckDB, read_parquet": duckdb_files,
    "DuckDB, scan()": duckdb_scan,
    "Polars lazy, scan_parquet": polars_files,
    "Polars lazy, scan()": polars_scan,
    "pandas, load()": pandas_load,
}


def aging(read: Callable[[str], Any]) -> Any:
    return rf.reports.ar_aging(read("invoices"), stored.AS_OF)


def revenue(read: Callable[[str], Any]) -> Any:
    orders = read("orders")
    return rf.reports.revenue_by_product(orders, lines=rf.line_items(orders))


def history(read: Callable[[str], Any]) -> Any:
    return rf.reports.cash_history(read("bank_accounts"), read("transactions"), as_of=stored.AS_OF)


REPORTS: dict[str, Callable[[Callable[[str], Any]], Any]] = {
    "ar_aging": aging,
    "revenue_by_product": revenue,
    "cash_history": history,
}


def measure(report: str, side: str, path: str) -> dict[str, Any]:
    """Read and compute a report, and return time, memory over imports, rows and a digest of its figures."""
    with contextlib.suppress(OSError):
        CLEAR_REFS.write_text("5")
    before, begin, cpu = memory_bytes("VmRSS"), time.perf_counter(), time.process_time()
    data = rf.Dataset(path)
    frame: Any = nw.from_native(REPORTS[report](lambda resource: SIDES[side](data, resource)))
    result = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
    figures = {
        "seconds": time.perf_counter() - begin,
        "cpu": time.process_time() - cpu,
        "peak": memory_bytes("VmHWM") - before,
    }
    numbers = [name for name, kind in result.schema.items() if kind.is_numeric() and name != "share"]
    text = repr([[float(value) for value in row] for row in result.select(*numbers).iter_rows()])
    return {**figures, "rows": len(result), "digest": hashlib.sha256(text.encode()).hexdigest()}


def table(rows: int) -> str:
    """Measure every report on every side."""
    lines = []
    with tempfile.TemporaryDirectory() as path:
        stored.write(path, "invoices", rows)
        stored.write(path, "orders", rows // stored.LINES)
        stored.write(path, "transactions", rows)
        stored.write(path, "bank_accounts", len(stored.CURRENCIES) * len(stored.CONNECTIONS))
        for report in REPORTS:
            digests = set()
            for side in SIDES:
                figures = run_in_process("benchmarks.engines", report=report, side=side, path=path)
                digests.add((figures["rows"], figures["digest"]))
                peak = f"{figures['peak'] / MEGABYTE:,.0f} MB"
                lines.append([report, side, f"{figures['seconds']:.1f} s", f"{figures['cpu']:.1f} s", peak])
            if len(digests) > 1:
                raise SystemExit(f"{report}: the sides return different reports")
    return markdown_table([f"report of {rows:,} rows", "read by", "time", "CPU", "peak over imports"], lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--report", choices=list(REPORTS), required=True)
    parser.add_argument("--side", choices=list(SIDES), required=True)
    parser.add_argument("--path", required=True)
    options = parser.parse_args()
    print(json.dumps(measure(options.report, options.side, options.path)))


if __name__ == "__main__":
    main()
