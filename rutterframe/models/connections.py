"""Connections: one linked account of a business on one platform."""

from __future__ import annotations

from typing import Annotated

from rutterframe.models.base import Record, optional
from rutterframe.models.fields import Id, Text, Timestamp, known


class Connection(Record):
    """A link between a business and one of its platforms."""

    id: Id | None = optional("Identifies the connection; every loaded row carries it as connection_id")
    platform: Text | None = optional("The platform's name, such as quickbooks, shopify or amazon")
    status: Annotated[Text, known("active", "inactive", "error")] | None = optional(
        "Whether data can be read: only an active connection is fresh"
    )
    created_at: Timestamp | None = optional("When the connection was created")
    updated_at: Timestamp | None = optional("When the connection last changed")
