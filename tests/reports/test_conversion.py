"""Conversion of reports: exact products, dated rates, and currencies without a rate."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pandas as pd
import polars as pl
import pytest

import rutterframe as rf
from rutterframe.reports.conversion import convert
from rutterframe.reports.expenses import expenses_by_category

Engine = Callable[[pd.DataFrame], Any]
Rows = Callable[[Any], list[dict[str, Any]]]


def rates(*lines: tuple[str | None, float | None, str | None]) -> pd.DataFrame:
    """Build rates: currency, rate and date."""
    frame = pd.DataFrame(lines, columns=["currency", "rate", "date"])
    return frame.astype({"currency": "str", "rate": "float64", "date": "datetime64[us]"})


def cash(*lines: tuple[str | None, float]) -> pd.DataFrame:
    """Build a cash position."""
    accounts = pd.DataFrame(lines, columns=["currency", "balance"]).astype({"currency": "str"})
    report: pd.DataFrame = rf.reports.cash_position(accounts)
    return report


RATES = rates(("EUR", 1.085, "2026-06-29"), ("EUR", 1.1, "2026-06-30"), ("JPY", 0.00625, "2026-01-01"))


def test_a_whole_report_on_every_engine(engine: Engine, rows: Rows) -> None:
    """Every amount is in the one currency, beside what it was, and rows are not added up."""
    report = engine(cash(("EUR", 0.1), ("JPY", -1000.0), ("USD", 2.0)))
    converted = convert(report, engine(RATES), "USD", on="2026-06-30")
    assert type(converted) is type(report)
    got = rows(converted)
    assert list(got[0]) == ["currency", "accounts", "balance", "overdrawn", "debt", "original_currency"]
    assert [tuple(row.values()) for row in got] == [
        ("USD", 1, 0.11, 0.0, 0.0, "EUR"),
        ("USD", 1, -6.25, -6.25, 0.0, "JPY"),
        ("USD", 1, 2.0, 0.0, 0.0, "USD"),
    ]


@pytest.mark.parametrize(
    ("amount", "rate", "to", "converted"),
    [
        (1.005, 1.0, "USD", 1.0),
        (1.015, 1.0, "USD", 1.02),
        (0.5, 0.01, "USD", 0.0),
        (1.5, 0.01, "USD", 0.02),
        (-1.5, 0.01, "USD", -0.02),
        (2.5, 1.0, "JPY", 2.0),
        (1.0, 0.3075, "KWD", 0.308),
        (1.0, 0.3085, "KWD", 0.308),
        (123456789012.34, 1.1, "USD", 135802467913.57),
        # The product is 38888888888888.9250000000000001: 28 digits of it would be a tie, rounded down.
        (38888888888888.89, 1.0000000000000009, "USD", 38888888888888.93),
        (400_000_000_000_000.0, 19000.5, "IDR", 7.6002e18),
        (-0.001, 1.0, "USD", 0.0),
    ],
)
def test_products_are_exact(amount: float, rate: float, to: str, converted: float) -> None:
    """A product is exact, and is rounded once, half to even, to what the currency has."""
    report = convert(cash(("EUR", amount)), rates(("EUR", rate, "2026-06-30")), to)
    assert report["balance"].tolist() == [converted]
    assert str(report["balance"].iloc[0]) != "-0.0"


@pytest.mark.parametrize(
    ("on", "converted"), [("2026-06-29", 1.08), ("2026-06-30", 1.1), ("2030-01-01", 1.1)]
)
def test_the_latest_rate_up_to_the_day(on: str, converted: float) -> None:
    """Each currency takes its latest rate up to the day, and a note names it."""
    report = convert(cash(("EUR", 1.0)), RATES, "USD", on=on)
    assert report["balance"].tolist() == [converted]
    day, rate = ("2026-06-29", "1.085") if on == "2026-06-29" else ("2026-06-30", "1.1")
    assert report.attrs["notes"][len(cash(("EUR", 1.0)).attrs["notes"]) :] == [
        f"1 EUR = {rate} USD, the rate of {day}.",
        "Each amount is rounded by itself, so a total can differ from the sum of its parts.",
    ]


def test_rates_of_two_days_need_a_day() -> None:
    """Rates of two days of one currency are refused without on=, since either could be meant."""
    both = rates(("EUR", 1.1, "2026-06-30"), ("EUR", 1.085, "2026-06-29"))
    with pytest.raises(ValueError, match="rates are of 2 days, 2026-06-29 to 2026-06-30: pass on="):
        convert(cash(("EUR", 1.0)), both, "USD")
    once = rates(("EUR", 1.1, "2026-06-30"), ("JPY", 0.00625, "2026-06-30"))
    assert convert(cash(("EUR", 1.0)), once, "USD")["balance"].tolist() == [1.1]


@pytest.mark.parametrize(
    ("on", "converted"),
    [("2026-06-28", 1.05), ("2026-06-29", 1.08), ("2026-06-30", 1.1), ("2026-07-02", 1.2)],
)
def test_the_order_of_the_rates_does_not_matter(on: str, converted: float) -> None:
    """Rates listed newest first, as banks do, or in no order give the latest up to the day."""
    newest_first = rates(
        ("EUR", 1.2, "2026-07-01"), ("EUR", 1.1, "2026-06-30"), ("EUR", 1.085, "2026-06-29"),
        ("EUR", 1.05, "2026-01-02"),
    )  # fmt: skip
    for listed in (newest_first, newest_first.iloc[::-1], newest_first.iloc[[1, 3, 0, 2]]):
        assert convert(cash(("EUR", 1.0)), listed, "USD", on=on)["balance"].tolist() == [converted]


def test_rates_into_another_currency_are_refused(engine: Engine) -> None:
    """Where one dollar would be 1.09 dollars the rates are into another currency."""
    wrong = rates(("EUR", 1.0, "2026-06-30"), ("JPY", 165.0, "2026-06-30"), ("USD", 1.09, "2026-06-30"))
    with pytest.raises(ValueError, match="one USD") as caught:
        convert(engine(cash(("JPY", 100_000.0))), engine(wrong), "USD", columns=["balance"])
    assert str(caught.value) == (
        "rates: one USD would be 1.09 USD on 2026-06-30, so these are rates into another currency; "
        "a rate must say how many USD one unit of its currency is worth"
    )


def test_a_wrong_own_rate_of_another_day_is_refused() -> None:
    """The own rate must be 1 on every day of the table, also on one that is not taken."""
    wrong = rates(("EUR", 1.1, "2026-06-30"), ("usd ", 1.09, "2026-06-29"))
    with pytest.raises(ValueError, match=r"one USD would be 1\.09 USD on 2026-06-29"):
        convert(cash(("EUR", 1.0)), wrong, "usd", on="2026-06-30")
    right = rates(("EUR", 1.1, "2026-06-30"), ("USD", 1.0, "2026-06-29"))
    assert convert(cash(("EUR", 1.0)), right, "USD", on="2026-06-30")["balance"].tolist() == [1.1]


def test_case_and_blanks_of_a_currency_do_not_matter() -> None:
    """Codes are compared in capitals without blanks, and the report's own spelling is kept beside them."""
    report = convert(cash((" eur", 10.0), ("Jpy", 1000.0), ("USD", 1.0)), RATES, "usd ", on="2026-06-30")
    assert report[["currency", "original_currency", "balance"]].to_numpy().tolist() == [
        ["USD", " eur", 11.0], ["USD", "Jpy", 6.25], ["USD", "USD", 1.0],
    ]  # fmt: skip
    lower = rates(("eur", 1.1, "2026-06-30"))
    assert convert(cash(("EUR", 10.0)), lower, "USD")["balance"].tolist() == [11.0]


@pytest.mark.parametrize(
    ("to", "message"),
    [
        ("Euro", "to='Euro' is not a valid currency code (expected three letters, such as EUR)"),
        ("", "to='' is not a valid currency code (expected three letters, such as EUR)"),
        (None, "to=None is not a valid currency code (expected three letters, such as EUR)"),
        ("UDS", "to='UDS' is not a currency of ISO 4217 (expected a code such as USD)"),
    ],
)
def test_a_currency_that_does_not_exist(to: Any, message: str) -> None:
    """A report is converted into a currency of ISO 4217 only: the decimals of another would be a guess."""
    with pytest.raises(ValueError, match="to=") as caught:
        convert(cash(("EUR", 1.0)), RATES, to, on="2026-06-30")
    assert str(caught.value) == message


@pytest.mark.parametrize("values", [["1.1"], [True], ["1,1"]])
def test_rates_that_are_not_numbers(values: list[Any]) -> None:
    """Rates that were read as text, or are true or false, are refused with the call that converts them."""
    table = rates(("EUR", 1.0, "2026-06-30")).assign(rate=values)
    with pytest.raises(ValueError, match="not numbers") as caught:
        convert(cash(("EUR", 1.0)), table, "USD")
    assert str(caught.value) == (
        f"rates: column 'rate' holds values that are not numbers (the first is {values[0]!r}): "
        f"convert it with pd.to_numeric(rates['rate'])"
    )


def test_exact_and_narrow_rates() -> None:
    """A decimal rate and one of 32 bits are what they are written as."""
    table = rates(("EUR", 1.0, "2026-06-30")).assign(rate=pd.Series([Decimal("1.0825")], dtype=object))
    assert convert(cash(("EUR", 1_000_000.0)), table, "USD")["balance"].tolist() == [1_082_500.0]
    narrow = rates(("EUR", 1.0825, "2026-06-30")).astype({"rate": "float32"})
    assert convert(cash(("EUR", 1_000_000.0)), narrow, "USD")["balance"].tolist() == [1_082_500.0]


def test_amounts_that_are_too_large() -> None:
    """An amount that 64 bits cannot count is refused, also in the currency that it is converted from."""
    with pytest.raises(OverflowError, match="balance"):
        convert(pd.DataFrame({"currency": ["EUR"], "balance": [1e16]}), RATES, "USD", on="2026-06-30",
                columns=["balance"])  # fmt: skip


def test_attrs_of_a_report_are_kept() -> None:
    """A converted aging keeps its name, day, notes, dtypes, order and the caller's own frame."""
    invoices = pd.DataFrame(
        {
            "customer_id": ["a", "b"],
            "status": "open",
            "amount_due": [10.0, 20.0],
            "currency": ["EUR", "USD"],
            "due_date": pd.Series(["2026-06-30", None], dtype="datetime64[us]"),
        }
    )
    aging = rf.reports.ar_aging(invoices, "2026-06-30", bounds=(15,))
    before = aging.copy(deep=True)
    report = convert(aging, RATES, "USD", on="2026-06-30")
    pd.testing.assert_frame_equal(aging, before)
    assert report.dtypes.to_dict() == {**aging.dtypes.to_dict(), "original_currency": aging["currency"].dtype}
    assert report[["customer_id", "current", "no_due_date", "total"]].to_numpy().tolist() == [
        ["a", 11.0, 0.0, 11.0],
        ["b", 0.0, 20.0, 20.0],
    ]
    assert report.attrs["report"] == "ar_aging"
    assert report.attrs["as_of"] == "2026-06-30"
    assert report.attrs["notes"][: len(aging.attrs["notes"])] == aging.attrs["notes"]
    assert (report.attrs["rows"], report.attrs["rows_by_currency"]) == (2, {"USD": 2})
    some = convert(aging[aging["currency"] == "USD"], RATES, "USD", on="2026-06-30")
    assert some["total"].tolist() == [20.0]
    assert "A part of the report: 1 of 2 rows." in some.attrs["notes"]
    assert not [note for note in report.attrs["notes"] if "part" in note and "of 2 rows" in note]
    merged = pd.DataFrame(aging.to_dict("list"))
    assert convert(merged, RATES, "USD", on="2026-06-30")["current"].tolist() == [11.0, 0.0]
    by_segment = merged.rename(columns={"customer_id": "segment"})
    assert convert(by_segment, RATES, "USD", on="2026-06-30")["total"].tolist() == [11.0, 20.0]


def test_shares_are_not_converted() -> None:
    """A share stays that within its currency, and a note says so; what is missing stays missing."""
    expenses = pd.DataFrame({"category": ["a", "b"], "currency": "EUR", "amount": [1.0, 3.0]})
    report = convert(expenses_by_category(expenses), RATES, "USD", on="2026-06-30")
    assert report[["amount", "share"]].to_numpy().tolist() == [[1.1, 0.25], [3.3, 0.75]]
    assert report.attrs["notes"][-1] == "Shares are those within the original currency."
    holes = pd.DataFrame({"currency": ["EUR", "EUR"], "x": [None, 1.0]})
    assert convert(holes, RATES, "USD", on="2026-06-30", columns=["x"])["x"].isna().tolist() == [True, False]


def test_the_own_currency_needs_no_rate() -> None:
    """What is in the currency already is as it was, also without any rates."""
    report = convert(cash(("USD", 5.25)), RATES.head(0), "USD")
    assert report["balance"].tolist() == [5.25]
    assert len(convert(cash().head(0), RATES.head(0), "USD")) == 0


@pytest.mark.parametrize(
    ("bad", "on", "message"),
    [
        (RATES, None, "rates are of 3 days, 2026-01-01 to 2026-06-30: pass on="),
        (RATES, "2026-06-28", "rates has no rate up to 2026-06-28 for CHF, EUR; it has JPY, USD"),
        (RATES.head(1), None, "rates has no rate for CHF; it has EUR, USD"),
        (
            rates(("EUR", None, "2026-06-30")),
            None,
            "rates has rows without a currency, rate or date; the first has EUR, missing, 2026-06-30",
        ),
        (
            rates(("EUR", 1.0, None)),
            None,
            "rates has rows without a currency, rate or date; the first has EUR, 1.0, missing",
        ),
        *(
            (
                rates(("EUR", rate, "2026-06-30")),
                None,
                f"rates has a rate for EUR that is not a number above zero: {rate}",
            )
            for rate in (-1.0, 0.0, float("inf"), float("-inf"))
        ),
        (
            rates(("EURO", 1.0, "2026-06-30")),
            None,
            "rates: currency='EURO' is not a valid currency code (expected three letters, such as EUR)",
        ),
        (
            rates(("EUR", 1.0, "2026-06-30"), (" eur", 2.0, "2026-06-30")),
            None,
            "rates has two rates for EUR on 2026-06-30",
        ),
        (
            rates(("EUR", 1.0, "2026-06-30"), ("EUR", 2.0, "2026-06-30")),
            None,
            "rates has two rates for EUR on 2026-06-30",
        ),
    ],
)
def test_rates_that_are_missing_or_cannot_be_used(bad: pd.DataFrame, on: str | None, message: str) -> None:
    """Missing rates are listed, and rates that cannot be used are named."""
    with pytest.raises(ValueError, match="rates") as caught:
        convert(cash(("EUR", 1.0), ("CHF", 1.0)), bad, "USD", on=on)
    assert str(caught.value) == message


def test_reports_that_cannot_be_converted() -> None:
    """A missing currency, an unknown report and one that is converted already are errors."""
    with pytest.raises(ValueError, match=r"rates has no rate for \(none\)"):
        convert(cash((None, 1.0)), RATES.head(1), "USD")
    once = convert(cash(("EUR", 1.0)), RATES.head(1), "USD")
    with pytest.raises(ValueError, match="it is converted already"):
        convert(once, RATES.head(1), "USD")
    with pytest.raises(ValueError, match="columns= must name the money of this report; its columns are cur"):
        convert(pl.DataFrame({"currency": ["EUR"], "x": [1.0]}), RATES, "USD")


def test_a_list_of_open_items_is_converted() -> None:
    """The amounts due of open items are money too, though they are columns of the documents."""
    items = pd.DataFrame(
        {
            "id": ["a", "b"],
            "status": "open",
            "amount_due": [208_600.0, 20.0],
            "currency": ["JPY", "USD"],
            "due_date": pd.Series(["2026-06-30", None], dtype="datetime64[us]"),
        }
    )
    report = convert(rf.reports.open_items(items, "2026-06-30"), RATES, "USD", on="2026-06-30")
    assert report[["amount_due", "currency", "original_currency"]].to_numpy().tolist() == [
        [1303.75, "USD", "JPY"],
        [20.0, "USD", "USD"],
    ]


def _documents(party: str) -> pd.DataFrame:
    """Build open documents of two connections with the same ids, in two currencies."""
    return pd.DataFrame(
        {
            "connection_id": ["x", "x", "y", "y"], "id": ["1", "2", "1", "2"], party: ["a", "a", "a", "b"],
            "status": "open", "currency": ["EUR", "USD", "EUR", "EUR"],
            "amount_due": [100.0, 7.0, 50.0, 25.0], "due_date": pd.Timestamp("2026-07-02"),
        }
    )  # fmt: skip


_INVOICES, _BILLS = _documents("customer_id"), _documents("vendor_id")
_BANKS = pd.DataFrame(
    {
        "connection_id": ["x", "y", "y"], "id": ["1", "1", "2"], "name": ["Main", "Main", "Other"],
        "type": "checking", "currency": ["EUR", "EUR", "USD"], "balance": [5.0, 6.0, 7.0],
        "institution_name": ["A", "A", "B"],
    }
)  # fmt: skip
_MOVES = pd.DataFrame(
    {
        "connection_id": ["x", "y", "y"], "id": ["1", "1", "2"], "account_id": ["1", "1", "2"],
        "currency": ["EUR", "EUR", "USD"], "amount": [1.0, 2.0, -3.0], "date": pd.Timestamp("2026-06-29"),
    }
)  # fmt: skip
_LEDGER = pd.DataFrame(
    {
        "connection_id": ["x", "y", "y"], "id": ["1", "1", "2"], "platform_id": "p", "name": "Checking",
        "type": ["asset", "asset", "revenue"], "currency": ["EUR", "EUR", "USD"], "balance": [5.0, 6.0, 7.0],
    }
)  # fmt: skip
_EXPENSES = pd.DataFrame(
    {
        "connection_id": ["x", "y"], "id": ["1", "1"], "category": ["Rent", "Rent"],
        "currency": ["EUR", "USD"], "amount": [5.0, 6.0], "date": pd.Timestamp("2026-06-29"),
    }
)  # fmt: skip
_ORDERS = pd.DataFrame(
    {
        "connection_id": ["x", "y", "y"], "id": ["1", "1", "2"], "status": "fulfilled",
        "currency": ["EUR", "EUR", "USD"], "total_price": [5.0, 7.0, 7.0],
        "created_at": pd.Timestamp("2026-06-29", tz="UTC"),
    }
)  # fmt: skip
_LINES = pd.DataFrame(
    {
        "connection_id": ["x", "y", "y"], "order_id": ["1", "1", "2"], "product_id": ["p", "p", "q"],
        "quantity": [1, 2, 1], "unit_price": [5.0, 3.0, 7.0],
    }
)  # fmt: skip
_AGING = rf.reports.ar_aging(_INVOICES, "2026-06-30")

#: Every report that has money, and what each of its rows is explained by.
REPORTS: dict[str, tuple[pd.DataFrame, Any]] = {
    "ar_aging": (_AGING, _INVOICES),
    "ar_aging by connection": (rf.reports.ar_aging(_INVOICES, "2026-06-30", by="connection_id"), _INVOICES),
    "ap_aging": (rf.reports.ap_aging(_BILLS, "2026-06-30"), _BILLS),
    "open_items": (rf.reports.open_items(_INVOICES, "2026-06-30"), _INVOICES),
    "revenue_by_product": (
        rf.reports.revenue_by_product(_ORDERS, lines=_LINES), {"orders": _ORDERS, "lines": _LINES},
    ),
    "revenue_by_product by month": (
        rf.reports.revenue_by_product(_ORDERS, lines=_LINES, period="month"),
        {"orders": _ORDERS, "lines": _LINES},
    ),
    "cash_position": (rf.reports.cash_position(_BANKS), _BANKS),
    "cash_position by bank": (
        rf.reports.cash_position(_BANKS, by=["connection_id", "institution_name"]), _BANKS,
    ),
    "cash_history": (rf.reports.cash_history(_BANKS, _MOVES), _MOVES),
    "cash_history by account": (rf.reports.cash_history(_BANKS, _MOVES, by_account=True), _MOVES),
    "cash_forecast": (rf.reports.cash_forecast(_BANKS, _INVOICES, _BILLS, "2026-06-30", weeks=2), _INVOICES),
    "trial_balance": (rf.reports.trial_balance(_LEDGER), _LEDGER),
    "expenses_by_category": (expenses_by_category(_EXPENSES), _EXPENSES),
    "concentration": (rf.reports.concentration(_AGING, by="customer_id"), _INVOICES),
    "tie_out": (rf.reports.tie_out(_AGING, _INVOICES), _INVOICES),
}  # fmt: skip


@pytest.mark.parametrize("name", REPORTS)
def test_converted_rows_are_explained_as_before(name: str) -> None:
    """A converted row is explained by the documents in the currency of the books, as the row before it."""
    report, source = REPORTS[name]
    converted = convert(report, RATES, "USD", on="2026-06-30")
    assert converted["original_currency"].tolist() == report["currency"].tolist()
    assert set(converted["currency"]) == {"USD"}
    rows = 0
    for place in range(len(report)):
        before = rf.reports.explain(report.iloc[[place]], source)
        after = rf.reports.explain(converted.iloc[[place]], source)
        pd.testing.assert_frame_equal(after, before)
        rows += len(after)
    assert rows
