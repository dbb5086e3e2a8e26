"""Pages of clean, unusual and unreadable values: each row is read, or refused, as if it were alone."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rutterframe.frames import Decoder, OnInvalid, json_walk
from rutterframe.frames.decode import Batch
from rutterframe.models import Invoice, Order, Product, Record, Transaction

KEYS: dict[type[Record], str] = {
    Invoice: "invoices",
    Order: "orders",
    Product: "products",
    Transaction: "transactions",
}

NUMBERS = (
    "1.25", "0", "-3", "-0", "-0.0", "1e2", "1E-400", "1e999", "0.1000000000000000055511151231257827",
    "null", "9007199254740993", "123456789012345678901234567890", "true", "{}", "[]", "[1]", '"12.34"',
    '"-0"', '"0"', '"-0.00"', '"1,234.00"', '"1e5"', '"1e999"', '"007"', '"1."', '".5"', '" 1"', '"1 "',
    '"+1"', '"0x1"', '""', '"12345678901234567890.123456789012345"', '"1}],{2"', '"n/a"', '"null"',
    '"1\\u0030"', '"NaN"', '"1,2"', "NaN", "Infinity", "-Infinity", "-Inf", "9" * 5_000, "-" + "9" * 400,
)  # fmt: skip
COUNTS = (
    "3", "-1", "0", "-0", "3.0", "-3.000", "0.0", "1.5", "1.05", "1e2", "null", '"3"', '"3.0"',
    '"-3.00"', '"1.5"', '"007"', '"1e2"', '""', "9223372036854775807", "9223372036854775808",
    "-9223372036854775808", "99999.0", "9007199254740993.0", '"9007199254740993.0"',
    '"9223372036854775807"', "999999999999999.0", "false", "[]", "NaN", "Inf", "9" * 5_000,
)  # fmt: skip
TEXTS = (
    '"a"', '""', '"0012"', "12", "-5", "-0", "0", "1.5", "1e3", "12345678901234567890",
    "999999999999999999", "null", "true", "[]", "{}", '"é狼"', '"\\ud800"', '"\\ud83d\\ude00"',
    '"a},{b"', '"[{"', '"]}"', '"\\""', '"\\\\"', '"\\\\\\""', '"\\",\\"amount\\":\\"1"',
    '"\\"amount\\":"', '"},{\\"id\\":\\"x\\"},{"', '"a:b,\\"c"',
)  # fmt: skip
DATES = (
    '"2026-01-31"', '"2026-02-28T00:00:00Z"', '"2026-02-28 00:00:00"', '"2026-02-28T00:00:00.000Z"',
    "null", '"2026-02-28T00:00:00+00"', '"2026-02-28T00:00:00+05:30"', '"2026-02-30"',
    '"2026-02-28T23:30:00Z"', '""', '"0000-01-01"', '"0001-01-01"', '"9999-12-31"', '"31/01/2026"',
    "1700000000", '"2026-1-5"', "true", '"2024-02-29"', '"2026-01-31T00:00"', '"2026-01-31T00"',
    '"2026-01-31T00:00:00.0000000Z"', '"2026-01-31\\n"', '"é026-01-31"',
)  # fmt: skip
TIMES = (
    *DATES, '"2026-01-31T10:00:00Z"', '"2026-01-31T10:00:00"', '"2026-01-31 10:00:00Z"',
    '"2026-01-31T10:00Z"', '"2026-01-31T10Z"', '"2026-01-31T10+05:30"', '"2026-01-31T10:00:00+00"',
    '"2026-01-31T10:00:00-05"', '"2026-01-31T10:00:00+0530"', '"2026-01-31T10:00:00+05:30"',
    '"2026-01-31T10:00:00+24"', '"2026-01-31T10:00+00"', '"2026-01-31T10:00:00.5Z"',
    '"2026-01-31T10:00:00.123456789Z"', '"2026-01-31T10:00:00.1234567891Z"', '"2026-01-31T23:59:60Z"',
    '"2026-01-31T24:00:00Z"', '"0001-01-01T00:00:00+05:00"', '"2026-01-31T10:00:00.Z"',
    '"9999-12-31T23:59:59-02:00"', '"2026-01-31T10:00:00+05:3"', '"2026-01-31T10:00:00z"',
    '"2026-01-31T10:00:00,5Z"',
)  # fmt: skip
UNKNOWN = (
    '"unknown":{"id":5,"amount":"x","quantity":"1.0","line_items":[{"quantity":"2"}]}',
    '"unknown":[[{"id":1}]]', '"k":1,"k":2', '"unknown":"{[\\"id\\":1"', '"my\\"amount":"12"',
    '"xamount":"x"', '"\\u0061mount":"7"', '"unknown":NaN', '"unknown":[1,-Inf,{"id":Infinity}]',
    '"unknown":1e999', '"unknown":' + "7" * 5_000, '"unknown":' + "[" * 150 + "]" * 150,
)  # fmt: skip
ROWS_INSTEAD = ("null", "[]", "[[]]", "{}", "[{}]", "[null]", "[{},null]", "[5]", '"[]"', "[[{}]]")


def fields(**tokens: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Return objects, as JSON, with some fields that have one of these values, perhaps one of them twice."""
    pairs = [st.sampled_from([f'"{name}":{token}' for token in values]) for name, values in tokens.items()]
    pairs.append(st.sampled_from(UNKNOWN))
    return st.lists(st.one_of(pairs), max_size=5).map(lambda members: "{" + ",".join(members) + "}")


def mostly_clean(clean: str, unusual: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.just(clean) | unusual | st.sampled_from(["null", "[]", "{}"])


TRANSACTION = '{"id":"t","amount":1.25,"date":"2026-01-31","description":"a"}'
ORDER = '{"id":"o","total_price":3,"line_items":[{"product_id":"p","quantity":2,"unit_price":1.5}]}'
LINES = fields(product_id=TEXTS, quantity=COUNTS, unit_price=NUMBERS)
LISTS = st.lists(LINES, max_size=3).map(lambda rows: f"[{','.join(rows)}]") | st.sampled_from(ROWS_INSTEAD)
ORDERS = st.builds(
    lambda row, lines: row[:-1] + ("," if row != "{}" else "") + f'"line_items":{lines}}}',
    fields(id=TEXTS, status=TEXTS, total_price=NUMBERS, created_at=TIMES, updated_at=TIMES),
    LISTS,
)
TRANSACTIONS = fields(id=TEXTS, amount=NUMBERS, currency=TEXTS, date=DATES, description=TEXTS)
SPACES = ("", " ", "\n  ", "\r\n\t")


def page(model: type[Record], rows: list[str], space: str = "", last: str = "null") -> bytes:
    """Return a page; white space goes around its rows and after every colon that is not in a text."""
    between = f"{space},{space}"
    body = f'{{"{KEYS[model]}":[{space}{between.join(rows)}{space}],"next_cursor":{last}}}'
    return body.encode()


def decoder(model: type[Record]) -> Decoder:
    return Decoder(model, KEYS[model], "next_cursor", "c1", "quarantine")


def decode(model: type[Record], *bodies: bytes, on_invalid: OnInvalid = "quarantine") -> Batch:
    return Decoder(model, KEYS[model], "next_cursor", "c1", on_invalid).decode(bodies)


@pytest.mark.parametrize(
    ("row", "reasons"),
    [
        ('{"id":"a","amount":NaN}', ["record 'a', amount: Input should be a finite number, got nan"]),
        ('{"id":"a","amount":-Inf}', ["record 'a', amount: Input should be a finite number, got -inf"]),
        (
            f'{{"id":"a","amount":{"9" * 5_000}}}',
            ["record 'a', amount: Input should be a finite number, got inf"],
        ),
        ('{"id":"a","unknown":NaN}', []),
        ('{"id":"a","unknown":[-Infinity,1e999,"\\ud800"]}', []),
        (f'{{"id":"a","unknown":{"9" * 5_000}}}', []),
        (f'{{"id":"a","unknown":{"[" * 5_000}{"]" * 5_000}}}', []),
        ('{"id":"a","unknown":{"id":1,"id":2},"unknown":3}', []),
    ],
)
@pytest.mark.parametrize(
    "neighbour", [TRANSACTION, '{"amount":"x"}', '{"id":"b","id":"c"}', '{"k":"\\ud800"}']
)
def test_what_is_not_read_is_not_judged(row: str, reasons: list[str], neighbour: str) -> None:
    """NaN, infinity and endless numbers refuse a row that has them in a field, and no other."""
    expected = decode(Transaction, page(Transaction, [neighbour]))
    batches = [
        decode(Transaction, page(Transaction, [neighbour, row])),
        decoder(Transaction)._exact(page(Transaction, [neighbour, row])),
    ]
    for batch in batches:
        assert batch.table.column("id").to_pylist() == [
            *expected.table.column("id").to_pylist(),
            *([] if reasons else ["a"]),
        ]
        assert [str(reason) for reason in batch.reasons] == [*map(str, expected.reasons), *reasons]


def alone(model: type[Record], row: str) -> Batch:
    """Read a row with the exact path, on a page of its own."""
    return decoder(model)._exact(page(model, [row]))


def check(model: type[Record], pages: list[list[str]], space: str) -> None:
    """Compare the rows of pages with those of each row alone: values to the bit, refusals and their order."""
    expected = [alone(model, row) for rows in pages for row in rows]
    batch = decode(model, *(page(model, rows, space) for rows in pages))
    tables = [one.table for one in expected]
    assert repr(batch.table.to_pylist()) == repr(
        pa.concat_tables([batch.table.slice(0, 0), *tables]).to_pylist()
    )
    assert batch.refused == sum(one.refused for one in expected)
    assert list(batch.reasons) == [reason for one in expected for reason in one.reasons][:100]


@pytest.mark.parametrize("window", [1, 7, 40])
@pytest.mark.parametrize("examples", [60, pytest.param(600, marks=pytest.mark.long)])
@pytest.mark.parametrize(
    ("model", "rows"), [(Transaction, TRANSACTIONS), (Order, ORDERS)], ids=["transactions", "orders"]
)
def test_rows_in_pieces(
    model: type[Record], rows: st.SearchStrategy[str], examples: int, window: int
) -> None:
    """A page has the same rows and refusals in whatever pieces it is read."""

    @settings(max_examples=examples)
    @given(st.lists(rows | st.sampled_from(["null", "5", '"a"', "[]"]), max_size=6), st.sampled_from(SPACES))
    def compare(rows: list[str], space: str) -> None:
        body = page(model, rows, space, '"next"')
        whole = decoder(model)._exact(body)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(json_walk, "_WINDOW", window)
            pieces = decoder(model)._exact(body)
        assert repr(pieces.table.to_pylist()) == repr(whole.table.to_pylist())
        assert pieces.refused == whole.refused
        # The lines of a long list are named after the other fields of their row.
        fields = [
            sorted((str(one.record_id), one.field) for one in batch.reasons) for batch in (pieces, whole)
        ]
        assert fields[0] == fields[1]

    compare()


def pages(rows: st.SearchStrategy[str]) -> st.SearchStrategy[list[list[str]]]:
    return st.lists(st.lists(rows, max_size=6), min_size=1, max_size=3)


@pytest.mark.parametrize("examples", [150, pytest.param(1_500, marks=pytest.mark.long)])
@pytest.mark.parametrize(
    ("model", "rows"),
    [(Transaction, mostly_clean(TRANSACTION, TRANSACTIONS)), (Order, mostly_clean(ORDER, ORDERS))],
    ids=["transactions", "orders"],
)
def test_a_row_does_not_depend_on_its_neighbours(
    model: type[Record], rows: st.SearchStrategy[str], examples: int
) -> None:
    """Whatever else is on a page, each of its rows has the values, or the refusal, that it has alone."""

    @settings(max_examples=examples)
    @given(pages(rows), st.sampled_from(SPACES))
    def compare(pages: list[list[str]], space: str) -> None:
        check(model, pages, space)

    compare()
