"""What a platform does not have: a 404 is no failure where others were answered, and one where none was."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

import rutterframe as rf

TOKENS = {"ledger": "ledger-token", "shop": "shop-token"}
#: What each platform has; anything else is answered with 404.
HAS = {"ledger-token": {"/invoices"}, "shop-token": {"/orders"}}


def answer(request: httpx.Request) -> httpx.Response:
    """Answer a list with one row, or with 404."""
    token, path = request.url.params["access_token"], request.url.path.removeprefix("/base")
    if path not in HAS[token]:
        return httpx.Response(404, json={"error_code": "NOT_FOUND"})
    return httpx.Response(200, json={path[1:]: [{"id": "one"}], "next_cursor": None})


@pytest.fixture
def opened() -> Iterator[Callable[..., list[rf.Connection]]]:
    """Open connections of a server on which a platform lacks what it does not have."""
    client = rf.Client(
        client_id="an-id",
        client_secret="a-secret",
        environment="https://api.example.com/base",
        access_tokens=TOKENS,
        transport=httpx.MockTransport(answer),
        rate_limit=None,
    )
    yield lambda *names: [client.connection(name) for name in names]
    client.close()


def test_another_connection_has_it(opened: Callable[..., list[rf.Connection]]) -> None:
    """A shop without invoices does not fail a load of invoices that the ledger answers."""
    frame = rf.load_invoices(opened("ledger", "shop"), progress=False)
    receipt = frame.attrs["receipt"]
    assert frame[["connection_id", "id"]].to_numpy().tolist() == [["ledger", "one"]]
    assert (receipt["complete"], receipt["errors"], receipt["not_offered"]) == (True, {}, ["shop"])
    assert receipt["per_connection"]["shop"]["rows"] == 0


def test_the_connection_has_something_else(opened: Callable[..., list[rf.Connection]]) -> None:
    """A load of everything leaves empty what the connection does not have, and says so."""
    frames = rf.load_all(opened("shop"), progress=False)
    assert {name: len(frame) for name, frame in frames.items() if len(frame)} == {"orders": 1}
    assert frames["bills"].attrs["receipt"]["not_offered"] == ["shop"]
    assert frames["orders"].attrs["receipt"]["not_offered"] == []


def test_nobody_has_it(opened: Callable[..., list[rf.Connection]]) -> None:
    """Where nothing was found the address may be wrong: it stays an error, also of several."""
    with pytest.raises(rf.NotFound, match="HTTP 404"):
        rf.load_invoices(opened("shop"), progress=False)
    with pytest.raises(rf.LoadError, match="2 of 2 loads failed"):
        rf.load_bills(opened("ledger", "shop"), progress=False)


def test_the_receipt_says_so(opened: Callable[..., list[rf.Connection]]) -> None:
    """The text of a receipt names who does not have it."""
    found = rf.receipt(rf.load_invoices(opened("ledger", "shop"), progress=False))
    assert "\n  not offered by      shop\n" in str(found)
