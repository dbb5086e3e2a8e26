"""Checks of an order's total against its lines."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from rutterframe.currency import TICKS, minor_units
from rutterframe.frames.text_dtype import TEXT_DTYPE
from rutterframe.quality.balances import line_sums
from rutterframe.quality.fields import countable, is_one_of, smallest, ticks
from rutterframe.quality.findings import Matches
from rutterframe.quality.frames import FrameSet
from rutterframe.reports.statuses import NO_REVENUE

#: An order's total of this many times the sum of its lines or more is unlikely, and so is as small a part.
FACTOR = 4
#: A difference of more than this part of the lines is unusual for shipping and tax.
ORDINARY = 0.5


def negative_order_total(frames: FrameSet) -> Iterator[Matches]:
    """Find orders with a total below zero."""
    frame = frames.frame("orders", "total_price", "currency")
    if frame is not None:
        text = "The order comes to {total_price} {currency}: a refund entered as a sale, or a wrong sign."
        yield Matches("orders", frame[frame["total_price"] < 0], "total_price", text, "total_price")


def unlikely_order_total(frames: FrameSet) -> Iterator[Matches]:
    """Find orders with a total of zero, or of another magnitude than their lines."""
    orders = _compared(frames)
    if orders is not None:
        text = "The order comes to {total_price} {currency}, but its lines add up to {lines}."
        yield Matches("orders", orders[_unlikely(orders)], "total_price", text, "total_price")


def order_is_not_its_lines(frames: FrameSet) -> Iterator[Matches]:
    """Find orders that differ unusually from their lines, and count the ordinary ones of each connection."""
    orders = _compared(frames)
    if orders is None:
        return
    differs = orders["rest"].abs() >= orders["unit"]
    orders = orders[differs & (orders["total_price"] >= 0) & ~_unlikely(orders)]
    ordinary = (orders["rest"] > 0) & (orders["rest"] <= ORDINARY * orders["lines"])
    text = "The lines add up to {lines} {currency}; {rest} are shipping, tax and discounts, or a mistake."
    yield Matches("orders", orders[~ordinary], "total_price", text, "total_price")
    text = "{count} of {all} orders come to more than their lines, by {amounts} in all: shipping and tax."
    yield Matches("orders", _ordinary_rests(orders[ordinary], frames), "total_price", text)


def _compared(frames: FrameSet) -> pd.DataFrame | None:
    """Return the orders with a known total and sum of lines.

    Added columns: the sum (``lines``), the rest, also in ticks, and the smallest unit of the currency.
    """
    frame, sums = frames.frame("orders", "total_price", "currency"), line_sums(frames, "orders")
    if frame is None or sums is None:
        return None
    lines, known = sums
    rest = ticks(frame["total_price"]) - lines
    compared = frame.assign(
        lines=lines / TICKS, rest=rest / TICKS, rest_ticks=rest, unit=smallest(frame["currency"]) / TICKS
    )
    comparable = known & countable(frame["total_price"])
    if "status" in frame.columns:
        # Cancelled orders are often set to zero.
        comparable &= (frame["total_price"] != 0) | ~is_one_of(frame["status"], NO_REVENUE)
    orders: pd.DataFrame = compared[comparable]
    return orders


def _unlikely(orders: pd.DataFrame) -> pd.Series:
    """Return which totals are zero, or a multiple or a fraction of the lines."""
    total, lines = orders["total_price"], orders["lines"]
    far = (total >= FACTOR * lines) | (FACTOR * total <= lines)
    unlikely: pd.Series = far & (total >= 0) & (lines > 0)
    return unlikely


def _ordinary_rests(orders: pd.DataFrame, frames: FrameSet) -> pd.DataFrame:
    """Return one row for each connection: how many of its orders have a rest, and the sums by currency."""
    keys = ["connection_id", "currency"]
    sums = orders.groupby(keys, dropna=False)["rest_ticks"].agg(["size", "sum"]).reset_index()
    known = sums["currency"].fillna("")
    sums["amounts"] = [
        f"{amount / TICKS:,.{minor_units(code)}f} {code or 'without a currency'}"
        for code, amount in zip(known, sums["sum"], strict=True)
    ]
    by_connection = sums.groupby("connection_id", dropna=False).agg({"size": "sum", "amounts": " and ".join})
    rows = by_connection.reset_index().astype({"connection_id": TEXT_DTYPE})
    rows["count"] = [f"{count:,}" for count in rows["size"]]
    rows["all"] = [f"{frames.count('orders', name):,}" for name in rows["connection_id"]]
    return rows.assign(id=pd.Series(None, index=rows.index, dtype=TEXT_DTYPE))
