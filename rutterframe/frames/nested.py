"""Tidy child frames of nested lists: one row per line, with the id of its document or product."""

# pyarrow.compute creates its functions at run time, so that pyright does not know them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Collection
from typing import Any, overload

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from rutterframe.frames import nested_engines
from rutterframe.frames.assemble import dtype_of
from rutterframe.frames.deleted_rows import DELETED, check_folder_names, leave_out_deleted
from rutterframe.frames.nested_arrow import line_numbers
from rutterframe.frames.schema import TEXT, frame_schema
from rutterframe.models import LineItem, OrderLineItem, ProductVariant, Record
from rutterframe.notebook.escape import printable_names

#: The columns that only frames of the live dialect have.
_LIVE_COLUMNS = frozenset({"issue_date", "payment_status", "category_id"})
#: The records of the contract's nested rows, which have more fields in the live dialect.
_WITH_LIVE_RECORDS = frozenset({"LineItem", "OrderLineItem", "ProductVariant"})
#: The nested rows that only the live dialect has: their record, and the name of the id of what they are in.
_LIVE_ROWS = {
    "payments": ("DocumentPayment", "invoice_id"),
    "refunds": ("OrderRefund", "order_id"),
    "documents": ("AppliedAmount", "payment_id"),
    "items": ("StatementItem", "statement_id"),
}
#: The nested columns of all frames.
NESTED = ("line_items", "variants", *_LIVE_ROWS)


@overload
def line_items(frame: pd.DataFrame) -> pd.DataFrame: ...
@overload
def line_items(frame: Any) -> Any: ...
def line_items(frame: Any) -> Any:
    """Return the lines of invoices, bills or orders, one row each.

    Parameters
    ----------
    frame : DataFrame
        Documents as `load_invoices`, `load_bills` or `load_orders` return them, or some of their rows; also
        a frame of Polars (eager or lazy), PyArrow, DuckDB or PySpark of a dataset's files. The result is of
        the same engine, and of a lazy one nothing is read.

    Returns
    -------
    DataFrame
        In the order of the documents and of their lines, with a RangeIndex. A document without lines has no
        row here. First three columns, then the fields of the line:

        ==============  =======  ====================================================
        name            dtype    meaning
        ==============  =======  ====================================================
        connection_id   str      the document's connection
        invoice_id      str      the document; ``bill_id`` or ``order_id`` for those
        line_number     Int64    1 for the document's first line
        ==============  =======  ====================================================

        Lines of invoices and bills have ``description`` (str), ``quantity``, ``unit_price`` and
        ``total_amount`` (float64); lines of orders have ``product_id``, ``variant_id`` (str), ``quantity``
        (Int64) and ``unit_price`` (float64). Amounts are in the document's currency. Null if not sent.

        In the live dialect more columns follow, such as ``item_id``, ``account_id``, ``sub_total``,
        ``tax_amount`` and ``discount_amount``, or ``line_id``, ``sku``, ``title``, ``line_amount`` and
        ``currency`` of orders, and the quantity of an order's line is float64.

    Raises
    ------
    TypeError
        If it is not a frame of one of these engines.
    ValueError
        If the frame has no ``line_items``, ``id`` or ``connection_id``, or its ``line_items`` are not lists.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     orders = rf.load_orders(client.connection("roaster-shopify"), progress=False)
    >>> list(rf.line_items(orders))[:4]
    ['connection_id', 'order_id', 'line_number', 'product_id']
    """
    names = nested_engines.column_names(frame)
    if "total_price" in names:
        return _children(frame, "line_items", parent="order_id", model=OrderLineItem)
    if "expense_type" in names:
        return _children(frame, "line_items", parent="expense_id", model=_live_record("ExpenseLineItem"))
    return _children(frame, "line_items", parent=_document_id(frame), model=LineItem)


@overload
def variants(frame: pd.DataFrame) -> pd.DataFrame: ...
@overload
def variants(frame: Any) -> Any: ...
def variants(frame: Any) -> Any:
    """Return the variants of products, one row each.

    Parameters
    ----------
    frame : DataFrame
        Products as `load_products` returns them, or some of their rows; of any engine, as for
        `line_items`.

    Returns
    -------
    DataFrame
        In the order of the products and of their variants, with a RangeIndex. A product without variants has
        no row here.

        ===================  =======  =============================================
        name                 dtype    meaning
        ===================  =======  =============================================
        connection_id        str      the product's connection
        product_id           str      the product
        line_number          Int64    1 for the product's first variant
        id                   str      the variant
        title                str      the variant's name
        price                float64  of one piece, in the product's currency
        sku                  str      the shop's own article number
        inventory_quantity   Int64    pieces in stock; negative when oversold
        ===================  =======  =============================================

        Null if not sent. In the live dialect ``currency``, ``barcode`` and ``unit_cost`` follow, and the
        stock is float64.

    Raises
    ------
    TypeError, ValueError
        As for `line_items`.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     products = rf.load_products(client.connection("roaster-shopify"), progress=False)
    >>> rf.variants(products)["line_number"].min()
    np.int64(1)
    """
    return _children(frame, "variants", parent="product_id", model=ProductVariant)


def child_rows(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the rows of a nested column, one row each, with the connection and id of their record.

    Parameters
    ----------
    frame : pandas.DataFrame
        A frame as its loader returned it.
    name : str
        The nested column: ``line_items``, ``variants``, or one of the live dialect.
    """
    if name == "line_items":
        return line_items(frame)
    if name == "variants":
        return variants(frame)
    record, parent = _LIVE_ROWS[name]
    if name == "payments":
        parent = _document_id(frame)
    elif name == "documents" and "remaining_amount" in nested_engines.column_names(frame):
        parent = "credit_memo_id"
    rows: pd.DataFrame = _children(frame, name, parent=parent, model=_live_record(record))
    return rows


def is_list(column: pd.Series) -> bool:
    """Return whether a column holds lists, also Python lists as in a frame from a file."""
    dtype = column.dtype
    is_arrow = isinstance(dtype, pd.ArrowDtype) and pa.types.is_nested(dtype.pyarrow_dtype)
    return is_arrow or pd.api.types.is_object_dtype(dtype)


def _document_id(frame: pd.DataFrame) -> str:
    return "bill_id" if "vendor_id" in nested_engines.column_names(frame) else "invoice_id"


def _children(frame: Any, name: str, *, parent: str, model: type[Record]) -> Any:
    names = nested_engines.column_names(frame)
    check_folder_names(names)
    missing = [column for column in ("connection_id", "id", name) if column not in names]
    if missing:
        raise ValueError(
            f"The frame has no {' and no '.join(map(repr, missing))}; "
            f"its columns are {printable_names(names)}. "
            f"Pass a frame from its loader, or some of its rows."
        )
    if DELETED in names:
        frame = leave_out_deleted(frame)
    if not isinstance(frame, pd.DataFrame):
        rows = nested_engines.NestedColumn(frame, name)
        is_live = len(rows.fields) > len(model.model_fields)
        return rows.child_rows(parent, frame_schema(_model_of(model, is_live=is_live)))
    parents, fields = nested_rows(frame[name], model, frame.columns)
    table = pa.table(
        {
            "connection_id": _arrow(frame["connection_id"], TEXT).take(parents),
            parent: _arrow(frame["id"], TEXT).take(parents),
            "line_number": pa.array(line_numbers(parents.to_numpy())),
            **fields,
        }
    )
    children: pd.DataFrame = table.to_pandas(types_mapper=dtype_of)
    return children


def nested_rows(
    column: pd.Series, model: type[Record], names: Collection[Any] = ()
) -> tuple[pa.Array, dict[str, pa.Array]]:
    """Flatten nested rows: return the position of each one's row in the frame, and their fields.

    Parameters
    ----------
    column : pandas.Series
        The nested rows.
    model : type of Record
        The contract's record of a nested row.
    names : collection of str, optional
        The columns of the frame, which say that it is the live dialect's where the rows are Python lists.
    """
    schema = frame_schema(_model_of_rows(column, model, names))
    lists = _arrow(column, pa.list_(pa.struct(list(schema))))
    fields = dict(zip(schema.names, lists.flatten().flatten(), strict=True))
    return pc.list_parent_indices(lists), fields


def _model_of_rows(column: pd.Series, model: type[Record], names: Collection[Any]) -> type[Record]:
    """Return the record of nested rows: the live dialect's has more fields than the contract's."""
    dtype = column.dtype
    if isinstance(dtype, pd.ArrowDtype) and isinstance(dtype.pyarrow_dtype, pa.ListType):
        is_live = dtype.pyarrow_dtype.value_type.num_fields > len(model.model_fields)
    else:
        is_live = not _LIVE_COLUMNS.isdisjoint(names)
    return _model_of(model, is_live=is_live)


def _model_of(model: type[Record], *, is_live: bool) -> type[Record]:
    if not is_live or model.__name__ not in _WITH_LIVE_RECORDS:
        return model
    return _live_record(f"Live{model.__name__}")


def _live_record(name: str) -> type[Record]:
    # Imported on first use: most programs need one dialect.
    from rutterframe.models import live  # noqa: PLC0415

    record: type[Record] = getattr(live, name)
    return record


def _arrow(column: pd.Series, kind: pa.DataType) -> pa.Array:
    """Return a column as one Arrow array; frames from a file may hold Python lists."""
    array = pa.array(column, type=kind, from_pandas=True)
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
