"""The description of a company: what it sells and buys, in which currencies, and from which accounts it pays.

`roaster.py` and `gear.py` describe theirs with it. Amounts are cents of the base currency; only what a vendor
charges is in minor units of the vendor's currency.
"""

from __future__ import annotations

from dataclasses import dataclass

from rutterframe.demo.books.units import OPENING


@dataclass(frozen=True, slots=True)
class Item:
    """What a line of an invoice or of a bill is for.

    Attributes
    ----------
    text : str
        The description of the line; with ", kg" half kilograms can be sold.
    price : int
        Minor units.
    low, high : int
        The smallest and the largest usual quantity.
    """

    text: str
    price: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Market:
    """A currency in which a company sells.

    Attributes
    ----------
    currency : str
        The ISO code.
    share : int
        The weight among the sales.
    rate : int
        Units of this currency for 10,000 of the base currency.
    tax : int
        Tax on shop orders, in 1/10,000.
    taxed : int
        Percent of the orders on which tax is charged.
    """

    currency: str
    share: int
    rate: int
    tax: int
    taxed: int


@dataclass(frozen=True, slots=True)
class Cash:
    """A bank account, and at the same time the ledger's cash account.

    Attributes
    ----------
    name : str
        The name of both.
    type : str
        "checking" or "savings".
    currency, institution : str
        The ISO code, and the name of the bank.
    opening : int
        The opening balance in minor units.
    role : str
        "cash", "savings" or "payroll".
    """

    name: str
    type: str
    currency: str
    institution: str
    opening: int
    role: str


@dataclass(frozen=True, slots=True)
class Vendor:
    """A company that sends bills.

    Attributes
    ----------
    name, category, currency : str
        The name, the expense account, and the ISO code of the bills.
    cadence : int
        Days between two bills.
    terms : int
        Days until a bill is due.
    items : tuple of Item
        What can be on a bill.
    """

    name: str
    category: str
    currency: str
    cadence: int
    terms: int
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Cost:
    """A cost that is paid without a bill.

    Attributes
    ----------
    text, category : str
        The description and the expense account.
    cadence : int
        Days between two payments.
    amount : int
        Cents of the base currency.
    spread : int
        Percent by which the amount varies.
    card : bool
        Whether it is paid with the company card, not from the bank account.
    """

    text: str
    category: str
    cadence: int
    amount: int
    spread: int
    card: bool


@dataclass(frozen=True, slots=True)
class Variant:
    """A size or colour of a product: its title, its price in cents and its stock-keeping unit."""

    title: str
    price: int
    code: str


@dataclass(frozen=True, slots=True)
class Product:
    """A product of a shop.

    Attributes
    ----------
    title, description, status : str
        As the API shows them.
    code : str
        The stem of the stock-keeping units.
    weight : int
        How often it is bought, among the others.
    variants : tuple of Variant
        Its sizes or colours.
    listed : bool
        False for a product that was deleted after it had been sold.
    """

    title: str
    description: str
    code: str
    weight: int
    variants: tuple[Variant, ...]
    status: str = "active"
    listed: bool = True


@dataclass(frozen=True, slots=True)
class Shop:
    """An online shop of a company.

    Attributes
    ----------
    connection, platform : str
        The connection's id, and its platform.
    daily : float
        Orders a day in an average month of the first year.
    newcomers, guests : int
        Percent of the orders that come from new customers, and of those without a customer.
    season : tuple of int
        Percent of an average month, January to December.
    markets : tuple of Market
        The currencies in which it sells, the main one first.
    products : tuple of Product
        The catalogue.
    fee : int
        The platform's part of each payout, in 1/10,000.
    shipping, free_from : int
        The shipping fee, and the order total from which shipping is free, in cents.
    """

    connection: str
    platform: str
    daily: float
    newcomers: int
    season: tuple[int, ...]
    markets: tuple[Market, ...]
    products: tuple[Product, ...]
    fee: int
    shipping: int
    free_from: int
    guests: int


@dataclass(frozen=True, slots=True)
class Wholesale:
    """The business on invoice.

    Attributes
    ----------
    customers : int
        How many there are.
    cadence : int
        Days between two invoices to an average customer.
    season : tuple of int
        Percent of an average month, January to December.
    markets : tuple of Market
        The currencies of the customers.
    items : tuple of Item
        What can be on an invoice.
    kinds : tuple of str
        The kinds of business that the customers are: Café, Hotel …
    """

    customers: int
    cadence: int
    season: tuple[int, ...]
    markets: tuple[Market, ...]
    items: tuple[Item, ...]
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Company:
    """A business with a ledger, a bank and shops.

    Attributes
    ----------
    slug, name : str
        The first part of the connections' ids, and the name.
    platform : str
        The platform of the ledger.
    base : str
        The base currency.
    growth : float
        The growth of the sales in a year; 0.25 is a quarter.
    markets : tuple of Market
        Every currency beside the base, with its rate.
    cash, shops, vendors, costs : tuple
        The bank accounts, the shops, the vendors, and the costs without a bill.
    wholesale : Wholesale
        The business on invoice.
    wages : int
        The wages of one team for a month, in cents.
    loan, equipment : int
        The opening balances of the bank loan and of the equipment, in cents.
    """

    slug: str
    name: str
    platform: str
    base: str
    growth: float
    markets: tuple[Market, ...]
    cash: tuple[Cash, ...]
    wholesale: Wholesale
    shops: tuple[Shop, ...]
    vendors: tuple[Vendor, ...]
    costs: tuple[Cost, ...]
    wages: int
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

    def size_on(self, day: int) -> float:
        """Return how much larger the business is on a day than on the first one."""
        return 1 + self.growth * (day - OPENING) / 365


def priced(amount: int, rate: int) -> int:
    """Return a price of the base currency in another one, rounded to end in .95."""
    return amount if rate == 10_000 else max(95, round(amount * rate / 1_000_000) * 100 - 5)
