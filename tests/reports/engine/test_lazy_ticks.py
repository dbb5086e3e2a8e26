"""Ticks in a lazy engine: exact decimals, in expressions that stay short."""

from __future__ import annotations

from typing import Any

import duckdb
import narwhals.stable.v2 as nw
import pandas as pd
import polars as pl
import pytest

from rutterframe.reports.engine.ticks import ticks, with_product_ticks


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
