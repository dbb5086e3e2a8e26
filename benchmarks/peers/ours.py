"""rutterframe: once as it comes, and once told to leave out what it cannot read, once into files."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

import rutterframe as rf
from benchmarks import subject
from benchmarks.peers.tool import OURS, TO_FILES, Tool

# A page that is broken stays broken: the table of lies need not wait half a minute to be sure of it.
RETRY = rf.RetryPolicy(attempts=2, wait_initial=0.01)
CHUNK = 5_000  # as many as dlt holds before it writes


@contextmanager
def opened(url: str) -> Iterator[rf.Client]:
    with subject.opened(url, retry=RETRY) as client:
        yield client


def left_out(client: rf.Client, resource: str) -> pd.DataFrame:
    """Load what can be read; the receipt tells of the rest."""
    load = {"transactions": rf.load_transactions, "orders": rf.load_orders}[resource]
    return load(client.connection("c0"), on_invalid="quarantine", progress=False)


def quarantined_orders(client: rf.Client) -> tuple[pd.DataFrame, pd.DataFrame]:
    orders = left_out(client, "orders")
    return orders, rf.line_items(orders)


@dataclass(frozen=True, slots=True)
class Chunks:
    """Loads into Parquet files, chunk by chunk, as dlt does."""

    client: rf.Client
    folder: Path

    def load(self, resource: str) -> list[Path]:
        """Load a resource, holding no more than a chunk of it."""
        files: list[Path] = []
        for chunk in rf.iter_frames(self.client.connection("c0"), resource, chunksize=CHUNK):
            files.append(self.folder / f"{len(files):06d}.parquet")
            rf.write_frame(chunk, files[-1])
        return files


@contextmanager
def opened_on_files(url: str) -> Iterator[Chunks]:
    with opened(url) as client, tempfile.TemporaryDirectory() as folder:
        yield Chunks(client, Path(folder))


def read_back(files: list[Path]) -> tuple[pd.DataFrame, ...]:
    """Read what was written as frames."""
    frame = pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)
    return (frame, rf.line_items(frame)) if "line_items" in frame else (frame,)


TOOLS = (
    Tool(OURS, ("rutterframe",), opened, subject.transactions, subject.orders),
    Tool(
        "rutterframe, quarantine",
        ("rutterframe",),
        opened,
        lambda client: left_out(client, "transactions"),
        quarantined_orders,
    ),
    Tool(
        TO_FILES,
        ("rutterframe",),
        opened_on_files,
        lambda chunks: chunks.load("transactions"),
        lambda chunks: chunks.load("orders"),
        read_back,
    ),
)
