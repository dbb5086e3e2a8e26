"""The command ``rutterframe export PATH URL``."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import pandas as pd
import typer
from rich import box
from rich.console import Console
from rich.table import Table

from rutterframe.cli.dataset import check_names
from rutterframe.cli.refresh_report import split_error
from rutterframe.cli.staleness import json_records
from rutterframe.cli.terminal import EXPECTED_ERRORS, Width, plain_errors, print_text, texts
from rutterframe.client.secret_arguments import wrap
from rutterframe.models import RESOURCES
from rutterframe.storage import mask_address
from rutterframe.views.format import count

_COUNTS = ("rows", "added", "changed", "deleted")
# Up to this many lists each has a line of its own.
_MAX_LISTS = 12
# What the rows of a list that is not complete are, by its status.
_EARLIER = "Its rows are those of an earlier refresh"
_ORIGINS = {"incomplete": "Some of its rows are missing: rutterframe status says why"}


def export_dataset(
    path: Annotated[str, typer.Argument(help="The dataset's folder, or its address.")],
    url: Annotated[
        str,
        typer.Argument(
            help="duckdb:///books.duckdb, sqlite:///books.sqlite or postgresql://user@host/books; its "
            "password is read from PGPASSWORD or ~/.pgpass."
        ),
    ],
    *,
    resource: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help=f"One of {', '.join(RESOURCES)}; all if none.")
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Compare every row, also those that did not change.")
    ] = False,
    timeout: Annotated[
        float,
        typer.Option(min=0, metavar="SECONDS", help="How long to wait for another program that writes."),
    ] = 60.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON, with every list.")] = False,
    details: Annotated[
        bool,
        typer.Option("--details", help=f"Print every list, also where there are more than {_MAX_LISTS}."),
    ] = False,
    width: Width = None,
) -> None:
    """Export a dataset to a database; the exit code is 1 if that failed, or a list is not complete, else 0.

    Only what changed since the last export is sent. It needs no credentials of the API.
    """
    secret = wrap(url)
    del url
    names = check_names(resource) if resource else None
    with plain_errors():
        try:
            from rutterframe.dataset import Dataset  # noqa: PLC0415 - deltalake is an extra

            data = Dataset(path)
            unknown = [name for name in names or () if name not in data.resources]
            if unknown:
                raise ValueError(
                    f"The dataset has no {unknown[0]!r}; it has {', '.join(data.resources)}. Refresh it first"
                )
            result = data.export(secret, resources=names, full=full, timeout=timeout)  # type: ignore[arg-type]
        except EXPECTED_ERRORS as error:
            if as_json:
                sys.stdout.write(_to_json(path, None, str(error)))
            raise
        is_complete = bool(len(result)) and bool(result["complete"].fillna(value=False).all())
        if as_json:
            sys.stdout.write(_to_json(path, result, None, exit_code=0 if is_complete else 1))
        else:
            _print(result, width, details=details)
    if not is_complete:
        raise typer.Exit(1)


def _to_json(path: str, result: pd.DataFrame | None, error: str | None, *, exit_code: int = 1) -> str:
    """Return the result as a document in one line; the address of the database is not in it."""
    document: dict[str, Any] = {
        "path": mask_address(path),
        "exit_code": exit_code,
        "lists": [] if result is None else json_records(result),
        "error": None if error is None else split_error(error),
    }
    return json.dumps(document, allow_nan=False) + "\n"


def _print(result: pd.DataFrame, width: int | None, *, details: bool) -> None:
    """Print a line for each list, or one for each table where there are many, and what is not complete."""
    console = Console(width=width)
    is_long = len(result) > _MAX_LISTS and not details
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("table", no_wrap=True)
    if is_long:
        table.add_column("lists", justify="right")
    else:
        table.add_column("connection", overflow="fold", min_width=12)
    for name in _COUNTS:
        table.add_column(name, justify="right", no_wrap=True)
    if is_long:
        for resource, rows in result.groupby("table", sort=False):
            sums = [rows[name].fillna(0).sum() for name in _COUNTS]
            table.add_row(*texts(str(resource), *(f"{number:,}" for number in (len(rows), *sums))))
    else:
        for row in json_records(result):
            cells = ("" if row[name] is None else f"{row[name]:,}" for name in _COUNTS)
            table.add_row(*texts(row["table"], row["connection_id"], *cells))
    console.print(table)
    console.print()
    print_text(console, _sentence(result, is_long=is_long))
    for row in json_records(result[~result["complete"].fillna(value=False)]):
        has_rows = row["version"] is not None
        origin = _ORIGINS.get(row["status"], _EARLIER) if has_rows else "It has no rows"
        print_text(console, f"{row['connection_id']} {row['table']}: {row['status']}. {origin}.")


def _sentence(result: pd.DataFrame, *, is_long: bool) -> str:
    """Return a sentence on how many lists were exported, and whether anything changed."""
    changed = int((result[["added", "changed", "deleted"]].fillna(0).sum(axis="columns") > 0).sum())
    text = f"{count(len(result), 'list')} exported, {changed:,} of them with changes."
    return f"{text} (--details shows each.)" if is_long else text
