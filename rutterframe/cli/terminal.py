"""What the command line shows: frames and receipts as tables of text, errors in words."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Annotated

import pandas as pd
import typer
from rich import box
from rich.table import Table
from rich.text import Text

from rutterframe.client import Client
from rutterframe.client.config import read_settings
from rutterframe.connect import demo
from rutterframe.errors import LoadInterrupted, MissingCredentials, RutterframeError

_FIRST_ROWS = 3
_WIDEST_CELL = 24
_INTERRUPTED = 130

Verbose = Annotated[bool, typer.Option("--verbose", help="Tell every request on standard error.")]


def open_client(*, use_demo: bool, err: bool = True) -> Client:
    """Open the demo where it was asked for by name, else the API of the credentials, and say so.

    On standard error, where the output itself may be piped to a file; else on standard output.

    Raises
    ------
    MissingCredentials
        If the demo was not asked for and no credentials are set: a command never turns to the demo by itself.
    """
    if use_demo:
        return demo()
    try:
        client = Client()
    except MissingCredentials as error:
        error.hint = (
            "set RUTTER_CLIENT_ID and RUTTER_CLIENT_SECRET in the environment or in a .env file in this "
            "folder; or add --demo to read made-up books."
        )
        raise
    stream = sys.stderr if err else sys.stdout
    stream.write(f"REAL DATA: reading from the {read_settings().environment!r} environment.\n")
    stream.flush()
    return client


def connections_table(connections: pd.DataFrame) -> Table:
    """Draw the connections of a client, with those that have nothing fresh marked in words and colour."""
    table = _table(f"{len(connections)} connections", "connection", "platform", "status")
    for name, platform, status in connections[["id", "platform", "status"]].astype(str).to_numpy():
        note, style = ("", "") if status == "active" else (" (left out)", "red")
        table.add_row(name, platform, status + note, style=style)
    return table


def frame_table(resource: str, frame: pd.DataFrame, seconds: float) -> Table:
    """Draw what was loaded: a line for each column, with its dtype and its first values."""
    found = frame.attrs["receipt"]
    size = frame.memory_usage(deep=True).sum() / 1e6
    title = f"{resource}: {len(frame):,} rows, {found['pages']:,} pages, {seconds:.2f} s, {size:.2f} MB"
    first = [f"row {number}" for number in range(min(len(frame), _FIRST_ROWS))]
    table = _table(title, "column", "dtype", *first)
    for name, column in frame.items():
        dtype = "list<struct>" if isinstance(column.dtype, pd.ArrowDtype) else str(column.dtype)
        # Names and dtypes are always whole; values give way where the terminal is narrow.
        for place, text in enumerate((str(name), dtype)):
            table.columns[place].min_width = max(table.columns[place].min_width or 0, len(text))
        cells = [_cell(value, dtype) for value in column.head(_FIRST_ROWS).array.tolist()]
        # Text, not str: rich would take the brackets of datetime64[us] for its own markup.
        table.add_row(*map(Text, (str(name), dtype, *cells)))
    return table


def _table(title: str, *header: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for name in header:
        table.add_column(name, no_wrap=True, overflow="ellipsis")
    return table


def _cell(value: object, dtype: str) -> str:
    if isinstance(value, list):
        return f"list of {len(value)}"
    if value is None or value is pd.NaT or value is pd.NA or value != value:  # noqa: PLR0124 - NaN
        return ""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}" if dtype == "datetime64[us]" else f"{value:%Y-%m-%d %H:%M:%S}"
    return str(value) if len(str(value)) <= _WIDEST_CELL else str(value)[: _WIDEST_CELL - 1] + "…"


def verdict(frames: dict[str, pd.DataFrame]) -> Text:
    """Say what the receipts of some frames prove."""
    receipts = [frame.attrs["receipt"] for frame in frames.values()]
    complete = sum(found["complete"] for found in receipts)
    rows, pages, duplicates, refused = (
        sum(found[key] for found in receipts)
        for key in ("rows", "pages", "duplicates_dropped", "rows_refused")
    )
    return Text.assemble(
        (f"Receipts: {complete} of {len(receipts)} complete. ", "bold"),
        f"{rows:,} rows on {pages:,} pages, {duplicates:,} duplicates dropped, {refused:,} rows refused.",
    )


# What an error tells a caller in Python to do, and the same in a shell.
_OPTIONS = {
    'on_invalid="quarantine"': "--quarantine",
    ", or pass access_token= to client.connection()": "",
    ", or pass client_id= and client_secret= to rf.Client()": "",
    "use rf.demo()": "use --demo",
    "read one all the same with client.connection(id)": "name one to read all the same with --connection ID",
    "see error.errors for each; rf.resume(error) loads only what is missing; ": "",
    'on_error="skip" gives the frame of the others and notes the failures in its receipt': (
        "run the command again, or name the connections to read with --connection ID"
    ),
    ", load fewer connections side by side, or lower rate_limit= of rf.Client()": (
        ", then run the command again, with fewer connections if it stays"
    ),
}
# No option says what a platform does not have.
_NOT_OFFERED = re.compile(r"; if its platform does not have the list, pass not_offered=\{[^}]*\}")


def as_options(message: str) -> str:
    """Say what to do next with the options of a command, where an error names arguments of Python."""
    for argument, option in _OPTIONS.items():
        message = message.replace(argument, option)
    return _NOT_OFFERED.sub("", message)


@contextmanager
def plain_errors(*, verbose: bool = False) -> Iterator[None]:
    """Show what went wrong in words, without a traceback; 1 is the exit code, 130 after Ctrl-C.

    If verbose, every request and every further try is told on standard error as well.
    """
    try:
        with _log_shown() if verbose else nullcontext():
            yield
    except BrokenPipeError:
        # Whoever reads has had enough, such as `head`: not an error to talk about.
        raise
    except (RutterframeError, ValueError, OverflowError, OSError, ImportError) as error:
        sys.stderr.write(f"Error: {as_options(str(error))}\n")
        raise typer.Exit(1) from None
    except LoadInterrupted as interrupted:
        sys.stderr.write(f"{str(interrupted).partition(' Next:')[0]}\n")
        raise typer.Exit(_INTERRUPTED) from None


@contextmanager
def _log_shown() -> Iterator[None]:
    log, handler = logging.getLogger("rutterframe"), logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    before = log.level
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        log.setLevel(before)
        log.removeHandler(handler)
