"""Time of ``import rutterframe`` beside ``import pandas``, each in a fresh process."""

from __future__ import annotations

import statistics
import subprocess
import sys

from benchmarks.measure import Goal, Section

MODULES = ("pandas", "rutterframe")
CODE = "import time; started = time.perf_counter(); import {}; print(time.perf_counter() - started)"


def import_time(rounds: int) -> Section:
    """Compare the two imports, in turn."""
    seconds: dict[str, list[float]] = {module: [] for module in MODULES}
    for _ in range(rounds):
        for module, times in seconds.items():
            times.append(time_in_process(module))
    medians = {module: statistics.median(times) for module, times in seconds.items()}
    table = [[f"import {module}", f"{median * 1000:.0f} ms"] for module, median in medians.items()]
    goals = [Goal("of the time of import pandas", medians["rutterframe"] / medians["pandas"], 2)]
    return Section("Import, in a fresh process", ["what", "median"], table, goals, [])


def time_in_process(module: str) -> float:
    """Import a module in a process of its own, and return the seconds."""
    result = subprocess.run(
        [sys.executable, "-c", CODE.format(module)], stdout=subprocess.PIPE, text=True, check=True
    )
    return float(result.stdout)
