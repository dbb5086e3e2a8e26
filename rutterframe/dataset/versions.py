"""Tabulate the versions of a table that refreshes and removals have written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from rutterframe.frames.text_dtype import TEXT_DTYPE

_COUNTS = ["added", "changed", "removed"]
_COLUMNS = ["version", "committed_at", "connection_id", *_COUNTS]


def table_of_versions(notes: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Return a row for each note with rows or a removal, in their order.

    Parameters
    ----------
    notes : iterable of mapping
        The notes of the commits, as `commits.notes` yields them.

    Returns
    -------
    pandas.DataFrame
        As `Dataset.versions` returns it.
    """
    read = [note for note in notes if "receipt" in note or note.get("is_removal")]
    frame = pd.DataFrame([[note.get(key) for key in _COLUMNS] for note in read], columns=_COLUMNS)
    frame["committed_at"] = pd.to_datetime(frame["committed_at"], unit="ms", utc=True)
    dtypes = dict.fromkeys(["version", *_COUNTS], "Int64") | {"connection_id": TEXT_DTYPE}
    return frame.astype({**dtypes, "committed_at": "datetime64[us, UTC]"})
