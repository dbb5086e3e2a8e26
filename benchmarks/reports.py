"""Time and memory of reports, beside the same by hand with pandas.

Run from the root of the repository::

    python -m benchmarks.reports            # small ones, 1 M and 10 M invoices, 1 M orders with 3 M lines
    python -m benchmarks.reports --quick
"""

from __future__ import annotations

import argparse
import functools
import gc
import statistics
import time
from collections.abc import Callable

import pandas as pd

import rutterframe as rf
from benchmarks import books, by_hand
from benchmarks.measure import Goal, Section
from benchmarks.memory import run_in_process
from benchmarks.report import RESULTS, replace_part, section_text
from rutterframe.frames.receipt import Receipt


def seconds_of(sides: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Time the sides in turn, the first round only to warm up; the median of each."""
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(rounds + 1):
        names = list(sides)
        for name in names[number % len(names) :] + names[: number % len(names)]:
            gc.collect()
            started = time.perf_counter()
            sides[name]()
            seconds[name].append(time.perf_counter() - started)
    return {name: statistics.median(measured[1:]) for name, measured in seconds.items()}


def aging(rows: int, rounds: int, *, goal: float, with_apply: bool) -> Section:
    """Time the aging of invoices, and compare the cents of every bucket."""
    frame = books.invoices(rows)
    hand = "pd.cut + pivot_table"
    sides: dict[str, Callable[[], object]] = {
        "rutterframe": lambda: rf.reports.ar_aging(frame, books.AS_OF),
        hand: lambda: by_hand.aging(frame),
    }
    medians = seconds_of(sides, rounds)
    goals = [Goal("of the expert's time", medians["rutterframe"] / medians[hand], goal)]
    if with_apply:
        started = time.perf_counter()
        by_hand.aging_by_apply(frame)
        medians["apply"] = time.perf_counter() - started
        goals.append(Goal("faster than apply", medians["apply"] / medians["rutterframe"], 40, at_least=True))
    result, expected = rf.reports.ar_aging(frame, books.AS_OF), by_hand.aging(frame)
    differ = [name for name in by_hand.BUCKETS if cents(result[name]) != cents(expected[name])]
    return Section(f"Aging of {rows:,} invoices", ["side", "median"], table(medians), goals, differ)


def revenue(rows: int, rounds: int) -> Section:
    """Time revenue by product, and compare orders, pieces and cents."""
    orders, products = books.orders(rows), books.products()
    hand = "explode + merge + groupby"
    sides: dict[str, Callable[[], object]] = {
        "rutterframe": lambda: rf.reports.revenue_by_product(orders, products),
        hand: lambda: by_hand.revenue(orders, products),
    }
    medians = seconds_of(sides, rounds)
    result, expected = rf.reports.revenue_by_product(orders, products), by_hand.revenue(orders, products)
    listed = result[result["product_id"].notna()]
    differ = [
        name
        for name in ("orders", "quantity", "revenue")
        if cents(listed[name].astype("float64")) != cents(expected[name].astype("float64"))
    ]
    goals = [Goal("of the time by hand", medians["rutterframe"] / medians[hand], 0.35)]
    title = f"Revenue by product of {rows:,} orders with {rows * 3:,} lines"
    return Section(title, ["side", "median"], table(medians), goals, differ)


def small(invoices: int, orders: int, rounds: int) -> Section:
    """Time the reports of a small business, where the fixed cost of a step counts more than its rows."""
    documents, shop, products = books.invoices(invoices), books.orders(orders), books.products()
    pairs: dict[str, tuple[Callable[[], pd.DataFrame], Callable[[], pd.DataFrame]]] = {
        f"aging of {invoices:,} invoices": (
            lambda: rf.reports.ar_aging(documents, books.AS_OF),
            lambda: by_hand.aging(documents),
        ),
        f"revenue of {orders:,} orders": (
            lambda: rf.reports.revenue_by_product(shop, products),
            lambda: by_hand.revenue(shop, products),
        ),
    }
    cells, goals = [], []
    for name, (ours, theirs) in pairs.items():
        medians = seconds_of({"rutterframe": ours, "by hand": theirs}, rounds)
        cells.append([name, *(f"{median * 1000:,.1f} ms" for median in medians.values())])
        goals.append(Goal(f"{name}: of the time by hand", medians["rutterframe"] / medians["by hand"], 1.0))
    return Section("Small reports", ["report", "rutterframe", "by hand"], cells, goals)


def with_receipt(connections: int, rows: int, rounds: int) -> Section:
    """Time operations of pandas on a frame with the receipt of many connections, beside one without."""
    plain = books.invoices(rows)
    loaded = plain.copy()
    per_connection = {f"connection-{number:04d}": {"rows": 1, "pages": 1} for number in range(connections)}
    loaded.attrs["receipt"] = Receipt(
        {"resource": "invoices", "rows": rows, "per_connection": per_connection}
    )
    operations: dict[str, Callable[[pd.DataFrame], object]] = {
        "frame[mask]": lambda frame: frame[frame["status"] == "open"],
        "groupby.apply": lambda frame: frame.groupby("currency")["amount_due"].apply(lambda part: part.sum()),
        "sort_values": lambda frame: frame.sort_values("amount_due"),
        "merge": lambda frame: frame.merge(frame[["customer_id"]].drop_duplicates(), on="customer_id"),
        "ar_aging": lambda frame: rf.reports.ar_aging(frame, books.AS_OF),
    }
    cells, goals = [], []
    for name, operation in operations.items():
        sides: dict[str, Callable[[], object]] = {
            "with": functools.partial(operation, loaded),
            "without": functools.partial(operation, plain),
        }
        medians = seconds_of(sides, rounds)
        cells.append([name, *(f"{median * 1000:,.1f} ms" for median in medians.values())])
        goals.append(
            Goal(f"{name}: of the time without a receipt", medians["with"] / medians["without"], 1.2)
        )
    title = f"A frame with the receipt of {connections:,} connections, {rows:,} rows"
    return Section(title, ["operation", "with", "without"], cells, goals)


def memory(rows: int) -> Section:
    """Measure the peak memory of each report beside that of its input's columns."""
    measured = {
        name: run_in_process("benchmarks.report_memory", report=name, rows=rows)
        for name in ("aging", "aging by hand", "revenue", "revenue by hand")
    }
    cells = [
        [name, *(f"{figures[key] / 1e6:,.0f} MB" for key in ("used", "held", "peak"))]
        for name, figures in measured.items()
    ]
    goals = [
        Goal(f"{name}: peak of the input's columns", measured[name]["peak"] / measured[name]["used"], 2.0)
        for name in ("aging", "revenue")
    ]
    title = f"Peak memory of reports on {rows:,} documents, the input included"
    return Section(title, ["report", "columns used", "process before", "peak"], cells, goals)


def table(medians: dict[str, float]) -> list[list[str]]:
    """Return the medians as rows of a table."""
    return [[name, f"{median * 1000:,.0f} ms"] for name, median in medians.items()]


def cents(amounts: pd.Series) -> int:
    """Add up in cents."""
    return round(float(amounts.sum()) * 100)


def main() -> int:
    """Measure, print, and write the tables to their part of the results."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="small volumes; the results file is left alone")
    quick = parser.parse_args().quick
    if quick:
        sections = [
            small(1_000, 2_000, 15),
            aging(10_000, 3, goal=1.0, with_apply=True),
            revenue(10_000, 3),
            with_receipt(1_000, 10_000, 5),
            memory(100_000),
        ]
    else:
        sections = [
            small(1_000, 2_000, 31),
            aging(1_000_000, 9, goal=0.9, with_apply=True),
            aging(10_000_000, 3, goal=0.45, with_apply=False),
            revenue(1_000_000, 5),
            with_receipt(1_000, 100_000, 15),
            memory(1_000_000),
        ]
    text = "\n".join(section_text(section) for section in sections)
    print(text)
    if not quick:
        replace_part(RESULTS, "Reports", text)
    return 1 if any(section.differences for section in sections) else 0


if __name__ == "__main__":
    raise SystemExit(main())
