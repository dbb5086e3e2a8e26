"""Compare two frames of one resource: the records that were added, changed and removed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from rutterframe.dataset.merge import differs
from rutterframe.frames.text_dtype import TEXT_DTYPE

_KEYS = ["connection_id", "id"]


def compare(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Compare the records of two frames by connection and id; rows without an id are left out.

    Parameters
    ----------
    before, after : pandas.DataFrame
        Frames of the same loader.

    Returns
    -------
    pandas.DataFrame
        As `Dataset.compare`.
    """
    left, right = (frame[frame["id"].notna()].reset_index(drop=True) for frame in (before, after))
    match = pd.MultiIndex.from_frame(left[_KEYS]).get_indexer(pd.MultiIndex.from_frame(right[_KEYS]))
    matched = np.flatnonzero(match >= 0)
    old, new = left.iloc[match[matched]], right.iloc[matched]
    fields = np.full(len(matched), "", dtype=object)
    for name in after.columns.difference(_KEYS, sort=False):
        different = differs(_arrow(old[name]), _arrow(new[name]))
        fields[different] += np.where(fields[different] == "", name, ", " + name)
    changed = fields != ""
    removed = left.iloc[np.setdiff1d(np.arange(len(left)), match)]
    parts = [
        _side_by_side("added", right.iloc[match < 0], left.iloc[:0], None),
        _side_by_side("changed", new[changed], old[changed], fields[changed]),
        _side_by_side("removed", removed, removed, None),
    ]
    return pd.concat(parts, ignore_index=True).sort_values(_KEYS, kind="stable", ignore_index=True)


def _side_by_side(
    change: str, rows: pd.DataFrame, before: pd.DataFrame, fields: np.ndarray | None
) -> pd.DataFrame:
    """Return rows with the kind of change, the fields that differ, and the columns as they were before."""
    past = before.drop(columns=_KEYS).add_suffix("_before")
    past = past.set_axis(rows.index) if len(past) else past.reindex(rows.index)
    kind = pd.DataFrame({"change": change, "fields": "" if fields is None else fields}, index=rows.index)
    joined = pd.concat([rows[_KEYS], kind.astype(TEXT_DTYPE), rows.drop(columns=_KEYS), past], axis="columns")
    joined.attrs = {}
    return joined


def _arrow(column: pd.Series) -> pa.ChunkedArray:
    array = pa.array(column, from_pandas=True)
    return array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])
