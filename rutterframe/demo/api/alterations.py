"""Alterations of the rows of a page by faults, as pure functions from rows to rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

Row = dict[str, Any]
Rows = list[Any]

#: The number that "number_as_text" sends as text.
NUMBERS = {
    "accounts": "balance",
    "transactions": "amount",
    "invoices": "amount_due",
    "bills": "amount_due",
    "expenses": "amount",
    "orders": "total_price",
    "products": "price",
    "bank_accounts": "balance",
}
#: The field of which "unknown_enum" replaces the word.
ENUMS = {
    "connections": "status",
    "accounts": "type",
    "transactions": "type",
    "invoices": "status",
    "bills": "status",
    "orders": "status",
    "products": "status",
    "bank_accounts": "type",
    "ad_accounts": "status",
}
#: The fields that "missing_fields" leaves out of every row: never the id, and never the currency.
MISSING = {
    "connections": ("updated_at",),
    "accounts": ("platform_id",),
    "transactions": ("description", "type"),
    "invoices": ("due_date",),
    "bills": ("due_date", "line_items"),
    "expenses": ("category",),
    "orders": ("customer_id", "created_at"),
    "products": ("description", "variants"),
    "customers": ("email", "phone"),
    "bank_accounts": ("institution_name",),
    "ad_accounts": ("status",),
}
#: The whole numbers that "float_count" sends with a point: the nested list and its field.
COUNTS = {"orders": ("line_items", "quantity"), "products": ("variants", "inventory_quantity")}
UNKNOWN_WORD = "never_heard_of"

# The live dialect writes milliseconds.
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z")


class AlteredFields(NamedTuple):
    """The fields that faults alter, by resource.

    Attributes
    ----------
    numbers : dict
        The number that "number_as_text" sends as text.
    enums : dict
        The field of which "unknown_enum" replaces the word.
    missing : dict
        The fields that "missing_fields" leaves out of every row: never the id, and never the currency.
    counts : dict
        The whole numbers that "float_count" sends with a point: the nested list and its field.
    """

    numbers: Mapping[str, str]
    enums: Mapping[str, str]
    missing: Mapping[str, tuple[str, ...]]
    counts: Mapping[str, tuple[str, str]]


Alteration = Callable[[AlteredFields, str, Rows], Rows]
#: Those of the contract.
CONTRACT_FIELDS = AlteredFields(NUMBERS, ENUMS, MISSING, COUNTS)


def alter(kind: str, resource: str, rows: Rows, fields: AlteredFields = CONTRACT_FIELDS) -> Rows:
    """Return the rows altered by a kind of fault, or unchanged if it does not apply to the resource."""
    return _ALTERATIONS[kind](fields, resource, rows) if rows and kind in _ALTERATIONS else rows


def newer(row: Row) -> Row:
    """Return a record with an updated_at of one hour later, as if it had changed between two pages."""
    if "updated_at" not in row:
        return row
    text = row["updated_at"]
    changed = datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC) + timedelta(hours=1)
    return {**row, "updated_at": changed.strftime("%Y-%m-%dT%H:%M:%S") + text[19:]}


def _null_row(_: AlteredFields, __: str, rows: Rows) -> Rows:
    middle = len(rows) // 2
    return [*rows[:middle], None, *rows[middle:]]


def _number_as_text(fields: AlteredFields, resource: str, rows: Rows) -> Rows:
    if resource not in fields.numbers:
        return rows
    key = fields.numbers[resource]
    return [{**rows[0], key: str(rows[0][key])}, *rows[1:]]


def _float_count(fields: AlteredFields, resource: str, rows: Rows) -> Rows:
    if resource not in fields.counts:
        return rows
    nested, key = fields.counts[resource]
    return [
        {
            **row,
            nested: [
                {**line, key: float(line[key])} if line[key] is not None else line for line in row[nested]
            ],
        }
        for row in rows
    ]


def _unknown_enum(fields: AlteredFields, resource: str, rows: Rows) -> Rows:
    if resource not in fields.enums:
        return rows
    return [{**rows[0], fields.enums[resource]: UNKNOWN_WORD}, *rows[1:]]


def _unknown_fields(_: AlteredFields, __: str, rows: Rows) -> Rows:
    extra = {"x_score": 0.5, "x_platform": {"tags": ["new", None], "owner": {"id": 17}}}
    return [{**row, **extra} for row in rows]


def _missing_fields(fields: AlteredFields, resource: str, rows: Rows) -> Rows:
    missing = fields.missing.get(resource, ())
    return [{key: value for key, value in row.items() if key not in missing} for row in rows]


def _rewrite_times(ending: str) -> Alteration:
    def rewrite(_: AlteredFields, __: str, rows: Rows) -> Rows:
        return [
            {
                key: value[:19] + ending if isinstance(value, str) and _DATE_TIME.fullmatch(value) else value
                for key, value in row.items()
            }
            for row in rows
        ]

    return rewrite


# The null comes last, since the other alterations read every row.
_ALTERATIONS: dict[str, Alteration] = {
    "number_as_text": _number_as_text,
    "float_count": _float_count,
    "unknown_enum": _unknown_enum,
    "unknown_fields": _unknown_fields,
    "missing_fields": _missing_fields,
    "nine_digit_fractions": _rewrite_times(".123456789Z"),
    "no_zone": _rewrite_times(""),
    "null_row": _null_row,
}
ORDER = tuple(_ALTERATIONS)
