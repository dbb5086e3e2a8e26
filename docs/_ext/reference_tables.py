"""The tables of the reference as Markdown, each written from the package's own data."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from types import NoneType
from typing import get_args

import live_tables
import typer.cli
import typer.main
from pydantic import BaseModel, SecretStr

import rutterframe.cli
from rutterframe import errors, models
from rutterframe.client.config import PREFIX, Settings
from rutterframe.models import live
from rutterframe.models.columns import columns
from rutterframe.models.webhooks import WebhookEvent
from rutterframe.notebook.tracebacks import ShortTraceback
from rutterframe.quality import checks_table
from rutterframe.reports.columns import Aggregate, Column, Rows, Spec
from rutterframe.reports.specs import SPECS


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table as Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(str(cell).replace("|", r"\|") for cell in line) + " |" for line in lines
    )


def api(*directives: str) -> str:
    """Return a block of reStructuredText within Markdown."""
    return "\n".join(["```{eval-rst}", ".. currentmodule:: rutterframe", "", *directives, "```"])


# ---- errors


def error_tree() -> str:
    """Return the tree of errors as nested lists: each with its link, and when it is raised."""
    doc = inspect.cleandoc(errors.__doc__ or "").split("::\n\n")[1].split("\n\n")[0]
    lines = []
    for line in inspect.cleandoc(doc).splitlines():
        name, _, meaning = line.lstrip("│├└─ ").partition(" ")
        depth = (len(line) - len(line.lstrip("│├└─ "))) // 4
        lines.append(f"{'  ' * depth}- {{py:exc}}`{name}`{': ' if meaning else ''}{meaning.strip()}")
    return "\n".join(lines)


def error_sections() -> str:
    """Return the entry of each error, with its ancestors, in the order of the tree."""
    directives = []
    for error in all_errors():
        bases = [base.__name__ for base in error.__mro__[1:-1] if base not in {ShortTraceback, BaseException}]
        members = ["   :members:"] if error is errors.RutterframeError else []
        extends = f"   Extends {', '.join(f':exc:`{base}`' for base in bases)}."
        directives += [f".. autoexception:: {error.__name__}", *members, "", extends, ""]
    return api(*directives)


def all_errors() -> list[type[BaseException]]:
    """List the errors in the order of their tree."""
    return [*_below(errors.RutterframeError), errors.LoadInterrupted, errors.WriteInterrupted]


def _below(error: type[BaseException]) -> Iterator[type[BaseException]]:
    """Yield an error, and all that extend it."""
    yield error
    for one in error.__subclasses__():
        if one.__module__ == errors.__name__:
            yield from _below(one)


# ---- reports


def report_definitions() -> str:
    """Return a section for each report: its question, its rows and its columns."""
    return "\n\n".join(_definition(spec) for spec in SPECS.values())


def _definition(spec: Spec) -> str:
    facts = [f"*{spec.question}* {{py:func}}`rutterframe.reports.{spec.name}` computes it."]
    facts += [spec.basis] if spec.basis else []
    facts += [f"{_what(spec)}."]
    facts += [f"A view orders its rows: {spec.order.value}."]
    facts += ["No column is added up over rows." if not spec.has_totals else "Totals are by currency."]
    head = ("column", "shown as", "kind", "unit", "meaning", "if negative", "in a total")
    return "\n\n".join(
        [
            f"(definition-{spec.name.replace('_', '-')})=\n## {spec.title}",
            " ".join(facts),
            table(head, [_column(column, spec) for column in spec.columns]),
            f"Recognised by its columns {', '.join(f'`{name}`' for name in spec.signature)}.",
        ]
    )


def _what(spec: Spec) -> str:
    """Describe what a row of a report is."""
    if spec.compares:
        return "A row is a comparison of a total with its source"
    if spec.lists_documents:
        return "A row is an open document"
    if spec.rows is Rows.SOURCE:
        return f"A row sums the rows of {' or '.join(f'`{name}`' for name in spec.sources)} with its keys"
    return f"A row sums {spec.rows.value}"


def _column(column: Column, spec: Spec) -> tuple[str, ...]:
    total = {
        Aggregate.SUM: "the sum",
        Aggregate.FIRST: "the first",
        Aggregate.LAST: "the last",
        Aggregate.NONE: "",
    }
    in_total = total[column.aggregate] if column.is_number and spec.has_totals else ""
    cells = (column.label, column.kind.value, column.unit, column.meaning, column.sign, in_total)
    return f"`{column.name}`", *cells


# ---- settings


def settings_table() -> str:
    """Return the table of settings: variable, argument, type, default and meaning."""
    rows = []
    for name, field in Settings.model_fields.items():
        kinds = [kind for kind in get_args(field.annotation) or (field.annotation,) if kind is not NoneType]
        kind = "str, secret" if SecretStr in kinds else kinds[0].__name__
        default = "" if field.default is None else f"`{field.default}`"
        rows.append((f"`{PREFIX}{name.upper()}`", kind, default, field.description))
    return table(("variable", "type", "default", "meaning"), rows)


# ---- records


def record_sections() -> str:
    """Return a section for each record, with the table of its fields."""
    names = [(models, name) for name in models.__all__] + [(live, name) for name in live.__all__]
    classes = [(module, name, getattr(module, name)) for module, name in names]
    parts: dict[str, list[str]] = {
        "## Of both dialects": [],
        "## Of the live dialect": [],
        "## To be written": [],
    }
    for module, name, record in classes:
        if not inspect.isclass(record):
            continue
        is_draft = issubclass(record, models.Draft)
        place = (
            "## To be written"
            if is_draft
            else "## Of both dialects"
            if module is models
            else "## Of the live dialect"
        )
        text = [f"### {name}", api(f".. autoclass:: {module.__name__}.{name}()", "   :no-members:")]
        if record.model_fields:
            text.append(table(("field", "type", "unit", "meaning"), _fields(record)))
        parts[place] += text
    return "\n\n".join(chain.from_iterable((title, *texts) for title, texts in parts.items()))


def _fields(record: type[BaseModel]) -> Iterator[tuple[str, ...]]:
    for column in columns(record):  # type: ignore[arg-type] - drafts have the same description
        rows = column.rows or column.fields
        kind = (
            column.kind.value if column.kind else f"list of {{py:class}}`{rows.__name__}`" if rows else "JSON"
        )
        known = f"; one of {', '.join(column.known)}" if column.known else ""
        yield f"`{column.name}`", kind, column.unit, f"{column.meaning}{known}"


def webhook_events() -> str:
    """Return the list of events that an address can be notified of."""
    return "\n".join(f"- `{event}`" for event in get_args(WebhookEvent))


# ---- the command line


def commands() -> str:
    """Return the reference of the command line, as Typer writes it."""
    command = typer.main.get_command(rutterframe.cli.app)
    context = command.make_context("rutterframe", [], resilient_parsing=True)
    text = typer.cli.get_docs_for_click(obj=command, ctx=context, name="rutterframe")
    # The list of commands is cut to a few words each; the commands themselves follow it.
    return re.sub(r"\*\*Commands\*\*:.*?(?=\n## )", "", text.partition("\n")[2], count=1, flags=re.DOTALL)


#: The text of each table by the name that a page inserts it by.
TABLES: dict[str, Callable[..., str]] = {
    "checks": checks_table,
    "commands": commands,
    "error-sections": error_sections,
    "error-tree": error_tree,
    "live-columns": live_tables.columns_of_routes,
    "live-nulls": live_tables.nulls,
    "records": record_sections,
    "report-definitions": report_definitions,
    "settings": settings_table,
    "webhook-events": webhook_events,
}
