"""The state of the live API between requests, and the check of an access token."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rutterframe.demo.api.authentication import connection_of, disabled, needs_update
from rutterframe.demo.api.responses import ApiError
from rutterframe.demo.api.service import Call, Service
from rutterframe.demo.books.collection import Record
from rutterframe.demo.books.tables import Ids
from rutterframe.demo.faults import Fault
from rutterframe.demo.live.books import LiveBooks
from rutterframe.demo.live.jobs import Jobs, job_of
from rutterframe.demo.live.spelling import ALL_STATUSES, PLATFORMS, STATUSES

PREFIX = "/versioned"


class LiveService(Service):
    """The state of one server of the live dialect.

    Parameters
    ----------
    seed, scale, page_size, faults
        As for `Service`.
    """

    def __init__(self, seed: int, scale: int, page_size: int | None, faults: Iterable[Fault]) -> None:
        super().__init__(seed, scale, page_size, faults)
        self.live_books = LiveBooks(self.books)
        self.statuses = {
            connection.id: STATUSES[connection.status] for connection in self.books.connections.values()
        }
        self.jobs = Jobs(seed)
        #: By connection, Idempotency-Key: method, path and body of the first request, and its answer.
        self.answers: dict[tuple[str, str], tuple[tuple[str, str, bytes], Any]] = {}
        self._org = Ids(seed, "organisation").of(0)

    def set_status(self, connection: str, status: str) -> None:
        """Set the status of a connection.

        Raises
        ------
        KeyError
            There is no such connection.
        ValueError
            The status is not one of the live service.
        """
        if connection not in self.statuses:
            raise KeyError(connection)
        if status not in ALL_STATUSES:
            raise ValueError(f"unknown status {status!r}; known are {', '.join(ALL_STATUSES)}")
        self.statuses[connection] = status

    def defer(self, call: Call, body: Any) -> Any:
        """Return the job that will have the answer."""
        return body if "async_response" in body else self.jobs.add(job_of(call, body))

    def headers_of(self, call: Call) -> dict[str, str]:
        """Return the id of the job of a write that was accepted; a refused one has none."""
        if call.method == "GET" or not call.connection:
            return {}
        return {"X-Rutter-Job-ID": self.jobs.next_id()}

    def envelope(self, connection: str) -> Record:
        """Return a connection as the answers show it."""
        platform = PLATFORMS[self.books.connections[connection].platform]
        return {"id": connection, "orgId": self._org, "platform": platform}


def live(call: Call) -> LiveService:
    """Return the service of a call.

    Raises
    ------
    TypeError
        The call is of another dialect.
    """
    if not isinstance(call.service, LiveService):
        raise TypeError("a live operation needs a live service")
    return call.service


def open_connection(service: Service, query: Mapping[str, str]) -> str:
    """Return the id of the connection of an access token, which must serve data.

    Raises
    ------
    ApiError
        As `find_connection`; 400 with PRODUCT_NOT_READY before the first synchronisation, unless forced.
    """
    connection = connection_of(service, query)
    status = service.statuses[connection] if isinstance(service, LiveService) else "active"
    if status == "needs_reauth":
        raise needs_update(connection)
    if status == "disabled":
        raise disabled(connection)
    if status == "not_ready" and query.get("force_fetch") != "true":
        raise ApiError(
            400, "PRODUCT_NOT_READY", f"The connection {connection} is still in its initial synchronisation."
        )
    return connection
