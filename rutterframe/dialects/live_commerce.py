"""The columns of shops by the fields of the live service: orders, products, customers and payments."""

from __future__ import annotations

from rutterframe.dialects.live_words import currency_code, known_words
from rutterframe.dialects.mapping import (
    Absolute,
    Case,
    Constant,
    Field,
    First,
    Joined,
    Mapping,
    Null,
    Only,
    Quotient,
    Rows,
)
from rutterframe.models.live import (
    LiveCustomer,
    LiveOrder,
    LiveProduct,
    OrderRefund,
    Payout,
    ShopPayment,
    Store,
)

_STATUS, _SHIPMENT, _PAYMENT = Field("status"), Field("fulfillment_status"), Field("payment_status")

# One status of three; what is known of none of them is unknown.
_ORDER_STATUS = Case(
    [
        (_STATUS, "cancelled", "cancelled"),
        (_STATUS, "canceled", "cancelled"),
        (_SHIPMENT, "fulfilled", "fulfilled"),
        (_SHIPMENT, "partial", "processing"),
        (_PAYMENT, "pending", "pending"),
        (_SHIPMENT, "unfulfilled", "processing"),
        (_PAYMENT, "paid", "processing"),
        (_PAYMENT, "refunded", "processing"),
        (_PAYMENT, "failed", "processing"),
        (_STATUS, "active", "processing"),
        (_STATUS, "archived", "processing"),
    ],
    otherwise="unknown",
)

ORDERS = Mapping(
    LiveOrder,
    {
        "id": Field("id"),
        "customer_id": Field("customer", "id"),
        "status": _ORDER_STATUS,
        "currency": currency_code("iso_currency_code"),
        "total_price": Field("total_price"),
        "line_items": Rows(
            "line_items",
            {
                "product_id": Field("product_id"),
                "variant_id": Field("variant_id"),
                "quantity": Field("quantity"),
                # "price" is the whole line.
                "unit_price": First(Field("unit_cost"), Quotient(Field("price"), Field("quantity"))),
                "line_id": Field("id"),
                "sku": Field("sku"),
                "title": Field("title"),
                "line_amount": Field("price"),
                "currency": currency_code("iso_currency_code"),
            },
        ),
        "created_at": Field("created_at"),
        "updated_at": Field("updated_at"),
        "payment_status": known_words(LiveOrder, "payment_status"),
        "fulfillment_status": known_words(LiveOrder, "fulfillment_status"),
        "order_number": First(Field("order_number"), Field("name")),
        "total_discount": Field("total_discount"),
        "total_tax": Field("total_tax"),
        "total_shipping": Field("total_shipping"),
        "total_shipping_discount": Field("total_shipping_discount"),
        "cancelled_at": Field("cancelled_at"),
        "refunds": Rows(
            ("refunds", "line_items"),
            {
                "line_item_id": Field("line_item_id"),
                # WooCommerce signs what it refunds.
                "quantity": Absolute(Field("quantity")),
                "status": known_words(OrderRefund, "status"),
                "amount": Absolute(Field("amount")),
            },
        ),
    },
)

PRODUCTS = Mapping(
    LiveProduct,
    {
        "id": Field("id"),
        "title": Field("name"),
        "description": Field("description"),
        "status": known_words(LiveProduct, "status"),
        "price": Only("variants", "price"),
        "currency": Only("variants", "iso_currency_code"),
        "variants": Rows(
            "variants",
            {
                "id": Field("id"),
                "title": Field("title"),
                "price": Field("price"),
                "sku": Field("sku"),
                "inventory_quantity": Field("inventory", "total_count"),
                "currency": currency_code("iso_currency_code"),
                "barcode": Field("barcode"),
                "unit_cost": Field("unit_cost"),
            },
        ),
        "created_at": Field("created_at"),
        "updated_at": Field("updated_at"),
        "type": Field("type"),
        "category_id": Field("category_id"),
    },
)

SHOP_CUSTOMERS = Mapping(
    LiveCustomer,
    {
        "id": Field("id"),
        "name": Joined(Field("first_name"), Field("last_name")),
        "email": Field("email"),
        "phone": Field("phone"),
        "created_at": Field("created_at"),
        "kind": Constant("shop"),
        "status": Null("a shop has no status of customers"),
        "currency": Null("a shop has no currency of customers"),
        "payment_terms_id": Null("a shop has no terms of payment"),
        "updated_at": Field("updated_at"),
        "last_synced_at": Null("lists of shops do not have it"),
    },
)

SHOP_PAYMENTS = Mapping(
    ShopPayment,
    {
        "id": Field("id"),
        "order_id": Field("order_id"),
        "type": known_words(ShopPayment, "type"),
        "status": known_words(ShopPayment, "status"),
        "amount": Field("amount"),
        "fee": Field("fee"),
        "currency": currency_code("iso_currency_code"),
        "payment_method": known_words(ShopPayment, "payment_method", Field("payment_method_type")),
        "gateway": Field("gateway"),
        "description": Field("description"),
        "created_at": Field("created_at"),
        "updated_at": Field("updated_at"),
    },
)

PAYOUTS = Mapping(
    Payout,
    {
        "id": Field("id"),
        "amount": Field("amount"),
        "currency": currency_code("iso_currency_code"),
        "status": known_words(Payout, "status"),
        "arrival_at": Field("arrival_at"),
        "type": known_words(Payout, "type"),
        "method": Field("method"),
        "schedule": known_words(Payout, "schedule"),
        "gateway": Field("gateway"),
        "bank_name": Field("destination", "bank_name"),
        "mask": First(Field("destination", "last_four"), Field("destination", "account_number_last_digits")),
        "created_at": Field("created_at"),
        "updated_at": Field("updated_at"),
    },
)

STORES = Mapping(
    Store,
    {
        "id": Field("id"),
        "name": Field("store_name"),
        "url": Field("url"),
        "currency": currency_code("default_currency"),
        "email": Field("email"),
    },
)
