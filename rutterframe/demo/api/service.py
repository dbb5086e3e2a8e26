"""What the API remembers between requests."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from rutterframe.demo.books.anomalies import Record
from rutterframe.demo.books.store import Books
from rutterframe.demo.books.tables import Ids, secret
from rutterframe.demo.faults import Fault, FaultPlan

_LOG_SIZE = 100_000


class Handled(NamedTuple):
    """A request that was answered; it holds no secret, since a path has none."""

    method: str
    path: str
    connection: str | None
    page: int | None
    status: int


class Service:
    """The books, the credentials, the fault plan and the page size of one server.

    Parameters
    ----------
    seed, scale
        As for `Books`.
    page_size
        Rows on a page.
    faults
        The fault plan.
    """

    def __init__(self, seed: int, scale: int, page_size: int, faults: Iterable[Fault]) -> None:
        self.books = Books(seed, scale)
        self.client_id = secret(seed, "client id")[:24]
        self.client_secret = secret(seed, "client secret")
        self.access_tokens = {
            connection: secret(seed, connection, "token") for connection in self.books.connections
        }
        self.connections = {token: connection for connection, token in self.access_tokens.items()}
        self.page_size = _checked(page_size)
        self.plan = FaultPlan(faults)
        self.requests: deque[Handled] = deque(maxlen=_LOG_SIZE)
        self.webhooks: dict[str, Record] = {}
        self.webhook_ids = Ids(seed, "webhooks")
        self.webhooks_made = 0
        # What an Idempotency-Key stands for: the body, and the record that was made of it.
        self.idempotent: dict[tuple[str, str], tuple[dict[str, Any], Record]] = {}
        self.request_number = 0

    def configure(self, page_size: int | None, faults: Iterable[Fault] | None) -> None:
        """Change the page size, the fault plan or both; strikes and the request log begin anew."""
        if page_size is not None:
            self.page_size = _checked(page_size)
        self.plan = FaultPlan(self.plan.faults if faults is None else faults)
        self.requests.clear()

    def request_id(self) -> str:
        """Return the id of the next request."""
        self.request_number += 1
        return f"demo-request-{self.request_number:08d}"


class Call(NamedTuple):
    """A request after the guard has let it pass."""

    service: Service
    resource: str
    connection: str  # "" where the operation needs none
    path: Mapping[str, str]
    query: Mapping[str, str]
    idempotency_key: str | None
    body: bytes


def _checked(page_size: object) -> int:
    if not isinstance(page_size, int) or isinstance(page_size, bool) or page_size < 1:
        raise ValueError(f"page_size must be a whole number from 1, not {page_size!r}")
    return page_size
