"""What a notebook shows of an error: the user's own line and what the error says, not our frames."""

from __future__ import annotations

import sys
import traceback
from types import TracebackType

from rutterframe.notebook.cards import card

_OURS = "rutterframe"
_NOTEBOOKS = ("IPython", "ipykernel")
_WHOLE = "(The whole stack: import traceback; traceback.print_last(). %debug walks through it.)"


class ShortTraceback(BaseException):
    """An error with a short traceback in IPython and a card as its HTML; elsewhere like any other.

    Examples
    --------
    >>> import rutterframe as rf
    >>> error = rf.NotFound("There is no such invoice", status=404, hint="look at the id.")
    >>> error._render_traceback_()[:2]
    ['NotFound: There is no such invoice', 'Next: look at the id.']
    """

    def _render_traceback_(self) -> list[str]:
        """Give the lines that IPython shows instead of the whole stack; this is IPython's own hook."""
        return [*_own_lines(self.__traceback__), *f"{type(self).__name__}: {self}".splitlines(), "", _WHOLE]

    def _repr_html_(self) -> str:
        """Draw the error as a card, for one that was caught and is looked at."""
        return card(type(self).__name__, text=str(self))


def _own_lines(stack: TracebackType | None) -> list[str]:
    """Quote the lines that led into this package, outermost first."""
    lines: list[str] = []
    for frame, number in traceback.walk_tb(stack):
        room = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if room == _OURS:
            break
        if room not in _NOTEBOOKS:
            # walk_tb and not extract_tb: only here is the module's name known.
            summary = traceback.FrameSummary(frame.f_code.co_filename, number, frame.f_code.co_name)
            lines += [f"{_place(summary.filename)}, line {number}", f"----> {summary.line or ''}", ""]
    return lines


def _place(filename: str) -> str:
    """Name a file as IPython does, where the file is a notebook's cell."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    named = shell.compile.format_code_name(filename) if shell is not None else None
    return " ".join(named) if named else f"File {filename}"
