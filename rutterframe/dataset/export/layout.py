"""The tables of a resource in a database: its own, and one for each nested column, such as line items."""

# pyarrow.compute creates its functions at run time, where pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from rutterframe.dataset.merge import META_FIELDS
from rutterframe.dataset.tables import table_schema
from rutterframe.frames.nested_arrow import line_numbers
from rutterframe.frames.schema import TEXT

#: The id of the record of nested rows, where it is not the resource without its last letter.
_PARENTS = {
    "invoice_payments": "payment_id",
    "bill_payments": "payment_id",
    "invoice_credit_memos": "credit_memo_id",
    "bill_credit_memos": "credit_memo_id",
    "balance_sheets": "statement_id",
    "income_statements": "statement_id",
    "cash_flow_statements": "statement_id",
}
_CONNECTION, _LINE = pa.field("connection_id", TEXT), pa.field("line_number", pa.int64())


@dataclass(frozen=True, slots=True)
class TableLayout:
    """One table of a database.

    Attributes
    ----------
    name : str
        Its name: the resource, or the resource and its nested column.
    schema : pyarrow.Schema
        Its columns, as a frame has them: a date without a time is a timestamp without a zone.
    parent : str
        The column that holds the id of the record: ``id``, or ``invoice_id`` of an invoice's lines.
    key : tuple of str
        The columns that identify a row, where the id is not null.
    nested : str
        The nested column of the resource; empty for its own table.
    """

    name: str
    schema: pa.Schema
    parent: str
    key: tuple[str, ...]
    nested: str = ""

    @property
    def view(self) -> str:
        """The name of the view of the rows that are not deleted."""
        return f"{self.name}_current"


def layouts_of(resource: str, dialect: str) -> tuple[TableLayout, ...]:
    """Return the tables of a resource: its own first, then one for each nested column.

    Examples
    --------
    >>> [table.name for table in layouts_of("invoices", "contract")]
    ['invoices', 'invoices_line_items']
    """
    schema = table_schema(resource, dialect)
    flat = [field for field in schema if not pa.types.is_nested(field.type)]
    tables = [TableLayout(resource, pa.schema(flat), "id", ("connection_id", "id"))]
    parent = _PARENTS.get(resource, f"{resource.removesuffix('s')}_id")
    for field in schema:
        if pa.types.is_nested(field.type):
            fields = [_CONNECTION, pa.field(parent, TEXT), _LINE, *field.type.value_type, *META_FIELDS]
            key = ("connection_id", parent, "line_number")
            tables.append(TableLayout(f"{resource}_{field.name}", pa.schema(fields), parent, key, field.name))
    return tuple(tables)


def split_rows(rows: pa.Table, layouts: tuple[TableLayout, ...]) -> Iterator[tuple[TableLayout, pa.Table]]:
    """Yield the rows of each table.

    Parameters
    ----------
    rows : pyarrow.Table
        Rows of the resource with `META_FIELDS`.
    layouts : tuple of TableLayout
        The tables of the resource.
    """
    own, *children = layouts
    yield own, rows.select(own.schema.names)
    for child in children:
        column = rows.column(child.nested).combine_chunks()
        lists = pa.concat_arrays(column.chunks) if isinstance(column, pa.ChunkedArray) else column
        parents = pc.list_parent_indices(lists)
        of_parent = rows.select(["connection_id", "id", *(field.name for field in META_FIELDS)]).take(parents)
        names = [field.name for field in lists.type.value_type]
        fields = dict(zip(names, lists.flatten().flatten(), strict=True))
        columns = {
            **{field.name: of_parent.column(field.name) for field in (_CONNECTION, *META_FIELDS)},
            child.parent: of_parent.column("id"),
            "line_number": pa.array(line_numbers(parents.to_numpy()), pa.int64()),
            **fields,
        }
        yield child, pa.table([columns[name] for name in child.schema.names], schema=child.schema)
