"""Messages bring the changes of the API into a dataset."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

import rutterframe as rf
from rutterframe.demo.server import DemoServer
from rutterframe.webhook_server import refresh as refresh_module
from rutterframe.webhook_server.events import Scope
from rutterframe.webhook_server.refresh import DatasetRefresh
from tests.conftest import client_of
from tests.dataset.scripted import Api, invoices
from tests.dataset.test_refresh import vanish
from tests.webhook_server.serving import AT_ONCE, Site, message, serving, sign

LEDGERS = ("roaster-quickbooks", "gear-xero")


@pytest.fixture
def server() -> Iterator[DemoServer]:
    """A demo API for one test, which may write to it."""
    with DemoServer() as server:
        yield server


@pytest.fixture
def client(server: DemoServer) -> Iterator[rf.Client]:
    with client_of(server) as client:
        yield client


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "books"


@pytest.fixture
def site(client: rf.Client, path: Path) -> Iterator[Site]:
    """A server that refreshes a dataset from the demo API."""
    with serving(DatasetRefresh(client, str(path)), path / "_webhooks.sqlite") as site:
        yield site


def add_invoice(client: rf.Client, connection_id: str, amount: float) -> str:
    """Write an invoice, and return its id."""
    books = client.connection(connection_id)
    customer = next(iter(books.customers.list())).id or ""
    return books.invoices.create(customer_id=customer, line_items=[{"total_amount": amount}]).id or ""


def ids(path: Path, resource: str) -> set[str]:
    """Return the ids of the rows of a dataset that are not deleted."""
    return set(rf.Dataset(path).load(resource)["id"])


def send(site: Site, code: str, connection_id: str) -> None:
    """Send a message, and wait for its refresh."""
    assert site.post(message(code, connection_id)).status_code == 202
    assert site.server.pending.wait_until_idle(60)
    assert site.health()["failures"] == []


@pytest.mark.slow
def test_changes_and_deletions_arrive(site: Site, server: DemoServer, client: rf.Client, path: Path) -> None:
    """What a message names is as the API has it: new and changed records, and deleted ones; nothing else."""
    shop = "gear-shopify"
    customer = next(iter(client.connection(shop).customers.list())).id or ""
    client.connection(shop).orders.create(
        customer_id=customer, line_items=[{"quantity": 1, "unit_price": 2.5}]
    )
    send(site, "ORDER_CREATED", shop)
    send(site, "INVOICE_CREATED", LEDGERS[0])
    loaded = rf.Dataset(path).load("orders")
    assert set(loaded["connection_id"]) == {shop}
    assert ids(path, "orders") == {row["id"] for row in server.books.rows(shop, "orders")}
    added = add_invoice(client, LEDGERS[0], 12.34)
    other = add_invoice(client, LEDGERS[1], 56.78)
    send(site, "INVOICE_CREATED", LEDGERS[0])
    invoices = rf.Dataset(path).load("invoices")
    assert invoices.loc[invoices["id"] == added, "amount_due"].tolist() == [12.34]
    assert other not in set(invoices["id"])
    deleted = vanish(server, shop, "orders")["id"]
    send(site, "ORDER_UPDATED", shop)
    assert deleted in ids(path, "orders")  # a request for changes does not show it
    send(site, "ORDER_DELETED", shop)
    assert ids(path, "orders") == {row["id"] for row in server.books.rows(shop, "orders")}
    assert not [name for name in ("bills", "products") if (path / name).exists()]


@pytest.mark.slow
def test_a_refresh_by_hand_at_the_same_time(site: Site, client: rf.Client, path: Path) -> None:
    """Refreshes by messages and by another program at the same time both succeed, and nothing is lost."""
    added = []
    connections = [client.connection(name) for name in LEDGERS]
    with ThreadPoolExecutor(1) as threads:
        for number in range(3):
            added.append(add_invoice(client, LEDGERS[number % 2], 1.0 + number))
            by_hand = threads.submit(rf.refresh, connections, path, resources=["invoices"], progress=False)
            for name in LEDGERS:
                send(site, "INVOICE_UPDATED", name)
            assert by_hand.result()["status"].isin(["refreshed", "unchanged"]).all()
    invoices = rf.Dataset(path).load("invoices")
    assert not invoices.duplicated(["connection_id", "id"]).any()
    assert {*added} <= set(invoices["id"])
    assert invoices.attrs["receipt"]["complete"] is True


def test_a_connection_without_a_token(site: Site, server: DemoServer, path: Path) -> None:
    """A message of a connection without a token is accepted, and its failure reported; others go on."""
    send(site, "INVOICE_UPDATED", LEDGERS[0])
    assert site.post(message("INVOICE_UPDATED", "nowhere")).status_code == 202
    assert site.server.pending.wait_until_idle(60)
    (failure,) = site.health()["failures"]
    assert failure["connection_id"] == "nowhere"
    assert failure["error"].startswith("No access token is known for connection 'nowhere'")
    assert not any(token in str(failure) for token in server.access_tokens.values())
    assert rf.Dataset(path).load("invoices", connections=[LEDGERS[0]]).attrs["receipt"]["complete"] is True


def test_the_list_of_connections_is_read_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the live service a connection that has another token now is refreshed with it at the next try."""
    monkeypatch.setattr(refresh_module, "_LIST_SECONDS", 0.0)
    with DemoServer(dialect="live") as live, client_of(live, dialect="live", access_tokens=None) as client:
        refresh = DatasetRefresh(client, str(path))

        def statuses(name: str) -> list[str]:
            return refresh(name, ["vendors"], Scope.CHANGES, threading.Event())["status"].tolist()

        def lists() -> int:
            return sum(one.path.endswith("/connections") for one in live.requests)

        assert statuses(LEDGERS[0]) == ["refreshed"]
        assert statuses(LEDGERS[0]) == ["unchanged"]
        assert lists() == 1
        service = live._service
        service.connections["another"] = service.connections.pop(service.access_tokens[LEDGERS[0]])
        service.access_tokens[LEDGERS[0]] = "another"
        assert statuses(LEDGERS[0]) == ["failed"]
        with monkeypatch.context() as patch:
            patch.setattr(refresh_module, "_LIST_SECONDS", 1e9)  # just read
            refresh._listed_at = time.monotonic()
            assert statuses(LEDGERS[0]) == ["failed"]
        assert lists() == 1
        assert statuses(LEDGERS[0]) == ["unchanged"]
        assert lists() == 2
        assert statuses("nowhere") == ["failed"]
        assert statuses(LEDGERS[0]) == ["unchanged"]


@pytest.mark.long
def test_a_dataset_in_a_bucket(client: rf.Client, s3_bucket: str, tmp_path: Path) -> None:
    """A dataset may be at an address; what is pending is noted on this machine."""
    address = f"{s3_bucket}/books"
    with serving(DatasetRefresh(client, address), tmp_path / "state") as site:
        send(site, "INVOICE_UPDATED", LEDGERS[0])
        added = add_invoice(client, LEDGERS[0], 1.0)
        send(site, "INVOICE_UPDATED", LEDGERS[0])
    assert added in set(rf.Dataset(address).load("invoices")["id"])


@pytest.mark.long
def test_a_burst_of_ten_thousand_messages(client: rf.Client, path: Path) -> None:
    """Of 10,000 messages all are accepted, and every changed record arrives, with few refreshes."""
    count, senders = 10_000, 4
    names = [*LEDGERS, "gear-shopify"]
    requests = [as_request(message(f"{kind}_UPDATED", one)) for one in names for kind in ("INVOICE", "ORDER")]
    added: list[str] = []
    options = replace(AT_ONCE, wait=0.5)
    with serving(DatasetRefresh(client, str(path)), path / "state", options=options) as site:

        def send_some(number: int) -> int:
            share = [requests[at % len(requests)] for at in range(number, count, senders)]
            accepted = 0
            with site.connect() as connection:
                for at in range(0, len(share), 50):
                    accepted += send_batch(connection, share[at : at + 50])
                    if number == 0:  # the API changes meanwhile
                        name = LEDGERS[len(added) % 2]
                        added.append(add_invoice(client, name, 1.0))
                        assert site.post(message("INVOICE_CREATED", name)).status_code == 202
            return accepted

        with ThreadPoolExecutor(senders) as threads:
            accepted = sum(threads.map(send_some, range(senders)))
        assert site.server.pending.wait_until_idle(60)
        health = site.health()
    assert accepted == count
    assert health["messages"]["queued"] + health["messages"]["coalesced"] == count + len(added)
    assert health["failures"] == []
    assert len(added) == 50
    assert {*added} <= ids(path, "invoices")
    assert health["refreshes"]["lists"] < count / 20


def as_request(body: bytes) -> bytes:
    """Return a signed request as it is sent."""
    head = f"Host: a\r\nX-Rutter-Signature: {sign(body)}\r\nContent-Length: {len(body)}"
    return b"POST /webhooks HTTP/1.1\r\n" + head.encode() + b"\r\n\r\n" + body


def send_batch(connection: socket.socket, requests: list[bytes]) -> int:
    """Send some requests before their answers; return how many are answered with 202."""
    connection.sendall(b"".join(requests))
    received = b""
    while received.count(b'"}') < len(requests):
        part = connection.recv(65536)
        assert part
        received += part
    return received.count(b"HTTP/1.1 202 ")


def test_platforms_are_known(server: DemoServer, client: rf.Client, path: Path) -> None:
    """Lists that a platform is known not to have are not offered, from one request for all connections."""
    refresh, stop = DatasetRefresh(client, str(path)), threading.Event()
    before = len(server.requests)
    for name in LEDGERS:
        assert refresh(name, ["orders"], Scope.ALL, stop)["status"].tolist() == ["not offered"]
    assert [request.path for request in server.requests[before:]] == ["/connections"]


def test_a_list_of_connections_that_cannot_be_read(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Where the list of connections cannot be read, every list is requested, and the log says so."""
    api = Api({("books", "invoices"): invoices(2)})
    with api.client("books") as client:
        result = DatasetRefresh(client, str(tmp_path))("books", ["invoices"], Scope.ALL, threading.Event())
    assert result["rows"].tolist() == [2]
    assert "The list of connections cannot be read, so platforms are not known: " in caplog.text
