"""httpcore's log at DEBUG: the headers of a response are in it, and no secret that they repeat."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections.abc import Iterator
from urllib.parse import quote

import pytest

import rutterframe as rf
from rutterframe.client.redaction import MASK

TOKEN, OTHER = "token/of+the=books", "token/of+the=shop"


@pytest.fixture
def url() -> Iterator[str]:
    """A server that redirects each request, and repeats its address in headers."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection:
                    target = connection.recv(65_536).split(b" ")[1]
                    connection.sendall(
                        b"HTTP/1.1 301 Moved\r\nLocation: https://example.com%s\r\nX: \xe9\xff%s\r\n"
                        b"X-Other: %s\r\nContent-Length: 0\r\n\r\n"
                        % (target, target, quote(OTHER, safe="").encode())
                    )

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


def test_headers_that_repeat_a_token_are_masked_in_the_log(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A redirect with the address of the request shows the token neither in the log nor in the error."""
    caplog.set_level(logging.DEBUG)
    with (
        rf.Client(
            client_id="an-id", client_secret="a-secret", environment=url,
            access_tokens={"books": TOKEN, "shop": OTHER}, retry=rf.RetryPolicy(attempts=1),
        ) as client,
        pytest.raises(rf.APIError, match="HTTP 301"),
    ):  # fmt: skip
        list(client.connection("books").accounts.list())
    headers = next(text for text in caplog.messages if text.startswith("receive_response_headers.complete"))
    assert f"b'https://example.com/accounts?access_token={MASK}'" in headers
    for text in (TOKEN, OTHER):
        for spelling in (text, quote(text), quote(text, safe="")):
            assert spelling not in caplog.text


def test_other_records_stay_as_they_are(caplog: pytest.LogCaptureFixture) -> None:
    """Without a request of this package nothing is changed."""
    caplog.set_level(logging.DEBUG, logger="httpcore.http11")
    logging.getLogger("httpcore.http11").debug("a header: %s", TOKEN)
    assert caplog.messages == [f"a header: {TOKEN}"]
