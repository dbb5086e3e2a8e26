"""Compare a report with its source, connection by connection or business by business, to the cent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import pandas as pd

from rutterframe.notebook.escape import printable_names
from rutterframe.reports.businesses import Businesses, business_of, owners
from rutterframe.reports.engine.frame import (
    Frame,
    Native,
    collect,
    finish,
    from_columns,
    normalize_key,
    nulls_last,
    read_frame,
)
from rutterframe.reports.engine.groupby import groupby_sum
from rutterframe.reports.engine.ticks import choose_scale, mark_missing, ticks
from rutterframe.reports.open_items import filter_open
from rutterframe.reports.specs import ORIGINAL, SPECS

# The amount of a report, a document or an account: the first of these columns that a side has.
_AMOUNTS = ("total", "revenue", "amount_due", "total_price", "balance", "amount")

# A connection or business, and a currency.
_Key = tuple[str | None, str | None]
# Totals of one side; None where an amount is missing.
_Totals = dict[_Key, Decimal | None]


class Comparison(NamedTuple):
    """One total of a report beside that of its source.

    Attributes
    ----------
    owner : str or None
        The connection or business.
    currency : str or None
        The currency of both amounts.
    report, source : Decimal or None
        The amounts; None where a side has none to compare.
    compared : bool
        Whether they were compared; if not, their difference is null.
    account : str or None
        The account, where accounts are compared one by one; the line of a statement, where those are.
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
        an amount is missing nothing is compared either, and that side is null. On pandas, a report that is
        reconstructed as of an earlier day is compared with nothing but a report of that same day.

    Raises
    ------
    TypeError
        If a side is not a DataFrame, or ``businesses`` is not a mapping to lists of ids.
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
    owner_of = owners(businesses)
    frames = {name: _side(native, name) for name, native in (("report", report), ("source", source))}
    _check_currencies(frames)
    column = _column(frames.values(), businesses)
    amounts = {name: _amount(frame, name) for name, frame in frames.items()}
    scale = choose_scale(*((frame, amounts[name]) for name, frame in frames.items()))
    totals = {name: _totals(frame, amounts[name], scale, column, owner_of) for name, frame in frames.items()}
    rows, notes = _compare(totals["report"], totals["source"], column)
    days = {name: _reconstructed(native) for name, native in (("report", report), ("source", source))}
    if days["report"] != days["source"]:
        rows, notes = [row._replace(compared=False) for row in rows], [*notes, _of_other_days(days)]
    notes += _notes_on_unknown(totals, owner_of)
    return to_frame(rows, column, frames["report"], sources=[report, source], notes=notes)


def _reconstructed(native: Native) -> str | None:
    """Return the earlier day that a report on pandas reconstructs; None if its amounts are today's."""
    day = getattr(native, "attrs", {}).get("reconstructed")
    return None if day is None else str(day)


def _of_other_days(days: Mapping[str, str | None]) -> str:
    """Write the note on two sides of which one is reconstructed as of an earlier day."""
    name, day = next((name, day) for name, day in days.items() if day is not None)
    other = "source" if name == "report" else "report"
    what = "not" if days[other] is None else f"as of {days[other]}"
    return f"Not compared: the {name} is reconstructed as of {day}, the {other} is {what}."


def to_frame(
    rows: Iterable[Comparison],
    column: str,
    like: Frame,
    *,
    sources: Sequence[Native],
    notes: Sequence[str],
    label: str = "account",
) -> Native:
    """Write comparisons as a frame of the kind of ``like``, by connection or business, then currency.

    The column ``account``, or another ``label``, is there where accounts or totals are compared one by one.
    """
    ordered = sorted(rows, key=lambda row: tuple(map(nulls_last, (row.owner, row.currency, row.account))))
    schema: dict[str, Any] = {
        column: nw.String(),
        **({label: nw.String()} if any(row.account is not None for row in ordered) else {}),
        "currency": nw.String(),
        **dict.fromkeys(("report", "source", "difference"), nw.Float64()),
        "ok": nw.Boolean(),
    }
    values = [_values(row, column, label) for row in ordered]
    columns: dict[str, list[Any]] = {name: [row[name] for row in values] for name in schema}
    native = finish(from_columns(columns, schema, like), name="tie_out", sources=sources, notes=notes)
    if isinstance(native, pd.DataFrame):
        # Of NumPy's two values, what is missing would be False.
        native["ok"] = pd.array(columns["ok"], dtype="boolean")
    return native


def _values(row: Comparison, column: str, label: str) -> dict[str, object]:
    """Return the values of one row; what only one side has is compared with zero, and a zero has no sign."""
    sides = row.report, row.source
    report, source = (Decimal(0) if row.compared and side is None else side for side in sides)
    difference = None if not row.compared or report is None or source is None else report - source
    amounts = {"report": report, "source": source, "difference": difference}
    return {
        column: row.owner,
        label: row.account,
        "currency": row.currency,
        **{name: None if amount is None else float(amount) + 0.0 for name, amount in amounts.items()},
        "ok": None if difference is None else difference == 0,
    }


def _column(frames: Iterable[Frame], businesses: Businesses | None) -> str:
    """Choose the column to compare by: ``business`` if the caller or both frames group by it."""
    if businesses is not None:
        return "business"
    columns = [frame.collect_schema().names() for frame in frames]
    by_business = any("business" in names and "connection_id" not in names for names in columns)
    return "business" if by_business and all("business" in names for names in columns) else "connection_id"


def _side(native: Native, name: str) -> Frame:
    """Read one side; of documents only those that are owed count, as in an aging."""
    frame = read_frame(native, ("currency",), kind=name)
    columns = set(frame.collect_schema().names())
    # Open items are listed already: of an earlier day some of them are paid by today.
    is_listed = columns.issuperset(SPECS["open_items"].signature)
    owed = "status" in columns and _amount(frame, name) == "amount_due" and not is_listed
    return read_frame(filter_open(native), ("currency",), kind=name) if owed else frame


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
    columns = frame.collect_schema().names()
    amount = next((column for column in _AMOUNTS if column in columns), None)
    if amount is None:
        raise ValueError(
            f"{name} has no amount to compare: none of {', '.join(_AMOUNTS)}; "
            f"its columns are {printable_names(columns)}"
        )
    return amount


def _totals(frame: Frame, amount: str, scale: int, column: str, owner_of: Mapping[str, str]) -> _Totals:
    """Add up one side by connection or business and currency."""
    columns = frame.collect_schema().names()
    # A frame's own column counts where the caller names no businesses, or it has no connections.
    own = (
        "business"
        if column == "business" and (not owner_of or "connection_id" not in columns)
        else "connection_id"
    )
    keys = [own] if own in columns else []
    counted = frame.select(
        *keys, "currency", ticks(frame, amount, scale).alias("_ticks"), mark_missing(frame, amount)
    )
    totals: _Totals = {}
    sums = collect(groupby_sum(counted, [*keys, "currency"], ["_ticks", "_missing"]))
    for *key, currency, total, missing in sums.iter_rows():
        owner = normalize_key(key[0]) if key else None
        owner = business_of(owner_of, owner) if own == "connection_id" else owner
        _add(totals, (owner, normalize_key(currency)), None if missing else Decimal(int(total)) / scale)
    return totals


def without_amount(documents: Native, column: str, owner_of: Mapping[str, str]) -> set[_Key]:
    """List the connections or businesses and currencies that have open documents without an amount."""
    frame = _side(documents, "documents")
    totals = _totals(frame, "amount_due", choose_scale((frame, "amount_due")), column, owner_of)
    return {key for key, total in totals.items() if total is None}


def labels_of(keys: Iterable[_Key]) -> str:
    """List connections or businesses with their currencies, in order."""
    ordered = sorted(keys, key=lambda key: tuple(map(nulls_last, key)))
    return ", ".join(" ".join(filter(None, (owner, code or "no currency"))) for owner, code in ordered)


def _add(totals: _Totals, key: _Key, amount: Decimal | None) -> None:
    """Add an amount to a total, which is missing as soon as one of its amounts is."""
    before = totals.get(key, Decimal(0))
    totals[key] = None if before is None or amount is None else before + amount


def _compare(report: _Totals, source: _Totals, column: str) -> tuple[list[Comparison], list[str]]:
    """Compare the totals of both sides; sums over several connections are not compared."""
    sides = {"report": report, "source": source}
    known = {name: {owner for owner, _ in side if owner is not None} for name, side in sides.items()}
    bare = [name for name, side in sides.items() if side and not known[name]]
    if len(bare) != 1 or not (known["report"] | known["source"]):
        return _compare_by_key(report, source)
    other = "source" if bare == ["report"] else "report"
    several = {owner for owner, _ in sides[other]}
    if len(several) == 1:
        return _compare_by_key(_by_currency(report, *several), _by_currency(source, *several))
    rows, _ = _compare_by_key(_by_currency(report, None), _by_currency(source, None))
    count = f"{len(known[other]):,} {'value' if len(known[other]) == 1 else 'values'} of {column}"
    rest = " and rows without one" if None in several else ""
    note = (
        f"Not compared: {other} has {count}{rest} and {bare[0]} has none; sums over several could agree "
        f"where none of them does."
    )
    return [row._replace(compared=False) for row in rows], [note]


def _compare_by_key(report: _Totals, source: _Totals) -> tuple[list[Comparison], list[str]]:
    """Compare two sides key by key; a total with a missing amount is not compared, and a note says so."""
    rows = []
    for key in dict.fromkeys([*report, *source]):
        compared = report.get(key, 0) is not None and source.get(key, 0) is not None
        rows.append(Comparison(*key, report.get(key), source.get(key), compared))
    notes = [
        f"Not compared, an amount is missing in the {name}: {labels}."
        for name, side in (("report", report), ("source", source))
        if (labels := labels_of(key for key, total in side.items() if total is None))
    ]
    return rows, notes


def _by_currency(side: _Totals, owner: str | None) -> _Totals:
    """Add up a side over its connections."""
    totals: _Totals = {}
    for (_, currency), amount in side.items():
        _add(totals, (owner, currency), amount)
    return totals


def _notes_on_unknown(totals: Mapping[str, _Totals], owner_of: Mapping[str, str]) -> list[str]:
    """List the businesses that neither side has, which may be misspelt connections."""
    present = {owner for side in totals.values() for owner, _ in side}
    missing = [name for name in dict.fromkeys(owner_of.values()) if name not in present]
    return [f"Neither side has anything of {', '.join(missing)}."] if missing else []
