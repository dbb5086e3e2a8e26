"""Write the receipt of a load: the proof of completeness that travels with a frame."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from rutterframe.errors import Refusal
from rutterframe.frames.receipt import Receipt
from rutterframe.loaders.list_load import Part

#: Reasons for refused rows that a receipt keeps.
MOST_REASONS = 100


class Count(NamedTuple):
    """How many rows were kept of a list, and how many were dropped since a newer one of the same id came."""

    rows: int
    duplicates: int


def write_receipt(
    resource: str, parts: Sequence[Part], counts: Sequence[Count], started: datetime
) -> Receipt:
    """Write the receipt of a frame: a read-only dict that JSON can hold, without anything secret.

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
    found = {
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
        "complete": any(part.offered for part in parts) and all(part.complete for part in parts),
        "errors": {_name(part): str(part.error) for part in parts if part.error is not None},
        "not_offered": [_name(part) for part in parts if not part.offered],
        "per_connection": per_connection,
    }
    return Receipt(found)


def _of_one(part: Part, count: Count) -> dict[str, Any]:
    found: dict[str, Any] = {
        "pages": part.walk.pages,
        "rows": count.rows,
        "duplicates_dropped": count.duplicates,
        "rows_refused": part.refused,
        "complete": part.complete,
    }
    # Where it is known that the platform does not have the list, nothing more is to be said.
    if part.absence.startswith("HTTP"):
        found["not_offered"] = f"not offered ({part.absence})"
    return found


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
