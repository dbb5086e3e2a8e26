"""Print the result of ``rutterframe refresh``: a line for each list, or for each resource of many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd
from rich import box
from rich.console import Console
from rich.table import Table

from rutterframe.cli.terminal import print_text, texts
from rutterframe.views.format import count

#: Up to this many lists each has a line of its own.
MAX_LISTS = 12
_COUNTS = ("rows", "added", "changed", "removed")
# Terminals that are narrower have less between columns.
_WIDE = 80


def print_result(result: pd.DataFrame, left_out: Sequence[str], width: int | None, *, details: bool) -> None:
    """Print a line for each list, or a summary of many, and what is incomplete or left out."""
    console = Console(width=width)
    is_long = len(result) > MAX_LISTS and not details
    console.print(_summary(result, console.width) if is_long else _table(result, console.width))
    console.print()
    print_text(console, _statuses(result, is_long=is_long))
    for line in (*incomplete_notes(result), *left_out):
        print_text(console, line)


def _table(result: pd.DataFrame, width: int) -> Table:
    """Return the result of a refresh as a table: a line for each list, without numbers where it failed."""
    table = _empty_table(width, "connection", "resource", "status")
    numbers = result[list(_COUNTS)].fillna(0).astype("int64").to_numpy().tolist()
    for row, counts in zip(result.astype(object).to_dict("records"), numbers, strict=True):
        cells = [] if row["status"] == "failed" else [f"{number:,}" for number in counts]
        table.add_row(*texts(row["connection_id"], row["resource"], row["status"], *cells))
    return table


def _summary(result: pd.DataFrame, width: int) -> Table:
    """Return the result of a refresh by resource: how many lists were read, and their rows."""
    table = _empty_table(width, "resource", "lists")
    table.columns[1].justify = "right"
    read = result[~result["status"].isin(["failed", "not offered"])]
    for resource in result["resource"].unique().tolist():
        rows = read[read["resource"] == resource]
        sums = rows[list(_COUNTS)].fillna(0).astype("int64").sum().tolist()
        table.add_row(*texts(resource, f"{len(rows):,}", *(f"{number:,}" for number in sums)))
    return table


def _empty_table(width: int, *names: str) -> Table:
    """Return a table for counts; where the terminal is narrow, ids and words go on in the next line."""
    gap = 1 if width < _WIDE else 2
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, gap - 1, 0, 0), pad_edge=False)
    for name in names:
        table.add_column(name, no_wrap=name in ("resource", "lists"), overflow="fold")
    for name in _COUNTS:
        table.add_column(name, justify="right", no_wrap=True)
    table.columns[0].min_width = 12
    return table


def _statuses(result: pd.DataFrame, *, is_long: bool) -> str:
    """Return a sentence on how many lists have which status, with the names of those that failed."""
    counts = ", ".join(f"{number:,} {status}" for status, number in result["status"].value_counts().items())
    connections = count(result["connection_id"].nunique(), "connection")
    text = f"Lists: {len(result):,} of {connections} ({counts})."
    failed = result[result["status"] == "failed"].groupby("connection_id", sort=False)["resource"]
    if len(failed):
        names = (f"{connection} ({', '.join(resources)})" for connection, resources in failed)
        text += f" Failed: {', '.join(names)}."
    return f"{text} (--details shows each.)" if is_long else text


def incomplete_notes(result: pd.DataFrame) -> Iterator[str]:
    """Yield a sentence for each list that was read incompletely, and for each that is empty now."""
    for row in result[result["status"] != "failed"].to_dict("records"):
        name = f"{row['connection_id']} {row['resource']}"
        if isinstance(row["error"], str):
            yield f"{name}: {row['error']}."
        if row["rows"] == 0 and row["removed"] > 0:
            yield f"{name}: all {row['removed']:,} rows vanished, since the list is empty now."
