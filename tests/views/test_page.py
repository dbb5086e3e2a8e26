"""The standalone page: everything in one file, escaped, marked where it is made up."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from plotly import graph_objects as go

import rutterframe as rf
from rutterframe.views import charts, tables
from rutterframe.views.page import write_page
from rutterframe.views.sentences import Finding, Notes


def spending(environment: str = "production") -> pd.DataFrame:
    """Return a small report."""
    spent = pd.DataFrame({"category": ["Rent <b>", None], "currency": "EUR", "amount": [900.0, 12.5]})
    spent.attrs["receipt"] = {"resource": "expenses", "environment": environment, "complete": True}
    report: pd.DataFrame = rf.reports.expenses_by_category(spent)
    return report


def test_a_page_has_title_links_and_escaped_text() -> None:
    """A page has its title, a link to each section, its text escaped, and plotly.js once for all charts."""
    report = spending()
    sections: dict[str, list[Any]] = {
        "Costs & more": ["5 < 6, $1 and $2", tables.expenses(report), charts.expenses(report)],
        "Again": [charts.expenses(report)],
    }
    write_page("page.html", sections, title="June <script>")
    text = Path("page.html").read_text(encoding="utf-8")
    assert "<title>June &lt;script&gt;</title>" in text
    assert '<a href="#s1">Costs &amp; more</a> <a href="#s2">Again</a>' in text
    assert "<p>5 &lt; 6, $1 and $2</p>" in text
    assert "Rent &lt;b&gt;" in text
    assert "Rent <b>" not in text
    assert text.count('class="plotly-graph-div"') == 2
    assert text.count("plotly.js v") == 1
    assert text.count("Demo data") == 0


def test_a_page_has_findings_and_notes() -> None:
    """Findings and notes stand with their label, each sentence in a line of its own, escaped."""
    items = [Finding(["Cash is lowest in week 3.", "<b>"]), Notes(["Balances are those of today."])]
    write_page("page.html", {"Cash": items}, title="June")
    text = Path("page.html").read_text(encoding="utf-8")
    assert "<strong>Finding.</strong> Cash is lowest in week 3.<br>&lt;b&gt;</div>" in text
    assert "<strong>Notes.</strong> Balances are those of today.</div>" in text


def test_control_characters_are_shown() -> None:
    """Control characters and marks of the writing direction in titles, text and tables are not obeyed."""
    name = "\u202eevil\x1b\x00\ufeff"
    spent = pd.DataFrame({"category": [name], "currency": [name], "amount": [900.0]})
    report = rf.reports.expenses_by_category(spent)
    report.attrs["notes"] = [name]
    write_page("page.html", {name: [name, tables.expenses(report)]}, title=name)
    text = Path("page.html").read_text(encoding="utf-8")
    assert not {*name} & {*text} - {*"evil"}
    # In title, heading, link and text; in the table with an element around the backslash.
    assert text.count(r"\u202eevil\x1b\x00\ufeff") >= 5
    assert text.count("u202eevil") >= 8


def test_a_page_loads_nothing_from_the_network() -> None:
    """A page loads no script, style, font or picture, and forbids the browser to."""
    write_page("page.html", {"Costs": [charts.expenses(spending())]}, title="June")
    text = Path("page.html").read_text(encoding="utf-8")
    assert not re.search(r"<(script|img|iframe)[^>]* src=|<link\b|@import", text)
    assert "default-src 'none'" in text


def test_demo_data_is_marked() -> None:
    """Where any table or chart shows demo data, the page says so at its top; words alone do not."""
    mark = '<p class="demo">Demo data: every figure is made up.</p>'
    write_page("page.html", {"Costs": [tables.expenses(spending("demo"))]}, title="June")
    assert mark in Path("page.html").read_text(encoding="utf-8")
    write_page("page.html", {"Costs": ["Demo data", tables.expenses(spending())]}, title="June")
    assert mark not in Path("page.html").read_text(encoding="utf-8")


def test_wrong_targets_and_items_are_refused(tmp_path: Path) -> None:
    """Another ending, a missing folder, no sections and another kind of item are errors; no file is left."""
    text = {"One": ["words"]}
    with pytest.raises(ValueError, match=r"the ending must be \.html"):
        write_page("page.pdf", text, title="June")
    with pytest.raises(ValueError, match="there is no folder 'nowhere'"):
        write_page("nowhere/page.html", text, title="June")
    with pytest.raises(ValueError, match="there are no sections"):
        write_page("page.html", {}, title="June")
    with pytest.raises(TypeError, match="not DataFrame"):
        write_page("page.html", {"One": [spending()]}, title="June")
    assert list(tmp_path.iterdir()) == []


def test_a_page_is_replaced_only_by_a_complete_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An error while writing leaves the page that was there, and nothing beside it."""
    write_page("page.html", {"One": ["old"]}, title="June")

    def full(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="disk full"):
        write_page("page.html", {"One": ["new"]}, title="June")
    assert "old" in (tmp_path / "page.html").read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_a_figure_stays_as_it_was() -> None:
    """Writing a figure changes nothing in it."""
    figure = charts.expenses(spending())
    before = figure.to_json()
    write_page("page.html", {"Costs": [figure]}, title="June")
    assert isinstance(figure, go.Figure)
    assert figure.to_json() == before


def test_a_part_of_a_report_says_so(tmp_path: Path) -> None:
    """On a page, too, the total of the first three rows of an aging is one of 3 of 34."""
    owed = pd.DataFrame({"id": [f"i{n}" for n in range(34)], "customer_id": [f"c{n:02}" for n in range(34)]})
    owed = owed.assign(status="open", amount_due=1.0, currency="USD", due_date=pd.Timestamp("2026-06-01"))
    aging = rf.reports.ar_aging(owed, "2026-06-30")
    for part, label in ((aging, "Total USD<"), (aging.head(3), "Total of 3 of 34 USD<")):
        write_page(tmp_path / "page.html", {"Aging": [tables.aging(part)]}, title="June")
        assert label in (tmp_path / "page.html").read_text("utf-8")
