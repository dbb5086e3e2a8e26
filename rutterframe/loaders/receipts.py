"""Write the receipt of a load: the proof of completeness that travels with a frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from rutterframe.client import ConnectionStatus
from rutterframe.errors import Refusal
from rutterframe.frames.receipt import Receipt
from rutterframe.loaders.list_load import ListState

#: Reasons for refused rows that a receipt lists.
MOST_REASONS = 100
_NOTHING: Mapping[str | None, ConnectionStatus | None] = MappingProxyType({})


class Count(NamedTuple):
    """How many rows of a list remain, and how many were dropped since a newer one of the same id came."""

    rows: int
    duplicates: int


def write_receipt(
    resource: str,
    lists: Sequence[ListState],
    counts: Sequence[Count],
    started: datetime,
    statuses: Mapping[str | None, ConnectionStatus | None] = _NOTHING,
    joined: Sequence[ListState] = (),
) -> Receipt:
    """Write the receipt of a frame: a read-only dict that JSON can hold, without anything secret.

    Parameters
    ----------
    resource : str
        What was loaded.
    lists : sequence of ListState
        How the load of each list went; a connection may have several for one frame.
    counts : sequence of Count
        The rows of each list, in the same order.
    started : datetime
        When the load began.
    statuses : mapping of str to ConnectionStatus
        The status of each connection by its id, where the API gives one: the receipt then has
        ``data_as_of`` and ``empty`` as well.
    joined : sequence of ListState
        The lists of another resource that columns of the frame are taken from.
    """
    by_connection: dict[str, list[tuple[ListState, Count]]] = {}
    for state, count in zip(lists, counts, strict=True):
        by_connection.setdefault(_name(state), []).append((state, count))
    per_connection = {name: _entry(pairs) for name, pairs in by_connection.items()}
    totals = list(per_connection.values())
    refused = [(state, reason) for state in lists for reason in state.reasons]
    environments = {state.request.session.server.environment for state in lists}
    record: dict[str, Any] = {
        "resource": resource,
        "environment": ", ".join(sorted(environments)),
        "connections": list(
            dict.fromkeys(
                state.request.connection_id for state in lists if state.request.connection_id is not None
            )
        ),
        "pages": sum(entry["pages"] for entry in totals),
        "rows": sum(entry["rows"] for entry in totals),
        "duplicates_dropped": sum(entry["duplicates_dropped"] for entry in totals),
        "rows_refused": sum(entry["rows_refused"] for entry in totals),
        "refused": [_reason(state, reason) for state, reason in refused[:MOST_REASONS]],
        "started": _iso(started),
        "finished": _iso(datetime.now(UTC)),
        "filters": dict(lists[0].request.filters) if lists else {},
        "complete": any(state.offered for state in lists)
        and all(state.complete for state in [*lists, *joined]),
        "errors": _errors([*lists, *joined]),
        "not_offered": [
            name for name, pairs in by_connection.items() if not any(state.offered for state, _ in pairs)
        ],
        "per_connection": per_connection,
    }
    extra = lists[0].request.session.dialect.fields.get(resource, ()) if lists else ()
    if extra:
        record["extra_fields"] = [field.name for field in extra]
    if statuses:
        _add_freshness(record, by_connection, statuses)
    return Receipt(record)


def _errors(states: Sequence[ListState]) -> dict[str, str]:
    """Return why lists failed, by connection; a connection may have several lists."""
    errors: dict[str, str] = {}
    for state in states:
        if state.error is not None:
            name = _name(state)
            errors[name] = f"{errors[name]}\n{state.error}" if name in errors else str(state.error)
    return errors


def _entry(pairs: Sequence[tuple[ListState, Count]]) -> dict[str, Any]:
    """Return the entry of a connection, over all of its lists."""
    states = [state for state, _ in pairs]
    entry: dict[str, Any] = {
        "pages": sum(state.load.pages for state in states),
        "rows": sum(count.rows for _, count in pairs),
        "duplicates_dropped": sum(count.duplicates for _, count in pairs),
        "rows_refused": sum(state.refused for state in states),
        "complete": all(state.complete for state in states),
    }
    # Where it is known that the platform does not have the list, there is nothing to add.
    absences = [state.absence for state in states if state.absence.startswith("HTTP")]
    if absences:
        entry["not_offered"] = f"not offered ({absences[0]})"
    return entry


def _add_freshness(
    record: dict[str, Any],
    by_connection: Mapping[str, Sequence[tuple[ListState, Count]]],
    statuses: Mapping[str | None, ConnectionStatus | None],
) -> None:
    """Add how old the platform's data is, and which lists came back without a row.

    An object that an organization does not sync comes back empty, without an error. The lists of a connection
    that is not ready, since its first synchronisation has not ended, are not complete, whatever it answers.
    """
    synced: list[datetime | None] = []
    for name, pairs in by_connection.items():
        if not any(state.offered for state, _ in pairs):
            continue
        status = statuses.get(pairs[0][0].request.connection_id)
        moment = status.last_sync_completed_at if status is not None else None
        record["per_connection"][name]["data_as_of"] = None if moment is None else _iso(moment)
        synced.append(moment)
        if status is not None and status.is_ready is False:
            record.setdefault("not_ready", []).append(name)
            record["per_connection"][name]["complete"] = record["complete"] = False
    known = [moment for moment in synced if moment is not None]
    # The oldest one counts; where one is not known, that of the frame is not known either.
    record["data_as_of"] = _iso(min(known)) if known and len(known) == len(synced) else None
    record["empty"] = [
        name
        for name, pairs in by_connection.items()
        if any(state.offered and state.finished for state, _ in pairs)
        and not any(count.rows or state.refused for state, count in pairs)
    ]


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
