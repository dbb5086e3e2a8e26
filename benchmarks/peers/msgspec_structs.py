"""msgspec: a Struct of the page, decoded from its bytes in one call, then columns."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from benchmarks.baselines import open_client
from benchmarks.peers import records
from benchmarks.peers.tool import Tool
from benchmarks.peers.typed import DAY, LINE, MOMENT, NUMBER, ORDER, TEXT, TRANSACTION
from benchmarks.peers.typed import COUNT

PYTHON = {TEXT: str, NUMBER: float, COUNT: int, DAY: dt.date, MOMENT: dt.datetime}


def struct(name: str, types: dict[str, Any], *more: tuple[str, Any]) -> Any:
    """Define a Struct whose fields may be missing; its instances hold no cycles, so they need no collector."""
    fields = [(field, PYTHON[kind] | None, None) for field, kind in types.items()]
    return msgspec.defstruct(name, [*more, *fields], gc=False)


def page(resource: str, record: Any) -> Any:
    """Define a page; its list must be there."""
    fields = [(resource, list[record]), ("next_cursor", str | None, None)]
    return msgspec.json.Decoder(msgspec.defstruct(resource.title(), fields, gc=False))


TRANSACTIONS = page("transactions", struct("Transaction", TRANSACTION))
ORDERS = page("orders", struct("Order", ORDER, ("line_items", list[struct("Line", LINE)])))
TOOLS = (
    Tool(
        "msgspec",
        ("msgspec", "pyarrow"),
        open_client,
        lambda client: records.transactions(client, TRANSACTIONS.decode),
        lambda client: records.orders(client, ORDERS.decode),
    ),
)
