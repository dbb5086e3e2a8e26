"""What every view says about a report: its heading, its marks, its notes, and its amounts as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from math import fsum
from typing import Any

import numpy as np
import pandas as pd

from rutterframe.currency import LARGEST_SUM, TICKS, minor_units
from rutterframe.reports.columns import Column, Kind
from rutterframe.reports.specs import ORIGINAL, SPECS, describe, recognise
from rutterframe.reports.verdict import agreement

#: Stands in every view of what the demo company makes up.
DEMO = "Demo data"

#: Stands in a view of a report without rows.
NOTHING = "The report has no rows."

#: What is shown where a report has no value.
BLANK = "\N{EM DASH}"

#: Stands for a missing currency; an empty text is none either.
NO_CURRENCY = "No currency"

_OVERDUE = {
    "first_week": "taken to be paid in week 1",
    "spread": "taken to be paid evenly over the weeks",
    "exclude": "left out",
}

# Adding these up says nothing: an order with two products is in both rows, a closing is the next opening.
_NOT_ADDED = {
    "orders", "days_past_due", "week", "rank", "opening", "closing", "closing_with_usual", "cumulative_share",
}  # fmt: skip
_ADDED = (Kind.MONEY, Kind.COUNT, Kind.SHARE)

# The columns that each report is ordered, drawn or added up by.
_NEEDED = {
    "ar_aging": ("total",),
    "ap_aging": ("total",),
    "open_items": ("amount_due",),
    "revenue_by_product": ("revenue",),
    "cash_position": ("balance",),
    "cash_history": ("date", "balance"),
    "cash_forecast": ("week", "opening", "closing"),
    "runway": ("lowest",),
    "transfers": ("amount",),
    "trial_balance": ("type", "balance"),
    "expenses_by_category": ("amount",),
    "concentration": ("amount",),
    "tie_out": ("ok",),
}

# What tells the rows of a report apart, beside its keys.
_TELLING_APART = {
    "period", "date", "week", "rank", "title", "customer_name", "vendor_name", "account_name", "account",
    "comparison", "from_id", "to_id", ORIGINAL,
}  # fmt: skip


def check(report: pd.DataFrame, *names: str, needs: Sequence[str] = ()) -> pd.DataFrame:
    """Make sure that a view is given a report that it can show.

    Parameters
    ----------
    report : DataFrame
        What the view was given.
    *names : str
        The reports that it shows.
    needs : sequence of str
        The columns that this view needs, beside those that every view of the report does.

    Returns
    -------
    DataFrame
        The report; one that lost its ``attrs``, in a merge or a file, is recognised by its columns.

    Raises
    ------
    TypeError
        If it is no pandas DataFrame.
    ValueError
        If it is another report, or none, lacks a column that it is shown by, has one twice, or an amount that
        is no finite number; the message says what it is.
    """
    wanted = " or ".join(names)
    if not isinstance(report, pd.DataFrame):
        raise TypeError(f"this view shows a pandas report of {wanted}, not {type(report).__name__}")
    found = report.attrs.get("report") or recognise(map(str, report.columns))
    if found in names:
        _check_columns(report, found, needs)
        _check_numbers(report, found)
        return report if "report" in report.attrs else _read_back(report, found)
    if found is not None:
        raise ValueError(f"this view shows {wanted}; the frame is a report of {found}")
    receipt = report.attrs.get("receipt")
    what = f"{receipt['resource']} as loaded" if receipt else f"columns {', '.join(map(str, report.columns))}"
    raise ValueError(
        f"this view shows {wanted}; the frame is no report (neither attrs['report'] nor the columns of one): "
        f"it has {what}"
    )


def _check_columns(report: pd.DataFrame, name: str, needs: Sequence[str]) -> None:
    """Refuse a report that lacks a column that its view needs, or has a column twice."""
    missing = [column for column in ("currency", *_NEEDED[name], *needs) if column not in report]
    if missing:
        raise ValueError(
            f"the report of {name} has lost its column {missing[0]!r}; its columns are "
            f"{', '.join(map(str, report.columns))}"
        )
    twice = report.columns[report.columns.duplicated()]
    if len(twice):
        raise ValueError(f"the report of {name} has the column {twice[0]!r} more than once: keep one of them")


def _check_numbers(report: pd.DataFrame, name: str) -> None:
    """Refuse amounts, counts and shares that are no numbers, infinite, or more than any report can have."""
    for column in describe(name, map(str, report.columns)):
        if column.kind not in _ADDED:
            continue
        values = report[column.name]
        try:
            numbers = pd.to_numeric(values).to_numpy(dtype="float64", na_value=np.nan)
        except (ValueError, TypeError):
            raise ValueError(
                f"the report of {name} holds no numbers in its column {column.name!r}, but {values.dtype}"
            ) from None
        wrong = np.flatnonzero(np.abs(numbers) > LARGEST_SUM)
        if len(wrong):
            infinite = np.isinf(numbers[wrong[0]])
            what = "an infinite number" if infinite else "a number too large to be shown exactly"
            raise ValueError(
                f"the report of {name} holds {what} in its column {column.name!r}: {values.iloc[wrong[0]]} "
                f"(row {wrong[0]}); correct it, or leave the row out"
            )


def _read_back(report: pd.DataFrame, name: str) -> pd.DataFrame:
    """Give a report that was recognised by its columns its name, its types, and a note of what is lost."""
    copy = report.copy()
    for column in describe(name, map(str, report.columns)):
        values = copy[column.name]
        if column.kind is Kind.DAY and not pd.api.types.is_datetime64_any_dtype(values):
            copy[column.name] = pd.to_datetime(values, format="ISO8601")
        elif column.kind is Kind.COUNT:
            copy[column.name] = pd.to_numeric(values).astype("Float64")
        elif column.kind is Kind.FLAG:
            copy[column.name] = values.astype("boolean")
    lost = "The report came without its notes, its day and its receipts: they are lost in a merge or a file."
    copy.attrs = {**report.attrs, "report": name, "notes": [lost]}
    return copy


def columns_of(report: pd.DataFrame) -> tuple[Column, ...]:
    """Describe the columns of a report, also those that it brought along."""
    return describe(report.attrs["report"], map(str, report.columns))


def heading(report: pd.DataFrame) -> str:
    """Give the title of a report, with its period, its currency if it was converted, and its day."""
    about = report.attrs
    title = SPECS[about["report"]].title
    if about["report"] == "concentration" and "by" in about:
        title += f" by {str(about['by']).removesuffix('_id').replace('_', ' ')}"
    title += f", by {about['period']}" if "period" in about else ""
    title += f" as of {about['as_of']}" if "as_of" in about else ""
    return f"{title}, in {about['currency']}" if ORIGINAL in report and "currency" in about else title


def question(report: pd.DataFrame) -> str:
    """Give the question that a report answers."""
    asked = SPECS[report.attrs["report"]].question
    put = _OVERDUE.get(str(report.attrs.get("overdue")))
    return asked if put is None else f"{asked} What is overdue is {put}."


def is_demo(report: pd.DataFrame) -> bool:
    """Tell whether any of the data is made up by the demo company."""
    return any("demo" in environments(receipt) for receipt in receipts(report))


def environments(receipt: Mapping[str, Any]) -> list[str]:
    """List where a load read from: a load from several clients has several environments."""
    found = receipt.get("environment") or []
    return [one.strip() for one in (found.split(",") if isinstance(found, str) else map(str, found))]


def fetched(report: pd.DataFrame) -> str:
    """Say when the data was fetched: the oldest and the newest of it."""
    ends = [str(receipt["finished"]) for receipt in receipts(report) if receipt.get("finished")]
    if not ends:
        return "When the data was fetched is not recorded."
    moments = [datetime.fromisoformat(end).astimezone(UTC) for end in ends]
    oldest, newest = (f"{moment:%Y-%m-%d %H:%M}" for moment in (min(moments), max(moments)))
    return f"Data fetched {newest} UTC." if oldest == newest else f"Data fetched {oldest} to {newest} UTC."


def notes(report: pd.DataFrame) -> list[str]:
    """List what the data cannot say: the report's notes, and what the receipts know to be missing."""
    found = [str(note) for note in report.attrs.get("notes", [])]
    for receipt in receipts(report):
        resource = receipt.get("resource", "data")
        if receipt.get("complete") is False:
            found.append(_incomplete(receipt, resource))
        if receipt.get("rows_refused"):
            found.append(f"{receipt['rows_refused']:,} rows of {resource} were refused as invalid.")
    return list(dict.fromkeys(note for note in (*_part(report), *found) if note))


def _incomplete(receipt: Mapping[str, Any], resource: str) -> str:
    """Say why a load is not complete; empty if only rows were set aside, which are counted beside it."""
    absent, each = receipt.get("not_offered", []), receipt.get("per_connection", {})
    lacking = [one for one in each.values() if not one.get("complete", True) and "not_offered" not in one]
    if receipt.get("errors") or any(not one.get("rows_refused") for one in lacking):
        return f"The {resource} are incomplete: a load broke off."
    # Those that only a 404 speaks of: for the others it is known that they have no such list.
    unsure = [name for name, one in each.items() if "not_offered" in one] if each else absent
    if absent and set(absent) >= set(receipt.get("connections", [])) and not (each and unsure):
        return f"No connection offers {resource}."
    if unsure:
        return f"The {resource} may be incomplete: {', '.join(unsure)} answered that there is no such list."
    return "" if lacking else f"The {resource} are incomplete: a load broke off."


def _part(report: pd.DataFrame) -> list[str]:
    """Say that a frame holds fewer rows than its report had when it was made, or more, or some again."""
    again = int(_repeated(report).sum())
    rows = len(report) - _not_made(report, again)
    whole = report.attrs.get("rows", rows)
    found = []
    if len(report) > whole:
        found.append(f"{len(report):,} rows, where the report had {whole:,}.")
    elif rows < whole:
        found.append(f"A part of the report: {rows:,} of {whole:,} rows.")
    if again:
        what = "1 row repeats another" if again == 1 else f"{again:,} rows repeat others"
        found.append(f"{what}: what is in the report twice counts twice in its totals.")
    return found


def _repeated(report: pd.DataFrame) -> pd.Series[bool]:
    """Tell which rows have the keys of an earlier one: no report has two such."""
    if report.attrs.get("report") == "open_items":
        keys = [name for name in ("connection_id", "id") if name in report]
        known = "id" in keys
    else:
        columns = columns_of(report)
        keys = [one.name for one in columns if one.kind is Kind.KEY or one.name in _TELLING_APART]
        known = report.attrs["report"] != "transfers" or {"from_id", "to_id"} <= {*keys}
    return report.duplicated(keys) if known else pd.Series(data=False, index=report.index)


def _not_made(report: pd.DataFrame, again: int) -> int:
    """Count the rows that were not in the report as it was made; a document may have been there twice."""
    return 0 if report.attrs.get("report") == "open_items" else again


def total_label(report: pd.DataFrame, currency: str, rows: int) -> str:
    """Name the total of a currency's rows; that of a part of them, or with some again, is called so.

    Examples
    --------
    >>> import pandas as pd
    >>> report = pd.DataFrame({"customer_id": ["a", "b", "c", "a"], "currency": ["USD", "USD", "KWD", "USD"]})
    >>> report.attrs = {"report": "ar_aging", "rows": 35, "rows_by_currency": {"USD": 34, "KWD": 1}}
    >>> total_label(report, "USD", 3), total_label(report, "KWD", 1)
    ('Total of 2 of 34 USD, 1 repeated', 'Total KWD')
    """
    by_currency = report.attrs.get("rows_by_currency", {})
    code = "" if currency == NO_CURRENCY else currency
    repeated = report.loc[_repeated(report).to_numpy(), "currency"].astype(object)
    again = int((repeated.where(repeated.notna(), "") == code).sum())
    rows -= _not_made(report, again)
    # All rows of what was converted are in one currency.
    whole = report.attrs.get("rows", rows) if ORIGINAL in report else by_currency.get(code, rows)
    label = f"Total {currency}" if rows >= whole else f"Total of {rows:,} of {whole:,} {currency}"
    return f"{label}, {again:,} repeated" if again else label


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
    amount = _exact(ticks).quantize(places, rounding=ROUND_HALF_EVEN)
    return f"({-amount:,})" if amount < 0 else f"{abs(amount):,}"


def count(ticks: Any) -> str:
    """Write a count of ticks as a plain number."""
    return BLANK if pd.isna(ticks) else f"{_exact(ticks).normalize():,f}"


def percent(share: Any) -> str:
    """Write a fraction of 1 in percent, negative in parentheses."""
    if pd.isna(share):
        return BLANK
    text = f"{abs(share):.1%}"
    return f"({text})" if share < 0 and text != "0.0%" else text


def day(value: Any) -> str:
    """Write a day."""
    return BLANK if pd.isna(value) else f"{pd.Timestamp(value):%Y-%m-%d}"


def period(first: Any, length: str | None) -> str:
    """Write a period by its first day.

    Examples
    --------
    >>> period(pd.Timestamp("2026-04-01"), "quarter"), period(pd.Timestamp("2026-04-01"), "month")
    ('2026 Q2', '2026-04')
    """
    if pd.isna(first):
        return BLANK
    moment = pd.Timestamp(first)
    written = {
        "month": f"{moment:%Y-%m}",
        "quarter": f"{moment.year} Q{moment.quarter}",
        "year": f"{moment:%Y}",
    }
    return written.get(length or "", day(moment))


def flag(ok: Any) -> str:
    """Say whether a total agrees with its source; one that was not compared does neither."""
    return agreement(ok)


def text(value: Any) -> str:
    """Write a text."""
    return BLANK if pd.isna(value) else str(value)


def bucket(value: Any) -> str:
    """Write the name of an aging bucket as a reader says it."""
    if pd.isna(value):
        return BLANK
    (column,) = describe("ar_aging", [str(value)])
    return column.label


def counted(report: pd.DataFrame) -> pd.DataFrame:
    """Copy a report with money and counts in ticks, and a word for a missing currency.

    Ticks are whole numbers, and exact decimals in a column with an amount of more than four decimals.
    """
    copy = report.reset_index(drop=True)
    for column in columns_of(report):
        if column.kind in (Kind.MONEY, Kind.COUNT):
            copy[column.name] = _ticks(pd.to_numeric(copy[column.name]).astype("Float64"))
    currency = copy["currency"].astype(object)
    copy["currency"] = currency.where(currency.notna() & (currency != ""), NO_CURRENCY)
    return copy


def _ticks(amounts: pd.Series[Any]) -> pd.Series[Any]:
    whole = (amounts * TICKS).round(0)
    if bool((whole / TICKS == amounts).all()):
        return whole.astype("Int64")
    exact = [None if pd.isna(one) else round(Decimal(str(one)), 8) * TICKS for one in amounts.tolist()]
    return pd.Series(exact, index=amounts.index, dtype=object)


def _exact(ticks: Any) -> Decimal:
    return (ticks if isinstance(ticks, Decimal) else Decimal(int(ticks))) / TICKS


def units(ticks: Any) -> float:
    """Turn ticks into major units."""
    return float(_exact(ticks))


def by_currency(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Split a report by its currencies, in the order of the report."""
    return {str(currency): part for currency, part in frame.groupby("currency", sort=False)}


def total(frame: pd.DataFrame, added: Sequence[str]) -> dict[str, Any]:
    """Add up the columns that can be; ticks exactly, shares as fractions."""
    sums: dict[str, Any] = {}
    for name in added:
        values = frame[name].dropna().tolist()
        shares = pd.api.types.is_float_dtype(frame[name].dtype)
        sums[name] = (fsum(values) if shares else sum(values)) if values else None
    return sums


def adds_up(report: pd.DataFrame) -> list[str]:
    """List the columns whose sum means something."""
    left_out = set(_NOT_ADDED)
    if report.attrs["report"] == "cash_history":
        left_out.add("balance")  # what is left at the end of a day is no flow
    if ORIGINAL in report:
        left_out.add("share")  # each is one of its own currency
    return [one.name for one in columns_of(report) if one.kind in _ADDED and one.name not in left_out]


def receipts(report: pd.DataFrame) -> list[dict[str, Any]]:
    """List the receipts of the loads that a report was made of."""
    return list(report.attrs.get("sources", []))
