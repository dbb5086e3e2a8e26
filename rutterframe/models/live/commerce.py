"""Commerce, live: orders, products and customers with more columns, and payments, payouts and stores."""

from __future__ import annotations

from typing import Annotated

from rutterframe.models.base import Record, optional
from rutterframe.models.commerce import Customer, Order, Product
from rutterframe.models.fields import CurrencyCode, Id, Money, Number, Text, Timestamp, Unit, known

Quantity = Annotated[Number, Unit("pieces, or whatever the shop sells by")]
PaymentType = Annotated[Text, known("sale", "refund", "void", "payout", "fee", "other")]
PaymentStatus = Annotated[Text, known("success", "failure", "pending", "cancelled", "refunded", "other")]


class LiveOrderLineItem(Record):
    """One line of an order; the quantity may be a fraction."""

    product_id: Id | None = optional("The product sold; null if the shop has deleted it since")
    variant_id: Id | None = optional("The variant of the product sold")
    quantity: Quantity | None = optional("How many; may be a fraction")
    unit_price: Money | None = optional("Price of one before order-level discount and tax")
    line_id: Id | None = optional("Identifies the line within its order")
    sku: Annotated[Text, Unit("stock keeping unit")] | None = optional("The shop's own article number")
    title: Text | None = optional("What was sold")
    line_amount: Money | None = optional(
        "The whole line before order-level discount and tax; on WooCommerce after the discount"
    )
    currency: CurrencyCode | None = optional("The currency of the line, which may not be the order's")


class OrderRefund(Record):
    """What was refunded of one line of an order; the service does not say when."""

    line_item_id: Id | None = optional("The line of the order")
    quantity: Quantity | None = optional("How many were refunded")
    status: Annotated[Text, known("completed", "canceled", "unknown")] | None = optional(
        "Whether it was refunded; only Walmart sends it"
    )
    amount: Money | None = optional("What was refunded, positive; only Shopify and WooCommerce send it")


class LiveOrder(Order):
    """A sale in a shop with payment, shipment, discount, tax, shipping and refunds."""

    status: Annotated[Text, known("pending", "processing", "fulfilled", "cancelled", "unknown")] | None = (
        optional("Where the order stands, worked out of three statuses; cancelled orders are not revenue")
    )
    line_items: list[LiveOrderLineItem] | None = optional(  # type: ignore[assignment] # quantities are floats
        "What was sold, line by line"
    )
    payment_status: Annotated[Text, known("pending", "paid", "refunded", "failed", "unknown")] | None = (
        optional("Whether the order is paid; refunded also if only a part was")
    )
    fulfillment_status: Annotated[Text, known("fulfilled", "unfulfilled", "partial", "unknown")] | None = (
        optional("Whether the order was shipped")
    )
    order_number: Text | None = optional("The number that the customer knows")
    total_discount: Money | None = optional("The discount of the order, positive")
    total_tax: Money | None = optional("The tax of the order")
    total_shipping: Money | None = optional("What the customer pays for shipping")
    total_shipping_discount: Money | None = optional("The discount on shipping, positive")
    cancelled_at: Timestamp | None = optional("When the order was cancelled")
    refunds: list[OrderRefund] | None = optional("What was refunded, line by line; null if not sent")


class LiveProductVariant(Record):
    """One variant of a product, with its own currency and cost."""

    id: Id | None = optional("The variant; not unique")
    title: Text | None = optional("The variant's name")
    price: Money | None = optional("Price of one, in the variant's currency")
    sku: Annotated[Text, Unit("stock keeping unit")] | None = optional("The shop's own article number")
    inventory_quantity: Quantity | None = optional("What is in stock; negative when oversold")
    currency: CurrencyCode | None = optional("The currency of the price and the cost")
    barcode: Text | None = optional("The barcode, such as an EAN")
    unit_cost: Money | None = optional("What one costs the shop")


class LiveProduct(Product):
    """An article that a shop sells, with its type and category."""

    status: Annotated[Text, known("active", "draft", "archived", "inactive", "unknown")] | None = optional(
        "Whether the product is on sale"
    )
    price: Money | None = optional("Price of one piece; null if the variants differ")
    currency: CurrencyCode | None = optional("The currency of the prices; null if the variants differ")
    variants: list[LiveProductVariant] | None = optional(  # type: ignore[assignment] # with a currency and a cost
        "The variants that can be ordered"
    )
    type: Text | None = optional("The shop's word for the kind of product")
    category_id: Id | None = optional("The category of the product")


class LiveCustomer(Customer):
    """Who buys: a customer of a shop, or of a ledger."""

    kind: Annotated[Text, known("ledger", "shop")] | None = optional(
        "Where the customer is from: invoices refer to the ledger's customers, orders to the shop's"
    )
    status: Annotated[Text, known("active", "archived", "unknown")] | None = optional(
        "Whether the customer is in use; null in a shop"
    )
    currency: CurrencyCode | None = optional("The currency of the customer's invoices; null in a shop")
    payment_terms_id: Id | None = optional("The usual terms of payment; null in a shop")
    updated_at: Timestamp | None = optional("When the customer last changed on the platform")
    last_synced_at: Timestamp | None = optional("When the service last read the customer; null in a shop")


class ShopPayment(Record):
    """One movement of money in a shop: a sale, a refund, a fee, a payout."""

    id: Id | None = optional("Identifies the payment; authorisation and capture may be two")
    order_id: Id | None = optional("The order that it belongs to")
    type: PaymentType | None = optional("The direction: the amount has the sign of the platform")
    status: PaymentStatus | None = optional("Whether the money moved")
    amount: Money | None = optional("The amount with the platform's sign: its size is what moved")
    fee: Money | None = optional("What the processor kept")
    currency: CurrencyCode | None = optional("The currency of the amounts")
    payment_method: Annotated[Text, known("cash", "card", "other")] | None = optional("How it was paid")
    gateway: Text | None = optional("The processor")
    description: Text | None = optional("What the platform says it was for")
    created_at: Timestamp | None = optional("When the money moved")
    updated_at: Timestamp | None = optional("When the payment last changed")


class Payout(Record):
    """Money that a processor transferred to the business."""

    id: Id | None = optional("Identifies the payout")
    amount: Money | None = optional("What was transferred")
    currency: CurrencyCode | None = optional("The currency of the amount")
    status: (
        Annotated[Text, known("paid", "pending", "in_transit", "cancelled", "failed", "refunded", "unknown")]
        | None
    ) = optional("Whether it arrived")
    arrival_at: Timestamp | None = optional("When it arrives, or arrived")
    type: Annotated[Text, known("bank_account", "card", "fpx", "unknown")] | None = optional(
        "What it was transferred to"
    )
    method: Text | None = optional("The platform's word for how it is transferred")
    schedule: Annotated[Text, known("manual", "automatic", "unknown")] | None = optional(
        "Whether payouts come by themselves"
    )
    gateway: Text | None = optional("The processor")
    bank_name: Text | None = optional("The bank that it is transferred to")
    mask: Text | None = optional("The last digits of the account or card")
    created_at: Timestamp | None = optional("When the payout was created")
    updated_at: Timestamp | None = optional("When the payout last changed")


class Store(Record):
    """A shop."""

    id: Id | None = optional("Identifies the shop")
    name: Text | None = optional("The shop's name")
    url: Text | None = optional("The shop's address")
    currency: CurrencyCode | None = optional("The shop's own currency")
    email: Text | None = optional("The shop's e-mail address")
