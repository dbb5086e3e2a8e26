"""How do I run it from a shell? ``rutterframe demo`` and ``rutterframe load``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.console import Console

from rutterframe.client import Client, Connection
from rutterframe.frames import write_frame
from rutterframe.loaders import Options, load, load_connections
from rutterframe.loaders.receipts import receipt_text
from rutterframe.models import RESOURCES
from rutterframe.report_commands import report
from rutterframe.sessions import connect, demo
from rutterframe.terminal import connections_table, frame_table, plain_errors, verdict

app = typer.Typer(
    help="Ledgers, shops, banks and ad platforms as typed DataFrames.",
    no_args_is_help=True,
    # Tracebacks with local variables could show what a variable holds; ours are caught below anyway.
    pretty_exceptions_show_locals=False,
    add_completion=False,
)

Progress = Annotated[bool, typer.Option(help="Show a progress bar.")]


app.command("report")(report)


@app.command("demo")
def show_demo(
    *,
    scale: Annotated[int, typer.Option(min=1, help="How many times the usual volume.")] = 1,
    seed: Annotated[int, typer.Option(help="The same seed gives the same books.")] = 7,
    progress: Progress = True,
) -> None:
    """Load everything of the two made-up businesses over real HTTP, and show it."""
    console = Console()
    with plain_errors(), demo(scale=scale, seed=seed) as client:
        console.print(
            f"[bold]A demo API is running on {client.server.url}: every figure is made up.[/bold]\n"
        )
        connections = load_connections(client, progress=progress)
        console.print(connections_table(connections))
        healthy = _healthy(client, connections)
        frames = {}
        for resource in RESOURCES:
            started = time.perf_counter()
            frames[resource] = load(resource, healthy, Options(progress=progress))
            console.print(frame_table(resource, frames[resource], time.perf_counter() - started))
    console.print(verdict(frames))
    console.print(
        "Next: [bold]make lab[/bold] opens JupyterLab; in Python, [bold]rf.demo()[/bold] gives this API."
    )


@app.command("load")
def load_resource(
    resource: Annotated[str, typer.Argument(help=f"One of {', '.join(RESOURCES)}.")],
    *,
    connection: Annotated[
        list[str] | None,
        typer.Option(help="A connection's id; several may be given. All active ones if none."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="A file that ends in .parquet, .csv or .xlsx.")] = None,
    updated_at_min: Annotated[
        str | None, typer.Option(help="Only what changed since, such as 2026-01-31T00:00:00Z.")
    ] = None,
    expand: Annotated[str | None, typer.Option(help="platform_data: keep the platform's own record.")] = None,
    quarantine: Annotated[bool, typer.Option("--quarantine", help="Set unreadable rows aside.")] = False,
    use_demo: Annotated[bool, typer.Option("--demo", help="Read from the demo, whatever is set.")] = False,
    progress: Progress = True,
) -> None:
    """Load one resource, from the API whose credentials are set, or else from the demo."""
    if resource not in RESOURCES:
        raise typer.BadParameter(f"there is no resource {resource!r}; there are {', '.join(RESOURCES)}")
    options = Options("quarantine" if quarantine else "raise", progress=progress)
    with plain_errors(), demo() if use_demo else connect() as client:
        wanted = [client.connection(one) for one in connection or ()]
        wanted = wanted or _healthy(client, load_connections(client, progress=False))
        started = time.perf_counter()
        frame = load(resource, wanted, options, updated_at_min=updated_at_min, expand=expand)
        seconds = time.perf_counter() - started
        if out is not None:
            write_frame(frame, out)
    console = Console()
    console.print(frame_table(resource, frame, seconds))
    console.print(receipt_text(frame.attrs["receipt"]), highlight=False, markup=False)
    if out is not None:
        console.print(f"Written to {out}.", highlight=False, markup=False)


def _healthy(client: Client, connections: pd.DataFrame) -> list[Connection]:
    """Open the active connections; the others have nothing that is fresh."""
    return [client.connection(one) for one in connections.loc[connections["status"] == "active", "id"]]
