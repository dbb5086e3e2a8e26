"""Write the receipt of a load: the proof of completeness that travels with a frame."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from rutterframe.errors import Refusal
from rutterframe.frames.receipt import Receipt
from rutterframe.loaders.list_load import ListState

#: Reasons for refused rows that a receipt lists.
MOST_REASONS = 100


class Count(NamedTuple):
    """How many rows of a list remain, and how many were dropped since a newer one of the same id came."""

    rows: int
    duplicates: int


def write_receipt(
    resource: str, lists: Sequence[ListState], counts: Sequence[Count], started: datetime
) -> Receipt:
    """Write the receipt of a frame: a read-only dict that JSON can hold, without anything secret.

    Parameters
    ----------
    resource : str
        What was loaded.
    lists : sequence of ListState
        How the load of each connection's list went.
    counts : sequence of Count
        The rows of each list, in the same order.
    started : datetime
        When the load began.
    """
    per_connection = {_name(state): _entry(state, count) for state, count in zip(lists, counts, strict=True)}
    totals = list(per_connection.values())
    refused = [(state, reason) for state in lists for reason in state.reasons]
    environments = {state.request.session.server.environment for state in lists}
    return Receipt(
        {
            "resource": resource,
            "environment": ", ".join(sorted(environments)),
            "connections": [
                state.request.connection_id for state in lists if state.request.connection_id is not None
            ],
            "pages": sum(entry["pages"] for entry in totals),
            "rows": sum(entry["rows"] for entry in totals),
            "duplicates_dropped": sum(entry["duplicates_dropped"] for entry in totals),
            "rows_refused": sum(entry["rows_refused"] for entry in totals),
            "refused": [_reason(state, reason) for state, reason in refused[:MOST_REASONS]],
            "started": _iso(started),
            "finished": _iso(datetime.now(UTC)),
            "filters": dict(lists[0].request.filters) if lists else {},
            "complete": any(state.offered for state in lists) and all(state.complete for state in lists),
            "errors": {_name(state): str(state.error) for state in lists if state.error is not None},
            "not_offered": [_name(state) for state in lists if not state.offered],
            "per_connection": per_connection,
        }
    )


def _entry(state: ListState, count: Count) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "pages": state.load.pages,
        "rows": count.rows,
        "duplicates_dropped": count.duplicates,
        "rows_refused": state.refused,
        "complete": state.complete,
    }
    # Where it is known that the platform does not have the list, there is nothing to add.
    if state.absence.startswith("HTTP"):
        entry["not_offered"] = f"not offered ({state.absence})"
    return entry


def _name(state: ListState) -> str:
    return state.request.connection_id or "client"


def _reason(state: ListState, reason: Refusal) -> dict[str, str | None]:
    return {
        "connection_id": state.request.connection_id,
        "record_id": reason.record_id,
        "field": reason.field,
        "reason": f"{reason.reason}, got {reason.value}",
    }


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
