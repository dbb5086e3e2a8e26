"""Which rows does a view show, and what are they called? Names, the largest, and the rest as one row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from rutterframe.reports.columns import Column, Kind
from rutterframe.reports.specs import ORIGINAL
from rutterframe.views import marks

#: Names to show instead of ids: a mapping, or a frame with ``id`` and ``name`` (or ``title``).
Names = Mapping[str, str] | pd.DataFrame | None

#: How the row begins that stands for all that are not shown.
OTHERS = "All others"

_CONNECTION = "connection_id"
#: The names that stand beside ids.
NAMES = {
    "customer_id": "customer_name",
    "vendor_id": "vendor_name",
    "account_id": "account_name",
    "product_id": "title",
    "variant_id": "title",
}
# A connection and an id of it.
_Id = tuple[str | None, str | None]
_Called = tuple[_Id, str]
_TYPES = ("asset", "liability", "equity", "revenue", "expense")


def keys_of(report: pd.DataFrame) -> list[Column]:
    """Give the columns that name the rows of a report, if there are any: what is said of them, then where.

    A name stands in for its id, and a connection is a key beside others only where there are several.
    """
    keys = [each for each in marks.columns_of(report) if each.kind is Kind.KEY and each.name != "currency"]
    keys += [each for each in marks.columns_of(report) if each.name in NAMES.values() and each not in keys]
    hidden = hidden_in(report)
    keys = [each for each in keys if each.name not in hidden]
    return sorted(keys, key=lambda each: each.name == _CONNECTION)


def hidden_in(report: pd.DataFrame) -> set[str]:
    """List the columns that a reader does not need: names that stand in for ids, and a single connection."""
    hidden = {name for key, name in NAMES.items() if key in report and name in report}
    keys = [each.name for each in marks.columns_of(report) if each.kind is Kind.KEY]
    alone = set(keys) <= {_CONNECTION, "currency"}
    if _CONNECTION in report and not alone and len(report[_CONNECTION].unique()) <= 1:
        hidden.add(_CONNECTION)
    return hidden


def in_order(report: pd.DataFrame) -> list[Column]:
    """Order the columns of a report: the currency, and what it was converted from beside it."""
    columns = list(marks.columns_of(report))
    for place, column in enumerate(columns):
        if column.name == ORIGINAL:
            original = columns.pop(place)
            columns.insert([each.name for each in columns].index("currency") + 1, original)
            break
    return columns


def shown(report: pd.DataFrame, *, named: bool = False) -> list[Column]:
    """Give the columns that a reader sees: what names a row first, names in place of ids.

    Parameters
    ----------
    report : DataFrame
        A report.
    named : bool
        Names come from elsewhere, too.
    """
    keys, hidden = keys_of(report), hidden_in(report)
    rest = [column for column in in_order(report) if column.name not in hidden and column not in keys]
    titled = any(report[name].notna().any() for name in hidden - {_CONNECTION})
    return [
        replace(column, label=column.label.removesuffix(" id"))
        if named or titled or column.name == _CONNECTION
        else column
        for column in (*keys, *rest)
    ]


def labels(
    frame: pd.DataFrame, column: Column, names: Names = None, *, short: bool = False, beside: bool = False
) -> pd.Series[Any]:
    """Name the values of a column: each value has its own name, a missing one says so.

    Parameters
    ----------
    frame : DataFrame
        With the column; a ``customer_name``, ``vendor_name`` or ``title`` beside an id names it. An id is
        that of its ``connection_id``, if the frame has one.
    column : Column
        The column to name.
    names : mapping or DataFrame, optional
        Names by id. What has none is shown as its id; two with one name are told apart by their connections,
        or else their ids.
    short : bool
        Give only the beginning of an id, as far as no two are the same.
    beside : bool
        The connections stand in a column of their own, and need not tell names apart.
    """
    is_id = column.name == "id" or (column.name.endswith("_id") and column.name != _CONNECTION)
    ids = [None if pd.isna(key) or key == "" else str(key) for key in frame[column.name].tolist()]
    there = (
        frame[_CONNECTION] if is_id and _CONNECTION in frame else pd.Series(None, frame.index, dtype=object)
    )
    places = [None if pd.isna(one) else str(one) for one in there.tolist()]
    own = NAMES.get(column.name)
    given = frame[own].tolist() if own is not None and own in frame else [None] * len(ids)
    known = _names_of(names, places, ids) if is_id or not isinstance(names, pd.DataFrame) else {}
    cut = _shortened(ids) if is_id or column.name == _CONNECTION else {}
    missing = "No " + column.label.removesuffix(" id").lower()
    called = []
    for place, key, name in zip(places, ids, given, strict=True):
        shown = missing if key is None else cut.get(key, key) if short else key
        shown = shown if pd.isna(name) or name == "" else str(name)
        shown = shown if key is None else known.get((place, key), shown)
        # Runs of blanks would make two names look alike.
        called.append(((place, key), " ".join(shown.split())))
    return pd.Series(_told_apart(called, cut, beside=beside), index=frame.index, dtype=object)


def _told_apart(called: Sequence[_Called], cut: Mapping[str, str], *, beside: bool) -> list[str]:
    """Add the connection to a name that several have, or the id where they are of one connection."""
    owners: dict[tuple[str | None, str], dict[_Id, None]] = {}
    groups = [(identity[0] if beside else None, name) for identity, name in called]
    for group, (identity, _) in zip(groups, called, strict=True):
        owners.setdefault(group, {})[identity] = None
    told = []
    for group, ((place, key), name) in zip(groups, called, strict=True):
        several = owners[group]
        connections, keys = ({one[side] for one in several} for side in (0, 1))
        id_ = "" if key is None else cut.get(key, key)
        if len(several) == 1:
            mark = ""
        elif len(connections) == len(several):
            mark = place or "no connection"
        else:
            mark = id_ if len(keys) == len(several) else ", ".join(one for one in (id_, place) if one)
        told.append(f"{name} ({mark})" if mark and mark != name else name)
    return told


def named(
    frame: pd.DataFrame, keys: Sequence[Column], names: Names = None, *, short: bool = False
) -> pd.DataFrame:
    """Copy a frame with names for its keys; ``_missing`` tells the rows without the first one."""
    copy = frame.copy()
    first = frame[keys[0].name] if keys else pd.Series("", frame.index)
    copy["_missing"] = first.isna() | (first.astype(object) == "") if keys else False
    beside = any(key.name == _CONNECTION for key in keys)
    of = _named_key(keys)
    for key in keys:
        copy[key.name] = labels(frame, key, names if key is of else None, short=short, beside=beside)
    return copy


def called(
    frame: pd.DataFrame, keys: Sequence[Column], names: Names = None, *, short: bool = False
) -> pd.Series[Any]:
    """Give each row of a report one name, of all of its keys, as a chart needs."""
    of = _named_key(keys)
    parts = [key for key in keys if key.name != _CONNECTION] or list(keys)
    texts = [labels(frame, key, names if key is of else None, short=short).tolist() for key in parts]
    joined = [", ".join(each) for each in zip(*texts, strict=True)] if texts else ["All"] * len(frame)
    return pd.Series(joined, index=frame.index, dtype=object)


def _named_key(keys: Sequence[Column]) -> Column | None:
    """Tell which of several keys names are given for: that of a customer or vendor, not of a document."""
    party = [key for key in keys if key.name in ("customer_id", "vendor_id")]
    return next(iter([*party, *keys]), None)


def with_names(report: pd.DataFrame, names: Names) -> pd.DataFrame:
    """Copy a report with names in a column of their own beside the customer's, vendor's or account's ids."""
    copy = report.reset_index(drop=True)
    copy.attrs = report.attrs
    for key in marks.columns_of(report) if names is not None else ():
        name = key.name.replace("_id", "_name")
        if key.name not in ("customer_id", "vendor_id", "account_id"):
            continue
        shown = labels(copy, key, names)
        shown = shown.where(shown != copy[key.name])  # an id is no name
        if name in copy:
            copy[name] = shown.astype("str")
        elif shown.notna().any():
            copy.insert([*copy.columns].index(key.name) + 1, name, shown)
    return copy


def by_type(balance: pd.DataFrame) -> pd.DataFrame:
    """Order a trial balance as the accounting equation does, with what is left of it last."""
    types = [name for name in dict.fromkeys((*_TYPES, *balance["type"])) if name != "difference"]
    places = {name: place for place, name in enumerate((*types, "difference"))}
    ordered = balance.sort_values("type", key=lambda found: found.map(places), kind="stable")
    blocks = [name for name in ("currency", ORIGINAL, _CONNECTION) if name in balance]
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


def _shortened(ids: Sequence[str | None]) -> dict[str, str]:
    """Cut ids as far as they differ."""
    whole = {key for key in ids if key is not None}
    sizes = (8, 12, 16, 10_000)
    width = next(size for size in sizes if len({text[:size] for text in whole}) == len(whole))
    return {key: key[:width] for key in whole}


def _names_of(names: Names, places: Sequence[str | None], ids: Sequence[str | None]) -> dict[_Id, str]:
    """Find the names of ids: by their connections where both sides have them, else where one id is of one."""
    if names is None:
        return {}
    listed = _listed(names)
    by_id: dict[str | None, set[str]] = {}
    for (_, key), title in listed.items():
        by_id.setdefault(key, set()).add(title)
    placed: dict[str | None, set[str | None]] = {}
    for place, key in zip(places, ids, strict=True):
        placed.setdefault(key, set()).add(place)
    found: dict[_Id, str] = {}
    for place, key in zip(places, ids, strict=True):
        name = listed.get((place, key))
        only = by_id.get(key, set())
        if name is None and len(only) == 1 and len(placed[key]) == 1:
            # Names of another connection are those of others.
            (name,) = only if place is None or (None, key) in listed else (None,)
        if key is not None and name is not None:
            found[place, key] = name
    return found


def _listed(names: pd.DataFrame | Mapping[str, str]) -> dict[_Id, str]:
    """Read names by connection, if there is one, and id, whichever way they are given."""
    if isinstance(names, Mapping):
        return {(None, str(key)): str(name) for key, name in names.items()}
    name = next((column for column in ("name", "title") if column in names), None)
    if "id" not in names or name is None:
        raise ValueError(
            f"names must have the columns 'id' and 'name' (or 'title'); it has {', '.join(map(str, names))}"
        )
    named = names[names[name].notna() & names["id"].notna()]
    places = named[_CONNECTION].tolist() if _CONNECTION in named else [None] * len(named)
    rows = zip(places, named["id"].tolist(), named[name].tolist(), strict=True)
    return {(None if pd.isna(place) else str(place), str(key)): str(value) for place, key, value in rows}
