"""Peak memory of a report, over the process before its frames were built.

Each report runs in a fresh process::

    python -m benchmarks.report_memory --report aging --rows 1000000
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable

import pandas as pd

import rutterframe as rf
from benchmarks import books, by_hand
from benchmarks.memory import memory_bytes, settled_memory


def reports(rows: int) -> dict[str, tuple[Callable[[], list[pd.DataFrame]], Callable[..., object]]]:
    """Return for each report the functions that build its frames and run it."""

    def invoices() -> list[pd.DataFrame]:
        return [books.invoices(rows)]

    def shop() -> list[pd.DataFrame]:
        return [books.orders(rows), books.products()]

    return {
        "aging": (invoices, lambda frame: rf.reports.ar_aging(frame, books.AS_OF)),
        "aging by hand": (invoices, by_hand.aging),
        "revenue": (shop, rf.reports.revenue_by_product),
        "revenue by hand": (shop, by_hand.revenue),
    }


def measure(report: str, rows: int) -> dict[str, int]:
    """Build the frames, run the report, and return the bytes of both."""
    build, run = reports(rows)[report]
    # Once with few rows, so that imports and starts count as neither.
    small = reports(1000)[report]
    small[1](*small[0]())
    before = memory_bytes("VmRSS")
    frames = build()
    input_bytes = settled_memory() - before
    result = run(*frames)
    peak = memory_bytes("VmHWM") - before
    del result
    return {"used": books.used_bytes(*frames), "held": input_bytes, "peak": peak}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--report", choices=list(reports(0)), required=True)
    parser.add_argument("--rows", type=int, required=True)
    options = parser.parse_args()
    print(json.dumps(measure(options.report, options.rows)))


if __name__ == "__main__":
    main()
