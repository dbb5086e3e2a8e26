"""The anomalies of real data that are planted in the books.

Each states in which list it is and which records show it, so that a test or a page of documentation can
point to it. The books balance with the anomalies in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from rutterframe.demo.books.collection import Record
from rutterframe.demo.books.conditions import (
    Condition,
    always,
    below_zero,
    bill_key,
    email_key,
    exceeds_lines,
    has_deleted_product,
    has_no_due_date,
    has_no_price,
    has_unicode_name,
    has_zero_balance,
    in_currency,
    in_status,
    is_credit,
    is_far_from_lines,
    is_guest_order,
    is_overdrawn,
    is_part_paid,
    is_unlike_lines,
    is_updated_first,
    is_years_overdue,
    lacks,
    order_key,
    posting_key,
)

#: Percent of the wages by which the last transfer to the payroll account fell short.
PAYROLL_SHORTFALL = 12


@dataclass(frozen=True, slots=True)
class PlantedDocument:
    """An invoice or a bill with fixed contents, beside the random ones.

    Attributes
    ----------
    counterparty : str
        The name of the customer or vendor.
    currency : str
        The ISO code.
    unit : int
        The unit price in minor units.
    quantity : int
        Hundredths.
    age : int
        Days before the closing date.
    terms : int or None
        Days until it is due; None for no due date.
    text : str
        The description of its line.
    status : str
        The status before payments.
    paid : int or None
        Percent that was paid.
    """

    counterparty: str
    currency: str
    unit: int
    quantity: int
    age: int
    terms: int | None
    text: str
    status: str = "open"
    paid: int | None = None


@dataclass(frozen=True, slots=True)
class Anomaly:
    """One kind of anomaly in one list of one connection.

    Attributes
    ----------
    name : str
        The kind.
    connection, resource : str
        The list in which it is.
    about : str
        One sentence for people.
    matches : callable
        Whether a record is one.
    document : PlantedDocument or None
        The document that is planted for it.
    duplicate_key : callable or None
        For duplicates: what two records have in common; the later one is the anomaly.
    """

    name: str
    connection: str
    resource: str
    about: str
    matches: Condition
    document: PlantedDocument | None = None
    duplicate_key: Callable[[Record], Any] | None = None


_ROASTER, _GEAR = "roaster-quickbooks", "gear-xero"
_CAFE = "Blue Door Café (credit)"

ANOMALIES: tuple[Anomaly, ...] = (
    Anomaly(
        "credit_note",
        _ROASTER,
        "invoices",
        "A credit note: open, with a negative amount due.",
        is_credit,
        PlantedDocument(_CAFE, "USD", -1980, 600, 24, 30, "Returned: Harbour Light Espresso, kg"),
    ),
    Anomaly(
        "credit_note",
        _GEAR,
        "invoices",
        "A credit note in pounds: open, with a negative amount due.",
        is_credit,
        PlantedDocument(
            "Pennine Outfitters (credit)", "GBP", -8514, 300, 55, 30, "Returned: Skerry Rain Jacket"
        ),
    ),
    Anomaly(
        "invoice_without_due_date",
        _ROASTER,
        "invoices",
        "It was entered without a due date.",
        has_no_due_date,
        PlantedDocument("Market Stall Coffee", "USD", 1890, 1450, 40, None, "Fog Bell Filter Blend, kg"),
    ),
    Anomaly(
        "invoice_without_due_date",
        _GEAR,
        "invoices",
        "It was entered without a due date.",
        has_no_due_date,
        PlantedDocument("Messe-Laufkundschaft", "EUR", 5200, 400, 12, None, "Strath 28 Daypack"),
    ),
    Anomaly(
        "bill_without_due_date",
        _ROASTER,
        "bills",
        "A handwritten bill without terms.",
        has_no_due_date,
        PlantedDocument("Joe the Plumber", "USD", 18550, 100, 33, None, "Fixed the chaff collector"),
    ),
    Anomaly(
        "bill_without_due_date",
        _GEAR,
        "bills",
        "A bill that was booked in a hurry.",
        has_no_due_date,
        PlantedDocument("Schlüsseldienst Nord", "EUR", 24000, 100, 9, None, "New locks"),
    ),
    Anomaly(
        "draft_invoice",
        _ROASTER,
        "invoices",
        "A draft: not posted, but with an amount due.",
        in_status("draft"),
        PlantedDocument("Market Stall Coffee", "USD", 2240, 500, 3, 30, "Colombia Huila, kg", status="draft"),
    ),
    Anomaly(
        "draft_bill",
        _GEAR,
        "bills",
        "A draft: not posted, but with an amount due.",
        in_status("draft"),
        PlantedDocument("Schlüsseldienst Nord", "EUR", 9900, 100, 2, 14, "Spare keys", status="draft"),
    ),
    Anomaly(
        "voided_invoice",
        _GEAR,
        "invoices",
        "Voided after a typing error.",
        in_status("voided"),
        PlantedDocument(
            "Messe-Laufkundschaft", "EUR", 5200, 40000, 80, 30, "Strath 28 Daypack", status="voided"
        ),
    ),
    Anomaly(
        "voided_bill",
        _ROASTER,
        "bills",
        "Entered twice, then voided.",
        in_status("voided"),
        PlantedDocument(
            "Joe the Plumber", "USD", 18550, 100, 32, 30, "Fixed the chaff collector", status="voided"
        ),
    ),
    Anomaly(
        "zero_balance_open_invoice",
        _ROASTER,
        "invoices",
        "Paid in full, and never closed.",
        has_zero_balance,
        PlantedDocument("Blue Door Café", "USD", 1980, 1000, 70, 30, "Harbour Light Espresso, kg", paid=100),
    ),
    Anomaly(
        "part_paid_invoice",
        _GEAR,
        "invoices",
        "Paid in part: the lines say more than the amount due.",
        is_part_paid,
        PlantedDocument("Pennine Outfitters", "GBP", 15652, 500, 65, 30, "Lochan 2 Tent", paid=40),
    ),
    Anomaly(
        "kwd_invoice",
        _ROASTER,
        "invoices",
        "Kuwaiti dinars have three decimals.",
        in_currency("KWD"),
        PlantedDocument(
            "Al Dana Coffee W.L.L.", "KWD", 6125, 4250, 48, 30, "Harbour Light Espresso, kg, ex works"
        ),
    ),
    Anomaly(
        "kwd_bill",
        _ROASTER,
        "bills",
        "Kuwaiti dinars have three decimals.",
        in_currency("KWD"),
        PlantedDocument("Salmiya Events Co.", "KWD", 312755, 100, 21, 30, "Stand at the coffee fair"),
    ),
    Anomaly(
        "jpy_bill",
        _ROASTER,
        "bills",
        "Yen have no decimals.",
        in_currency("JPY"),
        PlantedDocument("Osaka Dripper Works", "JPY", 1180, 9600, 18, 45, "Ceramic dripper V-60, piece"),
    ),
    Anomaly(
        "jpy_invoice",
        _GEAR,
        "invoices",
        "Yen have no decimals.",
        in_currency("JPY"),
        PlantedDocument("札幌アウトドア株式会社", "JPY", 29800, 700, 38, 30, "Lochan 1 Tent"),
    ),
    Anomaly(
        "unicode_customer", _ROASTER, "customers", "A name in five scripts, with emoji.", has_unicode_name
    ),
    Anomaly(
        "unicode_customer",
        "gear-shopify",
        "customers",
        "A name in five scripts, with emoji.",
        has_unicode_name,
    ),
    Anomaly("guest_order", "roaster-shopify", "orders", "Bought without a customer account.", is_guest_order),
    Anomaly("guest_order", "gear-shopify", "orders", "Bought without a customer account.", is_guest_order),
    Anomaly(
        "deleted_product",
        "roaster-shopify",
        "orders",
        "Sold, and deleted from the catalogue since.",
        has_deleted_product,
    ),
    Anomaly(
        "deleted_product",
        "gear-shopify",
        "orders",
        "Sold, and deleted from the catalogue since.",
        has_deleted_product,
    ),
    Anomaly(
        "total_is_not_the_lines",
        "roaster-shopify",
        "orders",
        "Shipping, tax and discounts are in the total only.",
        exceeds_lines,
    ),
    Anomaly(
        "total_is_not_the_lines",
        "gear-amazon",
        "orders",
        "Shipping and tax are in the total only.",
        exceeds_lines,
    ),
    Anomaly(
        "order_rest_is_unusual",
        "roaster-shopify",
        "orders",
        "A discount is more than shipping and tax, or they are more than half of a small order.",
        is_unlike_lines,
    ),
    Anomaly(
        "order_total_is_far_off",
        "gear-amazon",
        "orders",
        "Ten times the total, or nothing.",
        is_far_from_lines,
    ),
    Anomaly(
        "negative_order", "gear-amazon", "orders", "A refund, entered as a sale.", below_zero("total_price")
    ),
    Anomaly("order_without_date", "gear-amazon", "orders", "Its date is unknown.", lacks("created_at")),
    Anomaly(
        "order_updated_first",
        "roaster-shopify",
        "orders",
        "Updated an hour before it was created.",
        is_updated_first,
    ),
    Anomaly(
        "order_twice",
        "roaster-shopify",
        "orders",
        "One order under two ids.",
        always,
        duplicate_key=order_key,
    ),
    Anomaly(
        "bill_twice", _GEAR, "bills", "One bill under two ids, both paid.", always, duplicate_key=bill_key
    ),
    Anomaly(
        "transaction_twice",
        _GEAR,
        "transactions",
        "One posting under two ids.",
        always,
        duplicate_key=posting_key,
    ),
    Anomaly("transaction_without_date", _GEAR, "transactions", "Posted without a date.", lacks("date")),
    Anomaly(
        "transaction_without_account",
        _GEAR,
        "transactions",
        "Posted without an account.",
        lacks("account_id"),
    ),
    Anomaly("expense_without_date", _GEAR, "expenses", "The receipt cannot be read.", lacks("date")),
    Anomaly(
        "expense_without_account",
        _GEAR,
        "expenses",
        "The account that paid is unknown.",
        lacks("account_id"),
    ),
    Anomaly("negative_expense", _GEAR, "expenses", "A refund, entered as an expense.", below_zero("amount")),
    Anomaly(
        "negative_price", "roaster-shopify", "products", "A minus in front of a price.", below_zero("price")
    ),
    Anomaly("product_without_price", "gear-shopify", "products", "Its price is zero.", has_no_price),
    Anomaly(
        "customer_twice",
        "roaster-shopify",
        "customers",
        "Entered again, in capitals.",
        always,
        duplicate_key=email_key,
    ),
    Anomaly("invoice_of_years_ago", _GEAR, "invoices", "Due in 2020, and still open.", is_years_overdue),
    Anomaly(
        "overdrawn_account",
        "roaster-bank",
        "bank_accounts",
        "The wages were more than the account had.",
        is_overdrawn,
    ),
)


def planted_documents(connection: str, resource: str) -> list[PlantedDocument]:
    """Return the documents to plant in a list of a connection, the oldest first."""
    documents = [
        anomaly.document
        for anomaly in ANOMALIES
        if anomaly.document and (anomaly.connection, anomaly.resource) == (connection, resource)
    ]
    return sorted(documents, key=lambda document: -document.age)


def find_anomalies(anomaly: Anomaly, records: Iterable[Record], products: frozenset[str]) -> list[Record]:
    """Return the records of a list that are anomalies of a kind.

    Parameters
    ----------
    anomaly : Anomaly
        The kind.
    records : iterable of dict
        The records of the list.
    products : frozenset of str
        The ids of the products that the connection lists.
    """
    matches = [record for record in records if anomaly.matches(record, products)]
    if anomaly.duplicate_key is None:
        return matches
    keys: set[Any] = set()
    duplicates: list[Record] = []
    for record in matches:
        key = anomaly.duplicate_key(record)
        if key in keys:
            duplicates.append(record)
        keys.add(key)
    return duplicates
