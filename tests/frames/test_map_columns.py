"""Each expression of a mapping, literal in and literal out, by whole columns and one record at a time."""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import create_model

from rutterframe.dialects.mapping import (
    Absolute,
    Case,
    Concat,
    Constant,
    Envelope,
    Expression,
    Field,
    First,
    Joined,
    Json,
    Mapping,
    Negative,
    Null,
    Only,
    Quotient,
    Rows,
    Total,
    Tree,
    UTCDay,
    Words,
    WrittenDay,
)
from rutterframe.frames import Decoder
from rutterframe.models import Record
from rutterframe.models.fields import Count, Day, Id, Number, Text, Timestamp
from tests.frames.wire_rows import AMOUNTS, wire_rows


class Line(Record):
    text: Text | None = None
    number: Number | None = None
    day: Day | None = None


class Entry(Record):
    path: Text | None = None
    name: Text | None = None
    account_id: Id | None = None
    value: Number | None = None


def mapping_of(expression: Expression, kind: Any) -> Mapping:
    """Return the mapping of a record with one column."""
    fields: dict[str, Any] = {"id": (Id | None, None), "value": (kind | None, None)}
    model = create_model("Thing", __base__=Record, **fields)
    return Mapping(model, {"id": Field("id"), "value": expression})


def by_columns(mapping: Mapping, rows: list[Any], **envelope: Any) -> list[dict[str, Any]]:
    """Return the rows of a page, decoded as whole columns, with dates as Python has them."""
    body = json.dumps({"rows": rows, "next_cursor": None, **envelope}).encode()
    decoder = Decoder(mapping.model, "rows", "next_cursor", mapping=mapping)
    return [plain(row) for row in decoder.decode([body]).table.to_pylist()]


def by_record(mapping: Mapping, rows: list[Any], **envelope: Any) -> list[dict[str, Any]]:
    """Return the same rows, each worked out by itself."""
    sent = [mapping.wire.model_validate(_with_json(mapping, row)) for row in rows]
    return [mapping.record(row, envelope).model_dump() for row in sent]


def _with_json(mapping: Mapping, row: dict[str, Any]) -> dict[str, Any]:
    fields = {item.field for item in mapping.expressions.values() if isinstance(item, Json)}
    return {
        key: json.dumps(value) if key in fields and value is not None else value for key, value in row.items()
    }


def plain(value: Any) -> Any:
    """Return a value with midnights as dates."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value.date() if isinstance(value, datetime) and value.tzinfo is None else value


LINES = Rows(
    "items", {"text": Field("text"), "number": Field("item", "quantity"), "day": WrittenDay(Field("day"))}
)
PAID = Rows("paid", {"text": Constant("paid"), "number": Field("amount"), "day": Null("not sent")})
CREDIT = Rows(
    "credit", {"text": Constant("credit"), "number": Negative(Field("amount")), "day": Null("not sent")}
)
STATUS = Case(
    [
        (Field("status"), "cancelled", "cancelled"),
        (Field("fulfillment"), "fulfilled", Field("fulfillment")),
        (Field("payment"), "pending", "pending"),
    ],
    otherwise="processing",
)
NO_LINE = {"text": None, "number": None, "day": None}


@pytest.mark.parametrize(
    ("expression", "kind", "sent", "value"),
    [
        (Field("a"), Text, {"a": "x"}, "x"),
        (Field("a"), Text, {"a": 12}, "12"),
        (Field("a"), Text, {"a": None}, None),
        (Field("a"), Text, {}, None),
        (Field("a"), Number, {"a": "12.30"}, 12.3),
        (Field("a"), Count, {"a": 3.0}, 3),
        (Field("a", "b"), Number, {"a": {"b": 1.5}}, 1.5),
        (Field("a", "b"), Number, {"a": {"b": "1.5"}}, 1.5),
        (Field("a", "b"), Number, {"a": {"b": None}}, None),
        (Field("a", "b"), Number, {"a": {}}, None),
        (Field("a", "b"), Number, {"a": None}, None),
        (Field("a", "b", "c"), Text, {"a": {"b": {"c": "x"}}}, "x"),
        (Field("a", "b", "c"), Text, {"a": {"b": None}}, None),
        (
            Field("a"),
            Timestamp,
            {"a": "2026-01-31T10:00:00.5+02:00"},
            datetime(2026, 1, 31, 8, 0, 0, 500000, UTC),
        ),
        (Null("not sent"), Number, {"a": 1}, None),
        (Null("not sent"), list[Line], {"a": 1}, None),
        (Constant("payment"), Text, {}, "payment"),
        (First(Field("a"), Field("b")), Number, {"a": 0, "b": 2}, 0.0),
        (First(Field("a"), Field("b")), Number, {"a": None, "b": 2}, 2.0),
        (First(Field("a"), Field("b")), Number, {}, None),
        (First(Field("a", "x"), Field("b")), Text, {"a": {"x": ""}, "b": "y"}, ""),
        (
            First(WrittenDay(Field("a")), UTCDay(Field("b"))),
            Day,
            {"b": "2026-01-31T23:00:00-02:00"},
            date(2026, 2, 1),
        ),
        (Joined(Field("a"), Field("b")), Text, {"a": "Ada", "b": "Lovelace"}, "Ada Lovelace"),
        (Joined(Field("a"), Field("b")), Text, {"a": "", "b": "Lovelace"}, "Lovelace"),
        (Joined(Field("a"), Field("b")), Text, {"a": None, "b": "Lovelace"}, "Lovelace"),
        (Joined(Field("a"), Field("b"), separator=", "), Text, {"a": "x", "b": "y"}, "x, y"),
        (Joined(Field("a"), Field("b")), Text, {"a": "", "b": ""}, None),
        (Joined(Field("a"), Field("b")), Text, {}, None),
        (Words(Field("a"), {"void": "voided"}), Text, {"a": "void"}, "voided"),
        (Words(Field("a"), {"void": "voided"}), Text, {"a": "VOID"}, "voided"),
        (Words(Field("a"), {"INVOICE_PAYMENT": "payment"}), Text, {"a": "invoice_payment"}, "payment"),
        (Words(Field("a"), {"void": "voided"}), Text, {"a": "Partially_Paid"}, "Partially_Paid"),
        (Words(Field("a"), {"void": "voided"}), Text, {}, None),
        (WrittenDay(Field("a")), Day, {"a": "2026-01-31"}, date(2026, 1, 31)),
        (WrittenDay(Field("a")), Day, {"a": "2026-01-31T00:00:00.000Z"}, date(2026, 1, 31)),
        (WrittenDay(Field("a")), Day, {"a": "2026-01-31T05:00:00Z"}, date(2026, 1, 31)),
        (WrittenDay(Field("a")), Day, {"a": "2026-01-31T23:59:59.999-08:00"}, date(2026, 1, 31)),
        (WrittenDay(Field("a")), Day, {"a": "2026-01-31 00:30:00+14"}, date(2026, 1, 31)),
        (WrittenDay(Field("a")), Day, {"a": "2026-01-31T05:00:00"}, date(2026, 1, 31)),
        (WrittenDay(Field("a")), Day, {"a": "0001-01-01T00:00:00+14:00"}, date(1, 1, 1)),
        (WrittenDay(Field("a", "b")), Day, {"a": None}, None),
        (UTCDay(Field("a")), Day, {"a": "2026-01-31T23:59:59.999999Z"}, date(2026, 1, 31)),
        (UTCDay(Field("a")), Day, {"a": "2026-01-31T22:00:00-08:00"}, date(2026, 2, 1)),
        (UTCDay(Field("a")), Day, {"a": "1969-12-31T23:00:00Z"}, date(1969, 12, 31)),
        (UTCDay(Field("a")), Day, {}, None),
        (Total("a", "x"), Number, {"a": [{"x": 0.1}, {"x": 0.2}]}, 0.3),
        (Total("a", "x"), Number, {"a": [{"x": "0.10"}, {"x": 0.7}, {"x": -0.8}]}, 0.0),
        (Total("a", "x"), Number, {"a": [{"x": 123456789012.34}, {"x": 0.005}]}, 123456789012.345),
        (Total("a", "x"), Number, {"a": [{"x": 1e300}, {"x": 1e-300}, {"x": -1e300}]}, 1e-300),
        (Total("a", "x"), Number, {"a": [{"x": 1e308}, {"x": 1e308}]}, None),
        (Total("a", "x"), Number, {"a": [{"x": 1 / 3}, {"x": 1 / 3}]}, 2 / 3),
        (Total("a", "x"), Number, {"a": [{"x": 9007199254740993}, {"x": 1}]}, 9007199254740992.0),
        (Total("a", "x"), Number, {"a": [{"x": -0.0}]}, 0.0),
        (Total("a", "x"), Number, {"a": [{"x": 1}, {"x": None}]}, None),
        (Total("a", "x"), Number, {"a": [{"x": 1}, {}]}, None),
        (Total("a", "x"), Number, {"a": []}, None),
        (Total("a", "x"), Number, {"a": None}, None),
        (Total("a", "x", "y"), Number, {"a": [{"x": {"y": 1}}, {"x": {"y": 2}}]}, 3.0),
        (Total("a", "x", "y"), Number, {"a": [{"x": {"y": 1}}, {"x": None}]}, None),
        (Total("a", "x", negative=True), Number, {"a": [{"x": 1.1}, {"x": 2.2}]}, -3.3),
        (Total("a", "x", negative=True), Number, {"a": [{"x": 1}, {"x": -1}]}, 0.0),
        (Total("a", "x", negative=True), Number, {}, None),
        (Only("a", "x"), Number, {"a": [{"x": 5}]}, 5.0),
        (Only("a", "x"), Number, {"a": [{"x": 5}, {"x": "5.00"}]}, 5.0),
        (Only("a", "x"), Number, {"a": [{"x": 5}, {"x": 6}, {"x": 5}]}, None),
        (Only("a", "x"), Number, {"a": [{"x": 0.0}, {"x": -0.0}]}, 0.0),
        (Only("a", "x"), Text, {"a": [{"x": "USD"}, {"x": None}]}, None),
        (Only("a", "x"), Text, {"a": [{"x": "USD"}, {"x": "usd"}]}, None),
        (Only("a", "x"), Text, {"a": [{}, {}]}, None),
        (Only("a", "x"), Text, {"a": []}, None),
        (Only("a", "x"), Text, {}, None),
        (Only("a", "x", "y"), Text, {"a": [{"x": {"y": "b"}}, {"x": {"y": "b"}}]}, "b"),
        (STATUS, Text, {"status": "CANCELLED", "fulfillment": "fulfilled"}, "cancelled"),
        (STATUS, Text, {"status": "active", "fulfillment": "Fulfilled"}, "Fulfilled"),
        (STATUS, Text, {"fulfillment": "partial", "payment": "pending"}, "pending"),
        (STATUS, Text, {"payment": "paid"}, "processing"),
        (STATUS, Text, {}, "processing"),
        (
            Case([(Field("a"), "refund", Negative(Total("b", "x")))], Total("b", "x")),
            Number,
            {"a": "Refund", "b": [{"x": 2}]},
            -2.0,
        ),
        (
            Case([(Field("a"), "refund", Negative(Total("b", "x")))], Total("b", "x")),
            Number,
            {"b": [{"x": 2}]},
            2.0,
        ),
        (Case([(Field("a"), "x", "y")]), Text, {"a": "z"}, None),
        (Quotient(Field("a"), Field("b")), Number, {"a": 10, "b": 4}, 2.5),
        (Quotient(Field("a"), Field("b")), Number, {"a": 1, "b": 3}, 1 / 3),
        (Quotient(Field("a"), Field("b")), Number, {"a": 10, "b": 0}, None),
        (Quotient(Field("a"), Field("b")), Number, {"a": 0, "b": 0}, None),
        (Quotient(Field("a"), Field("b")), Number, {"a": 10}, None),
        (Quotient(Field("a"), Field("b")), Number, {"b": 10}, None),
        (Quotient(Field("a"), Field("b")), Number, {"a": 1e308, "b": 1e-10}, None),
        (Negative(Field("a")), Number, {"a": 1.5}, -1.5),
        (Negative(Field("a")), Number, {"a": 0}, 0.0),
        (Negative(Field("a")), Number, {}, None),
        (Absolute(Field("a")), Number, {"a": -1.5}, 1.5),
        (Absolute(Field("a")), Number, {"a": "1.5"}, 1.5),
        (Absolute(Field("a")), Number, {"a": None}, None),
        (Only("a"), Text, {"a": ["USD"]}, "USD"),
        (Only("a"), Text, {"a": ["USD", "USD"]}, "USD"),
        (Only("a"), Text, {"a": ["USD", "EUR"]}, None),
        (Only("a"), Text, {"a": []}, None),
        (Only("a"), Text, {"a": None}, None),
        (Field("a", "b"), Number, {"a": []}, None),
        (Field("a", "b"), Number, {"a": ""}, None),
        (Json("a"), Text, {"a": {"b": [1, "x", None]}}, '{"b": [1, "x", null]}'),
        (Json("a"), Text, {"a": "x"}, '"x"'),
        (Json("a"), Text, {"a": None}, None),
        (
            LINES,
            list[Line],
            {
                "items": [
                    {"text": "x", "item": {"quantity": 1.5}, "day": "2026-01-31T05:00:00Z"},
                    {"item": None},
                    {},
                ]
            },
            [{"text": "x", "number": 1.5, "day": date(2026, 1, 31)}, NO_LINE, NO_LINE],
        ),
        (LINES, list[Line], {"items": []}, []),
        (LINES, list[Line], {"items": None}, None),
        (LINES, list[Line], {}, None),
        (
            Rows(("refunds", "lines"), {"text": Field("id"), "number": Field("n"), "day": Null("")}),
            list[Line],
            {
                "refunds": [
                    {"lines": [{"id": "a"}, {"id": "b", "n": "1"}]},
                    {"lines": []},
                    {"lines": [{"id": "c"}]},
                ]
            },
            [{**NO_LINE, "text": "a"}, {**NO_LINE, "text": "b", "number": 1.0}, {**NO_LINE, "text": "c"}],
        ),
        (
            Rows(("a", "b"), {"text": Field("id"), "number": Null(""), "day": Null("")}),
            list[Line],
            {"a": []},
            [],
        ),
        (Rows(("a", "b"), {"text": Field("id"), "number": Null(""), "day": Null("")}), list[Line], {}, None),
        (
            Rows(("a", "b"), {"text": Field("id"), "number": Null(""), "day": Null("")}),
            list[Line],
            {"a": [{"b": [{"id": "x"}]}, {"b": None}]},
            None,
        ),
        (
            Concat(PAID, CREDIT),
            list[Line],
            {"paid": [{"amount": 1}, {"amount": 2}], "credit": [{"amount": "3"}]},
            [
                {"text": "paid", "number": 1.0, "day": None},
                {"text": "paid", "number": 2.0, "day": None},
                {"text": "credit", "number": -3.0, "day": None},
            ],
        ),
        (Concat(PAID, CREDIT), list[Line], {"paid": [], "credit": []}, []),
        (Concat(PAID, CREDIT), list[Line], {"paid": [{"amount": 1}], "credit": None}, None),
        (Concat(PAID, CREDIT), list[Line], {"credit": [{"amount": 1}]}, None),
        (Concat(PAID), list[Line], {"paid": []}, []),
        (
            Tree("assets", "equity"),
            list[Entry],
            {
                "assets": {
                    "name": "Assets",
                    "value": "12.50",
                    "items": [
                        {"name": "Bank", "account_id": "a1", "value": "12.50", "items": []},
                        {"name": "", "value": None, "items": [{"name": "Other", "value": 0}]},
                    ],
                },
                "equity": {"name": "Equity", "value": "-1", "items": None},
            },
            [
                {"path": "Assets", "name": "Assets", "account_id": None, "value": 12.5},
                {"path": "Assets > Bank", "name": "Bank", "account_id": "a1", "value": 12.5},
                {"path": "Assets", "name": "", "account_id": None, "value": None},
                {"path": "Assets > Other", "name": "Other", "account_id": None, "value": 0.0},
                {"path": "Equity", "name": "Equity", "account_id": None, "value": -1.0},
            ],
        ),
        (
            Tree("assets", "equity"),
            list[Entry],
            {"equity": {"name": "Equity"}},
            [{"path": "Equity", "name": "Equity", "account_id": None, "value": None}],
        ),
        (Tree("assets", "equity"), list[Entry], {"assets": None}, None),
        (Envelope("connection", "platform"), Text, {}, "QUICKBOOKS"),
        (Envelope("connection", "name"), Text, {}, None),
        (Envelope("generated_at"), Text, {}, "now"),
    ],
)
def test_values(expression: Expression, kind: Any, sent: dict[str, Any], value: Any) -> None:
    """An expression has one value, by whole columns as for a single record; neighbours do not change it."""
    mapping = mapping_of(expression, kind)
    envelope = {"connection": {"id": "c1", "platform": "QUICKBOOKS"}, "generated_at": "now"}

    for rows in ([sent], [{}, sent], [sent, {}], [{}, sent, sent, {}]):
        empty = by_record(mapping, [{}], **envelope)[0]
        expected = [{"id": None, "value": value} if row is sent else empty for row in rows]
        assert by_record(mapping, rows, **envelope) == expected
        assert by_columns(mapping, rows, **envelope) == expected


class Everything(Record):
    id: Id | None = None
    inner: Number | None = None
    count: Count | None = None
    moment: Timestamp | None = None
    strict_day: Day | None = None
    written: Day | None = None
    utc: Day | None = None
    first: Number | None = None
    joined: Text | None = None
    word: Text | None = None
    case: Number | None = None
    status: Text | None = None
    only: Text | None = None
    quotient: Number | None = None
    total: Number | None = None
    empty: Text | None = None
    platform: Text | None = None
    lines: list[Line] | None = None
    refunds: list[Line] | None = None
    payments: list[Line] | None = None


EVERYTHING = Mapping(
    Everything,
    {
        "id": Field("id"),
        "inner": Field("balance", "current"),
        "count": Field("stock", "count"),
        "moment": Field("updated_at"),
        "strict_day": Field("strict"),
        "written": First(WrittenDay(Field("due_date")), WrittenDay(Field("issue_date"))),
        "utc": UTCDay(Field("updated_at")),
        "first": First(Field("balance", "current"), Field("balance", "available")),
        "joined": Joined(Field("first_name"), Field("last_name"), Field("customer", "name")),
        "word": Words(Field("status"), {"void": "voided", "Open": "open"}),
        "case": Case(
            [(Field("type"), "refund", Total("items", "amount", negative=True))], Total("items", "amount")
        ),
        "status": STATUS,
        "only": Only("items", "currency"),
        "quotient": Quotient(Field("price"), Field("pieces")),
        "total": Total("items", "item", "quantity"),
        "empty": Null("not sent"),
        "platform": Envelope("connection", "platform"),
        "lines": Rows(
            "items",
            {
                "text": First(Field("text"), Envelope("connection", "platform")),
                "number": First(
                    Field("item", "unit_amount"), Quotient(Field("amount"), Field("item", "quantity"))
                ),
                "day": WrittenDay(Field("day")),
            },
        ),
        "refunds": Rows(("refunds", "lines"), {"text": Field("id"), "number": Field("n"), "day": Null("")}),
        "payments": Concat(PAID, CREDIT),
    },
)


@settings(deadline=None)
@given(st.lists(wire_rows(EVERYTHING.wire), max_size=6))
def test_both_compilers_agree(rows: list[dict[str, Any]]) -> None:
    """Whole columns and single records have the same values, whatever is sent."""
    envelope = {"connection": {"id": "c1", "platform": "QUICKBOOKS"}}

    assert by_columns(EVERYTHING, rows, **envelope) == by_record(EVERYTHING, rows, **envelope)


@settings(deadline=None)
@given(st.lists(st.lists(AMOUNTS, min_size=1, max_size=5), min_size=1, max_size=5))
def test_totals_are_those_of_decimals(lists: list[list[float | str]]) -> None:
    """A total is the float nearest to the exact sum of the decimals that were sent as floats."""
    rows = [{"a": [{"x": value} for value in values]} for values in lists]
    exact = [sum((Fraction(repr(float(value))) for value in values), Fraction(0)) for values in lists]
    largest = Fraction(sys.float_info.max)
    expected = [float(total) if abs(total) <= largest else None for total in exact]

    assert [row["value"] for row in by_columns(mapping_of(Total("a", "x"), Number), rows)] == expected
