"""The findings of the demo's books agree with the reports that stand beside them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd

import rutterframe as rf
from rutterframe.findings import TOPICS


def by_currency(report: pd.DataFrame, *names: str) -> dict[str | None, Decimal]:
    """Add up columns of a report exactly, by currency."""
    sums: dict[str | None, Decimal] = {}
    for row in report.to_dict("records"):
        amounts = (Decimal(str(row[name])) for name in names)
        sums[row["currency"]] = sums.get(row["currency"], Decimal(0)) + sum(amounts, Decimal(0))
    return sums


def values_of(findings: Any, name: str) -> dict[str | None, Any]:
    """Return one value of the findings that have it, by currency."""
    pairs = [(each.currency, each.values) for each in findings]  # noqa: PD011 - not a DataFrame
    return {currency: values[name] for currency, values in pairs if name in values}


def test_receivables_have_the_totals_of_the_aging(books: rf.Books) -> None:
    """Totals are those of the report, and overdue is what its buckets past due add up to."""
    findings, aging = books.findings("receivables"), books.ar_aging()
    late = [name for name in map(str, aging) if name.startswith("days_")]
    totals, overdue = by_currency(aging, "total"), by_currency(aging, *late)
    assert values_of(findings, "total") == {each: totals[each] for each in values_of(findings, "total")}
    assert values_of(findings, "overdue") == {each: size for each, size in overdue.items() if size}


def test_payables_within_a_week_have_what_is_overdue(books: rf.Books) -> None:
    """What is overdue is the same in both sentences of a currency, and in the aging."""
    findings, aging = books.findings("payables"), books.ap_aging()
    late = by_currency(aging, *[name for name in map(str, aging) if name.startswith("days_")])
    for finding in findings:
        values = finding.values  # noqa: PD011 - not a DataFrame
        assert values["overdue"] == late[str(finding.currency)]


def test_revenue_has_the_shares_of_the_table(books: rf.Books) -> None:
    """The leading product has the largest revenue of its currency, and the share of its row."""
    revenue = books.revenue_by_product().dropna(subset="product_id")
    shares = values_of(books.findings("revenue"), "share")
    for currency, rows in revenue.groupby("currency"):
        first = rows.sort_values("revenue", ascending=False).iloc[0]
        assert shares[str(currency)] == first["share"]


def test_cash_has_the_lows_of_the_runway(books: rf.Books) -> None:
    """The lowest balances and their weeks are those of the report."""
    runway = books.runway(run_rate=True)
    findings = books.findings("cash")
    for name in ("lowest", "lowest_with_usual"):
        assert values_of(findings, name) == by_currency(runway, name)
    weeks: list[Any] = runway["weeks"].tolist()
    stated = [None if pd.isna(week) else week for week in weeks]
    assert values_of(findings, "weeks") == dict(zip(runway["currency"], stated, strict=True))


def test_businesses_have_the_figures_of_the_table(books: rf.Books) -> None:
    """Cash, receivables and payables are those of the businesses side by side."""
    table = books.by_business(books.currency)
    findings = books.findings("businesses")
    for figure in ("Cash", "Receivables", "Payables"):
        assert values_of(findings, figure.lower()) == by_currency(table[table["figure"] == figure], "total")


def test_every_topic_has_findings(books: rf.Books) -> None:
    """Without a topic all are computed, in the order of a month end, each with its sentence."""
    findings = books.findings()
    assert list(dict.fromkeys(each.topic for each in findings)) == list(TOPICS)
    assert all(each.sentence.endswith(".") for each in findings)
    assert findings.about("month_end") == books.findings("month_end")


def test_changes_and_overdue_documents_of_books(books: rf.Books) -> None:
    """Both take the day and the names of the books, and their rows lead to their documents."""
    revenue = books.revenue_by_product(period="month")
    change = books.change(revenue)
    assert change.attrs["as_of"] == books.as_of
    row = change[change["product_id"].notna()].tail(1)
    assert by_currency(books.explain(row).assign(currency="x"), "revenue") == {
        "x": Decimal(str(row["amount"].iloc[0]))
    }
    for resource, name in (("invoices", "customer_name"), ("bills", "vendor_name")):
        largest = books.top_overdue(resource, max_rows=1)
        assert name in largest
        items = books.explain(largest.iloc[0])
        assert items["amount_due"].tolist() == [largest["amount_due"].iloc[0]]
