"""Orders and products of a shop, as attributes of a connection."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import pandas as pd

from rutterframe.client.filters import Moment
from rutterframe.client.live_bodies import live_body, plain_fields
from rutterframe.client.records import read_record
from rutterframe.client.resources import RetrievableResource
from rutterframe.client.writing import (
    CreatableResource,
    ResourceWithLines,
    again_with,
    checked_key,
    nothing_to_change,
    only_live,
    read_nothing,
    refuse_live_fields,
    with_body,
    write_method,
)
from rutterframe.models import (
    FulfillmentCreate,
    FulfillmentLineItem,
    Order,
    OrderLineItem,
    Product,
    ProductUpdate,
)
from rutterframe.models.drafts import validate_draft


class Orders(RetrievableResource[Order], ResourceWithLines[Order]):
    """The orders of a connection."""

    def list(  # type: ignore[override]
        self, *, updated_at_min: Moment | None = None, expand: str | None = None, **filters: Moment | None
    ) -> Iterator[Order]:
        """Yield every order.

        Parameters
        ----------
        updated_at_min : datetime, date or str, optional
            Only what changed at or after this moment. Without a zone it is read as UTC, with a warning.
        expand : {"platform_data"}, optional
            Also return the platform's own record: the orders are then `models.ExpandedOrder`. In the contract
            only.
        **filters : datetime, date or str
            Further filters, which only the live dialect has.

        Returns
        -------
        iterator of Order
            Pydantic models with the columns of the frame.

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     orders = client.connection("roaster-shopify").orders
        ...     next(orders.list(updated_at_min="2026-06-01T00:00Z")).currency
        'USD'
        """
        return self._records(self.listings(updated_at_min=updated_at_min, expand=expand, **filters))

    @write_method
    @only_live("customer", "billing_address", "shipping_address", "idempotency_key")
    def create(
        self,
        *,
        line_items: Sequence[OrderLineItem | Mapping[str, Any]],
        customer_id: str | None = None,
        currency: str | None = None,
        customer: Mapping[str, Any] | None = None,
        billing_address: Mapping[str, Any] | None = None,
        shipping_address: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> Order:
        """Write an order to the shop; in the contract the request is sent once, and never repeated by itself.

        The live service takes no ``customer_id`` and no price: it needs ``customer``, ``billing_address``,
        ``currency``, and lines of ``variant_id`` and ``quantity``.

        Parameters
        ----------
        line_items : sequence of OrderLineItem or mapping
            The lines of the order: ``product_id``, ``variant_id``, ``quantity``, ``unit_price``.
        customer_id : str
            The customer who buys; required in the contract.
        currency : str, optional
            The ISO 4217 code; the shop's own when left out.
        customer : mapping, optional
            ``email``, and ``first_name`` and ``last_name`` if known; only in the live dialect, as are the
            following.
        billing_address, shipping_address : mapping, optional
            ``first_name``, ``last_name``, ``address1``, ``address2``, ``city``, ``region``, ``postal_code``,
            ``country_code``, and ``email`` and ``phone`` if known.
        idempotency_key : str, optional
            With the same key and the same fields the order is written once at most.

        Returns
        -------
        Order
            The order as the shop has it, with its id.

        Raises
        ------
        {raises}
        {live}

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     shop = client.connection("roaster-shopify")
        ...     customer = next(shop.customers.list()).id
        ...     order = shop.orders.create(
        ...         customer_id=customer, line_items=[{"quantity": 2, "unit_price": 9.5}]
        ...     )
        >>> order.status, order.total_price
        ('pending', 19.0)
        """
        fields = {"customer_id": customer_id, "line_items": line_items, "currency": currency}
        live = {
            "customer": customer,
            "billing_address": billing_address,
            "shipping_address": shipping_address,
        }
        return self._create(fields, live, idempotency_key)

    @write_method
    def update(self, order_id: str, *, status: str, idempotency_key: str | None = None) -> Order:
        """Change the status of an order of a live shop. The contract has no such call.

        Parameters
        ----------
        order_id : str
            The order.
        status : str
            The new status: active, archived or cancelled.
        idempotency_key : str, optional
            With the same key and status the order is changed once at most.

        Returns
        -------
        Order
            The order as the shop has it now.

        Raises
        ------
        {raises}
        {live}

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo(dialect="live") as client:
        ...     orders = client.connection("roaster-shopify").orders
        ...     orders.update(next(orders.list()).id, status="cancelled").status
        'cancelled'
        """
        return self._update(order_id, {"status": status}, idempotency_key)

    @write_method
    @only_live("idempotency_key")
    def fulfill(
        self,
        order_id: str,
        *,
        tracking_number: str | None = None,
        tracking_url: str | None = None,
        carrier: str | None = None,
        line_items: Sequence[FulfillmentLineItem | Mapping[str, Any]] | None = None,
        idempotency_key: str | None = None,
    ) -> None:
        """Mark an order as shipped; in the contract the request is sent once, and never repeated by itself.

        The live service needs ``carrier``, ``tracking_number`` and ``line_items``.

        Parameters
        ----------
        order_id : str
            The order.
        tracking_number, tracking_url, carrier : str, optional
            The carrier's number of the parcel, the address to follow it, and the carrier.
        line_items : sequence of FulfillmentLineItem or mapping, optional
            The lines that were shipped: ``line_item_id``, ``quantity``; all of them when left out.
        idempotency_key : str, optional
            With the same key and the same fields it is written once at most; only in the live dialect.

        Raises
        ------
        {raises}
        {live}

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     orders = client.connection("roaster-shopify").orders
        ...     order = next(order for order in orders.list() if order.status == "pending")
        ...     orders.fulfill(order.id, carrier="DHL", tracking_number="T-1")
        ...     orders.retrieve(order.id).status
        'fulfilled'
        """
        fields = {
            "tracking_number": tracking_number,
            "tracking_url": tracking_url,
            "carrier": carrier,
            "line_items": line_items,
        }
        session = self._request.session
        request = self._request_of(order_id, step=session.dialect.fulfillments)
        find_out = f"check whether orders.retrieve({order_id!r}).status is 'fulfilled' before you retry."
        if self._is_live:
            from rutterframe.models.live.drafts import LiveFulfillmentCreate  # noqa: PLC0415 - on first use

            key = checked_key(idempotency_key)
            written = validate_draft(LiveFulfillmentCreate, plain_fields("fulfillments", fields))
            body = live_body("orders", written, wrapper="fulfillment")
            request = replace(request, method="POST", body=body, idempotency_key=key)
            find_out = again_with(key)
        else:
            refuse_live_fields(request, {"idempotency_key": idempotency_key})
            request = with_body(request, validate_draft(FulfillmentCreate, fields))
        session.write(request, read=read_nothing, find_out=find_out)


class Products(RetrievableResource[Product], CreatableResource[Product]):
    """The products of a connection."""

    @write_method
    @only_live("sku", "variants", "status", "idempotency_key")
    def create(
        self,
        *,
        title: str,
        description: str | None = None,
        price: float | None = None,
        currency: str | None = None,
        sku: str | None = None,
        variants: Sequence[Mapping[str, Any]] | None = None,
        status: str | None = None,
        idempotency_key: str | None = None,
    ) -> Product:
        """Write a product to the shop; in the contract the request is sent once, and never repeated.

        The live service needs ``description``, and either ``price`` and ``sku``, or ``variants``. It takes no
        ``currency``: prices are in the shop's own.

        Parameters
        ----------
        title : str
            The product's name.
        description : str, optional
            Its text in the shop.
        price : float, optional
            The price of one piece.
        currency : str, optional
            The ISO 4217 code of the price.
        sku : str, optional
            The article number, of a product with one variant; only in the live dialect, as are the following.
        variants : sequence of mapping, optional
            The variants: ``price``, ``sku``, and ``option_values``, which are mappings of ``name`` and
            ``value``.
        status : str, optional
            Its status: active, draft or archived.
        idempotency_key : str, optional
            With the same key and the same fields the product is written once at most.

        Returns
        -------
        Product
            The product as the shop has it, with its id.

        Raises
        ------
        {raises}
        {live}

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     product = client.connection("roaster-shopify").products.create(title="Filter", price=4.5)
        >>> product.title, product.price
        ('Filter', 4.5)
        """
        fields = {"title": title, "description": description, "price": price, "currency": currency}
        return self._create(fields, {"sku": sku, "variants": variants, "status": status}, idempotency_key)

    @write_method
    @only_live("variant_id", "idempotency_key")
    def update(
        self,
        product_id: str,
        *,
        title: str | None = None,
        description: str | None = None,
        price: float | None = None,
        status: str | None = None,
        variant_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Product:
        """Change a product; fields left out stay. In the contract the request is sent once.

        In the live dialect the price is a variant's: it is changed by a request of its own, after that of the
        other fields, and of a product with several variants ``variant_id`` names the one.

        Parameters
        ----------
        product_id : str
            The product.
        title, description : str, optional
            Its new name, and its new text in the shop.
        price : float, optional
            The new price of one piece.
        status : str, optional
            The new status: active, draft or archived.
        variant_id : str, optional
            The variant that has the price; only in the live dialect, as is the following.
        idempotency_key : str, optional
            With the same key and the same fields the product is changed once at most.

        Returns
        -------
        Product
            The product as the shop has it now.

        Raises
        ------
        {raises}
        {live}

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     products = client.connection("roaster-shopify").products
        ...     products.update(next(products.list()).id, price=21.5).price
        21.5
        """
        fields = {"title": title, "description": description, "price": price, "status": status}
        if self._is_live:
            from rutterframe.client.live_products import update_live_product  # noqa: PLC0415 - on first use

            request = self._request_of(product_id)
            return update_live_product(request, product_id, fields, variant_id, checked_key(idempotency_key))
        live = {"variant_id": variant_id, "idempotency_key": idempotency_key}
        refuse_live_fields(self._request, live)
        written = validate_draft(ProductUpdate, fields)
        if not written.model_dump(exclude_none=True):
            raise nothing_to_change()
        model = cast("type[Product]", self._request.session.dialect.record("products"))
        return self._request.session.write(
            with_body(self._request_of(product_id), written, method="PUT"),
            read=lambda body: read_record(model, body, product_id),
            find_out=f"check with products.retrieve({product_id!r}) whether it was changed.",
        )

    def create_many(
        self,
        frame: pd.DataFrame,
        *,
        key: str | None = None,
        dry_run: bool = True,
        resume: pd.DataFrame | BaseException | None = None,
        send_again: Collection[object] = (),
    ) -> pd.DataFrame:
        """Create a product for each row of a frame; by default only check them, and send nothing.

        As `create_many` of invoices, bills and orders, but without lines.

        Parameters
        ----------
        frame : pandas.DataFrame
            One row for each product: the fields of ``create``, and the key.
        key : str, optional
            The column that identifies the product. It is not sent, unless it is a field such as ``title``.
            The frame's index when left out.
        dry_run : bool
            Whether only to check.
        resume : pandas.DataFrame or exception, optional
            An earlier result, or the exception that carries it.
        send_again : collection
            The records of unknown outcome to send again.

        Returns
        -------
        pandas.DataFrame
            One row for each record, with the frame's index and text columns ``connection_id``, ``record``,
            ``status``, ``id``, ``error``, ``idempotency_key``, ``fingerprint``.

        Raises
        ------
        InvalidDraft
            If the frame does not fit: a column is not a field, or a key stands twice.
        RutterframeError
            If nothing more can be sent; its ``partial`` is the result.
        WriteInterrupted
            On Ctrl-C; its ``partial`` is the result.

        Examples
        --------
        >>> import pandas as pd
        >>> import rutterframe as rf
        >>> new = pd.DataFrame({"title": ["Filter", "Kettle"], "price": [4.5, 49.0]})
        >>> with rf.demo() as client:
        ...     products = client.connection("roaster-shopify").products
        ...     products.create_many(new, key="title", dry_run=False)["status"].tolist()
        ['created', 'created']
        """
        return self._create_many(frame, None, key, dry_run=dry_run, resume=resume, send_again=send_again)
