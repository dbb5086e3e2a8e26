"""Reports on Spark leave the rows there: only groups are collected, with the cents of pandas."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import rutterframe as rf

pytestmark = [
    pytest.mark.spark,
    # Py4J and PySpark close their sockets late and use what Python is about to drop: their own affair.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]
DAY = datetime.fromisoformat("2026-06-30")
ACCOUNTS = (("x", "1"), ("x", "2"), ("y", "1"), ("z", "9"))
BANKS = pd.DataFrame(
    [
        ("x", "1", "checking", 9.5, "USD"),
        ("x", "2", "savings", 4.0, "USD"),
        ("y", "1", "checking", 1.0, "EUR"),
        ("z", "9", "Loan", 2.25, "USD"),
    ],
    columns=["connection_id", "id", "type", "balance", "currency"],
)
ROWS, DAYS = 3000, 20


def transactions() -> pd.DataFrame:
    """Return transactions of four accounts and 20 days, some of which are transfers."""
    random = np.random.default_rng(3)
    accounts = [ACCOUNTS[number] for number in random.integers(0, len(ACCOUNTS), ROWS)]
    currencies = (None, *["EUR" if account[0] == "y" else "USD" for account in accounts[1:]])
    dates = [None, *(DAY - timedelta(days=int(days)) for days in random.integers(0, DAYS, ROWS - 1))]
    return pd.DataFrame(
        {
            "connection_id": [connection for connection, _ in accounts],
            "id": [f"t{number}" for number in range(ROWS)],
            "account_id": [account for _, account in accounts],
            "amount": random.integers(-3_000, 3_000, ROWS) / 4,
            "currency": currencies,
            "date": dates,
            "category": [f"c{number}" for number in random.integers(0, 12, ROWS)],
        }
    )


@pytest.fixture
def collected(spark: Any, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count the rows of each result that comes to the driver."""
    frame, counts = type(spark.range(1)), []
    for name in ("toArrow", "toPandas", "collect"):
        method = getattr(frame, name)

        def counting(self: Any, *args: Any, method: Any = method, **options: Any) -> Any:
            result = method(self, *args, **options)
            counts.append(len(result))
            return result

        monkeypatch.setattr(frame, name, counting)
    for name in ("toLocalIterator", "take", "tail", "foreach", "mapInPandas"):
        monkeypatch.setattr(frame, name, lambda *_, name=name: pytest.fail(f"{name} was called"))
    return counts


def rows(frame: Any) -> list[tuple[Any, ...]]:
    """Return the rows of a report of pandas or Spark."""
    on_pandas = isinstance(frame, pd.DataFrame)
    table = pa.Table.from_pandas(frame, preserve_index=False) if on_pandas else frame.toArrow()
    return [tuple(row.values()) for row in table.to_pylist()]


@pytest.mark.timeout(600)
def test_only_groups_are_collected(spark: Any, collected: list[int]) -> None:
    """Of 3,000 rows only sums come to the driver, and the rows of a report are those on pandas."""

    def on_spark(frame: pd.DataFrame) -> Any:
        table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
        return spark.createDataFrame(table)

    moves = transactions()
    rates = pd.DataFrame({"currency": ["EUR"], "rate": [1.08255], "date": [DAY]})
    moves_on_spark, banks = on_spark(moves), on_spark(BANKS)
    priced = moves[moves["currency"].notna()].drop(columns="date")
    with_currency = moves_on_spark.filter("currency IS NOT NULL").drop("date")
    # At most three sums of each account and day; of transfers, their two sides.
    expected = rf.reports.transfers(BANKS, moves, businesses={"group": ["x", "y"]})
    assert 10 < len(expected) < 200
    sums = 3 * DAYS * 3 + 10
    reports: dict[str, tuple[Any, Any, int]] = {
        "concentration": (
            lambda: rf.reports.concentration(moves_on_spark, "category", amount="amount"),
            lambda: rf.reports.concentration(moves, "category", amount="amount"),
            12 * 3,
        ),
        "convert": (
            lambda: rf.reports.convert(with_currency, rates, "USD", columns=["amount"]),
            lambda: rf.reports.convert(priced, rates, "USD", columns=["amount"]),
            2,
        ),
        "cash_history": (
            lambda: rf.reports.cash_history(banks, moves_on_spark, by_account=True, as_of=DAY),
            lambda: rf.reports.cash_history(BANKS, moves, by_account=True, as_of=DAY),
            sums,
        ),
        "transfers": (
            lambda: rf.reports.transfers(banks, moves_on_spark, businesses={"group": ["x", "y"]}),
            lambda: expected,
            2 * len(expected),
        ),
    }
    for name, (compute, on_pandas, most) in reports.items():
        collected.clear()
        report = compute()
        assert max(collected) <= most, (name, collected)
        assert type(report) is type(banks)
        assert rows(report) == rows(on_pandas()), name


@pytest.mark.timeout(300)
def test_converted_amounts_are_exact(spark: Any) -> None:
    """Products of money and rates are rounded half to even once, whatever their sizes, as on pandas."""
    amounts = [0.5, 1.5, 0.00000001, -2.5, 461_168_601.99, None, float("nan"), 0.0, -0.0, 1234.5]
    frame = pd.DataFrame({"currency": [" eur"] * 5 + ["Kwd"] * 5, "balance": amounts})
    rates = pd.DataFrame(
        {"currency": ["EUR", "KWD"], "rate": [0.01, 0.0000610687123456789], "date": [DAY] * 2}
    )
    native = spark.createDataFrame(frame.astype({"balance": object}), "currency string, balance double")
    for target in ("USD", "JPY"):
        expected = rf.reports.convert(frame, rates, target, columns="balance")
        assert rows(rf.reports.convert(native, rates, target, columns="balance")) == rows(expected)
    empty = rf.reports.convert(native.limit(0), rates, "USD", columns="balance")
    assert empty.dtypes == [("currency", "string"), ("balance", "double"), ("original_currency", "string")]
    with pytest.raises(ValueError, match=r"rates has no rate for KWD; it has EUR, USD"):
        rf.reports.convert(native, rates.head(1), "USD", columns="balance")
