"""Escape text for terminals, text files and HTML: an API's control characters are shown, not executed."""

from __future__ import annotations

import html
from collections.abc import Iterable
from functools import cache

_CONTROLS = [
    *range(0x20),  # among them ESC, which begins a command of the terminal
    *range(0x7F, 0xA0),
    0x061C, 0x200E, 0x200F,  # marks of the writing direction
    0x2028, 0x2029,  # ends of lines and paragraphs
    *range(0x202A, 0x202F), *range(0x2066, 0x2070),  # overrides and isolates of the writing direction
    *range(0xD800, 0xE000),  # halves of a surrogate pair, which no encoding has
    0xFEFF, *range(0xFFF9, 0xFFFC),  # marks of the byte order and of annotations
]  # fmt: skip
# Notebooks draw what stands between these signs as a formula; MathJax skips elements of these classes.
_FORMULAS = {ord(sign): f'<span class="mathjax_ignore tex2jax_ignore">{sign}</span>' for sign in "$\\"}


def printable(text: str, *, keep: str = "") -> str:
    r"""Escape the control characters of a text in one line.

    Parameters
    ----------
    text : str
        A text, such as a name that an API sent.
    keep : str
        Control characters that stay as they are.

    Returns
    -------
    str
        With controls, line breaks and marks that change the direction of writing as in a string of Python,
        such as ``\x1b``. Letters, accents and joiners (of emoji, of Persian) stay.

    Examples
    --------
    >>> printable("Ann\n\x1b[2J"), printable("Ann\u202ebob\u202c")
    ('Ann\\n\\x1b[2J', 'Ann\\u202ebob\\u202c')
    """
    return text.translate(_escapes(keep))


def printable_lines(text: str) -> str:
    r"""Escape the control characters of a text that may have several lines, and tabs.

    Examples
    --------
    >>> printable_lines("1 row:\n\x07")
    '1 row:\n\\x07'
    """
    return printable(text, keep="\n\t")


def printable_names(names: Iterable[object]) -> str:
    r"""List names that an API or a file brought, such as columns and currencies, in a sentence.

    Examples
    --------
    >>> printable_names(["EUR", "USD\x1b[2J", 12])
    'EUR, USD\\x1b[2J, 12'
    """
    return ", ".join(printable(str(name)) for name in names)


def escape_html(text: str) -> str:
    """Escape a text for HTML, with its control characters, and so that no notebook reads it as a formula.

    Examples
    --------
    >>> escape_html("<b>&")
    '&lt;b&gt;&amp;'
    >>> escape_html("$1")
    '<span class="mathjax_ignore tex2jax_ignore">$</span>1'
    """
    return html.escape(printable_lines(text)).translate(_FORMULAS)


@cache
def _escapes(keep: str) -> dict[int, str]:
    codes = [code for code in _CONTROLS if chr(code) not in keep]
    return {code: chr(code).encode("unicode_escape").decode("ascii") for code in codes}
