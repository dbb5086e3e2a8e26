"""The lists that an event calls to refresh."""

from __future__ import annotations

import pytest

from rutterframe.dialects import CONTRACT, LIVE
from rutterframe.models import WebhookMessage
from rutterframe.webhook_server.events import Change, Scope, changes_of, resources_of_dialect
from tests.live_contract import live_document


def lists(code: str, dialect: object = CONTRACT) -> dict[str, int]:
    """Return the scope of each resource that a code calls to refresh."""
    message = WebhookMessage(code=code, connection_id="a")
    return {one.resource: int(one.scope) for one in changes_of(message, dialect)}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("code", "contract", "live"),
    [
        ("ORDER_CREATED", {"orders": 0}, {"orders": 0}),
        ("order.updated", {"orders": 0}, {"orders": 0}),
        ("PRODUCT_UPDATED", {"products": 0}, {"products": 0}),
        ("PRODUCT_READY", {"products": 0}, {"products": 0}),
        ("INVOICE_UPDATED", {"invoices": 0}, {"invoices": 0}),
        ("CUSTOMER_CREATED", {"customers": 0}, {"customers": 0}),
        ("TRANSACTION_UPDATED", {"transactions": 0}, {"transactions": 0, "shop_payments": 0}),
        ("BANK_TRANSACTION_CREATED", {"transactions": 0}, {"transactions": 0, "bank_transactions": 0}),
        ("BILL_CREDIT_MEMO_UPDATED", {}, {"bill_credit_memos": 0}),
        ("STORE_UPDATED", {}, {"stores": 0}),
        # Deletions that the service lists as events, and those that only the whole list shows.
        ("INVOICE_DELETED", {"invoices": 0}, {"invoices": 0}),
        ("EXPENSE_REFUND_DELETED", {"expenses": 0}, {"expenses": 0}),
        ("ORDER_DELETED", {"orders": 2}, {"orders": 2}),
        ("PRODUCT_DELETED", {"products": 0}, {"products": 2}),
        ("CUSTOMER_DELETED", {"customers": 0}, {"customers": 2}),
        # Objects that are not in a dataset, and events that change no record.
        ("JOURNAL_ENTRY_UPDATED", {}, {}),
        ("ITEM_DELETED", {}, {}),
        ("JOB_COMPLETED", {}, {}),
        ("CONNECTION_NEEDS_UPDATE", {}, {}),
        ("NEEDS_UPDATE", {}, {}),
        ("CONNECTION_DISABLED", {}, {}),
        ("CONNECTION_ERROR", {}, {}),
        ("CONNECTION_DELETED", {}, {}),
    ],
)
def test_events_of_records(code: str, contract: dict[str, int], live: dict[str, int]) -> None:
    """An event of a record calls for its lists; a deletion for all rows where the API lists no deletions."""
    assert (lists(code), lists(code, LIVE)) == (contract, live)


@pytest.mark.parametrize("code", ["INITIAL_UPDATE", "HISTORICAL_UPDATE", "BACKFILL_COMPLETED"])
def test_history_calls_for_everything(code: str) -> None:
    """Where older records have arrived, all lists are loaded whole: their changes are of long ago."""
    for dialect in (CONTRACT, LIVE):
        assert lists(code, dialect) == dict.fromkeys(resources_of_dialect(dialect), 2)


@pytest.mark.parametrize(
    "code",
    [
        "INCREMENTAL_SYNC_COMPLETED",
        "CONNECTION_UPDATED",
        "connection.created",
        "VERSIONED_ENTITY",
        "SOMETHING",
    ],
)
def test_other_events_call_for_the_connection(code: str) -> None:
    """The end of a synchronisation, and an event that is not known, call for all changes of the connection.

    In lists of shops, which are filtered by the platform's time, also for changes of the last 15 days.
    """
    recent = {"transactions": 1, "orders": 1}
    assert lists(code) == dict.fromkeys(resources_of_dialect(CONTRACT), 0) | recent
    live = {"transactions": 1, "orders": 1, "products": 1, "customers": 1, "shop_payments": 1}
    assert lists(code, LIVE) == dict.fromkeys(resources_of_dialect(LIVE), 0) | live


def test_lists_name_their_connection() -> None:
    """A list is one of the connection that the message names."""
    message = WebhookMessage(type="ORDER", code="ORDER_UPDATED", connection_id="shop")
    assert changes_of(message, CONTRACT) == [Change("shop", "orders", Scope.CHANGES)]


def test_every_event_of_the_service_is_decided() -> None:
    """Each event that the service publishes calls for its lists, for all of a connection, or for none."""
    schemas = live_document()["components"]["schemas"]
    text = schemas["WebhookConfigResponse"]["properties"]["allow_list"]["properties"]["allowedTypes"]
    codes: list[str] = text["items"]["enum"]
    whole = [code for code in codes if len(lists(code, LIVE)) > 2]
    assert whole == [
        "INITIAL_UPDATE",
        "HISTORICAL_UPDATE",
        "INCREMENTAL_SYNC_COMPLETED",
        "CONNECTION_METADATA_READY",
        "BACKFILL_COMPLETED",
        "CONNECTION_AUTHENTICATED",
        "CONNECTION_UPDATED",
        "VERSIONED_ENTITY",
    ]
    objects = {code.rpartition("_")[0] for code in codes if not lists(code, LIVE)}
    assert objects == {
        "ACCOUNTING_CUSTOMER_REFUND",
        "BANK_DEPOSIT",
        "BANK_FEED_ACCOUNT",
        "BANK_TRANSFER",
        "CARD_ACTIVATION",
        "CLASS",
        "CONNECTION",
        "CONNECTION_LINK",
        "CONNECTION_NEEDS",
        "CURRENCY",
        "DEPARTMENT",
        "ITEM",
        "JOB",
        "JOURNAL_ENTRY",
        "LOCATION",
        "PAYMENT_METHOD",
        "PROJECT",
        "PURCHASE_ORDER",
        "SALES_ORDER",
        "SUBSIDIARY",
        "TASK",
        "TAX_RATE",
    }
