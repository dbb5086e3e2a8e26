"""The picture of the comparison: a panel for each topic, a bar for each tool."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from benchmarks.peers.figures import Figures

PICTURE = Path(__file__).resolve().parent.parent / "peers.png"
OURS, PEERS, BOUND, INK = "#0b6e8f", "#b9c4cc", "#e3e8eb", "#24313a"
WIDTH, HEIGHT, COLUMNS = 1100, 720, 3


def short(value: float, unit: str) -> str:
    """Return a speed with three digits (12.3 M, 945 k), or megabytes unchanged."""
    if unit.startswith("MB"):
        return f"{value:,.0f} MB"
    for size, letter in ((1e6, " M"), (1e3, " k")):
        if value >= size:
            return f"{value / size:.{max(0, 2 - len(str(int(value / size))) + 1)}f}{letter}"
    return f"{value:.0f}"


def better(unit: str) -> str:
    """Return whether more or less is better."""
    return "less is better" if unit.startswith("MB") else "more is better"


def colour(name: str) -> str:
    """Return the colour of rutterframe, of a peer or of the lower bound."""
    if name.startswith("rutterframe"):
        return OURS
    return BOUND if name == "bytes only" else PEERS


def bars(panel: Figures, names: Sequence[str]) -> go.Bar:
    """Draw a panel's bars, the first tool on top; a tool that has no figure has no bar."""
    order = list(reversed(names))
    values = [panel.values.get(name) for name in order]
    return go.Bar(
        x=values,
        y=order,
        orientation="h",
        marker={"color": [colour(name) for name in order]},
        text=["" if value is None else short(value, panel.unit) for value in values],
        textposition="outside",
        cliponaxis=False,
        showlegend=False,
    )


def figure(rows: Sequence[Sequence[Figures]]) -> go.Figure:
    """Lay out the panels: each row has one list of tools."""
    titles = [f"<b>{panel.title}</b><br>{panel.unit}, {better(panel.unit)}" for row in rows for panel in row]
    chart = make_subplots(
        len(rows), COLUMNS, subplot_titles=titles, horizontal_spacing=0.05, vertical_spacing=0.13
    )
    for line, row in enumerate(rows, 1):
        names = list(dict.fromkeys(name for panel in row for name in panel.values))
        for column, panel in enumerate(row, 1):
            chart.add_trace(bars(panel, names), line, column)
            chart.update_xaxes(
                visible=False, range=[0, max(panel.values.values()) * 1.3], row=line, col=column
            )
            chart.update_yaxes(showticklabels=column == 1, row=line, col=column)
    chart.update_annotations(font={"size": 14, "color": INK})
    chart.update_layout(
        width=WIDTH,
        height=HEIGHT,
        template="plotly_white",
        font={"family": "Arial, sans-serif", "size": 13, "color": INK},
        margin={"l": 200, "r": 20, "t": 70, "b": 20},
        bargap=0.3,
    )
    chart.update_yaxes(showgrid=False, zeroline=False, ticks="outside", ticklen=5, tickcolor="white")
    return chart


def draw(rows: Sequence[Sequence[Figures]], target: Path) -> None:
    """Write the picture (through kaleido, with the Chromium it finds)."""
    figure(rows).write_image(target, scale=2)
