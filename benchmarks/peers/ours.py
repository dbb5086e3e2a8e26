"""rutterframe: once as it comes, and once told to leave out what it cannot read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pandas as pd

import rutterframe as rf
from benchmarks import subject
from benchmarks.peers.tool import OURS, Tool

# A page that is broken stays broken: the table of lies need not wait half a minute to be sure of it.
RETRY = rf.RetryPolicy(attempts=2, wait_initial=0.01)


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


TOOLS = (
    Tool(OURS, ("rutterframe",), opened, subject.transactions, subject.orders),
    Tool(
        "rutterframe, quarantine",
        ("rutterframe",),
        opened,
        lambda client: left_out(client, "transactions"),
        quarantined_orders,
    ),
)
