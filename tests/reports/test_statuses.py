"""Statuses compare without case, and words that are not known are counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from rutterframe.reports.statuses import (
    CLOSED,
    KNOWN_OPEN,
    NO_REVENUE,
    count_statuses,
    format_counts,
    is_one_of,
    normalize_status,
)

WORDS = ["Cancelled", "CANCELED", " void ", "voided", "Draft", "refunded", "On hold", None, ""]


def test_words_compare_without_case(engine: Callable[[pd.DataFrame], Any], rows: Any) -> None:
    """A word is the same in any case and with spaces around it, on every engine; a missing one is none."""
    frame = nw.from_native(engine(pd.DataFrame({"status": WORDS, "place": range(len(WORDS))})))
    marked = frame.select("place", is_one_of(NO_REVENUE).alias("out")).sort("place")
    assert [row["out"] for row in rows(marked.to_native())] == [*[True] * 5, *[False] * 4]
    assert [normalize_status(word) in NO_REVENUE for word in WORDS] == [*[True] * 5, *[False] * 4]


def test_inner_spaces_are_underscores(engine: Callable[[pd.DataFrame], Any], rows: Any) -> None:
    """Words of several parts are the same with spaces, hyphens and underscores."""
    frame = nw.from_native(engine(pd.DataFrame({"status": ["Pending Approval", "pending-approval", "x"]})))
    marked = frame.select("status", is_one_of(("pending_approval",)).alias("out")).sort("status")
    assert [row["out"] for row in rows(marked.to_native())] == [True, True, False]


def test_words_are_counted_as_written() -> None:
    """Words are listed as written, most frequent first, and no more than five."""
    frame: Any = nw.from_native(pd.DataFrame({"status": ["b", "B", "b", None, float("nan"), "a"]}))
    words = count_statuses(frame["status"].head(5))
    assert words == {"b": 2, "B": 1, None: 2}
    assert format_counts(words) == "b: 2, none: 2, B: 1"
    assert format_counts(dict.fromkeys("abcdefg", 1200)) == (
        "a: 1,200, b: 1,200, c: 1,200, d: 1,200, e: 1,200, and 2 other words"
    )


def test_words_as_frequent_as_others_are_listed_by_name() -> None:
    """Of words with one count the alphabet decides, and the missing one is last."""
    assert format_counts({None: 1, "b": 1, "a": 1, "c": 2}) == "c: 2, a: 1, b: 1, none: 1"


def test_usual_words_change_no_answer(engine: Callable[[pd.DataFrame], Any], rows: Any) -> None:
    """A status is found in any spelling, whether words are named as usual or not."""
    words = ["paid", "Paid", " pending approval", "open", "OPEN", "pending_approval", "odd", None]
    frame = nw.from_native(engine(pd.DataFrame({"place": range(len(words)), "status": words})))
    expected = [True, True, True, False, False, True, False, False]
    for usual in ((), KNOWN_OPEN, ("paid", "odd")):
        flags = frame.select("place", is_one_of(CLOSED, usual=usual).alias("is")).sort("place")
        assert [row["is"] for row in rows(flags.to_native())] == expected
