"""rutterframe by default, with quarantine of unreadable rows, and into files."""

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

# A broken page stays broken, so few retries are enough.
RETRY = rf.RetryPolicy(attempts=2, wait_initial=0.01)
CHUNK = 5_000  # as many rows as dlt buffers before it writes


@contextmanager
def open_client(url: str) -> Iterator[rf.Client]:
    with subject.open_client(url, retry=RETRY) as client:
        yield client


def load_quarantined(client: rf.Client, resource: str) -> pd.DataFrame:
    """Load the readable rows; the receipt counts the others."""
    load = {"transactions": rf.load_transactions, "orders": rf.load_orders}[resource]
    return load(client.connection("c0"), on_invalid="quarantine", progress=False)


def quarantined_orders(client: rf.Client) -> tuple[pd.DataFrame, pd.DataFrame]:
    orders = load_quarantined(client, "orders")
    return orders, rf.line_items(orders)


@dataclass(frozen=True, slots=True)
class Chunks:
    """Loads into Parquet files, chunk by chunk, as dlt does."""

    client: rf.Client
    folder: Path

    def load(self, resource: str) -> list[Path]:
        """Load a resource, with no more than a chunk of it in memory."""
        files: list[Path] = []
        for chunk in rf.iter_frames(self.client.connection("c0"), resource, chunksize=CHUNK):
            files.append(self.folder / f"{len(files):06d}.parquet")
            rf.write_frame(chunk, files[-1])
        return files


@contextmanager
def open_folder(url: str) -> Iterator[Chunks]:
    with open_client(url) as client, tempfile.TemporaryDirectory() as folder:
        yield Chunks(client, Path(folder))


def read_files(files: list[Path]) -> tuple[pd.DataFrame, ...]:
    """Read the files as frames."""
    frame = pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)
    return (frame, rf.line_items(frame)) if "line_items" in frame else (frame,)


TOOLS = (
    Tool(OURS, ("rutterframe",), open_client, subject.transactions, subject.orders),
    Tool(
        "rutterframe, quarantine",
        ("rutterframe",),
        open_client,
        lambda client: load_quarantined(client, "transactions"),
        quarantined_orders,
    ),
    Tool(
        TO_FILES,
        ("rutterframe",),
        open_folder,
        lambda chunks: chunks.load("transactions"),
        lambda chunks: chunks.load("orders"),
        read_files,
    ),
)
