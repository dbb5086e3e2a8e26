"""The verdict on comparisons: counts, and a sentence of them."""

from __future__ import annotations

import pandas as pd
import pytest

from rutterframe.reports.verdict import Verdict, agreement


@pytest.mark.parametrize(
    ("verdict", "passed", "sentence"),
    [
        (Verdict(1, 0, 0), True, "All 1 totals agree."),
        (Verdict(1200, 0, 3), True, "All 1,200 totals agree, 3 not compared."),
        (Verdict(2, 1, 0), False, "1 of 3 totals DIFFER, 2 agree."),
        (Verdict(1, 2, 1), False, "2 of 3 totals DIFFER, 1 agrees, 1 not compared."),
        (Verdict(0, 3, 0), False, "3 of 3 totals DIFFER, 0 agree."),
        (Verdict(0, 0, 1), False, "Nothing was compared with its source: 1 total not compared."),
        (Verdict(0, 0, 2), False, "Nothing was compared with its source: 2 totals not compared."),
        (Verdict(0, 0, 0), False, "Nothing was compared with its source."),
    ],
)
def test_the_sentence(verdict: Verdict, passed: bool, sentence: str) -> None:
    """A verdict passes if something agrees and nothing differs; its sentence has all three counts."""
    assert (verdict.passed, verdict.sentence) == (passed, sentence)


@pytest.mark.parametrize("dtype", ["boolean", "object", "bool[pyarrow]"])
def test_the_rows_of_all_comparisons_count(dtype: str) -> None:
    """True agrees, False differs and a missing value is not compared, in any dtype, over all comparisons."""
    tie = pd.DataFrame({"ok": pd.Series([True, False, None, True], dtype=dtype)})
    assert Verdict.of([tie, tie.head(1)]) == (3, 1, 1)
    assert Verdict.of([]) == (0, 0, 0)
    assert [agreement(ok) for ok in tie["ok"]] == ["agrees", "DIFFERS", "not compared", "agrees"]
