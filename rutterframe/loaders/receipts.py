"""The proof of completeness that travels with a frame."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pandas as pd

from rutterframe.cards import card
from rutterframe.errors import Refusal
from rutterframe.loaders.part import Part

#: Reasons for refused rows that a receipt keeps.
MOST_REASONS = 100


class Count(NamedTuple):
    """How many rows were kept of a list, and how many were dropped since a newer one of the same id came."""

    rows: int
    duplicates: int


def write_receipt(
    resource: str, parts: Sequence[Part], counts: Sequence[Count], started: datetime
) -> dict[str, Any]:
    """Write the receipt of a frame: a plain dict that JSON can hold, without anything secret.

    Parameters
    ----------
    resource : str
        What was loaded.
    parts : sequence of Part
        How each connection's load went.
    counts : sequence of Count
        What was kept of each part, in the same order.
    started : datetime
        When the load began.
    """
    per_connection = {_name(part): _of_one(part, count) for part, count in zip(parts, counts, strict=True)}
    totals = list(per_connection.values())
    refused = [(part, reason) for part in parts for batch in part.batches for reason in batch.reasons]
    sessions = {part.listing.session.server.environment for part in parts}
    return {
        "resource": resource,
        "environment": ", ".join(sorted(sessions)),
        "connections": [
            part.listing.connection_id for part in parts if part.listing.connection_id is not None
        ],
        "pages": sum(one["pages"] for one in totals),
        "rows": sum(one["rows"] for one in totals),
        "duplicates_dropped": sum(one["duplicates_dropped"] for one in totals),
        "rows_refused": sum(one["rows_refused"] for one in totals),
        "refused": [_reason(part, reason) for part, reason in refused[:MOST_REASONS]],
        "started": _iso(started),
        "finished": _iso(datetime.now(UTC)),
        "filters": dict(parts[0].listing.filters) if parts else {},
        "complete": all(one["complete"] for one in totals),
        "errors": {_name(part): str(part.error) for part in parts if part.error is not None},
        "not_offered": [_name(part) for part in parts if not part.offered],
        "per_connection": per_connection,
    }


def receipt(frame: pd.DataFrame) -> None:
    """Print the receipt of a loaded frame: what was loaded, from where, when, and whether it is all there.

    A notebook shows it as a card. The receipt itself is the plain dict ``frame.attrs["receipt"]``.

    Parameters
    ----------
    frame : pandas.DataFrame
        A frame as a loader gave it.

    Raises
    ------
    ValueError
        If the frame carries no receipt.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     frame = rf.load_bank_accounts(client.connection("roaster-bank"), progress=False)
    >>> frame.attrs["receipt"]["complete"]
    True
    """
    found = frame.attrs.get("receipt")
    if not isinstance(found, dict):
        raise ValueError(
            "This frame carries no receipt: pass the frame as a loader gave it. "
            "(pandas drops attrs where frames with different ones are combined.)"
        )
    ipython = sys.modules.get("IPython")  # not imported: where nobody runs it, there is nothing to draw on
    if ipython is not None and ipython.get_ipython() is not None:
        ipython.display.display(Receipt(found))
    else:
        print(receipt_text(found))  # noqa: T201 - this is what it is for


class Receipt:
    """A receipt as people see it: text in a terminal, a card in a notebook.

    Parameters
    ----------
    found : dict
        The receipt, as in ``frame.attrs["receipt"]``.
    """

    def __init__(self, found: dict[str, Any]) -> None:
        self._found = found

    def __repr__(self) -> str:
        """Give the text."""
        return receipt_text(self._found)

    def _repr_html_(self) -> str:
        """Draw the card."""
        return card(_title(self._found), _facts(self._found))


def receipt_text(found: dict[str, Any]) -> str:
    """Write a receipt for people."""
    lines = [f"  {name:<20}{value}" for name, value in _facts(found)]
    return "\n".join([_title(found), *lines])


def _title(found: dict[str, Any]) -> str:
    verdict = "COMPLETE" if found["complete"] else "NOT COMPLETE"
    return f"{found['resource']} from {found['environment'] or 'no connection'}: {verdict}"


def _facts(found: dict[str, Any]) -> list[tuple[str, str]]:
    """Say what a receipt says, by name."""
    facts = [
        ("rows", f"{found['rows']:,}"),
        ("pages", f"{found['pages']:,}"),
        ("duplicates dropped", f"{found['duplicates_dropped']:,}"),
        ("rows refused", f"{found['rows_refused']:,}"),
        ("connections", ", ".join(found["connections"]) or "-"),
        *([("not offered by", ", ".join(found["not_offered"]))] if found.get("not_offered") else []),
        ("filters", ", ".join(f"{key}={value}" for key, value in found["filters"].items()) or "-"),
        ("started (UTC)", found["started"]),
        ("finished (UTC)", found["finished"]),
    ]
    facts += [
        ("refused", f"{one['connection_id']}: {one['record_id']}, {one['field']}: {one['reason']}")
        for one in found["refused"]
    ]
    return facts + [
        ("failed", f"{connection}: {error.splitlines()[0]}") for connection, error in found["errors"].items()
    ]


def _of_one(part: Part, count: Count) -> dict[str, Any]:
    return {
        "pages": part.walk.pages,
        "rows": count.rows,
        "duplicates_dropped": count.duplicates,
        "rows_refused": part.refused,
        "complete": part.finished is not None and part.refused == 0,
    }


def _name(part: Part) -> str:
    return part.listing.connection_id or "client"


def _reason(part: Part, reason: Refusal) -> dict[str, str | None]:
    return {
        "connection_id": part.listing.connection_id,
        "record_id": reason.record_id,
        "field": reason.field,
        "reason": f"{reason.reason}, got {reason.value}",
    }


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
