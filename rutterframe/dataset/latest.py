"""The number of the newest version of a table, beside its log: so that a log without its end is noticed.

A log from which the newest commits were removed, as by an incomplete copy, looks as it did before them. So
each commit to a folder is also noted in a file, which neither deltalake nor a vacuum touches. An address has
no such file, since it would take another request for each table.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from rutterframe.dataset.failures import DamagedError

# Delta ignores what begins with an underscore.
_NAME = "_rutterframe_latest"
_MAX_DIGITS = 20


def note_latest(folder: Path, version: int) -> None:
    """Note the newest version of the table in a folder; a smaller one than before is not noted.

    Nothing is raised: the commit is there already. The file is written as it stands, since of two processes
    that write it at once each writes a whole line, and an empty file counts as none.
    """
    if version > noted_version(folder):
        with contextlib.suppress(OSError):
            (folder / _NAME).write_bytes(b"%d\n" % version)


def refuse_removed(folder: Path, version: int, noted: int) -> None:
    """Compare the newest version of a log with the note.

    Parameters
    ----------
    folder : Path
        The folder of the table.
    version : int
        The newest version in its log.
    noted : int
        What `noted_version` returned before the log was read: another process may have committed since.

    Raises
    ------
    DamagedError
        If the log ends before the version that was noted.
    """
    if noted > version:
        raise DamagedError(
            f"the log of {folder.name} ends with version {version}, but {noted} was written: its newest "
            f"commits are missing, as after an incomplete copy. To go on with version {version} all the "
            f"same, delete {folder / _NAME}"
        )


def noted_version(folder: Path) -> int:
    """Return the version in the note; -1 without a note that can be read."""
    try:
        text = (folder / _NAME).read_bytes().partition(b"\n")[0]
    except OSError:
        return -1
    return int(text) if text.isdigit() and len(text) < _MAX_DIGITS else -1
