"""Deletions that the live service lists as events, since its other lists leave deleted records out."""

# pyarrow.compute creates its functions at run time, so that pyright does not know them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from rutterframe.dataset.bucket_merge import MergedRows
from rutterframe.dataset.merge import DELETED
from rutterframe.dataset.spool import Spool
from rutterframe.dialects.live_objects import resources_of


def deleted_ids(events: Iterable[pa.Table], platform: str | None) -> Mapping[str, frozenset[str]]:
    """Return the ids of deleted records by resource.

    Parameters
    ----------
    events : iterable of pyarrow.Table
        Events, with ``resource``, ``record_id`` and ``id``: the service does not say which of the two ids is
        the record's, so both count.
    platform : str or None
        The connection's platform.
    """
    ids: dict[str, set[str]] = {}
    for table in events:
        for event in table.select(["resource", "record_id", "id"]).to_pylist():
            for resource in resources_of([event["resource"] or ""], platform):
                ids.setdefault(resource, set()).update(filter(None, (event["record_id"], event["id"])))
    return {resource: frozenset(names) for resource, names in ids.items()}


def mark_deleted(merged: MergedRows, ids: Collection[str], loaded: Spool, now: datetime) -> MergedRows:
    """Mark rows as deleted, and count them.

    Parameters
    ----------
    merged : MergedRows
        The rows of one connection; their spool is closed.
    ids : collection of str
        The ids of deleted records.
    loaded : Spool
        The rows that were just loaded: a record that the list still has is not deleted.
    now : datetime
        The time of deletion.
    """
    current = {name for table in loaded.read() for name in table.column("id").to_pylist()} if ids else set()
    wanted = pa.array(sorted(set(ids) - current), pa.large_string())
    if not len(wanted):
        return merged
    spool = Spool()
    try:
        for table in merged.spool.read():
            position = table.schema.get_field_index(DELETED)
            deleted = table.column(position)
            is_deleted = pc.and_(pc.is_in(table.column("id"), value_set=wanted), pc.is_null(deleted))
            count = pc.sum(is_deleted).as_py() or 0
            if count:
                marked = pc.if_else(is_deleted, pa.scalar(now, deleted.type), deleted)
                table = table.set_column(position, table.schema.field(position), marked)  # noqa: PLW2901
            merged.removed += count
            merged.live -= count
            spool.append(table)
    except BaseException:
        spool.close()
        raise
    merged.spool.close()
    merged.spool = spool
    return merged
