"""Online orders of a shop, and the payouts of its platform."""

from __future__ import annotations

from array import array
from collections import defaultdict
from itertools import accumulate
from random import Random
from typing import NamedTuple

from rutterframe.demo.books.company import Company, Shop, priced
from rutterframe.demo.books.journal import Entry, Journal
from rutterframe.demo.books.tables import Table
from rutterframe.demo.books.units import (
    CLOSING,
    CLOSING_MOMENT,
    DAY,
    OPENING,
    day_of,
    divide,
    moment,
    month_of,
)

STATUSES = ("pending", "processing", "fulfilled", "cancelled")
PENDING, PROCESSING, FULFILLED, CANCELLED = range(4)
# The demand of a weekday, Monday first: Saturday and Sunday are the best days, Tuesday the worst.
_WEEKDAYS = (0.97, 0.88, 0.93, 0.98, 1.0, 1.1, 1.14)
_PRICE_RISE = moment(OPENING + 365)
_PERIOD = 14  # days of sales in one payout
_TRANSFER = 3  # days until a payout arrives


class Order(NamedTuple):
    """A row of the table of orders; amounts are minor units of its currency."""

    customer: int  # -1 for a guest
    status: int
    market: int
    total: int
    shipping: int
    tax: int
    discount: int
    created: int
    updated: int
    first_line: int


class Orders:
    """The orders and customers of one shop, as columns.

    Parameters
    ----------
    company : Company
        The owner of the shop.
    shop : Shop
        The shop.
    seed, scale : int
        As for `Books`.
    """

    def __init__(self, company: Company, shop: Shop, seed: int, scale: int) -> None:
        self.shop = shop
        self.heads = Table("iBBqqqqIII")
        self.lines = Table("HBHq")
        self.customer_since = array("I")  # the moment of each customer's registration
        self._company = company
        self._random = Random(f"{seed}/{shop.connection}/retail")
        # The customer of every order so far: a frequent customer is the likeliest to buy again.
        self._buyers = array("i")
        self._weights = list(accumulate(product.weight for product in shop.products))
        self._market_weights = list(accumulate(market.share for market in shop.markets))
        for day in range(OPENING, CLOSING + 1):
            self._write_day(day, scale)

    def __len__(self) -> int:
        return len(self.heads)

    def order(self, row: int) -> Order:
        """Return the head of an order."""
        return Order(*self.heads.row(row))

    def lines_of(self, row: int) -> range:
        """Return the line numbers of an order."""
        firsts = self.heads.columns[9]
        return range(firsts[row], firsts[row + 1] if row + 1 < len(firsts) else len(self.lines))

    def _write_day(self, day: int, scale: int) -> None:
        demand = self.shop.season[month_of(day) - 1] / 100 * self._company.size_on(day)
        expected = self.shop.daily * scale * demand * _WEEKDAYS[(day - 1) % 7]
        count = max(0, round(self._random.gauss(expected, expected**0.5)))
        end = DAY // 2 if day == CLOSING else DAY
        for second in sorted(int(end * self._random.triangular(0, 1, 0.72)) for _ in range(count)):
            self._write_order(moment(day, min(second, end - 1)))

    def _write_order(self, instant: int) -> None:
        random, shop = self._random, self.shop
        customer = self._customer(instant)
        number = random.choices(range(len(shop.markets)), cum_weights=self._market_weights)[0]
        market = shop.markets[number]
        first_line = len(self.lines)
        subtotal = self._write_lines(instant, market.rate)
        discount = divide(subtotal * self._discount_percent(instant), 100)
        free = subtotal - discount >= priced(shop.free_from, market.rate)
        shipping = 0 if free else priced(shop.shipping, market.rate)
        taxed = random.random() * 100 < market.taxed
        tax = divide((subtotal - discount) * market.tax, 10_000) if taxed else 0
        status, updated = self._status(instant)
        total = subtotal - discount + shipping + tax
        self.heads.add(customer, status, number, total, shipping, tax, discount, instant, updated, first_line)

    def _customer(self, instant: int) -> int:
        random = self._random
        if random.random() * 100 < self.shop.guests:
            return -1
        if not self._buyers or random.random() * 100 < self.shop.newcomers:
            customer = len(self.customer_since)
            self.customer_since.append(max(moment(OPENING), instant - random.randrange(60, 1800)))
        elif random.random() < 0.5:
            customer = self._buyers[int(random.random() * len(self._buyers))]
        else:
            customer = int(random.random() * len(self.customer_since))
        self._buyers.append(customer)
        return customer

    def _write_lines(self, instant: int, rate: int) -> int:
        random, products = self._random, self.shop.products
        subtotal = 0
        for _ in range(random.choices((1, 2, 3, 4), (52, 30, 13, 5))[0]):
            product = random.choices(range(len(products)), cum_weights=self._weights)[0]
            variants = products[product].variants
            variant = int(random.random() * len(variants))
            quantity = random.choices((1, 2, 3, 6), (78, 16, 5, 1))[0]
            price = variants[variant].price
            if instant < _PRICE_RISE:
                price = price * 94 // 5000 * 50  # prices rose by six percent after the first year
            unit = priced(price, rate)
            self.lines.add(product, variant, quantity, unit)
            subtotal += quantity * unit
        return subtotal

    def _discount_percent(self, instant: int) -> int:
        if self.shop.platform == "amazon":
            return 0
        # November has a sale.
        sale = month_of(day_of(instant)) == 11 and self._random.random() < 0.35
        return 20 if sale else 10 if self._random.random() < 0.12 else 0

    def _status(self, instant: int) -> tuple[int, int]:
        random = self._random
        if random.random() < 0.024:
            return CANCELLED, min(instant + random.randrange(600, 40_000), CLOSING_MOMENT)
        shipped = instant + random.randrange(DAY // 2, 4 * DAY)
        if shipped <= CLOSING_MOMENT:
            return FULFILLED, shipped
        if CLOSING_MOMENT - instant < DAY:
            return PENDING, instant
        return PROCESSING, min(instant + random.randrange(900, DAY), CLOSING_MOMENT)


def post_payouts(orders: Orders, journal: Journal) -> None:
    """Post the sales of a shop, and the payouts less fees that arrive by the closing date."""
    sums: defaultdict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in range(len(orders)):
        order = orders.order(row)
        if order.status == CANCELLED:
            continue
        period = sums[period_of(order), order.market]
        period[0] += order.total
        period[1] += order.shipping
        period[2] += order.tax
    for (number, market), (total, shipping, tax) in sorted(sums.items()):
        currency = orders.shop.markets[market].currency
        _post_period(orders.shop, journal, (number, currency), (total, shipping, tax))


def period_of(order: Order) -> int:
    """Return the number of the payout in which an order is."""
    return (day_of(order.created) - OPENING) // _PERIOD


def payout_of(shop: Shop, number: int, total: int) -> tuple[int, int, int]:
    """Return the day of a payout, the day on which it arrives, and the fee that its sales cost."""
    end = min(OPENING + (number + 1) * _PERIOD - 1, CLOSING)
    return end, end + _TRANSFER, divide(total * shop.fee, 10_000)


def _post_period(shop: Shop, journal: Journal, period: tuple[int, str], sums: tuple[int, int, int]) -> None:
    number, currency = period
    total, shipping, tax = sums
    chart, platform = journal.chart, shop.platform.title()
    clearing = chart.find(f"{platform} clearing", currency)
    end, arrival, fee = payout_of(shop, number, total)
    text = f"{platform} {currency}"
    journal.post(
        Entry(end, "sale", number + 1, text),
        (clearing, total),
        (chart.find(f"{platform} sales", currency), shipping + tax - total),
        (chart.find("Shipping income", currency), -shipping),
        (chart.find("Sales tax payable", currency), -tax),
    )
    if arrival <= CLOSING:
        journal.post(
            Entry(arrival, "payout", number + 1, text),
            (chart.find("Cash", currency), total - fee),
            (chart.find("Payment fees", currency), fee),
            (clearing, -total),
        )
