"""Books: every report as a method, with day, names and businesses filled in."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe import reports
from rutterframe.books.report_source import ReportSource

REPORTS = (
    "ar_aging", "ap_aging", "open_items", "revenue_by_product", "cash_position", "cash_history",
    "cash_forecast", "runway", "transfers", "trial_balance", "expenses_by_category",
)  # fmt: skip


def test_a_report_is_that_of_the_function(books: rf.Books) -> None:
    """A report of books equals the function's with the books' frames, day and names."""
    frames = books.frames
    for report, expected in (
        (
            books.ar_aging(),
            reports.ar_aging(frames["invoices"], "2026-06-30", customers=frames["customers"]),
        ),
        (books.ap_aging(), reports.ap_aging(frames["bills"], "2026-06-30", vendors=frames["vendors"])),
        (
            books.cash_history(),
            reports.cash_history(
                frames["bank_accounts"], frames["transactions"], as_of="2026-06-30",
                businesses=books.businesses,
            ),
        ),
        (
            books.cash_forecast(weeks=4),
            reports.cash_forecast(
                frames["bank_accounts"], frames["invoices"], frames["bills"], "2026-06-30", weeks=4,
                businesses=books.businesses,
            ),
        ),
        (books.trial_balance(), reports.trial_balance(frames["accounts"])),
        (books.expenses_by_category(), reports.expenses_by_category(frames["expenses"])),
    ):  # fmt: skip
        pd.testing.assert_frame_equal(report, expected)


@pytest.mark.parametrize(
    "name",
    ["ar_aging", "ap_aging", "open_items", "top_overdue", "revenue_by_product", "cash_history",
     "cash_forecast", "runway", "expenses_by_category", "by_business"],
)  # fmt: skip
def test_a_report_as_of_another_day(books: rf.Books, name: str) -> None:
    """With as_of= a report is that of the books as of that day, in rows, notes and what it leads to."""
    report, expected = (
        getattr(books, name)(as_of="2026-03-31"),
        getattr(books.replace(as_of="2026-03-31"), name)(),
    )
    pd.testing.assert_frame_equal(report, expected, check_exact=True)
    assert report.attrs["notes"] == expected.attrs["notes"]
    assert not report.equals(getattr(books, name)())
    if name != "by_business":
        assert report.attrs["books"].books.as_of == "2026-03-31"
        assert getattr(books, name)(as_of=books.as_of).attrs["books"].books is books


def test_a_report_leads_on_as_of_its_own_day(books: rf.Books) -> None:
    """A report of another day is converted and compared as of that day, not of the books'."""
    rates = pd.DataFrame({"currency": "EUR", "rate": [1.5, 2.0], "date": ["2026-03-01", "2026-04-01"]})
    rates = pd.concat(
        [rates, pd.DataFrame({"currency": ["GBP", "JPY", "KWD"], "rate": 1.0, "date": "2026-01-01"})]
    )
    with_rates = books.replace(currency="USD", rates=rates)
    owed = with_rates.ar_aging(as_of="2026-03-31", by="currency")
    euros = owed.loc[owed["currency"] == "EUR", "total"].sum()
    already = owed.loc[owed["currency"] != "EUR", "total"].sum()
    assert with_rates.convert(owed)["total"].sum() == pytest.approx(euros * 1.5 + already, abs=0.005)
    by_month = books.revenue_by_product(as_of="2026-03-15", period="month")
    compared = books.change(by_month)
    assert compared.loc[compared["period"] == pd.Timestamp("2026-03-01"), "change"].isna().all()
    assert "2026-03 is not over on 2026-03-15: it is not compared." in compared.attrs["notes"]


def test_reports_of_balances_have_no_day(books: rf.Books) -> None:
    """A balance is that of the day of the fetch, so cash_position refuses another day."""
    with pytest.raises(TypeError, match="unexpected keyword argument 'as_of'"):
        books.cash_position(as_of="2026-03-31")  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="as_of"):
        books.ar_aging(as_of="31.03.2026")


def test_names_are_joined(books: rf.Books) -> None:
    """Customers and vendors have their names, the demo's vendors as from a ledger's export."""
    assert books.ar_aging()["customer_name"].iloc[0] == "Union Street Trekking"
    assert books.ap_aging()["vendor_name"].iloc[0] == "Tessitura Valdora S.p.A."


def test_a_business_is_added_up(books: rf.Books) -> None:
    """With by="business" the connections of a business are one row for each currency."""
    cash = books.cash_position(by="business")
    assert cash[["business", "currency", "accounts", "balance"]].to_numpy().tolist() == [
        ["Gear", "EUR", 3, 216952.51],
        ["Gear", "GBP", 1, 30818.71],
        ["Gear", "USD", 1, 32556.29],
        ["Roaster", "USD", 3, 96969.55],
    ]
    owed = books.ar_aging(by="business")
    assert owed[["business", "currency", "total"]].to_numpy().tolist() == [
        ["Gear", "EUR", 34720.0],
        ["Gear", "GBP", 17673.0],
        ["Gear", "JPY", 208600.0],
        ["Roaster", "KWD", 260.312],
        ["Roaster", "USD", 32395.95],
        ["Gear", "USD", 14296.44],
    ]


def test_revenue_ends_with_the_day(books: rf.Books) -> None:
    """Orders after the as-of date are not in the revenue, and a note says until when it counts."""
    earlier = books.replace(as_of="2026-01-31").revenue_by_product(by="connection_id")
    orders = books.frames["orders"]
    until = orders[orders["created_at"] < pd.Timestamp("2026-02-01", tz="UTC")]
    expected = reports.revenue_by_product(until, by="connection_id")
    assert earlier["revenue"].tolist() == expected["revenue"].tolist()
    assert (
        "Revenue is that of the orders until 2026-01-31, and of those without a date."
        in (earlier.attrs["notes"])
    )


@pytest.mark.parametrize("name", REPORTS)
def test_every_row_leads_to_its_documents(books: rf.Books, name: str) -> None:
    """Any row of any report of books is explained without an argument."""
    report = getattr(books, name)()
    bucket = "receipts" if name == "cash_forecast" else None
    assert len(books.explain(report.iloc[0], bucket)) > 0


def test_a_cell_adds_up(books: rf.Books) -> None:
    """The documents of a bucket add up to its cell, by its name or its label."""
    aging = books.ar_aging()
    row = aging.iloc[0]
    assert row["days_31_60"] == 6712.0
    for bucket in ("days_31_60", "31–60 days", "31-60 days", "31–60 Days"):
        assert books.explain(row, bucket)["amount_due"].tolist() == [6712.0]
    assert books.explain(row)["amount_due"].tolist() == [2039.0, 6712.0, 1092.0]


def test_a_forecast_is_explained_by_side(books: rf.Books) -> None:
    """A week of a forecast has receipts, from invoices, and payments, from bills."""
    forecast = books.cash_forecast(weeks=2)
    row = forecast[(forecast["currency"] == "EUR") & (forecast["week"] == 2)].iloc[0]
    assert books.explain(row, "receipts")["amount_due"].sum() == row["receipts"]
    assert -books.explain(row, "payments")["amount_due"].sum() == row["payments"]
    with pytest.raises(ValueError, match="name bucket='receipts' or 'payments' of the forecast"):
        books.explain(row)


def test_documents_lead_further(books: rf.Books) -> None:
    """The documents behind a row belong to the same books, as do those of a converted row."""
    documents = books.explain(books.ar_aging().iloc[0])
    assert documents.attrs["books"].books is books
    converted = books.convert(books.ar_aging(by="currency"))
    euros = converted[converted["original_currency"] == "EUR"]
    assert books.explain(euros)["amount_due"].sum() == 34720.0


def test_month_end(books: rf.Books) -> None:
    """The month end has every report and every comparison, and its rows lead to their documents."""
    result = books.month_end()
    assert result.verdict == "All 30 totals agree."
    assert [*result.reports] == ["Aging", "Payables", "Revenue", "Cash", "Forecast"]
    sizes = [
        len(books.explain(result.reports[name].iloc[0])) for name in ("Aging", "Payables", "Revenue", "Cash")
    ]
    assert sizes == [3, 2, 248, 2]
    tie = result.ties["Revenue to orders"]
    assert set(books.explain(tie.iloc[0])["currency"]) == {tie["currency"].iloc[0]}
    with pytest.raises(ValueError, match="has no documents behind it in these books: it compares totals"):
        books.explain(result.ties["Receivables to ledger"].iloc[0])


def test_a_part(books: rf.Books) -> None:
    """The books of a business have its connections alone, and receipts that are complete for them."""
    gear = books.filter("Gear")
    assert gear.connections == ("gear-xero", "gear-shopify", "gear-amazon", "gear-bank")
    assert gear.businesses == {"Gear": ["gear-xero", "gear-shopify", "gear-amazon", "gear-bank"]}
    assert gear.is_complete
    assert gear.month_end().verdict == "All 19 totals agree."
    assert gear.frames["invoices"].attrs["receipt"]["connections"] == [*gear.connections]
    assert gear.ar_aging(by="currency")["total"].tolist() == [34720.0, 17673.0, 208600.0, 14296.44]


def test_a_business_without_a_shop(books: rf.Books) -> None:
    """Books of a ledger alone have no revenue, which their table says, and are complete."""
    ledger = books.filter(connections=["roaster-quickbooks"])
    revenue = ledger.revenue_by_product()
    assert len(revenue) == 0
    assert ledger.is_complete
    assert "No connection offers orders." in revenue.rf.table().as_raw_html()


def test_parts_that_do_not_exist(books: rf.Books) -> None:
    """An unknown business or connection is an error that lists the known ones."""
    with pytest.raises(ValueError, match="there is no business 'Bakery'; there are Roaster, Gear"):
        books.filter("Bakery")
    with pytest.raises(ValueError, match="these books have no connection 'x'; they have roaster-quick"):
        books.filter(connections=["x"])
    with pytest.raises(ValueError, match="these books have no connection of those; they have "):
        books.filter(connections=[])
    with pytest.raises(ValueError, match=r"name a business, or connections=\[…\]: one of the two"):
        books.filter()
    with pytest.raises(TypeError, match="'frames' cannot be replaced; as_of, businesses, vendors, currency"):
        books.replace(frames={})


def test_the_way_back_stays_and_is_lost_in_a_file(books: rf.Books, tmp_path: Path) -> None:
    """A copy of a report knows its books, a file of it only their name, and equality is that of text."""
    report = books.ar_aging()
    source = report.attrs["books"]
    assert isinstance(source, ReportSource)
    assert copy.deepcopy(report).head(3).copy().attrs["books"] is source
    assert copy.copy(source) is source
    assert json.loads(json.dumps(source)) == source
    assert type(pickle.loads(pickle.dumps(source))) is str  # noqa: S301 - written by this test
    report.to_parquet(tmp_path / "aging.parquet")
    read = pd.read_parquet(tmp_path / "aging.parquet")
    assert read.attrs["books"] == source
    with pytest.raises(ValueError, match="the report is not of Books, or has lost them in a merge or a file"):
        books.explain(read.iloc[0])


def test_books_of_frames() -> None:
    """Books are made of any frames; a missing one is an error that says how to load it."""
    invoices = pd.DataFrame(
        {
            "id": ["i"],
            "customer_id": ["c"],
            "currency": ["EUR"],
            "status": ["open"],
            "amount_due": [12.5],
            "due_date": pd.to_datetime(["2026-05-31"]),
        }
    )
    books = rf.Books({"invoices": invoices}, "2026-06-30")
    assert books.ar_aging()["days_1_30"].tolist() == [12.5]
    assert repr(books) == "<Books as of 2026-06-30: no connection, 1 rows, NOT COMPLETE>"
    assert books.incomplete == ["invoices: the frame has no receipt"]
    assert books.fetched == "not recorded"
    with pytest.raises(AttributeError, match=r"no attribute 'invoices'; write books\.frames\['invoices'\]$"):
        getattr(books, "invoices")  # noqa: B009 - type checkers refuse the plain form
    with pytest.raises(AttributeError, match=r"no attribute 'aging'; write books\.a[rp]_aging$"):
        getattr(books, "aging")  # noqa: B009 - the same
    assert not hasattr(books, "_repr_svg_")
    with pytest.raises(KeyError, match=r"these books have no 'bills' \(they have invoices\): load it"):
        books.ap_aging()
    with pytest.raises(KeyError, match=r"these books have no 'invoice' .*; did you mean 'invoices'\?"):
        books.frames["invoice"]
    with pytest.raises(KeyError, match="these books have no 'accounts'"):
        books.month_end("aging")
    with pytest.raises(KeyError, match="these books have no"):
        books.to_excel("x.xlsx")
    with pytest.raises(TypeError, match="the frames of books cannot be replaced"):
        books.frames["bills"] = invoices  # type: ignore[index]
    with pytest.raises(ValueError, match="these books know no businesses: pass businesses="):
        books.ar_aging(by="business")
    with pytest.raises(ValueError, match="these books have no rates: "):
        books.convert(books.ar_aging())
    with pytest.raises(
        TypeError, match=r"convert takes a report, not str: write books\.convert\(books\.ar_aging"
    ):
        books.convert("USD")  # type: ignore[arg-type] # the mistake is the point
    with pytest.raises(ValueError, match="resource='orders' is not known"):
        books.open_items("orders")


@pytest.mark.parametrize(
    ("frames", "options", "error", "message"),
    [
        ([], {}, TypeError, "Books takes frames by resource, as rf.load_all returns them, not list"),
        ({}, {}, ValueError, "there are no frames: books of nothing would look like books of zero"),
        ({"invoices": 3}, {}, TypeError, "frames['invoices'] is not a pandas DataFrame, but int"),
        (
            {"bills": pd.DataFrame()},
            {"rates": "r.csv"},
            ValueError,
            "rates without currency: name the currency",
        ),
        (
            {"bills": pd.DataFrame()},
            {"vendors": "v.csv"},
            ValueError,
            "there is no file 'v.csv'; write a header",
        ),
    ],
)
def test_arguments_that_are_not_valid(
    frames: Any, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    """Books of nothing, of other things than frames, or with files that are not there are refused."""
    with pytest.raises(error) as caught:
        rf.Books(frames, "2026-06-30", **options)
    assert message in str(caught.value)


def test_what_is_missing_is_in_every_report(books: rf.Books) -> None:
    """A sentence on what is missing is in the notes of every report, and the books are not complete."""
    missing = "Left out, since no access token is known: shop-7."
    partial = books.replace(missing=[missing])
    assert missing in partial.cash_position().attrs["notes"]
    assert partial.incomplete == [missing]
    assert not partial.is_complete
    assert "NOT COMPLETE" in repr(partial)


def test_the_card(books: rf.Books) -> None:
    """In a notebook books show day, businesses, rows, completeness, demo mark and the next step."""
    html = books._repr_html_()
    for text in (
        "2026-06-30",
        "Roaster, Gear",
        "965 invoices",
        "demo: every figure is made up",
        ".rf.table()",
    ):
        assert text in html


def test_check(books: rf.Books) -> None:
    """Data checks run on the frames that were loaded; names from a file are none of them."""
    assert {*books.check()["resource"]} <= {*books.frames}


def test_the_tie_out_takes_the_documents_of_the_report(books: rf.Books) -> None:
    """A report is compared with its own documents by business and currency."""
    tie = books.tie_out(books.ar_aging())
    assert tie["business"].tolist() == ["Gear", "Gear", "Gear", "Gear", "Roaster", "Roaster"]
    assert tie["ok"].tolist() == [True] * 6


def test_what_is_not_the_sum_of_its_documents_has_no_tie_out(books: rf.Books) -> None:
    """Revenue without shipping, and balances day by day, are refused rather than called different."""
    for report in (books.revenue_by_product(), books.cash_history(), books.top_overdue()):
        name = report.attrs["report"]
        with pytest.raises(ValueError, match=rf"^{name} is not the sum of its documents: pass source="):
            books.tie_out(report)
    for report in (books.cash_position(), books.trial_balance(), books.open_items()):
        assert books.tie_out(report)["ok"].all()
    orders = books.frames["orders"]
    assert len(books.tie_out(books.revenue_by_product(), orders)) == 4


def test_concentration_leads_to_its_report(books: rf.Books) -> None:
    """A row of the concentration is explained by the rows of the report that it was computed from."""
    debtors = books.concentration(books.ar_aging(), by="customer_id")
    rows = books.explain(debtors.iloc[0])
    assert rows["total"].tolist() == [debtors["amount"].iloc[0]]


def test_businesses_side_by_side(books: rf.Books) -> None:
    """Businesses are columns, figures are rows, each currency by itself or all in one."""
    table = books.by_business()
    assert [*table.columns] == ["figure", "currency", "Gear", "Roaster", "total"]
    pounds = table[table["currency"] == "GBP"].drop(columns="currency")
    assert pounds.to_numpy().tolist()[:3] == [
        ["Cash", 30818.71, 0.0, 30818.71],
        ["Receivables", 17673.0, 0.0, 17673.0],
        ["Payables", 6136.01, 0.0, 6136.01],
    ]
    together = books.by_business("USD")
    assert together["currency"].unique().tolist() == ["USD"]
    cash = together.set_index("figure").loc["Cash"]
    assert cash["total"] == round(cash["Gear"] + cash["Roaster"], 2)
    html = rf.views.tables.businesses(table).as_raw_html()
    for text in ("Demo data", "Businesses side by side as of 2026-06-30", "30,818.71", ">Gear<", ">Total<"):
        assert text in html
    with pytest.raises(ValueError, match="the report has no column 'total': pass the result"):
        rf.views.tables.businesses(table.drop(columns="total"))


def test_receipts_and_counts(books: rf.Books) -> None:
    """The receipts are a frame, and rows are counted by resource and connection."""
    receipts = books.receipts.set_index("resource")
    assert receipts[["rows", "complete"]].T["invoices"].tolist() == [965, True]
    assert "vendors" not in receipts.index
    counts = books.count_rows()
    assert counts[["roaster-quickbooks", "gear-xero", "gear-bank"]].T["invoices"].tolist() == [542, 423, 0]


def test_expenses_end_with_the_day(books: rf.Books) -> None:
    """What is spent after the as-of date is not in the expenses of an earlier day, nor behind their rows."""
    earlier = books.replace(as_of="2026-03-31")
    spent = books.frames["expenses"]
    until = spent[~(spent["date"] > pd.Timestamp("2026-03-31"))]
    assert 0 < len(until) < len(spent)
    report = earlier.expenses_by_category()
    pd.testing.assert_frame_equal(report, reports.expenses_by_category(until))
    assert "Expenses are those until 2026-03-31, and those without a date." in report.attrs["notes"]
    rows = earlier.explain(report.iloc[0])
    assert len(rows) == report["expenses"].iloc[0]


def test_a_trial_balance_states_its_day(books: rf.Books) -> None:
    """Accounts have no history: a note says that their balances are of the day of the fetch."""
    report = books.replace(as_of="2026-03-31").trial_balance()
    assert "Balances are those of the day the data was fetched." in report.attrs["notes"]


def test_the_findings_call_complete_what_the_books_do(books: rf.Books) -> None:
    """The sentence on the load says complete exactly where the books are: also of a part, and of names."""
    gear = books.filter("Gear")
    missing = "Left out, since no access token is known: shop-7."
    read = "Every page of every resource was read."
    assert gear.is_complete
    assert books.findings("load")[1].sentence == gear.findings("load")[1].sentence == read
    assert books.replace(missing=[missing]).findings("load")[1].sentence == missing


def test_books_are_copied_and_pickled(books: rf.Books) -> None:
    """A deep copy and a pickle are books with the same reports."""
    for other in (copy.deepcopy(books), pickle.loads(pickle.dumps(books))):  # noqa: S301 - our own
        pd.testing.assert_frame_equal(other.cash_position(), books.cash_position())
        assert (other.is_complete, other.is_demo, other.notes) == (True, True, books.notes)


def test_a_summary_has_the_decimals_of_its_currencies(books: rf.Books) -> None:
    """The summary of a month end is a table with every currency in its own decimals, and the demo mark."""
    html = rf.views.tables.summary(books.month_end().summary).as_raw_html()
    for text in (
        "Month end as of 2026-06-30",
        "Demo data",
        ">260.312<",
        ">312.755<",
        ">208,600<",
        ">34,720.00<",
    ):
        assert text in html
    with pytest.raises(ValueError, match="the report has no column 'cash': pass the result of MonthEnd"):
        rf.views.tables.summary(books.month_end().summary.drop(columns="cash"))


def test_a_connection_of_a_business_that_is_not_there(books: rf.Books) -> None:
    """A misspelt connection of a business is stated in every report, also of that business alone."""
    named = books.replace(businesses={"R": ["roster-quickbooks", "roaster-bank"]})
    sentence = "Nothing of roster-quickbooks is in these books, which is a connection of R."
    for part in (named, named.filter("R")):
        assert part.incomplete == [sentence]
        assert sentence in part.cash_position().attrs["notes"]
    assert named.replace(businesses=books.businesses).is_complete


def test_a_business_has_no_name_of_a_column(books: rf.Books) -> None:
    """A business called total would stand where the table has its total."""
    with pytest.raises(ValueError, match="a business cannot be called 'total' here"):
        books.replace(businesses={"total": ["gear-bank"]}).by_business()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"vendors": 3}, "vendors must be a DataFrame or a CSV file, not int"),
        ({"rates": {"EUR": 1.1}}, "rates must be a DataFrame or a CSV file, not dict"),
        ({"notes": "text"}, "notes must be a list of sentences, not 'text': write ['text']"),
        ({"missing": "text"}, "missing must be a list of sentences, not 'text': write ['text']"),
    ],
)
def test_arguments_of_other_types(books: rf.Books, options: dict[str, Any], message: str) -> None:
    """Anything but a frame, a file or a list is refused when books are created, not by a report later."""
    with pytest.raises(TypeError) as caught:
        books.replace(**options)
    assert str(caught.value) == message


def test_lists_in_place_of_names(books: rf.Books) -> None:
    """A list where one name is expected is refused like an unknown name."""
    with pytest.raises(ValueError, match="there is no business"):
        books.filter(["Gear"])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="is not known"):
        books.open_items(["invoices"])  # type: ignore[arg-type]


def test_amounts_without_a_currency_have_none_side_by_side() -> None:
    """A missing currency stays missing, the last, and its sentence says that there is none."""
    banks = pd.DataFrame({
        "connection_id": "a", "id": ["1", "2"], "type": "checking", "currency": [None, "USD"],
        "balance": [3.5, 2.0],
    })  # fmt: skip
    documents = pd.DataFrame({
        "connection_id": ["a"], "id": ["1"], "customer_id": "c", "vendor_id": "v", "status": "open",
        "currency": "USD", "amount_due": [0.5], "due_date": pd.to_datetime(["2026-07-01"]),
    })  # fmt: skip
    orders = pd.DataFrame({
        "connection_id": ["a"], "id": ["1"], "status": "fulfilled", "currency": "USD",
        "total_price": [0.0], "created_at": pd.to_datetime(["2026-06-01"], utc=True), "line_items": [[]],
    })  # fmt: skip
    frames = {"bank_accounts": banks, "invoices": documents, "bills": documents, "orders": orders}
    table = rf.Books(frames, "2026-06-30").by_business()
    assert table["currency"].isna().tolist()[-1]
    (finding,) = [
        each for each in rf.Books(frames, "2026-06-30").findings("businesses") if "3.50" in str(each)
    ]
    assert finding.currency is None
    assert "3.50 without a currency" in finding.sentence
