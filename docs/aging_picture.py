"""Draw the README's picture of the aging report: the table and the chart of the demo's receivables.

Run from the root of the repository, with Chromium on the PATH::

    python docs/aging_picture.py
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

import rutterframe as rf
from rutterframe.views import charts, tables

TARGET = Path(__file__).with_name("aging.png")
WIDTH = 900
PAGE = """<!doctype html><meta charset="utf-8">
<style>body {{ margin: 16px; font: 14px Arial, sans-serif }}</style>
{table}{chart}"""


def main() -> None:
    """Age the receivables of the demo's roaster, and take a picture of the largest in both views."""
    with rf.demo() as client:
        ledger = client.connection("roaster-quickbooks")
        invoices, customers = (load(ledger, progress=False) for load in (rf.load_invoices, rf.load_customers))
    aging = rf.reports.ar_aging(invoices, "2026-06-30", customers=customers)
    dollars = aging[aging["currency"] == "USD"]
    table = tables.aging(dollars, max_rows=6).as_raw_html()
    chart = charts.aging(dollars, max_rows=6).update_layout(width=WIDTH - 32)
    page = PAGE.format(table=table, chart=chart.to_html(full_html=False, include_plotlyjs=True))
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "page.html"
        source.write_text(page, encoding="utf-8")
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        tab = browser.new_page(viewport={"width": WIDTH, "height": 600}, device_scale_factor=1.5)
        tab.goto(source.as_uri())
        tab.locator(".js-plotly-plot .main-svg").first.wait_for()
        tab.screenshot(path=TARGET, full_page=True)
        browser.close()


if __name__ == "__main__":
    main()
