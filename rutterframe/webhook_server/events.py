"""The refresh that each event calls for: of which resources, and how far back.

Neither dialect sends a record, a time or an id of the delivery in its messages, only that something of a
connection has changed. So an event becomes a list of resources to read again, and to read one again once too
often does no harm.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum

from rutterframe.dialects import Dialect
from rutterframe.dialects.live_objects import OBJECTS
from rutterframe.models import WebhookMessage


class Scope(IntEnum):
    """How much of a list a refresh requests; of two, the larger includes the other.

    Where the API has no filter for changes, the whole list is requested anyway.
    """

    #: What changed since the last refresh, and an hour before.
    CHANGES = 0
    #: What changed since 15 days before that. Lists of shops are filtered by the platform's time of a change;
    #: a synchronisation, which may come every two weeks, delivers changes late and in any order.
    RECENT = 1
    #: The whole list: older history has arrived, or records may be deleted without an event that names them.
    ALL = 2

    @property
    def overlap(self) -> timedelta:
        """How far before the last refresh changes are requested."""
        return timedelta(days=15) if self is Scope.RECENT else timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Change:
    """A list to refresh.

    Attributes
    ----------
    connection_id, resource : str
        The list.
    scope : Scope
        How much of it.
    """

    connection_id: str
    resource: str
    scope: Scope = Scope.CHANGES


# Events after which older records are new: their times of change lie far before the last refresh.
_HISTORY = frozenset({"initial_update", "historical_update", "backfill_completed"})
# Events that change no record. An error of a connection is in the outcome of its next refresh.
_WITHOUT_ROWS = frozenset(
    {
        "card_activation_error",
        "connection.deleted",
        "connection_disabled",
        "connection_error",
        "connection_link_error",
        "connection_needs_update",
        "job_completed",
        "needs_update",
    }
)
# Words for objects that events have and that the service uses nowhere else, or in another sense.
_OBJECTS = {
    **OBJECTS,
    "bank_account": ("bank_accounts",),
    "bank_transaction": ("transactions", "bank_transactions"),
    "bill_credit_application": ("bills", "bill_credit_memos"),
    "customer": ("customers",),
    "expense_refund": ("expenses",),
    "invoice_credit_application": ("invoices", "invoice_credit_memos"),
    "transaction": ("transactions", "shop_payments"),
}
_CHANGES = frozenset({"created", "updated", "deleted"})
_PRODUCTS = frozenset({"product_ready", "product_finish_failed"})


def resources_of_dialect(dialect: Dialect) -> tuple[str, ...]:
    """Return the resources of a dialect that a refresh reads."""
    return tuple(name for name in dialect.resources if name not in {"connections", "events"})


def changes_of(message: WebhookMessage, dialect: Dialect) -> list[Change]:
    """Return the lists that a message calls to refresh; none if it changes no row of a dataset.

    An event that is not known, such as one that the service begins to send, calls for the whole connection:
    rather a refresh too many than a change that is lost.

    Parameters
    ----------
    message : WebhookMessage
        A message with an event and a connection.
    dialect : Dialect
        The dialect, which has the resources.

    Examples
    --------
    >>> from rutterframe.dialects import CONTRACT
    >>> changes_of(WebhookMessage(type="ORDER", code="ORDER_UPDATED", connection_id="a"), CONTRACT)
    [Change(connection_id='a', resource='orders', scope=<Scope.CHANGES: 0>)]
    """
    connection_id, event = message.connection_id or "", message.event
    if event in _WITHOUT_ROWS:
        return []
    word, _, change = event.rpartition(".")
    if change in _CHANGES and word != "connection":
        resources = [name for name in _OBJECTS.get(word, ()) if name in dialect.resources]
        is_deletion = change == "deleted"
        return [
            Change(connection_id, name, _scope_of_deletion(name, dialect) if is_deletion else Scope.CHANGES)
            for name in resources
        ]
    if event in _PRODUCTS:
        return [Change(connection_id, "products")]
    return changes_of_connection(connection_id, dialect, history=event in _HISTORY)


def changes_of_connection(connection_id: str, dialect: Dialect, *, history: bool = False) -> list[Change]:
    """Return all lists of a connection.

    Parameters
    ----------
    connection_id : str
        The connection.
    dialect : Dialect
        The dialect, which has the resources.
    history : bool
        Whether older records may be new, so that changes are not enough.
    """
    if history:
        return [Change(connection_id, name, Scope.ALL) for name in resources_of_dialect(dialect)]
    return [
        Change(connection_id, name, Scope.RECENT if _is_by_platform_time(name, dialect) else Scope.CHANGES)
        for name in resources_of_dialect(dialect)
    ]


def _is_by_platform_time(resource: str, dialect: Dialect) -> bool:
    """Return whether changes are filtered by the platform's time, not by that of the synchronisation."""
    return resource in dialect.by_changes and any(
        route.changed_since == "updated_at_min" for route in dialect.resources[resource]
    )


def _scope_of_deletion(resource: str, dialect: Dialect) -> Scope:
    """Return the scope that shows a deletion: all rows, unless deletions are listed as events."""
    if resource not in dialect.by_changes:
        return Scope.CHANGES  # it is loaded whole
    listed = resource in dialect.with_deletions and all(
        "ledger" in route.kinds for route in dialect.resources[resource]
    )
    return Scope.CHANGES if listed else Scope.ALL
