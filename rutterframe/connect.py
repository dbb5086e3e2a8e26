"""Connect to the API or the demo, list the active connections, and read the defaults of reports."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
from pydantic import SecretStr

from rutterframe.client import Client, Connection, RetryPolicy
from rutterframe.currency import parse_currency
from rutterframe.dialects import CONTRACT
from rutterframe.errors import ConfigurationError, MissingToken
from rutterframe.loaders import load_connections
from rutterframe.models import RESOURCES
from rutterframe.models.platforms import may_have

if TYPE_CHECKING:
    from rutterframe.client.config import Settings
    from rutterframe.demo.faults import Fault
    from rutterframe.demo.server import DemoServer

_RETRY = RetryPolicy()


def _read_settings() -> Settings:
    """Read the settings from the environment or ``.env``."""
    from rutterframe.client.config import read_settings  # noqa: PLC0415 - on first use

    return read_settings()


class DemoClient(Client):
    """A client on an embedded demo API; closing it also stops the API.

    Attributes
    ----------
    server : DemoServer
        The API: its address, its books, and the weather it makes.
    """

    _environment = "demo"

    def __init__(self, server: DemoServer, *, retry: RetryPolicy = _RETRY) -> None:
        self.server = server
        super().__init__(
            client_id=SecretStr(server.client_id),
            client_secret=SecretStr(server.client_secret),
            environment=server.url,
            version=CONTRACT.version,
            access_tokens=server.access_tokens,
            # On loopback nobody else has to be spared.
            rate_limit=None,
            retry=retry,
        )

    @property
    def closing(self) -> date:
        """The day on which the books close."""
        return self.server.closing

    @property
    def rates(self) -> Path:
        """The file of the made-up rates of that day, into USD."""
        return self.server.rates

    @property
    def businesses(self) -> dict[str, list[str]]:
        """The connections of each of the two businesses, as their ids tell."""
        found: dict[str, list[str]] = {}
        for one in self.server.access_tokens:
            found.setdefault(one.partition("-")[0].capitalize(), []).append(one)
        return found

    @staticmethod
    def _settings(**given: str | SecretStr | None) -> Settings:
        """Take what was passed and nothing else: what is set for the real API is not for this one."""
        from rutterframe.client.config import Settings  # noqa: PLC0415 - on first use

        return Settings.model_construct(**given)  # type: ignore[arg-type]

    def close(self) -> None:
        """Close the client, then stop the API."""
        super().close()
        self.server.stop()


def demo(
    *,
    seed: int = 7,
    scale: int = 1,
    page_size: int = 50,
    faults: Sequence[Fault] = (),
    retry: RetryPolicy = _RETRY,
) -> DemoClient:
    """Start the demo API in this process, and give a client on it: no credentials, no network.

    The API speaks real HTTP on a free port of this machine (loopback). Its companies, a coffee roaster and an
    outdoor-gear maker, keep books that balance to the cent, with closing date 2026-06-30. Whatever is
    loaded from it says "demo" in its receipt: no figure in it is real.

    Parameters
    ----------
    seed : int
        The same seed gives the same books.
    scale : int
        How many times the usual volume.
    page_size : int
        Records on a page.
    faults : sequence of rutterframe.demo.faults.Fault
        Bad weather to practise on: rate limits, dropped connections, wrong values …
    retry : RetryPolicy
        How reads are tried again.

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
    # Here and not above: starlette and uvicorn are only for those who ask for the demo.
    from rutterframe.demo.server import DemoServer  # noqa: PLC0415

    server = DemoServer(seed=seed, scale=scale, page_size=page_size, faults=faults)
    return DemoClient(server.start(), retry=retry)


def connect() -> Client:
    """Give a client with the credentials that are set, or the demo where none is; says aloud which.

    For notebooks that must run both ways. In a report use `Client`: it never turns to the demo.

    Returns
    -------
    Client
        On the API where ``RUTTER_CLIENT_ID`` and ``RUTTER_CLIENT_SECRET`` are set; else on the demo.

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
    settings = _read_settings()
    if settings.client_id is None and settings.client_secret is None:
        say("DEMO DATA: no credentials are set, so every figure below is made up.")
        say("(Set RUTTER_CLIENT_ID and RUTTER_CLIENT_SECRET to read your own books.)")
        return demo()
    client = Client()
    say(f"REAL DATA: reading from the {settings.environment!r} environment.")
    return client


class Chosen(NamedTuple):
    """The connections to read, and those that are left out.

    Attributes
    ----------
    connections : list of Connection
        At least one, unless none was allowed.
    left_out : list of str
        Sentences that name the connections that are left out, and why.
    without_token : list of str
        The ids of those that are left out because no access token is known: what is read is not complete.
    """

    connections: list[Connection]
    left_out: list[str]
    without_token: list[str]


def open_active(client: Client, connections: pd.DataFrame, *, allow_none: bool = False) -> Chosen:
    """Open the active connections; those that are not active have nothing fresh, and are left out.

    Raises
    ------
    ConfigurationError
        If none is active: a report of nothing would look like a report of zero.
    MissingToken
        If no access token is known for any of them, and that is not allowed.
    """
    named = connections["status"].fillna("of no status").astype(str)
    others = [f"{name} ({status})" for name, status in zip(connections["id"], named, strict=True)]
    active = (named == "active").tolist()
    out = [other for other, there in zip(others, active, strict=True) if not there]
    if not any(active):
        raise ConfigurationError(
            f"No connection is active; there {'are ' + ', '.join(out) if out else 'is none'}.",
            hint="connect one, or read one all the same with client.connection(id).",
        )
    wanted = [name for name, there in zip(connections["id"], active, strict=True) if there]
    found = _open(client, wanted, allow_none=allow_none)
    inactive = [f"Left out, since only active connections are fresh: {', '.join(out)}."] if out else []
    return found._replace(left_out=[*inactive, *found.left_out])


def open_chosen(client: Client, ids: Sequence[str] | None, *, allow_none: bool = False) -> Chosen:
    """Open the connections that were named, or else as `open_active` does."""
    if ids:
        return _open(client, list(dict.fromkeys(ids)), allow_none=allow_none)
    return open_active(client, load_connections(client, progress=False), allow_none=allow_none)


def _open(client: Client, ids: Sequence[str], *, allow_none: bool) -> Chosen:
    """Open connections; those without an access token are named and left out, the others go on."""
    opened: list[Connection] = []
    missing: dict[str, MissingToken] = {}
    for name in ids:
        try:
            opened.append(client.connection(name))
        except MissingToken as error:
            missing[name] = error
    if missing and not (opened or allow_none):
        first = next(iter(missing.values()))
        raise (
            first if len(missing) == 1 else first.reword(f"No access token is known for {', '.join(missing)}")
        )
    said = f"Left out, since no access token is known: {', '.join(missing)}. (See RUTTER_ACCESS_TOKENS.)"
    return Chosen(opened, [said] if missing else [], list(missing))


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(line + "\n")


@dataclass(frozen=True, slots=True)
class Basis:
    """What a report starts from.

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
    """

    as_of: str
    currency: str
    rates: Path | None
    businesses: dict[str, list[str]] | None = None


def report_basis(client: Client) -> Basis:
    """Give the day, the currency and the rates that reports are made with; says aloud which day and why.

    For notebooks that must run both ways: each comes from ``RUTTER_AS_OF``, ``RUTTER_CURRENCY``,
    ``RUTTER_RATES`` and ``RUTTER_BUSINESSES`` where they are set.

    Parameters
    ----------
    client : Client
        Of the demo, the day is the one its books close on, the rates are made up, and its two businesses are
        known; of any other, the day is today in UTC, and there are no rates: nothing is converted with a rate
        that nobody gave.

    Returns
    -------
    Basis
        The day, the currency (USD if none is set) and the file of rates, if there is one.

    Raises
    ------
    ConfigurationError
        If ``RUTTER_AS_OF`` is no day, ``RUTTER_CURRENCY`` is no currency, or ``RUTTER_BUSINESSES`` does not
        say which connections each business has.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     basis = rf.report_basis(client)
    As of 2026-06-30, when the demo's books close. (Set RUTTER_AS_OF for another day.)
    >>> basis.as_of, basis.currency
    ('2026-06-30', 'USD')
    """
    settings = _read_settings()
    try:
        currency = parse_currency(settings.currency or "USD", name="RUTTER_CURRENCY")
    except ValueError as error:
        raise ConfigurationError(str(error)) from None
    if settings.as_of is not None:
        day, why = settings.as_of, "as RUTTER_AS_OF says."
    elif isinstance(client, DemoClient):
        day, why = client.closing, "when the demo's books close. (Set RUTTER_AS_OF for another day.)"
    else:
        day, why = datetime.now(UTC).date(), "which is today. (Set RUTTER_AS_OF for another day.)"
    say(f"As of {day}, {why}")
    rates = Path(settings.rates) if settings.rates else None
    if rates is None and isinstance(client, DemoClient) and currency == "USD":
        rates = client.rates
    businesses = read_businesses()
    if businesses is None and isinstance(client, DemoClient):
        businesses = client.businesses
    return Basis(f"{day}", currency, rates, businesses)


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


def active_connections(client: Client, resources: Iterable[str] = RESOURCES) -> list[str]:
    """List the ids of the connections to start a report with; says aloud which others are left out, and why.

    Parameters
    ----------
    client : Client
        Whose connections.
    resources : iterable of str
        What the report needs: a connection is listed if its platform may have any of it. Platforms that
        nobody knows may have everything.

    Returns
    -------
    list of str
        The ids of those that are active and whose access token is known.

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
    Left out, since only active connections are fresh: gear-ebay-closed (inactive).
    >>> shops
    ['roaster-shopify', 'gear-shopify', 'gear-amazon']
    """
    if isinstance(resources, str):
        raise TypeError(f"resources takes several names: write [{resources!r}]")
    wanted = list(resources)
    if unknown := [one for one in wanted if one not in RESOURCES]:
        raise ValueError(f"There is no resource {unknown[0]!r}; there are {', '.join(RESOURCES)}")
    listed = load_connections(client, progress=False)
    able = [any(may_have(str(platform), one) for one in wanted) for platform in listed["platform"].fillna("")]
    found = listed[able] if any(able) else listed.iloc[:0]
    if not (listed["status"] == "active").any():
        open_active(client, listed)
    active = (found["status"] == "active").fillna(value=False).astype(bool)
    others = found[~active]
    said = [
        f"{one} ({status})"
        for one, status in zip(others["id"], others["status"].fillna("of no status"), strict=True)
    ]
    if said:
        say(f"Left out, since only active connections are fresh: {', '.join(said)}.")
    ids = [str(one) for one in found.loc[active, "id"].dropna()]
    locked = [one for one in ids if not _has_token(client, one)]
    if locked:
        say(f"Left out, since no access token is known: {', '.join(locked)}. (See RUTTER_ACCESS_TOKENS.)")
    return [one for one in ids if one not in locked]


def _has_token(client: Client, connection_id: str) -> bool:
    try:
        client.connection(connection_id)
    except MissingToken:
        return False
    return True
