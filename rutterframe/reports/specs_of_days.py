"""The specs of reports on days: how long it takes until documents are paid, as data."""

from __future__ import annotations

from rutterframe.reports.columns import CURRENCY, Aggregate, Column, Kind, Order, Rows, Spec

_DAYS_OUTSTANDING = tuple(
    Spec(
        name,
        title,
        question,
        (
            CURRENCY,
            Column("balance", Kind.MONEY, "Balance", "What was open", "credits exceed what is owed"),
            Column(volume, Kind.MONEY, volume.capitalize(), f"Total amounts of the {source} of the period"),
            Column("days", Kind.COUNT, "Days", "The days of the period", aggregate=Aggregate.NONE),
            Column(name, Kind.DURATION, name.upper(), meaning, aggregate=Aggregate.NONE),
        ),
        signature=("currency", "balance", volume, "days", name),
        sources=(source,),
        rows=Rows.DOCUMENTS,
        needs=(name,),
        has_totals=False,
    )
    for name, title, question, volume, source, meaning in (
        (
            "dso",
            "Days sales outstanding",
            "How many days of sales are not paid yet?",
            "sales",
            "invoices",
            "Balance in days of sales",
        ),
        (
            "dpo",
            "Days payable outstanding",
            "How many days of purchases are not paid yet?",
            "purchases",
            "bills",
            "Balance in days of purchases",
        ),
    )
)

_DAYS_TO_PAY = Spec(
    "days_to_pay",
    "Days to pay",
    "How long do invoices take to be paid?",
    (
        CURRENCY,
        Column("documents", Kind.COUNT, "Documents", "How many paid documents"),
        Column("amount", Kind.MONEY, "Amount", "The total amounts of the paid documents"),
        Column(
            "mean_days",
            Kind.DURATION,
            "Mean days",
            "From issue to last payment, each document once",
            "paid in advance",
            aggregate=Aggregate.NONE,
        ),
        Column(
            "weighted_days",
            Kind.DURATION,
            "Weighted days",
            "The mean, weighted by total amounts",
            "paid in advance",
            aggregate=Aggregate.NONE,
        ),
        Column(
            "median_days",
            Kind.DURATION,
            "Median days",
            "Half of the documents took longer",
            "paid in advance",
            aggregate=Aggregate.NONE,
        ),
        Column("left_out", Kind.COUNT, "Left out", "Paid, without dates or amounts that add up"),
    ),
    signature=("currency", "documents", "mean_days", "weighted_days", "median_days"),
    sources=("invoices", "bills", "documents"),
    rows=Rows.PAID,
    needs=("weighted_days",),
    order=Order.LARGEST,
    size="amount",
)

#: The specs of `dso`, `dpo` and `days_to_pay`.
DAYS_SPECS = (*_DAYS_OUTSTANDING, _DAYS_TO_PAY)
