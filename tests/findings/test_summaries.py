"""Findings of a month end and of several businesses: the amounts of their tables."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

import rutterframe as rf
from rutterframe.findings.summaries import comparisons, largest_debtors, positions, summaries
from rutterframe.reports.verdict import Verdict


def test_the_verdict() -> None:
    """How many totals agree, differ and were not compared are the values of the sentence."""
    (finding,) = comparisons(Verdict(28, 2, 1))
    assert finding.sentence == "2 of 30 totals DIFFER, 28 agree, 1 not compared."
    assert dict(finding.values) == {"agree": 28, "differ": 2, "not_compared": 1}


def test_a_sentence_for_every_currency() -> None:
    """Every currency of the summary has its sentence, also one that the forecast does not have."""
    summary = pd.DataFrame(
        {
            "currency": ["EUR", None],
            "cash": [100.0, 0.0],
            "receivables": [20.0, 1.0],
            "payables": [30.5, 0.0],
        }
    )
    runway = pd.DataFrame({"currency": ["EUR"], "lowest": [89.5]})
    stress = pd.DataFrame({"currency": ["EUR"], "lowest": [-1.0]})
    assert summaries(summary, runway, stress).sentences == [
        (
            "100.00 EUR at the banks, 20.00 EUR owed to us, 30.50 EUR owed by us: with what is invoiced, and "
            "what is overdue paid in week 1, the least in 13 weeks is 89.50 EUR; if nothing overdue is ever "
            "paid, -1.00 EUR."
        ),
        (
            "0.00 without a currency at the banks, 1.00 without a currency owed to us, 0.00 without a "
            "currency owed by us."
        ),
    ]


def test_businesses() -> None:
    """What is left of cash and receivables after payables is stated for all, and for each business."""
    table = pd.DataFrame(
        [
            ["Cash", "EUR", 0.1, 0.2, 0.3],
            ["Receivables", "EUR", 5.0, 0.0, 5.0],
            ["Payables", "EUR", 1.0, 2.0, 3.0],
            ["Cash", "USD", 0.0, 7.0, 7.0],
        ],
        columns=["figure", "currency", "A", "B", "total"],
    )
    result = positions(table, ["A", "B"])
    assert result.sentences == [
        "0.30 EUR in cash and 5.00 EUR to come in, less 3.00 EUR to pay: 2.30 EUR (A 4.10 EUR, B -1.80 EUR).",
        "7.00 USD in cash and 0.00 USD to come in, less 0.00 USD to pay: 7.00 USD.",
    ]
    assert dict(result[0].values)["left"] == Decimal("2.3")
    assert positions(table.head(0), ["A", "B"]).sentences == [
        "There is no cash, no receivable and no payable."
    ]


def ranked(*rows: tuple[str, str | None, float]) -> pd.DataFrame:
    """The concentration of what customers owe: customer, currency, total."""
    frame = pd.DataFrame(rows, columns=["customer_id", "currency", "total"]).astype({"currency": "str"})
    report: pd.DataFrame = rf.reports.concentration(frame, by="customer_id")
    return report


def test_the_largest_debtors() -> None:
    """The shares are those of the table; a single customer owes all."""
    result = largest_debtors(
        ranked(("a", "EUR", 50.0), ("b", "EUR", 30.0), ("c", "EUR", 20.0), ("a", None, 7.0)), top=2
    )
    assert result.sentences == [
        "Of the 100.00 EUR that customers owe, credits aside, the largest 2 of 3 customers owe 80%.",
        "Of the 7.00 without a currency that customers owe, credits aside, one customer owes all.",
    ]
    assert dict(result[0].values) == {
        "total": Decimal("100.0"), "customers": 3, "few": 2, "few_share": 0.8
    }  # fmt: skip


def test_debtors_without_shares() -> None:
    """Where shares mean nothing the amount is stated; without customers that they owe nothing."""
    mixed = ranked(("a", "EUR", 50.0), ("b", "EUR", -50.0))
    assert largest_debtors(mixed, top=1).sentences == [
        "Of the 0.00 EUR that customers owe, credits aside, the largest one of 2 customers owes 50.00 EUR."
    ]
    assert largest_debtors(mixed.head(0)).sentences == ["No customer owes anything."]
