"""The workbook, opened again by somebody else's library."""

from __future__ import annotations

import zipfile
from math import nan
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.views.workbook import write_workbook

DAY = "2026-06-30"


def aging(*rows: tuple[str | None, str | None, float], **receipt: Any) -> pd.DataFrame:
    """Age open invoices without due dates."""
    invoices = pd.DataFrame(rows, columns=["customer_id", "currency", "amount_due"]).assign(
        id=[f"i{number}" for number in range(len(rows))], status="open"
    )
    invoices["due_date"] = pd.NaT
    invoices = invoices.astype({"customer_id": "str", "currency": "str", "due_date": "datetime64[us]"})
    if receipt:
        invoices.attrs["receipt"] = receipt
    report: pd.DataFrame = rf.reports.ar_aging(invoices, DAY)
    return report


def opened(reports: Any, *, values: bool = False) -> Any:
    """Write reports and open the workbook: formulas, or the values they were written with."""
    write_workbook("book.xlsx", reports)
    return openpyxl.load_workbook("book.xlsx", data_only=values)


def cells(sheet: Any) -> list[list[Any]]:
    """List the values of a sheet."""
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def places(sheet: Any, text: str) -> list[Any]:
    """Return the cells with a text."""
    return [cell for row in sheet.iter_rows() for cell in row if cell.value == text]


def test_a_sheet_for_each_report() -> None:
    """Each report has the sheet it is named for, and tie-out, definitions and receipts follow."""
    one = aging(("a", "USD", 10.0))
    assert opened({"Mine": one, "Yours": one}).sheetnames == [
        "Cover", "Mine", "Yours", "Tie-out", "Definitions", "Receipts",
    ]  # fmt: skip


def test_reports_without_names() -> None:
    """Reports without names take the titles of their specs, numbered from the second."""
    one = aging(("a", "USD", 10.0))
    assert opened([one, one, one]).sheetnames[1:4] == [
        "Receivables aging", "Receivables aging (2)", "Receivables aging (3)",
    ]  # fmt: skip


def test_the_table() -> None:
    """Title, question, labels and rows stand where a reader looks; the header stays and has a filter."""
    sheet = opened({"A": aging(("a", "USD", 10.25), ("b", "USD", -1.0))}).worksheets[1]
    rows = cells(sheet)
    assert [row[0] for row in rows[:2]] == [
        "Receivables aging as of 2026-06-30",
        "Who owes us, and for how long?",
    ]
    assert rows[4] == [
        "Customer id", "Currency", "Current", "1–30 days", "31–60 days", "61–90 days", "91+ days",
        "No due date", "Total", "Documents",
    ]  # fmt: skip
    assert rows[5] == ["a", "USD", 0, 0, 0, 0, 0, 10.25, "=SUM(C6:H6)", 1]
    assert rows[6] == ["b", "USD", 0, 0, 0, 0, 0, -1, "=SUM(C7:H7)", 1]
    assert sheet.freeze_panes == "B6"
    assert sheet.auto_filter.ref == "A5:J7"
    assert sheet.print_title_rows == "$5:$5"


def test_money_has_the_decimals_of_its_row() -> None:
    """Dollars have two decimals, yen none, dinars three; negative amounts are in parentheses, zero a dash."""
    sheet = opened({"A": aging(("a", "JPY", 1.0), ("a", "KWD", 1.0), ("a", "USD", 1.0))}).worksheets[1]
    assert [sheet.cell(row, 9).number_format for row in (6, 11, 16)] == [
        '#,##0_);[Red](#,##0);"–"_)',
        '#,##0.000_);[Red](#,##0.000);"–"_)',
        '#,##0.00_);[Red](#,##0.00);"–"_)',
    ]


def test_the_total_of_one_currency() -> None:
    """A report of one currency has a SUBTOTAL that follows the filter, with the exact sum as its value."""
    report = aging(*((f"c{number}", "USD", 0.1) for number in range(10)))
    formulas, values = opened({"A": report}).worksheets[1], opened({"A": report}, values=True).worksheets[1]
    assert formulas["I17"].value == "=ROUND(SUBTOTAL(109,I6:I15),4)"
    assert values["I17"].value == 1
    assert values["A17"].value == "Total USD"
    assert values["J17"].value == 10


def test_the_totals_of_several_currencies() -> None:
    """Each currency has a table with a filter and a total of its own; two currencies are never added."""
    report = aging(("a", "EUR", 0.1), ("b", "EUR", 0.2), ("a", "USD", 5.0), ("c", None, 7.0))
    formulas, values = opened({"A": report}).worksheets[1], opened({"A": report}, values=True).worksheets[1]
    assert [formulas.cell(row, 9).value for row in (9, 14, 19)] == [
        "=ROUND(SUBTOTAL(109,I6:I7),4)",
        "=ROUND(SUBTOTAL(109,I12:I12),4)",
        "=ROUND(SUBTOTAL(109,I17:I17),4)",
    ]
    assert [(values.cell(row, 1).value, values.cell(row, 9).value) for row in (9, 14, 19)] == [
        ("Total EUR", 0.3),
        ("Total USD", 5),
        ("Total No currency", 7),
    ]
    assert dict(formulas.tables.items()) == {
        "A_EUR": "A5:J7", "A_USD": "A11:J12", "A_No_currency_2_3": "A16:J17",
    }  # fmt: skip
    assert formulas.auto_filter.ref is None


def test_the_names_of_tables() -> None:
    """Sheets and currencies of any letters have tables of names that Excel takes, each once."""
    one = aging(("a", 'X"Y', 1.0), ("b", "usd", 1.0), ("c", "USD", 1.0))
    book = opened({"A b": one, "A_b": one, "2026 Q1": one})
    names = [name for sheet in book for name in sheet.tables]
    assert len({name.lower() for name in names}) == len(names) == 9
    assert [*book["A_b"].tables] == ["A_b_USD", "A_b_X_Y_3_2", "A_b_usd_3_3"]
    assert next(iter(book["2026 Q1"].tables)) == "_2026_Q1_USD_4_1"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "{=1}", "https://x.test", "007"])
def test_text_is_never_a_formula(text: str) -> None:
    """Text from the API stays text, whatever it begins with."""
    cell = opened({"A": aging((text, "USD", 1.0))}).worksheets[1]["A6"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x"])
def test_edited_text_is_never_a_formula(text: str) -> None:
    """Text that looks like a formula is marked, so that it stays text when somebody edits it."""
    assert opened({"A": aging((text, "USD", 1.0))}).worksheets[1]["A6"].quotePrefix


def test_demo_data_is_marked() -> None:
    """A report of demo data says so on its sheet, in the footer and in the file; another does not."""
    made_up = opened({"A": aging(("a", "USD", 1.0), resource="invoices", environment="demo")})
    assert made_up.worksheets[1]["A3"].value == "Demo data: every figure is made up."
    assert made_up.worksheets[1].oddFooter.left.text == "Demo data"
    assert made_up.properties.description == "Demo data: every figure is made up."
    assert made_up["Receipts"]["A3"].value == "Demo data: every figure is made up."
    real = opened({"A": aging(("a", "USD", 1.0), resource="invoices", environment="production")})
    assert not any("Demo" in str(value) for sheet in real for row in cells(sheet) for value in row)


def test_the_tie_outs() -> None:
    """Every comparison with a source is on one sheet, in words."""
    report = aging(("a", "EUR", 3.0), ("a", "USD", 10.0))
    good = tied(("EUR", 3.0, 3.0), ("USD", 10.0, 10.0))
    bad = tied(("EUR", 3.0, 3.0), ("USD", 10.0, 12.0))
    book = opened({"A": report, "Good": good, "Bad": bad})
    assert book.sheetnames == ["Cover", "A", "Tie-out", "Definitions", "Receipts"]
    rows = cells(book["Tie-out"])
    assert rows[4] == ["Comparison", "Currency", "Report", "Source", "Difference", "Agrees"]
    assert rows[5:9] == [
        ["Good", "EUR", 3, 3, "=C6-D6", "agrees"],
        ["Good", "USD", 10, 10, "=C7-D7", "agrees"],
        ["Bad", "EUR", 3, 3, "=C8-D8", "agrees"],
        ["Bad", "USD", 10, 12, "=C9-D9", "DIFFERS"],
    ]
    values = openpyxl.load_workbook("book.xlsx", data_only=True)["Tie-out"]
    assert [row[4] for row in cells(values)[5:9]] == [0, 0, 0, -2]
    assert [cell.font.b for cell in book["Tie-out"]["F"][5:9]] == [False, False, False, True]
    assert cells(book["Tie-out"])[10:12] == [
        ["Notes", *[None] * 5],
        ["1 of 4 totals DIFFER, 3 agree.", *[None] * 5],
    ]


@pytest.mark.parametrize(
    ("sources", "verdict"),
    [
        ((3.0, 10.0, 1.0), "All 3 totals agree."),
        ((3.0, 10.0, 2.0), "1 of 3 totals DIFFER, 2 agree."),
        ((4.0, 11.0, 1.0), "2 of 3 totals DIFFER, 1 agrees."),
        ((4.0, 11.0, 2.0), "3 of 3 totals DIFFER, 0 agree."),
    ],
)
def test_the_verdict_of_the_tie_outs(sources: tuple[float, ...], verdict: str) -> None:
    """The sheet says how many of three totals differ: none, one, two and all of them."""
    names = ("EUR", "USD", "GBP")
    tie = tied(*zip(names, (3.0, 10.0, 1.0), sources, strict=True))
    sheet = opened({"A": aging(("a", "USD", 10.0)), "Tie": tie})["Tie-out"]
    assert [row[0] for row in cells(sheet) if "totals" in str(row[0])] == [verdict]


def test_a_total_that_was_not_compared() -> None:
    """What was not compared is called so, and neither agrees nor differs."""
    tie = tied(("EUR", 3.0, 3.0), ("USD", 10.0, 10.0))
    tie = tie.astype({"ok": "boolean"})
    tie.loc[1, ["source", "difference", "ok"]] = [None, None, None]
    rows = cells(opened({"A": aging(("a", "USD", 10.0)), "Tie": tie})["Tie-out"])
    assert [row[-1] for row in rows[5:7]] == ["agrees", "not compared"]
    assert rows[6][-4:-1] == [10, None, None]


def tied(*rows: tuple[str, float, float]) -> pd.DataFrame:
    """Compare totals of a report with those of its source, by currency."""
    columns = ["currency", "report", "source"]
    sides = [pd.DataFrame(rows, columns=columns).rename(columns={one: "total"}) for one in columns[1:]]
    tie: pd.DataFrame = rf.reports.tie_out(*(side[["currency", "total"]] for side in sides))
    order = [currency for currency, *_ in rows]
    ordered = tie.sort_values("currency", key=lambda values: values.map(order.index), ignore_index=True)
    return ordered[[name for name in ordered if name != "connection_id"]]


def test_the_live_total_of_a_part_says_so() -> None:
    """Two of three rows on a sheet have the total of 2 of 3; a currency that is whole has its own."""
    report = aging(("a", "EUR", 3.0), ("a", "USD", 10.0), ("b", "USD", 5.0), ("c", "USD", 1.0))
    part = report[report["total"] > 1]
    sheet = opened({"A": part}, values=True).worksheets[1]
    total = next(place for place, name in enumerate(cells(sheet)[4]) if name == "Total")
    assert [(row[0], row[total]) for row in cells(sheet) if str(row[0]).startswith("Total ")] == [
        ("Total EUR", 3),
        ("Total of 2 of 3 USD", 15),
    ]
    assert places(sheet, "A part of the report: 3 of 4 rows.")


def test_an_empty_currency_counts_as_missing() -> None:
    """An empty text and a missing currency are one and have one live total, equal to its value."""
    report = aging(("a", "EUR", 1.0), ("b", "EUR", 3.0), ("c", "EUR", 5.0))
    report["currency"] = [None, "", "EUR"]
    formulas, values = opened({"A": report}).worksheets[1], opened({"A": report}, values=True).worksheets[1]
    (cell,) = places(values, "Total No currency")
    total = next(place for place, name in enumerate(cells(values)[4]) if name == "Total")
    assert cell.offset(0, total).value == 8
    assert formulas[cell.coordinate].offset(0, total).value == "=ROUND(SUBTOTAL(109,I6:I7),4)"


@pytest.mark.parametrize("value", [-0.0, -0.004])
def test_an_amount_that_rounds_to_zero_has_no_sign(value: float) -> None:
    """An amount of which Excel shows no digit is not red and not in parentheses; its value is kept."""
    report = aging(("a", "USD", 1.0))
    report["total"] = value
    sheet = opened({"A": report}).worksheets[1]
    cell = sheet.cell(6, places(sheet, "Total")[0].column)
    assert cell.number_format == ("#,##0.00_);#,##0.00_)" if value else '#,##0.00_);[Red](#,##0.00);"–"_)')
    assert str(cell.value) == ("0" if value == 0 else "-0.004")
    with zipfile.ZipFile("book.xlsx") as book:
        assert b"<v>-0</v>" not in book.read("xl/worksheets/sheet1.xml")


def test_a_merged_report_is_written(tmp_path: Path) -> None:
    """An aging that was merged with customers, or read back from a CSV file, has its sheet and its totals."""
    report = aging(("a", "USD", 10.0), ("b", "USD", 5.0))
    merged = report.merge(
        pd.DataFrame({"id": ["a", "b"], "phone": ["1", "2"]}), left_on="customer_id", right_on="id"
    )
    report.to_csv(tmp_path / "aging.csv", index=False)
    book = opened({"Merged": merged, "Read": pd.read_csv(tmp_path / "aging.csv")})
    assert cells(book["Merged"])[4][-2:] == ["Phone", "Id"]
    assert cells(book["Read"])[4] == cells(opened({"A": report}).worksheets[1])[4]
    for sheet in book.worksheets[1:3]:
        assert places(sheet, "Total USD")
        assert cells(sheet)[5][:2] == cells(opened({"A": report}).worksheets[1])[5][:2]


@pytest.mark.parametrize("before", [b"old", None])
def test_a_disk_that_fills_up_half_way(monkeypatch: pytest.MonkeyPatch, before: bytes | None) -> None:
    """When half of the file is written and the rest is refused, the old file stays, or there is none."""
    if before is not None:
        Path("book.xlsx").write_bytes(before)
    written: list[tuple[Any, ...]] = []

    def write(*arguments: Any) -> None:
        if len(written) == 3:
            raise OSError(28, "No space left on device")
        written.append(arguments)
        original(*arguments)

    original = zipfile.ZipFile.writestr
    monkeypatch.setattr("zipfile.ZipFile.writestr", write)
    with pytest.raises(OSError, match="No space left on device"):
        write_workbook("book.xlsx", aging(("a", "USD", 1.0)))
    assert len(written) == 3
    left = [(path.name, path.read_bytes()) for path in Path().iterdir()]
    assert left == ([] if before is None else [("book.xlsx", before)])


def test_no_tie_out() -> None:
    """A workbook without a comparison says that there is none."""
    book = opened({"A": aging(("a", "USD", 10.0))})
    assert places(book["Tie-out"], "Nothing was compared with its source.")


def test_the_definitions() -> None:
    """Each column of a report is defined once, with its unit and the meaning of a negative value."""
    one = aging(("a", "USD", 10.0))
    rows = cells(opened({"A": one, "B": one})["Definitions"])
    assert rows[4] == ["Report", "Column", "Label", "Meaning", "Unit", "A negative value means"]
    assert [row[1] for row in rows[5:17]] == list(one.columns)
    assert rows[14][1:] == [
        "no_due_date",
        "No due date",
        "Open, without a due date",
        "major units of the row's currency",
        "credits exceed what is owed",
    ]
    assert len(rows) == 17


def test_the_receipts() -> None:
    """Each load stands once on the receipts' sheet, also if two reports were made of it."""
    receipt = {
        "resource": "invoices", "environment": "sandbox", "connections": ["x", "y"], "rows": 1200, "pages": 3,
        "rows_refused": 1, "complete": False, "finished": "2026-06-30T12:00:00.000Z",
    }  # fmt: skip
    one = aging(("a", "USD", 10.0), **receipt)
    rows = cells(opened({"A": one, "B": one})["Receipts"])
    assert rows[4] == [
        "Resource", "Environment", "Connections", "Rows", "Pages", "Rows refused", "Complete",
        "Fetched (UTC)",
    ]  # fmt: skip
    assert rows[5] == ["invoices", "sandbox", "x, y", 1200, 3, 1, "NO", "2026-06-30T12:00:00.000Z"]
    assert len(rows) == 6


def test_the_notes() -> None:
    """What the data cannot say stands below the table, with when it was fetched."""
    sheet = opened({"A": aging(("a", "USD", 10.0))}).worksheets[1]
    notes = [row[0] for row in cells(sheet)[11:]]
    assert notes[0].startswith("Amounts due are those of the day the data was fetched")
    assert notes[1].startswith("Totals are live")
    assert notes[2] == "When the data was fetched is not recorded."


def test_open_items() -> None:
    """Days are days, missing values are empty, and nested lists are left out with a note."""
    invoices = pd.DataFrame(
        {
            "id": ["a", "b"], "status": "open", "amount_due": [1.0, 2.0], "currency": "USD",
            "due_date": pd.to_datetime(pd.Series(["2026-06-29", None])),
            "line_items": [[{"quantity": 1}], []],
        }
    )  # fmt: skip
    sheet = opened({"A": rf.reports.open_items(invoices, DAY)}).worksheets[1]
    rows = cells(sheet)
    assert rows[4] == ["Id", "Currency", "Status", "Due date", "Days past due", "Bucket", "Amount due"]
    assert rows[5] == ["b", "USD", "open", None, None, "No due date", 2]
    assert rows[6] == ["a", "USD", "open", pd.Timestamp("2026-06-29"), 1, "1–30 days", 1]
    assert sheet["D7"].number_format == "yyyy-mm-dd"
    assert places(sheet, "line_items is left out: a cell cannot hold a list.")


def test_balances_are_not_added_across_types() -> None:
    """The trial balance has no totals: assets plus revenue say nothing."""
    accounts = pd.DataFrame({"type": ["asset", "revenue"], "currency": "USD", "balance": [5.0, 5.0]})
    sheet = opened({"A": rf.reports.trial_balance(accounts)}).worksheets[1]
    assert not any(str(value).startswith(("Total", "=")) for row in cells(sheet) for value in row)


def test_a_report_without_rows() -> None:
    """A report without rows is a sheet that says so."""
    empty = aging(("a", "USD", 0.0))
    assert len(empty) == 0
    assert places(opened({"A": empty}).worksheets[1], "The report has no rows.")


def test_the_demo(client: rf.Client) -> None:
    """The cached totals of the demo's receivables are those of the ledger's control accounts, to the cent."""
    ledger = client.connection("gear-xero")
    invoices = rf.load_invoices(ledger, progress=False)
    accounts = rf.load_accounts(ledger, progress=False)
    sheet = opened({"A": rf.reports.ar_aging(invoices, DAY)}, values=True).worksheets[1]
    control = accounts[accounts["name"].str.startswith("Accounts Receivable")]
    for currency, balance in zip(control["currency"], control["balance"], strict=True):
        row, column = places(sheet, f"Total {currency}")[0].row, places(sheet, "Total")[0].column
        assert sheet.cell(row, column).value == balance


def test_an_unknown_ending(tmp_path: Path) -> None:
    """Another ending than .xlsx is refused, and nothing is written."""
    with pytest.raises(ValueError, match=r"'book.csv': the ending must be .xlsx"):
        write_workbook("book.csv", [aging(("a", "USD", 1.0))])
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder() -> None:
    """A folder that is not there is refused by name."""
    with pytest.raises(ValueError, match="there is no folder 'nowhere'"):
        write_workbook("nowhere/book.xlsx", [aging(("a", "USD", 1.0))])


@pytest.mark.parametrize("name", ["", "a" * 32, "a/b", "Receipts", "tie-OUT", "history", "'a"])
def test_a_name_that_excel_refuses(name: str) -> None:
    """A name that Excel refuses for a sheet is refused before anything is written."""
    with pytest.raises(ValueError, match="a sheet cannot be named"):
        write_workbook("book.xlsx", {name: aging(("a", "USD", 1.0))})


def test_names_that_differ_only_in_case() -> None:
    """Two names that differ only in case are refused: Excel takes them for one."""
    one = aging(("a", "USD", 1.0))
    with pytest.raises(ValueError, match="a sheet cannot be named 'A'"):
        write_workbook("book.xlsx", {"a": one, "A": one})


def test_nothing_to_write() -> None:
    """A workbook without reports is refused."""
    with pytest.raises(ValueError, match="there are no reports to write"):
        write_workbook("book.xlsx", [])


def test_a_frame_that_is_not_a_report() -> None:
    """A frame that is not a report is refused."""
    with pytest.raises(ValueError, match="the frame is not a report"):
        write_workbook("book.xlsx", {"A": pd.DataFrame({"currency": ["USD"]})})


def test_a_report_of_another_day() -> None:
    """With as_of, a report of another day is refused; without, both days are welcome."""
    one = aging(("a", "USD", 1.0))
    with pytest.raises(ValueError, match="A is a report as of 2026-06-30, not as of 2026-07-01"):
        write_workbook("book.xlsx", {"A": one}, as_of="2026-07-01")
    write_workbook("book.xlsx", {"A": one}, as_of=DAY)
    assert openpyxl.load_workbook("book.xlsx").properties.title == "Reports as of 2026-06-30"


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When writing fails, the old file stays as it was and no unfinished one is left."""
    (tmp_path / "book.xlsx").write_text("old")

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("rutterframe.views.workbook.draw_receipts", fail)
    with pytest.raises(OSError, match="disk full"):
        write_workbook("book.xlsx", [aging(("a", "USD", 1.0))])
    assert [path.name for path in tmp_path.iterdir()] == ["book.xlsx"]
    assert (tmp_path / "book.xlsx").read_text() == "old"


def test_the_callers_report_is_not_changed() -> None:
    """Writing a report does not change it."""
    report = aging(("a", "USD", 1.0), ("b", None, 2.0))
    before, attrs = report.copy(), dict(report.attrs)
    write_workbook("book.xlsx", {"A": report})
    pd.testing.assert_frame_equal(report, before)
    assert report.attrs == attrs


def test_shares_and_odd_values() -> None:
    """Shares are percent; a day with a zone is in UTC, one before 1900 and overlong text are text."""
    report = pd.DataFrame(
        {
            "customer_id": ["a" * 40_000, "b"],
            "seen": [pd.Timestamp("2026-06-30T23:30", tz="America/New_York"), pd.Timestamp("1899-12-31")],
            "currency": "USD",
            "rank": [1, 2],
            "amount": [3.0, 1.5],
            "share": [0.6667, 0.3333],
        }
    ).astype({"seen": "object"})
    report.attrs = {"report": "concentration"}
    sheet = opened(report).worksheets[1]
    assert (sheet["F6"].value, sheet["F6"].number_format) == (0.6667, '0.0%_);[Red](0.0%);"–"_)')
    assert sheet["B6"].value == pd.Timestamp("2026-07-01 03:30:00")
    assert sheet["B7"].value == "1899-12-31 00:00:00"
    assert len(sheet["A6"].value) == 32_767
    assert sheet["A6"].value.endswith("…")
    assert [cell.value for cell in sheet[9]][3:] == [None, "=ROUND(SUBTOTAL(109,E6:E7),4)", None]


def test_too_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """More rows than a sheet can hold are refused, not cut off."""
    monkeypatch.setattr("rutterframe.views.workbook._MOST_ROWS", 1)
    with pytest.raises(ValueError, match="A: more than 1 rows, too many for Excel"):
        write_workbook("book.xlsx", {"A": aging(("a", "USD", 1.0), ("b", "USD", 1.0))})
    write_workbook("book.xlsx", {"A": aging(("a", "USD", 1.0))})


def test_names_beside_ids() -> None:
    """Names stand first and ids last; a missing name is its id, and without any there is no column."""
    report = aging(("c1", "USD", 2.0), ("c2", "USD", 1.0), (None, "USD", 4.0))
    write_workbook("book.xlsx", {"A": report}, names={"c1": "=Acme"})
    book = openpyxl.load_workbook("book.xlsx")
    rows = cells(book["A"])
    assert [rows[4][0], rows[4][-1]] == ["Customer", "Customer id"]
    assert [[row[0], row[-1]] for row in rows[5:8]] == [["=Acme", "c1"], ["c2", "c2"], ["No customer", None]]
    assert book["A"]["A6"].data_type == "s"
    assert book["A"]["I10"].value == "=ROUND(SUBTOTAL(109,I6:I8),4)"
    assert book["A"].print_area == "'A'!$A$1:$J$17"
    assert places(book["Definitions"], "The customer's name")
    write_workbook("book.xlsx", {"A": aging(("c2", "USD", 1.0))}, names={"c1": "Acme"})
    assert cells(openpyxl.load_workbook("book.xlsx")["A"])[4][:2] == ["Customer id", "Currency"]


def test_a_converted_report() -> None:
    """What was converted has the decimals and the total of the new currency; what it was stands beside."""
    report = aging(("a", "JPY", 1000.0), ("a", "KWD", 2.0))
    rates = pd.DataFrame({"currency": ["JPY", "KWD"], "rate": [0.0064, 3.25], "date": pd.Timestamp(DAY)})
    after = rf.reports.convert(report, rates, "USD")
    sheet, values = opened({"A": after}).worksheets[1], opened({"A": after}, values=True).worksheets[1]
    assert cells(values)[4][:4] == ["Customer id", "Currency", "Original currency", "Current"]
    assert [row[:3] + row[9:10] for row in cells(values)[5:7]] == [
        ["a", "USD", "KWD", 6.5],
        ["a", "USD", "JPY", 6.4],
    ]
    assert sheet["J6"].number_format == '#,##0.00_);[Red](#,##0.00);"–"_)'
    assert (sheet["J9"].value, values["J9"].value) == ("=ROUND(SUBTOTAL(109,J6:J7),4)", 12.9)
    assert values["A1"].value == "Receivables aging as of 2026-06-30, in USD"


def test_the_order_of_a_trial_balance() -> None:
    """Types stand as in the accounting equation, and the difference last."""
    types = ["revenue", "other", "liability", "asset", "expense", "equity"]
    accounts = pd.DataFrame({"type": types, "currency": "USD", "balance": 1.0})
    rows = cells(opened({"A": rf.reports.trial_balance(accounts)}).worksheets[1])
    assert [row[0] for row in rows[5:12]] == [
        "asset", "liability", "equity", "revenue", "expense", "other", "difference",
    ]  # fmt: skip


def test_a_cash_history_by_month() -> None:
    """Days are folded below their month: flows are its subtotals, its balance is that of its last day."""
    banks = pd.DataFrame({"id": ["a"], "currency": "EUR", "balance": [7.0]})
    days = pd.to_datetime(["2026-05-31", "2026-06-29", "2026-06-30"])
    moves = pd.DataFrame({"account_id": "a", "currency": "EUR", "amount": [1.0, 9.0, -3.0], "date": days})
    history = rf.reports.cash_history(banks, moves)
    sheet = opened({"A": history}).worksheets[1]
    rows = cells(sheet)
    assert rows[4] == ["Day", "Currency", "Inflow", "Outflow", "Transfers", "Balance"]
    assert [row[2:4] + row[5:] for row in rows[5:11]] == [
        [1, 0, 1],
        ["=SUBTOTAL(9,C6:C6)", "=SUBTOTAL(9,D6:D6)", "=F6"],
        [9, 0, 10],
        [0, -3, 7],
        ["=SUBTOTAL(9,C8:C9)", "=SUBTOTAL(9,D8:D9)", "=F9"],
        ["=SUBTOTAL(9,C6:C10)", "=SUBTOTAL(9,D6:D10)", "=F10"],
    ]
    written = cells(opened({"A": history}, values=True).worksheets[1])
    assert [row[2:4] + row[5:] for row in (written[6], written[9], written[10])] == [
        [1, 0, 1], [9, -3, 7], [10, -3, 7],
    ]  # fmt: skip
    levels = [
        (sheet.row_dimensions[row].outlineLevel, sheet.row_dimensions[row].hidden) for row in range(6, 12)
    ]
    assert levels == [(2, True), (1, False), (2, True), (2, True), (1, False), (0, False)]
    assert (rows[6][0], sheet["A7"].number_format) == (pd.Timestamp("2026-05-01"), "yyyy-mm")
    assert rows[10][0] == "Total EUR"


def test_several_environments() -> None:
    """The receipts' sheet lists all environments of a load, whichever way they are written."""
    one = aging(("a", "USD", 1.0), resource="invoices", environment=["demo", "production"])
    book = opened({"A": one})
    assert book["A"]["A3"].value == "Demo data: every figure is made up."
    assert book["Receipts"]["B6"].value == "demo, production"


def test_narrow_sheets_are_printed_upright() -> None:
    """What is wide is printed across the page, what is narrow upright."""
    accounts = pd.DataFrame({"type": ["asset"], "currency": "USD", "balance": [5.0]})
    wide = aging(("a" * 40, "USD", 1e9)).assign(**{f"note_{number}": "x" * 30 for number in range(3)})
    book = opened({"Narrow": rf.reports.trial_balance(accounts), "Wide": wide})
    assert [book[name].page_setup.orientation for name in ("Narrow", "Wide")] == ["portrait", "landscape"]


def test_reports_one_after_the_other() -> None:
    """Reports may be passed one by one, named or not; a name that is there twice is an error."""
    report, tie = aging(("a", "USD", 1.0)), rf.reports.tie_out(aging(("a", "USD", 1.0)), aging())
    write_workbook("book.xlsx", report, {"Again": report}, tie, as_of=DAY)
    names = openpyxl.load_workbook("book.xlsx").sheetnames
    assert names == ["Cover", "Receivables aging", "Again", "Tie-out", "Definitions", "Receipts"]
    with pytest.raises(ValueError, match="two reports are named 'Again'"):
        write_workbook("book.xlsx", {"Again": report}, {"Again": report})


def test_a_full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the system refuses to write is the system's error, and nothing is left behind."""
    Path("book.xlsx").write_bytes(b"old")

    def refuse(_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("xlsxwriter.workbook.Workbook._store_workbook", refuse)
    with pytest.raises(OSError, match="No space left on device"):
        write_workbook("book.xlsx", aging(("a", "USD", 1.0)))
    assert [(path.name, path.read_bytes()) for path in Path().iterdir()] == [("book.xlsx", b"old")]


def test_live_totals_of_eight_decimals() -> None:
    """Amounts of more than four decimals have a live total of up to eight, equal to its exact value."""
    spent = pd.DataFrame({"category": ["a", "b", "c"], "currency": "USD", "amount": [0.00005, 0.00005, 1e-8]})
    report = rf.reports.expenses_by_category(spent)
    report["amount"] = [0.00005, 0.00005, 1e-8]
    formulas, values = opened([report]).worksheets[1], opened([report], values=True).worksheets[1]
    assert (formulas["D10"].value, values["D10"].value) == (
        "=ROUND(SUBTOTAL(109,D6:D8),8)",
        0.00010001,
    )
    assert formulas["C10"].value == "=ROUND(SUBTOTAL(109,C6:C8),4)"


def test_the_accounts_of_a_tie_out() -> None:
    """Comparisons by account share a sheet with others; who is compared stands before the amounts."""
    book = opened({"A": aging(("a", "USD", 1.0)), "Cash": tied(("USD", 3.0, 3.0)), "Banks": by_account()})
    rows = cells(book["Tie-out"])
    assert rows[4][-6:] == ["Account", "Currency", "Report", "Source", "Difference", "Agrees"]
    assert [row[-6:] for row in rows[5:9]] == [
        [None, "USD", 3, 3, "=D6-E6", "agrees"],
        ["Checking", "USD", 2, 2, "=D7-E7", "agrees"],
        ["Savings", "USD", 1, 2, "=D8-E8", "DIFFERS"],
        ["Till", "USD", 5, None, None, "not compared"],
    ]
    assert rows[11][0] == "1 of 3 totals DIFFER, 2 agree, 1 not compared."


def by_account() -> pd.DataFrame:
    """Compare bank accounts one by one."""
    tie = tied(("USD", 3.0, 3.0)).iloc[[0, 0, 0]].reset_index(drop=True)
    tie.insert(0, "account", ["Checking", "Savings", "Till"])
    tie = tie.assign(report=[2.0, 1.0, 5.0], source=[2.0, 2.0, nan], difference=[0.0, -1.0, nan])
    tie["ok"] = pd.array([True, False, None], dtype="boolean")
    for name in [name for name in tie.attrs if str(name).startswith("rows")]:
        del tie.attrs[name]
    return tie
