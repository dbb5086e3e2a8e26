"""Open documents of a day: invoices or bills, with due dates from payment terms, and credit memos."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import pyarrow as pa

from rutterframe.reports.earlier_day import COLUMNS, is_earlier, restate
from rutterframe.reports.engine.dates import parse_dates
from rutterframe.reports.engine.frame import (
    Frame,
    Native,
    cast_to_text,
    collect,
    read_frame,
    value_to_text,
)
from rutterframe.reports.open_status import flag_open
from rutterframe.reports.payments import need_columns
from rutterframe.reports.statuses import status_expr

#: The columns of credit memos.
MEMO_COLUMNS = ("id", "status", "amount", "remaining_amount", "currency", "issue_date", "documents")
# The words of credit memos that mean the same as those of invoices.
_MEMO_STATUSES = {"applied": "paid", "partially_applied": "partially_paid"}


class OpenDocuments(NamedTuple):
    """The documents that are open on a day.

    Attributes
    ----------
    frame : narwhals frame
        With the amounts of that day as ``amount_due``.
    is_open : Series or expression
        Which of its rows are open, as the column ``_open``.
    notes : list of str
        On the documents.
    reconstructed : bool
        Whether the amounts are those of an earlier day than the one the data is of.
    day : datetime
        The day.
    with_memos : bool
        Whether credit memos are among them.
    """

    frame: Frame
    is_open: Any
    notes: list[str]
    reconstructed: bool
    day: datetime
    with_memos: bool

    def about(self) -> dict[str, Any]:
        """Return what a report of these documents carries in its ``attrs``, beside its arguments."""
        return {
            **({"reconstructed": f"{self.day:%Y-%m-%d}"} if self.reconstructed else {}),
            **({"credit_memos": True} if self.with_memos else {}),
        }


def open_documents(
    documents: Frame,
    day: datetime,
    *,
    kind: str,
    age_by: str = "due_date",
    credit_memos: Native | None = None,
    payment_terms: Native | None = None,
    columns: Sequence[str] | None = None,
    where: Callable[[Frame], list[nw.Expr]] | None = None,
) -> OpenDocuments:
    """Flag the documents that are open on a day; an earlier day than that of the data is reconstructed.

    Parameters
    ----------
    documents : narwhals frame
        Invoices or bills.
    day : datetime
        The day.
    kind : str
        What they are called in an error.
    age_by : str
        The column of dates that they are aged by.
    credit_memos : DataFrame, optional
        Credit memos of the same engine, which become negative documents.
    payment_terms : DataFrame, optional
        Terms with ``id`` and ``due_days``, for documents without a due date.
    columns : sequence of str, optional
        The columns that are needed of both; by default all of the documents.
    where : function, optional
        Returns the conditions that rows of a frame must meet; which day the data is of is that of all rows.
    """
    notes = ["Aged by issue date: days count from there, not from the due date."] * (age_by == "issue_date")
    if payment_terms is not None:
        documents, of_terms = with_due_dates(documents, payment_terms, kind=kind)
        notes += of_terms
    parts = {kind: documents}
    if credit_memos is not None:
        parts["credit_memos"] = memo_documents(credit_memos, documents, columns)
    earlier = any(is_earlier(part, day, kind=name) for name, part in parts.items())
    if where is not None:
        parts = {name: part.filter(*where(part)) for name, part in parts.items()}
        documents = parts[kind]
    if credit_memos is None and not earlier:
        is_open, own = flag_open(documents)
        return OpenDocuments(documents, is_open, [*notes, *own], False, day, False)
    frames = []
    for name, part in parts.items():
        if earlier:
            need_columns(part, COLUMNS, report="an earlier day", kind=name)
            result, own = restate(part, day, kind=name)
        else:
            is_open, own = flag_open(part)
            result = part.filter(is_open)
        if name == "credit_memos":
            result = result.with_columns(nw.col("amount_due") * -1, nw.col("total_amount") * -1)
        frames.append(result if columns is None else result.select(*columns))
        label = "Credit memos: " if name == "credit_memos" else ""
        notes += [f"{label}{note}" for note in own if note not in notes]
    frame = frames[0] if len(frames) == 1 else concatenate(*frames, kind=kind)
    # A literal would have no length.
    is_open = (nw.col("currency").is_null() | ~nw.col("currency").is_null()).alias("_open")
    if isinstance(frame, nw.DataFrame):
        is_open = nw.new_series("_open", np.ones(len(frame), bool), backend=frame.implementation)
    return OpenDocuments(frame, is_open, notes, earlier, day, credit_memos is not None)


def memo_documents(credit_memos: Native, documents: Frame, columns: Iterable[str] | None) -> Frame:
    """Return credit memos with the columns of documents: what remains, due on the day they were issued.

    Raises
    ------
    ValueError
        If columns are missing, or the engine is another than that of the documents.
    """
    memos = read_frame(credit_memos, MEMO_COLUMNS, kind="credit_memos")
    if type(memos) is not type(documents) or memos.implementation is not documents.implementation:
        raise ValueError(
            f"credit_memos must be of the documents' engine, {documents.implementation.value}, "
            f"not {memos.implementation.value}"
        )
    has, needed = (set(frame.collect_schema().names()) for frame in (memos, documents))
    if ("connection_id" in has) != ("connection_id" in needed):
        lacking = ("credit_memos", "the documents")["connection_id" in has]
        raise ValueError(f"{lacking} has no column 'connection_id', and the other frame has one")
    for name in ({*(columns or ())} & needed) - {"amount_due", "due_date", "status"}:
        read_frame(credit_memos, (name,), kind="credit_memos")
    words = status_expr()
    status = nw.col("status").cast(nw.String)
    for word, usual in _MEMO_STATUSES.items():
        status = nw.when((words == word).fill_null(value=False)).then(nw.lit(usual)).otherwise(status)
    # A credit can be used from the day on that it is issued. Where a platform signs its credit memos, the
    # total is below zero; what remains of a positive one may be too, if more was used than there was.
    is_signed = (nw.col("amount") < 0).fill_null(value=False)
    memos = memos.with_columns(
        *(
            nw.when(is_signed).then(nw.col(name) * -1).otherwise(nw.col(name)).alias(name)
            for name in ("remaining_amount", "amount")
        ),
        status.alias("status"),
        nw.col("issue_date").alias("due_date"),
    )
    names = {"remaining_amount": "amount_due", "amount": "total_amount", "documents": "payments"}
    return memos.rename(names)


def with_credits(documents: Frame, credit_memos: Native) -> Frame:
    """Return documents with the credit memos, as documents with an amount below zero."""
    names = documents.collect_schema().names()
    memos = memo_documents(credit_memos, documents, None).with_columns(nw.col("amount_due") * -1)
    has = memos.collect_schema().names()
    return concatenate(documents, memos.select(name for name in names if name in has), kind="source")


def with_due_dates(documents: Frame, payment_terms: Native, *, kind: str) -> tuple[Frame, list[str]]:
    """Fill due dates that are missing: issue date plus the days of the payment terms.

    Parameters
    ----------
    documents : narwhals frame
        With ``issue_date``, ``due_date`` and ``payment_terms_id``.
    payment_terms : DataFrame
        Of any engine, with ``id``, ``due_days`` and as a rule ``connection_id``.
    kind : str
        The name of the documents in an error.

    Returns
    -------
    tuple of narwhals frame and list of str
        The documents, and on pandas a note of how many due dates were filled.
    """
    need_columns(documents, ("issue_date", "payment_terms_id"), report="payment_terms=", kind=kind)
    terms = collect(read_frame(payment_terms, ("id", "due_days"), kind="payment_terms"))
    by_connection = all("connection_id" in frame.collect_schema().names() for frame in (terms, documents))
    ids: dict[tuple[int, str | None], list[str]] = {}
    for row in terms.iter_rows(named=True):
        own, days = value_to_text(row["id"]), row["due_days"]
        if own is None or pd.isna(days) or days != int(days) or days < 0:
            continue
        connection = value_to_text(row["connection_id"]) if by_connection else None
        ids.setdefault((int(days), connection), []).append(own)
    due = parse_dates(documents, "due_date", kind=kind)
    issue = parse_dates(documents, "issue_date", kind=kind)
    frame = documents.with_columns(due.alias("due_date"), issue.alias("_issue"))
    key = cast_to_text(documents, "payment_terms_id")
    filled: nw.Expr = nw.lit(None, nw.Datetime("us"))
    for (days, connection), own_ids in ids.items():
        same = key.is_in(own_ids).fill_null(value=False)
        if by_connection:
            column = nw.col("connection_id")
            of_connection = column.is_null() if connection is None else (column == connection)
            same = same & of_connection.fill_null(value=False)
        filled = nw.when(same).then(nw.col("_issue").dt.offset_by(f"{days}d")).otherwise(filled)
    frame = frame.with_columns(filled.cast(nw.Datetime("us")).alias("_filled"))
    was_null = nw.col("due_date").is_null()
    notes = []
    if isinstance(frame, nw.DataFrame) and frame.implementation.is_pandas():
        number = int(frame.select((was_null & ~nw.col("_filled").is_null()).alias("_new"))["_new"].sum())
        notes = [f"Due dates from issue date and payment terms: {number:,}."] if number else []
    names = documents.collect_schema().names()
    frame = frame.with_columns(
        nw.when(was_null).then(nw.col("_filled")).otherwise(nw.col("due_date")).alias("due_date")
    )
    return _with_attrs(frame.select(*names), documents), notes


def concatenate(documents: Frame, memos: Frame, *, kind: str) -> Frame:
    """Append credit memos to documents, in the documents' columns; what memos lack is null."""
    schema, own = documents.collect_schema(), memos.collect_schema()
    # Their nested rows are others than those of documents.
    shared = [name for name in schema.names() if name in own and not schema[name].is_nested()]
    for name in shared:
        if schema[name] == own[name]:
            continue
        if "date" in name:
            documents = documents.with_columns(parse_dates(documents, name, kind=kind).alias(name))
            memos = memos.with_columns(parse_dates(memos, name, kind="credit_memos").alias(name))
        else:
            memos = memos.with_columns(nw.col(name).cast(schema[name]))
    rows = memos.select(*shared)
    native = documents.to_native()
    if isinstance(native, pd.DataFrame):
        other = rows.to_native().reset_index(drop=True)
        columns = {name: other.get(name, pd.Series([None] * len(other))) for name in native.columns}
        # What is missing takes the type of the documents' column, where that can hold it.
        more = pd.DataFrame(columns).astype(_types_with_nulls(native))
        both = pd.concat([native, more], ignore_index=True)
        return nw.from_native(both)
    if isinstance(native, pa.Table):
        tables = [native, rows.to_native()]
        return nw.from_native(pa.concat_tables(tables, promote_options="permissive")).select(*schema.names())
    return nw.concat([documents, rows], how="diagonal").select(*schema.names())


def _types_with_nulls(frame: pd.DataFrame) -> dict[str, Any]:
    """Return the types of columns; floats for NumPy's integers, and objects for its booleans."""
    usual = {"i": "float64", "u": "float64", "b": "object"}
    return {
        str(name): usual.get(dtype.kind, dtype) if isinstance(dtype, np.dtype) else dtype
        for name, dtype in frame.dtypes.items()
    }


def _with_attrs(frame: Frame, like: Frame) -> Frame:
    native = frame.to_native()
    if isinstance(native, pd.DataFrame):
        native.attrs = like.to_native().attrs
    return nw.from_native(native)
