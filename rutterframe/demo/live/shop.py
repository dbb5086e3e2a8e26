"""Orders, products and customers of a shop in the live dialect."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from rutterframe.demo.books.collection import Collection, Record
from rutterframe.demo.books.orders import FULFILLED, Order, Orders
from rutterframe.demo.books.shop_rows import ShopIds
from rutterframe.demo.books.store import Books
from rutterframe.demo.books.units import divide, minor, number, parse_moment
from rutterframe.demo.live.lists import CREATED_AT, LiveList, collection_list
from rutterframe.demo.live.spelling import live_moment, live_text, money_text

#: By the contract's status: status, payment status and fulfilment status.
_STATUSES = {
    "pending": ("active", "pending", "unfulfilled"),
    "processing": ("active", "paid", "partial"),
    "fulfilled": ("archived", "paid", "fulfilled"),
    "cancelled": ("cancelled", "refunded", None),
}
_REFUNDED = 41  # one fulfilled order in so many has a refund
_DEAR = 3_000  # of what costs more, in minor units, only a fifth is refunded


class Shop:
    """The lists of one shop.

    Parameters
    ----------
    books : Books
        The books.
    connection : str
        The id of the shop.
    """

    def __init__(self, books: Books, connection: str) -> None:
        self.books = books
        self.connection = connection
        self.platform = books.connections[connection].platform
        self.amounts_are_known = self.platform != "amazon"  # of refunds

    def lists(self) -> dict[str, LiveList]:
        """Return the lists by resource."""
        return {
            "orders": self._dated_list("orders", self.order),
            "products": self._dated_list("products", self.product),
            "customers": collection_list(self.collection("customers"), self.customer),
        }

    def _dated_list(self, resource: str, record: Callable[[int], Record]) -> LiveList:
        """Return a list that can be filtered by the moment of creation; an unknown moment is the first."""
        collection = self.collection(resource)

        def created(position: int) -> int:
            if resource == "orders" and (head := self.head(position)):
                return head.created
            text = collection.record(position)["created_at"]
            return 0 if text is None else int(parse_moment(text))

        return collection_list(collection, record, {CREATED_AT: created})

    def collection(self, resource: str) -> Collection:
        """Return a list of the contract."""
        return self.books.collection(self.connection, resource)

    @cached_property
    def orders(self) -> Orders:
        """The orders of the books."""
        return self.books.business(self.connection).shop(self.connection)

    @cached_property
    def ids(self) -> ShopIds:
        """The ids of the shop, the same as the contract's."""
        return ShopIds(self.books.seed, self.connection, self.orders)

    def head(self, position: int) -> Order | None:
        """Return an order of the books; None for a written one."""
        return self.orders.order(position) if position < len(self.orders) else None

    def refund(self, position: int) -> tuple[int, int] | None:
        """Return the quantity and the amount that were refunded of the first line, if any were."""
        head = self.head(position)
        if head is None or head.status != FULFILLED or position % _REFUNDED != 7:
            return None
        unit = self.orders.lines.row(self.orders.lines_of(position)[0])[3]
        return 1, unit if unit <= _DEAR else divide(unit, 5)

    def order(self, position: int) -> Record:
        """Return the order at a position of the contract's list."""
        record, head = self.collection("orders").record(position), self.head(position)
        currency = record["currency"]
        status, payment, fulfilment = _STATUSES[record["status"]]
        lines = [self._order_line(record, position, row) for row in range(len(record["line_items"]))]
        refunds = self._refunds(record, position)
        updated = live_text(record["updated_at"])
        amounts = (head.discount, head.tax, head.shipping) if head else (0, 0, 0)
        discount, tax, shipping = (number(amount, currency) for amount in amounts)
        cancelled = {"cancelled_at": updated} if status == "cancelled" and self.platform == "shopify" else {}
        fulfilments = [self._fulfilment(record, lines)] if fulfilment == "fulfilled" else []
        return {
            "id": record["id"],
            "platform_id": str(5_500_000_000 + position),
            **cancelled,
            "payment_status": "refunded" if refunds else payment,
            "status": status,
            "total_discount": discount,
            "total_price": record["total_price"],
            "fulfillment_status": fulfilment,
            "iso_currency_code": currency,
            "name": f"#{1001 + position}",
            "order_number": str(1001 + position),
            "source_name": "web" if head else "api",
            "total_shipping": shipping,
            "total_shipping_discount": 0,
            "total_tax": tax,
            "tags": [],
            "billing_address": None,
            "refunds": refunds,
            "shipping_address": None,
            "customer": self._buyer(record),
            "line_items": lines,
            "fulfillments": fulfilments,
            "created_at": live_text(record["created_at"]),
            "updated_at": updated,
        }

    def product(self, position: int) -> Record:
        """Return the product at a position of the contract's list."""
        record = self.collection("products").record(position)
        live = self.books.live_fields.get(record["id"], {})
        variants = [self._variant(record, variant) for variant in record["variants"]]
        return {
            "id": record["id"],
            "platform_id": str(7_100_000 + position),
            "category_id": None,
            "description": record["description"] or "",
            "name": record["title"],
            "type": live.get("type", ""),
            "images": [],
            "status": record["status"],
            "tags": live.get("tags", []),
            "variants": variants,
            "created_at": live_text(record["created_at"]),
            "updated_at": live_text(record["updated_at"]),
        }

    def customer(self, position: int) -> Record:
        """Return the customer at a position of the contract's list."""
        collection = self.collection("customers")
        record = collection.record(position)
        first, last = names(record["name"])
        return {
            "id": record["id"],
            "platform_id": str(6_600_000 + position),
            "email": record["email"],
            "first_name": first,
            "last_name": last,
            "phone": record["phone"],
            "orders": [],
            "created_at": live_text(record["created_at"]),
            "updated_at": live_moment(collection.changed_at(position)),
        }

    @cached_property
    def _goods(self) -> dict[str, tuple[str, str]]:
        """Title and stock-keeping unit by the id of a variant, deleted products included."""
        return {
            self.ids.variants[row][index]: (product.title, variant.code)
            for row, product in enumerate(self.orders.shop.products)
            for index, variant in enumerate(product.variants)
        }

    def _order_line(self, record: Record, position: int, row: int) -> Record:
        line, currency = record["line_items"][row], record["currency"]
        quantity = line["quantity"] or 0
        price = quantity * minor(line["unit_price"], currency)
        title, code = self._goods.get(line["variant_id"], (None, None))
        # Some platforms have the price of the line only.
        is_priced = self.platform != "amazon" or quantity != 1 or position % 11
        moment = live_text(record["created_at"])
        return {
            "id": f"{record['id']}-{row + 1}",
            "platform_id": str(12_000_000 + 10 * position + row),
            "product_id": line["product_id"],
            "variant_id": line["variant_id"],
            "price": number(price, currency),
            "quantity": line["quantity"],
            "iso_currency_code": currency,
            "sku": code,
            "title": title,
            "unit_cost": line["unit_price"] if is_priced else None,
            "created_at": moment,
            "updated_at": moment,
        }

    def _refunds(self, record: Record, position: int) -> list[Record]:
        currency = record["currency"]
        if record["status"] == "cancelled":
            refunded = [
                (row, line["quantity"], line["quantity"] * minor(line["unit_price"], currency))
                for row, line in enumerate(record["line_items"])
            ]
        elif (refund := self.refund(position)) and record["status"] == "fulfilled":
            refunded = [(0, *refund)]
        else:
            return []
        # No platform but a few tells the amount.
        return [
            {
                "line_items": [
                    {
                        "line_item_id": f"{record['id']}-{row + 1}",
                        "quantity": quantity,
                        "status": "completed",
                        "amount": money_text(amount, currency) if self.amounts_are_known else None,
                    }
                    for row, quantity, amount in refunded
                ]
            }
        ]

    def _buyer(self, record: Record) -> Record | None:
        if record["customer_id"] is None:
            return None
        customers = self.collection("customers")
        position = customers.find(record["customer_id"])
        if position is None:
            return None
        customer = self.customer(position)
        return {key: value for key, value in customer.items() if key != "orders"}

    def _fulfilment(self, record: Record, lines: list[Record]) -> Record:
        stored = self.books.live_fields.get(record["id"], {})
        return {
            "id": f"{record['id']}-f1",
            "order_id": record["id"],
            "carrier": stored.get("carrier"),
            "service": stored.get("service"),
            "tracking_number": stored.get("tracking_number"),
            "tracking_url": stored.get("tracking_url"),
            "line_items": [fulfilled_line(line) for line in lines],
        }

    def _variant(self, product: Record, variant: Record) -> Record:
        count = variant["inventory_quantity"]
        updated = live_text(product["updated_at"])
        cost = None if variant["price"] is None else divide(minor(variant["price"], "USD") * 45, 100)
        return {
            "id": variant["id"],
            "platform_id": variant["id"][:8],
            "product_id": product["id"],
            "price": variant["price"],
            "requires_shipping": True,
            "barcode": None,
            "fulfillment_service": None,
            "inventory_management": self.platform,
            "iso_currency_code": product["currency"],
            "sku": variant["sku"],
            "title": variant["title"],
            "unit_cost": None if cost is None else number(cost, "USD"),
            "images": [],
            "option_values": [],
            "inventory": None if count is None else {"total_count": count, "locations": None},
            "created_at": live_text(product["created_at"]),
            "updated_at": updated,
        }


def names(name: str | None) -> tuple[str | None, str | None]:
    """Return first and last name: the first word, and the rest."""
    first, _, last = (name or "").partition(" ")
    return first or None, last or None


def fulfilled_line(line: Record) -> Record:
    """Return a line of a fulfilment from the line of its order."""
    shared = {key: line[key] for key in ("id", "product_id", "variant_id", "price", "quantity")}
    return {**shared, "sku": line["sku"] or "", "title": line["title"] or ""}
