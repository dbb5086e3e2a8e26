"""The time of the live dialect beside that of the contract: the same books, as many pages, in one process.

It is processor time, of all threads: other programs on the machine do not change it much. A live record has
three times the values of the contract's and up to four times its bytes. Nearly all of the time is in Arrow's
JSON parser, which takes as long for each value in both dialects; the mapping takes less than a twentieth.
"""

from __future__ import annotations

import gc
import statistics
import time
from typing import Literal

import pandas as pd

import rutterframe as rf
from benchmarks import subject
from benchmarks.measure import Goal, Section
from benchmarks.pages import LINES_PER_ORDER, Volume
from benchmarks.server import run_server
from rutterframe.client.pagination import Paginator

LOADS = {"invoices": rf.load_invoices, "orders": rf.load_orders}
CONTRACT: Literal["contract"] = "contract"
LIVE: Literal["live"] = "live"
HEADER = ["list", "dialect", "rows a second", "values a second", "bytes a row", "requests"]
#: Rows of a page by default, where a request does not say how many.
DEFAULT_PAGE = 50


def live(rounds: int, rows: int) -> Section:
    """Load invoices and orders with three lines in both dialects."""
    table: list[list[str]] = []
    goals: list[Goal] = []
    differing: list[str] = []
    with (
        run_server(Volume(books=rows)) as url,
        run_server(Volume(live_books=rows)) as live_url,
        subject.open_client(url) as client,
        subject.open_client(live_url, dialect=LIVE) as live_client,
    ):
        clients = {CONTRACT: client, LIVE: live_client}
        for name in LOADS:
            seconds = processor_times(name, clients, rounds)
            frames = {dialect: load(name, one) for dialect, one in clients.items()}
            table += [line(name, dialect, one, frames[dialect], seconds) for dialect, one in clients.items()]
            ratio = seconds[CONTRACT] / seconds[LIVE]
            # Beside its pages, a list that cannot be sorted is asked once more for what changed.
            again = int(name == "orders")
            requests = (pages(frames[LIVE]) - again) / (rows / DEFAULT_PAGE)
            goals += [
                Goal(f"of the contract's rows a second, {name}", ratio, 0.6, at_least=True),
                Goal(f"of the requests of pages of {DEFAULT_PAGE}, {name}", requests, 0.1),
            ]
            differing += differences(name, frames)
    title = f"{rows:,} invoices and orders with {LINES_PER_ORDER} lines in both dialects, pages of 500"
    return Section(f"{title}, processor time", HEADER, table, goals, differing)


def load(name: str, client: rf.Client) -> pd.DataFrame:
    """Load a list of the only connection."""
    return LOADS[name](client.connection("c0"), progress=False)


def processor_times(name: str, clients: dict[str, rf.Client], rounds: int) -> dict[str, float]:
    """Return the median processor time of each dialect, after a round that only warms up."""
    seconds: dict[str, list[float]] = {dialect: [] for dialect in clients}
    for _ in range(rounds + 1):
        for dialect, client in clients.items():
            gc.collect()
            started = time.process_time()
            load(name, client)
            seconds[dialect].append(time.process_time() - started)
    return {dialect: statistics.median(times[1:]) for dialect, times in seconds.items()}


def line(
    name: str, dialect: str, client: rf.Client, frame: pd.DataFrame, seconds: dict[str, float]
) -> list[str]:
    """Return the figures of a dialect as a row of a table."""
    size = sum(map(len, Paginator(client.connection("c0").listings(name)[0])))
    each = seconds[dialect]
    figures = (len(frame) / each, values(frame) / each, size / len(frame), pages(frame))
    return [name, dialect, *(f"{figure:,.0f}" for figure in figures)]


def values(frame: pd.DataFrame) -> int:
    """Return how many values a frame has, those of nested rows included."""
    count = 0
    for column in frame:
        kind = frame[column].dtype
        if isinstance(kind, pd.ArrowDtype):
            rows = int(frame[column].list.len().fillna(0).sum())
            count += rows * kind.pyarrow_dtype.value_type.num_fields
        else:
            count += len(frame)
    return count


def pages(frame: pd.DataFrame) -> int:
    """Return how many pages were requested."""
    return int(rf.receipt(frame)["pages"])


def differences(name: str, frames: dict[str, pd.DataFrame]) -> list[str]:
    """Return a sentence for each column of both dialects that differs, as far as they have the same words."""
    ours, theirs = frames[LIVE], frames[CONTRACT]
    columns = [column for column in theirs.select_dtypes(exclude=["object"]) if column in ours]
    plain = [name for name in columns if name not in {"status", "line_items"}]
    sentences = [f"{name}.{column} differs" for column in plain if not ours[column].equals(theirs[column])]
    lines, their_lines = rf.line_items(ours), rf.line_items(theirs)
    amounts = [column for column in their_lines.select_dtypes("number") if column != "line"]
    return sentences + [
        f"{name}: {column} of the lines differs"
        for column in amounts
        if not lines[column].astype("float64").equals(their_lines[column].astype("float64"))
    ]
