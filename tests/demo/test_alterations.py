"""Faults that alter the rows of a page, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rutterframe.demo.api.alterations import COUNTS, ENUMS, MISSING, NUMBERS
from rutterframe.demo.faults import Fault

if TYPE_CHECKING:
    from tests.demo.conftest import Api


GEAR = "gear-xero"


def expected(api: Api, resource: str = "invoices", connection: str = GEAR) -> list[dict[str, Any]]:
    return api.server.books.rows(connection, resource)


def plan(api: Api, *faults: Fault, page_size: int = 50) -> None:
    api.server.configure(faults=faults, page_size=page_size)


def test_null_row_is_an_extra_row(api: Api) -> None:
    """A null is among the rows, and no row is missing."""
    plan(api, Fault("null_row", "bills", page=2))
    rows: list[Any] = api.rows("bills", GEAR)
    assert rows.count(None) == 1
    assert [row["id"] for row in rows if row is not None] == [row["id"] for row in expected(api, "bills")]


LISTS = [
    ("accounts", GEAR),
    ("transactions", GEAR),
    ("invoices", GEAR),
    ("bills", GEAR),
    ("expenses", GEAR),
    ("orders", "gear-shopify"),
    ("products", "gear-shopify"),
    ("customers", "gear-shopify"),
    ("bank_accounts", "gear-bank"),
    ("ad_accounts", "roaster-google-ads"),
]


def first_page(api: Api, resource: str, connection: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = api.get("/" + resource.replace("_", "-"), connection).json()[resource]
    return rows


@pytest.mark.parametrize(("resource", "connection"), LISTS)
def test_number_as_text_changes_one_number(api: Api, resource: str, connection: str) -> None:
    """A number of the first row is text with the same digits; lists without numbers stay as they are."""
    plan(api, Fault("number_as_text"))
    rows, right = first_page(api, resource, connection), expected(api, resource, connection)[:50]

    assert rows[1:] == right[1:]
    key = NUMBERS.get(resource)
    assert rows[0] == (right[0] if key is None else right[0] | {key: str(right[0][key])})


@pytest.mark.parametrize(("resource", "connection"), LISTS)
def test_unknown_enum_changes_one_word(api: Api, resource: str, connection: str) -> None:
    """The status or type of the first row is an unknown word."""
    plan(api, Fault("unknown_enum"))
    rows, right = first_page(api, resource, connection), expected(api, resource, connection)[:50]

    assert rows[1:] == right[1:]
    key = ENUMS.get(resource)
    assert rows[0] == (right[0] if key is None else right[0] | {key: "never_heard_of"})


@pytest.mark.parametrize(("resource", "connection"), LISTS)
def test_unknown_fields_are_extra(api: Api, resource: str, connection: str) -> None:
    """Every row has a scalar and a nested object that the contract does not know."""
    plan(api, Fault("unknown_fields"))
    extra = {"x_score": 0.5, "x_platform": {"tags": ["new", None], "owner": {"id": 17}}}
    rows = first_page(api, resource, connection)
    assert rows == [row | extra for row in expected(api, resource, connection)[:50]]


@pytest.mark.parametrize(("resource", "connection"), LISTS)
def test_missing_fields_are_absent(api: Api, resource: str, connection: str) -> None:
    """The fields of the table are absent from every row, and id and currency never are."""
    plan(api, Fault("missing_fields"))
    missing = MISSING.get(resource, ())
    rows = first_page(api, resource, connection)
    right = expected(api, resource, connection)[:50]
    assert rows == [{key: value for key, value in row.items() if key not in missing} for row in right]
    assert not {"id", "currency"} & set(missing)


@pytest.mark.parametrize(("resource", "connection"), LISTS)
def test_float_count_writes_counts_with_a_point(api: Api, resource: str, connection: str) -> None:
    """Quantities and inventory counts are sent as 3.0, which is equal in value."""
    plan(api, Fault("float_count"))
    answer = api.get("/" + resource.replace("_", "-"), connection)
    right = expected(api, resource, connection)[:50]

    assert answer.json()[resource] == right
    key = COUNTS.get(resource, ("", "nothing"))[1]
    counts = [row for row in answer.text.split(f'"{key}":')[1:] if row]
    assert all(row.split(",")[0].split("}")[0].endswith(".0") for row in counts)
    assert bool(counts) == (resource in COUNTS)


@pytest.mark.parametrize(("kind", "ending"), [("nine_digit_fractions", ".123456789Z"), ("no_zone", "")])
@pytest.mark.parametrize(
    ("resource", "connection", "keys"),
    [
        ("orders", "gear-shopify", ("created_at", "updated_at")),
        ("customers", GEAR, ("created_at",)),
        ("invoices", GEAR, ()),
    ],
)
def test_date_times_have_unusual_formats(
    api: Api, kind: str, ending: str, resource: str, connection: str, keys: tuple[str, ...]
) -> None:
    """Date-times have nine digits of fraction or no zone; plain dates stay as they are."""
    plan(api, Fault(kind))
    rows = first_page(api, resource, connection)
    right = expected(api, resource, connection)[:50]
    assert rows == [row | {key: row[key][:-1] + ending for key in keys} for row in right]


def test_alterations_of_an_empty_list_change_nothing(api: Api) -> None:
    """Without rows there is nothing to alter."""
    plan(
        api,
        *(Fault(kind) for kind in ("null_row", "number_as_text", "unknown_enum", "no_zone", "float_count")),
    )
    empty = api.get("/orders", GEAR).json()
    assert (empty["orders"], empty["next_cursor"]) == ([], None)
