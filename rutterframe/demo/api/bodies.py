"""Schemas of request bodies, and validation errors that name the field."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn
from urllib.parse import urlsplit

from rutterframe.demo.api.responses import ApiError
from rutterframe.demo.books.units import parse_day

# Larger amounts are typing errors, and JSON numbers of them would not be exact.
_LIMIT = 10**12


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a body: the check that returns its value or raises an error with its path."""

    check: Callable[[Any, str], Any]
    required: bool = False


Schema = dict[str, Field]


def invalid(path: str, reason: str) -> ApiError:
    """Return the error of an invalid field."""
    return ApiError(422, "INVALID_BODY", f"{path}: {reason}")


def parse_body(body: bytes, schema: Schema) -> dict[str, Any]:
    """Return the checked body of a request.

    Raises
    ------
    ApiError
        422, with the field and the reason.
    """
    try:
        value = json.loads(body, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise ApiError(422, "MALFORMED_BODY", "body: not JSON") from error
    checked = object_of(schema)(value, "body")
    return dict(checked)


def text(value: Any, path: str) -> str:
    """Check a text."""
    if not isinstance(value, str):
        raise invalid(path, f"must be text, not {_excerpt(value)}")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise invalid(path, "holds half of a surrogate pair") from error
    return value


def number(value: Any, path: str) -> Decimal:
    """Check a number."""
    if not isinstance(value, int | Decimal) or isinstance(value, bool):
        raise invalid(path, f"must be a number, not {_excerpt(value)}")
    amount = Decimal(value)
    if abs(amount) >= _LIMIT:
        raise invalid(path, f"must be below {_LIMIT:,}")
    return amount


def integer(value: Any, path: str) -> int:
    """Check a whole number; 3.0 is one."""
    amount = number(value, path)
    if amount != amount.to_integral_value():
        raise invalid(path, f"must be a whole number, not {_excerpt(value)}")
    return int(amount)


def date(value: Any, path: str) -> str:
    """Check a date, YYYY-MM-DD."""
    try:
        parse_day(text(value, path))
    except ValueError as error:
        raise invalid(path, f"must be a date YYYY-MM-DD, not {_excerpt(value)}") from error
    return str(value)


def uri(value: Any, path: str) -> str:
    """Check an absolute http or https address."""
    try:
        parts = urlsplit(text(value, path))
    except ValueError as error:
        raise invalid(path, "must be a URI") from error
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise invalid(path, "must be an http or https URI")
    return str(value)


def one_of(*words: str) -> Callable[[Any, str], str]:
    """Return the check for one of some words."""

    def check(value: Any, path: str) -> str:
        if text(value, path) not in words:
            raise invalid(path, f"must be one of {', '.join(words)}, not {_excerpt(value)}")
        return str(value)

    return check


def list_of(item: Callable[[Any, str], Any]) -> Callable[[Any, str], list[Any]]:
    """Return the check for a list."""

    def check(value: Any, path: str) -> list[Any]:
        if not isinstance(value, list):
            raise invalid(path, f"must be a list, not {_excerpt(value)}")
        return [item(element, f"{path}[{index}]") for index, element in enumerate(value)]

    return check


def object_of(schema: Schema) -> Callable[[Any, str], dict[str, Any]]:
    """Return the check for an object."""

    def check(value: Any, path: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise invalid(path, f"must be an object, not {_excerpt(value)}")
        prefix = "" if path == "body" else f"{path}."
        for key in value:
            if key not in schema:
                raise invalid(f"{prefix}{text(key, path)}", f"unknown field; known are {', '.join(schema)}")
        for key, field in schema.items():
            if field.required and key not in value:
                raise invalid(f"{prefix}{key}", "is missing")
        return {key: schema[key].check(element, f"{prefix}{key}") for key, element in value.items()}

    return check


def _excerpt(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    excerpt = f"{value!s:.40}".encode(errors="replace").decode()
    return f"'{excerpt}'" if isinstance(value, str) else excerpt


def _no_constant(word: str) -> NoReturn:
    raise ValueError(word)


_LINE: Schema = {
    "description": Field(text),
    "quantity": Field(number),
    "unit_price": Field(number),
    "total_amount": Field(number),
}
_ORDER_LINE: Schema = {
    "product_id": Field(text),
    "variant_id": Field(text),
    "quantity": Field(integer),
    "unit_price": Field(number),
}


def _document(counterparty: str) -> Schema:
    return {
        counterparty: Field(text, required=True),
        "currency": Field(text),
        "due_date": Field(date),
        "line_items": Field(list_of(object_of(_LINE)), required=True),
    }


INVOICE = _document("customer_id")
BILL = _document("vendor_id")
ORDER: Schema = {
    "customer_id": Field(text, required=True),
    "currency": Field(text),
    "line_items": Field(list_of(object_of(_ORDER_LINE)), required=True),
}
FULFILLMENT: Schema = {
    "tracking_number": Field(text),
    "tracking_url": Field(text),
    "carrier": Field(text),
    "line_items": Field(list_of(object_of({"line_item_id": Field(text), "quantity": Field(integer)}))),
}
PRODUCT: Schema = {
    "title": Field(text, required=True),
    "description": Field(text),
    "price": Field(number),
    "currency": Field(text),
}
PRODUCT_CHANGE: Schema = {
    "title": Field(text),
    "description": Field(text),
    "price": Field(number),
    "status": Field(one_of("active", "draft", "archived")),
}
TOKEN: Schema = {"public_token": Field(text, required=True)}
EVENTS = (
    "connection.created",
    "connection.updated",
    "order.created",
    "order.updated",
    "product.created",
    "product.updated",
)
WEBHOOK: Schema = {"url": Field(uri, required=True), "events": Field(list_of(one_of(*EVENTS)), required=True)}
