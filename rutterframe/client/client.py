"""The client: opens connections with the API credentials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NoReturn, Self

from pydantic import SecretStr

from rutterframe.client.connection import Connection
from rutterframe.client.connections import Connections
from rutterframe.client.request import RequestSpec
from rutterframe.client.retry import RateLimit, RetryPolicy
from rutterframe.client.secret_arguments import (
    InvalidSecret,
    refuse_copy,
    require_secret,
    wrap,
    wrap_mapping,
)
from rutterframe.client.tokens import Tokens
from rutterframe.client.webhooks import Webhooks
from rutterframe.errors import ConfigurationError
from rutterframe.notebook.cards import card

if TYPE_CHECKING:
    import httpx

    from rutterframe.client.config import Settings
    from rutterframe.client.jobs import Job

_RATE_LIMIT = RateLimit()
_RETRY = RetryPolicy()


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
    dialect : str, optional
        How the server spells the API: "contract" as openapi.yaml, "live" as the real service, or the name of
        a dialect of another package; else ``RUTTER_DIALECT``, else "contract".
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
        The connections of these credentials: ``list()``, ``retrieve(id)`` and ``exchange(public_token)``; in
        the live dialect also ``status(id)``.
    webhooks
        The addresses of notifications: ``list()``, ``create(url=, events=)`` and ``delete(id)``.

    Raises
    ------
    MissingCredentials
        If the client id or secret is not set.
    ConfigurationError
        If a setting is unknown or not valid, or ``.env`` has an address, but not the credentials.
    TypeError
        If ``access_tokens`` is not a mapping from text to text, or ``transport``, ``rate_limit`` or
        ``retry`` of another type; no error shows a secret.

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
        _check_types(transport, rate_limit, retry)
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
        self._session.secrets.add(self._tokens.known)
        self.connections = Connections(RequestSpec.of(self._session, "connections"), self._find_token)
        self.webhooks = Webhooks(self._session)

    @property
    def dialect(self) -> str:
        """The name of the dialect: "contract", "live", or that of another package."""
        return self._session.dialect.name

    @property
    def is_live(self) -> bool:
        """Whether the dialect is that of the real service, or one with it as its base."""
        return self._session.dialect.is_live

    @property
    def resources(self) -> tuple[str, ...]:
        """The names of the resources of a connection: ten, and fifteen more in the live dialect."""
        return tuple(name for name in self._session.dialect.resources if name != "connections")

    @property
    def known_ids(self) -> tuple[str, ...]:
        """The ids of connections that are known without a request: with a token, or listed before."""
        return tuple(dict.fromkeys((*self._tokens.ids, *self._session.platforms)))

    @staticmethod
    def _settings(**keywords: SecretStr | InvalidSecret | None) -> Settings:
        """Return the settings: keywords first, then the environment, then ``.env``."""
        from rutterframe.client.config import read_settings  # noqa: PLC0415 - on first use

        return read_settings(**keywords)

    def connection(self, connection_id: str, access_token: str | SecretStr | None = None) -> Connection:
        """Open a connection; nothing is sent yet, except for the token of a live connection.

        The live service lists the access token of every connection. That list is read once, when a token is
        needed that was not set otherwise, and once more for an id that it did not have.

        Parameters
        ----------
        connection_id : str
            The connection's id, as in ``client.connections.list()``.
        access_token : str, optional
            Its access token; looked up when left out.

        Returns
        -------
        Connection
            The connection, with its resources as attributes.

        Raises
        ------
        MissingToken
            If no access token is known for it.
        APIError, TransportError
            If the live service's list of connections was needed and could not be read.
        TypeError
            If the id or the token is not a text; the error names its type.

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     connection = client.connection("gear-xero")
        ...     connection.id, next(connection.accounts.list()).name
        ('gear-xero', 'Geschäftskonto')
        """
        wrapped = wrap(access_token) or None
        del access_token
        if not connection_id or type(connection_id) is not str:
            content = type(connection_id).__name__ if connection_id != "" else "''"
            del connection_id  # it may be a token, passed in the wrong place
            raise TypeError(f"A connection id must be a text that is not empty, got {content}")
        if wrapped is None:
            token = self._find_token(connection_id)
        else:
            token = require_secret(f"The access token of connection {connection_id!r}", wrapped)
        self._session.secrets.add([token])
        return Connection(self._session, connection_id, token)

    def job(self, job_id: str) -> Job:
        """Return a job of the live service: a write that it had not finished when its time limit was over.

        Parameters
        ----------
        job_id : str
            The job's id, as in the `OutcomeUnknown` of the write.

        Returns
        -------
        Job
            The job, with its status and the id of the record that it wrote.

        Raises
        ------
        NotFound
            If there is no such job.
        ConfigurationError
            In the contract, which has no jobs.

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo(dialect="live") as client:
        ...     client.job("no-such-job")
        Traceback (most recent call last):
            ...
        rutterframe.errors.NotFound: ...
        """
        from rutterframe.client.jobs import read_job  # noqa: PLC0415 - on first use

        if not self.is_live:
            raise ConfigurationError(
                "Jobs are only in the live dialect", hint="the contract answers at once."
            )
        return read_job(RequestSpec.of(self._session, "connections"), job_id)

    def _find_token(self, connection_id: str) -> SecretStr:
        return self._tokens.find(connection_id, self._session.listed_token if self.is_live else None)

    def close(self) -> None:
        """Close every connection to the API; the client cannot be used afterwards.

        Examples
        --------
        >>> import rutterframe as rf
        >>> client = rf.demo()
        >>> client.close()  # as the end of ``with rf.demo() as client:`` does
        """
        self._session.close()

    def __enter__(self) -> Self:
        """Use the client in a ``with`` block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the client at the end of the block."""
        self.close()

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled or copied deeply: nothing of it is copied before."""
        refuse_copy()

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


def _check_types(transport: object, rate_limit: object, retry: object) -> None:
    """Raise TypeError for what cannot send, limit or retry requests: it would fail at the first request."""
    if transport is not None and not callable(getattr(transport, "handle_request", None)):
        raise TypeError(f"transport is an httpx.BaseTransport or None; this is {type(transport).__name__}")
    if rate_limit is not None and not isinstance(rate_limit, RateLimit):
        raise TypeError(f"rate_limit is a rf.RateLimit or None; this is {type(rate_limit).__name__}")
    if not isinstance(retry, RetryPolicy):
        raise TypeError(f"retry is a rf.RetryPolicy; this is {type(retry).__name__}")
