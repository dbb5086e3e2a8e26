"""The reports written by hand with pandas, as an expert and as a beginner writes them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.books import AS_OF

BUCKETS = ("current", "days_1_30", "days_31_60", "days_61_90", "days_91_plus")


def open_invoices(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the open invoices."""
    return frame[(frame["status"] == "open") & (frame["amount_due"] != 0)]


def aging(frame: pd.DataFrame) -> pd.DataFrame:
    """Age invoices as an expert in pandas does, with ``pd.cut`` and ``pivot_table``."""
    items = open_invoices(frame)
    late = (AS_OF - items["due_date"]).dt.days
    bucket = pd.cut(late, [-np.inf, 0, 30, 60, 90, np.inf], labels=list(BUCKETS))
    return items.assign(bucket=bucket).pivot_table(
        index=["currency", "customer_id"],
        columns="bucket",
        values="amount_due",
        aggfunc="sum",
        observed=False,
        fill_value=0,
    )


def aging_by_apply(frame: pd.DataFrame) -> pd.DataFrame:
    """Age invoices row by row, as a beginner does."""
    items = open_invoices(frame).copy()

    def bucket(row: pd.Series) -> str:
        late = (AS_OF - row["due_date"]).days
        edges = (91, 61, 31, 1, -10_000)
        return next(name for name, edge in zip(BUCKETS[::-1], edges, strict=True) if late >= edge)

    items["bucket"] = items.apply(bucket, axis=1)
    return items.pivot_table(
        index=["currency", "customer_id"], columns="bucket", values="amount_due", aggfunc="sum", fill_value=0
    )


def revenue(orders: pd.DataFrame, products: pd.DataFrame) -> pd.DataFrame:
    """Add up revenue by product: explode, merge and groupby."""
    valid = orders.loc[orders["status"] != "cancelled", ["connection_id", "id", "currency", "line_items"]]
    lines = valid.explode("line_items", ignore_index=True)
    lines = pd.concat([lines.drop(columns="line_items"), lines["line_items"].struct.explode()], axis=1)
    lines["revenue"] = lines["quantity"] * lines["unit_price"]
    titled = lines.merge(
        products.rename(columns={"id": "product_id"}), on=["connection_id", "product_id"], how="left"
    )
    by_product: pd.DataFrame = (
        titled.groupby(["currency", "product_id", "title"], dropna=False)
        .agg(orders=("id", "nunique"), quantity=("quantity", "sum"), revenue=("revenue", "sum"))
        .reset_index()
    )
    return by_product
