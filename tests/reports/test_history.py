"""The history of the cash by day: literals, accounts of several connections, transfers, postings ahead."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.reports.history import cash_history

AS_OF = "2026-06-30"
Engine = Callable[[pd.DataFrame], Any]
Rows = Callable[[Any], list[dict[str, Any]]]


def accounts(*lines: tuple[str | None, str | None, float | None, str | None], **more: Any) -> pd.DataFrame:
    """Build checking accounts: connection, id, balance and currency."""
    frame = pd.DataFrame(lines, columns=["connection_id", "id", "balance", "currency"])
    dtypes = {"connection_id": "str", "id": "str", "balance": "float64", "currency": "str"}
    return frame.astype(dtypes).assign(**({"type": "checking"} | more))


def transactions(
    *lines: tuple[str | None, str | None, float | None, str | None, str | None],
) -> pd.DataFrame:
    """Build transactions: connection, account, amount, currency and date."""
    frame = pd.DataFrame(lines, columns=["connection_id", "account_id", "amount", "currency", "date"])
    text = dict.fromkeys(("connection_id", "account_id", "currency"), "str")
    return frame.astype({**text, "amount": "float64", "date": "datetime64[us]"})


ACCOUNTS = accounts(
    ("c", "a", 100.3, "USD"), ("c", "b", -20.0, "USD"), ("c", "c", 5.0, "EUR"), ("c", "d", 1.0, "JPY")
)
MOVES = transactions(
    ("c", "a", 0.1, "USD", "2026-06-29"),
    ("c", "a", 0.2, "USD", "2026-06-30 23:59"),
    ("c", "b", -30.0, "USD", "2026-06-30"),
    ("c", "b", 10.0, None, "2026-06-30"),
    ("c", "c", -1.5, "EUR", "2026-01-01"),
)


def with_text_dates(history: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Return the rows of a history with their days as text."""
    return [(f"{row['date']:%Y-%m-%d}", *list(row.values())[1:]) for row in history]


def test_what_is_pending_is_not_booked(engine: Engine, rows: Rows) -> None:
    """What a live bank only announces is not in its balance: it is in no day, and a note has the total."""
    words: list[Any] = ["posted", None, "PENDING", "posted", "pending"]
    moves = MOVES.assign(status=words)
    history = rows(cash_history(engine(ACCOUNTS), engine(moves)))
    booked = cash_history(ACCOUNTS, MOVES.drop(index=[2, 4]))
    assert with_text_dates(history) == with_text_dates(rows(booked))
    note = (
        "Transactions that are pending, and not booked in the balances, left out: 2, -1.50 EUR, -30.00 USD."
    )
    assert note in cash_history(ACCOUNTS, moves).attrs["notes"]
    last = cash_history(ACCOUNTS, moves).iloc[-1]
    explained = rf.reports.explain(last, {"transactions": moves, "bank_accounts": ACCOUNTS})
    assert explained["amount"].tolist() == [0.2, 10.0]


def test_the_whole_history(engine: Engine, rows: Rows) -> None:
    """Each currency has a row for each day with transactions, and the last balance is that of today."""
    banks, moves = engine(ACCOUNTS), engine(MOVES)
    history = cash_history(banks, moves)
    assert type(history) is type(banks)
    got = rows(history)
    assert list(got[0]) == ["date", "currency", "inflow", "outflow", "transfers", "balance"]
    assert with_text_dates(got) == [
        ("2026-01-01", "EUR", 0.0, -1.5, 0.0, 5.0),
        ("2026-06-29", "USD", 0.1, 0.0, 0.0, 100.1),
        ("2026-06-30", "USD", 10.2, -30.0, 0.0, 80.3),
    ]
    each = rows(cash_history(banks, moves, by_account=True))
    keys = ["date", "connection_id", "account_id", "currency"]
    assert list(each[0]) == [*keys, "inflow", "outflow", "transfers", "balance"]
    assert with_text_dates(each) == [
        ("2026-01-01", "c", "c", "EUR", 0.0, -1.5, 0.0, 5.0),
        ("2026-06-29", "c", "a", "USD", 0.1, 0.0, 0.0, 100.1),
        ("2026-06-30", "c", "a", "USD", 0.2, 0.0, 0.0, 100.3),
        ("2026-06-30", "c", "b", "USD", 10.0, -30.0, 0.0, -20.0),
    ]


def test_one_id_in_two_connections(engine: Engine, rows: Rows) -> None:
    """An account is known by its connection and id: "1" in dollars and "1" in euros are two accounts."""
    banks = accounts(("x", "1", 100.0, "USD"), ("y", "1", 200.0, "EUR"))
    moves = transactions(
        ("x", "1", 10.0, "USD", "2026-06-29"),
        ("y", "1", -5.0, "EUR", "2026-06-29"),
        ("y", "1", 1.0, None, AS_OF),
    )
    assert with_text_dates(rows(cash_history(engine(banks), engine(moves)))) == [
        ("2026-06-29", "EUR", 0.0, -5.0, 0.0, 199.0),
        ("2026-06-30", "EUR", 1.0, 0.0, 0.0, 200.0),
        ("2026-06-29", "USD", 10.0, 0.0, 0.0, 100.0),
    ]


def test_one_id_in_two_connections_of_one_currency(engine: Engine, rows: Rows) -> None:
    """Two accounts "1" of one currency have rows of their own by account, each with its own balance."""
    banks = accounts(("x", "1", 100.0, "USD"), ("y", "1", 200.0, "USD"))
    moves = transactions(("x", "1", 10.0, "USD", "2026-06-29"), ("y", "1", -5.0, "USD", "2026-06-29"))
    assert with_text_dates(rows(cash_history(engine(banks), engine(moves), by_account=True))) == [
        ("2026-06-29", "x", "1", "USD", 10.0, 0.0, 0.0, 100.0),
        ("2026-06-29", "y", "1", "USD", 0.0, -5.0, 0.0, 200.0),
    ]


def test_a_frame_without_connections_is_matched_by_id(rows: Rows) -> None:
    """Where one frame lacks connection_id the account's id finds it, unless two connections have that id."""
    banks = accounts(("x", "1", 100.0, "USD"), ("y", "2", 200.0, "USD"))
    moves = transactions((None, "1", 10.0, "USD", "2026-06-29")).drop(columns="connection_id")
    assert with_text_dates(rows(cash_history(banks, moves, by_account=True))) == [
        ("2026-06-29", "x", "1", "USD", 10.0, 0.0, 0.0, 100.0)
    ]
    both = accounts(("x", "1", 100.0, "USD"), ("y", "1", 200.0, "USD"))
    with pytest.raises(ValueError, match="account '1' in two connections, and only one of the frames has"):
        cash_history(both, moves)


def test_transactions_of_two_connections_are_not_of_one_account(engine: Engine) -> None:
    """Where the accounts lack connection_id, one account's transactions of two connections are refused."""
    banks = accounts((None, "1", 100.0, "USD"), (None, "2", 5.0, "USD")).drop(columns="connection_id")
    one, other = ("x", "1", 10.0, "USD", "2026-06-29"), ("y", "2", 10.0, "USD", "2026-06-29")
    apart = transactions(one, other, ("y", "9", 1.0, "USD", AS_OF), ("x", "9", 1.0, "USD", AS_OF))
    assert len(rf.reports.cash_history(banks, apart)) == 1
    moves = transactions(one, other, ("y", "1", -5.0, "USD", AS_OF))
    documents = pd.DataFrame(
        columns=["id", "status", "amount_due", "currency", "due_date", "customer_id", "vendor_id"],
        dtype="str",
    ).astype({"amount_due": "float64"})
    reports: tuple[Callable[[], Any], ...] = (
        lambda: cash_history(engine(banks), engine(moves)),
        lambda: rf.reports.transfers(engine(banks), engine(moves)),
        lambda: rf.reports.cash_forecast(banks, documents, documents, AS_OF, run_rate=moves),
    )
    for report in reports:
        with pytest.raises(
            ValueError, match="account '1' in two connections, and only one of the frames has"
        ):
            report()


def test_ids_that_were_read_as_floats(engine: Engine, rows: Rows) -> None:
    """A column of ids with a gap is of floats after a CSV file: 1.0 is the account "1" on every engine."""
    banks = accounts(("x", "1", 100.0, "USD")).assign(id=[1.0])
    moves = transactions(("x", "1", 10.0, "USD", "2026-06-29")).assign(account_id=[1.0])
    for other in (moves, moves.assign(account_id="1"), moves.assign(account_id=1)):
        got = rows(cash_history(engine(banks), engine(other), by_account=True))
        assert with_text_dates(got) == [("2026-06-29", "x", "1", "USD", 10.0, 0.0, 0.0, 100.0)]


def test_amounts_of_eight_decimals(engine: Engine, rows: Rows) -> None:
    """Balances are exact also with amounts of eight decimals, as of coins."""
    banks = accounts(("x", "1", 0.3, "XBT"), ("x", "2", 1e-08, "XBT"))
    moves = transactions(("x", "1", 0.10000001, "XBT", "2026-06-29"), ("x", "1", -1e-08, "XBT", AS_OF))
    assert with_text_dates(rows(cash_history(engine(banks), engine(moves)))) == [
        ("2026-06-29", "XBT", 0.10000001, 0.0, 0.0, 0.30000002),
        ("2026-06-30", "XBT", 0.0, -1e-08, 0.0, 0.30000001),
    ]


def test_ids_that_are_numbers(rows: Rows) -> None:
    """Ids read back from a file as numbers find their accounts as those that are text do."""
    banks = accounts(("x", "1", 100.0, "USD"), ("x", "2", 200.0, "EUR")).astype({"id": "int64"})
    moves = transactions(("x", "2", 10.0, "EUR", "2026-06-29")).astype({"account_id": "int64"})
    assert with_text_dates(rows(cash_history(banks, moves, by_account=True))) == [
        ("2026-06-29", "x", "2", "EUR", 10.0, 0.0, 0.0, 200.0)
    ]


def test_an_account_that_is_listed_twice() -> None:
    """An account that stands twice in bank_accounts would count twice: it is refused by its name."""
    twice = accounts(("x", "1", 100.0, "USD"), ("x", "1", 100.0, "USD"))
    with pytest.raises(
        ValueError, match="bank_accounts has account '1' of connection 'x' twice: keep one row"
    ):
        cash_history(twice, MOVES)
    with pytest.raises(ValueError, match="bank_accounts has account '1' twice"):
        cash_history(twice.drop(columns="connection_id"), MOVES)


def test_an_account_in_several_currencies(rows: Rows) -> None:
    """An account with a balance in each of two currencies has a history in each."""
    banks = accounts(("x", "1", 100.0, "USD"), ("x", "1", 50.0, "EUR"))
    moves = transactions(
        ("x", "1", 10.0, "USD", "2026-06-29"),
        ("x", "1", 5.0, "EUR", "2026-06-29"),
        ("x", "1", 7.0, None, AS_OF),
    )
    history = cash_history(banks, moves)
    assert with_text_dates(rows(history)) == [
        ("2026-06-29", "EUR", 5.0, 0.0, 0.0, 50.0),
        ("2026-06-29", "USD", 10.0, 0.0, 0.0, 100.0),
    ]
    note = "Transactions without a currency, of accounts in several, left out: 1, 7.00 without a currency."
    assert note in history.attrs["notes"]


def test_postings_ahead_of_the_balances(engine: Engine, rows: Rows) -> None:
    """With 100 today and -50 dated next week there were 100 yesterday, and a note names what is ahead."""
    banks = accounts(("x", "1", 100.0, "USD"))
    moves = transactions(("x", "1", 20.0, "USD", "2026-06-29"), ("x", "1", -50.0, "USD", "2026-07-05"))
    history = cash_history(engine(banks), engine(moves), as_of=AS_OF)
    assert with_text_dates(rows(history)) == [
        ("2026-06-29", "USD", 20.0, 0.0, 0.0, 100.0),
        ("2026-06-30", "USD", 0.0, 0.0, 0.0, 100.0),
    ]
    if isinstance(history, pd.DataFrame):
        assert history.attrs["as_of"] == AS_OF
        what = "Transactions after 2026-06-30, which the balances are taken not to hold yet, left out"
        assert history.attrs["notes"][1:] == [f"{what}: 1, -50.00 USD."]


def test_a_posting_of_the_day_is_not_ahead() -> None:
    """A transaction of as_of itself is booked, however late in the day."""
    moves = transactions(("x", "1", -50.0, "USD", "2026-06-30 23:59"), ("x", "1", -1.0, "USD", "2026-07-01"))
    history = cash_history(accounts(("x", "1", 100.0, "USD")), moves, as_of=AS_OF)
    assert history[["outflow", "balance"]].to_numpy().tolist() == [[-50.0, 100.0]]


def test_a_day_before_that_of_the_fetch() -> None:
    """Where the balances were fetched after as_of and postings are between, a note says what to pass."""
    banks = accounts(("x", "1", 100.0, "USD"))
    banks.attrs["receipt"] = {"finished": "2026-07-10T08:00:00+00:00"}
    moves = transactions(("x", "1", -50.0, "USD", "2026-07-05"))
    hint = (
        "The balances were fetched on 2026-07-10: if they hold what is dated up to then, "
        "pass as_of='2026-07-10'."
    )
    assert cash_history(banks, moves, as_of=AS_OF).attrs["notes"][-1] == hint
    assert hint not in cash_history(banks, moves.head(0), as_of=AS_OF).attrs["notes"]
    later = transactions(("x", "1", -50.0, "USD", "2026-07-11"))
    notes = cash_history(banks, later, as_of="2026-07-10").attrs["notes"]
    assert len(notes) == 2
    assert notes[-1].startswith("Transactions after 2026-07-10")


def test_without_a_day_the_assumption_is_noted() -> None:
    """Without as_of nothing can be ahead, which a note says; with it the note is absent."""
    note = (
        "Without as_of every transaction is taken as booked in the balances, also one dated after the day of "
        "the balances."
    )
    assert note in cash_history(ACCOUNTS, MOVES).attrs["notes"]
    assert note not in cash_history(ACCOUNTS, MOVES, as_of=AS_OF).attrs["notes"]


def test_every_currency_has_a_row_on_the_day() -> None:
    """With as_of each currency with cash has its balance of that day, also one without any transaction."""
    history = cash_history(ACCOUNTS, MOVES, as_of=AS_OF)
    last = history[history["date"] == AS_OF]
    assert last[["currency", "balance"]].to_numpy().tolist() == [["EUR", 5.0], ["JPY", 1.0], ["USD", 80.3]]


def test_transfers_are_neither_inflow_nor_outflow(engine: Engine, rows: Rows) -> None:
    """100 from one own account to another are in transfers alone."""
    banks = accounts(("x", "1", 100.0, "USD"), ("x", "2", 400.0, "USD"))
    moves = transactions(
        ("x", "1", -100.0, "USD", "2026-06-26"),
        ("x", "2", 100.0, "USD", "2026-06-29"),
        ("x", "1", -7.0, "USD", "2026-06-29"),
    )
    history = cash_history(engine(banks), engine(moves))
    assert with_text_dates(rows(history)) == [
        ("2026-06-26", "USD", 0.0, 0.0, -100.0, 407.0),
        ("2026-06-29", "USD", 0.0, -7.0, 100.0, 500.0),
    ]
    assert with_text_dates(rows(cash_history(engine(banks), engine(moves), by_account=True))) == [
        ("2026-06-26", "x", "1", "USD", 0.0, 0.0, -100.0, 107.0),
        ("2026-06-29", "x", "1", "USD", 0.0, -7.0, 0.0, 100.0),
        ("2026-06-29", "x", "2", "USD", 0.0, 0.0, 100.0, 400.0),
    ]
    if isinstance(history, pd.DataFrame):
        what = "Transfers between own accounts, not in inflow and outflow"
        assert history.attrs["notes"][-1] == f"{what}: 1, 100.00 USD; `transfers` lists them."


def test_a_transfer_under_way_on_the_day() -> None:
    """Money that left by as_of and arrives after it is a transfer already; what arrives is ahead."""
    banks = accounts(("x", "1", 100.0, "USD"), ("x", "2", 400.0, "USD"))
    moves = transactions(("x", "1", -100.0, "USD", "2026-06-29"), ("x", "2", 100.0, "USD", "2026-07-01"))
    history = cash_history(banks, moves, as_of=AS_OF)
    assert history[["inflow", "outflow", "transfers", "balance"]].to_numpy().tolist() == [
        [0.0, 0.0, -100.0, 500.0],
        [0.0, 0.0, 0.0, 500.0],
    ]


def test_transfers_between_connections_of_one_business() -> None:
    """Accounts of two connections are own accounts only where businesses puts them together."""
    banks = accounts(("x", "1", 100.0, "USD"), ("y", "1", 400.0, "USD"))
    moves = transactions(("x", "1", -9.0, "USD", AS_OF), ("y", "1", 9.0, "USD", AS_OF))
    flows = ["inflow", "outflow", "transfers"]
    assert cash_history(banks, moves)[flows].to_numpy().tolist() == [[9.0, -9.0, 0.0]]
    together = cash_history(banks, moves, businesses={"Both": ["x", "y"]})
    assert together[flows].to_numpy().tolist() == [[0.0, 0.0, 0.0]]


@pytest.mark.parametrize("word", ["credit_card", "Credit Card", "card", "LINE OF CREDIT", "loan", "mortgage"])
def test_debts_are_in_no_history(engine: Engine, rows: Rows, word: str) -> None:
    """Neither the balances nor the transactions of cards, credit lines and loans are in a cash history."""
    banks = accounts(("x", "1", 100.0, "USD"), ("x", "2", 4000.0, "USD")).assign(type=["checking", word])
    moves = transactions(
        ("x", "1", -30.0, "USD", AS_OF), ("x", "2", 30.0, "USD", AS_OF), ("x", "2", -8.0, "USD", AS_OF)
    )
    history = cash_history(engine(banks), engine(moves), as_of=AS_OF)
    assert with_text_dates(rows(history)) == [("2026-06-30", "USD", 0.0, -30.0, 0.0, 100.0)]
    if isinstance(history, pd.DataFrame):
        assert history.attrs["notes"][1:] == [
            "Cards, credit lines and loans are debts, and left out: 1.",
            "Transactions of cards, credit lines and loans, left out: 2, 22.00 USD.",
        ]


def test_accounts_without_types_are_cash() -> None:
    """Without a column of types every account is cash, and a type that is not known as well; notes say so."""
    notes = cash_history(ACCOUNTS.drop(columns="type"), MOVES, as_of=AS_OF).attrs["notes"]
    assert (
        notes[1] == "bank_accounts has no column 'type': every account is taken as cash, cards and loans too."
    )
    odd = ACCOUNTS.assign(type=pd.Series(["checking", "brokerage", None, "brokerage"], dtype="str"))
    notes = cash_history(odd, MOVES, as_of=AS_OF).attrs["notes"]
    assert notes[1] == (
        "Bank accounts of an unknown type or none, taken as cash: 2 'brokerage', 1 without a type."
    )


def test_left_out_transactions_are_noted() -> None:
    """Notes count transactions without an account, left out, and those without a date, taken as old."""
    strange = transactions(
        ("c", "a", 7.0, "USD", None),
        ("c", "a", 3.0, "EUR", AS_OF),
        ("c", "x", -2.0, "USD", AS_OF),
        ("c", None, 1000.0, "JPY", AS_OF),
        ("other", "a", -1.0, "USD", AS_OF),
    )
    report = cash_history(ACCOUNTS, pd.concat([MOVES, strange]), as_of=AS_OF)
    pd.testing.assert_frame_equal(report, cash_history(ACCOUNTS, MOVES, as_of=AS_OF), check_like=False)
    assert report.attrs["notes"] == [
        "Balances are computed backwards from those of the day the data was fetched.",
        "Transactions of accounts that are not in bank_accounts, left out: 3, 1,000 JPY, -3.00 USD.",
        "Transactions in another currency than their account's, left out: 1, 3.00 EUR.",
        "Transactions without a date, taken as older than the first day: 1, 7.00 USD.",
    ]


def test_accounts_without_an_id_have_no_transactions() -> None:
    """A transaction without an account does not belong to an account without an id, which counts as cash."""
    banks = accounts(("c", None, 10.0, "USD"), ("c", None, 5.0, "USD"))
    report = cash_history(banks, transactions(("c", None, 3.0, "USD", AS_OF)), as_of=AS_OF)
    assert report[["inflow", "balance"]].to_numpy().tolist() == [[0.0, 15.0]]
    assert report.attrs["notes"][1:] == [
        "Bank accounts without an id, which no transaction belongs to: 2.",
        "Transactions of accounts that are not in bank_accounts, left out: 1, 3.00 USD.",
    ]


def test_empty_text_is_missing(engine: Engine, rows: Rows) -> None:
    """A transaction with empty text as its currency is in its account's; an account "" is missing."""
    banks = accounts(("x", "1", 100.0, "USD"), ("x", "", 5.0, ""))
    moves = transactions(("x", "1", 3.0, "", "2026-06-29"), ("x", "", 7.0, "USD", "2026-06-29"))
    assert with_text_dates(rows(cash_history(engine(banks), engine(moves), as_of="2026-06-29"))) == [
        ("2026-06-29", "USD", 3.0, 0.0, 0.0, 100.0),
        ("2026-06-29", None, 0.0, 0.0, 0.0, 5.0),
    ]


@pytest.mark.parametrize("by_account", [False, True])
@pytest.mark.parametrize("bank", ["roaster-bank", "gear-bank"])
def test_the_demo_begins_with_nothing_and_ends_today(client: rf.Client, bank: str, by_account: bool) -> None:
    """Before its opening balance a bank of the demo holds nothing, and after its last day today's balance."""
    connection = client.connection(bank)
    banks = rf.load_bank_accounts(connection, progress=False)
    moves = rf.load_transactions(connection, progress=False)
    report = cash_history(banks, moves, by_account=by_account, as_of=AS_OF)
    assert [note.split(",")[0] for note in report.attrs["notes"][1:]] == ["Transfers between own accounts"]
    assert report.attrs["sources"] == [banks.attrs["receipt"], moves.attrs["receipt"]]
    keys = ["currency", "account_id"] if by_account else ["currency"]
    for key, days in report.groupby(keys):
        assert days["date"].is_monotonic_increasing
        balance = Decimal(0)
        for row in days[["inflow", "outflow", "transfers", "balance"]].to_dict("records"):
            balance += sum(Decimal(str(row[name])) for name in ("inflow", "outflow", "transfers"))
            assert balance == Decimal(str(row["balance"]))
        matches = banks["id"] == key[1] if by_account else banks["currency"] == key[0]
        assert balance == sum(Decimal(str(value)) for value in banks.loc[matches, "balance"])


def test_no_history() -> None:
    """Without transactions there is no row, in the columns and dtypes of any other history."""
    for by_account in (False, True):
        nothing = cash_history(ACCOUNTS, MOVES.head(0), by_account=by_account)
        assert len(nothing) == 0
        something = cash_history(ACCOUNTS, MOVES, by_account=by_account)
        assert nothing.dtypes.to_dict() == something.dtypes.to_dict()
        assert len(cash_history(ACCOUNTS.head(0), MOVES, by_account=by_account)) == 0


def test_histories_that_are_refused() -> None:
    """Missing columns, invalid days and huge amounts are errors."""
    with pytest.raises(
        ValueError, match="transactions has no column 'account_id'; its columns are connection"
    ):
        cash_history(ACCOUNTS, MOVES.drop(columns="account_id"))
    with pytest.raises(ValueError, match="as_of='soon' is not a valid date"):
        cash_history(ACCOUNTS, MOVES, as_of="soon")
    with pytest.raises(OverflowError, match="amount: absolute amounts of"):
        cash_history(ACCOUNTS, transactions(("c", "a", 1e15, "USD", None)))
