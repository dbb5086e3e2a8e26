"""Combine the receipts of refreshes into that of a dataset's frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rutterframe.dataset.commits import Refreshes
from rutterframe.frames.receipt import Receipt
from rutterframe.loaders.receipts import MOST_REASONS

_NEVER_READ = "never refreshed: it was asked for, but no refresh has read it to its end"


def combined_receipt(
    resource: str, found: Refreshes, rows: Mapping[str, int], missing: Sequence[str] = ()
) -> Receipt:
    """Return the receipt of a frame that holds rows of several refreshes.

    It is complete only if every connection was read to its end when it was last asked for.

    Parameters
    ----------
    resource : str
        What the rows are.
    found : Refreshes
        What the refreshes of the table have read.
    rows : mapping of str to int
        How many rows of each connection the frame has.
    missing : sequence of str
        Connections that were asked for and never read: they have no rows, and are named.
    """
    receipts = [found.read[name]["receipt"] for name in rows if name in found.read]

    def total(name: str) -> int:
        return sum(one[name] for one in receipts)

    failed = {name: found.failures[name] for name in (*rows, *missing) if name in found.failures}
    errors = {name: note["error"] for name, note in failed.items() if not note.get("not_offered")}
    errors |= {name: _NEVER_READ for name in missing if name not in failed}
    absent = [name for name, note in failed.items() if note.get("not_offered")]
    not_offered = [name for one in receipts for name in one["not_offered"]] + absent
    names = (*rows, *missing)
    each = {name: _of_one(found, name, rows.get(name, 0), failed=name in failed) for name in names}
    offered = any(name not in not_offered for name in names)
    return Receipt(
        {
            "resource": resource,
            "environment": ", ".join(sorted({one["environment"] for one in receipts})),
            "connections": [*rows, *missing],
            "pages": total("pages"),
            "rows": sum(rows.values()),
            "duplicates_dropped": total("duplicates_dropped"),
            "rows_refused": total("rows_refused"),
            "refused": [reason for one in receipts for reason in one["refused"]][:MOST_REASONS],
            "started": min((one["started"] for one in receipts), default=""),
            "finished": max((one["finished"] for one in receipts), default=""),
            "filters": {},
            "complete": offered and all(one["complete"] for one in each.values()),
            "errors": errors,
            "not_offered": not_offered,
            "per_connection": each,
        }
    )


def _of_one(found: Refreshes, name: str, rows: int, *, failed: bool) -> dict[str, Any]:
    note = found.read.get(name)
    if note is None:
        never = {"pages": 0, "rows": 0, "duplicates_dropped": 0, "rows_refused": 0, "complete": False}
        absent = found.failures.get(name, {})
        return never | ({"not_offered": absent["error"]} if absent.get("not_offered") else {})
    own = note["receipt"]["per_connection"][name]
    return {**own, "rows": rows, "complete": own["complete"] and not failed}
