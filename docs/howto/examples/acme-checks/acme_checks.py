"""Customers with overdue invoices who cannot be called."""

from collections.abc import Iterator

from rutterframe.extensions.checks import (
    Check,
    FrameSet,
    Matches,
    Severity,
)


def debtor_without_phone(frames: FrameSet) -> Iterator[Matches]:
    """Find customers with overdue invoices and without a telephone."""
    invoices = frames.frame(
        "invoices", "customer_id", "amount_due", "due_date"
    )
    customers = frames.frame("customers", "phone")
    if invoices is None or customers is None or frames.as_of is None:
        return
    overdue = invoices[
        (invoices["amount_due"] > 0)
        & (invoices["due_date"] < frames.as_of)
    ]
    # An id is unique only within its connection.
    debts = overdue.groupby(
        ["connection_id", "customer_id"], as_index=False
    ).size()
    debtors = customers.merge(
        debts,
        left_on=["connection_id", "id"],
        right_on=["connection_id", "customer_id"],
    )
    rows = debtors[debtors["phone"].isna()]
    yield Matches(
        "customers",
        rows,
        "phone",
        "There is no telephone number. Overdue invoices: {size}.",
    )


CHECK = Check(
    "debtor_without_phone",
    Severity.NOTE,
    "A customer with an overdue invoice has no telephone number.",
    "No one can call to ask for the money.",
    debtor_without_phone,
)
