"""A scripted API: literal rows, statuses and clocks, without a socket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any

import httpx

import rutterframe as rf
from tests.conftest import AT_ONCE

#: Rows of a list, the status of a refusal, or a whole body.
Answer = Sequence[Mapping[str, Any]] | int | dict[str, Any]


@dataclass
class Api:
    """The responses of the API, and the requests that it received.

    Attributes
    ----------
    answers : dict
        By connection and resource; anything else is an empty list.
    date : datetime or None
        The value of its ``Date`` header; None for no header.
    requests : list of httpx.Request
        The requests that it received.
    connections_status : int
        The status of the response to a request for connections.
    listed : sequence of mapping
        The connections in that response, where its status is 200.
    """

    answers: dict[tuple[str, str], Answer] = field(default_factory=dict)
    date: datetime | None = datetime(2026, 6, 30, 12, tzinfo=UTC)
    requests: list[httpx.Request] = field(default_factory=list)
    connections_status: int = 404
    listed: Sequence[Mapping[str, Any]] = ()

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer a request; an order or a transaction is sent if it changed since ``updated_at_min``."""
        self.requests.append(request)
        if "/connections" in request.url.path:
            if self.connections_status == HTTPStatus.OK:
                return httpx.Response(200, json={"connections": self.listed, "next_cursor": None})
            return httpx.Response(self.connections_status, json={"error_code": "X"})
        connection, resource = request.url.params["access_token"], request.url.path.rpartition("/")[2]
        resource = resource.replace("-", "_")
        headers = {} if self.date is None else {"Date": format_datetime(self.date, usegmt=True)}
        answer = self.answers.get((connection, resource), [])
        if isinstance(answer, int):
            return httpx.Response(answer, json={"error_code": "X"}, headers=headers)
        if isinstance(answer, dict):
            return httpx.Response(200, json=answer, headers=headers)
        since = request.url.params.get("updated_at_min", "")
        rows = [row for row in answer if str(row.get("updated_at", "9999")) >= since.replace("+00:00", "Z")]
        body = {"connection": {"id": connection}, resource: rows, "next_cursor": None}
        return httpx.Response(200, json=body, headers=headers)

    def client(self, *ids: str, environment: str = "https://api.example.com/base") -> rf.Client:
        """Create a client; the token of a connection is its id."""
        return rf.Client(
            client_id="an-id",
            client_secret="a-secret",
            environment=environment,
            access_tokens={one: one for one in ids or ("books",)},
            transport=httpx.MockTransport(self.answer),
            rate_limit=None,
            retry=AT_ONCE,
        )

    def connections(
        self, *ids: str, environment: str = "https://api.example.com/base"
    ) -> list[rf.Connection]:
        """Open connections."""
        client = self.client(*ids, environment=environment)
        return [client.connection(one) for one in ids]


def invoices(count: int) -> list[dict[str, Any]]:
    """Return invoices of 10.00 each, with ids from "1" on."""
    return [{"id": f"{number}", "amount_due": 10.0, "currency": "USD"} for number in range(1, count + 1)]
