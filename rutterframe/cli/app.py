"""The commands ``rutterframe demo`` and ``load``, and the application with all commands."""

from __future__ import annotations

import time
import warnings
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from rutterframe.books import Books
from rutterframe.cli.dataset import refresh_dataset
from rutterframe.cli.doctor import doctor
from rutterframe.cli.export import export_dataset
from rutterframe.cli.remove import remove_connection
from rutterframe.cli.report import report
from rutterframe.cli.status import show_status
from rutterframe.cli.terminal import (
    ConnectionIds,
    DialectName,
    Force,
    KeepFormulas,
    Quarantine,
    Verbose,
    Width,
    check_output,
    completions_of,
    connections_table,
    frame_table,
    open_client,
    open_demo,
    plain_errors,
    print_text,
    receipts_line,
)
from rutterframe.cli.webhooks import serve_webhooks
from rutterframe.client import Client
from rutterframe.connect import open_active, open_connections
from rutterframe.frames import write_frame
from rutterframe.frames.write import ENDINGS
from rutterframe.loaders import NotOfferedWarning, Options, load, load_connections
from rutterframe.models import LIVE_RESOURCES, RESOURCES
from rutterframe.reports.month_end import NEEDED, resources_for
from rutterframe.views.text import Style, show

# The closing date of the demo's books, the file of its reports, and how many rows of each are printed.
_AS_OF = "2026-06-30"
_WORKBOOK = Path("rutterframe-demo.xlsx")
_MAX_ROWS = 5

# Local variables in a traceback could contain secrets; expected errors are printed without a traceback.
app = typer.Typer(pretty_exceptions_show_locals=False, rich_markup_mode="markdown")

Progress = Annotated[bool | None, typer.Option(help="Show a progress bar; in a terminal only if neither.")]


def _print_version(wanted: bool) -> None:
    """Print the version and end, if the option was passed."""
    if wanted:
        typer.echo(f"rutterframe {installed_version('rutterframe')}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_print_version)
]


@app.callback(no_args_is_help=True)
def show_version(*, version: Version = False) -> None:
    """Ledgers, shops, banks and ad platforms as typed DataFrames."""


app.command("report")(report)
app.command("refresh")(refresh_dataset)
app.command("status")(show_status)
app.command("remove")(remove_connection)
app.command("export")(export_dataset)
app.command("doctor")(doctor)
app.command("serve-webhooks")(serve_webhooks)


@app.command("demo")
def show_demo(
    *,
    scale: Annotated[int, typer.Option(min=1, help="How many times the usual volume.")] = 1,
    seed: Annotated[int, typer.Option(help="The same seed gives the same books.")] = 7,
    dialect: DialectName = None,
    progress: Progress = None,
    width: Width = None,
    verbose: Verbose = False,
) -> None:
    """Load everything of the two made-up businesses over real HTTP, and report their month end.

    Prints every frame with its receipt, then the largest rows of the reports, and whether they agree with the
    books. A workbook with all rows, rutterframe-demo.xlsx, is written to the current folder; that of an
    earlier demo is replaced. The exit code is 1 if something could not be loaded, else 3 if a total differs,
    else 0.
    """
    console = Console(width=width)
    with plain_errors(verbose=verbose):
        # The file has the demo's own name: an earlier demo wrote it.
        check_output(_WORKBOOK, "the workbook of the demo", (".xlsx",), force=True)
        with open_demo(dialect, scale=scale, seed=seed) as client:
            console.print(
                f"[bold]A demo API is running on {client.server.url}: every figure is made up.[/bold]\n"
            )
            connections = load_connections(client, progress=progress)
            console.print(connections_table(connections))
            console.print()
            active, left_out, *_ = open_active(client, connections)
            frames = {}
            needed = resources_for(NEEDED, client.resources, names=True)
            for resource in dict.fromkeys((*RESOURCES, *needed)):
                started = time.perf_counter()
                frames[resource] = load(resource, active, Options(progress=progress))
                seconds = time.perf_counter() - started
                console.print(frame_table(resource, frames[resource], seconds, console.width))
                console.print()
        console.print(receipts_line(frames), end="\n\n")
        books = Books(frames, _AS_OF, notes=left_out)
        result = books.month_end()
        tables = [*result.reports.values(), *result.tie_outs()]
        show(tables, style=Style.TABLE, names=frames["customers"], max_rows=_MAX_ROWS, width=console.width)
        books.to_excel(_WORKBOOK)
        console.print(f"\nAll rows are in [bold]{_WORKBOOK}[/bold], in this folder.")
        style = "" if result.agree else "red"
        console.print(f"Tie-out: [bold]{result.verdict}[/bold]", style=style, highlight=False)
        console.print(
            "Next: [bold]make lab[/bold] opens JupyterLab; in Python, [bold]rf.demo()[/bold] gives this API."
        )
    complete = all(frame.attrs["receipt"]["complete"] for frame in frames.values())
    if result.counts.differ or not complete:
        raise typer.Exit(3 if complete else 1)


@app.command("load")
def load_resource(  # noqa: PLR0913 - a parameter for each option
    resource: Annotated[
        str,
        typer.Argument(
            help=f"One of {', '.join(RESOURCES)}; with --dialect live also {', '.join(LIVE_RESOURCES)}.",
            autocompletion=completions_of((*RESOURCES, *LIVE_RESOURCES)),
        ),
    ],
    *,
    connection: ConnectionIds = None,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="A file that ends in .parquet, .csv or .xlsx, or its address in a bucket."
        ),
    ] = None,
    force: Force = False,
    updated_at_min: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Only what changed since, such as 2026-01-31T00:00:00Z."),
    ] = None,
    expand: Annotated[
        str | None, typer.Option(metavar="FIELD", help="platform_data: keep the platform's own record.")
    ] = None,
    quarantine: Quarantine = False,
    use_demo: Annotated[bool, typer.Option("--demo", help="Read the made-up books of the demo.")] = False,
    dialect: DialectName = None,
    keep_formulas: KeepFormulas = False,
    progress: Progress = None,
    width: Width = None,
    verbose: Verbose = False,
) -> None:
    """Load one resource; the exit code is 1 if a list failed, or anything was left out."""
    if resource not in (*RESOURCES, *LIVE_RESOURCES):
        raise typer.BadParameter(
            f"there is no resource {resource!r}; there are {', '.join((*RESOURCES, *LIVE_RESOURCES))}"
        )
    options = Options("quarantine" if quarantine else "raise", progress=progress)
    with plain_errors(verbose=verbose), _client(out, dialect, use_demo=use_demo, force=force) as client:
        wanted, left_out, without_token, _ = open_connections(client, connection)
        started = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotOfferedWarning)  # the receipt below names them
            frame = load(resource, wanted, options, updated_at_min=updated_at_min, expand=expand)
        seconds = time.perf_counter() - started
        if out is not None:
            write_frame(frame, out, escape_formulas=not keep_formulas)
    written = [] if out is None else [f"Written to {out}."]
    with plain_errors():
        console = Console(width=width)
        console.print(frame_table(resource, frame, seconds, console.width))
        console.print()
        for line in (str(frame.attrs["receipt"]), *left_out, *written):
            print_text(console, line)
    if without_token or not frame.attrs["receipt"]["complete"]:
        raise typer.Exit(1)


def _client(out: str | None, dialect: str | None, *, use_demo: bool, force: bool) -> Client:
    """Check the file to write, then open the client: nothing is loaded for a file that cannot be written."""
    check_output(out, "--out", ENDINGS, force=force)
    return open_client(use_demo=use_demo, dialect=dialect, err=False)
