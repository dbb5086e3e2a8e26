"""What was exported before: one row for each resource and connection, in the database itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from rutterframe.dataset.export.database import Database, quoted
from rutterframe.dataset.origin import Origin
from rutterframe.frames.schema import TEXT

#: The table.
STATE = "rutterframe_export"
_MOMENT = pa.timestamp("us", "UTC")
_SCHEMA = pa.schema(
    [
        ("resource", TEXT),
        ("connection_id", TEXT),
        ("environment", TEXT),
        ("dialect", TEXT),
        ("table_id", TEXT),
        ("version", pa.int64()),
        ("status", TEXT),
        ("refreshed_at", _MOMENT),
        ("exported_at", _MOMENT),
        ("row_counts", TEXT),
        ("files", TEXT),
    ]
)


@dataclass(frozen=True, slots=True)
class Exported:
    """The state of one connection's rows of a resource.

    Attributes
    ----------
    environment, dialect : str
        The origin of the rows.
    table_id : str
        The id of the Delta table.
    version : int
        Its version that was exported.
    status : str
        How the last refresh until then ended, as in `Dataset.status`.
    row_counts : dict
        The number of rows in each table of the resource.
    files : list of str
        The files of the dataset that were exported.
    """

    environment: str
    dialect: str
    table_id: str
    version: int
    status: str
    row_counts: dict[str, int]
    files: list[str]


def create_state(database: Database) -> None:
    """Create the table of states, if the database has none.

    Raises
    ------
    ValueError
        If its columns are not those that an export writes.
    """
    existing = database.columns(STATE)
    if existing and existing.keys() != {*_SCHEMA.names}:
        raise _changed(database)
    if not existing:
        columns = ", ".join(f"{quoted(field.name)} {database.types[field.type]}" for field in _SCHEMA)
        database.fetch(f'CREATE TABLE {quoted(STATE)} ({columns}, PRIMARY KEY ("resource", "connection_id"))')


def read_state(database: Database, resource: str) -> dict[str, Exported]:
    """Return the state of each connection of a resource.

    Raises
    ------
    ValueError
        If a state is not as an export wrote it.
    """
    names = ", ".join(["connection_id", *(field.name for field in fields(Exported))])
    rows = database.fetch(f"SELECT {names} FROM {quoted(STATE)} WHERE resource = '{resource}'")  # noqa: S608
    try:
        return {
            name: Exported(origin, dialect, table, version, status, json.loads(counts), json.loads(files))
            for name, origin, dialect, table, version, status, counts, files in rows
        }
    except (TypeError, ValueError):
        raise _changed(database) from None


def _changed(database: Database) -> ValueError:
    return ValueError(
        f"The table {STATE} of {database.target} is not as this rutterframe writes it. Nothing was changed.\n"
        f"Next: drop the table, so that the export compares every row, or export to another database"
    )


def refuse_other_origin(database: Database, origin: Origin) -> None:
    """Refuse to export rows of another environment or dialect than the database holds.

    Raises
    ------
    ValueError
        If they are not the same.
    """
    rows = database.fetch(f"SELECT DISTINCT environment, dialect FROM {quoted(STATE)}")  # noqa: S608
    for stored in rows:
        if Origin(*stored) != origin:
            raise ValueError(
                f"The database {database.target} holds rows of {Origin(*stored)}, and this dataset is of "
                f"{origin}: they would be mixed. Nothing was changed.\n"
                f"Next: export to another database or schema"
            )


def write_state(
    database: Database,
    resource: str,
    states: Mapping[str, Exported],
    refreshed: Mapping[str, datetime | None],
) -> None:
    """Replace the states of a resource.

    Parameters
    ----------
    database : Database
        The database.
    resource : str
        The resource.
    states : mapping of str to Exported
        By connection.
    refreshed : mapping of str to datetime
        When the list of a connection was last read to its end.
    """
    now = datetime.now(UTC)
    rows: Iterable[dict[str, Any]] = (
        {
            "resource": resource,
            "connection_id": name,
            "environment": state.environment,
            "dialect": state.dialect,
            "table_id": state.table_id,
            "version": state.version,
            "status": state.status,
            "refreshed_at": refreshed.get(name),
            "exported_at": now,
            "row_counts": json.dumps(state.row_counts),
            "files": json.dumps(state.files),
        }
        for name, state in states.items()
    )
    database.fetch(f"DELETE FROM {quoted(STATE)} WHERE resource = '{resource}'")  # noqa: S608
    database.insert(STATE, pa.Table.from_pylist(list(rows), _SCHEMA))
