"""Connect to the API or the demo, list the active connections, and read the defaults of reports."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
from pydantic import SecretStr

from rutterframe.client import Client, Connection, RetryPolicy
from rutterframe.client.demo_defaults import DemoDefaults, demo_defaults
from rutterframe.currency import parse_currency
from rutterframe.dialects import CONTRACT
from rutterframe.errors import ConfigurationError
from rutterframe.loaders import load_connections
from rutterframe.loaders.options import open_by_id
from rutterframe.models import RESOURCES
from rutterframe.models.platforms import may_have
from rutterframe.notebook.escape import printable

if TYPE_CHECKING:
    from rutterframe.client.config import Settings
    from rutterframe.client.secret_arguments import InvalidSecret
    from rutterframe.demo.faults import Fault
    from rutterframe.demo.server import DemoServer

_RETRY = RetryPolicy()
#: The statuses of connections that serve data. An unhealthy one (live) failed to synchronise lately, and
#: serves what it has; receipts say how old that is.
_SERVING = frozenset({"active", "unhealthy"})
_NOTHING: Mapping[str, str] = MappingProxyType({})
_log = logging.getLogger("rutterframe")


def _read_settings() -> Settings:
    """Read the settings from the environment or ``.env``."""
    from rutterframe.client.config import read_settings  # noqa: PLC0415 - on first use

    return read_settings()


class DemoClient(Client):
    """A client on an embedded demo API; closing it also stops the API.

    Attributes
    ----------
    server : DemoServer
        The API: its address, its books, and the errors it injects.
    """

    _environment = "demo"

    def __init__(self, server: DemoServer, *, retry: RetryPolicy = _RETRY) -> None:
        self.server = server
        super().__init__(
            client_id=SecretStr(server.client_id),
            client_secret=SecretStr(server.client_secret),
            environment=server.url,
            version=CONTRACT.version,
            dialect=server.dialect,
            # In the live dialect the list of connections has the tokens.
            access_tokens=server.access_tokens if server.dialect == CONTRACT.name else None,
            # On loopback there is no other client to leave capacity to.
            rate_limit=None,
            retry=retry,
        )
        self._session.demo_defaults = DemoDefaults(
            self.closing, self.rates, self.businesses, self.server.books.vendor_names
        )

    @property
    def closing(self) -> date:
        """The closing date of the books."""
        return self.server.closing

    @property
    def rates(self) -> Path:
        """The file of the made-up rates of that day, into USD."""
        return self.server.rates

    @property
    def businesses(self) -> dict[str, list[str]]:
        """The connections of each of the two businesses, by the prefix of their ids."""
        businesses: dict[str, list[str]] = {}
        for name in self.server.access_tokens:
            businesses.setdefault(name.partition("-")[0].capitalize(), []).append(name)
        return businesses

    @staticmethod
    def _settings(**keywords: SecretStr | InvalidSecret | None) -> Settings:
        """Return what was passed and nothing else: the environment's settings are those of the real API."""
        from rutterframe.client.config import Settings  # noqa: PLC0415 - on first use

        return Settings.of(**keywords)

    def close(self) -> None:
        """Close the client, then stop the API."""
        super().close()
        self.server.stop()


def demo(
    *,
    seed: int = 7,
    scale: int = 1,
    page_size: int | None = None,
    faults: Sequence[Fault] = (),
    retry: RetryPolicy = _RETRY,
    dialect: str = "contract",
) -> DemoClient:
    """Start the demo API in this process, and return a client on it: no credentials, no network.

    The API speaks real HTTP on a free port of this machine (loopback). Its companies, a coffee roaster and an
    outdoor-gear maker, keep books that balance to the cent, with closing date 2026-06-30. Whatever is
    loaded from it says "demo" in its receipt: no figure in it is real.

    Parameters
    ----------
    seed : int
        The same seed gives the same books.
    scale : int
        How many times the usual volume.
    page_size : int or None
        Records on a page; None for 50, and in the live dialect for as many as a request asks for.
    faults : sequence of rutterframe.demo.faults.Fault
        Errors to inject, such as rate limits, dropped connections and wrong values.
    retry : RetryPolicy
        How reads are retried.
    dialect : {"contract", "live"}
        "live" for the names and paths of the real service, over the same books.

    Returns
    -------
    DemoClient
        A `Client`; use it in a ``with`` block, or ``close()`` it.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     accounts = rf.load_accounts(client.connection("roaster-quickbooks"), progress=False)
    >>> accounts.attrs["receipt"]["environment"]
    'demo'
    """
    # Here and not above: only the demo needs starlette and uvicorn.
    from rutterframe.demo.server import DemoServer  # noqa: PLC0415

    server = DemoServer(seed=seed, scale=scale, page_size=page_size, faults=faults, dialect=dialect)
    return DemoClient(server.start(), retry=retry)


def connect() -> Client:
    """Return a client with the credentials that are set, or the demo where none is, and print which.

    For notebooks that must run both ways. In a report use `Client`: it never falls back to the demo.

    Returns
    -------
    Client
        On the API where ``RUTTER_CLIENT_ID`` and ``RUTTER_CLIENT_SECRET`` are set; else on the demo. Either
        speaks the dialect of ``RUTTER_DIALECT``.

    Raises
    ------
    MissingCredentials
        If only one of the two is set.

    Examples
    --------
    >>> import rutterframe as rf
    >>> client = rf.connect()
    DEMO DATA: no credentials are set, so every figure below is made up.
    (Set RUTTER_CLIENT_ID and RUTTER_CLIENT_SECRET to read your own books.)
    >>> client.close()
    """
    from rutterframe.client.config import find_dialect  # noqa: PLC0415 - on first use

    settings = _read_settings()
    if settings.client_id is None and settings.client_secret is None:
        _print("DEMO DATA: no credentials are set, so every figure below is made up.")
        _print("(Set RUTTER_CLIENT_ID and RUTTER_CLIENT_SECRET to read your own books.)")
        return demo(dialect=find_dialect(settings.dialect).name)
    client = Client()
    _print(f"REAL DATA: reading from the {settings.environment!r} environment.")
    return client


class OpenConnections(NamedTuple):
    """The connections to read, and those that are left out.

    Attributes
    ----------
    connections : list of Connection
        At least one, unless none was allowed.
    left_out : list of str
        Sentences that name the connections that are left out, and why.
    without_token : list of str
        The ids of those that are left out because no access token is known: what is read is not complete.
    inactive : dict of str to str
        The status of each connection that is left out because it is not active.
    """

    connections: list[Connection]
    left_out: list[str]
    without_token: list[str]
    inactive: Mapping[str, str] = _NOTHING


def open_active(client: Client, connections: pd.DataFrame, *, allow_none: bool = False) -> OpenConnections:
    """Open the active connections of a frame; the others have nothing fresh, and are left out.

    Raises
    ------
    ConfigurationError
        If none is active: a report of nothing would look like a report of zero.
    MissingToken
        If no access token is known for any of them, and that is not allowed.
    """
    active, inactive = _split(connections)
    if not active:
        raise ConfigurationError(
            f"No connection is active; there {'are ' + _listed(inactive) if inactive else 'is none'}.",
            hint="connect one, or read one all the same with client.connection(id).",
        )
    result = _open(client, active, allow_none=allow_none)
    return result._replace(left_out=[*_inactive_note(inactive), *result.left_out], inactive=inactive)


def open_connections(
    client: Client, ids: Sequence[str] | None, *, allow_none: bool = False
) -> OpenConnections:
    """Open connections by id, or without ids as `open_active` does."""
    if ids:
        return _open(client, list(dict.fromkeys(ids)), allow_none=allow_none)
    return open_active(client, load_connections(client, progress=False), allow_none=allow_none)


def active_connections(client: Client, resources: Iterable[str] = RESOURCES) -> list[str]:
    """List the ids of the connections to start a report with.

    Connections that are left out are named, with the reason, in a warning of the log ``rutterframe``: it is
    shown in notebooks and terminals, unless logging is set up otherwise.

    Parameters
    ----------
    client : Client
        The client that lists and opens the connections.
    resources : iterable of str
        What the report needs: a connection is listed if its platform may have any of it. Platforms that are
        not known may have everything.

    Returns
    -------
    list of str
        The ids of those that are active and have a known access token.

    Raises
    ------
    ConfigurationError
        If no connection is active at all.
    TypeError, ValueError
        If the resources are text, or one of them is not known.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     shops = rf.active_connections(client, ["orders"])
    >>> shops
    ['roaster-shopify', 'gear-shopify', 'gear-amazon']
    """
    if isinstance(resources, str):
        raise TypeError(f"resources takes several names: write [{resources!r}]")
    names = list(resources)
    if unknown := [name for name in names if name not in client.resources]:
        raise ValueError(f"There is no resource {unknown[0]!r}; there are {', '.join(client.resources)}")
    connections = load_connections(client, progress=False)
    if not connections["status"].isin(_SERVING).any():
        open_active(client, connections)  # raises
    platforms = connections["platform"].fillna("").astype(str)
    useful = [any(may_have(platform, name) for name in names) for platform in platforms]
    active, inactive = _split(connections[pd.Series(useful, index=connections.index, dtype=bool)])
    result = _open(client, active, allow_none=True)
    for note in (*_inactive_note(inactive), *result.left_out):
        _log.warning("%s", printable(note))
    return [connection.id for connection in result.connections]


def _split(connections: pd.DataFrame) -> tuple[list[str], dict[str, str]]:
    """Return the ids of the active connections, and the ids of the others with their status."""
    status = connections["status"].fillna("of no status").astype(str)
    pairs = [(name, word) for name, word in zip(connections["id"], status, strict=True) if pd.notna(name)]
    active = [name for name, word in pairs if word in _SERVING]
    return active, {name: word for name, word in pairs if word not in _SERVING}


def _listed(inactive: Mapping[str, str]) -> str:
    return ", ".join(f"{name} ({status})" for name, status in inactive.items())


def _inactive_note(inactive: Mapping[str, str]) -> list[str]:
    return [f"Left out, since only active connections are fresh: {_listed(inactive)}."] if inactive else []


def _open(client: Client, ids: Sequence[str], *, allow_none: bool) -> OpenConnections:
    """Open connections; those without an access token are named and left out."""
    connections, missing = open_by_id(client, ids)
    if missing and not (connections or allow_none):
        first = next(iter(missing.values()))
        raise (
            first if len(missing) == 1 else first.reword(f"No access token is known for {', '.join(missing)}")
        )
    note = f"Left out, since no access token is known: {', '.join(missing)}. (See RUTTER_ACCESS_TOKENS.)"
    return OpenConnections(connections, [note] if missing else [], list(missing))


@dataclass(frozen=True, slots=True, repr=False)
class Basis:
    """The defaults of reports: as-of date, currency, rates and businesses; shows itself as a sentence.

    Attributes
    ----------
    as_of : str
        The day to count from, such as "2026-06-30".
    currency : str
        The currency to convert into.
    rates : Path or None
        A CSV file of rates into it, for `rutterframe.reports.read_rates`.
    businesses : dict of str to list of str, or None
        The connections of each business, for `rutterframe.reports.month_end`.
    reason : str
        Why it is this day.
    """

    as_of: str
    currency: str
    rates: Path | None
    businesses: dict[str, list[str]] | None = None
    reason: str = field(default="", compare=False)

    def __repr__(self) -> str:
        """Show the day with its reason, and the currency."""
        reason = f", {self.reason}" if self.reason else ""
        rates = f"with the rates of {self.rates.name}" if self.rates else "without rates"
        return f"As of {self.as_of}{reason}; in {self.currency}, {rates}."


def report_basis(client: Client | Connection) -> Basis:
    """Return the as-of date, currency, rates and businesses to start a report with.

    For notebooks that must run both ways: each comes from ``RUTTER_AS_OF``, ``RUTTER_CURRENCY``,
    ``RUTTER_RATES`` and ``RUTTER_BUSINESSES`` where they are set. The result shows the day and the reason for
    it; the log ``rutterframe`` has them as well.

    Parameters
    ----------
    client : Client or Connection
        Of the demo, the day is the closing date of its books, the rates are made up, and its two businesses
        are known; of any other, the day is today in UTC, and there are no rates: nothing is converted with a
        rate that was not supplied.

    Returns
    -------
    Basis
        The day, the currency (USD if none is set) and the file of rates, if there is one.

    Raises
    ------
    ConfigurationError
        If ``RUTTER_AS_OF`` is not a valid date, ``RUTTER_CURRENCY`` not a valid currency code, or
        ``RUTTER_BUSINESSES`` not a mapping from business to connections.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     basis = rf.report_basis(client)
    >>> basis
    As of 2026-06-30, the closing date of the demo's books; in USD, with the rates of rates.csv.
    >>> basis.as_of, basis.currency
    ('2026-06-30', 'USD')
    """
    settings = _read_settings()
    try:
        currency = parse_currency(settings.currency or "USD", name="RUTTER_CURRENCY")
    except ValueError as error:
        raise ConfigurationError(str(error)) from None
    of_demo = demo_defaults(client)
    if settings.as_of is not None:
        day, reason = settings.as_of, "set by RUTTER_AS_OF"
    elif of_demo is not None:
        day, reason = of_demo.closing, "the closing date of the demo's books"
    else:
        day, reason = datetime.now(UTC).date(), "today in UTC (RUTTER_AS_OF sets another day)"
    rates = Path(settings.rates) if settings.rates else None
    businesses = read_businesses()
    if of_demo is not None:
        rates = of_demo.rates if rates is None and currency == "USD" else rates
        businesses = of_demo.businesses if businesses is None else businesses
    basis = Basis(f"{day}", currency, rates, businesses, reason)
    _log.info("%s", basis)
    return basis


def read_businesses() -> dict[str, list[str]] | None:
    """Read which connections belong to one business from ``RUTTER_BUSINESSES``, a JSON object.

    Raises
    ------
    ConfigurationError
        If it is not JSON, or not an object from names to lists of connection ids, each listed once.

    Examples
    --------
    >>> import os
    >>> os.environ["RUTTER_BUSINESSES"] = '{"Roaster": ["roaster-quickbooks", "roaster-bank"]}'
    >>> read_businesses()
    {'Roaster': ['roaster-quickbooks', 'roaster-bank']}
    """
    text = _read_settings().businesses
    if text is None:
        return None
    # Here and not above: the reports import what many scripts do without.
    from rutterframe.reports.businesses import parse_businesses  # noqa: PLC0415

    try:
        return parse_businesses(text)
    except (TypeError, ValueError) as error:
        raise ConfigurationError(f"RUTTER_BUSINESSES: {error}") from None


def read_as_of() -> date | None:
    """Read the day to report on from ``RUTTER_AS_OF``; None if it is not set."""
    return _read_settings().as_of


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
