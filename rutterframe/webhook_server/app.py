"""The HTTP side: verify messages, add what they call for to the pending refreshes, and report the state."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from rutterframe.client.webhooks import verify_webhook
from rutterframe.dialects import Dialect
from rutterframe.errors import InvalidResponse, InvalidSignature
from rutterframe.notebook.escape import printable
from rutterframe.webhook_server.events import Change, changes_of
from rutterframe.webhook_server.pending import Pending, QueueFull

_log = logging.getLogger("rutterframe")
#: The path of messages.
PATH = "/webhooks"
#: The most bytes of a message: what the API documents is below one thousand.
MAX_BODY = 256 * 1024
#: How long a message may take to arrive.
BODY_SECONDS = 10.0
_SIGNATURE = "x-rutter-signature"
# Seconds until the sender of a message that could not be noted should try again.
_RETRY_SECONDS = 30
_RETRY_AFTER = {"retry-after": f"{_RETRY_SECONDS}"}
# Between two warnings of signatures that are not valid.
_WARNING_SECONDS = 60
_CLOSE = {"connection": "close"}


class Receiver:
    """The application that receives messages.

    A message is answered with 202 once the lists that it calls for are pending, on the disk; then they are
    refreshed, whatever happens to this process. A list that waits already is not noted again.

    Parameters
    ----------
    pending : Pending
        The lists to refresh.
    client_secret : SecretStr
        Signs the messages.
    dialect : Dialect
        The dialect of the dataset.
    resources, connections : collection of str, optional
        The resources, and the connections, to refresh; all when left out.
    health : callable
        Returns what ``GET /health`` reports besides the messages; nothing secret.

    Attributes
    ----------
    messages : Counter
        How many messages had which outcome.
    """

    def __init__(
        self,
        pending: Pending,
        client_secret: SecretStr,
        dialect: Dialect,
        *,
        resources: Sequence[str] | None = None,
        connections: Sequence[str] | None = None,
        health: Callable[[], dict[str, Any]] = dict,
    ) -> None:
        self._pending, self._secret, self._dialect = pending, client_secret, dialect
        self._resources = None if resources is None else frozenset(resources)
        self._connections = None if connections is None else frozenset(connections)
        self._health = health
        self._batch: list[tuple[Sequence[Change], asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._refused_at = self._warned_at = -math.inf
        self._unsigned = 0
        self.messages: Counter[str] = Counter()
        self.app = Starlette(
            routes=[
                Route(PATH, self._receive, methods=["POST"]),
                Route("/health", self._report_health, methods=["GET"]),
                Route("/ready", self._report_ready, methods=["GET"]),
            ]
        )

    async def _receive(self, request: Request) -> Response:
        """Answer a message, and count how."""
        response, outcome = await self._answer(request)
        self.messages[outcome] += 1
        return response

    async def _answer(self, request: Request) -> tuple[Response, str]:
        body = await self._read(request)
        if isinstance(body, int):
            reason = {413: f"more than {MAX_BODY:,} bytes", 408: "it took too long", 400: "it was cut off"}[
                body
            ]
            return _error(body, reason, _CLOSE), "refused"
        try:
            message = verify_webhook(body, request.headers.get(_SIGNATURE), self._secret)
        except InvalidSignature as error:
            self._warn_of_signature(error.message)
            return _error(401, error.message), "refused"
        except InvalidResponse as error:
            _log.warning("Refused a message: %s", printable(error.message))
            return _error(400, error.message), "refused"
        finally:
            del body  # it may hold an access token
        event, connection_id = printable(message.event[:80]), message.connection_id or ""
        changes = self._wanted(changes_of(message, self._dialect))
        if not changes or (self._connections is not None and connection_id not in self._connections):
            _log.info("%s of %s: nothing to refresh", event, printable(connection_id) or "no connection")
            return JSONResponse({"status": "ignored"}), "ignored"
        if not connection_id or not connection_id.isprintable():
            _log.warning("Refused a message: %s names no connection", event)
            return _error(400, f"{event} needs a connection_id"), "refused"
        return await self._note(changes, f"{event} of {connection_id}")

    async def _read(self, request: Request) -> bytes | int:
        """Return the body; a status where it is too large, too slow or cut off."""
        length = request.headers.get("content-length", "")
        if length.isdecimal() and int(length[:20]) > MAX_BODY:
            return 413
        body = bytearray()
        try:
            async with asyncio.timeout(BODY_SECONDS):
                async for part in request.stream():
                    body += part
                    if len(body) > MAX_BODY:
                        return 413
        except TimeoutError:
            return 408
        except ClientDisconnect:
            return 400
        return bytes(body)

    def _warn_of_signature(self, message: str) -> None:
        """Warn of a signature that is not valid, at most once a minute: it may be the secret that is not."""
        self._unsigned += 1
        if time.monotonic() - self._warned_at >= _WARNING_SECONDS:
            self._warned_at = time.monotonic()
            _log.warning(
                "Refused, %d since the start: %s. If it is the API that sends them, check the client secret",
                self._unsigned,
                message,
            )

    def _wanted(self, changes: list[Change]) -> list[Change]:
        return [one for one in changes if self._resources is None or one.resource in self._resources]

    async def _note(self, changes: Sequence[Change], text: str) -> tuple[Response, str]:
        """Add lists to the pending ones, unless they wait already, and answer."""
        outcome = "coalesced"
        if not self._pending.covers(changes):
            outcome = "queued"
            try:
                await self._add(changes)
            except (OSError, QueueFull) as error:
                self._refused_at = time.monotonic()
                is_full = isinstance(error, QueueFull)
                reason = "too many lists are pending" if is_full else "it cannot be noted on the disk"
                _log.error("%s: %s", text, printable(str(error) or reason))
                return _error(503, reason, _RETRY_AFTER), "postponed"
        _log.debug("%s: %s", text, outcome)
        return JSONResponse({"status": outcome}, 202), outcome

    async def _add(self, changes: Sequence[Change]) -> None:
        """Add lists, together with those of other messages that arrive while the disk writes."""
        added = asyncio.get_running_loop().create_future()
        self._batch.append((changes, added))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())
        await added

    async def _write(self) -> None:
        try:
            while self._batch:
                batch, self._batch = self._batch, []
                error: Exception | None = None
                try:
                    await asyncio.to_thread(
                        self._pending.add, [one for changes, _ in batch for one in changes]
                    )
                except Exception as raised:  # noqa: BLE001 - raised in each message that waits for it
                    error = raised
                for _, added in batch:
                    if added.cancelled():
                        continue
                    if error is None:
                        added.set_result(None)
                    else:
                        added.set_exception(error)
        finally:
            self._writer = None

    async def _report_health(self, _: Request) -> Response:
        """Report the state; always 200 while the process answers."""
        return JSONResponse({"messages": dict(self.messages), **self._health()})

    async def _report_ready(self, _: Request) -> Response:
        """Report whether messages can be noted: 200, or 503 for a while after one that could not."""
        if time.monotonic() - self._refused_at > _RETRY_SECONDS:
            return JSONResponse({"ready": True})
        return JSONResponse({"ready": False}, 503, _RETRY_AFTER)


def _error(status: int, reason: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"error": reason}, status, headers)
