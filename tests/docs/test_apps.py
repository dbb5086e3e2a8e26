"""The apps of docs/howto/apps run on the demo, and show the figures of its books."""

from __future__ import annotations

import importlib.util
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import pytest

import rutterframe as rf

APPS = Path(rf.__file__).parent.parent / "docs/howto/apps"
pytestmark = pytest.mark.long


@pytest.fixture
def streamlit_app() -> Any:
    """Return Streamlit's app, run once."""
    testing = pytest.importorskip(
        "streamlit.testing.v1", reason="Streamlit is only in the lock of the site: make docs installs it"
    )
    return testing.AppTest.from_file(str(APPS / "streamlit_app.py"), default_timeout=120).run()


def text_of(html: str) -> str:
    """Return the text of a table, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def tables_of(app: Any) -> list[str]:
    """Return the tables of Streamlit's app as text."""
    return [text_of(html.proto.body) for html in app.get("html")]


def test_streamlit_follows_its_controls(streamlit_app: Any) -> None:
    """The app shows verdict and aging of all businesses, then of the business and the day that are chosen."""
    app = streamlit_app
    assert [*app.exception, *app.error, *app.warning] == []
    assert [each.value for each in app.success] == ["All 30 totals agree."]
    aging, summary = tables_of(app)
    assert "Total EUR 13,248.00 6,437.00 6,712.00 2,491.00 5,624.00 208.00 34,720.00 17" in aging
    assert "JPY – 208,600 113,280" in summary

    app.sidebar.selectbox[0].select("Roaster").run()
    assert [each.value for each in app.success] == ["All 11 totals agree."]
    assert "Total EUR" not in tables_of(app)[0]
    assert "Total USD 18,902.55 5,709.70 3,109.90" in tables_of(app)[0]

    app.sidebar.date_input[0].set_value(date(2026, 7, 31)).run()
    assert not app.exception
    assert "Receivables aging as of 2026-07-31" in tables_of(app)[0]


def test_streamlit_offers_the_workbook(streamlit_app: Any) -> None:
    """The button is named after the as-of date, and its function returns a workbook."""
    source = (APPS / "streamlit_app.py").read_text(encoding="utf-8")
    assert 'file_name=f"month-end-{books.as_of}.xlsx"' in source
    assert streamlit_app.get("download_button")[0].label == "Download the month end"
    with rf.demo() as client:
        books = rf.load_books(client.connection("roaster-quickbooks"), progress=False)
    function = re.search(r"def workbook.*?read_bytes\(\)\n", source, re.DOTALL)
    assert function is not None
    names: dict[str, Any] = {"rf": rf, "Path": Path, "tempfile": __import__("tempfile")}
    exec(function[0], names)  # noqa: S102 - the function of the page
    assert names["workbook"](books)[:2] == b"PK"


def test_marimo_runs() -> None:
    """The notebook runs as a script, with the verdict, a chart in the page's colours and the browser."""
    pytest.importorskip("marimo", reason="marimo is only in the lock of the site: make docs installs it")
    spec = importlib.util.spec_from_file_location("marimo_app", APPS / "marimo_app.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    outputs, names = module.app.run()
    assert names["month_end"].verdict == "All 30 totals agree."
    assert names["aging"].groupby("currency")["total"].sum().round(3).to_dict() == {
        "EUR": 34720.0, "GBP": 17673.0, "JPY": 208600.0, "KWD": 260.312, "USD": 46692.39,
    }  # fmt: skip
    assert "All 30 totals agree." in outputs[4].text
    browser = outputs[6].widget
    browser.selected = (0, "days_31_60")
    assert browser.documents["amount_due"].tolist() == [6712.0]
    assert "JPY – 208,600 113,280" in text_of(outputs[7].as_raw_html())


def test_quarto_document_runs() -> None:
    """The code of the document runs in a kernel, and what it shows needs no server."""
    source = (APPS / "month_end.qmd").read_text(encoding="utf-8")
    codes = re.findall(r"```\{python\}\n(.*?)```", source, re.DOTALL)
    cells = [{"cell_type": "code", "source": code, "metadata": {}, "outputs": []} for code in codes]
    document = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}
    notebook = nbformat.reads(json.dumps(document), as_version=4)  # type: ignore[no-untyped-call]
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    displayed = [output["data"] for cell in notebook.cells for output in cell.outputs if "data" in output]
    assert displayed[0]["text/markdown"] == "Roaster as of 2026-06-30:\n\n- All 11 totals agree."
    html = [data["text/html"] for data in displayed if "text/html" in data]
    assert "Total USD 18,902.55 5,709.70 3,109.90" in text_of(html[1])
    assert [address for each in html for address in re.findall(r"""src=["']https?://""", each)] == []
    assert [("Plotly.newPlot(" in each, len(each) > 1_000_000) for each in html[2:3]] == [(True, True)]
