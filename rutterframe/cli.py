"""How do I run it from a shell? ``rutterframe demo`` and ``rutterframe load``."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from rutterframe.client import Client, Connection
from rutterframe.errors import LoadInterrupted, RutterframeError
from rutterframe.frames import write_frame
from rutterframe.loaders import Options, load, load_connections
from rutterframe.loaders.receipts import receipt_text
from rutterframe.models import RESOURCES
from rutterframe.sessions import connect, demo

app = typer.Typer(
    help="Ledgers, shops, banks and ad platforms as typed DataFrames.",
    no_args_is_help=True,
    # Tracebacks with local variables could show what a variable holds; ours are caught below anyway.
    pretty_exceptions_show_locals=False,
    add_completion=False,
)

_FIRST_ROWS = 3
_WIDEST_CELL = 24
_INTERRUPTED = 130

Progress = Annotated[bool, typer.Option(help="Show a progress bar.")]


@app.command("demo")
def show_demo(
    *,
    scale: Annotated[int, typer.Option(min=1, help="How many times the usual volume.")] = 1,
    seed: Annotated[int, typer.Option(help="The same seed gives the same books.")] = 7,
    progress: Progress = True,
) -> None:
    """Load everything of the two made-up businesses over real HTTP, and show it."""
    console = Console()
    with _plain_errors(), demo(scale=scale, seed=seed) as client:
        console.print(
            f"[bold]A demo API is running on {client.server.url}: every figure is made up.[/bold]\n"
        )
        connections = load_connections(client, progress=progress)
        console.print(_connections_table(connections))
        healthy = _healthy(client, connections)
        frames = {}
        for resource in RESOURCES:
            started = time.perf_counter()
            frames[resource] = load(resource, healthy, Options(progress=progress))
            console.print(_frame_table(resource, frames[resource], time.perf_counter() - started))
    _verdict(console, frames)
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
    with _plain_errors(), demo() if use_demo else connect() as client:
        wanted = [client.connection(one) for one in connection or ()]
        wanted = wanted or _healthy(client, load_connections(client, progress=False))
        started = time.perf_counter()
        frame = load(resource, wanted, options, updated_at_min=updated_at_min, expand=expand)
        seconds = time.perf_counter() - started
        if out is not None:
            write_frame(frame, out)
    console = Console()
    console.print(_frame_table(resource, frame, seconds))
    console.print(receipt_text(frame.attrs["receipt"]), highlight=False, markup=False)
    if out is not None:
        console.print(f"Written to {out}.", highlight=False, markup=False)


@contextmanager
def _plain_errors() -> Iterator[None]:
    """Show what went wrong in words, without a traceback; 1 is the exit code, 130 after Ctrl-C."""
    try:
        yield
    except (RutterframeError, ValueError) as error:
        sys.stderr.write(f"Error: {error}\n")
        raise typer.Exit(1) from None
    except LoadInterrupted as interrupted:
        sys.stderr.write(f"{str(interrupted).partition(' Next:')[0]}\n")
        raise typer.Exit(_INTERRUPTED) from None


def _healthy(client: Client, connections: pd.DataFrame) -> list[Connection]:
    """Open the active connections; the others have nothing that is fresh."""
    return [client.connection(one) for one in connections.loc[connections["status"] == "active", "id"]]


def _connections_table(connections: pd.DataFrame) -> Table:
    table = _table(f"{len(connections)} connections", "connection", "platform", "status")
    for name, platform, status in connections[["id", "platform", "status"]].astype(str).to_numpy():
        note, style = ("", "") if status == "active" else (" (left out)", "red")
        table.add_row(name, platform, status + note, style=style)
    return table


def _frame_table(resource: str, frame: pd.DataFrame, seconds: float) -> Table:
    """Draw what was loaded: a line for each column, with its dtype and its first values."""
    found = frame.attrs["receipt"]
    size = frame.memory_usage(deep=True).sum() / 1e6
    title = f"{resource}: {len(frame):,} rows, {found['pages']:,} pages, {seconds:.2f} s, {size:.2f} MB"
    first = [f"row {number}" for number in range(min(len(frame), _FIRST_ROWS))]
    table = _table(title, "column", "dtype", *first)
    for name, column in frame.items():
        dtype = "list<struct>" if isinstance(column.dtype, pd.ArrowDtype) else str(column.dtype)
        cells = [_cell(value, dtype) for value in column.head(_FIRST_ROWS).array.tolist()]
        # Text, not str: rich would take the brackets of datetime64[us] for its own markup.
        table.add_row(*map(Text, (str(name), dtype, *cells)))
    return table


def _table(title: str, *header: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for number, name in enumerate(header):
        # Names and dtypes are always whole; values give way where the terminal is narrow.
        table.add_column(name, no_wrap=True, overflow="ellipsis", min_width=None if number > 1 else len(name))
    return table


def _cell(value: object, dtype: str) -> str:
    if isinstance(value, list):
        return f"list of {len(value)}"
    if value is None or value is pd.NaT or value is pd.NA or value != value:  # noqa: PLR0124 - NaN
        return ""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}" if dtype == "datetime64[us]" else f"{value:%Y-%m-%d %H:%M:%S}"
    return str(value) if len(str(value)) <= _WIDEST_CELL else str(value)[: _WIDEST_CELL - 1] + "…"


def _verdict(console: Console, frames: dict[str, pd.DataFrame]) -> None:
    receipts = [frame.attrs["receipt"] for frame in frames.values()]
    complete = sum(found["complete"] for found in receipts)
    totals = {
        key: sum(found[key] for found in receipts)
        for key in ("rows", "pages", "duplicates_dropped", "rows_refused")
    }
    console.print(
        f"\n[bold]Receipts: {complete} of {len(receipts)} complete[/bold]. "
        f"{totals['rows']:,} rows on {totals['pages']:,} pages, {totals['duplicates_dropped']:,} duplicates "
        f"dropped, {totals['rows_refused']:,} rows refused."
    )
