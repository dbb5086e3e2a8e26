"""The lists of a shop connection, rendered from its orders and its catalogue."""

from __future__ import annotations

from collections.abc import Callable

from rutterframe.demo.books.collection import Record, Rows
from rutterframe.demo.books.conditions import UNICODE_CUSTOMER
from rutterframe.demo.books.names import email, person, phone
from rutterframe.demo.books.orders import STATUSES, Order, Orders
from rutterframe.demo.books.tables import Ids
from rutterframe.demo.books.units import CLOSING, DAY, OPENING, moment, moment_text, number

_MAILBOXES = ("example.com", "example.net", "example.org")
# The row of the customer with the planted name.
_UNICODE_ROW = 3
_MOST_VARIANTS = 16


class ShopIds:
    """The ids of a shop."""

    def __init__(self, seed: int, connection: str, orders: Orders) -> None:
        self.orders = Ids(seed, connection, "orders")
        self.customers = Ids(seed, connection, "customers")
        products, variants = Ids(seed, connection, "products"), Ids(seed, connection, "variants")
        self.product_rows = products
        self.products = [products.of(row) for row in range(len(orders.shop.products))]
        self.variants = [
            [variants.of(row * _MOST_VARIANTS + index) for index in range(len(product.variants))]
            for row, product in enumerate(orders.shop.products)
        ]


def shop_rows(orders: Orders, seed: int) -> dict[str, Rows]:
    """Return the lists of a shop by resource."""
    ids = ShopIds(seed, orders.shop.connection, orders)
    return {
        "orders": Rows(
            ids.orders, len(orders), _order(orders, ids), lambda row: orders.heads.columns[8][row]
        ),
        "products": _products(orders, ids),
        "customers": _customers(orders, ids, seed),
    }


def _order(orders: Orders, ids: ShopIds) -> Callable[[int], Record]:
    def record(row: int) -> Record:
        order = orders.order(row)
        currency = orders.shop.markets[order.market].currency
        return {
            "id": ids.orders.of(row),
            "customer_id": None if order.customer < 0 else ids.customers.of(order.customer),
            "status": STATUSES[order.status],
            "currency": currency,
            "total_price": number(order.total, currency),
            "line_items": [_line(orders, ids, line, currency) for line in orders.lines_of(row)],
            "created_at": moment_text(order.created),
            "updated_at": moment_text(order.updated),
        }

    return record


def _line(orders: Orders, ids: ShopIds, row: int, currency: str) -> Record:
    product, variant, quantity, unit = orders.lines.row(row)
    return {
        "product_id": ids.products[product],
        "variant_id": ids.variants[product][variant],
        "quantity": quantity,
        "unit_price": number(unit, currency),
    }


def _products(orders: Orders, ids: ShopIds) -> Rows:
    catalogue = orders.shop.products
    currency = orders.shop.markets[0].currency

    def changed(row: int) -> int:
        # Prices rose after the first year, and some products were edited since.
        return moment(OPENING + 365 + row * 31 % (CLOSING - OPENING - 370), row * 5_003 % DAY)

    def record(row: int) -> Record:
        product = catalogue[row]
        return {
            "id": ids.products[row],
            "title": product.title,
            "description": product.description,
            "status": product.status,
            "price": number(product.variants[0].price, currency),
            "currency": currency,
            "variants": [
                {
                    "id": ids.variants[row][index],
                    "title": variant.title,
                    "price": number(variant.price, currency),
                    "sku": variant.code,
                    "inventory_quantity": (row * 37 + index * 53 + 11) % 140,
                }
                for index, variant in enumerate(product.variants)
            ],
            "created_at": moment_text(moment(OPENING - 400 + row * 17, row * 3_001 % DAY)),
            "updated_at": moment_text(changed(row)),
        }

    # Deleted products are at the end of every catalogue, so that a row number is a position in the list.
    return Rows(ids.product_rows, sum(product.listed for product in catalogue), record, changed)


def _customers(orders: Orders, ids: ShopIds, seed: int) -> Rows:
    shop = orders.shop
    unicode_row = _UNICODE_ROW if shop.connection == "gear-shopify" else -1
    salt = sum(map(ord, shop.connection)) * 1_000_003 + seed

    def record(row: int) -> Record:
        name = UNICODE_CUSTOMER if row == unicode_row else person(salt + row)
        address = email(name, row, _MAILBOXES[row % len(_MAILBOXES)])
        if shop.platform == "amazon":
            # Marketplaces hide the buyers' addresses and numbers.
            address = f"{ids.customers.of(row)[:13]}@marketplace.example"
        return {
            "id": ids.customers.of(row),
            "name": name,
            "email": address,
            "phone": None
            if shop.platform == "amazon"
            else phone(row, "+1" if shop.markets[0].currency == "USD" else "+49"),
            "created_at": moment_text(orders.customer_since[row]),
        }

    return Rows(ids.customers, len(orders.customer_since), record, orders.customer_since.__getitem__)


def platform_data(orders: Orders, row: int) -> Record:
    """Return an order as the shop's platform itself writes it: nested, and with amounts as text."""
    order = orders.order(row)
    currency = orders.shop.markets[order.market].currency
    if orders.shop.platform == "amazon":
        return {
            "AmazonOrderId": f"302-{1_000_000 + row * 7:07d}-{4_000_000 + row * 13:07d}",
            "FulfillmentChannel": "AFN",
            "OrderTotal": {"CurrencyCode": currency, "Amount": _text(order.total, currency)},
            "ShippingPrice": {"CurrencyCode": currency, "Amount": _text(order.shipping, currency)},
            "ItemTax": {"CurrencyCode": currency, "Amount": _text(order.tax, currency)},
        }
    return _shopify(order, row, currency)


def _shopify(order: Order, row: int, currency: str) -> Record:
    shipping = {"shop_money": {"amount": _text(order.shipping, currency), "currency_code": currency}}
    return {
        "admin_graphql_api_id": f"gid://shopify/Order/{5_500_000_000 + row}",
        "order_number": 1001 + row,
        "financial_status": "voided" if STATUSES[order.status] == "cancelled" else "paid",
        "source_name": "web",
        "subtotal_price": _text(order.total - order.shipping - order.tax, currency),
        "total_discounts": _text(order.discount, currency),
        "total_tax": _text(order.tax, currency),
        "total_price": _text(order.total, currency),
        "total_shipping_price_set": shipping,
        "discount_codes": [{"code": "SAVE", "type": "percentage"}] if order.discount else [],
    }


def _text(amount: int, currency: str) -> str:
    return f"{number(amount, currency):.2f}"
