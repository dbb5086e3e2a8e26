"""The workers that refresh what is pending."""

from __future__ import annotations

import pytest

from rutterframe.webhook_server.workers import _first_line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("HTTP 503\nNext: refresh again.", "HTTP 503"),
        ("x" * 300, "x" * 300),
        ("x" * 301, "x" * 300 + "…"),
    ],
)
def test_an_error_is_a_line_of_bounded_length(text: str, line: str) -> None:
    """Of an error the first line is reported, and of a long one 300 characters."""
    assert _first_line(text) == line
