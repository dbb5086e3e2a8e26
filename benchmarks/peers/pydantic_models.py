"""pydantic: a model of the page, read from its bytes in one call, then columns."""

from __future__ import annotations

import datetime as dt

from pydantic import BaseModel, TypeAdapter

from benchmarks.baselines import open_client
from benchmarks.peers import records
from benchmarks.peers.tool import Tool


class Transaction(BaseModel):
    """One movement of money."""

    id: str | None = None
    amount: float | None = None
    currency: str | None = None
    date: dt.date | None = None
    description: str | None = None
    type: str | None = None
    account_id: str | None = None


class Line(BaseModel):
    """One line of an order."""

    product_id: str | None = None
    variant_id: str | None = None
    quantity: int | None = None
    unit_price: float | None = None


class Order(BaseModel):
    """One order."""

    id: str | None = None
    customer_id: str | None = None
    status: str | None = None
    currency: str | None = None
    total_price: float | None = None
    line_items: list[Line]
    created_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None


class Transactions(BaseModel):
    """A page of transactions; its list must be there."""

    transactions: list[Transaction]
    next_cursor: str | None = None


class Orders(BaseModel):
    """A page of orders; its list must be there."""

    orders: list[Order]
    next_cursor: str | None = None


TRANSACTIONS, ORDERS = TypeAdapter(Transactions), TypeAdapter(Orders)
TOOLS = (
    Tool(
        "pydantic",
        ("pydantic", "pyarrow"),
        open_client,
        lambda client: records.transactions(client, TRANSACTIONS.validate_json),
        lambda client: records.orders(client, ORDERS.validate_json),
    ),
)
