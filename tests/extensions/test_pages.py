"""The pages about extensions run, with their packages on the path."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

import rutterframe as rf
from tests.docs.pages import run_page
from tests.extensions.conftest import EXAMPLES

PAGES = (
    "docs/howto/extend-report.md",
    "docs/howto/extend-check.md",
    "docs/howto/extend-field.md",
    "docs/howto/extend-dialect.md",
)


@pytest.fixture(scope="module")
def books() -> Iterator[rf.Books]:
    """The books of the demo."""
    with rf.demo() as client:
        yield rf.load_books(client, progress=False)


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_a_page_runs(page: str, books: rf.Books, monkeypatch: pytest.MonkeyPatch) -> None:
    """The blocks of a page print what it shows, and leave nothing registered."""
    for project in EXAMPLES.glob("*/pyproject.toml"):
        monkeypatch.syspath_prepend(str(project.parent))
    names: dict[str, Any] = {"__name__": "page", "pd": pd, "rf": rf, "books": books}
    assert run_page(EXAMPLES.parent.parent.parent / page, names) > 0
    assert rf.extensions.list_extensions().empty
    for module in [name for name in sys.modules if name.startswith("acme_")]:
        del sys.modules[module]
