"""Describe each list of a dataset: when it was last read to its end, its rows, and what is missing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import pandas as pd
from deltalake import DeltaTable

from rutterframe.dataset.commits import Refreshes, check_connections, refreshes, stored_rows
from rutterframe.dataset.failures import DamagedError
from rutterframe.dataset.notes import check_receipt, check_rows
from rutterframe.frames.text_dtype import TEXT_DTYPE

#: The columns, and their dtypes.
DTYPES: dict[str, Any] = {
    "connection_id": TEXT_DTYPE,
    "resource": TEXT_DTYPE,
    "status": TEXT_DTYPE,
    "last_success": "datetime64[us, UTC]",
    "last_attempt": "datetime64[us, UTC]",
    "rows": "Int64",
    "complete": "boolean",
    "error": TEXT_DTYPE,
}
_MOMENTS = ("last_success", "last_attempt")
#: How many of the rows that were set aside an error names.
_NAMED_ROWS = 3
_NEVER = "never read to its end"
_NOT_REQUESTED = (
    "not requested any more, since its platform does not have it; the rows are of an earlier refresh"
)


def status_of_tables(tables: Mapping[str, DeltaTable]) -> pd.DataFrame:
    """Return the status of tables, by resource; of lists that cannot be loaded it is "damaged"."""
    read = [(resource, refreshes(table)) for resource, table in tables.items()]
    return status_frame(
        read, {resource: _damages(known, stored_rows(tables[resource])) for resource, known in read}
    )


def status_frame(
    tables: Iterable[tuple[str, Refreshes]], damages: Mapping[str, Mapping[str, str]] | None = None
) -> pd.DataFrame:
    """Return a row for each connection and resource, by connection.

    Parameters
    ----------
    tables : iterable of (str, Refreshes)
        The resources, in the order of the rows of a connection, and what refreshes have read of them.
    damages : mapping of str to mapping of str to str, optional
        By resource and connection, why the rows cannot be loaded.
    """
    known = damages or {}
    rows = [row for resource, read in tables for row in _rows(resource, read, known.get(resource, {}))]
    rows.sort(key=lambda row: row["connection_id"])
    frame = pd.DataFrame(rows, columns=list(DTYPES))
    for name in _MOMENTS:
        frame[name] = pd.to_datetime(frame[name], unit="ms", utc=True)
    return frame.astype(DTYPES)


def _damages(read: Refreshes, stored: Mapping[str, int | None]) -> dict[str, str]:
    """Return why connections cannot be loaded: by the log, their rows are not those that were stored."""
    try:
        check_connections(read, stored)
    except DamagedError as error:  # none of the table can be
        return dict.fromkeys((*_requested(read), *stored), _sentence(error))
    result = {}
    for name, note in read.read.items():
        try:
            check_rows(note, stored.get(name, 0))
        except DamagedError as error:
            result[name] = _sentence(error)
    return result


def _sentence(error: DamagedError) -> str:
    return f"{error}\nNext: {error.hint}"


def _requested(read: Refreshes) -> Collection[str]:
    return dict.fromkeys((*read.read, *read.failures, *read.missing))


def _rows(resource: str, read: Refreshes, damages: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield what is known of the list of each connection that was requested, or has rows."""
    for name in dict.fromkeys((*_requested(read), *damages)):
        note, failure = read.read.get(name), read.failures.get(name)
        row = {"rows": None, "complete": False} if note is None else _of_success(name, note)
        if failure is not None:
            row |= _of_failure(failure, row)
        elif note is None:
            row |= {"status": "never refreshed", "error": _NEVER}
        if name in damages:
            row |= {"status": "damaged", "rows": None, "complete": False, "error": damages[name]}
        yield {"connection_id": name, "resource": resource, **row}


def _of_success(connection_id: str, note: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the newest refresh that read a list states of it."""
    receipt = check_receipt(note)
    entry = receipt["per_connection"][connection_id]
    row = {"last_attempt": note["committed_at"], "rows": note.get("live"), "complete": entry["complete"]}
    if connection_id in receipt["not_offered"]:
        # It was not read: a last success would seem to be newer than the rows are.
        status, error = ("not offered", None) if entry["complete"] else ("incomplete", _NOT_REQUESTED)
        return {**row, "status": status, "error": error}
    row["last_success"] = note["committed_at"]
    return {**row, "status": "complete" if entry["complete"] else "incomplete", "error": _incomplete(receipt)}


def _of_failure(note: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a refresh states that could not read the list; rows of earlier ones are as they were."""
    status = "not offered" if note.get("not_offered") else "failed"
    rows = 0 if note.get("not_offered") else before["rows"]
    return {
        "status": status,
        "last_attempt": note["committed_at"],
        "rows": rows,
        "complete": False,
        "error": note["error"],
    }


def _incomplete(receipt: Mapping[str, Any]) -> str | None:
    """State why a list that was read is not complete; None if it is."""
    refused = receipt["rows_refused"]
    if refused:
        reasons = [_reason(one) for one in receipt["refused"][:_NAMED_ROWS] if isinstance(one, Mapping)]
        more = f"; and {refused - _NAMED_ROWS:,} more" if refused > _NAMED_ROWS else ""
        are = "row could not be read and is" if refused == 1 else "rows could not be read and are"
        return f"{refused:,} {are} set aside: {'; '.join(reasons)}{more}"
    if receipt.get("not_ready"):
        return "its first synchronisation with the platform has not ended"
    return None


def _reason(refusal: Mapping[str, Any]) -> str:
    """Describe a row that could not be read, as the refresh did."""
    record = refusal.get("record_id")
    name = "a record without id" if record is None else f"record {record!r}"
    return f"{name}, {refusal.get('field') or 'the row itself'}: {refusal.get('reason')}"
