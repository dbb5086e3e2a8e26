"""The dashboard: what its controls show, without a browser."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from ipywidgets.widgets.widget import _instances

import rutterframe as rf
from rutterframe.widgets import Dashboard
from rutterframe.widgets.dashboard import NO_DAY

PARTS = ["Tie-out", "Receivables", "Payables", "Revenue", "Cash"]


def invoice(name: str, amount: float, *, currency: str = "USD", business: str = "shop") -> dict[str, Any]:
    return {
        "connection_id": f"{business}-ledger",
        "id": name,
        "customer_id": name,
        "status": "open",
        "due_date": pd.Timestamp("2026-06-10"),
        "currency": currency,
        "amount_due": amount,
    }


def small_books(*invoices: dict[str, Any], **options: Any) -> rf.Books:
    """Return books of invoices and of ledgers that carry what they add up to."""
    documents = pd.DataFrame(invoices)
    sums = documents.groupby(["connection_id", "currency"], as_index=False)["amount_due"].sum()
    accounts = pd.DataFrame(
        {
            "connection_id": sums["connection_id"],
            "id": [f"a{place}" for place in range(len(sums))],
            "name": "Accounts Receivable",
            "type": "asset",
            "currency": sums["currency"],
            "balance": sums["amount_due"],
        }
    )
    return rf.Books({"invoices": documents, "accounts": accounts}, "2026-06-30", **options)


def totals(dashboard: Dashboard) -> dict[str, float]:
    """Return the total of the receivables by currency."""
    table = dashboard.tables["Receivables"]
    return {str(code): float(total) for code, total in table.groupby("currency")["total"].sum().items()}


def parts_of(dashboard: Dashboard) -> dict[str, str]:
    """Return the HTML of every part."""
    return {name: part.value for name, part in dashboard._parts.items()}


@pytest.mark.slow
def test_the_demo(books: rf.Books) -> None:
    """All businesses at first: every part has a table, all totals agree, and the demo is marked."""
    dashboard = Dashboard(books)
    assert (dashboard.business, dashboard.as_of, dashboard.currency) == (None, "2026-06-30", None)
    assert sorted(dashboard.tables) == sorted(PARTS)
    assert dashboard.verdict == "All 30 totals agree."
    aging = books.month_end(["aging"]).reports["Aging"]
    pd.testing.assert_frame_equal(dashboard.tables["Receivables"], aging)
    assert "every figure" in dashboard.to_html()
    assert repr(dashboard) == (
        "<Dashboard: All businesses as of 2026-06-30. All 30 totals agree. "
        "After a kernel restart, run this cell again.>"
    )


@pytest.mark.slow
def test_a_business_of_the_demo(books: rf.Books) -> None:
    """A business has its own figures, which are those of its books, and can be taken further from there."""
    dashboard = Dashboard(books, business="Gear")
    own = books.filter("Gear").month_end(["aging", "payables", "revenue", "cash"])
    for title, sheet in {"Receivables": "Aging", "Payables": "Payables", "Cash": "Cash"}.items():
        pd.testing.assert_frame_equal(dashboard.tables[title], own.reports[sheet])
    assert dashboard.verdict == own.verdict
    assert dashboard.books is not None
    assert dashboard.books.connections == books.filter("Gear").connections


@pytest.mark.slow
def test_converted(books: rf.Books) -> None:
    """Converted amounts are in one currency; comparisons stay in those of the books, as a sentence says."""
    dashboard = Dashboard(books)
    dashboard.is_converted = True
    assert dashboard.is_converted
    assert dashboard.currency is None
    for title in PARTS[1:]:
        assert set(dashboard.tables[title]["currency"]) == {"USD"}
    assert set(dashboard.tables["Tie-out"]["currency"]) == {"USD", "EUR", "GBP", "JPY", "KWD"}
    assert dashboard.sentences["Tie-out"] == [
        "Totals are compared in the currencies of the books, before the conversion."
    ]
    dashboard.as_of = "2026-06-29"
    assert "Revenue" not in dashboard.tables
    assert dashboard.sentences["Revenue"] == [
        "Revenue cannot be converted: rates has no rate up to 2026-06-29 for EUR, GBP; it has USD."
    ]
    dashboard.is_converted = False
    assert set(dashboard.tables["Revenue"]["currency"]) == {"USD", "EUR", "GBP"}


def test_the_minimum_amount_says_what_it_hides() -> None:
    """Rows below the minimum are hidden and counted with their sum; a large credit is not small."""
    dashboard = Dashboard(
        small_books(invoice("a", 900.0), invoice("b", 250.5), invoice("c", -400.0), invoice("d", 99.99)),
        minimum=300,
    )
    assert dashboard.tables["Receivables"]["customer_id"].tolist() == ["a", "c"]
    assert dashboard.sentences["Receivables"] == ["2 of 4 rows are below 300 and hidden: 350.49 USD."]
    assert "Total of 2 of 4 USD" in parts_of(dashboard)["Receivables"]
    dashboard.minimum = 1000
    assert "Receivables" not in dashboard.tables
    assert dashboard.sentences["Receivables"] == ["4 of 4 rows are below 1,000 and hidden: 850.49 USD."]
    assert dashboard.verdict == "All 1 totals agree."
    dashboard.minimum = 0
    assert "Receivables" not in dashboard.sentences
    assert totals(dashboard) == {"USD": 850.49}


def test_a_currency() -> None:
    """A currency has its rows and comparisons alone; a difference in another one is not hidden."""
    books = small_books(invoice("a", 900.0), invoice("b", 70.0, currency="EUR"))
    wrong = books.frames["accounts"].assign(balance=[70.0, 901.0])
    dashboard = Dashboard(rf.Books({**books.frames, "accounts": wrong}, books.as_of))
    assert dashboard.verdict == "1 of 2 totals DIFFER, 1 agrees."
    assert "<details open>" in parts_of(dashboard)["Tie-out"]
    dashboard.currency = "EUR"
    assert totals(dashboard) == {"EUR": 70.0}
    assert dashboard.tables["Tie-out"]["currency"].tolist() == ["EUR"]
    assert dashboard.verdict == "All 1 totals agree."
    assert dashboard.sentences["Tie-out"] == ["In other currencies 1 total DIFFERS."]


def test_findings_follow_the_currency() -> None:
    """The findings are those of the currency, and of all rows whatever their amount."""
    dashboard = Dashboard(small_books(invoice("a", 900.0), invoice("b", 70.0, currency="EUR")), minimum=500)
    assert len(dashboard.sentences["Findings"]) == 2
    dashboard.currency = "EUR"
    (finding,) = dashboard.sentences["Findings"]
    assert finding.startswith("Receivables: 70.00 EUR of the 70.00 EUR that is owed to us is overdue (100%)")


def test_a_currency_that_a_business_does_not_have() -> None:
    """A sentence says which currencies there are."""
    books = small_books(
        invoice("a", 900.0),
        invoice("b", 70.0, currency="EUR", business="other"),
        businesses={"Shop": ["shop-ledger"], "Other": ["other-ledger"]},
    )
    dashboard = Dashboard(books, business="Shop", currency="EUR")
    assert "Receivables" not in dashboard.tables
    assert dashboard.sentences["Receivables"] == [
        "There are no open invoices in EUR; there are amounts in USD."
    ]
    assert dashboard.verdict == "Nothing was compared with its source."
    dashboard.business = "Other"
    assert totals(dashboard) == {"EUR": 70.0}


def test_what_was_not_loaded() -> None:
    """A part without its frames says which are missing and how to load them; the others are there."""
    dashboard = Dashboard(small_books(invoice("a", 900.0)))
    assert [*dashboard.tables] == ["Tie-out", "Receivables"]
    (sentence,) = dashboard.sentences["Payables"]
    assert sentence.startswith("Payables cannot be computed: ")
    assert "bills" in sentence


def test_a_business_without_a_shop(books: rf.Books) -> None:
    """A business without a shop has no revenue, and a sentence says so."""
    ledger = books.filter(connections=["roaster-quickbooks", "roaster-bank"])
    dashboard = Dashboard(ledger)
    assert dashboard.sentences["Revenue"] == ["There is no order of a shop."]
    assert len(dashboard.tables["Cash"]) == 2


def test_a_day() -> None:
    """Another day moves invoices into other buckets; the books stay as they are."""
    books = small_books(invoice("a", 900.0))
    dashboard = Dashboard(books, as_of="2026-06-15")
    assert dashboard.tables["Receivables"]["days_1_30"].tolist() == [900.0]
    dashboard.as_of = "2026-09-30"
    assert dashboard.tables["Receivables"]["days_91_plus"].tolist() == [900.0]
    assert books.as_of == "2026-06-30"
    assert "2026-09-30" in parts_of(dashboard)["Receivables"]


def test_no_day() -> None:
    """While no day is entered there are no figures, and a sentence asks for one."""
    dashboard = Dashboard(small_books(invoice("a", 900.0)))
    dashboard.as_of = None
    assert (dashboard.tables, dashboard.verdict, dashboard.books) == ({}, "", None)
    assert NO_DAY in dashboard._status.value
    assert set(parts_of(dashboard).values()) == {""}
    assert "as of no day" in repr(dashboard)
    dashboard.as_of = "2026-06-30"
    assert totals(dashboard) == {"USD": 900.0}


def test_a_day_that_no_report_takes() -> None:
    """A day that cannot be counted from is a sentence in each part, and never an error."""
    dashboard = Dashboard(small_books(invoice("a", 900.0)), as_of="0001-01-01")
    assert dashboard.tables == {}
    assert dashboard.sentences["Receivables"][0].startswith("Receivables cannot be computed: ")
    assert dashboard.sentences["Findings"][0].startswith("Findings cannot be computed: ")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"business": "Roster"}, "there is no business 'Roster' in these books; there are Shop"),
        ({"currency": "GBP"}, "there is no currency 'GBP' in these books; there are USD"),
        ({"minimum": -1}, "minimum=-1 is not a valid minimum amount"),
        ({"as_of": "30.06.2026"}, "'30.06.2026' is not a valid date"),
    ],
)
def test_refused(options: dict[str, Any], message: str) -> None:
    """From code, a value that a control does not offer is refused, with those that it does."""
    books = small_books(invoice("a", 900.0), businesses={"Shop": ["shop-ledger"]})
    with pytest.raises(ValueError, match=message):
        Dashboard(books, **options)


def test_only_books() -> None:
    """Anything but books is an error that shows the lines to write."""
    with pytest.raises(
        TypeError, match=r"takes Books, not BookFrames: write books = rf\.load_books\(client\)"
    ):
        Dashboard(small_books(invoice("a", 900.0)).frames)  # type: ignore[arg-type] # the mistake is the point


def test_no_rates() -> None:
    """Books without rates offer no conversion, and say how to add them."""
    dashboard = Dashboard(small_books(invoice("a", 900.0)))
    assert [label for label, _ in dashboard._currency.options] == ["All currencies", "USD"]
    with pytest.raises(ValueError, match=r"books\.replace\(currency='USD', rates='rates.csv'\)"):
        dashboard.is_converted = True


def test_all_has_a_label() -> None:
    """The controls show a label for all as well, also after another choice."""
    dashboard = Dashboard(small_books(invoice("a", 900.0), businesses={"Shop": ["shop-ledger"]}))
    dashboard.business, dashboard.currency = "Shop", "USD"
    assert (dashboard._business.label, dashboard._currency.label) == ("Shop", "USD")
    dashboard.business = dashboard.currency = None
    assert (dashboard._business.index, dashboard._currency.index) == (0, 0)
    assert (dashboard._business.label, dashboard._currency.label) == ("All businesses", "All currencies")


def test_labels() -> None:
    """Each control has a visible label, and Tab goes through them in the order of the screen."""
    row = Dashboard(small_books(invoice("a", 900.0))).children[1]
    assert [control.description for control in row.children] == [
        "Business",
        "As of",
        "Currency",
        "Minimum amount",
    ]


def test_only_what_changes_is_sent() -> None:
    """A new minimum amount sends the tables again that it changes, and not the comparisons."""
    dashboard = Dashboard(small_books(invoice("a", 900.0), invoice("b", 70.0)))
    sent: list[str] = []
    for name, part in dashboard._parts.items():
        part.observe(lambda _, name=name: sent.append(name), "value")
    dashboard.minimum = 100
    assert sent == ["Receivables"]


def test_a_hundred_changes_add_no_widget() -> None:
    """A hundred changes create no widget, and remember a limited number of results."""
    dashboard = Dashboard(small_books(invoice("a", 900.0)))
    before = {*_instances}
    for number in range(100):
        dashboard.as_of = pd.Timestamp("2026-06-30") - pd.Timedelta(days=number)
    assert {*_instances} == before
    assert len(dashboard._figures._results) <= 128
    assert len(dashboard._figures._parts) <= 128


def test_markup_in_names_is_text() -> None:
    """Names from the data are text: no markup reaches the page."""
    nasty = "<img src=x onerror=alert(1)>"
    books = small_books(invoice(nasty, 900.0), businesses={nasty: ["shop-ledger"]})
    dashboard = Dashboard(books, business=nasty)
    assert "<img" not in dashboard.to_html()
    assert "&lt;img" in dashboard.to_html()


def test_without_a_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """The saved notebook has the figures as HTML, and a line on how to get the controls back."""
    outputs: list[Any] = []
    monkeypatch.setattr("rutterframe.widgets.dashboard.display", lambda item, **_: outputs.append(item))
    Dashboard(small_books(invoice("a", 900.0)))._ipython_display_()
    view, static = outputs
    assert "application/vnd.jupyter.widget-view+json" in view
    assert "900.00" in static.data
    assert "run this cell again" in static.data
