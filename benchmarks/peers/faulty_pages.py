"""The faulty pages, and the values that are a correct reading of each.

There are three records, and the second one is faulty. Dates and date-times are ISO 8601 text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FaultyPages:
    """The pages of one fault."""

    name: str
    column: str
    """The faulty column of the second record; ``quantity`` is a column of the lines of orders."""
    right: tuple[Any, ...]
    """The values that are a sensible reading; none where every reading would be a guess."""
    pages: Mapping[str, str]
    """The body for each cursor."""
    resource: str = "transactions"
    rows: int = 3
    """How many records there are, including those of a broken page."""
    cut: bool = False
    """Whether the connection is closed before the end of a body."""


def transaction(number: int) -> dict[str, Any]:
    """Return a clean transaction."""
    return {
        "id": f"t{number}",
        "amount": number + 0.25,
        "currency": "EUR",
        "date": f"2026-02-0{number}",
        "description": f"number {number}",
        "type": "payment",
        "account_id": f"a{number}",
    }


def order(number: int) -> dict[str, Any]:
    """Return a clean order with one line."""
    line = {"product_id": f"p{number}", "variant_id": f"v{number}", "quantity": number, "unit_price": 10.5}
    moment = f"2026-03-0{number}T10:00:00.250Z"
    return {
        "id": f"o{number}",
        "customer_id": f"c{number}",
        "status": "pending",
        "currency": "EUR",
        "total_price": number * 10.5,
        "line_items": [line],
        "created_at": moment,
        "updated_at": moment,
    }


RECORDS = {"transactions": transaction, "orders": order}


def page(resource: str, rows: list[str], cursor: str | None = None) -> str:
    """Return the body of a page."""
    return f'{{"{resource}":[{",".join(rows)}],"next_cursor":{json.dumps(cursor)}}}'


def clean(resource: str, *numbers: int) -> list[str]:
    """Return clean records as JSON."""
    return [json.dumps(RECORDS[resource](number), separators=(",", ":")) for number in numbers]


def faulty_value(
    name: str, column: str, written: str, *right: Any, also: str = "", extra: str = ""
) -> FaultyPages:
    """Return the pages of a faulty value, written as JSON; `extra` precedes it."""
    resource = "orders" if column in {"quantity", "created_at", "customer_id"} else "transactions"
    first, second, third = clean(resource, 1, 2, 3)
    plain = RECORDS[resource](2)
    value = plain["line_items"][0][column] if column == "quantity" else plain[column]
    old = f'"{column}":{json.dumps(value)}'
    if old not in second:
        raise ValueError(f"{second} has no {old}")
    second = second.replace(old, f'{extra}"{column}":{written}{also}')
    return FaultyPages(name, column, right, {"": page(resource, [first, second, third])}, resource)


def missing_id() -> FaultyPages:
    """Return the pages of a missing id."""
    first, second, third = clean("transactions", 1, 2, 3)
    second = second.replace('"id":"t2",', "")
    return FaultyPages("a missing id", "id", (None,), {"": page("transactions", [first, second, third])})


def broken_page(name: str, second: str, *, cut: bool = False) -> FaultyPages:
    """Return the pages of a broken second page, which should have the fourth record."""
    first = page("transactions", clean("transactions", 1, 2, 3), "next")
    return FaultyPages(name, "amount", (), {"": first, "next": second}, rows=4, cut=cut)


_LAST = page("transactions", clean("transactions", 4))
_TWICE = {
    "": page("transactions", clean("transactions", 1, 2), "next"),
    "next": page("transactions", clean("transactions", 2, 3)),
}
_NULL_ROW = page("transactions", [*clean("transactions", 1), "null", *clean("transactions", 3)])
_NANOSECONDS = tuple(f"2026-03-02T10:00:00.{digits}+00:00" for digits in ("123456789", "123456", "123457"))
_EMPTY_BETWEEN = {
    "": page("transactions", clean("transactions", 1), "more"),
    "more": page("transactions", [], "next"),
    "next": page("transactions", clean("transactions", 2, 3)),
}
_TWO_LISTS = page("transactions", clean("transactions", 1)).replace(
    ',"next', f',"transactions":[{",".join(clean("transactions", 2, 3))}],"next'
)
_ERROR = json.dumps({"error_type": "PLATFORM_ERROR", "error_message": "try again later"})

FAULTS = (
    faulty_value("1.5 pieces", "quantity", "1.5", 1.5),
    faulty_value("1.0 pieces", "quantity", "1.0", 1),
    faulty_value("2**53 + 1 pieces, with .0", "quantity", f"{2**53 + 1}.0", 2**53 + 1),
    faulty_value("2**63 pieces", "quantity", str(2**63), 2**63),
    faulty_value("2**64 + 1 pieces", "quantity", str(2**64 + 1), 2**64 + 1),
    faulty_value('"12.34", a number as text', "amount", '"12.34"', 12.34),
    faulty_value("NaN as an amount", "amount", "NaN"),
    faulty_value("true as an amount", "amount", "true"),
    faulty_value("1e999 as an amount", "amount", "1e999"),
    faulty_value("an amount twice, 99.75 and 1.25", "amount", "1.25", extra='"amount":99.75,'),
    faulty_value("an id that is a number", "id", "1002", "1002", 1002),
    missing_id(),
    faulty_value("null in an optional text", "customer_id", "null", None),
    faulty_value("an unknown field", "amount", "2.25", 2.25, also=',"surprise":{"a":[1]}'),
    faulty_value("the day 2026-02-30", "date", '"2026-02-30"', "2026-02-30"),
    faulty_value(
        "a day with 23:30 in it",
        "date",
        '"2026-02-28T23:30:00Z"',
        "2026-02-28T23:30:00+00:00",
        "2026-02-28T23:30:00Z",
    ),
    faulty_value("nanoseconds", "created_at", '"2026-03-02T10:00:00.123456789Z"', *_NANOSECONDS),
    faulty_value(
        "a moment without a zone (UTC)",
        "created_at",
        '"2026-03-02T10:00:00.250"',
        "2026-03-02T10:00:00.250000+00:00",
    ),
    faulty_value(
        "a moment at +05:30",
        "created_at",
        '"2026-03-02T10:00:00.250+05:30"',
        "2026-03-02T04:30:00.250000+00:00",
    ),
    faulty_value(
        "moments with and without fractions",
        "created_at",
        '"2026-03-02T10:00:00Z"',
        "2026-03-02T10:00:00+00:00",
    ),
    FaultyPages("null instead of a record", "amount", (), {"": _NULL_ROW}),
    FaultyPages("a page with its list twice", "amount", (2.25,), {"": _TWO_LISTS}),
    FaultyPages("an empty page before the last", "amount", (2.25,), _EMPTY_BETWEEN),
    FaultyPages("a record on two pages", "amount", (2.25,), _TWICE),
    broken_page("a cursor that repeats", page("transactions", clean("transactions", 3), "next")),
    broken_page("an error with status 200", _ERROR),
    broken_page("a body that is cut off", _LAST, cut=True),
    broken_page("JSON that is cut off", _LAST[: len(_LAST) // 2]),
)
