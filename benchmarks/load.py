"""Speed and memory of the loaders, beside the loop an analyst writes and beside reading the bytes only.

Run from the root of the repository::

    python -m benchmarks.load            # everything; writes benchmarks/RESULTS.md
    python -m benchmarks.load --quick    # small volumes, to see that it works
    python -m benchmarks.load --only transactions --rounds 15

A figure short of its goal is printed as such and does not fail the run; sides that load different rows or
amounts do. The goals are for the full volumes: small ones are mostly set-up.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from benchmarks import dirty_pages, first_chart, imports, live, topics
from benchmarks.report import RESULTS, machine_text, replace_part, results_text, section_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.measure import Section

ALL_TOPICS = ("transactions", "orders", "live", "dirty", "memory", "sidebyside", "import", "chart")
LATENCY = 0.1


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, help="timed rounds of transactions and orders (15; 3 if quick)")
    parser.add_argument("--only", choices=ALL_TOPICS, help="run one topic; the results file is left alone")
    parser.add_argument("--quick", action="store_true", help="small volumes; the results file is left alone")
    parser.add_argument(
        "--full", action="store_true", help="200 pages a connection in the side-by-side topic"
    )
    parser.add_argument(
        "--pages", type=int, help="pages a connection in the side-by-side topic (30; 10 if quick)"
    )
    parser.add_argument("--latency", type=float, default=LATENCY, help="seconds a page, side by side (0.1)")
    return parser.parse_args()


def topics_to_run(options: argparse.Namespace) -> dict[str, Callable[[], Section]]:
    """Return the topics by name, with their volumes filled in."""
    scale = 10 if options.quick else 1
    rounds = timed_rounds(options)
    pages = options.pages or (10 if options.quick else 200 if options.full else 30)
    repeats = 1 if options.quick else 3
    return {
        "transactions": lambda: topics.transactions(rounds, 100_000 // scale),
        "orders": lambda: topics.orders(rounds, 30_000 // scale),
        "live": lambda: live.live(rounds, 20_000 // scale),
        "dirty": lambda: dirty_pages.dirty_pages(rounds * 20),
        "memory": lambda: topics.peak_memory(repeats, 1_000_000 // scale),
        "sidebyside": lambda: topics.side_by_side(repeats, pages, options.latency),
        "import": lambda: imports.import_time(rounds),
        "chart": lambda: first_chart.first_chart(min(rounds, 5)),
    }


def timed_rounds(options: argparse.Namespace) -> int:
    """Return how many rounds are timed."""
    return int(options.rounds or (3 if options.quick else 15))


def main() -> int:
    options = arguments()
    print(machine_text(), end="\n\n")
    sections = []
    for name, measure in topics_to_run(options).items():
        if options.only in (None, name):
            sections.append(measure())
            print(section_text(sections[-1]), flush=True)
    if not options.only and not options.quick:
        replace_part(RESULTS, "Benchmark results", results_text(sections, timed_rounds(options)))
    return 1 if any(section.differences for section in sections) else 0


if __name__ == "__main__":
    sys.exit(main())
