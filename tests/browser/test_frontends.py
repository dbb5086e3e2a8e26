"""What is drawn by each application in each theme: a table, a plot, a widget that answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from tests.browser.conftest import OpenIn

WIDGETS = """
line = W.HTML()
box = W.Dropdown(options=['All', 'USD'], description='Currency')
box.observe(lambda change: setattr(line, 'value', 'Now ' + box.value), 'value')
W.VBox([box, line])
"""
CELLS = [
    "import ipywidgets as W\nimport pandas as pd\nimport plotly.graph_objects as go",
    "pd.DataFrame({'total': [12.5]})",
    "go.Figure(go.Bar(x=['a'], y=[1]))",
    WIDGETS,
]
#: The lightness of the page where there is nothing on it.
BACKGROUND = """() => { const shown = document.querySelector('.jp-Notebook, body');
  return getComputedStyle(shown).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number); }"""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("app", ["lab", "notebook", "voila"])
def test_drawn(app: str, theme: str, open_in: OpenIn, screenshots: Path) -> None:
    """Each application draws tables, plots and widgets in the theme that the browser prefers."""
    page = open_in(app, CELLS, theme=theme).page
    expect(page.get_by_role("columnheader", name="total", exact=True)).to_be_visible()
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    page.get_by_label("Currency", exact=True).select_option("USD")
    expect(page.get_by_text("Now USD")).to_be_visible()
    assert all((part > 128) is (theme == "light") for part in page.evaluate(BACKGROUND))
    page.screenshot(path=screenshots / f"frontend-{app}-{theme}.png")
