"""Show the outputs of notebooks without a request: a local plotly.js, and what stands for a widget."""

from __future__ import annotations

import html
import json
import re
import shutil
from importlib.resources import files
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from links import BINDER
from myst_nb.core.render import MimeData, NbElementRenderer
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx

_PLOTLY = "application/vnd.plotly.v1+json"
_WIDGET = "application/vnd.jupyter.widget-view+json"
#: What stands in a saved notebook in place of a widget: its class and its state in a line.
_CONTROLS = re.compile(r"<(ConnectionPicker|Dashboard|ReportBrowser): ")
_PROGRESS = re.compile(r"^[\w ]+: [\d,]+ pages \[")
_PLACE = "rf-chart"


class Outputs:
    """What myst-nb asks for each output of a cell."""

    # Without the view of a widget, the text or the HTML that stands for it is what is left of an output.
    mime_priority_overrides: ClassVar = [("html", _PLOTLY, 1), ("html", _WIDGET, None)]

    @staticmethod
    def handle_mime(renderer: NbElementRenderer, data: MimeData, inline: bool) -> list[nodes.Node] | None:
        """Return the nodes of an output, or None where it is shown as it is."""
        if inline:
            return None
        if data.mime_type == _PLOTLY:
            return [_raw(_chart(data.content))]
        if data.mime_type == "text/plain":
            if _PROGRESS.match(data.string):
                return [_raw("")]  # Sphinx expects a node
            if match := _CONTROLS.match(data.string):
                notebook = Path(renderer.renderer.document["source"]).name
                return [_raw(_without_controls(match[1], notebook))]
        if data.mime_type == "text/html" and "<summary>As it was when this cell ran" in data.string:
            return [_raw(data.string.replace("<details>", "<details open>", 1))]
        return None


def _raw(text: str) -> nodes.raw:
    return nodes.raw("", text, format="html")


def _chart(figure: Any) -> str:
    """Return the place of a chart, with its data, which charts.js draws when it comes into view."""
    content = json.loads(figure) if isinstance(figure, str | bytes) else figure
    layout = content["layout"]
    title = layout.get("title", {}).get("text", "")
    label = html.escape(re.sub("<[^>]+>", "", title) or "Chart")
    data = json.dumps(content, separators=(",", ":")).replace("</", "<\\/")
    height = int(layout.get("height", 450))
    return (
        f'<div class="{_PLACE}" role="img" aria-label="{label}" style="min-height:{height}px">'
        f'<script type="application/json">{data}</script><noscript>Chart: {label}</noscript></div>'
    )


def _without_controls(widget: str, notebook: str) -> str:
    """Return the note in place of a widget, which has no kernel here."""
    return (
        f'<p class="rf-widget">Here stands the widget <code>{widget}</code>, which needs a running kernel: '
        f'<a class="reference external" href="{BINDER}{html.escape(notebook)}">open this notebook in '
        "Binder</a>, or <code>make lab</code>.</p>"
    )


def _drop_state(app: Sphinx, _: nodes.document) -> None:
    """Leave out the state of a page's widgets, which nothing on the page reads."""
    NbMetadataCollector.get_js_files(app.env, app.env.docname).pop("ipywidgets_state", None)


def _add_scripts(app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: Any) -> None:
    """Load charts.js, which loads plotly.js, on pages that have a chart."""
    if f'class="{_PLACE}"' in context.get("body", ""):
        app.add_js_file("charts.js", loading_method="defer")


def _copy_plotly(app: Sphinx, error: Exception | None) -> None:
    """Serve the plotly.js that the Python package brings, once for all pages."""
    if error is None and app.builder.format == "html":
        script = files("plotly") / "package_data" / "plotly.min.js"
        shutil.copy(str(script), Path(app.outdir) / "_static" / "plotly.min.js")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the scripts of charts."""
    app.connect("doctree-read", _drop_state)
    app.connect("html-page-context", _add_scripts)
    app.connect("build-finished", _copy_plotly)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
