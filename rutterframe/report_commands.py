"""How do I get a report from a shell? ``rutterframe report aging --as-of 2026-06-30``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from rutterframe.client import Client, Connection
from rutterframe.loaders import Options, load, load_connections
from rutterframe.reports import ap_aging, ar_aging, cash_position, tie_out
from rutterframe.reports.frame import read_as_of
from rutterframe.reports.revenue import revenue_by_product
from rutterframe.reports.specs import Column, Kind
from rutterframe.sessions import connect, demo
from rutterframe.terminal import plain_errors
from rutterframe.views import marks
from rutterframe.views.workbook import totalled, write_workbook


class Which(StrEnum):
    """The reports that can be asked for."""

    AGING = "aging"
    PAYABLES = "payables"
    REVENUE = "revenue"
    CASH = "cash"
    ALL = "all"


class Style(StrEnum):
    """How a report is printed."""

    TABLE = "table"
    MARKDOWN = "markdown"
    CSV = "csv"


_NEEDED = {
    Which.AGING: ("invoices", "accounts"),
    Which.PAYABLES: ("bills", "accounts"),
    Which.REVENUE: ("orders", "products"),
    Which.CASH: ("bank_accounts",),
}
# What the ledger calls the accounts that its documents must add up to.
_CONTROL = {Which.AGING: "Accounts Receivable", Which.PAYABLES: "Accounts Payable"}
_NUMBERS = (Kind.MONEY, Kind.COUNT, Kind.SHARE)
_RULES = {True: "---:", False: ":---"}


def report(
    which: Annotated[Which, typer.Argument(help="The report.")],
    *,
    as_of: Annotated[str, typer.Option(help="The day to count from, such as 2026-06-30.")],
    connection: Annotated[
        list[str] | None,
        typer.Option(help="A connection's id; several may be given. All active ones if none."),
    ] = None,
    excel: Annotated[Path | None, typer.Option(help="Also write a workbook: a file ending in .xlsx.")] = None,
    use_demo: Annotated[bool, typer.Option("--demo", help="Read from the demo, whatever is set.")] = False,
    style: Annotated[
        Style | None, typer.Option("--format", help="A table in a terminal, Markdown elsewhere if not given.")
    ] = None,
) -> None:
    """Print a report, whether it agrees with the ledger, and what the data cannot say."""
    if style is Style.CSV and which is Which.ALL:
        raise typer.BadParameter("CSV holds one report, not all: ask for one, or for --excel FILE")
    with plain_errors():
        day = f"{read_as_of(as_of):%Y-%m-%d}"
        wanted = list(_NEEDED) if which is Which.ALL else [which]
        frames = _load(dict.fromkeys(name for one in wanted for name in _NEEDED[one]), connection, use_demo)
        shown: dict[str, pd.DataFrame] = {}
        remarks: list[str] = []
        for one in wanted:
            made = _made(one, frames, day)
            shown[str(one).capitalize()] = made
            tie = _tie(one, made, frames, remarks)
            if tie is not None:
                shown[f"{str(one).capitalize()} and ledger"] = tie
        if Which.REVENUE in wanted:
            remarks.append(f"Revenue is that of all orders loaded, also of those after {day}.")
        if excel is not None:
            write_workbook(excel, shown, as_of=day)
            remarks.append(f"Written to {excel}.")
        _print(shown, remarks, style)


def _load(
    resources: Sequence[str] | dict[str, None], ids: Sequence[str] | None, use_demo: bool
) -> dict[str, pd.DataFrame]:
    """Load what the reports need, from the connections that were named or else from all active ones."""
    options = Options(progress=sys.stderr.isatty())
    # What is said on the way must not end up in a file that the report is piped to.
    with redirect_stdout(sys.stderr):
        opened = demo() if use_demo else connect()
    with opened as client:
        chosen = [client.connection(one) for one in ids or ()] or _active(client)
        return {resource: load(resource, chosen, options) for resource in resources}


def _active(client: Client) -> list[Connection]:
    found = load_connections(client, progress=False)
    return [client.connection(one) for one in found.loc[found["status"] == "active", "id"]]


def _made(which: Which, frames: dict[str, pd.DataFrame], day: str) -> pd.DataFrame:
    """Make one report."""
    made: Any
    if which is Which.AGING:
        made = ar_aging(frames["invoices"], day)
    elif which is Which.PAYABLES:
        made = ap_aging(frames["bills"], day)
    elif which is Which.REVENUE:
        made = revenue_by_product(frames["orders"], frames["products"])
    else:
        made = cash_position(frames["bank_accounts"], by="institution_name")
    result: pd.DataFrame = made
    return result


def _tie(
    which: Which, made: pd.DataFrame, frames: dict[str, pd.DataFrame], remarks: list[str]
) -> pd.DataFrame | None:
    """Compare an aging with the ledger's control accounts, and say in words how that went."""
    prefix = _CONTROL.get(which)
    if prefix is None:
        return None
    title = marks.heading(made)
    accounts = frames["accounts"]
    control = accounts[accounts["name"].str.startswith(prefix).fillna(value=False).astype(bool)]
    if control.empty:
        remarks.append(f"{title}: not compared, since no ledger here has an account named {prefix}.")
        return None
    tie: pd.DataFrame = tie_out(made, control)
    wrong = tie.loc[~tie["ok"], "currency"].astype(str).tolist()
    how = f"DIFFERS from the ledger in {', '.join(wrong)}" if wrong else "agrees with the ledger"
    remarks.append(f"{title} {how} ({', '.join(sorted(set(control['name'].astype(str))))}).")
    return tie


def _print(shown: dict[str, pd.DataFrame], remarks: Sequence[str], style: Style | None) -> None:
    """Print the reports; with CSV, everything that is no row of the report goes to standard error."""
    console = Console()
    style = style or (Style.TABLE if console.is_terminal else Style.MARKDOWN)
    notes = list(dict.fromkeys(note for one in shown.values() for note in marks.notes(one)))
    if any(map(marks.is_demo, shown.values())):
        notes.insert(0, f"{marks.DEMO}: every figure is made up.")
    if style is Style.CSV:
        first = next(iter(shown.values()))
        sys.stdout.write(first.to_csv(index=False))
        sys.stderr.writelines(f"{line}\n" for line in (*remarks, *notes))
    elif style is Style.MARKDOWN:
        sys.stdout.writelines(f"{_markdown(name, one)}\n" for name, one in shown.items())
        sys.stdout.writelines(f"- {_safe(line)}\n" for line in (*remarks, *notes))
    else:
        for name, one in shown.items():
            console.print(_table(name, one))
        for line in (*remarks, *notes):
            console.print(line, highlight=False, markup=False)


def _markdown(name: str, made: pd.DataFrame) -> str:
    """Write a report as a Markdown table under its heading."""
    columns, rows, sums = _cells(made)
    lines = [f"## {_title(name, made)}", ""]
    rules = [_RULES[column.kind in _NUMBERS] for column in columns]
    escaped = [[_safe(cell) for cell in row] for row in rows]
    bold = [[f"**{_safe(cell)}**" if cell else "" for cell in row] for row in sums]
    header = [column.label for column in columns]
    lines += [f"| {' | '.join(row)} |" for row in (header, rules, *escaped, *bold)]
    return "\n".join([*lines, *(() if rows else ("", marks.NOTHING)), ""])


def _table(name: str, made: pd.DataFrame) -> Table:
    """Draw a report for a terminal: negative amounts red, totals below a line."""
    columns, rows, sums = _cells(made)
    title = Text(_title(name, made), style="bold")
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for column in columns:
        table.add_column(Text(column.label), justify="right" if column.kind in _NUMBERS else "left")
    for place, row in enumerate(rows):
        table.add_row(*map(_coloured, columns, row), end_section=place == len(rows) - 1)
    for row in sums:
        table.add_row(*map(_coloured, columns, row), style="bold")
    if not rows:
        table.caption = marks.NOTHING
    return table


def _title(name: str, made: pd.DataFrame) -> str:
    """Give the heading of a report, and of a tie-out what it compares; demo data is marked."""
    title = f"{marks.heading(made)}: {name}" if made.attrs["report"] == "tie_out" else marks.heading(made)
    return f"{title} ({marks.DEMO.lower()})" if marks.is_demo(made) else title


def _cells(made: pd.DataFrame) -> tuple[Sequence[Column], list[list[str]], list[list[str]]]:
    """Write every value of a report as text, and its totals for each currency."""
    columns = marks.columns_of(made)
    frame = marks.counted(made)
    values = zip(*(frame[column.name].array.tolist() for column in columns), strict=True)
    currencies = frame["currency"].array.tolist()
    rows = [
        [_written(column, value, currency) for column, value in zip(columns, row, strict=True)]
        for row, currency in zip(values, currencies, strict=True)
    ]
    added = totalled(made, columns)
    sums = []
    for currency, part in marks.by_currency(frame).items() if added else ():
        total = marks.total(part, added)
        line = [_written(one, total.get(one.name), currency) if one.name in added else "" for one in columns]
        sums.append([line[0] or f"Total {currency}", *line[1:]])
    return columns, rows, sums


def _written(column: Column, value: Any, currency: str) -> str:
    """Write one value as its kind is written."""
    if column.kind is Kind.FLAG:
        return "agrees" if value else "DIFFERS"
    if column.kind is Kind.MONEY:
        return marks.money(value, currency)
    if column.kind is Kind.COUNT:
        return marks.count(value)
    if column.kind is Kind.SHARE:
        return marks.percent(value)
    if column.kind is Kind.DAY:
        return marks.day(value)
    # What an API sends must not steer the terminal.
    return marks.BLANK if pd.isna(value) else "".join(c if c.isprintable() else " " for c in str(value))


def _coloured(column: Column, text: str) -> Text:
    negative = column.kind is Kind.MONEY and text.startswith("(")
    return Text(text, style="red" if negative or text == "DIFFERS" else "")


def _safe(text: str) -> str:
    """Keep text from being read as Markdown's own signs."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("*", "\\*").replace("<", "&lt;")
