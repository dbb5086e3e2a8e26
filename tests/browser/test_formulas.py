"""In JupyterLab, dollars and backslashes in names are text, and no formula."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import open_notebook

if TYPE_CHECKING:
    from tests.browser.conftest import Watched
    from tests.browser.servers import Server

NAME = r"$1 & $2, $$x$$, \(a\), \[b\], \begin{equation}c\end{equation}"
CARD = f"""
import pandas as pd, rutterframe as rf
from IPython.display import HTML, display
from rutterframe.notebook.cards import card
from rutterframe.views import tables
from rutterframe.views.sentences import Finding
name = {NAME!r}
banks = pd.DataFrame({{"institution_name": [name], "currency": ["EUR"], "balance": [1.0]}})
report = rf.reports.cash_position(banks, by="institution_name")
report.attrs["notes"] = [name]
display(HTML(card(name, [(name, name)], text=name)), Finding([name, name]), tables.cash_position(report))
display(rf.NotFound(name, status=404))
display(HTML("a formula: $x$"))
"""


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_names_are_no_formulas(lab_server: Server, watched: Watched) -> None:
    """Cards, findings, tables and errors show the name as it is; other HTML may have formulas."""
    lab = open_notebook(watched.page, lab_server, lab_server.write("formulas", [CARD]))
    lab.run_all()
    # JupyterLab draws the outputs in their order: when the last one is drawn, the others are.
    expect(lab.page.locator(".jp-OutputArea-output").last.locator("mjx-container")).to_have_count(1)
    expect(lab.page.locator("mjx-container")).to_have_count(1)
    assert lab.page.locator(".jp-OutputArea").inner_text().count(NAME) == 9
