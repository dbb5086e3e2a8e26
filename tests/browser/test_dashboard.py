"""The dashboard in JupyterLab, Notebook 7 and Voilà: by mouse and by keyboard, in both themes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, expect

import rutterframe as rf

if TYPE_CHECKING:
    from tests.browser.conftest import OpenIn

NOTEBOOK = Path(rf.__file__).parent.parent / "notebooks" / "00_dashboard.ipynb"


def find_visible(page: Page, text: str) -> Locator:
    """Find a text that is to be seen: the copy for readers without a kernel is folded up."""
    return page.get_by_text(text).locator("visible=true").first


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("app", ["lab", "notebook", "voila"])
def test_each_control_redraws(app: str, theme: str, open_in: OpenIn, screenshots: Path) -> None:
    """A new business, minimum amount, currency or day redraws tie-out and tables."""
    width = 1440 if theme == "dark" else 1280
    page = open_in(app, NOTEBOOK, theme=theme, width=width).page
    expect(find_visible(page, "Tie-out: All 30 totals agree.")).to_be_visible()
    scheme = page.get_by_label("As of", exact=True).evaluate(
        "(control) => getComputedStyle(control).colorScheme"
    )
    assert (scheme == "dark") == (theme == "dark")
    page.screenshot(path=screenshots / f"dashboard-{app}-{theme}.png")
    page.get_by_label("Business", exact=True).select_option("Roaster")
    expect(find_visible(page, "Tie-out: All 11 totals agree.")).to_be_visible()
    page.get_by_label("Minimum amount", exact=True).fill("1000")
    page.get_by_label("Minimum amount", exact=True).press("Enter")
    expect(find_visible(page, "rows are below 1,000 and hidden")).to_be_visible()
    page.get_by_label("Currency", exact=True).select_option("EUR")
    expect(find_visible(page, "There are no open invoices in EUR")).to_be_visible()
    page.get_by_label("Currency", exact=True).select_option("All currencies")
    page.get_by_label("As of", exact=True).fill("2026-05-31")
    expect(find_visible(page, "as of 2026-05-31")).to_be_visible()
    page.get_by_label("As of", exact=True).fill("")
    expect(find_visible(page, "There is no as-of date.")).to_be_visible()
    page.get_by_label("As of", exact=True).fill("2026-06-30")
    expect(find_visible(page, "Tie-out: All 11 totals agree.")).to_be_visible()
    expect(page.get_by_label("Currency", exact=True).locator("option:checked")).to_have_text("All currencies")
    expect(find_visible(page, "Receivables aging as of 2026-06-30")).to_be_visible()
    expect(find_visible(page, "Cash position")).to_be_visible()
    page.screenshot(path=screenshots / f"dashboard-{app}-{theme}-roaster.png")


@pytest.mark.slow
def test_by_keyboard(open_in: OpenIn) -> None:
    """Tab goes through the four controls in order; Alt and Down open a list, since letters are shortcuts."""
    page = open_in("notebook", NOTEBOOK).page
    page.get_by_label("Business", exact=True).focus()
    for key in ("Alt+ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    expect(find_visible(page, "Tie-out: All 11 totals agree.")).to_be_visible()
    expect(page.get_by_label("Business", exact=True)).to_be_focused()
    # A date has a stop for day, month, year and its calendar.
    for _ in range(5):
        page.keyboard.press("Tab")
    expect(page.get_by_label("Currency", exact=True)).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Minimum amount", exact=True)).to_be_focused()
    page.keyboard.type("1000")
    page.keyboard.press("Enter")
    expect(find_visible(page, "and hidden")).to_be_visible()
