"""The aging of invoices, as each engine's documentation suggests it, beside rutterframe on the same frame.

Every side reads the same Parquet file into its own table before the clock starts, and gives the five buckets
of each customer and currency.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow.parquet as pq

import rutterframe as rf
from benchmarks import by_hand
from benchmarks.books import AS_OF
from benchmarks.by_hand import BUCKETS

SQL = """
SELECT
    currency,
    customer_id,
    coalesce(sum(amount_due) FILTER (WHERE late <= 0), 0) AS current,
    coalesce(sum(amount_due) FILTER (WHERE late BETWEEN 1 AND 30), 0) AS days_1_30,
    coalesce(sum(amount_due) FILTER (WHERE late BETWEEN 31 AND 60), 0) AS days_31_60,
    coalesce(sum(amount_due) FILTER (WHERE late BETWEEN 61 AND 90), 0) AS days_61_90,
    coalesce(sum(amount_due) FILTER (WHERE late > 90), 0) AS days_91_plus
FROM (
    SELECT currency, customer_id, amount_due, DATE '2026-06-30' - due_date::DATE AS late
    FROM invoices
    WHERE status = 'open' AND amount_due <> 0
)
GROUP BY ALL
"""


def by_sql(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    aged: pd.DataFrame = connection.sql(SQL).df()
    return aged


def by_polars(invoices: pl.DataFrame) -> pl.DataFrame:
    late = (pl.lit(AS_OF.to_pydatetime()) - pl.col("due_date")).dt.total_days()
    edges = [(None, 0), (1, 30), (31, 60), (61, 90), (91, None)]
    sums = [
        pl.col("amount_due").filter(within(first, last)).sum().alias(name)
        for name, (first, last) in zip(BUCKETS, edges, strict=True)
    ]
    is_open = (pl.col("status") == "open") & (pl.col("amount_due") != 0)
    open_invoices = invoices.lazy().filter(is_open).with_columns(late=late)
    return open_invoices.group_by("currency", "customer_id").agg(sums).collect()


def within(first: int | None, last: int | None) -> pl.Expr:
    """Return whether an invoice is late by so many days."""
    late = pl.col("late")
    if first is None:
        return late <= last
    return late >= first if last is None else late.is_between(first, last)


def in_one_piece(file: Path) -> pd.DataFrame:
    """Read the file into a frame of columns in one piece each, as the other benchmark of reports has them."""
    frame: pd.DataFrame = pq.read_table(file).combine_chunks().to_pandas()
    return frame


def into_duckdb(file: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(f"CREATE TABLE invoices AS FROM '{file}'")
    return connection


@dataclass(frozen=True, slots=True)
class Report:
    """One way to age invoices."""

    prepare: Callable[[Path], Any]
    """Reads the file into the engine's own table; outside the clock."""
    age: Callable[[Any], Any]
    """Ages the invoices, up to figures that can be read."""


def ours_on_duckdb(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    aged: pd.DataFrame = rf.reports.ar_aging(connection.table("invoices"), AS_OF).df()
    return aged


PANDAS, APPLY, DUCKDB, POLARS, OURS = "pd.cut + pivot_table", "apply", "DuckDB SQL", "Polars", "rutterframe"
REPORTS = {
    APPLY: Report(in_one_piece, by_hand.aging_by_apply),
    PANDAS: Report(in_one_piece, by_hand.aging),
    DUCKDB: Report(into_duckdb, by_sql),
    POLARS: Report(pl.read_parquet, by_polars),
    OURS: Report(in_one_piece, lambda frame: rf.reports.ar_aging(frame, AS_OF)),
    "rutterframe on DuckDB's table": Report(into_duckdb, ours_on_duckdb),
    "rutterframe on a Polars frame": Report(pl.read_parquet, lambda frame: rf.reports.ar_aging(frame, AS_OF)),
}


def cents(aged: Any) -> Mapping[str, tuple[int, ...]]:
    """Add up each bucket by currency, in cents."""
    frame = aged.to_pandas() if isinstance(aged, pl.DataFrame) else aged.reset_index()
    sums = frame.groupby("currency", observed=True)[list(BUCKETS)].sum()
    return {str(name): tuple(round(float(value) * 100) for value in row) for name, row in sums.iterrows()}
