"""Days to pay: how long customers take to pay invoices, or we to pay bills."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

from rutterframe.reports.engine.dates import date_array, parse_dates
from rutterframe.reports.engine.factorize import factorize, first_rows
from rutterframe.reports.engine.frame import (
    Frame,
    Native,
    cast_to_text,
    check_keys,
    collect,
    finish,
    from_columns,
    key_columns,
    normalize_key,
    nulls_last,
    with_connection_id,
)
from rutterframe.reports.engine.groupby import groupby_sum, with_arrays
from rutterframe.reports.engine.periods import day_ordinal
from rutterframe.reports.engine.tick_arrays import to_floats, to_ticks
from rutterframe.reports.engine.ticks import choose_scale, float_or_null, format_amounts, ticks
from rutterframe.reports.engine.units import half_unit_expr, half_units
from rutterframe.reports.names import NAMES, with_names
from rutterframe.reports.order_lines import join_null_safe, text_columns
from rutterframe.reports.payments import (
    DOCUMENT,
    check_unique_documents,
    explode_payments,
    read_live,
    read_payments,
    sum_payments,
)
from rutterframe.reports.statuses import PAID, is_one_of

_SUMS = ("documents", "amount", "mean_days", "weighted_days", "median_days", "left_out")

# The keys of a row.
_Key = tuple[str | None, ...]


@dataclass
class _Paid:
    """The paid documents of one row: numbers and amounts in ticks by the days that they took."""

    documents: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))
    amounts: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))
    left_out: int = 0
    left_out_amount: int = 0


def days_to_pay(
    invoices: Native,
    *,
    by: str | Sequence[str] = "customer_id",
    customers: Native | None = None,
    vendors: Native | None = None,
) -> Native:
    """Return how many days paid invoices took from issue to payment, by customer and currency.

    Parameters
    ----------
    invoices : DataFrame
        Live invoices, or bills, of any engine, with ``issue_date``, ``total_amount`` and ``payments``.
    by : str or sequence of str
        The columns with a row for each value, in every currency, as in `ar_aging`: ``customer_id``, or
        ``vendor_id`` for bills; an id with its connection.
    customers, vendors : DataFrame, optional
        Their names, with ``connection_id``, ``id`` and ``name``.

    Returns
    -------
    DataFrame
        One row for each connection, value of ``by`` and currency: by currency, the slowest first (by
        amount), then by keys, missing values last.

        =============  =======  ==============================================================
        name           dtype    meaning
        =============  =======  ==============================================================
        connection_id  str      null for frames without one; absent where no id is a key
        customer_id    str      the column named by ``by``
        customer_name  str      with ``customer_id``; null where there is no name
        currency       str      amounts of different currencies are never added
        documents      Int64    how many paid documents the days are of
        amount         float64  their total amounts; major units
        mean_days      float64  the mean of their days, each document counting once
        weighted_days  float64  the mean weighted by their total amounts
        median_days    float64  the median of their days
        left_out       Int64    how many paid documents have no issue date, an amount or payment
                                that is not known or not dated, or payments that do not add up
                                to the total
        =============  =======  ==============================================================

        A document counts once it is paid in full: status paid, a positive total, and payments (credit memos
        are payments) that add up to it. Its days are those from the issue date to its last payment;
        documents that are not paid, in part or at all, do not count. On pandas a note has what was left out.

    Raises
    ------
    TypeError
        If a frame is not a DataFrame.
    ValueError
        If columns are missing, or ``by`` is named like a column of the result.
    OverflowError
        If the amounts are too large to be counted exactly.

    Notes
    -----
    The plain mean is the average days to pay of Sage 50 and others: the days of all closed invoices, divided
    by their number, where an invoice is closed when it is paid in full with receipts or credit memos. The
    weighted mean is the sum of amount times days, divided by the sum of amounts.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> day = pd.Timestamp
    >>> invoices = pd.DataFrame({"id": ["a", "b"], "customer_id": "c", "status": "paid", "currency": "USD",
    ...                          "issue_date": [day("2026-05-01"), day("2026-05-01")], "amount_due": 0.0,
    ...                          "total_amount": [100.0, 1000.0],
    ...                          "payments": [[{"date": day("2026-05-11"), "amount": 100.0}],
    ...                                       [{"date": day("2026-05-21"), "amount": 1000.0}]]})
    >>> rf.reports.days_to_pay(invoices)[["mean_days", "weighted_days"]].round(1).values.tolist()
    [[15.0, 19.1]]
    """
    groups = _read_by(by)
    party = "vendor_id" if {"vendor_id", "vendor_name"} & set(groups) else "customer_id"
    kind = "bills" if party == "vendor_id" else "invoices"
    name = NAMES[party][0]
    people = vendors if party == "vendor_id" else customers
    own = list(dict.fromkeys(party if key == name and people is not None else key for key in groups))
    keys = key_columns(own)
    needed = ("id", "status", "currency", *(key for key in keys if key != "connection_id"))
    live = ("issue_date", "total_amount", "payments")
    frame = read_live(invoices, needed, live, report="days_to_pay", kind=kind)
    check_keys(frame, keys)
    frame = with_connection_id(frame)
    measure = _in_memory if isinstance(frame, nw.DataFrame) else _in_engine
    keys = [*dict.fromkeys((*keys, "currency"))]
    measured, scale = measure(frame, keys, kind)
    labels = _labels(groups, party, name)
    paid = _groups(measured, keys, labels, people, party)
    return finish(
        from_columns(*_columns(paid, labels, scale), frame),
        name="days_to_pay",
        sources=[native for native in (invoices, people) if native is not None],
        notes=_note(paid, labels.index("currency"), scale),
        counts=("documents", "left_out"),
        by=groups[0] if len(groups) == 1 else groups,
    )


def _read_by(by: str | Sequence[str]) -> list[str]:
    key_columns(by)
    groups = [by] if isinstance(by, str) else list(by)
    for name in groups:
        if name in _SUMS:
            raise ValueError(f"by={name!r} is the name of a column of the report: rename it first")
    return groups


def _labels(groups: Sequence[str], party: str, name: str) -> list[str]:
    """Return the columns before the numbers in the report."""
    labels = key_columns(groups)
    if party in labels and name not in labels:
        labels.insert(labels.index(party) + 1, name)
    return list(dict.fromkeys((*labels, "currency")))


def _in_memory(documents: nw.DataFrame[Any], keys: list[str], kind: str) -> tuple[Frame, int]:
    """Return number and amount of the paid documents in memory, by keys and days, and the scale."""
    payments = read_payments(documents, kind=kind)
    scale = choose_scale((documents, "total_amount"), (payments.table, "amount"))
    total = to_floats(documents["total_amount"].to_native())
    total_ticks = to_ticks(total, scale)
    sums = sum_payments(payments, len(documents), scale)
    issue = date_array(documents, "issue_date", kind=kind).astype("datetime64[D]")
    left = np.abs(total_ticks - sums.paid)
    half = half_units(documents, left, scale)
    sound = ~np.isnan(total) & ~np.isnat(issue) & ~np.isnat(sums.last) & (sums.undated == 0) & (left < half)
    is_paid = documents.select(is_one_of((PAID,)).alias("_paid"))["_paid"].to_numpy()
    counts = is_paid & ~(total <= 0)
    days = (sums.last.astype("datetime64[D]") - issue).astype(np.int64)
    columns = {
        "_days": np.where(sound, days, 0),
        "_sound": sound.astype(np.int64),
        "_ticks": total_ticks,
    }
    frame = with_arrays(documents.select(*keys)[np.flatnonzero(counts)], {
        name: values[counts] for name, values in columns.items()
    })  # fmt: skip
    return groupby_sum(frame, [*keys, "_sound", "_days"], ["_ticks"], count="_number"), scale


def _in_engine(documents: Frame, keys: list[str], kind: str) -> tuple[Frame, int]:
    """Return number and amount of the paid documents of a lazy frame, by keys and days, and the scale."""
    paid = documents.filter(is_one_of((PAID,)))
    check_unique_documents(documents, kind=kind)
    payments = explode_payments(paid, kind=kind)
    scale = choose_scale((documents, "total_amount"), (payments, "amount"))
    own = {"connection_id": "_connection", "id": "_id"}
    each = payments.with_columns(
        ticks(payments, "amount", scale).alias("_paid"),
        nw.when(nw.col("date").is_null() | float_or_null("amount").is_null())
        .then(1)
        .otherwise(0)
        .alias("_undated"),
        day_ordinal(nw.col("date")).cast(nw.Int64).alias("_last"),
    )
    sums = each.group_by(*DOCUMENT).agg(
        nw.col("_paid").sum(), nw.col("_undated").sum(), nw.col("_last").max()
    )
    sums = sums.select(*DOCUMENT, *(nw.col(n).cast(nw.Int64) for n in ("_paid", "_undated", "_last")))
    texts = [column.alias(f"_key{place}") for place, column in enumerate(text_columns(paid, *keys))]
    frame = paid.with_columns(
        *texts,
        *(c.alias(own[n]) for n, c in zip(DOCUMENT, text_columns(paid, *DOCUMENT), strict=True)),
        day_ordinal(parse_dates(paid, "issue_date", kind=kind)).cast(nw.Int64).alias("_issue"),
        ticks(paid, "total_amount", scale).alias("_ticks"),
        float_or_null("total_amount").is_null().alias("_no_total"),
        (half_unit_expr() * scale).round(6).alias("_half"),
    )
    joined = join_null_safe(frame, sums.rename(own), ["_connection", "_id"], how="left")
    lacks = nw.col("_no_total") | nw.col("_issue").is_null() | nw.col("_last").is_null()
    left = (nw.col("_ticks") - nw.col("_paid")).abs()
    sound = ~lacks & (nw.col("_undated") == 0) & (left < nw.col("_half"))
    counted = joined.filter(nw.col("_no_total") | (nw.col("_ticks") > 0))
    counted = counted.with_columns(sound.fill_null(value=False).alias("_is_sound"))
    counted = counted.select(
        *(nw.col(f"_key{place}").alias(key) for place, key in enumerate(keys)),
        "_ticks",
        nw.when(nw.col("_is_sound")).then(1).otherwise(0).cast(nw.Int64).alias("_sound"),
        nw.when(nw.col("_is_sound"))
        .then(nw.col("_last") - nw.col("_issue"))
        .otherwise(0)
        .cast(nw.Int64)
        .alias("_days"),
    )
    return groupby_sum(counted, [*keys, "_sound", "_days"], ["_ticks"], count="_number"), scale


def _groups(
    measured: Frame, keys: list[str], labels: Sequence[str], people: Native | None, party: str
) -> dict[_Key, _Paid]:
    """Return the paid documents of each row of the report: keys as text, with names."""
    frame = collect(measured)
    texts = [cast_to_text(frame, key).alias(key) for key in keys]
    frame = frame.select(*texts, "_sound", "_days", "_ticks", "_number")
    codes, size = factorize(frame, keys)
    first = first_rows(codes, size)
    present = np.flatnonzero(first >= 0)
    values = frame.select(*keys)[first[present]]
    if party in keys and "connection_id" in keys:
        values = with_names(values, party, people)
    groups: dict[_Key, _Paid] = defaultdict(_Paid)
    of_code: list[_Paid] = [_Paid()] * size
    for code, row in zip(present.tolist(), values.iter_rows(named=True), strict=True):
        of_code[code] = groups[tuple(normalize_key(row.get(label)) for label in labels)]
    columns = [frame[name].to_list() for name in ("_sound", "_days", "_ticks", "_number")]
    for code, sound, days, amount, number in zip(codes.tolist(), *columns, strict=True):
        group = of_code[code]
        if sound:
            group.documents[days] += number
            group.amounts[days] += amount
        else:
            group.left_out += number
            group.left_out_amount += amount
    return groups


def _columns(
    groups: dict[_Key, _Paid], labels: Sequence[str], scale: int
) -> tuple[dict[str, list[object]], dict[str, Any]]:
    """Return the columns of the report and their types, in order."""
    place = list(labels).index("currency")

    def order(key: _Key) -> tuple[Any, ...]:
        slowest = _weighted(groups[key])
        return (
            nulls_last(key[place]),
            slowest is None,
            -(slowest or 0),
            tuple(nulls_last(value) for value in key),
        )

    rows = [(*key, *_numbers(groups[key], scale)) for key in sorted(groups, key=order)]
    schema: dict[str, Any] = {
        **dict.fromkeys(labels, nw.String()),
        **{name: nw.Int64() if name in ("documents", "left_out") else nw.Float64() for name in _SUMS},
    }
    return {name: [row[place] for row in rows] for place, name in enumerate(schema)}, schema


def _numbers(paid: _Paid, scale: int) -> tuple[object, ...]:
    """Return the numbers of a row; means are exact fractions, divided once."""
    number = sum(paid.documents.values())
    weighted = _weighted(paid)
    mean = Fraction(sum(days * count for days, count in paid.documents.items()), number) if number else None
    return (
        number,
        sum(paid.amounts.values()) / scale,
        None if mean is None else float(mean),
        None if weighted is None else float(weighted),
        _median(paid.documents) if number else None,
        paid.left_out,
    )


def _weighted(paid: _Paid) -> Fraction | None:
    total = sum(paid.amounts.values())
    if total <= 0:
        return None
    return Fraction(sum(days * amount for days, amount in paid.amounts.items()), total)


def _median(counts: dict[int, int]) -> float:
    """Return the median of days with how often each occurs: the mean of the middle two of an even number."""
    total = sum(counts.values())
    middle = [(total - 1) // 2, total // 2]
    values, passed = [], 0
    for days in sorted(counts):
        values += [days for place in middle if passed <= place < passed + counts[days]]
        passed += counts[days]
    return sum(values) / 2


def _note(groups: dict[_Key, _Paid], place: int, scale: int) -> list[str]:
    """Count the paid documents that are left out, with their totals by the currency among the keys."""
    sums: dict[str | None, int] = defaultdict(int)
    for key, paid in groups.items():
        if paid.left_out:
            sums[key[place]] += paid.left_out_amount
    number = sum(paid.left_out for paid in groups.values())
    if not number:
        return []
    what = "Paid documents without an issue date or dated payments that add up to the total, left out"
    return [f"{what}: {number:,}, with totals of {format_amounts(sums, scale)}."]
