"""``frame.rf``: what can be done with a report, from the frame itself."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import rutterframe as rf

INVOICES = pd.DataFrame(
    {
        "id": ["i1", "i2", "i3"],
        "customer_id": ["a", "a", "b"],
        "currency": ["EUR", "EUR", "USD"],
        "status": ["open", "open", "open"],
        "amount_due": [10.0, 20.0, 5.0],
        "due_date": pd.to_datetime(["2026-05-20", "2026-06-20", "2026-06-20"]),
    }
)


@pytest.fixture
def books() -> rf.Books:
    """Books of three invoices."""
    return rf.Books({"invoices": INVOICES}, "2026-06-30")


def test_a_report_of_books_needs_nothing(books: rf.Books, tmp_path: Path) -> None:
    """Table, chart, documents and workbook of a report of books need no argument."""
    aging = books.ar_aging()
    assert "Receivables aging" in aging.rf.table().as_raw_html()
    assert aging.rf.chart().data
    assert aging.rf.explain()["id"].tolist() == ["i1", "i2", "i3"]
    assert aging.rf.explain(bucket="31–60 days")["id"].tolist() == ["i1"]
    assert aging.tail(1).rf.explain()["id"].tolist() == ["i3"]
    aging.rf.to_excel(tmp_path / "aging.xlsx")
    assert "Receivables aging" in openpyxl.load_workbook(tmp_path / "aging.xlsx").sheetnames


def test_after_a_merge(books: rf.Books) -> None:
    """A merged report has lost its documents and its day: the errors name the arguments to pass."""
    merged = books.ar_aging().merge(pd.DataFrame({"customer_id": ["a"], "region": ["North"]}))
    with pytest.raises(ValueError, match="does not know its documents: only a report of Books does"):
        merged.rf.explain()
    with pytest.raises(ValueError, match="pass as_of= of the aging"):
        merged.rf.explain(INVOICES)
    assert merged.rf.explain(INVOICES, as_of="2026-06-30")["id"].tolist() == ["i1", "i2"]
    assert "North" in merged.rf.table().as_raw_html()


def test_from_a_file(books: rf.Books, tmp_path: Path) -> None:
    """A report that was read from a file is recognised by its columns."""
    books.ar_aging().to_csv(tmp_path / "aging.csv", index=False)
    read = pd.read_csv(tmp_path / "aging.csv")
    documents = read.rf.explain(INVOICES, bucket="1–30 days", as_of="2026-06-30")
    assert documents["id"].tolist() == ["i2", "i3"]
    assert read.rf.chart().data
    browser = read.rf.browse(INVOICES, as_of="2026-06-30")
    browser.selected = (0, "days_1_30")
    assert browser.documents["id"].tolist() == ["i2"]
    assert "as_of" not in read.attrs


def test_what_is_not_a_report(books: rf.Books) -> None:
    """A frame that is not a report, lost a column or has no rows is an error that says so."""
    with pytest.raises(
        ValueError, match=r"the frame is not a report .*Compute a report of it first, such as rf"
    ):
        INVOICES.rf.table()
    with pytest.raises(ValueError, match="the frame is not a report"):
        INVOICES.rf.browse()
    with pytest.raises(ValueError, match="the report of ar_aging has lost its column 'total'"):
        books.ar_aging().drop(columns="total").rf.explain()
    with pytest.raises(ValueError, match="the report has no rows to explain"):
        books.ar_aging().head(0).rf.explain()
    with pytest.raises(
        ValueError,
        match=r"ar_aging does not know its documents.*report\.rf\.browse\(invoices, as_of='2026-06-30'\)",
    ):
        rf.reports.ar_aging(INVOICES, "2026-06-30").rf.browse()
