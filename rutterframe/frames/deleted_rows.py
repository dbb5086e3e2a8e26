"""Rows of a dataset's files and tables that were deleted upstream: they stay there, and count nowhere."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from rutterframe.frames.unread_results import refuse_unread_results

#: The columns that only a dataset's files and tables have: when a row was deleted, and its place.
DELETED, POSITION = "_deleted_at", "_position"


def check_folder_names(names: Collection[str]) -> None:
    """Check that a frame of a dataset's files has the connections, which are names of folders.

    Raises
    ------
    ValueError
        If it does not: which rows are of which connection is not known.
    """
    stored = [name for name in (POSITION, DELETED) if name in names]
    if stored and "connection_id" not in names:
        raise ValueError(
            f"The frame has {stored[0]!r} and no 'connection_id': these are files of a dataset, read without "
            f"the names of the folders. Read them with hive_schema={{'connection_id': pl.String}} in Polars, "
            f"hive_partitioning = true and hive_types_autocast = false in DuckDB, or basePath in Spark"
        )


def leave_out_deleted(frame: Any) -> Any:
    """Return the rows of a frame that were not deleted upstream; of a lazy frame nothing is read.

    Parameters
    ----------
    frame : DataFrame
        Of any engine, with or without the column ``_deleted_at``, or a narwhals frame of one; the result is
        of the same kind.

    Returns
    -------
    DataFrame
        The frame itself where none of its rows was deleted, as far as that is known without a query.

    Raises
    ------
    ValueError
        If it is of a dataset's files, read without the names of their folders.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"connection_id": "c", "id": ["1", "2"], "_deleted_at": [None, "2026-06-30"]})
    >>> leave_out_deleted(rows)["id"].tolist()
    ['1']
    """
    # Imported on first use: to load takes no narwhals.
    import narwhals.stable.v2 as nw  # noqa: PLC0415

    wrapped: Any = nw.from_native(frame, pass_through=False)
    with refuse_unread_results():
        names = wrapped.collect_schema().names()
    check_folder_names(names)
    if DELETED not in names:
        return frame
    if isinstance(wrapped, nw.DataFrame):
        is_current = wrapped[DELETED].is_null()
        if is_current.all():
            return frame
        current = wrapped.filter(is_current)
    else:
        current = wrapped.filter(nw.col(DELETED).is_null())
    return current if frame is wrapped else current.to_native()
