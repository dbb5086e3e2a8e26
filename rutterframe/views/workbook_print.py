"""Divide a sheet into pages: upright or across, and where a page ends."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import NamedTuple

# A4 in points, less the margins.
_SHORT, _LONG = 595 - 72, 842 - 72
_SHORT_HIGH, _LONG_HIGH = 595 - 72, 842 - 72
#: The margins of every sheet in inches.
MARGINS = {"left": 0.5, "right": 0.5, "top": 0.5, "bottom": 0.5}
#: The height of a row in points.
ROW = 13.5
# A sheet that would be shrunk further is printed across the page.
_SMALLEST_UPRIGHT = 0.6
# A sheet is shrunk where that saves a page: it is made wider, and spreadsheets fit it to the width of one.
_SCALES = (0.9, 0.8, 0.75, 0.7, 0.65, 0.62)
# Fonts differ from machine to machine: a page holds a little less than it could.
_SAFETY = 0.97


class Page(NamedTuple):
    """The pages of a sheet.

    Attributes
    ----------
    is_upright : bool
        Whether it is printed upright.
    scale : float
        How much it is shrunk; 1 is not at all.
    stretch : float
        How many times as wide the columns have to be for that.
    """

    is_upright: bool
    scale: float
    stretch: float = 1.0

    @property
    def height(self) -> float:
        """How much of the sheet a page holds, in points."""
        return (_LONG_HIGH if self.is_upright else _SHORT_HIGH) * _SAFETY / self.scale

    @classmethod
    def candidates(cls, widths: Sequence[int]) -> list[Page]:
        """List the pages that suit columns of some widths in characters, side by side, the largest first.

        Examples
        --------
        >>> [page.scale for page in Page.candidates([30, 12])]
        [1.0, 0.9, 0.8, 0.75, 0.7, 0.65, 0.62]
        >>> [page.is_upright for page in Page.candidates([30] * 8)]
        [False]
        """
        width = sum((size * 7 + 5) * 0.75 for size in widths) or 1
        is_upright = _SHORT / width >= _SMALLEST_UPRIGHT
        space = _SHORT if is_upright else _LONG
        fitted = cls(is_upright, min(1.0, space / width))
        smaller = [scale for scale in _SCALES if is_upright and scale < fitted.scale]
        return [fitted, *(cls(is_upright, scale, space / width / scale) for scale in smaller)]


def page_starts(
    heights: Sequence[float],
    page: float,
    *,
    within: Container[int],
    between: Container[int],
    repeated: float = 0.0,
) -> list[int]:
    """Return the rows with which pages begin, after the first.

    Parameters
    ----------
    heights : sequence of float
        The height of each row; 0 for a hidden one.
    page : float
        The height of a page.
    within : container of int
        The rows of tables with which a page may begin: far enough from a header and from a total.
    between : container of int
        The rows between tables with which one may begin, where no row of a table can.
    repeated : float
        The height of the header that stands on every page after the first.

    Examples
    --------
    >>> page_starts([10] * 9, 50, within={3, 4, 8}, between=set(), repeated=10)
    [4, 8]
    >>> page_starts([10] * 4, 50, within={2}, between=set())
    []
    """
    starts: list[int] = []
    start, space = 0, page
    while True:
        end, used = start, 0.0
        while end < len(heights) and used + heights[end] <= space:
            used += heights[end]
            end += 1
        if end == len(heights):
            return starts
        rows = range(end, start, -1)
        allowed = (row for places in (within, between) for row in rows if row in places)
        # A row that is higher than a page has one of its own.
        start = next(allowed, max(end, start + 1))
        starts.append(start)
        space = page - repeated
