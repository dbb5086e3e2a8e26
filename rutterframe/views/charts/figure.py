"""The figure that every chart is: plotly's own, which a notebook shows at once and in the page's colours."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from plotly import graph_objects as go
from plotly import io as pio

from rutterframe.views.charts.theme import themed

_MIMETYPE = "application/vnd.plotly.v1+json"
_RENDERERS = "plotly.io._renderers"
# Those of plotly's renderers that write nothing but `_MIMETYPE`.
_DIRECT = frozenset({"plotly_mimetype", "jupyterlab", "nteract", "vscode"})
# Where plotly knows of notebooks that need another renderer.
_ELSEWHERE = (
    "COLAB_NOTEBOOK_ID", "AZURE_NOTEBOOKS_HOST", "COCALC_PROJECT_ID", "DATABRICKS_RUNTIME_VERSION",
    "KAGGLE_KERNEL_RUN_TYPE",
)  # fmt: skip
# plotly 7 has a button that uploads a chart to its maker's servers: books are not to leave the page.
_CONFIG = {"displaylogo": False, "responsive": True, "showSendToCloud": False}


class ReportFigure(go.Figure):  # type: ignore[misc] # plotly has no type information
    """A plotly figure that a notebook draws in the colours of its theme.

    A notebook gets it without plotly's renderers, which take a second or more to import in a new session, and
    with a transparent background. With a renderer of the caller's choice (``plotly.io.renderers.default``,
    ``PLOTLY_RENDERER``), and in ``show``, ``to_html`` and ``write_image``, plotly draws it, on white.
    """

    def _repr_mimebundle_(self, *args: Any, **options: Any) -> dict[str, Any]:
        """Return the figure for a notebook."""
        if not _is_direct():
            bundle: dict[str, Any] = super()._repr_mimebundle_(*args, **options)
            return bundle
        return {_MIMETYPE: to_json(self), "text/plain": _summary(self)}

    def _ipython_display_(self) -> None:
        """Show the figure in a notebook."""
        if not _is_direct():
            super()._ipython_display_()
            return
        from IPython.display import display  # noqa: PLC0415 - in a notebook it is there already

        display(self._repr_mimebundle_(), raw=True)

    def _display_(self) -> go.Figure:
        """Return the figure for marimo, which would draw this one as it is, on white."""
        return go.Figure(themed(self.to_dict()))


def to_json(figure: go.Figure) -> dict[str, Any]:
    """Return a figure as plotly.js takes it: values of JSON, in the page's colours."""
    chart = {**themed(figure.to_dict()), "config": _CONFIG}
    written: dict[str, Any] = json.loads(str(pio.to_json(chart, validate=False, remove_uids=False)))
    return written


def to_html(figure: go.Figure, *, with_plotly: bool) -> str:
    """Return a figure as a part of an HTML page, in the page's colours.

    Parameters
    ----------
    figure : Figure
        The figure.
    with_plotly : bool
        Whether to include plotly.js, which the first figure of a page needs.
    """
    written: str = pio.to_html(
        themed(figure.to_dict()),
        config=_CONFIG,
        include_plotlyjs=with_plotly,
        include_mathjax=False,
        full_html=False,
        validate=False,
    )
    return written


def _summary(figure: go.Figure) -> str:
    """Return the title of a figure, for where no figure can be drawn."""
    title = figure.to_dict()["layout"].get("title", {}).get("text")
    return f"Chart: {title}" if title else "Chart"


def _is_direct() -> bool:
    """Return whether plotly would write `_MIMETYPE` and nothing else."""
    if (loaded := sys.modules.get(_RENDERERS)) is not None:
        return loaded.renderers.render_on_display and loaded.renderers.default in _DIRECT
    if setting := os.environ.get("PLOTLY_RENDERER"):
        return setting in _DIRECT
    if any(name in os.environ for name in _ELSEWHERE):
        return False
    return _is_kernel()


def _is_kernel() -> bool:
    """Return whether this is the kernel of a notebook."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and type(ipython.get_ipython()).__module__.startswith("ipykernel.")
