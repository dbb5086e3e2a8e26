"""Deletions that the live service lists as events, since its other lists leave deleted records out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyarrow as pa

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
