"""The public names: light to import, sorted, and complete."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import rutterframe as rf

HEAVY = (
    "tqdm",
    "asyncio",
    "plotly",
    "ipywidgets",
    "great_tables",
    "starlette",
    "uvicorn",
    "typer",
    "xlsxwriter",
    "IPython",
    "httpx",
    "pydantic_settings",
)


def modules_after(code: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter has imported after some code."""
    output = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    return {name.partition(".")[0] for name in output.split()}


def test_import_is_light() -> None:
    """Importing rutterframe loads no plotting, widgets, tables, server or command line."""
    assert modules_after("import rutterframe") & set(HEAVY) == set()
    assert "starlette" in modules_after("import rutterframe.demo.server")


NEEDED = 'A dataset needs deltalake: pip install "rutterframe[dataset]"'


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "message"),
    [
        (
            "rf.refresh([], 'books')",
            f"ImportError: {NEEDED}",
        ),
        ("rf.Dataset('books')", f"ImportError: {NEEDED}"),
        (
            "from rutterframe.cli import app; app(['refresh', 'books', '--demo'])",
            f"Error: {NEEDED}",
        ),
        (
            "from rutterframe import *; import pydoc; dir(rf); pydoc.render_doc(rf)",
            "",
        ),
        (
            "rf.tokens.save('books', 'a token')",
            'Next: pip install "rutterframe[keyring]", or set RUTTER_ACCESS_TOKENS instead.',
        ),
        (
            "rf.widgets.ReportBrowser",
            'ImportError: ReportBrowser needs anywidget: pip install "rutterframe[lab]"',
        ),
    ],
)
def test_without_the_extras(code: str, message: str) -> None:
    """Without deltalake and keyring an error is one sentence with the command; help and import * work."""
    hidden = "import sys; sys.modules.update(deltalake=None, keyring=None, anywidget=None, duckdb=None)"
    command = [sys.executable, "-c", f"{hidden}\nimport rutterframe as rf\n{code}"]
    result = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (result.returncode == 0) == (not message)
    assert [line for line in result.stderr.splitlines() if line][-1:] == ([message] if message else [])


def test_all_is_sorted_and_there() -> None:
    """`__all__` is sorted and has every name that the package imports."""
    public = {name for name in rf.__all__ if not name.startswith("_")}
    capitals = sorted(name for name in public if name[0].isupper())
    small = sorted(name for name in public if name[0].islower())
    assert rf.__all__ == [*capitals, "__version__", *small]
    source = ast.parse(Path(rf.__file__).read_text())
    imported = {
        alias.asname or alias.name
        for node in ast.walk(source)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert imported == public


@pytest.mark.parametrize(
    "name",
    [
        "Client", "connect", "demo", "load_connections", "load_accounts", "load_transactions",
        "load_invoices",
        "load_bills", "load_expenses", "load_orders", "load_products", "load_customers", "load_bank_accounts",
        "load_ad_accounts", "load_all", "line_items", "variants", "receipt", "InvalidRows", "PaginationError",
        "OutcomeUnknown",
    ],
)  # fmt: skip
def test_promised_names(name: str) -> None:
    """What the design promises is public."""
    assert name in rf.__all__


def test_demo_stays_a_function() -> None:
    """rf.demo is the function, whatever is imported from the package of the same name."""
    code = (
        "import rutterframe.demo.server\nimport rutterframe as rf\nfrom rutterframe.demo import faults\n"
        "import rutterframe.demo\nassert callable(rf.demo) and rf.demo.__name__ == 'demo', rf.demo"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_version_is_the_packages() -> None:
    """The version is the same in the package and in pyproject.toml."""
    text = (Path(rf.__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8")
    assert f'\nversion = "{rf.__version__}"\n' in text


def test_reports_list_only_public_names() -> None:
    """Tab after rf.reports. lists the reports, sorted, and none of the modules that define them."""
    assert dir(rf.reports) == rf.reports.__all__ == sorted(rf.reports.__all__)
    assert all(callable(getattr(rf.reports, name)) for name in dir(rf.reports))
    assert "rutterframe.reports.aging" in sys.modules
