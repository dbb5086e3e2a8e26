"""The context of errors: connection, resource, progress; and the rows that cannot be read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ErrorContext:
    """The context of an error; unknown parts are None.

    Attributes
    ----------
    connection_id, resource : str or None
        The connection and the resource of the request.
    pages, rows : int or None
        How much had been read before the error.
    request_id : str or None
        The API's id of the failed request, for its support.
    """

    connection_id: str | None = None
    resource: str | None = None
    pages: int | None = None
    rows: int | None = None
    request_id: str | None = None

    @property
    def ids(self) -> dict[str, str | None]:
        """The connection and the resource, as fields of a line in a log."""
        return {"connection_id": self.connection_id, "resource": self.resource}

    def __str__(self) -> str:
        """Describe the known parts in one line."""
        parts = []
        if self.connection_id is not None:
            parts.append(f"connection {self.connection_id!r}")
        if self.resource is not None:
            parts.append(f"resource {self.resource!r}")
        if self.pages is not None:
            parts.append(f"after {_count(self.pages, 'page')} and {_count(self.rows or 0, 'row')}")
        if self.request_id is not None:
            parts.append(f"request id {self.request_id}")
        return ", ".join(parts)


def _count(number: int, noun: str) -> str:
    """Write a number with its noun in the singular or plural."""
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
        The value that was sent, shortened, and the reason why it cannot be read.
    """

    record_id: str | None
    field: str
    value: str
    reason: str

    def __str__(self) -> str:
        """Describe the row in one line."""
        name = "a record without id" if self.record_id is None else f"record {self.record_id!r}"
        return f"{name}, {self.field or 'the row itself'}: {self.reason}, got {self.value}"
