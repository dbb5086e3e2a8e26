"""A server that speaks the other dialect is refused with advice; a platform without a resource is not."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest

import rutterframe as rf
from rutterframe.client.other_dialect import SHARED_PATHS
from rutterframe.demo.server import DemoServer
from rutterframe.dialects import CONTRACT, LIVE
from tests.client.live_api import LEDGER, LiveAPI, page, refusal
from tests.conftest import client_of

Answering = Callable[..., rf.Client]
OPEN_LIVE = "open it with rf.Client(dialect='live'), or set RUTTER_DIALECT=live."
OPEN_CONTRACT = "open it with rf.Client(dialect='contract'), the default, and leave RUTTER_DIALECT unset."


@pytest.mark.parametrize(
    "ask",
    [
        lambda client: list(client.connections.list()),
        lambda client: rf.load_connections(client, progress=False),
        lambda client: list(client.connection("books").accounts.list()),
        lambda client: rf.load_invoices(client.connection("books"), progress=False),
        lambda client: client.connection("books").invoices.create(
            customer_id="c", line_items=[{"total_amount": 1}]
        ),
        lambda client: list(client.webhooks.list()),
        lambda client: client.connections.exchange("public-1"),
    ],
)
def test_a_client_of_the_contract_at_the_live_service(
    answering: Answering, live_api: LiveAPI, ask: Callable[[rf.Client], object]
) -> None:
    """Tokens in the list of connections show the live service: at once, or after a 404 on a path of ours."""
    with pytest.raises(rf.WrongDialect) as error:
        ask(answering(live_api))
    assert error.value.message == (
        "The list of connections has access tokens: the server speaks the live dialect, and this client the "
        "contract (openapi.yaml)"
    )
    assert error.value.hint == OPEN_LIVE


@pytest.mark.parametrize("resource", ["orders", "products", "customers", "transactions"])
def test_a_shared_path_of_the_live_service(answering: Answering, live_api: LiveAPI, resource: str) -> None:
    """A page that names an organisation is the live service's, also where it is empty."""
    live_api.answers["GET", f"/{resource}"] = page(resource, [])
    with pytest.raises(rf.WrongDialect, match=r"^The page names an organisation \(orgId\): ") as error:
        list(getattr(answering(live_api).connection("books"), resource).list())
    assert error.value.hint == OPEN_LIVE


def test_the_word_in_a_record_is_not_a_sign(answering: Answering) -> None:
    """A platform's own record may hold any key: only beside the rows does it show the live service."""
    rows = [{"id": "o1", "platform_data": {"orgId": 1, "connection": {"orgId": 2}}}]
    client = answering(lambda _: httpx.Response(200, json={"orders": rows, "next_cursor": None}))
    (order,) = client.connection("books").orders.list(expand="platform_data")
    assert order.id == "o1"


@pytest.mark.parametrize(
    "ask",
    [
        lambda client, name: client.connection(name),
        lambda client, _: list(client.connections.list()),
        lambda client, name: list(client.connection(name, "a-token").accounts.list()),
        lambda client, name: list(client.connection(name, "a-token").vendors.list()),
        lambda client, name: client.connection(name, "a-token").invoices.retrieve("i1"),
        lambda client, _: client.connections.exchange("public-1"),
    ],
)
def test_a_live_client_at_a_server_of_the_contract(
    server: DemoServer, ask: Callable[[rf.Client, str], object]
) -> None:
    """A list of connections without tokens shows the contract, also after a 404 on a path of live."""
    with (
        client_of(server, dialect="live", access_tokens=None) as client,
        pytest.raises(rf.WrongDialect) as error,
    ):
        ask(client, "roaster-quickbooks")
    assert error.value.message == (
        "The list of connections has no access tokens: the server speaks the contract (openapi.yaml), and "
        "this client the live dialect"
    )
    assert error.value.hint == OPEN_CONTRACT


def test_a_shared_path_of_the_contract(server: DemoServer) -> None:
    """A page without an organisation makes a live client look at the list of connections, which decides."""
    token = server.access_tokens["roaster-shopify"]
    with client_of(server, dialect="live", access_tokens=None) as client, pytest.raises(rf.WrongDialect):
        list(client.connection("roaster-shopify", token).orders.list())


def test_a_platform_without_the_resource_is_not_the_other_dialect(live: rf.Client, live_api: LiveAPI) -> None:
    """A 404 stays one where the list of connections has tokens, and no further request is made for it."""
    connection = live.connection(LEDGER)
    for _ in range(2):
        with pytest.raises(rf.NotFound):
            list(connection.bills.list())
    assert [text.partition("?")[0] for text in live_api.sent] == [
        "GET /connections",
        "GET /accounting/bills",
        "GET /accounting/bills",
    ]


@pytest.mark.parametrize(
    "connections",
    [
        {"connections": []},
        refusal(401, "INVALID_CREDENTIALS"),
        refusal(500, "X"),
        refusal(400, "X"),
        ["nothing"],
    ],
)
@pytest.mark.parametrize("dialect", ["contract", "live"])
def test_no_verdict_without_connections(
    answering: Answering, live_api: LiveAPI, dialect: str, connections: Any
) -> None:
    """An empty list, or one that cannot be read, leaves the 404 what it is, and is asked for once."""
    live_api.answers["GET", "/connections"] = connections
    connection = answering(live_api, dialect=dialect).connection("books")
    for _ in range(2):
        with pytest.raises(rf.NotFound):
            list(connection.bills.list())
    assert sum(text.startswith("GET /connections") for text in live_api.sent) == 1


def test_a_record_that_is_not_there_costs_no_request(answering: Answering, live_api: LiveAPI) -> None:
    """In the contract a 404 on a record's path is about its id."""
    with pytest.raises(rf.NotFound):
        answering(live_api).connection("books").invoices.retrieve("i1")
    assert live_api.sent == ["GET /invoices/i1"]


def test_a_load_does_not_become_an_empty_frame(answering: Answering, live_api: LiveAPI) -> None:
    """A load of everything from the wrong server fails, though four of its paths exist there."""
    for name in ("orders", "products", "customers", "transactions"):
        live_api.answers["GET", f"/{name}"] = page(name, [])
    with pytest.raises(rf.RutterframeError) as error:
        rf.load_all(answering(live_api).connection("books"), progress=False)
    errors = getattr(error.value, "errors", (error.value,))
    assert {type(one) for one in errors} == {rf.WrongDialect}


def test_the_shared_paths() -> None:
    """The paths that are named as shared are those of both dialects' tables."""
    contract, live = (
        {route.path for routes in (*one.resources.values(), (one.webhooks,)) for route in routes}
        for one in (CONTRACT, LIVE)
    )
    assert contract & live == SHARED_PATHS


@pytest.mark.slow
def test_a_client_of_the_contract_does_not_import_the_tables_of_live() -> None:
    """Listing, a 404 and a write of the contract need neither the mappings nor the drafts of live."""
    code = """
import sys
import threading
import rutterframe as rf
with rf.demo() as client:
    shop = client.connection("roaster-shopify")
    list(shop.orders.list())
    shop.products.update(next(shop.products.list()).id, price=1.5)
    try:
        list(shop.invoices.list())
    except rf.NotFound:
        pass
print([name for name in sys.modules if "dialects.live" in name or "models.live" in name])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_token_that_is_null_decides_nothing(answering: Answering, live_api: LiveAPI) -> None:
    """A field without a token is neither of the contract nor a reason to refuse a live list."""
    for row in live_api.connections:
        row["access_token"] = None
    client = answering(live_api, dialect="live")
    assert [one.id for one in client.connections.list()] == [LEDGER, "shop-1"]
    with pytest.raises(rf.MissingToken):
        client.connection(LEDGER)
    assert [one.id for one in answering(live_api).connections.list()] == [LEDGER, "shop-1"]


def test_a_path_below_that_of_the_connections(answering: Answering) -> None:
    """Live asks for a connection by its token: a 404 there is a reason to look at the list."""

    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/base/connections":
            return httpx.Response(200, json={"connections": [{"id": "books"}], "next_cursor": None})
        return httpx.Response(404, text="<html>not here</html>")

    with pytest.raises(rf.WrongDialect):
        answering(handler, dialect="live").connection("books").status()


def test_half_a_page_is_not_the_other_dialect(answering: Answering) -> None:
    """A page that is cut is requested again, whatever it names."""
    client = answering(lambda _: httpx.Response(200, text='{"orders": [], "connection": {"orgId": 1'))
    with pytest.raises(rf.InvalidResponse, match="not JSON"):
        list(client.connection("books").orders.list())


def test_threads_that_look_at_the_same_time(answering: Answering) -> None:
    """Threads that need a token, and others with a reason to look, all get the error: none waits for ever."""
    started = threading.Barrier(8)

    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path != "/base/connections":
            return httpx.Response(404, json={})
        if request.url.params:
            return httpx.Response(400, json={"error_message": "status: not a parameter"})
        return httpx.Response(200, json={"connections": [{"id": "books"}], "next_cursor": None})

    client = answering(handler, dialect="live", access_tokens={"books": "a-token"})
    errors: list[BaseException] = []

    def ask(number: int) -> None:
        started.wait()
        try:
            if number % 2:
                client.connection(f"other-{number}")
            else:
                list(client.connection("books").bills.list())
        except rf.RutterframeError as error:
            errors.append(error)

    threads = [threading.Thread(target=ask, args=(number,), daemon=True) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [type(error) for error in errors] == [rf.WrongDialect] * 8
