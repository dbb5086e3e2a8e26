"""Names of customers and vendors, joined to the few rows of a report by connection and id."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from rutterframe.reports.engine.frame import Frame, Native, collect, read_frame, with_connection_id

#: The name that goes with an id, and the frame that has it.
NAMES = {"customer_id": ("customer_name", "customers"), "vendor_id": ("vendor_name", "vendors")}

# A connection and an id.
_Key = tuple[str | None, str | None]


def with_names(report: nw.DataFrame[Any], party: str, people: Native | None) -> nw.DataFrame[Any]:
    """Add the names of customers or vendors to a report in memory; null where there is none.

    Parameters
    ----------
    report : narwhals DataFrame
        With ``connection_id`` and the ids.
    party : str
        The column of ids, such as "customer_id".
    people : DataFrame or None
        Their frame, of any engine, with ``id``, ``name`` and ``connection_id``. A frame without
        ``connection_id`` is of one connection. Of several names of one id the last in the alphabet is taken.

    Raises
    ------
    ValueError
        If columns are missing, or one of two frames of several connections lacks ``connection_id``.
    """
    column, kind = NAMES[party]
    names: list[str | None] = [None] * len(report)
    if people is not None:
        name_of, one_connection = _read_names(people, column, kind, report)
        connections = [None] * len(report) if one_connection else _texts(report["connection_id"])
        names = [name_of.get(key) for key in zip(connections, _texts(report[party]), strict=True)]
    series = nw.new_series(column, names, nw.String(), backend=report.implementation)
    return report.with_columns(series)


def has_name(frame: Frame, party: str, people: Native, name: Any) -> nw.Expr:
    """Return whether the party of a document has a name; for a missing name, whether it has none."""
    columns = frame.collect_schema().names()
    read_frame(frame.to_native(), (party,), kind="source")
    keys = frame.select(party, *(["connection_id"] if "connection_id" in columns else [])).unique()
    named = with_names(with_connection_id(collect(keys)), party, people)
    matches: nw.Expr = nw.col(party).is_null() & ~nw.col(party).is_null()
    ids: dict[Any, list[Any]] = {}
    for row in named.iter_rows(named=True):
        own, connection = row[party], row["connection_id"]
        label = row[NAMES[party][0]]
        if (pd.isna(name) and pd.isna(label)) or (not pd.isna(name) and label == name):
            if pd.isna(own):
                matches = matches | nw.col(party).is_null()
            else:
                ids.setdefault(None if pd.isna(connection) else connection, []).append(own)
    for connection, own in ids.items():
        of_connection = nw.col(party).is_in(own).fill_null(value=False)
        if "connection_id" in columns:
            column = nw.col("connection_id")
            of_connection = of_connection & (
                column.is_null() if connection is None else (column == connection)
            )
        matches = matches | of_connection.fill_null(value=False)
    return matches


def _read_names(
    people: Native, column: str, kind: str, report: nw.DataFrame[Any]
) -> tuple[dict[_Key, str], bool]:
    """Return the name of each connection's ids, and whether the connection must be left aside."""
    source = read_frame(people, ("id",), kind=kind)
    columns = source.collect_schema().names()
    label = next((name for name in ("name", column) if name in columns), None)
    if label is None:
        read_frame(people, ("name",), kind=kind)
    known = "connection_id" in columns
    frame = collect(source.select("id", str(label), *(["connection_id"] if known else [])))
    connections = _texts(frame["connection_id"]) if known else [None] * len(frame)
    of_report = set(_texts(report["connection_id"]))
    one_connection = not known or of_report <= {None}
    # A report without rows needs no names.
    if of_report and one_connection and max(len(set(connections)), len(of_report)) > 1:
        lacking = f"the documents have no 'connection_id', and {kind} are" if known else (
            f"{kind} has no column 'connection_id', and the documents are"
        )  # fmt: skip
        raise ValueError(f"{lacking} of several connections: an id means something only within its own")
    names: dict[_Key, str] = {}
    for connection, own, name in zip(
        connections, _texts(frame["id"]), _texts(frame[str(label)]), strict=True
    ):
        if own is not None and name is not None:
            key = (None if one_connection else connection, own)
            names[key] = max(names.get(key, name), name)
    return names, one_connection


def _texts(values: nw.Series[Any]) -> list[str | None]:
    return [None if pd.isna(value) else str(value) for value in values.to_list()]
