"""The connection picker in JupyterLab: by mouse, by keyboard, saved, and after a kernel restart."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Locator, Page, expect

from rutterframe.demo.server import DemoServer

if TYPE_CHECKING:
    from tests.browser.conftest import Lab, OpenIn

Open = Callable[[str, list[str]], "Lab"]

SHOP = "roaster-shopify"
OLD = "roaster-netsuite-old"
DEMO = "import rutterframe as rf\nclient = rf.demo(page_size=100)"
PICKER = "picker = rf.widgets.ConnectionPicker(client)\npicker"
#: Switches "Save Widget State Automatically" on, or off again.
SAVE_STATE = "@jupyter-widgets/jupyterlab-manager:saveWidgetState"
#: A client like one on the real API, without an access token.
WITHOUT_TOKENS = (
    "import rutterframe as rf\nfrom rutterframe.demo.server import DemoServer\n"
    "server = DemoServer().start()\n"
    "client = rf.Client(client_id=server.client_id, client_secret=server.client_secret,"
    " environment=server.url, access_tokens={})\nclient"
)
#: From page 3 on no response arrives within the test: only Cancel can end the load.
SLOW = (
    "from rutterframe.demo.faults import Fault\n"
    f"client.server.configure(faults=[Fault('slow', resource='customers', page=3, connection={SHOP!r}, "
    "seconds=100)])"
)

CARDS = [
    DEMO,
    "client",
    "client.connection('gear-xero')",
    f"both = [client.connection(name) for name in ('gear-xero', {OLD!r})]",
    "rf.receipt(rf.load_invoices(both, on_error='skip', progress=False))",
    f"picker = rf.widgets.ConnectionPicker(client, value=['gear-xero', {OLD!r}])\npicker",
    "books = picker.load()",
    "rf.NotFound('There is no such <invoice>', status=404, hint='look at the id.')",
]

#: The kernel answers in turn: once it has answered this, it has handled what was typed before.
HANDLED = """async () => {
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  // A widget sends its next change once the kernel is idle after the last one: one answer is not enough.
  for (let times = 0; times < 8; times += 1) {
    await kernel.requestKernelInfo();
    await new Promise((resume) => requestAnimationFrame(resume));
  }
}"""


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def box(page: Page, name: str) -> Locator:
    """Find a box by its visible label."""
    return page.get_by_label(name, exact=True)


def filter_of(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Filter", exact=True)


def picker_of(page: Page) -> Locator:
    """Find the whole picker."""
    return page.locator(".jp-OutputArea-output .widget-vbox").first


def test_by_mouse(open_lab: Open) -> None:
    """Filter, choose, load, cancel, a connection that fails, a second load, and the value read back."""
    lab = open_lab("mouse", [DEMO, PICKER])
    lab.run_all()
    page = lab.page
    expect(page.get_by_text("Choose at least one connection.")).to_be_visible()
    expect(button(page, "Load")).to_be_disabled()

    filter_of(page).fill("shopify")
    expect(box(page, "gear-xero")).to_have_count(0)
    button(page, "Choose all shown").click()
    expect(page.get_by_text("2 of 10 connections chosen.")).to_be_visible()
    filter_of(page).fill("")
    box(page, OLD).check()
    box(page, "Invoices").uncheck()
    box(page, "Customers").check()
    assert lab.run("picker.value") == f"('{OLD}', '{SHOP}', 'gear-shopify')"

    button(page, "Load").click()
    expect(page.get_by_text(f"Loaded, but not everything: {OLD} failed; see its line.")).to_be_visible()
    expect(page.get_by_text("Failed (customers): The API answered HTTP 403: NEEDS_UPDATE")).to_be_visible()
    rows = int(lab.run("len(picker.frames['customers'])"))
    assert rows > 0
    expect(page.get_by_role("row", name=f"Customers {rows:,} 2 of 3 no: without {OLD}")).to_be_visible()

    lab.run(SLOW)
    box(page, OLD).uncheck()
    button(page, "Load").click()
    expect(page.get_by_text("Loading: 2 pages")).to_be_visible()
    button(page, "Cancel").click()
    expect(page.get_by_text("Cancelled after 200 rows")).to_be_visible()
    expect(button(page, "Cancel")).to_be_disabled()
    assert lab.run("list(picker.frames), type(picker.error).__name__") == "([], 'LoadInterrupted')"
    assert lab.run("len(rf.resume(picker.error, progress=False)['customers'])") == str(rows)

    button(page, "Load").click()
    expect(page.get_by_text("Loaded: everything that was chosen.")).to_be_visible()
    assert lab.run("len(picker.frames['customers'])") == str(rows)
    assert lab.run("picker.code()").splitlines()[-1] == "}"


def test_by_keyboard(open_lab: Open) -> None:
    """The same by Tab, Space, Enter and typing alone; every stop has a label that can be seen."""
    lab = open_lab("keyboard", [DEMO, PICKER])
    lab.run_all()
    page = lab.page
    filter_of(page).focus()
    page.keyboard.type("xero")
    expect(box(page, SHOP)).to_have_count(0)
    # Until each letter was handled: what is drawn anew loses the focus.
    page.evaluate(HANDLED)
    stops = [stop(page)]
    for _ in range(16):
        page.keyboard.press("Tab")
        stops.append(stop(page))
        if stops[-1] == "gear-xero":
            page.keyboard.press("Space")
            # Load is enabled only when the kernel has handled the selection.
            expect(button(page, "Load")).to_be_enabled()
        if stops[-1] == "Accounts":
            page.keyboard.press("Space")
    assert stops == [
        "Filter", "Choose all active", "Choose all shown", "Choose none", "Gear: 0 of 1 chosen", "gear-xero",
        "Accounts", "Transactions", "Invoices", "Bills", "Expenses",
        "Orders", "Products", "Customers", "Bank accounts", "Ad accounts", "Changed since",
    ]  # fmt: skip
    page.keyboard.type("06012026")
    to_the_stop(page, "Load")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Loaded: everything that was chosen.")).to_be_visible()
    assert lab.run("picker.value, list(picker.frames)") == "(('gear-xero',), ['accounts', 'invoices'])"
    assert "updated_at_min" not in lab.run("picker.code()")

    lab.run(SLOW)
    filter_of(page).focus()
    page.keyboard.press("Control+a")
    page.keyboard.type(SHOP)
    expect(box(page, "gear-xero")).to_have_count(0)
    page.evaluate(HANDLED)  # as above: the box that Space is meant for must not be drawn anew
    for label in (SHOP, "Customers"):
        to_the_stop(page, label)
        page.keyboard.press("Space")
    to_the_stop(page, "Load")
    page.keyboard.press("Enter")
    expect(button(page, "Cancel")).to_be_enabled()
    to_the_stop(page, "Cancel")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Cancelled; there are no frames.")).to_be_visible()


def to_the_stop(page: Page, label: str) -> None:
    """Press Tab until a control with this label has the focus."""
    for _ in range(30):
        page.keyboard.press("Tab")
        if stop(page) == label:
            return
    raise AssertionError(f"Tab does not reach {label!r}")


def stop(page: Page) -> str:
    """Return the visible label of what has the focus."""
    label: str = page.evaluate(
        "() => { const at = document.activeElement;"
        " const label = at.labels?.[0] ?? at; return label.innerText.trim(); }"
    )
    return label


def test_nothing_secret_in_the_saved_file(open_lab: Open, screenshots: Path) -> None:
    """With the widget state saved, a typed token and the client secret are nowhere in the file."""
    books = DemoServer()
    token = books.access_tokens["gear-xero"]
    lab = open_lab(
        "secret",
        [
            WITHOUT_TOKENS,
            "picker = rf.widgets.ConnectionPicker(client, value=['gear-xero'])\npicker",
            "client.connection('gear-xero', 'another')",
        ],
    )
    lab.run_all()
    page = lab.page
    lab.command(SAVE_STATE)
    field = page.get_by_label("Access token of gear-xero")
    for typed in ("canary-typed-first", token):
        field.fill(typed)
        field.press("Enter")
        expect(page.get_by_text("Token entered: it stays in memory")).to_be_visible()
        button(page, "Load").click()
        if typed != token:
            expect(page.get_by_text("Failed (invoices): The API answered HTTP 401")).to_be_visible()
            expect(field).to_have_value("")
            page.screenshot(path=screenshots / "token.png")
    expect(page.get_by_text("Loaded: everything that was chosen.")).to_be_visible()
    saved = lab.save()
    lab.command(SAVE_STATE)  # off again: the setting is the server's
    assert json.loads(saved)["metadata"]["widgets"]
    assert "gear-xero" in saved
    for secret in ("canary-typed-first", token, books.client_secret, books.client_id):
        assert secret not in saved


def test_after_a_kernel_restart(open_lab: Open) -> None:
    """A picker without its kernel shows what to do, on the page and in the reopened file; doing it works."""
    lab = open_lab("restart", [DEMO, PICKER])
    lab.run_all()
    page = lab.page
    note = page.get_by_text("after a kernel restart, or where none are shown, run this cell again")
    expect(note).to_be_visible()
    lab.restart_kernel()
    expect(note).to_be_visible()
    lab.run_all()
    expect(note).to_have_count(1)
    box(page, "gear-xero").check()
    expect(page.get_by_text("1 of 10 connections chosen.")).to_be_visible()
    lab.save()
    lab.reopen_without_kernel()
    expect(box(page, "gear-xero")).to_have_count(0)
    expect(note).to_be_visible()


def test_run_unattended(open_lab: Open) -> None:
    """A notebook with a picker runs from top to bottom: selected and loaded in code."""
    cells = [
        DEMO,
        "picker = rf.widgets.ConnectionPicker(client, value=['gear-xero'])\npicker",
        "picker.load()\nrf.receipt(picker.frames['invoices'])",
    ]
    lab = open_lab("hands", cells)
    lab.run_all()
    page = lab.page
    expect(page.get_by_text("Loaded: everything that was chosen.")).to_be_visible()
    expect(page.get_by_text("invoices from demo: COMPLETE")).to_be_visible()


def test_picture(open_lab: Open, screenshots: Path) -> None:
    """The README's picture: a filter, two platforms, a load that is over with one failed connection."""
    lab = open_lab("picture", [DEMO, PICKER])
    lab.run_all()
    page = lab.page
    filter_of(page).fill("roaster")
    for name in ("roaster-quickbooks", "roaster-bank", OLD):
        box(page, name).check()
    box(page, "Bank accounts").check()
    button(page, "Load").click()
    expect(page.get_by_text("Loaded, but not everything")).to_be_visible()
    around = picker_of(page).bounding_box()
    assert around is not None
    clip = {"x": around["x"] - 14, "y": around["y"] - 4, "width": around["width"] + 24,
            "height": around["height"] + 30}  # fmt: skip
    page.screenshot(path=screenshots / "picker.png", clip=clip)  # type: ignore[arg-type] # playwright's own dict


def test_pictures_to_look_at(open_lab: Open, screenshots: Path) -> None:
    """Cards, a short traceback and the picker, on a light page."""
    lab = open_lab("cards", CARDS)
    lab.run_all()
    error = lab.run("rf.load_invoices(client.connection('roaster-netsuite-old'), progress=False)")
    assert error.startswith("Cell In[9], line 1\n----> rf.load_invoices(")
    assert "NeedsReauthentication: The API answered HTTP 403" in error
    assert "rutterframe/" not in error
    page = lab.page
    page.screenshot(path=screenshots / "light.png")
    page.get_by_text("(Full traceback:").scroll_into_view_if_needed()
    page.screenshot(path=screenshots / "traceback.png")


def test_pictures_of_a_dark_page(open_in: OpenIn, screenshots: Path) -> None:
    """The same on a dark page, and on a narrow one; a choice by hand is there when the cell runs again."""
    lab = open_in("lab", CARDS, theme="dark", name="dark")
    page = lab.page
    page.screenshot(path=screenshots / "dark.png")
    box(page, SHOP).check()
    expect(page.get_by_text("Changed: load again.")).to_be_visible()
    lab.command("notebook:run-all-cells")
    expect(page.get_by_text("The choice of this session was remembered: 3 connections")).to_be_visible()
    expect(box(page, SHOP)).to_be_checked()
    page.screenshot(path=screenshots / "dark-again.png")
    page.set_viewport_size({"width": 760, "height": 1700})
    page.screenshot(path=screenshots / "narrow.png")
    button(page, "Reset").click()
    expect(box(page, SHOP)).not_to_be_checked()
    expect(button(page, "Reset")).to_be_hidden()
