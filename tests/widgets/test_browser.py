"""The browser of a report without a page: what it draws, sorts, filters, selects and sends."""

from __future__ import annotations

from itertools import product
from typing import Any

import pandas as pd
import pytest
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook, new_output

import rutterframe as rf
from rutterframe.widgets.browser import ReportBrowser

AS_OF = "2026-06-30"
#: What an API might send to break a page, a spreadsheet or a terminal.
NASTY = '<img src=x onerror="alert(1)">=1+1\x1b[2J'


def invoices(*rows: tuple[str, str | None, str, float, str]) -> pd.DataFrame:
    """Create open invoices from id, customer, currency, amount and due date."""
    frame = pd.DataFrame(rows, columns=["id", "customer_id", "currency", "amount_due", "due_date"])
    return frame.assign(status="open", due_date=pd.to_datetime(frame["due_date"]))


OWED = invoices(
    ("i1", "acme", "USD", 100.10, "2026-06-20"),
    ("i2", "acme", "USD", 50.0, "2026-05-01"),
    ("i3", "bolt", "USD", 400.0, "2026-06-25"),
    ("i4", "cork", "USD", 0.2, "2026-06-25"),
    ("i5", None, "USD", 7.0, "2026-06-25"),
    ("i6", "acme", "KWD", 1.234, "2026-06-29"),
)
AGING = rf.reports.ar_aging(OWED, AS_OF)


def lines(browser: ReportBrowser) -> list[tuple[str, str]]:
    """Return the kind and the first cell of each line."""
    return [(line["kind"], line["cells"][0]) for line in browser._table["rows"]]


def cells(browser: ReportBrowser, first: str) -> dict[str, str]:
    """Return the cells of a line by their columns."""
    names = [column["name"] for column in browser._table["columns"]]
    (line,) = [line for line in browser._table["rows"] if line["cells"][0] == first]
    return dict(zip(names, line["cells"], strict=True))


def position(report: pd.DataFrame, customer: str, currency: str = "USD") -> int:
    """Return the position of a customer's row."""
    return [*zip(report["customer_id"], report["currency"], strict=True)].index((customer, currency))


class Page:
    """What a page does: it sends messages, and notes the answers."""

    def __init__(self, browser: ReportBrowser) -> None:
        self.browser = browser
        self.answers: list[dict[str, Any]] = []
        browser.send = lambda content, buffers=None: self.answers.append(content)  # noqa: ARG005

    def send(self, **message: Any) -> dict[str, Any]:
        """Send a message, and return the answer."""
        self.browser._handle_custom_msg(message, [])
        return self.answers[-1]


def test_rows_stand_by_currency_the_largest_first_with_totals() -> None:
    """The lines are those of every view: a currency, its rows by size, without a key last, the total."""
    browser = ReportBrowser(AGING, OWED)
    assert lines(browser) == [
        ("group", "KWD"), ("row", "acme"), ("total", "Total KWD"),
        ("group", "USD"), ("row", "bolt"), ("row", "acme"), ("row", "cork"), ("row", "No customer"),
        ("total", "Total USD"),
    ]  # fmt: skip
    assert cells(browser, "Total USD")["total"] == "557.30"
    assert browser._table["count"] == "5 rows."


def test_a_selected_cell_shows_its_documents() -> None:
    """The documents of a bucket add up to its cell, and the status says so."""
    browser = ReportBrowser(AGING, OWED)
    browser.selected = (position(AGING, "acme"), "days_1_30")
    assert browser.documents is not None
    assert browser.documents["id"].tolist() == ["i1"]
    assert browser._status == "1 document adds up to 100.10 USD, as the cell does."
    assert browser._documents["heading"] == "acme, 1\N{EN DASH}30 days: 100.10 USD"
    browser.selected = (position(AGING, "acme"), "customer_id")
    assert sorted(browser.documents["id"]) == ["i1", "i2"]
    assert browser._status == "2 documents add up to 150.10 USD, as the cell does."
    browser.selected = (position(AGING, "acme"), "documents")
    assert browser._status == "2 documents, as the cell states."
    browser.selected = None
    assert browser.documents is None
    assert browser._documents == {}


def test_a_row_without_a_key_has_its_documents() -> None:
    """The row of documents without a customer shows those documents."""
    place = AGING["customer_id"].isna().tolist().index(True)
    browser = ReportBrowser(AGING, OWED)
    browser.selected = (place, "total")
    assert browser.documents is not None
    assert browser.documents["id"].tolist() == ["i5"]
    assert browser._documents["heading"] == "No customer, Total: 7.00 USD"


def test_a_total_shows_the_documents_of_all_its_rows() -> None:
    """A total of a currency has the documents of each row; after a filter those of the rows that match."""
    browser = ReportBrowser(AGING, OWED)
    browser.selected = ("USD", "days_1_30")
    assert browser.documents is not None
    assert sorted(browser.documents["id"]) == ["i1", "i3", "i4", "i5"]
    assert browser._status == "4 documents add up to 507.30 USD, as the cell does."
    browser.filter = "o"
    assert browser.selected is None
    browser.selected = ("USD", "total")
    assert sorted(browser.documents["id"]) == ["i3", "i4", "i5"]
    assert browser._documents["heading"] == "Total of 3 of 4 USD, Total: 407.20"


def test_a_total_of_too_many_rows_says_to_filter() -> None:
    """The documents of more than 50 rows are not listed: the error says what to do."""
    many = invoices(*((f"i{n}", f"c{n}", "USD", 1.0, AS_OF) for n in range(51)))
    browser = ReportBrowser(rf.reports.ar_aging(many, AS_OF), many)
    browser.selected = ("USD", "total")
    assert browser._status.startswith("this total is of 51 rows, too many to list their documents")
    with pytest.raises(ValueError, match="select a row, or filter first"):
        _ = browser.documents


def test_a_filter_keeps_rows_with_every_word_and_an_exact_total() -> None:
    """Words are looked for in names, ids and amounts; the total is that of the rows that match."""
    browser = ReportBrowser(AGING, OWED, names={"acme": "Acme Ltd", "bolt": "Bolt & Co"})
    browser.filter = "ACME usd"
    assert lines(browser) == [("group", "USD"), ("row", "Acme Ltd"), ("total", "Total of 1 of 4 USD")]
    assert cells(browser, "Total of 1 of 4 USD")["total"] == "150.10"
    assert browser._table["count"] == "1 of 5 rows match."
    browser.filter = "150.1"
    assert lines(browser)[1] == ("row", "Acme Ltd")
    browser.filter = "nothing like it"
    assert lines(browser) == []
    assert browser._table["count"] == "0 of 5 rows match."
    browser.filter = ""
    assert len(lines(browser)) == 9


def test_an_amount_with_commas_is_found_as_it_is_typed() -> None:
    """1234.5 finds 1,234.50; a hidden id finds the row of a name."""
    owed = invoices(("i1", "id-77", "USD", 1234.5, AS_OF), ("i2", "id-88", "USD", 1.0, AS_OF))
    report = rf.reports.ar_aging(owed, AS_OF, customers=pd.DataFrame({"id": ["id-77"], "name": ["Acme"]}))
    browser = ReportBrowser(report, owed)
    for text in ("1234.5", "1,234.50", "id-77", "acme"):
        browser.filter = text
        assert [line for line in lines(browser) if line[0] == "row"] == [("row", "Acme")], text


def test_rows_are_sorted_within_their_currency() -> None:
    """Numbers sort by value, text without case, and what is missing comes last in both directions."""
    browser = ReportBrowser(AGING, OWED)
    browser.sort("total")
    usd = [("row", "cork"), ("row", "No customer"), ("row", "acme"), ("row", "bolt")]
    assert lines(browser)[4:8] == usd
    browser.sort("total", descending=True)
    assert lines(browser)[4:8] == usd[::-1]
    for descending in (False, True):
        browser.sort("customer_id", descending=descending)
        assert lines(browser)[7] == ("row", "No customer")
    assert lines(browser)[4:7] == [("row", "cork"), ("row", "bolt"), ("row", "acme")]
    browser.sort(None)
    assert lines(browser)[4] == ("row", "bolt")
    with pytest.raises(ValueError, match="'nothing' is not a column of this view"):
        browser.sort("nothing")


def test_rows_beyond_the_limit_become_one_line() -> None:
    """The line of all others has their sums: what is shown adds up to the total. More can be shown."""
    browser = ReportBrowser(AGING, OWED, max_rows=2)
    assert lines(browser)[4:] == [
        ("row", "bolt"), ("row", "acme"), ("others", "All others (2)"), ("total", "Total USD"),
    ]  # fmt: skip
    assert cells(browser, "All others (2)")["total"] == "7.20"
    assert browser._table["count"] == "5 rows. 3 are shown."
    assert Page(browser).send(more=True) == {"status": browser._status}
    assert ("others", "All others (2)") not in lines(browser)
    assert not browser._table["more"]


def test_days_stand_newest_first() -> None:
    """A cash history begins with its last day, and a day shows its transactions."""
    banks = pd.DataFrame({"id": ["b"], "type": "checking", "balance": [70.0], "currency": "USD"})
    posted = pd.DataFrame(
        {
            "id": ["t1", "t2"], "account_id": "b", "amount": [100.0, -30.0], "currency": "USD",
            "date": pd.to_datetime(["2026-06-01", "2026-06-03"]), "type": "deposit",
            "description": "", "status": "posted",
        }
    )  # fmt: skip
    report = rf.reports.cash_history(banks, posted, as_of="2026-06-03")
    browser = ReportBrowser(report, posted)
    assert next(first for kind, first in lines(browser) if kind == "row") == "2026-06-03"
    browser.selected = (len(report) - 1, "outflow")
    assert browser.documents is not None
    assert browser.documents["id"].tolist() == ["t2"]
    assert browser._status == "1 transaction adds up to -30.00 USD, as the cell does."
    assert "(30.00)" in browser._documents["total"]
    browser.selected = (len(report) - 1, "balance")
    assert browser._status == "1 transaction adds up to -30.00 USD."
    browser.selected = (len(report) - 1, "inflow")
    assert browser._status == "No transactions."
    assert browser._documents["rows"] == []


def test_a_flow_shows_the_transactions_of_its_side() -> None:
    """Inflow has the deposits, outflow the withdrawals; transfers among them are not in the cell."""
    banks = pd.DataFrame({"id": ["a", "b"], "type": "checking", "balance": [70.0, 30.0], "currency": "USD"})
    posted = pd.DataFrame(
        {
            "id": ["t1", "t2", "t3", "t4"], "account_id": ["a", "a", "a", "b"],
            "amount": [100.0, -25.0, -40.0, 40.0], "currency": "USD",
            "date": pd.to_datetime(["2026-06-02"] * 4), "type": "deposit", "description": "",
            "status": "posted",
        }
    )  # fmt: skip
    report = rf.reports.cash_history(banks, posted, as_of="2026-06-03")
    place = report["date"].astype(str).tolist().index("2026-06-02")
    assert report[["inflow", "outflow"]].iloc[place].tolist() == [100.0, -25.0]
    browser = ReportBrowser(report, posted)
    for column, ids, total in (("inflow", ["t1", "t4"], "140.00"), ("outflow", ["t2", "t3"], "-65.00")):
        browser.selected = (place, column)
        assert browser.documents is not None
        assert browser.documents["id"].tolist() == ids
        assert browser._status == (
            f"2 transactions add up to {total} USD; transfers between own accounts, which are among them, "
            "are not in the cell."
        )


def test_revenue_shows_order_lines() -> None:
    """A product's row shows its lines: revenue and quantity add up, other columns state their number."""
    items = [
        [
            {"product_id": "p", "quantity": 2, "unit_price": 4.5},
            {"product_id": "p", "quantity": 1, "unit_price": 1.0},
        ]
    ]
    orders = pd.DataFrame(
        {"id": ["o"], "status": "paid", "currency": "USD", "total_price": 10.0, "line_items": items}
    )
    report = rf.reports.revenue_by_product(orders)
    browser = ReportBrowser(report, orders)
    browser.selected = (0, "revenue")
    assert browser._status == "2 order lines add up to 10.00 USD, as the cell does."
    browser.selected = (0, "quantity")
    assert browser._status == "2 order lines add up to 3, as the cell does."
    browser.selected = (0, "orders")
    assert browser._status == "2 order lines."


def test_documents_that_do_not_add_up_are_reported() -> None:
    """Documents of another day do not add up to the cell: the status says by how much, and what to pass."""
    browser = ReportBrowser(AGING, OWED.assign(amount_due=OWED["amount_due"] + 1))
    browser.selected = (position(AGING, "bolt"), "total")
    assert browser._status == (
        "1 document adds up to 401.00 USD, 1.00 USD more than the cell: pass the documents that the report "
        "was made from."
    )


def test_a_cell_without_its_documents_is_reported() -> None:
    """No documents behind an amount are reported as well; behind zero there are none."""
    browser = ReportBrowser(AGING, OWED[OWED["id"] != "i3"])
    browser.selected = (position(AGING, "bolt"), "total")
    assert browser._status.startswith(
        "No documents add up to 0.00 USD, 400.00 USD less than the cell: pass the"
    )
    browser.selected = (position(AGING, "bolt"), "current")
    assert browser._status == "No documents."


def test_without_documents_a_sentence_says_what_to_pass() -> None:
    """The page shows what to pass, and `documents` and `csv` raise the same."""
    browser = ReportBrowser(AGING)
    browser.selected = (0, "total")
    assert browser._status == (
        "the documents behind this report are not known: pass the invoices that it was made from, as in "
        "ReportBrowser(report, invoices)"
    )
    assert browser._documents == {}
    for read in (lambda: browser.documents, browser.csv):
        with pytest.raises(ValueError, match="are not known: pass the invoices"):
            read()


def test_a_function_explains_rows() -> None:
    """A function gets the row, with its attrs, and the bucket, which is None outside the buckets."""
    calls: list[tuple[str, str | None]] = []

    def explain(row: pd.Series[Any], bucket: str | None) -> pd.DataFrame:
        calls.append((row["customer_id"], bucket))
        documents: pd.DataFrame = rf.reports.explain(row, OWED, bucket=bucket)
        return documents

    browser = ReportBrowser(AGING, explain)
    place = position(AGING, "bolt")
    for column in ("days_1_30", "total", "customer_id", "documents"):
        browser.selected = (place, column)
    assert calls == [("bolt", "days_1_30"), ("bolt", "total"), ("bolt", None), ("bolt", None)]


def test_a_week_of_a_forecast_shows_one_side() -> None:
    """Receipts are invoices, payments are bills; another cell of the week says which to select."""
    bills = OWED.rename(columns={"customer_id": "vendor_id"})
    banks = pd.DataFrame({"id": ["b"], "type": "checking", "balance": [70.0], "currency": "USD"})
    forecast = rf.reports.cash_forecast(banks, OWED, bills, as_of=AS_OF)
    place = forecast["currency"].tolist().index("USD")
    browser = ReportBrowser(forecast, {"invoices": OWED, "bills": bills})
    for column, party in (("receipts", "customer_id"), ("payments", "vendor_id")):
        browser.selected = (place, column)
        assert browser.documents is not None
        assert party in browser.documents
        assert len(browser.documents) == 5
    calls: list[str | None] = []

    def explain(_row: pd.Series[Any], side: str | None) -> pd.DataFrame:
        calls.append(side)
        return bills

    by_function = ReportBrowser(forecast, explain)
    for column in ("receipts", "payments", "opening"):
        by_function.selected = (place, column)
    assert calls == ["receipts", "payments"]
    assert by_function._status == "a week has invoices and bills: select its receipts or its payments"
    browser.selected = (place, "closing")
    assert browser._status == "a week has invoices and bills: select its receipts or its payments"


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ((99, "total"), "row 99 is not a row of the report, which has 5"),
        ((-1, "total"), "row -1 is not a row of the report"),
        (
            (0, "nothing"),
            "column 'nothing' is not a column of this view .expected one of customer_id, current",
        ),
        (("EUR", "total"), "'EUR' is neither the position of a row nor the currency of a total .KWD, USD."),
        ((True, "total"), "True is neither the position of a row"),
        ("total", "selected='total' is not a cell .expected a row and a column"),
    ],
)
def test_an_unknown_cell_is_refused(cell: object, message: str) -> None:
    """What is not a cell is an error that says which there are; the selection stays as it was."""
    browser = ReportBrowser(AGING, OWED)
    browser.selected = (0, "total")
    with pytest.raises(ValueError, match=message):
        browser.selected = cell
    assert browser.selected == (0, "total")


def test_csv_and_copy_have_every_column_and_harmless_text() -> None:
    """Text that a spreadsheet would take for a formula gets an apostrophe, and nested lines are left out."""
    owed = invoices(("=1+1", "acme", "USD", -0.0, AS_OF), ("i2", "acme", "USD", 0.1, AS_OF))
    nested = pd.Series([[{"a": 1}], []], dtype=object)
    owed = owed.assign(memo=['say "hi"\tto\nus', "a,b"], line_items=nested)
    report = rf.reports.ar_aging(owed, AS_OF)
    browser = ReportBrowser(report, lambda row, bucket: owed)  # noqa: ARG005
    browser.selected = (0, "total")
    assert browser.csv().splitlines() == [
        "id,customer_id,currency,amount_due,due_date,status,memo",
        '\'=1+1,acme,USD,0.0,2026-06-30,open,"say ""hi""\\tto\\nus"',
        'i2,acme,USD,0.1,2026-06-30,open,"a,b"',
    ]
    page = Page(browser)
    copied = page.send(fetch="copy")
    assert copied["status"] == "Copied 2 rows."
    assert copied["text"].splitlines()[2] == "i2\tacme\tUSD\t0.1\t2026-06-30\topen\ta,b"
    sent = page.send(fetch="csv")
    assert sent["csv"] == browser.csv()
    assert sent["name"] == "ar_aging-acme-Total.csv"
    assert sent["status"] == "Downloaded 2 rows as ar_aging-acme-Total.csv."


def test_a_page_asks_for_all_that_code_can_do() -> None:
    """Select, filter, sort in three steps, close; what is invalid is answered with a sentence, or ignored."""
    browser = ReportBrowser(AGING, OWED)
    page = Page(browser)
    assert page.send(select=[0, "total"])["status"] == "1 document adds up to 1.234 KWD, as the cell does."
    assert browser.selected == (0, "total")
    assert browser._cell == [0, "total"]
    assert page.send(select=None)["status"].startswith("Arrow keys move")
    assert page.send(select=[99, "total"])["status"] == "row 99 is not a row of the report, which has 5"
    assert page.send(fetch="csv")["status"].startswith("no cell is selected: select one first")
    page.send(filter="bolt")
    assert browser.filter == "bolt"
    page.send(filter="")
    directions = []
    for _ in range(3):
        page.send(sort="total")
        directions.append(next(each["sort"] for each in browser._table["columns"] if each["name"] == "total"))
    assert directions == ["descending", "ascending", "none"]
    page.send(sort="customer_id")
    assert lines(browser)[4] == ("row", "acme")
    assert page.send(anything="else") == {"status": browser._status}


def test_many_documents_are_listed_in_part() -> None:
    """The largest 200 documents are listed, with the exact total of all; the CSV has each of them."""
    many = invoices(*((f"i{n:03}", "acme", "USD", n / 100, AS_OF) for n in range(1, 251)))
    browser = ReportBrowser(rf.reports.ar_aging(many, AS_OF), many)
    browser.selected = (0, "total")
    assert browser._status == (
        "250 documents add up to 313.75 USD, as the cell does. The largest 200 are listed; Copy and Download "
        "CSV have all 250."
    )
    assert len(browser.csv().splitlines()) == 251
    assert len(browser._documents["rows"]) == 201
    assert "All others (50)" in browser._documents["rows"][-1]


def test_text_from_data_is_shown_not_executed() -> None:
    """Control characters are written out in the state, and the static table has no tag from data."""
    owed = invoices(("i1", NASTY, "USD", 5.0, AS_OF))
    browser = ReportBrowser(rf.reports.ar_aging(owed, AS_OF), owed, names={NASTY: NASTY})
    browser.selected = (0, "total")
    state = str(browser.get_state(["_table", "_documents", "_status", "_cell"]))
    assert "\x1b" not in state
    assert "<img" not in browser._static_table()
    assert "&lt;img" in browser._static_table()


def outputs_of(browser: ReportBrowser) -> list[dict[str, Any]]:
    """Return what a cell that shows a browser has in the saved notebook."""
    outputs: list[Any] = []
    with pytest.MonkeyPatch.context() as patch:
        display = "rutterframe.widgets.browser.display"
        patch.setattr(display, lambda output, **_: outputs.append(getattr(output, "data", output)))
        browser._ipython_display_()
    widget, table = outputs
    return [widget, {"text/html": table}]


def test_a_saved_notebook_has_a_table() -> None:
    """The output is the widget, and a table of the report, which stays readable where there is no widget."""
    browser = ReportBrowser(AGING, OWED)
    widget, table = outputs_of(browser)
    assert "application/vnd.jupyter.widget-view+json" in widget
    assert widget["text/html"] == "<span></span>"
    assert widget["text/plain"] == "<ReportBrowser: Receivables aging as of 2026-06-30, 5 rows>"
    for text in ("Receivables aging", "acme", "557.30", "run the cell again", browser._static):
        assert text in table["text/html"]


@pytest.mark.slow
def test_an_export_has_the_table_once() -> None:
    """An export of nbconvert shows the table of a saved notebook, and nothing of the widget."""
    outputs = [new_output("display_data", data) for data in outputs_of(ReportBrowser(AGING, OWED))]
    cell = new_code_cell("report.rf.browse()", outputs=outputs)
    html, _ = HTMLExporter(exclude_input=True).from_notebook_node(new_notebook(cells=[cell]))
    body = html[html.index("<body") :]
    assert body.count("Receivables aging as of 2026-06-30") == 1
    assert body.count("557.30") == 1
    for text in ("ReportBrowser", "widget-view", "rf-browser"):
        assert text not in body


def test_a_report_without_rows_says_so() -> None:
    """An aging of no documents is drawn, and has no cell to select."""
    browser = ReportBrowser(rf.reports.ar_aging(OWED.iloc[:0], AS_OF), OWED)
    assert browser._table["count"] == "The report has no rows."
    with pytest.raises(ValueError, match="row 0 is not a row of the report, which has 0"):
        browser.selected = (0, "total")


@pytest.mark.parametrize(
    ("report", "error", "message"),
    [
        ({"a": 1}, TypeError, "this view shows a pandas report"),
        (OWED, ValueError, "the frame is not a report"),
        (AGING.drop(columns="currency"), ValueError, "has lost its column 'currency'"),
    ],
)
def test_what_is_not_a_report_is_refused(report: Any, error: type[Exception], message: str) -> None:
    """Another frame, or a report that lost a column, is refused as by every view."""
    with pytest.raises(error, match=message):
        ReportBrowser(report)


def test_max_rows_must_be_a_number_of_rows() -> None:
    """No rows at all is not a limit."""
    with pytest.raises(ValueError, match="max_rows=0 is not a valid number of rows"):
        ReportBrowser(AGING, max_rows=0)


def test_a_merged_report_has_totals_of_its_parts() -> None:
    """A report that lost its attrs is recognised, and a filtered total still states of how many it is."""
    merged = AGING.merge(pd.DataFrame({"customer_id": ["acme"], "region": ["north"]}), how="left")
    merged.attrs = {}
    browser = ReportBrowser(merged, OWED)
    browser.filter = "bolt"
    assert lines(browser)[-1] == ("total", "Total of 1 of 4 USD")
    browser.selected = (position(merged, "bolt"), "total")
    assert browser._status.startswith("pass as_of= of the aging")


def browsed(books: rf.Books) -> dict[str, pd.DataFrame]:
    """Return the reports of books that have rows behind their rows."""
    reports = {
        name: getattr(books, name)()
        for name in (
            "ar_aging", "ap_aging", "revenue_by_product", "cash_position", "cash_history", "runway",
            "transfers", "trial_balance", "expenses_by_category",
        )
    }  # fmt: skip
    return reports | {
        "open_items": books.open_items("invoices"),
        "converted": books.convert(books.ar_aging()),
    }


@pytest.mark.slow
def test_reports_of_books_need_no_documents(books: rf.Books) -> None:
    """Each cell of the first rows of every report has its rows, and none adds up to something else."""
    agree: dict[str, int] = {}
    for name, report in browsed(books).items():
        browser = report.rf.browse()
        for place, column in product(range(min(2, len(report))), browser._grid.columns):
            browser.selected = (place, column.name)
            assert browser.documents is not None
            assert "than the cell" not in browser._status, (name, place, column.name, browser._status)
            agree[name] = agree.get(name, 0) + ("as the cell" in browser._status)
    for name in ("ar_aging", "ap_aging", "revenue_by_product", "cash_position", "expenses_by_category"):
        assert agree[name] > 0, name


def test_documents_of_books_have_names(books: rf.Books) -> None:
    """The documents name their customer as the report does, and their ids are cut; the CSV has them whole."""
    report = books.ar_aging()
    browser = report.rf.browse()
    browser.selected = (0, "total")
    labels = [column["label"] for column in browser._documents["columns"]]
    row = dict(zip(labels, browser._documents["rows"][0], strict=True))
    assert row["Customer"] == report["customer_name"].iloc[0]
    assert browser.documents is not None
    (whole,) = [text for text in browser.documents["id"] if text.startswith(row["Id"])]
    assert len(row["Id"]) < len(whole)
    assert whole in browser.csv()
