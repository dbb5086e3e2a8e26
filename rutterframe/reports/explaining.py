"""Which documents are behind a cell of an aging."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from rutterframe.reports.aging import open_items
from rutterframe.reports.frame import Frame, Native, finish, read_frame

_BUCKET = re.compile(r"days_(\d+)_(\d+|plus)")
_DOCUMENT = ("id", "status", "amount_due", "currency", "due_date")
_USUAL = (30, 60, 90)


def explain(
    report_row: Native | Mapping[str, Any],
    source: Native,
    *,
    bucket: str | None = None,
    as_of: date | datetime | str | None = None,
    by: str | None = None,
    bounds: Sequence[int] | None = None,
) -> Native:
    """List the documents behind a row of an aging, or behind one of its cells.

    Parameters
    ----------
    report_row : Series, dict or DataFrame of one row
        A row of `ar_aging` or `ap_aging`.
    source : DataFrame
        The invoices or bills that the aging was made of, of any engine.
    bucket : str, optional
        The cell's column, such as ``days_31_60``; by default, and for ``total``, those of every bucket.
    as_of, by : optional
        As the aging was made; a row from pandas carries them, and others need them.
    bounds : sequence of int, optional
        As the aging was made; by default read from the names of the row's buckets, and
        (30, 60, 90) where it has none.

    Returns
    -------
    DataFrame
        What `open_items` lists for the row's value of ``by`` and currency, where missing is a value like any
        other, in the same columns and order. The amounts due add up to the cell, exactly.

    Raises
    ------
    ValueError
        If the row is not one, or lacks its ``by`` or currency; ``as_of`` or ``by`` is not known; the bucket
        is none of the aging's; or columns are missing.

    Examples
    --------
    >>> import rutterframe as rf
    >>> from rutterframe.reports.explaining import explain
    >>> with rf.demo() as client:
    ...     invoices = rf.load_invoices(client.connection("gear-xero"), progress=False)
    >>> aging = rf.reports.ar_aging(invoices, "2026-06-30")
    >>> bool(len(explain(aging.head(1), invoices)) == aging["documents"].iloc[0])
    True
    """
    row, attrs = _row(report_row)
    day, key = as_of or attrs.get("as_of"), by or attrs.get("by")
    if day is None or key is None:
        raise ValueError(
            "pass as_of= and by=, as the aging was made: only rows of a pandas report carry them"
        )
    lacking = [name for name in (key, "currency") if name not in row]
    if lacking:
        raise ValueError(f"report_row has no {', '.join(map(repr, lacking))}; it has {', '.join(row)}")
    edges = _bounds(row) if bounds is None else tuple(bounds)
    names = _buckets(edges)
    if bucket is not None and bucket not in names:
        raise ValueError(f"bucket={bucket!r} is none of {', '.join(map(repr, names))}")
    frame = read_frame(source, (*_DOCUMENT, key), kind="source")
    kept = frame.filter(_same(key, row[key]), _same("currency", row["currency"]))
    listed = open_items(kept.to_native(), day, bounds=edges)
    items: Frame = nw.from_native(listed)
    if bucket not in (None, "total"):
        items = items.filter(nw.col("bucket") == bucket)
    # Once more, since lazy engines need not keep an order that was made before a filter.
    items = items.sort("currency", "due_date", "id", nulls_last=True)
    about = getattr(listed, "attrs", {})
    return finish(
        items,
        name="open_items",
        sources=[source],
        notes=about.get("notes", []),
        counts=("days_past_due",),
        as_of=str(about.get("as_of", day)),
        by=key,
    )


def _row(given: Native | Mapping[str, Any]) -> tuple[dict[str, Any], Mapping[Any, Any]]:
    """Read a row by its columns, and what its report carries."""
    attrs = getattr(given, "attrs", {})
    if isinstance(given, pd.Series):
        return {str(name): value for name, value in given.items()}, attrs
    if isinstance(given, Mapping):
        return dict(given), attrs
    frame = read_frame(given, (), kind="report_row")
    rows = (frame.head(2).collect() if isinstance(frame, nw.LazyFrame) else frame).rows(named=True)
    if len(rows) != 1:
        number = "none" if not rows else "several"
        raise ValueError(f"report_row must be one row, not {number}: report.iloc[[0]] is the first")
    return rows[0], attrs


def _bounds(row: Mapping[str, Any]) -> tuple[int, ...]:
    """Read the bounds from the names of the buckets."""
    buckets = [found.groups() for name in row if (found := _BUCKET.fullmatch(name))]
    if not buckets:
        return _USUAL
    edges: set[int] = set()
    for first, last in buckets:
        edges |= {int(first) - 1} | (set() if last == "plus" else {int(last)})
    return tuple(sorted(edges - {0}))


def _buckets(bounds: Sequence[int]) -> list[str]:
    """Name the cells that an aging with these bounds has."""
    lows = [0, *bounds]
    inner = [f"days_{low + 1}_{high}" for low, high in zip(lows, bounds, strict=False)]
    return ["current", *inner, f"days_{lows[-1] + 1}_plus", "no_due_date", "total"]


def _same(name: str, value: Any) -> nw.Expr:
    """Compare with a value, where missing is the same as missing."""
    return nw.col(name).is_null() if pd.isna(value) else nw.col(name) == value
