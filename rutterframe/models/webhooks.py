"""Webhooks: where the API sends its notifications."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AnyUrl

from rutterframe.models.base import Draft, Record, optional, required
from rutterframe.models.fields import Id, Kind, Text, Timestamp, known

WebhookEvent = Literal[
    "connection.created",
    "connection.updated",
    "order.created",
    "order.updated",
    "product.created",
    "product.updated",
]


class Webhook(Record):
    """An address that is told of events."""

    id: Id | None = optional("Identifies the webhook")
    url: Text | None = optional("Where the notifications are sent")
    events: list[Text] | None = optional("The events it is told of")
    status: Annotated[Text, known("active", "inactive")] | None = optional("Whether notifications are sent")
    created_at: Timestamp | None = optional("When the webhook was made")


class WebhookCreate(Draft):
    """A webhook to be configured."""

    url: Annotated[AnyUrl, Kind.TEXT] = required("Where the notifications are to be sent")
    events: list[Annotated[WebhookEvent, Kind.TEXT]] = required("The events to be told of")
