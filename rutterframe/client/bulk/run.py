"""Send record by record, so that the result of each is known at every moment."""

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

_MAX_LOST = 3

Send = Callable[[Draft, str | None], str]


def run(entries: Sequence[Entry], send: Send, result: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    """Send the records of a plan.

    Parameters
    ----------
    entries : sequence of Entry
        The records; the result of each is written into them.
    send : callable
        Creates a record with its key, and returns the id of the new record.
    result : callable
        Returns the frame of the results so far.

    Raises
    ------
    WriteInterrupted
        On Ctrl-C.
    RutterframeError
        If nothing more can be sent, with the result as its ``partial``: the credentials were refused, a limit
        was reached, the API does not respond, or three responses in a row were lost.
    """
    try:
        _send_all(entries, send)
    except KeyboardInterrupt:
        interrupted = _interrupted(entries, result())
    except BaseException as error:
        # Whatever it is: what was written is not forgotten, and can be resumed with it.
        vars(error)["partial"] = result()
        raise
    else:
        return result()
    raise interrupted


def _send_all(entries: Sequence[Entry], send: Send) -> None:
    lost_responses = 0
    for entry in entries:
        if entry.draft is None:
            continue
        # Unknown until the response is read: so the status is correct at every moment, also after Ctrl-C.
        entry.status, entry.error = "unknown", "sent, and interrupted before the response came"
        try:
            entry.id = send(entry.draft, entry.key)
        except OutcomeUnknown as error:
            entry.error = error.message
            lost_responses += 1
            if lost_responses == _MAX_LOST:
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
        lost_responses = 0


def _interrupted(entries: Sequence[Entry], partial: pd.DataFrame) -> WriteInterrupted:
    created = sum(entry.status == "created" for entry in entries)
    return WriteInterrupted(
        f"Interrupted after {created:,} of {len(entries):,} records were created. The result of each is in "
        "the exception's .partial (in a notebook: import sys; sys.last_value.partial); continue with "
        "create_many(..., resume=that).",
        partial,
    )
