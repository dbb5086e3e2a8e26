"""The figures and names in the prose of the explanation are those of the code."""

from __future__ import annotations

import inspect
import re
import tomllib
from pathlib import Path

import pytest

import rutterframe as rf
from rutterframe.currency import FINE_TICKS, LARGEST_SUM, TICKS
from rutterframe.loaders.job import SIDE_BY_SIDE
from rutterframe.loaders.side_by_side import BYTES_IN_FLIGHT
from rutterframe.models import LIVE_RESOURCES, RESOURCES
from rutterframe.reports.month_end import month_end
from rutterframe.reports.statuses import KNOWN_REVENUE, NO_REVENUE
from tests.client.operations import OPERATIONS

ROOT = Path(rf.__file__).parent.parent
PAGES = {
    page.stem: " ".join(page.read_text(encoding="utf-8").split())
    for page in (ROOT / "docs/explanation").glob("*.md")
}
_SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
_OVERLAP = inspect.signature(rf.refresh).parameters["overlap"].default


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("loading", f"up to {SIDE_BY_SIDE} at a time"),
        ("loading", f"at most {BYTES_IN_FLIGHT // 2**20} MiB of pages"),
        ("loading", f"{rf.RateLimit().requests} requests in {rf.RateLimit().seconds:g} seconds"),
        ("money", f"1/{TICKS:,} of a major unit, or 1/{FINE_TICKS:,}"),
        ("money", f"more than {LARGEST_SUM:,.0f} ({2**62 / FINE_TICKS:,.0f} with the finer ticks)"),
        ("dialects", f"with {len(OPERATIONS)} operations"),
        ("accuracy", f"at least {_SETTINGS['tool']['coverage']['report']['fail_under']} %"),
    ],
)
def test_figures(page: str, text: str) -> None:
    """A figure of a page is that of the code."""
    assert text in PAGES[page]


def test_figures_in_words() -> None:
    """What a page writes in words has the numbers of the code."""
    assert (len(RESOURCES), len(LIVE_RESOURCES)) == (10, 15)
    assert "| resources | ten | ten, and fifteen more," in PAGES["dialects"]
    assert _OVERLAP.total_seconds() == 3600
    assert "less `overlap=` (an hour)" in PAGES["datasets"]
    mutants = (ROOT / "tests/mutants.py").read_text(encoding="utf-8")
    assert '"--count", type=int, default=60' in mutants
    assert "in sixty random places" in PAGES["accuracy"]


def test_comparisons() -> None:
    """The table of comparisons has each one that a month end makes, by its title."""
    lists = ["accounts", "invoices", "bills", "orders", "products", "bank_accounts"]
    with rf.demo() as client:
        connections = [client.connection(name) for name in ("gear-xero", "gear-shopify", "gear-bank")]
        frames = rf.load_all(connections, resources=lists, progress=False)
    titles = month_end("all", frames, "2026-06-30").ties
    table = PAGES["agrees"].partition("## What is compared with what")[2].partition("## ")[0]
    assert [title for title in titles if f"| {title} |" not in table] == []
    assert len(titles) == len(re.findall(r"\| (?:\w+ to [\w ]+) \|", table))


def test_statuses_of_orders() -> None:
    """The words of statuses that count as revenue, and of those that do not, are those of the report."""
    text = (ROOT / "docs/explanation/revenue.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+) \| (yes|no);?", text, re.MULTILINE)
    counted, withdrawn = (
        {word for words, answer in rows if answer == wanted for word in re.findall(r"\w+", words)}
        for wanted in ("yes", "no")
    )
    assert {*KNOWN_REVENUE} <= counted
    assert {*NO_REVENUE} <= withdrawn
    assert not {*NO_REVENUE} & counted
