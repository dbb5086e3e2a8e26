"""Commerce: orders, products and customers of a shop."""

from __future__ import annotations

from typing import Annotated, Any

from rutterframe.models.base import Draft, Record, optional, required
from rutterframe.models.fields import Count, CurrencyCode, Id, Money, Text, Timestamp, Unit, known


class OrderLineItem(Record):
    """One line of an order."""

    product_id: Id | None = optional("The product sold; the shop may have deleted it since")
    variant_id: Id | None = optional("The variant of the product sold")
    quantity: Annotated[Count, Unit("pieces")] | None = optional("How many pieces")
    unit_price: Money | None = optional("Price of one piece before order-level discount and tax")


class Order(Record):
    """A sale in a shop."""

    id: Id | None = optional("Identifies the order")
    customer_id: Id | None = optional("Who bought; null for a guest")
    status: Annotated[Text, known("pending", "processing", "fulfilled", "cancelled")] | None = optional(
        "Where the order stands; cancelled orders are not revenue"
    )
    currency: CurrencyCode | None = optional("The currency of every amount of the order")
    total_price: Money | None = optional("What the customer pays: lines + shipping + tax - discounts")
    line_items: list[OrderLineItem] | None = optional("What was sold, line by line")
    created_at: Timestamp | None = optional("When the order was placed")
    updated_at: Timestamp | None = optional("When the order last changed")


class ExpandedOrder(Order):
    """An order with ``expand="platform_data"``."""

    platform_data: Any = optional("The platform's own record, as it sent it")


class OrderCreate(Draft):
    """An order to be written to the shop."""

    customer_id: Id = required("Who buys")
    currency: CurrencyCode | None = optional("The currency; the shop's own when left out")
    line_items: list[OrderLineItem] = required("What is sold, line by line")


class FulfillmentLineItem(Draft):
    """A line of an order that was shipped."""

    line_item_id: Id | None = optional("The line of the order")
    quantity: Annotated[Count, Unit("pieces")] | None = optional("How many pieces were shipped")


class FulfillmentCreate(Draft):
    """A shipment that fulfils an order."""

    tracking_number: Text | None = optional("The carrier's number for the parcel")
    tracking_url: Text | None = optional("Where the parcel can be followed")
    carrier: Text | None = optional("Who carries the parcel")
    line_items: list[FulfillmentLineItem] | None = optional("What was shipped; all of it when left out")


class ProductVariant(Record):
    """One variant of a product: a size, a colour, a roast."""

    id: Id | None = optional("Identifies the variant")
    title: Text | None = optional("The variant's name")
    price: Money | None = optional("Price of one piece, in the product's currency")
    sku: Annotated[Text, Unit("stock keeping unit")] | None = optional("The shop's own article number")
    inventory_quantity: Annotated[Count, Unit("pieces")] | None = optional(
        "Pieces in stock; negative when oversold"
    )


class Product(Record):
    """An article that a shop sells."""

    id: Id | None = optional("Identifies the product")
    title: Text | None = optional("The product's name")
    description: Text | None = optional("The product's text in the shop")
    status: Annotated[Text, known("active", "draft", "archived")] | None = optional(
        "Whether the product is on sale"
    )
    price: Money | None = optional("Price of one piece")
    currency: CurrencyCode | None = optional("The currency of the prices")
    variants: list[ProductVariant] | None = optional("The variants that can be ordered")
    created_at: Timestamp | None = optional("When the product was created")
    updated_at: Timestamp | None = optional("When the product last changed")


class ProductCreate(Draft):
    """A product to be written to the shop."""

    title: Text = required("The product's name")
    description: Text | None = optional("The product's text in the shop")
    price: Money | None = optional("Price of one piece")
    currency: CurrencyCode | None = optional("The currency of the price")


class ProductUpdate(Draft):
    """The changes of a product; fields that are left out stay as they are."""

    title: Text | None = optional("The product's name")
    description: Text | None = optional("The product's text in the shop")
    price: Money | None = optional("Price of one piece")
    status: Text | None = optional("Whether the product is on sale")


class Customer(Record):
    """A buyer, in a shop or in a ledger."""

    id: Id | None = optional("Identifies the customer")
    name: Text | None = optional("The customer's name")
    email: Text | None = optional("The customer's e-mail address")
    phone: Text | None = optional("The customer's telephone number, as the platform writes it")
    created_at: Timestamp | None = optional("When the customer was first seen")
