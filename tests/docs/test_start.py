"""The pages of Start state what pyproject.toml does, and links of pages lead where the site has them."""

from __future__ import annotations

import importlib.util
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

import rutterframe as rf

ROOT = Path(rf.__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
INSTALL = (ROOT / "docs/start/install.md").read_text(encoding="utf-8")


def test_extras_are_those_of_the_package() -> None:
    """The table of extras has each extra of the package once, and no other."""
    listed = re.findall(r"^\| `([a-z]+)` \|", INSTALL, re.MULTILINE)
    assert sorted(listed) == sorted(PROJECT["optional-dependencies"])


def test_oldest_python_is_that_of_the_package() -> None:
    """The page about installing states the oldest Python that the package takes."""
    assert f"Python {PROJECT['requires-python'].removeprefix('>=')} or newer" in INSTALL


def test_every_notebook_is_listed() -> None:
    """The page of the notebooks links to each, and lists it in the navigation."""
    page = (ROOT / "docs/start/notebooks.md").read_text(encoding="utf-8")
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        assert f"(../../notebooks/{path.name})" in page
        assert f"<../notebooks/{path.stem}>" in page


@pytest.fixture(scope="module")
def links() -> Any:
    """The module of the site's builder that resolves links."""
    pytest.importorskip("sphinx", reason="Sphinx, which `make docs` installs")
    spec = importlib.util.spec_from_file_location("site_links", ROOT / "docs/_ext/links.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["site_links"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("written", "folder", "page", "resolved"),
    [
        ("[a](storage.md)", "docs/howto", "docs/howto", "[a](storage.md)"),
        ("[a](../start/install.md#extras)", "docs/howto", "docs/howto", "[a](../start/install.md#extras)"),
        ("[a](docs/howto/storage.md)", "", "docs", "[a](howto/storage.md)"),
        (
            "[a](../../notebooks/05_portfolio.ipynb)", "docs/howto", "docs/howto",
            "[a](../notebooks/05_portfolio.ipynb)",
        ),
        ("[a](../docs/howto/pandas.md)", "notebooks", "docs/notebooks", "[a](../howto/pandas.md)"),
        ("[a](05_portfolio.ipynb)", "notebooks", "docs/notebooks", "[a](05_portfolio.ipynb)"),
        (
            "[a](engines.py)", "notebooks", "docs/notebooks",
            "[a](https://github.com/rutterframe/rutterframe/blob/main/notebooks/engines.py)",
        ),
        (
            "[a](../../tests/docs/)", "docs/howto", "docs/howto",
            "[a](https://github.com/rutterframe/rutterframe/tree/main/tests/docs)",
        ),
        ("[a](https://www.rutter.com)", "docs", "docs", "[a](https://www.rutter.com)"),
        ("[a](#extras)", "docs/start", "docs/start", "[a](#extras)"),
        ("[a](output/close.xlsx)", "notebooks", "docs/notebooks", "[a](output/close.xlsx)"),
    ],
)  # fmt: skip
def test_links_as_the_site_has_them(links: Any, written: str, folder: str, page: str, resolved: str) -> None:
    """A link to a page of docs/ or a notebook leads to its page, one to another file to the repository."""
    assert links.resolve(written, folder, page) == resolved
