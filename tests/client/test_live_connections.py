"""The connections of the live service: tokens from the list, platforms, single ones, and their state."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

import rutterframe as rf
from rutterframe.client import ConnectionStatus, read_status
from tests.client.live_api import LEDGER, SHOP, LiveAPI, listed, page, refusal

Answering = Callable[..., rf.Client]
BY_TOKEN = {
    "connection": {
        "id": LEDGER,
        "store_unique_id": "123",
        "disabled": False,
        "needs_update": False,
        "link_url": "https://link.example.com/x",
        "platform": "QUICKBOOKS",
        "store_domain": None,
        "store_name": None,
        "initial_orders_synced_count": None,
        "last_sync_started_at": "2026-06-30T10:00:00.000Z",
        "last_sync_completed_at": "2026-06-30T11:00:00.000Z",
        "unavailable_objects": ["invoice", "tax_rates", "ACCOUNTING_CUSTOMER"],
        "created_at": "2026-01-01T00:00:00.000Z",
    }
}
STATUS = {
    "status": {
        "is_ready": True,
        "is_healthy": False,
        "last_sync_completed_at": "2026-06-30T12:00:00.000Z",
        "needs_update_status": {"needs_update": True},
        "disabled_status": {"is_disabled": False, "disabled_reason": "SOMETHING_NEW"},
        "historical_sync_status": {"historical_sync_completed": False, "total": {}, "batches": []},
        "link_url": "https://link.example.com/x",
        "platform": "QUICKBOOKS",
        "created_at": "2026-01-01T00:00:00.000Z",
    },
    "connection": {"id": LEDGER, "orgId": "org-1", "platform": "QUICKBOOKS"},
}


def test_the_list_has_every_connection_and_no_token(live: rf.Client, live_api: LiveAPI) -> None:
    """Hidden connections are asked for, words of status are kept, and no record has a token or a link."""
    live_api.connections.append(listed("old", "XERO", "needs_reauth"))
    records = list(live.connections.list())
    assert live_api.sent == ["GET /connections?status=any"]
    assert [(one.id, one.platform, one.status) for one in records] == [
        (LEDGER, "quickbooks", "active"),
        (SHOP, "shopify", "active"),
        ("old", "xero", "needs_reauth"),
    ]
    assert not any("token" in str(one) or "link" in str(one.model_dump()) for one in records)


def test_a_token_comes_from_the_list(live: rf.Client, live_api: LiveAPI) -> None:
    """A connection without a token of its own gets the one that is listed; the list is read once."""
    live_api.answers["GET", "/accounting/accounts"] = page("accounts", [])
    for name in (LEDGER, SHOP, LEDGER):
        live.connection(name)
    assert live_api.sent == ["GET /connections?status=any"]
    list(live.connection(LEDGER).accounts.list())
    assert live_api.tokens == [None, f"token-of-{LEDGER}"]


def test_the_list_is_read_once_by_many_threads(live: rf.Client, live_api: LiveAPI) -> None:
    """Threads that need a token at the same time wait for one request."""
    threads = [threading.Thread(target=live.connection, args=(SHOP,)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert live_api.sent == ["GET /connections?status=any"]


def test_an_unknown_connection_is_looked_for_once_more(live: rf.Client, live_api: LiveAPI) -> None:
    """A connection that was created meanwhile is found by a second request; one that is not there is not."""
    live.connection(LEDGER)
    live_api.connections.append(listed("new", "XERO"))
    live.connection("new")
    for _ in range(2):
        with pytest.raises(rf.MissingToken) as error:
            live.connection("nowhere")
        assert error.value.message == (
            "No access token is known for connection 'nowhere', and the list of connections has none"
        )
    assert live_api.sent == ["GET /connections?status=any"] * 3
    live_api.connections.append(listed("nowhere", "XERO"))
    list(live.connections.list())
    live.connection("nowhere")


@pytest.mark.parametrize("source", ["argument", "keyword", "variable", "only"])
def test_tokens_that_were_set_come_first(
    answering: Answering, live_api: LiveAPI, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    """A token that was passed or set is used, and the list of connections is not read for it."""
    keywords: dict[str, Any] = {"access_tokens": {LEDGER: "own"} if source == "keyword" else None}
    if source == "variable":
        monkeypatch.setenv("RUTTER_ACCESS_TOKENS", f'{{"{LEDGER}": "own"}}')
    if source == "only":
        monkeypatch.setenv("RUTTER_ACCESS_TOKEN", "own")
    live_api.answers["GET", "/accounting/invoices"] = page("invoices", [])
    client = answering(live_api, dialect="live", **keywords)
    list(client.connection(LEDGER, "own" if source == "argument" else None).invoices.list())
    assert live_api.tokens == ["own"]


@pytest.mark.parametrize(
    ("connection_id", "paths"),
    [
        (LEDGER, ["/accounting/customers"]),
        (SHOP, ["/customers"]),
        ("other", ["/accounting/customers", "/customers"]),
    ],
)
def test_the_platform_decides_the_routes(
    live: rf.Client, live_api: LiveAPI, connection_id: str, paths: list[str]
) -> None:
    """Customers are those of the ledger or of the shop, by the platform, which the list names."""
    live_api.connections.append(listed("other", "SOMETHING_NEW"))
    connection = live.connection(connection_id, "a-token")
    assert [request.path for request in connection.listings("customers")] == paths
    assert [request.path for request in connection.listings("invoices")] == ["/accounting/invoices"]
    assert live_api.sent == ["GET /connections?status=any"]


def test_a_platform_without_the_resource_has_one_request(live: rf.Client) -> None:
    """Whether a list is asked for is decided by the loaders, so that a request is always there."""
    requests = live.connection("bank", "a-token").listings("customers")
    assert len(requests) == 2
    live._session.platforms["bank"] = "PLAID"
    assert [one.path for one in live.connection("bank", "t").listings("customers")] == [
        "/accounting/customers"
    ]


def test_one_connection_is_asked_for_by_its_token(live: rf.Client, live_api: LiveAPI) -> None:
    """There is no path with an id: what the token opens is combined with what was listed."""
    live_api.answers["GET", "/connections/access_token"] = BY_TOKEN
    record = live.connections.retrieve(LEDGER)
    assert live_api.sent == ["GET /connections?status=any", "GET /connections/access_token"]
    assert live_api.tokens == [None, f"token-of-{LEDGER}"]
    assert (record.id, record.platform, record.status) == (LEDGER, "quickbooks", "active")
    assert record.created_at == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_token_of_another_connection_is_refused(live: rf.Client, live_api: LiveAPI) -> None:
    """A token that opens another connection is not used for this one's record."""
    live_api.answers["GET", "/connections/access_token"] = BY_TOKEN
    with pytest.raises(rf.ConnectionMismatch, match="belongs to connection 'ledger-1'"):
        live.connections.retrieve(SHOP)


def test_the_state_of_a_connection_in_one_request(live: rf.Client, live_api: LiveAPI) -> None:
    """How old the data is and what cannot be served come from one request, the word from the list."""
    live_api.answers["GET", "/connections/access_token"] = BY_TOKEN
    connection = live.connection(LEDGER)
    status = ConnectionStatus(
        LEDGER,
        "QUICKBOOKS",
        "active",
        is_ready=True,
        needs_update=False,
        is_disabled=False,
        last_sync_started_at=datetime(2026, 6, 30, 10, tzinfo=UTC),
        last_sync_completed_at=datetime(2026, 6, 30, 11, tzinfo=UTC),
        unavailable_objects=("invoice", "tax_rates", "ACCOUNTING_CUSTOMER"),
        unavailable_resources=frozenset({"invoices", "customers"}),
    )
    assert connection.status() == status == read_status(connection.listing("bills"))
    assert live_api.sent[1:] == ["GET /connections/access_token"] * 2


def test_the_whole_state_of_a_connection(live: rf.Client, live_api: LiveAPI) -> None:
    """The second request adds readiness, health, the reason of a disabled one and the history."""
    live_api.answers["GET", "/connections/access_token"] = BY_TOKEN
    live_api.answers["GET", "/connections/status"] = STATUS
    status = live.connections.status(LEDGER)
    assert (status.is_ready, status.is_healthy, status.needs_update) == (True, False, True)
    assert (status.is_disabled, status.disabled_reason, status.history_is_complete) == (
        False,
        "SOMETHING_NEW",
        False,
    )
    assert status.last_sync_completed_at == datetime(2026, 6, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "listed_word", "word", "is_ready"),
    [
        ({}, "not_ready", "not_ready", False),
        ({}, "unhealthy", "unhealthy", True),
        ({}, "SOMETHING_NEW", "something_new", None),
        ({"needs_update": True}, "active", "needs_reauth", None),
        ({"disabled": True, "needs_update": True}, "active", "disabled", None),
        (
            {"disabled": "yes", "unavailable_objects": None, "last_sync_completed_at": None},
            "active",
            "active",
            True,
        ),
    ],
)
def test_the_word_of_a_connection(
    live: rf.Client,
    live_api: LiveAPI,
    changes: dict[str, Any],
    listed_word: str,
    word: str,
    is_ready: bool | None,
) -> None:
    """What was just read comes before the listed word; what is not known is null."""
    live_api.connections[0]["status"] = listed_word
    live_api.answers["GET", "/connections/access_token"] = {
        "connection": {**BY_TOKEN["connection"], **changes}
    }
    status = live.connection(LEDGER).status()
    assert status is not None
    assert (status.status, status.is_ready) == (word, is_ready)


def test_the_contract_has_no_state(answering: Answering) -> None:
    """In the contract nothing is sent: the state of a connection is its status word."""
    client = answering(lambda _: httpx.Response(500))
    assert client.connection("books").status() is None
    with pytest.raises(rf.ConfigurationError, match="only in the live dialect"):
        client.connections.status("books")


def test_a_public_token_is_exchanged_with_the_credentials(live: rf.Client, live_api: LiveAPI) -> None:
    """The body has the credentials, as the service wants it; the new connection's token is known then."""
    live_api.answers["POST", "/item/public_token/exchange"] = {
        "connection_id": "new",
        "access_token": "token-of-new",
        "is_ready": False,
        "platform": "XERO",
        "name": None,
    }
    assert live.connections.exchange("public-1") == SecretStr("token-of-new")
    assert live_api.bodies == [{"client_id": "an-id", "secret": "a-secret", "public_token": "public-1"}]
    live.connection("new")
    assert live._session.platform("new") == "XERO"
    assert live_api.sent == ["POST /item/public_token/exchange"]


@pytest.mark.parametrize("code", ["NEEDS_UPDATE", "NEEDS_REAUTH"])
@pytest.mark.parametrize("status", [400, 401, 403, 452, 500])
def test_a_connection_that_needs_to_sign_in(
    live: rf.Client, live_api: LiveAPI, status: int, code: str
) -> None:
    """The code decides, whatever the status: the business has to sign in, and nothing is tried again."""
    live_api.answers["GET", "/accounting/bills"] = refusal(status, code)
    with pytest.raises(rf.NeedsReauthentication) as error:
        list(live.connection(LEDGER).bills.list())
    assert error.value.hint == (
        "ask the business to sign in to the platform again, or leave this connection out."
    )
    assert live_api.sent[1:] == ["GET /accounting/bills?limit=500&sort=last_synced_at+ASC"]


@pytest.mark.parametrize("status", [400, 408, 409, 429, 452, 503])
def test_a_connection_that_is_not_ready_is_not_retried(
    live: rf.Client, live_api: LiveAPI, status: int
) -> None:
    """Before the first synchronisation a retry at once cannot help, whatever the status."""
    live_api.answers["GET", "/accounting/bills"] = refusal(status, "PRODUCT_NOT_READY")
    with pytest.raises(rf.ProductNotReady) as error:
        list(live.connection(LEDGER).bills.list())
    assert "the first synchronisation is not finished" in error.value.hint
    assert len(live_api.sent) == 2


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("CONNECTION_DISABLED", rf.PermissionDenied),
        ("PRODUCT_NOT_ALLOWED", rf.PermissionDenied),
        ("INVALID_CREDENTIALS", rf.AuthenticationError),
    ],
)
def test_the_code_of_a_connection_decides(
    live: rf.Client, live_api: LiveAPI, code: str, kind: type[rf.APIError]
) -> None:
    """What is wrong with a connection has the same error with any status."""
    for status in (400, 403, 422):
        live_api.answers["GET", "/accounting/bills"] = refusal(status, code)
        with pytest.raises(kind):
            list(live.connection(LEDGER).bills.list())
