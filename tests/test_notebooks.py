"""Every notebook runs from top to bottom on the demo, and is stored without outputs."""

from __future__ import annotations

import re
import shutil
from html import unescape
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

import rutterframe as rf
from rutterframe.demo.server import DemoServer

ROOT = Path(rf.__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def test_there_are_notebooks() -> None:
    """There is a notebook to open."""
    assert [path.name for path in NOTEBOOKS] != []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_stored_clean(path: Path) -> None:
    """A notebook is stored without outputs, counts and widget state, and defines nothing."""
    notebook = nbformat.read(path, as_version=4)
    assert "widgets" not in notebook.metadata
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert (cell.outputs, cell.execution_count) == ([], None)
            assert not re.search(r"^\s*(def|class) ", cell.source, re.MULTILINE)


@pytest.mark.parametrize("dialect", ["contract", pytest.param("live", marks=pytest.mark.long)])
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_runs(path: Path, dialect: str, shared_server: DemoServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A notebook runs on the demo without an error or a warning, and no credential is in what it shows.

    It runs in both dialects, and finds that the same totals agree.
    """
    monkeypatch.setenv("RUTTER_DIALECT", dialect)
    for module in (*path.parent.glob("local_spark.*"), path.parent / "engines.py"):
        shutil.copy(module, module.name)
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=120, kernel_name="python3", store_widget_state=False).execute()
    text = nbformat.writes(notebook)
    assert "DEMO DATA" in text
    assert "Warning" not in text
    for secret in (
        shared_server.client_id,
        shared_server.client_secret,
        *shared_server.access_tokens.values(),
    ):
        assert secret not in text
    assert not re.search(r"\d totals DIFFER", text)
    if path.stem.startswith("03"):
        check_leaders(notebook)


def check_leaders(notebook: Any) -> None:
    """Check that the sentence about each currency names the product and share that lead its table."""
    data = [one.get("data", {}) for cell in notebook.cells for one in cell.get("outputs", [])]
    plain = next(one["text/plain"] for one in data if "Finding: In EUR" in one.get("text/plain", ""))
    table = next(one["text/html"] for one in data if "What do we sell?" in one.get("text/html", ""))
    rows = [
        [
            unescape(re.sub("<[^>]+>", "", cell))
            for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL)
        ]
        for row in re.findall(r"<tr[^>]*>(.*?)</tr>", table[table.index("<tbody") :], re.DOTALL)
    ]
    sentences = re.findall(r"In (\w{3}), (.+?) \((.+?)\) brings (\d+)%", plain)
    assert [currency for currency, *_ in sentences] == ["EUR", "GBP", "USD"]
    for currency, title, shop, percent in sentences:
        first = rows[rows.index([currency]) + 1]
        assert first[0] == title
        assert shop in first
        own_share = next(cell for cell in first if cell.endswith("%"))
        assert f"{float(own_share.rstrip('%')):.0f}" == percent
