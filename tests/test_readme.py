"""The README and the guide show what the code does."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import rutterframe as rf

ROOT = Path(rf.__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs/guide.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n([^`]*?)```\s+```text\n(.*?)```", README + GUIDE, re.DOTALL)


def test_the_ten_lines_are_ten() -> None:
    """The README's first code is ten lines at most."""
    assert 8 <= sum(1 for line in EXAMPLES[0][0].splitlines() if line.strip()) <= 10


@pytest.mark.parametrize(("code", "output"), EXAMPLES, ids=["ten lines", "writing"])
def test_examples_print_their_output(code: str, output: str) -> None:
    """Code with its output beside it, run in a fresh interpreter, prints that output."""
    process = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert process.stdout == output
    assert process.stderr == ""


def test_sections_of_the_readme() -> None:
    """The README has what it is, two commands, ten lines, the layout and how to contribute, in this order."""
    sections = re.findall(r"^## (.+)$", README, re.MULTILINE)
    assert sections == ["Two commands", "Ten lines", "Package layout", "Contribute"]
    assert README.index("docs/aging.png") < README.index("## Two commands")


def test_the_layout_lists_every_package() -> None:
    """The README's package layout has a line for each package and module, in the order of imports."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = next(one["layers"] for one in contracts["contracts"] if one["id"] == "layers")
    expected = [name for layer in layers for name in layer.split(" | ") if name != "__main__"]
    table = README[README.index("## Package layout") : README.index("## Contribute")]
    listed = re.findall(r"\(rutterframe/(\w+)(?:\.py)?\)", table)
    assert sorted(listed) == sorted(expected)
    below = {name: number for number, layer in enumerate(layers) for name in layer.split(" | ")}
    assert [below[name] for name in listed] == sorted(below[name] for name in listed)


def test_commands_are_the_makefiles() -> None:
    """Every make command of the README, the guide and the contributor's page exists."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    commands = set(re.findall(r"\bmake ([a-z-]+)\b", README + GUIDE + CONTRIBUTING)) - {"up"}
    assert (
        {"demo", "lab", "test", "test-fast", "test-all", "check", "bench", "bench-peers"}
        <= commands
        <= targets
    )


def test_ci_runs_the_readmes_commands() -> None:
    """CI runs the very commands that the README gives a contributor."""
    ci = (ROOT / ".ci/run").read_text(encoding="utf-8")
    workflow = (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8")
    for command in ("make check", "make test test-all COV=--cov", "make demo", "make binder"):
        assert f"\n{command}\n" in ci
        assert f"run: {command}\n" in workflow


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "CONTRIBUTING.md",
        "docs/guide.md",
        "docs/howto/scale.md",
        "docs/howto/schedule.md",
        "docs/reference/checks.md",
        "docs/howto/databases.md",
        "docs/reference/live.md",
        "docs/howto/pandas.md",
        "docs/howto/webhooks.md",
    ],
)
def test_links_lead_to_files(name: str) -> None:
    """Every file that a page links to exists; the Binder badge has a test of its own."""
    page = ROOT / name
    for target in re.findall(r"\]\((?!https?://)([^)#]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_every_function_is_named() -> None:
    """The README or the guide names every public function."""
    for name in rf.__all__:
        if name.islower() and not name.startswith("_"):
            assert re.search(rf"\b{name}\b", README + GUIDE), name
