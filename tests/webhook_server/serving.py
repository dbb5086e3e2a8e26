"""A server of webhooks in a thread, and signed messages to it."""

from __future__ import annotations

import base64
import hmac
import json
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
from pydantic import SecretStr

from rutterframe.dialects import CONTRACT, Dialect
from rutterframe.webhook_server import ServerOptions, WebhookServer
from rutterframe.webhook_server.events import Scope

SECRET = "canary-webhook-secret"
#: Nothing is gathered, and nothing caught up: a test states what it wants.
AT_ONCE = ServerOptions(port=0, wait=0.0, workers=2, catch_up=0.0, grace=5.0)


def sign(body: bytes, secret: str = SECRET) -> str:
    """Sign a body as the API does."""
    return "sha256=" + base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()


def message(code: str, connection_id: str | None = "a", **fields: Any) -> bytes:
    """Return the body of a message."""
    return json.dumps(
        {"type": code.partition("_")[0], "code": code, "connection_id": connection_id, **fields}
    ).encode()


def outcome(connection_id: str, resources: Sequence[str], **fields: Any) -> pd.DataFrame:
    """Return the outcome of a refresh in which nothing has changed; fields replace those of every row."""
    row = {"status": "unchanged", "added": 0, "changed": 0, "removed": 0, "error": None, **fields}
    return pd.DataFrame([{"connection_id": connection_id, "resource": name, **row} for name in resources])


@dataclass
class Refreshes:
    """A function that refreshes nothing, and records the calls.

    Attributes
    ----------
    calls : list
        Connection, resources and scope of each call.
    errors : list of str
        The errors of the next calls; an empty text for one that succeeds.
    gate : threading.Event
        Calls wait for it.
    begun : threading.Event
        Set by each call.
    """

    calls: list[tuple[str, list[str], Scope]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)
    begun: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    def __call__(
        self, connection_id: str, resources: Sequence[str], scope: Scope, stop: threading.Event
    ) -> pd.DataFrame:
        self.calls.append((connection_id, list(resources), scope))
        error = self.errors.pop(0) if self.errors else ""
        self.begun.set()
        while not self.gate.wait(0.05):
            if stop.is_set():
                return outcome(connection_id, [])
        failed = {"status": "failed", "error": error} if error else {}
        return outcome(connection_id, resources, **failed)


@dataclass
class Site:
    """A running server, and a client that sends to it."""

    server: WebhookServer
    client: httpx.Client

    def post(self, body: bytes, signature: str | None = None, **headers: str) -> httpx.Response:
        """Send a body, signed unless a signature is passed."""
        signed = {"X-Rutter-Signature": sign(body) if signature is None else signature, **headers}
        return self.client.post("/webhooks", content=body, headers=signed)

    def health(self) -> dict[str, Any]:
        """Return the state of the server."""
        state: dict[str, Any] = self.client.get("/health").json()
        return state

    def connect(self) -> socket.socket:
        """Open a connection of its own."""
        return socket.create_connection(self.server.address, timeout=20)


@contextmanager
def serving(
    refresh: Callable[..., pd.DataFrame],
    state: Path,
    *,
    dialect: Dialect = CONTRACT,
    secret: str = SECRET,
    options: ServerOptions = AT_ONCE,
    **rest: Any,
) -> Iterator[Site]:
    """Run a server in a thread; at the end it is stopped, and has closed everything."""
    with WebhookServer(refresh, SecretStr(secret), dialect, state, options=options, **rest) as server:
        thread = threading.Thread(target=server.serve)
        thread.start()
        server.ready.wait()
        try:
            with httpx.Client(base_url=server.url.removesuffix("/webhooks"), timeout=30) as client:
                yield Site(server, client)
        finally:
            server.shut_down()
            thread.join()
