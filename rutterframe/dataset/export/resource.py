"""Export one resource in one transaction: read only the files that are new, and compare by id."""

# pyarrow.compute creates its functions at run time, where pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from rutterframe.dataset.export.database import Database, quoted
from rutterframe.dataset.export.layout import TableLayout, split_rows
from rutterframe.dataset.export.source import Source
from rutterframe.dataset.export.state import Exported, read_state, refuse_other_origin, write_state
from rutterframe.dataset.export.upsert import Changes, create_stages, merge_stages, stage_name

#: Rows that are sent at a time.
_SEND_ROWS = 25_000


class MismatchError(Exception):
    """The database has other rows than the dataset after an export: the connections, and what differs."""

    def __init__(self, connections: Collection[str], reason: str) -> None:
        super().__init__(reason)
        self.connections = frozenset(connections)


@dataclass(slots=True)
class _Counts:
    """The rows of each table in the database, by connection.

    Attributes
    ----------
    rows : dict
        By connection and table.
    live : Counter of str
        The rows that are not deleted.
    without_id : Counter of str
        The rows without an id.
    """

    rows: dict[str, dict[str, int]] = field(default_factory=dict)
    live: Counter[str] = field(default_factory=Counter)
    without_id: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class _Plan:
    """The connections to write.

    Attributes
    ----------
    new : list of str
        Those without rows in the database: their rows are inserted.
    full : set of str
        Those of which every row is compared.
    files : dict
        Those of which the rows of some files are compared, and the names of these files.
    """

    new: list[str] = field(default_factory=list)
    full: set[str] = field(default_factory=set)
    files: dict[str, list[str]] = field(default_factory=dict)


def export_resource(
    database: Database, source: Source, *, full: bool = False, compare: Collection[str] = ()
) -> list[dict[str, Any]]:
    """Bring the tables of a resource up to date; return a row of the result for each connection.

    Parameters
    ----------
    database : Database
        The database, with a transaction.
    source : Source
        The resource.
    full : bool
        Whether to compare every row of every connection.
    compare : collection of str
        The connections of which to compare every row in any case.

    Raises
    ------
    MismatchError
        If a connection has other numbers of rows afterwards than the dataset.
    ValueError
        If the database holds rows of another origin, or tables that no export wrote.
    """
    refuse_other_origin(database, source.origin)
    states = read_state(database, source.resource)
    is_new = [database.create(table, is_known=bool(states)) for table in source.layouts]
    before = _count_rows(database, source.layouts)
    everything = full or (any(is_new) and bool(before.rows))
    plan = _plan(source, states, before, set(source.connections) if everything else {*compare})
    changes, after = Changes(), before
    if plan.new or plan.full or plan.files:
        sent = _send(database, source, plan, changes)
        after = _count_rows(database, source.layouts)
        _verify(source, plan, sent, after)
    _remember(database, source, states, after)
    return _result(source, changes, after)


def _plan(source: Source, states: Mapping[str, Exported], counts: _Counts, compare: set[str]) -> _Plan:
    """Decide which files of which connections are read."""
    plan = _Plan()
    for name in source.connections:
        state, rows = states.get(name), counts.rows.get(name, {})
        if not rows and (state is None or not any(state.row_counts.values())):
            plan.new.append(name)  # the rows of one that had none before are inserted as well
        elif (
            state is None
            or name in compare
            or state.table_id != source.table_id
            or state.version > source.version
            or {table: number for table, number in state.row_counts.items() if number} != rows
        ):
            plan.full.add(name)
        elif state.files != source.files(name):
            # Also at the same version: a dataset that was restored from a copy has it with other rows.
            _add_files(plan, source, name, {*state.files}, has_rows_without_id=bool(counts.without_id[name]))
    plan.new = [name for name in plan.new if name not in states or states[name].files != source.files(name)]
    earlier = {name for name, state in states.items() if state.table_id == source.table_id}
    plan.full |= {name for name in earlier - {*source.connections} if counts.rows.get(name)}
    return plan


def _add_files(
    plan: _Plan, source: Source, name: str, exported: set[str], *, has_rows_without_id: bool
) -> None:
    """Add the files of a connection that are new; all of them if some were only removed."""
    files = {*source.files(name)}
    own = [file for file in source.own_files(name) if file not in exported]
    # Rows that the dataset has lost, as where it was restored from a copy, are noticed by their number.
    is_counted = source.rows.get(name) is not None
    is_joined = any("/" in file for file in files ^ exported)
    if has_rows_without_id or not own or not is_counted or is_joined:
        plan.full.add(name)
    else:
        plan.files[name] = own


def _send(database: Database, source: Source, plan: _Plan, changes: Changes) -> dict[str, Counter[str]]:
    """Insert the rows of new connections, and merge those of other ones.

    Returns
    -------
    dict
        The rows that were read of each connection that is new or was read in full, by table.
    """
    sent: dict[str, Counter[str]] = {}
    direct = _Sender(database, source.layouts, lambda table: table.name)
    for name in plan.new:
        sent[name] = Counter()
        for rows in source.read(name, source.own_files(name)):
            changes.added[name] += rows["_deleted_at"].null_count
            direct.add(rows, sent[name])
    direct.flush()
    if not plan.full and not plan.files:
        return sent
    create_stages(database, source.layouts)
    stages = _Sender(database, source.layouts, stage_name, temporary=True)
    for name, files in plan.files.items():
        without_id = 0
        for rows in source.read(name, files):
            without_id += rows["id"].null_count
            stages.add(rows, Counter())
        if without_id:
            # Rows without an id are compared only as a whole.
            for rows in source.read(name, [*{*source.own_files(name)} - {*files}]):
                stages.add(rows, Counter())
            plan.full.add(name)
    for name in sorted(plan.full - plan.files.keys()):
        sent[name] = Counter()
        for rows in source.read(name, source.own_files(name)):
            stages.add(rows, sent[name])
    stages.flush()
    merge_stages(database, source.layouts, plan.full, changes)
    return sent


class _Sender:
    """Collects rows, and sends them to the tables of a resource many at a time."""

    def __init__(
        self,
        database: Database,
        layouts: tuple[TableLayout, ...],
        name: Callable[[TableLayout], str],
        *,
        temporary: bool = False,
    ) -> None:
        self._database, self._layouts, self._name, self._temporary = database, layouts, name, temporary
        self._rows: list[pa.Table] = []
        self._count = 0

    def add(self, rows: pa.Table, counts: Counter[str]) -> None:
        """Add rows of one connection, and count them by table."""
        own, *children = self._layouts
        counts[own.name] += len(rows)
        for child in children:
            counts[child.name] += pc.sum(pc.list_value_length(rows[child.nested])).as_py() or 0
        self._rows.append(rows)
        self._count += len(rows)
        if self._count >= _SEND_ROWS:
            self.flush()

    def flush(self) -> None:
        """Send what was collected."""
        if self._count:
            for table, rows in split_rows(pa.concat_tables(self._rows), self._layouts):
                if len(rows):
                    self._database.insert(self._name(table), rows, temporary=self._temporary)
        self._rows, self._count = [], 0


def _count_rows(database: Database, layouts: tuple[TableLayout, ...]) -> _Counts:
    """Count the rows of each connection in the tables of a resource."""
    counts = _Counts()
    for table in layouts:
        for name, rows, ids, deleted in database.fetch(
            f"SELECT connection_id, COUNT(*), COUNT({quoted(table.parent)}), COUNT(_deleted_at) "  # noqa: S608
            f"FROM {quoted(table.name)} GROUP BY connection_id"
        ):
            counts.rows.setdefault(name, {})[table.name] = rows
            if not table.nested:
                counts.live[name], counts.without_id[name] = rows - deleted, rows - ids
    return counts


def _verify(source: Source, plan: _Plan, sent: Mapping[str, Mapping[str, int]], after: _Counts) -> None:
    """Compare the rows of each connection that was written with those of the dataset.

    Raises
    ------
    MismatchError
        If they are more or fewer.
    """
    differ, reason = set(), ""
    for name in (*plan.new, *sorted(plan.full | plan.files.keys())):
        expected = dict(sent.get(name, {}))
        stored = source.rows.get(name, 0)
        if stored is not None:
            expected[source.resource] = stored
        for table, rows in expected.items():
            number = after.rows.get(name, {}).get(table, 0)
            if number != rows:
                differ.add(name)
                reason = (
                    f"connection {name!r} would have {number:,} rows in {table}, and the dataset has {rows:,}"
                )
    if differ:
        raise MismatchError(differ, reason)


def _remember(database: Database, source: Source, before: Mapping[str, Exported], after: _Counts) -> None:
    """Write the state of each connection, where it is another than before."""
    origin, states, refreshed = source.origin, {}, {}
    for name in source.connections:
        status = source.status.get(name, {})
        rows = {table.name: after.rows.get(name, {}).get(table.name, 0) for table in source.layouts}
        states[name] = Exported(
            origin.environment,
            origin.dialect,
            source.table_id,
            source.version,
            str(status.get("status", "")),
            rows,
            source.files(name),
        )
        moment = status.get("last_success")
        refreshed[name] = None if moment is None or pd.isna(moment) else moment.to_pydatetime()
    elsewhere = {
        name: state
        for name, state in before.items()
        if name not in states and state.table_id != source.table_id
    }
    if {**elsewhere, **states} != before:
        write_state(database, source.resource, {**elsewhere, **states}, refreshed)


def _result(source: Source, changes: Changes, after: _Counts) -> list[dict[str, Any]]:
    """Return a row for each connection that was requested: one that was never read has no numbers."""
    was_read = {*source.connections}
    return [
        {
            "table": source.resource,
            "connection_id": name,
            "status": source.status.get(name, {}).get("status"),
            "complete": source.status.get(name, {}).get("complete"),
            "added": changes.added[name] if name in was_read else None,
            "changed": changes.changed[name] if name in was_read else None,
            "deleted": changes.deleted[name] if name in was_read else None,
            "rows": after.live[name] if name in was_read else None,
            "version": source.version if name in was_read else None,
        }
        for name in sorted(was_read | source.status.keys())
    ]
