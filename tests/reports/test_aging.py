"""Receivables and payables by how long they are past due: each edge as a literal, and two oracles."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rutterframe as rf

AS_OF = "2026-06-30"
KEYS = ["connection_id", "customer_id", "customer_name", "currency"]
SUMS = ["current", "days_1_30", "days_31_60", "days_61_90", "days_91_plus", "no_due_date", "total"]


def invoices(*documents: dict[str, Any]) -> pd.DataFrame:
    """Build invoices, by default open ones over 100 USD that are due on AS_OF."""
    usual = {
        "id": "i",
        "customer_id": "c",
        "status": "open",
        "amount_due": 100.0,
        "currency": "USD",
        "due_date": AS_OF,
    }
    frame = pd.DataFrame(
        [{**usual, "id": f"i{place}", **document} for place, document in enumerate(documents)]
    )
    return frame.astype(
        {"customer_id": "str", "status": "str", "amount_due": "float64", "due_date": "datetime64[us]"}
    )


def sums(report: pd.DataFrame) -> list[dict[str, float]]:
    """Return each row's amounts that are not zero."""
    return [
        {str(name): value for name, value in row.items() if value != 0}
        for row in report.drop(columns=[*KEYS, "documents"]).to_dict("records")
    ]


@pytest.mark.parametrize(
    ("due", "bucket", "days"),
    [
        ("2026-07-01", "current", -1),
        ("2026-06-30", "current", 0),
        ("2026-06-29", "days_1_30", 1),
        ("2026-05-31", "days_1_30", 30),
        ("2026-05-30", "days_31_60", 31),
        ("2026-05-01", "days_31_60", 60),
        ("2026-04-30", "days_61_90", 61),
        ("2026-04-01", "days_61_90", 90),
        ("2026-03-31", "days_91_plus", 91),
        ("2016-06-30", "days_91_plus", 3652),
        (None, "no_due_date", None),
    ],
)
def test_the_edges_of_the_buckets(due: str | None, bucket: str, days: int | None) -> None:
    """A document due today is current, 30 days past due is in 1 to 30, and 31 is in 31 to 60."""
    frame = invoices({"due_date": due})
    assert sums(rf.reports.ar_aging(frame, AS_OF)) == [{bucket: 100.0, "total": 100.0}]
    items = rf.reports.open_items(frame, AS_OF)
    assert items["bucket"].tolist() == [bucket]
    assert items["days_past_due"].tolist() == [pd.NA if days is None else days]


@pytest.mark.parametrize(
    ("due", "as_of", "days", "bucket"),
    [
        ("2024-02-29", "2024-02-29", 0, "current"),
        ("2024-02-29", "2024-03-01", 1, "days_1_30"),
        ("2024-02-28", "2024-03-01", 2, "days_1_30"),
        ("2024-02-29", "2024-03-30", 30, "days_1_30"),
        ("2024-02-29", "2024-03-31", 31, "days_31_60"),
        ("2023-12-31", "2024-12-31", 366, "days_91_plus"),
        ("2000-02-29", "2001-02-28", 365, "days_91_plus"),
        ("1899-12-31", "1900-03-01", 60, "days_31_60"),
    ],
)
def test_leap_years(due: str, as_of: str, days: int, bucket: str) -> None:
    """29 February is a day where there is one, and none where there is not."""
    items = rf.reports.open_items(invoices({"due_date": due}), as_of)
    assert items[["days_past_due", "bucket"]].to_numpy().tolist() == [[days, bucket]]
    assert sums(rf.reports.ar_aging(invoices({"due_date": due}), as_of))[0][bucket] == 100.0


def test_the_whole_report_as_a_table() -> None:
    """One row for each customer and currency: by currency, the largest total first, missing values last."""
    frame = invoices(
        {"customer_id": "b", "amount_due": 0.1},
        {"customer_id": "b", "amount_due": 0.2, "due_date": "2026-06-01"},
        {"customer_id": None, "amount_due": 7.0, "due_date": None},
        {"customer_id": "d", "amount_due": 3.0, "due_date": "2026-01-01"},
        {"customer_id": "a", "amount_due": 3.0, "due_date": "2026-01-01"},
        {"customer_id": "b", "currency": "EUR", "amount_due": 5.0},
        {"customer_id": "a", "currency": None, "amount_due": 9.0},
        {"customer_id": "e", "amount_due": -1.0},
    )
    report = rf.reports.ar_aging(frame, AS_OF)
    assert report.columns.tolist() == [*KEYS, *SUMS, "documents"]
    assert report[["connection_id", "customer_name"]].isna().all(axis=None)
    table = report.drop(columns=["connection_id", "customer_name"])
    assert table.fillna({"customer_id": "none", "currency": "none"}).to_numpy().tolist() == [
        ["b", "EUR", 5.0, 0.0, 0.0, 0.0, 0.0, 0.0, 5.0, 1],
        ["none", "USD", 0.0, 0.0, 0.0, 0.0, 0.0, 7.0, 7.0, 1],
        ["a", "USD", 0.0, 0.0, 0.0, 0.0, 3.0, 0.0, 3.0, 1],
        ["d", "USD", 0.0, 0.0, 0.0, 0.0, 3.0, 0.0, 3.0, 1],
        ["b", "USD", 0.1, 0.2, 0.0, 0.0, 0.0, 0.0, 0.3, 2],
        ["e", "USD", -1.0, 0.0, 0.0, 0.0, 0.0, 0.0, -1.0, 1],
        ["a", "none", 9.0, 0.0, 0.0, 0.0, 0.0, 0.0, 9.0, 1],
    ]
    assert report.dtypes.astype(str).tolist() == [*["str"] * 4, *["float64"] * 7, "Int64"]


def test_payables_are_aged_by_vendor() -> None:
    """Bills age as invoices do, with a row for each vendor."""
    bills = invoices({"amount_due": 12.5, "due_date": "2026-06-01"}).rename(
        columns={"customer_id": "vendor_id"}
    )
    report = rf.reports.ap_aging(bills, AS_OF)
    assert report.columns[:4].tolist() == ["connection_id", "vendor_id", "vendor_name", "currency"]
    assert report[["vendor_id", "days_1_30", "total"]].to_numpy().tolist() == [["c", 12.5, 12.5]]
    assert report.attrs["report"] == "ap_aging"


def test_credit_notes_age_like_invoices() -> None:
    """A credit is negative, is taken off the bucket of its due date, and can make that negative."""
    frame = invoices(
        {"amount_due": 100.0},
        {"amount_due": 30.0, "due_date": "2026-06-01"},
        {"amount_due": -50.0, "due_date": "2026-06-01"},
    )
    assert sums(rf.reports.ar_aging(frame, AS_OF)) == [{"current": 100.0, "days_1_30": -20.0, "total": 80.0}]
    assert rf.reports.open_items(frame, AS_OF)["amount_due"].sum() == 80.0


def test_nothing_due_is_not_open() -> None:
    """A document with nothing due is neither listed nor counted; amounts that cancel out are."""
    frame = invoices({"amount_due": 0.0}, {"amount_due": -0.0}, {"amount_due": 5.0}, {"amount_due": -5.0})
    assert rf.reports.ar_aging(frame, AS_OF)[["total", "documents"]].to_numpy().tolist() == [[0.0, 2]]
    assert rf.reports.open_items(frame, AS_OF)["id"].tolist() == ["i2", "i3"]


@pytest.mark.parametrize(
    ("status", "is_open"),
    [
        ("open", True),
        ("partially_paid", True),
        ("submitted", True),
        ("in_dispute", True),
        (None, True),
        ("paid", False),
        ("draft", False),
        ("PAID", False),
        (" Voided ", False),
        ("Pending Approval", False),
        ("cancelled", False),
        ("CANCELED", False),
        ("Open", True),
        ("void", False),
        ("voided", False),
        ("pending_approval", False),
        ("rejected", False),
    ],
)
def test_which_statuses_are_open(status: str | None, is_open: bool) -> None:
    """A settled, withdrawn or draft document is not open; any other is, also of an unknown status."""
    frame = invoices({"status": status})
    assert len(rf.reports.open_items(frame, AS_OF)) == is_open
    assert rf.reports.ar_aging(frame, AS_OF)["total"].tolist() == [100.0] * is_open


@pytest.mark.parametrize(
    ("document", "note"),
    [
        ({"status": "paid"}, "Paid documents with an amount due, not aged: 1 (i1)."),
        (
            {"status": "In dispute"},
            "Documents of an unknown status or none, taken as open: 1 (In dispute: 1).",
        ),
        ({"status": None}, "Documents of an unknown status or none, taken as open: 1 (none: 1)."),
        ({"amount_due": None}, "Open documents without an amount, counted as zero: 1 (i1)."),
    ],
)
def test_unusual_documents_are_noted(document: dict[str, Any], note: str) -> None:
    """Unusual documents are counted in a note, and few are listed, in open items as in the aging."""
    for report in (rf.reports.ar_aging, rf.reports.open_items):
        assert report(invoices({}, document), AS_OF).attrs["notes"][1:] == [note]


def test_notes_count() -> None:
    """A note says how many documents it is about; the first says that amounts are those of today."""
    frame = invoices(*[{"status": "paid"}] * 1200, {"status": "paid", "amount_due": 0.0})
    notes = rf.reports.ar_aging(frame, AS_OF).attrs["notes"]
    assert notes[0].startswith("Amounts due are those of the day the data was fetched")
    assert notes[1:] == ["Paid documents with an amount due, not aged: 1,200."]


def test_an_open_document_without_an_amount() -> None:
    """A document without an amount is counted among the documents, and adds nothing."""
    frame = invoices({"amount_due": None}, {"amount_due": 5.0})
    report = rf.reports.ar_aging(frame, AS_OF)
    assert report[["current", "total", "documents"]].to_numpy().tolist() == [[5.0, 5.0, 2]]
    assert rf.reports.open_items(frame, AS_OF)["id"].tolist() == ["i0", "i1"]


def test_currencies_are_never_added() -> None:
    """A customer who owes in several currencies has a row for each, also in those of no cents or three."""
    frame = invoices(
        {"currency": "USD", "amount_due": 10.25},
        {"currency": "JPY", "amount_due": 208600.0},
        {"currency": "KWD", "amount_due": 260.312},
        {"currency": "KWD", "amount_due": 0.001},
    )
    report = rf.reports.ar_aging(frame, AS_OF)
    assert report[["currency", "total"]].to_numpy().tolist() == [
        ["JPY", 208600.0],
        ["KWD", 260.313],
        ["USD", 10.25],
    ]


@pytest.mark.parametrize(
    ("amounts", "total"),
    [
        ([0.1] * 10, 1.0),
        ([0.1, 0.2], 0.3),
        ([0.0001, 0.0002], 0.0003),
        ([1.005, 1.005], 2.01),
        ([0.00005], 0.00005),
        ([0.00025], 0.00025),
        ([0.03125], 0.03125),
        ([-0.00005], -0.00005),
        ([-0.09375], -0.09375),
        ([0.000050005], 0.00005),
        ([0.000050015], 0.00005002),
        ([0.00004, 0.00004, 0.00004], None),
        ([0.0050, -0.0051], -0.0001),
        ([123456789012.3456, -123456789012.3455], 0.0001),
    ],
)
def test_sums_are_exact(amounts: list[float], total: float | None) -> None:
    """Amounts are counted with eight decimals, ties to the even one, so sums have no float error."""
    frame = invoices(*({"amount_due": amount, "currency": "CLF"} for amount in amounts))
    assert rf.reports.ar_aging(frame, AS_OF)["total"].tolist() == ([] if total is None else [total])


def test_bounds_of_the_caller() -> None:
    """Bounds name the last day of each bucket."""
    frame = invoices(
        *(
            {"due_date": datetime(2026, 6, 30) - timedelta(days), "amount_due": days + 1.0}  # noqa: DTZ001
            for days in (0, 15, 16, 45, 46)
        )
    )
    report = rf.reports.ar_aging(frame, AS_OF, bounds=(15, 45))
    assert report.iloc[0, 4:].to_dict() == {
        "current": 1.0,
        "days_1_15": 16.0,
        "days_16_45": 63.0,
        "days_46_plus": 47.0,
        "no_due_date": 0.0,
        "total": 127.0,
        "documents": 5,
    }
    buckets = ["days_46_plus", "days_16_45", "days_16_45", "days_1_15", "current"]
    assert rf.reports.open_items(frame, AS_OF, bounds=[15, 45])["bucket"].tolist() == buckets


def test_no_bounds_at_all() -> None:
    """Without bounds there is what is current and what is past due."""
    report = rf.reports.ar_aging(invoices({"due_date": "2020-01-01"}), AS_OF, bounds=())
    assert report.columns[4:7].tolist() == ["current", "days_1_plus", "no_due_date"]
    assert sums(report) == [{"days_1_plus": 100.0, "total": 100.0}]


def test_bounds_of_other_kinds() -> None:
    """Bounds may be a list, a range, an array or a generator, of Python's integers or numpy's."""
    frame = invoices({"due_date": "2026-06-10"})
    several: list[Any] = [[15, 30], range(15, 31, 15), np.array([15, 30]), map(np.int32, (15, 30))]
    for bounds in several:
        report = rf.reports.ar_aging(frame, AS_OF, bounds=bounds)
        assert report.columns[4:8].tolist() == ["current", "days_1_15", "days_16_30", "days_31_plus"]
        assert sums(report) == [{"days_16_30": 100.0, "total": 100.0}]


@pytest.mark.parametrize(
    ("bounds", "why"),
    [
        ((30.5, 60), "bounds=(30.5, 60) is not valid (expected {days}): 30.5 is not a whole number"),
        ((30, float("nan")), "bounds=(30, nan) is not valid (expected {days}): nan is not a whole number"),
        (("30",), "bounds=('30',) is not valid (expected {days}): '30' is not a whole number"),
        ((True, 60), "bounds=(True, 60) is not valid (expected {days}): True is not a whole number"),
        ((None,), "bounds=(None,) is not valid (expected {days}): None is not a whole number"),
        (
            (30, 10**9),
            "bounds=(30, 1000000000) is not valid (expected {days}): 1,000,000,000 days are more than 40,000",
        ),
        (30, "bounds=30 is not valid (expected {days}): pass a single one as (30,)"),
        ("30, 60", "bounds='30, 60' is not valid (expected {days}): pass a single one as (30,)"),
        (None, "bounds=None is not valid (expected {days}): pass a single one as (30,)"),
    ],
)
def test_bounds_that_are_not_whole_days(bounds: Any, why: str) -> None:
    """Bounds that are not whole days are refused by every report that takes them."""
    wanted = why.format(days="increasing whole numbers of days, such as (30, 60, 90)")
    aging = rf.reports.ar_aging(invoices({}), AS_OF)
    with pytest.raises(ValueError, match="bounds=") as caught:
        rf.reports.ar_aging(invoices({}), AS_OF, bounds=bounds)
    assert str(caught.value) == wanted
    with pytest.raises(ValueError, match="bounds=") as caught:
        rf.reports.open_items(invoices({}), AS_OF, bounds=bounds)
    assert str(caught.value) == wanted
    if bounds is not None:
        with pytest.raises(ValueError, match="bounds=") as caught:
            rf.reports.explain(aging, invoices({}), bounds=bounds)
        assert str(caught.value) == wanted


def test_bounds_before_the_first_year() -> None:
    """Bounds that reach back before the year 1 change nothing: no document is older."""
    report = rf.reports.ar_aging(invoices({"due_date": "0001-01-01"}), "0050-01-01", bounds=(30, 40_000))
    assert sums(report) == [{"days_31_40000": 100.0, "total": 100.0}]


@pytest.mark.parametrize("bounds", [(60, 30), (30, 30), (0, 30), (-1,)])
def test_bounds_that_do_not_increase(bounds: Sequence[int]) -> None:
    """Bounds that do not increase from 1 on are an error that shows them."""
    message = rf"bounds=\({', '.join(map(str, bounds))},?\) is not valid \(expected increasing whole numbers"
    for report in (rf.reports.ar_aging, rf.reports.open_items):
        with pytest.raises(ValueError, match=message):
            report(invoices({}), AS_OF, bounds=bounds)


@pytest.mark.parametrize("empty", [invoices({}).head(0), invoices({"status": "paid"})])
def test_nothing_open(empty: pd.DataFrame) -> None:
    """A report of no documents has the same columns and dtypes as any other."""
    for report in (rf.reports.ar_aging, rf.reports.open_items):
        nothing, something = report(empty, AS_OF), report(invoices({}), AS_OF)
        assert len(nothing) == 0
        assert nothing.dtypes.to_dict() == something.dtypes.to_dict()
        assert nothing.columns.tolist() == something.columns.tolist()


def test_other_columns_of_the_documents() -> None:
    """Columns that an aging does not need change nothing; a list of open items keeps them."""
    frame = invoices({}).assign(total="a text", documents=pd.Series([[1, 2]], dtype=object), _bucket=7)
    assert sums(rf.reports.ar_aging(frame, AS_OF)) == [{"current": 100.0, "total": 100.0}]
    items = rf.reports.open_items(frame, AS_OF)
    assert items.columns.tolist() == [*frame.columns, "days_past_due", "bucket"]
    assert items.loc[0, ["total", "documents", "_bucket"]].tolist() == ["a text", [1, 2], 7]


def test_columns_with_underscores_stay() -> None:
    """Columns named like those that reports work with are the documents' own, and stay as they are."""
    documents = invoices({"id": "a"}, {"id": "b"}).assign(_open=["x", "y"], _due=[1, 2], _ticks=[3, 4])
    items = rf.reports.open_items(documents, AS_OF)
    assert items[["_open", "_due", "_ticks"]].to_numpy().tolist() == [["x", 1, 3], ["y", 2, 4]]
    assert rf.reports.tie_out(items, documents)["ok"].all()


def test_open_items_of_open_items() -> None:
    """A list of open items can be listed again, as of another day."""
    items = rf.reports.open_items(invoices({}), AS_OF)
    again = rf.reports.open_items(items, "2026-07-31")
    assert again.columns.tolist() == items.columns.tolist()
    assert again[["days_past_due", "bucket"]].to_numpy().tolist() == [[31, "days_31_60"]]


def test_open_items_have_a_total_order() -> None:
    """Open items stand by currency, due date and id, with what is missing last."""
    frame = invoices(
        {"id": "e", "due_date": None},
        {"id": "d", "currency": None},
        {"id": "c"},
        {"id": "b"},
        {"id": "a", "due_date": "2026-07-01"},
        {"id": "f", "currency": "EUR"},
    )
    assert rf.reports.open_items(frame, AS_OF)["id"].tolist() == ["f", "b", "c", "a", "e", "d"]


@pytest.mark.parametrize("by", ["id", "status", "currency", "due_date"])
def test_an_aging_by_any_column(by: str) -> None:
    """An aging can have a row for each value of any column."""
    report = rf.reports.ar_aging(invoices({}), AS_OF, by=by)
    assert report[by].astype(str).tolist() == [invoices({})[by].astype(str).item()]
    assert report["total"].tolist() == [100.0]
    assert report.attrs["by"] == by


@pytest.mark.parametrize(
    "as_of",
    [
        date(2026, 6, 30),
        datetime(2026, 6, 30, 23, 59, tzinfo=UTC),
        datetime(2026, 6, 30, 23, 59),  # noqa: DTZ001 - what people pass
        pd.Timestamp("2026-06-30 12:00"),
        pd.Timestamp("2026-06-30 23:00", tz="America/New_York"),
        "2026-06-30",
        np.datetime64("2026-06-30T12:00"),
        "2026-06-30T08:00:00+02:00",
    ],
)
def test_days_of_every_kind(as_of: Any) -> None:
    """The as-of day is a date, a datetime, a Timestamp or ISO text; only its calendar day counts."""
    report = rf.reports.ar_aging(invoices({}, {"due_date": "2026-06-29"}), as_of)
    assert sums(report) == [{"current": 100.0, "days_1_30": 100.0, "total": 200.0}]
    assert report.attrs["as_of"] == "2026-06-30"


@pytest.mark.parametrize(
    "as_of",
    [
        "today",
        "30/06/2026",
        "05/06/2026",
        "20260630",
        "2026-6-30",
        "2026-02-30",
        "",
        20260630,
        1782777600.0,
        True,
        None,
        pd.NaT,
        np.datetime64("NaT", "us"),
        pd.Period("2026-06"),
    ],
)
def test_as_of_that_is_not_a_date(as_of: Any) -> None:
    """An as-of date that is not valid is an error that shows it and what is expected."""
    for report in (rf.reports.ar_aging, rf.reports.open_items):
        with pytest.raises(ValueError, match="is not a valid date") as caught:
            report(invoices({}), as_of)
        assert str(caught.value) == (
            f"as_of={as_of!r} is not a valid date (expected YYYY-MM-DD): pass a date, a datetime or ISO text"
        )


@pytest.mark.parametrize(
    ("due", "zone", "days"),
    [
        ("2026-06-30 23:59", "UTC", 0),
        ("2026-06-30 00:00", "+02:00", 0),
        ("2026-06-30 00:30", "Europe/Berlin", 0),
        ("2026-06-29 23:30", "America/New_York", 1),
        ("2026-06-30 19:30", "America/New_York", 0),
        ("2026-05-31 01:00", "Europe/Berlin", 30),
        ("2026-05-30 23:00", "Europe/Berlin", 31),
    ],
)
def test_due_dates_with_a_zone(due: str, zone: str, days: int) -> None:
    """A due date with a zone is the calendar date of that zone."""
    frame = invoices({}).assign(due_date=pd.to_datetime([due]).tz_localize(zone))
    items = rf.reports.open_items(frame, AS_OF)
    assert items["days_past_due"].tolist() == [days]
    bucket = "current" if days == 0 else "days_1_30" if days < 31 else "days_31_60"
    assert items["bucket"].tolist() == [bucket]
    assert sums(rf.reports.ar_aging(frame, AS_OF)) == [{bucket: 100.0, "total": 100.0}]


def test_due_dates_as_objects() -> None:
    """Due dates may be a column of Python dates."""
    frame = invoices({}).assign(due_date=pd.Series([date(2026, 6, 1)], dtype=object))
    assert sums(rf.reports.ar_aging(frame, AS_OF)) == [{"days_1_30": 100.0, "total": 100.0}]


def test_bills_passed_as_invoices() -> None:
    """Bills passed to the receivables are an error that names them and lists what was there."""
    bills = invoices({}).rename(columns={"customer_id": "vendor_id"})
    with pytest.raises(ValueError, match="invoices has no column 'customer_id'") as caught:
        rf.reports.ar_aging(bills, AS_OF)
    assert str(caught.value) == (
        "invoices has no column 'customer_id'; its columns are id, vendor_id, status, amount_due, currency, "
        "due_date. It looks like bills (ap_aging takes those)."
    )


def test_a_column_that_invoices_do_not_have() -> None:
    """Invoices that lack the column of `by`, and an aging passed as invoices, are not called invoices."""
    with pytest.raises(ValueError, match=r"invoices has no column 'region'; .* due_date\.$"):
        rf.reports.ar_aging(invoices({}), AS_OF, by="region")
    with pytest.raises(ValueError, match=r"invoices has no column 'status', .* documents\.$"):
        rf.reports.ar_aging(rf.reports.ar_aging(invoices({}), AS_OF), AS_OF)


def test_orders_passed_as_bills() -> None:
    """Orders passed to the payables are an error that names them and lists what is missing."""
    orders = pd.DataFrame({"id": ["o"], "customer_id": ["c"], "total_price": [1.0], "currency": ["USD"]})
    with pytest.raises(ValueError, match="bills has no column") as caught:
        rf.reports.ap_aging(orders, AS_OF)
    assert str(caught.value) == (
        "bills has no column 'status', 'amount_due', 'due_date', 'vendor_id'; its columns are id, "
        "customer_id, total_price, currency. It looks like orders (revenue_by_product takes those)."
    )


@pytest.mark.parametrize("report", [rf.reports.ar_aging, rf.reports.ap_aging, rf.reports.open_items])
def test_a_list_is_refused(report: Any) -> None:
    """A list instead of a frame is an error that says what can be passed."""
    with pytest.raises(TypeError, match=r"must be a DataFrame \(pandas, Polars, .*\), not list$"):
        report([{"id": "i"}], AS_OF)


@pytest.mark.parametrize("report", [rf.reports.ar_aging, rf.reports.ap_aging])
def test_more_than_can_be_counted(report: Any) -> None:
    """Amounts that 64-bit ticks cannot hold are an error, also where they cancel out."""
    frame = invoices({"amount_due": 5e14}, {"amount_due": -5e14}).assign(vendor_id="v")
    with pytest.raises(OverflowError) as caught:
        report(frame, AS_OF)
    assert str(caught.value) == (
        "amount_due: absolute amounts of 1,000,000,000,000,000 are more than 461,168,601,842,739"
    )


def test_ten_million_amounts() -> None:
    """The sum of ten million amounts is the sum of their cents, exactly."""
    count = 10_000_000
    cents = np.random.default_rng(7).integers(-1_000_000, 100_000_000, count)
    customers, age = np.arange(count) % 7, np.arange(count) % 150
    due = np.datetime64("2026-06-30") - age.astype("timedelta64[D]")
    frame = pd.DataFrame(
        {
            "customer_id": customers,
            "status": pd.Categorical.from_codes(np.zeros(count, np.int8), categories=pd.Index(["open"])),
            "amount_due": cents / 100,
            "currency": pd.Categorical.from_codes(np.zeros(count, np.int8), categories=pd.Index(["USD"])),
            "due_date": due.astype("datetime64[us]"),
        }
    )
    report = rf.reports.ar_aging(frame, AS_OF)
    # Sums of up to 2 ** 53 are exact in floats, too.
    expected = np.bincount(customers, weights=cents).astype(np.int64).tolist()
    assert [round(total * 100) for total in report.sort_values("customer_id")["total"]] == expected
    assert round(report["days_31_60"].sum() * 100) == int(cents[(age > 30) & (age < 61)].sum())
    assert report["documents"].sum() == int((cents != 0).sum())


def slowly(documents: list[dict[str, Any]], as_of: date, bounds: Sequence[int]) -> dict[Any, dict[str, Any]]:
    """Age documents one at a time, in Decimal."""
    names = ["current"]
    for first, last in zip([1, *(bound + 1 for bound in bounds)], [*bounds, None], strict=True):
        names.append(f"days_{first}_{'plus' if last is None else last}")
    names += ["no_due_date", "total"]
    rows: dict[Any, dict[str, Any]] = {}
    for document in documents:
        closed = document["status"] in {"draft", "paid", "void", "voided", "pending_approval", "rejected"}
        half = {"USD": Decimal("0.005"), "JPY": Decimal("0.5"), "KWD": Decimal("0.0005")}[
            document["currency"]
        ]
        if closed or (document["amount_due"] is not None and abs(document["amount_due"]) < half):
            continue
        key = (document["customer_id"], document["currency"])
        row = rows.setdefault(key, {**dict.fromkeys(names, Decimal(0)), "documents": 0})
        amount = document["amount_due"] or Decimal(0)
        amount = amount.quantize(Decimal("0.0001"), rounding=ROUND_HALF_EVEN)
        due = document["due_date"]
        if due is None:
            bucket = "no_due_date"
        elif (as_of - due).days <= 0:
            bucket = "current"
        else:
            passed = sum((as_of - due).days > bound for bound in bounds)
            bucket = names[passed + 1]
        row[bucket] += amount
        row["total"] += amount
        row["documents"] += 1
    return rows


DAY = date(2024, 3, 1)
DOCUMENTS = st.lists(
    st.fixed_dictionaries(
        {
            "customer_id": st.sampled_from(["a", "b", "c", None]),
            "status": st.sampled_from(["open", "partially_paid", "odd", None, "paid", "voided", "draft"]),
            "amount_due": st.none()
            | st.decimals("-1000000", "1000000", places=4)
            | st.decimals("-1", "1", places=4),
            "currency": st.sampled_from(["USD", "JPY", "KWD"]),
            "due_date": st.none()
            | st.sampled_from([0, 1, 15, 16, 29, 30, 31, 60, 61, 90, 91, 365, 366, 800, -1, -40]).map(
                lambda days: DAY - timedelta(days)
            ),
        }
    ),
    max_size=12,
)


@given(DOCUMENTS, st.sampled_from([(30, 60, 90), (15, 45), (1,), ()]))
def test_agrees_with_an_aging_in_decimal(documents: list[dict[str, Any]], bounds: Sequence[int]) -> None:
    """An aging of any documents equals the one that is computed row by row in Decimal, to the last digit."""
    columns = ["customer_id", "status", "amount_due", "currency", "due_date"]
    frame = pd.DataFrame(documents, columns=columns).astype(
        {
            "customer_id": "str",
            "status": "str",
            "amount_due": "float64",
            "currency": "str",
            "due_date": "datetime64[us]",
        }
    )
    report = rf.reports.ar_aging(frame, DAY, bounds=bounds)
    wanted = slowly(documents, DAY, bounds)
    got = {
        (None if pd.isna(row["customer_id"]) else row["customer_id"], row["currency"]): {
            str(name): value for name, value in row.items() if name not in KEYS
        }
        for row in report.to_dict("records")
    }
    assert got == {key: {name: float(value) for name, value in row.items()} for key, row in wanted.items()}
    assert list(got) == sorted(
        wanted, key=lambda key: (key[1], -wanted[key]["total"], key[0] is None, key[0] or "")
    )
