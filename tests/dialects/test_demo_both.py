"""The demo's books, read through both dialects: each contract column with a live source has the same values.

It reads pages through the mappings alone; what loaders add to them (the category of expenses) they test.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from rutterframe.demo.server import DemoServer
from rutterframe.dialects import CONTRACT, LIVE, Dialect, Route
from rutterframe.frames.decode import Decoder

CONNECTIONS = {
    "ledger": ("roaster-quickbooks", "gear-xero"),
    "shop": ("roaster-shopify", "gear-shopify", "gear-amazon"),
    "bank": ("roaster-bank", "gear-bank"),
    "ads": ("roaster-google-ads",),
}
#: Contract columns without a live source, or of another meaning; docs/reference/live.md names them.
WITHOUT_SOURCE = {
    "connections": {"status"},
    "transactions": {"type"},
    "expenses": {"category"},  # loaders join it from the accounts
    "products": {"price", "currency"},
    "bank_accounts": {"institution_name"},
    "ad_accounts": {"currency", "status"},
}
#: Credit notes, which are credit memos of the same id in the live dialect: one of each ledger.
CREDIT_NOTES = {"invoices": 1}
LISTS = [
    (resource, connection)
    for resource in CONTRACT.resources
    if resource != "connections"
    for connection in dict.fromkeys(
        connection
        for route in LIVE.resources[resource]
        for kind in sorted(route.kinds)
        for connection in CONNECTIONS[kind]
    )
    # Payments of a shop are not in a list of the contract.
    if (resource, connection) not in {("transactions", shop) for shop in CONNECTIONS["shop"]}
]


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, DemoServer]]:
    with DemoServer(dialect="live") as live, DemoServer(page_size=500) as contract:
        yield {"live": live, "contract": contract}


def bodies(server: DemoServer, route: Route, connection: str | None) -> list[bytes]:
    """Return the pages of a list; none if the platform has no such list."""
    pages: list[bytes] = []
    query = dict(route.params)
    if connection is not None:
        query["access_token"] = server.access_tokens[connection]
    credentials = (server.client_id, server.client_secret)
    with httpx.Client(timeout=60, auth=credentials, headers={"X-Rutter-Version": "2024-08-31"}) as http:
        while True:
            answer = http.get(server.url + route.path, params=query)
            if answer.json().get("error_code") == "ENDPOINT_NOT_SUPPORTED":
                return []
            assert answer.status_code == 200, answer.text
            pages.append(answer.content)
            if not answer.json().get("next_cursor"):
                return pages
            query["cursor"] = answer.json()["next_cursor"]


def rows(
    server: DemoServer, dialect: Dialect, resource: str, connection: str | None
) -> dict[str, dict[str, Any]]:
    """Return the rows of a list by id."""
    result: dict[str, dict[str, Any]] = {}
    for route in dialect.resources[resource]:
        decoder = Decoder(
            dialect.record(resource),
            route.list_key,
            "next_cursor",
            mapping=route.mapping,
            is_single=route.is_single,
        )
        if pages := bodies(server, route, connection):
            result |= {row["id"]: row for row in decoder.decode(pages).table.to_pylist()}
    return result


def narrow(value: Any, like: Any) -> Any:
    """Return a row of a nested list with the fields of the contract only."""
    if isinstance(value, list) and isinstance(like, list) and len(value) == len(like):
        return [{key: row[key] for key in fields} for row, fields in zip(value, like, strict=True)]
    return value


@pytest.mark.parametrize(("resource", "connection"), LISTS)
def test_the_same_values(servers: dict[str, DemoServer], resource: str, connection: str) -> None:
    """Every row of the contract is a live row of the same id, with the same values to the cent."""
    live = rows(servers["live"], LIVE, resource, connection)
    contract = rows(servers["contract"], CONTRACT, resource, connection)
    credit_notes = set(contract) - set(live)
    assert len(credit_notes) == CREDIT_NOTES.get(resource, 0)
    assert set(live) == set(contract) - credit_notes
    for key, row in live.items():
        for column, value in contract[key].items():
            if column not in WITHOUT_SOURCE.get(resource, set()):
                assert narrow(row[column], value) == value, (key, column)


@pytest.mark.parametrize("connection", CONNECTIONS["ledger"])
def test_a_credit_note_is_a_credit_memo(servers: dict[str, DemoServer], connection: str) -> None:
    """What the contract shows as an invoice of less than zero is a credit memo with that remaining amount."""
    live = rows(servers["live"], LIVE, "invoices", connection)
    contract = rows(servers["contract"], CONTRACT, "invoices", connection)
    memos = rows(servers["live"], LIVE, "invoice_credit_memos", connection)
    for key in set(contract) - set(live):
        assert memos[key]["remaining_amount"] == -contract[key]["amount_due"]
        assert memos[key]["currency"] == contract[key]["currency"]


def test_connections_are_the_same(servers: dict[str, DemoServer]) -> None:
    """All ten connections have the same platform and moments."""
    live = rows(servers["live"], LIVE, "connections", None)
    contract = rows(servers["contract"], CONTRACT, "connections", None)
    for key, row in contract.items():
        assert {name: live[key][name] for name in row if name != "status"} == {
            name: value for name, value in row.items() if name != "status"
        }


@pytest.mark.parametrize("resource", [name for name in LIVE.resources if name not in CONTRACT.resources])
def test_every_live_list_is_read(servers: dict[str, DemoServer], resource: str) -> None:
    """Each list that only the live dialect has is read through its mapping, and has rows somewhere."""
    kinds = sorted({kind for route in LIVE.resources[resource] for kind in route.kinds})
    assert any(
        rows(servers["live"], LIVE, resource, connection)
        for kind in kinds
        for connection in CONNECTIONS[kind]
    )
