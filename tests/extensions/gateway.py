"""A server that speaks the dialect of the package acme-gateway, on a free port of this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import rutterframe as rf

#: The invoices of the gateway, two on a page.
RECEIVABLES = [
    {
        "number": "R-1",
        "debtor": {"id": "C-7", "city": "Bergen"},
        "state": "unpaid",
        "open_amount": "120.10",
        "currency": "EUR",
        "payable_on": "2026-06-01",
        "positions": [{"text": "Beans", "pieces": 2, "price": 60.05, "amount": 120.1}],
    },
    {
        "number": "R-2",
        "debtor": {"id": "C-7"},
        "state": "settled",
        "open_amount": 0,
        "currency": "EUR",
        "payable_on": None,
        "positions": [],
    },
    {"number": "R-3", "debtor": None, "state": "disputed", "open_amount": 0.2, "currency": "EUR"},
]
_CONNECTIONS = [{"id": "acme-books", "platform": "acme-erp", "status": "active"}]


class _Gateway(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer with a page, or with 404."""
        url = urlsplit(self.path)
        cursor = int(parse_qs(url.query).get("cursor", ["0"])[0])
        page: dict[str, Any] | None = None
        if url.path == "/api/receivables":
            more = cursor + 2 < len(RECEIVABLES)
            page = {
                "items": RECEIVABLES[cursor : cursor + 2],
                "next_cursor": str(cursor + 2) if more else None,
            }
        elif url.path == "/api/connections":
            page = {"connections": _CONNECTIONS, "next_cursor": None}
        body = json.dumps(page or {"error": "unknown path"}).encode()
        self.send_response(200 if page else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as of the base
        """Print nothing."""


@contextmanager
def serve() -> Iterator[str]:
    """Serve until the end of the block, and yield the base URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Gateway)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def open_gateway(address: str) -> rf.Client:
    """Open a client of the gateway."""
    return rf.Client(
        client_id="id",
        client_secret="secret",
        environment=address,
        dialect="acme",
        access_tokens={"acme-books": "token"},
    )
