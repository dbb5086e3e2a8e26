"""The specs of all reports, as data: titles, and the kind, label and meaning of each column."""

from __future__ import annotations

from rutterframe.reports.columns import CURRENCY, Aggregate, Column, Kind, Order, Rows, Spec
from rutterframe.reports.own import SpecTable
from rutterframe.reports.specs_of_days import DAYS_SPECS

#: The column with the currency that a row was converted from.
ORIGINAL = "original_currency"

_TOTAL = Column("total", Kind.MONEY, "Total", "The sum of all buckets", "credits exceed what is owed")
CURRENT = Column(
    "current", Kind.MONEY, "Current", "Due on or after the as-of day", "credits exceed what is owed"
)
_NO_DATE = Column(
    "no_due_date", Kind.MONEY, "No due date", "Open, without a due date", "credits exceed what is owed"
)
_DOCUMENTS = Column("documents", Kind.COUNT, "Documents", "How many open documents")
_PERIOD = Column("period", Kind.DAY, "Period", "The first day of the period, UTC", identifies=True)
_DAYS_PAST_DUE = Column(
    "days_past_due",
    Kind.COUNT,
    "Days past due",
    "As-of day minus due date",
    sign="not due yet",
    counted_in="days",
    aggregate=Aggregate.NONE,
)
_BUCKET = Column("bucket", Kind.TEXT, "Bucket", "The aging bucket")
_ACCOUNTS = Column("accounts", Kind.COUNT, "Accounts", "How many accounts")

LOWEST = Column(
    "lowest", Kind.MONEY, "Lowest", "The least of the opening and all closings", "below zero at the end"
)
LOWEST_WEEK = Column(
    "lowest_week",
    Kind.COUNT,
    "In week",
    "The week that ends with it; 0 is the opening",
    aggregate=Aggregate.NONE,
)
LASTS = Column(
    "weeks",
    Kind.COUNT,
    "Below zero in week",
    "The first that ends below zero; none if blank",
    aggregate=Aggregate.NONE,
    blank="none",
)
_AGING = ("currency", "current", "no_due_date", "total", "documents")
_SIDE_OF_TRANSFER = {
    side: (
        Column(f"{side}_connection_id", Kind.TEXT, f"{word} connection id", f"Of the account {what}"),
        Column(f"{side}_account_id", Kind.TEXT, f"{word} account id", f"The account {what}"),
        Column(f"{side}_id", Kind.TEXT, f"{word} id", f"The transaction {what}", identifies=True),
        Column(f"{side}_date", Kind.DAY, f"{word} day", f"The day {when}"),
    )
    for side, word, what, when in (
        ("from", "From", "that the money left", "that it left"),
        ("to", "To", "that it came to", "that it came"),
    )
}

_OPEN_ITEM = (
    "customer_id", "customer_name", "vendor_id", "vendor_name", "document_number", "currency", "status",
    "issue_date", "due_date", "days_past_due", "bucket", ORIGINAL, "amount_due", "id", "connection_id",
)  # fmt: skip
_OVERDUE_ITEM = (
    "customer_id", "customer_name", "vendor_id", "vendor_name", "document_number", "currency", ORIGINAL,
    "due_date", "days_past_due", "amount_due", "share", "connection_id", "id",
)  # fmt: skip
_TRANSFER = (
    "from_date", "to_date", "currency", ORIGINAL, "amount", "from_account_id", "to_account_id",
    "from_connection_id", "to_connection_id",
)  # fmt: skip

_OURS = {
    spec.name: spec
    for spec in (
        Spec(
            "open_items",
            "Open items",
            "Which documents are still to be paid?",
            (_DAYS_PAST_DUE, _BUCKET),
            signature=("currency", "amount_due", "days_past_due", "bucket"),
            sources=("documents", "invoices", "bills"),
            needs=("amount_due",),
            order=Order.LARGEST,
            size="amount_due",
            columns_shown=_OPEN_ITEM,
            identity=("id",),
            lists_documents=True,
        ),
        Spec(
            "top_overdue",
            "Largest overdue",
            "What is to be chased, or paid, first?",
            (
                _DAYS_PAST_DUE,
                _BUCKET,
                Column("amount_due", Kind.MONEY, "Amount due", "What is left to pay"),
                Column("share", Kind.SHARE, "Share", "Of all that is overdue in the currency, credits aside"),
            ),
            signature=("currency", "days_past_due", "bucket", "amount_due", "share"),
            sources=("documents", "invoices", "bills"),
            rows=Rows.DOCUMENTS,
            needs=("amount_due", "days_past_due"),
            order=Order.LARGEST,
            size="amount_due",
            columns_shown=_OVERDUE_ITEM,
            identity=("id",),
        ),
        Spec(
            "ar_aging",
            "Receivables aging",
            "Who owes us, and for how long?",
            (CURRENCY, CURRENT, _NO_DATE, _TOTAL, _DOCUMENTS),
            signature=_AGING,
            sources=("invoices",),
            rows=Rows.DOCUMENTS,
            needs=("total",),
            party="customer",
            order=Order.LARGEST,
            size="total",
        ),
        Spec(
            "ap_aging",
            "Payables aging",
            "Whom do we owe, and for how long?",
            (CURRENCY, CURRENT, _NO_DATE, _TOTAL, _DOCUMENTS),
            signature=_AGING,
            sources=("bills",),
            rows=Rows.DOCUMENTS,
            needs=("total",),
            party="vendor",
            order=Order.LARGEST,
            size="total",
        ),
        *DAYS_SPECS,
        Spec(
            "revenue_by_product",
            "Revenue by product",
            "What do we sell?",
            (
                Column("product_id", Kind.KEY, "Product", "The product; null for what belongs to none"),
                Column("title", Kind.TEXT, "Title", "The product's name", identifies=True),
                CURRENCY,
                _PERIOD,
                Column("orders", Kind.COUNT, "Orders", "How many orders", aggregate=Aggregate.NONE),
                Column("quantity", Kind.COUNT, "Quantity", "Pieces sold"),
                Column(
                    "revenue",
                    Kind.MONEY,
                    "Revenue",
                    "Quantity times unit price; not allocated: shipping and tax, less discounts",
                    "discounts exceed charges",
                ),
                Column("share", Kind.SHARE, "Share", "Of the currency's revenue (in the period)"),
            ),
            signature=("currency", "orders", "quantity", "revenue", "share"),
            sources=("orders",),
            rows=Rows.LINES,
            needs=("revenue",),
            order=Order.LARGEST,
            size="revenue",
            within=("period",),
            basis="Revenue is quantity times unit price; shipping, tax and discounts belong to no product.",
        ),
        Spec(
            "cash_position",
            "Cash position",
            "How much cash is at the banks?",
            (
                CURRENCY,
                _ACCOUNTS,
                Column(
                    "balance", Kind.MONEY, "Balance", "The sum of the balances of cash", "overdrawn in total"
                ),
                Column("overdrawn", Kind.MONEY, "Overdrawn", "The sum of the negative balances", "always"),
                Column("debt", Kind.MONEY, "Debt", "Owed on cards, credit lines and loans; no cash"),
            ),
            signature=("currency", "accounts", "balance", "overdrawn"),
            sources=("bank_accounts",),
            needs=("balance",),
            order=Order.LARGEST,
            size="balance",
        ),
        Spec(
            "cash_history",
            "Cash history",
            "How did the cash develop?",
            (
                Column("date", Kind.DAY, "Day", "The day, at its end", identifies=True),
                CURRENCY,
                Column("inflow", Kind.MONEY, "Inflow", "Deposits of the day"),
                Column("outflow", Kind.MONEY, "Outflow", "Withdrawals of the day", "always"),
                Column("transfers", Kind.MONEY, "Transfers", "Between own accounts", "what left them"),
                Column(
                    "balance",
                    Kind.MONEY,
                    "Balance",
                    "Today's balance minus what was posted later",
                    "overdrawn",
                    aggregate=Aggregate.LAST,
                ),
            ),
            signature=("date", "currency", "inflow", "outflow", "balance"),
            sources=("transactions",),
            rows=Rows.DAY,
            needs=("date", "balance"),
            order=Order.DAYS,
            within=("account_id", ORIGINAL),
        ),
        Spec(
            "cash_forecast",
            "Cash forecast",
            "Will the cash last?",
            (
                CURRENCY,
                Column(
                    "week",
                    Kind.COUNT,
                    "Week",
                    "1 is the week that begins on the as-of day",
                    aggregate=Aggregate.NONE,
                    identifies=True,
                ),
                Column(
                    "week_start", Kind.DAY, "From", "The first day of the week", aggregate=Aggregate.FIRST
                ),
                Column(
                    "opening",
                    Kind.MONEY,
                    "Opening",
                    "Cash when the week begins",
                    "overdrawn",
                    aggregate=Aggregate.FIRST,
                ),
                Column(
                    "receipts", Kind.MONEY, "Receipts", "Receivables due in the week", "credits to customers"
                ),
                Column("payments", Kind.MONEY, "Payments", "Payables due in the week", "what is paid out"),
                Column(
                    "closing",
                    Kind.MONEY,
                    "Closing",
                    "Opening + receipts + payments",
                    "overdrawn",
                    aggregate=Aggregate.LAST,
                ),
            ),
            signature=("currency", "week", "week_start", "opening", "receipts", "payments", "closing"),
            sources=("invoices", "bills"),
            rows=Rows.WEEK,
            needs=("week", "opening", "closing"),
            order=Order.WEEKS,
            within=(ORIGINAL,),
        ),
        Spec(
            "runway",
            "Runway",
            "How long does the cash last?",
            (
                CURRENCY,
                Column("opening", Kind.MONEY, "Opening", "Cash before week 1", "overdrawn"),
                LOWEST,
                LOWEST_WEEK,
                LASTS,
            ),
            signature=("currency", "opening", "lowest", "lowest_week", "weeks"),
            sources=("forecast",),
            needs=("lowest",),
            has_totals=False,
        ),
        Spec(
            "transfers",
            "Transfers",
            "What was moved between own accounts?",
            (
                *_SIDE_OF_TRANSFER["from"],
                *_SIDE_OF_TRANSFER["to"],
                CURRENCY,
                Column("amount", Kind.MONEY, "Amount", "What was moved"),
            ),
            signature=("from_account_id", "from_date", "to_account_id", "to_date", "currency", "amount"),
            sources=("transactions",),
            rows=Rows.TRANSFER,
            needs=("amount",),
            size="amount",
            columns_shown=_TRANSFER,
            identity=("from_id", "to_id"),
        ),
        Spec(
            "trial_balance",
            "Trial balance",
            "Do the books balance?",
            (
                Column("type", Kind.KEY, "Type", "The side of the accounting equation, or the difference"),
                CURRENCY,
                _ACCOUNTS,
                Column("balance", Kind.MONEY, "Balance", "On the type's natural side", "on the other side"),
            ),
            signature=("type", "currency", "accounts", "balance"),
            sources=("accounts",),
            needs=("type", "balance"),
            order=Order.TYPES,
            has_totals=False,
            zero_row=("type", "difference", "balance"),
        ),
        Spec(
            "expenses_by_category",
            "Expenses by category",
            "What is the money spent on?",
            (
                Column("category", Kind.KEY, "Category", "The ledger's category; null for none"),
                CURRENCY,
                _PERIOD,
                Column("expenses", Kind.COUNT, "Expenses", "How many"),
                Column("amount", Kind.MONEY, "Amount", "What was spent", "refunds exceed spending"),
                Column("share", Kind.SHARE, "Share", "Of the currency's spending (in the period)"),
            ),
            signature=("currency", "expenses", "amount", "share"),
            sources=("expenses",),
            needs=("amount",),
            order=Order.LARGEST,
            size="amount",
            within=("period",),
        ),
        Spec(
            "change",
            "Change",
            "What grew, and what shrank?",
            (
                CURRENCY,
                _PERIOD,
                Column("amount", Kind.MONEY, "Amount", "The report's amount", "less than nothing"),
                Column(
                    "before", Kind.MONEY, "Before", "That of the period compared with", "less than nothing"
                ),
                Column("change", Kind.MONEY, "Change", "Amount minus before", "it shrank"),
                Column(
                    "change_share",
                    Kind.SHARE,
                    "Change in %",
                    "Of the size of before; blank where that is zero or the signs differ",
                    "it shrank",
                    aggregate=Aggregate.NONE,
                ),
            ),
            signature=("currency", "period", "amount", "before", "change", "change_share"),
            sources=("report",),
            needs=("amount", "before", "change"),
            order=Order.RANK,
            within=("currency", "period", ORIGINAL),
            has_totals=False,
        ),
        Spec(
            "concentration",
            "Concentration",
            "How much depends on the few largest?",
            (
                CURRENCY,
                Column(
                    "rank",
                    Kind.COUNT,
                    "Rank",
                    "1 is the largest of its currency",
                    aggregate=Aggregate.NONE,
                    identifies=True,
                ),
                Column("amount", Kind.MONEY, "Amount", "The report's amount", "credits exceed what is owed"),
                Column("share", Kind.SHARE, "Share", "Of the currency's total"),
                Column(
                    "cumulative_share",
                    Kind.SHARE,
                    "Cumulative share",
                    "Of this and all larger ones",
                    aggregate=Aggregate.LAST,
                ),
            ),
            signature=("currency", "rank", "amount", "share", "cumulative_share"),
            sources=("report",),
            needs=("amount",),
            order=Order.RANK,
            within=(ORIGINAL,),
            by_in_title=True,
        ),
        Spec(
            "tie_out",
            "Tie-out",
            "Does the report agree with its source?",
            (
                CURRENCY,
                Column("report", Kind.MONEY, "Report", "The report's total"),
                Column("source", Kind.MONEY, "Source", "The source's total"),
                Column("difference", Kind.MONEY, "Difference", "Report minus source", "the report has less"),
                Column("ok", Kind.FLAG, "Agrees", "Whether the difference is zero"),
            ),
            signature=("currency", "report", "source", "difference", "ok"),
            sources=("source",),
            needs=("ok",),
            has_totals=False,
            compares=True,
        ),
    )
}

#: Every report by its name; those of other packages are looked up, too.
SPECS = SpecTable(_OURS)
