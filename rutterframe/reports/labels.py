"""Label the rows of a report: names in place of ids, each distinct, and words where an id is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from rutterframe.frames.text_dtype import TEXT_DTYPE
from rutterframe.notebook.escape import printable_names
from rutterframe.reports.columns import Column
from rutterframe.reports.describe import columns_of

#: Names to show instead of ids: a mapping, or a frame with ``id`` and ``name`` (or ``title``).
Names = Mapping[str, str] | pd.DataFrame | None

#: The columns with names, by the ids that they stand beside.
NAME_COLUMNS = {
    "customer_id": "customer_name",
    "vendor_id": "vendor_name",
    "account_id": "account_name",
    "product_id": "title",
    "variant_id": "title",
}
#: Marks the rows without their first key, in a frame with labels.
IS_MISSING = "_is_missing"

_CONNECTION = "connection_id"
# A connection of more letters has a UUID; one of fewer may have a name, of which no letter is too much.
_LONGEST_CONNECTION = 20
# A connection and an id of it.
_Id = tuple[str | None, str | None]


def label_keys(
    frame: pd.DataFrame, keys: Sequence[Column], names: Names = None, *, short: bool = False
) -> pd.DataFrame:
    """Copy a frame with labels in place of its keys, and `IS_MISSING`.

    Parameters
    ----------
    frame : DataFrame
        With the keys.
    keys : sequence of Column
        The columns that identify its rows.
    names : mapping or DataFrame, optional
        Names by id: of the customers or vendors, if they are among the keys, else of the first key.
    short : bool
        Whether to cut ids, as far as no two become the same.
    """
    copy = frame.copy()
    # A document without a customer is one of the rows; an aging's row without one stands last.
    are_documents = any(key.name == "id" for key in keys)
    first = frame[keys[0].name] if keys and not are_documents else None
    copy[IS_MISSING] = False if first is None else first.isna() | (first.astype(object) == "")
    in_column = any(key.name == _CONNECTION for key in keys)
    for key, its_names in _with_their_names(keys, names):
        copy[key.name] = labels(frame, key, its_names, short=short, connection_shown=in_column)
    return copy


def label_rows(
    frame: pd.DataFrame, keys: Sequence[Column], names: Names = None, *, short: bool = False
) -> pd.Series[Any]:
    """Return one label for each row, of all of its keys, as a chart needs; parameters as in `label_keys`."""
    alone = all(key.name == _CONNECTION for key in keys)
    parts = [
        labels(frame, key, its_names, short=short).tolist()
        for key, its_names in _with_their_names(keys, names)
        if alone or key.name != _CONNECTION
    ]
    joined = [", ".join(texts) for texts in zip(*parts, strict=True)] if parts else ["All"] * len(frame)
    return pd.Series(joined, index=frame.index, dtype=object)


def add_name_columns(report: pd.DataFrame, names: Names) -> pd.DataFrame:
    """Copy a report with names in a column of their own beside the customer's, vendor's or account's ids."""
    copy = report.reset_index(drop=True)
    copy.attrs = report.attrs
    for key in columns_of(report) if names is not None else ():
        name = key.name.replace("_id", "_name")
        if key.name not in ("customer_id", "vendor_id", "account_id"):
            continue
        values = labels(copy, key, names)
        values = values.where(values != copy[key.name])  # an id is not a name
        if name in copy:
            copy[name] = values.astype(TEXT_DTYPE)
        elif values.notna().any():
            copy.insert([*copy.columns].index(key.name) + 1, name, values)
    return copy


def labels(
    frame: pd.DataFrame,
    column: Column,
    names: Names = None,
    *,
    short: bool = False,
    connection_shown: bool = False,
) -> pd.Series[Any]:
    """Return a distinct label for each value of a column, also for a missing one.

    Parameters
    ----------
    frame : DataFrame
        With the column; a ``customer_name``, ``vendor_name`` or ``title`` beside an id names it. An id is
        that of its ``connection_id``, if the frame has one.
    column : Column
        The column to label.
    names : mapping or DataFrame, optional
        Names by id. What has none is labelled by its id; where two have one name, their connections or else
        their ids are added.
    short : bool
        Whether to cut ids, as far as no two become the same.
    connection_shown : bool
        Whether the connections stand in a column of their own, so that they need not be added to names.
    """
    is_id = column.name == "id" or (column.name.endswith("_id") and column.name != _CONNECTION)
    values = [None if pd.isna(key) or key == "" else str(key) for key in frame[column.name].tolist()]
    connections: list[str | None] = [None] * len(values)
    if is_id and _CONNECTION in frame:
        connections = [None if pd.isna(value) else str(value) for value in frame[_CONNECTION].tolist()]
    beside = NAME_COLUMNS.get(column.name)
    own_names = frame[beside].tolist() if beside is not None and beside in frame else [None] * len(values)
    named = is_id or not isinstance(names, pd.DataFrame)
    known = _names_of(names, connections, values) if named and names is not None else {}
    longest = _LONGEST_CONNECTION if column.name == _CONNECTION else 0
    cut = _cut_ids(values, longest) if is_id or column.name == _CONNECTION else {}
    missing = "No " + column.label.removesuffix(" id").lower()
    ids = [*zip(connections, values, strict=True)]
    texts = []
    for (connection, key), name in zip(ids, own_names, strict=True):
        text = missing if key is None else cut.get(key, key) if short else key
        text = text if pd.isna(name) or name == "" else str(name)
        text = text if key is None else known.get((connection, key), text)
        # Runs of blanks would make two names look alike.
        texts.append(" ".join(text.split()))
    distinct = _distinct(ids, texts, cut, connection_shown=connection_shown)
    return pd.Series(distinct, index=frame.index, dtype=object)


def _distinct(
    ids: Sequence[_Id], texts: Sequence[str], cut: Mapping[str, str], *, connection_shown: bool
) -> list[str]:
    """Add the connection to a name that several have, or the id where they are of one connection."""
    owners: dict[tuple[str | None, str], dict[_Id, None]] = {}
    groups = [(id_[0] if connection_shown else None, text) for id_, text in zip(ids, texts, strict=True)]
    for group, id_ in zip(groups, ids, strict=True):
        owners.setdefault(group, {})[id_] = None
    distinct = []
    for group, (connection, key), text in zip(groups, ids, texts, strict=True):
        several = owners[group]
        if len(several) == 1:
            distinct.append(text)
            continue
        connections, keys = ({id_[side] for id_ in several} for side in (0, 1))
        short = "" if key is None else cut.get(key, key)
        if len(connections) == len(several):
            mark = connection or "no connection"
        else:
            parts = (short,) if len(keys) == len(several) else (short, connection)
            mark = ", ".join(part for part in parts if part)
        distinct.append(f"{text} ({mark})" if mark and mark != text else text)
    return distinct


def _with_their_names(keys: Sequence[Column], names: Names) -> list[tuple[Column, Names]]:
    """Pair each key with its names: they are those of a customer or vendor, not of a document."""
    parties = [key for key in keys if key.name in ("customer_id", "vendor_id")]
    owner = next(iter([*parties, *keys]), None)
    return [(key, names if key is owner else None) for key in keys]


def cut_ids(ids: pd.Series[Any]) -> pd.Series[Any]:
    """Cut long ids in a column as far as no two become the same; missing ones stay missing."""
    longest = _LONGEST_CONNECTION if str(ids.name).endswith(_CONNECTION) else 0
    values = [None if pd.isna(key) else str(key) for key in ids.tolist()]
    cut = _cut_ids(values, longest)
    texts = [None if key is None else cut[key] for key in values]
    return pd.Series(texts, index=ids.index, dtype=object)


def _cut_ids(ids: Sequence[str | None], longest: int = 0) -> dict[str, str]:
    """Return ids cut as far as they differ, those that are longer than one that a person wrote."""
    whole = {key for key in ids if key is not None}
    long = {key for key in whole if len(key) > longest}
    for width in (8, 12, 16):
        cut = {key: key[:width] if key in long else key for key in whole}
        if len({*cut.values()}) == len(whole):
            return cut
    return {key: key for key in whole}


def _names_of(
    names: pd.DataFrame | Mapping[str, str], connections: Sequence[str | None], ids: Sequence[str | None]
) -> dict[_Id, str]:
    """Return the names of ids: by their connections where both sides have them, else by unambiguous ids."""
    listed = _read_names(names)
    by_id: dict[str | None, set[str]] = {}
    for (_, key), title in listed.items():
        by_id.setdefault(key, set()).add(title)
    connections_of: dict[str | None, set[str | None]] = {}
    for connection, key in zip(connections, ids, strict=True):
        connections_of.setdefault(key, set()).add(connection)
    matches: dict[_Id, str] = {}
    for connection, key in zip(connections, ids, strict=True):
        name = listed.get((connection, key))
        only = by_id.get(key, set())
        if name is None and len(only) == 1 and len(connections_of[key]) == 1:
            # Names of another connection are those of other customers.
            (name,) = only if connection is None or (None, key) in listed else (None,)
        if key is not None and name is not None:
            matches[connection, key] = name
    return matches


def _read_names(names: pd.DataFrame | Mapping[str, str]) -> dict[_Id, str]:
    """Read names by connection, if there is one, and id, from a mapping or a frame."""
    if isinstance(names, Mapping):
        return {(None, str(key)): str(name) for key, name in names.items()}
    name = next((column for column in ("name", "title") if column in names), None)
    if "id" not in names or name is None:
        raise ValueError(
            f"names must have the columns 'id' and 'name' (or 'title'); it has {printable_names(names)}"
        )
    named = names[names[name].notna() & names["id"].notna()]
    connections = named[_CONNECTION].tolist() if _CONNECTION in named else [None] * len(named)
    rows = zip(connections, named["id"].tolist(), named[name].tolist(), strict=True)
    return {(None if pd.isna(owner) else str(owner), str(key)): str(value) for owner, key, value in rows}
