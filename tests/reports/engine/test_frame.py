"""The adapter for frames: the caller's frame stays as it is, and the same kind is returned."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import rutterframe as rf
from rutterframe.reports.engine.dates import parse_as_of
from rutterframe.reports.engine.frame import finish, read_frame
from rutterframe.reports.engine.ticks import choose_scale, major_units, ticks

AS_OF = "2026-06-30"
REPORTS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "open_items": lambda frame: rf.reports.open_items(frame, AS_OF),
    "ar_aging": lambda frame: rf.reports.ar_aging(frame, AS_OF),
    "ap_aging": lambda frame: rf.reports.ap_aging(frame, AS_OF),
    "cash_position": lambda frame: rf.reports.cash_position(frame, by="institution_name"),
    "trial_balance": rf.reports.trial_balance,
    "tie_out": lambda frame: rf.reports.tie_out(frame, frame),
}


def anything() -> pd.DataFrame:
    """Build a frame that every report takes, with an index that repeats itself."""
    return pd.DataFrame(
        {
            "id": ["a", "b", "c"],
            "customer_id": ["x", None, "x"],
            "vendor_id": ["v", "v", None],
            "institution_name": ["i", "i", "j"],
            "status": ["open", None, "paid"],
            "type": ["asset", "equity", "odd"],
            "amount_due": [1.5, None, -2.0],
            "balance": [1.5, -1.0, None],
            "currency": ["USD", "EUR", "USD"],
            "due_date": pd.to_datetime(["2026-06-01", "", "2026-07-01"]),
        },
        index=pd.Index([7, 7, 3], name="mine"),
    )


@pytest.mark.parametrize("name", REPORTS)
def test_the_callers_frame_is_never_changed(name: str) -> None:
    """A report leaves values, dtypes, index and attrs of the caller's frame as they were."""
    frame = anything()
    frame.attrs = {"receipt": {"rows": 3}, "mine": [1]}
    REPORTS[name](frame)
    pd.testing.assert_frame_equal(frame, anything(), check_exact=True)
    assert frame.attrs == {"receipt": {"rows": 3}, "mine": [1]}


@pytest.mark.parametrize("name", REPORTS)
def test_index_and_attrs(name: str) -> None:
    """A report counts its rows from 0, and carries its name, its notes and the receipts."""
    frame = anything()
    frame.attrs["receipt"] = {"rows": 3}
    report = REPORTS[name](frame)
    assert report.index.equals(pd.RangeIndex(len(report)))
    assert report.attrs["report"] == name
    assert report.attrs["sources"] == [{"rows": 3}] * (2 if name == "tie_out" else 1)
    assert isinstance(report.attrs["notes"], list)


@pytest.mark.parametrize("name", REPORTS)
def test_a_filtered_frame_is_noted(name: str) -> None:
    """A report of some of the rows that were loaded says of how many; one of all of them does not."""
    frame = anything()
    frame.attrs["receipt"] = {"resource": "things", "rows": 3}
    assert "things: 2 of the 3 rows loaded." in REPORTS[name](frame.head(2)).attrs["notes"]
    assert not any("rows loaded" in note for note in REPORTS[name](frame).attrs["notes"])


@pytest.mark.parametrize("name", REPORTS)
def test_the_order_of_rows_does_not_matter(name: str) -> None:
    """A report is the same for the same rows in any order."""
    pd.testing.assert_frame_equal(
        REPORTS[name](anything()), REPORTS[name](anything().iloc[::-1]), check_exact=True
    )


@pytest.mark.parametrize("name", REPORTS)
def test_an_index_of_its_own_changes_nothing(name: str) -> None:
    """A report is the same whatever the index of the caller's frame is."""
    pd.testing.assert_frame_equal(
        REPORTS[name](anything()), REPORTS[name](anything().reset_index(drop=True)), check_exact=True
    )


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_is_not_the_callers_frame(name: str) -> None:
    """A change of a report does not change the caller's frame."""
    frame = anything()
    report = REPORTS[name](frame)
    report.loc[:, "currency"] = "???"
    report.attrs["mine"] = True
    pd.testing.assert_frame_equal(frame, anything())
    assert frame.attrs == {}


def test_a_missing_column_is_an_error_that_lists_columns() -> None:
    """The error lists the missing columns and those that are there, without a guess at the kind."""
    with pytest.raises(ValueError, match="has no column") as caught:
        read_frame(pd.DataFrame({"a": [1], "b": [2]}), ("a", "c", "d"), kind="things")
    assert str(caught.value) == "things has no column 'c', 'd'; its columns are a, b."
    with pytest.raises(ValueError, match="things has no column 'c'; its columns are 0, 1"):
        read_frame(pd.DataFrame([[1, 2]]), ("c",), kind="things")


@pytest.mark.parametrize(
    ("column", "looks"),
    [
        ("vendor_id", "bills (ap_aging takes those)"),
        ("total_price", "orders (revenue_by_product takes those)"),
        ("customer_id", "invoices (ar_aging takes those)"),
        ("institution_name", "bank accounts (cash_position takes those)"),
        ("platform_id", "accounts (trial_balance takes those)"),
    ],
)
def test_a_frame_of_the_wrong_kind_is_named(column: str, looks: str) -> None:
    """A frame is named by the column that only its kind has."""
    with pytest.raises(ValueError, match="its columns are") as caught:
        read_frame(pd.DataFrame({column: [1]}), ("z",), kind="things")
    assert str(caught.value).endswith(f"its columns are {column}. It looks like {looks}.")


@pytest.mark.parametrize("wrong", [[1], {"a": [1]}, None, "a", 5, (1, 2)])
def test_an_argument_that_is_not_a_frame(wrong: Any) -> None:
    """An argument that is not a frame is an error that has its type."""
    with pytest.raises(TypeError, match=f"things must be a DataFrame .*, not {type(wrong).__name__}$"):
        read_frame(wrong, (), kind="things")


def test_the_day_is_read_as_midnight() -> None:
    """The day of a report is the calendar day as it is written."""
    assert parse_as_of("2024-02-29T23:00:00") == datetime(2024, 2, 29)  # noqa: DTZ001 - it has none


def test_too_much_for_64_bits() -> None:
    """Amounts are checked by their absolute sum; no amounts are not too much."""
    frame = nw.from_native(pd.DataFrame({"a": [2e14, -3e14, None]}))
    with pytest.raises(OverflowError, match="a: absolute amounts of 500,000,000,000,000 are more than"):
        choose_scale((frame, "a"))
    assert choose_scale((nw.from_native(pd.DataFrame({"a": [4e14, None]})), "a")) == 10_000
    assert choose_scale((nw.from_native(pd.DataFrame({"a": [None]}, dtype="float64")), "a")) == 10_000
    assert choose_scale((nw.from_native(pd.DataFrame({"a": [4e14, -6e14]}).iloc[:0]), "a")) == 10_000


#: Amounts and their ticks: .5 of a tick goes to the even one.
TIES = {
    0.00005: 0,
    0.00025: 2,
    0.00035: 4,
    0.03125: 312,
    0.09375: 938,
    -0.00005: 0,
    -0.03125: -312,
    -0.09375: -938,
    0.00004: 0,
    0.00006: 1,
    -0.00006: -1,
    260.312: 2_603_120,
    1.005: 10_050,
    900_719_925_474.0991: 9_007_199_254_740_991,
}


def test_ticks_are_half_even_on_every_engine(engine: Callable[[pd.DataFrame], Any], rows: Any) -> None:
    """An amount is the same number of ticks on every engine; a missing one is none."""
    frame = read_frame(
        engine(pd.DataFrame({"place": range(len(TIES) + 1), "a": [*TIES, None]})), ("a",), kind="amounts"
    )
    counted = frame.select("place", ticks(frame, "a", 10_000).alias("a")).sort("place")
    assert [row["a"] for row in rows(counted.to_native())] == [*TIES.values(), 0]


def test_units_are_ticks_divided_once() -> None:
    """Ticks divided once are the amount that they stand for."""
    frame = nw.from_native(pd.DataFrame({"a": [1, 2_603_120, -312, 0]}))
    amounts = frame.select(*major_units(frame, "a", scale=10_000))["a"].to_list()
    assert amounts == [0.0001, 260.312, -0.0312, 0.0]


def test_attrs_and_counts_of_finish() -> None:
    """A pandas report has its name, notes and arguments in its attrs; counts are whole numbers."""
    frame = pd.DataFrame({"n": [1.0, None]}, index=[5, 6])
    report = finish(nw.from_native(frame), name="r", sources=[[], frame], counts=["n"], by="n")
    assert report["n"].tolist() == [1, pd.NA]
    assert report.attrs == {"report": "r", "notes": [], "sources": [], "rows": 2, "by": "n"}
    assert frame.attrs == {}


def test_a_report_carries_its_size() -> None:
    """A report says how many rows it has, in all and by currency, also those without one."""
    banks = pd.DataFrame(
        {"institution_name": ["a", "b", "a"], "currency": ["EUR", "EUR", None], "balance": 1.0}
    )
    attrs = rf.reports.cash_position(banks, by="institution_name").attrs
    assert (attrs["rows"], attrs["rows_by_currency"]) == (3, {"EUR": 2, "": 1})


def test_invalid_keys() -> None:
    """An iterator, an internal name and a column of lists are refused as keys."""
    banks = pd.DataFrame({"currency": ["EUR"], "balance": 1.0, "tags": [["a"]], "_ticks": "a"})
    with pytest.raises(TypeError, match=r"by=.* \(expected a list of names\): it can be read only once"):
        rf.reports.cash_position(banks, by=iter(["currency"]))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="by='_ticks' begins with '_'"):
        rf.reports.cash_position(banks, by="_ticks")
    table = pa.Table.from_pandas(banks)
    for native in (banks, table, pl.from_arrow(table)):
        with pytest.raises(ValueError, match="by='tags' holds lists or other nested values"):
            rf.reports.cash_position(native, by="tags")
        with pytest.raises(ValueError, match="by='tags' holds lists or other nested values"):
            rf.reports.concentration(native, by="tags", amount="balance")


CODED: dict[str, Callable[[pd.DataFrame], Any]] = {
    "pandas": lambda frame: frame.astype({"currency": pd.ArrowDtype(pa.dictionary(pa.int32(), pa.string()))}),
    "polars": lambda frame: pl.from_pandas(frame).with_columns(pl.col("currency").cast(pl.Categorical)),
    "lazy": lambda frame: pl.from_pandas(frame).lazy().with_columns(pl.col("currency").cast(pl.Categorical)),
}
FIRST: dict[str, Callable[[Any], Any]] = {
    "expenses_by_category": rf.reports.expenses_by_category,
    "trial_balance": rf.reports.trial_balance,
    "open_items": lambda frame: rf.reports.open_items(frame, "2026-06-30"),
    "cash_position": lambda frame: rf.reports.cash_position(frame, by="currency"),
    "concentration": lambda frame: rf.reports.concentration(frame, by="category", amount="amount"),
}


@pytest.mark.parametrize("report", FIRST)
@pytest.mark.parametrize("coded", CODED)
def test_categories_count_as_their_text(report: str, coded: str, rows: Callable[[Any], Any]) -> None:
    """Categories of Polars and Arrow, a missing one among them, give what the same text gives."""
    text = pd.DataFrame({"id": ["1", "2"], "category": "a", "type": "asset", "status": "open"})
    text = text.assign(currency=pd.Series(["EUR", None], dtype="str"), due_date="2026-06-01")
    text = text.assign(amount=[1.0, 2.0], amount_due=[1.0, 2.0], balance=[1.0, 2.0])
    categories = CODED[coded](text)
    assert rows(FIRST[report](categories)) == rows(FIRST[report](text))
