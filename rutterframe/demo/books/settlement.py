"""What the shops sold: in the ledger every fortnight, in the bank three days later, less the fee."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from rutterframe.demo.books.calendar import CLOSING, OPENING, day_of
from rutterframe.demo.books.journal import Entry
from rutterframe.demo.books.money import divide
from rutterframe.demo.books.retail import CANCELLED

if TYPE_CHECKING:
    from rutterframe.demo.books.company import Shop
    from rutterframe.demo.books.journal import Journal
    from rutterframe.demo.books.retail import Retail

_PERIOD = 14
_TRANSFER = 3


def settle(retail: Retail, journal: Journal) -> None:
    """Post the sales of a shop, and the payouts that have arrived by the closing date."""
    sums: defaultdict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in range(len(retail)):
        order = retail.order(row)
        if order.status == CANCELLED:
            continue
        period = sums[(day_of(order.created) - OPENING) // _PERIOD, order.market]
        period[0] += order.total
        period[1] += order.shipping
        period[2] += order.tax
    for (number, market), (total, shipping, tax) in sorted(sums.items()):
        currency = retail.shop.markets[market].currency
        _post(retail.shop, journal, (number, currency), (total, shipping, tax))


def _post(shop: Shop, journal: Journal, period: tuple[int, str], sums: tuple[int, int, int]) -> None:
    number, currency = period
    total, shipping, tax = sums
    chart, platform = journal.chart, shop.platform.title()
    clearing = chart.find(f"{platform} clearing", currency)
    end = min(OPENING + (number + 1) * _PERIOD - 1, CLOSING)
    text = f"{platform} {currency}"
    journal.post(
        Entry(end, "sale", number + 1, text),
        (clearing, total),
        (chart.find(f"{platform} sales", currency), shipping + tax - total),
        (chart.find("Shipping income", currency), -shipping),
        (chart.find("Sales tax payable", currency), -tax),
    )
    if end + _TRANSFER <= CLOSING:
        fee = divide(total * shop.fee, 10_000)
        journal.post(
            Entry(end + _TRANSFER, "payout", number + 1, text),
            (chart.find("Cash", currency), total - fee),
            (chart.find("Payment fees", currency), fee),
            (clearing, -total),
        )
