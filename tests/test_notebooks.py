"""Every notebook runs from top to bottom on the demo, and is stored without outputs."""

from __future__ import annotations

import re
from pathlib import Path

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


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_runs(path: Path, shared_server: DemoServer) -> None:
    """A notebook runs on the demo without an error or a warning, and no credential is in what it shows."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=60, kernel_name="python3", store_widget_state=False).execute()
    text = nbformat.writes(notebook)
    assert "DEMO DATA" in text
    assert "Warning" not in text
    for secret in (
        shared_server.client_id,
        shared_server.client_secret,
        *shared_server.access_tokens.values(),
    ):
        assert secret not in text
