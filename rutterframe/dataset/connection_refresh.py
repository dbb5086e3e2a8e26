"""Refresh one connection: load what is due, and commit each list that was read to its end."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from rutterframe.client import Connection
from rutterframe.client.redaction import MASK
from rutterframe.dataset.bucket_merge import MergedRows, StoredRows, merge_rows
from rutterframe.dataset.spool import Spool
from rutterframe.dataset.tables import Tables, rows_schema
from rutterframe.dataset.watermarks import CHANGED_SINCE, UPDATED_AT, NewestChange, watermark
from rutterframe.errors import ErrorContext, MissingToken, NotFound, RutterframeError
from rutterframe.loaders import LoadJob, Options
from rutterframe.loaders.list_load import ListState
from rutterframe.loaders.progress import ProgressBar
from rutterframe.loaders.receipts import Count, write_receipt
from rutterframe.loaders.side_by_side import ByteBudget

#: A row of the result for each list of a connection, and the errors of those that failed.
Outcome = tuple[list[dict[str, Any]], list[RutterframeError]]
#: How many of the rows that were set aside an outcome names.
_NAMED_ROWS = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """What to refresh, the same for every connection.

    Attributes
    ----------
    tables : Tables
        The tables that the rows are written to.
    resources : sequence of str
        The resources to load.
    overlap : timedelta
        How far before a watermark changes are requested.
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
        """Return from when to request changes; None to request the whole list."""
        known = self.watermarks.get(resource, {}).get(connection_id)
        try:
            return None if known is None else datetime.fromisoformat(known) - self.overlap
        except OverflowError:
            return None


def refresh_connection(
    connection: Connection,
    plan: Plan,
    stop: threading.Event,
    bar: ProgressBar | None = None,
    budget: ByteBudget | None = None,
) -> Outcome:
    """Load what is due of one connection, and commit each resource that is complete.

    Parameters
    ----------
    connection : Connection
        The connection.
    plan : Plan
        What is due, and where it is stored.
    stop : threading.Event
        Ends the load once it is set.
    bar : ProgressBar, optional
        The bar to count in, of all connections.
    budget : ByteBudget, optional
        The bytes in flight, of all connections of this process.
    """
    since = {name: plan.since(name, connection.id) for name in plan.resources}
    requests = [
        connection.listing(name, **({} if since[name] is None else {CHANGED_SINCE: since[name]}))
        for name in plan.resources
    ]
    with ExitStack() as stack:
        stores = {name: _Store(stack.enter_context(closing(Spool()))) for name in plan.resources}
        job = LoadJob(
            requests,
            replace(plan.options, on_error="skip"),
            tuple(plan.resources),
            stop_event=stop,
            store=lambda request, table: stores[request.resource].append(table),
            bar=bar,
            budget=budget or ByteBudget(),
        )
        job.read(warn=False)
        rows: list[dict[str, Any]] = []
        errors: list[RutterframeError] = []
        for state in job.lists:
            due = _List(state, stores[state.request.resource], plan, job.started)
            row = {"connection_id": connection.id, "resource": due.resource}
            error = due.failure()
            if error is not None:
                errors.append(error)
                note = {"connection_id": connection.id, "error": str(error)}
                plan.tables.record(due.resource, note, create=False)
                rows.append({**row, "status": "failed", "error": str(error)})
            elif due.is_missing:
                rows.append(row | due.record_not_offered())
            else:
                rows.append(row | due.commit())
    return rows, errors


def not_opened(connection_id: str, plan: Plan, error: MissingToken, *, note: bool = True) -> Outcome:
    """Return an outcome in which nothing of a connection could be read, and note it in the dataset."""
    rows: list[dict[str, Any]] = []
    errors: list[RutterframeError] = []
    for name in plan.resources:
        missing = MissingToken(error.message, hint=error.hint, context=ErrorContext(connection_id, name))
        text = str(missing)
        if note:
            plan.tables.record(name, {"connection_id": connection_id, "error": text}, create=False)
        errors.append(missing)
        rows.append({"connection_id": connection_id, "resource": name, "status": "failed", "error": text})
    return rows, errors


@dataclass(slots=True)
class _Store:
    """The rows of one list as they come, and the newest change among them."""

    rows: Spool
    newest: NewestChange = field(default_factory=NewestChange)

    def append(self, table: pa.Table) -> None:
        """Append rows as they are loaded."""
        self.newest.update(table)
        self.rows.append(table)


@dataclass(frozen=True, slots=True)
class _List:
    """One list of a connection after it was read: how that went, its rows, and where they are committed."""

    state: ListState
    store: _Store
    plan: Plan
    started: datetime

    @property
    def resource(self) -> str:
        """The resource of the list."""
        return self.state.request.resource

    @property
    def connection_id(self) -> str:
        """The connection of the list."""
        return str(self.state.request.connection_id)

    @property
    def is_missing(self) -> bool:
        """Whether the API answered that there is no such list (404 or 410)."""
        return self.state.absence.startswith("HTTP") or isinstance(self.state.error, NotFound)

    @property
    def is_skipped(self) -> bool:
        """Whether the list was not requested, since the platform is known not to have it."""
        return self.state.absence in {"platform", "caller"}

    @property
    def is_whole(self) -> bool:
        """Whether all rows were requested, and not only what changed."""
        return CHANGED_SINCE not in self.state.request.filters

    @property
    def unreadable(self) -> set[str] | None:
        """The ids of the rows that could not be read; None if not all of them are known."""
        ids = {reason.record_id for reason in self.state.reasons}
        known = {record_id for record_id in ids if record_id is not None and MASK not in record_id}
        return known if len(known) >= self.state.refused and known == ids else None

    def failure(self) -> RutterframeError | None:
        """Return why the list failed; None if it was read, or if the platform may not have it.

        A list that was read before exists: that it is not found now is a failure, not an empty list.
        """
        if self.state.error is not None:
            return self.state.error
        if not self.is_missing or not self.plan.tables.was_read(self.resource, self.connection_id):
            return None
        return NotFound(
            f"The API answered {self.state.absence} for a list that was read before; its rows are kept",
            status=int(self.state.absence.removeprefix("HTTP ")),
            hint="refresh again; if it stays, check the connection and its permissions.",
            context=ErrorContext(self.connection_id, self.resource),
        )

    def record_not_offered(self) -> dict[str, Any]:
        """Note that a connection's platform may not have the list: it has no rows, and is not complete."""
        reason = f"not offered ({self.state.absence})"
        note = {"connection_id": self.connection_id, "error": reason, "not_offered": True}
        self.plan.tables.record(self.resource, note, create=True)
        counts = dict.fromkeys(("rows", "added", "changed", "removed"), 0)
        return {"status": "not offered", **counts, "error": reason}

    def commit(self) -> dict[str, Any]:
        """Merge the rows into the table of the resource, and commit them with their receipt."""

        def merge(stored: StoredRows) -> MergedRows:
            return merge_rows(
                stored,
                self.store.rows,
                full=self.is_whole and not self.is_skipped,
                now=datetime.now(UTC),
                unreadable=self.unreadable,
            )

        until = self._watermark()
        done = self.plan.tables.write(
            self.resource,
            self.connection_id,
            merge,
            lambda rows: self._note(rows, until),
            self.plan.connections,
        )
        rows = done.rows
        return {
            "status": "not offered" if self.is_skipped else "refreshed" if rows.is_new else "unchanged",
            "rows": rows.live,
            "added": rows.added,
            "changed": rows.changed,
            "removed": rows.removed,
            "version": done.version,
            **({"error": _refused(self.state)} if self.state.refused else {}),
        }

    def _note(self, rows: MergedRows, until: str | None) -> dict[str, Any]:
        count = Count(self.store.rows.rows - rows.duplicates, rows.duplicates)
        receipt = dict(write_receipt(self.resource, [self.state], [count], self.started))
        if self.is_skipped and rows.live:
            # Rows of an earlier refresh, of a list that is not requested now.
            own = receipt["per_connection"][self.connection_id]
            receipt["per_connection"] = {self.connection_id: {**own, "complete": False}}
        return {
            "connection_id": self.connection_id,
            "receipt": receipt,
            "fields": str(rows_schema(self.resource)),
            "watermark": until,
        }

    def _watermark(self) -> str | None:
        """Return until when all changes of the list are known; None to load it whole next time.

        A row that could not be read is requested again: the watermark does not move past it. One that is
        ahead of the server's clock was wrong (changes before it were not requested), so the list is loaded
        whole.
        """
        known = self.plan.watermarks.get(self.resource, {})
        previous = None if self.is_whole else known.get(self.connection_id)
        if self.state.refused or self.is_skipped:
            return previous
        before = None if previous is None else datetime.fromisoformat(previous)
        served = self.state.load.served
        if before is not None and served is not None and before > served:
            return None
        changes = [at for at in (self.store.newest.at, before) if at is not None]
        until = watermark(
            has_updated_at=UPDATED_AT in rows_schema(self.resource).names,
            newest=max(changes, default=None),
            served=served,
            started=self.started,
        )
        return None if until is None else until.isoformat()


def _refused(state: ListState) -> str:
    """Name the rows that could not be read."""
    reasons = [str(reason) for reason in state.reasons]
    more = f"; and {state.refused - _NAMED_ROWS:,} more" if state.refused > _NAMED_ROWS else ""
    number = f"{state.refused:,} row{'' if state.refused == 1 else 's'}"
    return f"{number} could not be read and {'is' if state.refused == 1 else 'are'} set aside: " + (
        "; ".join(reasons[:_NAMED_ROWS]) + more
    )
