"""Keys that are empty text are missing ones: a nameless row, and one for null beside it, would be two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw

from rutterframe.reports.frame import Frame
from rutterframe.reports.grouping import sum_by


def merge_blanks(
    report: Frame, keys: Sequence[str], sums: Sequence[str], *, count: str
) -> tuple[Frame, list[str]]:
    """Add up the rows whose keys are empty text with those whose keys are missing.

    Parameters
    ----------
    report : narwhals frame
        Sums of integers by keys.
    keys, sums : sequence of str
        Its columns.
    count : str
        The column of ``sums`` that counts what the rows are made of, such as "documents".

    Returns
    -------
    tuple of narwhals frame and list of str
        The rows, and a note for each key that was empty; of what is lazy without notes.
    """
    schema = report.collect_schema()
    texts = [key for key in keys if schema[key] == nw.String]
    notes = []
    if isinstance(report, nw.DataFrame):
        blank = {key: _blanks(report[key]) for key in texts}
        texts = [key for key in texts if blank[key]]
        for key in texts:
            number = int(report[count][blank[key]].sum())
            notes.append(f"{count.capitalize()} with empty text as {key}, taken as missing: {number:,}.")
        if not texts:
            return report, []
    missing = (
        nw.when(nw.col(key).str.strip_chars() != "").then(nw.col(key)).alias(key) for key in texts
    )  # fmt: skip
    return sum_by(report.with_columns(*missing), keys, sums), notes


def _blanks(values: nw.Series[Any]) -> list[int]:
    return [
        place
        for place, value in enumerate(values.to_list())
        if isinstance(value, str) and not value.strip()
    ]  # fmt: skip
