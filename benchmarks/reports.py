"""How long the aging of invoices takes beside ``apply``, and beside ``pd.cut`` with ``pivot_table``.

Run from the root of the repository::

    python -m benchmarks.reports            # 1 M and 10 M invoices
    python -m benchmarks.reports --quick
"""

from __future__ import annotations

import argparse
import gc
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

import rutterframe as rf
from benchmarks.measure import Goal, Section
from benchmarks.report import section_text

AS_OF = pd.Timestamp("2026-06-30")
BUCKETS = ["days_91_plus", "days_61_90", "days_31_60", "days_1_30", "current"]
RESULTS = Path(__file__).resolve().parent / "RESULTS.md"
HEADING = "# Reports"


def invoices(rows: int) -> pd.DataFrame:
    """Make invoices of 5,000 customers in three currencies, all dated: the others' code needs that."""
    random = np.random.default_rng(7)
    days = random.integers(-200, 60, rows).astype("timedelta64[D]")
    customers = pd.Series([f"customer-{number:04d}" for number in range(5000)], dtype="str")
    currencies = pd.Series(["EUR", "GBP", "USD"], dtype="str")
    statuses = pd.Series(["open", "open", "open", "paid", "draft"], dtype="str")
    return pd.DataFrame(
        {
            "customer_id": customers.take(random.integers(0, 5000, rows)).array,
            "status": statuses.take(random.integers(0, 5, rows)).array,
            "amount_due": random.integers(1, 500_000, rows) / 100,
            "currency": currencies.take(random.integers(0, 3, rows)).array,
            "due_date": pd.Series(np.datetime64("2026-06-30", "us") + days),
        }
    )


def ours(frame: pd.DataFrame) -> pd.DataFrame:
    """Age with rutterframe."""
    aging: pd.DataFrame = rf.reports.ar_aging(frame, AS_OF)
    return aging


def experts(frame: pd.DataFrame) -> pd.DataFrame:
    """Age as somebody does who knows pandas well."""
    items = frame[(frame["status"] == "open") & (frame["amount_due"] != 0)]
    late = (AS_OF - items["due_date"]).dt.days
    edges = [-np.inf, 0, 30, 60, 90, np.inf]
    bucket = pd.cut(late, edges, labels=BUCKETS[::-1])
    return items.assign(bucket=bucket).pivot_table(
        index=["currency", "customer_id"],
        columns="bucket",
        values="amount_due",
        aggfunc="sum",
        observed=False,
        fill_value=0,
    )


def beginners(frame: pd.DataFrame) -> pd.DataFrame:
    """Age row by row."""
    items = frame[(frame["status"] == "open") & (frame["amount_due"] != 0)].copy()

    def bucket(row: pd.Series) -> str:
        late = (AS_OF - row["due_date"]).days
        return next(
            name for name, edge in zip(BUCKETS, (91, 61, 31, 1, -10_000), strict=True) if late >= edge
        )

    items["bucket"] = items.apply(bucket, axis=1)
    return items.pivot_table(
        index=["currency", "customer_id"], columns="bucket", values="amount_due", aggfunc="sum", fill_value=0
    )


def aging(rows: int, rounds: int, *, with_apply: bool) -> Section:
    """Time the sides in turn, and compare their sums to the cent."""
    frame = invoices(rows)
    sides: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
        "rutterframe": ours,
        "pd.cut + pivot_table": experts,
    }
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds + 1):
        for name, side in sides.items():
            gc.collect()
            started = time.perf_counter()
            side(frame)
            seconds[name].append(time.perf_counter() - started)
    medians = {name: statistics.median(measured[1:]) for name, measured in seconds.items()}
    goals = [Goal("of the expert's time", medians["rutterframe"] / medians["pd.cut + pivot_table"], 1.0)]
    if with_apply:
        started = time.perf_counter()
        beginners(frame)
        medians["apply"] = time.perf_counter() - started
        goals.append(Goal("faster than apply", medians["apply"] / medians["rutterframe"], 40, at_least=True))
    table = [[name, f"{median * 1000:,.0f} ms"] for name, median in medians.items()]
    return Section(f"Aging of {rows:,} invoices", ["side", "median"], table, goals, differences(frame))


def differences(frame: pd.DataFrame) -> list[str]:
    """Compare the cents of both sides, bucket by bucket."""
    mine, theirs = ours(frame), experts(frame)
    found = []
    for name in BUCKETS:
        cents = round(float(mine[name].sum()) * 100), round(float(theirs[name].sum()) * 100)
        if cents[0] != cents[1]:
            found.append(f"{name}: {cents}")
    return found


def main() -> int:
    """Measure, print, and put the tables at the end of the results."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="small volumes; the results file is left alone")
    quick = parser.parse_args().quick
    volumes = ((10_000, 3, True),) if quick else ((1_000_000, 9, True), (10_000_000, 3, False))
    sections = [aging(rows, rounds, with_apply=slow) for rows, rounds, slow in volumes]
    text = "\n".join(section_text(section) for section in sections)
    print(text)
    if not quick and RESULTS.exists():
        kept = RESULTS.read_text(encoding="utf-8").partition(HEADING)[0].rstrip()
        RESULTS.write_text(f"{kept}\n\n{HEADING}\n\n{text}", encoding="utf-8")
    return 1 if any(section.differences for section in sections) else 0


if __name__ == "__main__":
    raise SystemExit(main())
