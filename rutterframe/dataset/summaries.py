"""The newest notes of all connections in one commit, so that the log need not be read to its beginning.

A summary is written rarely, and each of its notes is parsed when it is first used: a refresh of one
connection among ten thousand needs its own.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Collection, Iterator, Mapping, MutableMapping
from typing import Any

from rutterframe.dataset.failures import DamagedError
from rutterframe.dataset.notes import check_dated_note

#: The key of a summary in the information of a commit.
SUMMARY = "rutterframe.notes"
#: The most bytes of a summary, and how hard it is compressed: its notes are much alike.
_MAX_BYTES, _LEVEL = 1 << 30, 1
_READ, _FAILED = "read", "failed"


class Notes(MutableMapping[str, dict[str, Any]]):
    """The newest note of each connection, by its id.

    Examples
    --------
    >>> notes = Notes()
    >>> notes["books"] = {"connection_id": "books", "version": 1, "committed_at": 0, "receipt": {}}
    >>> len(notes), notes["books"]["version"]
    (1, 1)
    """

    def __init__(self) -> None:
        # Those of a summary are text until they are used.
        self._notes: dict[str, dict[str, Any] | str] = {}

    def __getitem__(self, connection_id: str) -> dict[str, Any]:
        """Return the note of a connection; raise a DamagedError if it is not as a refresh writes it."""
        note = self._notes[connection_id]
        if isinstance(note, str):
            note = check_dated_note(note, connection_id)
            self._notes[connection_id] = note
        return note

    def __setitem__(self, connection_id: str, note: dict[str, Any]) -> None:
        """Replace the note of a connection."""
        self._notes[connection_id] = note

    def __delitem__(self, connection_id: str) -> None:
        """Remove the note of a connection."""
        del self._notes[connection_id]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the ids."""
        return iter(self._notes)

    def __len__(self) -> int:
        """Return the number of notes."""
        return len(self._notes)

    def __contains__(self, connection_id: object) -> bool:
        """Return whether there is a note of a connection; it is not parsed."""
        return connection_id in self._notes

    def set_text(self, connection_id: str, text: str) -> None:
        """Replace the note of a connection by one that is not parsed yet."""
        self._notes[connection_id] = text

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield each id and its note as JSON."""
        for connection_id, note in self._notes.items():
            yield connection_id, note if isinstance(note, str) else json.dumps(note)


def write_summary(read: Notes, failures: Notes, requested: Collection[str], *, without: str | None) -> str:
    """Return a summary as text.

    Parameters
    ----------
    read, failures : Notes
        The newest note of each connection that was read, and the newest failure of those that were not since.
    requested : collection of str
        Other connections that were requested.
    without : str or None
        A connection that is left out, since the commit itself has its newest note.
    """
    lines = [json.dumps(sorted(requested))]
    for kind, notes in ((_READ, read), (_FAILED, failures)):
        lines += (f"{json.dumps(name)}\t{kind}\t{text}" for name, text in notes.texts() if name != without)
    return base64.b64encode(zlib.compress("\n".join(lines).encode(), _LEVEL)).decode()


def parse_summary(info: Mapping[str, Any], version: int) -> tuple[Notes, Notes, set[str]]:
    """Return what was passed to `write_summary`, from the information of a commit.

    Raises
    ------
    DamagedError
        If it is not as `write_summary` returns it; a note that is not is an error when it is used.
    """
    notes = {_READ: Notes(), _FAILED: Notes()}
    try:
        unpacker = zlib.decompressobj()
        content = unpacker.decompress(base64.b64decode(info[SUMMARY], validate=True), _MAX_BYTES)
        if not unpacker.eof:
            raise ValueError("it ends too early")  # noqa: TRY301 - the checksum at its end is missing
        first, *lines = content.decode().split("\n")
        requested = json.loads(first)
        if type(requested) is not list or any(type(name) is not str for name in requested):
            raise TypeError("the requested connections are not texts")  # noqa: TRY301
        for line in lines:
            name, kind, text = line.split("\t")
            notes[kind].set_text(json.loads(name), text)
    except (TypeError, ValueError, LookupError, RecursionError, zlib.error) as error:
        reason = f"the summary of version {version} is not valid ({type(error).__name__})"
        raise DamagedError(reason) from None
    return notes[_READ], notes[_FAILED], set(requested)
