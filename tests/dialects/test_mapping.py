"""The checks of a mapping, and the records of the wire that are generated from it."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from rutterframe.dialects.mapping import (
    Case,
    Concat,
    Constant,
    Envelope,
    Expression,
    Field,
    First,
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
from rutterframe.models import Record
from rutterframe.models.columns import columns
from rutterframe.models.fields import Count, Day, Id, Kind, Money, Number, Text, Timestamp


class Line(Record):
    quantity: Number | None = None
    kind: Text | None = None


class Document(Record):
    id: Id | None = None
    status: Text | None = None
    amount: Money | None = None
    pieces: Count | None = None
    day: Day | None = None
    changed_at: Timestamp | None = None
    lines: list[Line] | None = None


LINES = Rows("items", {"quantity": Field("item", "quantity"), "kind": Constant("line")})
COLUMNS: dict[str, Expression] = {
    "id": Field("id"),
    "status": Words(Field("state"), {"void": "voided"}),
    "amount": Field("balance", "current"),
    "pieces": Field("stock", "count"),
    "day": WrittenDay(Field("issue_date")),
    "changed_at": Field("updated_at"),
    "lines": LINES,
}


def test_wire_record() -> None:
    """The record of the wire has the fields that the expressions read, with the kinds of the columns."""
    wire = Mapping(Document, COLUMNS).wire

    assert [(column.name, column.kind) for column in columns(wire)] == [
        ("id", Kind.TEXT),
        ("state", Kind.TEXT),
        ("balance", None),
        ("stock", None),
        ("issue_date", Kind.WRITTEN_DAY),
        ("updated_at", Kind.TIMESTAMP),
        ("items", None),
    ]
    balance, items = columns(wire)[2].fields, columns(wire)[6].rows
    assert balance is not None
    assert items is not None
    assert [(column.name, column.kind) for column in columns(balance)] == [("current", Kind.NUMBER)]
    item = columns(items)[0].fields
    assert item is not None
    assert [(column.name, column.kind) for column in columns(item)] == [("quantity", Kind.NUMBER)]


def test_wire_record_is_tolerant() -> None:
    """Every field of the wire may be missing or null, money may be text, and unknown fields are ignored."""
    wire = Mapping(Document, COLUMNS).wire

    assert set(wire().model_dump().values()) == {None}
    sent = wire.model_validate({"id": 7, "balance": {"current": "1.50"}, "items": [{"item": None}], "x": 1})
    assert sent.model_dump(exclude_none=True) == {"id": "7", "balance": {"current": 1.5}, "items": [{}]}
    with pytest.raises(ValidationError, match=r"items\.0\.item\.quantity"):
        wire.model_validate({"items": [{"item": {"quantity": "two"}}]})


def test_columns_without_a_source() -> None:
    """The reason for a column without a source is kept for the documentation; the column is null."""
    mapping = Mapping(Document, {**COLUMNS, "status": Null("not sent"), "lines": Null("no lines")})

    assert mapping.nulls == {"status": "not sent", "lines": "no lines"}
    assert mapping.record(mapping.wire.model_validate({"id": "d1"})) == Document(id="d1")


def test_order_and_texts_of_the_page() -> None:
    """Expressions are in the order of the columns, and the paths of the envelope are listed once."""
    platform = Envelope("connection", "platform")
    mapping = Mapping(Document, {"status": platform, **COLUMNS, "id": platform} | {"status": platform})

    assert list(mapping.expressions) == ["id", "status", "amount", "pieces", "day", "changed_at", "lines"]
    assert mapping.envelope == (("connection", "platform"),)
    assert repr(mapping) == "Mapping(Document)"


@pytest.mark.parametrize(
    ("column", "expression", "message"),
    [
        ("id", Field(), r"Document.id: \[\] is not a path of keys, such as Field\('item', 'quantity'\)"),
        ("id", Field("balance"), "Document.amount: balance is used as a value and as an object"),
        (
            "status",
            Field("balance", "current"),
            "Document.amount: balance.current is used as text and as number",
        ),
        ("status", Field("items"), "Document.lines: items is used as a value and as a list"),
        ("amount", Total("id", "amount"), "Document.amount: id is used as a value and as a list"),
        ("status", Json("id"), "Document.status: id is used as a value and as JSON text"),
        ("day", UTCDay(Field("updated_at", "date")), "updated_at is used as an object and as a value"),
        ("amount", Words(Field("a"), {}), "Document.amount: Words is a text, but the column is a number"),
        ("id", Total("items", "amount"), "Document.id: Total is a number, but the column is a text"),
        ("changed_at", WrittenDay(Field("a")), "WrittenDay is a date, but the column is a timestamp"),
        ("pieces", Quotient(Field("a"), Field("b")), "Quotient is a number, but the column is a count"),
        ("pieces", Negative(Field("a")), "Negative is a number, but the column is a count"),
        ("amount", Constant("0"), "Constant is a text, but the column is a number"),
        ("amount", Envelope("total"), "Envelope is a text, but the column is a number"),
        ("amount", Case([(Field("a"), "x", "y")]), "Constant is a text, but the column is a number"),
        ("amount", First(Field("a"), Constant("y")), "Constant is a text, but the column is a number"),
        ("id", LINES, "Document.id: Rows is not an expression of a single value"),
        ("lines", Field("items"), r"Document.lines: Field is not a list of rows \(expected Rows\)"),
        (
            "lines",
            Tree("items"),
            r"The rows of a tree have the columns \['path', 'name', 'account_id', 'value'\]",
        ),
        (
            "lines",
            Rows("items", {"quantity": Field("quantity"), "kinds": Constant("x")}),
            r"Document.lines: The mapping of Line needs one .*: missing \['kind'\], unknown \['kinds'\]",
        ),
        (
            "lines",
            Concat(LINES, Rows("items", {"quantity": Field("item"), "kind": Constant("x")})),
            r"Document.lines: Line.quantity: item is used as an object and as a value",
        ),
        (
            "lines",
            Rows("items", {"quantity": Field("quantity"), "kind": Json("kind")}),
            "Json is for a field of the record itself, not of its nested rows",
        ),
    ],
)
def test_invalid_mappings(column: str, expression: Expression, message: str) -> None:
    """A mapping that cannot be right is refused when it is written, with the column and the reason."""
    with pytest.raises(ValueError, match=message):
        Mapping(Document, {**COLUMNS, column: expression})


def test_missing_and_unknown_columns() -> None:
    """Each column has one expression: also one that is null on purpose."""
    some = {name: item for name, item in COLUMNS.items() if name != "day"}

    with pytest.raises(
        ValueError,
        match=r"^The mapping of Document needs one expression for each column: "
        r"missing \['day'\], unknown \['days'\]$",
    ):
        Mapping(Document, {**some, "days": Field("day")})


def test_only_rows_of_a_list() -> None:
    """A list that a value is taken from has the same fields as the rows that are read from it."""
    mapping = Mapping(Document, {**COLUMNS, "amount": Only("items", "price"), "id": Field("id")})

    items = next(column.rows for column in columns(mapping.wire) if column.name == "items")
    assert items is not None
    assert [column.name for column in columns(items)] == ["price", "item"]
