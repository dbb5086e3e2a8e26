"""The import contracts in pyproject.toml are kept, and each of them can fail."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import rutterframe

PACKAGE = Path(rutterframe.__file__).parent
ROOT = PACKAGE.parent
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
    "contracts"
]
#: For each contract: a module, and an import that it does not allow.
FORBIDDEN = [
    ("layers", "demo/faults.py", "from rutterframe.connect import demo"),
    ("layers", "models/base.py", "from rutterframe.frames import frame_schema"),
    ("layers", "client/session.py", "import rutterframe.loaders"),
    ("engine", "reports/engine/ticks.py", "from rutterframe.reports.aging import ar_aging"),
    ("pure-frames", "reports/aging.py", "from rutterframe.client import Client"),
    ("pure-frames", "views/page.py", "from rutterframe.loaders import load_invoices"),
    ("pure-frames", "quality/check.py", "from rutterframe.dialects import CONTRACT"),
    ("layers", "books/part.py", "from rutterframe.widgets import ConnectionPicker"),
    ("layers", "findings/amounts.py", "from rutterframe.books import Books"),
    ("no-cycles", "reports/specs.py", "import rutterframe.reports.month_end"),
    ("demo-importers", "loaders/progress.py", "from rutterframe.demo.server import DemoServer"),
]


def lint(folder: Path, *arguments: str) -> str:
    """Run import-linter in a folder, and return what it prints."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"]
    environment = {"PYTHONPATH": str(folder), "PATH": "", "COLUMNS": "200"}
    process = subprocess.run(
        [*command, "--no-cache", *arguments],
        cwd=folder, check=False, capture_output=True, text=True, env=environment,
    )  # fmt: skip
    return process.stdout + process.stderr


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the package and of its contracts, to be changed."""
    shutil.copytree(PACKAGE, tmp_path / "rutterframe", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def add(path: Path, line: str) -> None:
    """Add an import to a module, at its end."""
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")


def test_the_contracts_are_kept() -> None:
    """Every contract is kept."""
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken." in lint(ROOT)


@pytest.mark.parametrize(("contract", "module", "line"), FORBIDDEN)
def test_a_forbidden_import_breaks_its_contract(
    contract: str, module: str, line: str, checkout: Path
) -> None:
    """An import that a contract does not allow breaks it, and its report names the module."""
    add(checkout / "rutterframe" / module, line)
    report = lint(checkout, "--contract", contract)
    assert "Contracts: 0 kept, 1 broken." in report
    assert Path(module).stem in report


def test_every_contract_has_an_example() -> None:
    """No contract is without an import that breaks it."""
    assert {contract["id"] for contract in CONTRACTS} == {contract for contract, *_ in FORBIDDEN}


def test_no_module_of_the_demo_may_import_connect(checkout: Path) -> None:
    """`from rutterframe.connect import demo` breaks the contract of layers in any module of the demo."""
    modules = sorted((checkout / "rutterframe/demo").rglob("*.py"))
    for path in modules:
        add(path, "from rutterframe.connect import demo")
    report = lint(checkout, "--contract", "layers")
    assert len(modules) > 20
    for path in modules:
        name = ".".join(path.relative_to(checkout).with_suffix("").parts).removesuffix(".__init__")
        assert f"{name} -> rutterframe.connect (l." in report, name


@pytest.mark.parametrize("name", ["extra.py", "extra/__init__.py"])
def test_a_new_package_has_to_be_listed(name: str, checkout: Path) -> None:
    """A module or package that the layers do not list breaks their contract."""
    path = checkout / "rutterframe" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text('"""New."""\n', encoding="utf-8")
    report = lint(checkout, "--contract", "layers")
    assert "Contracts: 1 kept" not in report
    assert "extra" in report
