"""Remove a connection from a dataset: its files leave the newest versions, and a note says so."""

# pyarrow.compute creates its functions at run time, where pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import partial
from typing import Any
from urllib.parse import unquote

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable
from deltalake.transaction import RemoveAction

from rutterframe.dataset.commits import Refreshes
from rutterframe.dataset.failures import BROKEN, plain_errors
from rutterframe.dataset.tables import Tables, retry_commit
from rutterframe.frames.text_dtype import TEXT_DTYPE
from rutterframe.notebook.escape import printable_names

_DTYPES: dict[str, Any] = {"resource": TEXT_DTYPE, "rows": "Int64", "version": "Int64"}
#: What releases that know no removals show as the connection's failure.
_REASON = "it was removed from the dataset"


def remove_connection(tables: Tables, resources: Iterable[str], connection_id: str) -> pd.DataFrame:
    """Remove a connection from each table that has it, in a commit of its own.

    Parameters
    ----------
    tables : Tables
        The tables of the dataset.
    resources : iterable of str
        The resources that it has.
    connection_id : str
        The connection.

    Returns
    -------
    pandas.DataFrame
        As `Dataset.remove` returns it.

    Raises
    ------
    ValueError
        If no table has the connection.
    """
    rows: list[dict[str, Any]] = []
    known: set[str] = set()
    with plain_errors(tables.root, BROKEN):
        for resource in resources:
            # Opened again for each attempt: another process has committed meanwhile.
            row, names = retry_commit(partial(_remove, tables, resource, connection_id))
            known |= names
            rows += [row] if row else []
    if not rows:
        raise ValueError(
            f"The dataset has no connection {connection_id!r}; there are {printable_names(sorted(known))}"
        )
    return pd.DataFrame(rows, columns=list(_DTYPES)).astype(_DTYPES)


def _remove(tables: Tables, resource: str, connection_id: str) -> tuple[dict[str, Any], set[str]]:
    """Remove a connection from a table; return the row of the result, empty without it, and all its ids."""
    opened = tables.open_table(resource)
    if opened is None:
        return {}, set()
    table = opened.newest()
    names = _connections(opened.refreshes)
    if connection_id not in names:
        return {}, names
    note = opened.refreshes.read.get(connection_id, {})
    # Without a note of its rows, or with one of an older release, their number is not known.
    rows = note.get("live") if note else 0
    removal = {
        "connection_id": connection_id,
        "is_removal": True,
        "error": _REASON,
        **({} if rows is None else {"removed": rows}),
    }
    schema = pa.schema(table.schema().to_arrow())
    version = opened.commit(_files(table, connection_id), schema, removal, [connection_id])
    opened.finish()
    return {"resource": resource, "rows": rows, "version": version}, names


def _connections(known: Refreshes) -> set[str]:
    """Return the ids of the connections that refreshes have requested."""
    return {*known.read, *known.failures, *known.requested}


def _files(table: DeltaTable, connection_id: str) -> list[RemoveAction]:
    """Return the actions that remove the files of a connection; versions before still have them."""
    actions = pa.table(table.get_add_actions(flatten=True))
    paths = actions.filter(pc.equal(actions["partition.connection_id"], connection_id))["path"].to_pylist()
    now = int(time.time() * 1000)
    return [RemoveAction(unquote(path), True, now, None, {"connection_id": connection_id}) for path in paths]
