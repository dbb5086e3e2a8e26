"""The rows of some connections of a loaded frame, with a receipt of these alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from rutterframe.frames.receipt import Receipt

_SUMS = ("pages", "rows", "duplicates_dropped", "rows_refused")
_LISTS = ("not_offered", "empty", "not_ready")


def part_of(frame: pd.DataFrame, connections: Sequence[str]) -> pd.DataFrame:
    """Return the rows of some connections; the receipt is that of their lists, so that it can be complete.

    Parameters
    ----------
    frame : DataFrame
        A loaded frame; one without ``connection_id`` is returned as it is.
    connections : sequence of str
        Their ids.

    Returns
    -------
    DataFrame
        The same columns and dtypes, with a RangeIndex.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     banks = [client.connection(name) for name in ("roaster-bank", "gear-bank")]
    ...     accounts = rf.load_bank_accounts(banks, progress=False)
    >>> part = part_of(accounts, ["gear-bank"])
    >>> part.attrs["receipt"]["connections"], part.attrs["receipt"]["complete"], len(part)
    (['gear-bank'], True, 5)
    """
    if "connection_id" not in frame:
        return frame
    rows = frame[frame["connection_id"].isin(list(connections))].reset_index(drop=True)
    record = frame.attrs.get("receipt")
    if isinstance(record, Mapping) and "per_connection" in record:
        rows.attrs["receipt"] = _receipt(record, connections)
    return rows


def _receipt(record: Mapping[str, Any], connections: Sequence[str]) -> Receipt:
    """Return the receipt of the lists of some connections."""
    entries = {name: entry for name, entry in record["per_connection"].items() if name in connections}
    part = {**record, "per_connection": entries}
    part["connections"] = [name for name in record["connections"] if name in connections]
    part |= {name: sum(entry.get(name, 0) for entry in entries.values()) for name in _SUMS}
    part |= {
        name: [each for each in record[name] if each in connections] for name in _LISTS if name in record
    }
    part["refused"] = [row for row in record["refused"] if row.get("connection_id") in connections]
    part["errors"] = {name: error for name, error in record["errors"].items() if name in connections}
    offered = any(name not in part["not_offered"] for name in entries)
    part["complete"] = offered and all(entry.get("complete", False) for entry in entries.values())
    if "data_as_of" in record:
        synced = [each.get("data_as_of") for name, each in entries.items() if name not in part["not_offered"]]
        part["data_as_of"] = min(synced) if synced and None not in synced else None
    return Receipt(part)
