"""What the live API checks before it answers: version, parameters, tokens, paths and readiness."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rutterframe.demo.server import DemoServer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.demo.conftest import Api
    from tests.demo.live.conftest import LiveApi

LEDGER = "roaster-quickbooks"


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 400, "INVALID_VERSION"),
        ({"X-Rutter-Version": "2023-03-14"}, 400, "INVALID_VERSION"),
        ({"X-Rutter-Version": "2024-08-31"}, 200, None),
    ],
)
def test_the_version_is_required(
    live: LiveApi, headers: dict[str, str], status: int, code: str | None
) -> None:
    """The header is required and must be 2024-08-31."""
    answer = live.send("GET", "/accounting/accounts", LEDGER, headers=headers)
    assert (answer.status_code, answer.json().get("error_code")) == (status, code)


def test_credentials_are_checked(live: LiveApi) -> None:
    """Wrong credentials are refused before anything else."""
    answer = live.send("GET", "/accounting/accounts", LEDGER, auth=("x", "y"))
    assert (answer.status_code, answer.json()["error_type"]) == (401, "CONNECTION_ERROR")
    assert set(answer.json()) == {"error_type", "error_code", "error_message"}


@pytest.mark.parametrize(
    ("path", "query", "message"),
    [
        ("/accounting/invoices", {"customer": "x"}, "customer: not a parameter of this operation"),
        ("/accounting/invoices", {"limit": 501}, "limit: must be 1-500, not 501"),
        ("/accounting/invoices", {"limit": 0}, "limit: must be 1-500, not 0"),
        ("/accounting/invoices", {"limit": "many"}, "limit: must be a whole number, not 'many'"),
        (
            "/accounting/invoices",
            {"last_synced_at_min": "2026-06-01T00:00:00Z"},
            "last_synced_at_min: must be a whole number, not '2026-06-01T00:00:00Z'",
        ),
        ("/accounting/invoices", {"sort": "amount_due"}, "sort: must be one of updated_at, last_synced_at"),
        ("/accounting/invoices", {"sort": "updated_at UP"}, "sort: must be one of"),
        ("/accounting/invoices", {"filter": "amount > 3"}, "filter: must be conditions such as"),
        ("/accounting/invoices", {"cursor": "x"}, "cursor: not valid here"),
        ("/accounting/balance_sheets", {"start_date": "soon"}, "start_date: must be an ISO 8601 date"),
        ("/events", {}, "type: is required, and must be object_deleted"),
        ("/events", {"type": "object_created"}, "type: is required, and must be object_deleted"),
    ],
)
def test_invalid_parameters(live: LiveApi, path: str, query: dict[str, str], message: str) -> None:
    """An unknown or invalid parameter is refused with its name and what is valid."""
    answer = live.get(path, LEDGER, **query)
    assert (answer.status_code, answer.json()["error_type"]) == (400, "INVALID_REQUEST_ERROR")
    assert answer.json()["error_message"].startswith(message)


@pytest.mark.parametrize(
    ("path", "connection", "code"),
    [
        ("/invoices", LEDGER, "UNKNOWN_PATH"),
        ("/bank-accounts", "gear-bank", "UNKNOWN_PATH"),
        ("/accounting/nothing", LEDGER, "UNKNOWN_PATH"),
        ("/orders", LEDGER, "ENDPOINT_NOT_SUPPORTED"),
        ("/transactions", LEDGER, "ENDPOINT_NOT_SUPPORTED"),
        ("/accounting/invoices", "gear-amazon", "ENDPOINT_NOT_SUPPORTED"),
        ("/accounting/company_info", "gear-amazon", "ENDPOINT_NOT_SUPPORTED"),
        ("/accounting/balance_sheets", "gear-bank", "ENDPOINT_NOT_SUPPORTED"),
        ("/store", "gear-bank", "ENDPOINT_NOT_SUPPORTED"),
        ("/banking/bank_accounts", "roaster-google-ads", "ENDPOINT_NOT_SUPPORTED"),
    ],
)
def test_unknown_and_unsupported_paths(live: LiveApi, path: str, connection: str, code: str) -> None:
    """A path that the API or the platform does not have is 404."""
    assert live.code(path, connection) == (404, code)


def test_only_below_versioned(live: LiveApi) -> None:
    """Without /versioned the real service speaks another version; the demo has nothing there."""
    answer = live.http.get(live.server.url.removesuffix("/versioned") + "/connections")
    assert (answer.status_code, answer.json()["error_code"]) == (404, "UNKNOWN_PATH")


@pytest.mark.parametrize(
    ("path", "connection"),
    [
        ("/accounting/invoices/7", LEDGER),
        ("/accounting/vendors/7", LEDGER),
        ("/accounting/invoice_payments/7", LEDGER),
        ("/orders/7", "gear-shopify"),
        ("/configs/webhooks/7", None),
        ("/jobs/7", None),
    ],
)
def test_an_unknown_id_is_410(live: LiveApi, path: str, connection: str | None) -> None:
    """An id that the connection does not have is 410."""
    assert live.code(path, connection) == (410, "OBJECT_NOT_FOUND")


def test_a_credit_note_is_not_an_invoice(live: LiveApi) -> None:
    """The single record of the contract's credit note is a credit memo."""
    memos = live.list("/accounting/invoice_credit_memos", LEDGER)
    (memo,) = [memo for memo in memos if memo["status"] == "OPEN"]
    assert live.code(f"/accounting/invoices/{memo['id']}", LEDGER) == (410, "OBJECT_NOT_FOUND")
    single = live.get(f"/accounting/invoice_credit_memos/{memo['id']}", LEDGER).json()
    assert single["invoice_credit_memo"]["id"] == memo["id"]


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({}, 400, "MISSING_ACCESS_TOKEN"),
        ({"access_token": "x"}, 401, "INVALID_ACCESS_TOKEN"),
    ],
)
def test_tokens_are_checked(live: LiveApi, query: dict[str, str], status: int, code: str) -> None:
    """A missing and an unknown access token are refused."""
    assert live.code("/accounting/accounts", **query) == (status, code)


@pytest.mark.parametrize(
    ("connection", "code"),
    [("roaster-netsuite-old", "NEEDS_UPDATE"), ("gear-ebay-closed", "CONNECTION_DISABLED")],
)
def test_broken_connections(live: LiveApi, connection: str, code: str) -> None:
    """A connection without authorisation and a disabled one serve no data, but their status."""
    path = "/orders" if "ebay" in connection else "/accounting/accounts"
    assert live.code(path, connection) == (403, code)
    status = live.get("/connections/status", connection).json()["status"]
    assert (status["is_healthy"], status["disabled_status"]["is_disabled"]) == (False, True)


def test_a_connection_that_is_not_ready(serve_live: Callable[..., LiveApi]) -> None:
    """Before the first synchronisation there is PRODUCT_NOT_READY, no time of a sync, and data if forced."""
    api = serve_live()
    api.server.set_status(LEDGER, "not_ready")
    assert api.code("/accounting/invoices", LEDGER) == (400, "PRODUCT_NOT_READY")
    assert api.code("/accounting/balance_sheets", LEDGER) == (400, "PRODUCT_NOT_READY")
    assert api.get("/accounting/invoices", LEDGER, force_fetch="true").json()["invoices"]
    status = api.get("/connections/status", LEDGER).json()["status"]
    assert (status["is_ready"], status["last_sync_completed_at"]) == (False, None)
    api.server.set_status(LEDGER, "unhealthy")
    assert api.get("/accounting/invoices", LEDGER).status_code == 200
    status = api.get("/connections/status", LEDGER).json()["status"]
    assert (status["is_ready"], status["last_sync_completed_at"]) == (True, "2026-06-29T12:00:00.000Z")


@pytest.mark.parametrize(
    ("connection", "path", "key"),
    [
        ("roaster-netsuite-old", "/accounting/invoices", "invoices"),
        ("roaster-netsuite-old", "/accounting/vendors", "vendors"),
        ("gear-ebay-closed", "/orders", "orders"),
    ],
)
def test_a_connection_without_books_is_empty(
    serve_live: Callable[..., LiveApi], connection: str, path: str, key: str
) -> None:
    """A connection that is connected again has no records here."""
    api = serve_live()
    api.server.set_status(connection, "active")
    assert api.get(path, connection).json()[key] == []


def test_only_the_live_dialect_has_its_words(api: Api) -> None:
    """A server of the contract's dialect changes no status, and there is no third dialect."""
    with pytest.raises(ValueError, match=r"^only a server of the live dialect can change a status$"):
        api.server.set_status(LEDGER, "unhealthy")
    with pytest.raises(ValueError, match=r"^dialect must be contract or live, not 'old'$"):
        DemoServer(dialect="old")


def test_an_unknown_status_is_refused(serve_live: Callable[..., LiveApi]) -> None:
    """A status must be a word of the live service, of a connection that there is."""
    server = serve_live().server
    with pytest.raises(ValueError, match=r"^unknown status 'broken'; known are active, unhealthy"):
        server.set_status(LEDGER, "broken")
    with pytest.raises(KeyError):
        server.set_status("nothing", "active")


def test_the_list_of_connections_hides_the_broken_ones(live: LiveApi) -> None:
    """Without a status the list has no disabled connection and none that needs authorisation."""

    def ids(**query: str) -> set[str]:
        return {row["id"] for row in live.get("/connections", **query).json()["connections"]}

    everything = set(live.server.books.connections)
    assert ids(status="any") == everything
    assert ids() == everything - {"roaster-netsuite-old", "gear-ebay-closed"}
    assert ids(status="disabled") == {"gear-ebay-closed"}
    assert live.code("/connections", status="closed") == (400, "INVALID_PARAMETER")


def test_objects_that_are_not_synced_are_empty(live: LiveApi) -> None:
    """Payment terms of one ledger are not synced: its list is empty, and only its objects say so."""
    assert live.get("/accounting/payment_terms", "gear-xero").json()["payment_terms"] == []
    assert live.get("/accounting/payment_terms", LEDGER).json()["payment_terms"] != []
    connection = live.get("/connections/access_token", "gear-xero").json()["connection"]
    assert connection["unavailable_objects"] == ["payment_term"]


def test_exchange_of_a_token(live: LiveApi) -> None:
    """Credentials in the body are checked, and a public token gives the access token and the id."""
    server = live.server
    body = {
        "client_id": server.client_id,
        "secret": server.client_secret,
        "public_token": "public-gear-bank",
    }
    answer = live.send("POST", "/item/public_token/exchange", body=body).json()
    assert (answer["connection_id"], answer["access_token"]) == (
        "gear-bank",
        server.access_tokens["gear-bank"],
    )
    wrong = live.send("POST", "/item/public_token/exchange", body=body | {"secret": "x"})
    assert (wrong.status_code, wrong.json()["error_code"]) == (401, "INVALID_CREDENTIALS")
    part = live.send("POST", "/item/public_token/exchange", body={"public_token": "x"})
    assert (part.status_code, part.json()["error_message"]) == (400, "client_id: is missing")
    unknown = live.send("POST", "/item/public_token/exchange", body=body | {"public_token": "x"})
    assert (unknown.status_code, unknown.json()["error_code"]) == (400, "INVALID_PUBLIC_TOKEN")
