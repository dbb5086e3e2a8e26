"""The connections of a client's credentials: list, retrieve, their state, and the exchange of tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from pydantic import SecretStr

from rutterframe.client.connection_status import (
    ConnectionStatus,
    read_by_token,
    read_full_status,
    word_of,
)
from rutterframe.client.filters import Moment
from rutterframe.client.records import map_row
from rutterframe.client.request import RequestSpec
from rutterframe.client.resources import RetrievableResource
from rutterframe.client.secret_arguments import require_secret, wrap
from rutterframe.client.writing import read_token
from rutterframe.errors import ConfigurationError
from rutterframe.frames.exact import parse_object
from rutterframe.models import Connection as ConnectionRecord


class Connections(RetrievableResource[ConnectionRecord]):
    """The connections of these credentials.

    Parameters
    ----------
    request : RequestSpec
        The request of their list.
    find_token : callable
        Returns the access token of a connection, by its id.
    """

    def __init__(self, request: RequestSpec, find_token: Callable[[str], SecretStr]) -> None:
        super().__init__(request)
        self._find_token = find_token

    def list(self, **filters: Moment | None) -> Iterator[ConnectionRecord]:
        """Yield every connection, and remember its platform.

        Parameters
        ----------
        **filters : str
            Only in the live dialect: ``status``, such as "active"; all of them when left out. The access
            tokens in that list are kept in the client, for `Client.connection`, and are not in the records.

        Yields
        ------
        Connection
            A record of `rutterframe.models`, with id, platform and status.

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     sorted(connection.platform for connection in client.connections.list())[:3]
        ['amazon', 'ebay', 'google_ads']
        """
        for record in super().list(**filters):
            self._remember(record)
            yield record

    def retrieve(self, record_id: str) -> ConnectionRecord:
        """Return one connection, and remember its platform.

        Parameters
        ----------
        record_id : str
            The connection's id.

        Returns
        -------
        Connection
            A record of `rutterframe.models`, with id, platform and status.

        Raises
        ------
        NotFound
            If these credentials have no such connection.
        MissingToken
            In the live dialect, which asks by the token, if none is known.

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     client.connections.retrieve("gear-xero").platform
        'xero'
        """
        is_live = self._request.session.dialect.is_live
        record = self._retrieve_live(record_id) if is_live else super().retrieve(record_id)
        self._remember(record)
        return record

    def status(self, connection_id: str) -> ConnectionStatus:
        """Return the state of a connection of the live service: ready or not, how old, what it cannot serve.

        Parameters
        ----------
        connection_id : str
            The connection's id.

        Returns
        -------
        ConnectionStatus
            The state; unknown parts are None.

        Raises
        ------
        ConfigurationError
            In the contract, which has no such request.
        MissingToken
            If no access token is known for it.
        APIError, TransportError
            If it could not be read.

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo(dialect="live") as client:
        ...     client.connections.status("gear-xero").is_ready
        True
        """
        session = self._request.session
        if not session.dialect.is_live:
            raise ConfigurationError(
                "The state of a connection is only in the live dialect",
                hint="the contract has the connection's status word: client.connections.retrieve(id).status.",
            )
        return read_full_status(self._request, connection_id, self._find_token(connection_id))

    def _retrieve_live(self, connection_id: str) -> ConnectionRecord:
        """Return a connection by its token: the service has no path with its id."""
        request, token = self._request, self._find_token(connection_id)
        answer, listed = read_by_token(request, connection_id, token)
        row = {"id": connection_id, **listed, "platform": answer.platform or listed.get("platform")}
        if answer.created_at is not None:
            row["created_at"] = answer.created_at.isoformat()
        record: ConnectionRecord = map_row(request, {**row, "status": word_of(answer, listed)})
        return record

    def _remember(self, record: ConnectionRecord) -> None:
        if record.id and record.platform:
            self._request.session.platforms[record.id] = record.platform

    def exchange(self, public_token: str | SecretStr) -> SecretStr:
        """Exchange the public token of Rutter Link for the access token of the new connection.

        Parameters
        ----------
        public_token : str
            The token that Rutter Link returns when a business has connected a platform.

        Returns
        -------
        pydantic.SecretStr
            The access token; it shows as asterisks. `rutterframe.client.tokens.save` stores it in the
            keyring. In the live dialect `Client.connection` finds it as well.

        Raises
        ------
        OutcomeUnknown
            If the response was lost.
        APIError, TransportError
            If it was not exchanged.
        TypeError, ValueError
            If the public token is not a text, or empty.

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     client.connections.exchange("public-roaster-bank")
        SecretStr('**********')
        """
        wrapped = wrap(public_token)
        del public_token
        token = require_secret("The public token", wrapped)
        if not token:
            raise ValueError("The public token is empty; Rutter Link returns it when a platform is connected")
        session = self._request.session
        request = replace(
            self._request,
            path=session.dialect.token_exchange,
            method="POST",
            body=session.secrets.exchange_body(token),
            secrets=(token,),
        )
        exchanged = session.write(
            request,
            read=read_exchange,
            find_out="exchange it again; if it is refused, let the business connect the platform again.",
        )
        session.secrets.add([exchanged.token])
        if exchanged.connection_id is not None:
            session.listed.add(exchanged.connection_id, exchanged.token, exchanged.platform)
        return exchanged.token


@dataclass(frozen=True, slots=True)
class Exchanged:
    """The response of a token exchange: the access token, and in the live dialect its connection."""

    token: SecretStr
    connection_id: str | None
    platform: str | None


def read_exchange(body: bytes) -> Exchanged:
    """Read the response of a token exchange; no error quotes it.

    Raises
    ------
    InvalidResponse
        If it has no access token.
    """
    token = read_token(body)
    # Without the token: nothing is raised below, but this is a plain object.
    sent = {name: value for name, value in parse_object(body).items() if name != "access_token"}
    texts = [sent.get(name) for name in ("connection_id", "platform")]
    return Exchanged(token, *(text if isinstance(text, str) else None for text in texts))
