"""The rows behind a row of each report other than an aging sum to it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

import rutterframe as rf

explain = rf.reports.explain
Rows = Callable[[Any], list[dict[str, Any]]]
Engine = Callable[[pd.DataFrame], Any]

AS_OF = "2026-06-30"
REST = "Not allocated to a product"


def frame_of(columns: str, *rows: tuple[Any, ...], **dtypes: str) -> pd.DataFrame:
    """Build a frame of text, but for the columns with a dtype."""
    frame = pd.DataFrame(rows, columns=columns.split(), dtype=object)
    return frame.astype({name: dtypes.get(name, "str") for name in columns.split()})


ORDERS = frame_of(
    "connection_id id status currency total_price created_at",
    ("s", "a", "fulfilled", "USD", 12.5, "2026-01-31T10:00:00Z"),
    ("s", "b", "cancelled", "USD", 9.0, "2026-01-01T10:00:00Z"),
    ("s", "c", None, "USD", 0.3, "2026-02-01T10:00:00Z"),
    ("s", "d", "odd", "EUR", 1.0, None),
    total_price="float64",
    created_at="datetime64[us, UTC]",
)
LINES = frame_of(
    "connection_id order_id line_number product_id variant_id quantity unit_price",
    ("s", "a", 1, "p", "v", 2, 5.0),
    ("s", "a", 2, "q", None, None, 1.0),
    ("s", "b", 1, "p", "v", 1, 9.0),
    ("s", "c", 1, "p", "w", 3, 0.1),
    ("s", "d", 1, None, None, 1, 1.0),
    ("s", "z", 1, "p", "v", 1, 1.0),
    line_number="Int64",
    quantity="Int64",
    unit_price="float64",
)


def row_of(title: str | None, product: str | None, currency: str = "USD", **more: Any) -> dict[str, Any]:
    """Build a row of revenue by product."""
    numbers = {"orders": 0, "quantity": 0, "revenue": 0.0, "share": 0.0}
    return {"product_id": product, "title": title, "currency": currency, **numbers, **more}


@pytest.mark.parametrize(
    ("row", "lines"),
    [
        (row_of(None, "p"), [("a", 1, 10.0), ("c", 1, 0.3)]),
        (row_of(None, "q"), [("a", 2, 0.0)]),
        (row_of("Line without a product", None, "EUR"), [("d", 1, 1.0)]),
        (row_of(REST, None), [("a", None, 2.5)]),
        (row_of(REST, None, "EUR"), []),
    ],
)
def test_lines_behind_a_product(
    engine: Engine, rows: Rows, row: dict[str, Any], lines: list[tuple[Any, ...]]
) -> None:
    """A product's revenue is explained by its lines, the rest by the orders that cost more than theirs."""
    behind = explain(row, {"orders": engine(ORDERS), "lines": engine(LINES)})
    assert type(behind) is type(engine(ORDERS))
    assert [(one["order_id"], one["line_number"], one["revenue"]) for one in rows(behind)] == lines


def test_the_revenue_of_the_demo_is_explained(shops: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    """Every row of revenue by product, variant and month is the sum of the lines behind it."""
    orders, products = shops
    report = rf.reports.revenue_by_product(orders, products, by="variant_id", period="quarter")
    sources = {"orders": orders, "products": products}
    for place in range(0, len(report), len(report) // 12):
        row = report.iloc[[place]]
        behind = explain(row, sources)
        exact = sum((Decimal(str(amount)) for amount in behind["revenue"]), Decimal(0))
        assert exact == Decimal(str(row["revenue"].iloc[0]))
        if row["title"].iloc[0] != REST:
            assert behind["order_id"].nunique() == row["orders"].iloc[0]


def test_a_period_of_another_engine_is_not_known() -> None:
    """A row with a period of an unknown kind is an error."""
    row = row_of(None, "p", period=pd.Timestamp("2026-01-01"))
    with pytest.raises(ValueError, match="the kind of the period is not known: only rows of a pandas report"):
        explain(row, {"orders": ORDERS, "lines": LINES})


BANKS = frame_of(
    "id name institution_name currency balance",
    ("1", "Main", "North", "USD", 100.1),
    ("2", "Tax", "North", "USD", -0.2),
    ("3", "Euro", "South", "EUR", 5.0),
    balance="float64",
)


def test_accounts_behind_a_cash_position(engine: Engine, rows: Rows) -> None:
    """A cash position is explained by the accounts of its institution and currency."""
    row = {"institution_name": "North", "currency": "USD", "accounts": 2, "balance": 99.9, "overdrawn": -0.2}
    assert [one["id"] for one in rows(explain(row, engine(BANKS)))] == ["1", "2"]


ACCOUNTS = frame_of(
    "id type currency balance",
    ("1", "asset", "USD", 3.0),
    ("2", "asset", "USD", 4.0),
    ("3", "equity", "USD", 7.0),
    ("4", "odd", "USD", 1.0),
    balance="float64",
)


@pytest.mark.parametrize(("kind", "ids"), [("asset", ["1", "2"]), ("difference", ["1", "2", "3"])])
def test_accounts_behind_a_trial_balance(engine: Engine, rows: Rows, kind: str, ids: list[str]) -> None:
    """A type is explained by its accounts, the difference by those of the five types."""
    report = rf.reports.trial_balance(ACCOUNTS)
    row = report[report["type"] == kind].iloc[0].to_dict()
    assert [one["id"] for one in rows(explain(row, engine(ACCOUNTS)))] == ids


LIVE = frame_of(
    "id type currency balance",
    ("1", "Asset", "USD", 3.0),
    ("2", "asset", "USD", 4.0),
    ("3", "income", "USD", 9.0),
    ("4", "Cost of Goods Sold", "USD", 2.0),
    ("5", "memo", "USD", 1.0),
    ("6", None, "USD", 1.0),
    balance="float64",
)


@pytest.mark.parametrize(
    ("kind", "ids"),
    [
        ("asset", ["1", "2"]),
        ("cost_of_goods_sold", ["4"]),
        ("difference", ["1", "2", "3", "4"]),
        ("memo", ["5"]),
        (None, ["6"]),
    ],
)
def test_accounts_behind_types_of_live_systems(
    engine: Engine, rows: Rows, kind: str | None, ids: list[str]
) -> None:
    """A type in whatever spelling is explained by its accounts, the difference by all that have a side."""
    report = rf.reports.trial_balance(LIVE)
    row = report[report["type"].isna() if kind is None else report["type"] == kind].iloc[0].to_dict()
    assert [one["id"] for one in rows(explain(row, engine(LIVE)))] == ids


def test_accounts_of_a_type_are_those_of_its_spelling() -> None:
    """A cash position by type is explained by the accounts with a type spelled as in the row."""
    banks = BANKS.assign(type=["checking", "Checking", "loan"])
    report = rf.reports.cash_position(banks, by="type")
    assert [explain(report.iloc[[place]], banks)["id"].tolist() for place in range(3)] == [
        ["3"],
        ["2"],
        ["1"],
    ]


def test_a_bank_account_is_explained_by_itself() -> None:
    """A cash position by id is explained by that account, with connections and without."""
    banks = BANKS.assign(connection_id=["x", "x", "y"], id="1", type="checking").iloc[[0, 2]]
    for frame, count in ((banks, 1), (banks.drop(columns="connection_id").assign(id=["1", "2"]), 1)):
        report = rf.reports.cash_position(frame, by="id")
        assert [len(explain(report.iloc[[place]], frame)) for place in range(2)] == [count, count]


EXPENSES = frame_of(
    "id category currency amount date",
    ("1", "Rent", "USD", 3.0, "2026-01-31"),
    ("2", "Rent", "USD", 4.0, "2026-02-01"),
    ("3", None, "USD", 5.0, "2026-01-01"),
    ("4", "Rent", "EUR", 6.0, None),
    amount="float64",
    date="datetime64[us]",
)


@pytest.mark.parametrize("period", [None, "month"])
def test_expenses_behind_a_category(period: str | None) -> None:
    """Every category's amount is the sum of the expenses behind it, by month too."""
    report = rf.reports.expenses_by_category(EXPENSES, period=period)
    behind = [explain(report.iloc[[place]], EXPENSES) for place in range(len(report))]
    assert [expenses["amount"].sum() for expenses in behind] == report["amount"].tolist()
    assert [len(expenses) for expenses in behind] == report["expenses"].tolist()


TRANSACTIONS = frame_of(
    "id account_id amount currency date",
    ("t1", "1", 3.0, "USD", "2026-06-29T10:00:00"),
    ("t2", "1", -1.0, None, "2026-06-29"),
    ("t3", "3", 2.0, "EUR", "2026-06-29"),
    ("t4", "1", 8.0, "USD", "2026-06-30"),
    amount="float64",
    date="datetime64[us]",
)


@pytest.mark.parametrize("by_account", [False, True])
def test_transactions_behind_a_day(by_account: bool) -> None:
    """A day of the cash history is explained by its transactions."""
    history = rf.reports.cash_history(BANKS, TRANSACTIONS, by_account=by_account)
    day = history[(history["currency"] == "USD") & (history["date"] == "2026-06-29")]
    assert explain(day, TRANSACTIONS)["id"].tolist() == ["t1", "t2"]
    sources = {"bank_accounts": BANKS, "transactions": TRANSACTIONS}
    assert explain(day, sources)["id"].tolist() == ["t1", "t2"]


@pytest.mark.parametrize("by_account", [False, True])
def test_a_day_is_explained_to_the_cent(engine: Engine, rows: Rows, by_account: bool) -> None:
    """Inflow, outflow and transfers of a day are the sum of its rows, of these accounts without debts."""
    banks = frame_of(
        "connection_id id type currency balance",
        ("x", "1", "checking", "USD", 9.0), ("x", "2", "savings", "USD", 9.0), ("x", "3", "loan", "USD", 9.0),
        ("y", "1", "checking", "USD", 9.0),
        balance="float64",
    )  # fmt: skip
    moves = frame_of(
        "connection_id id account_id amount currency date",
        ("x", "a", "1", -5.0, "USD", "2026-06-29"), ("x", "b", "2", 5.0, "USD", "2026-06-30"),
        ("x", "c", "1", 2.0, "USD", "2026-06-30"), ("x", "d", "3", 7.0, "USD", "2026-06-30"),
        ("y", "e", "1", 1.0, None, "2026-06-30"), ("z", "f", "1", 3.0, "USD", "2026-06-30"),
        amount="float64", date="datetime64[us]",
    )  # fmt: skip
    history = rf.reports.cash_history(banks, moves, by_account=by_account)
    for place in range(len(history)):
        row = history.iloc[[place]]
        sources = {"bank_accounts": engine(banks), "transactions": engine(moves)}
        amounts = [one["amount"] for one in rows(explain(row, sources))]
        assert sum(amounts) == row[["inflow", "outflow", "transfers"]].sum(axis=1).iloc[0]
    moved = rf.reports.transfers(banks, moves)
    assert [one["id"] for one in rows(explain(moved, engine(moves)))] == ["a", "b"]
    assert [one["id"] for one in rows(explain(moved, engine(moves.drop(columns="connection_id"))))] == [
        "a",
        "b",
    ]


DOCUMENTS = frame_of(
    "id customer_id status amount_due currency due_date",
    ("i1", "a", "open", 1.0, "USD", "2026-06-29"),
    ("i2", "a", "open", 2.0, "USD", "2026-06-30"),
    ("i3", "a", "open", 3.0, "USD", "2026-07-07"),
    ("i4", "a", "open", 4.0, "USD", None),
    ("i5", "a", "paid", 5.0, "USD", "2026-06-30"),
    amount_due="float64",
    due_date="datetime64[us]",
)
BILLS = DOCUMENTS.iloc[:0].rename(columns={"customer_id": "vendor_id"})


@pytest.mark.parametrize(
    ("overdue", "weeks"),
    [
        ("first_week", [["i1", "i2", "i4"], ["i3"]]),
        ("spread", [["i1", "i2", "i4"], ["i1", "i3", "i4"]]),
        ("exclude", [["i2"], ["i3"]]),
    ],
)
def test_documents_behind_a_week(overdue: str, weeks: list[list[str]]) -> None:
    """A week's receipts are explained by the documents due in it, and overdue ones as in the forecast."""
    forecast = rf.reports.cash_forecast(BANKS, DOCUMENTS, BILLS, AS_OF, weeks=2, overdue=overdue)
    rows = forecast[forecast["currency"] == "USD"]
    behind = [sorted(explain(rows.iloc[[week]], DOCUMENTS)["id"]) for week in range(2)]
    assert behind == weeks
    if overdue != "spread":
        sums = [explain(rows.iloc[[week]], DOCUMENTS)["amount_due"].sum() for week in range(2)]
        assert sums == rows["receipts"].tolist()


def test_rows_behind_a_tie_out_and_a_rank(rows: Rows) -> None:
    """A tie-out is explained by the source's rows of its currency, a rank by the report's rows."""
    tie = rf.reports.tie_out(rf.reports.cash_position(BANKS), BANKS)
    assert explain(tie.iloc[[0]], BANKS)["id"].tolist() == ["3"]
    report = rf.reports.cash_position(BANKS, by="institution_name")
    ranked = rf.reports.concentration(report, by="institution_name")
    assert explain(ranked.iloc[[1]], report)["balance"].tolist() == [99.9]
    item = rf.reports.open_items(DOCUMENTS, AS_OF).iloc[[0]]
    assert len(rows(explain(item, DOCUMENTS))) == 1


RATES = pd.DataFrame({"currency": ["EUR"], "rate": [1.1], "date": pd.to_datetime(["2026-06-30"])})
IN_EUR = DOCUMENTS.assign(currency="EUR")
POSITION = rf.reports.cash_position(BANKS, by="institution_name")
REPORTS: dict[str, tuple[pd.DataFrame, Any]] = {
    "open_items": (rf.reports.open_items(IN_EUR, AS_OF), IN_EUR),
    "cash_position": (POSITION, BANKS),
    "cash_history": (
        rf.reports.cash_history(BANKS, TRANSACTIONS),
        {"bank_accounts": BANKS, "transactions": TRANSACTIONS},
    ),
    "cash_forecast": (rf.reports.cash_forecast(BANKS, IN_EUR, BILLS, AS_OF, weeks=2), IN_EUR),
    "trial_balance": (
        rf.reports.trial_balance(ACCOUNTS.assign(currency="EUR")),
        ACCOUNTS.assign(currency="EUR"),
    ),
    "expenses_by_category": (rf.reports.expenses_by_category(EXPENSES, period="month"), EXPENSES),
    "concentration": (rf.reports.concentration(POSITION, by="institution_name"), POSITION),
    "revenue_by_product": (
        rf.reports.revenue_by_product(ORDERS, lines=LINES),
        {"orders": ORDERS, "lines": LINES},
    ),
}


@pytest.mark.parametrize("name", REPORTS)
def test_converted_rows_of_every_report(name: str) -> None:
    """A row that was converted is explained by the same rows as before, in the currency of the books."""
    before, source = REPORTS[name]
    after = rf.reports.convert(before, RATES, "USD")
    number = 0
    for place in range(len(before)):
        own, converted = (explain(report.iloc[[place]], source) for report in (before, after))
        pd.testing.assert_frame_equal(own, converted)
        number += len(own) if after["original_currency"].iloc[place] == "EUR" else 0
    assert number > 0


def test_rows_behind_a_rank_by_title() -> None:
    """A rank by title is explained by the report's rows of that title, which is a key only there."""
    columns = {"product_id": ["p", "q", "r"], "title": ["Pea", "Oat", "Pea"], "currency": "USD"}
    report = pd.DataFrame({**columns, "revenue": [1.0, 5.0, 2.0]})
    ranked = rf.reports.concentration(report, by="title")
    behind = [explain(ranked.iloc[[place]], report)["product_id"].tolist() for place in range(len(ranked))]
    assert behind == [["q"], ["p", "r"]]


def test_rows_behind_a_tie_out_of_businesses() -> None:
    """A row of a business is explained by the rows of its connections, with the businesses as a source."""
    banks = BANKS.assign(connection_id=["a", "b", "c"], currency="USD")
    businesses = {"North": ["a", "c"], "South": ["b"]}
    tie = rf.reports.tie_out(banks, banks, businesses=businesses)
    sources = {"source": banks, "businesses": businesses}
    behind = [explain(tie.iloc[[place]], sources)["id"].tolist() for place in range(len(tie))]
    assert behind == [["1", "3"], ["2"]]
    with pytest.raises(ValueError, match="source must hold the businesses as well, as they were passed"):
        explain(tie.iloc[[0]], banks)
    alone = rf.reports.tie_out(banks, banks)
    assert [explain(alone.iloc[[place]], banks)["id"].tolist() for place in range(3)] == [["1"], ["2"], ["3"]]


def test_rows_that_cannot_be_explained() -> None:
    """Rows of other frames, buckets of other reports and missing frames are refused."""
    with pytest.raises(ValueError, match="report_row is not a row of a known report; its columns are x, y"):
        explain({"x": 1, "y": 2}, BANKS)
    position = rf.reports.cash_position(BANKS).iloc[[0]]
    with pytest.raises(ValueError, match=r"bucket='current' is for rows of an aging, .* of cash_position"):
        explain(position, BANKS, bucket="current")
    with pytest.raises(ValueError, match="source must hold 'orders', or one frame only"):
        explain(row_of(None, "p"), {"lines": LINES, "products": LINES})
    forecast = rf.reports.cash_forecast(BANKS, DOCUMENTS, BILLS, AS_OF, weeks=1)
    with pytest.raises(ValueError, match="the as-of date of the forecast is not known"):
        explain(forecast.iloc[0].to_dict(), DOCUMENTS)


@pytest.mark.parametrize("numbers", [int, float])
def test_ids_that_are_numbers_are_explained(engine: Engine, rows: Rows, numbers: type) -> None:
    """Accounts with integers as ids have texts in a report, and every row finds its transactions."""
    banks = BANKS.iloc[:2].assign(id=[numbers(1), numbers(2)])
    moves = frame_of(
        "id account_id amount currency date",
        ("t1", "1", -5.0, "USD", "2026-06-29"), ("t2", "2", 5.0, "USD", "2026-06-30"),
        ("t3", "2", 3.0, "USD", "2026-06-30"),
        amount="float64", date="datetime64[us]",
    )  # fmt: skip
    moves = moves.assign(account_id=[numbers(one) for one in (1, 2, 2)])
    history = rf.reports.cash_history(banks, moves, by_account=True)
    sources = {"bank_accounts": engine(banks), "transactions": engine(moves)}
    behind = [rows(explain(history.iloc[[place]], sources)) for place in range(len(history))]
    assert [[one["id"] for one in part] for part in behind] == [["t1"], ["t2", "t3"]]
    whole = rf.reports.cash_history(banks, moves)
    behind = [rows(explain(whole.iloc[[place]], sources)) for place in range(len(whole))]
    assert [[one["id"] for one in part] for part in behind] == [["t1"], ["t2", "t3"]]
    moved = rf.reports.transfers(banks, moves)
    assert [one["id"] for one in rows(explain(moved, engine(moves)))] == ["t1", "t2"]


def test_accounts_of_a_blank_type_are_explained(engine: Engine, rows: Rows) -> None:
    """A type of blanks is a missing one, and the row of the missing type lists its accounts."""
    types = pd.Series(["asset", "asset", "income", "expense", " ", None], dtype="str")
    accounts = LIVE.assign(type=types)
    report = rf.reports.trial_balance(accounts)
    row = report[report["type"].isna()].iloc[0].to_dict()
    assert [one["id"] for one in rows(explain(row, engine(accounts)))] == ["5", "6"]


def test_blank_connections_and_currencies_are_explained(engine: Engine, rows: Rows) -> None:
    """An account without a connection or currency has the transactions with empty text there."""
    banks = BANKS.iloc[:1].assign(connection_id=pd.Series([None], dtype="str"), currency=" ")
    moves = TRANSACTIONS.iloc[:2].assign(connection_id="", currency=["", " "])
    history = rf.reports.cash_history(banks, moves, by_account=True)
    sources = {"bank_accounts": engine(banks), "transactions": engine(moves)}
    assert [one["id"] for one in rows(explain(history, sources))] == ["t1", "t2"]
    assert explain(history, {"bank_accounts": banks, "transactions": moves}).attrs["notes"] == [
        "Behind a row of cash history."
    ]


def test_a_day_without_its_accounts_has_a_note() -> None:
    """Transactions alone include cards and other currencies: a note states what to pass."""
    banks = BANKS.iloc[:2].assign(type=["checking", "credit_card"])
    moves = TRANSACTIONS.assign(account_id=["1", "2", "1", "1"])
    day = rf.reports.cash_history(banks, moves).iloc[[0]]
    behind = explain(day, moves)
    assert behind["id"].tolist() == ["t1", "t2"]
    assert "pass {'transactions': transactions, 'bank_accounts': bank_accounts}" in behind.attrs["notes"][1]
    assert explain(day, {"bank_accounts": banks, "transactions": moves})["id"].tolist() == ["t1"]
