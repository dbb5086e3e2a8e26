"""The baselines of rutterframe: the loop an analyst writes, and reading the bytes only.

Each load takes an open client, so that no side pays for loading certificates inside the clock.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import httpx
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterator

AUTH = ("bench", "bench")
HEADERS = {"X-Rutter-Version": "2024-08-31"}
CURSOR = re.compile(rb'"next_cursor"\s*:\s*"([^"]+)"')
TAIL = 512

TRANSACTION_DTYPES = {
    "id": "str",
    "amount": "float64",
    "currency": "str",
    "description": "str",
    "type": "str",
    "account_id": "str",
}
ORDER_DTYPES = {
    "id": "str",
    "customer_id": "str",
    "status": "str",
    "currency": "str",
    "total_price": "float64",
}
LINE_DTYPES = {
    "product_id": "str",
    "variant_id": "str",
    "quantity": "Int64",
    "unit_price": "float64",
    "id": "str",
}


def open_client(url: str) -> httpx.Client:
    """Return the client that a loop uses for all its pages."""
    return httpx.Client(base_url=url, auth=AUTH, headers=HEADERS)


def user_rows(client: httpx.Client, resource: str) -> list[dict[str, Any]]:
    """Return the rows of every page: follow the cursor, parse, extend a list."""
    rows: list[dict[str, Any]] = []
    params = {"access_token": "t0"}
    while True:
        response = client.get(f"/{resource}", params=params)
        response.raise_for_status()
        body = response.json()
        rows.extend(body[resource])
        if not body["next_cursor"]:
            return rows
        params["cursor"] = body["next_cursor"]


def user_transactions(client: httpx.Client) -> pd.DataFrame:
    """Load transactions the way an analyst writes it."""
    frame = pd.json_normalize(user_rows(client, "transactions")).astype(TRANSACTION_DTYPES)
    frame["date"] = pd.to_datetime(frame["date"])
    return frame


def user_orders(client: httpx.Client) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Load orders and their lines the way an analyst writes it."""
    rows = user_rows(client, "orders")
    orders = pd.json_normalize(rows).drop(columns="line_items").astype(ORDER_DTYPES)
    for column in ("created_at", "updated_at"):
        orders[column] = pd.to_datetime(orders[column])
    lines = pd.json_normalize(rows, record_path="line_items", meta=["id"]).astype(LINE_DTYPES)
    return orders, lines


def page_bytes(client: httpx.Client, resource: str) -> Iterator[bytes]:
    """Yield the body of every page, looking only for the cursor at its end."""
    params = {"access_token": "t0"}
    while True:
        body = client.get(f"/{resource}", params=params).content
        yield body
        cursor = CURSOR.search(body, max(0, len(body) - TAIL))
        if cursor is None:
            return
        params["cursor"] = cursor[1].decode()


def bytes_only(client: httpx.Client, resource: str) -> int:
    """Read every page without decoding it, and return the number of bytes."""
    return sum(len(body) for body in page_bytes(client, resource))


def cents(amounts: pd.Series[float]) -> int:
    """Return the exact sum of two-decimal amounts, in cents."""
    return int((amounts * 100).round().astype("int64").sum())
