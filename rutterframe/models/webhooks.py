"""Webhooks: the addresses to which the API sends notifications."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AnyUrl, SecretStr

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

_CHANGES = ("created", "updated", "deleted")


class Webhook(Record):
    """An address that is notified of events."""

    id: Id | None = optional("Identifies the webhook")
    url: Text | None = optional("Where the notifications are sent")
    events: list[Text] | None = optional("The events it is notified of")
    status: Annotated[Text, known("active", "inactive")] | None = optional("Whether notifications are sent")
    created_at: Timestamp | None = optional("When the webhook was created")


class WebhookCreate(Draft):
    """A webhook to be configured."""

    url: Annotated[AnyUrl, Kind.TEXT] = required("Where to send the notifications")
    events: list[Annotated[WebhookEvent, Kind.TEXT]] = required("The events to notify of")


class WebhookMessage(Record):
    """A notification, as it is sent to a webhook. The contract does not describe it; the live API does."""

    type: Text | None = optional("The kind of record, such as CONNECTION or ORDER")
    code: Text | None = optional("What happened, such as INITIAL_UPDATE or ORDER_CREATED")
    connection_id: Id | None = optional("The connection it is about")
    access_token: SecretStr | None = optional("The connection's access token")
    store_unique_id: Text | None = optional("The platform's own name of the shop")
    update_url: Text | None = optional("Where the business can sign in again")

    @property
    def event(self) -> str:
        """The event in the contract's spelling if it has one: ``order.created``, ``initial_update``.

        The contract's events are `WebhookEvent`; live systems send others too.
        """
        code = (self.code or self.type or "").lower()
        resource, _, change = code.rpartition("_")
        return f"{resource}.{change}" if resource and change in _CHANGES else code
