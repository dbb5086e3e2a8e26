"""How do I keep what was loaded? ``rutterframe refresh PATH``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from rutterframe.models import RESOURCES
from rutterframe.sessions import open_chosen
from rutterframe.shell.terminal import Verbose, open_client, plain_errors


def refresh_dataset(
    path: Annotated[Path, typer.Argument(help="The dataset's folder; made if it is not there.")],
    *,
    connection: Annotated[
        list[str] | None,
        typer.Option(help="A connection's id; several may be given. All active ones if none."),
    ] = None,
    resource: Annotated[
        list[str] | None, typer.Option(help=f"One of {', '.join(RESOURCES)}; all ten if none.")
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Load transactions and orders whole, to see what vanished.")
    ] = False,
    use_demo: Annotated[bool, typer.Option("--demo", help="Read the made-up books of the demo.")] = False,
    verbose: Verbose = False,
) -> None:
    """Bring a dataset up to date; the exit code is 1 if a connection failed, the others are kept."""
    from rutterframe.dataset import refresh  # noqa: PLC0415 - deltalake is an extra

    with plain_errors(verbose=verbose), open_client(use_demo=use_demo, err=False) as client:
        wanted, left_out, without_token = open_chosen(client, connection)
        done = refresh(wanted, path, resources=tuple(resource or RESOURCES), full=full, on_error="report")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    counts = ("rows", "added", "changed", "removed")
    for name in ("connection", "resource", "status", *counts):
        table.add_column(name, justify="right" if name in counts else "left")
    numbers = done[list(counts)].fillna(0).astype("int64").to_numpy().tolist()
    for row, found in zip(done.astype(object).to_dict("records"), numbers, strict=True):
        shown = [] if row["status"] == "failed" else [f"{number:,}" for number in found]
        table.add_row(row["connection_id"], row["resource"], row["status"], *shown)
    console = Console()
    console.print(table)
    for line in left_out:
        console.print(line, highlight=False, markup=False)
    errors = done.loc[done["status"] == "failed", "error"].tolist()
    for error in errors:
        sys.stderr.write(f"Error: {error}\n")
    if errors or without_token:
        raise typer.Exit(1)
