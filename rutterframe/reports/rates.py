"""Read exchange rates from a CSV file; an error names the line."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pandas as pd

from rutterframe.currency import parse_currency
from rutterframe.frames.text_dtype import TEXT_DTYPE
from rutterframe.reports.csv_rows import csv_rows
from rutterframe.storage import mask_address

_COLUMNS = ("currency", "rate", "date")
_FORM = "write a header currency,rate,date and lines such as EUR,1.0825,2026-06-30"
_HINT = "; a comma inside of a number would do that: write 1.0825"


def read_rates(path: str | Path, to: str) -> pd.DataFrame:
    r"""Read rates: units of ``to`` for one unit of each currency, by day.

    Parameters
    ----------
    path : str or Path
        A CSV file, or its address such as ``s3://bucket/rates.csv``, with the columns ``currency``, ``rate``
        and ``date``; other columns are ignored.
    to : str
        The currency to convert into.

    Returns
    -------
    DataFrame
        The columns ``currency``, ``rate`` and ``date``, as `convert` takes them.

    Raises
    ------
    ValueError
        If there is no such file, it is not a CSV file, lacks a column or has no lines, a line cannot be read,
        or two contradict each other; and if the rate of ``to`` itself is not 1, since the rates are then into
        another currency.

    Examples
    --------
    >>> from pathlib import Path
    >>> import rutterframe as rf
    >>> _ = Path("rates.csv").write_text("currency,rate,date\nEUR,1.0825,2026-06-30\n")
    >>> rf.reports.read_rates("rates.csv", "USD")["rate"].tolist()
    [1.0825]
    """
    path = mask_address(path)
    file, to = Path(path).name, parse_currency(to, name="to")
    rows: dict[tuple[str, datetime], float] = {}
    for line, (currency, rate, day) in csv_rows(path, _COLUMNS, of="rates", form=_FORM, hint=_HINT):
        where = f"{file}, line {line}"
        code = parse_currency(currency, name=f"{where}: currency")
        value = _parse_rate(rate, f"{where}: the rate of {code}")
        if code == to and value != 1:
            raise ValueError(
                f"{where}: one {to} would be {rate} {to}, so these are rates into another currency; "
                f"a rate must say how many {to} one unit of its currency is worth"
            )
        when = _parse_day(day, f"{where}: the date of {code}")
        if rows.setdefault((code, when), value) != value:
            raise ValueError(f"{where}: {code} has another rate on {day} already; leave one of the two")
    if not rows:
        raise ValueError(f"{file} has no rates below its header; {_FORM}")
    values = [(code, value, when) for (code, when), value in rows.items()]
    return pd.DataFrame(values, columns=list(_COLUMNS)).astype(
        {"currency": TEXT_DTYPE, "date": "datetime64[us]"}
    )


def _parse_rate(text: str, name: str) -> float:
    # Python's own reading also takes 1_000, nan, inf and digits of other scripts.
    value = float(text) if re.fullmatch(r"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?", text) else 0.0
    if not 0 < value < float("inf"):
        raise ValueError(
            f"{name}, {text!r}, is not a valid rate (expected a number above zero with a decimal point, "
            f"such as 1.0825)"
        )
    return value


def _parse_day(text: str, name: str) -> datetime:
    # Both, since each of them alone takes more: 2026-6-30, or 2026-02-30.
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        with suppress(ValueError):
            return datetime.strptime(text, "%Y-%m-%d")  # noqa: DTZ007 - a calendar day has no zone
    raise ValueError(f"{name}, {text!r}, is not a valid date (expected YYYY-MM-DD)")
