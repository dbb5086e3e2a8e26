"""Names of customers and vendors: read from a CSV file, joined to the few rows of a report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from rutterframe.frames.text_dtype import TEXT_DTYPE
from rutterframe.reports.csv_rows import csv_rows
from rutterframe.reports.engine.frame import Frame, Native, collect, read_frame, with_connection_id
from rutterframe.storage import mask_address

#: The name that goes with an id, and the frame that has it.
NAMES = {"customer_id": ("customer_name", "customers"), "vendor_id": ("vendor_name", "vendors")}

# A connection and an id.
_Key = tuple[str | None, str | None]

_FORM = "write a header connection_id,id,name and lines such as roaster-quickbooks,V-17,Harbour Coffee"


def read_names(path: str | Path) -> pd.DataFrame:
    r"""Read names of vendors or customers by id, such as those of a ledger's own export.

    Parameters
    ----------
    path : str or Path
        A CSV file, or its address such as ``s3://bucket/vendors.csv``, with the columns ``id`` and ``name``,
        and ``connection_id`` where it is of several connections: an id means something only within its own.
        Other columns are ignored.

    Returns
    -------
    DataFrame
        The columns ``connection_id``, where the file has it, ``id`` and ``name``, all ``str``: what
        ``vendors=`` and ``customers=`` of the reports take.

    Raises
    ------
    ValueError
        If there is no such file, it is not a CSV file, lacks a column or has no lines; a line has no id or no
        name; or two lines name one id differently.

    Examples
    --------
    >>> from pathlib import Path
    >>> import rutterframe as rf
    >>> _ = Path("vendors.csv").write_text("id,name\nV-17,Harbour Coffee Imports\n")
    >>> rf.reports.read_names("vendors.csv")["name"].tolist()
    ['Harbour Coffee Imports']
    """
    path = mask_address(path)
    file = Path(path).name
    names: dict[tuple[str, str], str] = {}
    for line, (own, name, connection) in csv_rows(
        path, ("id", "name"), of="names", form=_FORM, optional=("connection_id",)
    ):
        if not own or not name:
            raise ValueError(f"{file}, line {line} has no {'name' if own else 'id'}; {_FORM}")
        if names.setdefault((connection, own), name) != name:
            raise ValueError(
                f"{file}, line {line}: {own} is named {names[connection, own]!r} already; leave one"
            )
    if not names:
        raise ValueError(f"{file} has no names below its header; {_FORM}")
    rows = [(*key, name) for key, name in names.items()]
    frame = pd.DataFrame(rows, columns=["connection_id", "id", "name"], dtype=TEXT_DTYPE)
    if (frame["connection_id"] == "").all():
        return frame.drop(columns="connection_id")
    unknown = frame.loc[frame["connection_id"] == "", "id"]
    if len(unknown):
        raise ValueError(f"{file}: {unknown.iloc[0]} has no connection_id, which other lines have")
    return frame


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
