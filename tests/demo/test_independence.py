"""The demo is independent: it imports nothing of the package, and only starlette and uvicorn of others."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from rutterframe.demo import server

ROOT = Path(server.__file__).parent
ALLOWED = {"starlette", "uvicorn"}


def imports_of(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names.add(node.module or "")
    return names


def test_it_imports_nothing_of_the_package() -> None:
    """Every import is of the standard library, of the demo itself, of starlette or of uvicorn."""
    for path in ROOT.rglob("*.py"):
        for name in imports_of(path):
            top = name.partition(".")[0]
            assert name.startswith("rutterframe.demo") or top in ALLOWED | sys.stdlib_module_names, (
                path,
                name,
            )


def test_the_books_do_not_import_the_api() -> None:
    """Nothing below books imports starlette, uvicorn or the API."""
    for path in (ROOT / "books").rglob("*.py"):
        assert not any(
            name.startswith(("rutterframe.demo.api", "rutterframe.demo.server", "starlette", "uvicorn"))
            for name in imports_of(path)
        ), path


def test_importing_the_package_loads_no_server() -> None:
    """`import rutterframe.demo` does not import starlette or uvicorn."""
    program = "import sys, rutterframe.demo; print(sorted({'starlette', 'uvicorn'} & set(sys.modules)))"
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert result.stdout == "[]\n"


def test_the_modules_stay_small() -> None:
    """No module has more than 450 lines, and no function more than 50."""
    for path in ROOT.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 450, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert (node.end_lineno or 0) - node.lineno < 50, (path, node.name)
