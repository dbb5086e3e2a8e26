"""Which dialect a server speaks: one request that both have, and one that only one of them has."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx

from rutterframe.client.error_mapping import http_date
from rutterframe.client.request import RequestSpec
from rutterframe.dialects import BASES, DIALECTS
from rutterframe.errors import APIError, RutterframeError

if TYPE_CHECKING:
    from rutterframe.client.session import Session

# 401 on one of the paths only is as good as 200: a service checks credentials on paths that it has.
_EXISTS, _ABSENT = frozenset({200, 401, 403, 429}), frozenset({404, 405, 410})


@dataclass(frozen=True, slots=True)
class ConnectionList:
    """What the form of a list of connections shows: its rows are not kept, since they may have tokens.

    Attributes
    ----------
    rows : int or None
        How many there are; None if the response has no such list.
    has_tokens, has_cursor : bool
        Whether a row has an access token, and the response the cursor of a next page.
    """

    rows: int | None = None
    has_tokens: bool = False
    has_cursor: bool = False

    @classmethod
    def read(cls, body: bytes) -> ConnectionList:
        """Return the form of a response; nothing is raised, since a traceback would hold its tokens."""
        try:
            response = json.loads(body)
        except (ValueError, RecursionError):
            return cls()
        rows = response.get("connections") if isinstance(response, dict) else None
        if not isinstance(rows, list):
            return cls()
        return cls(
            len(rows),
            any(isinstance(row, dict) and bool(row.get("access_token")) for row in rows),
            "next_cursor" in response,
        )


@dataclass(frozen=True, slots=True)
class Probe:
    """The answers of a server to harmless requests.

    Attributes
    ----------
    connections : ConnectionList or None
        The form of the list of connections; None if it was not served.
    error : RutterframeError or None
        Why it was not.
    statuses : dict of str to int
        The HTTP status of the path that only one dialect has, by the dialect.
    clock_difference : float or None
        By how many seconds the clock of this machine is ahead of the server's; None without a date.
    """

    connections: ConnectionList | None
    error: RutterframeError | None
    statuses: dict[str, int]
    clock_difference: float | None

    @property
    def has_list(self) -> bool:
        """Whether the server sent a list of connections."""
        return self.connections is not None and self.connections.rows is not None

    @property
    def dialect(self) -> str | None:
        """The dialect that the answers are of; None if they do not show it, or contradict each other."""
        votes = set()
        if self.connections is not None and self.connections.has_tokens:
            votes.add("live")
        elif self.connections is not None and (self.connections.has_cursor or self.connections.rows):
            votes.add("contract")
        exists = {name for name, status in self.statuses.items() if status in _EXISTS}
        absent = {name for name, status in self.statuses.items() if status in _ABSENT}
        if len(exists) == len(absent) == 1:
            votes |= exists
        return votes.pop() if len(votes) == 1 else None


def probe(session: Session) -> Probe:
    """Ask a server for its connections, and for the webhooks on the path of either dialect.

    None of it changes anything, and none needs an access token.

    Parameters
    ----------
    session : Session
        Sends the requests.
    """
    differences: list[float] = []

    def compare_clocks(headers: httpx.Headers) -> None:
        if (date := http_date(headers.get("Date"))) is not None:
            differences.append((datetime.now(UTC) - date).total_seconds())

    # Without the parameters of its route: those of one dialect are not valid in the other.
    route = session.dialect.webhooks
    listing = replace(RequestSpec.of(session, "connections"), route=route, any_dialect=True)
    connections: ConnectionList | None = None
    failure: RutterframeError | None = None
    try:
        connections = session.get(listing, read=ConnectionList.read, on_headers=compare_clocks)
    except RutterframeError as error:
        failure = error
    statuses = {}
    if failure is None or isinstance(failure, APIError):
        for name in BASES:
            dialect = DIALECTS[name]
            request = RequestSpec.of(session, "webhooks", route=dialect.webhooks)
            request = replace(request, any_dialect=True)
            try:
                session.get(request, read=len, on_headers=compare_clocks)
                statuses[name] = 200
            except APIError as error:
                statuses[name] = error.status
            except RutterframeError:
                continue
    return Probe(connections, failure, statuses, min(differences, key=abs, default=None))
