"""Checks for duplicates: records with the same id, and records that are alike under two ids."""

# pyarrow.compute creates its functions at run time, so that pyright does not know them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Iterator, Sequence

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from rutterframe.frames.text_dtype import TEXT_DTYPE
from rutterframe.quality.balances import line_sums
from rutterframe.quality.fields import COUNTERPARTIES, IDS, NOT_BOOKED, is_one_of, ticks
from rutterframe.quality.findings import Matches
from rutterframe.quality.frames import FrameSet
from rutterframe.reports.engine.factorize import factorize, first_rows
from rutterframe.reports.statuses import NO_REVENUE

#: Two equal orders of one customer are a double click up to this far apart; of guests only at one moment.
DOUBLE_CLICK = np.timedelta64(10, "m")

_POSTINGS = ("connection_id", "account_id", "currency", "date", "description")


def duplicate_id(frames: FrameSet) -> Iterator[Matches]:
    """Find repeated ids."""
    for resource, _, frame in frames.each(IDS):
        numbers, size = _numbers(frame, ["connection_id", "id"])
        counts = np.bincount(numbers, minlength=size)
        if not len(frame) or counts.max() == 1:
            continue
        first = first_rows(numbers, size)[counts > 1]
        rows = frame[["connection_id", "id"]].iloc[first].assign(times=counts[counts > 1])
        rows = rows[rows["id"].notna()]
        yield Matches(resource, rows, "id", "The record appears {times} times, and counts each time.", "id")


def possible_duplicate(frames: FrameSet) -> Iterator[Matches]:
    """Find documents, orders, expenses and transactions that equal an earlier one in all but the id."""
    yield from _documents(frames)
    yield from _postings(frames)
    yield from _orders(frames)


def customer_entered_twice(frames: FrameSet) -> Iterator[Matches]:
    """Find customers with the e-mail address of another, or with its name and no other address."""
    frame = frames.frame("customers", "name")
    if frame is None:
        return
    customers = frame[["connection_id", "id"]].assign(name=_plain(frame["name"]))
    customers["email"] = _plain(frame["email"], marks="") if "email" in frame.columns else None
    same_email = _alike(customers[customers["email"].notna()], ["connection_id", "email"])
    text = "It has the e-mail address of {first}: a customer that was entered twice."
    yield Matches("customers", same_email, "id", text, "id")
    rest = customers.drop(index=same_email.index)
    rest = rest[rest["name"].notna()]
    pairs = _alike(rest, ["connection_id", "name"])
    # Two consumers may have the same name, so that two e-mail addresses are two customers. In a ledger
    # customers are businesses, and two of the same name are one.
    email = rest["email"].notna()
    two_emails = email[pairs.index] & email.loc[pairs["first_row"]].to_numpy()
    ledger = pairs["connection_id"].isin(frames.connections("invoices"))
    text = "It has the name of {first}: a customer that was entered twice."
    yield Matches("customers", pairs[ledger | ~two_emails], "id", text, "id")


def _documents(frames: FrameSet) -> Iterator[Matches]:
    """Find invoices and bills that are like an earlier one."""
    for resource, counterparty, frame in frames.each(COUNTERPARTIES):
        sums = line_sums(frames, resource)
        if sums is None or frames.frame(resource, "currency", "due_date", "status") is None:
            continue
        total, known = sums
        booked = ~is_one_of(frame["status"], NOT_BOOKED)
        candidates = known & (total != 0) & frame[counterparty].notna() & booked
        keys = ["connection_id", counterparty, "currency", "due_date"]
        rows = frame.loc[candidates.to_numpy(), [*keys, "id"]].assign(_total=total[candidates])
        rows = _alike(rows, [*keys, "_total"])
        text = "It looks like {first}: the same counterparty, currency, due date and sum of lines."
        yield Matches(resource, rows, "id", text, "id")


def _postings(frames: FrameSet) -> Iterator[Matches]:
    """Find expenses and transactions that are like an earlier one."""
    for resource in ("expenses", "transactions"):
        frame = frames.frame(resource, *_POSTINGS, "amount")
        if frame is None:
            continue
        total = ticks(frame["amount"])
        # Payments of a shop have an order and no account: those of two orders are not alike.
        more = ("type", "category", "order_id")
        keys = [*_POSTINGS, *(name for name in more if name in frame.columns)]
        rows = frame.loc[(total != 0) & frame["date"].notna(), [*keys, "id"]]
        # Descriptions that differ in case, blanks and points are equal.
        rows["description"] = _plain(rows["description"])
        rows = _alike(rows.assign(_total=total[rows.index]), [*keys, "_total"])
        text = "It looks like {first}: the same account, day, amount, currency and description."
        yield Matches(resource, rows, "id", text, "id")


def _orders(frames: FrameSet) -> Iterator[Matches]:
    """Find orders of one customer with the same lines and total, a few minutes after another."""
    keys = ["connection_id", "customer_id", "currency"]
    frame = frames.frame("orders", *keys, "created_at", "total_price", "status")
    lines = frames.lines("orders")
    if frame is None or lines is None:
        return
    dated = frame["created_at"].notna() & ~is_one_of(frame["status"], NO_REVENUE)
    rows = frame.assign(_total=ticks(frame["total_price"]), _lines=_contents(lines, len(frame)))[dated]
    numbers, _ = _numbers(rows, [*keys, "_total", "_lines"])
    moments = rows["created_at"].to_numpy("datetime64[us]")
    order = np.lexsort((np.arange(len(rows)), moments, numbers))
    apart = np.diff(moments[order])
    limit = np.where(rows["customer_id"].isna().to_numpy()[order[1:]], np.timedelta64(0, "us"), DOUBLE_CLICK)
    again = (np.diff(numbers[order]) == 0) & (apart <= limit)
    later, first = order[1:][again], order[:-1][again]
    pairs = rows[["connection_id", "id"]].iloc[later].assign(first=rows["id"].iloc[first].to_numpy())
    text = "It looks like {first}: the same customer, lines and total, within minutes."
    yield Matches("orders", pairs[(pairs["id"] != pairs["first"]).fillna(value=True)], "id", text, "id")


def _contents(lines: pd.DataFrame, size: int) -> np.ndarray:
    """Return a hash of the lines of each order: equal for the same lines in the same order."""
    names = [name for name in ("product_id", "variant_id", "quantity", "unit_price") if name in lines]
    hashed = pd.util.hash_pandas_object(lines[["line", *names]], index=False).to_numpy()
    contents = np.zeros(size, np.uint64)
    np.add.at(contents, lines["row"].to_numpy(), hashed)
    return contents.view(np.int64)


def _plain(texts: pd.Series, marks: str = "[.,]") -> pd.Series:
    """Return texts without differences of case, blanks and punctuation marks."""
    plain = pc.utf8_lower(pc.utf8_normalize(pa.array(texts, pa.large_string(), from_pandas=True), "NFKC"))
    plain = pc.replace_substring_regex(plain, marks, "") if marks else plain
    plain = pc.utf8_trim_whitespace(pc.replace_substring_regex(plain, r"\s+", " "))
    return pd.Series(pc.if_else(pc.equal(plain, ""), None, plain), index=texts.index, dtype=TEXT_DTYPE)


def _alike(frame: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Return the rows that equal an earlier one with another id, and that one's id and label."""
    numbers, size = _numbers(frame, keys)
    first = first_rows(numbers, size)[numbers]
    later = np.flatnonzero(first != np.arange(len(frame)))
    rows = frame[["connection_id", "id"]].iloc[later]
    rows = rows.assign(first=frame["id"].iloc[first[later]].array, first_row=frame.index[first[later]])
    return rows[(rows["id"] != rows["first"]).fillna(value=True)]


def _numbers(frame: pd.DataFrame, keys: Sequence[str]) -> tuple[np.ndarray, int]:
    return factorize(nw.from_native(frame[list(keys)], eager_only=True), list(keys))
