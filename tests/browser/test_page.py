"""The standalone page in Chromium: from a file, without a network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect

import rutterframe as rf
from rutterframe.views import charts, tables
from rutterframe.views.page import write_page

if TYPE_CHECKING:
    from tests.browser.conftest import Watched


def test_opened_offline(watched: Watched, tmp_path: Path, client: rf.Client) -> None:
    """A page opens from a file with the network off: tables and charts drawn, no requests, no errors."""
    invoices = rf.load_invoices(client.connection("gear-xero"), progress=False)
    aging = rf.reports.ar_aging(invoices, "2026-06-30")
    items = [tables.aging(aging, max_rows=5), charts.aging(aging, max_rows=5)]
    ranked = charts.concentration(rf.reports.concentration(aging, by="customer_id"))
    path = tmp_path / "report.html"
    write_page(path, {"Receivables": ["Who owes?", *items], "Concentration": [ranked]}, title="June")
    page = watched.page
    page.context.set_offline(True)
    page.goto(path.as_uri())
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_have_count(2)
    expect(page.locator(".rf-table")).to_have_count(1)
    assert page.locator(".js-plotly-plot .barlayer path").count() > 10
    page.get_by_role("link", name="Concentration").click()
    assert page.url.endswith("#s2")
    assert [one for one in watched.outside if not one.startswith("file://")] == []
    watched.outside.clear()
