"""The categories of expenses on live, where an expense names the accounts of its lines and no category."""

# pyarrow.compute creates its functions at run time, so that pyright does not know them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rutterframe.frames.schema import TEXT

#: The category of an expense with lines on accounts of several names.
SPLIT = "Split"


def with_categories(expenses: pa.Table, accounts: Iterable[pa.Table]) -> pa.Table:
    """Fill in the category of expenses: the name of the account of their lines.

    Parameters
    ----------
    expenses : pyarrow.Table
        Expenses with ``connection_id``, ``category`` and ``line_items``.
    accounts : iterable of pyarrow.Table
        The charts of accounts of the same connections, with ``connection_id``, ``id`` and ``name``.

    Returns
    -------
    pyarrow.Table
        The same rows. The category is the name that the accounts of all lines share, "Split" if they have
        several, and null if a line has no account, its account has no name or is not among the accounts, or
        there are no lines.

    Examples
    --------
    >>> import pyarrow as pa
    >>> line = pa.list_(pa.struct([("account_id", pa.large_string())]))
    >>> expenses = pa.table(
    ...     {
    ...         "connection_id": pa.array(["a", "a"], pa.large_string()),
    ...         "category": pa.array([None, None], pa.large_string()),
    ...         "line_items": pa.array([[{"account_id": "1"}], [{"account_id": n} for n in "12"]], line),
    ...     }
    ... )
    >>> accounts = pa.table({"connection_id": ["a", "a"], "id": ["1", "2"], "name": ["Rent", "Travel"]})
    >>> with_categories(expenses, [accounts])["category"].to_pylist()
    ['Rent', 'Split']
    """
    position = expenses.schema.get_field_index("category")
    lines = expenses.column("line_items").combine_chunks()
    if isinstance(lines, pa.ChunkedArray):  # no chunks at all
        lines = pa.concat_arrays(lines.chunks) if lines.num_chunks else pa.array([], lines.type)
    counts = pc.fill_null(pc.list_value_length(lines), 0).to_numpy(zero_copy_only=False)
    rows = np.repeat(np.arange(len(lines)), counts)
    connections = expenses.column("connection_id").take(pa.array(rows)).combine_chunks()
    names = _names(_keys(connections, pc.struct_field(lines.flatten(), "account_id")), accounts)
    codes = pc.fill_null(names.dictionary_encode().indices, -1).to_numpy(zero_copy_only=False)
    lowest = np.full(len(lines), np.iinfo(np.int64).max)
    highest = np.full(len(lines), -1)
    np.minimum.at(lowest, rows, codes)
    np.maximum.at(highest, rows, codes)
    is_known = (counts > 0) & (lowest >= 0)
    first = np.full(len(lines), -1)
    first[rows[::-1]] = np.arange(len(rows))[::-1]
    shared = names.take(pa.array(first, mask=~is_known | (first < 0)))
    is_split = pa.array(is_known & (lowest != highest))
    category = pc.if_else(is_split, pa.scalar(SPLIT, TEXT), shared)
    return expenses.set_column(position, pa.field("category", TEXT), category)


def _keys(connections: pa.Array, ids: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(connections.cast(TEXT), ids.cast(TEXT), pa.scalar("\x1f", TEXT))


def _names(keys: pa.Array, accounts: Iterable[pa.Table]) -> pa.Array:
    """Return the names of accounts by connection and id; null for an unknown one."""
    known = [table.select(["connection_id", "id", "name"]).combine_chunks() for table in accounts]
    if not known:
        return pa.nulls(len(keys), TEXT)
    table = pa.concat_tables(known).combine_chunks()
    columns = [pc.cast(table.column(name), TEXT).combine_chunks() for name in ("connection_id", "id", "name")]
    known_keys, names = _keys(columns[0], columns[1]), columns[2]
    return names.take(pc.index_in(keys, value_set=known_keys))
