"""Select and sort the rows of a frame from those of a table, which has deleted rows and positions as well."""

# pyarrow.compute creates its functions at run time, where pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rutterframe.dataset.merge import DELETED, POSITION


def current_rows(rows: pa.Table, *, deleted: bool) -> pa.Table:
    """Return the rows that are not deleted, or those that are."""
    if not deleted and rows[DELETED].null_count == len(rows):
        return rows
    return rows.filter(pc.is_valid(rows[DELETED]) if deleted else pc.is_null(rows[DELETED]))


def in_order(rows: pa.Table) -> pa.Table:
    """Sort rows by their position in the list of the API; those of one file are stored in this order."""
    position = np.asarray(rows[POSITION])
    if (position[1:] < position[:-1]).any():
        rows = rows.take(np.argsort(position, kind="stable"))
    return rows.drop_columns([DELETED, POSITION])


def unique_ids(connections: Iterable[str]) -> list[str]:
    """Return the ids of connections; refuse none, and repeated ones."""
    if isinstance(connections, str):
        raise TypeError(f"connections takes several ids: pass connections=[{connections!r}]")
    names = [str(name) for name in connections]
    if not names:
        raise ValueError("connections is empty: leave it out for all, or name at least one")
    repeated = sorted(name for name, times in Counter(names).items() if times > 1)
    if repeated:
        raise ValueError(
            f"Passed more than once: {', '.join(repeated)}; the rows would count twice. Pass each connection "
            f"once"
        )
    return names
