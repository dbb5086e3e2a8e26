"""The browser of a report: by mouse and keyboard, light and dark, in JupyterLab, Notebook 7 and Voilà."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.conftest import Lab, OpenIn

AGING = (
    "import rutterframe as rf\nclient = rf.demo()\n"
    "books = [client.connection(name) for name in ('roaster-quickbooks', 'gear-xero')]\n"
    "invoices = rf.load_invoices(books, progress=False)\n"
    "customers = rf.load_customers(books, progress=False)\n"
    "aging = rf.reports.ar_aging(invoices, '2026-06-30', customers=customers)"
)
BROWSER = "browser = rf.widgets.ReportBrowser(aging, invoices)\nbrowser"
CELLS = [AGING, BROWSER]


def grid(page: Page) -> Locator:
    return page.get_by_role("grid")


def status(page: Page) -> Locator:
    return page.locator(".rf-browser [role=status]")


def documents(page: Page) -> Locator:
    return page.get_by_role("table", name="Documents")


def cell(page: Page, name: str, place: int) -> Locator:
    """Find a cell by the first cell of its row, and its place in it."""
    rows = grid(page).get_by_role("row").filter(has=page.get_by_role("gridcell", name=name, exact=True))
    return rows.first.get_by_role("gridcell").nth(place)


def ready(page: Page) -> None:
    """Wait until the kernel has answered the last request."""
    expect(page.locator(".rf-browser[aria-busy]")).to_have_count(0)


def amount(text: str) -> float:
    return float(text.replace(",", "").replace("–", "0"))


def test_by_mouse(open_in: OpenIn, tmp_path: Path) -> None:
    """Click a cell: its documents add up to it, are copied and downloaded; Close hides them."""
    lab = open_in("lab", CELLS)
    page = lab.page
    # The table for pages without a kernel is there, and hidden.
    expect(page.locator("[class^=rutterframe-static]")).to_be_hidden()
    expect(grid(page).get_by_role("columnheader").first).to_have_text("Customer")
    target = cell(page, "Union Street Trekking", 3)
    text = target.inner_text()
    target.click()
    expect(status(page)).to_have_text(f"1 document adds up to {text} EUR, as the cell does.")
    expect(target).to_have_attribute("aria-selected", "true")
    cell(page, "Union Street Trekking", 7).click()
    expect(status(page)).to_contain_text("3 documents add up to")
    expect(documents(page).locator("tbody tr")).to_have_count(4)
    amounts = documents(page).locator("tbody tr td:nth-child(7)").all_inner_texts()
    assert amount(amounts[-1]) == sum(map(amount, amounts[:-1]))
    assert amounts[-1] == cell(page, "Union Street Trekking", 7).inner_text()

    page.get_by_role("button", name="Copy", exact=True).click()
    expect(status(page)).to_have_text("Copied 3 rows.")
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert copied.splitlines()[0].split("\t")[:3] == ["connection_id", "id", "customer_id"]
    assert len(copied.splitlines()) == 4
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    assert download.value.suggested_filename == "ar_aging-Union-Street-Trekking-gear-xero-Total.csv"
    path = tmp_path / "documents.csv"
    download.value.save_as(path)
    with path.open(encoding="utf-8", newline="") as file:
        rows = [*csv.DictReader(file)]
    assert sum(float(row["amount_due"]) for row in rows) == amount(amounts[-1])
    assert lab.run("browser.selected") == "(0, 'total')"
    page.get_by_role("button", name="Close").click()
    expect(documents(page)).to_be_hidden()
    assert lab.run("browser.selected, browser.documents") == "(None, None)"


def test_filter_and_sort(open_in: OpenIn) -> None:
    """A filter leaves rows with its words and their exact total; a column's name sorts, and sorts back."""
    page = open_in("lab", CELLS).page
    page.get_by_role("searchbox", name="Filter").fill("trekking")
    expect(page.get_by_text("of 56 rows match.")).to_be_visible()
    expect(grid(page).locator(".rf-row").first).to_contain_text("Trekking")
    total = grid(page).locator(".rf-total").first
    expect(total).to_contain_text("Total of")
    ready(page)
    expect(total).to_contain_text(" of 12 EUR")
    number = int(total.inner_text().split()[2])
    rows_of_eur = grid(page).locator(".rf-row").all()[:number]
    sums = sum(amount(row.locator("td").nth(7).inner_text()) for row in rows_of_eur)
    assert amount(total.locator("td").nth(7).inner_text()) == sums
    page.get_by_role("searchbox", name="Filter").fill("")
    expect(page.get_by_text("56 rows.")).to_be_visible()

    page.get_by_role("button", name="Total", exact=True).click()
    header = grid(page).get_by_role("columnheader", name="Total")
    expect(header).to_have_attribute("aria-sort", "descending")
    page.get_by_role("button", name="Total ▼").click()
    expect(header).to_have_attribute("aria-sort", "ascending")
    totals = [
        amount(row.locator("td").nth(7).inner_text()) for row in grid(page).locator(".rf-row").all()[:12]
    ]
    assert totals == sorted(totals)


def test_by_keyboard(open_in: OpenIn) -> None:
    """Tab to the grid, arrows to a cell, Enter, Escape; no key reaches the notebook."""
    lab = open_in("lab", CELLS)
    page = lab.page
    page.get_by_role("searchbox", name="Filter").focus()
    page.keyboard.press("Tab")
    assert focused(page) == "Customer"
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    assert focused(page) == cell(page, "Sunday Hiking Shop", 2).inner_text() == "3,713.00"
    page.keyboard.press("Enter")
    expect(status(page)).to_have_text("1 document adds up to 3,713.00 EUR, as the cell does.")
    assert focused(page) == "3,713.00"
    for key in ("d", "d", "a", "ArrowDown", "Home", "End", "PageDown", "PageUp"):
        page.keyboard.press(key)
    assert lab.run("browser.selected") == "(1, 'days_1_30')"
    grid(page).locator("[tabindex='0']").focus()
    page.keyboard.press("Escape")
    expect(documents(page)).to_be_hidden()
    page.keyboard.press("Home")
    for _ in range(9):
        page.keyboard.press("PageUp")
    assert focused(page) == "Customer"
    page.keyboard.press("Enter")
    expect(grid(page).get_by_role("columnheader", name="Customer")).to_have_attribute(
        "aria-sort", "ascending"
    )
    ready(page)
    assert focused(page) == "Customer ▲"
    assert len(lab.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.widgets")) == 3


def focused(page: Page) -> str:
    """Return the text of what has the focus."""
    text: str = page.evaluate("() => document.activeElement.innerText.trim()")
    return text


@pytest.mark.parametrize("app", ["lab", "notebook", "voila"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pictures_to_look_at(open_in: OpenIn, screenshots: Path, app: str, theme: str) -> None:
    """Each application, light and dark: documents below the cell, readable text, no second table."""
    page = open_in(app, CELLS, theme=theme, width=1440 if theme == "light" else 1280).page
    cell(page, "Union Street Trekking", 7).click()
    expect(status(page)).to_have_text("3 documents add up to 9,843.00 EUR, as the cell does.")
    expect(documents(page)).to_be_visible()
    expect(page.locator("[class^=rutterframe-static]")).to_be_hidden()
    assert contrast(page) > 7
    page.screenshot(path=screenshots / f"browse-{app}-{theme}.png")


def contrast(page: Page) -> float:
    """Return the contrast between a cell's text and the browser's background, as WCAG defines it."""
    ratio: float = page.evaluate(
        """() => {
          const linear = (level) => level <= 0.03928 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4;
          const light = (text) => {
            const [r, g, b] = text.match(/[\\d.]+/g).map((part) => linear(part / 255));
            return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
          const root = document.querySelector('.rf-browser');
          const [text, page] = ['td', 'thead th'].map((name) => getComputedStyle(root.querySelector(name)));
          const [a, b] = [text.color, page.backgroundColor]
            .map(light).sort((x, y) => y - x);
          return (a + 0.05) / (b + 0.05); }"""
    )
    return ratio


def test_without_a_kernel_the_table_stays(
    open_lab: Callable[[str, list[str]], Lab], screenshots: Path
) -> None:
    """After a restart a click says what to do; in the saved notebook, opened again, the table is readable."""
    lab = open_lab("browse-saved", CELLS)
    lab.run_all()
    page = lab.page
    expect(grid(page)).to_be_visible()
    saved = lab.save()
    assert "Union Street Trekking" in saved
    lab.restart_kernel()
    cell(page, "Union Street Trekking", 7).click()
    expect(status(page)).to_have_text("The kernel does not answer. After a restart run this cell again.")
    lab.reopen_without_kernel()
    table = page.locator("[class^=rutterframe-static]")
    expect(table).to_be_visible()
    expect(table).to_contain_text("Union Street Trekking")
    expect(table).to_contain_text("run the cell again")
    expect(page.locator(".rf-browser")).to_have_count(0)
    page.screenshot(path=screenshots / "browse-without-kernel.png")
