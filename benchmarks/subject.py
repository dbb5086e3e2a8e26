"""The loaders of rutterframe, with the rate limiter off."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

import rutterframe as rf

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd


RETRY = rf.RetryPolicy()


@contextmanager
def open_client(
    url: str,
    connections: int = 1,
    *,
    retry: rf.RetryPolicy = RETRY,
    dialect: Literal["contract", "live"] = "contract",
) -> Iterator[rf.Client]:
    """Open a client on a server, with a token for each of the connections c0, c1 and so on."""
    tokens = {f"c{number}": f"t{number}" for number in range(connections)}
    with rf.Client(
        client_id="bench",
        client_secret="bench",
        environment=url,
        access_tokens=tokens,
        rate_limit=None,
        retry=retry,
        dialect=dialect,
    ) as client:
        yield client


def transactions(client: rf.Client) -> pd.DataFrame:
    """Load the transactions of one connection."""
    return rf.load_transactions(client.connection("c0"), progress=False)


def orders(client: rf.Client) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Load the orders of one connection, and their lines."""
    frame = rf.load_orders(client.connection("c0"), progress=False)
    return frame, rf.line_items(frame)


def side_by_side(client: rf.Client, connections: int) -> pd.DataFrame:
    """Load the transactions of many connections at once."""
    return rf.load_transactions(
        [client.connection(f"c{number}") for number in range(connections)], progress=False
    )
