"""What a reviewer needs of the workbook: cover, links between sheets, debits and credits, pages."""

from __future__ import annotations

from typing import Any

import openpyxl
import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.views.workbook import write_workbook
from rutterframe.views.workbook_print import Page, page_starts

DAY = "2026-06-30"
INVOICES = pd.DataFrame(
    [
        ("i1", "x", "c1", 10.0, "USD"), ("i2", "x", "c1", 30.0, "USD"), ("i3", "x", "c2", 35.0, "USD"),
        ("i4", "y", "c1", 50.0, "USD"), ("i5", "x", "c1", 7.0, "EUR"),
    ],
    columns=["id", "connection_id", "customer_id", "amount_due", "currency"],
).assign(status="open", due_date=pd.Timestamp("2026-06-01"))  # fmt: skip
CUSTOMERS = pd.DataFrame(
    {"connection_id": ["x", "x", "y"], "id": ["c1", "c2", "c1"], "name": ["Acme", "=Bob", "Cora"]}
)
ACCOUNTS = pd.DataFrame(
    [
        ("x", "Bank", "asset", "USD", 70.1), ("x", "Till", "asset", "USD", -0.1),
        ("x", "Loan", "liability", "USD", 50.0),
        ("x", "Capital", "equity", "USD", 10.0), ("x", "Sales", "revenue", "USD", 30.0),
        ("x", "Rent", "expense", "USD", 20.0), ("y", "Bank", "asset", "USD", 5.0),
    ],
    columns=["connection_id", "name", "type", "currency", "balance"],
)  # fmt: skip


def linked(**options: Any) -> Any:
    """Write an aging with its open items, and open the workbook."""
    aging = rf.reports.ar_aging(INVOICES, DAY, customers=CUSTOMERS)
    items = rf.reports.open_items(INVOICES, DAY)
    write_workbook("book.xlsx", {"Bob's": aging}, open_items={"Bob's": items}, **options)
    return openpyxl.load_workbook("book.xlsx")


def rows(sheet: Any) -> list[list[Any]]:
    """List the values of a sheet."""
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def target(cell: Any) -> str | None:
    """Return where a cell leads to."""
    return cell.hyperlink.location if cell.hyperlink else None


def written(**options: Any) -> Any:
    """Write a small report, and open the workbook."""
    write_workbook("book.xlsx", {"A": rf.reports.ar_aging(INVOICES, DAY)}, **options)
    return openpyxl.load_workbook("book.xlsx", data_only=True)


def test_an_aging_leads_to_its_items_and_back() -> None:
    """The name of each row leads to its first open item, and that of each item back to its row."""
    book = linked()
    aging, items = book["Bob's"], book["Bob's open items"]
    assert [(aging.cell(row, 1).value, target(aging.cell(row, 1))) for row in (6, 11, 12, 13)] == [
        ("Acme", "'Bob''s open items'!A6"),
        ("Cora", "'Bob''s open items'!A11"),
        ("Acme", "'Bob''s open items'!A12"),
        ("=Bob", "'Bob''s open items'!A14"),
    ]
    assert [(items.cell(row, 1).value, target(items.cell(row, 1))) for row in (6, 11, 12, 13, 14)] == [
        ("Acme", "'Bob''s'!A6"), ("Cora", "'Bob''s'!A11"), ("Acme", "'Bob''s'!A12"), ("Acme", "'Bob''s'!A12"),
        ("=Bob", "'Bob''s'!A13"),
    ]  # fmt: skip
    assert (items["A14"].data_type, items["A14"].quotePrefix) == ("s", True)


def test_items_stand_in_the_order_of_the_aging() -> None:
    """Items of one customer stand together, the largest first, with the name first and the ids last."""
    values = rows(linked()["Bob's open items"])
    assert values[4] == [
        "Customer", "Currency", "Status", "Due date", "Days past due", "Bucket", "Amount due",
        "Customer id", "Id", "Connection id",
    ]  # fmt: skip
    assert [(row[0], row[6], row[-2]) for row in values[10:14]] == [
        ("Cora", 50, "i4"), ("Acme", 30, "i2"), ("Acme", 10, "i1"), ("=Bob", 35, "i3"),
    ]  # fmt: skip
    assert any(row[0] == 'Open items add up to each of the 4 totals of "Bob\'s".' for row in values)


def test_items_that_differ_from_the_aging() -> None:
    """Items that do not add up to the aging are a note with a count."""
    aging = rf.reports.ar_aging(INVOICES, DAY)
    items = rf.reports.open_items(INVOICES.iloc[1:], DAY)
    write_workbook("book.xlsx", {"A": aging}, open_items={"A": items})
    values = rows(openpyxl.load_workbook("book.xlsx")["A open items"])
    assert any(row[0] == "Open items DIFFER from 1 of 4 totals of 'A'." for row in values)


def test_an_aging_by_what_items_lack() -> None:
    """Items that lack what the aging was made by are written without links."""
    by_region = rf.reports.ar_aging(INVOICES.assign(region="north"), DAY, by="region")
    write_workbook("book.xlsx", {"A": by_region}, open_items={"A": rf.reports.open_items(INVOICES, DAY)})
    book = openpyxl.load_workbook("book.xlsx")
    assert target(book["A"]["A6"]) is None
    assert len(rows(book["A open items"])) > 10


def test_a_converted_aging_leads_to_its_items() -> None:
    """A row that was converted leads to the items of its original currency, which keep theirs."""
    rates = pd.DataFrame({"currency": ["EUR"], "rate": [2.0], "date": pd.Timestamp(DAY)})
    aging = rf.reports.convert(rf.reports.ar_aging(INVOICES, DAY), rates, "USD")
    write_workbook("book.xlsx", {"A": aging}, open_items={"A": rf.reports.open_items(INVOICES, DAY)})
    book = openpyxl.load_workbook("book.xlsx")
    (row,) = (row for row in book["A"].iter_rows(min_row=6) if [cell.value for cell in row][2] == "EUR")
    place = str(target(row[0])).rpartition("!")[2]
    names = [cell.value for cell in book["A open items"][5]]
    assert book["A open items"][place].offset(0, names.index("Amount due")).value == 7
    assert book["A open items"][place].offset(0, names.index("Currency")).value == "EUR"


def test_open_items_of_a_sheet_that_is_not_an_aging() -> None:
    """Open items of an unknown sheet are refused, with the agings that there are."""
    items = rf.reports.open_items(INVOICES, DAY)
    with pytest.raises(ValueError, match=r"names the sheet 'B', which is not an aging \(there are: A\)"):
        written(open_items={"B": items})
    with pytest.raises(ValueError, match="A open items is a report as of 2026-06-29, not as of 2026-06-30"):
        written(open_items={"A": rf.reports.open_items(INVOICES, "2026-06-29")}, as_of=DAY)


def test_a_trial_balance_by_account() -> None:
    """Balances stand on their natural side, negative ones on the other; each ledger has its own totals."""
    values = rows(written(accounts=ACCOUNTS)["Trial balance"])
    assert values[4] == ["Account", "Type", "Currency", "Debit", "Credit", "Connection id"]
    assert [row[:5] for row in values[5:11]] == [
        ["Bank", "asset", "USD", 70.1, None], ["Till", "asset", "USD", None, 0.1],
        ["Loan", "liability", "USD", None, 50], ["Capital", "equity", "USD", None, 10],
        ["Sales", "revenue", "USD", None, 30], ["Rent", "expense", "USD", 20, None],
    ]  # fmt: skip
    assert values[12][:5] == ["Total x USD", None, "USD", 90.1, 90.1]
    assert values[13][:5] == ["Debits less credits", None, None, 0, None]
    assert [row[:5] for row in values[18:20]] == [
        ["Total y USD", None, "USD", 5, 0],
        ["Debits less credits", None, None, 5, "DIFFERS"],
    ]
    formulas = openpyxl.load_workbook("book.xlsx")["Trial balance"]
    assert [formulas["D13"].value, formulas["D14"].value, formulas["D20"].value] == [
        "=ROUND(SUBTOTAL(109,D6:D11),4)", "=ROUND(D13-E13,8)", "=ROUND(D19-E19,8)",
    ]  # fmt: skip


def test_accounts_without_a_side_a_balance_or_a_name() -> None:
    """An account of no side has a column of its own, one without a balance is blank and noted."""
    odd = pd.DataFrame(
        {"name": [None, "Memo"], "type": ["asset", "memo"], "currency": ["USD", None], "balance": [None, 3.0]}
    ).astype({"name": "str", "currency": "str"})
    values = rows(written(accounts=odd)["Trial balance"])
    assert values[4] == ["Account", "Type", "Currency", "Debit", "Credit", "No side"]
    texts = {row[0] for row in values}
    assert ["Memo", "memo", None, None, None, 3] in values
    assert ["No name", "asset", "USD", None, None, None] in values
    assert {"Total No currency", "Total USD", "Accounts without a balance, counted as zero: 1."} <= texts


def test_accounts_that_are_none() -> None:
    """No accounts are a header; a frame without the columns of accounts is refused by name."""
    assert rows(written(accounts=ACCOUNTS.iloc[:0])["Trial balance"])[4][0] == "Account"
    with pytest.raises(ValueError, match="accounts lacks the column 'name'"):
        written(accounts=ACCOUNTS.drop(columns="name"))
    with pytest.raises(TypeError, match="accounts must be a pandas DataFrame, not dict"):
        written(accounts={"name": []})
    with pytest.raises(ValueError, match="a sheet cannot be named 'Trial balance'"):
        write_workbook("book.xlsx", {"Trial balance": rf.reports.trial_balance(ACCOUNTS)}, accounts=ACCOUNTS)


def test_the_cover() -> None:
    """The cover states the business, the day, the data, the verdict, and has links and lines to sign."""
    book = linked(business=["Roaster", "Gear"], accounts=ACCOUNTS)
    cover = book["Cover"]
    facts = {row[0]: row[1] for row in rows(cover)}
    assert facts["Reports as of 2026-06-30"] is None
    assert [facts[name] for name in ("Business", "As of", "Data complete", "Verdict")] == [
        "Roaster, Gear", DAY, "not recorded", "Nothing was compared with its source.",
    ]  # fmt: skip
    assert facts["Data fetched"] == "When the data was fetched is not recorded."
    assert {"Prepared by", "Reviewed by"} <= {*facts}
    links = {cell.value: target(cell) for (cell, *_) in cover.iter_rows() if target(cell)}
    assert links == {
        "Bob's": "'Bob''s'!A1",
        **{name: f"'{name}'!A1" for name in ("Trial balance", "Tie-out", "Definitions", "Receipts")},
        "Bob's open items": "'Bob''s open items'!A1",
    }
    assert [name for name in book.sheetnames if name != "Cover"] == [
        "Bob's", "Trial balance", "Bob's open items", "Tie-out", "Definitions", "Receipts",
    ]  # fmt: skip
    assert all(target(book[name]["A4"]) == "'Cover'!A1" for name in book.sheetnames[1:])


@pytest.mark.parametrize(
    ("complete", "text"),
    [
        (True, "yes: every list was read to its end"),
        (False, "NO: see the receipts"),
        (None, "not recorded"),
    ],
)
def test_the_cover_states_whether_the_data_is_complete(complete: bool | None, text: str) -> None:
    """Data that is not complete is a warning on the cover."""
    invoices = INVOICES.copy()
    invoices.attrs["receipt"] = {
        "resource": "invoices", "complete": complete, "finished": "2026-06-30T12:00:00Z",
        "connections": [f"c{number}" for number in range(14)],
    }  # fmt: skip
    write_workbook("book.xlsx", rf.reports.ar_aging(invoices, DAY), business="R & D")
    cover: Any = openpyxl.load_workbook("book.xlsx")["Cover"]
    facts = {row[0]: row[1] for row in rows(cover)}
    assert facts["Data complete"] == text
    assert facts["Data fetched"] == "2026-06-30 12:00 UTC."
    assert str(facts["Connections"]).endswith("c11, and 2 more")
    assert cover.oddHeader.right.text == "R && D"


def test_every_page_has_its_header_and_number() -> None:
    """A sheet is as wide as a page, its header stands on every page, and pages are numbered."""
    sheet = written()["A"]
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$5:$5"
    assert sheet.oddFooter.right.text == "Page &P of &N"


def test_a_page_ends_between_rows() -> None:
    """A page of a long table ends at least three rows before its total, and three after its header."""
    many = pd.concat([INVOICES.assign(customer_id=f"k{number}") for number in range(90)])
    write_workbook("book.xlsx", {"A": rf.reports.ar_aging(many, DAY)})
    sheet = openpyxl.load_workbook("book.xlsx")["A"]
    breaks = [row.id for row in sheet.row_breaks.brk]
    assert len(breaks) > 2
    for page in breaks:
        around = [sheet.cell(row, 2).value for row in range(page - 2, page + 4)]
        assert around in (["EUR"] * 6, ["USD"] * 6)
        assert not any(str(sheet.cell(row, 1).value).startswith("Total") for row in range(page - 2, page + 4))


def test_a_row_that_is_higher_than_a_page() -> None:
    """A row that fits on no page has one of its own; without a place to end, a page is full."""
    assert page_starts([10, 60, 10], 50, within=set(), between=set()) == [1, 2]
    assert page_starts([10] * 12, 50, within=set(), between={4}) == [4, 9]
    assert page_starts([10, 0, 0, 10], 20, within=set(), between=set()) == []


def test_wide_sheets_are_not_shrunk_to_save_a_page() -> None:
    """What is printed across is as wide as the page; what is upright may be made wider and shrunk."""
    assert len(Page.candidates([30] * 8)) == 1
    assert all(page.stretch >= 1 for page in Page.candidates([20, 10]))


def test_labels_of_one_name_in_tables() -> None:
    """Two columns of one label have distinct headers, since Excel refuses a table with both."""
    report = rf.reports.ar_aging(INVOICES, DAY).assign(Total="x", **{"": "y"})
    write_workbook("book.xlsx", {"A": report})
    labels = [str(cell.value) for cell in openpyxl.load_workbook("book.xlsx")["A"][5]]
    assert {"Total", "Total (2)", "Column"} <= {*labels}


def test_rows_that_do_not_add_up_are_values() -> None:
    """Where a total is not the sum of its buckets, the column has values: a formula would differ."""
    report = rf.reports.ar_aging(INVOICES, DAY)
    report["total"] += 1
    write_workbook("book.xlsx", {"A": report})
    sheet = openpyxl.load_workbook("book.xlsx")["A"]
    total = [cell.value for cell in sheet[5]].index("Total")
    assert sheet[6][total].value == 8


def test_a_forecast_closes_with_a_formula() -> None:
    """The closing of a week is the sum of its opening, receipts and payments."""
    banks = pd.DataFrame({"id": ["b"], "currency": ["USD"], "balance": [5.0]})
    bills = INVOICES.iloc[:0].rename(columns={"customer_id": "vendor_id"})
    forecast = rf.reports.cash_forecast(banks, INVOICES, bills, DAY, weeks=2)
    write_workbook("book.xlsx", {"A": forecast})
    values = rows(openpyxl.load_workbook("book.xlsx")["A"])
    closings = [row[-1] for row in values if str(row[-1]).startswith("=SUM")]
    assert closings[:2] == ["=SUM(D6:F6)", "=SUM(D7:F7)"]


def test_buckets_that_do_not_stand_side_by_side_are_values() -> None:
    """A column between the buckets, or a total that is missing, leaves the totals as values."""
    report = rf.reports.ar_aging(INVOICES, DAY)
    apart = report[[*report.columns[:5], "total", *[name for name in report.columns[5:] if name != "total"]]]
    blank = report.assign(total=[None, *report["total"][1:]]).astype({"total": "float64"})
    write_workbook("book.xlsx", {"Apart": apart, "Blank": blank})
    book = openpyxl.load_workbook("book.xlsx")
    assert not any(
        str(value).startswith("=SUM(")
        for sheet in book.worksheets[1:3]
        for row in rows(sheet)
        for value in row
    )


def test_values_of_other_kinds_than_their_column() -> None:
    """Numbers and days in a column of keys are numbers and days, also before March 1900; a flag is text."""
    report = pd.DataFrame(
        {
            "key": [1.5, pd.Timestamp("1900-02-28"), True, pd.Timestamp("2026-06-30").date()],
            "currency": "USD", "rank": 1, "amount": [4.0, 3.0, 2.0, 1.0], "share": 0.25,
        }
    )  # fmt: skip
    report.attrs = {"report": "concentration"}
    write_workbook("book.xlsx", {"A": report})
    sheet: Any = openpyxl.load_workbook("book.xlsx")["A"]
    assert [cell.value for cell in sheet["A"][5:9]] == [
        1.5, pd.Timestamp("1900-02-28"), "True", pd.Timestamp("2026-06-30"),
    ]  # fmt: skip


def test_items_with_names_of_their_own() -> None:
    """Items that have names keep them, whatever the aging calls its customers."""
    aging = rf.reports.ar_aging(INVOICES, DAY, customers=CUSTOMERS)
    items = rf.reports.open_items(INVOICES, DAY)
    items.insert(1, "customer_name", "Own")
    write_workbook("book.xlsx", {"A": aging}, open_items={"A": items})
    assert rows(openpyxl.load_workbook("book.xlsx")["A open items"])[5][0] == "Own"


def test_rows_of_a_report_without_totals_keep_their_order() -> None:
    """A runway has one row for each currency, no totals, and one filter."""
    banks = pd.DataFrame({"id": ["b", "c"], "currency": ["USD", "EUR"], "balance": [5.0, 9.0]})
    bills = INVOICES.rename(columns={"customer_id": "vendor_id"})
    runway = rf.reports.runway(rf.reports.cash_forecast(banks, INVOICES, bills, DAY))
    write_workbook("book.xlsx", {"A": runway})
    sheet = openpyxl.load_workbook("book.xlsx")["A"]
    assert [row[0] for row in rows(sheet)[5:7]] == runway["currency"].tolist()
    assert sheet.auto_filter.ref is not None
