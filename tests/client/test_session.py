"""The session: foreign exceptions are mapped, tracebacks hold no secrets, a closed client sends nothing."""

from __future__ import annotations

import io
import traceback
from collections.abc import Callable, Iterator

import httpx
import pytest
from pydantic import SecretStr
from rich.console import Console
from rich.traceback import Traceback

import rutterframe as rf
from rutterframe.demo.server import DemoServer

REQUEST = httpx.Request("GET", "https://api.example.com/base/invoices?access_token=canary-token")


def family(kind: type[Exception]) -> Iterator[type[Exception]]:
    yield kind
    for derived in kind.__subclasses__():
        yield from family(derived)


#: Every class that httpx documents as raised by a request.
HTTP_ERRORS = sorted(set(family(httpx.HTTPError)), key=lambda kind: kind.__name__)


def create_error(kind: type[Exception], text: str) -> Exception:
    if kind is httpx.HTTPStatusError:
        return httpx.HTTPStatusError(text, request=REQUEST, response=httpx.Response(500))
    if issubclass(kind, httpx.RequestError):
        return kind(text, request=REQUEST)
    return kind(text)


def error_of(client: rf.Client, token: str | None = None) -> BaseException:
    try:
        list(client.connection("books", token).invoices.list())
    except BaseException as error:  # noqa: BLE001 - every exception is inspected
        return error
    raise AssertionError("nothing was raised")


def test_the_list_of_classes_is_whole() -> None:
    """All of httpx's public exceptions for requests are tried."""
    public = {
        kind
        for kind in map(httpx.__dict__.get, httpx.__all__)
        if isinstance(kind, type) and issubclass(kind, httpx.HTTPError)
    }
    assert public <= set(HTTP_ERRORS)
    assert len(HTTP_ERRORS) >= 19


def frames(error: BaseException) -> list[tuple[str, str]]:
    return [
        (frame.filename.replace("\\", "/").rpartition("/")[2], frame.name)
        for frame in traceback.extract_tb(error.__traceback__)
    ]


@pytest.mark.parametrize("kind", HTTP_ERRORS)
@pytest.mark.parametrize("text", ["", "canary-token was refused with canary-secret"])
def test_foreign_exceptions_are_mapped(
    answering: Callable[..., rf.Client], kind: type[Exception], text: str
) -> None:
    """An exception of httpx becomes a TransportError, masked, without cause, context or inner frames."""

    def handler(_: httpx.Request) -> httpx.Response:
        raise create_error(kind, text)

    error = error_of(answering(handler, client_secret="canary-secret"), "canary-token")
    assert type(error) is rf.TransportError
    assert (error.__cause__, error.__context__) == (None, None)
    assert "canary" not in "".join(traceback.format_exception(error))
    word = "timed out" if issubclass(kind, httpx.TimeoutException) else kind.__name__
    quoted = " (********** was refused with **********)" if text else ""
    assert error.message == f"No response from https://api.example.com/base: {word}{quoted} (tried 3 times)"
    assert error.hint == "check the network and the environment's address; then load again."
    inner = {"session.py", "signing.py", "retry.py", "transport.py", "pagination.py", "__init__.py"}
    assert not {file for file, _ in frames(error)} & inner


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (lambda: httpx.Response(400), rf.BadRequest),
        (lambda: httpx.Response(500), rf.ServerError),
        (lambda: httpx.Response(200, content=b"<html>"), rf.InvalidResponse),
        (lambda: httpx.Response(200, json=[]), rf.InvalidResponse),
        (
            lambda: httpx.Response(
                200, stream=httpx.ByteStream(b"no gzip"), headers={"Content-Encoding": "gzip"}
            ),
            rf.TransportError,
        ),
    ],
)
def test_no_error_has_frames_below_the_session(
    answering: Callable[..., rf.Client], response: Callable[[], httpx.Response], kind: type[Exception]
) -> None:
    """Neither a refusal nor a broken response keeps a frame that held the signed request."""
    error = error_of(answering(lambda _: response()))
    assert type(error) is kind
    inner = {"session.py", "signing.py", "retry.py", "transport.py", "pagination.py", "_models.py"}
    assert not {file for file, _ in frames(error)} & inner


def test_a_refused_connection_is_a_transport_error() -> None:
    """A server that is not there is named, with the reason of the system."""
    policy = rf.RetryPolicy(attempts=2, wait_initial=0.0)
    with rf.Client(
        client_id="i", client_secret="s", environment="http://127.0.0.1:9", retry=policy
    ) as client:
        error = error_of(client, "canary-token")
    assert isinstance(error, rf.TransportError)
    assert error.message.startswith("No response from http://127.0.0.1:9: ConnectError (")
    assert error.message.endswith(" (tried 2 times)")


def test_a_host_that_cannot_be_encoded_is_a_transport_error(answering: Callable[..., rf.Client]) -> None:
    """Python's own error of a host that cannot be looked up does not leave the API."""

    def handler(_: httpx.Request) -> httpx.Response:
        "a..b".encode("idna")
        raise AssertionError

    assert type(error_of(answering(handler))) is rf.TransportError


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError])
def test_other_exceptions_are_not_mapped(
    answering: Callable[..., rf.Client], kind: type[BaseException]
) -> None:
    """Ctrl-C, and whatever else is not an error of a request, is raised as it is."""
    sent = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        raise kind

    assert type(error_of(answering(handler))) is kind
    assert len(sent) == 1


Answering = Callable[..., rf.Client]


def invoices(client: rf.Client) -> list[object]:
    return list(client.connection("books").invoices.list())


def test_ctrl_c_shows_no_secret(answering: Answering) -> None:
    """The traceback of Ctrl-C, drawn with local variables, has neither token nor credentials."""

    def interrupted(_: httpx.Request) -> httpx.Response:
        raise KeyboardInterrupt

    # Backwards, since a traceback also shows the lines and the locals of this test.
    hidden = "nekot-yranac"
    client = answering(interrupted, access_tokens={"books": SecretStr(hidden[::-1])})
    out = io.StringIO()
    try:
        invoices(client)
    except KeyboardInterrupt as error:
        rendered = Traceback.from_exception(
            type(error), error, error.__traceback__, show_locals=True, width=2000, max_frames=0
        )
        Console(file=out, width=2000).print(rendered)
    assert hidden[::-1] not in out.getvalue()


def test_a_closed_client_cannot_be_used(server: DemoServer) -> None:
    """A client that was closed refuses to send, whatever it is asked for, and can be closed again."""
    server.configure(faults=[])
    client = rf.Client(client_id=server.client_id, client_secret=server.client_secret, environment=server.url)
    client.close()
    try:
        for use in (
            lambda: client.connections.retrieve("roaster-bank"),
            lambda: list(client.connections.list()),
            lambda: client.connections.exchange("public-roaster-bank"),
            lambda: rf.load_invoices(client.connection("roaster-bank", "a-token"), progress=False),
        ):
            with pytest.raises(RuntimeError, match=r"^This client was closed; open a new one"):
                use()
        assert len(server.requests) == 0
    finally:
        client.close()
