"""The client: opens connections with the API credentials."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from pydantic import SecretStr

from rutterframe.client.connection import Connection
from rutterframe.client.request import RequestSpec
from rutterframe.client.resources import RetrievableResource
from rutterframe.client.retry import RateLimit, RetryPolicy
from rutterframe.client.secret_arguments import InvalidSecret, require_secret, wrap, wrap_mapping
from rutterframe.client.tokens import Tokens
from rutterframe.client.webhooks import Webhooks
from rutterframe.client.writing import read_token
from rutterframe.models import Connection as ConnectionRecord
from rutterframe.notebook.cards import card

if TYPE_CHECKING:
    import httpx

    from rutterframe.client.config import Settings

_RATE_LIMIT = RateLimit()
_RETRY = RetryPolicy()


class Connections(RetrievableResource[ConnectionRecord]):
    """The connections of these credentials."""

    def list(self) -> Iterator[ConnectionRecord]:
        """Yield every connection, and remember its platform."""
        for record in super().list():
            self._remember(record)
            yield record

    def retrieve(self, record_id: str) -> ConnectionRecord:
        """Return one connection, and remember its platform.

        Parameters
        ----------
        record_id : str
            The connection's id.

        Raises
        ------
        NotFound
            If these credentials have no such connection.
        """
        record = super().retrieve(record_id)
        self._remember(record)
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
            The access token; it shows as asterisks. `rutterframe.tokens` stores it in the keyring.

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
        body = SecretStr(json.dumps({"public_token": token.get_secret_value()}))
        access_token = session.write(
            replace(
                self._request,
                path=session.dialect.token_exchange,
                method="POST",
                body=body,
                secrets=(token,),
            ),
            read=read_token,
            find_out="exchange it again; if it is refused, let the business connect the platform again.",
        )
        session.add_tokens([access_token])
        return access_token


class Client:
    """A client of the Rutter Unified API, shared by all threads.

    Settings that are not passed are read from the environment or from ``.env`` in the working folder.
    ``.env`` is read as it is written: ``${NAME}`` is not replaced. An address (``RUTTER_ENVIRONMENT`` as a
    URL) or a version in ``.env`` is used only if the credentials are from the same file, since such a file
    may come from somebody else. There is no fallback to demo data: for that use `rutterframe.demo`.

    Parameters
    ----------
    client_id, client_secret : str, optional
        The API credentials; else ``RUTTER_CLIENT_ID`` and ``RUTTER_CLIENT_SECRET``.
    environment : str, optional
        "production", "sandbox" or a base URL; else ``RUTTER_ENVIRONMENT``, else "production".
    version : str, optional
        The API version, such as "2024-08-31"; else ``RUTTER_VERSION``, else the dialect's. The live dialect
        reads that version only.
    dialect : {"contract", "live"}, optional
        How the server spells the API: "contract" as openapi.yaml, "live" as the real service; else
        ``RUTTER_DIALECT``, else "contract".
    access_tokens : mapping of str to str, optional
        Access tokens by connection id; else ``RUTTER_ACCESS_TOKENS`` (the same as a JSON object),
        ``RUTTER_ACCESS_TOKEN`` (the only one), or the keyring.
    transport : httpx.BaseTransport, optional
        The transport that sends the requests, for proxies and tests.
    rate_limit : RateLimit or None
        The most requests in a period; 500 in 10 seconds by default, None for no limit.
    retry : RetryPolicy
        How reads, and writes with an idempotency key, are retried.

    Attributes
    ----------
    connections
        The connections of these credentials: ``list()``, ``retrieve(id)`` and ``exchange(public_token)``.
    webhooks
        The addresses of notifications: ``list()``, ``create(url=, events=)`` and ``delete(id)``.

    Raises
    ------
    MissingCredentials
        If the client id or secret is not set.
    ConfigurationError
        If a setting is unknown or not valid, or ``.env`` has an address, but not the credentials.
    TypeError
        If ``access_tokens`` is not a mapping from text to text; no error shows a secret.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     invoices = rf.load_invoices(client.connection("roaster-quickbooks"), progress=False)
    >>> invoices["connection_id"].unique().tolist()
    ['roaster-quickbooks']
    """

    #: The name of the environment, where it is not that of the settings.
    _environment: str | None = None

    def __init__(  # noqa: PLR0913 - the settings
        self,
        *,
        client_id: str | SecretStr | None = None,
        client_secret: str | SecretStr | None = None,
        environment: str | None = None,
        version: str | None = None,
        dialect: str | None = None,
        access_tokens: Mapping[str, str | SecretStr] | None = None,
        transport: httpx.BaseTransport | None = None,
        rate_limit: RateLimit | None = _RATE_LIMIT,
        retry: RetryPolicy = _RETRY,
    ) -> None:
        # Wrapped first: whatever is raised below, no variable of this frame shows a secret.
        secrets = {"client_id": wrap(client_id), "client_secret": wrap(client_secret)}
        address = {"environment": wrap(environment), "version": wrap(version), "dialect": wrap(dialect)}
        tokens = wrap_mapping(access_tokens)
        del client_id, client_secret, environment, version, dialect, access_tokens
        # On first use: httpx and pydantic-settings take a third of the time to import this package.
        from rutterframe.client.config import credentials, server_of  # noqa: PLC0415
        from rutterframe.client.session import Session  # noqa: PLC0415

        settings = self._settings(**secrets, **address)
        self._sources = settings.sources
        self._tokens = Tokens(settings, tokens)
        self._session = Session(
            server_of(settings, self._environment),
            credentials=credentials(settings),
            transport=transport,
            rate_limit=rate_limit,
            retry=retry,
        )
        self._session.add_tokens(self._tokens.known)
        self.connections = Connections(RequestSpec.of(self._session, "connections"))
        self.webhooks = Webhooks(self._session)

    @property
    def dialect(self) -> str:
        """The name of the dialect: "contract" or "live"."""
        return self._session.dialect.name

    @staticmethod
    def _settings(**keywords: SecretStr | InvalidSecret | None) -> Settings:
        """Return the settings: keywords first, then the environment, then ``.env``."""
        from rutterframe.client.config import read_settings  # noqa: PLC0415 - on first use

        return read_settings(**keywords)

    def connection(self, connection_id: str, access_token: str | SecretStr | None = None) -> Connection:
        """Open a connection; nothing is sent yet.

        Parameters
        ----------
        connection_id : str
            The connection's id, as in ``client.connections.list()``.
        access_token : str, optional
            Its access token; looked up when left out.

        Raises
        ------
        MissingToken
            If no access token is known for it.
        TypeError
            If the id or the token is not a text; the error names its type.
        """
        wrapped = wrap(access_token) or None
        del access_token
        if not connection_id or type(connection_id) is not str:
            content = type(connection_id).__name__ if connection_id != "" else "''"
            del connection_id  # it may be a token, passed in the wrong place
            raise TypeError(f"A connection id must be a text that is not empty, got {content}")
        if wrapped is None:
            token = self._tokens.find(connection_id)
        else:
            token = require_secret(f"The access token of connection {connection_id!r}", wrapped)
        self._session.add_tokens([token])
        return Connection(self._session, connection_id, token)

    def close(self) -> None:
        """Close every connection to the API; the client cannot be used afterwards."""
        self._session.close()

    def __enter__(self) -> Self:
        """Use the client in a ``with`` block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the client at the end of the block."""
        self.close()

    def __repr__(self) -> str:
        """Name the API and its version; nothing secret."""
        if "_session" not in vars(self):
            return "<rutterframe.Client, not opened>"  # in a traceback of __init__ with local variables
        server = self._session.server
        return (
            f"<rutterframe.Client of {server.base_url}, version {server.version}, dialect {self.dialect!r}>"
        )

    def _repr_html_(self) -> str:
        """Draw API, version and next steps as a card."""
        server = self._session.server
        facts = [("API", server.base_url), ("version", server.version), ("dialect", self.dialect)]
        facts.append(("next", "client.connection(id), rf.load_connections(client)"))
        return card(f"rutterframe client: {server.environment}", facts)
