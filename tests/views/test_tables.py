from __future__ import annotations

import re
from collections.abc import Hashable
from decimal import Decimal
from html import unescape
from typing import Any

import openpyxl
import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.reports.caption import Caption
from rutterframe.reports.describe import columns_of
from rutterframe.views import charts, tables
from rutterframe.views.format import BLANK, amount, bucket, day
from rutterframe.views.html_table import Table
from rutterframe.views.layout import aggregate, in_ticks
from rutterframe.views.text import markdown
from rutterframe.views.workbook import write_workbook

DEMO: dict[str, Any] = {
    "resource": "invoices",
    "environment": "demo",
    "finished": "2026-07-01T08:30:15.120Z",
    "complete": True,
}
ALARM = '<tr class="rf-alarm">'
REAL: dict[str, Any] = DEMO | {"environment": "production", "finished": "2026-07-01T09:45:00Z"}


def report(name: str, rows: dict[str, Any], *sources: dict[str, Any], **about: Any) -> pd.DataFrame:
    frame = pd.DataFrame(rows)
    for column in ("documents", "orders", "quantity", "accounts", "week", "expenses"):
        if column in frame:
            frame[column] = frame[column].astype("Int64")
    attrs: dict[Hashable, Any] = {"report": name, "notes": [], "sources": list(sources)}
    frame.attrs = attrs | dict(about)
    return frame


def aged(**columns: list[Any]) -> pd.DataFrame:
    rows: dict[str, Any] = {
        "customer_id": ["c1", "c2", "c3", None],
        "currency": ["USD"] * 4,
        "current": [10.0, 0.1, -2000.5, 1.0],
        "days_1_30": [0.0, 0.2, 0.0, 0.0],
        "total": [10.0, 0.3, -2000.5, 1.0],
        "documents": [1, 2, 1, 1],
    }
    return report("ar_aging", rows | columns, REAL, as_of="2026-06-30", by="customer_id")


def cells(table: Table) -> list[list[str]]:
    """The table's rows as a reader sees them, headings included."""
    html = table.as_raw_html()
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", html.partition("</thead>")[2], re.DOTALL)
    texts = (re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL) for row in rows)
    return [[unescape(re.sub(r"</?(span|strong)[^>]*>", "", cell)) for cell in row] for row in texts]


def converted(frame: pd.DataFrame, *origins: str) -> pd.DataFrame:
    """As `convert` gives it: all in dollars, with what each row was."""
    after = frame.assign(currency="USD", original_currency=list(origins))
    after.attrs = frame.attrs | {"currency": "USD"}
    return after


def test_aging_is_ranked_and_totalled() -> None:
    """Rows stand largest first, those without a customer last, and the total is exact."""
    assert cells(tables.aging(aged())) == [
        ["USD"],
        ["c1", "10.00", "–", "10.00", "1"],
        ["c2", "0.10", "0.20", "0.30", "2"],
        ["c3", "(2,000.50)", "–", "(2,000.50)", "1"],
        ["No customer", "1.00", "–", "1.00", "1"],
        ["Total USD", "(1,989.40)", "0.20", "(1,989.20)", "5"],
    ]


def test_rest_is_one_row() -> None:
    """What is beyond the limit is one row, and the row without a customer is not among it."""
    assert cells(tables.aging(aged(), {"c1": "Acme"}, max_rows=1)) == [
        ["USD"],
        ["Acme", "10.00", "–", "10.00", "1"],
        ["All others (2)", "(2,000.40)", "0.20", "(2,000.20)", "3"],
        ["No customer", "1.00", "–", "1.00", "1"],
        ["Total USD", "(1,989.40)", "0.20", "(1,989.20)", "5"],
    ]


def test_each_currency_has_its_decimals_and_total() -> None:
    """Yen have no decimals and dinars three; no total holds two currencies."""
    frame = aged(customer_id=["a", "b", "a", "b"], currency=["JPY", "JPY", "KWD", None])
    assert [row[0:2] for row in cells(tables.aging(frame))] == [
        ["JPY"],
        ["a", "10"],
        ["b", "0"],
        ["Total JPY", "10"],
        ["KWD"],
        ["a", "(2,000.500)"],
        ["Total KWD", "(2,000.500)"],
        ["No currency"],
        ["b", "1.00"],
        ["Total No currency", "1.00"],
    ]


def test_equal_names_show_their_ids() -> None:
    """Two customers of one name show their ids too, and a name is never markup."""
    names = pd.DataFrame({"id": ["c1", "c2", "c3"], "name": ["Acme", "Acme", "<b>Bold</b>"]})
    html = tables.aging(aged(), names).as_raw_html()
    assert [row[0] for row in cells(tables.aging(aged(), names))][1:4] == [
        "Acme (c1)",
        "Acme (c2)",
        "<b>Bold</b>",
    ]
    assert "<b>Bold" not in html
    with pytest.raises(ValueError, match=r"names must have the columns 'id' and 'name'.*it has id, phone"):
        tables.aging(aged(), pd.DataFrame({"id": [], "phone": []}))


def test_a_table_states_title_notes_and_when_it_was_fetched() -> None:
    """A table says its day, its question, its notes, when it was fetched, and what is missing."""
    frame = aged()
    frame.attrs["notes"] = ["3 documents are odd."]
    frame.attrs["sources"] = [
        REAL,
        REAL | {"finished": "2026-06-30T00:00:00Z", "complete": False, "rows_refused": 2},
    ]
    html = tables.aging(frame).as_raw_html()
    for text in (
        "Receivables aging as of 2026-06-30",
        "Who owes us, and for how long?",
        "3 documents are odd.",
        "Data fetched 2026-06-30 00:00 to 2026-07-01 09:45 UTC.",
        "The invoices are incomplete: a load broke off.",
        "2 rows of invoices were refused as invalid.",
    ):
        assert text in html


def test_demo_mark() -> None:
    """Demo data is marked, also where it is only a part; other data is not."""
    frame = aged()
    assert "Demo data" not in tables.aging(frame).as_raw_html()
    frame.attrs["sources"] = [REAL, DEMO]
    assert "Demo data</strong>" in tables.aging(frame).as_raw_html()
    frame.attrs["sources"] = []
    assert "When the data was fetched is not recorded." in tables.aging(frame).as_raw_html()


@pytest.mark.parametrize(
    ("environment", "made_up"),
    [
        ("demo", True),
        ("demo, production", True),
        ("production, demo", True),
        (["production", "demo"], True),
        ("production, sandbox", False),
        ("https://demo.example", False),
        ([], False),
        (None, False),
    ],
)
def test_demo_among_several_environments(environment: Any, made_up: bool) -> None:
    """A load from several clients lists several environments; one of them the demo is enough."""
    frame = aged()
    frame.attrs["sources"] = [REAL | {"environment": environment}]
    assert Caption.of(frame).is_demo is made_up


def test_demo_and_real_loaded_together(client: rf.Client) -> None:
    """A report of one load from the demo and from another client is marked."""
    with rf.demo() as made_up:
        both = [made_up.connection("gear-bank"), client.connection("roaster-bank")]
        banks = rf.load_bank_accounts(both, progress=False)
    assert ", " in banks.attrs["receipt"]["environment"]
    assert "Demo data</strong>" in tables.cash_position(rf.reports.cash_position(banks)).as_raw_html()


def test_errors_name_what_a_wrong_frame_is() -> None:
    """Another report, a loaded frame, any other frame and no frame are each named."""
    wrong = report("cash_position", {"currency": [], "balance": []})
    with pytest.raises(
        ValueError, match="shows ar_aging or ap_aging; the frame is a report of cash_position"
    ):
        tables.aging(wrong)
    loaded = pd.DataFrame({"id": []})
    with pytest.raises(ValueError, match=r"shows tie_out; the frame is not a report .* columns id"):
        tables.tie_out(loaded)
    loaded.attrs["receipt"] = DEMO
    with pytest.raises(ValueError, match="it has invoices as loaded"):
        tables.tie_out(loaded)
    with pytest.raises(TypeError, match="not dict"):
        tables.open_items({})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"max_rows=0 is not a valid number of rows \(expected 1 or more\)"):
        tables.aging(aged(), max_rows=0)


def test_any_report_is_drawn() -> None:
    """One function draws every report as its own does, and lists the reports for any other frame."""
    assert cells(tables.for_report(aged(), {"c1": "Acme"}, 1)) == cells(
        tables.aging(aged(), {"c1": "Acme"}, max_rows=1)
    )
    whole = rf.reports.ar_aging(invoices_of(("c1", 5.0), ("c2", 4.0)), "2026-06-30")
    merged = whole.merge(pd.DataFrame({"currency": ["USD"], "zone": ["West"]}))
    assert cells(tables.for_report(merged)) == cells(tables.aging(merged))
    with pytest.raises(ValueError, match=r"shows open_items or .* tie_out; the frame is not a"):
        tables.for_report(pd.DataFrame({"id": []}))


def test_empty_report() -> None:
    """An empty report is a table without rows that says so."""
    table = tables.aging(aged()[:0])
    assert cells(table) == []
    assert "The report has no rows." in table.as_raw_html()


def test_no_value_that_is_an_answer_has_a_word() -> None:
    """Cash that never falls below zero has no week in which it does: that is "none", and no gap."""
    rows: dict[str, Any] = {
        "currency": ["EUR"],
        "opening": [5.0],
        "lowest": [0.0],
        "lowest_week": pd.array([0], dtype="Int64"),
        "weeks": pd.array([None], dtype="Int64"),
    }
    assert cells(tables.runway(report("runway", rows))) == [["EUR", "5.00", "–", "0", "none"]]


def test_names_are_only_text() -> None:
    """Markup in a name is text, and dollars are kept from what typesets formulas in a notebook."""
    names = {"c1": "$1 & $2", "c2": "<script>x</script>", "c3": "=1+1"}
    html = tables.aging(aged(), names).as_raw_html()
    assert [row[0] for row in cells(tables.aging(aged(), names))][1:4] == [
        "$1 & $2",
        "<script>x</script>",
        "=1+1",
    ]
    assert "<script>" not in html
    assert '<span class="mathjax_ignore tex2jax_ignore">$</span>1 &amp;' in html


def test_a_customer_with_the_name_of_a_bucket_keeps_it() -> None:
    """Only buckets are said in words: a customer with the id "current" keeps it."""
    assert cells(tables.aging(aged(customer_id=["current", "days_1_30", "total", None])))[1][0] == "current"


def test_converted_aging() -> None:
    """The total is in the new currency, and each row says what it was."""
    assert cells(tables.aging(converted(aged(), "EUR", "GBP", "USD", "JPY"), max_rows=1))[1:] == [
        ["c1", "EUR", "10.00", "–", "10.00", "1"],
        ["All others (2)", "", "(2,000.40)", "0.20", "(2,000.20)", "3"],
        ["No customer", "JPY", "1.00", "–", "1.00", "1"],
        ["Total USD", "", "(1,989.40)", "0.20", "(1,989.20)", "5"],
    ]
    html = tables.aging(converted(aged(), "EUR", "GBP", "USD", "JPY")).as_raw_html()
    assert "Receivables aging as of 2026-06-30, in USD" in html


def test_converted_open_items(client: rf.Client) -> None:
    """Open items that were converted say what they were, beside the amount."""
    items = rf.reports.open_items(
        rf.load_invoices(client.connection("gear-xero"), progress=False), "2026-06-30"
    )
    table = tables.open_items(converted(items, *items["currency"]))
    largest = items.sort_values(["amount_due", "customer_id"], ascending=[False, True], kind="stable")
    assert [row[-3] for row in cells(table)[1:-1]] == largest["currency"].tolist()


def test_converted_shares_are_not_added() -> None:
    """A share of the original currency adds up to no share of the new one."""
    rows: dict[str, Any] = {
        "category": ["Ads", "Rent", "Tea"],
        "currency": "",
        "expenses": 1,
        "amount": [3.0, 2.0, 1.0],
        "share": 1.0,
    }
    frame = converted(report("expenses_by_category", rows), "EUR", "GBP", "USD")
    assert cells(tables.expenses(frame, max_rows=1))[1:] == [
        ["Ads", "EUR", "1", "3.00", "100.0%"],
        ["All others (2)", "", "2", "3.00", ""],
        ["Total USD", "", "3", "6.00", ""],
    ]


def test_open_items(client: rf.Client) -> None:
    """Open items stand largest first, the customer before and the id behind, and add up to the documents."""
    invoices = rf.load_invoices(client.connection("roaster-quickbooks"), progress=False)
    invoices = invoices[invoices["currency"] == "USD"]
    items = rf.reports.open_items(invoices, "2026-06-30")
    rows = cells(tables.open_items(items))
    largest = items.sort_values(["amount_due", "customer_id"], ascending=[False, True], kind="stable")
    assert [row[-1] for row in rows[1:-1]] == [key[:8] for key in largest["id"]]
    assert [row[0] for row in rows[1:-1]] == [key[:8] for key in largest["customer_id"]]
    assert rows[-1] == ["Total USD", "", "", "", "", "32,395.95", ""]
    assert {row[4] for row in rows[1:-1]} <= {
        "Current",
        "1–30 days",
        "31–60 days",
        "61–90 days",
        "91+ days",
        "No due date",
    }
    assert cells(tables.open_items(items, max_rows=2))[3][0] == f"All others ({len(items) - 2})"


def test_cash_position() -> None:
    """By currency alone there is a line for each and no total; by bank there are both."""
    rows: dict[str, Any] = {
        "currency": ["EUR", "JPY"],
        "accounts": [1, 2],
        "balance": [-5.0, 7.0],
        "overdrawn": [-5.0, 0.0],
    }
    plain = report("cash_position", rows)
    assert cells(tables.cash_position(plain)) == [["EUR", "1", "(5.00)", "(5.00)"], ["JPY", "2", "7", "–"]]
    by_bank = report(
        "cash_position", {"institution_name": ["North", None]} | rows | {"currency": ["EUR", "EUR"]}
    )
    assert cells(tables.cash_position(by_bank))[2:] == [
        ["No institution name", "2", "7.00", "–"],
        ["Total EUR", "3", "2.00", "(5.00)"],
    ]


def days(**columns: Any) -> pd.DataFrame:
    dates = pd.to_datetime(["2026-06-01", "2026-06-03", "2026-06-04", "2026-06-09"])
    rows = {
        "date": dates,
        "currency": "USD",
        "inflow": [5.0, 1.0, 0.0, 2.0],
        "outflow": [0.0, -3.0, -1.0, 0.0],
    }
    return report("cash_history", rows | {"balance": [9.0, 7.0, 6.0, 8.0]} | columns)


def test_cash_history() -> None:
    """The days before the last ones are one row, with the balance that they ended at; the total foots."""
    assert cells(tables.cash_history(days(), max_rows=2)) == [
        ["USD"],
        ["until 2026-06-03", "6.00", "(3.00)", "7.00"],
        ["2026-06-04", "–", "(1.00)", "6.00"],
        ["2026-06-09", "2.00", "–", "8.00"],
        ["Total USD", "8.00", "(4.00)", "8.00"],
    ]


def test_cash_history_by_account() -> None:
    """Each account has its own last days and balance; the total's balance is that of all accounts."""
    frame = days(account_id=["a", "b", "a", "b"])
    assert cells(tables.cash_history(frame, {"a": "Till"}))[1:] == [
        ["Till", "2026-06-01", "5.00", "–", "9.00"],
        ["Till", "2026-06-04", "–", "(1.00)", "6.00"],
        ["b", "2026-06-03", "1.00", "(3.00)", "7.00"],
        ["b", "2026-06-09", "2.00", "–", "8.00"],
        ["Total USD", "", "8.00", "(4.00)", "14.00"],
    ]


def test_concentration() -> None:
    """The rank's order stays, and the row of all others goes on to the whole."""
    rows: dict[str, Any] = {
        "customer_id": ["c1", None, "c2", "c3"],
        "currency": "USD",
        "rank": [1, 2, 3, 4],
        "amount": [5.0, 3.0, 1.5, 0.5],
        "share": [0.5, 0.3, 0.15, 0.05],
        "cumulative_share": [0.5, 0.8, 0.95, 1.0],
    }
    table = tables.concentration(report("concentration", rows, by="customer_id"), {"c1": "Acme"}, max_rows=2)
    assert cells(table) == [
        ["USD"],
        ["Acme", "1", "5.00", "50.0%", "50.0%"],
        ["No customer", "2", "3.00", "30.0%", "80.0%"],
        ["All others (2)", "", "2.00", "20.0%", "100.0%"],
        ["Total USD", "", "10.00", "100.0%", ""],
    ]
    assert "Concentration by customer" in table.as_raw_html()


def test_cash_forecast() -> None:
    """The total foots: the first opening, all flows, the last closing."""
    rows: dict[str, Any] = {
        "currency": ["USD", "USD"],
        "week": [1, 2],
        "week_start": [pd.Timestamp("2026-06-30"), pd.Timestamp("2026-07-07")],
        "opening": [100.0, 90.5],
        "receipts": [20.5, 0.0],
        "payments": [-30.0, -100.5],
        "closing": [90.5, -10.0],
    }
    assert cells(tables.cash_forecast(report("cash_forecast", rows, as_of="2026-06-30"))) == [
        ["USD"],
        ["1", "2026-06-30", "100.00", "20.50", "(30.00)", "90.50"],
        ["2", "2026-07-07", "90.50", "–", "(100.50)", "(10.00)"],
        ["Total USD", "", "100.00", "20.50", "(130.50)", "(10.00)"],
    ]


def test_trial_balance_and_tie_out_raise_the_alarm() -> None:
    """The difference stands last, and what does not agree stands out."""
    rows: dict[str, Any] = {
        "type": ["difference", "equity", "asset"],
        "currency": ["USD"] * 3,
        "accounts": [2, 1, 1],
    }
    good = report("trial_balance", rows | {"balance": [0.0, 5.0, 5.0]})
    bad = report("trial_balance", rows | {"balance": [0.01, 4.99, 5.0]})
    assert [row[0] for row in cells(tables.trial_balance(bad))] == ["USD", "asset", "equity", "difference"]
    assert cells(tables.trial_balance(bad))[-1] == ["difference", "2", "0.01"]
    assert [ALARM in tables.trial_balance(each).as_raw_html() for each in (good, bad)] == [False, True]
    tied: dict[str, Any] = {
        "currency": ["USD"],
        "report": [1.0],
        "source": [2.0],
        "difference": [-1.0],
        "ok": [False],
    }
    table = tables.tie_out(report("tie_out", tied))
    assert cells(table) == [["USD", "1.00", "2.00", "(1.00)", "No"]]
    assert ALARM in table.as_raw_html()


def test_revenue_shows_titles() -> None:
    """Products stand by title, with what revenue is; orders have no total."""
    rows: dict[str, Any] = {
        "product_id": ["p1", "p2", None],
        "title": ["Tent", None, "Not allocated to a product"],
        "currency": ["USD"] * 3,
        "orders": [3, 2, 4],
        "quantity": [1200, 2, None],
        "revenue": [75.0, 30.0, -5.0],
        "share": [0.75, 0.3, -0.05],
    }
    table = tables.revenue(report("revenue_by_product", rows, by="product_id"))
    basis = "Revenue is quantity times unit price; shipping, tax and discounts belong to no product."
    assert f"What do we sell? {basis}" in table.as_raw_html()
    assert cells(table) == [
        ["USD"],
        ["Tent", "3", "1,200", "75.00", "75.0%"],
        ["p2", "2", "2", "30.00", "30.0%"],
        ["Not allocated to a product", "4", "n/a", "(5.00)", "(5.0%)"],
        ["Total USD", "", "1,202", "100.00", "100.0%"],
    ]


def test_variants_have_article_numbers() -> None:
    """The article number is itself, not the title; a line that is of no variant keeps its own title."""
    rows: dict[str, Any] = {
        "variant_id": ["v1", None, None],
        "title": ["Tent, red", "Line without a variant", "Not allocated to a product"],
        "sku": ["T-R", None, None],
        "currency": ["USD"] * 3,
        "revenue": [75.0, 5.0, -5.0],
    }
    assert cells(tables.revenue(report("revenue_by_product", rows, by="variant_id")))[1:4] == [
        ["Tent, red", "T-R", "75.00"],
        ["Line without a variant", "n/a", "5.00"],
        ["Not allocated to a product", "n/a", "(5.00)"],
    ]


def test_expenses_by_period() -> None:
    """Each period has its own rest; shares of periods have no total."""
    rows: dict[str, Any] = {
        "category": ["Ads", "Rent", "Tea", "Rent"],
        "currency": ["USD"] * 4,
        "period": [pd.Timestamp("2026-01-01")] * 3 + [pd.Timestamp("2026-02-01")],
        "expenses": [1, 1, 2, 1],
        "amount": [20.0, 70.0, 10.0, 70.0],
        "share": [0.2, 0.7, 0.1, 1.0],
    }
    assert cells(tables.expenses(report("expenses_by_category", rows, period="month"), max_rows=1)) == [
        ["USD"],
        ["2026-01", "Rent", "1", "70.00", "70.0%"],
        ["2026-01", "All others (2)", "3", "30.00", "30.0%"],
        ["2026-02", "Rent", "1", "70.00", "100.0%"],
        ["Total USD", "", "5", "170.00", ""],
    ]


def test_periods_are_written_by_name() -> None:
    """Months, quarters and years by name, other periods by their first day, a missing one as "n/a"."""
    first = pd.Timestamp("2026-05-11")
    written = [day(first, length) for length in ("week", "month", "quarter", "year", "")]
    assert written == ["2026-05-11", "2026-05", "2026 Q2", "2026", "2026-05-11"]
    assert day(pd.NaT, "month") == bucket(None) == BLANK == "n/a"


def test_money_is_exact_text() -> None:
    """Exact amounts become text without float rounding and without a negative zero."""
    assert amount(Decimal("9007199254740.9931"), "USD") == "9,007,199,254,740.99"
    assert amount(Decimal("-0.0001"), "USD") == "0.00"
    assert amount(pd.NA, "USD") == "n/a"


def test_views_do_not_change_the_frame() -> None:
    """A view changes neither the frame nor its attrs."""
    frame = aged()
    before, attrs = frame.copy(), dict(frame.attrs)
    tables.aging(frame, {"c1": "Acme"}, max_rows=1)
    pd.testing.assert_frame_equal(frame, before)
    assert frame.attrs == attrs


def test_the_total_of_a_part_says_so() -> None:
    """The first two of an aging's four rows add up to a total of 2 of 4, and the note says it too."""
    whole = rf.reports.ar_aging(invoices_of(("c1", 5.0), ("c2", 4.0), ("c3", 3.0), ("c4", 2.0)), "2026-06-30")
    assert cells(tables.aging(whole))[-1][0] == "Total USD"
    part = tables.aging(whole.head(2))
    assert [cells(part)[-1][0], cells(part)[-1][-2]] == ["Total of 2 of 4 USD", "9.00"]
    assert "A part of the report: 2 of 4 rows." in part.as_raw_html()
    assert "A part of the report" not in tables.aging(whole).as_raw_html()
    assert cells(tables.aging(whole, max_rows=1))[-1][0] == "Total USD"


@pytest.mark.parametrize(
    ("part", "labels"),
    [
        (lambda whole: whole[whole["currency"] == "USD"], ["Total USD"]),
        (lambda whole: whole[whole["total"] > 3], ["Total of 1 of 2 EUR", "Total of 1 of 2 USD"]),
        (lambda whole: whole.sort_values("total"), ["Total USD", "Total EUR"]),
        (
            lambda whole: pd.concat([whole.head(1), whole.tail(1)]),
            ["Total of 1 of 2 EUR", "Total of 1 of 2 USD"],
        ),
    ],
    ids=["one currency", "filtered", "sorted", "concatenated"],
)
def test_parts_of_a_report_by_currency(part: Any, labels: list[str]) -> None:
    """A currency that is there whole has its total, also where others are missing or cut short."""
    invoices = invoices_of(("c1", 5.0), ("c2", 3.0), ("c3", 4.0), ("c4", 2.0))
    invoices["currency"] = ["EUR", "EUR", "USD", "USD"]
    whole = rf.reports.ar_aging(invoices, "2026-06-30")
    assert [row[0] for row in cells(tables.aging(part(whole))) if row[0].startswith("Total")] == labels


def test_a_part_of_a_converted_report() -> None:
    """After a conversion all rows are of one currency, and a part is a part of them all."""
    invoices = invoices_of(("c1", 5.0), ("c2", 3.0), ("c3", 4.0))
    invoices["currency"] = ["EUR", "GBP", "USD"]
    rates = pd.DataFrame({"currency": ["EUR", "GBP"], "rate": [2.0, 3.0], "date": pd.Timestamp("2026-06-30")})
    whole = rf.reports.convert(rf.reports.ar_aging(invoices, "2026-06-30"), rates, "USD")
    assert cells(tables.aging(whole))[-1][0] == "Total USD"
    assert cells(tables.aging(whole[whole["original_currency"] != "GBP"]))[-1][0] == "Total of 2 of 3 USD"


def invoices_of(*owed: tuple[str, float]) -> pd.DataFrame:
    """Return open invoices of some customers, a month late."""
    return pd.DataFrame(
        {
            "id": [f"i{place}" for place in range(len(owed))],
            "customer_id": [customer for customer, _ in owed],
            "status": "open",
            "amount_due": [amount for _, amount in owed],
            "currency": "USD",
            "due_date": pd.Timestamp("2026-06-01"),
        }
    )


def test_a_merged_report_is_drawn() -> None:
    """An aging that was merged with its customers is recognised by its columns, and drawn with theirs."""
    whole = rf.reports.ar_aging(invoices_of(("c1", 5.0), ("c2", 4.0)), "2026-06-30")
    customers = pd.DataFrame({"id": ["c1", "c2"], "email": ["a@example.com", None]})
    merged = whole.merge(customers, left_on="customer_id", right_on="id")
    assert merged.attrs == {}
    table = tables.aging(merged)
    assert [row[-1] for row in cells(table)] == ["USD", "a@example.com", "n/a", ""]
    assert cells(table)[-1][0] == "Total USD"
    for text in ("Receivables aging<", "The report came without its notes, its day and its receipts"):
        assert text in table.as_raw_html()


def test_an_aging_by_currency_is_not_recognised_by_its_columns() -> None:
    """An aging by currency alone could be of receivables or payables: without its name it is not known."""
    whole = rf.reports.ar_aging(invoices_of(("c1", 5.0)), "2026-06-30", by="currency")
    assert cells(tables.aging(whole))[0][0] == "USD"
    whole.attrs = {}
    with pytest.raises(ValueError, match="the frame is not a report"):
        tables.aging(whole)


@pytest.mark.parametrize(
    ("value", "text"), [(-0.001, "0.00"), (-0.0, "–"), (-0.005, "0.00"), (-0.006, "(0.01)")]
)
def test_an_amount_that_rounds_to_zero_has_no_sign(value: float, text: str) -> None:
    """An amount of which no digit is shown has no sign; only exactly zero is a dash."""
    table = tables.aging(aged(current=[value, 0.0, 0.0, 0.0]))
    assert cells(table)[1][1] == text


def test_rows_of_a_comparison_stand_below_their_currency() -> None:
    """A report with keys and without totals has the code of each currency above its rows, too."""
    tied = report(
        "tie_out",
        {
            "connection_id": ["a", "a", "b"],
            "currency": ["KWD", "USD", "KWD"],
            "report": 1.0,
            "source": 1.0,
            "difference": 0.0,
            "ok": True,
        },
    )
    assert cells(tables.tie_out(tied)) == [
        ["KWD"],
        ["a", "1.000", "1.000", "–", "Yes"],
        ["b", "1.000", "1.000", "–", "Yes"],
        ["USD"],
        ["a", "1.00", "1.00", "–", "Yes"],
    ]


def test_a_comparison_of_no_single_account_has_none() -> None:
    """Where accounts are not compared one by one, the column of accounts is empty: it lacks no value."""
    rows = {"account": [None, "Till"], "currency": "USD", "report": 1.0, "source": 1.0, "difference": 0.0}
    tied = report("tie_out", rows | {"ok": True})
    assert [row[0] for row in cells(tables.tie_out(tied))] == ["USD", "", "Till"]


def test_whole_ids_stand_in_the_titles_of_cells() -> None:
    """Ids are cut as far as they differ; the whole id is the title of its cell, and a note says so."""
    items = rf.reports.open_items(
        invoices_of(("c1", 5.0), ("c2", 4.0)).assign(id=['0123456789"a', "abcdefghijkl"]), "2026-06-30"
    )
    table = tables.open_items(items)
    assert [row[-1] for row in cells(table)] == ["USD", "01234567", "abcdefgh", ""]
    assert '<td title="0123456789&quot;a">01234567</td>' in table.as_raw_html()
    assert "Ids are cut to the letters that tell them apart" in table.as_raw_html()
    assert "Ids are cut" not in tables.aging(aged()).as_raw_html()


def test_columns_that_are_not_shown_are_named() -> None:
    """A table of open items names the columns of the documents that it leaves out."""
    lines: list[Any] = [[]]
    invoices = invoices_of(("c1", 5.0)).assign(memo="Rush", line_items=lines)
    items = rf.reports.open_items(invoices, "2026-06-30")
    assert "Columns not shown: Memo, Line items." in tables.open_items(items).as_raw_html()
    assert "not shown" not in tables.aging(aged()).as_raw_html()


def test_vendors_of_a_frame_have_names() -> None:
    """Bills have only the ids of vendors; with a frame of vendors the payables show their names."""
    bills = invoices_of(("v1", 5.0), ("v2", 4.0)).rename(columns={"customer_id": "vendor_id"})
    vendors = pd.DataFrame({"id": ["v1"], "name": ["Acme"]})
    aging = rf.reports.ap_aging(bills, "2026-06-30", vendors=vendors)
    assert [row[0] for row in cells(tables.aging(aging))] == ["USD", "Acme", "v2", "Total USD"]
    assert ">Vendor<" in tables.aging(aging).as_raw_html()
    items = rf.reports.open_items(bills, "2026-06-30")
    assert [row[0] for row in cells(tables.open_items(items, vendors))][1:-1] == ["Acme", "v2"]


def test_a_table_without_style_is_aligned() -> None:
    """Where a page drops styles, as GitHub does, amounts are on the right and totals are bold."""
    html = tables.aging(aged()).as_raw_html()
    assert '<th align="right" class="rf-number" scope="col">Total</th>' in html
    assert '<td align="right" class="rf-number">10.00</td>' in html
    assert "<strong>Total USD</strong>" in html
    assert repr(tables.aging(aged())) == "Table: Receivables aging as of 2026-06-30, 4 rows"
    assert tables.aging(aged())._repr_html_() == html


def test_a_total_that_was_not_compared_does_not_stand_out() -> None:
    """What was not compared neither agrees nor stands out as a difference."""
    tied = report(
        "tie_out",
        {"currency": ["EUR", "USD"], "report": [1.0, 2.0], "source": [None, 2.0], "difference": [None, 0.0]},
    ).assign(ok=pd.array([None, True], dtype="boolean"))
    table = tables.tie_out(tied)
    assert [row[-1] for row in cells(table)] == ["Not compared", "Yes"]
    assert ALARM not in table.as_raw_html()


@pytest.mark.parametrize(
    ("many", "labels"),
    [(2, ["c0", "c1"]), (3, ["c0", "c1", "c2"]), (4, ["c0", "c1", "All others (2)"])],
)
def test_a_single_rank_beyond_the_limit_keeps_its_name(many: int, labels: list[str]) -> None:
    """Ranks under a limit of two: a third one keeps its name, a third and a fourth are put together."""
    rows: dict[str, Any] = {
        "customer_id": [f"c{place}" for place in range(many)],
        "currency": "USD",
        "rank": range(1, many + 1),
        "amount": 1.0,
        "share": 1 / many,
        "cumulative_share": 1.0,
    }
    table = tables.concentration(report("concentration", rows, by="customer_id"), max_rows=2)
    assert [row[0] for row in cells(table)][1:-1] == labels


@pytest.mark.parametrize(("limit", "first"), [(4, "2026-06-01"), (3, "2026-06-01"), (2, "until 2026-06-03")])
def test_a_single_day_before_the_last_ones_stays(limit: int, first: str) -> None:
    """Of four days under a limit of three the first stays as it is; under two, two are put together."""
    assert cells(tables.cash_history(days(), max_rows=limit))[1][0] == first


@pytest.mark.parametrize(
    ("owed", "labels"),
    [
        (2, ["c1", "c2"]),
        (3, ["c1", "c2", "c3"]),
        (4, ["c1", "c2", "All others (2)"]),
    ],
)
def test_a_single_row_beyond_the_limit_keeps_its_name(owed: int, labels: list[str]) -> None:
    """Of n, n + 1 and n + 2 rows under a limit of n = 2, only those of the last are put together."""
    whole = rf.reports.ar_aging(invoices_of(*((f"c{n}", 9.0 - n) for n in range(1, owed + 1))), "2026-06-30")
    assert [row[0] for row in cells(tables.aging(whole, max_rows=2))][1:-1] == labels


def of_two(**more: Any) -> pd.DataFrame:
    """An aging of two connections, in which one id is of two customers."""
    rows: dict[str, Any] = {
        "connection_id": ["acme", "beta", "beta"],
        "customer_id": ["1", "1", "2"],
        "customer_name": ["Zed Hardware", "Anna's Cafe", None],
        "currency": ["USD"] * 3,
        "current": [100.0, 100.0, 5.0],
        "total": [100.0, 100.0, 5.0],
        "documents": [1, 1, 1],
    }
    return report("ar_aging", rows | more, by="customer_id")


def test_one_id_of_two_connections_has_two_names() -> None:
    """Customer 1 of acme and of beta stand in rows of their own, with their names and connections."""
    table = tables.aging(of_two())
    assert cells(table)[1:] == [
        ["Anna's Cafe", "100.00", "100.00", "1", "beta"],
        ["Zed Hardware", "100.00", "100.00", "1", "acme"],
        ["2", "5.00", "5.00", "1", "beta"],
        ["Total USD", "205.00", "205.00", "3", ""],
    ]
    for label in (">Customer<", ">Connection<"):
        assert label in table.as_raw_html()


def test_names_are_joined_by_connection_and_id() -> None:
    """Names are those of the own connection; names by id alone are for ids of one connection."""
    names = pd.DataFrame(
        {"connection_id": ["beta", "acme", "gamma"], "id": ["1", "1", "2"], "name": ["Anna", "Zed", "Other"]}
    )
    frame = of_two(customer_name=[None] * 3)
    assert [row[0] for row in cells(tables.aging(frame, names))[1:-1]] == ["Anna", "Zed", "2"]
    assert [row[0] for row in cells(tables.aging(frame, {"1": "Anna", "2": "Bo"}))[1:-1]] == ["1", "1", "Bo"]
    alone = frame.drop(columns="connection_id")[2:]
    assert cells(tables.aging(alone, names))[1][0] == "Other"


def test_one_connection_needs_no_column() -> None:
    """Where all rows are of one connection, no column says so."""
    assert cells(tables.aging(of_two()[1:]))[1:-1] == [
        ["Anna's Cafe", "100.00", "100.00", "1"],
        ["2", "5.00", "5.00", "1"],
    ]


def test_names_of_customers_are_not_those_of_documents() -> None:
    """An invoice with the id of a customer keeps it: names are the customers'."""
    invoices = invoices_of(("i0", 5.0))
    table = tables.open_items(rf.reports.open_items(invoices, "2026-06-30"), {"i0": "Acme"})
    assert [cells(table)[1][0], cells(table)[1][-1]] == ["Acme", "i0"]


def test_amounts_of_eight_decimals_are_added_exactly() -> None:
    """A thousand amounts of 0.00005 are 0.05 in the total, though each is written as 0.00."""
    rows: dict[str, Any] = {
        "category": [f"c{place:04}" for place in range(1000)],
        "currency": "USD",
        "expenses": 1,
        "amount": [0.00005] * 1000,
        "share": 0.001,
    }
    frame = report("expenses_by_category", rows)
    assert cells(tables.expenses(frame, max_rows=1))[1:] == [
        ["c0000", "1", "0.00", "0.1%"],
        ["All others (999)", "999", "0.05", "99.9%"],
        ["Total USD", "1,000", "0.05", "100.0%"],
    ]
    (column,) = (column for column in columns_of(frame) if column.name == "amount")
    assert aggregate(in_ticks(frame), [column], [])["amount"] / 10_000 == Decimal("0.05")


def test_more_rows_than_the_report_had() -> None:
    """A frame with more rows than its report, as after a merge that repeats them, says so."""
    whole = rf.reports.ar_aging(invoices_of(("c1", 5.0), ("c2", 4.0)), "2026-06-30")
    twice: pd.DataFrame = pd.concat([whole, whole])
    assert twice.attrs == whole.attrs
    assert Caption.of(twice).notes[0] == "4 rows, where the report had 2."
    assert Caption.of(whole).notes[0].startswith("Amounts due are those of the day")


_AGAIN = "4 rows repeat others: what is in the report twice counts twice in its totals."


def test_rows_that_are_in_a_part_twice() -> None:
    """Four of eight rows, each twice, are as many rows as the report had: the total says what they are."""
    whole = rf.reports.ar_aging(invoices_of(*((f"c{one}", one + 1.0) for one in range(8))), "2026-06-30")
    twice: pd.DataFrame = pd.concat([whole.head(4), whole.head(4)])
    assert Caption.of(twice).notes[:2] == ("A part of the report: 4 of 8 rows.", _AGAIN)
    table = tables.aging(twice)
    assert [cells(table)[-1][0], cells(table)[-1][-2]] == ["Total of 4 of 8 USD, 4 repeated", "52.00"]
    assert _AGAIN in table.as_raw_html()
    assert "\n| **Total of 4 of 8 USD, 4 repeated** |" in markdown(twice)
    write_workbook("book.xlsx", twice)
    texts = [cell.value for row in openpyxl.load_workbook("book.xlsx").worksheets[1] for cell in row]
    assert "Total of 4 of 8 USD, 4 repeated" in texts
    assert _AGAIN in texts
    assert _AGAIN in charts.aging(twice).to_json()
    assert Caption.of(whole).notes[0].startswith("Amounts due are those of the day")


def test_documents_that_are_in_a_report_twice() -> None:
    """The rows of open items are identified by their ids; without ids no note is written."""
    items = rf.reports.open_items(invoices_of(("c1", 5.0), ("c1", 5.0)), "2026-06-30")
    assert not any("repeat" in note for note in Caption.of(items).notes)
    twice: pd.DataFrame = pd.concat([items.head(1), items.head(1)])
    again = "1 row repeats another: what is in the report twice counts twice in its totals."
    # A document that was loaded twice is twice in the report too: that does not make it a part.
    assert Caption.of(twice).notes[0] == again
    assert cells(tables.open_items(twice))[-1][0] == "Total USD, 1 repeated"
    assert not any("repeat" in note for note in Caption.of(twice.drop(columns="id")).notes)


_VIEWS: list[Any] = [tables.aging, charts.aging, markdown, lambda report: write_workbook("book.xlsx", report)]


@pytest.mark.parametrize("view", _VIEWS, ids=["table", "chart", "text", "workbook"])
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda whole: whole.rename(columns={"total": "t"}),
            "the report of ar_aging has lost its column 'total'; its columns are connection_id, ",
        ),
        (
            lambda whole: pd.concat([whole, whole[["total"]]], axis=1),
            "the report of ar_aging has the column 'total' more than once: keep one of them",
        ),
        (
            lambda whole: whole.assign(current=[1.0, float("-inf")]),
            "the report of ar_aging holds an infinite number in its column 'current': -inf (row 1)",
        ),
        (
            lambda whole: whole.assign(total=[1e300, 1.0]),
            "the report of ar_aging holds a number too large to be shown exactly in its column 'total'",
        ),
        (
            lambda whole: whole.assign(total="much"),
            "the report of ar_aging does not hold numbers in its column 'total', but str",
        ),
    ],
    ids=["renamed", "twice", "infinite", "too large", "text"],
)
def test_a_report_that_no_view_can_draw_is_refused(view: Any, change: Any, message: str) -> None:
    """A report without its total, with it twice, or with an amount that is none is refused with a message."""
    whole = rf.reports.ar_aging(invoices_of(("c1", 5.0), ("c2", 4.0)), "2026-06-30")
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        view(change(whole))


@pytest.mark.parametrize(
    ("receipt", "note"),
    [
        ({"complete": True}, []),
        ({"complete": False}, ["The orders are incomplete: a load broke off."]),
        (
            {"complete": False, "errors": {"a": "Failed"}, "not_offered": ["b"]},
            ["The orders are incomplete: a load broke off."],
        ),
        ({"complete": False, "connections": ["a"], "not_offered": ["a"]}, ["No connection offers orders."]),
        (
            {"complete": False, "connections": ["a", "b"], "not_offered": ["b"]},
            ["The orders may be incomplete: b answered that there is no such list."],
        ),
        (
            {
                "complete": False,
                "connections": ["a"],
                "not_offered": ["a"],
                "per_connection": {"a": {"complete": False, "not_offered": "not offered (HTTP 404)"}},
            },
            ["The orders may be incomplete: a answered that there is no such list."],
        ),
        (
            {
                "complete": False,
                "rows_refused": 2,
                "connections": ["a", "b"],
                "not_offered": ["b"],
                "per_connection": {"a": {"complete": False, "rows_refused": 2}, "b": {"complete": True}},
            },
            ["2 rows of orders were refused as invalid."],
        ),
        (
            {"complete": False, "per_connection": {"a": {"complete": False, "rows_refused": 0}}},
            ["The orders are incomplete: a load broke off."],
        ),
        ({"complete": None}, []),
        ({"complete": True, "rows_refused": 1}, ["1 rows of orders were refused as invalid."]),
    ],
)
def test_notes_name_what_the_receipts_miss(receipt: dict[str, Any], note: list[str]) -> None:
    """A note names each load that broke off or had no list; of a complete one there is none."""
    frame = aged()
    frame.attrs["sources"] = [{"resource": "orders", **receipt}]
    assert list(Caption.of(frame).notes) == note


def test_a_single_connection_that_is_the_key_is_shown() -> None:
    """A report by connection says which, also where there is only one."""
    rows = {
        "connection_id": ["acme"],
        "currency": ["USD"],
        "current": [1.0],
        "total": [1.0],
        "documents": [1],
    }
    assert cells(tables.aging(report("ar_aging", rows)))[1] == ["acme", "1.00", "1.00", "1"]


def test_a_forecast_ends_with_its_closings() -> None:
    """In the row of a forecast's total stand the last closings, with and without the usual flows."""
    rows: dict[str, Any] = {
        "currency": "USD",
        "week": [1, 2],
        "week_start": pd.to_datetime(["2026-06-30", "2026-07-07"]),
        "opening": [5.0, 7.0],
        "receipts": [2.0, 1.0],
        "payments": [0.0, 0.0],
        "closing": [7.0, 8.0],
        "usual": [-1.0, -1.0],
        "closing_with_usual": [6.0, 6.0],
    }
    assert cells(tables.cash_forecast(report("cash_forecast", rows)))[-1] == [
        "Total USD", "", "5.00", "3.00", "–", "8.00", "(2.00)", "6.00",
    ]  # fmt: skip


def test_a_trial_balance_of_two_ledgers() -> None:
    """Each ledger has its types and its own difference, which stands out beside one that is zero."""
    rows: dict[str, Any] = {
        "connection_id": ["b", "a", "b", "a"],
        "type": ["difference", "difference", "asset", "asset"],
        "currency": "USD",
        "accounts": [1, 1, 1, 1],
        "balance": [1.0, -1.0, 5.0, 4.0],
    }
    table = tables.trial_balance(report("trial_balance", rows))
    assert cells(table) == [
        ["USD"],
        ["asset", "a", "1", "4.00"],
        ["difference", "a", "1", "(1.00)"],
        ["asset", "b", "1", "5.00"],
        ["difference", "b", "1", "1.00"],
    ]
    assert table.as_raw_html().count(ALARM) >= 2


def test_weeks_beyond_the_limit_are_one_row() -> None:
    """A forecast shows its first weeks; those after them are one row, from its opening to its closing."""
    rows: dict[str, Any] = {
        "currency": "USD",
        "week": [1, 2, 3],
        "week_start": pd.to_datetime(["2026-06-30", "2026-07-07", "2026-07-14"]),
        "opening": [5.0, 7.0, 8.0],
        "receipts": [2.0, 1.0, 0.0],
        "payments": [0.0, 0.0, -3.0],
        "closing": [7.0, 8.0, 5.0],
    }
    assert cells(tables.cash_forecast(report("cash_forecast", rows), max_rows=1))[1:] == [
        ["1", "2026-06-30", "5.00", "2.00", "–", "7.00"],
        ["2–3", "2026-07-07", "7.00", "1.00", "(3.00)", "5.00"],
        ["Total USD", "", "5.00", "3.00", "(3.00)", "5.00"],
    ]
