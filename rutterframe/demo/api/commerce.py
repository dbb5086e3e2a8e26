"""Endpoints that create orders, fulfilments and products, and change products."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rutterframe.demo.api.bodies import FULFILLMENT, ORDER, PRODUCT, PRODUCT_CHANGE, invalid, parse_body
from rutterframe.demo.api.records import position_of
from rutterframe.demo.api.responses import ApiError
from rutterframe.demo.api.service import Call
from rutterframe.demo.books.collection import Collection, Record
from rutterframe.demo.books.company import Shop
from rutterframe.demo.books.tables import Ids
from rutterframe.demo.books.units import minor, moment_text, number


def create_order(call: Call) -> Record:
    """Create an order; its total is the sum of its lines."""
    return write_order(call, parse_body(call.body, ORDER))


def write_order(call: Call, body: dict[str, Any]) -> Record:
    """Write an order from a checked body, as the contract spells it."""
    shop = shop_of(call)
    currency = _currency(body, shop)
    customers = call.service.books.collection(call.connection, "customers")
    if customers.find(body["customer_id"]) is None:
        raise invalid("customer_id", f"no {body['customer_id'][:60]!r} on this connection")
    products = call.service.books.collection(call.connection, "products")
    lines = [
        _line(line, currency, products, f"line_items[{index}]")
        for index, line in enumerate(body["line_items"])
    ]
    total = sum(line["quantity"] * minor(line["unit_price"], currency) for line in lines)
    orders = call.service.books.collection(call.connection, "orders")
    instant = call.service.books.next_instant()
    order = {
        "id": orders.next_id(),
        "customer_id": body["customer_id"],
        "status": "pending",
        "currency": currency,
        "total_price": number(total, currency),
        "line_items": lines,
        "created_at": moment_text(instant),
        "updated_at": moment_text(instant),
    }
    orders.add(order, instant)
    return order


def fulfill_order(call: Call) -> Record:
    """Mark an order as fulfilled, and return its fulfilment."""
    return write_fulfillment(call, parse_body(call.body, FULFILLMENT))


def write_fulfillment(call: Call, body: dict[str, Any]) -> Record:
    """Mark an order as fulfilled, from a checked body."""
    position = position_of(call)
    orders = call.service.books.collection(call.connection, "orders")
    order = orders.record(position)
    if order["status"] == "cancelled":
        raise ApiError(409, "ORDER_CANCELLED", "A cancelled order cannot be fulfilled.")
    instant = call.service.books.next_instant()
    orders.replace(position, {**order, "status": "fulfilled", "updated_at": moment_text(instant)}, instant)
    every_line = [
        {"line_item_id": f"{order['id']}-{index + 1}", "quantity": line["quantity"]}
        for index, line in enumerate(order["line_items"])
    ]
    return {
        "id": Ids("fulfillments", order["id"]).of(instant),
        "order_id": order["id"],
        "status": "success",
        "tracking_number": body.get("tracking_number"),
        "tracking_url": body.get("tracking_url"),
        "carrier": body.get("carrier"),
        "line_items": body.get("line_items", every_line),
        "created_at": moment_text(instant),
    }


def create_product(call: Call) -> Record:
    """Create a product with one variant, as shops do."""
    body = parse_body(call.body, PRODUCT)
    currency = _currency(body, shop_of(call))
    products = call.service.books.collection(call.connection, "products")
    product_id = products.next_id()
    price = number(minor(body["price"], currency), currency) if "price" in body else None
    instant = call.service.books.next_instant()
    product = {
        "id": product_id,
        "title": body["title"],
        "description": body.get("description"),
        "status": "active",
        "price": price,
        "currency": currency,
        "variants": [
            {
                "id": Ids("variants", product_id).of(0),
                "title": "Default",
                "price": price,
                "sku": None,
                "inventory_quantity": 0,
            }
        ],
        "created_at": moment_text(instant),
        "updated_at": moment_text(instant),
    }
    products.add(product, instant)
    return product


def update_product(call: Call) -> Record:
    """Change the fields that the body names."""
    body = parse_body(call.body, PRODUCT_CHANGE)
    position = position_of(call)
    products = call.service.books.collection(call.connection, "products")
    product = products.record(position)
    if "price" in body:
        body["price"] = number(minor(body["price"], product["currency"]), product["currency"])
    instant = call.service.books.next_instant()
    changed = {**product, **body, "updated_at": moment_text(instant)}
    products.replace(position, changed, instant)
    return changed


def shop_of(call: Call) -> Shop:
    """Return the shop of a call.

    Raises
    ------
    ApiError
        400, if the connection is of another kind of platform.
    """
    for shop in call.service.books.business(call.connection).company.shops:
        if shop.connection == call.connection:
            return shop
    raise ApiError(
        400, "UNSUPPORTED_BY_PLATFORM", f"{call.resource}: the platform of this connection keeps none"
    )


def _currency(body: dict[str, Any], shop: Shop) -> str:
    known = [market.currency for market in shop.markets]
    currency = str(body.get("currency", known[0]))
    if currency not in known:
        raise invalid(
            "currency", f"the shop does not sell in {currency[:10]!r}; known are {', '.join(known)}"
        )
    return currency


def _line(line: dict[str, Any], currency: str, products: Collection, path: str) -> Record:
    product = _product(line, products, path)
    variant = _variant(line, product, path)
    price = line.get("unit_price")
    if price is None:
        price = Decimal(str((variant or product or {}).get("price") or 0))
    return {
        "product_id": line.get("product_id"),
        "variant_id": line.get("variant_id"),
        "quantity": line.get("quantity", 1),
        "unit_price": number(minor(price, currency), currency),
    }


def _product(line: dict[str, Any], products: Collection, path: str) -> Record | None:
    product_id = line.get("product_id")
    if product_id is None:
        return None
    position = products.find(product_id)
    if position is None:
        raise invalid(f"{path}.product_id", f"no {product_id[:60]!r} on this connection")
    return products.record(position)


def _variant(line: dict[str, Any], product: Record | None, path: str) -> Record | None:
    variant_id = line.get("variant_id")
    if variant_id is None or product is None:
        return None
    for variant in product["variants"]:
        if variant["id"] == variant_id:
            return dict(variant)
    raise invalid(f"{path}.variant_id", f"no {variant_id[:60]!r} of this product")
