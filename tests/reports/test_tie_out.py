"""Tie-outs: a report agrees with its source to the cent, or the difference is shown."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.reports.businesses import with_business

Engine = Callable[[pd.DataFrame], Any]
Rows = Callable[[Any], list[dict[str, Any]]]

AS_OF = "2026-06-30"


def money(column: str, *amounts: tuple[str | None, float | None]) -> pd.DataFrame:
    """Build a frame of currencies and amounts."""
    return pd.DataFrame(amounts, columns=["currency", column])


def test_sides_that_agree_and_sides_that_do_not() -> None:
    """Each currency is compared alone; one that only one side has is compared with zero."""
    report = money("total", ("USD", 0.1), ("USD", 0.2), ("EUR", 5.0), ("GBP", 1.0))
    source = money("balance", ("USD", 0.3), ("EUR", 5.0001), ("JPY", 0.0), ("CHF", 2.0))
    result = rf.reports.tie_out(report, source)
    assert {name: str(dtype) for name, dtype in result.dtypes.items()} == {
        "connection_id": "str", "currency": "str", "report": "float64", "source": "float64",
        "difference": "float64", "ok": "boolean",
    }  # fmt: skip
    assert result["connection_id"].isna().all()
    assert result.drop(columns="connection_id").to_numpy().tolist() == [
        ["CHF", 0.0, 2.0, -2.0, False],
        ["EUR", 5.0, 5.0001, -0.0001, False],
        ["GBP", 1.0, 0.0, 1.0, False],
        ["JPY", 0.0, 0.0, 0.0, True],
        ["USD", 0.3, 0.3, 0.0, True],
    ]


def of(column: str, *amounts: tuple[str | None, str | None, float | None]) -> pd.DataFrame:
    """Build a frame of connections, currencies and amounts."""
    return pd.DataFrame(amounts, columns=["connection_id", "currency", column])


LEDGER = of("balance", ("roaster", "USD", 1100.0), ("gear", "USD", 800.0))
AGING = of("total", ("roaster", "USD", 1000.0), ("gear", "USD", 900.0))


def values(tie: Any, rows: Rows) -> list[tuple[Any, ...]]:
    """Return the rows of a comparison as tuples."""
    return [tuple(row.values()) for row in rows(tie)]


def test_two_connections_are_not_netted(engine: Engine, rows: Rows) -> None:
    """A ledger 100 above its invoices and another 100 below them both differ, although the sums agree."""
    tie = rf.reports.tie_out(engine(AGING), engine(LEDGER))
    assert values(tie, rows) == [
        ("gear", "USD", 900.0, 800.0, 100.0, False),
        ("roaster", "USD", 1000.0, 1100.0, -100.0, False),
    ]


def test_the_connections_of_a_business_are_compared_together(engine: Engine, rows: Rows) -> None:
    """Invoices of a shop and of a ledger are compared with the ledger of their business."""
    report = of("total", ("shop", "EUR", 30.0), ("xero", "EUR", 70.0), ("other", "EUR", 5.0))
    source = of("balance", ("xero", "EUR", 100.0), ("other", "EUR", 5.5), (None, "EUR", 1.0))
    tie = rf.reports.tie_out(engine(report), engine(source), businesses={"Gear": ["xero", "shop"]})
    assert list(rows(tie)[0]) == ["business", "currency", "report", "source", "difference", "ok"]
    assert values(tie, rows) == [
        ("Gear", "EUR", 100.0, 100.0, 0.0, True),
        ("other", "EUR", 5.0, 5.5, -0.5, False),
        (None, "EUR", 0.0, 1.0, -1.0, False),
    ]


def test_a_report_by_business(rows: Rows) -> None:
    """A report by business is compared with a source that has the column, or connections."""
    report = pd.DataFrame({"business": ["Gear", "Roaster"], "currency": "EUR", "total": [100.0, 7.0]})
    source = of("balance", ("xero", "EUR", 60.0), ("shop", "EUR", 40.0), ("qb", "EUR", 8.0))
    businesses = {"Gear": ["xero", "shop"], "Roaster": ["qb"]}
    expected = [("Gear", "EUR", 100.0, 100.0, 0.0, True), ("Roaster", "EUR", 7.0, 8.0, -1.0, False)]
    assert values(rf.reports.tie_out(report, source, businesses=businesses), rows) == expected
    assert values(rf.reports.tie_out(report, with_business(source, businesses)), rows) == expected


def test_sums_over_connections_are_not_compared(engine: Engine, rows: Rows) -> None:
    """Where only one side has several connections their sums are shown, and not compared."""
    report = money("total", ("EUR", 1.0), ("USD", 1900.0))
    tie = rf.reports.tie_out(engine(report), engine(LEDGER))
    assert values(tie, rows) == [
        (None, "EUR", 1.0, None, None, None),
        (None, "USD", 1900.0, 1900.0, None, None),
    ]
    note = (
        "Not compared: source has 2 values of connection_id and report has none; sums over several could "
        "agree where none of them does."
    )
    assert rf.reports.tie_out(report, LEDGER).attrs["notes"] == [note]
    assert rf.reports.tie_out(LEDGER, report).attrs["notes"] == [
        note.replace("source", "x").replace("report", "source").replace("x", "report")
    ]


def test_one_connection_needs_no_column(engine: Engine, rows: Rows) -> None:
    """A report without connections is compared with the only connection that the source has."""
    report, source = money("total", ("USD", 1100.0), ("EUR", 1.0)), LEDGER.head(1)
    assert values(rf.reports.tie_out(engine(report), engine(source)), rows) == [
        ("roaster", "EUR", 1.0, 0.0, 1.0, False),
        ("roaster", "USD", 1100.0, 1100.0, 0.0, True),
    ]


def test_a_column_of_missing_connections_is_none(engine: Engine, rows: Rows) -> None:
    """Connections that are all missing say as little as no column at all."""
    report = of("total", (None, "USD", 5.0)).astype({"connection_id": "str"})
    assert values(rf.reports.tie_out(engine(report), engine(money("balance", ("USD", 5.0)))), rows) == [
        (None, "USD", 5.0, 5.0, 0.0, True)
    ]
    assert values(rf.reports.tie_out(engine(report), engine(LEDGER)), rows) == [
        (None, "USD", 5.0, 1900.0, None, None)
    ]


def test_documents_count_where_they_are_owed(engine: Engine, rows: Rows) -> None:
    """Only documents that an aging lists are compared: none that is paid, void or below half a cent."""
    invoices = pd.DataFrame(
        {
            "connection_id": "qb", "id": list("abcdef"), "customer_id": "x", "currency": "USD",
            "status": ["open", "PAID", "Voided", "draft", "open", "odd"],
            "amount_due": [10.0, 5.0, 7.0, 9.0, 4.5e-13, 0.25], "due_date": pd.Timestamp(AS_OF),
        }
    )  # fmt: skip
    aging = rf.reports.ar_aging(engine(invoices), AS_OF)
    expected = [("qb", "USD", 10.25, 10.25, 0.0, True)]
    assert values(rf.reports.tie_out(aging, engine(invoices)), rows) == expected
    assert values(rf.reports.tie_out(engine(invoices), aging), rows) == expected
    tiny = invoices.assign(amount_due=0.0049)
    assert values(rf.reports.tie_out(engine(invoices.head(0)), engine(tiny)), rows) == []


def test_empty_text_is_missing(engine: Engine, rows: Rows) -> None:
    """An empty currency or connection is a missing one, on both sides."""
    report, source = of("total", ("", "", 1.0), (None, " ", 2.0)), of("balance", (None, None, 3.0))
    assert values(rf.reports.tie_out(engine(report), engine(source)), rows) == [
        (None, None, 3.0, 3.0, 0.0, True)
    ]


def test_a_business_that_no_side_has() -> None:
    """A business that neither side has is named, since its connections may be misspelt."""
    tie = rf.reports.tie_out(AGING, AGING, businesses={"Roaster": ["roaster"], "Gear": ["gaer"]})
    assert tie["business"].tolist() == ["Roaster", "gear"]
    assert tie.attrs["notes"] == ["Neither side has anything of Gear."]
    with pytest.raises(ValueError, match="'roaster' in 'A' and in 'B'"):
        rf.reports.tie_out(AGING, AGING, businesses={"A": ["roaster"], "B": ["roaster"]})
    with pytest.raises(ValueError, match="names a business 'gear', which is the id of a connection"):
        rf.reports.tie_out(AGING, AGING, businesses={"gear": ["roaster"]})


@pytest.mark.parametrize("column", ["total", "revenue", "amount_due", "total_price", "balance", "amount"])
def test_the_amount_is_the_first_known_column(column: str) -> None:
    """The amount is the first column that holds one."""
    assert rf.reports.tie_out(money(column, ("USD", 2.5)), money("amount", ("USD", 2.5)))["ok"].tolist() == [
        True
    ]
    both = money("amount", ("USD", 2.5)).assign(total=7.0)
    assert rf.reports.tie_out(both, money("amount", ("USD", 7.0)))["ok"].tolist() == [True]


def test_missing_amounts_are_not_compared(engine: Engine, rows: Rows) -> None:
    """Where an amount is missing nothing is compared; a missing currency is one of its own, last."""
    report = money("total", (None, 3.0), ("EUR", 0.0), ("USD", None), ("USD", 5.0))
    source = money("balance", (None, 3.0), ("EUR", None), ("USD", 5.0))
    assert values(rf.reports.tie_out(engine(report), engine(source)), rows) == [
        (None, "EUR", 0.0, None, None, None),
        (None, "USD", None, 5.0, None, None),
        (None, None, 3.0, 3.0, 0.0, True),
    ]
    assert rf.reports.tie_out(report, source).attrs["notes"] == [
        "Not compared, an amount is missing in the report: USD.",
        "Not compared, an amount is missing in the source: EUR.",
    ]


def test_rows_without_a_connection_are_not_those_of_the_only_one(engine: Engine, rows: Rows) -> None:
    """Rows without a connection beside those of one are a second owner: their differences do not cancel."""
    report, source = of("total", ("x", "USD", 100.0), (None, "USD", -100.0)), money("balance", ("USD", 0.0))
    tie = rf.reports.tie_out(engine(report), engine(source))
    assert values(tie, rows) == [(None, "USD", 0.0, 0.0, None, None)]
    (note,) = rf.reports.tie_out(report, source).attrs["notes"]
    assert note == (
        "Not compared: report has 1 value of connection_id and rows without one and source has none; sums "
        "over several could agree where none of them does."
    )


@pytest.mark.parametrize("dtype", ["int64", "float64", "object", "Int64"])
def test_connections_that_are_numbers(engine: Engine, rows: Rows, dtype: str) -> None:
    """Connections with numbers as ids are kept apart, and a number is the same as its text."""
    report = of("total", ("1", "USD", 100.0), ("2", "USD", -100.0))
    numbers = report.astype({"connection_id": "int64"}).astype({"connection_id": dtype})
    expected = [("1", "USD", 100.0, 0.0, 100.0, False), ("2", "USD", -100.0, 0.0, -100.0, False)]
    tie = rf.reports.tie_out(engine(numbers), engine(numbers.assign(total=0.0)))
    assert values(tie, rows) == expected
    tie = rf.reports.tie_out(engine(numbers), engine(report.assign(total=0.0)))
    assert values(tie, rows) == expected
    tie = rf.reports.tie_out(engine(numbers), engine(numbers.assign(total=0.0)), businesses={"A": ["1"]})
    assert [row[0] for row in values(tie, rows)] == ["2", "A"]


def test_two_empty_sides() -> None:
    """Nothing ties out with nothing, in the same columns and dtypes as ever."""
    something = rf.reports.tie_out(money("total", ("USD", 1.0)), money("total", ("USD", 1.0)))
    empty = money("total", ("USD", 1.0)).head(0)
    nothing = rf.reports.tie_out(empty, empty)
    assert len(nothing) == 0
    assert nothing.dtypes.to_dict() == something.dtypes.to_dict()


def test_sides_without_an_amount() -> None:
    """A side without an amount or a currency is an error that lists what was there."""
    good = money("total", ("USD", 1.0))
    with pytest.raises(ValueError, match="has no amount") as caught:
        rf.reports.tie_out(good, money("price", ("USD", 1.0)))
    assert str(caught.value) == (
        "source has no amount to compare: none of total, revenue, amount_due, total_price, balance, amount; "
        "its columns are currency, price"
    )
    with pytest.raises(ValueError, match="report has no column 'currency'; its columns are total"):
        rf.reports.tie_out(good[["total"]], good)
    with pytest.raises(TypeError, match=r"source must be a DataFrame .* not list"):
        rf.reports.tie_out(good, [])


def test_more_than_can_be_counted() -> None:
    """Amounts that 64-bit ticks cannot hold are an error that names the column."""
    huge = money("total", ("USD", 1e15))
    with pytest.raises(OverflowError, match="total: absolute amounts of 1,000,000,000,000,000 are more than"):
        rf.reports.tie_out(huge, money("balance", ("USD", 1.0)))


@pytest.mark.parametrize(
    ("documents", "aging", "control"),
    [
        ("invoices", rf.reports.ar_aging, "Accounts Receivable"),
        ("bills", rf.reports.ap_aging, "Accounts Payable"),
    ],
)
@pytest.mark.parametrize("as_of", ["2025-12-31", AS_OF])
def test_the_aging_of_the_demo_is_its_ledger(
    books: Any, documents: str, aging: Any, control: str, as_of: str
) -> None:
    """The aging of the demo companies is what their ledgers say is owed, in every currency, on any day."""
    report = aging(getattr(books, documents), as_of)
    accounts = books.accounts[books.accounts["name"].str.startswith(control)]
    result = rf.reports.tie_out(report, accounts)
    assert result["currency"].tolist() == sorted(accounts["currency"])
    assert result["ok"].all()
    sums = dict.fromkeys(accounts["currency"], Decimal(0))
    columns = report.columns.tolist()
    buckets = columns[columns.index("current") : columns.index("total")]
    for row in report.to_dict("records"):
        total = sum(Decimal(str(row[name])) for name in buckets)
        assert total == Decimal(str(row["total"]))
        sums[row["currency"]] += total
    assert sums == {
        currency: Decimal(str(balance))
        for currency, balance in zip(accounts["currency"], accounts["balance"], strict=True)
    }
    items = rf.reports.open_items(getattr(books, documents), as_of)
    assert rf.reports.tie_out(report, items)["ok"].all()
    assert report["documents"].sum() == len(items)


def test_receipts_go_along(books: Any) -> None:
    """A report carries the receipts of what it was made of, and a tie-out those of both sides."""
    aging = rf.reports.ar_aging(books.invoices, AS_OF)
    assert aging.attrs["sources"] == [books.invoices.attrs["receipt"]]
    result = rf.reports.tie_out(books.invoices, books.accounts)
    assert result.attrs["report"] == "tie_out"
    assert result.attrs["sources"] == [books.invoices.attrs["receipt"], books.accounts.attrs["receipt"]]


def test_a_report_in_another_currency_than_its_source(engine: Engine) -> None:
    """A converted report is not compared with the currencies of the books, but with what is converted too."""
    books = engine(of("balance", ("x", "EUR", 10.0), ("x", "USD", 5.0)))
    rates = engine(pd.DataFrame({"currency": ["EUR"], "rate": [2.0], "date": ["2026-06-30"]}))
    report = rf.reports.convert(books, rates, "USD", columns=["balance"])
    for sides in ((report, books), (books, report)):
        with pytest.raises(ValueError, match=r"is converted to another currency .* before the conversion"):
            rf.reports.tie_out(*sides)
    assert rf.reports.tie_out(report, report) is not None
