"""Export the resources of a dataset, one transaction each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from importlib.util import find_spec
from typing import Any

import pandas as pd
from pydantic import SecretStr

from rutterframe.client.secret_arguments import InvalidSecret
from rutterframe.dataset.export.database import Database
from rutterframe.dataset.export.failures import database_error
from rutterframe.dataset.export.resource import MismatchError, export_resource
from rutterframe.dataset.export.source import Source
from rutterframe.dataset.export.state import create_state
from rutterframe.dataset.export.target import Target, parse_target
from rutterframe.dataset.tables import Tables
from rutterframe.frames.text_dtype import TEXT_DTYPE

#: The columns of the result, and their dtypes.
_DTYPES: dict[str, Any] = {
    "table": TEXT_DTYPE,
    "connection_id": TEXT_DTYPE,
    "status": TEXT_DTYPE,
    "complete": "boolean",
    "added": "Int64",
    "changed": "Int64",
    "deleted": "Int64",
    "rows": "Int64",
    "version": "Int64",
}
#: The module of each driver, and the extra that installs it.
_DRIVERS = {"duckdb": "duckdb", "postgresql": "adbc_driver_postgresql"}


def export_tables(
    tables: Tables,
    url: SecretStr | InvalidSecret | None,
    known: Sequence[str],
    resources: Iterable[str] | None = None,
    *,
    full: bool = False,
    timeout: float = 60.0,
) -> pd.DataFrame:
    """Export resources of a dataset to a database: see `Dataset.export`.

    Parameters
    ----------
    tables : Tables
        The tables of the dataset.
    url : SecretStr
        The address of the database.
    known : sequence of str
        The resources that the dataset has.
    resources : iterable of str, optional
        Those to export; all when left out.
    full : bool
        Whether to compare every row.
    timeout : float
        For how many seconds to wait for another program that writes.
    """
    target = parse_target(url)
    names = known if resources is None else _names(resources, known)
    with closing(_open(target, timeout)) as database:
        rows = [row for resource in names for row in _export(database, tables, resource, full=full)]
    return pd.DataFrame(rows, columns=list(_DTYPES)).astype(_DTYPES)


def _export(database: Database, tables: Tables, resource: str, *, full: bool) -> list[dict[str, Any]]:
    """Export a resource; where the numbers of rows differ afterwards, undo that, and compare every row."""
    compare, reason = frozenset[str](), ""
    for _ in range(2):
        try:
            with _transaction(database, resource):
                # Opened in the transaction: an export that had to wait must not write an older version.
                source = Source(tables, resource)
                create_state(database)
                return export_resource(database, source, full=full, compare=compare)
        except MismatchError as error:
            compare, reason = error.connections, str(error)
    raise OSError(
        f"The {resource} cannot be exported to {database.target}: {reason}. Nothing of them was changed."
        f"\nNext: drop the tables of {resource} in the database, and export again; where that "
        f"fails as well, restore the dataset from a copy"
    )


@contextmanager
def _transaction(database: Database, resource: str) -> Iterator[None]:
    """Commit what the block does, or nothing of it."""
    try:
        database.begin()
        try:
            yield
        except BaseException:
            with suppress(*database.errors):  # the connection may be lost
                database.rollback()
            raise
        database.commit()
    except database.errors as error:
        raise database_error(database.target, str(error), resource) from None


def _open(target: Target, timeout: float) -> Database:
    """Open the database."""
    if find_spec(_DRIVERS.get(target.kind, "sqlite3")) is None:
        raise ImportError(f'An export to {target} needs a driver: pip install "rutterframe[{target.kind}]"')
    driver = _driver(target.kind)
    try:
        return driver(target, timeout)
    except driver.errors as error:
        text = str(error)
    # Raised here, the error leads to no frame of the driver with the password in its variables.
    raise database_error(target, text)


def _driver(kind: str) -> type[Database]:
    # Imported on first use: each needs an extra of its own.
    if kind == "duckdb":
        from rutterframe.dataset.export.on_duckdb import DuckDB  # noqa: PLC0415

        return DuckDB
    if kind == "sqlite":
        from rutterframe.dataset.export.on_sqlite import SQLite  # noqa: PLC0415

        return SQLite
    from rutterframe.dataset.export.on_postgresql import PostgreSQL  # noqa: PLC0415

    return PostgreSQL


def _names(resources: Iterable[str], known: Sequence[str]) -> list[str]:
    """Return the names of resources, each once; refuse one that the dataset does not have."""
    names = list(dict.fromkeys([resources] if isinstance(resources, str) else resources))
    for name in names:
        if name not in known:
            raise KeyError(f"The dataset has no {name!r}; it has {', '.join(known)}")
    if not names:
        raise ValueError("resources is empty: leave it out for all, or name at least one")
    return names
