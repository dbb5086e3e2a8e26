"""Reports on Spark beside the same SQL written by hand, in one process with ``local[2]``.

Run from the root of the repository::

    python -m benchmarks.spark                     # 1,000,000 invoices, 9 rounds
    python -m benchmarks.spark --rows 100000 --rounds 3

Both sides read the same Parquet files and collect their groups as an Arrow table. They alternate, after
some rounds that are not counted, since Java compiles what it runs often. CPU is that of Java and Python.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

import rutterframe as rf
from benchmarks import books
from benchmarks.report import machine_text, markdown_table

WARM_UP = 4
#: The aging of `rf.reports.ar_aging` as one writes it by hand: exact decimals, the same columns and order.
AGING = """
WITH open AS (
    SELECT connection_id, customer_id, currency, CAST(amount_due AS DECIMAL(18, 4)) AS amount,
           datediff(DATE '2026-06-30', CAST(due_date AS DATE)) AS days
    FROM invoices
    WHERE lower(status) NOT IN ('draft', 'paid', 'void', 'voided', 'pending_approval', 'rejected',
                                'cancelled', 'canceled')
      AND abs(amount_due) >= 0.005
)
SELECT connection_id, customer_id, CAST(NULL AS STRING) AS customer_name, currency,
       CAST(sum(CASE WHEN days <= 0 THEN amount ELSE 0 END) AS DOUBLE) AS current,
       CAST(sum(CASE WHEN days BETWEEN 1 AND 30 THEN amount ELSE 0 END) AS DOUBLE) AS days_1_30,
       CAST(sum(CASE WHEN days BETWEEN 31 AND 60 THEN amount ELSE 0 END) AS DOUBLE) AS days_31_60,
       CAST(sum(CASE WHEN days BETWEEN 61 AND 90 THEN amount ELSE 0 END) AS DOUBLE) AS days_61_90,
       CAST(sum(CASE WHEN days >= 91 THEN amount ELSE 0 END) AS DOUBLE) AS days_91_plus,
       CAST(sum(CASE WHEN days IS NULL THEN amount ELSE 0 END) AS DOUBLE) AS no_due_date,
       CAST(sum(amount) AS DOUBLE) AS total, count(*) AS documents
FROM open
GROUP BY connection_id, customer_id, currency
ORDER BY currency NULLS LAST, total DESC, connection_id NULLS LAST, customer_id NULLS LAST
"""


def start(cores: int) -> Any:
    """Start the Spark of notebook 07, with Java's usual compiler."""
    sys.path.insert(0, str(Path(__file__).parent.parent / "notebooks"))
    from local_spark import local_spark  # type: ignore[import-not-found] # noqa: PLC0415

    return local_spark(cores=cores, java_options="-XX:+UseSerialGC -XX:ReservedCodeCacheSize=240m")


def write_books(folder: Path, rows: int) -> None:
    """Write invoices of two connections, orders and lines, as Parquet files."""
    invoices = books.invoices(rows)
    invoices.insert(0, "connection_id", books.take(["a", "b"], (invoices.index % 2).to_numpy()))
    table = pa.Table.from_pandas(invoices, preserve_index=False)
    half = rows // 2
    for number, part in enumerate((table.slice(0, half), table.slice(half))):
        pq.write_table(part, folder / f"invoices-{number}.parquet")
    orders = books.orders(rows // 10)
    orders.insert(1, "created_at", books.invoices(rows // 10)["due_date"])
    pq.write_table(pa.Table.from_pandas(orders, preserve_index=False), folder / "orders.parquet")


class Meter:
    """The seconds, CPU seconds and Spark jobs of what is run."""

    def __init__(self, spark: Any) -> None:
        self.context = spark.sparkContext
        self.java = self.context._gateway.proc.pid  # noqa: SLF001 - no other way to Java's process
        self.number = 0

    def cpu(self) -> float:
        """Return the CPU seconds of Java and Python so far."""
        fields = Path(f"/proc/{self.java}/stat").read_text().rpartition(")")[2].split()
        java = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return java + time.process_time()

    def run(self, work: Callable[[], Any]) -> tuple[float, float, int, Any]:
        """Return seconds, CPU seconds, jobs and the result."""
        self.number += 1
        group = f"run-{self.number}"
        self.context.setJobGroup(group, group)
        cpu, begin = self.cpu(), time.perf_counter()
        result = work()
        seconds, used = time.perf_counter() - begin, self.cpu() - cpu
        jobs = len(self.context.statusTracker().getJobIdsForGroup(group))
        return seconds, used, jobs, result


def measure(meter: Meter, sides: dict[str, Callable[[], Any]], rounds: int) -> dict[str, list[Any]]:
    """Return the medians of seconds and CPU seconds of each side, its jobs, and its result."""
    runs: dict[str, list[tuple[float, float, int, Any]]] = {name: [] for name in sides}
    for number in range(WARM_UP + rounds):
        for name, side in sides.items():
            run = meter.run(side)
            if number >= WARM_UP:
                runs[name].append(run)
    return {
        name: [
            statistics.median(run[0] for run in own),
            statistics.median(run[1] for run in own),
            own[-1][2],
            own[-1][3],
        ]
        for name, own in runs.items()
    }


def reports(spark: Any, folder: Path) -> dict[str, Callable[[], Any]]:
    """Return the reports, each of which collects its rows."""
    invoices = spark.read.parquet(str(folder / "invoices-*.parquet"))
    invoices.createOrReplaceTempView("invoices")
    orders = spark.read.parquet(str(folder / "orders.parquet"))
    lines = rf.line_items(orders)
    accounts = spark.createDataFrame([("a", 1.0, "USD")], "name string, balance double, currency string")
    return {
        "ar_aging": lambda: rf.reports.ar_aging(invoices, books.AS_OF).toArrow(),
        "SQL by hand": lambda: spark.sql(AGING).toArrow(),
        "revenue_by_product": lambda: rf.reports.revenue_by_product(orders, lines=lines).toArrow(),
        "cash_position": lambda: rf.reports.cash_position(accounts).toArrow(),
    }


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--only-aging", action="store_true")
    options = parser.parse_args()
    spark = start(options.cores)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_books(folder, options.rows)
        sides = reports(spark, folder)
        meter = Meter(spark)
        pair = {side: sides[side] for side in ("ar_aging", "SQL by hand")}
        results = measure(meter, pair, options.rounds)
        ours, hand = (results[side] for side in pair)
        same = ours[3].to_pylist() == hand[3].to_pylist()
        rest = {} if options.only_aging else {side: run for side, run in sides.items() if side not in pair}
        results |= measure(meter, rest, max(options.rounds // 3, 1))
    rows = [
        [side, f"{seconds:.2f} s", f"{cpu:.2f} s", str(jobs), f"{result.num_rows:,}"]
        for side, (seconds, cpu, jobs, result) in results.items()
    ]
    print(machine_text(("rutterframe", "pyspark", "narwhals")))
    print(f"\n{options.rows:,} invoices, {options.rows // 10:,} orders, local[{options.cores}]\n")
    print(markdown_table(["report", "time", "CPU", "Spark jobs", "rows"], rows))
    print(f"\nratio: {ours[0] / hand[0]:.2f} (time), {ours[1] / hand[1]:.2f} (CPU); same rows: {same}")
    return 0 if same else 1


if __name__ == "__main__":
    raise SystemExit(main())
