"""The exact path: strict JSON, and every refused row with its reason."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rutterframe.errors import InvalidResponse, InvalidRows, Refusal
from rutterframe.frames.exact import invalid_rows, page_rows, parse_object, read_rows
from rutterframe.models import Account, Bill, Invoice, Order
from rutterframe.models.fields import excerpt

HTML = b"<!doctype html><html><body>Back soon</body></html>"


def error_of(body: bytes) -> str:
    with pytest.raises(InvalidResponse) as error:
        parse_object(body)
    assert type(error.value) is InvalidResponse
    return error.value.message


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"{}", {}),
        (b' {"a": 1} \n', {"a": 1}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        ('{"a": "Müller"}'.encode(), {"a": "Müller"}),
        (b'{"a": {"b": [1.0, null, true]}}', {"a": {"b": [1.0, None, True]}}),
        (b'{"a": 1e999}', {"a": float("inf")}),
    ],
)
def test_valid_objects(body: bytes, value: dict[str, object]) -> None:
    """One JSON object is parsed, with blanks around it or a byte order mark before it."""
    assert parse_object(body) == value


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            HTML,
            (
                "The response is not JSON (Expecting value: line 1 column 1 (char 0)): 50 bytes that begin "
                "with '<!doctype html><html><body>Back soon</bo…'"
            ),
        ),
        (
            b"",
            (
                "The response is not JSON (Expecting value: line 1 column 1 (char 0)): "
                "0 bytes that begin with ''"
            ),
        ),
        (
            b'{"a": [1, 2',
            (
                "The response is not JSON (Expecting ',' delimiter: line 1 column 12 (char 11)): "
                "11 bytes that begin with '{\"a\": [1, 2'"
            ),
        ),
        (
            b'{"a": NaN}',
            "The response is not JSON (NaN is not JSON): 10 bytes that begin with '{\"a\": NaN}'",
        ),
        (
            b'{"a": -Infinity}',
            "The response is not JSON (-Infinity is not JSON): 16 bytes that begin with '{\"a\": -Infinity}'",
        ),
        (
            b'{"a": "\xff"}',
            (
                "The response is not JSON ('utf-8' codec can't decode byte 0xff in position 7: invalid "
                'start byte): 10 bytes that begin with \'{"a": "\ufffd"}\''
            ),
        ),
        (
            b'{"a": 1}{"b": 2}',
            (
                "The response is not JSON (Extra data: line 1 column 9 (char 8)): "
                '16 bytes that begin with \'{"a": 1}{"b": 2}\''
            ),
        ),
        (b"[1, 2]", "The response is JSON, but a list instead of an object"),
        (b"null", "The response is JSON, but a NoneType instead of an object"),
        (b'"text"', "The response is JSON, but a str instead of an object"),
        (b'{"a": 1, "b": 2, "a": 3}', "The response has the key 'a' twice"),
        (b'{"a": 1, "\\u0061": 3}', "The response has the key 'a' twice"),
        (
            b'{"a": ' + b"[" * 100_000,
            (
                "The response is not JSON (nested too deeply): 100,006 bytes that begin with "
                "'{\"a\": [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[…'"
            ),
        ),
    ],
    ids=[
        "html",
        "empty",
        "truncated",
        "nan",
        "infinity",
        "not-utf-8",
        "two-documents",
        "list",
        "null",
        "text",
        "duplicate-key",
        "duplicate-key-escaped",
        "deep",
    ],
)
def test_invalid_bodies(body: bytes, message: str) -> None:
    """A body that is not exactly one JSON object is refused, with the reason and its first bytes."""
    assert error_of(body) == message


def test_a_number_of_too_many_digits_is_refused() -> None:
    """A whole number that Python refuses to convert is an invalid response, not a crash."""
    assert error_of(b'{"a": ' + b"9" * 5000 + b"}").startswith("The response is not JSON (Exceeds the limit")


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=10,
)


@given(
    st.binary()
    | st.text().map(str.encode)
    | _json.map(lambda value: json.dumps(value).encode())
    | st.tuples(_json, st.integers(0, 100)).map(lambda both: json.dumps(both[0]).encode()[: both[1]])
    | st.text(alphabet='{}[]":,0123456789.eE-\\u nul', max_size=40).map(str.encode)
)
@example(b"\xff\xfe{\x00}\x00")
def test_any_bytes_are_an_object_or_invalid_response(body: bytes) -> None:
    """For any bytes the result is an object or an InvalidResponse, and nothing else."""
    refusals: list[InvalidResponse] = []
    value: object = None
    try:
        value = parse_object(body)
    except InvalidResponse as error:
        refusals.append(error)
    assert isinstance(value, dict) != bool(refusals)
    assert all("\n" not in refusal.message for refusal in refusals)


@given(_json.filter(lambda value: isinstance(value, dict)))
def test_valid_json_round_trips(value: dict[str, object]) -> None:
    """JSON of a strict writer is read back to the same value."""
    try:
        body = json.dumps(value, allow_nan=False).encode()
    except ValueError:
        return  # NaN and infinity are not JSON
    assert parse_object(body) == value


@pytest.mark.parametrize(
    ("envelope", "message"),
    [
        ({}, "The page has no list 'invoices' (keys: [])"),
        (
            {"next_cursor": None, "bills": []},
            "The page has no list 'invoices' (keys: ['bills', 'next_cursor'])",
        ),
        ({"invoices": None}, "The page has no list 'invoices' ('invoices' is None)"),
        ({"invoices": {"id": "1"}}, "The page has no list 'invoices' ('invoices' is {'id': '1'})"),
        ({"invoices": ""}, "The page has no list 'invoices' ('invoices' is '')"),
    ],
)
def test_a_page_without_its_list_is_refused(envelope: dict[str, object], message: str) -> None:
    """A page without its list is an error, not a page without rows."""
    with pytest.raises(InvalidResponse) as error:
        page_rows(envelope, "invoices")
    assert error.value.message == message


def test_rows_of_a_page() -> None:
    """The rows are the list under the resource's key, also when there are none."""
    assert page_rows({"invoices": [{"id": "1"}, None]}, "invoices") == [{"id": "1"}, None]
    assert page_rows({"invoices": []}, "invoices") == []


NOT_A_RECORD = "Input should be a valid dictionary or instance of Invoice"


@pytest.mark.parametrize(
    ("row", "refusal"),
    [
        ("null", Refusal(None, "", "null", "null instead of a record")),
        ("5", Refusal(None, "", "5", NOT_A_RECORD)),
        ('"id"', Refusal(None, "", "'id'", NOT_A_RECORD)),
        ("[1]", Refusal(None, "", "[1]", NOT_A_RECORD)),
        (
            '{"id": 1.5}',
            Refusal(None, "id", "1.5", "Input should be a valid string"),
        ),
        (
            '{"id": "i1", "amount_due": true}',
            Refusal("i1", "amount_due", "True", "not a number"),
        ),
        (
            '{"id": 17, "amount_due": "1,234.00"}',
            Refusal("17", "amount_due", "'1,234.00'", "not a number"),
        ),
        (
            '{"id": "i1", "amount_due": 1e999}',
            Refusal("i1", "amount_due", "inf", "Input should be a finite number"),
        ),
        (
            '{"id": "i1", "due_date": 1700000000}',
            Refusal(
                "i1",
                "due_date",
                "1700000000",
                "not ISO 8601 text (YYYY-MM-DD, or YYYY-MM-DDTHH:MM:SSZ)",
            ),
        ),
        (
            '{"id": "i1", "status": "\\ud800"}',
            Refusal("i1", "status", "'\\ud800'", "half of a surrogate pair, which is not a character"),
        ),
        (
            '{"id": "i1", "line_items": [{"quantity": 1}, {"quantity": true}]}',
            Refusal("i1", "line_items[1].quantity", "True", "not a number"),
        ),
        (
            '{"id": "i1", "line_items": {}}',
            Refusal("i1", "line_items", "{}", "Input should be a valid list"),
        ),
        (
            '{"id": "i1", "line_items": [null]}',
            Refusal(
                "i1",
                "line_items[0]",
                "None",
                "Input should be a valid dictionary or instance of LineItem",
            ),
        ),
        (
            '{"id": "i1", "id": "i2"}',
            Refusal("i2", "id", "two values", "the key appears twice"),
        ),
        (
            '{"id": "i1", "line_items": [{}, {"quantity": 1, "quantity": 1}]}',
            Refusal("i1", "line_items[1].quantity", "two values", "the key appears twice"),
        ),
        (
            '{"id": "i1", "unknown": {"deep": [[{"k": 1, "k": 2}]]}}',
            Refusal("i1", "unknown.deep[0][0].k", "two values", "the key appears twice"),
        ),
    ],
)
def test_a_row_is_refused_with_its_reason(row: str, refusal: Refusal) -> None:
    """A row that needs a guess is refused with id, field, value and reason; the other rows are read."""
    page = parse_object(f'{{"invoices": [{{"id": "before"}}, {row}, {{"id": "after"}}]}}'.encode())
    rows = read_rows(Invoice, page_rows(page, "invoices"))
    assert [record.id for record in rows.valid] == ["before", "after"]
    assert rows.refused == 1
    assert rows.reasons == [refusal]


def test_a_row_with_two_invalid_fields() -> None:
    """A refused row counts once, with a reason for each invalid field."""
    rows = read_rows(Invoice, [{"id": "i1", "amount_due": "x", "due_date": ""}])
    assert (rows.valid, rows.refused) == ([], 1)
    assert [reason.field for reason in rows.reasons] == ["amount_due", "due_date"]


def test_unknown_values_of_an_enumeration() -> None:
    """A status that the contract does not list is read as it was sent."""
    rows = read_rows(Bill, [{"id": "b1", "status": "partially_paid"}])
    assert [record.status for record in rows.valid] == ["partially_paid"]


def test_safe_coercions_of_a_row() -> None:
    """Numbers as text, a numeric id, 3.0 for a count and a time without a zone are read without a guess."""
    rows = read_rows(
        Order,
        [
            {
                "id": 12,
                "total_price": "12.34",
                "line_items": [{"quantity": 3.0, "unit_price": "4"}],
                "created_at": "2026-01-31T12:00:00.123456789",
            }
        ],
    )
    assert [record.model_dump(mode="json", exclude_none=True) for record in rows.valid] == [
        {
            "id": "12",
            "total_price": 12.34,
            "line_items": [{"quantity": 3, "unit_price": 4.0}],
            "created_at": "2026-01-31T12:00:00.123456Z",
        }
    ]


def test_an_error_lists_five_reasons() -> None:
    """The message has the first five reasons and counts the others; the error has all of them."""
    rows = read_rows(Account, [{"id": "good"}, *({"id": f"a{n}", "balance": "x"} for n in range(7))])
    error = invalid_rows(rows)
    assert isinstance(error, InvalidRows)
    assert str(error) == (
        "7 of 8 rows of a page cannot be read:\n"
        "  - record 'a0', balance: not a number, got 'x'\n"
        "  - record 'a1', balance: not a number, got 'x'\n"
        "  - record 'a2', balance: not a number, got 'x'\n"
        "  - record 'a3', balance: not a number, got 'x'\n"
        "  - record 'a4', balance: not a number, got 'x'\n"
        "  - and 2 more\n"
        'Next: correct them on the platform, or load the other rows with on_invalid="quarantine".'
    )
    assert [refusal.record_id for refusal in error.refused] == ["a0", "a1", "a2", "a3", "a4", "a5", "a6"]


def test_a_refusal_as_text() -> None:
    """A refusal is one line of text, also for a row without id and a row that is not a record."""
    assert str(Refusal("i1", "id", "1.5", "no text")) == "record 'i1', id: no text, got 1.5"
    assert str(Refusal(None, "", "null", "null instead of a record")) == (
        "a record without id, the row itself: null instead of a record, got null"
    )


def test_an_excerpt_has_eighty_characters_at_most() -> None:
    """A long value is cut, and ends with an ellipsis."""
    assert excerpt("x" * 78) == "'" + "x" * 78 + "'"
    assert excerpt("x" * 79) == "'" + "x" * 78 + "…"
    assert len(excerpt("x" * 10_000)) == 80
