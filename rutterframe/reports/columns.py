"""Records that describe a report: its columns, how they add up, and how its rows are ordered."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a column is shown and added up."""

    KEY = "key"
    TEXT = "text"
    DAY = "day"
    MONEY = "money"
    COUNT = "count"
    SHARE = "share"
    DURATION = "duration"
    FLAG = "flag"


#: The kinds of numbers.
NUMBERS = (Kind.MONEY, Kind.COUNT, Kind.SHARE, Kind.DURATION)


class Aggregate(StrEnum):
    """What several values of a numeric column become in one row: a total, or the row of those not shown.

    A total takes ``FIRST`` and ``LAST`` of money only, in each account or original currency by itself.
    """

    SUM = "sum"
    FIRST = "first"
    LAST = "last"
    NONE = "none"


class Order(StrEnum):
    """How a view orders the rows of a currency, and which rows it shows under a limit."""

    REPORT = "as in the report"
    LARGEST = "largest first"
    RANK = "as in the report; the first are shown"
    DAYS = "as in the report; the last are shown"
    WEEKS = "as in the report; the first are shown, the rest from its opening to its closing"
    TYPES = "assets, liabilities, equity, revenue, expenses, and the difference last"


class Rows(StrEnum):
    """The rows that a row of a report sums, as `explain` returns them."""

    SOURCE = "rows of the source with its keys"
    DOCUMENTS = "open documents"
    PAID = "paid documents"
    LINES = "order lines"
    WEEK = "open documents due in a week"
    DAY = "transactions of a day"
    TRANSFER = "two transactions"


_UNITS = {
    Kind.KEY: "",
    Kind.TEXT: "",
    Kind.DAY: "day, UTC",
    Kind.MONEY: "major units of the row's currency",
    Kind.COUNT: "number",
    Kind.SHARE: "fraction of 1",
    Kind.DURATION: "days",
    Kind.FLAG: "true or false",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a report.

    Attributes
    ----------
    name : str
        As in the frame.
    kind : Kind
        How it is shown; money is in the row's currency, a share is a fraction of 1.
    label : str
        As a reader sees it.
    meaning : str
        One line: the definition.
    sign : str
        What a negative value says; empty where there is none.
    counted_in : str
        The unit, where it is not the usual one of the kind.
    aggregate : Aggregate
        What its values become in a total.
    identifies : bool
        Whether it distinguishes rows, as keys do.
    blank : str, optional
        The text for no value, where that is an answer and not a gap.
    """

    name: str
    kind: Kind
    label: str
    meaning: str
    sign: str = ""
    counted_in: str = ""
    aggregate: Aggregate = Aggregate.SUM
    identifies: bool = False
    blank: str | None = None

    @property
    def is_number(self) -> bool:
        """Whether it holds amounts, counts or shares."""
        return self.kind in NUMBERS

    @property
    def is_summed(self) -> bool:
        """Whether its sum has a meaning."""
        return self.kind in NUMBERS and self.aggregate is Aggregate.SUM

    @property
    def unit(self) -> str:
        """What one of the column's values is counted in; empty for text."""
        return self.counted_in or _UNITS[self.kind]


#: The currency of a row, which every report has.
CURRENCY = Column("currency", Kind.KEY, "Currency", "ISO 4217; amounts of two currencies are never added")


@dataclass(frozen=True, slots=True)
class Spec:
    """A report.

    Attributes
    ----------
    name : str
        The function's name.
    title : str
        As a reader sees it.
    question : str
        What it answers.
    columns : tuple of Column
        Its fixed columns, in order; columns named by the caller and buckets are described where they occur.
    signature : tuple of str
        The columns that a frame is recognised by.
    sources : tuple of str
        The arguments that it sums; of several, a row is explained by one.
    rows : Rows
        The rows that one of its rows sums.
    needs : tuple of str
        The columns that every view of it needs, beside the currency.
    party : str
        Who owes or is owed, "customer" or "vendor", where it is an aging; it is recognised by their columns.
    order : Order
        How its rows are ordered.
    size : str
        The amount that its rows are ranked by; empty where they are not.
    within : tuple of str
        The columns within which rows are ordered and limited, each value by itself.
    columns_shown : tuple of str
        The columns that a table shows, in order; by default all, keys first.
    has_totals : bool
        Whether each currency is added up.
    identity : tuple of str
        The columns that identify a row by themselves; by default the keys and those with ``identifies``.
    lists_documents : bool
        Whether its rows are documents: they have all of their columns, and may be in the report twice.
    by_in_title : bool
        Whether the title states what the report was made by.
    zero_row : tuple of str
        A column, its value in the row that must be zero, and the amount's column; empty where there is none.
    compares : bool
        Whether each row compares a total with its source.
    basis : str
        A sentence on what its amounts include, where a word such as revenue could mean several things.
    """

    name: str
    title: str
    question: str
    columns: tuple[Column, ...]
    signature: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    rows: Rows = Rows.SOURCE
    needs: tuple[str, ...] = ()
    party: str = ""
    order: Order = Order.REPORT
    size: str = ""
    within: tuple[str, ...] = ()
    columns_shown: tuple[str, ...] = ()
    has_totals: bool = True
    identity: tuple[str, ...] = ()
    lists_documents: bool = False
    by_in_title: bool = False
    zero_row: tuple[str, ...] = ()
    compares: bool = False
    basis: str = ""
