"""The result of create_many as a frame, and the earlier result to resume with."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from rutterframe.client.bulk.plan import Entry
from rutterframe.errors import InvalidDraft
from rutterframe.frames.text_dtype import TEXT_DTYPE

#: The columns of a result, all text.
COLUMNS = ("connection_id", "record", "status", "id", "error", "idempotency_key", "fingerprint")


#: What is known of a record.
STATUSES = ("valid", "invalid", "created", "skipped", "unknown")


def to_frame(entries: Sequence[Entry], connection_id: str, index: pd.Index) -> pd.DataFrame:
    """Return one row for each record, with the index of the frame that they came from."""
    rows = [
        (connection_id, entry.record, entry.status, entry.id, entry.error, entry.key, entry.fingerprint)
        for entry in entries
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS), index=index, dtype=TEXT_DTYPE)


def earlier_of(resume: pd.DataFrame | BaseException | None, connection_id: str) -> Mapping[str, Entry]:
    """Read an earlier result, or the exception that has one, by record.

    Raises
    ------
    InvalidDraft
        If it is not a result of `create_many`, of another connection, or damaged: a record that was created
        would be created again.
    """
    if resume is None:
        return {}
    result = getattr(resume, "partial", None) if isinstance(resume, BaseException) else resume
    if not isinstance(result, pd.DataFrame) or any((result.columns == name).sum() != 1 for name in COLUMNS):
        raise InvalidDraft(
            f"resume= is not a result of create_many but {type(resume).__name__}",
            hint="pass the frame that create_many returned, or the exception that it raised.",
        )
    # A result from a CSV file may have lost its types.
    texts = result[list(COLUMNS)].astype(TEXT_DTYPE)
    other_ids = set(texts["connection_id"]) - {connection_id}
    if other_ids:
        raise InvalidDraft(
            f"The result to resume is of connection {min(map(str, other_ids))!r}, not {connection_id!r}",
            hint="resume on the connection that it came from.",
        )
    entries: dict[str, Entry] = {}
    for row in texts.itertuples(index=False, name=None):
        _, record, status, *rest = (None if pd.isna(value) else str(value) for value in row)
        record_id, error, key, fingerprint = rest
        damage = _damage(record, status, entries)
        if damage:
            raise InvalidDraft(
                f"The result to resume is damaged: {damage}",
                hint="pass the frame as create_many returned it, or the exception that it raised.",
            )
        entries[str(record)] = Entry(str(record), str(status), record_id, error, key, fingerprint)
    return entries


def _damage(record: str | None, status: str | None, before: Collection[str]) -> str:
    """Return what is wrong with a row of a result; empty text if nothing is."""
    if record is None:
        return "it has a row without record"
    if record in before:
        return f"it has record {record!r} twice"
    if status not in STATUSES:
        return f"record {record!r} has the status {status!r} (expected {', '.join(STATUSES)})"
    return ""
