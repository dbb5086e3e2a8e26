"""What became of each record, as a frame: to be read, kept, and given back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from rutterframe.client.bulk.plan import Entry
from rutterframe.errors import InvalidDraft

#: The columns of a result, all text.
COLUMNS = ("connection_id", "record", "status", "id", "error", "idempotency_key", "fingerprint")


def to_frame(entries: Sequence[Entry], connection_id: str, index: pd.Index) -> pd.DataFrame:
    """Give one row for each record, with the index of the frame that they came from."""
    rows = [
        (connection_id, entry.record, entry.status, entry.id, entry.error, entry.key, entry.fingerprint)
        for entry in entries
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS), index=index, dtype="str")


def earlier_of(resume: pd.DataFrame | BaseException | None, connection_id: str) -> Mapping[str, Entry]:
    """Read a result, or the exception that carries one.

    Raises
    ------
    InvalidDraft
        If it is no result of `create_many`, or of another connection.
    """
    if resume is None:
        return {}
    result = getattr(resume, "partial", None) if isinstance(resume, BaseException) else resume
    if not isinstance(result, pd.DataFrame) or not set(COLUMNS) <= set(result.columns):
        raise InvalidDraft(
            f"resume= is no result of create_many but {type(resume).__name__}",
            hint="give the frame that create_many returned, or the exception that it raised.",
        )
    # A result that was kept as CSV may have lost its types.
    texts = result[list(COLUMNS)].astype("str")
    others = set(texts["connection_id"]) - {connection_id}
    if others:
        raise InvalidDraft(
            f"The result to resume is of connection {min(map(str, others))!r}, not {connection_id!r}",
            hint="resume on the connection that it came from.",
        )
    found = {}
    for row in texts.itertuples(index=False, name=None):
        _, record, status, *rest = (None if pd.isna(value) else str(value) for value in row)
        record_id, error, key, fingerprint = rest
        found[str(record)] = Entry(str(record), str(status), record_id, error, key, fingerprint)
    return found
