"""The page on databases: its blocks run, in DuckDB and SQLite, and in PostgreSQL where it is installed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import rutterframe as rf
from rutterframe import cli
from rutterframe.dataset.export.layout import layouts_of
from rutterframe.dialects import DIALECTS
from rutterframe.models import LIVE_RESOURCES, RESOURCES
from tests.postgresql_server import run_postgresql

PAGE = (Path(rf.__file__).parent.parent / "docs/howto/databases.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
OUTPUTS = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
pytestmark = [
    pytest.mark.filterwarnings("ignore:The 'future.infer_string' option"),  # ibis on pandas 3
    pytest.mark.slow,
]


def run(blocks: list[str], names: dict[str, Any]) -> None:
    """Run blocks of the page."""
    for block in blocks:
        exec(block, names)  # noqa: S102 - that it runs is the point


def test_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    """Each block for DuckDB and SQLite prints what follows it, and each command ends with exit code 0."""
    run([block for block in BLOCKS if "postgresql" not in block], {})
    printed = capsys.readouterr().out
    for output in OUTPUTS:
        assert output in printed
    commands = re.findall(r"^rutterframe (export .*)$", PAGE, re.MULTILINE)
    assert len(commands) == 2
    for command in commands:
        assert CliRunner().invoke(cli.app, command.split()).exit_code == 0


@pytest.mark.long
def test_postgresql() -> None:
    """The block for PostgreSQL runs on a server."""
    with run_postgresql() as server:
        names: dict[str, Any] = {}
        run(BLOCKS[:1], names)
        (block,) = [block for block in BLOCKS if "postgresql" in block]
        run([re.sub(r"postgresql://\S+(?=\")", server.create_schema(), block)], names)
        assert names["aging"].num_rows > 0


def names_of_tables() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the names of every table, with those of its columns."""
    for dialect in DIALECTS:
        for resource in (*RESOURCES, *(LIVE_RESOURCES if dialect == "live" else ())):
            for table in layouts_of(resource, dialect):
                yield table.name, tuple(table.schema.names)


def test_names_fit_every_database() -> None:
    """Names are lower-case words of at most 63 bytes, and each column of a table has a name of its own."""
    for table, columns in names_of_tables():
        for name in (f"{table}_current", f"rutterframe_{table}_by_id", *columns):
            assert re.fullmatch(r"[a-z_][a-z0-9_]*", name)
            assert len(name) <= 63
        assert len(set(columns)) == len(columns), table
