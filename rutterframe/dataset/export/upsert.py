"""Merge rows in temporary tables with those of the database, in SQL that all three databases have.

Rows with an id are compared by it, value by value, and so are their nested rows: only what differs is
written. Rows without an id, and rows that the dataset does not have, are found only among the connections of
which the temporary tables hold every row.
"""

# The names in the statements are those of layouts.
# ruff: noqa: S608

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

import pyarrow as pa

from rutterframe.dataset.export.database import Database, column_list, quoted
from rutterframe.dataset.export.layout import TableLayout
from rutterframe.dataset.merge import META_FIELDS
from rutterframe.frames.schema import TEXT

#: The columns of a row that are not its record's: nested rows have copies of them.
_META = frozenset(field.name for field in META_FIELDS)
_KEYS, _FULL = "rutterframe_keys", "rutterframe_full"


@dataclass(slots=True)
class Changes:
    """The rows that an export has changed, by connection.

    Attributes
    ----------
    added, changed, deleted : Counter of str
        The rows that became current, those that are current as before but differ, their position left out,
        and those that are current no more.
    """

    added: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    deleted: Counter[str] = field(default_factory=Counter)


def stage_name(table: TableLayout) -> str:
    """Return the name of the temporary table of the rows to merge."""
    return f"rutterframe_{table.name}"


def create_stages(database: Database, layouts: Collection[TableLayout]) -> None:
    """Create the temporary tables of a resource."""
    for table in layouts:
        stage = quoted(stage_name(table))
        database.fetch(f"CREATE TEMPORARY TABLE {stage} AS SELECT * FROM {quoted(table.name)} WHERE 1 = 0")


def merge_stages(
    database: Database, layouts: Collection[TableLayout], full: Collection[str], changes: Changes
) -> None:
    """Merge the rows of the temporary tables, drop these, and count.

    Parameters
    ----------
    database : Database
        The database.
    layouts : collection of TableLayout
        The tables of the resource, its own first.
    full : collection of str
        The connections of which the temporary tables hold every row.
    changes : Changes
        Gets the counts.
    """
    own, *children = layouts
    for table in layouts:
        stage = stage_name(table)
        columns = f"connection_id, {quoted(table.parent)}"
        database.fetch(f"CREATE INDEX {quoted(f'{stage}_by_id')} ON {quoted(stage)} ({columns})")
        database.analyze(stage)
    database.fetch(f"CREATE TEMPORARY TABLE {_FULL} (connection_id {database.types[TEXT]})")
    database.insert(_FULL, pa.table({"connection_id": pa.array(sorted(full), TEXT)}), temporary=True)
    database.fetch(f"CREATE TEMPORARY TABLE {_KEYS} AS {_changed_keys(own, children)}")
    database.analyze(_KEYS)
    _count(database, own, changes)
    for table in layouts:
        _write(database, table, own)
    for name in (_KEYS, _FULL, *(stage_name(table) for table in layouts)):
        database.fetch(f"DROP TABLE {quoted(name)}")


def _changed_keys(own: TableLayout, children: Collection[TableLayout]) -> str:
    """Return the query of each row that differs: its connection and id, and whether its lines differ."""
    # PostgreSQL and DuckDB call two nulls distinct in a join, and equal in EXCEPT: as both should be here.
    stage = quoted(stage_name(own))
    names = column_list(own.schema.names)
    new = f"SELECT {names} FROM {stage} WHERE id IS NOT NULL"
    old = (
        f"SELECT {column_list(own.schema.names, 't')} FROM {quoted(own.name)} t JOIN {stage} s "
        f"ON t.connection_id = s.connection_id AND t.id = s.id"
    )
    queries = [f"SELECT connection_id, id, 0 AS nested FROM ({new} EXCEPT {old}) d"]
    for child in children:
        parent, fields = quoted(child.parent), [name for name in child.schema.names if name not in _META]
        new = f"SELECT {column_list(fields)} FROM {quoted(stage_name(child))} WHERE {parent} IS NOT NULL"
        old = (
            f"SELECT {column_list(fields, 't')} FROM {quoted(child.name)} t JOIN {stage} s "
            f"ON t.connection_id = s.connection_id AND t.{parent} = s.id"
        )
        queries += [
            f"SELECT connection_id, {parent}, 1 FROM ({left} EXCEPT {right}) d"
            for left, right in ((new, old), (old, new))
        ]
    union = " UNION ALL ".join(queries)
    return f"SELECT connection_id, id, MAX(nested) AS nested FROM ({union}) u GROUP BY connection_id, id"


def _count(database: Database, own: TableLayout, changes: Changes) -> None:
    """Count what the merge will add, change and delete."""
    table, stage = quoted(own.name), quoted(stage_name(own))
    before, after = "t.connection_id IS NOT NULL AND t._deleted_at IS NULL", "s._deleted_at IS NULL"
    fields = (quoted(name) for name in own.schema.names if name not in _META)
    differs = " OR ".join(["k.nested = 1", *(f"s.{name} {database.differs} t.{name}" for name in fields)])
    sums = ", ".join(
        f"SUM(CASE WHEN {condition} THEN 1 ELSE 0 END)"
        for condition in (
            f"NOT ({before}) AND {after}",
            f"{before} AND {after} AND ({differs})",
            f"{before} AND NOT ({after})",
        )
    )
    for name, added, changed, deleted in database.fetch(
        f"SELECT k.connection_id, {sums} FROM {_KEYS} k "
        f"JOIN {stage} s ON s.connection_id = k.connection_id AND s.id = k.id "
        f"LEFT JOIN {table} t ON t.connection_id = k.connection_id AND t.id = k.id GROUP BY k.connection_id"
    ):
        changes.added[name] += int(added)
        changes.changed[name] += int(changed)
        changes.deleted[name] += int(deleted)
    without_id = f"id IS NULL AND connection_id IN (SELECT connection_id FROM {_FULL})"
    names = column_list(own.schema.names)
    new = f"SELECT {names} FROM {stage} WHERE {without_id}"
    old = f"SELECT {names} FROM {table} WHERE {without_id}"
    for counter, query in (
        (changes.added, f"{new} EXCEPT {old}"),
        (changes.deleted, f"{old} EXCEPT {new}"),
        (changes.deleted, f"SELECT t.* FROM {table} t WHERE {_is_unknown(own, own)}"),
    ):
        counts = f"SELECT connection_id, COUNT(*) FROM ({query}) d WHERE _deleted_at IS NULL"
        for name, number in database.fetch(f"{counts} GROUP BY connection_id"):
            counter[name] += int(number)


def _write(database: Database, table: TableLayout, own: TableLayout) -> None:
    """Delete and insert the rows that differ, those without an id, and those that the dataset lacks."""
    name, stage, parent = quoted(table.name), quoted(stage_name(table)), quoted(table.parent)
    differs = f"(connection_id, {parent}) IN (SELECT connection_id, id FROM {_KEYS})"
    full = f"connection_id IN (SELECT connection_id FROM {_FULL})"
    database.fetch(f"DELETE FROM {name} AS t WHERE {_is_unknown(table, own)}")
    database.fetch(f"DELETE FROM {name} WHERE {parent} IS NULL AND {full}")
    database.fetch(f"DELETE FROM {name} WHERE {differs}")
    columns = column_list(table.schema.names)
    insert = f"INSERT INTO {name} ({columns}) SELECT {columns} FROM {stage}"
    database.fetch(f"{insert} WHERE {differs}")
    database.fetch(f"{insert} WHERE {parent} IS NULL AND {full}")


def _is_unknown(table: TableLayout, own: TableLayout) -> str:
    """Return the condition of the rows of ``t`` with an id that the dataset lacks."""
    parent = quoted(table.parent)
    return (
        f"t.{parent} IS NOT NULL AND t.connection_id IN (SELECT connection_id FROM {_FULL}) AND NOT EXISTS "
        f"(SELECT 1 FROM {quoted(stage_name(own))} s WHERE s.connection_id = t.connection_id "
        f"AND s.id = t.{parent})"
    )
