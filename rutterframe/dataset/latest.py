"""The number of the newest version of a table, beside its log: so that a log without its end is noticed.

A log from which the newest commits were removed, as by an incomplete copy, looks as it did before them. So
the newest version is also noted in a file, which neither deltalake nor a vacuum touches: in a folder at each
commit, at an address, where a file takes three requests, at the end of a refresh.
"""

from __future__ import annotations

from contextlib import suppress

from rutterframe.dataset.failures import DamagedError
from rutterframe.dataset.small_files import SmallFiles

# Delta ignores what begins with an underscore.
_NAME = "_rutterframe_latest"
#: The most digits of a version.
_DIGITS = 19


def latest_file(resource: str) -> tuple[str, int]:
    """Return the name of the note of a table, and its size at an address."""
    return f"{resource}/{_NAME}", _DIGITS + 1


def note_latest(files: SmallFiles, resource: str, version: int) -> None:
    """Note the newest version of a table; a smaller one than another process has noted is not.

    Nothing is raised: the commit is there already. The file is written as it stands, since of two processes
    that write it at once each writes a whole line, and an empty file counts as none.
    """
    with suppress(OSError):
        if version > noted_version(files, resource):
            files.write(latest_file(resource)[0], b"%d\n" % version)


def refuse_removed(root: str, resource: str, version: int, noted: int) -> None:
    """Compare the newest version of a log with the note.

    Parameters
    ----------
    root : str
        The folder or address of the dataset.
    resource : str
        The table.
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
            f"the log of {resource} ends with version {version}, but {noted} was written: its newest "
            f"commits are missing, as after an incomplete copy. To go on with version {version} all the "
            f"same, delete {root.rstrip('/')}/{latest_file(resource)[0]}"
        )


def noted_version(files: SmallFiles, resource: str) -> int:
    """Return the version in the note; -1 without a note that can be read."""
    text = files.read(latest_file(resource)[0]).partition(b"\n")[0]
    return int(text) if text.isdigit() and len(text) <= _DIGITS else -1
