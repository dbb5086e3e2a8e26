"""Lists that a platform does not have: known before the load, named by the caller, or inferred from a 404."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.loaders import LoadJob, Options
from rutterframe.models import RESOURCES

NAMES = ("ledger", "shop", "bank")
#: The platform of each connection by the API; that of "odd" is not in this project's list.
PLATFORMS = {"known-ledger": "QuickBooks", "known-shop": "shopify", "odd": "something new"}
ACCOUNTING = ("accounts", "invoices", "bills", "expenses", "customers", "bank-accounts")


class API:
    """An API that has some lists, with a row each, some empty ones, and answers 404 to all others."""

    def __init__(self) -> None:
        self.rows: dict[str, set[str]] = {"ledger": {"/invoices"}, "shop": {"/orders"}}
        self.empty: set[tuple[str, str]] = set()
        self.status = 404
        self.requests: list[str] = []
        self.looked_up: list[str] = []
        self.cursor: str | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/base")
        if path.startswith("/connections"):
            self.looked_up.append(path)
            return self.connection(path)
        if "cursor" in request.url.params:
            return httpx.Response(404, json={"error_code": "NOT_FOUND"})
        name = request.url.params["access_token"].removesuffix("-token")
        self.requests.append(f"{name}{path}")
        key = path[1:].replace("-", "_")
        if path in self.rows.get(name, ()):
            return httpx.Response(200, json={key: [{"id": "one"}], "next_cursor": self.cursor})
        if (name, path) in self.empty:
            return httpx.Response(200, json={key: [], "next_cursor": None})
        return httpx.Response(self.status, json={"error_code": "NOT_FOUND"})

    def connection(self, path: str) -> httpx.Response:
        records = [{"id": name, "platform": platform} for name, platform in PLATFORMS.items()]
        if path == "/connections":
            return httpx.Response(200, json={"connections": records, "next_cursor": None})
        matches = [one for one in records if path == f"/connections/{one['id']}"]
        return httpx.Response(200, json=matches[0]) if matches else httpx.Response(404, json={})


@pytest.fixture
def api() -> API:
    """An API on which each connection has one list."""
    return API()


@pytest.fixture
def client(api: API) -> Iterator[rf.Client]:
    """A client of that API."""
    with rf.Client(
        client_id="an-id",
        client_secret="a-secret",
        environment="https://api.example.com/base",
        access_tokens={name: f"{name}-token" for name in (*NAMES, *PLATFORMS)},
        transport=httpx.MockTransport(api),
        rate_limit=None,
    ) as client:
        yield client


@pytest.fixture
def opened(client: rf.Client) -> Callable[..., list[rf.Connection]]:
    """Open connections of that client."""
    return lambda *names: [client.connection(name) for name in names]


Opened = Callable[..., list[rf.Connection]]


def test_another_connection_has_it(opened: Opened) -> None:
    """A 404 of an unknown platform is recorded, with a warning, and the receipt is not complete."""
    with pytest.warns(rf.NotOfferedWarning) as caught:
        frame = rf.load_invoices(opened("ledger", "shop"), progress=False)
    (message,) = [str(one.message) for one in caught]
    assert message == (
        "Recorded as not offered, since the list was not found: shop: invoices (HTTP 404). It is not known "
        "whether the platform has it, so the receipt is not complete. If it does not, pass "
        "not_offered={'shop': ['invoices']}"
    )
    assert caught[0].filename == __file__
    receipt = rf.receipt(frame)
    assert frame[["connection_id", "id"]].to_numpy().tolist() == [["ledger", "one"]]
    assert (receipt["complete"], receipt["errors"], receipt["not_offered"]) == (False, {}, ["shop"])
    assert receipt["per_connection"] == {
        "ledger": {"pages": 1, "rows": 1, "duplicates_dropped": 0, "rows_refused": 0, "complete": True},
        "shop": {
            "pages": 0, "rows": 0, "duplicates_dropped": 0, "rows_refused": 0, "complete": False,
            "not_offered": "not offered (HTTP 404)",
        },
    }  # fmt: skip
    assert str(receipt).splitlines()[0].endswith(": NOT COMPLETE")
    assert "\n  not offered by      shop: not offered (HTTP 404)\n" in str(receipt)


def test_the_connection_has_something_else(opened: Opened) -> None:
    """A load of everything records each 404 of a connection of which another list has rows."""
    with pytest.warns(rf.NotOfferedWarning, match=r"shop: accounts \(HTTP 404\), transactions \(HTTP 404\)"):
        frames = rf.load_all(opened("shop"), progress=False)
    assert {name: len(frame) for name, frame in frames.items() if len(frame)} == {"orders": 1}
    assert {name for name, frame in frames.items() if rf.receipt(frame)["complete"]} == {"orders"}
    assert rf.receipt(frames["bills"])["not_offered"] == ["shop"]
    assert rf.receipt(frames["orders"])["not_offered"] == []


def test_gone(api: API, opened: Opened) -> None:
    """HTTP 410 counts as 404 does."""
    api.status = 410
    with pytest.warns(rf.NotOfferedWarning, match=r"shop: invoices \(HTTP 410\)"):
        frame = rf.load_invoices(opened("ledger", "shop"), progress=False)
    assert rf.receipt(frame)["per_connection"]["shop"]["not_offered"] == "not offered (HTTP 410)"


def test_an_empty_list_is_no_evidence(api: API, opened: Opened) -> None:
    """Six paths that answer 404 beside empty lists are an error that names the paths."""
    empty = ("/transactions", "/orders", "/products", "/ad-accounts")
    api.empty = {("ledger", path) for path in empty}
    api.rows = {}
    with pytest.raises(rf.LoadError, match=r"^6 of 10 loads failed") as caught:
        rf.load_all(opened("ledger"), progress=False)
    for path in ACCOUNTING:
        assert f"HTTP 404: NOT_FOUND (https://api.example.com/base/{path})" in str(caught.value)
    assert len(caught.value.errors) == 6


def test_every_list_is_missing(opened: Opened) -> None:
    """A connection that answers 404 to everything fails, also beside others that are read."""
    with pytest.raises(rf.LoadError, match=r"^10 of 10 loads failed") as caught:
        rf.load_all(opened("bank"), progress=False)
    assert all(f"https://api.example.com/base/{name}" in str(caught.value) for name in ACCOUNTING)
    with pytest.warns(rf.NotOfferedWarning, match="shop: accounts"):
        frames = rf.load_all(opened("shop", "bank"), on_error="skip", progress=False)
    receipt = rf.receipt(frames["orders"])
    assert (list(receipt["errors"]), receipt["not_offered"], receipt["complete"]) == (["bank"], [], False)


def test_no_connection_has_it(opened: Opened) -> None:
    """Where no list was found the address may be wrong: it stays an error, also of several connections."""
    with pytest.raises(
        rf.NotFound, match=r"HTTP 404: NOT_FOUND \(https://api\.example\.com/base/invoices\)"
    ) as caught:
        rf.load_invoices(opened("shop"), progress=False)
    assert caught.value.hint == (
        "check RUTTER_ENVIRONMENT, and that the connection is of this environment; if its platform does not "
        "have the list, pass not_offered={'shop': ['invoices']}."
    )
    with pytest.raises(rf.LoadError, match="2 of 2 loads failed"):
        rf.load_bills(opened("ledger", "shop"), progress=False)


def test_a_platform_that_has_it(api: API, opened: Opened) -> None:
    """A 404 of a platform that is known to have the list is a failure, whatever else was answered."""
    api.rows = {"known-ledger": {"/accounts"}, "ledger": {"/invoices"}}
    with pytest.raises(rf.LoadError, match=r"^1 of 2 loads failed") as caught:
        rf.load_invoices(opened("ledger", "known-ledger"), progress=False)
    assert [type(error) for error in caught.value.errors] == [rf.NotFound]
    with pytest.raises(rf.LoadError) as caught, pytest.warns(rf.NotOfferedWarning):
        rf.load_all(opened("known-ledger"), progress=False)
    assert {error.context.resource for error in caught.value.errors} == {
        "transactions", "invoices", "bills", "expenses", "customers",
    }  # fmt: skip


def test_a_platform_that_lacks_it(opened: Opened) -> None:
    """A 404 of a platform that is known to lack the list is not a failure, and the receipt is complete."""
    frame = rf.load_invoices(opened("ledger", "known-shop"), progress=False)
    receipt = rf.receipt(frame)
    assert (receipt["complete"], receipt["not_offered"], receipt["errors"]) == (True, ["known-shop"], {})
    assert "\n  not offered by      known-shop\n" in str(receipt)


def test_no_request_to_a_platform_that_lacks_it(api: API, client: rf.Client, opened: Opened) -> None:
    """Once the connections were listed, lists that a platform does not have are not requested."""
    api.rows = {"known-shop": {"/orders", "/products", "/customers", "/transactions"}}
    rf.load_connections(client, progress=False)
    frames = rf.load_all(opened("known-shop"), progress=False)
    assert sorted(api.requests) == [
        "known-shop/customers", "known-shop/orders", "known-shop/products", "known-shop/transactions",
    ]  # fmt: skip
    assert {name for name, frame in frames.items() if rf.receipt(frame)["complete"]} == {
        "orders", "products", "customers", "transactions",
    }  # fmt: skip


@pytest.mark.parametrize(
    "learn", [lambda resource: list(resource.list()), lambda resource: resource.retrieve("known-shop")]
)
def test_the_platform_is_remembered(
    api: API, client: rf.Client, opened: Opened, learn: Callable[[Any], object]
) -> None:
    """The platform is known from any record of the connection that was read."""
    api.rows["ledger"] = {"/invoices"}
    learn(client.connections)
    assert rf.receipt(rf.load_invoices(opened("ledger", "known-shop"), progress=False))["complete"] is True
    assert api.requests == ["ledger/invoices"]


def test_no_request_at_all(client: rf.Client, opened: Opened) -> None:
    """A load without a request is not complete: at least one list must have been read."""
    rf.load_connections(client, progress=False)
    frame = rf.load_invoices(opened("known-shop"), progress=False)
    receipt = rf.receipt(frame)
    assert (len(frame), receipt["complete"], receipt["not_offered"]) == (0, False, ["known-shop"])
    assert receipt["per_connection"]["known-shop"]["complete"] is True


@pytest.mark.parametrize("not_offered", [{"shop": ["invoices"]}, {"shop": iter(["invoices"])}])
def test_named_by_the_caller(api: API, opened: Opened, not_offered: Any) -> None:
    """A list that the caller names as not offered is not requested, and the receipt is complete."""
    frame = rf.load_invoices(opened("ledger", "shop"), not_offered=not_offered, progress=False)
    receipt = rf.receipt(frame)
    assert (receipt["complete"], receipt["not_offered"], api.requests) == (
        True,
        ["shop"],
        ["ledger/invoices"],
    )
    assert "\n  not offered by      shop\n" in str(receipt)


def test_named_by_the_caller_for_every_connection(api: API, opened: Opened) -> None:
    """Resources without a connection id are not requested of any connection."""
    lists = set(RESOURCES) - {"orders"}
    frames = rf.load_all(opened("shop"), not_offered=lists, progress=False)
    assert api.requests == ["shop/orders"]
    assert {name for name, frame in frames.items() if rf.receipt(frame)["complete"]} == {"orders"}


def test_a_later_page_that_is_not_found(api: API, opened: Opened) -> None:
    """A 404 after the first page is a failure: the list exists, and its rest is missing."""
    api.rows["known-shop"] = {"/invoices"}
    api.cursor = "second"
    with pytest.raises(rf.NotFound, match="HTTP 404") as caught:
        rf.load_invoices(opened("known-shop"), progress=False)
    assert caught.value.context.pages == 1


def test_two_lists_of_two_connections(api: API, opened: Opened) -> None:
    """In a load of several resources other connections prove nothing: the connection's own rows do."""
    api.empty = {("shop", "/bills")}
    api.rows = {"ledger": {"/invoices", "/bills"}}
    listings = [one.listing(name) for name in ("invoices", "bills") for one in opened("ledger", "shop")]
    load = LoadJob(listings, Options(progress=False), ("invoices", "bills"))
    with pytest.raises(rf.LoadError, match="1 of 4 loads failed"):
        load.run()


def test_the_platform_is_looked_up_once(api: API, opened: Opened) -> None:
    """However many lists are not found, the connection's record, and the list of them, are read once."""
    api.rows["known-shop"] = {"/orders", "/products", "/customers", "/transactions"}
    frames = rf.load_all(opened("known-shop"), progress=False)
    assert api.looked_up == ["/connections", "/connections/known-shop"]
    assert rf.receipt(frames["invoices"])["not_offered"] == ["known-shop"]


def test_in_chunks(api: API, opened: Opened) -> None:
    """iter_frames yields one empty frame of a list that is not offered, and raises on a 404."""
    (shop,) = opened("shop")
    (chunk,) = rf.iter_frames(shop, "invoices", not_offered=["invoices"])
    receipt = rf.receipt(chunk)
    assert (len(chunk), receipt["complete"], receipt["not_offered"], api.requests) == (0, False, ["shop"], [])
    with pytest.raises(rf.NotFound):
        list(rf.iter_frames(shop, "invoices"))


def test_unknown_resources(opened: Opened) -> None:
    """A text, and an unknown resource, are refused with the expected value."""
    with pytest.raises(TypeError, match=r"'orders' is text: write \['orders'\]"):
        rf.load_all(opened("shop"), not_offered="orders", progress=False)
    with pytest.raises(TypeError, match=r"'orders' is text: write \['orders'\]"):
        Options(not_offered={"shop": "orders"})
    with pytest.raises(ValueError, match=r"not_offered='invoice' is not a resource; there are accounts, "):
        rf.load_all(opened("shop"), not_offered=["invoice"], progress=False)


def test_an_unknown_platform(api: API, opened: Opened) -> None:
    """An unknown platform may lack anything: its 404 is recorded, and the receipt is not complete."""
    api.rows["odd"] = {"/orders"}
    with pytest.warns(rf.NotOfferedWarning, match="odd: invoices"):
        frame = rf.load_invoices(opened("ledger", "odd"), progress=False)
    assert rf.receipt(frame)["complete"] is False


def test_a_resumed_load_keeps_what_is_not_offered(api: API, opened: Opened) -> None:
    """The lists that the caller named as not offered stay so when the load is resumed."""
    api.rows = {}
    with pytest.raises(rf.LoadError) as caught:
        rf.load_bills(opened("ledger", "shop", "bank"), not_offered={"bank": ["bills"]}, progress=False)
    api.rows = {"ledger": {"/bills"}, "shop": {"/bills"}}
    frame = rf.resume(caught.value, progress=False)
    assert rf.receipt(frame)["not_offered"] == ["bank"]  # type: ignore[arg-type]
    assert rf.receipt(frame)["complete"] is True  # type: ignore[arg-type]


def test_an_empty_list_of_another_connection_proves_nothing(api: API, opened: Opened) -> None:
    """In a load of one resource, a 404 is a failure where no other connection has rows in that list."""
    api.empty = {("ledger", "/products")}
    with pytest.raises(rf.LoadError, match="1 of 2 loads failed") as caught:
        rf.load_products(opened("ledger", "odd"), progress=False)
    assert isinstance(caught.value.errors[0], rf.NotFound)


def test_resume_requests_a_list_again_that_was_not_found(api: API, opened: Opened) -> None:
    """A list that counted as not offered after a 404 is requested again, and is complete once it exists."""
    api.rows = {"ledger": {"/invoices"}}
    failing = pytest.raises(rf.LoadError, match="1 of 3 loads failed")
    with pytest.warns(rf.NotOfferedWarning), failing as caught:
        rf.load_invoices(opened("ledger", "odd", "known-ledger"), progress=False)
    api.rows |= {"odd": {"/invoices"}, "known-ledger": {"/invoices"}}
    api.requests.clear()
    frame = rf.resume(caught.value, progress=False)
    assert isinstance(frame, pd.DataFrame)
    receipt = rf.receipt(frame)
    assert (receipt["rows"], receipt["complete"], receipt["not_offered"]) == (3, True, [])
    assert sorted(api.requests) == ["known-ledger/invoices", "odd/invoices"]
