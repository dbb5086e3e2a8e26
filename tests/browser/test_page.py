"""The standalone page in Chromium: from a file, without a network, light, dark and on paper."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

import rutterframe as rf
from rutterframe.views import charts, tables
from rutterframe.views.page import write_page
from rutterframe.views.sentences import Finding, Notes
from tests.browser.contrast import unreadable

if TYPE_CHECKING:
    from tests.browser.conftest import Watched


@pytest.fixture
def page_file(tmp_path: Path, client: rf.Client) -> Path:
    """A page with a finding, notes, a table and charts."""
    invoices = rf.load_invoices(client.connection("gear-xero"), progress=False)
    aging = rf.reports.ar_aging(invoices, "2026-06-30")
    items = [tables.aging(aging, max_rows=5), charts.aging(aging, max_rows=5)]
    ranked = charts.concentration(rf.reports.concentration(aging, by="customer_id"))
    wrong = tables.tie_out(rf.reports.tie_out(aging, aging.assign(total=aging["total"] + 1)))
    sections = {
        "Receivables": ["Who owes?", Finding(["Half is overdue."]), *items, Notes(["As of today."])],
        "Concentration": [ranked, wrong],
    }
    path = tmp_path / "report.html"
    write_page(path, sections, title="June")
    return path


def test_opened_offline(watched: Watched, page_file: Path) -> None:
    """A page opens from a file with the network off: tables and charts drawn, no requests, no errors."""
    page = watched.page
    page.context.set_offline(True)
    page.goto(page_file.as_uri())
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_have_count(2)
    expect(page.locator(".rf-table")).to_have_count(2)
    assert page.locator(".js-plotly-plot .barlayer path").count() > 10
    page.get_by_role("link", name="Concentration").click()
    assert page.url.endswith("#s2")
    expect(page.get_by_role("heading", name="Concentration")).to_be_in_viewport()
    assert [one for one in watched.outside if not one.startswith("file://")] == []
    watched.outside.clear()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read(watched: Watched, page_file: Path, scheme: str, screenshots: Path) -> None:
    """Light or dark, each text beside the charts has a contrast of 4.5 or more with what is behind it."""
    page = watched.page
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type] # one of playwright's own words
    page.goto(page_file.as_uri())
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    page.screenshot(path=screenshots / f"page-{scheme}.png", full_page=True)
    assert unreadable(page, "h1, h2, nav, section > p, section > div, .demo, .rf-table") == {}
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(255, 255, 255)") is (scheme == "light")
    watched.outside.clear()


def test_paper_is_light(watched: Watched, page_file: Path) -> None:
    """A dark page is printed dark on white, without its links."""
    page = watched.page
    page.emulate_media(color_scheme="dark", media="print")
    page.goto(page_file.as_uri())
    expect(page.get_by_role("navigation")).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert unreadable(page, "h1, h2, section > p, section > div, .rf-table") == {}
    watched.outside.clear()
