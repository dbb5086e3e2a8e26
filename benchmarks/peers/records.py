"""Columns of pages by way of objects, for pydantic and msgspec."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Any

import httpx
import pandas as pd
import pyarrow as pa

from benchmarks.peers.typed import LINE, ORDER, TRANSACTION, frame_of, table_of

#: Reads a page's bytes into an object with its list and its cursor.
Decode = Callable[[bytes], Any]


def pages(client: httpx.Client, resource: str, decode: Decode) -> Iterator[list[Any]]:
    """Yield the records of each page."""
    params = {"access_token": "t0"}
    while True:
        response = client.get(f"/{resource}", params=params)
        response.raise_for_status()
        page = decode(response.content)
        yield getattr(page, resource)
        if not page.next_cursor:
            return
        params["cursor"] = page.next_cursor


def table(records: list[Any], types: dict[str, pa.DataType]) -> pa.Table:
    """Turn records into columns."""
    return table_of({name: list(map(attrgetter(name), records)) for name in types}, types)


def transactions(client: httpx.Client, decode: Decode) -> pd.DataFrame:
    """Load transactions; each page becomes columns at once, so that its records are freed."""
    return frame_of([table(records, TRANSACTION) for records in pages(client, "transactions", decode)])


def orders(client: httpx.Client, decode: Decode) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Load orders and their lines."""
    parents, children = [], []
    for records in pages(client, "orders", decode):
        parents.append(table(records, ORDER))
        lines = table([line for order in records for line in order.line_items], LINE)
        ids = [order.id for order in records for _ in order.line_items]
        children.append(lines.append_column("id", pa.array(ids, pa.string())))
    return frame_of(parents), frame_of(children)
