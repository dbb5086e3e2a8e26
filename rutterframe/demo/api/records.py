"""Endpoints of single records, access tokens and webhooks."""

from __future__ import annotations

from typing import Any

from rutterframe.demo.api.bodies import TOKEN, WEBHOOK, parse_body
from rutterframe.demo.api.responses import ApiError
from rutterframe.demo.api.service import Call
from rutterframe.demo.books.collection import Record
from rutterframe.demo.books.units import moment_text


def position_of(call: Call) -> int:
    """Return the position of the record that the path names.

    Raises
    ------
    ApiError
        404, if this connection has no record of that id.
    """
    record_id = call.path["id"]
    position = call.service.books.collection(call.connection, call.resource).find(record_id)
    if position is None:
        raise not_found(call.resource, record_id)
    return position


def not_found(resource: str, record_id: str) -> ApiError:
    """Return the error of an unknown id."""
    return ApiError(404, "NOT_FOUND", f"{resource}: no {record_id!r} here")


def retrieve(call: Call) -> Record:
    """Return one record of a connection."""
    return call.service.books.collection(call.connection, call.resource).record(position_of(call))


def retrieve_connection(call: Call) -> Record:
    """Return one connection."""
    connection = call.service.books.connections.get(call.path["id"])
    if connection is None:
        raise not_found("connections", call.path["id"])
    return connection.record()


def exchange_token(call: Call) -> dict[str, Any]:
    """Return the access token of a public token."""
    public_token = parse_body(call.body, TOKEN)["public_token"]
    prefix, _, connection = public_token.partition("public-")
    if prefix or connection not in call.service.access_tokens:
        raise ApiError(400, "INVALID_PUBLIC_TOKEN", "public_token: not known, or exchanged already")
    return {"access_token": call.service.access_tokens[connection]}


def list_webhooks(call: Call) -> dict[str, Any]:
    """Return all webhooks; this list has no pages."""
    return {"webhooks": list(call.service.webhooks.values())}


def create_webhook(call: Call) -> Record:
    """Store a new webhook; nothing is ever sent to it."""
    body = parse_body(call.body, WEBHOOK)
    service = call.service
    webhook = {
        "id": service.webhook_ids.of(service.webhook_count),
        "url": body["url"],
        "events": body["events"],
        "status": "active",
        "created_at": moment_text(service.books.next_instant()),
    }
    service.webhook_count += 1
    service.webhooks[webhook["id"]] = webhook
    return webhook


def delete_webhook(call: Call) -> None:
    """Delete a webhook."""
    if call.service.webhooks.pop(call.path["id"], None) is None:
        raise not_found("webhooks", call.path["id"])
