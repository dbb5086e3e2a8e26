"""Amounts and shares as text."""

from __future__ import annotations

import pytest

from rutterframe.views.format import money, share


@pytest.mark.parametrize(
    ("part", "text"),
    [
        (0.0, "0%"),
        (-0.0, "0%"),
        (-0.002, "0%"),
        (-0.0049, "0%"),
        (-0.006, "-1%"),
        (0.0001, "less than 1%"),
        (0.314, "31%"),
        (0.9949, "99%"),
        (0.996, "more than 99%"),
        (0.9999, "more than 99.9%"),
        (1.0, "100%"),
        (1.0001, "more than 100%"),
        (1.01, "101%"),
        (-0.9949, "-99%"),
        (-0.9999, "more than -99.9%"),
        (-1.0, "-100%"),
    ],
)
def test_0_and_100_percent_mean_nothing_and_everything(part: float, text: str) -> None:
    """A share near zero has no minus, and only exactly the whole is 100%."""
    assert share(part) == text


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (-0.0, "USD", "0.00 USD"),
        (-0.004, "USD", "0.00 USD"),
        (-0.4, "JPY", "0 JPY"),
        (-0.0004, "KWD", "0.000 KWD"),
        (-0.006, "USD", "-0.01 USD"),
    ],
)
def test_an_amount_that_rounds_to_zero_has_no_sign(amount: float, currency: str, text: str) -> None:
    """An amount that rounds to zero in its currency's decimals is written without a sign."""
    assert money(amount, currency) == text
