"""The same report on every engine: the same cents, in the same order, as the same kind of frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb
import narwhals.stable.v2 as nw
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import rutterframe as rf

AS_OF = "2026-06-30"
Engine = Callable[[pd.DataFrame], Any]
Rows = Callable[[Any], list[dict[str, Any]]]


def documents() -> pd.DataFrame:
    """Build documents with every edge: missing values, credits, ties of half a tick, three currencies."""
    lines: list[tuple[str | None, str | None, float | None, str, str | None]] = [
        ("a", "open", 0.1, "USD", "2026-06-30"),
        ("a", "open", 0.2, "USD", "2026-07-01"),
        ("a", "partially_paid", 0.03125, "USD", "2026-05-31"),
        ("a", "odd", 0.09375, "USD", "2026-05-30"),
        ("b", "open", -50.0, "USD", "2024-02-29"),
        ("b", "open", 260.312, "KWD", "2026-05-01"),
        ("b", "open", -0.00005, "KWD", "2026-04-30"),
        (None, None, 208600.0, "JPY", "2026-04-01"),
        (None, "open", 5.0, "USD", None),
        ("c", "open", None, "USD", "2026-03-31"),
        ("c", "open", 0.0, "USD", "2026-03-31"),
        ("d", "paid", 9.0, "USD", "2026-03-31"),
        ("d", "voided", 9.0, "EUR", None),
        ("e", "open", 123456789.0001, "USD", "2000-02-29"),
    ]
    frame = pd.DataFrame(lines, columns=["customer_id", "status", "amount_due", "currency", "due_date"])
    frame = frame.assign(id=[f"i{place:02}" for place in range(len(frame))], vendor_id=frame["customer_id"])
    return frame.astype({"due_date": "datetime64[us]"})


def accounts() -> pd.DataFrame:
    """Build accounts of a ledger and of banks: unknown types, overdrafts, missing values."""
    lines: list[tuple[str | None, float | None, str | None, str | None]] = [
        ("asset", 100.1, "USD", "B"),
        ("asset", 0.2, "USD", None),
        ("liability", 40.3, "USD", "A"),
        ("equity", -0.03125, "USD", "A"),
        ("revenue", 40.0, "EUR", "A"),
        ("expense", None, "EUR", "B"),
        ("odd", 7.0, "USD", "B"),
        (None, -8.5, "USD", "B"),
    ]
    return pd.DataFrame(lines, columns=["type", "balance", "currency", "institution_name"])


def aged(key: str, customer: str | None, currency: str, documents: int, **amounts: float) -> dict[str, Any]:
    """Write a row of an aging: buckets that are not named hold nothing."""
    buckets = ["current", "days_1_30", "days_31_60", "days_61_90", "days_91_plus", "no_due_date", "total"]
    named = {"connection_id": None, key: customer, key.replace("_id", "_name"): None}
    row = {**named, "currency": currency, **dict.fromkeys(buckets, 0.0)}
    return {**row, **amounts, "documents": documents}


def aging_of(key: str) -> list[dict[str, Any]]:
    """Write the aging of the documents by a key: a tiny credit in KWD is settled."""
    return [
        aged(key, None, "JPY", 1, days_61_90=208600.0, total=208600.0),
        aged(key, "b", "KWD", 1, days_31_60=260.312, total=260.312),
        aged(key, "e", "USD", 1, days_91_plus=123456789.0001, total=123456789.0001),
        aged(key, None, "USD", 1, no_due_date=5.0, total=5.0),
        aged(key, "a", "USD", 4, current=0.3, days_1_30=0.03125, days_31_60=0.09375, total=0.425),
        aged(key, "c", "USD", 1),
        aged(key, "b", "USD", 1, days_91_plus=-50.0, total=-50.0),
    ]


KINDS: dict[str, type] = {
    "pandas": pd.DataFrame,
    "pandas-object": pd.DataFrame,
    "pandas-arrow": pd.DataFrame,
    "polars": pl.DataFrame,
    "polars-lazy": pl.LazyFrame,
    "pyarrow": pa.Table,
    "duckdb": duckdb.DuckDBPyRelation,
}


@pytest.mark.parametrize(
    ("report", "key"), [(rf.reports.ar_aging, "customer_id"), (rf.reports.ap_aging, "vendor_id")]
)
def test_aging(engine: Engine, rows: Rows, report: Any, key: str) -> None:
    """An aging has the same cents and the same order on every engine."""
    assert rows(report(engine(documents()), AS_OF)) == aging_of(key)


def test_open_items(engine: Engine, rows: Rows) -> None:
    """A list of open items has the same documents, days and buckets on every engine."""
    listed = rows(rf.reports.open_items(engine(documents()), AS_OF))
    assert [(row["id"], row["days_past_due"], row["bucket"]) for row in listed] == [
        ("i07", 90, "days_61_90"),
        ("i05", 60, "days_31_60"),
        ("i13", 9618, "days_91_plus"),
        ("i04", 852, "days_91_plus"),
        ("i09", 91, "days_91_plus"),
        ("i03", 31, "days_31_60"),
        ("i02", 30, "days_1_30"),
        ("i00", 0, "current"),
        ("i01", -1, "current"),
        ("i08", None, "no_due_date"),
    ]
    amounts = documents().set_index("id")["amount_due"]
    assert [row["amount_due"] for row in listed if row["id"] != "i09"] == [
        amounts[row["id"]] for row in listed if row["id"] != "i09"
    ]


def test_cash_position(engine: Engine, rows: Rows) -> None:
    """A cash position has the same cents and the same order on every engine."""
    assert rows(rf.reports.cash_position(engine(accounts()), by="institution_name")) == [
        {
            "institution_name": "A",
            "currency": "EUR",
            "accounts": 1,
            "balance": 40.0,
            "overdrawn": 0.0,
            "debt": 0.0,
        },
        {
            "institution_name": "B",
            "currency": "EUR",
            "accounts": 1,
            "balance": 0.0,
            "overdrawn": 0.0,
            "debt": 0.0,
        },
        {
            "institution_name": "A",
            "currency": "USD",
            "accounts": 2,
            "balance": 40.26875,
            "overdrawn": -0.03125,
            "debt": 0.0,
        },
        {
            "institution_name": "B",
            "currency": "USD",
            "accounts": 3,
            "balance": 98.6,
            "overdrawn": -8.5,
            "debt": 0.0,
        },
        {
            "institution_name": None,
            "currency": "USD",
            "accounts": 1,
            "balance": 0.2,
            "overdrawn": 0.0,
            "debt": 0.0,
        },
    ]


def test_trial_balance(engine: Engine, rows: Rows) -> None:
    """A trial balance has the same cents and the same order on every engine."""
    assert [tuple(row.values())[1:] for row in rows(rf.reports.trial_balance(engine(accounts())))] == [
        ("difference", "EUR", 2, -40.0),
        ("expense", "EUR", 1, 0.0),
        ("revenue", "EUR", 1, 40.0),
        ("asset", "USD", 2, 100.3),
        ("difference", "USD", 4, 60.03125),
        ("equity", "USD", 1, -0.03125),
        ("liability", "USD", 1, 40.3),
        ("odd", "USD", 1, 7.0),
        (None, "USD", 1, -8.5),
    ]


def test_tie_out(engine: Engine, rows: Rows) -> None:
    """A tie-out of a report with its documents has the same result on every engine."""
    items = rf.reports.open_items(engine(documents()), AS_OF)
    report = rf.reports.ar_aging(engine(documents()), AS_OF)
    assert [tuple(row.values()) for row in rows(rf.reports.tie_out(report, items))] == [
        (None, "JPY", 208600.0, 208600.0, 0.0, True),
        (None, "KWD", 260.312, 260.312, 0.0, True),
        # One of the documents has no amount.
        (None, "USD", 123456744.4251, None, None, None),
    ]
    assert [
        (row["currency"], row["difference"], row["ok"])
        for row in rows(rf.reports.tie_out(report, engine(accounts())))
    ] == [
        ("EUR", None, None),
        ("JPY", 208600.0, False),
        ("KWD", 260.312, False),
        ("USD", 123456605.35635, False),
    ]


def test_the_same_kind_back(engine: Engine, request: pytest.FixtureRequest) -> None:
    """Every report comes back as the kind of frame that was passed."""
    kind = KINDS[request.node.callspec.params["engine"]]
    invoices, books = engine(documents()), engine(accounts())
    aging = rf.reports.ar_aging(invoices, AS_OF)
    assert isinstance(aging, kind)
    assert isinstance(rf.reports.ap_aging(invoices, AS_OF), kind)
    assert isinstance(rf.reports.open_items(invoices, AS_OF), kind)
    assert isinstance(rf.reports.cash_position(books), kind)
    assert isinstance(rf.reports.trial_balance(books), kind)
    assert isinstance(rf.reports.tie_out(aging, aging), kind)


def test_counts_and_money_have_one_dtype(engine: Engine) -> None:
    """Counts are 64-bit integers and money is 64-bit floats on every engine."""
    books = engine(accounts())
    for report, count in (
        (rf.reports.ar_aging(engine(documents()), AS_OF), "documents"),
        (rf.reports.cash_position(books), "accounts"),
        (rf.reports.trial_balance(books), "accounts"),
    ):
        schema = nw.from_native(report).collect_schema()
        assert schema[count] == nw.Int64
        assert schema["total" if count == "documents" else "balance"] == nw.Float64


def test_nothing_open(engine: Engine, rows: Rows) -> None:
    """Reports of nothing are empty on every engine."""
    empty = documents().query("status == 'paid'")
    assert rows(rf.reports.ar_aging(engine(empty), AS_OF)) == []
    assert rows(rf.reports.open_items(engine(empty), AS_OF)) == []


def test_what_is_missing_is_listed(engine: Engine) -> None:
    """The error for a frame of the wrong kind is the same on every engine."""
    with pytest.raises(ValueError, match=r"invoices has no column 'customer_id'; .* It looks like bills"):
        rf.reports.ar_aging(engine(documents().drop(columns="customer_id")), AS_OF)


@pytest.mark.parametrize(
    ("zone", "days"),
    [
        ("UTC", [("i01", 1), ("i00", 0)]),
        ("Europe/Berlin", [("i01", 1), ("i00", -1)]),
        ("America/New_York", [("i01", 2), ("i00", 0)]),
        ("+02:00", [("i01", 1), ("i00", -1)]),
    ],
)
def test_due_dates_with_a_zone_on_eager_frames(rows: Rows, zone: str, days: list[tuple[str, int]]) -> None:
    """A due date with a zone is the calendar date of that zone, on every engine that holds zones."""
    utc = pd.to_datetime(["2026-06-30 23:30", "2026-06-29 00:30"]).tz_localize("UTC")
    frame = documents().head(2).assign(due_date=utc.tz_convert(zone))
    arrow = pa.Table.from_pandas(frame, preserve_index=False)
    for native in (
        frame,
        frame.astype({"due_date": object}),
        frame.convert_dtypes(dtype_backend="pyarrow"),
        pl.from_pandas(frame),
        pl.from_pandas(frame).lazy(),
        arrow,
    ):
        listed = rows(rf.reports.open_items(native, AS_OF))
        assert [(row["id"], row["days_past_due"]) for row in listed] == days


def test_notes_are_the_same_on_every_pandas(engine: Engine) -> None:
    """Whatever holds the text of a pandas frame, the same is noted."""
    report = rf.reports.ar_aging(engine(documents()), AS_OF)
    if isinstance(report, pd.DataFrame):
        assert report.attrs["notes"][1:] == [
            "Open documents without an amount, counted as zero: 1 (i09).",
            "Open documents of less than half their currency's smallest unit, taken as settled: 1 (i06).",
            "Paid documents with an amount due, not aged: 1 (i11).",
            "Documents of an unknown status or none, taken as open: 2 (odd: 1, none: 1).",
        ]


def test_categories_are_text(rows: Rows) -> None:
    """Text may be held as categories, on either side of a tie-out."""
    names = ["customer_id", "status", "currency"]
    frame = documents().astype(dict.fromkeys(names, "category"))
    report = rf.reports.ar_aging(frame, AS_OF)
    assert rows(report) == aging_of("customer_id")
    assert rf.reports.tie_out(report, rf.reports.open_items(documents(), AS_OF))["ok"].all()
    books = accounts().astype({"type": "category", "currency": "category"})
    assert rows(rf.reports.trial_balance(books)) == rows(rf.reports.trial_balance(accounts()))


@pytest.mark.parametrize(("zone", "bucket"), [("UTC", "days_1_30"), ("Asia/Tokyo", "current")])
def test_due_dates_with_a_zone_on_duckdb(rows: Rows, zone: str, bucket: str) -> None:
    """DuckDB holds a zone for the whole connection: a due date is the calendar date of that."""
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        frame = documents().head(1).assign(due_date=pd.to_datetime(["2026-06-29 20:00"]).tz_localize("UTC"))
        zoned = connection.from_arrow(pa.Table.from_pandas(frame, preserve_index=False))
        connection.execute(f"set timezone = '{zone}'")
        assert rows(rf.reports.ar_aging(zoned, AS_OF))[0][bucket] == 0.1


def test_integers_and_decimals_are_amounts_too(rows: Rows) -> None:
    """Amounts may be integers or decimals, where an engine has those."""
    table = pa.table(
        {
            "currency": ["USD", "USD"],
            "balance": pa.array([1, 2], pa.int64()),
            "total": pa.array(["1.10", "1.90"]).cast(pa.decimal128(12, 2)),
        }
    )
    for native in (table, pl.from_arrow(table), pl.DataFrame(table).lazy(), duckdb.from_arrow(table)):
        report = rf.reports.tie_out(native, rf.reports.cash_position(native))
        assert [tuple(row.values()) for row in rows(report)] == [(None, "USD", 3.0, 3.0, 0.0, True)]
