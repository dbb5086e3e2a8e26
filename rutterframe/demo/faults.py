"""Faults on demand: what a real API does on a bad day, told in advance by a plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from threading import Lock
from typing import Any

# Kinds whose answer takes the place of the page: one of them strikes at a time, the next on the next request.
REPLACING = {
    "429": "the API's rate limit, with Retry-After: `seconds` (without the header if negative)",
    "452": "the rate limit of the platform behind the API",
    "500": "an error of the server",
    "503": "the server is down for maintenance",
    "expired_cursor": "HTTP 400, CURSOR_EXPIRED; a first page, which needs no cursor, is served unchanged",
    "drop": "the connection is closed in the middle of the body",
    "truncate": "status 200 and a correct Content-Length, but the JSON is cut in half",
    "html": "status 200 and a page of HTML",
    "empty_page": "an extra page without rows, whose cursor goes on where the page would have begun",
}
# Kinds that alter a page; any number of them can meet on one.
ALTERING = {
    "slow": "the first byte comes after `seconds`",
    "repeat_cursor": "next_cursor is the cursor of the page just served",
    "moved_row": "from page 2 on, the last record of the page before comes first, with a newer updated_at",
    "null_row": "a null among the rows",
    "number_as_text": "a number of the first row is sent as text",
    "float_count": "quantities and inventory counts are sent as 3.0",
    "unknown_enum": "the first row has a status or type that nobody has heard of",
    "unknown_fields": "every row has an extra scalar and an extra nested field",
    "missing_fields": "fields are left out of every row (which ones: api/alterations.py)",
    "nine_digit_fractions": "date-times end in .123456789Z",
    "no_zone": "date-times come without the Z",
}
KINDS = {**REPLACING, **ALTERING}
OPERATIONS = ("list", "retrieve", "write")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a plan.

    Parameters
    ----------
    kind
        A key of `KINDS`.
    resource
        A list key such as "invoices", "bank_accounts" or "connections"; "*" for all.
    page
        The page of a walk that is struck, from 1; 0 for every page. Retrieving and writing count as page 1.
    times
        How often the fault strikes at a place (connection, resource, page) before it goes away; 0 for ever.
    connection
        A connection's id; "*" for all.
    seconds
        The value of Retry-After, or the delay of "slow".
    operation
        "list", "retrieve" or "write". Of the altering kinds only "slow" strikes outside lists. After an error
        nothing is written; "drop", "truncate" and "html" spoil the answer of a write that was done.

    Raises
    ------
    ValueError
        The kind is unknown, or a number makes no sense.
    """

    kind: str
    resource: str = "*"
    page: int = 1
    times: int = 1
    connection: str = "*"
    seconds: float = 0.0
    operation: str = "list"

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind of fault {self.kind!r}; known are {', '.join(KINDS)}")
        if self.operation not in OPERATIONS:
            raise ValueError(f"unknown operation {self.operation!r}; known are {', '.join(OPERATIONS)}")
        for name in ("page", "times"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 0:
                raise ValueError(f"{name} must be a whole number from 0, not {value!r}")
        for name in ("resource", "connection"):
            if not isinstance(getattr(self, name), str):
                raise ValueError(f"{name} must be text, not {getattr(self, name)!r}")
        seconds: object = self.seconds
        if not isinstance(seconds, int | float) or isinstance(seconds, bool):
            raise ValueError(f"seconds must be a number, not {seconds!r}")
        if self.kind == "slow" and self.seconds < 0:
            raise ValueError(f"seconds of a slow page must not be negative, but are {self.seconds}")

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Fault:
        """Return the fault that a JSON object describes; ValueError names what is wrong with it."""
        known = [field.name for field in fields(cls)]
        if unknown := sorted(set(record) - set(known)):
            raise ValueError(f"unknown field {unknown[0]!r} of a fault; known are {', '.join(known)}")
        if "kind" not in record:
            raise ValueError(f"a fault needs a kind; known are {', '.join(KINDS)}")
        return cls(**record)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request is: what strikes is decided by this."""

    resource: str
    connection: str
    page: int = 1
    operation: str = "list"


class FaultPlan:
    """The faults of a server, and how often each has struck where. Safe to use from several threads."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self.faults = tuple(faults)
        self._strikes: dict[tuple[int, Place], int] = {}
        self._lock = Lock()

    def strike(self, place: Place) -> list[Fault]:
        """Return the faults that strike a request now, and count them as strikes.

        Of the kinds that replace the answer at most one, the first of the plan, is returned; it comes last.
        """
        if not self.faults:
            return []
        altering: list[Fault] = []
        replacing: list[Fault] = []
        with self._lock:
            for number, fault in enumerate(self.faults):
                if not self._applies(fault, place) or (fault.kind in REPLACING and replacing):
                    continue
                count = self._strikes.get((number, place), 0)
                if fault.times and count >= fault.times:
                    continue
                self._strikes[number, place] = count + 1
                (replacing if fault.kind in REPLACING else altering).append(fault)
        return altering + replacing

    def reset(self) -> None:
        """Forget all strikes, so that the plan begins anew."""
        with self._lock:
            self._strikes.clear()

    @property
    def strikes(self) -> int:
        """How many strikes there were in all."""
        with self._lock:
            return sum(self._strikes.values())

    @staticmethod
    def _applies(fault: Fault, place: Place) -> bool:
        return (
            fault.operation == place.operation
            and fault.resource in {"*", place.resource}
            and fault.connection in {"*", place.connection}
            and fault.page in {0, place.page}
        )
