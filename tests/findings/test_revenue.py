"""Findings on revenue: the rows and shares of the table, and quarters that are over."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd

import rutterframe as rf
from rutterframe.findings.revenue import last_quarter, leaders

Order = tuple[str, str, str, float, str]


def orders(*rows: Order) -> pd.DataFrame:
    """Orders of one piece: connection, product, currency, price, day."""
    return pd.DataFrame(
        {
            "connection_id": [row[0] for row in rows],
            "id": [f"o{place}" for place in range(len(rows))],
            "status": "fulfilled",
            "currency": [row[2] for row in rows],
            "total_price": [row[3] for row in rows],
            "created_at": pd.to_datetime([row[4] for row in rows], utc=True),
            "line_items": [
                [{"product_id": row[1], "variant_id": None, "quantity": 1, "unit_price": row[3]}]
                for row in rows
            ],
        }
    )


def revenue(*rows: Order, **options: Any) -> pd.DataFrame:
    """The revenue of orders."""
    report: pd.DataFrame = rf.reports.revenue_by_product(orders(*rows), **options)
    return report


def test_one_product_in_two_shops_is_two() -> None:
    """Each currency has its leader, named with its shop where there are several."""
    report = revenue(
        ("a", "p", "EUR", 30.0, "2026-06-01"), ("b", "p", "EUR", 50.0, "2026-06-01"),
        ("b", "q", "EUR", 20.0, "2026-06-01"), ("b", "q", "USD", 7.5, "2026-06-01"),
    )  # fmt: skip
    result = leaders(report)
    assert result.sentences == [
        "In EUR, p (b) brings 50% of the revenue, the top 3 of 3 products bring 100%.",
        "In USD, q (b) brings 100% of the revenue.",
    ]
    assert dict(result[0].values) == {
        "product": "p", "revenue": Decimal("50.0"), "share": 0.5, "products": 3, "top": 3, "top_share": 1.0
    }  # fmt: skip


def test_shares_that_are_not_known() -> None:
    """Where shares mean nothing, since amounts have both signs, the sentence has the amount."""
    report = revenue(("a", "p", "EUR", 30.0, "2026-06-01"), ("a", "q", "EUR", -30.0, "2026-06-01"))
    assert leaders(report).sentences == ["p brings the most revenue in EUR: 30.00 EUR."]
    assert leaders(report.head(0)).sentences == ["There is no revenue."]
    below = revenue(("a", "p", "EUR", -30.0, "2026-06-01"))
    assert leaders(below).sentences == ["p brings the most revenue in EUR: -30.00 EUR."]


def test_a_quarter_that_is_over() -> None:
    """The last quarter that ended by the as-of day is compared with the same one a year before."""
    rows = (
        ("a", "p", "EUR", 100.0, "2025-05-01"), ("b", "p", "EUR", 20.0, "2025-06-30"),
        ("a", "p", "EUR", 150.0, "2026-04-01"), ("a", "p", "EUR", 5.0, "2026-07-01"),
        ("a", "p", "USD", 5.0, "2026-05-01"),
    )  # fmt: skip
    report = revenue(*rows, by="connection_id", period="quarter")
    expected = [
        "150.00 EUR in 2026 Q2, 25% more than in 2025 Q2 (120.00 EUR).",
        "5.00 USD in 2026 Q2, after none in 2025 Q2.",
    ]
    result = last_quarter(report, "2026-06-30")
    assert result.sentences == last_quarter(report, "2026-09-29").sentences == expected
    assert dict(result[0].values) == {
        "quarter": "2026 Q2", "before_quarter": "2025 Q2", "revenue": Decimal("150.0"),
        "before": Decimal("120.0"), "change": 0.25,
    }  # fmt: skip
    nothing = ["There is no 2026 Q1 with a 2025 Q1 beside it."]
    assert last_quarter(report, "2026-06-29").sentences == nothing
    assert last_quarter(report.head(0), "2026-03-31").sentences == nothing


def test_a_currency_that_sold_nothing_any_more() -> None:
    """It is compared as well: all of its revenue is missing; where signs differ there is no share."""
    rows = (
        ("a", "p", "EUR", 80.0, "2025-05-01"), ("a", "p", "GBP", 80.0, "2025-05-01"),
        ("a", "p", "GBP", -5.0, "2026-05-01"), ("a", "p", "USD", 5.0, "2025-08-01"),
    )  # fmt: skip
    report = revenue(*rows, by="connection_id", period="quarter")
    assert last_quarter(report, "2026-06-30").sentences == [
        "0.00 EUR in 2026 Q2, 100% less than in 2025 Q2 (80.00 EUR).",
        "-5.00 GBP in 2026 Q2, after 80.00 GBP in 2025 Q2.",
    ]


def test_less_and_the_same() -> None:
    """A decrease is stated as less, and no change as the same."""
    rows = (("a", "p", "EUR", 80.0, "2025-05-01"), ("a", "p", "EUR", 60.0, "2026-05-01"))
    same = (("a", "p", "EUR", 60.0, "2025-05-01"), ("a", "p", "EUR", 60.0, "2026-05-01"))
    assert [
        last_quarter(revenue(*each, by="connection_id", period="quarter"), "2026-06-30").sentences
        for each in (rows, same)
    ] == [
        ["60.00 EUR in 2026 Q2, 25% less than in 2025 Q2 (80.00 EUR)."],
        ["60.00 EUR in 2026 Q2, the same as in 2025 Q2."],
    ]
