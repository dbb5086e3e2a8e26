"""Read requests: authentication, responses and errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rutterframe.demo.books.store import RESOURCES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.demo.conftest import Api

HEALTHY = [
    "roaster-quickbooks",
    "roaster-shopify",
    "roaster-bank",
    "roaster-google-ads",
    "gear-xero",
    "gear-shopify",
    "gear-amazon",
    "gear-bank",
]
VERSION = {"X-Rutter-Version": "2024-08-31"}
SINGLE = [
    ("invoices", "gear-xero"),
    ("orders", "gear-amazon"),
    ("products", "gear-shopify"),
    ("customers", "gear-xero"),
]


def code(answer: Any) -> tuple[int, str]:
    body = answer.json()
    assert set(body) == {"error_type", "error_code", "error_message"}
    assert all(isinstance(value, str) and value for value in body.values())
    return answer.status_code, body["error_code"]


@pytest.mark.parametrize("resource", RESOURCES)
@pytest.mark.parametrize("connection", HEALTHY)
def test_the_pages_serve_the_books(api: Api, connection: str, resource: str) -> None:
    """Every list of every healthy connection answers, and all pages together are the books' own rows."""
    api.server.configure(page_size=500)
    rows = api.rows(resource, connection)
    expected = api.server.books.rows(connection, resource)

    assert len(rows) == len(expected)
    assert [row["id"] for row in rows] == [row["id"] for row in expected]
    assert len({row["id"] for row in rows}) == len(rows)


def test_a_page_is_compact_json_of_fifty_rows(api: Api) -> None:
    """Pages have fifty rows by default and no spaces, and the last has a null cursor."""
    pages = list(api.pages("invoices", "gear-xero"))
    answer = api.get("/invoices", "gear-xero")

    assert [len(page["invoices"]) for page in pages[:-1]] == [50] * (len(pages) - 1)
    assert 0 < len(pages[-1]["invoices"]) <= 50
    assert [page["next_cursor"] is None for page in pages] == [False] * (len(pages) - 1) + [True]
    assert answer.headers["content-type"] == "application/json"
    assert answer.text.startswith('{"invoices":[{"id":"')
    assert answer.json()["invoices"] == api.server.books.rows("gear-xero", "invoices")[:50]


def test_connections_are_listed_with_their_states(api: Api) -> None:
    """Ten connections, one of them broken and one closed, with times of creation and change."""
    rows = api.rows("connections")
    states = {row["id"]: row["status"] for row in rows}

    assert rows == api.server.books.rows("", "connections")
    assert states == dict.fromkeys(HEALTHY, "active") | {
        "roaster-netsuite-old": "error",
        "gear-ebay-closed": "inactive",
    }
    assert all(row["created_at"] < row["updated_at"] for row in rows)
    assert list(api.server.access_tokens) == list(states)
    assert api.get("/connections/gear-amazon").json() == next(
        row for row in rows if row["id"] == "gear-amazon"
    )
    assert code(api.get("/connections/unknown")) == (404, "NOT_FOUND")


@pytest.mark.parametrize("resource", RESOURCES)
def test_a_broken_connection_states_what_to_do(api: Api, resource: str) -> None:
    """Data of a connection in error is refused with 403 and the way out; so is that of a closed one."""
    path = "/" + resource.replace("_", "-")
    broken = api.get(path, "roaster-netsuite-old")

    assert code(broken) == (403, "NEEDS_UPDATE")
    assert broken.json()["error_type"] == "CONNECTION_ERROR"
    assert "connect the platform again" in broken.json()["error_message"]
    assert code(api.get(path, "gear-ebay-closed")) == (403, "CONNECTION_DISABLED")


@pytest.mark.parametrize(("resource", "connection"), SINGLE)
def test_a_record_is_retrieved_by_its_id(api: Api, resource: str, connection: str) -> None:
    """The record is the one of the list; an unknown id is 404, and so is an id of another connection."""
    rows = api.server.books.rows(connection, resource)
    for row in (rows[0], rows[len(rows) // 2], rows[-1]):
        assert api.get(f"/{resource}/{row['id']}", connection).json() == row
    for unknown in ("nope", "00000000-0000-4000-a000-000000000000", "ÿ", rows[0]["id"].upper() + "0"):
        assert code(api.get(f"/{resource}/{unknown}", connection)) == (404, "NOT_FOUND")
    for other in {"gear-bank", "roaster-shopify", "roaster-quickbooks"} - {connection}:
        assert code(api.get(f"/{resource}/{rows[0]['id']}", other)) == (404, "NOT_FOUND")


def test_a_deleted_product_cannot_be_retrieved(api: Api) -> None:
    """Orders still name the product that was deleted; its id is 404."""
    listed = {row["id"] for row in api.server.books.rows("gear-shopify", "products")}
    ordered = {
        line["product_id"]
        for row in api.server.books.rows("gear-shopify", "orders")
        for line in row["line_items"]
    }
    (deleted,) = ordered - listed
    assert code(api.get(f"/products/{deleted}", "gear-shopify")) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    "authorization",
    [None, "Basic", "Basic !!!", "Basic bm9ib2R5Om5vYm9keQ==", "Bearer abc", "Basic ÿ", "basic Og=="],
)
def test_wrong_credentials_are_401(api: Api, authorization: str | None) -> None:
    """Without the right client id and secret nothing is served, and the response has no secret."""
    headers = {**VERSION, **({} if authorization is None else {"Authorization": authorization})}
    encoded = [(key.encode(), value.encode("latin-1")) for key, value in headers.items()]
    answer = api.http.get(f"{api.server.url}/connections", headers=encoded)

    assert code(answer) == (401, "INVALID_CREDENTIALS")
    assert answer.headers["www-authenticate"].startswith("Basic")
    assert api.server.client_secret not in answer.text


@pytest.mark.parametrize("headers", [{}, {"X-Rutter-Version": "2023-02-07"}, {"X-Rutter-Version": ""}])
def test_the_version_header_is_required(api: Api, headers: dict[str, str]) -> None:
    """A missing or unknown version is 400, and the answer names the known ones."""
    answer = api.send("GET", "/accounts", "gear-xero", headers=headers)
    assert code(answer) == (400, "INVALID_VERSION")
    assert "2024-08-31" in answer.json()["error_message"]


def test_the_access_token_is_required(api: Api) -> None:
    """Without a token 400, with an unknown one 401, and the answer does not repeat it."""
    assert code(api.get("/accounts")) == (400, "MISSING_ACCESS_TOKEN")
    assert code(api.get("/accounts", access_token="")) == (400, "MISSING_ACCESS_TOKEN")
    answer = api.get("/accounts", access_token="made-up")
    assert code(answer) == (401, "INVALID_ACCESS_TOKEN")
    assert "made-up" not in answer.text


@pytest.mark.parametrize(
    ("path", "parameter", "known"),
    [
        ("/connections", "access_token", "cursor"),
        ("/connections/gear-xero", "cursor", "none"),
        ("/invoices", "updated_at_min", "access_token, cursor"),
        ("/transactions", "expand", "access_token, cursor, updated_at_min"),
        ("/orders", "limit", "access_token, cursor, expand, updated_at_min"),
        ("/config-webhooks", "cursor", "none"),
    ],
)
def test_unknown_parameters_are_400(api: Api, path: str, parameter: str, known: str) -> None:
    """A parameter that an operation does not know is refused, and the known ones are named."""
    connection = None if known == "none" or path == "/connections" else "gear-xero"
    answer = api.get(path, connection, **{parameter: "x"})
    assert code(answer) == (400, "UNKNOWN_PARAMETER")
    assert f"{parameter}: " in answer.json()["error_message"]
    assert answer.json()["error_message"].endswith(f"known are: {known}")


def test_a_parameter_twice_is_400(api: Api) -> None:
    """A parameter twice is an error, since it is ambiguous."""
    answer = api.get("/invoices", "gear-xero", cursor=["a", "b"])
    assert code(answer) == (400, "INVALID_PARAMETER")


@pytest.mark.parametrize(
    ("method", "path", "status", "error_code"),
    [
        ("GET", "/nowhere", 404, "UNKNOWN_PATH"),
        ("GET", "/", 404, "UNKNOWN_PATH"),
        ("GET", "/invoices/", 404, "UNKNOWN_PATH"),
        ("GET", "/bills/some-id", 404, "UNKNOWN_PATH"),
        ("DELETE", "/invoices", 405, "METHOD_NOT_ALLOWED"),
        ("PATCH", "/products/some-id", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/orders/some-id/fulfillments", 405, "METHOD_NOT_ALLOWED"),
    ],
)
def test_unknown_paths_and_methods(api: Api, method: str, path: str, status: int, error_code: str) -> None:
    """Both have an error body like every other error."""
    answer = api.send(method, path)
    assert code(answer) == (status, error_code)
    assert ("allow" in answer.headers) == (status == 405)


def test_head_is_not_a_method_of_the_contract(api: Api) -> None:
    """A HEAD request is 405, as the contract has GET only."""
    assert api.send("HEAD", "/invoices", "gear-xero").status_code == 405


def test_every_response_has_a_request_id(serve: Callable[..., Api]) -> None:
    """Ids count up, whatever the answer is."""
    api = serve()
    answers = [
        api.get("/connections"),
        api.get("/nowhere"),
        api.get("/accounts"),
        api.send("PUT", "/accounts"),
    ]
    assert [answer.headers["x-rutter-request-id"] for answer in answers] == [
        "demo-request-00000001",
        "demo-request-00000002",
        "demo-request-00000003",
        "demo-request-00000004",
    ]


def test_requests_are_logged_without_secrets(api: Api) -> None:
    """The log has method, path, connection, page and status; neither tokens nor credentials are in it."""
    first = api.get("/invoices", "gear-xero")
    api.get("/invoices", "gear-xero", cursor=first.json()["next_cursor"])
    api.get("/accounts")

    assert [tuple(request) for request in api.server.requests] == [
        ("GET", "/invoices", "gear-xero", 1, 200),
        ("GET", "/invoices", "gear-xero", 2, 200),
        ("GET", "/accounts", None, None, 400),
    ]
    secrets = [api.server.client_id, api.server.client_secret, *api.server.access_tokens.values()]
    assert not any(secret in repr(api.server.requests) for secret in secrets)


def test_a_bug_of_the_server_is_a_500(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even a bug is a 500 with the body of an error."""
    monkeypatch.setattr(type(api.server.books), "collection", lambda *_: 1 / 0)
    answer = api.get("/accounts", "gear-xero")
    assert code(answer) == (500, "INTERNAL_SERVER_ERROR")
