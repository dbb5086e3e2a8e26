"""Findings of a month end and of several businesses: the amounts of their tables."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from rutterframe.findings.summaries import comparisons, positions, summaries
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
