"""The README shows what really happens."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import rutterframe as rf

ROOT = Path(rf.__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


SHOWN = re.findall(r"```python\n([^`]*?)```\s+```text\n(.*?)```", README, re.DOTALL)


def test_the_ten_lines_are_ten() -> None:
    """The README's first code is ten lines at most."""
    assert 8 <= sum(1 for line in SHOWN[0][0].splitlines() if line.strip()) <= 10


@pytest.mark.parametrize(("code", "output"), SHOWN, ids=["ten lines", "writing"])
def test_what_is_shown_is_what_happens(code: str, output: str) -> None:
    """The README's code, run in a fresh interpreter, prints the README's output."""
    shown = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert shown.stdout == output
    assert shown.stderr == ""


def test_commands_are_the_makefiles() -> None:
    """Every make command of the README and the contributor's page exists."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\bmake ([a-z-]+)\b", README + contributing))
    assert {"demo", "lab", "test", "check", "bench", "bench-peers"} <= named <= targets


def test_ci_runs_the_readmes_commands() -> None:
    """CI runs the very commands that the README gives a contributor."""
    ci = (ROOT / ".ci/run").read_text(encoding="utf-8")
    workflow = (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8")
    for command in ("make check", "make test", "make demo", "make binder"):
        assert f"\n{command}\n" in ci
        assert f"run: {command}\n" in workflow


def test_links_lead_somewhere() -> None:
    """Every file that the README points to is there; the Binder badge has a test of its own."""
    for target in re.findall(r"\]\((?!https://mybinder\.org/)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_every_loader_is_named() -> None:
    """The README names every public function."""
    for name in rf.__all__:
        if name.islower() and not name.startswith("_") and name != "receipt":
            assert re.search(rf"\b{name}\b", README), name
