"""How a notebook gets a chart: in the colours of its theme, and without plotly's renderers."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import Any

import plotly.io as pio
import pytest
from plotly import graph_objects as go

from rutterframe.views import charts
from rutterframe.views.charts import figure as figures
from rutterframe.views.charts import theme
from tests.views.test_charts import FETCHED, MONTHS, aged, concentrated, forecast, revenue_rows


def written_for_notebook(figure: go.Figure) -> dict[str, Any]:
    """Return what a notebook gets."""
    written: dict[str, Any] = figure._repr_mimebundle_()["application/vnd.plotly.v1+json"]
    return written


@pytest.fixture
def _in_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let plotly take this process for a notebook."""
    monkeypatch.setenv("PLOTLY_RENDERER", "plotly_mimetype")
    monkeypatch.delitem(sys.modules, "plotly.io._renderers", raising=False)


def test_marimo_gets_the_colours_of_its_page() -> None:
    """The figure that marimo displays has a clear background and texts in the page's colour."""
    displayed = charts.aging(aged("USD JPY USD JPY"))._display_().to_dict()
    assert displayed["layout"]["template"]["layout"]["paper_bgcolor"] == "rgba(0,0,0,0)"
    assert "var(--foreground, #767676)" in displayed["layout"]["title"]["text"]


@pytest.mark.usefixtures("_in_notebook")
def test_every_text_follows_the_theme() -> None:
    """In a notebook all texts have the page's colour, the background is clear; the figure stays as it was."""
    frame = aged("USD JPY USD JPY")
    frame.attrs["sources"] = [FETCHED | {"environment": "demo"}]
    for figure in (
        charts.aging(frame),
        charts.cash_forecast(forecast()),
        charts.revenue(revenue_rows(period=MONTHS * 2)),
    ):
        before = figure.to_dict()
        written = written_for_notebook(figure)
        layout = written["layout"]
        axes = [value for name, value in layout.items() if name[1:5] == "axis"]
        assert len(axes) >= 2
        written_texts = [layout["title"]["text"], layout["title"]["subtitle"]["text"]]
        written_texts += [note["text"] for note in layout["annotations"]]
        written_texts += [axis["title"]["text"] for axis in axes if "title" in axis]
        written_texts += [text for axis in axes for text in axis.get("ticktext", [axis.get("tickprefix")])]
        written_texts += [trace["name"] for trace in written["data"] if "name" in trace]
        written_texts += [text for trace in written["data"] for text in trace.get("text", [])]
        assert [
            text for text in written_texts if not text.startswith('<span style="color:var(--vscode')
        ] == []
        assert layout["template"]["layout"]["paper_bgcolor"] == "rgba(0,0,0,0)"
        assert figure.to_dict() == before
    assert (
        "color-mix(in srgb, #B34700 60%"
        in written_for_notebook(charts.aging(frame))["layout"]["title"]["subtitle"]["text"]
    )


@pytest.mark.usefixtures("_in_notebook")
def test_a_chart_has_no_button_that_uploads_it() -> None:
    """Neither in a notebook nor on a page plotly shows its button that sends a chart to other servers."""
    chart = charts.aging(aged())
    assert written_for_notebook(chart)["config"]["showSendToCloud"] is False
    assert '"showSendToCloud": false' in figures.to_html(chart, with_plotly=False)


@pytest.mark.usefixtures("_in_notebook")
def test_the_pointer_shows_plain_texts() -> None:
    """The label at the pointer has a background of its own: there no text has the colour of the page."""
    trace = written_for_notebook(charts.aging(aged()))["data"][0]
    assert trace["meta"] == ["Current"]
    assert trace["customdata"] == [["200"], ["100"], ["300"], ["No customer"]]
    assert trace["hovertemplate"] == "%{customdata[0]}<br>%{x:(,.2f} USD<br>%{meta[0]}<extra></extra>"
    share, _ = written_for_notebook(charts.concentration(concentrated(), {"100": "Acme"}))["data"]
    assert share["customdata"] == ["Acme", "No customer"]
    assert share["hovertemplate"] == "%{customdata}<br>%{y:(.1%}<br>%{meta[0]}<extra></extra>"


@pytest.mark.usefixtures("_in_notebook")
@pytest.mark.parametrize(
    "change",
    [{"paper_bgcolor": "ivory"}, {"template": "plotly_dark"}, {"font_color": "#333333"}],
    ids=["background", "template", "font"],
)
def test_colours_of_the_caller_stay(change: dict[str, Any]) -> None:
    """A figure to which the caller gave a background, a font's colour or a template is drawn with it."""
    figure = charts.aging(aged()).update_layout(**change)
    assert written_for_notebook(figure)["layout"]["title"]["text"] == "Receivables aging as of 2026-06-30"


@pytest.mark.usefixtures("_in_notebook")
def test_a_figure_of_ones_own_follows_the_theme() -> None:
    """A figure that is drawn with the charts' template becomes one that follows the theme."""
    own = go.Figure(go.Bar(x=["a"], y=[1], name="One"), {"template": charts.TEMPLATE})
    assert written_for_notebook(charts.ReportFigure(own))["data"][0]["name"].startswith("<span")
    assert (
        written_for_notebook(charts.ReportFigure(go.Figure(go.Bar(x=["a"], y=[1], name="One"))))["data"][0][
            "name"
        ]
        == "One"
    )


@pytest.mark.usefixtures("_in_notebook")
def test_where_no_chart_can_be_drawn_its_title_stands() -> None:
    """Beside the figure there is a line of text, for where no front end draws it."""
    assert (
        charts.aging(aged())._repr_mimebundle_()["text/plain"] == "Chart: Receivables aging as of 2026-06-30"
    )
    assert charts.ReportFigure()._repr_mimebundle_()["text/plain"] == "Chart"


@pytest.mark.slow
def test_a_renderer_of_the_caller_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """With another renderer, by setting or by code, plotly itself writes what a notebook gets."""
    monkeypatch.setenv("PLOTLY_RENDERER", "json")
    monkeypatch.delitem(sys.modules, "plotly.io._renderers", raising=False)
    assert not figures._is_direct()
    monkeypatch.setattr(pio.renderers, "default", "json")
    (bundle,) = charts.aging(aged())._repr_mimebundle_().items()
    assert bundle[0] == "application/json"
    assert bundle[1]["layout"]["title"]["text"] == "Receivables aging as of 2026-06-30"
    monkeypatch.setattr(pio.renderers, "default", "plotly_mimetype")
    assert figures._is_direct()


def test_a_caller_who_wants_no_display_gets_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With `render_on_display` off a notebook shows the text of a figure, as of any other of plotly."""
    monkeypatch.setattr(pio.renderers, "render_on_display", False)
    charts.aging(aged())._ipython_display_()
    assert capsys.readouterr().out.startswith("ReportFigure({")


@pytest.mark.parametrize("place", ["COLAB_NOTEBOOK_ID", "DATABRICKS_RUNTIME_VERSION"])
def test_other_notebooks_get_what_plotly_has_for_them(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a notebook is of a kind that needs a renderer of its own, plotly chooses it."""
    monkeypatch.delitem(sys.modules, "plotly.io._renderers", raising=False)
    monkeypatch.delenv("PLOTLY_RENDERER", raising=False)
    monkeypatch.setattr(figures, "_is_kernel", lambda: True)
    assert figures._is_direct()
    monkeypatch.setenv(place, "1")
    assert not figures._is_direct()


@pytest.mark.slow
def test_a_notebook_shows_a_chart_without_plotlys_renderers() -> None:
    """In a kernel the first chart needs neither plotly's renderers nor nbformat, which are slow to import."""
    code = """if True:
        import sys
        from IPython.core.interactiveshell import InteractiveShell
        from IPython.utils.capture import capture_output
        class Shell(InteractiveShell):
            pass
        Shell.__module__ = "ipykernel.zmqshell"
        shell = Shell.instance()
        import pandas as pd
        import rutterframe as rf
        from rutterframe.views import charts
        spent = pd.DataFrame({"category": ["Rent"], "currency": "EUR", "amount": [900.0]})
        with capture_output() as output:
            charts.expenses(rf.reports.expenses_by_category(spent))._ipython_display_()
        print(*output.outputs[0].data)
        slow = ("plotly.io._renderers", "nbformat", "plotly.express")
        print([name for name in slow if name in sys.modules])
    """
    clean = {name: value for name, value in os.environ.items() if name != "PLOTLY_RENDERER"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=clean)
    assert done.stdout.splitlines() == ["application/vnd.plotly.v1+json text/plain", "[]"]


def test_edges_and_marks_can_be_seen_on_any_page() -> None:
    """Edges of bars, crosses and lines have a contrast of 3 or more with white and JupyterLab's black."""
    for colour in (theme.MARK, theme.ALARM, "#0072B2"):
        assert all(contrast(colour, page) >= 3 for page in ("#FFFFFF", "#111111")), colour


def test_a_picture_can_be_read_on_any_page() -> None:
    """In a saved picture, which follows no theme, text is of the grey that is legible on white and black."""
    (text,) = re.findall(r"#[0-9A-F]{6}", theme._TEXT)
    assert contrast(text, "#FFFFFF") >= 4.5
    assert contrast(text, "#111111") >= 4.1
    # No grey has 4.5 on both.
    greys = [f"#{part:02X}{part:02X}{part:02X}" for part in range(256)]
    assert max(min(contrast(grey, page) for page in ("#FFFFFF", "#111111")) for grey in greys) < 4.5


def contrast(first: str, second: str) -> float:
    """Return the contrast of two colours as WCAG 2.2 defines it."""
    sizes = sorted(luminance(colour) + 0.05 for colour in (first, second))
    return sizes[1] / sizes[0]


def luminance(colour: str) -> float:
    """Return how light a colour is."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
