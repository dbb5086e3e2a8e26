"""The state of the API between requests, and the arguments of its endpoints."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from rutterframe.demo.books.collection import Record
from rutterframe.demo.books.store import Books
from rutterframe.demo.books.tables import Ids, secret
from rutterframe.demo.faults import Fault, FaultPlan

_LOG_SIZE = 100_000
_PAGE_SIZE = 50


class LoggedRequest(NamedTuple):
    """An entry of the request log; it holds no secret, since a path has none."""

    method: str
    path: str
    connection: str | None
    page: int | None
    status: int


class Service:
    """The books, the credentials, the fault plan and the page size of one server.

    Parameters
    ----------
    seed, scale : int
        As for `Books`.
    page_size : int or None
        Rows on a page; None for as many as the dialect has without a word.
    faults : iterable of Fault
        The fault plan.

    Raises
    ------
    ValueError
        The scale or the page size is below 1.
    """

    def __init__(self, seed: int, scale: int, page_size: int | None, faults: Iterable[Fault]) -> None:
        self.books = Books(seed, scale)
        self.client_id = secret(seed, "client id")[:24]
        self.client_secret = secret(seed, "client secret")
        self.access_tokens = {
            connection: secret(seed, connection, "token") for connection in self.books.connections
        }
        self.connections = {token: connection for connection, token in self.access_tokens.items()}
        #: What was asked for, which caps the pages of the live dialect.
        self.page_limit = None if page_size is None else _check_page_size(page_size)
        self.plan = FaultPlan(faults)
        self.requests: deque[LoggedRequest] = deque(maxlen=_LOG_SIZE)
        self.webhooks: dict[str, Record] = {}
        self.webhook_ids = Ids(seed, "webhooks")
        self.webhook_count = 0
        # By connection and Idempotency-Key: the body of the first request, and the record that it created.
        self.idempotent: dict[tuple[str, str], tuple[dict[str, Any], Record]] = {}
        self.request_number = 0

    def configure(self, page_size: int | None, faults: Iterable[Fault] | None) -> None:
        """Change the page size, the fault plan or both; counts and the request log begin anew."""
        if page_size is not None:
            self.page_limit = _check_page_size(page_size)
        self.plan = FaultPlan(self.plan.faults if faults is None else faults)
        self.requests.clear()

    def defer(self, call: Call, body: Any) -> Any:  # noqa: ARG002 - the live service needs it
        """Return what is answered in place of a body that comes later; the contract knows nothing of it."""
        return body

    def headers_of(self, call: Call) -> dict[str, str]:  # noqa: ARG002 - the live service needs it
        """Return further headers of the answer to a call; the contract has none."""
        return {}

    @property
    def page_size(self) -> int:
        """How many rows a page of the contract has."""
        return self.page_limit or _PAGE_SIZE

    def request_id(self) -> str:
        """Return the id of the next request."""
        self.request_number += 1
        return f"demo-request-{self.request_number:08d}"


@dataclass(frozen=True, slots=True)
class Call:
    """A request that has passed all checks: the argument of an endpoint.

    Attributes
    ----------
    service : Service
        The state of the API.
    resource : str
        The list key of the operation.
    connection : str
        The connection's id; "" where the operation needs none.
    path, query : mapping of str to str
        The parameters in the path and in the query.
    idempotency_key : str or None
        The header Idempotency-Key.
    body : bytes
        The body; empty for GET.
    method, url : str
        The HTTP method, and the path.
    """

    service: Service
    resource: str
    connection: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    idempotency_key: str | None
    body: bytes
    method: str = "GET"
    url: str = ""


def _check_page_size(page_size: object) -> int:
    if not isinstance(page_size, int) or isinstance(page_size, bool) or page_size < 1:
        raise ValueError(f"page_size must be a whole number from 1, not {page_size!r}")
    return page_size
