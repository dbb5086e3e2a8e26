"""Maintain the tables of a dataset: merge small files, and delete those of old versions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial

from deltalake import DeltaTable
from pyarrow.fs import FileSelector

from rutterframe.dataset.failures import plain_errors
from rutterframe.dataset.log import table_files
from rutterframe.dataset.tables import retry_commit

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
#: Two hundred years, in hours: deltalake cannot subtract more from its clock.
_MAX_HOURS = 200 * 366 * 24
_CHECKPOINT = re.compile(r"/\d{20}\.checkpoint\.parquet$")


def compact(root: str, openers: Iterable[Callable[[], DeltaTable]]) -> None:
    """Merge the small files of tables; no version is lost.

    Parameters
    ----------
    root : str
        The folder or address of the dataset.
    openers : iterable of callable
        Each opens the newest version of a table: again, where another process has committed meanwhile.
    """

    def merge_files(open_newest: Callable[[], DeltaTable]) -> None:
        open_newest().optimize.compact()

    with plain_errors(root):
        for open_newest in openers:
            retry_commit(partial(merge_files, open_newest))


def vacuum(root: str, tables: Iterable[DeltaTable], keep: timedelta) -> int:
    """Delete the files of versions that are older than a period, and return their number.

    Parameters
    ----------
    root : str
        The folder or address of the dataset.
    tables : iterable of DeltaTable
        Its tables.
    keep : timedelta
        How far back versions stay readable, rounded up to whole hours.

    Raises
    ------
    ValueError
        If the period is negative.
    TypeError
        If it is not a timedelta.
    """
    if not isinstance(keep, timedelta):
        raise TypeError(f"keep={keep!r} is not a timedelta (expected one such as timedelta(days=30))")
    if keep < timedelta(0):
        raise ValueError(f"keep={keep} is negative: name how far back versions stay readable")
    hours = min(keep // _HOUR + bool(keep % _HOUR), _MAX_HOURS)
    with plain_errors(root):
        return sum(_vacuum(table, hours, full=keep >= _DAY) for table in tables)


def _vacuum(table: DeltaTable, hours: int, *, full: bool) -> int:
    checkpoints = _superseded_checkpoints(table, datetime.now(UTC) - timedelta(hours=max(hours, 1)))
    files = table_files(table)
    for path in checkpoints:
        with suppress(FileNotFoundError):  # of another vacuum at the same time
            files.delete_file(path)
    deleted = table.vacuum(retention_hours=hours, dry_run=False, enforce_retention_duration=False, full=full)
    return len(checkpoints) + len(deleted)


def _superseded_checkpoints(table: DeltaTable, before: datetime) -> list[str]:
    """Return the checkpoints that no younger version is read from, by path.

    A version is read from the newest checkpoint before it. Without one it is read from the commits alone,
    which stay: a version of which no file was deleted can still be read.
    """
    listed = table_files(table).get_file_info(FileSelector("_delta_log"))
    old = [
        info.path
        for info in listed
        if _CHECKPOINT.search(info.path) and info.mtime_ns <= before.timestamp() * 1e9
    ]
    return sorted(old)[:-1]
