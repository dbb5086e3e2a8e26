"""Creating and changing orders and products in the live dialect; both dialects show what is written."""

from __future__ import annotations

from typing import Any

from rutterframe.demo.api.bodies import Field, Schema, integer, list_of, number, object_of, one_of, text
from rutterframe.demo.api.commerce import shop_of, write_fulfillment, write_order
from rutterframe.demo.api.responses import ApiError
from rutterframe.demo.api.service import Call
from rutterframe.demo.books.collection import Collection, Record
from rutterframe.demo.books.tables import Ids
from rutterframe.demo.books.units import minor, moment_text
from rutterframe.demo.books.units import number as as_number
from rutterframe.demo.live.service import live
from rutterframe.demo.live.shop import fulfilled_line


def _nullable(value: Any, path: str) -> str | None:
    return None if value is None else text(value, path)


_ADDRESS: Schema = {
    **{
        name: Field(text, required=True)
        for name in (
            "address1",
            "address2",
            "city",
            "country_code",
            "first_name",
            "last_name",
            "postal_code",
            "region",
        )
    },
    "email": Field(_nullable, required=True),
    "phone": Field(_nullable, required=True),
}
_STATUSES = ("active", "archived", "inactive", "draft")
_OPTION: Schema = {"name": Field(text, required=True), "value": Field(text, required=True)}
_INVENTORY: Schema = {"location_id": Field(text), "total_count": Field(integer)}
ORDER: Schema = {
    "currency_code": Field(text, required=True),
    "customer": Field(
        object_of({"email": Field(text, required=True), "first_name": Field(text), "last_name": Field(text)}),
        required=True,
    ),
    "billing_address": Field(object_of(_ADDRESS), required=True),
    "shipping_address": Field(object_of(_ADDRESS)),
    "line_items": Field(
        list_of(
            object_of({"variant_id": Field(text, required=True), "quantity": Field(integer, required=True)})
        ),
        required=True,
    ),
}
ORDER_CHANGE: Schema = {"status": Field(one_of("active", "archived", "cancelled", "unknown"), required=True)}
FULFILLMENT: Schema = {
    "carrier": Field(text, required=True),
    "tracking_number": Field(text, required=True),
    "tracking_url": Field(text),
    "service": Field(text),
    "location_id": Field(text),
    "line_items": Field(
        list_of(object_of({"line_item_id": Field(text, required=True), "quantity": Field(integer)})),
        required=True,
    ),
}
_VARIANT: Schema = {
    "price": Field(number, required=True),
    "sku": Field(text, required=True),
    "option_values": Field(list_of(object_of(_OPTION)), required=True),
    "inventory": Field(object_of(_INVENTORY)),
}
PRODUCT: Schema = {
    "name": Field(text, required=True),
    "description": Field(text, required=True),
    "status": Field(one_of(*_STATUSES)),
    "tags": Field(list_of(text)),
    "variants": Field(list_of(object_of(_VARIANT)), required=True),
}
PRODUCT_CHANGE: Schema = {
    "name": Field(text),
    "description": Field(text),
    "status": Field(one_of(*_STATUSES)),
}
VARIANT_CHANGE: Schema = {
    "id": Field(text, required=True),
    "price": Field(number),
    "sku": Field(text),
    "option_values": Field(list_of(object_of(_OPTION))),
    "inventory": Field(object_of(_INVENTORY)),
}


def create_order(call: Call, fields: dict[str, Any]) -> Record:
    """Create an order; a customer of an unknown e-mail address is created with it."""
    products = _collection(call, "products")
    lines = [_order_line(products, line, index) for index, line in enumerate(fields["line_items"])]
    body = {
        "customer_id": _customer(call, fields["customer"]),
        "currency": fields["currency_code"],
        "line_items": lines,
    }
    return {"order": _live_record(call, write_order(call, body)["id"])}


def update_order(call: Call, fields: dict[str, Any]) -> Record:
    """Change the status of an order: of these only a cancellation shows in the contract."""
    collection, position = _collection(call, "orders"), _position(call)
    if fields["status"] == "cancelled":
        _replace(call, collection, position, {"status": "cancelled"})
    return {
        "order": _live_record(call, call.path["id"]),
        "connection": live(call).envelope(call.connection),
    }


def fulfill_order(call: Call, fields: dict[str, Any]) -> Record:
    """Fulfil an order."""
    _position(call)
    order = _live_record(call, call.path["id"])
    lines = {line["id"]: line for line in order["line_items"]}
    for index, line in enumerate(fields["line_items"]):
        if line["line_item_id"] not in lines:
            raise _invalid(f"line_items[{index}].line_item_id", "no such line in this order")
    contract = {name: fields[name] for name in ("carrier", "tracking_number", "line_items")}
    fulfilment = write_fulfillment(call, contract)
    names = ("carrier", "service", "tracking_number", "tracking_url")
    stored = {name: fields.get(name) for name in names}
    live(call).books.live_fields[order["id"]] = stored
    sent = [
        {**fulfilled_line(lines[line["line_item_id"]]), "quantity": line["quantity"]}
        if "quantity" in line
        else fulfilled_line(lines[line["line_item_id"]])
        for line in fields["line_items"]
    ]
    return {
        "fulfillment": {"id": fulfilment["id"], "order_id": order["id"], **stored, "line_items": sent},
        "connection": live(call).envelope(call.connection),
    }


def create_product(call: Call, fields: dict[str, Any]) -> Record:
    """Create a product in the shop's main currency."""
    currency = shop_of(call).markets[0].currency
    products = _collection(call, "products")
    if not fields["variants"]:
        raise _invalid("variants", "must not be empty")
    product_id, instant = products.next_id(), call.service.books.next_instant()
    ids = Ids("variants", product_id)
    variants = [
        {
            "id": ids.of(index),
            "title": _title(variant["option_values"]),
            "price": as_number(minor(variant["price"], currency), currency),
            "sku": variant["sku"],
            "inventory_quantity": variant.get("inventory", {}).get("total_count", 0),
        }
        for index, variant in enumerate(fields["variants"])
    ]
    product = {
        "id": product_id,
        "title": fields["name"],
        "description": fields["description"],
        "status": fields.get("status", "active"),
        "price": variants[0]["price"],
        "currency": currency,
        "variants": variants,
        "created_at": moment_text(instant),
        "updated_at": moment_text(instant),
    }
    products.add(product, instant)
    call.service.books.live_fields[product_id] = {"tags": fields.get("tags", [])}
    return {"product": _live_record(call, product_id)}


def update_product(call: Call, fields: dict[str, Any]) -> Record:
    """Change name, description or status of a product."""
    contract = {"title" if name == "name" else name: value for name, value in fields.items()}
    _replace(call, _collection(call, "products"), _position(call), contract)
    return {"product": _live_record(call, call.path["id"])}


def update_variant(call: Call, fields: dict[str, Any]) -> Record:
    """Change price, stock or options of a variant."""
    collection, position = _collection(call, "products"), _position(call)
    product = collection.record(position)
    variant_id = call.path["variantId"]
    if variant_id not in {variant["id"] for variant in product["variants"]} or fields["id"] != variant_id:
        raise ApiError(410, "OBJECT_NOT_FOUND", f"variant: no {variant_id[:60]!r} of this product")
    changes: dict[str, Any] = {}
    if "price" in fields:
        changes["price"] = as_number(minor(fields["price"], product["currency"]), product["currency"])
    if "sku" in fields:
        changes["sku"] = fields["sku"]
    if "option_values" in fields:
        changes["title"] = _title(fields["option_values"])
    if "total_count" in fields.get("inventory", {}):
        changes["inventory_quantity"] = fields["inventory"]["total_count"]
    variants = [
        {**variant, **changes} if variant["id"] == variant_id else variant for variant in product["variants"]
    ]
    _replace(call, collection, position, {"variants": variants, "price": variants[0]["price"]})
    changed = _live_record(call, call.path["id"])["variants"]
    return {"variant": next(variant for variant in changed if variant["id"] == variant_id)}


def _collection(call: Call, resource: str) -> Collection:
    shop_of(call)  # refuses other platforms
    return call.service.books.collection(call.connection, resource)


def _position(call: Call) -> int:
    position = _collection(call, call.resource).find(call.path["id"])
    if position is None:
        raise ApiError(410, "OBJECT_NOT_FOUND", f"{call.resource}: no {call.path['id'][:60]!r} here")
    return position


def _live_record(call: Call, record_id: str) -> Record:
    listed = live(call).live_books.list(call.connection, call.resource)
    key = listed.find(record_id)
    if key is None:
        raise KeyError(record_id)
    return listed.record(key)


def _replace(call: Call, collection: Collection, position: int, changes: dict[str, Any]) -> None:
    instant = call.service.books.next_instant()
    record = collection.record(position)
    collection.replace(position, {**record, **changes, "updated_at": moment_text(instant)}, instant)


def _order_line(products: Collection, line: dict[str, Any], index: int) -> Record:
    for product in products:
        if line["variant_id"] in {variant["id"] for variant in product["variants"]}:
            return {**line, "product_id": product["id"]}
    raise _invalid(f"line_items[{index}].variant_id", f"no {line['variant_id'][:60]!r} in this shop")


def _customer(call: Call, fields: dict[str, Any]) -> str:
    customers = _collection(call, "customers")
    for customer in customers:
        if customer["email"] == fields["email"]:
            return str(customer["id"])
    instant = call.service.books.next_instant()
    names = (fields.get("first_name"), fields.get("last_name"))
    record = {
        "id": customers.next_id(),
        "name": " ".join(filter(None, names)) or fields["email"],
        "email": fields["email"],
        "phone": None,
        "created_at": moment_text(instant),
    }
    customers.add(record, instant)
    return str(record["id"])


def _title(options: list[dict[str, str]]) -> str:
    return " / ".join(option["value"] for option in options) or "Default"


def _invalid(path: str, reason: str) -> ApiError:
    return ApiError(400, "INVALID_BODY", f"{path}: {reason}")
