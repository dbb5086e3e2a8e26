"""Statements of live ledgers are compared with sums of their accounts, where both are of one day."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.reports.describe import recognise
from rutterframe.reports.explain import explain
from rutterframe.views import tables

Engine = Callable[[pd.DataFrame], Any]
Rows = Callable[[Any], list[dict[str, Any]]]


def accounts(*rows: tuple[str | None, float | None], **other: Any) -> pd.DataFrame:
    """Build accounts of type and balance, in USD, read on 30 June."""
    frame = pd.DataFrame(rows, columns=["type", "balance"]).astype({"type": "str", "balance": "float64"})
    usual = {"connection_id": "ledger", "currency": "USD", "last_synced_at": "2026-06-30T20:00:00Z"}
    frame = frame.assign(**{**usual, **other}).astype({"connection_id": "str", "currency": "str"})
    moments = pd.to_datetime(frame["last_synced_at"], utc=True).astype("datetime64[us, UTC]")
    return frame.assign(last_synced_at=moments)


BOOKS = (
    ("asset", 100.1), ("Bank", 0.2), ("liability", 40.0), ("equity", 20.3), ("revenue", 90.0),
    ("expense", 30.0), ("cost_of_goods_sold", 20.0), ("memo", 5.0), (None, 9.0),
)  # fmt: skip


def sheets(*rows: tuple[str, float | None, float, float], **other: Any) -> pd.DataFrame:
    """Build balance sheets of an end, total assets, liabilities and equity."""
    names = ["end_date", "total_assets", "total_liabilities", "total_equity"]
    frame = pd.DataFrame(rows, columns=names).assign(
        connection_id="ledger", currency="USD", start_date="2026-06-01"
    )
    days = dict.fromkeys(("start_date", "end_date"), "datetime64[us]")
    texts = dict.fromkeys(("connection_id", "currency"), "str")
    return frame.assign(**other).astype(days | texts | dict.fromkeys(names[1:], "float64"))


def results(*rows: tuple[str, str, float, float | None, float, float], **other: Any) -> pd.DataFrame:
    """Build income statements of first and last day, income, cost of sales, expenses and net income."""
    names = [
        "start_date", "end_date", "total_income", "total_cost_of_sales", "total_expenses", "net_income",
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=names).assign(
        connection_id="ledger", currency="USD", accounting_standard="accrual"
    )
    days = dict.fromkeys(names[:2], "datetime64[us]")
    texts = dict.fromkeys(("connection_id", "currency"), "str")
    return frame.assign(**other).astype(days | texts | dict.fromkeys(names[2:], "float64"))


HALVES = (
    ("2026-01-01", "2026-03-31", 40.0, 5.0, 15.0, 20.0),
    ("2026-04-01", "2026-06-30", 50.0, 15.0, 15.0, 20.0),
)


def compared(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Return the line, both amounts, their difference and whether they agree."""
    return [tuple(row[name] for name in ("line", "report", "source", "difference", "ok")) for row in rows]


def test_balance_sheets(engine: Engine, rows: Rows) -> None:
    """The latest balance sheet is compared with our sums; a result not carried forward is equity."""
    statements = sheets(("2026-06-30", 100.3, 40.0, 60.0), ("2026-05-31", 7.0, 7.0, 7.0))
    tie = rf.reports.compare_statements(engine(statements), engine(accounts(*BOOKS)))
    assert compared(rows(tie)) == [
        ("total_assets", 100.3, 100.3, 0.0, True),
        ("total_equity", 60.3, 60.0, 0.3, False),
        ("total_liabilities", 40.0, 40.0, 0.0, True),
    ]
    assert list(rows(tie)[0]) == [
        "connection_id", "line", "currency", "report", "source", "difference", "ok",
    ]  # fmt: skip
    assert type(tie) is type(engine(statements))


def test_two_sheets_of_one_day() -> None:
    """Where two balance sheets of the last day differ, neither is the one to compare with."""
    row = ("2026-06-30", 100.3, 40.0, 60.3)
    same, other = sheets(row, row), sheets(row, ("2026-06-30", 1.0, 40.0, 60.3))
    assert rf.reports.compare_statements(same, accounts(*BOOKS))["ok"].tolist() == [True, True, True]
    tie = rf.reports.compare_statements(other, accounts(*BOOKS))
    assert tie[["source", "difference", "ok"]].isna().to_numpy().all()
    assert tie.attrs["notes"] == [
        "Not compared, several statements end on 2026-06-30, with different totals: ledger."
    ]


def test_income_statements(engine: Engine, rows: Rows) -> None:
    """Income statements are added up from the day on since when the balances count."""
    earlier = ("2025-10-01", "2025-12-31", 1.0, 1.0, 1.0, 1.0)
    statements = engine(results(HALVES[1], earlier, HALVES[0]))
    tie = rf.reports.compare_statements(statements, engine(accounts(*BOOKS)), since="2026-01-01")
    assert compared(rows(tie)) == [
        ("net_income", 40.0, 40.0, 0.0, True),
        ("total_expenses", 50.0, 50.0, 0.0, True),
        ("total_income", 90.0, 90.0, 0.0, True),
    ]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"statements": {"accounting_standard": "CASH"}}, "the statements are on a cash basis"),
        ({"statements": {"currency": "EUR"}}, "there are balances in other currencies"),
        ({"statements": {"currency": ["USD", "EUR"]}}, "the statements are in several currencies"),
        ({"statements": {"start_date": "2026-01-02"}}, "the statements do not follow each other from"),
        ({"statements": {"end_date": "2026-06-30"}}, "the statements do not follow each other from"),
        ({"statements": {"start_date": None}}, "the statements do not follow each other from"),
        ({"accounts": {"currency": ["EUR"] + ["USD"] * 8}}, "there are balances in other currencies"),
        ({"accounts": {"balance": float("nan")}}, "an account has no balance"),
        ({"accounts": {"connection_id": "other"}}, "there are no accounts"),
        ({"accounts": {"last_synced_at": None}}, "it is not known which day"),
        ({"accounts": {"last_synced_at": "2026-07-01T00:00:00Z"}}, "the balances are of a later day"),
        ({"since": None}, "since= is missing"),
    ],
)
def test_not_compared(change: dict[str, Any], reason: str) -> None:
    """What cannot be compared has no difference, and the notes have the reason and the connection."""
    statements = results(*HALVES, **change.get("statements", {}))
    since = change.get("since", "2026-01-01")
    ledger = accounts(*BOOKS, **change.get("accounts", {}))
    tie = rf.reports.compare_statements(statements, ledger, since=since)
    assert tie["ok"].isna().all()
    assert tie["difference"].isna().all()
    (note,) = tie.attrs["notes"]
    assert note.startswith(f"Not compared, {reason}")
    assert note.endswith(": ledger.")


def test_missing_totals() -> None:
    """A total that is missing is not compared, and the others are; expenses need the cost of sales."""
    tie = rf.reports.compare_statements(sheets(("2026-06-30", None, 40.0, 60.3)), accounts(*BOOKS))
    assert [None if pd.isna(ok) else ok for ok in tie["ok"]] == [None, True, True]
    statement = results(("2026-01-01", "2026-06-30", 90.0, None, 50.0, 40.0))
    tie = rf.reports.compare_statements(statement, accounts(*BOOKS), since="2026-01-01")
    assert [None if pd.isna(ok) else ok for ok in tie["ok"]] == [True, None, True]


def test_several_connections_and_converted_accounts() -> None:
    """Each connection is compared by itself; accounts of several currencies are converted first."""
    both = accounts(("asset", 10.0), ("equity", 10.0), currency=["EUR", "USD"])
    rates = pd.DataFrame({"currency": ["EUR"], "rate": [1.25], "date": [pd.Timestamp("2026-06-30")]})
    in_dollars = rf.reports.convert(both, rates, "USD", columns=["balance"])
    row = ("2026-06-30", 12.5, 0.0, 10.0)
    two = pd.concat([sheets(row), sheets(row, connection_id="x")])
    tie = rf.reports.compare_statements(two, in_dollars)
    assert [None if pd.isna(ok) else ok for ok in tie["ok"]] == [True, True, True, None, None, None]
    assert tie.attrs["notes"] == ["Not compared, there are no accounts: x."]


def test_without_connections() -> None:
    """Frames without connections are of one ledger."""
    frames = (sheets(("2026-06-30", 100.3, 40.0, 60.3)), accounts(*BOOKS))
    statements, ledger = (frame.drop(columns="connection_id") for frame in frames)
    assert rf.reports.compare_statements(statements, ledger)["ok"].all()


def test_it_is_a_tie_out() -> None:
    """The comparison is recognised, drawn and explained as every tie-out is."""
    tie = rf.reports.compare_statements(sheets(("2026-06-30", 100.3, 40.0, 60.3)), accounts(*BOOKS))
    assert recognise(tie.columns) == "tie_out"
    assert "total_assets" in tables.tie_out(tie).as_raw_html()
    assert len(explain(tie.iloc[0], accounts(*BOOKS))) == len(BOOKS)


def test_what_is_needed() -> None:
    """Other frames, and accounts without the day of their balances, are refused."""
    with pytest.raises(ValueError, match="accounts has no column 'last_synced_at'"):
        rf.reports.compare_statements(
            sheets(("2026-06-30", 1.0, 1.0, 1.0)), accounts(*BOOKS).drop(columns="last_synced_at")
        )
    with pytest.raises(ValueError, match="statements has no column 'total_income', 'total_expenses'"):
        rf.reports.compare_statements(
            sheets(("2026-06-30", 1.0, 1.0, 1.0)).drop(columns="total_assets"), accounts(*BOOKS)
        )
