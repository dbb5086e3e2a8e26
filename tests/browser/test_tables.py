"""Tables, findings and cards in every application, light and dark: every text can be read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

import rutterframe as rf
from tests.browser.contrast import contrasts, unreadable

if TYPE_CHECKING:
    from tests.browser.conftest import OpenIn, Watched

CELLS = [
    "import pandas as pd\nimport rutterframe as rf\nfrom rutterframe.views.sentences import Finding, Notes",
    """
client = rf.demo()
ledger = client.connection("roaster-quickbooks")
invoices, customers = (load(ledger, progress=False) for load in (rf.load_invoices, rf.load_customers))
aging = rf.reports.ar_aging(invoices, "2026-06-30", customers=customers)
rf.views.tables.aging(aging, max_rows=8)
""",
    """
wrong = rf.reports.tie_out(aging, aging.assign(total=aging["total"] + 1))
rf.views.tables.tie_out(wrong)
""",
    'rf.views.tables.open_items(rf.reports.open_items(invoices, "2026-06-30"), max_rows=5)',
    'Finding(["10% is overdue.", "Two customers owe most."])',
    'Notes(["Amounts are those of the day."])',
    "rf.receipt(invoices)",
    "client.connection('roaster-quickbooks')",
]
CASH = """
banks = rf.load_bank_accounts(client.connection("roaster-bank"), progress=False)
rf.views.tables.cash_position(rf.reports.cash_position(banks))
"""
#: A table, the bar of a finding, a card.
TEXTS = ".rf-table, .jp-OutputArea-output div[style*=border]"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("app", ["lab", "notebook", "voila"])
def test_every_text_can_be_read(app: str, theme: str, open_in: OpenIn, screenshots: Path) -> None:
    """Each cell, heading, note, finding and card has a contrast of 4.5 or more with what is behind it."""
    page = open_in(app, CELLS, theme=theme).page
    expect(page.locator(".rf-table")).to_have_count(3)
    page.screenshot(path=screenshots / f"tables-{app}-{theme}.png", full_page=True)
    assert unreadable(page, TEXTS) == {}
    measured = contrasts(page, TEXTS)
    assert {"Customer", "1–30 days", "91+ days", "–", "Demo data", "No", "Finding.", "Notes."} <= {*measured}


@pytest.mark.parametrize(("text", "background"), [("#cccccc", "#1f1f1f"), ("#3b3b3b", "#ffffff")])
def test_a_table_has_the_colours_of_any_page(
    text: str, background: str, watched: Watched, client: rf.Client
) -> None:
    """In a page with colours of its own, as in VS Code, each text can be read, also without the style."""
    bank = rf.load_bank_accounts(client.connection("roaster-bank"), progress=False)
    html = rf.views.tables.cash_position(rf.reports.cash_position(bank)).as_raw_html()
    page = watched.page
    for body in (html, re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)):
        page.set_content(f'<body style="color:{text};background:{background}">{body}</body>')
        assert unreadable(page, ".rf-table") == {}
        amount = page.get_by_role("cell", name="96,969.55")
        assert amount.evaluate("(cell) => getComputedStyle(cell).textAlign").endswith("right")


@pytest.mark.parametrize("width", [1280, 1440])
def test_a_table_is_as_wide_as_its_content(width: int, open_in: OpenIn, screenshots: Path) -> None:
    """A table of four columns is narrower than the page, and an aging needs no scrolling in a notebook."""
    page = open_in("lab", [*CELLS[:2], CASH], width=width).page
    boxes = [page.locator(".rf-table").nth(place) for place in range(2)]
    sizes = "(box) => [box.scrollWidth, box.clientWidth, box.querySelector('table').offsetWidth]"
    (scrolled, whole, aging), (_, _, cash) = (box.evaluate(sizes) for box in boxes)
    page.screenshot(path=screenshots / f"tables-{width}.png")
    assert scrolled == whole
    assert cash < 0.6 * whole
    assert cash < aging <= whole
    # A first column that is cut would be read as another name.
    assert all(re.fullmatch(r"\S.*", text) for text in page.locator(".rf-table td.rf-name").all_inner_texts())
