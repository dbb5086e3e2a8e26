"""Findings on receivables and payables: the same rows and totals as the agings."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.findings import Finding, largest_overdue, payables, receivables

AS_OF = "2026-06-30"
Document = tuple[str | None, str | None, float, str | None]


def documents(party: str, *rows: Document) -> pd.DataFrame:
    """Open documents: party, currency, amount due, due date."""
    frame = pd.DataFrame(rows, columns=[party, "currency", "amount_due", "due_date"], dtype=object)
    types = {party: "str", "currency": "str", "amount_due": "float64", "due_date": "str"}
    return frame.astype(types).assign(id=[f"d{place}" for place in range(len(rows))], status="open")


def aging(*rows: Document, **options: Any) -> pd.DataFrame:
    """The receivables aging of invoices."""
    report: pd.DataFrame = rf.reports.ar_aging(documents("customer_id", *rows), AS_OF, **options)
    return report


def test_concentration_of_what_is_overdue() -> None:
    """The few customers that make up half of it are counted, largest first, of all with something overdue."""
    names = pd.DataFrame({"id": ["a", "b", "c"], "name": ["Anna", "Ben", "Cleo"]})
    result = receivables(
        aging(
            ("a", "USD", 40.1, "2026-05-01"), ("b", "USD", 35.0, "2026-06-29"),
            ("c", "USD", 24.9, "2026-01-01"), ("c", "USD", 100.0, "2026-06-30"), ("d", "USD", 7.0, None),
            customers=names,
        )
    )  # fmt: skip
    assert [*result] == [
        Finding(
            "receivables",
            "USD",
            {
                "total": Decimal("207.0"),
                "overdue": Decimal("100.0"),
                "overdue_share": 100 / 207,
                "credits": Decimal(0),
                "customers": 3,
                "few": 2,
                "few_share": 0.751,
                "largest": Decimal("40.1"),
                "largest_name": "Anna",
            },
            "100.00 USD of the 207.00 USD that is owed to us is overdue (48%); 2 of 3 customers make up 75% "
            "of it, first of all Anna (40.10 USD).",
        )
    ]


def test_one_customer_owes_it_all() -> None:
    """A single customer is not a share; a name that ends with a full stop is not followed by another."""
    names = pd.DataFrame({"id": ["a"], "name": ["Dana W.L.L."]})
    result = receivables(aging(("a", "KWD", 1.5, "2026-05-01"), customers=names))
    assert result.sentences == [
        (
            "1.500 KWD of the 1.500 KWD that is owed to us is overdue (100%), all of it by one customer, "
            "Dana W.L.L."
        )
    ]


def test_credits_are_stated() -> None:
    """A customer with more credits than invoices past due does not owe, and the total is net of it."""
    result = receivables(
        aging(
            ("a", "EUR", 60.0, "2026-05-01"), ("b", "EUR", 40.0, "2026-05-01"),
            ("c", "EUR", -10.0, "2026-05-01"),
        )
    )  # fmt: skip
    assert result.sentences == [
        (
            "90.00 EUR of the 90.00 EUR that is owed to us is overdue (100%); one of 2 customers makes up "
            "60% of it, 10.00 EUR of credits aside."
        )
    ]
    alone = receivables(aging(("a", "EUR", 60.0, "2026-05-01"), ("c", "EUR", -70.0, "2026-05-01")))
    assert alone.sentences == ["60.00 EUR is overdue, by one customer, 70.00 EUR of credits aside."]


@pytest.mark.parametrize(
    "rows",
    [
        (),
        (("a", "EUR", 5.0, AS_OF),),
        (("a", "EUR", 5.0, None),),
        (("a", "EUR", -5.0, "2026-01-01"),),
    ],
)
def test_nothing_overdue(rows: tuple[Document, ...]) -> None:
    """What is due today, has no due date, or is a credit is not overdue."""
    expected = Finding("receivables", None, {"overdue": Decimal(0)}, "No invoice is overdue.")
    assert [*receivables(aging(*rows))] == [expected]


def test_every_currency_has_its_own_finding() -> None:
    """Currencies come in the report's order, a missing one last; those with nothing overdue are left out."""
    result = receivables(
        aging(
            ("a", "USD", 5.0, "2026-06-01"), ("a", None, 5.0, "2026-06-01"), ("a", "EUR", 5.0, "2026-06-01"),
            ("a", "GBP", 5.0, "2026-07-01"),
        )
    )  # fmt: skip
    assert [finding.currency for finding in result] == ["EUR", "USD", None]
    assert result.sentences[2].startswith("5.00 without a currency of the 5.00 without a currency that is")


def test_the_noun_is_the_key_of_the_rows() -> None:
    """An aging by something else than customers counts its own rows."""
    invoices = documents(
        "customer_id", ("a", "USD", 5.0, "2026-06-01"), ("b", "USD", 5.0, "2026-06-01")
    ).assign(business=["Roaster", "Gear"])
    (result,) = receivables(rf.reports.ar_aging(invoices, AS_OF, by="business"))
    assert "one of 2 businesses makes up 50% of it, first of all Gear (5.00 USD)." in result.sentence


def test_the_sentence_agrees_with_the_table() -> None:
    """Overdue is what the buckets of the report add up to, and the total is the report's."""
    report = aging(("a", "USD", 0.1, "2026-06-01"), ("b", "USD", 0.2, "2026-01-01"))
    (result,) = receivables(report)
    values = result.values  # noqa: PD011 - not a DataFrame
    assert (values["overdue"], values["total"]) == (Decimal("0.3"), Decimal("0.3"))


def bills(*rows: Document) -> list[str]:
    """The findings of bills."""
    frame = documents("vendor_id", *rows)
    return payables(rf.reports.ap_aging(frame, AS_OF), rf.reports.open_items(frame, AS_OF)).sentences


def test_what_is_due_within_a_week() -> None:
    """A bill that is due in seven days is due within a week, one in eight is not; overdue ones are in it."""
    assert bills(
        ("v", "USD", 10.0, "2026-07-07"), ("v", "USD", 99.0, "2026-07-08"), ("v", "USD", 5.5, "2026-06-29"),
        ("w", "EUR", 3.0, "2026-06-01"), ("w", "GBP", 4.0, "2026-06-30"), ("w", "GBP", 4.0, None),
    ) == [
        "3.00 EUR is to be paid within a week, all of it overdue already.",
        "4.00 GBP is to be paid within a week, nothing of it overdue.",
        "15.50 USD is to be paid within a week, of which 5.50 USD is overdue already.",
        "3.00 EUR of the 3.00 EUR that is owed by us is overdue (100%), all of it by one vendor.",
        "5.50 USD of the 114.50 USD that is owed by us is overdue (5%), all of it by one vendor.",
    ]  # fmt: skip


def test_no_bills() -> None:
    """Without bills, nothing is due and nothing overdue."""
    assert bills() == ["No bill is due within a week or overdue.", "No bill is overdue."]


def test_another_report_is_refused() -> None:
    """The receivables are not those of a payables aging."""
    with pytest.raises(ValueError, match="this view shows ar_aging; the frame is a report of ap_aging"):
        receivables(rf.reports.ap_aging(documents("vendor_id"), AS_OF))


def test_the_largest_overdue_document() -> None:
    """It is named with its customer, and the sentence states what the listed ones make up."""
    invoices = documents(
        "customer_id", ("a", "EUR", 60.0, "2026-06-29"), ("b", "EUR", 30.0, "2026-05-01"),
        ("b", "EUR", 10.0, "2026-05-01"), ("b", None, 5.0, "2026-06-28"),
    )  # fmt: skip
    names = pd.DataFrame({"id": ["a"], "name": ["Anna"]})
    report = rf.reports.top_overdue(invoices, AS_OF, customers=names, max_rows=2)
    result = largest_overdue(report)
    assert result.sentences == [
        (
            "The largest overdue document in EUR is d0 of Anna: 60.00 EUR, 1 day late; the largest 2 of 3 "
            "make up 90% of what is overdue."
        ),
        ("The largest overdue document without a currency is d3: 5.00 without a currency, 2 days late."),
    ]
    assert dict(result[0].values) == {
        "document": "d0", "name": "Anna", "amount": Decimal("60.0"), "days_past_due": 1, "documents": 3,
        "listed": 2, "listed_share": 0.9,
    }  # fmt: skip
    everything = rf.reports.top_overdue(invoices.assign(document_number="INV-7"), AS_OF)
    assert "is INV-7: 60.00 EUR, 1 day late; all 3 make up 100%" in largest_overdue(everything)[0].sentence
    assert largest_overdue(report.head(0)).sentences == ["No invoice is overdue."]
    bills = rf.reports.top_overdue(documents("vendor_id"), AS_OF)
    assert largest_overdue(bills).sentences == ["No bill is overdue."]
