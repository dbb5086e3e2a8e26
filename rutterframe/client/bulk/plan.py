"""What is to be sent, and what is not: each record checked, and compared with an earlier result."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from rutterframe.client.bulk.rows import Row
from rutterframe.errors import InvalidDraft
from rutterframe.models import Draft
from rutterframe.models.drafts import as_json, draft, in_words

_CHANGED = "its fields have changed since"


@dataclass(slots=True)
class Entry:
    """One record, and what became of it.

    Attributes
    ----------
    record : str
        What the frame calls it.
    status : str
        valid, invalid, created, skipped or unknown.
    id : str or None
        The id of the record that was created.
    error : str or None
        Why it was not, or not for sure.
    key : str or None
        Its Idempotency-Key, where the API takes one.
    fingerprint : str or None
        Stands for its fields: another one means other fields.
    written : Draft or None
        What to send; None where nothing is to be sent.
    """

    record: str
    status: str
    id: str | None = None
    error: str | None = None
    key: str | None = None
    fingerprint: str | None = None
    written: Draft | None = None


def plan(
    rows: Sequence[Row],
    model: type[Draft],
    *,
    repeatable: bool,
    earlier: Mapping[str, Entry],
    send_again: Collection[object] = (),
) -> list[Entry]:
    """Check every record, and decide whether it is to be sent.

    Parameters
    ----------
    rows : sequence of Row
        The records.
    model : type of Draft
        What they have to be.
    repeatable : bool
        Whether the API takes an Idempotency-Key for them.
    earlier : mapping of str to Entry
        What became of them before.
    send_again : collection
        Those of unknown outcome that the user wants to be sent again.

    Raises
    ------
    InvalidDraft
        If the earlier result is of other records, or a record is to be sent again that is not unknown.
    """
    known = {row.record for row in rows}
    strangers = [record for record in earlier if record not in known]
    if strangers:
        raise InvalidDraft(
            f"The result to resume has a record {strangers[0]!r} that the frame has not",
            hint="resume with the frame, and the key=, that the result came from.",
        )
    again = {str(record) for record in send_again}
    refused = [name for name in again if name not in earlier or earlier[name].status != "unknown"]
    if refused:
        raise InvalidDraft(
            f"send_again= names {refused[0]!r}, whose outcome is not unknown",
            hint="name records whose status in resume= is 'unknown'.",
        )
    return [_decide(_checked(row, model), earlier.get(row.record), repeatable, again) for row in rows]


def _checked(row: Row, model: type[Draft]) -> Entry:
    try:
        written = draft(model, row.fields)
    except InvalidDraft as error:
        return Entry(row.record, "invalid", error="; ".join(map(in_words, error.refused)))
    # With a prefix no reader of CSV takes it for a number.
    fingerprint = "sha256:" + hashlib.sha256(as_json(written).encode()).hexdigest()[:16]
    return Entry(row.record, "valid", fingerprint=fingerprint, written=written)


def _decide(entry: Entry, before: Entry | None, repeatable: bool, again: Collection[str]) -> Entry:
    same = before is not None and before.fingerprint == entry.fingerprint
    if before is not None and before.id is not None:
        changed = None if same else f"created before; {_CHANGED}, and were not sent"
        return Entry(entry.record, "skipped", before.id, changed, before.key, before.fingerprint)
    if before is not None and before.status == "unknown" and entry.record not in again:
        if not repeatable:
            return before
        if not same:
            told = f"{before.error}; {_CHANGED}: send the former ones again, or name it in send_again="
            return Entry(entry.record, "unknown", None, told, before.key, before.fingerprint)
        entry.status, entry.error = "unknown", before.error
    if repeatable and entry.written is not None:
        # A key belongs to its fields, and a refusal may be remembered with it: then a new one is due.
        keep = before is not None and same and before.status in {"valid", "unknown"}
        entry.key = before.key if before is not None and keep else None
        entry.key = entry.key or str(uuid.uuid4())
    return entry
