"""Conditions that recognise anomalous records, and keys that recognise duplicates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rutterframe.demo.books.collection import Record

#: The condition of an anomaly: a record, and the ids of the products that its connection lists.
Condition = Callable[[Record, frozenset[str]], bool]

UNICODE_CUSTOMER = "Café Ōkami 狼 & Ελένη, Ярослав, بيت القهوة ☕🦊"
OVERDRAWN_ACCOUNT = "Payroll Checking"


def has_no_due_date(record: Record, _: frozenset[str]) -> bool:
    """Return whether an open document has no due date."""
    return record["due_date"] is None and record["status"] == "open"


def is_credit(record: Record, _: frozenset[str]) -> bool:
    """Return whether an open document has a negative amount due."""
    return bool(record["status"] == "open" and record["amount_due"] < 0)


def has_zero_balance(record: Record, _: frozenset[str]) -> bool:
    """Return whether an open document has an amount due of zero."""
    return bool(record["status"] == "open" and record["amount_due"] == 0)


def in_currency(currency: str) -> Condition:
    """Return the condition that an open document is in a currency."""
    return lambda record, _: bool(record["currency"] == currency and record["status"] == "open")


def in_status(status: str) -> Condition:
    """Return the condition that a document has a status."""
    return lambda record, _: bool(record["status"] == status)


def is_part_paid(record: Record, _: frozenset[str]) -> bool:
    """Return whether an open document has less due than its lines."""
    total = sum(line["total_amount"] for line in record["line_items"])
    # Floats of equal amounts differ by how they were added up.
    return bool(record["status"] == "open" and 0 < record["amount_due"] < total - 0.005)


def is_guest_order(record: Record, _: frozenset[str]) -> bool:
    """Return whether an order has no customer."""
    return record["customer_id"] is None


def has_deleted_product(record: Record, products: frozenset[str]) -> bool:
    """Return whether an order has a product that the connection does not list."""
    return any(line["product_id"] not in products for line in record["line_items"])


def _lines_and_difference(order: Record) -> tuple[float, float]:
    # Floats of equal amounts differ by how they were added up.
    lines = sum(line["quantity"] * line["unit_price"] for line in order["line_items"])
    return round(lines, 4), round(order["total_price"] - lines, 4)


def exceeds_lines(record: Record, _: frozenset[str]) -> bool:
    """Return whether an order's total is more than its lines, by half of them at most."""
    lines, rest = _lines_and_difference(record)
    return bool(0 < rest <= lines / 2)


def is_far_from_lines(record: Record, _: frozenset[str]) -> bool:
    """Return whether an order's total is far from its lines."""
    lines, rest = _lines_and_difference(record)
    return bool(record["total_price"] >= 0 and not -3 / 4 * lines < rest < 3 * lines)


def is_unlike_lines(record: Record, products: frozenset[str]) -> bool:
    """Return whether an order's total is less than its lines, or more by over half of them."""
    lines, rest = _lines_and_difference(record)
    far = record["total_price"] < 0 or is_far_from_lines(record, products)
    return bool(not far and (rest < 0 or rest > lines / 2))


def has_unicode_name(record: Record, _: frozenset[str]) -> bool:
    """Return whether a customer has the planted name."""
    return bool(record["name"] == UNICODE_CUSTOMER)


def is_overdrawn(record: Record, _: frozenset[str]) -> bool:
    """Return whether the planted account is below zero."""
    return bool(record["name"] == OVERDRAWN_ACCOUNT and record["balance"] < 0)


def lacks(field: str) -> Condition:
    """Return the condition that a field is null."""
    return lambda record, _: record[field] is None


def below_zero(field: str) -> Condition:
    """Return the condition that a field is negative."""
    return lambda record, _: bool(record[field] < 0)


def has_no_price(record: Record, _: frozenset[str]) -> bool:
    """Return whether a product's price is zero."""
    return bool(record["price"] == 0)


def is_updated_first(record: Record, _: frozenset[str]) -> bool:
    """Return whether a record is updated before it is created."""
    return bool(record["created_at"] and record["updated_at"] < record["created_at"])


def is_years_overdue(record: Record, _: frozenset[str]) -> bool:
    """Return whether an open invoice was due before the books begin."""
    return bool(record["status"] == "open" and (record["due_date"] or "9999") < "2024-06-30")


def always(_: Record, __: frozenset[str]) -> bool:
    """Return True, for an anomaly that only its key recognises."""
    return True


def order_key(record: Record) -> Any:
    """Return what two entries of one order have in common."""
    return record["customer_id"], record["created_at"], record["total_price"], str(record["line_items"])


def bill_key(record: Record) -> Any:
    """Return what two entries of one bill have in common."""
    return record["vendor_id"], record["due_date"], record["currency"], str(record["line_items"])


def posting_key(record: Record) -> Any:
    """Return what two entries of one posting have in common."""
    return record["account_id"], record["date"], record["amount"], record["description"]


def email_key(record: Record) -> Any:
    """Return the e-mail address, which two entries of one customer have in common."""
    return record["email"]
