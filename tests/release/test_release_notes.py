"""A tag is released once it is the version, and its section of the changelog has a date."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

from tests.release.conftest import ROOT

SCRIPT = ROOT / "requirements/release_notes.py"
CHANGELOG = """# Changelog

## 0.3.0 (unreleased)

- Later.

## 0.2.0 (2026-12-01)

- A line
  of two.

## 0.1.0 (2026-11-30)

- First.
"""


def release_notes(tag: str, version: str) -> str:
    """Return what the script prints."""
    spec = importlib.util.spec_from_file_location("release_notes", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    notes: str = module.release_notes(tag, version, CHANGELOG)
    return notes


def test_the_section_of_the_version() -> None:
    """The notes are the lines below the version's heading, also of the last one."""
    assert release_notes("v0.2.0", "0.2.0") == "- A line\n  of two."
    assert release_notes("v0.1.0", "0.1.0") == "- First."


@pytest.mark.parametrize(
    ("tag", "version", "message"),
    [
        ("v0.2.1", "0.2.0", r"tag: 'v0\.2\.1' is not v0\.2\.0, of the version in pyproject\.toml"),
        ("0.2.0", "0.2.0", r"tag: '0\.2\.0' is not v0\.2\.0"),
        ("v0.3.0", "0.3.0", r"the heading is '0\.3\.0 \(unreleased\)'; expected '0\.3\.0 \(YYYY-MM-DD\)'"),
        ("v0.4.0", "0.4.0", r"no heading '## 0\.4\.0 \(YYYY-MM-DD\)'; add it"),
        ("v0.2", "0.2", r"the heading is '0\.2\.0 \(2026-12-01\)'"),
    ],
)
def test_what_cannot_be_released(tag: str, version: str, message: str) -> None:
    """Another tag, a section without a date and a missing one are refused with what is expected."""
    with pytest.raises(ValueError, match=message):
        release_notes(tag, version)


def test_the_command_fails_with_one_line() -> None:
    """The command of the workflow ends with 1 and the reason."""
    done = subprocess.run([sys.executable, SCRIPT, "v9"], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("tag: 'v9' is not v")
    assert len(done.stderr.splitlines()) == 1
