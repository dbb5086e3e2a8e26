"""msgspec: a Struct of the page, decoded from its bytes in one call, then columns."""

from __future__ import annotations

import datetime as dt
import types
from typing import Any

import msgspec

from benchmarks.baselines import open_client
from benchmarks.peers import records
from benchmarks.peers.tool import Tool
from benchmarks.peers.typed import COUNT, DAY, LINE, MOMENT, NUMBER, ORDER, TEXT, TRANSACTION

PYTHON = {TEXT: str, NUMBER: float, COUNT: int, DAY: dt.date, MOMENT: dt.datetime}


def struct(name: str, kinds: dict[str, Any], *more: tuple[str, Any]) -> Any:
    """Define a Struct with optional fields; its instances are not in cycles, so none is collected."""
    fields: list[Any] = [(field, PYTHON[kind] | None, None) for field, kind in kinds.items()]
    return msgspec.defstruct(name, [*more, *fields], gc=False)


def list_of(record: Any) -> Any:
    """Return the type of a list of records, which is known only at run time."""
    return types.GenericAlias(list, (record,))


def page(resource: str, record: Any) -> Any:
    """Define a page; its list must be there."""
    fields: list[Any] = [(resource, list_of(record)), ("next_cursor", str | None, None)]
    return msgspec.json.Decoder(msgspec.defstruct(resource.title(), fields, gc=False))


TRANSACTIONS = page("transactions", struct("Transaction", TRANSACTION))
ORDERS = page("orders", struct("Order", ORDER, ("line_items", list_of(struct("Line", LINE)))))
TOOLS = (
    Tool(
        "msgspec",
        ("msgspec", "pyarrow"),
        open_client,
        lambda client: records.transactions(client, TRANSACTIONS.decode),
        lambda client: records.orders(client, ORDERS.decode),
    ),
)
