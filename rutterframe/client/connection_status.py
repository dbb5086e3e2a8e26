"""The state of a live connection: whether its data is ready, how old it is, and what it cannot serve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import SecretStr

from rutterframe.client.records import read_object
from rutterframe.client.request import RequestSpec
from rutterframe.errors import ConnectionMismatch
from rutterframe.frames.exact import invalid_rows, read_rows
from rutterframe.models import Record

if TYPE_CHECKING:
    from rutterframe.client.connection_records import ByToken

M = TypeVar("M", bound=Record)

_BY_TOKEN, _STATUS = "/connections/access_token", "/connections/status"


@dataclass(frozen=True, slots=True)
class ConnectionStatus:
    """The state of a connection of the live service; unknown parts are None.

    Attributes
    ----------
    connection_id : str
        The connection.
    platform : str or None
        Its platform, in the service's spelling.
    status : str or None
        The service's word: active, unhealthy, not_ready, needs_reauth or disabled.
    is_ready : bool or None
        Whether the first synchronisation is finished. With batches, only its first batch may be.
    is_healthy : bool or None
        Whether the last synchronisations succeeded; only `Connections.status` reads it.
    needs_update : bool or None
        Whether the business has to sign in to the platform again.
    is_disabled : bool or None
        Whether the service has stopped reading the platform.
    disabled_reason : str or None
        The service's word for the reason; only `Connections.status` reads it.
    history_is_complete : bool or None
        Whether the whole history is synchronised; only `Connections.status` reads it.
    last_sync_started_at, last_sync_completed_at : datetime or None
        When the platform was last read: rows may be as old as that.
    unavailable_objects : tuple of str or None
        The service's words for what this connection cannot serve; None if it does not say.
    unavailable_resources : frozenset of str
        The resources among them, by this package's names: their lists are empty, without an error.
    """

    connection_id: str
    platform: str | None = None
    status: str | None = None
    is_ready: bool | None = None
    is_healthy: bool | None = None
    needs_update: bool | None = None
    is_disabled: bool | None = None
    disabled_reason: str | None = None
    history_is_complete: bool | None = None
    last_sync_started_at: datetime | None = None
    last_sync_completed_at: datetime | None = None
    unavailable_objects: tuple[str, ...] | None = None
    unavailable_resources: frozenset[str] = frozenset()


def read_status(request: RequestSpec) -> ConnectionStatus | None:
    """Return the state of a request's connection, with a single request; None for the contract.

    Parameters
    ----------
    request : RequestSpec
        Any request of the connection, with its token. In the contract nothing is sent.

    Returns
    -------
    ConnectionStatus or None
        The state; None for the contract.

    Raises
    ------
    ConnectionMismatch
        If the token belongs to another connection.
    APIError, TransportError, InvalidResponse
        If it could not be read.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo(dialect="live") as client:
    ...     read_status(client.connection("gear-xero").accounts.listing()).is_ready
    True
    """
    connection_id, token = request.connection_id, request.access_token
    if not request.session.dialect.is_live or connection_id is None or token is None:
        return None
    return _status_of(request, *read_by_token(request, connection_id, token))


def read_full_status(request: RequestSpec, connection_id: str, token: SecretStr) -> ConnectionStatus:
    """Return the state of a connection with all that the service says, which takes two requests."""
    # On first use: most programs never ask, and a pydantic model takes as long to define as a module to read.
    from rutterframe.client.connection_records import (  # noqa: PLC0415
        DisabledStatus,
        History,
        NeedsUpdate,
        SyncStatus,
    )

    of_connection = request_of(request, connection_id, token)
    status = _status_of(of_connection, *read_by_token(request, connection_id, token))
    detail = request.session.get(
        replace(of_connection, path=_STATUS), read=lambda body: _read(SyncStatus, body, "status")
    )
    disabled = detail.disabled_status or DisabledStatus()
    needs_update = (detail.needs_update_status or NeedsUpdate()).needs_update
    history = (detail.historical_sync_status or History()).historical_sync_completed
    return replace(
        status,
        is_ready=status.is_ready if detail.is_ready is None else detail.is_ready,
        is_healthy=detail.is_healthy,
        needs_update=status.needs_update if needs_update is None else needs_update,
        is_disabled=status.is_disabled if disabled.is_disabled is None else disabled.is_disabled,
        disabled_reason=disabled.disabled_reason,
        history_is_complete=history,
        last_sync_completed_at=detail.last_sync_completed_at or status.last_sync_completed_at,
    )


def request_of(request: RequestSpec, connection_id: str, token: SecretStr) -> RequestSpec:
    """Return a request about one connection, by its token."""
    of_connections = RequestSpec.of(request.session, "connections", connection_id, token)
    return replace(of_connections, path=_BY_TOKEN)


def read_by_token(
    request: RequestSpec, connection_id: str, token: SecretStr
) -> tuple[ByToken, dict[str, Any]]:
    """Return what the service says about the connection of a token, and what it listed of it before.

    Raises
    ------
    ConnectionMismatch
        If the token belongs to another connection.
    """
    from rutterframe.client.connection_records import ByToken  # noqa: PLC0415 - on first use

    session = request.session
    answer = session.get(
        request_of(request, connection_id, token), read=lambda body: _read(ByToken, body, "connection")
    )
    if answer.id is not None and answer.id != connection_id:
        raise ConnectionMismatch(
            f"The access token of connection {connection_id!r} belongs to connection {answer.id!r}",
            hint="correct the token, or leave it out: the list of connections has it.",
            transient=False,
        )
    return answer, session.listed.rows.get(connection_id, {})


def word_of(answer: ByToken, listed: Mapping[str, Any]) -> str | None:
    """Return the service's word for the state of a connection: what was just read comes first."""
    if answer.disabled:
        return "disabled"
    if answer.needs_update:
        return "needs_reauth"
    word = listed.get("status")
    return word.casefold() if isinstance(word, str) else None


def _status_of(request: RequestSpec, answer: ByToken, listed: Mapping[str, Any]) -> ConnectionStatus:
    from rutterframe.dialects.live_objects import resources_of  # noqa: PLC0415 - on first use

    word = word_of(answer, listed)
    words = answer.unavailable_objects
    objects = tuple(item for item in words if isinstance(item, str)) if isinstance(words, list) else None
    connection_id = request.connection_id or ""
    platform = answer.platform or request.session.platforms.get(connection_id)
    return ConnectionStatus(
        connection_id,
        platform,
        word,
        # Unhealthy and the others are words of connections that were ready once, or are no longer read.
        is_ready={"active": True, "unhealthy": True, "not_ready": False}.get(word or ""),
        needs_update=answer.needs_update,
        is_disabled=answer.disabled,
        last_sync_started_at=answer.last_sync_started_at,
        last_sync_completed_at=answer.last_sync_completed_at,
        unavailable_objects=objects,
        unavailable_resources=resources_of(objects or (), platform),
    )


def _read(model: type[M], body: bytes, key: str) -> M:
    """Read the object under a key of a response."""
    page = read_rows(model, [read_object(body, key)])
    if page.refused:
        raise invalid_rows(page)
    return page.valid[0]
