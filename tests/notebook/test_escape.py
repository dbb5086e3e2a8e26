"""Text from an API is shown in terminals, files and notebooks with its control characters escaped."""

from __future__ import annotations

import html
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rutterframe.notebook.escape import escape_html, printable, printable_lines

#: Text with which a name could steer a terminal, or be read as other text than it is.
HOSTILE = [
    "\x1b]0;title\x07", "\x1b[2J", "\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "\x1bP1$r\x1b\\", "\x9b2J",
    "\x9d0;x\x9c", "Ann\rBob", "Ann\x08\x08", "\x7f", "\x00", "\x0b", "\x0c", "\x0e", "\x85", "\u2028",
    "\u2029", "\u202eevil", "\u202a", "\u202d", "\u2066", "\u2067", "\u2068", "\u2069", "\u200e", "\u200f",
    "\u061c", "\ufeff", "\ud800", "\ufffa",
]  # fmt: skip
ANY_TEXT = st.text(st.characters(exclude_categories=[])) | st.text(
    st.sampled_from("".join(HOSTILE) + "$\\<&b")
)


def is_safe(text: str, *, lines: bool = False) -> bool:
    """Return whether a text has no control character and no mark of direction, and can be encoded."""
    bidi = {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}
    for letter in text.replace("\n", "").replace("\t", "") if lines else text:
        is_control = unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"}
        if is_control or unicodedata.bidirectional(letter) in bidi or letter in "\u200e\u200f\u061c\ufeff":
            return False
    return True


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_escaped(text: str) -> None:
    """Commands of the terminal and marks of direction are shown as in a string of Python."""
    for escaped in (printable(text), printable_lines(text), html.unescape(escape_html(text))):
        assert is_safe(escaped, lines=True)
    assert printable(text.replace("\\", "")).encode().decode("unicode_escape") == text.replace("\\", "")


@pytest.mark.parametrize(
    "text", ["Müller", "می‌خواهم", "👩‍👩‍👧", "שלום", "日本", "a  b", "soft\u00adhyphen", "🏴", "[bold]"]
)
def test_ordinary_text_stays(text: str) -> None:
    """Letters of every language, emoji and joiners stay as they are."""
    assert (printable(text), printable_lines(text), escape_html(text)) == (text, text, text)


def test_lines_stay_in_text_of_several_lines() -> None:
    """A message keeps its lines and tabs; a cell of a table is one line."""
    assert printable_lines("a\n\tb\r") == "a\n\tb\\r"
    assert printable("a\n\tb\r") == r"a\n\tb\r"
    assert printable("a\n\x1b", keep="\n") == "a\n\\x1b"


@given(ANY_TEXT)
def test_any_text_is_safe(text: str) -> None:
    """Whatever the text: one line is one line, no control character remains, and every encoding has it."""
    assert is_safe(printable(text))
    assert is_safe(printable_lines(text), lines=True)
    assert len(printable(text).splitlines()) <= 1
    assert printable_lines(text).count("\n") == text.count("\n")
    assert printable(printable(text)) == printable(text)
    printable(text).encode("utf-8")


@given(ANY_TEXT)
def test_any_text_is_text_in_html(text: str) -> None:
    """Whatever the text: HTML has no tag but the one that keeps a sign from being read as a formula."""
    escaped = escape_html(text)
    plain = re.sub(r'<span class="mathjax_ignore tex2jax_ignore">([$\\])</span>', r"\1", escaped)
    assert not set("<>\"'") & set(plain)
    assert html.unescape(plain) == printable_lines(text)
    assert escaped.count(">$<") == text.count("$")
