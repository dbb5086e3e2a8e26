"""Findings on the load: how much, whether it is complete, and whether the ledgers balance."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd

from rutterframe.findings import Finding, ledgers, loads


def frame_of(rows: int, *connections: str, pages: int = 1, complete: bool = True) -> pd.DataFrame:
    """A frame with a receipt."""
    frame = pd.DataFrame(
        {"connection_id": pd.array([connections[0]] * rows, dtype="str"), "id": [*map(str, range(rows))]}
    )
    frame.attrs["receipt"] = {
        "resource": "bills", "environment": "demo", "connections": [*connections], "pages": pages,
        "rows": rows, "duplicates_dropped": 0, "rows_refused": 0, "refused": [], "started": "2026-06-30",
        "finished": "2026-06-30", "filters": {}, "complete": complete, "errors": {}, "not_offered": [],
        "per_connection": {},
    }  # fmt: skip
    return frame


def accounts(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """Accounts of ledgers: connection_id, type, currency, balance."""
    frame = pd.DataFrame(rows, columns=["connection_id", "type", "currency", "balance"])
    return frame.assign(id=[*map(str, range(len(rows)))])


def test_a_complete_load() -> None:
    """Rows and pages are added up, and a connection of two resources counts once."""
    frames = {"bills": frame_of(2, "a", pages=3), "accounts": frame_of(1, "a", "b")}
    result = loads(frames)
    assert [*result] == [
        Finding(
            "load",
            None,
            {"rows": 3, "pages": 4, "connections": 2},
            "3 rows were loaded from 4 pages, from 2 connections.",
        ),
        Finding(
            "load",
            None,
            {"resources": 2, "not_complete": 0, "without_receipt": 0, "missing": 0},
            "Every page of every resource was read.",
        ),
    ]


def test_one_row_is_singular() -> None:
    """One row, one page and one connection have the singular."""
    assert loads({"bills": frame_of(1, "a")}).sentences[0] == (
        "1 row was loaded from 1 page, from 1 connection."
    )


def test_incomplete_loads_are_listed() -> None:
    """What is not complete, and what carries no receipt, is listed by its resource."""
    frames = {
        "bills": frame_of(2, "a", complete=False),
        "orders": frame_of(2, "a"),
        "accounts": pd.DataFrame({"id": ["1"]}),
    }
    result = loads(frames)[1]
    assert result.sentence == (
        "Not complete: bills. Without a receipt, so not known to be complete: accounts."
    )
    assert dict(result.values) == {"resources": 3, "not_complete": 1, "without_receipt": 1, "missing": 0}


def test_a_part_of_a_load_is_not_complete() -> None:
    """A frame with other rows than its receipt is not complete."""
    assert loads({"bills": frame_of(2, "a").head(1)}).sentences[1] == "Not complete: bills."


def test_nothing_loaded() -> None:
    """Without frames it says so, and not that every page was read."""
    assert loads({}).sentences == [
        "No rows were loaded from no pages, from no connections.",
        "No resource was loaded.",
    ]


def test_ledgers_that_balance() -> None:
    """Each ledger is listed with its currencies."""
    result = ledgers(
        accounts(
            ("x", "asset", "EUR", 10.0), ("x", "liability", "EUR", 10.0), ("x", "asset", "USD", 0.0),
            ("y", "asset", "EUR", 1.0), ("y", "equity", "EUR", 1.0),
        )
    )  # fmt: skip
    assert [*result] == [
        Finding(
            "load",
            None,
            {"totals": 3, "differences": 0},
            "All 3 trial balances come to zero: x (EUR and USD) and y (EUR).",
        )
    ]
    one = ledgers(accounts(("x", "asset", None, 0.0)))
    assert one.sentences == ["The only trial balance comes to zero: x (no currency)."]


def test_two_differences_do_not_cancel_out() -> None:
    """Each ledger is added up by itself, and what is left over is exact."""
    result = ledgers(
        accounts(
            ("x", "asset", "EUR", 0.3), ("x", "liability", "EUR", 0.1), ("y", "asset", "EUR", 0.1),
            ("y", "liability", "EUR", 0.3), ("y", "asset", "USD", 5.0), ("y", "equity", "USD", 5.0),
        )
    )  # fmt: skip
    assert [*result] == [
        Finding(
            "load",
            "EUR",
            {"ledger": "x", "difference": Decimal("0.2")},
            "x does not balance: 0.20 EUR is left over.",
        ),
        Finding(
            "load",
            "EUR",
            {"ledger": "y", "difference": Decimal("-0.2")},
            "y does not balance: -0.20 EUR is left over.",
        ),
    ]


def test_accounts_without_a_connection() -> None:
    """Accounts without a connection are one ledger; without accounts nothing was added up."""
    frame = accounts((None, "asset", "EUR", 1.0), ("x", "asset", "EUR", 0.0))
    assert ledgers(frame).sentences == [
        "The ledger without a connection does not balance: 1.00 EUR is left over."
    ]
    alone = frame.drop(columns="connection_id")
    assert ledgers(alone).sentences == ["The ledger does not balance: 1.00 EUR is left over."]
    nothing = "No account was loaded, so nothing was added up."
    assert ledgers(frame.head(0)).sentences == ledgers(alone.head(0)).sentences == [nothing]
