"""How money is counted: in whole ticks of 1/10,000 of a currency's unit, so that sums are exact."""

from __future__ import annotations

#: Ticks in one major unit. Four decimals hold every currency of ISO 4217, and a hundredth of a cent.
TICKS = 10_000

#: The largest sum of absolute amounts, in major units, that is counted: then also the difference of two sums
#: fits 64-bit ticks, and so does what a float makes of the sum.
LARGEST_SUM = 2**62 / TICKS

# ISO 4217, the currencies that do not have two decimals.
_NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
_MINOR_UNITS = {
    **dict.fromkeys(_NO_DECIMALS.split(), 0),
    **dict.fromkeys(_THREE_DECIMALS.split(), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}


def minor_units(currency: str) -> int:
    """Give the decimals of a currency, by ISO 4217; two where the standard names no other number.

    Parameters
    ----------
    currency : str
        The three-letter code, in any case.

    Examples
    --------
    >>> minor_units("USD"), minor_units("JPY"), minor_units("KWD")
    (2, 0, 3)
    """
    return _MINOR_UNITS.get(currency.upper(), 2)
