"""Where something happened, and which field it was: what every error is told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ErrorContext:
    """Where something happened; unknown parts are None.

    Attributes
    ----------
    connection_id, resource : str or None
        What was being read.
    pages, rows : int or None
        How much had been read until then.
    request_id : str or None
        The API's id of the failed request, for its support.
    """

    connection_id: str | None = None
    resource: str | None = None
    pages: int | None = None
    rows: int | None = None
    request_id: str | None = None

    def __str__(self) -> str:
        """Say it in words, leaving out what is not known."""
        parts = []
        if self.connection_id is not None:
            parts.append(f"connection {self.connection_id!r}")
        if self.resource is not None:
            parts.append(f"resource {self.resource!r}")
        if self.pages is not None:
            parts.append(f"after {_counted(self.pages, 'page')} and {_counted(self.rows or 0, 'row')}")
        if self.request_id is not None:
            parts.append(f"request id {self.request_id}")
        return ", ".join(parts)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that cannot be read without guessing.

    Attributes
    ----------
    record_id : str or None
        The row's id, where it has a readable one.
    field : str
        The field, such as ``line_items[0].quantity``; empty for the row itself.
    value, reason : str
        What was sent, shortened, and why it cannot be read.
    """

    record_id: str | None
    field: str
    value: str
    reason: str

    def __str__(self) -> str:
        """Say it in one line."""
        name = "a record without id" if self.record_id is None else f"record {self.record_id!r}"
        return f"{name}, {self.field or 'the row itself'}: {self.reason}, got {self.value}"
