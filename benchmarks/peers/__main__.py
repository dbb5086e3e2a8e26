"""rutterframe beside other tools: speed, memory, and results on faulty pages.

Run from the root of the repository, with the packages of ``requirements/peers.lock.txt``::

    python -m benchmarks.peers            # everything; writes a part of benchmarks/RESULTS.md, and peers.png
    python -m benchmarks.peers --quick    # small volumes; the results are left alone

A figure short of its goal is printed as such and does not fail the run; sides with other cents do.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Section
from benchmarks.peers import accuracy, loads, reports, stages
from benchmarks.peers.fault_server import REQUEST_LIMIT
from benchmarks.peers.figures import Figures
from benchmarks.peers.picture import PICTURE, draw
from benchmarks.peers.text import part_text
from benchmarks.peers.tool import DECODERS, TOOLS
from benchmarks.report import RESULTS, replace_part, section_text

Topic = tuple[Section, Figures]


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="small volumes; the results are left alone")
    parser.add_argument("--rounds", type=int, help="timed rounds of transactions and orders (9; 2 if quick)")
    return parser.parse_args()


def print_topic(topic: Topic) -> Topic:
    """Print a topic as soon as it is measured."""
    print(section_text(topic[0]), flush=True)
    return topic


def measure(rounds: int, scale: int) -> tuple[list[Topic], list[Topic]]:
    """Measure the loads, and the reports; both have three topics."""
    repeats = 3 if scale == 1 else 1
    return [
        print_topic(loads.speed("transactions", 100_000 // scale, rounds)),
        print_topic(loads.speed("orders", 30_000 // scale, rounds)),
        print_topic(loads.peak(1_000_000 // scale, repeats)),
    ], [
        print_topic(reports.speed(1_000_000 // scale, 5, with_apply=True)),
        print_topic(reports.speed(10_000_000 // scale, 5, with_apply=False)),
        print_topic(reports.peak(10_000_000 // scale)),
    ]


def profiles(rounds: int, scale: int) -> list[Section]:
    """Measure the stages of rutterframe itself."""
    sections = [stages.loading(100_000 // scale, rounds), stages.aging(10_000_000 // scale, min(rounds, 5))]
    for section in sections:
        print(section_text(section), flush=True)
    return sections


def faulty_page_tables() -> list[Section]:
    """Run every tool on every faulty page."""
    sections = [
        accuracy.table("Faulty pages: the tools", TOOLS),
        accuracy.table("Faulty pages: bare decoders, each under an explicit schema", DECODERS),
    ]
    for section in sections:
        print(section_text(section), flush=True)
    return sections


def main() -> int:
    """Measure, print, and write the sections to their part of the results."""
    options = arguments()
    rounds = options.rounds or (2 if options.quick else 9)
    rows = measure(rounds, 20 if options.quick else 1)
    sections = [section for row in rows for section, _ in row]
    profile = profiles(rounds, 20 if options.quick else 1)
    faulty = faulty_page_tables()
    panels = [[figures for _, figures in row] for row in rows]
    with tempfile.TemporaryDirectory() as folder:
        draw(panels, Path(folder) / PICTURE.name if options.quick else PICTURE)
    if not options.quick:
        replace_part(RESULTS, "Peers", part_text(sections, profile, faulty, rounds, REQUEST_LIMIT))
    return 1 if any(section.differences for section in sections) else 0


if __name__ == "__main__":
    sys.exit(main())
