"""What every view of a report shares: its heading, its marks, its money as text, its names and its rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from html import escape
from math import fsum
from textwrap import wrap
from typing import Any

import pandas as pd

from rutterframe.money import TICKS, minor_units
from rutterframe.reports.specs import SPECS, Column, Kind, describe

#: Stands in every view of what the demo company makes up.
DEMO = "Demo data"

#: Stands in a view of a report without rows.
NOTHING = "The report has no rows."

#: Names to show instead of ids: a mapping, or a frame with ``id`` and ``name`` (or ``title``).
Names = Mapping[str, str] | pd.DataFrame | None

#: What is shown where a report has no value.
BLANK = "\N{EM DASH}"

_NO_CURRENCY = "No currency"
_OTHERS = "All others"

# Adding these up says nothing: an order with two products is in both rows, a closing is the next opening.
_NOT_ADDED = {"orders", "days_past_due", "week", "rank", "opening", "closing", "cumulative_share"}
_ADDED = (Kind.MONEY, Kind.COUNT, Kind.SHARE)


def check(report: pd.DataFrame, *names: str) -> None:
    """Make sure that a view is given a report that it can show.

    Raises
    ------
    TypeError
        If it is no pandas DataFrame.
    ValueError
        If it is another report, or none; the message says what it is.
    """
    wanted = " or ".join(names)
    if not isinstance(report, pd.DataFrame):
        raise TypeError(f"this view shows a pandas report of {wanted}, not {type(report).__name__}")
    found = report.attrs.get("report")
    if found in names:
        return
    if found is not None:
        raise ValueError(f"this view shows {wanted}; the frame is a report of {found}")
    receipt = report.attrs.get("receipt")
    what = f"{receipt['resource']} as loaded" if receipt else f"columns {', '.join(map(str, report.columns))}"
    raise ValueError(f"this view shows {wanted}; the frame is no report (no attrs['report']): it has {what}")


def columns_of(report: pd.DataFrame) -> tuple[Column, ...]:
    """Describe the columns of a report; of open items also those that the documents brought along."""
    name = report.attrs["report"]
    brought = {
        "amount_due": Column("amount_due", Kind.MONEY, "Amount due", "What is left to pay"),
        "due_date": Column("due_date", Kind.DAY, "Due date", "When it is to be paid"),
    }
    return tuple(brought.get(column.name, column) for column in describe(name, map(str, report.columns)))


def heading(report: pd.DataFrame) -> str:
    """Give the title of a report, with its day where it has one."""
    title = SPECS[report.attrs["report"]].title
    return f"{title} as of {report.attrs['as_of']}" if "as_of" in report.attrs else title


def question(report: pd.DataFrame) -> str:
    """Give the question that a report answers."""
    return SPECS[report.attrs["report"]].question


def is_demo(report: pd.DataFrame) -> bool:
    """Tell whether any of the data is made up by the demo company."""
    return any(receipt.get("environment") == "demo" for receipt in _receipts(report))


def fetched(report: pd.DataFrame) -> str:
    """Say when the newest of the data was fetched."""
    ends = [str(receipt["finished"]) for receipt in _receipts(report) if receipt.get("finished")]
    if not ends:
        return "When the data was fetched is not recorded."
    newest = max(datetime.fromisoformat(end).astimezone(UTC) for end in ends)
    return f"Data fetched {newest:%Y-%m-%d %H:%M} UTC."


def notes(report: pd.DataFrame) -> list[str]:
    """List what the data cannot say: the report's notes, and what the receipts know to be missing."""
    found = [str(note) for note in report.attrs.get("notes", [])]
    for receipt in _receipts(report):
        resource = receipt.get("resource", "data")
        if receipt.get("complete") is False:
            found.append(f"The {resource} are incomplete: a load broke off.")
        if receipt.get("rows_refused"):
            found.append(f"{receipt['rows_refused']:,} rows of {resource} were refused as invalid.")
    if "period" in report and (undated := int(report["period"].isna().sum())):
        found.append(f"{undated:,} rows have no period: a chart over time cannot draw them.")
    return found


def money(ticks: Any, currency: str) -> str:
    """Write a count of ticks in a currency's decimals, negative in parentheses.

    Examples
    --------
    >>> money(-12_345_600, "USD"), money(12_340_000, "JPY"), money(12_345, "KWD")
    ('(1,234.56)', '1,234', '1.234')
    """
    if pd.isna(ticks):
        return BLANK
    places = Decimal(1).scaleb(-minor_units(currency))
    amount = (Decimal(int(ticks)) / TICKS).quantize(places, rounding=ROUND_HALF_EVEN)
    return f"({-amount:,})" if amount < 0 else f"{abs(amount):,}"


def count(ticks: Any) -> str:
    """Write a count of ticks as a plain number."""
    return BLANK if pd.isna(ticks) else f"{(Decimal(int(ticks)) / TICKS).normalize():,f}"


def percent(share: Any) -> str:
    """Write a fraction of 1 in percent, negative in parentheses."""
    if pd.isna(share):
        return BLANK
    text = f"{abs(share):.1%}"
    return f"({text})" if share < 0 and text != "0.0%" else text


def day(value: Any) -> str:
    """Write a day."""
    return BLANK if pd.isna(value) else f"{pd.Timestamp(value):%Y-%m-%d}"


def text(value: Any) -> str:
    """Write a text; the name of a bucket as a reader says it."""
    if pd.isna(value):
        return BLANK
    (column,) = describe("ar_aging", [str(value)])
    return column.label if column.kind is Kind.MONEY else str(value)


def counted(report: pd.DataFrame) -> pd.DataFrame:
    """Copy a report with money and counts in whole ticks, and a word for a missing currency."""
    copy = report.reset_index(drop=True)
    for column in columns_of(report):
        if column.kind in (Kind.MONEY, Kind.COUNT):
            amounts = pd.to_numeric(copy[column.name]).astype("Float64")
            copy[column.name] = (amounts * TICKS).round(0).astype("Int64")
    copy["currency"] = copy["currency"].astype(object).where(copy["currency"].notna(), _NO_CURRENCY)
    return copy


def by_currency(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Split a report by its currencies, in the order of the report."""
    return {str(currency): part for currency, part in frame.groupby("currency", sort=False)}


def key_of(report: pd.DataFrame) -> list[Column]:
    """Give the column that names the rows of a report, if there is one."""
    return [each for each in columns_of(report) if each.kind is Kind.KEY and each.name != "currency"][:1]


def check_room(currencies: Sequence[str]) -> None:
    """Make sure that a chart has a panel for each currency."""
    if len(currencies) > 4:
        raise ValueError(
            f"a chart has room for 4 currencies, and the report has {len(currencies)} "
            f"({', '.join(currencies)}): filter it by currency, or convert it to one"
        )


def safe(names: Iterable[Any], width: int = 10_000) -> list[str]:
    """Break names into lines, and keep them from being read as markup."""
    return ["<br>".join(escape(line, quote=False) for line in wrap(str(name), width)) for name in names]


def labels(
    frame: pd.DataFrame, column: Column, names: Names = None, *, short: bool = False
) -> pd.Series[Any]:
    """Name the values of a column: each value has its own name, a missing one says so.

    Parameters
    ----------
    frame : DataFrame
        With the column; a ``title`` beside a product names it.
    column : Column
        The column to name.
    names : mapping or DataFrame, optional
        Names by id. What has none is shown as its id; two ids with one name are told apart by their ids.
    short : bool
        Give only the beginning of an id, as far as no two are the same.
    """
    missing = "No " + column.label.removesuffix(" id").lower()
    ids = frame[column.name]
    known = dict(_mapping(names))
    if "title" in frame and column.name != "title":
        named = frame[frame["title"].notna()]
        titles = zip(named[column.name], named["title"], strict=True)
        known = {key: str(title) for key, title in titles if not pd.isna(key)} | known
        missing = next(
            (
                str(title)
                for key, title in zip(ids, frame["title"], strict=True)
                if pd.isna(key) and not pd.isna(title)
            ),
            missing,
        )
    different = [key for key in ids.unique() if not pd.isna(key)]
    width = next(
        size
        for size in (8, 12, 16, 10_000)
        if len({str(key)[:size] for key in different}) == len({str(key) for key in different})
    )
    cut = {key: str(key)[:width] for key in different}
    # Runs of blanks would make two names look alike.
    shown = {key: " ".join(known.get(key, cut[key] if short else str(key)).split()) for key in different}
    taken = Counter([missing, *shown.values()])
    unique = {key: f"{name} ({cut[key]})" if taken[name] > 1 else name for key, name in shown.items()}
    return pd.Series(
        [missing if pd.isna(key) else unique[key] for key in ids], index=frame.index, dtype=object
    )


def named(
    frame: pd.DataFrame, keys: Sequence[Column], names: Names = None, *, short: bool = False
) -> pd.DataFrame:
    """Copy a frame with names for its keys; ``_missing`` tells the rows without the first one."""
    copy = frame.copy()
    copy["_missing"] = frame[keys[0].name].isna() if keys else False
    for key in keys:
        copy[key.name] = labels(frame, key, names, short=short)
    return copy


def largest(
    frame: pd.DataFrame, size: str, rows: int | None, *, key: str, added: Sequence[str]
) -> pd.DataFrame:
    """Put the largest rows first; what is beyond ``rows`` becomes one row, and rows without a key stay last.

    The frame holds one currency, counted and named; ``key`` names its rows, ``size`` is compared, ``added``
    can be added up. A rest of a single row stays as it is: a word for it would only hide its name.
    """
    if rows is not None and rows < 1:
        raise ValueError(f"cannot show the largest {rows}: it must be 1 or more")
    ranked = frame.sort_values([size, key], ascending=[False, True], kind="stable")
    keyed, without = ranked[~ranked["_missing"]], ranked[ranked["_missing"]]
    if rows is None or len(keyed) <= rows + 1:
        return ranked if without.empty else pd.concat([keyed, without])
    rest = keyed.iloc[rows:]
    # The first of the rest gives the row its currency, its period and its types.
    line = rest.iloc[:1].copy()
    for name in line.columns.difference([*added, "currency", "period", "_missing"]):
        text = not pd.api.types.is_numeric_dtype(line[name]) and not hasattr(line[name], "dt")
        line[name] = "" if text else line[name].iloc[:0].reindex(line.index)
    for name, amount in total(rest, added).items():
        line[name] = pd.Series([amount], index=line.index, dtype=line[name].dtype)
    line[key] = f"{_OTHERS} ({len(rest):,})"
    return pd.concat([part for part in (keyed.iloc[:rows], line, without) if len(part)])


def total(frame: pd.DataFrame, added: Sequence[str]) -> dict[str, Any]:
    """Add up the columns that can be; ticks as integers, shares as fractions."""
    sums: dict[str, Any] = {}
    for name in added:
        values = frame[name].dropna()
        whole = isinstance(frame[name].dtype, pd.Int64Dtype)
        sums[name] = (sum(map(int, values)) if whole else fsum(values)) if len(values) else None
    return sums


def adds_up(columns: Sequence[Column]) -> list[str]:
    """List the columns whose sum means something."""
    return [column.name for column in columns if column.kind in _ADDED and column.name not in _NOT_ADDED]


def _mapping(names: Names) -> Mapping[str, str]:
    if names is None or isinstance(names, Mapping):
        return names or {}
    name = next((column for column in ("name", "title") if column in names), None)
    if "id" not in names or name is None:
        raise ValueError(
            f"names must have the columns 'id' and 'name' (or 'title'); it has {', '.join(map(str, names))}"
        )
    named = names[names[name].notna()]
    return {str(key): str(value) for key, value in zip(named["id"], named[name], strict=True)}


def _receipts(report: pd.DataFrame) -> list[dict[str, Any]]:
    return list(report.attrs.get("sources", []))
