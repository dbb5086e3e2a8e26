"""Measure how long the dashboard takes to redraw on the demo's books: ``python -m benchmarks.dashboard``.

Each change is made again and again with another value, so that no report is remembered; printed are the
seconds from the new value of the control to the last part that is redrawn, wall clock and processor.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import cycle
from typing import Any

import rutterframe as rf

GOAL = 0.5
ROUNDS = 9


def values() -> dict[str, Iterator[Any]]:
    """Return endless values for each control."""
    days = (date(2026, 6, 30) - timedelta(days=back) for back in range(10_000))
    return {
        "business": cycle(["Roaster", "Gear", None]),
        "as_of": days,
        "currency": cycle(["USD", "EUR", None]),
        "minimum": cycle([1000.0, 10.0, 0.0]),
    }


def main() -> int:
    """Print a line for each control; return 1 if a median is above the goal."""
    with rf.demo() as client:
        books = rf.load_books(client, progress=False)
    start = time.perf_counter()
    dashboard = rf.widgets.Dashboard(books)
    print(f"first           {time.perf_counter() - start:.3f} s")
    slow = False
    for name, inputs in values().items():
        # A business is computed anew on a day that was not shown before.
        wall, processor = [], []
        for _ in range(ROUNDS):
            if name == "business":
                dashboard = rf.widgets.Dashboard(books)
            value = next(inputs)
            start, started = time.perf_counter(), time.process_time()
            setattr(dashboard, name, value)
            wall.append(time.perf_counter() - start)
            processor.append(time.process_time() - started)
        median = statistics.median(wall)
        slow = slow or median > GOAL
        used = statistics.median(processor)
        print(f"{name:15} {median:.3f} s, at most {max(wall):.3f} s, processor {used:.3f} s (goal {GOAL} s)")
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())
