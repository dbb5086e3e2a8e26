"""The demo is an independent witness: it imports nothing of the package, and little of anybody else's."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from rutterframe.demo import server

ROOT = Path(server.__file__).parent
ALLOWED = {"starlette", "uvicorn"}


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            found.add(node.module or "")
    return found


def test_it_imports_nothing_of_the_package() -> None:
    """Every import is of the standard library, of the demo itself, of starlette or of uvicorn."""
    for path in ROOT.rglob("*.py"):
        for name in imported(path):
            top = name.partition(".")[0]
            assert name.startswith("rutterframe.demo") or top in ALLOWED | sys.stdlib_module_names, (
                path,
                name,
            )


def test_the_books_do_not_know_the_api() -> None:
    """The world can be told without a server: nothing below books imports starlette, uvicorn or the API."""
    for path in (ROOT / "books").rglob("*.py"):
        assert not any(
            name.startswith(("rutterframe.demo.api", "rutterframe.demo.server", "starlette", "uvicorn"))
            for name in imported(path)
        ), path


def test_importing_the_room_loads_no_server() -> None:
    """`import rutterframe.demo` is a docstring; starlette comes with the server."""
    program = "import sys, rutterframe.demo; print(sorted({'starlette', 'uvicorn'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "[]\n"


def test_the_modules_stay_small() -> None:
    """No module has more than 450 lines, and no function more than 50."""
    for path in ROOT.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 450, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert (node.end_lineno or 0) - node.lineno < 50, (path, node.name)
