"""Names that an API sends cannot steer the terminal, whatever the command and wherever they are shown."""

from __future__ import annotations

import importlib
import io
import logging
import sys
import unicodedata
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner, Result

import rutterframe as rf
from rutterframe import cli
from rutterframe.cli import terminal
from rutterframe.cli.refresh_table import _table as refresh_table
from rutterframe.errors import ErrorContext
from rutterframe.frames.receipt import Receipt
from rutterframe.loaders.not_offered import warn_not_offered
from rutterframe.views import tables
from rutterframe.views.sentences import Finding
from rutterframe.views.text import Style, show

NAME = "[red]Zed[/x] :smile: \x1b]0;title\x07\x1b[2J\x9b2J\x08\r\u202eevil\u2066\ufeff\x00\x85\u2028"
#: How the name begins in a terminal; neither rich's markup nor its emoji are obeyed.
ESCAPED = r"[red]Zed[/x] :smile: \x1b]0;title\x07\x1b[2J\x9b2J"


RATES = pd.DataFrame({"currency": ["EUR"], "rate": [1.1], "date": pd.to_datetime(["2026-06-30"])})


def check(text: str, *, keep: str = "\n") -> None:
    """Check that a text has no control character and no mark of direction."""
    left = {letter for letter in text if unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"}} - {*keep}
    assert not left
    assert not set(text) & {"\u202e", "\u2066", "\ufeff"}


def run(*words: str) -> Result:
    """Run the command line."""
    return CliRunner().invoke(cli.app, list(words), env={"COLUMNS": "400", "TERM": "dumb"})


def printed(*parts: Any) -> str:
    """Print to a wide terminal without colours."""
    console = Console(file=io.StringIO(), width=400, color_system=None, force_terminal=True)
    for part in parts:
        console.print(part)
    text: str = console.file.getvalue()  # type: ignore[attr-defined] # the file is a StringIO
    return text


def hostile_receipt(**more: Any) -> Receipt:
    """Return a receipt with the name in every entry of text."""
    counts = dict.fromkeys(("rows", "pages", "duplicates_dropped", "rows_refused"), 1)
    row = {"connection_id": NAME, "record_id": NAME, "field": NAME, "reason": NAME}
    entries = {"resource": "orders", "environment": NAME, "connections": [NAME], "refused": [row]}
    return Receipt(
        {**counts, **entries, "errors": {NAME: NAME}, "filters": {"a": NAME}, "complete": False, **more}
    )


def test_load(monkeypatch: pytest.MonkeyPatch) -> None:
    """`rutterframe load` shows values, receipt and what is left out as text."""
    app = importlib.import_module("rutterframe.cli.app")
    load, opened = app.load, app.open_connections

    def odd(*arguments: Any, **options: Any) -> pd.DataFrame:
        frame: pd.DataFrame = load(*arguments, **options).assign(name=NAME, **{NAME: 1})
        frame.attrs["receipt"] = hostile_receipt()
        return frame

    monkeypatch.setattr(app, "load", odd)
    monkeypatch.setattr(app, "open_connections", lambda *words: opened(*words)._replace(left_out=[NAME]))
    result = run("load", "bank_accounts", "--connection", "roaster-bank", "--demo", "--no-progress")
    check(result.output)
    # In the table, the receipt (title, connection, refused, failed, filter) and among what is left out.
    assert result.stdout.count(ESCAPED) >= 7


@pytest.mark.parametrize("style", list(Style))
def test_report(style: Style, capsys: pytest.CaptureFixture[str]) -> None:
    """Tables, Markdown, CSV and their notes have names, currencies and columns as text."""
    banks = pd.DataFrame(
        {"institution_name": [NAME, "Anna"], "currency": [NAME, "EUR"], "balance": [1.0, -2.0]}
    )
    report = rf.reports.cash_position(banks, by="institution_name")
    report.attrs["notes"] = [NAME]
    show([report], style=style)
    output = capsys.readouterr()
    keep = "\r\n\x85\u2028" if style is Style.CSV else "\n"  # a file may have line breaks, within quotes
    check(output.out, keep=keep)
    check(output.err)
    assert "Zed" in output.out
    assert "evil" in output.out + output.err


def test_csv_in_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Where CSV is read in a terminal, it has no line breaks within a row either."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    banks = pd.DataFrame({"institution_name": ["Ann\rBob"], "currency": ["EUR"], "balance": [1.0]})
    show([rf.reports.cash_position(banks, by="institution_name")], style=Style.CSV)
    assert r"Ann\rBob,EUR" in capsys.readouterr().out


def test_refresh_and_connections() -> None:
    """The tables of `refresh` and `demo` show ids and platforms as text."""
    counts = dict.fromkeys(("rows", "added", "changed", "removed"), 1)
    rows = pd.DataFrame(
        [{"connection_id": NAME, "resource": "orders", "status": "failed", "error": NAME, **counts}]
    )
    connections = pd.DataFrame({"id": [NAME], "platform": [NAME], "status": [NAME]})
    text = printed(refresh_table(rows, 400), terminal.connections_table(connections))
    check(text)
    assert text.count(ESCAPED) == 4


@pytest.mark.parametrize(
    "error",
    [
        rf.NotFound(NAME, status=404, hint=NAME).with_context(ErrorContext(NAME, request_id=NAME)),
        ValueError(NAME),
        OSError(28, NAME),
        rf.LoadInterrupted(NAME),
    ],
)
def test_errors(error: BaseException, capsys: pytest.CaptureFixture[str]) -> None:
    """Errors on standard error are text, also those of Python."""
    with pytest.raises(typer.Exit), terminal.plain_errors():
        raise error
    text = capsys.readouterr().err
    check(text)
    assert ESCAPED in text


def test_messages_in_python() -> None:
    """Errors, receipts, findings and warnings are text where Python prints them."""
    error = rf.NotFound(NAME, status=404, hint=NAME).with_context(ErrorContext(NAME, request_id=NAME))
    with pytest.warns(rf.NotOfferedWarning) as warnings:
        warn_not_offered({NAME: ["orders (HTTP 404)"]})
    finding = Finding([NAME, "Two."])
    for text in (str(error), repr(hostile_receipt()), str(finding), repr(finding), str(warnings[0].message)):
        check(text)
        assert ESCAPED in text
    for html in (error._repr_html_(), hostile_receipt()._repr_html_(), finding._repr_html_()):
        check(html)


@pytest.mark.parametrize("words", ["report cash --as-of 2026-06-30", "load customers --no-progress"])
def test_an_output_without_the_letters(words: str) -> None:
    """Where the encoding of the output lacks a letter, it is written as in a string of Python."""
    command = [*words.split(), "--demo", "--connection", "roaster-bank" if "cash" in words else "gear-xero"]
    result = CliRunner(charset="ascii").invoke(cli.app, command, env={"COLUMNS": "100", "TERM": "dumb"})
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.isascii()
    assert r"\u20" in result.stdout


def test_log(capsys: pytest.CaptureFixture[str]) -> None:
    """The log of --verbose is text."""
    with terminal.plain_errors(verbose=True):
        logging.getLogger("rutterframe.client").warning("%s", NAME)
    text = capsys.readouterr().err
    check(text)
    assert ESCAPED in text


def frames_with_names() -> dict[str, pd.DataFrame]:
    """Return frames with the name as a column and as a currency."""
    banks = pd.DataFrame({"currency": [NAME], "balance": [1.0]})
    return {"odd": pd.DataFrame({NAME: [1]}), "cash": rf.reports.cash_position(banks)}


@pytest.mark.parametrize(
    "call",
    [
        lambda frames: rf.reports.ar_aging(frames["odd"], "2026-06-30"),
        lambda frames: rf.reports.convert(frames["odd"], RATES, "USD"),
        lambda frames: rf.reports.convert(frames["cash"], RATES, "USD"),
        lambda frames: rf.reports.convert(frames["cash"], frames["odd"], "USD"),
        lambda frames: rf.reports.convert(frames["cash"], RATES, NAME),
        lambda frames: rf.reports.tie_out(frames["odd"].assign(currency="USD"), frames["cash"]),
        lambda frames: rf.reports.revenue_by_product(frames["odd"]),
        lambda frames: rf.reports.explain(frames["odd"].iloc[0], frames["cash"]),
        lambda frames: rf.reports.month_end("all", {NAME: frames["cash"]}, "2026-06-30"),
        lambda frames: rf.check(frames["odd"]),
        lambda frames: rf.check({"invoices": frames["odd"]}),
        lambda frames: rf.line_items(frames["odd"]),
        lambda frames: tables.aging(frames["odd"]),
        lambda frames: tables.cash_position(frames["cash"].rename(columns={"balance": NAME})),
    ],
)
def test_errors_about_frames(call: Callable[[dict[str, pd.DataFrame]], object]) -> None:
    """Columns and currencies in an error about a frame are text: Python prints errors as they are."""
    with pytest.raises((ValueError, TypeError)) as error:
        call(frames_with_names())
    check(str(error.value))
