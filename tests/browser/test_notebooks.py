"""Every notebook in JupyterLab and Notebook 7, light and dark: all cells run, tables and plots drawn."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

import rutterframe as rf
from rutterframe.demo.server import DemoServer

if TYPE_CHECKING:
    from tests.browser.conftest import OpenIn

# The dashboard has a test of its own.
NOTEBOOKS = sorted((Path(rf.__file__).parent.parent / "notebooks").glob("0[1-9]*.ipynb"))
WIDGET = "application/vnd.jupyter.widget-view+json"
#: The tallest picture: Chromium draws no more than this in one piece.
TALLEST = 16_000
#: How far the cells reach, and whether every plot that is attached has bars, lines or points in it.
HEIGHT = """() => { const cells = [...document.querySelectorAll('.jp-Notebook .jp-Cell')];
  return Math.ceil(cells.at(-1).getBoundingClientRect().bottom
    - document.querySelector('.jp-Notebook .jp-Cell').getBoundingClientRect().top); }"""
MARKS_OF_PLOTS = """() => [...document.querySelectorAll('.js-plotly-plot')].map(
  (plot) => plot.querySelectorAll('.main-svg .trace path, .main-svg .scatter path').length)"""


def unroll(page: Page, app: str) -> None:
    """Resize the page to be as tall as the notebook, so that all of it is drawn."""
    if app == "lab":
        page.evaluate("() => window.jupyterapp.commands.execute('application:toggle-left-area')")
    width = (page.viewport_size or {"width": 1280})["width"]
    for _ in range(4):
        height = int(page.evaluate(HEIGHT)) + 220
        page.set_viewport_size({"width": width, "height": min(height, TALLEST)})
        page.wait_for_function("() => document.fonts.status === 'loaded'")
    page.evaluate("() => document.querySelector('.jp-WindowedPanel-outer').scrollTo(0, 0)")


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("path", "app"),
    [*((path, "lab") for path in NOTEBOOKS), *((path, "notebook") for path in NOTEBOOKS[:4])],
    ids=lambda value: value if isinstance(value, str) else value.stem,
)
def test_drawn(path: Path, app: str, open_in: OpenIn, screenshots: Path, shared_server: DemoServer) -> None:
    """A notebook runs all cells, shows tables, plots and findings, and is saved without secrets.

    Every second one is drawn dark in JupyterLab; in Notebook 7 the others are, of the first four.
    """
    theme = "light" if (app == "lab") == (NOTEBOOKS.index(path) % 2 == 0) else "dark"
    lab = open_in(app, path, theme=theme, width=1440 if theme == "dark" else 1280)
    unroll(lab.page, app)
    outputs = [data for data in lab.outputs() if WIDGET not in data]
    plots = sum("application/vnd.plotly.v1+json" in data for data in outputs)
    tables = sum("rf-table" in "".join(data.get("text/html", "")) for data in outputs)
    assert plots >= 1
    assert tables >= 1
    page = lab.page
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_have_count(plots)
    assert all(count > 0 for count in page.evaluate(MARKS_OF_PLOTS))
    expect(page.locator(".jp-OutputArea-output.jp-RenderedHTMLCommon .rf-table")).to_have_count(tables)
    if path.stem.startswith("01"):
        expect(page.get_by_text("Loaded: everything that was chosen.")).to_be_visible()
    expect(page.get_by_text("Finding.").first).to_be_visible()
    page.screenshot(path=screenshots / f"{path.stem}-{app}-{theme}.png")
    saved = lab.save()
    assert "widgets" not in json.loads(saved)["metadata"]
    for secret in (shared_server.client_secret, *shared_server.access_tokens.values()):
        assert secret not in saved
