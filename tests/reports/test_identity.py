"""An id means something only within its connection, in agings, open items and what explains them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import polars as pl
import pytest

import rutterframe as rf
from rutterframe.reports.open_items import filter_open

AS_OF = "2026-06-30"
Engine = Callable[[pd.DataFrame], Any]
Rows = Callable[[Any], list[dict[str, Any]]]

TEXT = ("connection_id", "id", "customer_id", "status", "currency")


def invoices(*lines: tuple[str | None, str, str | None, float | None, str | None]) -> pd.DataFrame:
    """Build open invoices, due on AS_OF: connection, id, customer, amount due, currency."""
    names = ["connection_id", "id", "customer_id", "amount_due", "currency"]
    frame = pd.DataFrame(lines, columns=names).assign(status="open", due_date=pd.Timestamp(AS_OF))
    return frame.astype({**dict.fromkeys(TEXT, "str"), "amount_due": "float64", "due_date": "datetime64[us]"})


#: Customer 1 of two companies; and three documents more of one of them.
TWO = invoices(
    ("acme", "1", "1", 100.0, "USD"),
    ("beta", "1", "1", 100.0, "USD"),
    ("beta", "2", "2", 30.0, "USD"),
    ("beta", "3", "2", 7.0, "EUR"),
    ("beta", "4", None, 5.0, "USD"),
)
#: Zed Hardware is a customer of both; a name is listed twice, and one owes nothing.
CUSTOMERS = pd.DataFrame(
    {
        "connection_id": ["acme", "beta", "beta", "beta", "acme"],
        "id": ["1", "1", "2", "2", "2"],
        "name": ["Zed Hardware", "Anna's Cafe", "Zed Hardware", "Zed Hardware", "Owes Nothing"],
    }
)


def values_of(report: Any, rows: Rows, *names: str) -> list[tuple[Any, ...]]:
    """Return some columns of a report of any engine."""
    return [tuple(row[name] for name in names) for row in rows(report)]


def test_one_id_of_two_connections(engine: Engine, rows: Rows) -> None:
    """Customer 1 of two companies is two customers, each with its own name."""
    for customers in (CUSTOMERS, engine(CUSTOMERS)):
        report = rf.reports.ar_aging(engine(TWO), AS_OF, customers=customers)
        columns = ("connection_id", "customer_id", "customer_name", "currency", "total", "documents")
        assert values_of(report, rows, *columns) == [
            ("beta", "2", "Zed Hardware", "EUR", 7.0, 1),
            ("acme", "1", "Zed Hardware", "USD", 100.0, 1),
            ("beta", "1", "Anna's Cafe", "USD", 100.0, 1),
            ("beta", "2", "Zed Hardware", "USD", 30.0, 1),
            ("beta", None, None, "USD", 5.0, 1),
        ]
        assert list(rows(report)[0])[:4] == list(columns[:4])


def test_names_of_vendors(engine: Engine, rows: Rows) -> None:
    """Payables have their vendors' names, and no more rows where a vendor is listed twice."""
    bills = TWO.rename(columns={"customer_id": "vendor_id"})
    report = rf.reports.ap_aging(engine(bills), AS_OF, vendors=CUSTOMERS)
    assert values_of(report, rows, "vendor_name", "total") == [
        ("Zed Hardware", 7.0),
        ("Zed Hardware", 100.0),
        ("Anna's Cafe", 100.0),
        ("Zed Hardware", 30.0),
        (None, 5.0),
    ]


def test_names_for_a_report_without_rows() -> None:
    """Where no one owes anything, customers of several connections are accepted."""
    nothing = TWO.assign(amount_due=0.0)
    assert rf.reports.ar_aging(nothing, AS_OF, customers=CUSTOMERS).empty
    assert rf.reports.ar_aging(TWO.head(0), AS_OF, customers=CUSTOMERS).empty


def test_by_name_connections_are_merged(engine: Engine, rows: Rows) -> None:
    """By a name, which means the same everywhere, the customers of two connections are one."""
    report = rf.reports.ar_aging(engine(TWO), AS_OF, customers=CUSTOMERS, by="customer_name")
    assert values_of(report, rows, "customer_name", "currency", "total", "documents") == [
        ("Zed Hardware", "EUR", 7.0, 1),
        ("Zed Hardware", "USD", 130.0, 2),
        ("Anna's Cafe", "USD", 100.0, 1),
        (None, "USD", 5.0, 1),
    ]
    assert list(rows(report)[0])[:2] == ["customer_name", "currency"]


def test_by_name_needs_names() -> None:
    """Without customers there are no names: the error has the argument to pass."""
    with pytest.raises(
        ValueError, match="by='customer_name' needs customers=, a frame with connection_id, id"
    ):
        rf.reports.ar_aging(TWO, AS_OF, by="customer_name")
    with pytest.raises(ValueError, match="by='vendor_name' needs vendors="):
        rf.reports.ap_aging(TWO.rename(columns={"customer_id": "vendor_id"}), AS_OF, by="vendor_name")
    own = rf.reports.ar_aging(TWO.assign(customer_name="x"), AS_OF, by="customer_name")
    assert own["total"].tolist() == [7.0, 235.0]


@pytest.mark.parametrize(
    ("by", "columns", "totals"),
    [
        ("id", ["connection_id", "id", "currency"], [7.0, 100.0, 100.0, 30.0, 5.0]),
        ("connection_id", ["connection_id", "currency"], [7.0, 135.0, 100.0]),
        (
            ["connection_id", "customer_id"],
            ["connection_id", "customer_id", "customer_name", "currency"],
            [7.0, 100.0, 100.0, 30.0, 5.0],
        ),
        (
            ("status", "customer_id"),
            ["connection_id", "status", "customer_id", "customer_name", "currency"],
            [7.0, 100.0, 100.0, 30.0, 5.0],
        ),
        (["currency", "status"], ["currency", "status"], [7.0, 235.0]),
        ("business", ["business", "currency"], [7.0, 235.0]),
        (
            ["business", "customer_id"],
            ["connection_id", "business", "customer_id", "customer_name", "currency"],
            [7.0, 100.0, 100.0, 30.0, 5.0],
        ),
    ],
)
def test_by_one_column_or_several(
    engine: Engine, rows: Rows, by: Any, columns: list[str], totals: list[float]
) -> None:
    """Wherever an id is a key the connection is one, and nowhere else."""
    report = rf.reports.ar_aging(engine(TWO.assign(business="Both")), AS_OF, by=by)
    assert list(rows(report)[0])[: len(columns)] == columns
    assert [row["total"] for row in rows(report)] == totals


@pytest.mark.parametrize(
    ("by", "error", "message"),
    [
        ("total", ValueError, "by='total' is the name of a column of the aging: rename it first"),
        (["status", "documents"], ValueError, "by='documents' is the name of a column of the aging"),
        (["status", "status"], ValueError, r"by=\['status', 'status'\] names 'status' twice"),
        ([], ValueError, r"by=\[\] is not valid \(expected at least one column"),
        (5, TypeError, r"by=5 is not valid \(expected the name of a column, or a list of names\)"),
        (
            ["status", 5],
            TypeError,
            r"by=\['status', 5\] is not valid \(expected the name of a column, or a list of names\)",
        ),
        ("region", ValueError, "invoices has no column 'region'; its columns are connection_id, id"),
        (["status", "business"], ValueError, "invoices has no column 'business'"),
    ],
)
def test_by_invalid_keys(by: Any, error: type[Exception], message: str) -> None:
    """Names that clash, repeat or are missing in the frame are refused."""
    with pytest.raises(error, match=message):
        rf.reports.ar_aging(TWO, AS_OF, by=by)


def test_a_frame_without_connections_is_one(engine: Engine, rows: Rows) -> None:
    """Documents without a connection have their names where the customers are of one connection too."""
    one = TWO[TWO["connection_id"] == "beta"].drop(columns="connection_id")
    customers = CUSTOMERS[CUSTOMERS["connection_id"] == "beta"]
    for people in (customers, customers.drop(columns="connection_id")):
        report = rf.reports.ar_aging(engine(one), AS_OF, customers=people)
        assert values_of(report, rows, "connection_id", "customer_name") == [
            (None, "Zed Hardware"),
            (None, "Anna's Cafe"),
            (None, "Zed Hardware"),
            (None, None),
        ]
    with pytest.raises(ValueError, match="documents have no 'connection_id', and customers are of several"):
        rf.reports.ar_aging(one, AS_OF, customers=CUSTOMERS)
    with pytest.raises(ValueError, match="customers has no column 'connection_id', and the documents are of"):
        rf.reports.ar_aging(TWO, AS_OF, customers=customers.drop(columns="connection_id"))
    with pytest.raises(ValueError, match="customers has no column 'name'; its columns are connection_id, id"):
        rf.reports.ar_aging(TWO, AS_OF, customers=customers.drop(columns="name"))
    with pytest.raises(TypeError, match="customers must be a DataFrame"):
        rf.reports.ar_aging(TWO, AS_OF, customers={"1": "Zed"})


def test_open_items_of_two_connections(engine: Engine, rows: Rows) -> None:
    """Open items of one due date stand by connection, then by id."""
    items = rf.reports.open_items(engine(TWO.iloc[::-1]), AS_OF)
    assert values_of(items, rows, "currency", "connection_id", "id") == [
        ("EUR", "beta", "3"),
        ("USD", "acme", "1"),
        ("USD", "beta", "1"),
        ("USD", "beta", "2"),
        ("USD", "beta", "4"),
    ]


def test_an_aging_by_another_date() -> None:
    """Documents can be aged by any of their dates, and each cell is explained by the same."""
    frame = TWO.assign(issued=pd.Timestamp("2026-05-01"))
    report = rf.reports.ar_aging(frame, AS_OF, age_by="issued")
    assert report["days_31_60"].tolist() == [7.0, 100.0, 100.0, 30.0, 5.0]
    assert report.attrs["age_by"] == "issued"
    behind = rf.reports.explain(report.iloc[[2]], frame, bucket="days_31_60")
    assert behind[["connection_id", "id", "days_past_due"]].to_numpy().tolist() == [["beta", "1", 60]]
    with pytest.raises(ValueError, match="invoices has no column 'paid_on'"):
        rf.reports.ar_aging(frame, AS_OF, age_by="paid_on")
    with pytest.raises(ValueError, match="invoices: column 'amount_due' holds numbers"):
        rf.reports.ar_aging(frame, AS_OF, age_by="amount_due")


@pytest.mark.parametrize(
    ("currency", "amount", "is_open"),
    [
        ("USD", 4.5e-13, False),
        ("USD", -0.0049, False),
        ("USD", 0.005, True),
        ("USD", -0.01, True),
        ("JPY", 0.49, False),
        ("jpy", 0.49, False),
        ("JPY", 0.5, True),
        ("KWD", 0.0004, False),
        ("KWD", 0.0005, True),
        ("CLF", 0.00004, False),
        ("CLF", 0.00005, True),
        (None, 0.0049, False),
        (None, 0.005, True),
    ],
)
def test_less_than_half_a_unit_is_settled(
    engine: Engine, rows: Rows, currency: str | None, amount: float, is_open: bool
) -> None:
    """A document of less than half its currency's smallest unit is settled: in no list, noted."""
    frame = pd.concat([TWO.tail(1), invoices(("beta", "9", "9", amount, currency))], ignore_index=True)
    assert len(rows(rf.reports.open_items(engine(frame), AS_OF))) == 1 + is_open
    assert sum(row["documents"] for row in rows(rf.reports.ar_aging(engine(frame), AS_OF))) == 1 + is_open
    assert len(rows(filter_open(engine(frame)))) == 1 + is_open
    note = "Open documents of less than half their currency's smallest unit, taken as settled: 1 (9)."
    for report in (rf.reports.open_items, rf.reports.ar_aging):
        assert (note in report(frame, AS_OF).attrs["notes"]) is not is_open


def test_a_settled_document_is_in_no_forecast() -> None:
    """A settled document brings no cash: a forecast leaves it out, and has the note."""
    frame = invoices(("a", "1", "1", 0.004, "USD"), ("a", "2", "1", 5.0, "USD"))
    banks = pd.DataFrame({"currency": ["USD"], "balance": [1.0]})
    bills = frame.head(0).rename(columns={"customer_id": "vendor_id"})
    forecast = rf.reports.cash_forecast(banks, frame, bills, AS_OF, weeks=1)
    assert forecast[["receipts", "closing"]].to_numpy().tolist() == [[5.0, 6.0]]
    settled = "Open documents of less than half their currency's smallest unit, taken as settled: 1 (1)."
    assert f"Receivables: {settled}" in forecast.attrs["notes"]


def test_zero_and_closed_documents_are_not_settled() -> None:
    """Closed documents and those with nothing due are left out without a note."""
    frame = invoices(("a", "1", "1", 0.0, "USD"), ("a", "2", "1", 0.001, "USD"))
    frame.loc[1, "status"] = "draft"
    assert len(rf.reports.ar_aging(frame, AS_OF)) == 0
    assert rf.reports.ar_aging(frame, AS_OF).attrs["notes"][1:] == []


def test_missing_amounts_are_open(engine: Engine, rows: Rows) -> None:
    """A document without an amount, null or NaN, is open at nothing, on every engine."""
    frame = invoices(("a", "1", "1", None, "USD"), ("a", "2", "1", 5.0, "USD"))
    assert values_of(rf.reports.ar_aging(engine(frame), AS_OF), rows, "total", "documents") == [(5.0, 2)]
    nans = pl.DataFrame(frame.drop(columns="amount_due").to_dict("list")).with_columns(
        amount_due=pl.Series([float("nan"), 5.0])
    )
    for native in (nans, nans.lazy(), nans.to_arrow()):
        assert values_of(rf.reports.ar_aging(native, AS_OF), rows, "total", "documents") == [(5.0, 2)]


def test_empty_keys_are_missing_ones(engine: Engine, rows: Rows) -> None:
    """A customer or currency that is empty text and a missing one are one row, which is noted."""
    frame = invoices(
        ("a", "1", "", 3.0, "USD"),
        ("a", "2", None, 5.0, "USD"),
        ("a", "3", "x", 1.0, ""),
        ("a", "4", "x", 2.0, None),
        ("a", "5", "x", 4.0, "  "),
    )
    report = rf.reports.ar_aging(engine(frame), AS_OF)
    assert values_of(report, rows, "customer_id", "currency", "total", "documents") == [
        (None, "USD", 8.0, 2),
        ("x", None, 7.0, 3),
    ]
    report = rf.reports.ar_aging(frame, AS_OF)
    assert report.attrs["notes"][1:] == [
        "Documents with empty text as customer_id, taken as missing: 1.",
        "Documents with empty text as currency, taken as missing: 2.",
    ]
    behind = [rf.reports.explain(report.iloc[[place]], frame) for place in range(2)]
    assert [sorted(items["id"]) for items in behind] == [["1", "2"], ["3", "4", "5"]]


def test_amounts_as_text_are_refused(engine: Engine) -> None:
    """An amount that is text is refused on every engine."""
    frame = TWO.assign(amount_due="0.00")
    for report in (rf.reports.ar_aging, rf.reports.open_items):
        with pytest.raises(ValueError, match="amount_due"):
            report(engine(frame), AS_OF)


def test_a_subset_of_a_load_is_noted() -> None:
    """A report of some of the loaded rows has a note with their number; one of all rows has none."""
    frame = TWO.copy()
    frame.attrs["receipt"] = {"resource": "invoices", "rows": 5}
    note = "invoices: 3 of the 5 rows loaded."
    for report in (rf.reports.ar_aging, rf.reports.open_items):
        assert note in report(frame.head(3), AS_OF).attrs["notes"]
        assert note not in report(frame, AS_OF).attrs["notes"]
    whole = rf.reports.ar_aging(frame, AS_OF)
    assert not any("rows" in note for note in rf.reports.explain(whole.iloc[[0]], frame).attrs["notes"])
    customers = CUSTOMERS.copy()
    customers.attrs["receipt"] = {"resource": "customers", "rows": 5}
    assert (
        "customers: 1 of the 5 rows loaded."
        in (rf.reports.ar_aging(frame, AS_OF, customers=customers.head(1)).attrs["notes"])
    )
