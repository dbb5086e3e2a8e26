"""Webhook configurations: they are kept, and nothing is ever sent to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rutterframe.demo.api.bodies import WEBHOOK, parse_body
from rutterframe.demo.api.reading import not_found
from rutterframe.demo.books.calendar import moment_text

if TYPE_CHECKING:
    from rutterframe.demo.api.service import Call
    from rutterframe.demo.books.dirt import Record


def list_webhooks(call: Call) -> dict[str, Any]:
    """Return all webhooks; this list has no pages."""
    return {"webhooks": list(call.service.webhooks.values())}


def create_webhook(call: Call) -> Record:
    """Keep a new webhook."""
    body = parse_body(call.body, WEBHOOK)
    service = call.service
    webhook = {
        "id": service.webhook_ids.of(service.webhooks_made),
        "url": body["url"],
        "events": body["events"],
        "status": "active",
        "created_at": moment_text(service.books.tick()),
    }
    service.webhooks_made += 1
    service.webhooks[webhook["id"]] = webhook
    return webhook


def delete_webhook(call: Call) -> None:
    """Forget a webhook."""
    if call.service.webhooks.pop(call.path["id"], None) is None:
        raise not_found("webhooks", call.path["id"])
