"""Every request of the live dialect against a mock server that others made of the service's description.

It refuses fields, values and parameters that the description does not have. Its responses are examples and
drawn ones: each is read, or refused with an error of ours.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest
from pydantic import SecretStr

import rutterframe as rf
from rutterframe.client import Paginator, Resource
from rutterframe.client.resources import RetrievableResource
from rutterframe.dialects import LIVE, Filter
from rutterframe.loaders import Options, load
from tests.live_contract import check_query, live_document, write_strict
from tests.prism import run_prism

pytestmark = [pytest.mark.prism, pytest.mark.xdist_group("prism")]

#: The connection that every response is of, and the record that is requested.
CONNECTION, RECORD = "497f6eca-6276-4993-bfeb-53cbbbba6f08", "1f63e2a2-c902-4838-a77c-cc16cfd719c2"
QUIET = Options(progress=False)
RESOURCES = [resource for resource in LIVE.resources if resource != "connections"]
#: Where the drawn response has what cannot be read without guessing: in a list, and as a single record.
_FRACTION = "got a number with a fractional part"
REFUSED_LISTS = {"payment_terms": _FRACTION}
REFUSED_RECORDS = {
    "payment_terms": _FRACTION,
    "orders": "the API answered with null",
    "shop_payments": "Input should be a valid dictionary",  # a list of several
}
#: Resources of which the client has only lists.
LISTED = {"accounts", "transactions", "expenses", "bank_accounts", "ad_accounts"}


class Examples(httpx.BaseTransport):
    """Asks for an example or a drawn response, and ends a list after its first page; every list is available.

    The cursor of an example is text such as "string"; a drawn response is of another connection and record.
    """

    def __init__(self, *, dynamic: bool) -> None:
        self.dynamic = dynamic
        self.operations: list[str] = []
        self._transport = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.operations.append(check_query(request).name)
        if self.dynamic:
            request.headers["Prefer"] = "dynamic=true"
        response = self._transport.handle_request(request)
        body = json.loads(response.read())
        if response.status_code == 200:
            is_single = request.url.path.endswith(RECORD)
            body = _of_connection(body, RECORD if is_single else None)
        return httpx.Response(response.status_code, json=body)

    def close(self) -> None:
        self._transport.close()


def _of_connection(body: Any, record_id: str | None) -> Any:
    """Return a response as one of the connection, with the last page and, where there is one, the record."""
    if not isinstance(body, dict):
        return body
    if "next_cursor" in body:
        body["next_cursor"] = None
    for key, value in body.items():
        records = value if isinstance(value, list) else [value]
        for record in records if key == "connection" or record_id else ():
            if isinstance(record, dict) and "id" in record:
                record["id"] = CONNECTION if key == "connection" else record_id
                record.pop("unavailable_objects", None)
                for variant in record.get("variants") or ():
                    variant["id"] = record_id
    return body


@pytest.fixture(scope="module")
def prism(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start Prism on the description of the live service, and return its address."""
    live_document()
    with run_prism(write_strict(tmp_path_factory.mktemp("live")), "--seed", "7") as address:
        yield address


@pytest.fixture(params=[False, True], ids=["static", "dynamic"])
def examples(request: pytest.FixtureRequest) -> Examples:
    return Examples(dynamic=request.param)


@pytest.fixture
def client(prism: str, examples: Examples) -> Iterator[rf.Client]:
    with open_client(prism, examples) as client:
        yield client


def open_client(address: str, examples: Examples) -> rf.Client:
    return rf.Client(
        client_id="an-id",
        client_secret="a-secret",
        environment=address,
        dialect="live",
        access_tokens={CONNECTION: "a-token"},
        retry=rf.RetryPolicy(attempts=1, job_limit=0.0),
        transport=examples,
    )


@pytest.fixture
def connection(client: rf.Client) -> rf.Connection:
    return client.connection(CONNECTION)


def ids(frame: pd.DataFrame) -> list[str | None]:
    """Return the ids of a frame, as records have them."""
    return [None if pd.isna(one) else one for one in frame["id"]]


def once(names: list[str | None]) -> list[str | None]:
    """Return ids without those that two routes of a list serve, as a frame has each record once."""
    return [name for place, name in enumerate(names) if name is None or name not in names[:place]]


def read_or_refused(read: Callable[[], list[Any]], refused: str | None) -> list[Any]:
    """Return what was read; nothing for a response that is refused as expected."""
    if refused is None:
        return read()
    with pytest.raises(rf.RutterframeError, match=refused):
        read()
    return []


@pytest.mark.parametrize("resource", RESOURCES)
def test_every_list_is_accepted_and_read(
    connection: rf.Connection, examples: Examples, resource: str
) -> None:
    """Each route of a resource is accepted, and the frame has as many rows as there are records."""
    refused = REFUSED_LISTS.get(resource) if examples.dynamic else None
    assert len(connection.listings(resource)) == len(LIVE.resources[resource])
    frames = read_or_refused(lambda: [load(resource, connection, QUIET)], refused)
    named: Resource[Any] = getattr(connection, resource)
    records = read_or_refused(lambda: list(named.list()), refused)
    assert [one for frame in frames for one in ids(frame)] == once([one.id for one in records])


def outcome(read: Callable[[], list[Any]]) -> list[Any] | str:
    """Return what was read, or the kind of error that refused it."""
    try:
        return read()
    except rf.InvalidResponse as error:
        return type(error).__name__


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1, 6))
def test_frames_and_records_are_the_same(tmp_path: Path, seed: int) -> None:
    """Whatever is drawn, a frame has the records of its list, or both are refused.

    The server draws another statement each time, since these have lines within lines.
    """
    live_document()
    with (
        run_prism(write_strict(tmp_path), "--seed", f"{seed}") as address,
        open_client(address, Examples(dynamic=True)) as client,
    ):
        connection = client.connection(CONNECTION)

        def records(resource: str) -> list[Any]:
            return once([one.id for one in getattr(connection, resource).list()])

        def rows(resource: str) -> list[Any]:
            return ids(load(resource, connection, QUIET))

        for name in RESOURCES:
            if not name.endswith(("statements", "sheets")):
                expected = outcome(functools.partial(records, name))
                assert outcome(functools.partial(rows, name)) == expected, name


def value_of(one: Filter) -> str:
    """Return a value that a filter takes."""
    words, moment = one.values, "2026-06-01" if one.is_date else "2026-06-01T00:00:00Z"  # noqa: PD011
    return moment if words is None else words[0]


@pytest.mark.parametrize("resource", RESOURCES)
def test_every_filter_is_accepted(connection: rf.Connection, resource: str) -> None:
    """A list is accepted with all filters that each of its routes has."""
    routes = LIVE.resources[resource]
    shared = [one for one in routes[0].filters if all(one in route.filters for route in routes)]
    requests = connection.listings(resource, **{one.name: value_of(one) for one in shared})
    for request in requests:
        assert {one.name for one in shared} <= set(request.params)
        list(Paginator(request))


@pytest.mark.parametrize(
    "resource", [name for name in RESOURCES if LIVE.resources[name][0].single_key and name not in LISTED]
)
def test_every_record_is_accepted_and_read(
    connection: rf.Connection, examples: Examples, resource: str
) -> None:
    """Each resource that has single records gives the one that was requested."""
    named: RetrievableResource[Any] = getattr(connection, resource)
    refused = REFUSED_RECORDS.get(resource) if examples.dynamic else None
    for record in read_or_refused(lambda: [named.retrieve(RECORD)], refused):
        assert record.id == RECORD


LINE = {
    "description": "Beans", "quantity": 2, "unit_price": 6.17, "total_amount": 12.34, "item_id": RECORD,
    "account_id": RECORD, "discount_amount": 0.5, "tax_rate_id": RECORD,
}  # fmt: skip
DOCUMENT: dict[str, Any] = {
    "issue_date": "2026-06-30", "due_date": "2026-07-31", "document_number": "A-1", "memo": "Thanks",
    "line_items": [LINE, {"total_amount": 1}],
}  # fmt: skip
NEW: dict[str, Any] = {**DOCUMENT, "currency": "EUR", "payment_terms_id": RECORD, "account_id": RECORD}
ADDRESS = {
    "first_name": "Ann", "last_name": "Lee", "address1": "1 Main Street", "address2": "", "city": "Leeds",
    "region": "Yorkshire", "postal_code": "LS1", "country_code": "GB", "phone": "1",
    "email": "ann@example.com",
}  # fmt: skip
ORDER: dict[str, Any] = {
    "customer": {"email": "ann@example.com", "first_name": "Ann", "last_name": "Lee"}, "currency": "USD",
    "line_items": [{"variant_id": RECORD, "quantity": 2}],
}  # fmt: skip
VARIANT = {"price": 4.5, "sku": "F-1", "option_values": [{"name": "size", "value": "large"}]}
TARP: dict[str, Any] = {"title": "Tarp", "description": "Small", "status": "draft"}

#: Every other request of the client, by the service's name for it.
OPERATIONS: dict[str, Callable[[rf.Client, rf.Connection], object]] = {
    "listConnections": lambda client, _: list(client.connections.list()),
    "fetchConnection": lambda _, connection: connection.status(),
    "fetchConnectionStatus": lambda client, _: client.connections.status(CONNECTION),
    "listWebhooks": lambda client, _: list(client.webhooks.list()),
    "exchangeToken": lambda client, _: client.connections.exchange(SecretStr("public")),
    "fetchJob": lambda client, _: client.job(RECORD),
    "createInvoice": lambda _, at: at.invoices.create(customer_id=RECORD, **NEW),
    "updateInvoice": lambda _, at: at.invoices.update(
        RECORD, customer_id=RECORD, currency="EUR", status="voided", **DOCUMENT
    ),
    "createBill": lambda _, at: at.bills.create(vendor_id=RECORD, **NEW),
    "updateBill": lambda _, at: at.bills.update(RECORD, vendor_id=RECORD, status="open", **DOCUMENT),
    "createCommerceOrder": lambda _, at: at.orders.create(
        billing_address=ADDRESS, shipping_address={**ADDRESS, "address2": "Floor 2"}, **ORDER
    ),
    "createCommerceOrder with one address": lambda _, at: at.orders.create(
        billing_address={name: text for name, text in ADDRESS.items() if name not in {"phone", "email"}},
        **ORDER,
    ),
    "updateCommerceOrder": lambda _, at: at.orders.update(RECORD, status="cancelled"),
    "fulfillCommerceOrder": lambda _, at: at.orders.fulfill(
        RECORD, carrier="DHL", tracking_number="T-1", tracking_url="https://example.com/T-1",
        line_items=[{"line_item_id": RECORD, "quantity": 1}],
    ),
    "createCommerceProduct": lambda _, at: at.products.create(**TARP, price=4.5, sku="F-1"),
    "createCommerceProduct with variants": lambda _, at: at.products.create(**TARP, variants=[VARIANT]),
    "updateCommerceProduct": lambda _, at: at.products.update(RECORD, **TARP),
    "updateCommerceProductVariant": lambda _, at: at.products.update(RECORD, price=5.25, variant_id=RECORD),
}  # fmt: skip


#: Writes with a response that does not have the record: a job that does not end, one of an unknown status,
#: and null.
UNKNOWN = {
    "static": {
        "createCommerceProduct": "has not finished job 'string'",
        "createCommerceProduct with variants": "has not finished job 'string'",
    },
    "dynamic": {
        "createCommerceProduct": "The API answered HTTP 50594034",
        "createCommerceProduct with variants": "The API answered HTTP 50594034",
        "updateCommerceOrder": "the API answered with null",
    },
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_other_requests_are_accepted_and_read(
    client: rf.Client, connection: rf.Connection, examples: Examples, name: str
) -> None:
    """Connections, webhooks, tokens, jobs and writes are accepted, and their responses read."""
    refused = UNKNOWN["dynamic" if examples.dynamic else "static"].get(name)
    read_or_refused(lambda: [OPERATIONS[name](client, connection)], refused)
    assert name.partition(" ")[0] in examples.operations


def test_the_server_refuses_what_the_description_does_not_have(prism: str) -> None:
    """A misspelt field, a wrong type and another version are refused; an unknown parameter by ourselves."""
    url, sign = f"{prism}/accounting/invoices?access_token=t", ("an-id", "a-secret")
    invoice = {"issue_date": "2026-06-01T00:00:00Z", "currency_code": "EUR", "line_items": []}
    for body in (
        {"invoice": {**invoice, "curency": "EUR"}},
        {"invoice": {**invoice, "currency_code": 3}},
        {**invoice},
    ):
        assert httpx.post(url, json=body, auth=sign).status_code == 422
    assert httpx.get(url, auth=sign).status_code == 200
    assert httpx.get(f"{url}&limit=many", auth=sign).status_code == 422
    assert httpx.get(url, auth=sign, headers={"X-Rutter-Version": "2021-01-01"}).status_code == 422
    with pytest.raises(AssertionError, match="listInvoices has no limits"):
        check_query(httpx.Request("GET", f"{url}&limits=3"))
    with pytest.raises(AssertionError, match="listInvoices needs access_token"):
        check_query(httpx.Request("GET", url.partition("?")[0]))
