"""The buckets of an aging: their names, and which of them a due date falls into."""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from numbers import Integral

import narwhals.stable.v2 as nw
import numpy as np

from rutterframe.reports.engine.periods import day_ordinal

#: The last day of each bucket, where nobody asks for others.
BOUNDS = (30, 60, 90)

#: The bucket of documents without a due date.
NO_DUE_DATE = "no_due_date"

#: The longest bound, in days: more than a hundred years.
LONGEST = 40_000

_NAME = re.compile(r"days_(\d+)_(\d+|plus)")


def parse_bounds(bounds: Iterable[int]) -> tuple[int, ...]:
    """Read the last days of buckets, as whole numbers that rise.

    Raises
    ------
    ValueError
        If they are anything else; the message shows them.
    """
    such = "days that rise, such as (30, 60, 90)"
    if isinstance(bounds, str | bytes) or not isinstance(bounds, Iterable):
        raise ValueError(f"bounds={bounds!r} must be {such}: write even one as (30,)")
    given = tuple(bounds)
    for bound in given:
        if isinstance(bound, bool | np.bool_) or not isinstance(bound, Integral):
            raise ValueError(f"bounds={given!r} must be {such}: {bound!r} is not a whole number of days")
        if bound > LONGEST:
            raise ValueError(f"bounds={given!r} must be {such}: {bound:,} days are more than {LONGEST:,}")
    edges = tuple(int(bound) for bound in given)
    if any(low >= high for low, high in pairwise((0, *edges))):
        raise ValueError(f"bounds={edges!r} must be {such}")
    return edges


def bucket_names(bounds: Iterable[int]) -> dict[int, str]:
    """Name the buckets by their position, in order; what has no due date is at -1.

    Raises
    ------
    ValueError
        If the bounds are not days that rise.
    """
    edges = [0, *parse_bounds(bounds)]
    inner = [f"days_{low + 1}_{high}" for low, high in pairwise(edges)]
    names = ["current", *inner, f"days_{edges[-1] + 1}_plus"]
    return {**dict(enumerate(names)), -1: NO_DUE_DATE}


def bucket_range(name: str) -> tuple[int, int | None] | None:
    """Read the first and last day of a bucket from its name; None as the last day of the oldest bucket."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    first, last = found.groups()
    return int(first), None if last == "plus" else int(last)


def bounds_from_columns(columns: Iterable[str]) -> tuple[int, ...]:
    """Read the bounds from the names of an aging's columns; the usual ones where it has no such column."""
    days = [found for name in columns if (found := bucket_range(name))]
    if not days:
        return BOUNDS
    edges = {first - 1 for first, _ in days} | {last for _, last in days if last is not None}
    return tuple(sorted(edges - {0}))


def _cuts(day: datetime, bounds: Sequence[int]) -> list[datetime]:
    """Give the days before which a document is in the next bucket."""
    return [datetime.fromordinal(max(day.toordinal() - edge, 1)) for edge in (0, *bounds)]


def bucket_codes(due: nw.Expr, day: datetime, bounds: Sequence[int]) -> nw.Expr:
    """Find each document's bucket: how many of the cut-off days its due date lies before."""
    before = ((due < nw.lit(cut)).fill_null(value=False) for cut in _cuts(day, bounds))
    # Small integers take an eighth of the memory, and are numbered as they are.
    passed = functools.reduce(operator.add, (each.cast(nw.Int8) for each in before))
    return passed - due.is_null().cast(nw.Int8)


def bucket_code_array(due: np.ndarray, day: datetime, bounds: Sequence[int]) -> np.ndarray:
    """Find the buckets as `bucket_codes` does, of a whole column of dates."""
    passed = np.zeros(len(due), np.int8)
    for cut in _cuts(day, bounds):
        passed += due < np.datetime64(cut)
    passed[np.isnat(due)] = -1
    return passed


def days_past_due(due: nw.Expr, day: datetime) -> nw.Expr:
    """Count the days from due to day by their ordinals: differences of dates do not work on every engine."""
    return nw.lit(day.toordinal()) - day_ordinal(due)
