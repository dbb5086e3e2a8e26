"""The four topics of the benchmark: transactions, orders, memory, and connections side by side."""

from __future__ import annotations

import statistics
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pandas as pd

from benchmarks import baselines, memory, subject
from benchmarks.measure import (
    Goal,
    Loaded,
    Section,
    Side,
    differences,
    ratio,
    time_interleaved,
    timing_rows,
)
from benchmarks.pages import LINES_PER_ORDER, Volume
from benchmarks.server import run_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx

    import rutterframe as rf

USER, OURS, BYTES = "user's loop", "rutterframe", "bytes only"
TIMING_HEADER = ["side", "median", "best", "faster than the loop", "loaded"]
CONNECTIONS = 10


def summarize_orders(frames: tuple[pd.DataFrame, pd.DataFrame]) -> Loaded:
    """Reduce orders and lines to rows and the cents of totals and of quantity times price."""
    orders, lines = frames
    line_cents = (lines["unit_price"] * 100).round().astype("int64") * lines["quantity"].astype("int64")
    return Loaded(len(orders) + len(lines), baselines.cents(orders["total_price"]) + int(line_cents.sum()))


def column_differences(ours: pd.DataFrame, theirs: pd.DataFrame, columns: list[str]) -> list[str]:
    """Return a sentence for every column with values or a dtype that differ between the sides."""
    sentences = []
    for column in columns:
        try:
            pd.testing.assert_series_equal(ours[column], theirs[column], check_exact=True)
        except (AssertionError, KeyError) as difference:
            sentences.append(f"column {column}: {' '.join(str(difference).split())[:200]}")
    return sentences


def sides(
    url: str,
    resource: str,
    loads: tuple[Callable[[httpx.Client], Any], Callable[[rf.Client], Any]],
    summarize: Callable[[Any], Loaded],
) -> list[Side]:
    """Return the user's loop, rutterframe and the reading of bytes as sides."""
    theirs, ours = loads

    @contextmanager
    def user() -> Iterator[Callable[[], Any]]:
        with baselines.open_client(url) as client:
            yield lambda: theirs(client)

    @contextmanager
    def rutterframe() -> Iterator[Callable[[], Any]]:
        with subject.open_client(url) as client:
            yield lambda: ours(client)

    @contextmanager
    def bytes_only() -> Iterator[Callable[[], Any]]:
        with baselines.open_client(url) as client:
            yield lambda: baselines.bytes_only(client, resource)

    return [Side(USER, user, summarize), Side(OURS, rutterframe, summarize), Side(BYTES, bytes_only)]


def transactions(rounds: int, rows: int) -> Section:
    """Time 100k transactions in pages of 500."""
    loads = baselines.user_transactions, subject.transactions
    with run_server(Volume(transactions=rows)) as url:
        timings = time_interleaved(sides(url, "transactions", loads, memory.summarize), rounds)
        with baselines.open_client(url) as plain, subject.open_client(url) as client:
            theirs, ours = loads[0](plain), loads[1](client)
    goals = [
        Goal("faster than the user's loop", ratio(timings, USER, OURS), 3.5, 4, at_least=True),
        Goal("of the time to read the bytes", ratio(timings, OURS, BYTES), 1.5, 1.25),
    ]
    differing = differences(timings) + column_differences(ours, theirs, list(theirs.columns))
    title = f"{rows:,} transactions, pages of 500"
    return Section(title, TIMING_HEADER, timing_rows(timings, USER), goals, differing)


def orders(rounds: int, rows: int) -> Section:
    """Time 30k orders with their lines in pages of 500."""
    loads = baselines.user_orders, subject.orders
    with run_server(Volume(orders=rows)) as url:
        timings = time_interleaved(sides(url, "orders", loads, summarize_orders), rounds)
        with baselines.open_client(url) as plain, subject.open_client(url) as client:
            (orders, lines), (our_orders, our_lines) = loads[0](plain), loads[1](client)
    goals = [Goal("faster than the user's loop", ratio(timings, USER, OURS), 6, 8, at_least=True)]
    differing = differences(timings) + column_differences(our_orders, orders, list(orders.columns))
    differing += column_differences(our_lines, lines, [name for name in lines.columns if name != "id"])
    title = f"{rows:,} orders with {LINES_PER_ORDER} lines each, pages of 500"
    return Section(title, TIMING_HEADER, timing_rows(timings, USER), goals, differing)


def peak_memory(rounds: int, rows: int) -> Section:
    """Compare the peak memory of loading in pages of 1000, in a fresh process each time."""
    with run_server(Volume(transactions=rows, page_size=1000)) as url:
        peaks, differing = memory.peaks("benchmarks.memory", memory.SIDES, rounds, url)
    table = [[side, f"{peak / memory.MEGABYTE:.0f} MB"] for side, peak in peaks.items()]
    goals = [Goal("of the peak memory of the user's loop", peaks[OURS] / peaks[USER], 0.25)]
    title = f"Peak memory over imports, {rows:,} transactions, pages of 1000"
    return Section(title, ["side", "peak (median of fresh processes)"], table, goals, differing)


def side_by_side(rounds: int, pages: int, latency: float) -> Section:
    """Compare ten connections side by side with the least time of one connection's pages."""
    volume = Volume(transactions=500 * pages, connections=CONNECTIONS)
    with run_server(volume) as url, baselines.open_client(url) as plain:
        single = memory.summarize(baselines.user_transactions(plain))
    expected = Loaded(single.rows * CONNECTIONS, single.cents * CONNECTIONS)
    seconds, differing = [], []
    with run_server(volume, latency) as url:
        for _ in range(rounds):
            with subject.open_client(url, CONNECTIONS) as client:
                started = time.perf_counter()
                frame = subject.side_by_side(client, CONNECTIONS)
                seconds.append(time.perf_counter() - started)
            loaded = memory.summarize(frame)
            if loaded != expected:
                differing.append(f"{CONNECTIONS} connections loaded {loaded}, expected {expected}")
    ideal, median = pages * latency, statistics.median(seconds)
    table = [["ideal", f"{ideal:.2f} s"], [OURS, f"{median:.2f} s"]]
    goals = [Goal("of the ideal", median / ideal, 1.1)]
    title = f"{CONNECTIONS} connections side by side, {pages} pages each at {latency * 1000:.0f} ms a page"
    return Section(title, ["side", "median"], table, goals, differing)
