"""Loaders for the shop: orders, products and customers."""

from __future__ import annotations

import pandas as pd

from rutterframe.client import Moment
from rutterframe.frames import OnInvalid
from rutterframe.loaders.docstrings import complete_docstring
from rutterframe.loaders.job import load
from rutterframe.loaders.not_offered import NotOffered
from rutterframe.loaders.options import Connections, OnError, Options


@complete_docstring
def load_orders(
    connections: Connections,
    *,
    updated_at_min: Moment | None = None,
    expand: str | None = None,
    on_invalid: OnInvalid = "raise",
    on_error: OnError = "raise",
    not_offered: NotOffered = (),
    progress: bool | None = None,
) -> pd.DataFrame:
    """Load the orders of one connection or many: every page, or an error.

    Parameters
    ----------
    {parameters}

    Returns
    -------
    pandas.DataFrame
        One row for each order, with a RangeIndex.

        =============  ===================  ==================================================================
        name           dtype                meaning
        =============  ===================  ==================================================================
        connection_id  str                  the connection it was loaded from; never null
        id             str                  identifies the order
        customer_id    str                  who bought; null for a guest
        status         str                  where the order stands; cancelled orders are not revenue (pending,
                                            processing, fulfilled, cancelled)
        currency       str                  the currency of every amount of the order
        total_price    float64              what the customer pays: lines + shipping + tax - discounts
        line_items     list<struct>         what was sold, line by line
        created_at     datetime64[us, UTC]  when the order was placed
        updated_at     datetime64[us, UTC]  when the order last changed
        =============  ===================  ==================================================================

        Amounts are in major units of ``currency`` (dollars, not cents). ``rf.line_items(frame)`` gives
        ``line_items`` as a frame of its own.

        {frame}

    Raises
    ------
    {raises}

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     frame = rf.load_orders(client.connection("roaster-shopify"), progress=False)
    >>> frame.attrs["receipt"]["complete"]
    True
    """
    return load(
        "orders",
        connections,
        Options(on_invalid, on_error, progress, not_offered),
        updated_at_min=updated_at_min,
        expand=expand,
    )


@complete_docstring
def load_products(
    connections: Connections,
    *,
    on_invalid: OnInvalid = "raise",
    on_error: OnError = "raise",
    not_offered: NotOffered = (),
    progress: bool | None = None,
) -> pd.DataFrame:
    """Load the products of one connection or many: every page, or an error.

    Parameters
    ----------
    {parameters}

    Returns
    -------
    pandas.DataFrame
        One row for each product, with a RangeIndex.

        =============  ===================  ==================================================================
        name           dtype                meaning
        =============  ===================  ==================================================================
        connection_id  str                  the connection it was loaded from; never null
        id             str                  identifies the product
        title          str                  the product's name
        description    str                  the product's text in the shop
        status         str                  whether the product is on sale (active, draft, archived)
        price          float64              price of one piece
        currency       str                  the currency of the prices
        variants       list<struct>         the variants that can be ordered
        created_at     datetime64[us, UTC]  when the product was created
        updated_at     datetime64[us, UTC]  when the product last changed
        =============  ===================  ==================================================================

        Amounts are in major units of ``currency`` (dollars, not cents). ``rf.variants(frame)`` gives
        ``variants`` as a frame of its own.

        {frame}

    Raises
    ------
    {raises}

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     frame = rf.load_products(client.connection("roaster-shopify"), progress=False)
    >>> frame.attrs["receipt"]["complete"]
    True
    """
    return load("products", connections, Options(on_invalid, on_error, progress, not_offered))


@complete_docstring
def load_customers(
    connections: Connections,
    *,
    on_invalid: OnInvalid = "raise",
    on_error: OnError = "raise",
    not_offered: NotOffered = (),
    progress: bool | None = None,
) -> pd.DataFrame:
    """Load the customers of one connection or many: every page, or an error.

    Parameters
    ----------
    {parameters}

    Returns
    -------
    pandas.DataFrame
        One row for each customer, with a RangeIndex.

        =============  ===================  ==================================================================
        name           dtype                meaning
        =============  ===================  ==================================================================
        connection_id  str                  the connection it was loaded from; never null
        id             str                  identifies the customer
        name           str                  the customer's name
        email          str                  the customer's e-mail address
        phone          str                  the customer's telephone number, as the platform writes it
        created_at     datetime64[us, UTC]  when the customer was first seen
        =============  ===================  ==================================================================

        {frame}

    Raises
    ------
    {raises}

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     frame = rf.load_customers(client.connection("roaster-shopify"), progress=False)
    >>> frame.attrs["receipt"]["complete"]
    True
    """
    return load("customers", connections, Options(on_invalid, on_error, progress, not_offered))
