"""Checks of whole records: what a load lacks, and what stands there twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from rutterframe.models import RECORDS
from rutterframe.quality.balances import line_sums
from rutterframe.quality.fields import AMOUNTS, PARTIES, ticks
from rutterframe.quality.findings import Found
from rutterframe.quality.loaded import Loaded
from rutterframe.reports.numbering import codes, first_rows
from rutterframe.reports.statuses import CLOSED

_ALL = dict.fromkeys(RECORDS, ("id",))
_NOT_BOOKED = [status for status in CLOSED if status != "paid"]


def incomplete_load(loaded: Loaded) -> Iterator[Found]:
    """Find connections of which the receipt says that pages are missing."""
    for resource, receipt in loaded.receipts.items():
        missing = [
            {"connection_id": name, "id": None, "why": receipt["errors"].get(name, "it was cut short")}
            for name, one in receipt["per_connection"].items()
            if not one["complete"] and (name in receipt["errors"] or not one["rows_refused"])
        ]
        rows = pd.DataFrame(missing, columns=["connection_id", "id", "why"], dtype="str")
        rows["why"] = rows["why"].str.partition("\n")[0] if len(rows) else rows["why"]
        yield Found(resource, rows, "", "Not every record was loaded: {why}")


def refused_row(loaded: Loaded) -> Iterator[Found]:
    """Find the rows that were set aside while loading."""
    for resource, receipt in loaded.receipts.items():
        names = ["connection_id", "record_id", "field", "reason"]
        rows = pd.DataFrame(receipt["refused"], columns=names, dtype="str").rename(
            columns={"record_id": "id"}
        )
        yield Found(resource, rows, "{field}", "The record was set aside while loading: {reason}")
        told = receipt["refused"]
        if receipt["rows_refused"] > len({(one["connection_id"], one["record_id"]) for one in told}):
            loaded.note(
                f"{receipt['rows_refused']:,} records of {resource} were set aside while loading; "
                f"its receipt says of {len(told):,} of them why."
            )


def missing_id(loaded: Loaded) -> Iterator[Found]:
    """Find records without an id."""
    for resource, _, frame in loaded.each(_ALL):
        rows = frame.loc[frame["id"].isna(), ["connection_id", "id"]]
        yield Found(resource, rows, "id", "The record has no id, so that nothing can point to it.")


def duplicate_id(loaded: Loaded) -> Iterator[Found]:
    """Find records that stand there more than once."""
    for resource, _, frame in loaded.each(_ALL):
        numbers, size = _numbers(frame, ["connection_id", "id"])
        counts = np.bincount(numbers, minlength=size)
        if not len(frame) or counts.max() == 1:
            continue
        first = first_rows(numbers, size)[counts > 1]
        rows = frame[["connection_id", "id"]].iloc[first].assign(times=counts[counts > 1])
        rows = rows[rows["id"].notna()]
        yield Found(resource, rows, "id", "The record stands there {times} times, and counts so often.", "id")


def possible_duplicate(loaded: Loaded) -> Iterator[Found]:
    """Find documents and expenses that look like another one in all that matters."""
    for resource, party, frame in loaded.each(PARTIES):
        sums = line_sums(loaded, resource)
        if sums is None or loaded.frame(resource, "currency", "due_date", "status") is None:
            continue
        total, known = sums
        asked = known & (total != 0) & frame[party].notna() & ~frame["status"].isin(_NOT_BOOKED)
        keys = ["connection_id", party, "currency", "due_date"]
        rows = _alike(
            frame.loc[asked.to_numpy(), [*keys, "id"]].assign(_total=total[asked]), [*keys, "_total"]
        )
        said = "It looks like {first}: the same party, currency, due day and sum of its lines."
        yield Found(resource, rows, "id", said, "id")
    keys = ["connection_id", "account_id", "currency", "date", "description"]
    expenses = loaded.frame("expenses", *keys, *AMOUNTS["expenses"])
    if expenses is not None:
        total = ticks(expenses["amount"])
        rows = _alike(
            expenses.loc[total != 0, [*keys, "id"]].assign(_total=total[total != 0]), [*keys, "_total"]
        )
        said = "It looks like {first}: the same account, day, amount, currency and description."
        yield Found("expenses", rows, "id", said, "id")


def _alike(frame: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Give the rows that are like an earlier one with another id, and the id of that one."""
    numbers, size = _numbers(frame, keys)
    first = first_rows(numbers, size)[numbers]
    later = np.flatnonzero(first != np.arange(len(frame)))
    rows = frame[["connection_id", "id"]].iloc[later]
    rows = rows.assign(first=frame["id"].iloc[first[later]].to_numpy())
    return rows[rows["id"] != rows["first"]]


def _numbers(frame: pd.DataFrame, keys: Sequence[str]) -> tuple[np.ndarray, int]:
    return codes(nw.from_native(frame[list(keys)], eager_only=True), list(keys))
