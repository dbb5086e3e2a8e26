"""The buckets of an aging: bounds, names, and the code of the bucket that a due date falls into."""

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

#: The last day of each bucket, by default.
BOUNDS = (30, 60, 90)

#: The bucket of documents without a due date.
NO_DUE_DATE = "no_due_date"

#: The longest bound, in days: more than a hundred years.
LONGEST = 40_000

_NAME = re.compile(r"days_(\d+)_(\d+|plus)")
_LABEL = re.compile(r"(\d+)(?:\s*(?:[-\N{EN DASH}]\s*(\d+)|\+|and more))(?:\s*days)?")


def parse_bounds(bounds: Iterable[int]) -> tuple[int, ...]:
    """Parse the last days of buckets, which are increasing whole numbers.

    Raises
    ------
    ValueError
        If they are anything else; the message shows them.
    """
    expected = "increasing whole numbers of days, such as (30, 60, 90)"
    if isinstance(bounds, str | bytes) or not isinstance(bounds, Iterable):
        raise ValueError(f"bounds={bounds!r} is not valid (expected {expected}): pass a single one as (30,)")
    values = tuple(bounds)
    invalid = f"bounds={values!r} is not valid (expected {expected})"
    for bound in values:
        if isinstance(bound, bool | np.bool_) or not isinstance(bound, Integral):
            raise ValueError(f"{invalid}: {bound!r} is not a whole number")
        if bound > LONGEST:
            raise ValueError(f"{invalid}: {bound:,} days are more than {LONGEST:,}")
    edges = tuple(int(bound) for bound in values)
    if any(low >= high for low, high in pairwise((0, *edges))):
        raise ValueError(f"{invalid}: they do not increase from 1 on")
    return edges


def bucket_names(bounds: Iterable[int]) -> dict[int, str]:
    """Return the names of the buckets by their codes, in order; documents without a due date have code -1.

    Raises
    ------
    ValueError
        If the bounds are not increasing whole numbers of days.
    """
    edges = [0, *parse_bounds(bounds)]
    inner = [f"days_{low + 1}_{high}" for low, high in pairwise(edges)]
    names = ["current", *inner, f"days_{edges[-1] + 1}_plus"]
    return {**dict(enumerate(names)), -1: NO_DUE_DATE}


def bucket_range(name: str) -> tuple[int, int | None] | None:
    """Return the first and last day of a bucket by its name; None as the last day of the oldest bucket."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    first, last = match.groups()
    return int(first), None if last == "plus" else int(last)


def column_of_bucket(text: str) -> str:
    """Return the column of an aging that a text names: its name, or its label with a hyphen or a dash.

    Text that names none is returned as it is: only the aging knows which columns it has.

    Examples
    --------
    >>> column_of_bucket("31–60 days"), column_of_bucket("91+ days"), column_of_bucket("No due date")
    ('days_31_60', 'days_91_plus', 'no_due_date')
    >>> column_of_bucket("days_1_30"), column_of_bucket("Current")
    ('days_1_30', 'current')
    """
    plain = text.strip().lower()
    match = _LABEL.fullmatch(plain)
    if match is not None:
        first, last = match.groups()
        return f"days_{first}_{last or 'plus'}"
    name = plain.replace(" ", "_")
    return name if name in ("current", "no_due_date", "total") else text


def bounds_from_columns(columns: Iterable[str]) -> tuple[int, ...]:
    """Return the bounds by the names of an aging's columns; `BOUNDS` where it has no such column."""
    ranges = [days for name in columns if (days := bucket_range(name))]
    if not ranges:
        return BOUNDS
    edges = {first - 1 for first, _ in ranges} | {last for _, last in ranges if last is not None}
    return tuple(sorted(edges - {0}))


def _cutoffs(day: datetime, bounds: Sequence[int]) -> list[datetime]:
    """Return the days before which a due date is in the next bucket."""
    return [datetime.fromordinal(max(day.toordinal() - edge, 1)) for edge in (0, *bounds)]


def bucket_codes(due: nw.Expr, day: datetime, bounds: Sequence[int]) -> nw.Expr:
    """Return the code of each document's bucket: the number of cut-off days that its due date lies before."""
    before = ((due < nw.lit(cutoff)).fill_null(value=False) for cutoff in _cutoffs(day, bounds))
    # Small integers take an eighth of the memory, and are factorized as they are.
    codes = functools.reduce(operator.add, (each.cast(nw.Int8) for each in before))
    return codes - due.is_null().cast(nw.Int8)


def bucket_code_array(due: np.ndarray, day: datetime, bounds: Sequence[int]) -> np.ndarray:
    """Return the codes of `bucket_codes` for an array of dates."""
    codes = np.zeros(len(due), np.int8)
    for cutoff in _cutoffs(day, bounds):
        codes += due < np.datetime64(cutoff)
    codes[np.isnat(due)] = -1
    return codes


def days_past_due(due: nw.Expr, day: datetime) -> nw.Expr:
    """Return the days from the due date to a day, by ordinals: not every engine subtracts dates."""
    return nw.lit(day.toordinal()) - day_ordinal(due)
