"""No secret of the live service anywhere: tokens of its list of connections, credentials in a body."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from typing import Any

import httpx
import pytest

import rutterframe as rf
from rutterframe.client.redaction import mask_parameter
from tests.canary.canaries import ID, SECRET, TOKEN, Recorder, client_of, log_texts, secrets_in

LEDGER = "ledger-1"
ROW = {
    "id": LEDGER,
    "access_token": TOKEN,
    "link_url": f"https://link.example.com/?token={TOKEN}",
    "platform": "QUICKBOOKS",
    "status": "active",
    "name": None,
    "created_at": "2026-01-01T00:00:00.000Z",
    "updated_at": "2026-01-01T00:00:00.000Z",
}
INVOICE: dict[str, Any] = {
    "customer_id": "c1",
    "issue_date": "2026-07-01",
    "currency": "EUR",
    "line_items": [{"total_amount": 12.34}],
}
JOB = {
    "id": "j1",
    "status": "failure",
    "request": {"method": "POST", "url": f"/accounting/invoices?access_token={TOKEN}", "body": {"x": TOKEN}},
    "response": {
        "http_status": 400,
        "body": {"error_code": "X", "error_message": f"with access_token={TOKEN}"},
    },
}

Handler = Callable[[httpx.Request], httpx.Response]


def service(request: httpx.Request) -> httpx.Response:  # noqa: PLR0911 - a table of answers
    """Answer as the service does; an error repeats the request."""
    path = request.url.path
    if path == "/connections":
        return httpx.Response(
            200, json={"connections": [ROW, {**ROW, "id": "other", "access_token": TOKEN[::-1]}]}
        )
    if path == "/connections/access_token":
        return httpx.Response(
            200, json={"connection": {**ROW, "disabled": False, "unavailable_objects": ["bill"]}}
        )
    if path == "/item/public_token/exchange":
        return httpx.Response(200, json={"connection_id": "new", "access_token": TOKEN, "platform": "XERO"})
    if path == "/accounting/accounts":
        return httpx.Response(200, json={"accounts": [{"id": "a1", "name": "Cash"}], "next_cursor": None})
    if path == "/accounting/bills":
        return httpx.Response(
            200, json={"async_response": {"id": "j1", "status": "pending", "response_url": ""}}
        )
    if path == "/jobs/j1":
        return httpx.Response(200, json=JOB)
    message = f"{request.url} {request.content.decode()} {TOKEN} {ID} {SECRET}"
    return httpx.Response(400, json={"error_code": TOKEN, "error_message": message})


def live_client(handler: Handler) -> rf.Client:
    transport = httpx.MockTransport(handler)
    return client_of("https://api.example.com", transport=transport, dialect="live", access_tokens=None)


def texts_with_secrets(recorder: Recorder, logs: pytest.LogCaptureFixture) -> list[list[str]]:
    return [secrets_in(text) for text in [*recorder.texts, *log_texts(logs)] if secrets_in(text)]


def test_no_secret_in_any_use(logs: pytest.LogCaptureFixture) -> None:
    """What is listed, loaded, exchanged, written and refused shows no secret, nor does the client itself."""
    recorder = Recorder()
    with live_client(service) as client:
        connection = client.connection(LEDGER)
        recorder.run(lambda: list(client.connections.list()))
        recorder.run(lambda: client.connections.retrieve(LEDGER))
        recorder.run(lambda: [connection.status(), list(connection.accounts.list())])
        recorder.run(lambda: client.connections.exchange("public-1"))
        frame = rf.load_connections(client, progress=False)
        recorder.texts += [frame.to_csv(), repr(frame.attrs), pickle.dumps(frame).decode("latin-1")]
        assert recorder.kinds == []
        recorder.run(lambda: client.connections.status(LEDGER))
        recorder.run(lambda: client.connections.exchange(TOKEN))
        recorder.run(lambda: list(connection.invoices.list()))
        recorder.run(lambda: connection.invoices.create(**INVOICE))
        recorder.run(lambda: connection.bills.create(vendor_id="v", **{**INVOICE, "customer_id": "c"}))
        recorder.run(lambda: rf.load_invoices(connection, progress=False))
        recorder.run(lambda: client.job("j1"))
        recorder.run(lambda: client.connection("nowhere"))
        for thing in (client, client.connections, connection, connection.listings("customers"), frame.attrs):
            recorder.inspect(thing)
    assert set(recorder.kinds) == {"BadRequest", "InvalidDraft", "MissingToken"}
    assert texts_with_secrets(recorder, logs) == []


def without(text: str, *, cut: int = 0) -> Handler:
    """Return a service with another list of connections."""

    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/connections":
            return httpx.Response(200, content=text.encode()[: -cut or None])
        return service(request)

    return handler


WHOLE = json.dumps({"connections": [ROW]})
LISTS: dict[str, Handler] = {
    "cut": without(WHOLE, cut=9),
    "html": without(f"<html>access_token={TOKEN}</html>"),
    "no object": without(json.dumps([ROW])),
    "other key": without(json.dumps({"rows": [ROW]})),
    "a mapping": without(json.dumps({"connections": {LEDGER: ROW}})),
    "a text in it": without(json.dumps({"connections": [ROW, TOKEN]})),
    "an unreadable date": without(json.dumps({"connections": [{**ROW, "created_at": f"x{TOKEN}"}]})),
    "a status that is a token": without(json.dumps({"connections": [{**ROW, "status": [TOKEN]}]})),
    "too deep": without(f'{{"connections": [{{"access_token": "{TOKEN}", "x": {"[" * 100_000}}}]}}'),
    "an error": lambda _: httpx.Response(500, text=WHOLE),
    "an error in words": lambda _: httpx.Response(400, json={"error_message": WHOLE}),
    "an error of a proxy": lambda _: httpx.Response(502, html=f"<p>?access_token={TOKEN}&x=1</p>"),
}


@pytest.mark.parametrize("case", LISTS)
def test_no_secret_in_a_broken_list(logs: pytest.LogCaptureFixture, case: str) -> None:
    """A list of connections that cannot be read is not quoted, whatever is wrong with it."""
    recorder = Recorder()
    with live_client(LISTS[case]) as client:
        recorder.run(lambda: client.connection(LEDGER))
        recorder.run(lambda: list(client.connections.list()))
        recorder.run(lambda: rf.load_connections(client, progress=False))
        recorder.run(lambda: rf.load_connections(client, on_invalid="quarantine", progress=False).attrs)
        recorder.inspect(client)
    assert recorder.errors
    assert texts_with_secrets(recorder, logs) == []


@pytest.mark.parametrize("kind", [KeyboardInterrupt, MemoryError])
def test_no_secret_when_reading_is_interrupted(
    logs: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, kind: type[BaseException]
) -> None:
    """Ctrl-C while the tokens are taken out of the list shows none of them."""

    def interrupt(*_: object, **__: object) -> None:
        raise kind

    recorder = Recorder()
    with live_client(service) as client:
        monkeypatch.setattr("rutterframe.client.connection_list.wrap", interrupt)
        recorder.run(lambda: client.connection(LEDGER))
        recorder.run(lambda: rf.load_connections(client, progress=False))
    assert recorder.kinds[0] == kind.__name__
    assert texts_with_secrets(recorder, logs) == []


def test_no_secret_of_the_other_dialect(logs: pytest.LogCaptureFixture) -> None:
    """A client of the contract that gets a list with tokens refuses it, and shows none of them."""
    recorder = Recorder()
    transport = httpx.MockTransport(service)
    with client_of("https://api.example.com", transport=transport) as client:
        recorder.run(lambda: list(client.connections.list()))
        recorder.run(lambda: rf.load_connections(client, progress=False))
        recorder.inspect(client)
    assert recorder.kinds == ["WrongDialect", "WrongDialect"]
    assert texts_with_secrets(recorder, logs) == []


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("?access_token=abc&x=1", "?access_token=**********&x=1"),
        ('{"access_token": "abc"}', '{"access_token": "**********"}'),
        (r"{\"access_token\": \"abc\"}", r"{\"access_token\": \"**********\"}"),
        ("access_token: abc, x", "access_token: **********, x"),
        ("the access_token is wrong", "the access_token is wrong"),
        ("no such word", "no such word"),
    ],
)
def test_the_value_of_a_parameter_is_masked(text: str, masked: str) -> None:
    """A token that the client does not know is masked where it stands beside its name."""
    assert mask_parameter(text, "access_token") == masked
