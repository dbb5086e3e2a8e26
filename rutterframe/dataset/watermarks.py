"""Decide from when to ask for changes: never past the server's clock, nor past what was seen."""

# pyarrow.compute makes its functions at run time, where pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

#: The filter that asks for changes, and the column of those resources that say when a record changed.
CHANGED_SINCE, UPDATED_AT = "updated_at_min", "updated_at"


class NewestChange:
    """The newest ``updated_at`` of the rows that came.

    Attributes
    ----------
    at : datetime or None
        The newest; None if no row says when it changed.
    """

    def __init__(self, at: datetime | None = None) -> None:
        self.at = at

    def see(self, table: pa.Table) -> None:
        """Look at some rows."""
        if UPDATED_AT not in table.column_names:
            return
        newest = pc.max(table[UPDATED_AT]).as_py()
        if newest is not None and (self.at is None or newest > self.at):
            self.at = newest


def watermark(
    *,
    has_updated_at: bool,
    newest: datetime | None,
    served: datetime | None,
    started: datetime,
) -> datetime | None:
    """Return until when all changes of a list are known; None if the whole list must be asked for again.

    Parameters
    ----------
    has_updated_at : bool
        Whether the resource's records say when they changed.
    newest : datetime or None
        The newest change that was ever seen.
    served : datetime or None
        When the first page was served, by the server's clock.
    started : datetime
        When the load began, by this machine's clock, which may be wrong: it never becomes the watermark.
        Where the server does not tell its time, the newest change is taken only if it is not ahead of this.

    Examples
    --------
    >>> from datetime import datetime
    >>> day = lambda number: datetime(2026, 6, number)
    >>> watermark(has_updated_at=True, newest=day(9), served=day(8), started=day(30))
    datetime.datetime(2026, 6, 8, 0, 0)
    """
    if not has_updated_at:
        return served
    if newest is None:
        return None
    if served is None:
        return newest if newest <= started else None
    return min(newest, served)
