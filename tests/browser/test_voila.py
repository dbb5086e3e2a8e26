"""The connection picker in Voilà, where there is no notebook around it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, expect

if TYPE_CHECKING:
    from tests.browser.conftest import Served, Server, Watched


@pytest.fixture(scope="module")
def voila(browser: Browser, served: Served) -> Iterator[Server]:  # noqa: ARG001 - no browser, no server
    """Voilà with settings of its own."""
    yield from served(["voila", "--no-browser", "--Voila.ip=127.0.0.1", "--show_tracebacks=True"], "/")


def test_choose_and_load(voila: Server, watched: Watched, screenshots: Path) -> None:
    """The picker of a notebook that Voilà serves filters, chooses, loads, and tells a failure in words."""
    voila.write(
        "shown", ["import rutterframe as rf\nclient = rf.demo()", "rf.widgets.ConnectionPicker(client)"]
    )
    # Voilà asks for icons that it does not need here, and we use none.
    watched.allow("fontawesome")
    page = watched.page
    page.goto(f"{voila.url}/voila/render/shown.ipynb")
    page.get_by_role("textbox", name="Filter", exact=True).fill("netsuite")
    page.get_by_label("roaster-netsuite-old", exact=True).check()
    page.get_by_role("textbox", name="Filter", exact=True).fill("")
    page.get_by_label("gear-xero", exact=True).check()
    page.get_by_role("button", name="Load", exact=True).click()
    expect(page.get_by_text("rows of invoices")).to_be_visible()
    expect(page.get_by_text("Failed (invoices): The API answered HTTP 403")).to_be_visible()
    expect(page.get_by_text("Loaded, but not everything: roaster-netsuite-old failed")).to_be_visible()
    page.screenshot(path=screenshots / "voila.png")
