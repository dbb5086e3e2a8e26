"""What the live service says about one connection, read with tolerance: it sends more than it documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator

from rutterframe.models import Record
from rutterframe.models.base import optional
from rutterframe.models.fields import Id, Text, Timestamp


def _flag(value: Any) -> Any:
    """Read what is neither true nor false as unknown: the service sends more than it documents."""
    return value if isinstance(value, bool) else None


def _object(value: Any) -> Any:
    return value if isinstance(value, Mapping) else None


_Flag = Annotated[bool | None, BeforeValidator(_flag)]


class ByToken(Record):
    """What the service says about the connection of a token."""

    id: Id | None = optional("The connection")
    platform: Text | None = optional("Its platform")
    created_at: Timestamp | None = optional("When it was created")
    disabled: _Flag = optional("Whether it is disabled")
    needs_update: _Flag = optional("Whether the business has to sign in again")
    last_sync_started_at: Timestamp | None = optional("When the last synchronisation began")
    last_sync_completed_at: Timestamp | None = optional("When it was complete")
    unavailable_objects: Any = optional("What the connection cannot serve")


class DisabledStatus(Record):
    """Whether a connection is disabled."""

    is_disabled: _Flag = optional("Whether it is disabled")
    disabled_reason: Text | None = optional("Why")


class NeedsUpdate(Record):
    """Whether the business has to sign in again."""

    needs_update: _Flag = optional("Whether the business has to sign in again")


class History(Record):
    """How much of the history is synchronised."""

    historical_sync_completed: _Flag = optional("Whether the whole history is there")


class SyncStatus(Record):
    """What the service says about the synchronisation."""

    is_ready: _Flag = optional("Whether the first synchronisation is finished")
    is_healthy: _Flag = optional("Whether the last ones succeeded")
    last_sync_completed_at: Timestamp | None = optional("When the last one was complete")
    disabled_status: Annotated[DisabledStatus | None, BeforeValidator(_object)] = optional(
        "Whether it is disabled"
    )
    needs_update_status: Annotated[NeedsUpdate | None, BeforeValidator(_object)] = optional("To sign in")
    historical_sync_status: Annotated[History | None, BeforeValidator(_object)] = optional("The history")
