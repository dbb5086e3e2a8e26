"""A small server of the live dialect as a function: what a test sets, it answers, and it records requests."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlencode

import httpx

LEDGER, SHOP = "ledger-1", "shop-1"
ENVELOPE = {"id": LEDGER, "orgId": "org-1", "platform": "QUICKBOOKS"}

Answer = Any | Callable[[httpx.Request], httpx.Response]


def listed(connection_id: str, platform: str, status: str = "active") -> dict[str, Any]:
    """Return a connection as the list of connections has it."""
    return {
        "id": connection_id,
        "access_token": f"token-of-{connection_id}",
        "link_url": f"https://link.example.com/{connection_id}",
        "platform": platform,
        "status": status,
        "name": None,
        "created_at": "2026-01-01T00:00:00.000Z",
        "updated_at": "2026-06-01T00:00:00.000Z",
    }


@dataclass
class LiveAPI:
    """Answers by method and path; a path that is not there is a 404, as the service sends it."""

    answers: dict[tuple[str, str], Answer] = field(default_factory=dict)
    connections: list[dict[str, Any]] = field(
        default_factory=lambda: [listed(LEDGER, "QUICKBOOKS"), listed(SHOP, "SHOPIFY")]
    )
    requests: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        path = request.url.path.removeprefix("/base")
        if (request.method, path) == ("GET", "/connections") and ("GET", path) not in self.answers:
            return httpx.Response(200, json={"connections": self.connections})
        answer = self.answers.get((request.method, path))
        if callable(answer):
            return cast("httpx.Response", answer(request))
        if answer is None:
            error = {
                "error_type": "INVALID_REQUEST",
                "error_code": "NOT_FOUND",
                "error_message": "No such path.",
            }
            return httpx.Response(404, json=error)
        return httpx.Response(200, json=answer)

    @property
    def sent(self) -> list[str]:
        """The requests as text: method, path and query without the access token."""
        texts = []
        for request in self.requests:
            query = [
                (name, value) for name, value in request.url.params.multi_items() if name != "access_token"
            ]
            text = f"{request.method} {request.url.path.removeprefix('/base')}"
            texts.append(f"{text}?{urlencode(query)}" if query else text)
        return texts

    @property
    def bodies(self) -> list[Any]:
        """The bodies of the writes."""
        return [json.loads(request.content) for request in self.requests if request.method != "GET"]

    @property
    def tokens(self) -> list[str | None]:
        """The access token of each request."""
        return [request.url.params.get("access_token") for request in self.requests]


def page(key: str, rows: list[dict[str, Any]], cursor: str | None = None) -> dict[str, Any]:
    """Return a page of a list."""
    return {key: rows, "next_cursor": cursor, "connection": ENVELOPE}


def refusal(status: int, code: str, message: str = "In words.") -> Callable[[httpx.Request], httpx.Response]:
    """Return an answer that refuses."""
    body = {"error_type": "CONNECTION_ERROR", "error_code": code, "error_message": message}
    return lambda _: httpx.Response(status, json=body)
