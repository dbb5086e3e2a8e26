"""How the columns of reports are described: kind, unit, label, meaning and sign."""

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
    FLAG = "flag"


_UNITS = {
    Kind.KEY: "",
    Kind.TEXT: "",
    Kind.DAY: "day, UTC",
    Kind.MONEY: "major units of the row's currency",
    Kind.COUNT: "number",
    Kind.SHARE: "fraction of 1",
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
    """

    name: str
    kind: Kind
    label: str
    meaning: str
    sign: str = ""
    counted_in: str = ""

    @property
    def unit(self) -> str:
        """What one of the column's values is counted in; empty for text."""
        return self.counted_in or _UNITS[self.kind]


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
        Its fixed columns, in order; columns named by the caller and buckets stand in `describe`.
    """

    name: str
    title: str
    question: str
    columns: tuple[Column, ...]
