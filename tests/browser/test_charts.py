"""Charts in each application and theme: every text can be read, also after the theme is changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, expect

import rutterframe as rf
from rutterframe.views import charts
from rutterframe.views.page import write_page

if TYPE_CHECKING:
    from tests.browser.conftest import OpenIn

#: The contrast of each text of all charts with the page behind it, as WCAG 2.2 defines it.
CONTRASTS = """() => {
  const pixel = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const over = (colours) => { pixel.clearRect(0, 0, 1, 1);
    for (const colour of colours) { pixel.fillStyle = colour; pixel.fillRect(0, 0, 1, 1); }
    return [...pixel.getImageData(0, 0, 1, 1).data].slice(0, 3); };
  const light = (rgb) => { const [r, g, b] = rgb.map((part) => part / 255)
      .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = (node) => { const found = [];
    for (let at = node; at; at = at.parentElement) found.unshift(getComputedStyle(at).backgroundColor);
    return ['white', ...found]; };
  return [...document.querySelectorAll('.js-plotly-plot .main-svg text')].flatMap((text) => {
    const pieces = [...text.querySelectorAll('tspan')].filter((each) => !each.querySelector('tspan'));
    const page = behind(text.closest('.js-plotly-plot'));
    return (pieces.length ? pieces : [text]).filter((each) => each.textContent.trim()).map((each) => {
      const colours = [page, [...page, getComputedStyle(each).fill]];
      const sizes = colours.map(over).map(light).sort((a, b) => a - b);
      return [each.textContent, (sizes[1] + 0.05) / (sizes[0] + 0.05)]; }); }); }"""
FILL = "(piece) => getComputedStyle(piece).fill"
#: The texts that reach out of the picture of their chart.
BEYOND = """() => [...document.querySelectorAll('.js-plotly-plot')].flatMap((plot) => {
  const { left, right } = plot.getBoundingClientRect();
  return [...plot.querySelectorAll('.main-svg text')].filter((text) => {
    const box = text.getBoundingClientRect();
    return box.width && (box.left < left - 1 || box.right > right + 1);
  }).map((text) => text.textContent); })"""
DRAW = """
import rutterframe as rf
from rutterframe.views import charts
client = rf.demo()
ledger, shop, bank = (client.connection(name) for name in ("gear-xero", "gear-shopify", "gear-bank"))
invoices = rf.load_invoices(ledger, progress=False)
bills = rf.load_bills(ledger, progress=False)
orders, products = rf.load_orders(shop, progress=False), rf.load_products(shop, progress=False)
cash, moves = rf.load_bank_accounts(bank, progress=False), rf.load_transactions(bank, progress=False)
aging = rf.reports.ar_aging(invoices, "2026-06-30")
months = rf.reports.revenue_by_product(orders, products, period="month")
forecast = rf.reports.cash_forecast(cash, invoices, bills, "2026-06-30")
"""
CELLS = [
    DRAW,
    "charts.aging(aging, max_rows=4)",
    "charts.revenue(months, max_rows=4)",
    "charts.revenue(rf.reports.revenue_by_product(orders, products), max_rows=4)",
    "charts.cash_history(rf.reports.cash_history(cash, moves))",
    "charts.for_report(rf.reports.change(months, against='year', as_of='2026-06-30'), max_rows=4)",
    "charts.for_report(rf.reports.top_overdue(invoices, '2026-06-30'))",
    "charts.cash_forecast(forecast)",
    "charts.for_report(rf.reports.runway(forecast))",
    "charts.concentration(rf.reports.concentration(aging, by='customer_id'))",
]


def check_contrasts(page: Page) -> None:
    """Check that every text of all charts on a page has a contrast of 4.5 or more."""
    contrasts = page.evaluate(CONTRASTS)
    assert len(contrasts) > 10
    assert [(text, ratio) for text, ratio in contrasts if ratio < 4.5] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("app", ["lab", "notebook", "voila"])
def test_texts_can_be_read(app: str, theme: str, open_in: OpenIn, screenshots: Path) -> None:
    """In each application and theme the texts of a chart stand out from the page."""
    page = open_in(app, CELLS[:3], theme=theme, name=f"charts-{app}-{theme}").page
    expect(page.locator(".js-plotly-plot .barlayer path").first).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_have_count(2)
    check_contrasts(page)
    page.screenshot(path=screenshots / f"charts-{app}-{theme}.png")
    page.locator(".js-plotly-plot .barlayer .point path").first.hover(force=True)
    label = page.locator(".js-plotly-plot .hovertext")
    expect(label).to_contain_text("Current")
    assert {piece.evaluate(FILL) for piece in label.locator("tspan").all()} == {"rgb(255, 255, 255)"}


def test_a_chart_follows_a_change_of_the_theme(open_in: OpenIn) -> None:
    """When the theme is changed, the texts of a chart that is drawn already change with it."""
    lab = open_in("lab", CELLS[:2])
    expect(lab.page.locator(".js-plotly-plot")).to_have_count(1)
    check_contrasts(lab.page)
    lab.page.emulate_media(color_scheme="dark")
    expect(lab.page.locator("body[data-jp-theme-light=false]")).to_be_attached()
    check_contrasts(lab.page)


@pytest.mark.parametrize("width", [1280, 1440])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_chart_can_be_read(theme: str, width: int, open_in: OpenIn, screenshots: Path) -> None:
    """The texts of every chart stand out from the page, and none leaves it, at both usual widths."""
    page = open_in("voila", CELLS, theme=theme, width=width).page
    expect(page.locator(".js-plotly-plot")).to_have_count(len(CELLS) - 1)
    expect(page.locator(".js-plotly-plot .gtitle", has_text="Concentration")).to_be_visible()
    check_contrasts(page)
    assert page.evaluate(BEYOND) == []
    expect(page.get_by_role("button", name="Download plot as a PNG").first).to_be_attached()
    expect(page.get_by_role("button", name="Share")).to_have_count(0)
    page.screenshot(path=screenshots / f"charts-{width}-{theme}.png", full_page=True)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_charts_of_a_page(theme: str, browser: Browser, tmp_path: Path, screenshots: Path) -> None:
    """The charts of an HTML page follow what the browser prefers."""
    spent = pd.DataFrame({"category": ["Rent", None], "currency": "EUR", "amount": [900.0, 12.5]})
    chart = charts.expenses(rf.reports.expenses_by_category(spent))
    path = tmp_path / "page.html"
    write_page(path, {"Spending": ["What was spent?", chart]}, title="June")
    page = browser.new_page(color_scheme=theme)  # type: ignore[arg-type] # playwright wants a literal
    page.goto(path.as_uri())
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    assert page.evaluate(CONTRASTS)
    assert [(text, ratio) for text, ratio in page.evaluate(CONTRASTS) if ratio < 4.5] == []
    page.screenshot(path=screenshots / f"charts-page-{theme}.png", full_page=True)
    page.close()
