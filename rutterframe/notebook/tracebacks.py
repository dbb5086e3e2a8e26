"""Short tracebacks in notebooks: the user's own lines and the message, without the frames of libraries."""

from __future__ import annotations

import sys
import traceback
from types import TracebackType

from rutterframe.notebook.cards import card

_PACKAGE = "rutterframe"
_NOTEBOOKS = ("IPython", "ipykernel")
_FULL = "(Full traceback: import traceback; traceback.print_last(). %debug starts the debugger.)"


class ShortTraceback(BaseException):
    """An exception with a short traceback in IPython and a card as HTML.

    Examples
    --------
    >>> import rutterframe as rf
    >>> error = rf.NotFound("There is no such invoice", status=404, hint="look at the id.")
    >>> error._render_traceback_()[:2]
    ['NotFound: There is no such invoice', 'Next: look at the id.']
    """

    def _render_traceback_(self) -> list[str]:
        """Return the lines that IPython prints instead of the full traceback (a hook of IPython)."""
        return [*_own_lines(self.__traceback__), *f"{type(self).__name__}: {self}".splitlines(), "", _FULL]

    def _repr_html_(self) -> str:
        """Return the error as a card, for one that was caught and is displayed."""
        return card(type(self).__name__, text=str(self))


def _own_lines(stack: TracebackType | None) -> list[str]:
    """Return the user's lines that called into this package, outermost first."""
    lines: list[str] = []
    for frame, number in traceback.walk_tb(stack):
        package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if package == _PACKAGE:
            break
        if package not in _NOTEBOOKS:
            # walk_tb and not extract_tb: only here is the module's name known.
            summary = traceback.FrameSummary(frame.f_code.co_filename, number, frame.f_code.co_name)
            lines += [f"{_location(summary.filename)}, line {number}", f"----> {summary.line or ''}", ""]
    return lines


def _location(filename: str) -> str:
    """Return the name of a file, or of a notebook's cell as IPython writes it."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    parts = shell.compile.format_code_name(filename) if shell is not None else None
    return " ".join(parts) if parts else f"File {filename}"
