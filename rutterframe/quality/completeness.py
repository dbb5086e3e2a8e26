"""Checks of completeness: connections and rows that were not loaded, and records without an id."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from rutterframe.frames.text_dtype import TEXT_DTYPE
from rutterframe.quality.fields import IDS
from rutterframe.quality.findings import Matches
from rutterframe.quality.frames import FrameSet


def incomplete_load(frames: FrameSet) -> Iterator[Matches]:
    """Find connections with missing pages, by the receipt."""
    for resource, receipt in frames.receipts.items():
        errors = receipt.get("errors", {})
        missing = [
            {
                "connection_id": name,
                "id": None,
                "reason": errors.get(name, entry.get("not_offered", "it was cut short")),
            }
            for name, entry in receipt.get("per_connection", {}).items()
            if not entry.get("complete", True) and (name in errors or not entry.get("rows_refused"))
        ]
        if not (receipt.get("complete", True) or missing or receipt.get("rows_refused")):
            missing = [{"connection_id": None, "id": None, "reason": "its receipt is not complete"}]
        rows = pd.DataFrame(missing, columns=["connection_id", "id", "reason"], dtype=TEXT_DTYPE)
        rows["reason"] = rows["reason"].str.partition("\n")[0] if len(rows) else rows["reason"]
        yield Matches(resource, rows, "", "Not every record was loaded: {reason}")


def part_of_a_load(frames: FrameSet) -> Iterator[Matches]:
    """Find frames that hold other rows than were loaded: filtered, cut or put together."""
    for resource, part in frames.parts.items():
        frames.note(part)
        whole = pd.DataFrame({"connection_id": [None], "id": [None]}, dtype=TEXT_DTYPE)
        yield Matches(resource, whole.assign(part=part), "", "Only these rows were checked: {part}")


def refused_row(frames: FrameSet) -> Iterator[Matches]:
    """Find the rows that were refused while loading."""
    for resource, receipt in frames.receipts.items():
        names = ["connection_id", "record_id", "field", "reason"]
        refusals, number = receipt.get("refused", []), receipt.get("rows_refused", 0)
        rows = pd.DataFrame(refusals, columns=names, dtype=TEXT_DTYPE).rename(columns={"record_id": "id"})
        yield Matches(resource, rows, "{field}", "The record was set aside while loading: {reason}")
        if number > len({(row.get("connection_id"), row.get("record_id")) for row in refusals}):
            frames.note(
                f"{number:,} records of {resource} were set aside while loading; "
                f"its receipt has the reasons for {len(refusals):,} of them."
            )


def missing_id(frames: FrameSet) -> Iterator[Matches]:
    """Find records without an id."""
    for resource, _, frame in frames.each(IDS):
        rows = frame.loc[frame["id"].isna(), ["connection_id", "id"]]
        yield Matches(resource, rows, "id", "The record has no id, so that nothing can point to it.")
