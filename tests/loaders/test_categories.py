"""The categories of live expenses: names of the accounts of their lines."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from rutterframe.loaders.categories import with_categories

TEXT = pa.large_string()
LINES = pa.list_(pa.struct([("account_id", TEXT), ("total_amount", pa.float64())]))
ACCOUNTS = pa.table(
    {
        "connection_id": ["a", "a", "a", "a", "b"],
        "id": ["1", "2", "3", "4", "1"],
        "name": ["Rent", "Travel", "Rent", None, "Meals"],
    }
)


def expenses(*rows: tuple[str, list[str | None] | None]) -> pa.Table:
    """Return expenses of a connection with lines on these accounts."""
    lines: list[Any] = [
        None if ids is None else [{"account_id": name, "total_amount": 1.0} for name in ids]
        for _, ids in rows
    ]
    return pa.table(
        {
            "connection_id": pa.array([name for name, _ in rows], TEXT),
            "category": pa.nulls(len(rows), TEXT),
            "line_items": pa.array(lines, LINES),
        }
    )


def categories(table: pa.Table, *accounts: pa.Table) -> list[str | None]:
    """Return the categories of expenses."""
    filled = with_categories(table, accounts)
    assert filled.schema == table.schema
    return [value.as_py() for value in filled.column("category")]


def test_the_account_of_the_only_line() -> None:
    """One line: the name of its account."""
    assert categories(expenses(("a", ["2"])), ACCOUNTS) == ["Travel"]


def test_lines_on_accounts_of_one_name() -> None:
    """Several lines on accounts of one name: that name."""
    assert categories(expenses(("a", ["1", "3", "1"])), ACCOUNTS) == ["Rent"]


def test_lines_on_several_accounts() -> None:
    """Lines on accounts of several names: Split, whatever the order."""
    assert categories(expenses(("a", ["1", "2"]), ("a", ["2", "1"])), ACCOUNTS) == ["Split", "Split"]


def test_an_id_of_another_connection() -> None:
    """An id means something only together with its connection."""
    assert categories(expenses(("a", ["1"]), ("b", ["1"]), ("b", ["2"])), ACCOUNTS) == ["Rent", "Meals", None]


def test_no_category_is_guessed() -> None:
    """Without an account, its name or its record there is no category, whatever the other lines are."""
    unknown = expenses(
        ("a", None),
        ("a", []),
        ("a", [None]),
        ("a", ["9"]),
        ("a", ["4"]),
        ("a", ["1", "9"]),
        ("a", ["1", None]),
    )
    assert categories(unknown, ACCOUNTS) == [None] * 7


def test_no_accounts_and_no_expenses() -> None:
    """No rows give no rows, and without a chart of accounts there is no category."""
    assert categories(expenses(), ACCOUNTS) == []
    assert categories(expenses(("a", ["1"]))) == [None]
    assert categories(expenses().schema.empty_table(), ACCOUNTS) == []


def test_expenses_and_accounts_in_chunks() -> None:
    """Tables of several chunks are as good as tables of one."""
    table = pa.concat_tables([expenses(("a", None)), expenses(("b", ["1"]), ("a", ["1", "2"])).slice(1)])
    assert categories(table, ACCOUNTS.slice(0, 1), ACCOUNTS.slice(1)) == [None, "Split"]
