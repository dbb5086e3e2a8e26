"""The plan of create_many: check each record, and compare it with an earlier result."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from rutterframe.client.bulk.rows import Row
from rutterframe.errors import InvalidDraft
from rutterframe.models import Draft
from rutterframe.models.drafts import describe_refusal, draft_to_json, validate_draft

_CHANGED = "its fields have changed since"


@dataclass(slots=True)
class Entry:
    """One record, and its result.

    Attributes
    ----------
    record : str
        Its name in the frame: its key, or its index.
    status : str
        valid, invalid, created, skipped or unknown.
    id : str or None
        The id of the record that was created.
    error : str or None
        The reason why it was not created, or is unknown.
    key : str or None
        Its Idempotency-Key, if the API takes one.
    fingerprint : str or None
        A hash of its fields: another one means other fields.
    draft : Draft or None
        The record to send; None if nothing is to be sent.
    """

    record: str
    status: str
    id: str | None = None
    error: str | None = None
    key: str | None = None
    fingerprint: str | None = None
    draft: Draft | None = None


def plan(
    rows: Sequence[Row],
    model: type[Draft],
    *,
    repeatable: bool,
    earlier: Mapping[str, Entry],
    send_again: Collection[object] = (),
) -> list[Entry]:
    """Check every record, and decide whether to send it.

    Parameters
    ----------
    rows : sequence of Row
        The records.
    model : type of Draft
        The model that checks them.
    repeatable : bool
        Whether the API takes an Idempotency-Key for them.
    earlier : mapping of str to Entry
        Their earlier results, by record.
    send_again : collection
        The records of unknown outcome to send again.

    Raises
    ------
    InvalidDraft
        If the earlier result has other records, or ``send_again`` one with an outcome that is known.
    """
    records = {row.record for row in rows}
    unknown = [record for record in earlier if record not in records]
    if unknown:
        raise InvalidDraft(
            f"The result to resume has a record {unknown[0]!r} that the frame has not",
            hint="resume with the frame, and the key=, that the result came from.",
        )
    again = {str(record) for record in send_again}
    settled = [name for name in again if name not in earlier or earlier[name].status != "unknown"]
    if settled:
        raise InvalidDraft(
            f"send_again= names {settled[0]!r}, but its outcome is not unknown",
            hint="name records with the status 'unknown' in resume=.",
        )
    return [_decide(_check(row, model), earlier.get(row.record), repeatable, again) for row in rows]


def _check(row: Row, model: type[Draft]) -> Entry:
    """Return a record as valid or invalid."""
    try:
        checked = validate_draft(model, row.fields)
    except InvalidDraft as error:
        return Entry(row.record, "invalid", error="; ".join(map(describe_refusal, error.refused)))
    # With a prefix no reader of CSV takes it for a number.
    fingerprint = "sha256:" + hashlib.sha256(draft_to_json(checked).encode()).hexdigest()[:16]
    return Entry(row.record, "valid", fingerprint=fingerprint, draft=checked)


def _decide(entry: Entry, before: Entry | None, repeatable: bool, again: Collection[str]) -> Entry:
    """Decide by an earlier result whether to send a record, and with which Idempotency-Key."""
    same = before is not None and before.fingerprint == entry.fingerprint
    # Also where its id was lost: a record that was created is never sent again.
    if before is not None and (before.id is not None or before.status in {"created", "skipped"}):
        changed = None if same else f"created before; {_CHANGED}, and were not sent"
        return Entry(entry.record, "skipped", before.id, changed, before.key, before.fingerprint)
    if before is not None and before.status == "unknown" and entry.record not in again:
        if not repeatable:
            return before
        if not same:
            reason = f"{before.error}; {_CHANGED}: send the former ones again, or name it in send_again="
            return Entry(entry.record, "unknown", None, reason, before.key, before.fingerprint)
        entry.status, entry.error = "unknown", before.error
    if repeatable and entry.draft is not None:
        # A key belongs to its fields, and the API may remember a refusal with it: then a new one is needed.
        reuse = before is not None and same and before.status in {"valid", "unknown"}
        entry.key = before.key if before is not None and reuse else None
        entry.key = entry.key or str(uuid.uuid4())
    return entry
