"""Thousands of responses as no server should send them, over a real socket: only our errors, nothing lost."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.frames import Decoder
from rutterframe.models import Account, Invoice
from tests.client.fuzzed_responses import Fuzzed, Fuzzer

SECRETS = ("canary-id", "canary-secret", "canary-token")
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


class FuzzServer:
    """Responds to each request with the next bytes of a list, the last of them again and again."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._replies: list[bytes] = []
        #: How many responses were sent, and whether a request came on a connection that was ending.
        self.served, self.missed = 0, False
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def respond_with(self, replies: Sequence[Fuzzed]) -> None:
        self._replies, self.served, self.missed = [reply.raw for reply in replies], 0, False

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._respond(connection)

    def _respond(self, connection: socket.socket) -> None:
        received = b""
        while b"\r\n\r\n" not in received and (more := connection.recv(65536)):
            received += more
        head, _, body = received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        while length and len(body) < int(length[1]) and (more := connection.recv(65536)):
            body += more
        reply = self._replies[min(self.served, len(self._replies) - 1)]
        self.served += 1
        # With the end of the connection in the same packet, hardly ever a request follows on it.
        connection.sendall(reply, getattr(socket, "MSG_MORE", 0))
        connection.shutdown(socket.SHUT_WR)
        # Until the client has read all: closing earlier could discard the rest of it.
        while connection.recv(65536):
            self.missed = True

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()


@pytest.fixture
def server() -> Iterator[FuzzServer]:
    server = FuzzServer()
    yield server
    server.close()


class Trial:
    """Calls the public API with fuzzed responses, and records what came of each."""

    def __init__(self, server: FuzzServer, seed: int) -> None:
        self.server = server
        self.fuzzer = Fuzzer(seed)
        self.counts: Counter[str] = Counter()
        self.foreign: list[str] = []
        policy = rf.RetryPolicy(attempts=1, timeout=20.0, time_limit=20.0)
        self.client = rf.Client(
            client_id=SECRETS[0], client_secret=SECRETS[1], environment=server.url,
            access_tokens={"books": SECRETS[2]}, rate_limit=None, retry=policy,
        )  # fmt: skip
        self.books = self.client.connection("books")

    def run(self, responses: int) -> None:
        """Call one operation after another until so many responses were served."""
        operations = [self.list, self.load, self.retrieve, self.create, self.create_many, self.connections]
        while self.counts["responses"] < responses:
            self.fuzzer.random.choice(operations)()
            self.counts["responses"] += self.server.served

    def _call(self, name: str, replies: Sequence[Fuzzed], call: Callable[[], Any]) -> Any:
        """Return a call's result, or its error if it is ours; record any other."""
        self.server.respond_with(replies)
        try:
            result = call()
        except rf.RutterframeError as error:
            self.counts[type(error).__name__] += 1
            text = f"{error}{error!r}{error.context}{error.hint}"
            text.encode()  # can be printed
            assert not any(secret in text for secret in SECRETS), text
            return error
        except Exception:  # noqa: BLE001 - every exception is inspected
            self.foreign.append(f"{name} {replies[0].raw[:300]!r}\n{traceback.format_exc()}")
            return None
        self.counts["read"] += 1
        return result

    def list(self) -> None:
        reply = self.fuzzer.response(self.fuzzer.page("accounts"))
        self._call("list", [reply], lambda: list(self.books.accounts.list()))

    def load(self) -> None:
        reply = self.fuzzer.response(self.fuzzer.page("invoices"))
        on_invalid: Any = self.fuzzer.random.choice(["raise", "quarantine"])
        self._call(
            "load",
            [reply],
            lambda: rf.load_invoices(self.books, on_invalid=on_invalid, progress=False),
        )

    def retrieve(self) -> None:
        reply = self.fuzzer.response(self.fuzzer.record())
        self._call("retrieve", [reply], lambda: self.books.invoices.retrieve("i1"))

    def connections(self) -> None:
        reply = self.fuzzer.response(self.fuzzer.page("connections"))
        self._call("connections", [reply], lambda: list(self.client.connections.list()))

    def create(self) -> None:
        reply = self.fuzzer.response(self.fuzzer.record())
        self._call(
            "create",
            [reply],
            lambda: self.books.bills.create(vendor_id="v", line_items=[{"total_amount": 1.0}]),
        )

    def create_many(self) -> None:
        """Create four records, and compare what is said of each with what the server said."""
        replies = [self.fuzzer.response(self.fuzzer.record()) for _ in range(4)]
        resource, party = self.fuzzer.random.choice([("invoices", "customer_id"), ("bills", "vendor_id")])
        frame = pd.DataFrame({party: ["p"] * 4, "line_items": [[{"total_amount": 1.0}]] * 4})
        result = self._call(
            "create_many", replies, lambda: getattr(self.books, resource).create_many(frame, dry_run=False)
        )
        if isinstance(result, rf.RutterframeError):
            result = result.partial
        assert isinstance(result, pd.DataFrame), "the record of what was written is lost"
        if self.server.missed:
            self.counts["sent on a dying connection"] += 1
            return
        for index, (status, record_id) in enumerate(zip(result["status"], result["id"], strict=True)):
            if index >= self.server.served:
                assert status == "valid", result["error"].tolist()
                continue
            self.counts[f"record {status}"] += 1
            self._compare(replies[index], status, record_id)

    def _compare(self, reply: Fuzzed, status: str, record_id: Any) -> None:
        """Check that a record is called created or not created only where the response says so."""
        if status == "created":
            assert reply.may_say(range(200, 300)), reply
            assert isinstance(record_id, str), reply
            assert record_id, reply
        elif status in {"invalid", "valid"}:
            assert reply.may_say(range(300, 500)), reply
        else:
            assert status == "unknown", reply
        if reply.status is not None and (reply.status >= 500 or reply.status in {303, 408}):
            assert status == "unknown", reply


def report(counts: Counter[str]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.most_common())


@pytest.mark.parametrize(
    ("seed", "responses"),
    [(1, 600), pytest.param(2, 20_000, marks=[pytest.mark.long, pytest.mark.timeout(600)])],
)
@pytest.mark.slow
@pytest.mark.usefixtures("clock")
def test_only_our_errors_leave_the_api_whatever_a_server_responds(
    server: FuzzServer, request: pytest.FixtureRequest, seed: int, responses: int
) -> None:
    """Any status, header, encoding, framing and body is read or one of our errors; no write is forgotten."""
    trial = Trial(server, seed)
    with trial.client:
        trial.run(responses)
    tried = report(trial.counts)
    request.node.add_report_section("call", "responses", tried)
    assert trial.foreign == [], f"{len(trial.foreign):,} foreign exceptions; tried {tried}"
    assert trial.counts["responses"] >= responses, tried
    assert min(trial.counts[f"record {status}"] for status in ("created", "invalid", "unknown")) > 0, tried


def rows_of(decode: Callable[[], Any]) -> list[dict[str, Any]] | None:
    """Return the rows of a batch; None where the page is refused."""
    try:
        rows: list[dict[str, Any]] = decode().table.to_pylist()
    except rf.InvalidResponse:
        return None
    return rows


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "pages"), [(1, 1500), pytest.param(2, 30_000, marks=pytest.mark.long)])
def test_the_columnar_and_the_exact_path_return_the_same_rows(
    request: pytest.FixtureRequest, seed: int, pages: int
) -> None:
    """Of every fuzzed page that both paths accept they return the same rows."""
    fuzzer = Fuzzer(seed)
    decoders = {
        "accounts": Decoder(Account, "accounts", "next_cursor", "books"),
        "invoices": Decoder(Invoice, "invoices", "next_cursor", "books"),
    }
    counts: Counter[str] = Counter()
    for _ in range(pages):
        key = fuzzer.random.choice(["accounts", "invoices"])
        body, decoder = fuzzer.page(key), decoders[key]
        rows = rows_of(partial(decoder.decode, [body]))
        exact = rows_of(partial(decoder._exact, body))
        both = rows is not None and exact is not None
        counts["accepted by both" if both else "refused by one" if rows != exact else "refused"] += 1
        assert not both or rows == exact, body
    tried = report(counts)
    request.node.add_report_section("call", "pages", tried)
    assert counts["accepted by both"] > pages / 5, tried
