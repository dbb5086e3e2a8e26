"""Payments, payouts and the store of a shop in the live dialect."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from rutterframe.demo.books.collection import Record
from rutterframe.demo.books.orders import CANCELLED, payout_of, period_of
from rutterframe.demo.books.tables import Ids
from rutterframe.demo.books.units import CLOSING, DAY, divide, minor, moment, number, parse_moment
from rutterframe.demo.live.lists import LiveList, moments
from rutterframe.demo.live.shop import Shop
from rutterframe.demo.live.spelling import live_moment

# A key of a payment is four times the order's position, and its kind.
_AUTHORISATION, _SALE, _REFUND = range(3)
_MARKETS = 8
_TYPES = {_AUTHORISATION: "other", _SALE: "sale", _REFUND: "refund"}


class ShopMoney:
    """The lists of a shop's money.

    Parameters
    ----------
    shop : Shop
        The shop.
    """

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._payment_ids = Ids(shop.books.seed, shop.connection, "payments")
        self._payout_ids = Ids(shop.books.seed, shop.connection, "payouts")

    def lists(self) -> dict[str, LiveList]:
        """Return the lists by resource."""
        return {
            "transactions": LiveList(
                (self._shop.collection("orders"),),
                self._payment_keys,
                self._payment,
                self._payment_ids.of,
                moments(self._payment_moment),
            ),
            "payouts": LiveList(
                (),
                lambda: sorted(self._periods),
                self._payout,
                self._payout_ids.of,
                {
                    **moments(lambda key: moment(self._dates(key)[0], 30_000)),
                    "arrival_at": lambda key: moment(self._dates(key)[1], DAY // 2),
                },
            ),
        }

    def store(self) -> Record:
        """Return the store."""
        company = self._shop.books.business(self._shop.connection).company
        name = company.name.split()[0].lower()
        return {
            "id": Ids(self._shop.books.seed, "stores").of(len(self._shop.connection)),
            "platform_id": self._shop.connection,
            "store_name": company.name,
            "url": f"https://{name}.example",
            "default_currency": self._shop.orders.shop.markets[0].currency,
        }

    def payments_of(self, position: int) -> list[Record]:
        """Return the payments of the order at a position."""
        return [self._payment(key) for key in self._keys_of(position)]

    def _payment_keys(self) -> Iterator[int]:
        for position in self._shop.collection("orders").positions():
            yield from self._keys_of(position)

    def _keys_of(self, position: int) -> Iterator[int]:
        shop, head = self._shop, self._shop.head(position)
        yield 4 * position + _SALE
        # Shopify shows the authorisation of a card beside the payment, with the same amount.
        if shop.platform == "shopify" and position % 3 == 1:
            yield 4 * position + _AUTHORISATION
        if (head and head.status == CANCELLED) or shop.refund(position):
            yield 4 * position + _REFUND

    def _payment_moment(self, key: int) -> int:
        position, kind = divmod(key, 4)
        orders = self._shop.collection("orders")
        created = orders.record(position)["created_at"] if position >= len(self._shop.orders) else None
        head = self._shop.head(position)
        start = head.created if head else int(parse_moment(created or "1970-01-01T00:00:00Z"))
        return max(orders.changed_at(position), start) if kind == _REFUND else start + 60 * (kind + 1)

    def _payment(self, key: int) -> Record:
        position, kind = divmod(key, 4)
        shop = self._shop
        record, instant = shop.collection("orders").record(position), self._payment_moment(key)
        currency = record["currency"]
        amount = minor(record["total_price"], currency)
        if kind == _REFUND and (refund := shop.refund(position)):
            amount = refund[1]
        fee = divide(amount * shop.orders.shop.fee, 10_000) if kind == _SALE else 0
        # A marketplace writes what it pays back as a negative amount, Shopify as a positive one.
        sign = -1 if kind == _REFUND and shop.platform == "amazon" else 1
        return {
            "id": self._payment_ids.of(key),
            "platform_id": str(9_000_000 + key),
            "order_id": record["id"],
            "platform_customer_id": None,
            "payment_method_type": "card",
            "status": "pending" if record["status"] == "pending" else "success",
            "type": _TYPES[kind],
            "amount": number(sign * amount, currency),
            "fee": number(fee, currency),
            "gateway": "shopify_payments" if shop.platform == "shopify" else None,
            "iso_currency_code": currency,
            "platform_type": "authorization" if kind == _AUTHORISATION else _TYPES[kind],
            "description": None,
            "created_at": live_moment(instant),
            "updated_at": live_moment(instant),
        }

    @cached_property
    def _periods(self) -> dict[int, tuple[int, int]]:
        """The sales and the refunds of each payout, in minor units."""
        sales: defaultdict[int, int] = defaultdict(int)
        refunds: defaultdict[int, int] = defaultdict(int)
        orders = self._shop.orders
        for position in range(len(orders)):
            order = orders.order(position)
            if order.status != CANCELLED:
                key = period_of(order) * _MARKETS + order.market
                sales[key] += order.total
                if refund := self._shop.refund(position):
                    refunds[key] += refund[1]
        return {key: (total, refunds[key]) for key, total in sales.items()}

    def _dates(self, key: int) -> tuple[int, int]:
        """Return the days on which a payout starts, and on which it arrives."""
        start, arrival, _ = payout_of(self._shop.orders.shop, key // _MARKETS, 0)
        return start, arrival

    def _payout(self, key: int) -> Record:
        shop = self._shop
        currency = shop.orders.shop.markets[key % _MARKETS].currency
        total, refunds = self._periods[key]
        start, arrival, fee = payout_of(shop.orders.shop, key // _MARKETS, total)
        instant = moment(start, 30_000)
        # The bank receives sales less the fee; the books have the refunds among the fees.
        parts = (("sale", total), ("refund", -refunds), ("fee", refunds - fee))
        return {
            "id": self._payout_ids.of(key),
            "platform_id": str(800_000 + key),
            "gateway_account_id": shop.connection,
            "arrival_at": live_moment(moment(arrival, DAY // 2)),
            "amount": number(total - fee, currency),
            "gateway": shop.platform,
            "iso_currency_code": currency,
            "schedule": "automatic",
            "status": "paid" if arrival <= CLOSING else "in_transit",
            "type": "bank_account",
            "method": None,
            "destination": None,
            "transactions": [
                self._part(key, number_of_part, kind, number(amount, currency), instant)
                for number_of_part, (kind, amount) in enumerate(parts)
                if amount
            ],
            "created_at": live_moment(instant),
            "updated_at": live_moment(instant),
        }

    def _part(self, key: int, part: int, kind: str, amount: float, instant: int) -> Record:
        currency = self._shop.orders.shop.markets[key % _MARKETS].currency
        return {
            "id": f"{self._payout_ids.of(key)}-{part + 1}",
            "order_id": None,
            "payment_method_type": "other",
            "status": "success",
            "type": kind,
            "amount": amount,
            "gateway": self._shop.platform,
            "iso_currency_code": currency,
            "created_at": live_moment(instant),
            "updated_at": live_moment(instant),
        }
