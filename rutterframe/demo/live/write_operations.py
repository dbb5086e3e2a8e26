"""The operations of the live dialect that write, as data."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rutterframe.demo.api.operations import Operation
from rutterframe.demo.api.responses import ApiError
from rutterframe.demo.api.service import Call
from rutterframe.demo.books.collection import Record
from rutterframe.demo.live.document_writes import create_document, document_schema, update_document
from rutterframe.demo.live.requests import write
from rutterframe.demo.live.service import live, open_connection
from rutterframe.demo.live.shop_writes import (
    FULFILLMENT,
    ORDER,
    ORDER_CHANGE,
    PRODUCT,
    PRODUCT_CHANGE,
    VARIANT_CHANGE,
    create_order,
    create_product,
    fulfill_order,
    update_order,
    update_product,
    update_variant,
)

_TOKEN = ("access_token",)


def _on(kind: str, endpoint: Callable[[Call], Record]) -> Callable[[Call], Record]:
    """Return an endpoint that refuses connections of other kinds of platform."""

    def checked(call: Call) -> Record:
        if live(call).live_books.kind(call.connection) != kind:
            raise ApiError(
                404, "ENDPOINT_NOT_SUPPORTED", f"{call.resource}: the platform has no such objects"
            )
        return endpoint(call)

    return checked


def _documents() -> Iterator[Operation]:
    for resource, key in (("invoices", "invoice"), ("bills", "bill")):
        path = f"/accounting/{resource}"
        create = write(key, document_schema(resource, creates=True), create_document, modes=True)
        update = write(key, document_schema(resource, creates=False), update_document, modes=True)
        for method, route, endpoint in (("POST", path, create), ("PATCH", f"{path}/{{id}}", update)):
            yield Operation(
                f"{method} {route}",
                method,
                route,
                resource,
                "write",
                _TOKEN,
                _on("ledger", endpoint),
                opens=open_connection,
            )


def _shop(method: str, path: str, resource: str, endpoint: Callable[[Call], Record]) -> Operation:
    return Operation(
        f"{method} {path}",
        method,
        path,
        resource,
        "write",
        _TOKEN,
        _on("shop", endpoint),
        opens=open_connection,
    )


WRITES = (
    *_documents(),
    _shop("POST", "/orders", "orders", write("order", ORDER, create_order)),
    _shop("PATCH", "/orders/{id}", "orders", write("order", ORDER_CHANGE, update_order)),
    _shop("POST", "/orders/{id}/fulfillments", "orders", write("fulfillment", FULFILLMENT, fulfill_order)),
    _shop("POST", "/products", "products", write("product", PRODUCT, create_product)),
    _shop("PATCH", "/products/{id}", "products", write("product", PRODUCT_CHANGE, update_product)),
    _shop(
        "PATCH",
        "/products/{id}/variants/{variantId}",
        "products",
        write("variant", VARIANT_CHANGE, update_variant),
    ),
)
