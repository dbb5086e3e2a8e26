"""Translate drafts into bodies of the live service: wrapper, names, dates and words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, SecretStr

from rutterframe.errors import InvalidDraft, Refusal
from rutterframe.models import Draft
from rutterframe.models.drafts import describe_refusal, to_json

#: The wrapper of each resource; only documents of a ledger may be answered at once or later.
_WRAPPERS = {"invoices": "invoice", "bills": "bill", "orders": "order", "products": "product"}
_WITH_MODE = ("invoices", "bills")
_NAMES = {"currency": "currency_code", "title": "name"}
_DATES = ("issue_date", "due_date")
_WORDS = {"voided": "void"}
_ITEM = {"item_id": "id", "quantity": "quantity", "unit_price": "unit_amount"}
_ADDRESSES = ("billing_address", "shipping_address")

#: What the contract takes and live does not, and what to do instead.
_NOT_TAKEN = {
    ("orders", "customer_id"): "is not taken in the live dialect: pass customer={'email': …} instead",
    ("orders", "line_items.unit_price"): "is not taken in the live dialect: the variant has the price",
    ("orders", "line_items.product_id"): "is not taken in the live dialect: variant_id names the product too",
    ("products", "currency"): "is not taken in the live dialect: prices are in the shop's own currency",
}


def plain_fields(resource: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a draft as plain values; records in them, such as LineItem, as mappings.

    Raises
    ------
    InvalidDraft
        If a field of the contract has no place in the live dialect.
    """
    plain = {name: _plain(value) for name, value in fields.items() if value is not None}
    refused = [
        Refusal(None, field, "", reason)
        for (name, field), reason in _NOT_TAKEN.items()
        if name == resource and _has(plain, field)
    ]
    if refused:
        raise InvalidDraft(
            "Nothing was sent: " + "; ".join(map(describe_refusal, refused)),
            refused=tuple(refused),
            hint="leave it out, or correct it, and send it again.",
        )
    return plain


def live_body(
    resource: str, written: Draft, *, wrapper: str = "", more: Mapping[str, str] | None = None
) -> SecretStr:
    """Return the body of a request to the live service.

    Parameters
    ----------
    resource : str
        The resource.
    written : Draft
        What is written.
    wrapper : str, optional
        The key around it; that of the resource when left out.
    more : mapping of str to str, optional
        Further fields.
    """
    values = written.model_dump(mode="json", exclude_none=True)
    inner = {_NAMES.get(name, name): _value(resource, name, value) for name, value in values.items()}
    inner = {**(more or {}), **inner}
    if resource == "products" and "price" in inner and "name" in inner:
        inner["variants"] = [{"price": inner.pop("price"), "sku": inner.pop("sku"), "option_values": []}]
    mode = {"response_mode": "prefer_sync"} if resource in _WITH_MODE and not wrapper else {}
    return SecretStr(to_json({**mode, wrapper or _WRAPPERS[resource]: inner}))


def _value(resource: str, name: str, value: Any) -> Any:
    if name in _DATES:
        return f"{value}T00:00:00.000Z"
    if name == "status":
        return _WORDS.get(value.casefold(), value)
    if name in _ADDRESSES:
        return {"email": None, "phone": None, **value}
    if name == "variants":
        return [{"option_values": [], **variant} for variant in value]
    if name == "line_items" and resource in _WITH_MODE:
        return [_line(line) for line in value]
    return value


def _line(line: dict[str, Any]) -> dict[str, Any]:
    """Return a line of a document: what is sold stands in an object of its own."""
    item = {theirs: line[ours] for ours, theirs in _ITEM.items() if ours in line}
    rest = {name: value for name, value in line.items() if name not in _ITEM}
    return {**rest, "item": item} if item else rest


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(exclude_none=True)
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value


def _has(fields: Mapping[str, Any], path: str) -> bool:
    name, _, inner = path.partition(".")
    value = fields.get(name)
    if not inner:
        return value is not None
    rows = value if isinstance(value, list) else []
    return any(isinstance(row, Mapping) and row.get(inner) is not None for row in rows)
