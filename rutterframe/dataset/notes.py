"""Check the notes of refreshes: a note that was damaged is an error, and no figure is derived from it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from rutterframe.dataset.failures import DamagedError

#: The key of a refresh's note in the information of a commit.
NOTE = "rutterframe"

_Count = Annotated[int, Field(ge=0, lt=2**63)]


def _moment(text: str) -> str:
    """Check that a watermark is a time with a zone."""
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError("the time has no zone")
    return text


class _Strict(BaseModel):
    """A part of a note: what is not read from it is not checked."""

    model_config = ConfigDict(extra="ignore", strict=True)


class _Entry(_Strict):
    """The entry of one connection in a receipt."""

    complete: bool
    pages: _Count = 0
    rows: _Count = 0
    duplicates_dropped: _Count = 0
    rows_refused: _Count = 0


class _Receipt(_Strict):
    """What a dataset's receipt is combined from."""

    environment: str
    pages: _Count
    duplicates_dropped: _Count
    rows_refused: _Count
    refused: list[Any]
    started: str
    finished: str
    not_offered: list[str]
    per_connection: dict[str, _Entry]


class _Note(_Strict):
    """The note of a refresh."""

    connection_id: str
    receipt: dict[str, Any] = {}
    error: str = ""
    not_offered: bool = False
    is_removal: bool = False
    connections: list[str] = []
    fields: str = ""
    watermark: Annotated[str, AfterValidator(_moment)] | None = None
    added: _Count = 0
    changed: _Count = 0
    removed: _Count = 0
    stored: _Count = 0
    live: _Count | None = None


class _Dated(_Note):
    """A note in a summary."""

    version: _Count
    committed_at: _Count


def parse_note(info: Mapping[str, Any], version: int) -> dict[str, Any]:
    """Return the note in the information of a commit, with the version and time of the commit.

    Parameters
    ----------
    info : mapping
        The information of the commit.
    version : int
        Its version.

    Raises
    ------
    DamagedError
        If it is not as a refresh writes it.
    """
    text = info[NOTE]
    try:
        note: dict[str, Any] = json.loads(text) if isinstance(text, str) else {}
        _Note.model_validate(note)
    except ValidationError as error:
        raise DamagedError(_reason("note", f"of version {version}", error)) from None
    except (ValueError, RecursionError):
        raise DamagedError(f"the note of version {version} is not valid JSON") from None
    if "receipt" not in note and "error" not in note:
        raise DamagedError(f"the note of version {version} has neither receipt nor error")
    if "timestamp" not in info:
        raise DamagedError(f"version {version} has a note of a refresh, but no time")
    return {**note, "version": version, "committed_at": info["timestamp"]}


def check_dated_note(text: str, connection_id: str) -> dict[str, Any]:
    """Return a note of a summary, with the version and time of its commit.

    Parameters
    ----------
    text : str
        The note as JSON.
    connection_id : str
        The connection that the summary has it for.

    Raises
    ------
    DamagedError
        If it is not as a refresh writes it, or of another connection.
    """
    name = f"of connection {connection_id!r} in a summary"
    try:
        note: dict[str, Any] = json.loads(text)
        _Dated.model_validate(note)
    except ValidationError as error:
        raise DamagedError(_reason("note", name, error)) from None
    except (ValueError, RecursionError):
        raise DamagedError(f"the note {name} is not valid JSON") from None
    if note["connection_id"] != connection_id or not {"receipt", "error"} & note.keys():
        raise DamagedError(f"the note {name} is of another one, or has neither receipt nor error")
    return note


def check_receipt(note: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the receipt in a note, if it is complete enough to be combined with others.

    Parameters
    ----------
    note : mapping
        A note with a receipt.

    Raises
    ------
    DamagedError
        If it is not as a load writes it, or not of the connection of the note.
    """
    try:
        receipt = _Receipt.model_validate(note["receipt"])
    except ValidationError as error:
        raise DamagedError(_reason("receipt", f"of version {note['version']}", error)) from None
    if note["connection_id"] not in receipt.per_connection:
        raise DamagedError(
            f"the receipt of version {note['version']} is not of connection {note['connection_id']!r}"
        )
    return note["receipt"]  # type: ignore[no-any-return] # a mapping, as checked


def check_rows(note: Mapping[str, Any], rows: int | None) -> None:
    """Compare the rows of a connection with the number that its last refresh has stored.

    Parameters
    ----------
    note : mapping
        The note of the refresh; older ones have no number.
    rows : int or None
        The rows in the table, deleted ones included; None if it is not known.

    Raises
    ------
    DamagedError
        If they are more or fewer.
    """
    stored = note.get("stored", rows)
    if rows is not None and stored != rows:
        raise DamagedError(
            f"connection {note['connection_id']!r} has {rows:,} rows, and its last refresh stored {stored:,}"
            f": a part of the log is lost, or another program has written rows"
        )


def _reason(name: str, place: str, error: ValidationError) -> str:
    """Name the first part of a note that is not valid; the value is not quoted."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    path = ".".join(map(str, first["loc"])) or "all of it"
    return f"the {name} {place} is not valid: {path}: {first['msg']}"
