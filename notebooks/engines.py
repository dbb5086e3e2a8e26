"""Compute two reports on every engine that is installed, from the same files, for notebook 07."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from local_spark import local_spark, missing  # pyright: ignore[reportMissingImports]

import rutterframe as rf
from rutterframe.views.charts import TEMPLATE, ReportFigure

#: What opens a Parquet file on an engine, and what turns its reports into Arrow.
_Engine = tuple[Callable[[str], Any], Callable[[Any], pa.Table]]


def write_files(books: rf.Books, folder: str | Path) -> dict[str, str]:
    """Write invoices, orders, products and the lines of the orders as Parquet files; return their paths.

    The lines become a file of their own, since engines that work on more than memory holds do not split
    nested lists.
    """
    frames = {name: books.frames[name] for name in ("invoices", "orders", "products")}
    frames["lines"] = rf.line_items(frames["orders"])
    files = {name: str(Path(folder) / f"{name}.parquet") for name in frames}
    for name, frame in frames.items():
        rf.write_frame(frame, files[name])
    return files


def compare(files: Mapping[str, str], as_of: str) -> pd.DataFrame:
    """Compute the aging and the revenue on each engine, and compare every row with those of pandas.

    Returns
    -------
    DataFrame
        By engine: rows (Int64), whether all rows are the same as on pandas (boolean; null where the engine is
        not installed), seconds (Float64), and a note that says what is missing.
    """
    results: dict[str, list[list[dict[str, Any]]]] = {}
    lines = []
    for name, package in (
        ("pandas", "pandas"), ("DuckDB", "duckdb"), ("Polars", "polars"), ("Spark", "pyspark")
    ):  # fmt: skip
        reason = missing(package)
        if reason:
            lines.append([name, None, None, None, reason])
            continue
        read, to_arrow = _engine(package)
        begin = time.perf_counter()
        scan = {each: read(file) for each, file in files.items()}
        aging = rf.reports.ar_aging(scan["invoices"], as_of)
        revenue = rf.reports.revenue_by_product(scan["orders"], scan["products"], lines=scan["lines"])
        results[name] = [to_arrow(report).to_pylist() for report in (aging, revenue)]
        seconds = round(time.perf_counter() - begin, 2)
        same = results[name] == results["pandas"]
        lines.append([name, sum(map(len, results[name])), same, seconds, ""])
    columns = ["engine", "rows", "same as pandas", "seconds", "note"]
    table = pd.DataFrame(lines, columns=columns).set_index("engine")
    return table.astype({"rows": "Int64", "same as pandas": "boolean", "seconds": "Float64"})


def chart(comparison: pd.DataFrame) -> ReportFigure:
    """Draw the seconds of each engine."""
    present = comparison.dropna(subset="seconds")
    figure = ReportFigure(layout={"template": TEMPLATE, "height": 260})
    figure.add_bar(x=present["seconds"].tolist(), y=present.index.tolist(), orientation="h")
    figure.update_xaxes(type="log", title="Seconds (logarithmic)")
    return figure.update_layout(title="Two reports from Parquet files, in seconds")


def _engine(package: str) -> _Engine:
    """Return how an engine reads and writes; it is imported here, since none of them need be installed."""
    if package == "duckdb":
        import duckdb  # noqa: PLC0415 # pyright: ignore[reportMissingImports]

        connection = duckdb.connect()
        connection.sql("SET TimeZone = 'UTC'")
        return connection.read_parquet, lambda report: report.to_arrow_table()
    if package == "polars":
        import polars as pl  # noqa: PLC0415 # pyright: ignore[reportMissingImports]

        return pl.scan_parquet, lambda report: report.collect().to_arrow()
    if package == "pyspark":
        return local_spark().read.parquet, lambda report: report.toArrow()
    return pd.read_parquet, lambda report: pa.Table.from_pandas(report, preserve_index=False)
