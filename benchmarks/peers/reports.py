"""How long the aging of invoices takes each tool, and how much memory."""

from __future__ import annotations

import gc
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import books
from benchmarks.measure import Goal, Section
from benchmarks.memory import MEGABYTE, in_fresh_process
from benchmarks.peers.aging import APPLY, DUCKDB, OURS, PANDAS, REPORTS, cents
from benchmarks.peers.figures import Figures
from benchmarks.reports import seconds_of

QUICK = tuple(name for name in REPORTS if name != APPLY)


def speed(rows: int, rounds: int, *, with_apply: bool) -> tuple[Section, Figures]:
    """Time the aging of invoices, and compare the cents of every bucket and currency."""
    with tempfile.TemporaryDirectory() as folder:
        file = written(Path(folder), rows)
        tables = {name: REPORTS[name].prepared(file) for name in QUICK}
        medians = seconds_of({name: aging_of(name, tables[name]) for name in QUICK}, rounds)
        results = {name: cents(aging_of(name, tables[name])()) for name in QUICK}
        if with_apply:
            gc.collect()
            started = time.perf_counter()
            aged = aging_of(APPLY, tables[PANDAS])()
            medians = {APPLY: time.perf_counter() - started, **medians}
            results[APPLY] = cents(aged)
    differ = [name for name, found in results.items() if found != results[OURS]]
    table = [
        [name, f"{median * 1000:,.0f} ms", f"{rows / median:,.0f}", f"{median / medians[OURS]:.2f} x"]
        for name, median in medians.items()
    ]
    found = [f"other cents than rutterframe's: {', '.join(differ)}"] if differ else []
    header = ["tool", "median", "invoices a second", "of rutterframe's time, on pandas"]
    section = Section(f"Aging of {rows:,} invoices", header, table, goals(medians), found)
    return section, Figures(f"Aging of {rows:,} invoices", "invoices a second", per_second(rows, medians))


def aging_of(name: str, table: Any) -> Any:
    """Give what ages a table."""
    return lambda: REPORTS[name].aged(table)


def per_second(rows: int, medians: dict[str, float]) -> dict[str, float]:
    """Turn times into speeds."""
    return {name: rows / median for name, median in medians.items()}


def written(folder: Path, rows: int) -> Path:
    """Write made-up invoices to a file."""
    file = folder / f"invoices-{rows}.parquet"
    books.invoices(rows).to_parquet(file, index=False)
    return file


def goals(medians: dict[str, float]) -> list[Goal]:
    """Return what is asked of the speed."""
    asked = [
        Goal("of the time of DuckDB's hand-written SQL", medians[OURS] / medians[DUCKDB], 1.5),
        Goal("of the time of pd.cut + pivot_table", medians[OURS] / medians[PANDAS], 1),
    ]
    if APPLY in medians:
        asked.append(Goal("faster than apply", medians[APPLY] / medians[OURS], 40, at_least=True))
    return asked


def peak(rows: int) -> tuple[Section, Figures]:
    """Measure the peak memory of every aging, its own table included, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        files = {"file": written(Path(folder), rows), "small": written(Path(folder), 1000)}
        measured = {
            name: in_fresh_process("benchmarks.peers.report_memory", report=name, **files) for name in QUICK
        }
    table = [
        [name, *(f"{figures[key] / MEGABYTE:,.0f} MB" for key in ("held", "peak"))]
        for name, figures in measured.items()
    ]
    peaks = {name: figures["peak"] / MEGABYTE for name, figures in measured.items()}
    asked = [
        Goal("of the peak of pd.cut + pivot_table", peaks[OURS] / peaks[PANDAS], 1),
        Goal("of the peak of DuckDB's hand-written SQL", peaks[OURS] / peaks[DUCKDB], 1),
    ]
    title = f"Peak memory of the aging of {rows:,} invoices, the table included"
    section = Section(title, ["tool", "table", "peak"], table, asked)
    return section, Figures(f"Aging of {rows:,} invoices", "MB, the table included", peaks)
