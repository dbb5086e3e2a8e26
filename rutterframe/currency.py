"""Currency codes (ISO 4217), their smallest units, and the ticks in which money is counted exactly."""

from __future__ import annotations

#: Ticks in one major unit: sums of whole ticks are exact. Four decimals hold the smallest unit of every
#: currency of ISO 4217, and a hundredth of a cent.
TICKS = 10_000

#: Ticks in one major unit where amounts have more than four decimals, such as unit prices: eight are counted.
FINE_TICKS = 100_000_000

#: The largest sum of absolute amounts, in major units, that is counted: the difference of two such sums still
#: fits 64-bit ticks, and so does the sum after it was rounded to a float.
LARGEST_SUM = 2**62 / TICKS

# ISO 4217, the currencies that do not have two decimals.
_NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
#: Currencies by their decimals, of those that do not have two.
UNUSUAL_UNITS = {0: _NO_DECIMALS.split(), 3: _THREE_DECIMALS.split(), 4: ["CLF", "UYW"]}
_MINOR_UNITS = {code: decimals for decimals, codes in UNUSUAL_UNITS.items() for code in codes}

# ISO 4217, list one of February 2026, without XTS (for tests) and XXX (no currency).
_CURRENT = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD "
    "CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP "
    "GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR "
    "KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN "
    "MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD "
    "SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX "
    "USD USN UYI UYU UYW UZS VED VES VND VUV WST XAD XAF XAG XAU XBA XBB XBC XBD XCD XCG XDR XOF XPD "
    "XPF XPT XSU XUA YER ZAR ZMW ZWG"
)
# Withdrawn since 2016: documents of those years are still in the books.
_WITHDRAWN = "ANG BGN BYR CUC HRK MRO SLL STD VEF ZWL"

#: The codes that an amount can be in.
CURRENCIES = frozenset(f"{_CURRENT} {_WITHDRAWN}".split())


def minor_units(currency: str) -> int:
    """Return the number of decimals of a currency by ISO 4217; two where the standard has no other number.

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


def parse_currency(text: object, *, name: str) -> str:
    """Parse a currency code into three capital letters.

    Parameters
    ----------
    text : object
        The code; case and surrounding blanks do not matter.
    name : str
        The name of the argument, option or column, for the error.

    Raises
    ------
    ValueError
        If the text is anything but three letters.

    Examples
    --------
    >>> parse_currency(" usd ", name="to")
    'USD'
    """
    code = text.strip().upper() if isinstance(text, str) else ""
    if not (len(code) == 3 and code.isascii() and code.isalpha()):
        raise ValueError(
            f"{name}={text!r} is not a valid currency code (expected three letters, such as EUR)"
        )
    return code
