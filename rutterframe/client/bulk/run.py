"""Send record by record, so that at every moment it is known what became of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from rutterframe.client.bulk.plan import Entry
from rutterframe.errors import (
    BadRequest,
    OutcomeUnknown,
    PlatformError,
    PlatformRateLimitExceeded,
    RutterframeError,
    WriteInterrupted,
)
from rutterframe.models import Draft

_MOST_LOST = 3

Send = Callable[[Draft, str | None], str]


def run(entries: Sequence[Entry], send: Send, result: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    """Send what is to be sent.

    Parameters
    ----------
    entries : sequence of Entry
        The records; what becomes of each is noted there.
    send : callable
        Writes a record with its key, and gives the id of what was created.
    result : callable
        Gives the frame of what is known by now.

    Raises
    ------
    WriteInterrupted
        On Ctrl-C.
    RutterframeError
        If nothing more can be sent, with the result as its ``partial``: the credentials were refused, a limit
        was reached, nobody answers, or three answers in a row were lost.
    """
    try:
        _send_all(entries, send)
    except RutterframeError as error:
        error.partial = result()
        raise
    except KeyboardInterrupt:
        interrupted = _interrupted(entries, result())
    else:
        return result()
    raise interrupted


def _send_all(entries: Sequence[Entry], send: Send) -> None:
    lost = 0
    for entry in entries:
        if entry.written is None:
            continue
        # Until the answer is there nobody knows: so it is right at every moment, also after Ctrl-C.
        entry.status, entry.error = "unknown", "sent, and interrupted before the answer came"
        try:
            entry.id = send(entry.written, entry.key)
        except OutcomeUnknown as error:
            entry.error = error.message
            lost += 1
            if lost == _MOST_LOST:
                raise
            continue
        except RutterframeError as error:
            refused = isinstance(error, BadRequest | PlatformError)
            refused = refused and not isinstance(error, PlatformRateLimitExceeded)
            entry.status, entry.error = "invalid" if refused else "valid", error.message
            if not refused:
                raise
        else:
            entry.status, entry.error = "created", None
        lost = 0


def _interrupted(entries: Sequence[Entry], partial: pd.DataFrame) -> WriteInterrupted:
    created = sum(entry.status == "created" for entry in entries)
    return WriteInterrupted(
        f"Interrupted after {created:,} of {len(entries):,} records were created. What became of each is in "
        "the exception's .partial (in a notebook: import sys; sys.last_value.partial); go on with "
        "create_many(..., resume=that).",
        partial,
    )
