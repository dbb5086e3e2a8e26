"""Rules of the layout that no linter has: sizes, names and files."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

import rutterframe

PACKAGE = Path(rutterframe.__file__).parent
ROOT = PACKAGE.parent
FILES = sorted(PACKAGE.rglob("*.py"))
VAGUE = ("utils", "helper", "manager", "handle", "process")
NAMES_OF_LIBRARIES = ("handle_request", "can_handle_request")  # httpx


def tracked() -> list[Path]:
    """List the files of the repository."""
    try:
        listing = subprocess.run(
            ["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is not a git checkout")
    return [ROOT / name for name in listing.splitlines() if (ROOT / name).is_file()]


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(PACKAGE)) for path in FILES])
def test_size_and_words(path: Path) -> None:
    """A module has at most 450 lines, a function at most 50 without docstring, and names are plain."""
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 450
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            words = set(node.name.lower().split("_"))
            assert node.name in NAMES_OF_LIBRARIES or not words & set(VAGUE), node.name
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
            assert (node.end_lineno or 0) - first.lineno < 50, node.name
    for word in ("TO" + "DO", "FIX" + "ME", "NotImplemented" + "Error"):
        assert word not in source


def test_no_addresses_of_registries() -> None:
    """No committed file names a package registry, and the lock holds hashes only."""
    hosts = ("python" + "hosted", "registry." + "npmjs", "--index" + "-url ")
    for path in tracked():
        if path.suffix in {".py", ".toml", ".txt", ".yml", ".yaml", ".md", ".json", ".sh", ""}:
            text = path.read_text(encoding="utf-8", errors="replace")
            assert not any(host in text for host in hosts), path
    lock = (ROOT / "requirements/dev.lock.txt").read_text(encoding="utf-8")
    assert "://" not in lock
    assert lock.count("sha256:") > 500


def test_uv_lock_is_not_tracked() -> None:
    """uv.lock records addresses, so it stays out."""
    assert not any(path.name == "uv.lock" for path in tracked())
