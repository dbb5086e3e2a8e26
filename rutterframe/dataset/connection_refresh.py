"""Refresh one connection: load what is due, and commit each list that was read to its end."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from rutterframe.client import Connection, RequestSpec
from rutterframe.client.filters import format_filters
from rutterframe.client.redaction import MASK
from rutterframe.dataset.bucket_merge import MergedRows, merge_rows
from rutterframe.dataset.deletions import deleted_ids
from rutterframe.dataset.refresh_log import log_outcomes
from rutterframe.dataset.spool import Spool
from rutterframe.dataset.stored_rows import StoredRows
from rutterframe.dataset.tables import Tables, rows_schema
from rutterframe.dataset.watermarks import COLUMNS, NewestChange, watermark
from rutterframe.dialects import Route
from rutterframe.errors import ErrorContext, LoadError, MissingToken, NotFound, RutterframeError
from rutterframe.loaders import LoadJob, Options
from rutterframe.loaders.list_load import ListState
from rutterframe.loaders.progress import ProgressBar
from rutterframe.loaders.receipts import Count, write_receipt
from rutterframe.loaders.side_by_side import ByteBudget

#: A row of the result for each list of a connection, and the errors of those that failed.
Outcome = tuple[list[dict[str, Any]], list[RutterframeError]]
#: How many of the rows that were set aside an outcome names.
_NAMED_ROWS = 3
_EVENTS = "events"


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
    requests = [request for name in plan.resources for request in _requests(connection, name, plan)]
    events = _requests_of_deletions(connection, requests, plan)
    with ExitStack() as stack:
        stores = {
            request.resource: _Store(
                stack.enter_context(closing(Spool())), NewestChange(_column(request.route) or "")
            )
            for request in (*requests, *events)
        }
        job = LoadJob(
            [*requests, *events],
            replace(plan.options, on_error="skip"),
            tuple(plan.resources),
            stop_event=stop,
            store=lambda request, table: stores[request.resource].append(table),
            bar=bar,
            budget=budget or ByteBudget(),
        )
        job.read(warn=False)
        of_events = [state for state in job.lists if state.request.resource == _EVENTS]
        platform = requests[0].session.platforms.get(connection.id)
        deleted = deleted_ids(stores[_EVENTS].rows.read(), platform) if of_events else {}
        rows: list[dict[str, Any]] = []
        errors: list[RutterframeError] = []
        for name in plan.resources:
            states = [state for state in job.lists if state.request.resource == name]
            due = _List(states, stores[name], plan, job, of_events, deleted.get(name, frozenset()))
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
                try:
                    rows.append(row | due.commit())
                except LoadError as removed:
                    removed.context = ErrorContext(connection.id, name)
                    errors.append(removed)
                    rows.append({**row, "status": "failed", "error": str(removed)})
    log_outcomes(rows)
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
    log_outcomes(rows)
    return rows, errors


def _requests(connection: Connection, resource: str, plan: Plan) -> tuple[RequestSpec, ...]:
    """Return the requests of a resource's lists: for what changed, where every list has such a filter."""
    requests = connection.listings(resource)
    since = plan.since(resource, connection.id)
    routes = [request.route for request in requests]
    if since is None or any(route.changed_since is None for route in routes):
        return requests
    dialect = requests[0].session.dialect
    return tuple(
        replace(request, filters=format_filters(dialect, resource, {route.changed_since or "": since}, route))
        for request, route in zip(requests, routes, strict=True)
    )


def _requests_of_deletions(
    connection: Connection, requests: Sequence[RequestSpec], plan: Plan
) -> tuple[RequestSpec, ...]:
    """Return the request of the deletions in lists of which only changes are requested."""
    moments = [
        moment
        for request in requests
        if request.filters and _has_deletions(request)
        if (moment := plan.since(request.resource, connection.id)) is not None
    ]
    return connection.listings(_EVENTS, last_synced_at_min=min(moments)) if moments else ()


def _has_deletions(request: RequestSpec) -> bool:
    """Return whether the deletions of a list are listed as events."""
    return request.resource in request.session.dialect.with_deletions and "ledger" in request.route.kinds


def _column(route: Route) -> str | None:
    """Return the column with the time of a change, which the filter of a list's changes goes by."""
    return None if route.changed_since is None else COLUMNS.get(route.changed_since)


@dataclass(slots=True)
class _Store:
    """The rows of one resource as they come, and the newest change among them."""

    rows: Spool
    newest: NewestChange

    def append(self, table: pa.Table) -> None:
        """Append rows as they are loaded."""
        self.newest.update(table)
        self.rows.append(table)


@dataclass(frozen=True, slots=True)
class _List:
    """A resource of a connection after it was read: how that went, its rows, and where they are committed.

    In the live dialect it may have several lists, such as expenses and refunds.
    """

    states: Sequence[ListState]
    store: _Store
    plan: Plan
    job: LoadJob
    events: Sequence[ListState] = ()
    deleted: frozenset[str] = frozenset()

    @property
    def request(self) -> RequestSpec:
        """The request of the first list."""
        return self.states[0].request

    @property
    def resource(self) -> str:
        """The resource."""
        return self.request.resource

    @property
    def connection_id(self) -> str:
        """The connection."""
        return str(self.request.connection_id)

    @property
    def absence(self) -> str:
        """The answer of the API that there is no such list, such as "HTTP 404"; empty if there is one."""
        return next((state.absence for state in self.states if state.absence.startswith("HTTP")), "")

    @property
    def is_missing(self) -> bool:
        """Whether the API answered that there is no such list (404 or 410)."""
        return bool(self.absence) or any(isinstance(state.error, NotFound) for state in self.states)

    @property
    def is_skipped(self) -> bool:
        """Whether nothing was requested, since the platform is known not to have it."""
        return all(state.absence in {"platform", "caller"} for state in self.states)

    @property
    def is_whole(self) -> bool:
        """Whether all rows were requested, and not only what changed."""
        return not any(state.request.route.changed_since in state.request.filters for state in self.states)

    @property
    def refused(self) -> int:
        """How many rows could not be read."""
        return sum(state.refused for state in self.states)

    @property
    def unreadable(self) -> set[str] | None:
        """The ids of the rows that could not be read; None if not all of them are known."""
        ids = {reason.record_id for state in self.states for reason in state.reasons}
        known = {record_id for record_id in ids if record_id is not None and MASK not in record_id}
        return known if len(known) >= self.refused and known == ids else None

    def failure(self) -> RutterframeError | None:
        """Return why the list failed; None if it was read, or if the platform may not have it.

        A list that was read before exists: that it is not found now is a failure, not an empty list.
        """
        needed = [*self.states, *(self.events if not self.is_whole and _has_deletions(self.request) else ())]
        error = next((state.error for state in needed if state.error is not None), None)
        if error is not None:
            return error
        if not self.is_missing or not self.plan.tables.was_read(self.resource, self.connection_id):
            return None
        return NotFound(
            f"The API answered {self.absence} for a list that was read before; its rows are kept",
            status=int(self.absence.removeprefix("HTTP ")),
            hint="refresh again; if it stays, check the connection and its permissions.",
            context=ErrorContext(self.connection_id, self.resource),
        )

    def record_not_offered(self) -> dict[str, Any]:
        """Note that a connection's platform may not have the list: it has no rows, and is not complete."""
        reason = f"not offered ({self.absence})"
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
                deleted=self.deleted,
            )

        until = self._watermark()
        done = self.plan.tables.write(
            self.resource,
            self.connection_id,
            merge,
            lambda rows: self._note(rows, until),
            self.plan.connections,
            is_whole=self.is_whole,
        )
        rows = done.rows
        return {
            "status": "not offered" if self.is_skipped else "refreshed" if rows.is_new else "unchanged",
            "rows": rows.live,
            "added": rows.added,
            "changed": rows.changed,
            "removed": rows.removed,
            "version": done.version,
            **({"error": _refused(self.states)} if self.refused else {}),
        }

    def _note(self, rows: MergedRows, until: str | None) -> dict[str, Any]:
        count = Count(self.store.rows.rows - rows.duplicates, rows.duplicates)
        # A receipt counts by connection: the rows of all lists are those of the first.
        counts = [count, *[Count(0, 0)] * (len(self.states) - 1)]
        statuses = self.job.statuses.known()
        receipt = dict(write_receipt(self.resource, self.states, counts, self.job.started, statuses))
        if self.is_skipped and rows.live:
            # Rows of an earlier refresh, of a list that is not requested now.
            own = receipt["per_connection"][self.connection_id]
            receipt["per_connection"] = {self.connection_id: {**own, "complete": False}}
        return {
            "connection_id": self.connection_id,
            "receipt": receipt,
            "fields": str(self._schema),
            "watermark": until,
        }

    @property
    def _schema(self) -> pa.Schema:
        return rows_schema(self.resource, self.plan.tables.dialect)

    def _watermark(self) -> str | None:
        """Return until when all changes of the list are known; None to load it whole next time.

        A row that could not be read is requested again: the watermark does not move past it. One that is
        ahead of the server's clock was wrong (changes before it were not requested), so the list is loaded
        whole.
        """
        known = self.plan.watermarks.get(self.resource, {})
        previous = None if self.is_whole else known.get(self.connection_id)
        if self.refused or self.is_skipped:
            return previous
        before = None if previous is None else datetime.fromisoformat(previous)
        times = [state.load.served for state in self.states if state.offered]
        served = min((at for at in times if at is not None), default=None) if None not in times else None
        if before is not None and served is not None and before > served:
            return None
        changes = [at for at in (self.store.newest.at, before) if at is not None]
        until = watermark(
            has_updated_at=_column(self.request.route) in self._schema.names,
            newest=max(changes, default=None),
            served=served,
            started=self.job.started,
        )
        return None if until is None else until.isoformat()


def _refused(states: Sequence[ListState]) -> str:
    """Name the rows that could not be read."""
    reasons = [str(reason) for state in states for reason in state.reasons]
    refused = sum(state.refused for state in states)
    more = f"; and {refused - _NAMED_ROWS:,} more" if refused > _NAMED_ROWS else ""
    number = f"{refused:,} row{'' if refused == 1 else 's'}"
    return f"{number} could not be read and {'is' if refused == 1 else 'are'} set aside: " + (
        "; ".join(reasons[:_NAMED_ROWS]) + more
    )
