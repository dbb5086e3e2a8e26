"""The command ``rutterframe refresh PATH``."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator, Sequence
from typing import Annotated

import pandas as pd
import typer
from rich import box
from rich.console import Console
from rich.table import Table

from rutterframe.cli.terminal import (
    ConnectionIds,
    DialectName,
    Verbose,
    Width,
    as_options,
    open_client,
    plain_errors,
    print_text,
    texts,
)
from rutterframe.connect import open_connections
from rutterframe.loaders import NotOfferedWarning
from rutterframe.models import LIVE_RESOURCES, RESOURCES
from rutterframe.notebook.escape import printable_lines
from rutterframe.views.format import count

_COUNTS = ("rows", "added", "changed", "removed")
# Up to this many lists each has a line of its own.
_MAX_LISTS = 12
# Terminals that are narrower have less between columns.
_WIDE = 80


def refresh_dataset(  # noqa: PLR0913 - a parameter for each option
    path: Annotated[
        str, typer.Argument(help="The dataset's folder, created if it does not exist, or its address.")
    ],
    *,
    connection: ConnectionIds = None,
    resource: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help=f"One of {', '.join(RESOURCES)}; all if none.")
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Load all transactions and orders, to find deleted ones.")
    ] = False,
    quarantine: Annotated[
        bool, typer.Option("--quarantine", help="Set unreadable rows aside, and load the others.")
    ] = False,
    use_demo: Annotated[bool, typer.Option("--demo", help="Read the made-up books of the demo.")] = False,
    dialect: DialectName = None,
    details: Annotated[
        bool,
        typer.Option("--details", help=f"Print every list, also where there are more than {_MAX_LISTS}."),
    ] = False,
    width: Width = None,
    verbose: Verbose = False,
) -> None:
    """Refresh a dataset; the exit code is 1 if a list failed, or anything was left out.

    Prints the rows of each resource, and how many lists were refreshed; failed ones are named.
    """
    names = _check_names(resource) if resource else None
    with plain_errors(verbose=verbose):
        from rutterframe.dataset.locations import root_of  # noqa: PLC0415 - deltalake is an extra
        from rutterframe.dataset.refresh import refresh_ids  # noqa: PLC0415 - the same

        root = root_of(path)
        with open_client(use_demo=use_demo, dialect=dialect, err=False) as client:
            connections, left_out, without_token = open_connections(client, connection, allow_none=True)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", NotOfferedWarning)  # they are named below
                result = refresh_ids(
                    client,
                    [*(connection.id for connection in connections), *without_token],
                    root,
                    resources=names,
                    full=full,
                    on_invalid="quarantine" if quarantine else "raise",
                )
    with plain_errors():
        _print(result, left_out, width, details=details)
    # A connection without a token is named once as left out, not once for each list.
    failed = result[(result["status"] == "failed") & ~result["connection_id"].isin(without_token)]
    for error in _errors(failed) if connections else result["error"].tolist()[:1]:
        sys.stderr.write(f"Error: {printable_lines(as_options(error))}\n")
    # A list that did not fail has an error if rows were set aside or the API does not offer it.
    if without_token or result["error"].notna().any():
        raise typer.Exit(1)


def _print(result: pd.DataFrame, left_out: Sequence[str], width: int | None, *, details: bool) -> None:
    """Print a line for each list, or a summary of many, and what is incomplete or left out."""
    console = Console(width=width)
    is_long = len(result) > _MAX_LISTS and not details
    console.print(_summary(result, console.width) if is_long else _table(result, console.width))
    console.print()
    print_text(console, _statuses(result, is_long=is_long))
    for line in (*_notes(result), *left_out):
        print_text(console, line)


def _check_names(resources: list[str]) -> tuple[str, ...]:
    """Return the names of resources, each once; refuse one that does not exist."""
    for name in resources:
        if name not in (*RESOURCES, *LIVE_RESOURCES):
            known = ", ".join((*RESOURCES, *LIVE_RESOURCES))
            raise typer.BadParameter(f"there is no resource {name!r}; there are {known}")
    return tuple(dict.fromkeys(resources))


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


def _errors(failed: pd.DataFrame) -> Iterator[str]:
    """Yield the error of each list that failed; of several of a connection for one reason, the first."""
    reasons: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for connection, resource, error in failed[["connection_id", "resource", "error"]].to_numpy().tolist():
        reasons.setdefault((connection, error.partition("\n")[0]), []).append((resource, error))
    for (connection, _), ((_, first), *more) in reasons.items():
        same = ", ".join(resource for resource, _ in more)
        yield f"{first}\nThe same reason: {same} of {connection}." if more else first


def _notes(result: pd.DataFrame) -> Iterator[str]:
    """Yield a sentence for each list that was read incompletely, and for each that is empty now."""
    for row in result[result["status"] != "failed"].to_dict("records"):
        name = f"{row['connection_id']} {row['resource']}"
        if isinstance(row["error"], str):
            yield f"{name}: {row['error']}."
        if row["rows"] == 0 and row["removed"] > 0:
            yield f"{name}: all {row['removed']:,} rows vanished, since the list is empty now."
