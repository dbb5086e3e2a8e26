"""How a column is worked out of wire fields: expressions as data, without a computation.

`rutterframe.dialects.mapping` checks them, and two compilers read them: one for whole Arrow columns
(`rutterframe.frames.map_columns`), one for a single record (`rutterframe.dialects.map_record`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Expression:
    """The base of all expressions."""


@dataclass(frozen=True, slots=True, init=False)
class Field(Expression):
    """The value of a wire field; null where it, or an object on the path to it, is null or missing.

    Parameters
    ----------
    *path : str
        The keys, through objects: ``Field("item", "quantity")``. The column decides about the kind of value.
    """

    path: tuple[str, ...]

    def __init__(self, *path: str) -> None:
        object.__setattr__(self, "path", path)


@dataclass(frozen=True, slots=True)
class Null(Expression):
    """A column without a live source; the docs list the reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class Constant(Expression):
    """The same text for every record."""

    text: str


@dataclass(frozen=True, slots=True, init=False)
class First(Expression):
    """The first value that is not null."""

    sources: tuple[Expression, ...]

    def __init__(self, *sources: Expression) -> None:
        object.__setattr__(self, "sources", sources)


@dataclass(frozen=True, slots=True, init=False)
class Joined(Expression):
    """Texts with a separator between them; null and empty ones are left out, null if none is left.

    Parameters
    ----------
    *sources : Expression
        The texts.
    separator : str
        What stands between two of them.
    """

    sources: tuple[Expression, ...]
    separator: str

    def __init__(self, *sources: Expression, separator: str = " ") -> None:
        object.__setattr__(self, "sources", sources)
        object.__setattr__(self, "separator", separator)


@dataclass(frozen=True, slots=True)
class Words(Expression):
    """Words of an enumeration in this package's spelling, compared without case; others stay as sent.

    The service's enumerations list the word 'null' beside null: it is null.

    Parameters
    ----------
    source : Expression
        The word.
    words : mapping of str to str
        This package's word for each word on the wire.
    """

    source: Expression
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class WrittenDay(Expression):
    """The calendar date as written: the first ten characters of a date, or of a time at any time of day."""

    source: Field


@dataclass(frozen=True, slots=True)
class UTCDay(Expression):
    """The calendar date of a moment in UTC."""

    source: Field


@dataclass(frozen=True, slots=True, init=False)
class Total(Expression):
    """The sum over a list, exact in decimals; null if the list is null or empty, or a value is null.

    Parameters
    ----------
    source : str
        The key of the list.
    *path : str
        The keys of the number in each row.
    negative : bool
        Whether to change the sign of the sum.
    """

    source: str
    path: tuple[str, ...]
    negative: bool

    def __init__(self, source: str, *path: str, negative: bool = False) -> None:
        object.__setattr__(self, "source", source)
        object.__setattr__(self, "path", path)
        object.__setattr__(self, "negative", negative)


@dataclass(frozen=True, slots=True, init=False)
class Only(Expression):
    """The value that all rows of a list have in common; null if they differ or there are none.

    Parameters
    ----------
    source : str
        The key of the list.
    *path : str
        The keys of the value in each row; none for a list of texts.
    """

    source: str
    path: tuple[str, ...]

    def __init__(self, source: str, *path: str) -> None:
        object.__setattr__(self, "source", source)
        object.__setattr__(self, "path", path)


@dataclass(frozen=True, slots=True)
class Rows(Expression):
    """A list of rows; null where the list is null.

    Parameters
    ----------
    source : str or tuple of str
        The key of the list. Several keys lead through objects and lists: ``("refunds", "line_items")`` are
        the lines of all refunds.
    fields : mapping of str to Expression
        The columns of a row, all of them; expressions start at the row.
    """

    source: str | tuple[str, ...]
    fields: Mapping[str, Expression]

    @property
    def path(self) -> tuple[str, ...]:
        """The keys that lead to the list."""
        return (self.source,) if isinstance(self.source, str) else self.source


@dataclass(frozen=True, slots=True, init=False)
class Concat(Expression):
    """The rows of several lists, one after another; null where one of the lists is null, hence unknown."""

    parts: tuple[Rows, ...]

    def __init__(self, *parts: Rows) -> None:
        object.__setattr__(self, "parts", parts)


@dataclass(frozen=True, slots=True, init=False)
class Tree(Expression):
    """The entries of nested lists, depth first, each with the path of names that leads to it.

    An entry is ``{name, account_id, value, items}``. A row has its path (the names from the outermost entry
    to this one, with " > " between them), name, account_id and value. Null where all trees are null.

    Parameters
    ----------
    *sources : str
        The keys of the outermost entries, in the order of the rows.
    """

    sources: tuple[str, ...]

    def __init__(self, *sources: str) -> None:
        object.__setattr__(self, "sources", sources)


@dataclass(frozen=True, slots=True)
class Case(Expression):
    """The result of the first case that applies.

    Parameters
    ----------
    cases : sequence of (Expression, str, Expression or str)
        A text, the word that it must be (compared without case), and the result: an expression, or a text.
    otherwise : Expression, str or None
        The result where none applies; None is null.
    """

    cases: Sequence[tuple[Expression, str, Expression | str]]
    otherwise: Expression | str | None = None


@dataclass(frozen=True, slots=True)
class Quotient(Expression):
    """One number divided by another; null where one is null or the second is 0."""

    dividend: Expression
    divisor: Expression


@dataclass(frozen=True, slots=True)
class Negative(Expression):
    """A number with the other sign."""

    source: Expression


@dataclass(frozen=True, slots=True)
class Absolute(Expression):
    """A number without its sign."""

    source: Expression


@dataclass(frozen=True, slots=True, init=False)
class Envelope(Expression):
    """A text of the page that a record came with: ``Envelope("connection", "platform")``."""

    path: tuple[str, ...]

    def __init__(self, *path: str) -> None:
        object.__setattr__(self, "path", path)


@dataclass(frozen=True, slots=True)
class Json(Expression):
    """The value of a wire field of any form, as JSON text."""

    field: str
