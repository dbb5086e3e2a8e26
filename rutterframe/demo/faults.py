"""Fault plans: errors and altered pages that the demo API answers with on purpose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from threading import Lock
from typing import Any

#: Kinds that replace the page: a request gets one of them at most, the next request the next one.
REPLACING = {
    "429": "the API's rate limit, with Retry-After: `seconds` (without the header if negative)",
    "452": "the rate limit of the platform behind the API",
    "500": "an error of the server",
    "503": "the server is down for maintenance",
    "expired_cursor": "HTTP 400, CURSOR_EXPIRED; a first page, which needs no cursor, is served unchanged",
    "drop": "the connection is closed in the middle of the body",
    "truncate": "status 200 and a correct Content-Length, but the JSON is cut in half",
    "html": "status 200 and a page of HTML",
    "not_ready": "the first synchronisation is not over: HTTP 400, PRODUCT_NOT_READY",
    "async_response": "live only: a write or a statement is answered by a job, which has the answer",
    "empty_page": "an extra page without rows; its cursor leads to the page that would have come",
}
#: Kinds that alter a page; a page can have any number of them.
ALTERING = {
    "slow": "the first byte comes after `seconds`",
    "repeat_cursor": "next_cursor is the cursor of the page just served",
    "moved_row": "from page 2 on, the last record of the page before comes first, with a newer updated_at",
    "null_row": "a null among the rows",
    "number_as_text": "a number of the first row is sent as text",
    "float_count": "quantities and inventory counts are sent as 3.0",
    "unknown_enum": "the first row has an unknown status or type",
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

    Attributes
    ----------
    kind : str
        A key of `KINDS`.
    resource : str
        A list key such as "invoices", "bank_accounts" or "connections"; "*" for all.
    page : int
        The page of the list, from 1; 0 for every page. Retrieving and writing count as page 1.
    times : int
        How often a connection's page has the fault before it is answered as usual; 0 for ever.
    connection : str
        A connection's id; "*" for all.
    seconds : float
        The value of Retry-After, or the delay of "slow".
    operation : str
        "list", "retrieve" or "write". Of the altering kinds only "slow" applies outside lists. After an error
        nothing is written; "drop", "truncate", "html" and "async_response" replace the response of a write
        that was done.

    Raises
    ------
    ValueError
        The kind or the operation is unknown, or a number is out of range.
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
        """Return the fault that a JSON object describes.

        Raises
        ------
        ValueError
            A field is unknown, missing or invalid.
        """
        known = [field.name for field in fields(cls)]
        if unknown := sorted(set(record) - set(known)):
            raise ValueError(f"unknown field {unknown[0]!r} of a fault; known are {', '.join(known)}")
        if "kind" not in record:
            raise ValueError(f"a fault needs a kind; known are {', '.join(KINDS)}")
        return cls(**record)


@dataclass(frozen=True, slots=True)
class RequestTarget:
    """What a request reads or writes; it decides which faults apply.

    Attributes
    ----------
    resource : str
        The list key.
    connection : str
        The connection's id; "" where the operation needs none.
    page : int
        The number of the page, from 1.
    operation : str
        "list", "retrieve" or "write".
    """

    resource: str
    connection: str
    page: int = 1
    operation: str = "list"


class FaultPlan:
    """The faults of a server, and how often each was triggered by which requests; thread-safe.

    Parameters
    ----------
    faults : iterable of Fault
        The faults in their order; of those that replace a page, a request gets the first.
    """

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self.faults = tuple(faults)
        self._counts: dict[tuple[int, RequestTarget], int] = {}
        self._lock = Lock()

    def trigger(self, target: RequestTarget) -> list[Fault]:
        """Return the faults of a request, and count them.

        Of the kinds that replace the page at most one, the first of the plan, is returned; it comes last.
        """
        if not self.faults:
            return []
        altering: list[Fault] = []
        replacing: list[Fault] = []
        with self._lock:
            for number, fault in enumerate(self.faults):
                if not self._applies(fault, target) or (fault.kind in REPLACING and replacing):
                    continue
                count = self._counts.get((number, target), 0)
                if fault.times and count >= fault.times:
                    continue
                self._counts[number, target] = count + 1
                (replacing if fault.kind in REPLACING else altering).append(fault)
        return altering + replacing

    def reset(self) -> None:
        """Set all counts to zero, so that the plan begins anew."""
        with self._lock:
            self._counts.clear()

    @property
    def triggers(self) -> int:
        """How many times faults were triggered, in all."""
        with self._lock:
            return sum(self._counts.values())

    @staticmethod
    def _applies(fault: Fault, target: RequestTarget) -> bool:
        return (
            fault.operation == target.operation
            and fault.resource in {"*", target.resource}
            and fault.connection in {"*", target.connection}
            and fault.page in {0, target.page}
        )
