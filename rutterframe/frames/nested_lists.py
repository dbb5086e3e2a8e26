"""Lists of rows as one array of all rows and the offsets of each list: sums, common values, concatenation."""

# pyarrow.compute creates its functions at run time, so that pyright does not know them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rutterframe.dialects.map_record import decimal_sum

#: A float has so many decimal digits without loss: any number with as many is the shortest one for its float.
_MAX_UNITS = 10.0**15
#: The most decimals that are tried before each list is added up by itself.
_MAX_DECIMALS = 8
#: Sums up to here are floats without loss.
_MAX_SUM = 2**53


@dataclass(frozen=True, slots=True)
class Lists:
    """Lists of rows.

    Attributes
    ----------
    rows : pyarrow.Array
        The rows of all lists, one after another.
    offsets : numpy.ndarray
        Where each list begins among the rows, and the end of the last.
    is_null : numpy.ndarray or None
        Which lists are null, these are empty; None if none is.
    """

    rows: pa.Array
    offsets: np.ndarray
    is_null: np.ndarray | None

    def parents(self) -> np.ndarray:
        """Return the number of the list that each row is in."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))

    def with_rows(self, rows: pa.Array) -> Lists:
        """Return the lists with other rows, as many."""
        return replace(self, rows=rows)

    def to_array(self) -> pa.ListArray:
        """Return the lists as an Arrow array."""
        mask = None if self.is_null is None else pa.array(self.is_null)
        return pa.ListArray.from_arrays(pa.array(self.offsets, pa.int32()), self.rows, mask=mask)


def lists_at(arrays: Mapping[str, pa.Array], path: Sequence[str]) -> Lists:
    """Return the lists at the end of a path of lists: the rows of all inner lists, one after another.

    A list is null if the one on its path is, or one of the inner ones.
    """
    lists = _lists(arrays[path[0]])
    for key in path[1:]:
        inner = _lists(pc.struct_field(lists.rows, key))
        is_null = lists.is_null
        if inner.is_null is not None:
            within = np.zeros(len(lists.offsets) - 1, np.bool_)
            within[lists.parents()[inner.is_null]] = True
            is_null = within if is_null is None else is_null | within
        lists = _without_rows_of_nulls(Lists(inner.rows, inner.offsets[lists.offsets], is_null))
    return lists


def _lists(column: pa.ListArray) -> Lists:
    if not column.null_count:
        offsets = column.offsets.to_numpy()
        return Lists(column.flatten(), offsets - offsets[0] if offsets[0] else offsets, None)
    is_null = column.is_null().to_numpy(zero_copy_only=False)
    lengths = column.value_lengths().fill_null(0).to_numpy()
    return Lists(column.flatten(), np.concatenate([[0], np.cumsum(lengths)]), is_null)


def _without_rows_of_nulls(lists: Lists) -> Lists:
    if lists.is_null is None:
        return lists
    lengths = np.diff(lists.offsets)
    remains = ~np.repeat(lists.is_null, lengths)
    rows = lists.rows if remains.all() else lists.rows.filter(pa.array(remains))
    return Lists(rows, np.concatenate([[0], np.cumsum(np.where(lists.is_null, 0, lengths))]), lists.is_null)


def concat_lists(parts: Sequence[Lists]) -> Lists:
    """Return the rows of the first list of each part, then those of the second: null where a part is null."""
    if len(parts) == 1:
        return parts[0]
    nulls = [part.is_null for part in parts if part.is_null is not None]
    parents = np.concatenate([part.parents() for part in parts])
    order = np.argsort(parents, kind="stable")
    offsets = np.sum([part.offsets for part in parts], axis=0)
    rows = pa.concat_arrays([part.rows for part in parts]).take(pa.array(order))
    return _without_rows_of_nulls(Lists(rows, offsets, np.logical_or.reduce(nulls) if nulls else None))


def totals(lists: Lists, numbers: pa.Array) -> pa.Array:
    """Return the sum of each list: null where the list is null or empty, or one of its numbers is null.

    A float stands for the shortest decimal that reads as it; the result is nearest to the sum of these.
    """
    is_full = np.diff(lists.offsets) > 0
    starts = lists.offsets[:-1][is_full]
    result = np.zeros(len(is_full))
    if len(starts):
        values = numbers.to_numpy(zero_copy_only=False)
        if numbers.null_count:
            is_known = numbers.is_valid().to_numpy(zero_copy_only=False)
            is_full[is_full] = np.logical_and.reduceat(is_known, starts)
            values = np.where(is_known, values, 0.0)
        sums = _unit_sums(values, starts)
        result[np.diff(lists.offsets) > 0] = _decimal_sums(values, starts) if sums is None else sums
    return pa.array(result, pa.float64(), mask=~is_full | np.isnan(result))


def _unit_sums(values: np.ndarray, starts: np.ndarray) -> np.ndarray | None:
    """Return the sums by way of whole numbers of one decimal unit; None if there is no such unit."""
    for decimals in range(_MAX_DECIMALS + 1):
        units = np.rint(values * 10.0**decimals)
        if not (np.abs(units) < _MAX_UNITS).all():
            return None
        if (units / 10.0**decimals == values).all():
            sums = np.add.reduceat(units.astype(np.int64), starts)
            is_exact = bool((np.abs(sums) <= _MAX_SUM).all())
            return sums / 10.0**decimals if is_exact else None
    return None


def _decimal_sums(values: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Return the sums, each by itself; NaN beyond the largest float."""
    ends = [*starts[1:].tolist(), len(values)]
    sums = [decimal_sum(values[begin:end].tolist()) for begin, end in zip(starts.tolist(), ends, strict=True)]
    return np.array(sums, np.float64)


def only_values(lists: Lists, values: pa.Array) -> pa.Array:
    """Return the value that all rows of each list have in common; null if they differ or there are none."""
    lengths = np.diff(lists.offsets)
    if not len(values):
        return pa.nulls(len(lengths), values.type)
    distinct = (pc.add(values, 0.0) if pa.types.is_floating(values.type) else values).dictionary_encode()
    codes = distinct.indices.fill_null(-1).to_numpy()
    starts = lists.offsets[:-1][lengths > 0]
    common = np.full(len(lengths), -1)
    first, last = np.minimum.reduceat(codes, starts), np.maximum.reduceat(codes, starts)
    common[lengths > 0] = np.where(first == last, first, -1)
    return distinct.dictionary.take(pa.array(common, pa.int64(), mask=common < 0))
