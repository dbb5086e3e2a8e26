"""Amounts in ticks: exact decimals on every engine, up to one limit."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import duckdb
import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rutterframe.currency import FINE_TICKS, TICKS
from rutterframe.reports.engine.ticks import (
    choose_scale,
    float_or_null,
    format_amounts,
    major_units,
    ticks,
    with_product_ticks,
)

Engine = Callable[[pd.DataFrame], Any]
EIGHT = Decimal("0.00000001")


def in_ticks(value: Decimal, scale: int = FINE_TICKS) -> int:
    """Convert a decimal to ticks, rounded half to even."""
    return int((value * scale).to_integral_value(ROUND_HALF_EVEN))


def plain_frames(frame: pd.DataFrame) -> list[Any]:
    """Return a frame on each engine that a random test runs on."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    arrow = table.to_pandas(types_mapper=pd.ArrowDtype)
    return [frame, arrow, pl.from_arrow(table), pl.DataFrame(table).lazy(), table, duckdb.from_arrow(table)]


def column_of(frame: Any, *expressions: Any) -> list[Any]:
    """Select one expression, with the rows in their order."""
    selected = frame.select("place", *expressions).sort("place")
    eager = selected.collect() if isinstance(selected, nw.LazyFrame) else selected
    return eager[eager.columns[1]].to_list()


#: Decimals, and their ticks of 1/100,000,000: a ninth decimal of 5 is rounded to the even one.
DECIMAL_TICKS = {
    "0.00000001": 1,
    "0.000000005": 0,
    "0.000000015": 2,
    "-0.000000015": -2,
    "-0.0": 0,
    "0.1": 10_000_000,
    "0.30000000000000004": 30_000_000,
    "1.00000001": 100_000_001,
    "1.005": 100_500_000,
    "0.02925": 2_925_000,
    "0.000165": 16_500,
    "1234567.12345678": 123_456_712_345_678,
    "99999999.9999999": 9_999_999_999_999_990,
    "123456789.123456": 12_345_678_912_345_600,
    "-123456789.123456": -12_345_678_912_345_600,
    "12345678901.2345": 1_234_567_890_123_450_000,
    "0.123456789012": 12_345_679,
}


def test_a_float_stands_for_its_shortest_decimal(engine: Engine) -> None:
    """Eight decimals are converted exactly, half to even, also where floats have gaps."""
    values = [float(value) for value in DECIMAL_TICKS]
    frame = nw.from_native(engine(pd.DataFrame({"place": range(len(values)), "a": values})))
    assert choose_scale((frame, "a")) == FINE_TICKS
    assert column_of(frame, ticks(frame, "a", FINE_TICKS)) == list(DECIMAL_TICKS.values())


#: Large amounts, and their ticks of 1/10,000: 900,719,925,475 ticks are more than a float holds.
LARGE = {
    900_719_925_475.0: 9_007_199_254_750_000,
    900_719_925_475.1: 9_007_199_254_751_000,
    1_234_567_890_123.45: 12_345_678_901_234_500,
    -12_345_678_901_234.1: -123_456_789_012_341_000,
    123_456_789_012_345.0: 1_234_567_890_123_450_000,
}


def test_large_amounts_are_whole(engine: Engine) -> None:
    """Amounts beyond what a float of ticks holds are counted to the tick, on every engine."""
    frame = nw.from_native(engine(pd.DataFrame({"place": range(len(LARGE)), "a": list(LARGE)})))
    assert choose_scale((frame, "a")) == TICKS
    assert column_of(frame, ticks(frame, "a", TICKS)) == list(LARGE.values())


@pytest.mark.parametrize("scale", [TICKS, FINE_TICKS])
def test_units_are_the_nearest_floats(engine: Engine, scale: int) -> None:
    """Ticks become the float nearest to the exact amount, also beyond 2**53, and zero has no sign."""
    whole = [0, 1, -1, 3, 2**53 + 1, -(2**53) - 3, 9_007_199_254_750_001, 2**62 - 1, -(2**62) + 1]
    frame = nw.from_native(engine(pd.DataFrame({"place": range(len(whole)), "a": whole})))
    units = column_of(frame, *major_units(frame, "a", scale=scale))
    assert [value.hex() for value in units] == [(each / scale).hex() for each in whole]


#: Quantity, price and the ticks of their product: exact, rounded half to even once.
PRODUCTS = [
    ("200000", "0.000165", 3_300_000_000),
    ("1000000", "0.00004", 4_000_000_000),
    ("1000", "0.02925", 2_925_000_000),
    ("1.5", "10", 1_500_000_000),
    ("0.5", "0.00000001", 0),
    ("1.5", "0.00000001", 2),
    ("-0.5", "0.00000003", -2),
    ("-1.5", "0.00000001", -2),
    ("2.5", "0.00000001", 2),
    ("0.12345678", "0.87654321", 10_821_520),
    ("-3.33333333", "1234.56789012", -411_522_629_628),
    ("-3", "8.5", -2_550_000_000),
]


def test_products_are_multiplied_before_they_are_rounded(engine: Engine) -> None:
    """Quantity times unit price is the exact product of both decimals, rounded once to eight decimals."""
    columns = {"quantity": [float(q) for q, _, _ in PRODUCTS], "price": [float(p) for _, p, _ in PRODUCTS]}
    frame = nw.from_native(engine(pd.DataFrame({"place": range(len(PRODUCTS)), **columns})))
    assert choose_scale((frame, "quantity", "price")) == FINE_TICKS
    products = column_of(with_product_ticks(frame, "quantity", "price", FINE_TICKS, "product"), "product")
    assert (
        products
        == [in_ticks(Decimal(quantity) * Decimal(price)) for quantity, price, _ in PRODUCTS]
        == [wanted for _, _, wanted in PRODUCTS]
    )


DECIMALS = st.one_of(
    st.integers(-(10**14), 10**14).map(lambda whole: Decimal(whole) * EIGHT),
    st.integers(-(10**9), 10**9).map(lambda whole: Decimal(whole).scaleb(-2)),
    st.integers(-(10**6), 10**6).map(lambda whole: Decimal(whole).scaleb(-6)),
    st.sampled_from([Decimal(0), Decimal("-0.0"), EIGHT, -EIGHT, Decimal("0.00000005")]),
)


CENTS = st.integers(-(10**9), 10**9).map(lambda whole: Decimal(whole).scaleb(-2))


def check_amounts(values: list[Decimal]) -> None:
    """Check that amounts are converted exactly on every engine."""
    amounts = pd.DataFrame({"place": range(len(values)), "a": [float(value) for value in values]})
    for native in plain_frames(amounts.astype({"a": "float64"})):
        frame = nw.from_native(native)
        scale = choose_scale((frame, "a"))
        assert column_of(frame, ticks(frame, "a", scale)) == [in_ticks(value, scale) for value in values]
        assert all(in_ticks(value, scale) * FINE_TICKS == in_ticks(value) * scale for value in values)


@settings(max_examples=4)
@example([])
@given(st.one_of(st.lists(DECIMALS, min_size=40, max_size=80), st.lists(CENTS, min_size=20, max_size=40)))
def test_random_amounts_are_their_decimals(values: list[Decimal]) -> None:
    """Amounts of up to eight decimals, duplicates among them, are converted exactly on every engine."""
    check_amounts(values + values[:5])


@pytest.mark.long
@settings(max_examples=50)
@given(st.lists(DECIMALS, max_size=20), st.booleans())
def test_many_random_amounts_are_their_decimals(values: list[Decimal], twice: bool) -> None:
    """The same holds for many short lists."""
    check_amounts(values * 2 if twice else values)


QUANTITIES = st.integers(-(10**7), 10**7).map(lambda whole: Decimal(whole).scaleb(-3))
PRICES = st.integers(-(10**10), 10**10).map(lambda whole: Decimal(whole) * EIGHT)


def check_products(pairs: list[tuple[Decimal, Decimal]]) -> None:
    """Check that products are exact on every engine."""
    columns = {"quantity": [float(q) for q, _ in pairs], "price": [float(p) for _, p in pairs]}
    for native in plain_frames(pd.DataFrame({"place": range(len(pairs)), **columns})):
        frame = nw.from_native(native)
        products = with_product_ticks(frame, "quantity", "price", FINE_TICKS, "product")
        assert column_of(products, "product") == [in_ticks(quantity * price) for quantity, price in pairs]


@settings(max_examples=3)
@given(st.lists(st.tuples(QUANTITIES, PRICES), min_size=40, max_size=80))
def test_random_products_are_those_of_decimals(pairs: list[tuple[Decimal, Decimal]]) -> None:
    """Fractions of pieces times prices of eight decimals are rounded half to even once, on every engine."""
    check_products(pairs)


@pytest.mark.long
@settings(max_examples=50)
@given(st.lists(st.tuples(QUANTITIES, PRICES), min_size=1, max_size=12))
def test_many_random_products_are_those_of_decimals(pairs: list[tuple[Decimal, Decimal]]) -> None:
    """The same holds for many short lists."""
    check_products(pairs)


def test_nan_is_missing() -> None:
    """NaN counts as missing, which is zero ticks, on engines where it differs from null."""
    table = pa.table({"place": [0, 1, 2], "a": pa.array([float("nan"), None, 1.5], from_pandas=False)})
    natives: tuple[Any, ...] = (
        table, pl.from_arrow(table), pl.DataFrame(table).lazy(), duckdb.from_arrow(table),
        table.to_pandas(), table.to_pandas(types_mapper=pd.ArrowDtype),
    )  # fmt: skip
    for native in natives:
        frame: Any = nw.from_native(native)
        assert choose_scale((frame, "a")) == TICKS
        assert column_of(frame, ticks(frame, "a", TICKS)) == [0, 0, 15_000]
        assert column_of(frame, float_or_null("a").is_null()) == [True, True, False]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["12.50", "0.00"], "'a' holds '12.50', which is not a number: use "),
        ([None, "0.00"], "'a' holds '0.00', which is not a number: use "),
        ([True, False], "'a' holds True, which is not a number: use "),
        ([1.0, float("inf")], "'a' holds an infinite number, which is not a valid amount: "),
        ([1.0, float("-inf")], "'a' holds an infinite number, which is not a valid amount: "),
    ],
)
def test_values_that_are_not_amounts_are_refused(engine: Engine, values: list[Any], message: str) -> None:
    """Text, truth values and infinite numbers are refused with the same text on every engine."""
    frame = nw.from_native(engine(pd.DataFrame({"a": values})))
    with pytest.raises(ValueError, match=r"^'a'") as caught:
        choose_scale((frame, "a"))
    assert str(caught.value).startswith(message)


def test_objects_may_be_numbers() -> None:
    """Decimals and numbers that pandas holds as objects are amounts; text among them is not."""
    frame = nw.from_native(
        pd.DataFrame({"a": pd.Series([Decimal("1.10"), 2, None, np.float64(0.5)], dtype=object)})
    )
    assert choose_scale((frame, "a")) == TICKS
    assert frame.select(ticks(frame, "a", TICKS))["a"].to_list() == [11_000, 20_000, 0, 5_000]
    mixed = nw.from_native(pd.DataFrame({"a": pd.Series([1.0, "2"], dtype=object)}))
    with pytest.raises(
        ValueError, match=r"'a' holds '2', which is not a number: use pd\.to_numeric\(frame\['a'\]\)"
    ):
        choose_scale((mixed, "a"))


@pytest.mark.parametrize(
    ("values", "scale"), [([0.12345], FINE_TICKS), ([0.1234], TICKS), ([], TICKS), ([None], TICKS)]
)
def test_the_scale_follows_the_data(engine: Engine, values: list[float | None], scale: int) -> None:
    """Four decimals need no finer ticks than 1/10,000; a fifth one does."""
    assert choose_scale((nw.from_native(engine(pd.DataFrame({"a": values}, dtype="float64"))), "a")) == scale


def test_the_limit_of_fine_amounts(engine: Engine) -> None:
    """Where an amount has more than four decimals the limit is 46,116,860,184, the same on every engine."""
    huge = pd.DataFrame({"a": [46_116_860_184.0, 1.00001]})
    with pytest.raises(OverflowError) as caught:
        choose_scale((nw.from_native(engine(huge)), "a"))
    assert str(caught.value) == (
        "a: absolute amounts of 46,116,860,185 are more than 46,116,860,184, the most where amounts have "
        "more than four decimals"
    )
    assert (
        choose_scale((nw.from_native(engine(huge.assign(a=[46_116_860_182.0, 1.00001]))), "a")) == FINE_TICKS
    )


def test_amounts_in_words_have_the_decimals_they_need() -> None:
    """A note writes cents, and as many decimals more as there are."""
    assert format_amounts({"USD": 12_500, "JPY": 10_000, None: 123}, TICKS) == (
        "1 JPY, 1.25 USD, 0.0123 without a currency"
    )
    assert format_amounts({"USD": 1, "KWD": 125_000_000}, FINE_TICKS) == "1.250 KWD, 0.00000001 USD"


@pytest.mark.parametrize("scale", [10_000, 100_000_000])
def test_expressions_stay_short(scale: int) -> None:
    """The SQL of ticks and products is short: repeated for each use of a column, it took minutes."""
    con = duckdb.connect()
    frame: Any = nw.from_native(con.sql("select 1.5 as quantity, 2.25 as price"))
    amounts = frame.with_columns(ticks(frame, "price", scale).alias("ticks"))
    products = with_product_ticks(frame, "quantity", "price", scale, "product")
    assert len(amounts.to_native().sql_query()) < 20_000
    assert len(products.to_native().sql_query()) < 20_000


@pytest.mark.parametrize("lazy", ["duckdb", "polars"])
@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (0.00000001, 1),
        (0.000000015, 2),
        (0.000000025, 2),
        (-0.000000015, -2),
        (33.00000001, 3_300_000_001),
        (1234567.12345678, 123_456_712_345_678),
        (-83240063.964171, -8_324_006_396_417_100),
        (730748452.0844, 73_074_845_208_440_000),
        (-1941876815.2701, -194_187_681_527_010_000),
        (45000000000.1, 4_500_000_000_010_000_000),
        (-0.0, 0),
    ],
)
def test_a_lazy_engine_reads_the_shortest_decimal(lazy: str, amount: float, expected: int) -> None:
    """A lazy engine converts the shortest decimal of an amount, rounded half to even."""
    frame = pd.DataFrame({"amount": [amount]})
    native = duckdb.connect().from_df(frame) if lazy == "duckdb" else pl.from_pandas(frame).lazy()
    lazy_frame: Any = nw.from_native(native)
    result = lazy_frame.select(ticks(lazy_frame, "amount", 100_000_000).alias("ticks")).collect()
    assert result["ticks"].to_list() == [expected]


def test_small_amounts_take_one_multiplication(engine: Engine) -> None:
    """The scale of small amounts converts them as any scale does; with a large one among them, too."""
    small = [0.0, 0.1, -0.0313, 0.0001, -2.675, 1234567.8901, 200000000000.0001, None]
    for values in (small, [*small, 225179981368.5248, 12345678901234.56]):
        frame = nw.from_native(engine(pd.DataFrame({"place": range(len(values)), "a": values})))
        scale = choose_scale((frame, "a"))
        assert scale == TICKS
        converted = column_of(frame, ticks(frame, "a", scale))
        assert converted == column_of(frame, ticks(frame, "a", TICKS))
        assert converted[:8] == [0, 1000, -313, 1, -26750, 12345678901, 2000000000000001, 0]
