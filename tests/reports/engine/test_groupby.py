"""Sums by keys: the same integers as those of a loop over rows, on every engine."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rutterframe as rf
from rutterframe.reports.engine import factorize as factorize_module
from rutterframe.reports.engine.groupby import groupby_sum, pivot_sum

Rows = Callable[[Any], list[dict[str, Any]]]
Engine = Callable[[pd.DataFrame], Any]

BOOK = pd.DataFrame(
    {
        "who": pd.Series(["a", None, "a", "b", None, "a"], dtype="str"),
        "where": pd.Series(["x", "x", "y", "x", "x", "x"], dtype="str"),
        "bucket": [0, 1, 0, -1, 1, 1],
        "cents": [1, 2, 4, 8, 16, 32],
        "order": [0, 1, 2, 0, 1, 0],
        "counts": [True, True, True, True, False, True],
    }
)


def plain(rows: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
    """Return rows without their order, each as its values."""
    return {tuple(row.values()) for row in rows}


def test_sums_and_counts(engine: Engine, rows: Rows) -> None:
    """Each combination of keys has its sum, its rows and its different values; missing is a value."""
    frame = nw.from_native(engine(BOOK))
    summed = groupby_sum(frame, ["who", "where"], ["cents"], count="rows", distinct=("order", "orders"))
    assert plain(rows(summed.to_native())) == {
        ("a", "x", 33, 2, 1),
        ("a", "y", 4, 1, 1),
        ("b", "x", 8, 1, 1),
        (None, "x", 18, 2, 1),
    }


def test_only_some_rows(engine: Engine, rows: Rows) -> None:
    """Rows that do not count add nothing and have no row of their own."""
    frame = nw.from_native(engine(BOOK))
    summed = groupby_sum(frame, ["who"], ["cents"], where=nw.col("counts") & (nw.col("cents") > 2))
    assert plain(rows(summed.to_native())) == {("a", 36), ("b", 8)}


@pytest.mark.parametrize("part", [1, 2, 2**20])
def test_a_column_for_each_bucket(
    engine: Engine, rows: Rows, part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An amount is spread over the columns of its buckets, and the whole stands beside them."""
    monkeypatch.setattr(factorize_module, "_CHUNK", part)
    frame = nw.from_native(engine(BOOK))
    names = {0: "none", 1: "one", -1: "undated"}
    sums = {"cents": nw.col("cents")}
    spread = pivot_sum(frame, ["who"], sums, nw.col("bucket"), names, where=nw.col("counts"))
    pivoted = rows(spread.to_native())
    assert list(pivoted[0]) == ["who", "none", "one", "undated", "cents", "documents"]
    assert plain(pivoted) == {("a", 5, 32, 0, 37, 3), ("b", 0, 0, 8, 8, 1), (None, 0, 2, 0, 2, 1)}


texts = st.sampled_from(["a", "b", "ab", "", None])
lines = st.lists(st.tuples(texts, texts, st.integers(-(10**12), 10**12), st.integers(0, 3)), max_size=30)


@given(lines)
def test_sums_are_those_of_one_row_after_the_other(book: list[tuple[Any, ...]]) -> None:
    """On random rows, sums, counts and different values are those of a plain loop."""
    sums: Counter[tuple[Any, ...]] = Counter()
    orders: defaultdict[tuple[Any, ...], set[int]] = defaultdict(set)
    for who, where, cents, order in book:
        sums[who, where] += cents
        orders[who, where].add(order)
    table = pa.table(
        {
            "who": pa.array([line[0] for line in book], pa.string()),
            "where": pa.array([line[1] for line in book], pa.large_string()),
            "cents": pa.array([line[2] for line in book], pa.int64()),
            "order": pa.array([line[3] for line in book], pa.int64()),
        }
    )
    halves = pa.concat_tables([table.slice(0, len(book) // 2), table.slice(len(book) // 2)])
    summed = groupby_sum(nw.from_native(halves), ["who", "where"], ["cents"], distinct=("order", "orders"))
    assert plain(summed.rows(named=True)) == {(*key, sums[key], len(orders[key])) for key in orders}


def test_categories_with_missing_values() -> None:
    """Keys may be categories, as many as one byte can index, and missing ones stay apart."""
    names = [f"{number:03}" for number in range(127)]
    column = pd.Series([*names, None], dtype=pd.CategoricalDtype(names))
    cents = [2**number % 1009 for number in range(128)]
    frame = nw.from_native(pd.DataFrame({"who": column, "cents": cents}), eager_only=True)
    summed = groupby_sum(frame, ["who"], ["cents"])
    sums = {None if pd.isna(who) else str(who): int(sum_of) for who, sum_of in summed.iter_rows()}
    assert sums == dict(zip([*names, None], cents, strict=True))


def test_the_limit_is_the_same_on_every_engine(engine: Engine, rows: Rows) -> None:
    """Amounts that add up to 2**62 ticks are refused before a report is made; one tick less is counted."""
    huge = pd.DataFrame({"currency": ["USD"] * 2, "balance": [2.0**61 / 10_000, 2.0**61 / 10_000]})
    with pytest.raises(OverflowError) as caught:
        rf.reports.cash_position(engine(huge))
    assert str(caught.value) == (
        "balance: absolute amounts of 461,168,601,842,739 are more than 461,168,601,842,739"
    )
    less = huge.assign(balance=[2.0**61 / 10_000, 230_584_300_921_369.25])
    assert rows(rf.reports.cash_position(engine(less)))[0]["balance"] == 461_168_601_842_738.6


@pytest.mark.parametrize("name", ["current", "total", "documents", "days_31_60"])
def test_a_key_named_like_a_column_of_the_aging(name: str) -> None:
    """An aging by a column that is named like one of its own is an error that names it."""
    columns = {"status": ["open"], "amount_due": [1.0], "currency": ["USD"], name: ["k"]}
    frame = pd.DataFrame({**columns, "due_date": pd.to_datetime(["2026-06-30"])})
    with pytest.raises(ValueError, match=f"by='{name}' is the name of a column of the aging"):
        rf.reports.ar_aging(frame, "2026-06-30", by=name)
    with pytest.raises(ValueError, match="by='balance' is the name of a column of the report"):
        rf.reports.cash_position(pd.DataFrame({"balance": [1.0], "currency": ["USD"]}), by="balance")
