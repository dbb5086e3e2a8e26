"""The loops people write: httpx with ``json_normalize``, and requests with a frame of dicts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pandas as pd
import requests

from benchmarks import baselines
from benchmarks.peers.tool import USER, Tool


@dataclass(frozen=True, slots=True)
class Pages:
    """Reads pages with requests."""

    session: requests.Session
    url: str

    def rows(self, resource: str) -> list[dict[str, Any]]:
        """Return the rows of every page."""
        rows: list[dict[str, Any]] = []
        params = {"access_token": "t0"}
        while True:
            response = self.session.get(f"{self.url}/{resource}", params=params)
            response.raise_for_status()
            # What response.json() does where simplejson, which is slower, is not installed
            body = json.loads(response.content)
            rows += body[resource]
            if not body["next_cursor"]:
                return rows
            params["cursor"] = body["next_cursor"]


@contextmanager
def open_session(url: str) -> Iterator[Pages]:
    """Open a session, which keeps its connection between pages."""
    with requests.Session() as session:
        session.auth = baselines.AUTH
        session.headers.update(baselines.HEADERS)
        yield Pages(session, url)


def transactions(pages: Pages) -> pd.DataFrame:
    frame = pd.DataFrame(pages.rows("transactions")).astype(baselines.TRANSACTION_DTYPES)
    frame["date"] = pd.to_datetime(frame["date"], format="ISO8601")
    return frame


def orders(pages: Pages) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = pages.rows("orders")
    frame = pd.DataFrame(rows).drop(columns="line_items").astype(baselines.ORDER_DTYPES)
    for column in ("created_at", "updated_at"):
        frame[column] = pd.to_datetime(frame[column], format="ISO8601", utc=True)
    lines = [{**line, "id": row["id"]} for row in rows for line in row["line_items"]]
    return frame, pd.DataFrame(lines).astype(baselines.LINE_DTYPES)


TOOLS = (
    Tool(
        USER,
        ("httpx", "pandas"),
        baselines.open_client,
        baselines.user_transactions,
        baselines.user_orders,
    ),
    Tool("requests", ("requests", "pandas"), open_session, transactions, orders),
)
