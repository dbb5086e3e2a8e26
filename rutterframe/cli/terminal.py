"""Terminal output of the commands: frames and receipts as tables, errors without a traceback."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import pandas as pd
import typer
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from rutterframe.cli.log import LogFormat, LogLevel, StderrLog
from rutterframe.cli.termination import INTERRUPTED
from rutterframe.client import Client
from rutterframe.client.config import find_dialect, read_settings
from rutterframe.connect import DemoClient, demo
from rutterframe.dialects import DIALECTS
from rutterframe.errors import ConfigurationError, LoadInterrupted, MissingCredentials, RutterframeError
from rutterframe.notebook.escape import printable, printable_lines
from rutterframe.storage import check_target, target_exists
from rutterframe.views.terminal import hang

_FIRST_ROWS = 3
# The least columns of the terminal for a value, below which fewer rows are shown, and the most.
_LEAST_VALUE, _WIDEST_VALUE = 16, 24
# Where the values of a receipt begin.
_RECEIPT_INDENT = 22
#: Errors that a command prints in a sentence.
EXPECTED_ERRORS = (RutterframeError, ValueError, OverflowError, OSError, ImportError)

Choice = TypeVar("Choice", bound=StrEnum)

KeepFormulas = Annotated[
    bool,
    typer.Option(
        "--no-escape-formulas",
        help="In CSV leave text that a spreadsheet would take for a formula as it is, without an apostrophe.",
    ),
]
Verbose = Annotated[bool, typer.Option("--verbose", help="Log every request to standard error.")]
ConnectionIds = Annotated[
    list[str] | None,
    typer.Option(
        "--connection", metavar="ID", help="A connection's id; several may be given. All active ones if none."
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Replace files that exist.")]
Quarantine = Annotated[bool, typer.Option("--quarantine", help="Set unreadable rows aside, and name them.")]
Width = Annotated[
    int | None,
    typer.Option(min=40, metavar="N", help="How wide tables may be; as the terminal, or 80, when left out."),
]


def parse_dialect(text: str) -> str:
    """Return the name of a dialect, in any case; another name is an error of usage."""
    try:
        return find_dialect(text).name
    except ConfigurationError as error:
        raise typer.BadParameter(f"{error.message}.") from None


DialectName = Annotated[
    str | None,
    typer.Option(
        "--dialect",
        parser=parse_dialect,
        metavar="NAME",
        help="contract (openapi.yaml), live (the real service), or a dialect of another package; else "
        "RUTTER_DIALECT, else contract.",
        autocompletion=lambda incomplete: [name for name in DIALECTS if name.startswith(incomplete)],
    ),
]


def choice_of(choices: type[Choice]) -> Callable[[str], Choice]:
    """Return the parser of an option with some choices, which its error lists in a plain sentence."""

    def parse(text: str) -> Choice:
        try:
            return choices(text)
        except ValueError:
            raise typer.BadParameter(f"{text!r} is not one of {', '.join(choices)}.") from None

    return parse


LogFormatName = Annotated[
    LogFormat,
    typer.Option(
        "--log-format",
        parser=choice_of(LogFormat),
        metavar="FORMAT",
        help="text, or json: standard error is then one JSON object a line.",
    ),
]
LogLevelName = Annotated[
    LogLevel | None,
    typer.Option(
        "--log-level",
        parser=choice_of(LogLevel),
        metavar="LEVEL",
        help="debug (every request), info (every list), warning or error; info with --log-format json.",
    ),
]


def completions_of(words: Iterable[str]) -> Callable[[str], list[str]]:
    """Return what a shell calls to complete a word."""
    known = [*words]
    return lambda incomplete: [word for word in known if word.startswith(incomplete)]


def check_output(path: str | Path | None, option: str, endings: Sequence[str], *, force: bool) -> None:
    """Refuse a file that cannot be written, or that exists, before anything is loaded for it.

    Parameters
    ----------
    path : str or Path, optional
        The file, or an address such as ``s3://bucket/report.xlsx``.
    option : str
        The option that names it.
    endings : sequence of str
        The endings that it may have.
    force : bool
        Whether an existing one is replaced.

    Raises
    ------
    ValueError
        With the option and the file.
    OSError
        If a bucket cannot be reached.
    """
    if path is None:
        return
    try:
        check_target(path, endings)
    except ValueError as error:
        raise ValueError(f"{option}: {error}") from None
    if not force and target_exists(path):
        raise ValueError(f"{option}: {str(path)!r} exists; add --force to replace it, or choose another name")


def open_client(
    *,
    use_demo: bool,
    dialect: str | None = None,
    err: bool = True,
    announce: Callable[[str], None] | None = None,
) -> Client:
    """Open the demo if requested, else the API of the credentials, and print which environment is read.

    Parameters
    ----------
    use_demo : bool
        Whether to open the demo: a command never does so by itself.
    dialect : str, optional
        The dialect; that of the settings when left out.
    err : bool
        Whether to print to standard error, for a command with output that may be piped to a file.
    announce : callable, optional
        Writes the line instead.

    Raises
    ------
    MissingCredentials
        If the demo was not requested and no credentials are set.
    """
    if use_demo:
        return open_demo(dialect)
    try:
        client = Client(dialect=dialect)
    except MissingCredentials as error:
        error.hint = (
            "set RUTTER_CLIENT_ID and RUTTER_CLIENT_SECRET in the environment or in a .env file in this "
            "folder; or add --demo to read made-up books."
        )
        raise
    line = f"REAL DATA: reading from the {read_settings().environment!r} environment."
    if announce is not None:
        announce(line)
        return client
    stream = sys.stderr if err else sys.stdout
    stream.write(f"{line}\n")
    stream.flush()
    return client


def open_demo(dialect: str | None, *, seed: int = 7, scale: int = 1) -> DemoClient:
    """Open the demo in a dialect, that of the settings when left out."""
    name = find_dialect(dialect or read_settings().dialect).name
    return demo(seed=seed, scale=scale, dialect=name)


def connections_table(connections: pd.DataFrame) -> Table:
    """Draw the connections of a client; those that are not active are marked in words and colour."""
    table = _table(f"{len(connections)} connections", "connection", "platform", "status")
    for name, platform, status in connections[["id", "platform", "status"]].astype(str).to_numpy():
        note, style = ("", "") if status == "active" else (" (left out)", "red")
        table.add_row(*texts(name, platform, status + note), style=style)
    return table


def frame_table(resource: str, frame: pd.DataFrame, seconds: float, width: int) -> Table:
    """Draw a frame: a line for each column, with its dtype and its first values, as many as the width has.

    Names and dtypes are whole, over several lines where they must; values end with "…" where they are cut.
    """
    receipt = frame.attrs["receipt"]
    size = frame.memory_usage(deep=True).sum() / 1e6
    title = f"{resource}: {len(frame):,} rows, {receipt['pages']:,} pages, {seconds:.2f} s, {size:.2f} MB"
    dtypes = [
        "list<struct>" if isinstance(dtype, pd.ArrowDtype) else str(dtype) for dtype in frame.dtypes.tolist()
    ]
    names = [printable(str(name)) for name in frame.columns]
    widest_dtype = max(map(len, ["dtype", *dtypes]))
    widest_name = min(max(map(cell_len, ["column", *names])), max(width - widest_dtype - 2, _LEAST_VALUE))
    left = width - widest_name - 2 - widest_dtype
    rows = max(min(len(frame), _FIRST_ROWS, left // (_LEAST_VALUE + 2)), 0)
    widths = [widest_name, widest_dtype, *[min(left // max(rows, 1) - 2, _WIDEST_VALUE)] * rows]
    table = _table(title, "column", "dtype", *(f"row {number}" for number in range(rows)))
    for column, columns in zip(table.columns, widths, strict=True):
        column.width = columns
    table.columns[0].overflow, table.columns[0].no_wrap = "fold", False
    for place, (name, dtype) in enumerate(zip(names, dtypes, strict=True)):
        first = [_cell(value, dtype) for value in frame.iloc[:rows, place].array.tolist()]
        table.add_row(*texts(name, dtype, *first))
    return table


def texts(*cells: str) -> list[Text]:
    """Return the cells of a row as plain text: no control character, and no markup of rich."""
    return [Text(printable(cell)) for cell in cells]


def print_text(console: Console, text: str) -> None:
    """Print plain text of one line or several; a long one goes on below where its value began."""
    for line in printable_lines(text).splitlines():
        place = _RECEIPT_INDENT if line.startswith("  ") and console.width > 2 * _RECEIPT_INDENT else 0
        console.print(hang(line[place:], console.width, first=line[:place], rest=" " * place))


def _table(title: str, *header: str) -> Table:
    table = Table(
        title=Text(printable(title)),
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
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
    return str(value)


def receipts_line(frames: dict[str, pd.DataFrame]) -> Text:
    """Return the totals of some frames' receipts in a line."""
    receipts = [frame.attrs["receipt"] for frame in frames.values()]
    complete = sum(receipt["complete"] for receipt in receipts)
    rows, pages, duplicates, refused = (
        sum(receipt[key] for receipt in receipts)
        for key in ("rows", "pages", "duplicates_dropped", "rows_refused")
    )
    return Text.assemble(
        (f"Receipts: {complete} of {len(receipts)} complete. ", "bold"),
        f"{rows:,} rows on {pages:,} pages, {duplicates:,} duplicates dropped, {refused:,} rows refused.",
    )


# The advice of an error for a caller in Python, and the same advice for a shell.
_OPTIONS = {
    "pass a longer timeout= for which to wait, in seconds": "pass a longer --timeout",
    "refresh it with full=True": "refresh it with --full",
    'on_invalid="quarantine"': "--quarantine",
    ", or pass the token to client.connection()": "",
    "name the folder that rf.refresh(connections, path) wrote": "name the folder of a rutterframe refresh",
    "Pass keys as storage_options= or in the environment": "Set keys in the environment",
    ", or pass client_id= and client_secret= to rf.Client()": "",
    "use rf.demo()": "use --demo",
    "read one all the same with client.connection(id)": "name one to read all the same with --connection ID",
    "see error.errors for each; rf.resume(error) loads only what is missing; ": "",
    'on_error="skip" returns the frame of the others and notes the failures in its receipt': (
        "run the command again, or name the connections to read with --connection ID"
    ),
    ", load fewer connections side by side, or lower rate_limit= of rf.Client()": (
        ", then run the command again, with fewer connections if it stays"
    ),
}
# An argument of Python for the dialect, however the advice begins.
_DIALECT = re.compile(
    r"""pass dialect=["']?(\w*)["']? to rf\.(?:Client|demo)\(\)"""
    r"""|(?:open it with|of the real service open|load with) rf\.Client\(dialect='(\w+)'\)"""
)
# The command line reads keys from the environment only.
_STORAGE = re.compile(r"pass ([^;]*?), as storage_options= or in the environment")
# No option corresponds to not_offered=.
_NOT_OFFERED = re.compile(r"; if its platform does not have the list, pass not_offered=\{[^}]*\}")


def as_options(message: str) -> str:
    """Return an error's text with the options of a command in place of the arguments of Python."""
    for argument, option in _OPTIONS.items():
        message = message.replace(argument, option)
    message = _DIALECT.sub(lambda match: f"add --dialect {match[1] or match[2] or ''}".rstrip(), message)
    message = _STORAGE.sub(r"set \1 in the environment", message)
    return _NOT_OFFERED.sub("", message)


@contextmanager
def plain_errors(*, verbose: bool = False) -> Iterator[None]:
    """Print errors without a traceback, and exit with code 1, or 130 after Ctrl-C.

    If verbose, every request and retry is logged to standard error. A letter that the encoding of the output
    does not have is written as in a string of Python.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        with StderrLog(level=LogLevel.DEBUG) if verbose else nullcontext():
            yield
    except BrokenPipeError:
        # The reader of a pipe, such as `head`, has closed it: not an error.
        raise
    except EXPECTED_ERRORS as error:
        sys.stderr.write(f"Error: {printable_lines(as_options(str(error)))}\n")
        raise typer.Exit(1) from None
    except LoadInterrupted as interrupted:
        sys.stderr.write(f"{printable_lines(str(interrupted).partition(' Next:')[0])}\n")
        raise typer.Exit(INTERRUPTED) from None
