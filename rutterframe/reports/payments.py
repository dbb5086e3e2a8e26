"""Payments of documents: the dated amounts that are nested in invoices, bills and credit memos."""

# pyarrow.compute makes its functions at run time, where pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rutterframe.notebook.escape import printable_names
from rutterframe.reports.engine.dates import date_array, parse_dates
from rutterframe.reports.engine.frame import Frame, collect, read_frame, with_connection_id
from rutterframe.reports.engine.tick_arrays import to_floats, to_ticks
from rutterframe.reports.order_lines import nested_array, text_columns

#: What identifies a document in a lazy frame.
DOCUMENT = ("connection_id", "id")


class Payments(NamedTuple):
    """Payments of documents in memory.

    Attributes
    ----------
    table : narwhals DataFrame
        The column ``amount``, to choose a scale by.
    rows : array of int
        The row of each payment's document.
    dates : array of datetime64
        When it was paid; NaT if that is missing.
    amounts : array of float
        How much; NaN if that is missing.
    """

    table: nw.DataFrame[Any]
    rows: np.ndarray
    dates: np.ndarray
    amounts: np.ndarray


def read_payments(documents: nw.DataFrame[Any], *, kind: str) -> Payments:
    """Return the payments of documents in memory, with the rows of their documents.

    Raises
    ------
    ValueError
        If ``payments`` does not hold lists of rows with a date and an amount.
    """
    lists = nested_array(documents, "payments")
    fields: dict[str, pa.Array] = {}
    rows = np.zeros(0, np.int64)
    if lists.null_count < len(lists) and pa.types.is_struct(lists.type.value_type):
        structs, parents = lists.flatten(), pc.list_parent_indices(lists)
        rows = parents.to_numpy().astype(np.int64)
        fields = {field.name: column for field, column in zip(structs.type, structs.flatten(), strict=True)}
        _check_fields(list(fields), kind)
    kinds = {"date": pa.timestamp("us"), "amount": pa.float64()}
    table = pa.table({name: fields.get(name, pa.nulls(0, dtype)) for name, dtype in kinds.items()})
    frame: nw.DataFrame[Any] = nw.from_native(table)
    dates = date_array(frame, "date", kind=f"payments of {kind}").astype("datetime64[us]")
    return Payments(frame, rows, dates, to_floats(table["amount"]))


class PaymentSums(NamedTuple):
    """The payments of each document in memory.

    Attributes
    ----------
    paid, later : array of int
        The sum of its payments in ticks, and of those from a day on.
    undated : array of int
        How many of them have no date or no amount.
    last : array of datetime64
        The date of the last one; NaT without payments.
    """

    paid: np.ndarray
    later: np.ndarray
    undated: np.ndarray
    last: np.ndarray


def sum_payments(
    payments: Payments, documents: int, scale: int, cutoff: np.datetime64 | None = None
) -> PaymentSums:
    """Sum the payments of each document in memory.

    Parameters
    ----------
    payments : Payments
        The payments.
    documents : int
        How many documents there are.
    scale : int
        Ticks of one major unit.
    cutoff : datetime64, optional
        The first moment of the payments that are summed apart.
    """
    paid, later, undated = (np.zeros(documents, np.int64) for _ in range(3))
    amounts, rows = to_ticks(payments.amounts, scale), payments.rows
    np.add.at(paid, rows, amounts)
    if cutoff is not None:
        is_later = payments.dates >= cutoff
        np.add.at(later, rows[is_later], amounts[is_later])
    no_date = np.isnat(payments.dates)
    np.add.at(undated, rows[no_date | np.isnan(payments.amounts)], 1)
    # NaT is the least of all integers.
    last = np.full(documents, np.datetime64("NaT", "us"), "datetime64[us]").view(np.int64)
    np.maximum.at(last, rows, payments.dates.view(np.int64))
    return PaymentSums(paid, later, undated, last.view("datetime64[us]"))


def explode_payments(documents: Frame, *, kind: str) -> Frame:
    """Return the payments of documents in a lazy frame: `DOCUMENT` as text, ``date`` and ``amount``.

    Raises
    ------
    ValueError
        If ``payments`` does not hold lists of rows with a date and an amount.
    """
    dtype = documents.collect_schema()["payments"]
    if not isinstance(dtype, nw.List) or not isinstance(dtype.inner, nw.Struct):
        raise ValueError(f"{kind}: column 'payments' must hold lists of rows, and is {dtype}")
    _check_fields([field.name for field in dtype.inner.fields], kind)
    frame = with_connection_id(documents)
    some = frame.filter((nw.col("payments").list.len() > 0).fill_null(value=False))
    each = some.select(*text_columns(frame, *DOCUMENT), "payments").explode("payments")
    payments = each.select(
        *DOCUMENT, *(nw.col("payments").struct.field(name).alias(name) for name in ("date", "amount"))
    )
    days = parse_dates(payments, "date", kind=f"payments of {kind}")
    return payments.with_columns(days.alias("date"))


def check_unique_documents(documents: Frame, *, kind: str) -> None:
    """Check that no document is in a lazy frame twice, so that payments join to one: with one query.

    Raises
    ------
    ValueError
        If one is, or if several have no id; the message names the first such id.
    """
    frame = with_connection_id(documents)
    keys = frame.select(*text_columns(frame, *DOCUMENT))
    twice = keys.group_by(*DOCUMENT).agg(nw.len().alias("_times")).filter(nw.col("_times") > 1)
    for connection, own, _ in collect(twice.sort(*DOCUMENT).head(1)).iter_rows():
        what = "several rows without an id" if own is None else f"the id {own!r} twice"
        raise ValueError(
            f"{kind} has {what} in connection {connection!r}: payments are matched by connection and id, so "
            f"keep one row of each"
        )


def _check_fields(names: Sequence[str], kind: str) -> None:
    """Check that payments have a date and an amount."""
    for name in ("date", "amount"):
        if name not in names:
            raise ValueError(
                f"{kind}: the payments have no {name!r}, which they need (they have {', '.join(names)})"
            )


def need_columns(documents: Frame, names: Sequence[str], *, report: str, kind: str) -> None:
    """Check that documents have what only the live dialect sends.

    Raises
    ------
    ValueError
        If columns are missing; the message lists them, and says where they come from.
    """
    columns = documents.collect_schema().names()
    missing = [name for name in names if name not in columns]
    if missing:
        raise ValueError(
            f"{report} needs {', '.join(missing)}, which {kind} does not have: its columns are "
            f"{printable_names(columns)}. Frames of the live dialect have them: load with "
            f"rf.Client(dialect='live')"
        )


def read_live(native: Any, base: Sequence[str], live: Sequence[str], *, report: str, kind: str) -> Frame:
    """Read a frame, and check that it has its usual columns and those of the live dialect."""
    frame = read_frame(native, base, kind=kind)
    need_columns(frame, live, report=report, kind=kind)
    return frame
