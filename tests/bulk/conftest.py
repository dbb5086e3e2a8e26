"""A demo API that is written to, and frames of what is to be written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pandas as pd
import pytest

from rutterframe.demo.server import DemoServer
from tests.conftest import client_of

BOOKS = "roaster-quickbooks"


@pytest.fixture
def server(written_to: DemoServer) -> Iterator[DemoServer]:
    written_to.configure(page_size=50, faults=[])
    yield written_to
    written_to.configure(page_size=50, faults=[])


class Interrupting(httpx.BaseTransport):
    """A transport on which Ctrl-C, or another exception, comes during a write."""

    def __init__(self, at: int, exception: type[BaseException] = KeyboardInterrupt) -> None:
        self._transport, self._left, self._exception = httpx.HTTPTransport(), at, exception

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._transport.handle_request(request)
        self._left -= 1
        if not self._left:
            raise self._exception
        return response

    def close(self) -> None:
        self._transport.close()


class Ledger:
    """A connection to write to, and the number of its records before."""

    def __init__(self, server: DemoServer, **options: Any) -> None:
        self.server = server
        self.client = client_of(server, **options)
        self.books = self.client.connection(BOOKS)
        rows = server.books.rows
        self.customer, self.vendor = rows(BOOKS, "customers")[0]["id"], rows(BOOKS, "bills")[0]["vendor_id"]
        self._before = {name: len(rows(BOOKS, name)) for name in ("invoices", "bills")}

    def amounts(self, resource: str) -> list[float]:
        """Return the amounts of the documents that were created."""
        rows = self.server.books.rows(BOOKS, resource)[self._before[resource] :]
        return [row["amount_due"] for row in rows]

    def bills(self, *totals: float) -> pd.DataFrame:
        """Return a frame of bills with one line each."""
        return pd.DataFrame(
            {"vendor_id": self.vendor, "line_items": [[{"total_amount": total}] for total in totals]},
            index=[f"B-{number}" for number in range(1, len(totals) + 1)],
        )

    def invoices(self, *totals: float) -> pd.DataFrame:
        """Return a frame of invoices with one line each."""
        return (
            self.bills(*totals).rename(columns={"vendor_id": "customer_id"}).assign(customer_id=self.customer)
        )


Open = Callable[..., Ledger]


@pytest.fixture
def ledger(server: DemoServer) -> Iterator[Open]:
    """Open ledgers on the demo API, with options of the client."""
    ledgers: list[Ledger] = []

    def make(**options: Any) -> Ledger:
        ledgers.append(Ledger(server, **options))
        return ledgers[-1]

    yield make
    for ledger in ledgers:
        ledger.client.close()


def outcomes(result: pd.DataFrame) -> list[list[str | None]]:
    """Return the records of a result with their status and error."""
    rows = result[["record", "status", "error"]].astype(object)
    records: list[list[str | None]] = rows.where(rows.notna(), None).to_numpy().tolist()
    return records
