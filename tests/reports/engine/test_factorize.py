"""Codes of keys: one for each combination, dense, also beyond 32 bits."""

from __future__ import annotations

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rutterframe.reports.engine import factorize as factorize_module
from rutterframe.reports.engine.factorize import combine_codes, factorize
from rutterframe.reports.engine.groupby import groupby_sum
from rutterframe.reports.revenue_arrays import Labels, _cell_codes


@pytest.mark.parametrize("part", [1000, 4001])
def test_codes_of_many_values_in_many_columns_are_dense(part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys that could make a million million combinations have no more codes than there are rows."""
    monkeypatch.setattr(factorize_module, "_CHUNK", part)
    frame = pd.DataFrame({name: [f"{name}{number}" for number in range(4000)] for name in "abc"})
    twice = pd.concat([frame, frame[::-1]], ignore_index=True)
    numbers, size = factorize(nw.from_native(twice, eager_only=True), list("abc"))
    assert (size, sorted(set(numbers.tolist()))) == (4000, list(range(4000)))
    assert (numbers[:4000] == numbers[4000:][::-1]).all()


def test_combinations_beyond_32_bits() -> None:
    """Two keys of 50,000 values each make 2,500,000,000 combinations, and none of 150,000 rows is lost."""
    random = np.random.default_rng(11)
    pairs = random.integers(0, 50_000, (2, 150_000))
    pairs[:, :50_000] = np.arange(50_000)
    wanted = len(np.unique(pairs[0] * 50_000 + pairs[1]))
    frame = nw.from_native(
        pa.table({"one": pairs[0].astype(str), "other": pairs[1].astype(str), "cents": pairs[0]})
    )
    summed = groupby_sum(frame, ["one", "other"], ["cents"])
    assert (len(summed), int(summed["cents"].sum())) == (wanted, int(pairs[0].sum()))
    codes, size = combine_codes(pairs[0], pairs[1], 50_000, 50_000)
    assert (size, len(np.unique(codes))) == (wanted, wanted)
    labels = Labels(pairs[1].astype(np.int32), {}, 50_000, {})
    places, used = _cell_codes(pairs[0], labels, 50_000)
    assert (used[places] == pairs[0] * 50_000 + pairs[1]).all()
    assert len(used) == wanted


def test_pairs_beyond_the_range_of_32_bits_stay_apart() -> None:
    """Of 120,000 times 120,000 pairs no two have one code, also where 32 bits would make them one."""
    values = np.arange(120_000)
    # 35,791 * 120,000 + 47,296 is 2**32.
    frame = pd.DataFrame({"one": [*values, 35_791], "other": [*values, 47_296]})
    numbers, _ = factorize(nw.from_native(frame, eager_only=True), ["one", "other"])
    assert len(set(numbers.tolist())) == 120_001


words = st.lists(st.sampled_from(["USD", "EUR", "US", "é", "\0", "", "ABCD", "ABCDE"]), max_size=12)


@given(words, st.integers(0, 3), st.sampled_from([pa.large_string(), pa.string()]), st.booleans())
def test_short_text_has_the_codes_of_any_other(
    text: list[str], left_out: int, kind: pa.DataType, in_parts: bool
) -> None:
    """Rows have one code where they have one text, whatever its length, also in a slice and in parts."""
    table = pa.table({"word": pa.array(text, kind)}).slice(left_out)
    with pytest.MonkeyPatch.context() as patch:
        if in_parts:
            patch.setattr(factorize_module, "_CHUNK", 3)
            patch.setattr(factorize_module, "_CHUNKS_FROM", 0)
        numbers, size = factorize(nw.from_native(table), ["word"])
    remaining = text[left_out:]
    assert len(numbers) == len(remaining)
    assert max(numbers, default=0) < size
    for word, number in zip(remaining, numbers, strict=True):
        assert [other == word for other in remaining] == [other == number for other in numbers]
