"""What the columns of every report mean, as data: docs, tables, workbooks and tests read it from here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from rutterframe.reports.columns import Column, Kind, Spec
from rutterframe.reports.engine.buckets import bucket_range

#: The column that tells what a converted row was converted from.
ORIGINAL = "original_currency"

_CURRENCY = Column("currency", Kind.KEY, "Currency", "ISO 4217; amounts of two currencies are never added")
_TOTAL = Column("total", Kind.MONEY, "Total", "The sum of all buckets", "credits exceed what is owed")
_CURRENT = Column(
    "current", Kind.MONEY, "Current", "Due on or after the as-of day", "credits exceed what is owed"
)
_NO_DATE = Column(
    "no_due_date", Kind.MONEY, "No due date", "Open, without a due date", "credits exceed what is owed"
)
_DOCUMENTS = Column("documents", Kind.COUNT, "Documents", "How many open documents")
_PERIOD = Column("period", Kind.DAY, "Period", "The first day of the period, UTC")
_ACCOUNTS = Column("accounts", Kind.COUNT, "Accounts", "How many accounts")

_LOWEST = Column(
    "lowest", Kind.MONEY, "Lowest", "The least of the opening and all closings", "below zero at the end"
)
_LOWEST_WEEK = Column("lowest_week", Kind.COUNT, "In week", "The week that ends with it; 0 is the opening")
_LASTS = Column("weeks", Kind.COUNT, "Below zero in week", "The first that ends below zero; none if blank")
_USUAL = ", with the usual flows"
_SIDE_OF_TRANSFER = {
    side: (
        Column(f"{side}_connection_id", Kind.TEXT, f"{word} connection id", f"Of the account {what}"),
        Column(f"{side}_account_id", Kind.TEXT, f"{word} account id", f"The account {what}"),
        Column(f"{side}_id", Kind.TEXT, f"{word} id", f"The transaction {what}"),
        Column(f"{side}_date", Kind.DAY, f"{word} day", f"The day {when}"),
    )
    for side, word, what, when in (
        ("from", "From", "that the money left", "that it left"),
        ("to", "To", "that it came to", "that it came"),
    )
}

SPECS: dict[str, Spec] = {
    spec.name: spec
    for spec in (
        Spec(
            "open_items",
            "Open items",
            "Which documents are still to be paid?",
            (
                Column(
                    "days_past_due",
                    Kind.COUNT,
                    "Days past due",
                    "As-of day minus due date",
                    sign="not due yet",
                    counted_in="days",
                ),
                Column("bucket", Kind.TEXT, "Bucket", "The aging bucket"),
            ),
        ),
        Spec(
            "ar_aging",
            "Receivables aging",
            "Who owes us, and for how long?",
            (_CURRENCY, _CURRENT, _NO_DATE, _TOTAL, _DOCUMENTS),
        ),
        Spec(
            "ap_aging",
            "Payables aging",
            "Whom do we owe, and for how long?",
            (_CURRENCY, _CURRENT, _NO_DATE, _TOTAL, _DOCUMENTS),
        ),
        Spec(
            "revenue_by_product",
            "Revenue by product",
            "What do we sell?",
            (
                Column("product_id", Kind.KEY, "Product", "The product; null for what belongs to none"),
                Column("title", Kind.TEXT, "Title", "The product's name"),
                _CURRENCY,
                _PERIOD,
                Column("orders", Kind.COUNT, "Orders", "How many orders"),
                Column("quantity", Kind.COUNT, "Quantity", "Pieces sold"),
                Column(
                    "revenue", Kind.MONEY, "Revenue", "Quantity times unit price", "discounts exceed charges"
                ),
                Column("share", Kind.SHARE, "Share", "Of the currency's revenue (in the period)"),
            ),
        ),
        Spec(
            "cash_position",
            "Cash position",
            "How much cash is at the banks?",
            (
                _CURRENCY,
                _ACCOUNTS,
                Column(
                    "balance", Kind.MONEY, "Balance", "The sum of the balances of cash", "overdrawn in total"
                ),
                Column("overdrawn", Kind.MONEY, "Overdrawn", "The sum of the negative balances", "always"),
                Column("debt", Kind.MONEY, "Debt", "Owed on cards, credit lines and loans; no cash"),
            ),
        ),
        Spec(
            "cash_history",
            "Cash history",
            "How did the cash develop?",
            (
                Column("date", Kind.DAY, "Day", "The day, at its end"),
                _CURRENCY,
                Column("inflow", Kind.MONEY, "Inflow", "Deposits of the day"),
                Column("outflow", Kind.MONEY, "Outflow", "Withdrawals of the day", "always"),
                Column("transfers", Kind.MONEY, "Transfers", "Between own accounts", "what left them"),
                Column("balance", Kind.MONEY, "Balance", "Today's balance, walked back", "overdrawn"),
            ),
        ),
        Spec(
            "cash_forecast",
            "Cash forecast",
            "Will the cash last?",
            (
                _CURRENCY,
                Column("week", Kind.COUNT, "Week", "1 is the week that begins on the as-of day"),
                Column("week_start", Kind.DAY, "From", "The first day of the week"),
                Column("opening", Kind.MONEY, "Opening", "Cash when the week begins", "overdrawn"),
                Column(
                    "receipts", Kind.MONEY, "Receipts", "Receivables due in the week", "credits to customers"
                ),
                Column("payments", Kind.MONEY, "Payments", "Payables due in the week", "what is paid out"),
                Column("closing", Kind.MONEY, "Closing", "Opening + receipts + payments", "overdrawn"),
            ),
        ),
        Spec(
            "runway",
            "Runway",
            "How long does the cash last?",
            (
                _CURRENCY,
                Column("opening", Kind.MONEY, "Opening", "Cash before week 1", "overdrawn"),
                _LOWEST,
                _LOWEST_WEEK,
                _LASTS,
            ),
        ),
        Spec(
            "transfers",
            "Transfers",
            "What was moved between own accounts?",
            (
                *_SIDE_OF_TRANSFER["from"],
                *_SIDE_OF_TRANSFER["to"],
                _CURRENCY,
                Column("amount", Kind.MONEY, "Amount", "What was moved"),
            ),
        ),
        Spec(
            "trial_balance",
            "Trial balance",
            "Do the books balance?",
            (
                Column("type", Kind.KEY, "Type", "The side of the accounting equation, or the difference"),
                _CURRENCY,
                _ACCOUNTS,
                Column("balance", Kind.MONEY, "Balance", "On the type's natural side", "on the other side"),
            ),
        ),
        Spec(
            "expenses_by_category",
            "Expenses by category",
            "What is the money spent on?",
            (
                Column("category", Kind.KEY, "Category", "The ledger's category; null for none"),
                _CURRENCY,
                _PERIOD,
                Column("expenses", Kind.COUNT, "Expenses", "How many"),
                Column("amount", Kind.MONEY, "Amount", "What was spent", "refunds exceed spending"),
                Column("share", Kind.SHARE, "Share", "Of the currency's spending (in the period)"),
            ),
        ),
        Spec(
            "concentration",
            "Concentration",
            "How much depends on the few largest?",
            (
                _CURRENCY,
                Column("rank", Kind.COUNT, "Rank", "1 is the largest of its currency"),
                Column("amount", Kind.MONEY, "Amount", "The report's amount", "credits exceed what is owed"),
                Column("share", Kind.SHARE, "Share", "Of the currency's total"),
                Column("cumulative_share", Kind.SHARE, "Cumulative share", "Of this and all larger ones"),
            ),
        ),
        Spec(
            "tie_out",
            "Tie-out",
            "Does the report agree with its source?",
            (
                _CURRENCY,
                Column("report", Kind.MONEY, "Report", "The report's total"),
                Column("source", Kind.MONEY, "Source", "The source's total"),
                Column("difference", Kind.MONEY, "Difference", "Report minus source", "the report has less"),
                Column("ok", Kind.FLAG, "Agrees", "Whether the difference is zero"),
            ),
        ),
    )
}


# What a report brings along from its documents, products, conversion or names, and no spec can know; each
# with the column that it comes with, since anything else of its name is what the report was made by.
_BROUGHT = {
    ("connection_id", "currency"): Column(
        "connection_id", Kind.KEY, "Connection id", "Where it was loaded from; ids are unique within it"
    ),
    ("id", "bucket"): Column("id", Kind.KEY, "Id", "Identifies the document"),
    ("customer_id", "bucket"): Column("customer_id", Kind.KEY, "Customer id", "The customer who owes"),
    ("vendor_id", "bucket"): Column("vendor_id", Kind.KEY, "Vendor id", "The vendor whom we owe"),
    ("currency", "bucket"): _CURRENCY,
    ("account", "difference"): Column(
        "account", Kind.TEXT, "Account", "The bank account, where accounts are compared one by one"
    ),
    ("line_items", "bucket"): Column("line_items", Kind.TEXT, "Line items", "The document, line by line"),
    ("amount_due", "bucket"): Column(
        "amount_due", Kind.MONEY, "Amount due", "What is left to pay", "a credit"
    ),
    ("due_date", "bucket"): Column("due_date", Kind.DAY, "Due date", "When it is to be paid"),
    ("status", "bucket"): Column("status", Kind.TEXT, "Status", "Where the document stands"),
    ("sku", "variant_id"): Column("sku", Kind.TEXT, "SKU", "The article number"),
    ("customer_name", "customer_id"): Column("customer_name", Kind.TEXT, "Customer", "The customer's name"),
    ("vendor_name", "vendor_id"): Column("vendor_name", Kind.TEXT, "Vendor", "The vendor's name"),
    ("usual", "week"): Column(
        "usual", Kind.MONEY, "Usual", "Usual flows that no document announces", "more goes out"
    ),
    ("closing_with_usual", "week"): Column(
        "closing_with_usual", Kind.MONEY, "Closing with usual", "The closing with usual flows", "overdrawn"
    ),
    **{
        (f"{column.name}_with_usual", "lowest_week"): replace(
            column,
            name=f"{column.name}_with_usual",
            label=f"{column.label}{_USUAL}",
            meaning=f"{column.meaning}{_USUAL}",
        )
        for column in (_LOWEST, _LOWEST_WEEK, _LASTS)
    },
    ("account_id", "inflow"): Column("account_id", Kind.KEY, "Account id", "The bank account"),
    ("account_name", "account_id"): Column("account_name", Kind.TEXT, "Account", "The account's name"),
    (ORIGINAL, "currency"): Column(ORIGINAL, Kind.TEXT, "Original currency", "What it was converted from"),
}


# What tells a report by its columns, the most particular first; an aging needs its customers or vendors too.
_AGED = ("currency", "current", "no_due_date", "total", "documents")
_TELLING = {
    "tie_out": ("currency", "report", "source", "difference", "ok"),
    "concentration": ("currency", "rank", "amount", "share", "cumulative_share"),
    "cash_forecast": ("currency", "week", "week_start", "opening", "receipts", "payments", "closing"),
    "cash_history": ("date", "currency", "inflow", "outflow", "balance"),
    "revenue_by_product": ("currency", "orders", "quantity", "revenue", "share"),
    "expenses_by_category": ("currency", "expenses", "amount", "share"),
    "runway": ("currency", "opening", "lowest", "lowest_week", "weeks"),
    "transfers": ("from_account_id", "from_date", "to_account_id", "to_date", "currency", "amount"),
    "cash_position": ("currency", "accounts", "balance", "overdrawn"),
    "trial_balance": ("type", "currency", "accounts", "balance"),
    "open_items": ("currency", "amount_due", "days_past_due", "bucket"),
}
_PARTIES = {"ar_aging": {"customer_id", "customer_name"}, "ap_aging": {"vendor_id", "vendor_name"}}


def recognise(columns: Iterable[str]) -> str | None:
    """Tell a report by its columns: after a merge, or read back from a file, it carries nothing else.

    Parameters
    ----------
    columns : iterable of str
        Columns of a frame; others than the report's may be among them.

    Returns
    -------
    str or None
        The report's name, as in ``attrs["report"]``; None for a frame that is no report, and for an aging by
        something else than customers or vendors, which could be of either.

    Examples
    --------
    >>> recognise(["type", "currency", "accounts", "balance", "comment"])
    'trial_balance'
    """
    there = {str(name) for name in columns}
    sides = [name for name, parties in _PARTIES.items() if parties & there and there.issuperset(_AGED)]
    if len(sides) == 1:
        return sides[0]
    return next((name for name, telling in _TELLING.items() if there.issuperset(telling)), None)


def describe(name: str, columns: Iterable[str]) -> tuple[Column, ...]:
    """Describe the columns of a report as it was made: also those that the caller named, and the buckets.

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
    ['Customer id', '1-30 days', 'Total']
    """
    there = list(columns)
    known = {column.name: column for column in SPECS[name].columns}
    known |= {column: spec for (column, beside), spec in _BROUGHT.items() if beside in there}
    added = set(there[there.index("currency") :]) if "currency" in there and name != "open_items" else set()
    return tuple(
        known.get(column) or _bucket(column) or (_added(column) if column in added else _named(column))
        for column in there
    )


def _bucket(name: str) -> Column | None:
    found = bucket_range(name)
    if found is None:
        return None
    first, last = found
    days = f"{first} and more" if last is None else f"{first}-{last}"
    return replace(_CURRENT, name=name, label=f"{days} days", meaning=f"{days} days past due")


def _named(name: str) -> Column:
    label = name.replace("_", " ").capitalize()
    return Column(name, Kind.KEY, label, f"The column {name!r} that the report was made by")


def _added(name: str) -> Column:
    label = name.replace("_", " ").capitalize()
    return Column(name, Kind.TEXT, label, f"The column {name!r}, which was added to the report")
