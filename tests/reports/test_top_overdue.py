"""The largest overdue documents: literals on every engine, names, credits, and the total of all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.reports.caption import total_labels
from rutterframe.reports.top_overdue import top_overdue

AS_OF = "2026-06-30"
Engine = Callable[[pd.DataFrame], Any]
Rows = Callable[[Any], list[dict[str, Any]]]


def documents(*rows: tuple[Any, ...], party: str = "customer_id") -> pd.DataFrame:
    """Open documents: id, party, currency, due date, amount due."""
    names = ["id", party, "currency", "due_date", "amount_due"]
    frame = pd.DataFrame(rows, columns=names, dtype=object).assign(status="open", connection_id="books")
    frame["due_date"] = pd.to_datetime(frame["due_date"]).astype("datetime64[us]")
    texts = dict.fromkeys(("id", party, "currency", "status", "connection_id"), "str")
    return frame.astype({**texts, "amount_due": "float64"})


INVOICES = documents(
    ("1", "a", "USD", "2026-06-29", 10.0), ("2", "b", "USD", "2026-05-01", 30.0),
    ("3", "a", "USD", "2026-01-01", 60.0), ("4", "a", "USD", "2026-06-30", 99.0),
    ("5", "c", "EUR", "2026-06-01", 5.5), ("6", "a", "USD", "2026-06-01", -7.0),
    ("7", "a", "USD", None, 8.0),
)  # fmt: skip
CUSTOMERS = pd.DataFrame({"connection_id": "books", "id": ["a", "b"], "name": ["Anna", "Ben"]})


def test_the_whole_report(engine: Engine, rows: Rows) -> None:
    """The largest of each currency come first, with their names and shares, on every engine."""
    report = top_overdue(engine(INVOICES), AS_OF, customers=engine(CUSTOMERS), max_rows=2)
    assert type(report) is type(engine(INVOICES))
    names = [
        "connection_id", "id", "customer_id", "customer_name", "currency", "due_date", "days_past_due",
        "bucket", "amount_due", "share",
    ]  # fmt: skip
    expected = [
        ("books", "5", "c", None, "EUR", pd.Timestamp("2026-06-01"), 29, "days_1_30", 5.5, 1.0),
        ("books", "3", "a", "Anna", "USD", pd.Timestamp("2026-01-01"), 180, "days_91_plus", 60.0, 0.6),
        ("books", "2", "b", "Ben", "USD", pd.Timestamp("2026-05-01"), 60, "days_31_60", 30.0, 0.3),
    ]
    assert rows(report) == [dict(zip(names, line, strict=True)) for line in expected]


def test_the_total_is_of_a_part() -> None:
    """The report knows how many there are, so that its total states of how many it is."""
    report = top_overdue(INVOICES, AS_OF, max_rows=2)
    assert report.attrs["rows_by_currency"] == {"EUR": 1, "USD": 3}
    assert total_labels(report) == {"EUR": "Total EUR", "USD": "Total of 2 of 3 USD"}
    assert total_labels(top_overdue(INVOICES, AS_OF, max_rows=None))["USD"] == "Total USD"


def test_credits_and_missing_dates_are_noted() -> None:
    """A credit is not listed, and neither is a document without a due date."""
    assert top_overdue(INVOICES, AS_OF).attrs["notes"][-2:] == [
        "Credits past due, not listed: 1, -7.00 USD.",
        "Open documents without a due date, not among the overdue: 1.",
    ]


def test_more_than_some_days() -> None:
    """With days, only what is later than that is listed, and shares are of that."""
    report = top_overdue(INVOICES, AS_OF, days=60)
    assert report[["id", "share"]].to_numpy().tolist() == [["3", 1.0]]


def test_equal_amounts_have_an_order() -> None:
    """The longest overdue comes first, then connection and id."""
    equal = documents(
        ("b", "x", "USD", "2026-06-01", 5.0), ("a", "x", "USD", "2026-06-01", 5.0),
        ("c", "x", "USD", "2026-05-01", 5.0), ("d", "x", None, "2026-05-01", 5.0),
    )  # fmt: skip
    assert top_overdue(equal, AS_OF)["id"].tolist() == ["c", "a", "b", "d"]


def test_bills_have_vendors() -> None:
    """Bills have the columns of vendors, and no names without the frame of them."""
    bills = documents(("1", "v", "USD", "2026-06-01", 5.0), party="vendor_id")
    assert top_overdue(bills, AS_OF)[["vendor_id", "vendor_name"]].isna().to_numpy().tolist() == [
        [False, True]
    ]
    named = top_overdue(bills, AS_OF, vendors=CUSTOMERS.assign(id=["v", "w"]))
    assert named["vendor_name"].tolist() == ["Anna"]


def test_documents_without_ids_of_parties_or_connections() -> None:
    """A frame without them has none of their columns, and one connection."""
    report = top_overdue(INVOICES.drop(columns=["customer_id", "connection_id"]), AS_OF, max_rows=1)
    assert [name for name in report if "customer" in name] == []
    assert report["connection_id"].isna().all()


def test_columns_of_live_documents() -> None:
    """Their numbers and issue dates are listed as well."""
    live = INVOICES.assign(document_number="INV-1", issue_date=pd.Timestamp("2026-01-01"))
    columns = top_overdue(live, AS_OF).columns.tolist()
    assert columns[:3] == ["connection_id", "id", "document_number"]
    assert columns[5:8] == ["currency", "issue_date", "due_date"]


def test_no_rows() -> None:
    """Nothing overdue has the same columns and dtypes."""
    report, full = top_overdue(INVOICES.head(0), AS_OF), top_overdue(INVOICES, AS_OF)
    assert len(report) == 0
    assert report.dtypes.to_dict() == full.dtypes.to_dict()


def test_a_row_explains_to_its_document() -> None:
    """The document behind a row is the one with its connection and id."""
    report = top_overdue(INVOICES, AS_OF)
    items = rf.reports.explain(report[report["id"] == "2"], INVOICES)
    assert items[["id", "amount_due"]].to_numpy().tolist() == [["2", 30.0]]


def test_it_is_a_part_of_the_open_items(books: Any) -> None:
    """On the demo's books all overdue documents above zero are the open items past due."""
    report = top_overdue(books.bills, AS_OF, max_rows=None)
    items = rf.reports.open_items(books.bills, AS_OF)
    late = items[(items["days_past_due"] > 0) & (items["amount_due"] > 0)]
    assert sorted(report["id"]) == sorted(late["id"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_rows": 0}, "max_rows=0 is not a valid number of rows"),
        ({"max_rows": "3"}, "max_rows='3' is not a valid number of rows"),
        ({"max_rows": True}, "max_rows=True is not a valid number of rows"),
        ({"days": "3"}, "days='3' is not a valid number of days past due"),
        ({"days": -1}, "days=-1 is not a valid number of days past due"),
        ({"vendors": CUSTOMERS}, "vendors are passed, and the documents have no column 'vendor_id' but 'cus"),
    ],
)
def test_what_is_refused(options: dict[str, Any], message: str) -> None:
    """An error says what is not valid."""
    with pytest.raises(ValueError, match=message):
        top_overdue(INVOICES, AS_OF, **options)
    with pytest.raises(
        ValueError, match="customers are passed, and the documents have no column 'customer_id'"
    ):
        top_overdue(INVOICES.drop(columns="customer_id"), AS_OF, customers=CUSTOMERS)
