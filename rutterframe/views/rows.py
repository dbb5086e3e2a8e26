"""Which rows does a view show, and what are they called? Names, the largest, and the rest as one row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from rutterframe.reports.columns import Column, Kind
from rutterframe.reports.specs import ORIGINAL
from rutterframe.views import marks

#: Names to show instead of ids: a mapping, or a frame with ``id`` and ``name`` (or ``title``).
Names = Mapping[str, str] | pd.DataFrame | None

#: How the row begins that stands for all that are not shown.
OTHERS = "All others"

_TYPES = ("asset", "liability", "equity", "revenue", "expense")


def keys_of(report: pd.DataFrame) -> list[Column]:
    """Give the columns that name the rows of a report, if there are any."""
    return [each for each in marks.columns_of(report) if each.kind is Kind.KEY and each.name != "currency"]


def in_order(report: pd.DataFrame) -> list[Column]:
    """Order the columns of a report: the currency, and what it was converted from beside it."""
    columns = list(marks.columns_of(report))
    for place, column in enumerate(columns):
        if column.name == ORIGINAL:
            original = columns.pop(place)
            columns.insert([each.name for each in columns].index("currency") + 1, original)
            break
    return columns


def labels(
    frame: pd.DataFrame, column: Column, names: Names = None, *, short: bool = False
) -> pd.Series[Any]:
    """Name the values of a column: each value has its own name, a missing one says so.

    Parameters
    ----------
    frame : DataFrame
        With the column; a ``title`` beside a product or a variant names it, also a line that is of none.
    column : Column
        The column to name.
    names : mapping or DataFrame, optional
        Names by id. What has none is shown as its id; two ids with one name are told apart by their ids.
    short : bool
        Give only the beginning of an id, as far as no two are the same.
    """
    ids = frame[column.name]
    known = _mapping(names)
    titled = "title" in frame and column.name in ("product_id", "variant_id")
    titles = frame["title"].tolist() if titled else [None] * len(frame)
    cut = _shortened(ids) if column.name == "id" or column.name.endswith("_id") else {}
    missing = "No " + column.label.removesuffix(" id").lower()
    called = []
    for key, title in zip(ids.tolist(), titles, strict=True):
        name = missing if pd.isna(key) else cut.get(key, str(key)) if short else str(key)
        if not pd.isna(title):
            name = str(title)
        if not pd.isna(key):
            name = known.get(str(key), name)
        # Runs of blanks would make two names look alike.
        called.append(("" if pd.isna(key) else str(key), " ".join(name.split())))
    taken = Counter(name for _, name in dict.fromkeys(called))
    unique = [f"{name} ({cut.get(key, key)})" if key and taken[name] > 1 else name for key, name in called]
    return pd.Series(unique, index=frame.index, dtype=object)


def named(
    frame: pd.DataFrame, keys: Sequence[Column], names: Names = None, *, short: bool = False
) -> pd.DataFrame:
    """Copy a frame with names for its keys; ``_missing`` tells the rows without the first one."""
    copy = frame.copy()
    copy["_missing"] = frame[keys[0].name].isna() if keys else False
    for key in keys:
        copy[key.name] = labels(frame, key, names, short=short)
    return copy


def with_names(report: pd.DataFrame, names: Names) -> pd.DataFrame:
    """Copy a report with a column of names beside that of the customer's, vendor's or account's ids."""
    copy = report.reset_index(drop=True)
    for key in keys_of(report) if names is not None else ():
        name = key.name.removesuffix("_id")
        if key.name in ("customer_id", "vendor_id", "account_id") and name not in copy:
            called = labels(copy, key, names)
            called = called.where(called != copy[key.name])  # an id is no name
            if called.notna().any():
                copy.insert([*copy.columns].index(key.name) + 1, name, called)
    return copy


def by_type(balance: pd.DataFrame) -> pd.DataFrame:
    """Order a trial balance as the accounting equation does, with what is left of it last."""
    types = [name for name in dict.fromkeys((*_TYPES, *balance["type"])) if name != "difference"]
    places = {name: place for place, name in enumerate((*types, "difference"))}
    ordered = balance.sort_values("type", key=lambda found: found.map(places), kind="stable")
    blocks = [name for name in ("currency", ORIGINAL) if name in balance]
    return ordered.sort_values(blocks, kind="stable")


def largest(
    frame: pd.DataFrame, size: str, rows: int | None, *, key: str, added: Sequence[str]
) -> pd.DataFrame:
    """Put the largest rows first; what is beyond ``rows`` becomes one row, and rows without a key stay last.

    The frame holds one currency, counted and named; ``key`` names its rows, ``size`` is compared, ``added``
    can be added up. A rest of a single row stays as it is: a word for it would only hide its name.
    """
    _check(rows)
    ranked = frame.sort_values([size, key], ascending=[False, True], kind="stable")
    keyed, without = ranked[~ranked["_missing"]], ranked[ranked["_missing"]]
    if rows is None or len(keyed) <= rows + 1:
        return ranked if without.empty else pd.concat([keyed, without])
    rest = keyed.iloc[rows:]
    line = folded(rest, added, kept=("period",)).astype({key: object})
    line[key] = f"{OTHERS} ({len(rest):,})"
    return pd.concat([part for part in (keyed.iloc[:rows], line, without) if len(part)])


def first(frame: pd.DataFrame, rows: int | None, *, key: str, added: Sequence[str]) -> pd.DataFrame:
    """Keep the first rows in their order; what is beyond becomes one row, whose running share goes on."""
    _check(rows)
    if rows is None or len(frame) <= rows + 1:
        return frame
    rest = frame.iloc[rows:]
    line = folded(rest, added, kept=("cumulative_share",)).astype({key: object})
    line[key] = f"{OTHERS} ({len(rest):,})"
    return pd.concat([frame.iloc[:rows], line])


def newest(frame: pd.DataFrame, rows: int | None, *, added: Sequence[str]) -> pd.DataFrame:
    """Keep the last days; all days before become one row, with the balance that they ended at."""
    _check(rows)
    if rows is None or len(frame) <= rows + 1:
        return frame
    keys = [name for name in ("account_id", ORIGINAL, "balance") if name in frame]
    line = folded(frame.iloc[:-rows], added, kept=keys)
    line["date"] = pd.Series([f"until {marks.day(frame['date'].iloc[-rows - 1])}"], line.index, dtype=object)
    return pd.concat([line, frame.iloc[-rows:].astype({"date": object})])


def folded(rest: pd.DataFrame, added: Sequence[str], *, kept: Sequence[str]) -> pd.DataFrame:
    """Make one row of several: the sums of what can be added up, the last of what is kept, else nothing."""
    line = rest.iloc[-1:].copy()
    for name in line.columns.difference([*added, *kept, "currency", "_missing"]):
        text = not pd.api.types.is_numeric_dtype(line[name]) and not hasattr(line[name], "dt")
        line[name] = "" if text else line[name].iloc[:0].reindex(line.index)
    for name, amount in marks.total(rest, added).items():
        line[name] = pd.Series([amount], index=line.index, dtype=line[name].dtype)
    return line


def _check(rows: int | None) -> None:
    if rows is not None and rows < 1:
        raise ValueError(f"cannot show the largest {rows}: it must be 1 or more")


def _shortened(ids: pd.Series[Any]) -> dict[Any, str]:
    """Cut ids as far as they differ."""
    different = [key for key in ids.unique() if not pd.isna(key)]
    whole = {str(key) for key in different}
    sizes = (8, 12, 16, 10_000)
    width = next(size for size in sizes if len({text[:size] for text in whole}) == len(whole))
    return {key: str(key)[:width] for key in different}


def _mapping(names: Names) -> Mapping[str, str]:
    """Read names by id, whichever way they are given."""
    if names is None or isinstance(names, Mapping):
        return names or {}
    name = next((column for column in ("name", "title") if column in names), None)
    if "id" not in names or name is None:
        raise ValueError(
            f"names must have the columns 'id' and 'name' (or 'title'); it has {', '.join(map(str, names))}"
        )
    named = names[names[name].notna()]
    return {str(key): str(value) for key, value in zip(named["id"], named[name], strict=True)}
