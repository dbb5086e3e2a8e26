"""Read exchange rates from a CSV file; an error names the line."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pandas as pd

from rutterframe.currency import parse_currency

_COLUMNS = ("currency", "rate", "date")
_FORM = "write a header currency,rate,date and lines such as EUR,1.0825,2026-06-30"


def read_rates(path: str | Path, to: str) -> pd.DataFrame:
    r"""Read rates: units of ``to`` for one unit of each currency, by day.

    Parameters
    ----------
    path : str or Path
        A CSV file with the columns ``currency``, ``rate`` and ``date``; other columns are ignored.
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
    path, to = Path(path), parse_currency(to, name="to")
    rows: dict[tuple[str, datetime], float] = {}
    for line, (currency, rate, day) in _lines(path):
        where = f"{path.name}, line {line}"
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
        raise ValueError(f"{path.name} has no rates below its header; {_FORM}")
    values = [(code, value, when) for (code, when), value in rows.items()]
    return pd.DataFrame(values, columns=list(_COLUMNS)).astype({"date": "datetime64[us]"})


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Read the file as text, so that nothing is guessed, with the number of each line."""
    try:
        # utf-8-sig, because Excel begins its CSV files with a mark.
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ValueError(f"there is no file {str(path)!r}; {_FORM}, or pass another file") from None
    except (OSError, ValueError):  # also a NUL in the path, or bytes that are not UTF-8
        raise ValueError(f"{str(path)!r} cannot be read as a CSV file of rates; {_FORM}") from None
    reader = csv.reader(text.splitlines())
    try:
        lines = [(reader.line_num, values) for values in reader]
    except csv.Error as error:
        raise ValueError(f"{path.name}, line {reader.line_num} is not CSV ({error}); {_FORM}") from None
    header = [name.strip().lower() for name in lines[0][1]] if lines else []
    missing = [name for name in _COLUMNS if name not in header]
    if missing:
        names = ", ".join(map(repr, header)) or "nothing"
        raise ValueError(f"{path.name} has no column {', '.join(missing)}; its header has {names}: {_FORM}")
    for number, values in lines[1:]:
        if len(values) != len(header) and any(values):
            raise ValueError(
                f"{path.name}, line {number} has {len(values)} values, its header {len(header)}; "
                f"a comma inside of a number would do that: write 1.0825"
            )
        if any(values):
            yield number, [values[header.index(name)].strip() for name in _COLUMNS]


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
