"""What a company is made of, before any history is written.

These are the words in which `roaster.py` and `gear.py` describe theirs. Amounts are cents of the base
currency, but for what a vendor charges: that is in minor units of the vendor's currency.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Ware(NamedTuple):
    """What a line of an invoice or of a bill names."""

    text: str
    price: int
    low: int  # the smallest usual quantity
    high: int  # the largest usual quantity


class Market(NamedTuple):
    """A currency in which a company sells."""

    currency: str
    share: int  # weight among the sales
    rate: int  # units of this currency for 10,000 of the base currency
    tax: int  # tax on shop orders, in 1/10,000
    taxed: int  # percent of the orders on which tax is charged


class Cash(NamedTuple):
    """A bank account, and at the same time the ledger's cash account."""

    name: str
    type: str  # checking or savings
    currency: str
    institution: str
    opening: int
    role: str  # cash, savings or payroll


class Vendor(NamedTuple):
    """Whom the company buys from, and how often."""

    name: str
    category: str
    currency: str
    cadence: int  # days between two bills
    terms: int  # days until a bill is due
    wares: tuple[Ware, ...]


class Cost(NamedTuple):
    """A cost that is paid without a bill."""

    text: str
    category: str
    cadence: int  # days between two payments
    amount: int
    spread: int  # percent by which the amount varies
    card: bool  # paid with the company card, not from the bank account


class Variant(NamedTuple):
    """A size or colour of a product."""

    title: str
    price: int
    code: str


@dataclass(frozen=True, slots=True)
class Product:
    """What a shop sells."""

    title: str
    description: str
    code: str  # stem of the stock-keeping units
    weight: int  # how often it is picked, among the others
    variants: tuple[Variant, ...]
    status: str = "active"
    listed: bool = True  # False for a product that was deleted after it had been sold


@dataclass(frozen=True, slots=True)
class Shop:
    """An online shop of a company."""

    connection: str
    platform: str
    daily: float  # orders a day in an average month of the first year
    newcomers: int  # percent of the orders that come from new customers
    season: tuple[int, ...]  # percent of an average month, January to December
    markets: tuple[Market, ...]
    products: tuple[Product, ...]
    fee: int  # what the platform keeps of each payout, in 1/10,000
    shipping: int
    free_from: int  # orders of this size are shipped free
    guests: int  # percent of the orders without a customer


@dataclass(frozen=True, slots=True)
class Wholesale:
    """The business on invoice."""

    customers: int
    cadence: int  # days between two invoices to an average customer
    season: tuple[int, ...]
    markets: tuple[Market, ...]
    wares: tuple[Ware, ...]
    kinds: tuple[str, ...]  # what customers are: Café, Hotel, ...


@dataclass(frozen=True, slots=True)
class Company:
    """A business with a ledger, a bank and shops."""

    slug: str
    name: str
    platform: str  # of the ledger
    base: str
    growth: float  # of the sales, a year
    markets: tuple[Market, ...]  # every currency beside the base, with its rate
    cash: tuple[Cash, ...]
    wholesale: Wholesale
    shops: tuple[Shop, ...]
    vendors: tuple[Vendor, ...]
    costs: tuple[Cost, ...]
    wages: int  # of one team, a month
    loan: int
    equipment: int

    @property
    def ledger(self) -> str:
        """The connection of the ledger."""
        return f"{self.slug}-{self.platform}"

    @property
    def bank(self) -> str:
        """The connection of the bank."""
        return f"{self.slug}-bank"

    @property
    def currencies(self) -> tuple[str, ...]:
        """Every currency of invoices and bills, the base currency first."""
        return (self.base, *(market.currency for market in self.markets if market.currency != self.base))

    def rate(self, currency: str) -> int:
        """Return units of a currency for 10,000 of the base currency."""
        return {market.currency: market.rate for market in self.markets}[currency]


def priced(amount: int, rate: int) -> int:
    """Return a price of the base currency in another one, as a price tag would show it."""
    return amount if rate == 10_000 else max(95, round(amount * rate / 1_000_000) * 100 - 5)
