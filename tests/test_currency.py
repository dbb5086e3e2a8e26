"""Currency codes, their smallest units, and the ticks that money is counted in."""

from __future__ import annotations

import pytest
from babel.core import get_global

from rutterframe.currency import CURRENCIES, LARGEST_SUM, TICKS, minor_units, parse_currency


@pytest.mark.parametrize(
    ("currency", "decimals"),
    [
        ("USD", 2),
        ("EUR", 2),
        ("GBP", 2),
        ("CHF", 2),
        ("MGA", 2),
        ("JPY", 0),
        ("KRW", 0),
        ("CLP", 0),
        ("ISK", 0),
        ("VND", 0),
        ("XOF", 0),
        ("KWD", 3),
        ("BHD", 3),
        ("JOD", 3),
        ("OMR", 3),
        ("TND", 3),
        ("CLF", 4),
        ("UYW", 4),
        ("UYI", 0),
        ("jpy", 0),
        ("Kwd", 3),
        ("ZZZ", 2),
        ("", 2),
    ],
)
def test_minor_units(currency: str, decimals: int) -> None:
    """A currency has the decimals of ISO 4217, in any case, and two where that names no other number."""
    assert minor_units(currency) == decimals


def test_a_tick_holds_every_currency() -> None:
    """A tick is a ten-thousandth, and 64 bits hold 461 trillions of a currency's unit."""
    assert TICKS == 10_000
    assert TICKS % 10 ** max(map(minor_units, ("USD", "JPY", "KWD", "CLF"))) == 0
    assert int(LARGEST_SUM) == 461_168_601_842_738


def test_currencies() -> None:
    """The currencies are those of ISO 4217 that are in use, and those withdrawn in the last ten years."""
    assert {"USD", "EUR", "JPY", "KWD", "CLF", "XCG", "ZWG", "BGN", "HRK"} <= CURRENCIES
    assert {"DEM", "USX", "XXX", "XTS", "usd", "", "BTC"} & CURRENCIES == set()
    assert {len(code) for code in CURRENCIES} == {3}


def test_currencies_are_those_of_unicode() -> None:
    """Ours has every currency that Unicode lists for a country; those only in ours are of no country."""
    spent = {
        code
        for used in get_global("territory_currencies").values()
        for code, _, last, _ in used
        if last is None
    }
    # The yuan abroad is not of ISO 4217; the others are not money.
    assert spent - CURRENCIES == {"CNH", "XTS", "XXX"}
    assert CURRENCIES - spent - {"BYR", "CUC", "HRK", "MRO", "SLL", "STD", "VEF", "ZWL", "ANG"} == {
        "SVC",
        "XAD",
    }


@pytest.mark.parametrize(("text", "code"), [("USD", "USD"), (" eur ", "EUR")])
def test_a_currency_is_read_without_case(text: str, code: str) -> None:
    """Case and blanks around a code do not matter."""
    assert parse_currency(text, name="to") == code


@pytest.mark.parametrize("text", ["", "EURO", "E1R", "€UR", "US D", None, 840])
def test_other_text_is_not_a_currency(text: object) -> None:
    """Anything but three letters is refused, with the name of what holds it."""
    with pytest.raises(ValueError, match="expected three letters") as caught:
        parse_currency(text, name="--currency")
    assert str(caught.value) == (
        f"--currency={text!r} is not a valid currency code (expected three letters, such as EUR)"
    )
