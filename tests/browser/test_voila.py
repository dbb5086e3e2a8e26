"""The connection picker in Voilà, where there is no notebook around it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from tests.browser.conftest import OpenIn

CELLS = ["import rutterframe as rf\nclient = rf.demo()", "rf.widgets.ConnectionPicker(client)"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_choose_and_load(theme: str, open_in: OpenIn, screenshots: Path) -> None:
    """The picker of a notebook that Voilà serves filters, chooses, loads, and tells a failure in words."""
    page = open_in("voila", CELLS, theme=theme).page
    page.get_by_role("textbox", name="Filter", exact=True).fill("netsuite")
    page.get_by_label("roaster-netsuite-old", exact=True).check()
    page.get_by_role("textbox", name="Filter", exact=True).fill("")
    page.get_by_label("gear-xero", exact=True).check()
    page.get_by_role("button", name="Load", exact=True).click()
    expect(page.get_by_text("rows of invoices")).to_be_visible()
    expect(page.get_by_text("Failed (invoices): The API answered HTTP 403")).to_be_visible()
    expect(page.get_by_text("Loaded, but not everything: roaster-netsuite-old failed")).to_be_visible()
    page.screenshot(path=screenshots / f"voila-{theme}.png")
