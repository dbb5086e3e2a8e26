"""The dirty pages, and what may honestly be made of each: data, which the judge holds every answer against.

There are three records, one of them dirty: the second. Values are spelled as the judge spells them: days and
moments as ISO 8601 text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Lie:
    """One way in which pages go wrong."""

    name: str
    column: str
    """Where to look at the second record; ``quantity`` is a column of the lines of orders."""
    right: tuple[Any, ...]
    """The values that are a sensible reading; none where every reading would be a guess."""
    pages: Mapping[str, str]
    """The body for each cursor."""
    resource: str = "transactions"
    rows: int = 3
    """How many records there are, those included that a broken page does not give."""
    cut: bool = False
    """Whether the connection is closed before the end of a body."""


def transaction(number: int) -> dict[str, Any]:
    """Give a clean transaction."""
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
    """Give a clean order with one line."""
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


MAKERS = {"transactions": transaction, "orders": order}


def page(resource: str, rows: list[str], cursor: str | None = None) -> str:
    """Write a page."""
    return f'{{"{resource}":[{",".join(rows)}],"next_cursor":{json.dumps(cursor)}}}'


def clean(resource: str, *numbers: int) -> list[str]:
    """Write clean records."""
    return [json.dumps(MAKERS[resource](number), separators=(",", ":")) for number in numbers]


def dirty(name: str, column: str, written: str, *right: Any, also: str = "", extra: str = "") -> Lie:
    """Make a lie of one value, written as JSON; the extra is put in front of it."""
    resource = "orders" if column in {"quantity", "created_at", "customer_id"} else "transactions"
    first, second, third = clean(resource, 1, 2, 3)
    plain = MAKERS[resource](2)
    value = plain["line_items"][0][column] if column == "quantity" else plain[column]
    old = f'"{column}":{json.dumps(value)}'
    if old not in second:
        raise ValueError(f"{second} has no {old}")
    second = second.replace(old, f'{extra}"{column}":{written}{also}')
    return Lie(name, column, right, {"": page(resource, [first, second, third])}, resource)


def missing_id() -> Lie:
    """Leave out an id."""
    first, second, third = clean("transactions", 1, 2, 3)
    second = second.replace('"id":"t2",', "")
    return Lie("a missing id", "id", (None,), {"": page("transactions", [first, second, third])})


def broken(name: str, second: str, *, cut: bool = False) -> Lie:
    """Make a lie of a whole page: the fourth record was to come on it."""
    first = page("transactions", clean("transactions", 1, 2, 3), "next")
    return Lie(name, "amount", (), {"": first, "next": second}, rows=4, cut=cut)


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

LIES = (
    dirty("1.5 pieces", "quantity", "1.5", 1.5),
    dirty("1.0 pieces", "quantity", "1.0", 1),
    dirty("2**53 + 1 pieces, with .0", "quantity", f"{2**53 + 1}.0", 2**53 + 1),
    dirty("2**63 pieces", "quantity", str(2**63), 2**63),
    dirty("2**64 + 1 pieces", "quantity", str(2**64 + 1), 2**64 + 1),
    dirty('"12.34", a number as text', "amount", '"12.34"', 12.34),
    dirty("NaN as an amount", "amount", "NaN"),
    dirty("true as an amount", "amount", "true"),
    dirty("1e999 as an amount", "amount", "1e999"),
    dirty("an amount twice, 99.75 and 1.25", "amount", "1.25", extra='"amount":99.75,'),
    dirty("an id that is a number", "id", "1002", "1002", 1002),
    missing_id(),
    dirty("null in an optional text", "customer_id", "null", None),
    dirty("a field nobody knows", "amount", "2.25", 2.25, also=',"surprise":{"a":[1]}'),
    dirty("the day 2026-02-30", "date", '"2026-02-30"', "2026-02-30"),
    dirty(
        "a day with 23:30 in it",
        "date",
        '"2026-02-28T23:30:00Z"',
        "2026-02-28T23:30:00+00:00",
        "2026-02-28T23:30:00Z",
    ),
    dirty("nanoseconds", "created_at", '"2026-03-02T10:00:00.123456789Z"', *_NANOSECONDS),
    dirty(
        "a moment without a zone (UTC)",
        "created_at",
        '"2026-03-02T10:00:00.250"',
        "2026-03-02T10:00:00.250000+00:00",
    ),
    dirty(
        "a moment at +05:30",
        "created_at",
        '"2026-03-02T10:00:00.250+05:30"',
        "2026-03-02T04:30:00.250000+00:00",
    ),
    dirty(
        "moments with and without fractions",
        "created_at",
        '"2026-03-02T10:00:00Z"',
        "2026-03-02T10:00:00+00:00",
    ),
    Lie("null instead of a record", "amount", (), {"": _NULL_ROW}),
    Lie("a page with its list twice", "amount", (2.25,), {"": _TWO_LISTS}),
    Lie("an empty page before the last", "amount", (2.25,), _EMPTY_BETWEEN),
    Lie("a record on two pages", "amount", (2.25,), _TWICE),
    broken("a cursor that repeats", page("transactions", clean("transactions", 3), "next")),
    broken("an error with status 200", _ERROR),
    broken("a body that is cut off", _LAST, cut=True),
    broken("JSON that is cut off", _LAST[: len(_LAST) // 2]),
)
