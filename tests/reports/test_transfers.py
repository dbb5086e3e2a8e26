"""Transfers between own accounts: which pairs are some, at every edge, and that no money is lost by them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rutterframe as rf
from rutterframe.reports.history import cash_history
from rutterframe.reports.transfers import transfers

Engine = Callable[[pd.DataFrame], Any]
Rows = Callable[[Any], list[dict[str, Any]]]

#: Accounts by connection, id and currency.
ACCOUNTS = [("x", "1", "USD"), ("x", "2", "USD"), ("x", "3", "EUR"), ("y", "1", "USD"), ("y", "2", "EUR")]


def banks(*kinds: str) -> pd.DataFrame:
    """Build the accounts, each with a balance of its own; checking accounts unless other kinds are named."""
    frame = pd.DataFrame(ACCOUNTS, columns=["connection_id", "id", "currency"])
    types = [*kinds, *["checking"] * (len(frame) - len(kinds))]
    return frame.assign(balance=[100.0, 200.0, 300.0, 400.0, 500.0], type=types)


def moves(*lines: tuple[str, str, float, str]) -> pd.DataFrame:
    """Build transactions of dollars: connection, account, amount and date, with ids t0, t1, …"""
    frame = pd.DataFrame(lines, columns=["connection_id", "account_id", "amount", "date"])
    frame = frame.astype({"connection_id": "str", "account_id": "str", "amount": "float64"})
    frame["date"] = pd.to_datetime(frame["date"], format="ISO8601").astype("datetime64[us]")
    return frame.assign(id=[f"t{place}" for place in range(len(frame))], currency="USD")


def ids(pairs: Any) -> list[tuple[str, str]]:
    """Return the transactions of both sides of each transfer."""
    return list(zip(pairs["from_id"].tolist(), pairs["to_id"].tolist(), strict=True))


def test_the_whole_list(engine: Engine, rows: Rows) -> None:
    """A transfer is one row: where and when the money left, where and when it came, and how much."""
    pairs = transfers(
        engine(banks()),
        engine(
            moves(
                ("x", "2", 100.25, "2026-06-29"),
                ("x", "1", -100.25, "2026-06-26 18:00"),
                ("x", "1", -7.0, "2026-06-26"),
                ("x", "2", -3.0, "2026-06-01"),
                ("x", "1", 3.0, "2026-05-31"),
            )
        ),
    )
    got = rows(pairs)
    for row in got:
        row.update({name: f"{row[name]:%Y-%m-%d}" for name in ("from_date", "to_date")})
    keys = ["connection_id", "account_id", "id", "date"]
    names = [f"{side}_{name}" for side in ("from", "to") for name in keys]
    assert list(got[0]) == [*names, "currency", "amount"]
    assert [tuple(row.values()) for row in got] == [
        ("x", "2", "t3", "2026-06-01", "x", "1", "t4", "2026-05-31", "USD", 3.0),
        ("x", "1", "t1", "2026-06-26", "x", "2", "t0", "2026-06-29", "USD", 100.25),
    ]
    assert type(pairs) is type(engine(banks()))


@pytest.mark.parametrize(
    ("first", "second", "is_one"),
    [
        (("x", "1", -9.0, "2026-06-10"), ("x", "2", 9.0, "2026-06-10"), True),
        (("x", "1", -9.0, "2026-06-10"), ("x", "2", 9.0, "2026-06-13"), True),
        (("x", "1", -9.0, "2026-06-10"), ("x", "2", 9.0, "2026-06-07"), True),
        (("x", "1", -9.0, "2026-06-10 23:59"), ("x", "2", 9.0, "2026-06-13 00:01"), True),
        (("x", "1", -9.0, "2026-06-10"), ("x", "2", 9.0, "2026-06-14"), False),
        (("x", "1", -9.0, "2026-06-10"), ("x", "2", 9.0, "2026-06-06"), False),
        (("x", "1", -9.0, "2026-06-10"), ("x", "1", 9.0, "2026-06-10"), False),
        (("x", "1", -9.0, "2026-06-10"), ("x", "2", 9.01, "2026-06-10"), False),
        (("x", "1", -9.0, "2026-06-10"), ("x", "2", -9.0, "2026-06-10"), False),
        (("x", "1", 0.0, "2026-06-10"), ("x", "2", -0.0, "2026-06-10"), False),
        (("x", "1", -9.0, "2026-06-10"), ("y", "1", 9.0, "2026-06-10"), False),
        (("x", "1", -9.0, "2026-06-10"), ("x", "2", 9.0, None), False),
    ],
)
def test_which_pairs_are_transfers(first: Any, second: Any, is_one: bool) -> None:
    """A pair is of one amount, opposite, on two accounts of one business, and at most three days apart."""
    assert ids(transfers(banks(), moves(first, second))) == ([("t0", "t1")] if is_one else [])
    assert ids(transfers(banks(), moves(second, first))) == ([("t1", "t0")] if is_one else [])


def test_two_currencies_are_not_a_transfer() -> None:
    """100 dollars that left and 100 euros that came are not a transfer."""
    moved = moves(("x", "1", -100.0, "2026-06-10"), ("x", "3", 100.0, "2026-06-10"))
    assert ids(transfers(banks(), moved.assign(currency=["USD", "EUR"]))) == []
    assert ids(transfers(banks(), moved.assign(currency=None))) == []


def test_ambiguous_transactions_are_not_a_transfer() -> None:
    """Where a transaction could be a side of two transfers it is of none, and a note counts all of them."""
    moved = moves(
        ("x", "1", -9.0, "2026-06-10"),
        ("x", "2", 9.0, "2026-06-09"),
        ("x", "2", 9.0, "2026-06-13"),
        ("x", "1", -5.0, "2026-06-10"),
        ("x", "2", 5.0, "2026-06-10"),
    )
    pairs = transfers(banks(), moved)
    assert ids(pairs) == [("t3", "t4")]
    assert pairs.attrs["notes"] == [
        "Transactions that could be a side of more than one transfer between own accounts, taken as none: 3."
    ]


def test_a_chain_is_not_a_transfer() -> None:
    """A pair is unique only if neither of its sides has another candidate."""
    moved = moves(
        ("x", "1", -9.0, "2026-06-01"), ("x", "2", 9.0, "2026-06-04"), ("x", "1", -9.0, "2026-06-07"),
        ("x", "2", 9.0, "2026-06-10"),
    )  # fmt: skip
    assert ids(transfers(banks(), moved)) == []
    assert ids(transfers(banks(), moved.head(2))) == [("t0", "t1")]


def test_weekly_transfers_are_kept_apart() -> None:
    """The same amount every week, four days and more apart, is a transfer every week."""
    moved = moves(
        ("x", "1", -9.0, "2026-06-01"), ("x", "2", 9.0, "2026-06-02"), ("x", "1", -9.0, "2026-06-08"),
        ("x", "2", 9.0, "2026-06-08"), ("x", "1", -9.0, "2026-06-12"),
    )  # fmt: skip
    pairs = transfers(banks(), moved.drop(index=4))
    assert ids(pairs) == [("t0", "t1"), ("t2", "t3")]
    assert pairs.attrs["notes"] == []


def test_the_order_of_the_list() -> None:
    """Transfers are in the order of the days that the money left, then of currencies, then of amounts."""
    moved = moves(
        ("x", "1", -9.0, "2026-06-10"), ("x", "2", 9.0, "2026-06-10"), ("x", "1", -2.0, "2026-06-10"),
        ("x", "2", 2.0, "2026-06-10"), ("x", "3", -5.0, "2026-06-10"), ("y", "2", 5.0, "2026-06-10"),
        ("x", "2", -70.0, "2026-06-09"), ("x", "1", 70.0, "2026-06-12"),
    ).assign(currency=[*["USD"] * 4, "EUR", "EUR", "USD", "USD"])  # fmt: skip
    pairs = transfers(banks(), moved, businesses={"A": ["x", "y"]})
    assert pairs[["currency", "amount"]].to_numpy().tolist() == [
        ["USD", 70.0],
        ["EUR", 5.0],
        ["USD", 2.0],
        ["USD", 9.0],
    ]


def test_accounts_of_several_connections_of_one_business() -> None:
    """Connections of one business are together; a connection of none is a business by itself."""
    moved = moves(("x", "1", -9.0, "2026-06-10"), ("y", "1", 9.0, "2026-06-10"))
    assert ids(transfers(banks(), moved, businesses={"A": ["x", "y"]})) == [("t0", "t1")]
    assert ids(transfers(banks(), moved, businesses={"A": ["x"], "B": ["y"]})) == []
    assert ids(transfers(banks(), moved, businesses={"A": ["x", "z"]})) == []
    with pytest.raises(ValueError, match="businesses has connection 'x' in 'A' and in 'B'"):
        transfers(banks(), moved, businesses={"A": ["x"], "B": ["x"]})


def test_a_payment_to_a_card_is_an_outflow() -> None:
    """A payment from the bank to a card of the business leaves the cash, and is not a transfer."""
    moved = moves(("x", "1", -9.0, "2026-06-10"), ("x", "2", 9.0, "2026-06-10"))
    assert ids(transfers(banks("checking", "Credit card"), moved)) == []


def test_a_list_without_transfers() -> None:
    """Without transfers the list has its columns and dtypes, also where there is nothing to look at."""
    one = transfers(banks(), moves(("x", "1", -9.0, "2026-06-10"), ("x", "2", 9.0, "2026-06-10")))
    assert one.dtypes.astype(str).tolist() == [*["str"] * 3, "datetime64[us]"] * 2 + ["str", "float64"]
    for accounts in (banks(), banks().head(0)):
        none = transfers(accounts, moves(("x", "1", -9.0, "2026-06-10")).head(0))
        assert len(none) == 0
        assert none.dtypes.to_dict() == one.dtypes.to_dict()
    without = moves(("x", "1", -9.0, "2026-06-10"), ("x", "2", 9.0, "2026-06-10")).drop(columns="id")
    assert transfers(banks(), without)[["from_id", "to_id"]].isna().all(axis=None)


def test_transfers_are_exported() -> None:
    """The list is one of the reports."""
    assert rf.reports.transfers is transfers


DAYS = st.integers(0, 12)
LINES = st.lists(
    st.tuples(st.sampled_from(ACCOUNTS), st.sampled_from([-2.5, -1.0, 1.0, 2.5, 0.0]), DAYS), max_size=14
)


def naive(lines: list[tuple[tuple[str, str, str], float, int]]) -> set[tuple[int, int]]:
    """Match the transfers by comparing every pair."""
    pairs = {
        (out, into)
        for (out, (source, left, first)), (into, (target, came, last)) in product(enumerate(lines), repeat=2)
        if left < 0 and left == -came and abs(first - last) <= 3 and source != target
        and source[::2] == target[::2]
    }  # fmt: skip
    outs, ins = [out for out, _ in pairs], [into for _, into in pairs]
    return {(out, into) for out, into in pairs if outs.count(out) == ins.count(into) == 1}


@given(LINES)
@settings(max_examples=150, deadline=None)
def test_the_same_pairs_as_by_comparing_all(lines: list[tuple[tuple[str, str, str], float, int]]) -> None:
    """Whatever moved, the transfers are those that the definition finds among all pairs."""
    pairs = transfers(banks(), build_moves(lines))
    wanted = {(f"t{out}", f"t{into}") for out, into in naive(lines)}
    assert set(ids(pairs)) == wanted
    assert len(pairs) == len(wanted)


@given(LINES, st.booleans())
@settings(max_examples=150, deadline=None)
def test_no_money_is_lost(lines: list[tuple[tuple[str, str, str], float, int]], by_account: bool) -> None:
    """Inflow, outflow and transfers of all days are what the balance changed by, and all that was posted."""
    moved = build_moves(lines)
    history = cash_history(banks(), moved, by_account=by_account)
    keys = ["currency", *(["connection_id", "account_id"] if by_account else [])]
    posted: dict[Any, Decimal] = {}
    for account, amount, _ in lines:
        key = (account[2], *account[:2]) if by_account else (account[2],)
        posted[key] = posted.get(key, Decimal(0)) + Decimal(str(amount))
    changed = {}
    for key, days in history.groupby(keys):
        balances = [Decimal(str(balance)) for balance in days["balance"]]
        first = days.iloc[0]
        opening = balances[0] - sum(Decimal(str(first[name])) for name in ("inflow", "outflow", "transfers"))
        changed[key] = balances[-1] - opening
        assert changed[key] == sum(
            Decimal(str(amount)) for name in ("inflow", "outflow", "transfers") for amount in days[name]
        )
    assert changed == posted
    for _, days in history.groupby("currency"):
        assert sum(map(Decimal, map(str, days["transfers"]))) == 0


def build_moves(lines: list[tuple[tuple[str, str, str], float, int]]) -> pd.DataFrame:
    """Build transactions of accounts, amounts and days of June."""
    start = date(2026, 6, 1)
    frame = moves(
        *((*account[:2], amount, f"{start + timedelta(days=day)}") for account, amount, day in lines)
    )
    return frame.assign(currency=[account[2] for account, _, _ in lines]).astype({"currency": "str"})


def test_ids_that_are_numbers(engine: Engine, rows: Rows) -> None:
    """Accounts with numbers as ids match whether a frame holds them as integers, floats or text."""
    banks = pd.DataFrame({"connection_id": [7.0, 7.0], "id": [1.0, 2.0], "currency": "EUR", "balance": 5.0})
    moves = pd.DataFrame(
        {
            "connection_id": 7,
            "account_id": [1, 2],
            "amount": [-9.0, 9.0],
            "currency": "EUR",
            "date": "2026-06-26",
        }
    )
    for one in (moves, moves.astype({"account_id": "str", "connection_id": "float64"})):
        (row,) = rows(rf.reports.transfers(engine(banks), engine(one)))
        assert (row["from_connection_id"], row["from_account_id"], row["to_account_id"]) == (
            "7",
            "1",
            "2",
        )
