"""Change a product of a live shop: its texts by one request, its price, which is a variant's, by another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from rutterframe.client.live_bodies import live_body
from rutterframe.client.records import map_row, read_object
from rutterframe.client.request import RequestSpec
from rutterframe.client.writing import again_with, nothing_to_change
from rutterframe.errors import InvalidDraft, InvalidResponse, RutterframeError
from rutterframe.models import Product
from rutterframe.models.drafts import validate_draft
from rutterframe.models.live.drafts import LiveProductUpdate, LiveVariantUpdate

_PRODUCT, _VARIANT = "product", "variant"
_MAX_IDS = 5


def update_live_product(
    request: RequestSpec, product_id: str, fields: Mapping[str, Any], variant_id: str | None, key: str
) -> Product:
    """Change a product, and return it as it is then.

    Parameters
    ----------
    request : RequestSpec
        The request of the product.
    product_id : str
        The product.
    fields : mapping
        Its new title, description, price and status; None stays as it is.
    variant_id : str or None
        The variant that has the price; the only one when left out.
    key : str
        The Idempotency-Key.

    Raises
    ------
    InvalidDraft
        If there is nothing to change, or it is not clear which variant has the price.
    OutcomeUnknown, APIError, TransportError
        If it was not changed, or may not have been; the hint says what was changed before.
    """
    texts = {name: value for name, value in fields.items() if name != "price"}
    written = validate_draft(LiveProductUpdate, texts)
    changes = bool(written.model_dump(exclude_none=True))
    if fields["price"] is None:
        if variant_id is not None:
            raise InvalidDraft("Nothing was sent: variant_id is for the price", hint="pass price=, too.")
        if not changes:
            raise nothing_to_change()
        return _record(request, product_id, _send(request, live_body("products", written), _PRODUCT, key))
    price = validate_draft(LiveVariantUpdate, {"price": fields["price"]})
    session = request.session
    product = session.get(request, read=lambda body: read_object(body, _PRODUCT))
    variant = _variant_of(product, variant_id)
    if changes:
        product = _send(request, live_body("products", written), _PRODUCT, key)
    of_variant = replace(request, path=f"{request.path}/variants/{quote(variant, safe='')}")
    body = live_body("products", price, wrapper=_VARIANT, more={"id": variant})
    try:
        changed = _send(of_variant, body, _VARIANT, f"{key}-price" if changes else key)
    except RutterframeError as error:
        if changes:
            error.hint = f"the other fields were changed, the price was not: {error.hint}"
        raise
    variants = [changed if row.get("id") == variant else row for row in _rows(product)]
    return _record(request, product_id, {**product, "variants": variants})


def _send(request: RequestSpec, body: Any, wrapper: str, key: str) -> dict[str, Any]:
    """Send a change, and return what stands in the response."""
    request = replace(request, method="PATCH", body=body, idempotency_key=key)
    return request.session.write(
        request, read=lambda content: read_object(content, wrapper), find_out=again_with(key)
    )


def _record(request: RequestSpec, product_id: str, product: dict[str, Any]) -> Product:
    if product.get("id") != product_id:
        raise InvalidResponse(
            f"The product {product_id!r} was changed, but the response is another", transient=False
        )
    record: Product = map_row(request, product)
    return record


def _rows(product: dict[str, Any]) -> list[dict[str, Any]]:
    rows = product.get("variants")
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _variant_of(product: dict[str, Any], variant_id: str | None) -> str:
    """Return the id of the variant that has the price.

    Raises
    ------
    InvalidDraft
        If there is no such variant, or several and none was named.
    """
    ids: list[str] = [row["id"] for row in _rows(product) if isinstance(row.get("id"), str)]
    if variant_id is not None and variant_id in ids:
        return variant_id
    if variant_id is None and len(ids) == 1:
        return ids[0]
    listed = ", ".join(ids[:_MAX_IDS]) + (" …" if len(ids) > _MAX_IDS else "")
    problem = (
        f"the product has {len(ids)} variants, and each has a price"
        if variant_id is None
        else f"the product has no variant {variant_id!r}"
    )
    raise InvalidDraft(
        f"Nothing was sent: {problem}",
        hint=f"pass variant_id=, one of {listed or 'none: it has no variants'}.",
    )
