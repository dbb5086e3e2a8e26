"""The words of the live service's enumerations and its currencies, in the spelling of the models."""

from __future__ import annotations

from rutterframe.dialects.mapping import Expression, Field, Words
from rutterframe.models import Record
from rutterframe.models.columns import columns


def known_words(model: type[Record], column: str, source: Expression | None = None, **renamed: str) -> Words:
    """Return the words of a column as its model lists them, in whatever case they are sent.

    Parameters
    ----------
    model : type of Record
        The record of the frame.
    column : str
        The column with an enumeration.
    source : Expression, optional
        The word on the wire; by default the field with the name of the column.
    **renamed : str
        The model's word for each word of the wire that differs from it.
    """
    (known,) = (item.known for item in columns(model) if item.name == column)
    return Words(source or Field(column), {**{word: word for word in known}, **renamed})


def currency_code(*path: str) -> Words:
    """Return a currency; the word 'null', which the service's enumerations list, is null as in those."""
    return Words(Field(*path), {})
