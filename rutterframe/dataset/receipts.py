"""Combine the receipts of refreshes into the receipt of a dataset's frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rutterframe.dataset.commits import Refreshes
from rutterframe.dataset.notes import check_receipt
from rutterframe.frames.receipt import Receipt
from rutterframe.loaders.receipts import MOST_REASONS

_NEVER_READ = "never refreshed: it was requested, but no refresh has read it to its end"


def combined_receipt(
    resource: str, refreshes: Refreshes, rows: Mapping[str, int], missing: Sequence[str] = ()
) -> Receipt:
    """Return the receipt of a frame that holds rows of several refreshes.

    It is complete only if the last refresh of every connection read its list to the end.

    Parameters
    ----------
    resource : str
        The resource of the rows.
    refreshes : Refreshes
        What the refreshes of the table have read.
    rows : mapping of str to int
        The number of rows of each connection in the frame.
    missing : sequence of str
        Connections that were requested and never read: they have no rows, and the receipt names them.
    """
    receipts = [check_receipt(refreshes.read[name]) for name in rows if name in refreshes.read]

    def total(name: str) -> int:
        return sum(receipt[name] for receipt in receipts)

    failed = {name: refreshes.failures[name] for name in (*rows, *missing) if name in refreshes.failures}
    errors = {name: note["error"] for name, note in failed.items() if not note.get("not_offered")}
    errors |= {name: _NEVER_READ for name in missing if name not in failed}
    absent = [name for name, note in failed.items() if note.get("not_offered")]
    not_offered = [name for receipt in receipts for name in receipt["not_offered"]] + absent
    names = (*rows, *missing)
    entries = {
        name: _connection_entry(refreshes, name, rows.get(name, 0), failed=name in failed) for name in names
    }
    offered = any(name not in not_offered for name in names)
    record: dict[str, Any] = {
        "resource": resource,
        "environment": ", ".join(sorted({receipt["environment"] for receipt in receipts})),
        "connections": [*rows, *missing],
        "pages": total("pages"),
        "rows": sum(rows.values()),
        "duplicates_dropped": total("duplicates_dropped"),
        "rows_refused": total("rows_refused"),
        "refused": [reason for receipt in receipts for reason in receipt["refused"]][:MOST_REASONS],
        "started": min((receipt["started"] for receipt in receipts), default=""),
        "finished": max((receipt["finished"] for receipt in receipts), default=""),
        "filters": {},
        "complete": offered and all(entry["complete"] for entry in entries.values()),
        "errors": errors,
        "not_offered": not_offered,
        "per_connection": entries,
    }
    if any("data_as_of" in receipt for receipt in receipts):  # of the live dialect
        synced = [entry.get("data_as_of") for name, entry in entries.items() if name not in not_offered]
        known = [moment for moment in synced if moment is not None]
        record["data_as_of"] = min(known) if known and len(known) == len(synced) else None
        record["empty"] = [
            name
            for name, entry in entries.items()
            if name not in not_offered and entry["complete"] and not entry["rows"]
        ]
    return Receipt(record)


def _connection_entry(refreshes: Refreshes, name: str, rows: int, *, failed: bool) -> dict[str, Any]:
    """Return the entry of one connection in a receipt."""
    note = refreshes.read.get(name)
    if note is None:
        never = {"pages": 0, "rows": 0, "duplicates_dropped": 0, "rows_refused": 0, "complete": False}
        absent = refreshes.failures.get(name, {})
        return never | ({"not_offered": absent["error"]} if absent.get("not_offered") else {})
    own = note["receipt"]["per_connection"][name]
    return {**own, "rows": rows, "complete": own["complete"] and not failed}
