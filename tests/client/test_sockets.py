"""Ctrl-C while an answer does not come: the sockets are shut, and the reader wakes."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

import rutterframe as rf
from rutterframe.client.sockets import OpenSockets


class Silent:
    """A server that takes requests and never answers."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.asked = threading.Event()
        self._taken: list[socket.socket] = []
        self._thread = threading.Thread(target=self._take)
        self._thread.start()

    def _take(self) -> None:
        taken, _ = self._listener.accept()
        self._taken.append(taken)
        received = b""
        while b"\r\n\r\n" not in received and (more := taken.recv(65536)):
            received += more
        self.asked.set()

    def close(self) -> None:
        self._thread.join()
        for opened in (*self._taken, self._listener):
            opened.close()


@pytest.fixture
def silent() -> Iterator[Silent]:
    server = Silent()
    yield server
    server.close()


def test_an_answer_that_does_not_come_can_be_interrupted(silent: Silent) -> None:
    """A thread that waits for an answer wakes with a TransportError as soon as the session is interrupted."""
    errors: list[rf.RutterframeError] = []
    policy = rf.RetryPolicy(attempts=1)
    with rf.Client(client_id="i", client_secret="s", environment=silent.url, retry=policy) as client:

        def read() -> None:
            try:
                client.connections.retrieve("books")
            except rf.RutterframeError as error:
                errors.append(error)

        reading = threading.Thread(target=read)
        reading.start()
        assert silent.asked.wait(60)
        client._session.interrupt()
        reading.join(60)
    assert [type(error) for error in errors] == [rf.TransportError]


def test_silence_is_given_up(silent: Silent) -> None:
    """A request is given up after the policy's seconds of silence, in words."""
    policy = rf.RetryPolicy(attempts=1, timeout=0.01)
    with (
        rf.Client(client_id="i", client_secret="s", environment=silent.url, retry=policy) as client,
        pytest.raises(rf.TransportError) as error,
    ):
        client.connections.retrieve("books")
    assert error.value.message == f"No answer from {silent.url}: timed out (timed out)"


def test_only_opened_sockets_are_noted_and_a_closed_one_is_no_trouble() -> None:
    """Other steps of a request, and streams that are no sockets, are passed over; shutting twice is safe."""
    ours, theirs = socket.socketpair()
    sockets = OpenSockets()
    stream = SimpleNamespace(get_extra_info=lambda _: ours)
    sockets.trace("http11.send_request_headers.started", {"request": None})
    sockets.trace(
        "connection.connect_tcp.complete", {"return_value": SimpleNamespace(get_extra_info=lambda _: None)}
    )
    sockets.trace("connection.connect_tcp.complete", {"return_value": stream})
    sockets.shut()
    assert theirs.recv(1) == b""
    ours.close()
    sockets.shut()
    theirs.close()
