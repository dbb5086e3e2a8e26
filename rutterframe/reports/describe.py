"""Recognise a report by its columns, describe the columns that it has, and check that a view can draw it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pandas as pd

from rutterframe.currency import LARGEST_SUM
from rutterframe.notebook.escape import printable, printable_names
from rutterframe.reports.columns import CURRENCY, NUMBERS, Aggregate, Column, Kind
from rutterframe.reports.engine.buckets import bucket_range
from rutterframe.reports.own import REPORTS
from rutterframe.reports.specs import CURRENT, LASTS, LOWEST, LOWEST_WEEK, ORIGINAL, SPECS

_USUAL = ", with the usual flows"

# Columns from documents, products, conversion or names, which no spec can list; each with the column that it
# comes with: without that one, a column of this name is one that the report was made by.
_LIVE_DOCUMENT = (
    Column("issue_date", Kind.DAY, "Issue date", "When it was issued"),
    Column("document_number", Kind.TEXT, "Number", "The number on the document"),
    Column("total_amount", Kind.MONEY, "Total", "What it was issued over, tax included", "a credit"),
    Column("sub_total", Kind.MONEY, "Subtotal", "The total without tax", "a credit"),
    Column("tax_amount", Kind.MONEY, "Tax", "The tax in the total", "a credit"),
    Column("discount_amount", Kind.MONEY, "Discount", "The discount that was taken off", "a charge"),
    Column("payments", Kind.TEXT, "Payments", "Payments and credits, with their dates"),
    Column("payment_terms_id", Kind.TEXT, "Payment terms id", "The payment terms"),
    Column("account_id", Kind.TEXT, "Account id", "The ledger account that it is posted to"),
    Column("memo", Kind.TEXT, "Memo", "The note on the document"),
    Column("currency_rate", Kind.TEXT, "Currency rate", "The rate to the books' currency, as it was sent"),
    Column("updated_at", Kind.TEXT, "Updated", "When the platform changed it"),
    Column("last_synced_at", Kind.TEXT, "Synchronised", "When the service last read it from the platform"),
)
_LIVE_REVENUE = (
    Column(
        "gross", Kind.MONEY, "Gross", "Quantity times unit price, before discounts", "lines exceed totals"
    ),
    Column(
        "discounts", Kind.MONEY, "Discounts", "Those of the orders, spread over their lines", "surcharges"
    ),
    Column("refunds", Kind.MONEY, "Refunds", "Of refunded lines; blank where one is not known"),
    Column("net", Kind.MONEY, "Net", "Gross less discounts and refunds", "more was refunded than sold"),
    Column("tax", Kind.MONEY, "Tax", "Of the orders; it belongs to no product"),
    Column(
        "shipping", Kind.MONEY, "Shipping", "Of the orders, less the discount on it", "discounts exceed it"
    ),
)
_SOURCE_COLUMNS = {
    **{(column.name, "gross"): column for column in _LIVE_REVENUE},
    **{(column.name, "bucket"): column for column in _LIVE_DOCUMENT},
    ("connection_id", "currency"): Column(
        "connection_id", Kind.KEY, "Connection id", "Where it was loaded from; ids are unique within it"
    ),
    ("id", "bucket"): Column("id", Kind.KEY, "Id", "Identifies the document"),
    ("customer_id", "bucket"): Column("customer_id", Kind.KEY, "Customer id", "The customer who owes"),
    ("vendor_id", "bucket"): Column("vendor_id", Kind.KEY, "Vendor id", "The vendor whom we owe"),
    ("currency", "bucket"): CURRENCY,
    ("account", "difference"): Column(
        "account",
        Kind.TEXT,
        "Account",
        "The bank account, where accounts are compared one by one",
        identifies=True,
        blank="",
    ),
    ("line", "difference"): Column(
        "line", Kind.TEXT, "Line", "The line of the statement that is compared", identifies=True, blank=""
    ),
    ("line_items", "bucket"): Column("line_items", Kind.TEXT, "Line items", "The document, line by line"),
    ("amount_due", "bucket"): Column(
        "amount_due", Kind.MONEY, "Amount due", "What is left to pay", "a credit"
    ),
    ("due_date", "bucket"): Column("due_date", Kind.DAY, "Due date", "When it is to be paid"),
    ("status", "bucket"): Column("status", Kind.TEXT, "Status", "Where the document stands"),
    ("sku", "variant_id"): Column("sku", Kind.TEXT, "SKU", "The article number"),
    ("customer_name", "customer_id"): Column(
        "customer_name", Kind.TEXT, "Customer", "The customer's name", identifies=True
    ),
    ("vendor_name", "vendor_id"): Column(
        "vendor_name", Kind.TEXT, "Vendor", "The vendor's name", identifies=True
    ),
    ("usual", "week"): Column(
        "usual", Kind.MONEY, "Usual", "Usual flows that no document announces", "more goes out"
    ),
    ("closing_with_usual", "week"): Column(
        "closing_with_usual",
        Kind.MONEY,
        "Closing with usual",
        "The closing with usual flows",
        "overdrawn",
        aggregate=Aggregate.LAST,
    ),
    **{
        (f"{column.name}_with_usual", "lowest_week"): replace(
            column,
            name=f"{column.name}_with_usual",
            label=f"{column.label}{_USUAL}",
            meaning=f"{column.meaning}{_USUAL}",
        )
        for column in (LOWEST, LOWEST_WEEK, LASTS)
    },
    ("account_id", "inflow"): Column("account_id", Kind.KEY, "Account id", "The bank account"),
    ("account_name", "account_id"): Column(
        "account_name", Kind.TEXT, "Account", "The account's name", identifies=True
    ),
    (ORIGINAL, "currency"): Column(
        ORIGINAL, Kind.TEXT, "Original currency", "What it was converted from", identifies=True
    ),
}


def recognise(columns: Iterable[str]) -> str | None:
    """Recognise a report by its columns: after a merge, or read back from a file, it carries nothing else.

    Parameters
    ----------
    columns : iterable of str
        Columns of a frame; others than the report's may be among them.

    Returns
    -------
    str or None
        The report's name, as in ``attrs["report"]``; None for a frame that is not a report, and for an aging
        by something else than customers or vendors, which could be of either.

    Examples
    --------
    >>> recognise(["type", "currency", "accounts", "balance", "comment"])
    'trial_balance'
    """
    present = {str(name) for name in columns}
    known = (*SPECS.values(), *(report.spec for report in REPORTS.all()))
    specs = [spec for spec in known if present.issuperset(spec.signature)]
    agings = [spec for spec in specs if {f"{spec.party}_id", f"{spec.party}_name"} & present]
    if len(agings) == 1:
        return agings[0].name
    # The most particular signature decides: a forecast has the columns of a simpler report, too.
    specs = [spec for spec in specs if not spec.party]
    return max(specs, key=lambda spec: len(spec.signature)).name if specs else None


def describe(name: str, columns: Iterable[str]) -> tuple[Column, ...]:
    """Describe the columns that a report has: also those that the caller named, and the buckets.

    Parameters
    ----------
    name : str
        The report's name, as in ``attrs["report"]``.
    columns : iterable of str
        Its columns. One that no spec knows is a key where it stands before ``currency``, as those do that the
        report was made by; behind it, it was added later.

    Examples
    --------
    >>> [column.label for column in describe("ar_aging", ["customer_id", "days_1_30", "total"])]
    ['Customer id', '1–30 days', 'Total']
    """
    return _described(name, tuple(columns))


@lru_cache(maxsize=256)
def _described(name: str, columns: tuple[str, ...]) -> tuple[Column, ...]:
    spec = SPECS[name]
    known = {column.name: column for column in spec.columns}
    known |= {name: column for (name, beside), column in _SOURCE_COLUMNS.items() if beside in columns}
    # Open items bring along every column of their documents, in the documents' order.
    grouped = "currency" in columns and not spec.lists_documents
    added = set(columns[columns.index("currency") :]) if grouped else set()
    if ORIGINAL in columns and "share" in known:
        # Each is a share of its own original currency.
        known["share"] = replace(known["share"], aggregate=Aggregate.NONE)
    return tuple(
        known.get(column) or _bucket(column) or (_added(column) if column in added else _named(column))
        for column in columns
    )


REPORTS.on_change(_described.cache_clear)


def _bucket(name: str) -> Column | None:
    days = bucket_range(name)
    if days is None:
        return None
    first, last = days
    label, meaning = f"{first}\N{EN DASH}{last} days", f"{first} to {last} days past due"
    if last is None:
        label, meaning = f"{first}+ days", f"{first} days past due or more"
    return replace(CURRENT, name=name, label=label, meaning=meaning)


def _named(name: str) -> Column:
    label = name.replace("_", " ").capitalize()
    return Column(name, Kind.KEY, label, f"The column {name!r} that the report groups by")


def _added(name: str) -> Column:
    label = name.replace("_", " ").capitalize()
    return Column(name, Kind.TEXT, label, f"The column {name!r}, which was added to the report")


def columns_of(report: pd.DataFrame) -> tuple[Column, ...]:
    """Describe the columns of a report on pandas that has its name in ``attrs``."""
    return describe(report.attrs["report"], map(str, report.columns))


def read_report(report: pd.DataFrame, *names: str, needs: Sequence[str] = ()) -> pd.DataFrame:
    """Return a frame as the report that a view draws.

    Parameters
    ----------
    report : DataFrame
        The argument of the view.
    *names : str
        The reports that the view draws; any if none is named.
    needs : sequence of str
        The columns that this view needs, beside those that every view of the report does.

    Returns
    -------
    DataFrame
        The report; one that lost its ``attrs``, in a merge or a file, is recognised by its columns.

    Raises
    ------
    TypeError
        If it is not a pandas DataFrame.
    ValueError
        If it is another report, or not a report; lacks a column that is needed, or has one twice; or if an
        amount is not a finite number. The message says which.
    """
    if not isinstance(report, pd.DataFrame):
        kind = type(report).__name__
        raise TypeError(f"this view shows a pandas report of {_listed(names)}, not {kind}")
    name = report.attrs.get("report") or recognise(map(str, report.columns))
    if name is not None and name in (names or SPECS):
        _check_columns(report, name, needs)
        _check_numbers(report, name)
        return report if "report" in report.attrs else _with_attrs(report, name)
    if name is not None:
        raise ValueError(f"this view shows {_listed(names)}; the frame is a report of {name}")
    receipt = report.attrs.get("receipt")
    resource = receipt.get("resource") if isinstance(receipt, dict) else None
    what = (
        f"{printable(str(resource))} as loaded" if resource else f"columns {printable_names(report.columns)}"
    )
    raise ValueError(
        f"this view shows {_listed(names)}; the frame is not a report (neither attrs['report'] nor the "
        f"columns of one): it has {what}. Compute a report of it first, such as "
        "rf.reports.ar_aging(invoices, '2026-06-30')"
    )


def _listed(names: Sequence[str]) -> str:
    return " or ".join(names or (*SPECS, *REPORTS.names))


def _check_columns(report: pd.DataFrame, name: str, needs: Sequence[str]) -> None:
    """Refuse a report that lacks a column that its view needs, or has a column twice."""
    missing = [column for column in ("currency", *SPECS[name].needs, *needs) if column not in report]
    if missing:
        raise ValueError(
            f"the report of {name} has lost its column {missing[0]!r}; its columns are "
            f"{printable_names(report.columns)}"
        )
    twice = report.columns[report.columns.duplicated()]
    if len(twice):
        raise ValueError(f"the report of {name} has the column {twice[0]!r} more than once: keep one of them")


def _check_numbers(report: pd.DataFrame, name: str) -> None:
    """Refuse amounts, counts and shares that are not numbers, infinite, or more than any report can have."""
    for column in describe(name, map(str, report.columns)):
        if column.kind not in NUMBERS:
            continue
        values = report[column.name]
        try:
            numbers = pd.to_numeric(values).to_numpy(dtype="float64", na_value=np.nan)
        except (ValueError, TypeError):
            raise ValueError(
                f"the report of {name} does not hold numbers in its column {column.name!r}, but "
                f"{values.dtype}"
            ) from None
        wrong = np.flatnonzero(np.abs(numbers) > LARGEST_SUM)
        if len(wrong):
            infinite = np.isinf(numbers[wrong[0]])
            what = "an infinite number" if infinite else "a number too large to be shown exactly"
            raise ValueError(
                f"the report of {name} holds {what} in its column {column.name!r}: {values.iloc[wrong[0]]} "
                f"(row {wrong[0]}); correct it, or leave the row out"
            )


def _with_attrs(report: pd.DataFrame, name: str) -> pd.DataFrame:
    """Add to a report that was recognised by its columns its name, its types, and a note of what it lost."""
    copy = report.copy()
    for column in describe(name, map(str, report.columns)):
        values = copy[column.name]
        if column.kind is Kind.DAY and not pd.api.types.is_datetime64_any_dtype(values):
            copy[column.name] = pd.to_datetime(values, format="ISO8601")
        elif column.kind is Kind.COUNT:
            copy[column.name] = pd.to_numeric(values).astype("Float64")
        elif column.kind is Kind.FLAG:
            copy[column.name] = values.astype("boolean")
    note = "The report came without its notes, its day and its receipts: they are lost in a merge or a file."
    copy.attrs = {**report.attrs, "report": name, "notes": [note]}
    return copy
