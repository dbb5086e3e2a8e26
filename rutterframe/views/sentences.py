"""Sentences on data, which a notebook shows with a bar at their side: findings and notes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from rutterframe.notebook.escape import escape_html, printable

__all__ = ["Finding", "Notes"]


class Finding(str):
    """Sentences that follow from the data; a notebook shows them with a bar at their side.

    Parameters
    ----------
    sentences : iterable of str
        One or a few; without any, the finding says that there are none.

    Examples
    --------
    >>> Finding(["Cash in EUR is lowest in week 3.", "It stays above zero."])
    Finding: Cash in EUR is lowest in week 3. It stays above zero.
    >>> Finding([])
    Finding: The data shows nothing here.
    """

    __slots__ = ()
    _label = "Finding"

    def __new__(cls, sentences: Iterable[str]) -> Self:
        """Join the sentences, one a line."""
        return super().__new__(cls, "\n".join(map(printable, sentences)) or "The data shows nothing here.")

    def __repr__(self) -> str:
        """Return the text."""
        return f"{self._label}: {self.replace(chr(10), ' ')}"

    def as_html(self) -> str:
        """Return the sentences as HTML in the page's own colours, with no dollar read as a formula.

        Returns
        -------
        str
            A block of HTML.

        Examples
        --------
        >>> "It stays above zero." in Finding(["It stays above zero."]).as_html()
        True
        """
        lines = escape_html(self).replace("\n", "<br>")
        style = "border-left:4px solid #0072B2;padding:4px 14px;margin:6px 0;line-height:1.5"
        return f'<div style="{style}"><strong>{self._label}.</strong> {lines}</div>'

    def _repr_html_(self) -> str:
        return self.as_html()


class Notes(Finding):
    """Sentences on what the data does not cover, such as the notes of reports.

    Parameters
    ----------
    sentences : iterable of str
        One or a few.

    Examples
    --------
    >>> Notes(["Balances are those of today."])
    Notes: Balances are those of today.
    """

    __slots__ = ()
    _label = "Notes"
