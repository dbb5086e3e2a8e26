"""The reference of the site has every public name, and its tables have all that the package has."""

from __future__ import annotations

import importlib
import re
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest
from pydantic import BaseModel

import rutterframe as rf
from rutterframe import models
from rutterframe.cli import app
from rutterframe.client.config import Settings
from rutterframe.models import live
from rutterframe.quality import CHECKS
from rutterframe.reports.specs import SPECS
from tests.docs.public_names import checked_names, members, names, problems

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(rf.__file__).parent.parent
PAGES = ROOT / "docs/reference"
_BLOCK = re.compile(r"^```\{eval-rst\}\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def tables() -> Iterator[ModuleType]:
    """Import the module that writes the tables, which the site's builder has on its path."""
    sys.path.insert(0, str(ROOT / "docs/_ext"))
    try:
        yield importlib.import_module("reference_tables")
    finally:
        sys.path.remove(str(ROOT / "docs/_ext"))


def documented(page: str) -> list[str]:
    """Return the paths of the names that a page lists."""
    paths = []
    for block in _BLOCK.findall(page):
        module = "rutterframe"
        for line in block.splitlines():
            if line.startswith(".. currentmodule:: "):
                module = line.split("::")[1].strip()
            elif directive := re.match(r"\.\. auto(?:data|class|function|exception):: ([\w.]+)", line):
                is_full = directive[1].startswith("rutterframe.")
                paths.append(directive[1] if is_full else f"{module}.{directive[1]}")
            elif entry := re.fullmatch(r"   (\w[\w.]*)", line):
                paths.append(f"{module}.{entry[1]}")
    return paths


def test_every_public_name_is_listed_once(tables: ModuleType) -> None:
    """Each public function and class stands on one page of the reference, by the path that a user writes."""
    pages = [page.read_text(encoding="utf-8") for page in sorted(PAGES.glob("*.md"))]
    pages.append(tables.TABLES["error-sections"]())
    listed = Counter(path for page in pages for path in documented(page))
    assert [path for path, times in listed.items() if times > 1] == []
    assert sorted({*names()} - {*listed}) == []


def test_a_page_is_read_as_sphinx_does() -> None:
    """The reader of pages finds names of lists and of directives, each below its module."""
    page = """```{eval-rst}
.. currentmodule:: rutterframe.reports

.. autosummary::
   :toctree: generated/

   ar_aging

.. autodata:: rutterframe.quality.CHECKS
```
"""
    assert documented(page) == ["rutterframe.reports.ar_aging", "rutterframe.quality.CHECKS"]


@pytest.mark.filterwarnings("ignore:Widget:DeprecationWarning")  # numpydoc reads its traits
@pytest.mark.parametrize("path", [*checked_names()])
def test_docstrings_are_complete(path: str) -> None:
    """The docstring of a public name, and of each of its methods, has what numpydoc asks for."""
    assert [problem for each in (path, *members(path)) for problem in problems(each)] == []


def test_the_check_of_docstrings_can_fail() -> None:
    """A docstring without its result and an example has two problems."""
    listed = problems("rutterframe.connect.read_as_of")
    assert [problem.split(": ")[1][:4] for problem in listed] == ["RT01", "EX01"]


def test_every_report_is_defined(tables: ModuleType) -> None:
    """Each report has a section with its question, and a line for each of its columns."""
    text = tables.TABLES["report-definitions"]()
    sections = text.split("\n## ")[1:]
    assert len(sections) == len(SPECS)
    for section, spec in zip(sections, SPECS.values(), strict=True):
        assert section.startswith(f"{spec.title}\n")
        assert spec.question in section
        listed = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
        assert listed == [column.name for column in spec.columns]


def test_every_setting_is_listed(tables: ModuleType) -> None:
    """Each setting has a line with its variable, its type and a sentence; secrets are marked."""
    lines = tables.TABLES["settings"]().splitlines()[2:]
    cells = [[cell.strip() for cell in line.split(" | ")] for line in lines]
    assert [cell[0] for cell in cells] == [f"| `RUTTER_{name.upper()}`" for name in Settings.model_fields]
    assert [cell[0] for cell in cells if cell[1].endswith("secret")] == [
        "| `RUTTER_CLIENT_ID`",
        "| `RUTTER_CLIENT_SECRET`",
        "| `RUTTER_ACCESS_TOKEN`",
        "| `RUTTER_ACCESS_TOKENS`",
    ]
    assert all(cell[3].rstrip(" |").endswith((".", "`")) for cell in cells)


def test_every_check_is_listed(tables: ModuleType) -> None:
    """Each data check has a line."""
    listed = re.findall(r"^\| `(\w+)` \|", tables.TABLES["checks"](), re.MULTILINE)
    assert listed == [check.name for check in CHECKS]


def test_every_error_is_in_the_tree(tables: ModuleType) -> None:
    """The tree has every public error, and so have the sections."""
    tree, sections = tables.TABLES["error-tree"](), tables.TABLES["error-sections"]()
    public = [name for name in rf.__all__ if isinstance(getattr(rf, name), type)]
    errors = [name for name in public if getattr(rf, name).__module__ == "rutterframe.errors"]
    assert sorted(re.findall(r"^\.\. autoexception:: (\w+)$", sections, re.MULTILINE)) == sorted(errors)
    assert sorted(re.findall(r"^ +- \{py:exc\}`(\w+)`: \w", tree, re.MULTILINE)) == sorted(
        {*errors} - {"RutterframeError"}
    )


def test_every_record_has_its_fields(tables: ModuleType) -> None:
    """Each record of both dialects has a table with all of its fields."""
    text = tables.TABLES["records"]()
    sections = dict(part.split("\n", 1) for part in re.split(r"^### ", text, flags=re.MULTILINE)[1:])
    records = {name: getattr(module, name) for module in (models, live) for name in module.__all__}
    for name, record in records.items():
        if isinstance(record, type) and issubclass(record, BaseModel):
            fields = re.findall(r"^\| `(\w+)` \|", sections[name], re.MULTILINE)
            assert fields == [*record.model_fields]


def test_every_command_is_listed(tables: ModuleType) -> None:
    """Each command has a section with its options."""
    text = tables.TABLES["commands"]()
    names_of_commands = [command.name or command.callback.__name__ for command in app.registered_commands]  # type: ignore[union-attr]
    assert [name for name in names_of_commands if f"## `rutterframe {name}`" not in text] == []
    assert "* `--connection ID`" in text
