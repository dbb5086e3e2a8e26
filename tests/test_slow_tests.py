"""The list of tests that `make test-fast` leaves out."""

from __future__ import annotations

import re
from pathlib import Path

from tests.conftest import SLOW

ROOT = Path(__file__).parents[1]


def test_every_name_is_that_of_a_test() -> None:
    """Each line names a test that exists: a renamed one would become quick again."""
    functions = {
        f"{name}::{function}"
        for name in {line.partition("::")[0] for line in SLOW}
        for function in re.findall(r"^def (\w+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert sorted(SLOW - functions) == []


def test_the_list_is_sorted() -> None:
    """The lines are sorted, and no line is there twice."""
    lines = (ROOT / "tests/slow_tests.txt").read_text(encoding="utf-8").splitlines()
    names = [line for line in lines if not line.startswith("#")]
    assert names == sorted(set(names))
