"""Time and memory of each tool from the first request to typed columns."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pandas as pd

from benchmarks import baselines, memory, topics
from benchmarks.measure import Goal, Loaded, Section, Side, Timing, differences, ratio, time_interleaved
from benchmarks.pages import LINES_PER_ORDER, Volume
from benchmarks.peers.figures import Figures
from benchmarks.peers.tool import DLT, FRAMED, OURS, TIMED, TO_FILES, USER, Tool, tool
from benchmarks.server import run_server

BYTES = "bytes only"
HEADER = ["tool", "median", "best", "rows a second", "faster than the loop", "rutterframe is faster by"]
FACTORS = {"transactions": 4, "orders": 8}
"""How many times faster than the user's loop rutterframe is to be."""
PEAK = 300
"""Megabytes."""


def side_of(tested: Tool, resource: str, url: str) -> Side:
    """Return a tool as a side."""

    @contextmanager
    def open_tool() -> Iterator[Callable[[], Any]]:
        with tested.open(url) as client:
            yield lambda: loader(tested, resource)(client)

    def summarize(loaded: Any) -> Loaded:
        return summarize_frames(resource, tested.frames(loaded))

    return Side(tested.name, open_tool, summarize)


def loader(tested: Tool, resource: str) -> Callable[[Any], Any]:
    """Return the function that loads a resource."""
    return {"transactions": tested.transactions, "orders": tested.orders}[resource]


def summarize_frames(resource: str, frames: Sequence[pd.DataFrame]) -> Loaded:
    """Reduce frames to rows and cents; dates and date-times must be typed."""
    for name in {"date", "created_at", "updated_at"} & set(frames[0]):
        if not (frames[0][name].dt.year >= 2022).all():
            raise ValueError(f"{name} is {frames[0][name].dtype} or wrong")
    if resource == "transactions":
        return memory.summarize(frames[0])
    return topics.summarize_orders((frames[0], frames[1]))


def bytes_side(resource: str, url: str) -> Side:
    """Return the lower bound: reading the bytes only."""

    @contextmanager
    def open_bytes() -> Iterator[Callable[[], Any]]:
        with baselines.open_client(url) as client:
            yield lambda: baselines.bytes_only(client, resource)

    return Side(BYTES, open_bytes)


def speed(resource: str, rows: int, rounds: int) -> tuple[Section, Figures]:
    """Time every tool on a resource."""
    with run_server(Volume(**{resource: rows})) as url:
        sides = [*(side_of(tool(name), resource, url) for name in TIMED), bytes_side(resource, url)]
        gc.collect()
        gc.freeze()  # so that the garbage collector of each tool skips the imports of the others
        timings = time_interleaved(sides, rounds)
        gc.unfreeze()
    lines = f" with {LINES_PER_ORDER} lines each" if resource == "orders" else ""
    # Of orders, every line is a row as well
    loaded = rows * (1 + LINES_PER_ORDER if lines else 1)
    section = Section(
        f"Loading {rows:,} {resource}{lines}, pages of 500",
        HEADER,
        timing_rows(timings, loaded),
        speed_goals(resource, timings),
        differences(timings),
    )
    figures = {name: loaded / timing.median for name, timing in timings.items()}
    return section, Figures(f"{rows:,} {resource}{lines}", "rows a second", figures)


def timing_rows(timings: dict[str, Timing], loaded: int) -> list[list[str]]:
    """Return the timings as rows of a table."""
    return [
        [
            name,
            f"{timing.median * 1000:,.0f} ms",
            f"{timing.best * 1000:,.0f} ms",
            f"{loaded / timing.median:,.0f}",
            f"{ratio(timings, USER, name):.2f} x",
            "" if name == OURS else f"{ratio(timings, name, OURS):.2f} x",
        ]
        for name, timing in timings.items()
    ]


def speed_goals(resource: str, timings: dict[str, Timing]) -> list[Goal]:
    """Return the goals of the speed."""
    fastest = min(FRAMED, key=lambda name: timings[name].median)
    return [
        Goal("faster than the user's loop", ratio(timings, USER, OURS), FACTORS[resource], at_least=True),
        Goal("faster than dlt", ratio(timings, DLT, OURS), 15, at_least=True),
        Goal(f"faster than the fastest peer, {fastest}", ratio(timings, fastest, OURS), 1, at_least=True),
        Goal("of the time to read the bytes", ratio(timings, OURS, BYTES), 1.25),
    ]


def peak(rows: int, rounds: int) -> tuple[Section, Figures]:
    """Measure the peak memory of every tool, in a fresh process each time."""
    with run_server(Volume(transactions=rows, page_size=1000)) as url:
        peaks, differing = memory.peaks("benchmarks.peers.memory", TIMED, rounds, url)
    megabytes = {name: bytes_ / memory.MEGABYTE for name, bytes_ in peaks.items()}
    table = [
        [name, f"{peak_size:,.0f} MB", "" if name == OURS else f"{peak_size / megabytes[OURS]:.2f} x"]
        for name, peak_size in megabytes.items()
    ]
    leanest = min(FRAMED, key=lambda name: megabytes[name])
    goals = [
        Goal("peak of rutterframe", megabytes[OURS], PEAK, unit="MB"),
        Goal(f"of the leanest frame's peak, {leanest}", megabytes[OURS] / megabytes[leanest], 1),
        Goal("to Parquet files: of dlt's peak", megabytes[TO_FILES] / megabytes[DLT], 1),
    ]
    title = f"Peak memory over imports, {rows:,} transactions, pages of 1000"
    header = ["tool", "peak (median of fresh processes)", "of rutterframe's"]
    return Section(title, header, table, goals, differing), Figures(
        f"{rows:,} transactions", "MB over imports", megabytes
    )
