"""How the live service spells moments, days, money, platforms and statuses."""

from __future__ import annotations

from decimal import Decimal

from rutterframe.demo.books.units import CLOSING_MOMENT, DAY, day_text, digits, moment_text

#: The live name of each platform; Google's advertising is one of many services of that name.
PLATFORMS = {
    "quickbooks": "QUICKBOOKS",
    "xero": "XERO",
    "netsuite": "NETSUITE",
    "shopify": "SHOPIFY",
    "amazon": "AMAZON",
    "ebay": "EBAY",
    "plaid": "PLAID",
    "google_ads": "GOOGLE",
}
#: What kind of platform it is, which decides the lists that it has.
KINDS = {
    "quickbooks": "ledger",
    "xero": "ledger",
    "netsuite": "ledger",
    "shopify": "shop",
    "amazon": "shop",
    "ebay": "shop",
    "plaid": "bank",
    "google_ads": "ads",
}
#: The live status of a connection, by the contract's word.
STATUSES = {"active": "active", "error": "needs_reauth", "inactive": "disabled"}
#: Every live status, and those that the list of connections shows unless it is asked for others.
ALL_STATUSES = ("active", "unhealthy", "not_ready", "needs_reauth", "disabled")
LISTED_STATUSES = frozenset({"active", "unhealthy", "not_ready"})
# These platforms send a date as midnight, the others as a plain day.
_MIDNIGHT = frozenset({"quickbooks", "netsuite", "plaid"})


def live_moment(instant: int) -> str:
    """Return a moment with milliseconds, as the live service writes it."""
    return f"{moment_text(instant)[:-1]}.000Z"


def live_text(text: str | None) -> str | None:
    """Return a moment of the contract as the live service writes it."""
    return None if text is None else f"{text.removesuffix('Z')}.000Z"


def live_date(day: int, platform: str) -> str:
    """Return a date as the service of a platform sends it: at midnight, or as a plain day."""
    return written_date(day_text(day), platform)


def written_date(text: str, platform: str) -> str:
    """Return a date of the contract as the service of a platform sends it."""
    return f"{text}T00:00:00.000Z" if platform in _MIDNIGHT else text


def money_text(amount: int, currency: str) -> str:
    """Return minor units as text with all decimals of the currency."""
    return str(Decimal(amount).scaleb(-digits(currency)))


def synced_at(updated: int, number: int) -> int:
    """Return when the service stored a record: up to two hours after its change, or days after for a few."""
    if updated >= CLOSING_MOMENT:
        return updated
    delay = 2 * DAY if number % 50 == 17 else 900 + number * 613 % 5400
    return min(updated + delay, CLOSING_MOMENT)
