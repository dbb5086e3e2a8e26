"""What a request adds to the records of a list, or leaves out of them: `expand` and `properties`."""

from __future__ import annotations

from collections.abc import Callable

from rutterframe.demo.api.responses import ApiError
from rutterframe.demo.api.service import Call
from rutterframe.demo.books.collection import Record
from rutterframe.demo.live.service import live
from rutterframe.demo.live.shop import Shop
from rutterframe.demo.live.shop_money import ShopMoney

#: Returns a record as a request wants it, from its key and the record.
Expansion = Callable[[int, Record], Record]


def expansion(call: Call) -> Expansion:
    """Return what the parameters of a request do to each record.

    Raises
    ------
    ApiError
        400, if the list has no such expansion.
    """
    expand, names = call.query.get("expand"), call.query.get("properties")
    known = "transactions" if call.resource == "orders" else "platform_data"
    if expand is not None and expand != known:
        raise ApiError(400, "INVALID_PARAMETER", f"expand: must be {known}, not {expand[:40]!r}")
    if names is not None:
        return lambda _, record: _narrowed(record, names)
    if expand == "platform_data":
        return lambda _, record: {**record, "platform_data": {"Id": record.get("platform_id")}}
    if expand == "transactions":
        money = ShopMoney(Shop(live(call).books, call.connection))
        return lambda key, record: {**record, "transactions": money.payments_of(key)}
    return lambda _, record: record


def _narrowed(record: Record, names: str) -> Record:
    fields = {"id", *(name.strip() for name in names.split(","))}
    return {name: value for name, value in record.items() if name in fields}
