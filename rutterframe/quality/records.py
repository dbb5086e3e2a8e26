"""Checks of a load: connections and rows that it lacks, and records without an id."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from rutterframe.models import RECORDS
from rutterframe.quality.findings import Found
from rutterframe.quality.loaded import Loaded

_ALL = dict.fromkeys(RECORDS, ("id",))


def incomplete_load(loaded: Loaded) -> Iterator[Found]:
    """Find connections of which the receipt says that pages are missing."""
    for resource, receipt in loaded.receipts.items():
        missing = [
            {
                "connection_id": name,
                "id": None,
                "why": receipt["errors"].get(name, one.get("not_offered", "it was cut short")),
            }
            for name, one in receipt["per_connection"].items()
            if not one["complete"] and (name in receipt["errors"] or not one["rows_refused"])
        ]
        if not (receipt.get("complete", True) or missing or receipt["rows_refused"]):
            missing = [{"connection_id": None, "id": None, "why": "its receipt is not complete"}]
        rows = pd.DataFrame(missing, columns=["connection_id", "id", "why"], dtype="str")
        rows["why"] = rows["why"].str.partition("\n")[0] if len(rows) else rows["why"]
        yield Found(resource, rows, "", "Not every record was loaded: {why}")


def part_of_a_load(loaded: Loaded) -> Iterator[Found]:
    """Find frames that hold other rows than were loaded: filtered, cut or put together."""
    for resource, part in loaded.parts.items():
        loaded.note(part)
        whole = pd.DataFrame({"connection_id": [None], "id": [None]}, dtype="str")
        yield Found(resource, whole, "", f"Only these rows were checked: {part}")


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
