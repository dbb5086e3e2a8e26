"""Generated books of any size for the benchmarks of reports, with the dtypes of the loaders."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

AS_OF = pd.Timestamp("2026-06-30")
CURRENCIES = ("EUR", "GBP", "USD")


def take(values: list[str], positions: np.ndarray) -> pd.Series:
    """Return texts by their positions in a list, as pandas' str."""
    return pd.Series(values, dtype="str").take(positions).reset_index(drop=True)


def invoices(rows: int) -> pd.DataFrame:
    """Return invoices of 5,000 customers in three currencies, all with a due date."""
    random = np.random.default_rng(7)
    days = random.integers(-200, 60, rows).astype("timedelta64[D]")
    customers = [f"customer-{number:04d}" for number in range(5000)]
    statuses = ["open", "open", "open", "paid", "draft"]
    return pd.DataFrame(
        {
            "customer_id": take(customers, random.integers(0, 5000, rows)),
            "status": take(statuses, random.integers(0, 5, rows)),
            "amount_due": random.integers(1, 500_000, rows) / 100,
            "currency": take(list(CURRENCIES), random.integers(0, 3, rows)),
            "due_date": pd.Series(np.datetime64(AS_OF, "us") + days),
        }
    )


def orders(rows: int, lines: int = 3) -> pd.DataFrame:
    """Return orders of two shops with nested lines of 2,000 products."""
    random = np.random.default_rng(7)
    products = pa.array([f"product-{number:05d}" for number in range(2000)], pa.large_string())
    fields = {
        "product_id": products.take(pa.array(random.integers(0, 2000, rows * lines))),
        "variant_id": products.take(pa.array(random.integers(0, 2000, rows * lines))),
        "quantity": pa.array(random.integers(1, 5, rows * lines)),
        "unit_price": pa.array(random.integers(100, 20_000, rows * lines) / 100),
    }
    items = pa.StructArray.from_arrays(list(fields.values()), names=list(fields))
    nested = pa.ListArray.from_arrays(pa.array(range(0, rows * lines + 1, lines), pa.int32()), items)
    statuses = ["fulfilled", "processing", "pending", "cancelled"]
    return pd.DataFrame(
        {
            "connection_id": take(["shop-a", "shop-b"], random.integers(0, 2, rows)),
            "id": pd.array([f"order-{number:010d}" for number in range(rows)], dtype="str"),
            "status": take(statuses, random.integers(0, 4, rows)),
            "currency": take(list(CURRENCIES), random.integers(0, 3, rows)),
            "total_price": random.integers(1_000, 60_000, rows) / 100,
            "line_items": pd.Series(nested, dtype=pd.ArrowDtype(nested.type)),
        }
    )


def products() -> pd.DataFrame:
    """Return the products of the orders, with one title for both shops."""
    ids = [f"product-{number:05d}" for number in range(2000)]
    return pd.DataFrame(
        {
            "connection_id": take(["shop-a", "shop-b"], np.repeat([0, 1], 2000)),
            "id": pd.array(ids * 2, dtype="str"),
            "title": pd.array([f"Title of {name}" for name in ids] * 2, dtype="str"),
        }
    )


def used_bytes(*frames: pd.DataFrame) -> int:
    """Return the bytes of frames that have only the columns a report uses."""
    return int(sum(frame.memory_usage(index=False, deep=True).sum() for frame in frames))
