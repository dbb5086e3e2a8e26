"""What a request's body may hold: shapes as data, and refusals that name the field."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple, NoReturn
from urllib.parse import urlsplit

from rutterframe.demo.api.responses import ApiError
from rutterframe.demo.books.units import parse_day

# Larger amounts are typing errors, and could not be told from each other as JSON numbers.
_LIMIT = 10**12


class Field(NamedTuple):
    """A field of a body."""

    check: Callable[[Any, str], Any]
    required: bool = False


Shape = dict[str, Field]


def invalid(where: str, reason: str) -> ApiError:
    """Return the refusal of a field."""
    return ApiError(422, "INVALID_BODY", f"{where}: {reason}")


def parse_body(body: bytes, shape: Shape) -> dict[str, Any]:
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
    checked = record_of(shape)(value, "body")
    return dict(checked)


def text(value: Any, where: str) -> str:
    """Accept a text."""
    if not isinstance(value, str):
        raise invalid(where, f"must be text, not {_shown(value)}")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise invalid(where, "holds half of a surrogate pair") from error
    return value


def number(value: Any, where: str) -> Decimal:
    """Accept a number."""
    if not isinstance(value, int | Decimal) or isinstance(value, bool):
        raise invalid(where, f"must be a number, not {_shown(value)}")
    amount = Decimal(value)
    if abs(amount) >= _LIMIT:
        raise invalid(where, f"must be below {_LIMIT:,}")
    return amount


def integer(value: Any, where: str) -> int:
    """Accept a whole number; 3.0 is one."""
    amount = number(value, where)
    if amount != amount.to_integral_value():
        raise invalid(where, f"must be a whole number, not {_shown(value)}")
    return int(amount)


def date(value: Any, where: str) -> str:
    """Accept a day, YYYY-MM-DD."""
    try:
        parse_day(text(value, where))
    except ValueError as error:
        raise invalid(where, f"must be a date YYYY-MM-DD, not {_shown(value)}") from error
    return str(value)


def uri(value: Any, where: str) -> str:
    """Accept an absolute address of the web."""
    try:
        parts = urlsplit(text(value, where))
    except ValueError as error:
        raise invalid(where, "must be a URI") from error
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise invalid(where, "must be an http or https URI")
    return str(value)


def one_of(*words: str) -> Callable[[Any, str], str]:
    """Return the check for one of some words."""

    def check(value: Any, where: str) -> str:
        if text(value, where) not in words:
            raise invalid(where, f"must be one of {', '.join(words)}, not {_shown(value)}")
        return str(value)

    return check


def list_of(item: Callable[[Any, str], Any]) -> Callable[[Any, str], list[Any]]:
    """Return the check for a list."""

    def check(value: Any, where: str) -> list[Any]:
        if not isinstance(value, list):
            raise invalid(where, f"must be a list, not {_shown(value)}")
        return [item(element, f"{where}[{place}]") for place, element in enumerate(value)]

    return check


def record_of(shape: Shape) -> Callable[[Any, str], dict[str, Any]]:
    """Return the check for an object."""

    def check(value: Any, where: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise invalid(where, f"must be an object, not {_shown(value)}")
        prefix = "" if where == "body" else f"{where}."
        for key in value:
            if key not in shape:
                raise invalid(f"{prefix}{text(key, where)}", f"unknown field; known are {', '.join(shape)}")
        for key, field in shape.items():
            if field.required and key not in value:
                raise invalid(f"{prefix}{key}", "is missing")
        return {key: shape[key].check(element, f"{prefix}{key}") for key, element in value.items()}

    return check


def _shown(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    shown = f"{value!s:.40}".encode(errors="replace").decode()
    return f"'{shown}'" if isinstance(value, str) else shown


def _no_constant(word: str) -> NoReturn:
    raise ValueError(word)


_LINE: Shape = {
    "description": Field(text),
    "quantity": Field(number),
    "unit_price": Field(number),
    "total_amount": Field(number),
}
_ORDER_LINE: Shape = {
    "product_id": Field(text),
    "variant_id": Field(text),
    "quantity": Field(integer),
    "unit_price": Field(number),
}


def _document(party: str) -> Shape:
    return {
        party: Field(text, required=True),
        "currency": Field(text),
        "due_date": Field(date),
        "line_items": Field(list_of(record_of(_LINE)), required=True),
    }


INVOICE = _document("customer_id")
BILL = _document("vendor_id")
ORDER: Shape = {
    "customer_id": Field(text, required=True),
    "currency": Field(text),
    "line_items": Field(list_of(record_of(_ORDER_LINE)), required=True),
}
FULFILLMENT: Shape = {
    "tracking_number": Field(text),
    "tracking_url": Field(text),
    "carrier": Field(text),
    "line_items": Field(list_of(record_of({"line_item_id": Field(text), "quantity": Field(integer)}))),
}
PRODUCT: Shape = {
    "title": Field(text, required=True),
    "description": Field(text),
    "price": Field(number),
    "currency": Field(text),
}
PRODUCT_CHANGE: Shape = {
    "title": Field(text),
    "description": Field(text),
    "price": Field(number),
    "status": Field(one_of("active", "draft", "archived")),
}
TOKEN: Shape = {"public_token": Field(text, required=True)}
EVENTS = (
    "connection.created",
    "connection.updated",
    "order.created",
    "order.updated",
    "product.created",
    "product.updated",
)
WEBHOOK: Shape = {"url": Field(uri, required=True), "events": Field(list_of(one_of(*EVENTS)), required=True)}
