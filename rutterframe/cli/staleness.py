"""Find the lists of a dataset that were last read to their end too long ago."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from rutterframe.cli.durations import format_duration
from rutterframe.views.format import count

# How far a last success may be ahead of this machine's clock: beyond that its age is not known.
_AHEAD = timedelta(hours=1)
_MAX_CONNECTIONS = 12


def stale_lists(status: pd.DataFrame, max_age: timedelta, now: datetime) -> pd.DataFrame:
    """Return the rows of a dataset's status that are older than an age, the oldest first.

    A list that was never read, or at a time that this machine's clock has not reached, is stale as well; one
    that its platform does not offer has no age.

    Parameters
    ----------
    status : pandas.DataFrame
        As `Dataset.status` returns it.
    max_age : timedelta
        The age.
    now : datetime
        The time to count from.

    Returns
    -------
    pandas.DataFrame
        The rows, with ``age`` (timedelta64; null if never read).
    """
    age = pd.Timestamp(now) - status["last_success"]
    is_stale = age.isna() | (age > max_age) | (age < -_AHEAD)
    stale = status.assign(age=age)[is_stale & (status["status"] != "not offered")]
    return stale.sort_values("last_success", na_position="first", kind="stable", ignore_index=True)


def stale_records(stale: pd.DataFrame) -> list[dict[str, Any]]:
    """Return stale lists as records of JSON."""
    return json_records(with_age(stale[["connection_id", "resource", "last_success", "age"]]))


def with_age(rows: pd.DataFrame) -> pd.DataFrame:
    """Replace the age by whole seconds, null where it is not known."""
    seconds = rows["age"].dt.total_seconds().floordiv(1).astype("Int64")
    return rows.drop(columns="age").assign(age_seconds=seconds)


def stale_sentences(stale: pd.DataFrame, max_age: timedelta) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a sentence for each connection with stale lists, and its fields for a log; of many the oldest."""
    groups = list(stale.groupby("connection_id", sort=False))
    for name, rows in groups[:_MAX_CONNECTIONS]:
        first = rows.iloc[0]
        more = f", and {count(len(rows) - 1, 'more list')}" if len(rows) > 1 else ""
        text = f"Older than {format_duration(max_age)}: {name} {first['resource']} ({_last(first)}){more}."
        yield text, stale_records(rows.head(1))[0] | {"lists": len(rows)}
    if len(groups) > _MAX_CONNECTIONS:
        number = count(len(groups) - _MAX_CONNECTIONS, "more connection")
        yield f"Older than {format_duration(max_age)}: {number} (--json lists each).", {}


def _last(row: pd.Series[Any]) -> str:
    """State when a list was last read."""
    if pd.isna(row["last_success"]):
        return "never read to its end"
    time = f"{row['last_success']:%Y-%m-%d %H:%M} UTC"
    if row["age"] < timedelta(0):
        return f"last read {time}, ahead of this machine's clock"
    return f"last read {time}, {format_duration(row['age'].to_pytimedelta())} ago"


def json_records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame with the values of JSON: null where there is none, moments as text."""
    columns = [
        [None if missing else format_time(value) if isinstance(value, datetime) else value
         for value, missing in zip(frame[name].astype(object), frame[name].isna(), strict=True)]
        for name in frame.columns
    ]  # fmt: skip
    return [dict(zip(frame.columns, row, strict=True)) for row in zip(*columns, strict=True)]


def format_time(moment: datetime | None) -> str | None:
    """Write a moment as in JSON, in UTC with milliseconds; None stays."""
    if moment is None or pd.isna(moment):
        return None
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
