"""Reports as text."""

from __future__ import annotations

import io
import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from rutterframe.notebook.escape import printable_lines
from rutterframe.reports import ap_aging, ar_aging, cash_forecast, convert
from rutterframe.reports.describe import read_report
from rutterframe.reports.specs import SPECS
from rutterframe.views.layout import lay_out
from rutterframe.views.terminal import FLAGS, Line, lines, terminal_report
from rutterframe.views.text import Style, markdown, show


def bills(*amounts: float, currency: str = "USD") -> pd.DataFrame:
    """Return overdue bills of one vendor each."""
    return pd.DataFrame(
        {
            "id": [str(place) for place in range(len(amounts))],
            "vendor_id": [f"{place}bcdefgh-1111" for place in range(len(amounts))],
            "status": "open",
            "amount_due": amounts,
            "currency": currency,
            "due_date": pd.to_datetime(["2026-06-29"] * len(amounts)),
        }
    )


def written(
    report: pd.DataFrame, *, max_rows: int | None = None, short_ids: bool = False
) -> tuple[list[str], list[Line]]:
    """Return the labels and the rows of a report as text."""
    layout = lay_out(read_report(report, *SPECS), max_rows=max_rows, short_ids=short_ids, flags=FLAGS)
    return [column.label for column in layout.columns], [*lines(layout)]


def draw(report: pd.DataFrame, width: int, names: dict[str, str] | None = None) -> str:
    """Draw a report for a terminal of some width."""
    console = Console(file=io.StringIO(), width=width)
    console.print(terminal_report(report, names, width=width))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_largest_rows() -> None:
    """Of more than a number of rows the largest are shown, the rest is one row, and the total is of all."""
    report = ap_aging(bills(1.0, 4.0, 2.0, 8.0), "2026-06-30")
    _, rows = written(report, max_rows=2, short_ids=True)
    assert [(line.cells[0], line.cells[8], line.is_total) for line in rows] == [
        ("3bcdefgh", "8.00", False),
        ("1bcdefgh", "4.00", False),
        ("All others (2)", "3.00", False),
        ("Total USD", "15.00", True),
    ]


@pytest.mark.parametrize(
    ("max_rows", "last"), [(3, ["4–5", "2026-07-21", "90.00", "–", "(5.00)", "85.00"]), (4, None)]
)
def test_weeks_beyond_the_limit(max_rows: int, last: list[str] | None) -> None:
    """Weeks keep their order; those beyond the limit are one row that opens and closes as they do."""
    banks = pd.DataFrame({"balance": [100.0], "currency": ["USD"]})
    due = bills(10.0, 5.0).assign(due_date=pd.to_datetime(["2026-06-30", "2026-07-30"]))
    invoices = bills().rename(columns={"vendor_id": "customer_id"})
    report = cash_forecast(banks, invoices, due, "2026-06-30", weeks=5)
    _, rows = written(report, max_rows=max_rows)
    assert [line.cells[1] for line in rows[:3]] == ["1", "2", "3"]
    assert rows[-1].cells[4:] == ["–", "(15.00)", ""]
    assert rows[-2].cells[1:] == (last or ["5", "2026-07-28", "90.00", "–", "(5.00)", "85.00"])


def test_currencies_stand_side_by_side() -> None:
    """A converted report has one total, and the original currency beside the new one."""
    euros = ap_aging(bills(10.0, currency="EUR"), "2026-06-30")
    both: pd.DataFrame = pd.concat([euros, ap_aging(bills(1.0), "2026-06-30")], ignore_index=True)
    both.attrs = euros.attrs
    rates = pd.DataFrame({"currency": ["EUR"], "rate": [2.0], "date": pd.to_datetime(["2026-06-30"])})
    labels, rows = written(convert(both, rates, "USD"))
    assert labels[:3] == ["Vendor id", "Currency", "Original currency"]
    assert [(*row.cells[1:3], row.cells[-2]) for row in rows] == [
        ("USD", "EUR", "20.00"),
        ("USD", "USD", "1.00"),
        ("", "", "21.00"),
    ]


def test_markdown_is_only_text() -> None:
    """Nothing that an API sends is read as Markdown, HTML or a code for the terminal."""
    invoices = bills(1.0).rename(columns={"vendor_id": "customer_id"})
    name = "[a](b) *c* `d` <e> &lt; & f\\g|h\x1b\u202e"
    text = markdown(ar_aging(invoices, "2026-06-30"), {invoices["customer_id"][0]: name})
    assert "| \\[a\\](b) \\*c\\* \\`d\\` &lt;e> &amp;lt; & f\\\\g\\|h\\\\x1b\\\\u202e | USD |" in text
    assert "| Customer | Currency |" in text


@pytest.mark.slow
@settings(max_examples=10)
@given(texts=st.lists(st.text(min_size=1), min_size=20, max_size=20))
def test_any_name_is_one_cell(texts: list[str]) -> None:
    """Whatever the names, Markdown has one line and one cell for each, and the terminal one row."""
    invoices = bills(*[1.0] * 20).rename(columns={"vendor_id": "customer_id"})
    report = ar_aging(invoices, "2026-06-30")
    names = dict(zip(invoices["customer_id"], texts, strict=True))
    text, table = markdown(report, names), draw(report, 200, names)
    rows = [line for line in text.split("\n") if line.startswith("|")]
    bars = {len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) for row in rows}
    assert (len(rows), bars) == (23, {11})
    assert len(table.split("\n")) == len(draw(report, 200).split("\n"))
    assert printable_lines(text + table) == text + table


def test_names_are_only_those_of_customers() -> None:
    """A vendor with the id of a customer keeps its id."""
    text = markdown(ap_aging(bills(1.0), "2026-06-30"), {"0bcdefgh-1111": "Somebody else"})
    assert "| 0bcdefgh-1111 | USD |" in text


def test_no_rows() -> None:
    """A report without rows says so."""
    report = ap_aging(bills(), "2026-06-30")
    assert "The report has no rows." in markdown(report)
    assert "The report has no rows." in draw(report, 120)


def test_the_total_of_a_part_says_so() -> None:
    """The total of two of three rows is called so, as text too; under a limit it is that of all."""
    report = ap_aging(bills(1.0, 4.0, 2.0), "2026-06-30")
    part = markdown(report.head(2))
    assert "| **Total of 2 of 3 USD** |" in part
    assert "Total of 2 of 3 USD" in draw(report.head(2), 200)
    assert "| **Total USD** |" in markdown(report, max_rows=1)


def test_a_report_read_back_from_a_file() -> None:
    """What a CSV file gives back is recognised by its columns: same rows, days and totals."""
    due = bills(10.0, 5.0).assign(due_date=pd.to_datetime(["2026-06-30", "2026-07-30"]))
    banks = pd.DataFrame({"balance": [100.0], "currency": ["USD"]})
    invoices = bills().rename(columns={"vendor_id": "customer_id"})
    for report in (ap_aging(due, "2026-06-30"), cash_forecast(banks, invoices, due, "2026-06-30", weeks=2)):
        back = pd.read_csv(io.StringIO(report.to_csv(index=False)))
        assert [line.cells for line in written(back)[1]] == [line.cells for line in written(report)[1]]


def test_a_negative_zero_has_no_sign(capsys: pytest.CaptureFixture[str]) -> None:
    """No view of an amount or share of nothing has a minus: not the table, not Markdown, not CSV."""
    report = ap_aging(bills(1.0), "2026-06-30")
    report["current"] = -0.0
    show([report], style=Style.CSV)
    show([report], style=Style.MARKDOWN)
    show([report], style=Style.TABLE)
    text = capsys.readouterr().out
    assert "-0" not in text.replace("2026-06-30", "").replace("31-60", "").replace("1-30", "")
    assert "(0" not in text


def test_weeks_with_usual_flows_beyond_the_limit() -> None:
    """Weeks that are put together end with the closings of the last one, and add up the usual flows."""
    banks = pd.DataFrame({"balance": [100.0], "currency": ["USD"]})
    invoices = bills().rename(columns={"vendor_id": "customer_id"})
    report = cash_forecast(banks, invoices, bills(5.0), "2026-06-30", weeks=3)
    report = report.assign(usual=2.0, closing_with_usual=[97.0, 99.0, 101.0])
    _, rows = written(report, max_rows=1)
    assert rows[1].cells[1:] == [
        "2–3", "2026-07-07", "95.00", "–", "–", "95.00", "4.00", "101.00",
    ]  # fmt: skip
    assert rows[2].cells == ["Total USD", "", "", "", "–", "(5.00)", "", "6.00", ""]
