"""Watermarks: the moment until which all changes of a list are known, never ahead of the server's clock."""

# pyarrow.compute creates its functions at run time, where pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

#: The column with the time of a change, by the filter that requests changes since a moment.
COLUMNS = {"updated_at_min": "updated_at", "last_synced_at_min": "last_synced_at"}


class NewestChange:
    """The newest time of a change in the rows of a load.

    Parameters
    ----------
    column : str
        The column with the time.

    Attributes
    ----------
    at : datetime or None
        The newest; None if no row has one.
    """

    def __init__(self, column: str = "updated_at") -> None:
        self.column = column
        self.at: datetime | None = None

    def update(self, table: pa.Table) -> None:
        """Take some more rows into account."""
        if self.column not in table.column_names:
            return
        newest = pc.max(table[self.column]).as_py()
        if newest is not None and (self.at is None or newest > self.at):
            self.at = newest


def watermark(
    *,
    has_updated_at: bool,
    newest: datetime | None,
    served: datetime | None,
    started: datetime,
) -> datetime | None:
    """Return the moment until which all changes of a list are known; None to request the whole list.

    Parameters
    ----------
    has_updated_at : bool
        Whether the resource's records have a time of their last change.
    newest : datetime or None
        The newest change of all loads.
    served : datetime or None
        The time of the first page, by the server's clock.
    started : datetime
        The start of the load, by this machine's clock, which may be wrong: it never becomes the watermark.
        Where the server does not send its time, the newest change is taken only if it is not ahead of this.

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
