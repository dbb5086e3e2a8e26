"""The picker with 2,000 connections in JupyterLab: drawn, filtered letter by letter, all chosen at once."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from tests.browser.conftest import Lab

SETUP = """
import httpx
import rutterframe as rf

ids = [f"business-{number // 5:04}-{('quickbooks', 'xero', 'shopify', 'plaid', 'amazon')[number % 5]}"
       for number in range(2_000)]
records = [{"id": name, "platform": name[14:], "status": "active" if number % 7 else "error"}
           for number, name in enumerate(ids)]
groups = {}
for name in ids:
    groups.setdefault(name[:13].capitalize(), []).append(name)
client = rf.Client(
    client_id="a", client_secret="b", environment="http://127.0.0.1:1", rate_limit=None,
    access_tokens={name: "token of " + name for name in ids},
    transport=httpx.MockTransport(lambda _: httpx.Response(200, json={"connections": records})))
picker = rf.widgets.ConnectionPicker(client)
""".strip()
#: Runs a new cell, and returns the seconds until a checkbox with a label is there.
SECONDS_UNTIL = """async ([source, label]) => {
  const app = window.jupyterapp;
  const w = app.shell.currentWidget;
  const start = performance.now();
  if (source) {
    w.content.model.sharedModel.insertCell(w.content.widgets.length, {cell_type: 'code', source});
    w.content.activeCellIndex = w.content.widgets.length - 1;
    app.commands.execute('notebook:run-cell');
  }
  const boxes = () => [...document.querySelectorAll('.widget-checkbox')];
  const there = () => boxes().some((box) => box.innerText.includes(label));
  while (!there()) await new Promise((resume) => requestAnimationFrame(resume));
  await new Promise((resume) => requestAnimationFrame(resume));
  return (performance.now() - start) / 1000; }"""
PICKER = "picker = rf.widgets.ConnectionPicker(client, businesses=groups)\npicker"


def test_two_thousand(open_lab: Callable[[str, list[str]], Lab], screenshots: Path) -> None:
    """The first 60 are drawn, the filter finds any other one, and all active ones are chosen by a click."""
    lab = open_lab("many", [SETUP])
    lab.run_all()
    page = lab.page
    seconds = page.evaluate(SECONDS_UNTIL, [PICKER, "business-0011-xero"])
    expect(page.get_by_text("The first 60 of 2,000 are shown")).to_be_visible()
    page.get_by_role("textbox", name="Filter", exact=True).focus()
    typed = "business-0333-x"
    page.keyboard.type(typed)
    after = page.evaluate(SECONDS_UNTIL, ["", "business-0333-xero"])
    filtered = f"{len(typed)} letters typed at once, and the connection is there after {after:.2f} s"
    sys.stdout.write(
        f"\nin JupyterLab: drawn after {seconds:.2f} s; {filtered}\n"
    )  # for benchmarks/picker.py
    expect(page.get_by_label("business-0000-amazon", exact=True)).to_have_count(0)
    page.get_by_role("textbox", name="Filter", exact=True).fill("")
    expect(page.get_by_label("business-0000-amazon", exact=True)).to_be_visible()
    page.get_by_role("button", name="Choose all active", exact=True).click()
    expect(page.get_by_text("1,714 of 2,000 connections chosen")).to_be_visible()
    assert lab.run("len(picker.value)") == "1714"
    page.screenshot(path=screenshots / "many.png")
