"""Errors of reading and writing a dataset: with the table, what is wrong, and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa
from deltalake.exceptions import CommitFailedError, DeltaError, DeltaProtocolError

from rutterframe.storage.errors import store_problem

#: The hint of an error of writing.
WRITING = (
    "check that the folder can be written and the disk has free space, and refresh again; "
    "the last good version is as it was."
)
#: The hint of an error of reading a log.
BROKEN = (
    "check that it can be read; where its log is broken, restore the folder from a copy, or refresh into "
    "another folder."
)
_BUSY = (
    "other processes commit to it at the same time: refresh again when they are done; "
    "the last good version is as it was."
)
#: The hint of a damaged log, note or file.
DAMAGED = "restore the folder from a copy, or refresh into another folder."
_NEWER = 'upgrade deltalake (pip install -U "rutterframe[dataset]"), or refresh into another folder.'

_DECORATION = re.compile(r"\x1b\[[0-9;]*m|\u21b3")


class DamagedError(OSError):
    """A log, a note or a file of a dataset is damaged; an OSError for callers.

    Parameters
    ----------
    reason : str
        What is damaged, and how.
    hint : str
        What to do about it.
    """

    def __init__(self, reason: str, hint: str = DAMAGED) -> None:
        super().__init__(reason)
        self.hint = hint


@contextmanager
def plain_errors(root: str, hint: str = WRITING) -> Iterator[None]:
    """Raise errors of reading and writing as an OSError with a plain reason and the next step.

    Parameters
    ----------
    root : str
        The folder or address of the dataset.
    hint : str
        What to do about an error that does not say it by its kind.

    Raises
    ------
    OSError
        If the block raises one, or an error of deltalake or Arrow.
    """
    try:
        yield
    except MemoryError:
        raise  # Arrow's own is an ArrowException as well
    except (DeltaError, OSError, pa.ArrowException) as error:
        if str(error).startswith(f"The dataset at {root} cannot be used: "):
            raise  # already in this form
        problem = store_problem(error, root)
        if problem is not None:
            next_step = problem.hint or (DAMAGED if hint == WRITING else hint)
            raise OSError(
                f"The dataset at {root} cannot be used: {problem.reason}\nNext: {next_step}"
            ) from None
        # deltalake returns its errors as a tree with colours.
        lines = (_DECORATION.sub("", line).strip() for line in str(error).splitlines())
        reason = ": ".join(dict.fromkeys(line for line in lines if line and "<unknown>" not in line))
        raise OSError(
            f"The dataset at {root} cannot be used: {reason}\nNext: {_advice(error, hint)}"
        ) from None


def _advice(error: Exception, hint: str) -> str:
    """Return what to do about an error."""
    if isinstance(error, CommitFailedError):
        return _BUSY
    if isinstance(error, DeltaProtocolError):
        return _NEWER
    if isinstance(error, DamagedError):
        return error.hint
    # Arrow raises a plain OSError for a page that is not as it was written.
    damaged = isinstance(error, pa.ArrowException) or "CRC checksum" in str(error)
    return DAMAGED if damaged else hint
