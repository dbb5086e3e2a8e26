"""Connections and events, live."""

from __future__ import annotations

from typing import Annotated

from rutterframe.models.base import Record, optional
from rutterframe.models.connections import Connection
from rutterframe.models.fields import Id, Text, Timestamp, known


class LiveConnection(Connection):
    """One linked account of a business on one platform. Its access token is never a column."""

    status: Annotated[Text, known("active", "unhealthy", "not_ready", "needs_reauth", "disabled")] | None = (
        optional("Whether data can be read: unhealthy may still serve what was read before")
    )
    name: Text | None = optional("The name that the business gave the connection")


class Event(Record):
    """Something that happened to a record; only deletions are listed."""

    id: Id | None = optional("Identifies the event")
    type: Annotated[Text, known("object_deleted")] | None = optional("What happened")
    resource: Text | None = optional("The service's word for the resource, such as INVOICE")
    record_id: Id | None = optional("The record that it happened to")
    last_synced_at: Timestamp | None = optional("When it happened")
