"""Connections in the live dialect: the list with its access tokens, readiness, and the exchange of tokens."""

from __future__ import annotations

from typing import Any

from rutterframe.demo.api.bodies import Field, Schema, parse_body, text
from rutterframe.demo.api.responses import ApiError
from rutterframe.demo.api.service import Call
from rutterframe.demo.books.collection import Record
from rutterframe.demo.books.tables import secret
from rutterframe.demo.books.units import CLOSING_MOMENT, moment
from rutterframe.demo.live.requests import live_error
from rutterframe.demo.live.service import LiveService, live
from rutterframe.demo.live.spelling import ALL_STATUSES, LISTED_STATUSES, PLATFORMS, live_moment, live_text

#: The objects that a connection cannot serve, in the words of the service; None where that is not known.
_UNAVAILABLE: dict[str, list[str] | None] = {
    "gear-xero": ["payment_term"],
    "gear-amazon": ["store"],
    "roaster-bank": None,
}
_EXCHANGE: Schema = {
    "client_id": Field(text, required=True),
    "secret": Field(text, required=True),
    "public_token": Field(text, required=True),
}


def list_connections(call: Call) -> Record:
    """Return the connections of a status, with their access tokens; this list has no pages."""
    status = call.query.get("status")
    if status is not None and status not in {*ALL_STATUSES, "any"}:
        raise ApiError(
            400, "INVALID_PARAMETER", f"status: must be one of {', '.join(ALL_STATUSES)}, any, not {status!r}"
        )
    service = live(call)
    statuses = LISTED_STATUSES if status is None else {*ALL_STATUSES} if status == "any" else {status}
    return {
        "connections": [
            _connection(service, connection)
            for connection in service.books.connections
            if service.statuses[connection] in statuses
        ]
    }


def connection_status(call: Call) -> Record:
    """Return the readiness of the connection of a token, of whatever status."""
    service, connection = live(call), call.connection
    status = service.statuses[connection]
    envelope = service.envelope(connection)
    is_ready = status != "not_ready"
    return {
        "status": {
            "last_sync_completed_at": last_sync(service, connection),
            "is_healthy": status == "active",
            "is_ready": is_ready,
            "link_url": _link_url(service, connection),
            "platform": envelope["platform"],
            "needs_update_status": {"needs_update": status == "needs_reauth"},
            "disabled_status": {
                "is_disabled": status in {"disabled", "needs_reauth"},
                "disabled_reason": {"disabled": "MANUALLY_DISABLED", "needs_reauth": "NEEDS_REAUTH"}.get(
                    status
                ),
            },
            "historical_sync_status": {
                "historical_sync_completed": is_ready,
                "total": {},
                "num_batches_completed": 1 if is_ready else 0,
                **dict.fromkeys(
                    (
                        "synced_balance_sheets_count",
                        "synced_cash_flows_count",
                        "synced_income_statements_count",
                        "synced_orders_count",
                        "synced_transactions_count",
                        "expected_entity_counts",
                    )
                ),
                "batches": [],
            },
            "created_at": live_text(service.books.connections[connection].record()["created_at"]),
        },
        "connection": envelope,
    }


def connection_of_token(call: Call) -> Record:
    """Return the connection of a token, with the objects that it cannot serve."""
    service, connection = live(call), call.connection
    status = service.statuses[connection]
    synced = last_sync(service, connection)
    return {
        "connection": {
            "id": connection,
            "store_unique_id": connection,
            "last_sync_started_at": synced,
            "last_sync_completed_at": synced,
            "estimated_completed_at": None,
            "oldest_order_date": None,
            "newest_order_date": None,
            "disabled": status in {"disabled", "needs_reauth"},
            "link_url": _link_url(service, connection),
            "needs_update": status == "needs_reauth",
            "platform": service.envelope(connection)["platform"],
            "store_domain": None,
            "store_name": None,
            "unavailable_objects": _UNAVAILABLE.get(connection, []),
            "created_at": live_text(service.books.connections[connection].record()["created_at"]),
        }
    }


def exchange_token(call: Call) -> dict[str, Any]:
    """Return the access token of a public token."""
    try:
        body = parse_body(call.body, _EXCHANGE)
    except ApiError as error:
        raise live_error(error) from error
    service = live(call)
    if (body["client_id"], body["secret"]) != (service.client_id, service.client_secret):
        raise ApiError(401, "INVALID_CREDENTIALS", "client_id, secret: not those of this client")
    prefix, _, connection = body["public_token"].partition("public-")
    if prefix or connection not in service.access_tokens:
        raise ApiError(400, "INVALID_PUBLIC_TOKEN", "public_token: not known, or exchanged already")
    return {
        "connection_id": connection,
        "access_token": service.access_tokens[connection],
        "is_ready": service.statuses[connection] != "not_ready",
        "platform": PLATFORMS[service.books.connections[connection].platform],
        "name": None,
    }


def last_sync(service: LiveService, connection: str) -> str | None:
    """Return when a connection was last synchronised: never before it is ready."""
    if service.statuses[connection] == "not_ready":
        return None
    opened = service.books.connections[connection]
    end = min(CLOSING_MOMENT, moment(opened.updated, 43_200))
    # An unhealthy connection serves what it has, which is a day old.
    return live_moment(end - 86_400 if service.statuses[connection] == "unhealthy" else end)


def _connection(service: LiveService, connection: str) -> Record:
    record = service.books.connections[connection].record()
    return {
        "id": connection,
        "access_token": service.access_tokens[connection],
        "link_url": _link_url(service, connection),
        "platform": service.envelope(connection)["platform"],
        "status": service.statuses[connection],
        "name": None if connection.endswith("old") else connection.partition("-")[0].capitalize(),
        "created_at": live_text(record["created_at"]),
        "updated_at": live_text(record["updated_at"]),
    }


def _link_url(service: LiveService, connection: str) -> str:
    # Whoever has it can connect the platform again: it is as secret as a token.
    return f"https://link.example/{secret(service.books.seed, connection, 'link')}"
