"""Refresh one connection: load what is due, and commit each list that was read to its end."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from rutterframe.client import Connection
from rutterframe.client.redaction import MASK
from rutterframe.dataset.bucket_merge import Kept, Refreshed, refreshed
from rutterframe.dataset.spool import Spool
from rutterframe.dataset.tables import Tables, rows_schema
from rutterframe.dataset.watermarks import CHANGED_SINCE, UPDATED_AT, NewestChange, watermark
from rutterframe.errors import ErrorContext, MissingToken, NotFound, RutterframeError
from rutterframe.loaders import Options
from rutterframe.loaders.list_load import Part
from rutterframe.loaders.load import begin, complete
from rutterframe.loaders.receipts import Count, write_receipt

#: What became of each list of a connection, and the errors of those that failed.
Outcome = tuple[list[dict[str, Any]], list[RutterframeError]]
#: How many of the rows that were set aside an outcome names.
_NAMED_ROWS = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """What to refresh, the same for every connection.

    Attributes
    ----------
    tables : Tables
        Where the rows go.
    resources : sequence of str
        What to load.
    overlap : timedelta
        How far before a watermark to ask for changes.
    watermarks : mapping
        By resource and connection, until when all changes are known.
    options : Options
        How to load.
    connections : sequence of str
        The ids of all connections.
    """

    tables: Tables
    resources: Sequence[str]
    overlap: timedelta
    watermarks: Mapping[str, Mapping[str, str]]
    options: Options
    connections: Sequence[str]

    def since(self, resource: str, connection_id: str) -> datetime | None:
        """Return from when to ask for changes; None to ask for the whole list."""
        known = self.watermarks.get(resource, {}).get(connection_id)
        try:
            return None if known is None else datetime.fromisoformat(known) - self.overlap
        except OverflowError:
            return None


def refresh_connection(connection: Connection, plan: Plan, stop: threading.Event) -> Outcome:
    """Load what is due of one connection, and commit each resource that is complete."""
    since = {name: plan.since(name, connection.id) for name in plan.resources}
    listings = [
        connection.listing(name, **({} if since[name] is None else {CHANGED_SINCE: since[name]}))
        for name in plan.resources
    ]
    options = replace(plan.options, on_error="skip")
    partial = begin(listings, options, tuple(plan.resources), stop)
    with ExitStack() as stack:
        lists = [_List(part, stack.enter_context(closing(Spool()))) for part in partial.parts]
        for one in lists:
            one.part.sink = one.put
        complete(partial, stop, warn=False)
        rows: list[dict[str, Any]] = []
        errors: list[RutterframeError] = []
        for one in lists:
            row = {"connection_id": connection.id, "resource": one.resource}
            error = _failure(one, plan, connection.id)
            if error is not None:
                errors.append(error)
                note = {"connection_id": connection.id, "error": str(error)}
                plan.tables.record(one.resource, note, create=False)
                rows.append({**row, "status": "failed", "error": str(error)})
            elif one.is_missing:
                rows.append(row | _not_offered(one, plan, connection.id))
            else:
                rows.append(row | _commit(one, plan, partial.started))
    return rows, errors


def not_opened(connection_id: str, plan: Plan, error: MissingToken, *, note: bool = True) -> Outcome:
    """Tell that nothing of a connection could be read, and note it in the dataset."""
    rows: list[dict[str, Any]] = []
    errors: list[RutterframeError] = []
    for name in plan.resources:
        one = MissingToken(error.message, hint=error.hint, context=ErrorContext(connection_id, name))
        if note:
            plan.tables.record(name, {"connection_id": connection_id, "error": str(one)}, create=False)
        errors.append(one)
        rows.append({"connection_id": connection_id, "resource": name, "status": "failed", "error": str(one)})
    return rows, errors


@dataclass(slots=True)
class _List:
    """One list of a connection: how it was read, its rows, and the newest change among them."""

    part: Part
    rows: Spool
    newest: NewestChange = field(default_factory=NewestChange)

    @property
    def resource(self) -> str:
        """What is listed."""
        return self.part.listing.resource

    @property
    def is_missing(self) -> bool:
        """Whether the API answered that there is no such list (404 or 410)."""
        return self.part.absence.startswith("HTTP") or isinstance(self.part.error, NotFound)

    @property
    def is_skipped(self) -> bool:
        """Whether the list was not asked for, since the platform is known not to have it."""
        return self.part.absence in {"platform", "caller"}

    @property
    def is_whole(self) -> bool:
        """Whether all rows were asked for, and not only what changed."""
        return CHANGED_SINCE not in self.part.listing.filters

    @property
    def unreadable(self) -> set[str] | None:
        """The ids of the rows that could not be read; None if not all of them are known."""
        reasons = [reason for batch in self.part.batches for reason in batch.reasons]
        ids = {reason.record_id for reason in reasons}
        known = {one for one in ids if one is not None and MASK not in one}
        return known if len(known) >= self.part.refused and known == ids else None

    def put(self, table: Any) -> None:
        """Put rows aside as they come."""
        self.newest.update(table)
        self.rows.put(table)


def _failure(one: _List, plan: Plan, connection_id: str) -> RutterframeError | None:
    """Return why a list failed; None if it was read, or if the platform may not have it.

    A list that was read before is there: that it is not found now is a failure, not an empty list.
    """
    if one.part.error is not None:
        return one.part.error
    if not one.is_missing or not plan.tables.was_read(one.resource, connection_id):
        return None
    return NotFound(
        f"The API answered {one.part.absence} for a list that was read before; its rows are kept",
        status=int(one.part.absence.removeprefix("HTTP ")),
        hint="refresh again; if it stays, check the connection and its permissions.",
        context=ErrorContext(connection_id, one.resource),
    )


def _not_offered(one: _List, plan: Plan, connection_id: str) -> dict[str, Any]:
    """Note that a connection's platform may not have a list: it has no rows, and is not complete."""
    why = f"not offered ({one.part.absence})"
    note = {"connection_id": connection_id, "error": why, "not_offered": True}
    plan.tables.record(one.resource, note, create=True)
    counts = dict.fromkeys(("rows", "added", "changed", "removed"), 0)
    return {"status": "not offered", **counts, "error": why}


def _commit(one: _List, plan: Plan, started: datetime) -> dict[str, Any]:
    part, listing = one.part, one.part.listing
    connection_id = str(listing.connection_id)
    until = _watermark(one, plan, started)

    def merge(kept: Kept) -> Refreshed:
        now = datetime.now(UTC)
        whole = one.is_whole and not one.is_skipped
        return refreshed(kept, one.rows, whole=whole, now=now, unreadable=one.unreadable)

    def note(rows: Refreshed) -> dict[str, Any]:
        count = Count(one.rows.rows - rows.duplicates, rows.duplicates)
        receipt = dict(write_receipt(one.resource, [part], [count], started))
        if one.is_skipped and rows.live:
            # Rows of an earlier refresh, of a list that is not asked for now.
            own = receipt["per_connection"][connection_id]
            receipt["per_connection"] = {connection_id: {**own, "complete": False}}
        return {
            "connection_id": connection_id,
            "receipt": receipt,
            "fields": str(rows_schema(one.resource)),
            "watermark": until,
        }

    done = plan.tables.write(one.resource, connection_id, merge, note, plan.connections)
    rows = done.rows
    return {
        "status": "not offered" if one.is_skipped else "refreshed" if rows.is_new else "unchanged",
        "rows": rows.live,
        "added": rows.added,
        "changed": rows.changed,
        "removed": rows.removed,
        "version": done.version,
        **({"error": _set_aside(part)} if part.refused else {}),
    }


def _watermark(one: _List, plan: Plan, started: datetime) -> str | None:
    """Return until when all changes of a list are known; None to load it whole next time.

    A row that could not be read is asked for again: the watermark does not move past it. One that is
    ahead of the server's clock was wrong (changes before it were not asked for), so the list is loaded whole.
    """
    resource, connection_id = one.resource, str(one.part.listing.connection_id)
    previous = None if one.is_whole else plan.watermarks.get(resource, {}).get(connection_id)
    if one.part.refused or one.is_skipped:
        return previous
    before = None if previous is None else datetime.fromisoformat(previous)
    served = one.part.walk.served
    if before is not None and served is not None and before > served:
        return None
    seen = [at for at in (one.newest.at, before) if at is not None]
    until = watermark(
        has_updated_at=UPDATED_AT in rows_schema(resource).names,
        newest=max(seen, default=None),
        served=served,
        started=started,
    )
    return None if until is None else until.isoformat()


def _set_aside(part: Part) -> str:
    """Name the rows that could not be read."""
    reasons = [str(reason) for batch in part.batches for reason in batch.reasons]
    more = f"; and {part.refused - _NAMED_ROWS:,} more" if part.refused > _NAMED_ROWS else ""
    number = f"{part.refused:,} row{'' if part.refused == 1 else 's'}"
    return f"{number} could not be read and {'is' if part.refused == 1 else 'are'} set aside: " + (
        "; ".join(reasons[:_NAMED_ROWS]) + more
    )
