"""Compare a report with its source, connection by connection or business by business, to the cent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from rutterframe.reports.businesses import Businesses, business_of, owners
from rutterframe.reports.engine.frame import (
    Frame,
    Native,
    finish,
    from_columns,
    in_memory,
    key_of,
    nulls_last,
    read_frame,
)
from rutterframe.reports.engine.groupby import sum_by
from rutterframe.reports.engine.tick_arrays import floats
from rutterframe.reports.engine.ticks import amount as found_amount
from rutterframe.reports.engine.ticks import scale_of, ticks
from rutterframe.reports.open_items import still_open
from rutterframe.reports.specs import ORIGINAL

# The column that holds the amount, the first that is there: a report's, a document's, an account's.
_AMOUNTS = ("total", "revenue", "amount_due", "total_price", "balance", "amount")

# Totals of one side, by connection or business and currency; None where an amount is missing.
_Place = tuple[str | None, str | None]
_Totals = dict[_Place, Decimal | None]


class Line(NamedTuple):
    """One comparison.

    Attributes
    ----------
    owner : str or None
        The connection or business.
    currency : str or None
        The currency of both amounts.
    report, source : Decimal or None
        The amounts; None where a side has none to compare.
    compared : bool
        Whether they were compared; where not, nothing is said about their difference.
    account : str or None
        The account, where accounts are compared one by one.
    """

    owner: str | None
    currency: str | None
    report: Decimal | None
    source: Decimal | None
    compared: bool = True
    account: str | None = None


def tie_out(report: Native, source: Native, *, businesses: Businesses | None = None) -> Native:
    """Compare a report with its source, for each connection, or business, and currency.

    Parameters
    ----------
    report : DataFrame
        A report, of any engine, with ``currency``, an amount and, as a rule, ``connection_id``.
    source : DataFrame
        What it must agree with, of the same engine: the documents it was made of, of which those count that
        `open_items` lists, or the ledger's control accounts.
    businesses : mapping of str to sequence of str, optional
        The connections of each business, which are then compared together, such as a shop's invoices with
        the ledger of another connection. A connection that belongs to none stands for itself.

    Returns
    -------
    DataFrame
        One row for each connection and currency of either side, by connection, then by currency.

        =============  =======  ===============================================================
        name           dtype    meaning
        =============  =======  ===============================================================
        connection_id  str      or ``business``, with ``businesses=`` or for reports made by it
        currency       str      a currency that only one side has is compared with zero
        report         float64  the report's total; major units
        source         float64  the source's total
        difference     float64  report minus source, exactly; null if they were not compared
        ok             boolean  whether the difference is zero; null if they were not compared
        =============  =======  ===============================================================

        The amount is the first of ``total``, ``revenue``, ``amount_due``, ``total_price``, ``balance`` and
        ``amount`` that a side has. Where no side has connections, each currency is compared as a whole.
        Where one side has several connections (rows without one count as one more) and the other has none,
        nothing is compared: a difference in one connection could make up for a difference in another. Where
        an amount is missing nothing is compared either, and that side is null.

    Raises
    ------
    TypeError
        If a side is no frame, or ``businesses`` is no mapping to lists of ids.
    ValueError
        If a side has no currency or no amount, only one side is converted to another currency, or a
        connection is in two businesses.
    OverflowError
        If the amounts are too large to be counted exactly.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     ledger = client.connection("gear-xero")
    ...     invoices = rf.load_invoices(ledger, progress=False)
    ...     accounts = rf.load_accounts(ledger, progress=False)
    >>> receivable = accounts[accounts["name"].str.startswith("Accounts Receivable")]
    >>> tie = rf.reports.tie_out(rf.reports.ar_aging(invoices, "2026-06-30"), receivable)
    >>> tie["ok"].tolist()
    [True, True, True, True]
    """
    found = owners(businesses)
    frames = {name: _side(native, name) for name, native in (("report", report), ("source", source))}
    _check_currencies(frames)
    column = _column(frames.values(), businesses)
    amounts = {name: _amount(frame, name) for name, frame in frames.items()}
    scale = scale_of(*((frame, amounts[name]) for name, frame in frames.items()))
    totals = {name: _totals(frame, amounts[name], scale, column, found) for name, frame in frames.items()}
    lines, notes = _compared(totals["report"], totals["source"], column)
    return as_frame(
        lines, column, frames["report"], sources=[report, source], notes=[*notes, *_unknown(totals, found)]
    )


def as_frame(
    lines: Iterable[Line], column: str, given: Frame, *, sources: Sequence[Native], notes: Sequence[str]
) -> Native:
    """Write comparisons as a frame of the kind that was given, by connection or business, then currency.

    The column ``account`` is there where accounts are compared one by one.
    """
    listed = sorted(lines, key=lambda line: tuple(map(nulls_last, (line.owner, line.currency, line.account))))
    schema: dict[str, Any] = {
        column: nw.String(),
        **({"account": nw.String()} if any(line.account is not None for line in listed) else {}),
        "currency": nw.String(),
        **dict.fromkeys(("report", "source", "difference"), nw.Float64()),
        "ok": nw.Boolean(),
    }
    rows = [_row(line) for line in listed]
    columns: dict[str, list[Any]] = {
        name: [row[name if name != column else "owner"] for row in rows] for name in schema
    }
    native = finish(from_columns(columns, schema, given), name="tie_out", sources=sources, notes=notes)
    if isinstance(native, pd.DataFrame):
        # Of NumPy's two values, what is missing would be False.
        native["ok"] = pd.array(columns["ok"], dtype="boolean")
    return native


def _row(line: Line) -> dict[str, object]:
    """Write one comparison; what only one side has is compared with zero, and a zero has no sign."""
    sides = line.report, line.source
    report, source = (Decimal(0) if line.compared and side is None else side for side in sides)
    difference = None if not line.compared or report is None or source is None else report - source
    amounts = {"report": report, "source": source, "difference": difference}
    return {
        "owner": line.owner,
        "account": line.account,
        "currency": line.currency,
        **{name: None if amount is None else float(amount) + 0.0 for name, amount in amounts.items()},
        "ok": None if difference is None else difference == 0,
    }


def _column(frames: Iterable[Frame], businesses: Businesses | None) -> str:
    """Choose what is compared: businesses where they are given, or where a report was made by them."""
    if businesses is not None:
        return "business"
    names = [frame.collect_schema().names() for frame in frames]
    made_by = any("business" in one and "connection_id" not in one for one in names)
    return "business" if made_by and all("business" in one for one in names) else "connection_id"


def _side(native: Native, name: str) -> Frame:
    """Read one side; of documents only those that are owed count, as in an aging."""
    frame = read_frame(native, ("currency",), kind=name)
    owed = "status" in frame.collect_schema().names() and _amount(frame, name) == "amount_due"
    return read_frame(still_open(native), ("currency",), kind=name) if owed else frame


def _check_currencies(frames: Mapping[str, Frame]) -> None:
    """Refuse to compare a report in one currency with the currencies of the books."""
    converted = [name for name, frame in frames.items() if ORIGINAL in frame.collect_schema().names()]
    if len(converted) == 1:
        raise ValueError(
            f"{converted[0]} is converted to another currency (it has a column {ORIGINAL!r}) and the other "
            f"side is not: compare them before the conversion, or convert both"
        )


def _amount(frame: Frame, name: str) -> str:
    """Choose the column that one side is compared by."""
    there = frame.collect_schema().names()
    amount = next((column for column in _AMOUNTS if column in there), None)
    if amount is None:
        raise ValueError(
            f"{name} has no amount to compare: none of {', '.join(_AMOUNTS)}; "
            f"its columns are {', '.join(there)}"
        )
    return amount


def _totals(frame: Frame, amount: str, scale: int, column: str, found: Mapping[str, str]) -> _Totals:
    """Add up one side by connection or business and currency."""
    there = frame.collect_schema().names()
    # A business of the frame's own counts where nothing says more than its connections do.
    own = (
        "business"
        if column == "business" and (not found or "connection_id" not in there)
        else "connection_id"
    )
    keys = [own] if own in there else []
    counted = frame.select(
        *keys, "currency", ticks(frame, amount, scale).alias("_ticks"), _missing(frame, amount)
    )
    totals: _Totals = {}
    sums = in_memory(sum_by(counted, [*keys, "currency"], ["_ticks", "_missing"]))
    for *key, currency, total, missing in sums.iter_rows():
        owner = key_of(key[0]) if key else None
        owner = business_of(found, owner) if own == "connection_id" else owner
        amounts = None if missing else Decimal(int(total)) / scale
        _add(totals, (owner, key_of(currency)), amounts)
    return totals


def without_amount(documents: Native, column: str, found: Mapping[str, str]) -> set[_Place]:
    """List the connections or businesses and currencies whose open documents lack an amount."""
    frame = _side(documents, "documents")
    totals = _totals(frame, "amount_due", scale_of((frame, "amount_due")), column, found)
    return {place for place, total in totals.items() if total is None}


def labels_of(places: Iterable[_Place]) -> str:
    """Name connections or businesses with their currencies, in order."""
    named = sorted(places, key=lambda place: tuple(map(nulls_last, place)))
    return ", ".join(" ".join(filter(None, (owner, of or "no currency"))) for owner, of in named)


def _missing(frame: Frame, column: str) -> Any:
    """Give 1 where an amount is missing, and 0 where it is there."""
    if isinstance(frame, nw.DataFrame):
        marks = np.isnan(floats(frame[column].to_native())).astype(np.int64)
        return nw.new_series("_missing", marks, nw.Int64(), backend=frame.implementation)
    return nw.when(found_amount(column).is_null()).then(1).otherwise(0).cast(nw.Int64).alias("_missing")


def _add(totals: _Totals, place: _Place, amount: Decimal | None) -> None:
    """Add an amount to a total, which is missing as soon as one of its amounts is."""
    before = totals.get(place, Decimal(0))
    totals[place] = None if before is None or amount is None else before + amount


def _compared(report: _Totals, source: _Totals, column: str) -> tuple[list[Line], list[str]]:
    """Compare the totals of both sides; sums over several connections are not compared."""
    sides = {"report": report, "source": source}
    known = {name: {owner for owner, _ in side if owner is not None} for name, side in sides.items()}
    bare = [name for name, side in sides.items() if side and not known[name]]
    if len(bare) != 1 or not (known["report"] | known["source"]):
        return _lines(report, source)
    other = "source" if bare == ["report"] else "report"
    several = {owner for owner, _ in sides[other]}
    if len(several) == 1:
        return _lines(_by_currency(report, *several), _by_currency(source, *several))
    lines, _ = _lines(_by_currency(report, None), _by_currency(source, None))
    named = f"{len(known[other]):,} {'value' if len(known[other]) == 1 else 'values'} of {column}"
    rest = " and rows without one" if None in several else ""
    note = (
        f"Not compared: {other} has {named}{rest} and {bare[0]} has none; sums over several could agree "
        f"where none of them does."
    )
    return [line._replace(compared=False) for line in lines], [note]


def _lines(report: _Totals, source: _Totals) -> tuple[list[Line], list[str]]:
    """Compare two sides; where an amount is missing in either nothing is compared, and a note says so."""
    lacks = {place for side in (report, source) for place, total in side.items() if total is None}
    places = dict.fromkeys([*report, *source])
    lines = [Line(*place, report.get(place), source.get(place), place not in lacks) for place in places]
    notes = []
    for name, side in (("report", report), ("source", source)):
        if named := labels_of(place for place, total in side.items() if total is None):
            notes.append(f"Not compared, an amount is missing in the {name}: {named}.")
    return lines, notes


def _by_currency(side: _Totals, owner: str | None) -> _Totals:
    """Add up a side over its connections."""
    totals: _Totals = {}
    for (_, currency), amount in side.items():
        _add(totals, (owner, currency), amount)
    return totals


def _unknown(totals: Mapping[str, _Totals], found: Mapping[str, str]) -> list[str]:
    """Name the businesses of which no side has anything, which may be misspelt connections."""
    there = {owner for side in totals.values() for owner, _ in side}
    missing = [name for name in dict.fromkeys(found.values()) if name not in there]
    return [f"Neither side has anything of {', '.join(missing)}."] if missing else []
