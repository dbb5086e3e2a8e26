"""What does a report start from? The day, the currency, the rates, and the connections that are fresh."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rutterframe.client import Client
from rutterframe.client.settings import read_settings
from rutterframe.errors import ConfigurationError, MissingToken
from rutterframe.loaders import load_connections
from rutterframe.models import RESOURCES
from rutterframe.models.platforms import may_have
from rutterframe.money import parse_currency
from rutterframe.sessions import DemoClient, open_active, say


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
        A CSV file of rates into it, for `rutterframe.reports.rates.read_rates`.
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
    settings = read_settings()
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
    text = read_settings().businesses
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
