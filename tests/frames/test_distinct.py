"""Whether ids are all different, however they lie in memory."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rutterframe.frames.distinct import all_different


def chunked(*chunks: list[str | None]) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(chunk, pa.large_string()) for chunk in chunks], pa.large_string())


@pytest.mark.parametrize(
    ("ids", "different"),
    [
        (chunked(), True),
        (chunked([]), True),
        (chunked(["aa"]), True),
        (chunked(["aa", "ab"], ["ba", "bb"]), True),
        (chunked(["aa", "ab"], ["ba", "aa"]), False),
        (chunked(["aa", "aa"]), False),
        (chunked(["a", "aa"], ["aaa"]), True),
        (chunked(["a", "aa"], ["a"]), False),
        (chunked(["", ""]), False),
        (chunked(["a", "a\0", "b"]), True),
        (chunked(["aa", None], [None, "ab"]), True),
        (chunked(["aa", None], [None, "aa"]), False),
        (chunked(["123456789", "123456780"]), True),
        (chunked(["123456789", "123456789"]), False),
        (chunked(["12345678" * 2, "12345678" * 2]), False),
    ],
)
def test_ids(ids: pa.ChunkedArray, different: bool) -> None:
    """Ids are told apart in one chunk and over several, of one length and of many; nulls equal nothing."""
    assert all_different(ids) is different


@pytest.mark.parametrize(
    ("start", "length", "different"), [(0, 2, True), (1, 2, False), (2, 2, True), (0, 4, False), (3, 1, True)]
)
def test_a_slice(start: int, length: int, different: bool) -> None:
    """A slice counts by its own ids, not by those before it in the same memory."""
    ids = pa.array(["aa", "bb", "bb", "cc"], pa.large_string()).slice(start, length)
    assert all_different(pa.chunked_array([ids])) is different


@given(
    st.lists(st.sampled_from(["aa", "ab", "ba", "bb", "ca"]), max_size=8),
    st.integers(0, 8),
    st.integers(0, 8),
)
def test_slices_against_a_set(names: list[str], start: int, cut: int) -> None:
    """For any ids, sliced and cut in two anywhere, the answer is that of a set."""
    sliced = pa.array(names, pa.large_string())[start:]
    chunks = pa.chunked_array([sliced[:cut], sliced[cut:]], pa.large_string())
    rest = names[start:]
    assert all_different(chunks) is (len(set(rest)) == len(rest))
