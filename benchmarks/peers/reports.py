"""Time and memory of the aging of invoices with each tool."""

from __future__ import annotations

import gc
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import books
from benchmarks.measure import Goal, Section
from benchmarks.memory import MEGABYTE, run_in_process
from benchmarks.peers.aging import APPLY, DUCKDB, OURS, PANDAS, REPORTS, cents
from benchmarks.peers.figures import Figures
from benchmarks.reports import seconds_of

QUICK = tuple(name for name in REPORTS if name != APPLY)


def speed(rows: int, rounds: int, *, with_apply: bool) -> tuple[Section, Figures]:
    """Time the aging of invoices, and compare the cents of every bucket and currency."""
    with tempfile.TemporaryDirectory() as folder:
        file = write_invoices(Path(folder), rows)
        tables = {name: REPORTS[name].prepare(file) for name in QUICK}
        medians = seconds_of({name: aging_of(name, tables[name]) for name in QUICK}, rounds)
        results = {name: cents(aging_of(name, tables[name])()) for name in QUICK}
        if with_apply:
            gc.collect()
            started = time.perf_counter()
            aged = aging_of(APPLY, tables[PANDAS])()
            medians = {APPLY: time.perf_counter() - started, **medians}
            results[APPLY] = cents(aged)
    differ = [name for name, sums in results.items() if sums != results[OURS]]
    table = [
        [name, f"{median * 1000:,.0f} ms", f"{rows / median:,.0f}", f"{median / medians[OURS]:.2f} x"]
        for name, median in medians.items()
    ]
    differences = [f"other cents than rutterframe's: {', '.join(differ)}"] if differ else []
    header = ["tool", "median", "invoices a second", "of rutterframe's time, on pandas"]
    section = Section(f"Aging of {rows:,} invoices", header, table, speed_goals(medians), differences)
    return section, Figures(f"Aging of {rows:,} invoices", "invoices a second", per_second(rows, medians))


def aging_of(name: str, table: Any) -> Any:
    """Return the function that ages a table."""
    return lambda: REPORTS[name].age(table)


def per_second(rows: int, medians: dict[str, float]) -> dict[str, float]:
    """Turn times into speeds."""
    return {name: rows / median for name, median in medians.items()}


def write_invoices(folder: Path, rows: int) -> Path:
    """Write generated invoices to a file."""
    file = folder / f"invoices-{rows}.parquet"
    books.invoices(rows).to_parquet(file, index=False)
    return file


def speed_goals(medians: dict[str, float]) -> list[Goal]:
    """Return the goals of the speed."""
    goals = [
        Goal("of the time of DuckDB's hand-written SQL", medians[OURS] / medians[DUCKDB], 1.5),
        Goal("of the time of pd.cut + pivot_table", medians[OURS] / medians[PANDAS], 1),
    ]
    if APPLY in medians:
        goals.append(Goal("faster than apply", medians[APPLY] / medians[OURS], 40, at_least=True))
    return goals


def peak(rows: int) -> tuple[Section, Figures]:
    """Measure the peak memory of every aging, its own table included, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        files = {"file": write_invoices(Path(folder), rows), "small": write_invoices(Path(folder), 1000)}
        measured = {
            name: run_in_process("benchmarks.peers.report_memory", report=name, **files) for name in QUICK
        }
    table = [
        [name, *(f"{figures[key] / MEGABYTE:,.0f} MB" for key in ("held", "peak"))]
        for name, figures in measured.items()
    ]
    peaks = {name: figures["peak"] / MEGABYTE for name, figures in measured.items()}
    goals = [
        Goal("of the peak of pd.cut + pivot_table", peaks[OURS] / peaks[PANDAS], 1),
        Goal("of the peak of DuckDB's hand-written SQL", peaks[OURS] / peaks[DUCKDB], 1),
    ]
    title = f"Peak memory of the aging of {rows:,} invoices, the table included"
    section = Section(title, ["tool", "table", "peak"], table, goals)
    return section, Figures(f"Aging of {rows:,} invoices", "MB, the table included", peaks)
