"""Two frames of one resource, then and now: what came, what is different, what vanished."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from rutterframe.dataset.merge import differences

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
    then, now = (frame[frame["id"].notna()].reset_index(drop=True) for frame in (before, after))
    place = pd.MultiIndex.from_frame(then[_KEYS]).get_indexer(pd.MultiIndex.from_frame(now[_KEYS]))
    both = np.flatnonzero(place >= 0)
    values = [name for name in after.columns if name not in _KEYS]
    old, new = then.iloc[place[both]], now.iloc[both]
    fields = np.full(len(both), "", dtype=object)
    for name in values:
        differs = differences(_arrow(old[name]), _arrow(new[name])) == 1
        fields[differs] += np.where(fields[differs] == "", name, ", " + name)
    changed = fields != ""
    gone = np.setdiff1d(np.arange(len(then)), place)
    parts = [
        _side_by_side("added", now.iloc[place < 0], then.iloc[:0], None),
        _side_by_side("changed", new[changed], old[changed], fields[changed]),
        _side_by_side("removed", then.iloc[gone], then.iloc[gone], None),
    ]
    return pd.concat(parts, ignore_index=True).sort_values(_KEYS, kind="stable", ignore_index=True)


def _side_by_side(
    change: str, rows: pd.DataFrame, before: pd.DataFrame, fields: np.ndarray | None
) -> pd.DataFrame:
    past = before.drop(columns=_KEYS).add_suffix("_before")
    past = past.set_axis(rows.index) if len(past) else past.reindex(rows.index)
    what = pd.DataFrame({"change": change, "fields": "" if fields is None else fields}, index=rows.index)
    joined = pd.concat([rows[_KEYS], what.astype("str"), rows.drop(columns=_KEYS), past], axis="columns")
    joined.attrs = {}
    return joined


def _arrow(column: pd.Series) -> pa.ChunkedArray:
    array = pa.array(column, from_pandas=True)
    return array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])
