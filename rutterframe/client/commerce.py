"""Orders and products of a shop, as attributes of a connection."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from rutterframe.client.filters import Moment
from rutterframe.client.records import read_record
from rutterframe.client.resources import RetrievableResource
from rutterframe.client.writing import (
    CreatableResource,
    ResourceWithLines,
    read_nothing,
    with_body,
    write_method,
)
from rutterframe.errors import InvalidDraft
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
        filters
            Further filters, which only the live dialect has.
        """
        return self._records(self.listings(updated_at_min=updated_at_min, expand=expand, **filters))

    @write_method
    def create(
        self,
        *,
        customer_id: str,
        line_items: Sequence[OrderLineItem | Mapping[str, Any]],
        currency: str | None = None,
    ) -> Order:
        """Write an order to the shop; the request is sent once, and never repeated by itself.

        Parameters
        ----------
        customer_id : str
            The customer who buys.
        line_items : sequence of OrderLineItem or mapping
            The lines of the order: ``product_id``, ``variant_id``, ``quantity``, ``unit_price``.
        currency : str, optional
            The ISO 4217 code; the shop's own when left out.

        Raises
        ------
        {raises}

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
        return self._create({"customer_id": customer_id, "line_items": line_items, "currency": currency})

    @write_method
    def fulfill(
        self,
        order_id: str,
        *,
        tracking_number: str | None = None,
        tracking_url: str | None = None,
        carrier: str | None = None,
        line_items: Sequence[FulfillmentLineItem | Mapping[str, Any]] | None = None,
    ) -> None:
        """Mark an order as shipped; the request is sent once, and never repeated by itself.

        Parameters
        ----------
        order_id : str
            The order.
        tracking_number, tracking_url, carrier : str, optional
            The carrier's number of the parcel, the address to follow it, and the carrier.
        line_items : sequence of FulfillmentLineItem or mapping, optional
            The lines that were shipped: ``line_item_id``, ``quantity``; all of them when left out.

        Raises
        ------
        {raises}

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
        session.write(
            with_body(request, validate_draft(FulfillmentCreate, fields)),
            read=read_nothing,
            find_out=f"check whether orders.retrieve({order_id!r}).status is 'fulfilled' before you retry.",
        )


class Products(RetrievableResource[Product], CreatableResource[Product]):
    """The products of a connection."""

    @write_method
    def create(
        self,
        *,
        title: str,
        description: str | None = None,
        price: float | None = None,
        currency: str | None = None,
    ) -> Product:
        """Write a product to the shop; the request is sent once, and never repeated by itself.

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

        Raises
        ------
        {raises}

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     product = client.connection("roaster-shopify").products.create(title="Filter", price=4.5)
        >>> product.title, product.price
        ('Filter', 4.5)
        """
        fields = {"title": title, "description": description, "price": price, "currency": currency}
        return self._create(fields)

    @write_method
    def update(
        self,
        product_id: str,
        *,
        title: str | None = None,
        description: str | None = None,
        price: float | None = None,
        status: str | None = None,
    ) -> Product:
        """Change a product; fields left out stay. The request is sent once, and never repeated by itself.

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

        Raises
        ------
        {raises}

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     products = client.connection("roaster-shopify").products
        ...     products.update(next(products.list()).id, price=21.5).price
        21.5
        """
        fields = {"title": title, "description": description, "price": price, "status": status}
        written = validate_draft(ProductUpdate, fields)
        if not written.model_dump(exclude_none=True):
            raise InvalidDraft(
                "Nothing was sent: there is nothing to change", hint="pass at least one field."
            )
        return self._request.session.write(
            with_body(self._request_of(product_id), written, method="PUT"),
            read=lambda body: read_record(Product, body, product_id),
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
