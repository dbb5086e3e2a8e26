"""Single objects and lists without pages of their own kind: store, company, events and webhooks."""

from __future__ import annotations

from typing import Any

from rutterframe.demo.api.responses import ApiError
from rutterframe.demo.api.service import Call
from rutterframe.demo.books.collection import Record
from rutterframe.demo.books.tables import Ids
from rutterframe.demo.books.units import CLOSING, CLOSING_MOMENT, OPENING, moment
from rutterframe.demo.live.lists import SYNCED_AT, LiveList, moments, stamps
from rutterframe.demo.live.service import LiveService, live
from rutterframe.demo.live.shop import Shop
from rutterframe.demo.live.shop_money import ShopMoney
from rutterframe.demo.live.spelling import live_date, live_moment

#: How events name a resource.
EVENT_WORDS = {
    "accounts": "ACCOUNT",
    "invoices": "INVOICE",
    "bills": "BILL",
    "expenses": "EXPENSE",
    "customers": "CUSTOMER",
    "vendors": "VENDOR",
}
_WEBHOOKS = ("INITIAL_UPDATE", "ORDER_CREATED", "INVOICE_UPDATED")


def store(call: Call) -> Record:
    """Return the store of a shop."""
    service = live(call)
    if service.live_books.kind(call.connection) != "shop":
        raise _unsupported("/store")
    envelope = service.envelope(call.connection)
    # Amazon tells nothing of its stores.
    if service.books.connections[call.connection].platform == "amazon":
        return {"store": None, "connection": envelope}
    return {"store": ShopMoney(Shop(service.books, call.connection)).store(), "connection": envelope}


def company_info(call: Call) -> Record:
    """Return the company of a ledger."""
    service = live(call)
    if service.live_books.kind(call.connection) != "ledger":
        raise _unsupported("/accounting/company_info")
    company = service.books.business(call.connection).company
    return {
        "company_info": {
            "id": Ids(service.books.seed, call.connection, "company_info").of(0),
            "platform_id": "1",
            "currency_code": company.base,
            "name": company.name,
            "addresses": [],
            "legal_name": None,
            "additional_fields": {"closing_date": live_date(CLOSING, company.platform)},
            **stamps(moment(OPENING), CLOSING_MOMENT, 0),
        },
        "connection": service.envelope(call.connection),
    }


def event_list(service: LiveService, connection: str, words: str | None) -> LiveList:
    """Return the deletions of a ledger, of some resources or of all."""
    wanted = set(EVENT_WORDS.values()) if words is None else {word.strip() for word in words.split(",")}
    deletions = [
        (number, each)
        for number, each in enumerate(service.books.deletions(connection))
        if EVENT_WORDS.get(each.resource) in wanted
    ]
    by_number = dict(deletions)
    ids = Ids(service.books.seed, connection, "events")

    def record(number: int) -> Record:
        deletion = by_number[number]
        return {
            "id": ids.of(number),
            "type": "object_deleted",
            "resource": EVENT_WORDS[deletion.resource],
            "data": {"id": deletion.id},
            "last_synced_at": live_moment(deletion.instant),
        }

    def instant(number: int) -> int:
        return by_number[number].instant

    # An event is stored as soon as it happens.
    by_moment = {**moments(instant), SYNCED_AT: instant}
    return LiveList((), lambda: tuple(by_number), record, ids.of, by_moment)


def list_webhooks(call: Call) -> list[Any]:
    """Return the webhooks of the organisation: a bare array."""
    return _webhooks(live(call))


def retrieve_webhook(call: Call) -> Record:
    """Return one webhook, without an envelope."""
    for webhook in _webhooks(live(call)):
        if webhook["id"] == call.path["id"]:
            return webhook
    raise ApiError(410, "OBJECT_NOT_FOUND", f"webhook: no {call.path['id'][:60]!r} here")


def _webhooks(service: LiveService) -> list[Record]:
    opened = live_moment(moment(OPENING))
    return [
        {
            "id": Ids(service.books.seed, "webhooks").of(0),
            "api_version": "2024-08-31",
            "url": "https://example.com/rutter",
            "disabled": False,
            "platform_data_config": None,
            "allow_list": {"allowedTypes": list(_WEBHOOKS)},
            "created_at": opened,
            "updated_at": opened,
        }
    ]


def _unsupported(path: str) -> ApiError:
    return ApiError(404, "ENDPOINT_NOT_SUPPORTED", f"{path}: the platform has no such objects")
