"""What is written to the live service, with this package's names."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import model_validator

from rutterframe.models.base import Draft, optional, required
from rutterframe.models.fields import Count, CurrencyCode, Day, Id, Money, Number, Text, Unit, known


class LiveLineItemCreate(Draft):
    """A line of an invoice or a bill."""

    description: Text | None = optional("What is sold or bought")
    quantity: Annotated[Number, Unit("pieces, or whatever the line counts")] | None = optional("How many")
    unit_price: Money | None = optional("Price of one")
    total_amount: Money = required("What the line adds to the document; it is not worked out of the others")
    item_id: Id | None = optional("The item that is sold or bought")
    account_id: Id | None = optional("The account that it is posted to")
    discount_amount: Money | None = optional("What was taken off")
    tax_rate_id: Id | None = optional("The rate of the tax")


class _Document(Draft):
    issue_date: Day = required("The day on the document")
    currency: CurrencyCode = required("The currency of every amount")
    due_date: Day | None = optional("The day payment is due")
    document_number: Text | None = optional("The number on the document")
    memo: Text | None = optional("A note")
    payment_terms_id: Id | None = optional("The terms of payment")
    account_id: Id | None = optional("The account receivable or payable")
    line_items: list[LiveLineItemCreate] = required("What is invoiced or billed, line by line")


class LiveInvoiceCreate(_Document):
    """An invoice to be written to a ledger."""

    customer_id: Id = required("The customer who will owe")


class LiveBillCreate(_Document):
    """A bill to be written to a ledger."""

    vendor_id: Id = required("The vendor who will be owed")


class _DocumentUpdate(Draft):
    issue_date: Day | None = optional("The day on the document")
    due_date: Day | None = optional("The day payment is due")
    document_number: Text | None = optional("The number on the document")
    memo: Text | None = optional("A note")
    line_items: list[LiveLineItemCreate] | None = optional("All lines; they replace the former ones")


class LiveInvoiceUpdate(_DocumentUpdate):
    """The changes of an invoice; fields that are left out stay as they are."""

    customer_id: Id | None = optional("The customer who owes")
    currency: CurrencyCode | None = optional("The currency of every amount")
    status: Annotated[Text, known("draft", "submitted", "open", "voided")] | None = optional(
        "Where the invoice stands"
    )


class LiveBillUpdate(_DocumentUpdate):
    """The changes of a bill; fields that are left out stay as they are."""

    vendor_id: Id | None = optional("The vendor who is owed")
    status: Annotated[Text, known("submitted", "open")] | None = optional("Where the bill stands")


class OrderCustomer(Draft):
    """Who buys."""

    email: Text = required("The e-mail address")
    first_name: Text | None = optional("The first name")
    last_name: Text | None = optional("The last name")


class Address(Draft):
    """An address of an order."""

    first_name: Text = required("The first name")
    last_name: Text = required("The last name")
    address1: Text = required("Street and number")
    address2: Text = required("A further line, may be empty")
    city: Text = required("The town")
    region: Text = required("The state or province")
    postal_code: Text = required("The postal code")
    country_code: Text = required("The ISO 3166 code of the country")
    email: Text | None = optional("The e-mail address")
    phone: Text | None = optional("The telephone number")


class LiveOrderLineCreate(Draft):
    """A line of an order; the variant has the price."""

    variant_id: Id = required("The variant that is sold")
    quantity: Annotated[Count, Unit("pieces")] = required("How many pieces")


class LiveOrderCreate(Draft):
    """An order to be written to a shop."""

    customer: OrderCustomer = required("Who buys")
    billing_address: Address = required("Where the invoice goes")
    shipping_address: Address | None = optional("Where the goods go")
    currency: CurrencyCode = required("The currency")
    line_items: list[LiveOrderLineCreate] = required("What is sold, line by line")


class LiveOrderUpdate(Draft):
    """The change of an order."""

    status: Annotated[Text, known("active", "archived", "cancelled")] = required("Where the order stands")


class LiveFulfillmentLineItem(Draft):
    """A line of an order that was shipped."""

    line_item_id: Id = required("The line of the order")
    quantity: Annotated[Count, Unit("pieces")] | None = optional("How many pieces were shipped")


class LiveFulfillmentCreate(Draft):
    """A shipment that fulfils an order."""

    carrier: Text = required("Who carries the parcel")
    tracking_number: Text = required("The carrier's number for the parcel")
    tracking_url: Text | None = optional("Where the parcel can be followed")
    line_items: list[LiveFulfillmentLineItem] = required("What was shipped")


class OptionValue(Draft):
    """What makes a variant differ from the others."""

    name: Text = required("The option, such as size")
    value: Text = required("Its value, such as large")


class LiveVariantCreate(Draft):
    """A variant of a new product."""

    price: Money = required("Price of one piece")
    sku: Text = required("The shop's own article number")
    option_values: list[OptionValue] | None = optional("What makes the variant differ; none when left out")


class LiveProductCreate(Draft):
    """A product to be written to a shop: with variants, or with price and sku if there is only one."""

    title: Text = required("The product's name")
    description: Text = required("The product's text in the shop")
    price: Money | None = optional("Price of one piece, of a product with one variant")
    sku: Text | None = optional("The article number, of a product with one variant")
    status: Annotated[Text, known("active", "draft", "archived")] | None = optional("Whether it is on sale")
    variants: list[LiveVariantCreate] | None = optional("The variants")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        """Refuse a product with neither of the two, or with both."""
        single = (self.price is not None, self.sku is not None)
        if self.variants and any(single):
            raise ValueError("price and sku are those of the variants, if variants are passed")
        if not self.variants and not all(single):
            raise ValueError("price and sku are required, or variants, each with price and sku")
        return self


class LiveProductUpdate(Draft):
    """The changes of a product beside its price; fields that are left out stay as they are."""

    title: Text | None = optional("The product's name")
    description: Text | None = optional("The product's text in the shop")
    status: Annotated[Text, known("active", "draft", "archived")] | None = optional("Whether it is on sale")


class LiveVariantUpdate(Draft):
    """The change of a variant's price."""

    price: Money = required("Price of one piece")


#: The draft that creates a record of the live service.
LIVE_CREATES: dict[str, type[Draft]] = {
    "invoices": LiveInvoiceCreate,
    "bills": LiveBillCreate,
    "orders": LiveOrderCreate,
    "products": LiveProductCreate,
}

#: The draft that changes a record of the live service.
LIVE_UPDATES: dict[str, type[Draft]] = {
    "invoices": LiveInvoiceUpdate,
    "bills": LiveBillUpdate,
    "orders": LiveOrderUpdate,
    "products": LiveProductUpdate,
}
