"""The built site: links, requests, search, themes, metadata; `make docs` builds it and runs this module."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

import rutterframe as rf
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.contrast import unreadable
from tests.docs.public_names import members, names
from tests.docs.site import REPOSITORY, Parts, read_pages, serve, target_of

ROOT = Path(rf.__file__).parent.parent
SITE = ROOT / os.environ.get("SITE", "absent")
SCREENSHOTS = ROOT / "build" / "site-screenshots"
pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(300),
    pytest.mark.skipif("SITE" not in os.environ, reason="`make docs` builds the site, and runs this module"),
]
#: No request leaves the machine; one that tries to is noted all the same.
OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
#: Pages that no list of contents has.
APART = {"404.html", "genindex.html", "search.html", "py-modindex.html"}
#: Pages that are looked at: a picture in both themes.
PICTURES = (
    "index", "start/ten-lines", "start/notebooks", "notebooks/00_dashboard", "notebooks/02_ar_ap_aging",
    "notebooks/04_cash_position_and_forecast", "reference/definitions",
    "reference/generated/rutterframe.Books",
)  # fmt: skip
#: The texts that have to be readable: tables and charts of notebooks, code, and what stands around them.
TEXTS = {
    "code": ".highlight pre",
    "outputs": "div.cell_output :is(td, th, li, p, .rf-note, .rf-title), div.cell_output .rf-widget",
    "prose": "article p, article li, article h1, article td",
}


@pytest.fixture(scope="module")
def pages() -> dict[str, Parts]:
    """The pages of the site."""
    return read_pages(SITE)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The address of the site on loopback."""
    with serve(SITE) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, or a reason to skip."""
    if CHROMIUM is None:
        pytest.skip("no chromium and no google-chrome on this machine")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, OFFLINE])
        yield opened
        opened.close()


@dataclass
class Visit:
    """What was noticed when a page was open: requests elsewhere, console errors, and its width on a phone."""

    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    width: int = 0


@pytest.fixture(scope="module")
def visits(browser: Browser, pages: dict[str, Parts], address: str) -> dict[str, Visit]:
    """Open every page once, as narrow as on a phone, and note what happens."""
    context = browser.new_context(viewport={"width": 390, "height": 800})
    context.set_default_timeout(30_000)
    page = context.new_page()
    noted = {name: Visit() for name in pages}
    name = ""
    page.on("request", lambda request: noted[name].outside.append(request.url))
    page.on("console", lambda message: noted[name].errors.extend(_errors(message)))
    page.on("pageerror", lambda error: noted[name].errors.append(str(error)))
    for name in pages:
        page.goto(address + name, wait_until="load")
        page.evaluate(DRAW_ALL)
        noted[name].width = page.evaluate("document.documentElement.scrollWidth")
    context.close()
    for visit in noted.values():
        visit.outside = [url for url in visit.outside if not url.startswith((address, "data:", "blob:"))]
    return noted


def _errors(message: ConsoleMessage) -> list[str]:
    return [message.text] if message.type == "error" else []


#: Bring every chart into view, and wait until each is drawn.
DRAW_ALL = """async () => {
  const charts = [...document.querySelectorAll('.rf-chart')];
  for (const chart of charts) {
    chart.scrollIntoView();
    while (!chart.dataset.drawn) await new Promise(requestAnimationFrame);
  }
  window.scrollTo(0, 0); }"""


def test_links_lead_to_pages_and_anchors(pages: dict[str, Parts]) -> None:
    """Each link within the site leads to a file of it, and each fragment to an element with that id."""
    dead = []
    for page, parts in pages.items():
        for link in parts.links | parts.fetched:
            target = target_of(page, parts, link)
            if target is None:
                continue
            file, fragment = target
            is_there = (SITE / file).is_file() and not file.startswith("..")
            # The script of the search page reads the fragment of a link to itself.
            if not is_there or (fragment and file in pages and fragment not in pages[file].ids):
                dead.append((page, link))
    assert dead == []


def test_links_to_the_repository_lead_to_files(pages: dict[str, Parts]) -> None:
    """Each link to a file of the repository, to read or to edit it, leads to one that is there."""
    pattern = re.compile(rf"{re.escape(REPOSITORY)}/(?:blob|tree|edit)/main/([^#?]+)")
    links = {link for parts in pages.values() for link in parts.links}
    paths = {match[1] for link in links if (match := pattern.match(link))}
    assert len(paths) > 50
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []


def test_nothing_of_another_host_is_fetched(pages: dict[str, Parts]) -> None:
    """No script, style, picture or frame of any page has an address of another host."""
    outside = {
        (page, link)
        for page, parts in pages.items()
        for link in parts.fetched
        if not link.startswith("data:") and target_of(page, parts, link) is None
    }
    assert outside == set()


def test_styles_fetch_nothing_of_another_host() -> None:
    """No stylesheet imports another host's, or has a font or picture from there."""
    styles = {path.name: path.read_text(encoding="utf-8") for path in SITE.rglob("*.css")}
    assert "custom.css" in styles
    pattern = re.compile(r"(?:url\(|@import)\s*['\"]?(?:https?:)?//[^)\s'\"]+")
    assert {name: pattern.findall(text) for name, text in styles.items() if pattern.search(text)} == {}


def test_pages_have_title_description_and_one_heading(pages: dict[str, Parts]) -> None:
    """Each page has one title, one description and one heading of the first level, and none is empty."""
    for page, parts in pages.items():
        for texts in (parts.titles, parts.descriptions, parts.headings):
            assert len(texts) == 1, (page, texts)
            assert texts[0].strip(" #"), page
        assert 10 <= len(parts.descriptions[0]) <= 165, (page, parts.descriptions)


def test_every_page_can_be_reached(pages: dict[str, Parts]) -> None:
    """Every page but those that Sphinx adds can be reached by links from the first one."""
    reached, queue = {"index.html"}, ["index.html"]
    while queue:
        page = queue.pop()
        targets = (target_of(page, pages[page], link) for link in pages[page].links)
        new = {target[0] for target in targets if target and target[0] in pages} - reached
        reached |= new
        queue += new
    assert set(pages) - reached - APART == set()


@pytest.mark.xdist_group("visits")
def test_pages_make_no_request_elsewhere(visits: dict[str, Visit]) -> None:
    """No page, when it is opened in Chromium, requests anything from another machine."""
    assert len(visits) > 50
    assert {page: visit.outside for page, visit in visits.items() if visit.outside} == {}


@pytest.mark.xdist_group("visits")
def test_pages_log_no_error(visits: dict[str, Visit]) -> None:
    """No page logs an error in the browser's console."""
    assert {page: visit.errors for page, visit in visits.items() if visit.errors} == {}


@pytest.mark.xdist_group("visits")
def test_pages_fit_on_a_phone(visits: dict[str, Visit]) -> None:
    """No page has to be scrolled sideways in a window of 390 pixels."""
    assert {page: visit.width for page, visit in visits.items() if visit.width > 390} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("page", PICTURES)
def test_pages_are_readable_in_both_themes(page: str, theme: str, browser: Browser, address: str) -> None:
    """Prose, code and the tables of notebooks have a contrast of at least 4.5; a picture is written."""
    scheme: Any = theme
    tab = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    tab.goto(f"{address}{page}.html", wait_until="load")
    expect(tab.locator("html")).to_have_attribute("data-theme", theme)
    tab.evaluate(DRAW_ALL)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    tab.screenshot(path=SCREENSHOTS / f"{page.replace('/', '_')}_{theme}.png", full_page=True)
    least = {
        kind: unreadable(tab, selector) for kind, selector in TEXTS.items() if tab.locator(selector).count()
    }
    tab.close()
    assert not any(least.values()), least


@pytest.mark.parametrize(
    ("words", "page"),
    [("ar_aging", "reference/"), ("tie-out", "explanation/agrees.html"), ("webhook", "howto/webhooks.html")],
)
def test_search_leads_to_the_page(words: str, page: str, browser: Browser, address: str) -> None:
    """The keyboard alone opens the search, and a page about the words is among the first five results."""
    tab = browser.new_page()
    tab.goto(f"{address}start/install.html", wait_until="load")
    tab.keyboard.press("Control+k")
    tab.keyboard.type(words)
    tab.keyboard.press("Enter")
    tab.wait_for_url(re.compile(r"search\.html\?q="))
    results = tab.locator("#search-results ul.search > li > a")
    expect(tab.locator("#search-results p.search-summary")).to_contain_text("finished")
    first = [str(link.get_attribute("href")) for link in results.all()[:5]]
    tab.close()
    assert any(page in link for link in first), first


def test_theme_switch(browser: Browser, address: str) -> None:
    """The switch in the header takes a page from light to dark, and the next page stays dark."""
    tab = browser.new_page(color_scheme="light")
    tab.goto(f"{address}index.html", wait_until="load")
    for mode in ("light", "dark"):
        choose_theme(tab, mode)
        expect(tab.locator("html")).to_have_attribute("data-theme", mode)
    tab.goto(f"{address}start/install.html", wait_until="load")
    expect(tab.locator("html")).to_have_attribute("data-theme", "dark")
    tab.close()


def choose_theme(tab: Page, mode: str) -> None:
    """Choose a theme by the switch."""
    tab.locator(".bd-header .theme-switch-button:visible").click()
    tab.locator(f'.theme-change-button[data-mode="{mode}"]:visible').click()


def test_missing_address_shows_the_own_page(browser: Browser, address: str) -> None:
    """An address that does not exist shows the site's own page, and its link leads to the first one."""
    tab = browser.new_page()
    tab.goto(f"{address}reference/no/such/page.html", wait_until="load")
    expect(tab.locator("h1")).to_contain_text("This page does not exist")
    tab.locator("article a", has_text="Begin at the start").click()
    expect(tab.locator("h1")).to_contain_text("rutterframe")
    tab.close()


def test_workbook_of_the_notebook_is_served(pages: dict[str, Parts]) -> None:
    """The workbook and the page that the month-end notebook writes are files of the site."""
    links = [link for link in pages["notebooks/06_month_end_pack.html"].links if link.startswith("output/")]
    assert sorted(Path(link).suffix for link in links) == [".html", ".xlsx"]


def test_every_public_name_has_an_entry() -> None:
    """The site's inventory, by which its search and other sites find names, has each name and each method."""
    from sphinx.util.inventory import InventoryFile  # noqa: PLC0415 - installed with the site's builder only

    inventory = InventoryFile.loads((SITE / "objects.inv").read_bytes(), uri="")
    entries = {name for role, items in inventory.data.items() if role.startswith("py:") for name in items}
    expected = [path for name in names() for path in (name, *members(name))]
    assert [path for path in expected if path not in entries] == []
    assert len(expected) > 300
