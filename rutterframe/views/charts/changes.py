"""Draw what changed: a bar to the right for what grew, and one to the left for what shrank."""

from __future__ import annotations

from typing import Any

import pandas as pd

from rutterframe.reports.describe import columns_of, read_report
from rutterframe.reports.labels import label_keys, label_rows
from rutterframe.reports.specs import ORIGINAL, SPECS
from rutterframe.views.charts import panels, theme
from rutterframe.views.charts.bars import EDGE, pattern
from rutterframe.views.charts.figure import ReportFigure
from rutterframe.views.format import amount, day, percent, plotly_format
from rutterframe.views.layout import arrange, choose_columns, in_ticks

_LABEL = "_label"
# The width of a chart without its margins, in pixels, as `panels` assumes it.
_WIDTH = 830
_UP, _DOWN = theme.PALETTE[0], theme.PALETTE[1]


def change(report: pd.DataFrame, *, max_rows: int = 10) -> ReportFigure:
    """Draw the largest changes of the last period that is compared with another.

    Parameters
    ----------
    report : DataFrame
        The result of `change`, on pandas; of another period, pass the rows up to it.
    max_rows : int
        How many of the largest changes, up or down, to draw for each currency; the rest is one bar.

    Returns
    -------
    ReportFigure
        The figure, which a notebook shows.

    Raises
    ------
    ValueError
        If it is another report.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> days = pd.to_datetime(["2026-05-31", "2026-06-30"])
    >>> spent = pd.DataFrame({"category": "Rent", "currency": "EUR", "amount": [900.0, 990.0], "date": days})
    >>> by_month = rf.reports.expenses_by_category(spent, period="month")
    >>> figure = change(rf.reports.change(by_month, as_of="2026-06-30"))
    >>> figure.data[0].x, figure.data[0].text
    ((90.0,), ('90.00, 10.0%',))
    """
    report = read_report(report, "change", needs=("change_share",))
    compared = report[report["change"].notna()]
    last = compared["period"].max()
    rows = compared[compared["period"] == last]
    rows.attrs = {name: value for name, value in report.attrs.items() if not str(name).startswith("rows")}
    parts = _largest(rows, max_rows)
    labels = [panels.short(label) for part in parts.values() for label in part[_LABEL]]
    canvas = panels.Canvas(
        rows,
        list(parts),
        heights=[(len(part) + 1) * panels.BAR for part in parts.values()] or [panels.PANEL],
        left=max(map(panels.width_of, labels), default=60.0) + 30,
    )
    what = str(report.attrs.get("amount", "amount")).replace("_", " ")
    period = day(last, str(report.attrs.get("period", ""))) if len(rows) else ""
    for place, (currency, part) in enumerate(parts.items()):
        bars = _bars(part, currency)
        canvas.add(place, **bars)
        axis = canvas.xaxis(place)
        panels.money_axis(axis, currency, f"Change of {what} in {period}")
        axis["range"] = _range(bars["x"], bars["text"], _WIDTH - max(map(panels.width_of, labels)))
        names = panels.safe(part[_LABEL])
        ticks = {"tickvals": names, "ticktext": [*map(panels.short, part[_LABEL])]}
        canvas.yaxis(place).update(autorange="reversed", type="category", **ticks)
    return canvas.figure()


def _range(sizes: list[float], texts: list[str], width: float) -> list[float]:
    """Return the range of an axis of some width with space for the texts at the ends of the bars."""
    low, high = min(0.0, *sizes), max(0.0, *sizes)
    text = max(map(panels.width_of, texts)) + 12
    sides = (low < 0) + (high > 0)
    space = (high - low or 1.0) * text / max(width - sides * text, text)
    return [low and low - space, (high or not sides) and high + space]


def _largest(rows: pd.DataFrame, max_rows: int) -> dict[str, pd.DataFrame]:
    """Return the rows of each currency in ticks, with labels; what is beyond the limit is one row."""
    _, keys = choose_columns(rows)
    ticks = in_ticks(rows)
    frame = label_keys(ticks, keys, short=True)
    frame[_LABEL] = label_rows(ticks, keys, short=True)
    if ORIGINAL in frame:
        original = frame[ORIGINAL].fillna("no currency")
        frame[_LABEL] = [f"{label} ({code})" for label, code in zip(frame[_LABEL], original, strict=True)]
    spec = SPECS["change"]
    limited = {}
    for currency, part in frame.groupby("currency", sort=False):
        # Converted rows of several currencies are ranked together.
        size = part["change"].astype(object).map(abs)
        ordered = part.assign(_size=size).sort_values("_size", ascending=False, kind="stable")
        ordered = ordered.drop(columns=["_size", *([ORIGINAL] if ORIGINAL in part else [])])
        limited[str(currency)] = arrange(ordered, spec, max_rows, key=_LABEL, columns=columns_of(rows))
    return limited


def _bars(part: pd.DataFrame, currency: str) -> dict[str, Any]:
    """Return the bars of a currency: those that shrank have another colour, and a pattern."""
    sizes = panels.units(part["change"])
    texts = [
        amount(size, currency) + ("" if not size or pd.isna(share) or share == "" else f", {percent(share)}")
        for size, share in zip(sizes, part["change_share"].tolist(), strict=True)
    ]
    up = [(size or 0) >= 0 for size in sizes]
    shapes = [pattern(0 if grew else 1)["shape"] for grew in up]
    form = plotly_format(currency)
    return {
        "type": "bar",
        "orientation": "h",
        "name": "Change",
        "x": sizes,
        "y": panels.safe(part[_LABEL]),
        "text": texts,
        "textposition": "outside",
        "cliponaxis": False,
        "marker": {
            **EDGE,
            "color": [_UP if grew else _DOWN for grew in up],
            "pattern": {"shape": shapes, "size": 7, "fillmode": "overlay"},
        },
        "hovertemplate": f"%{{y}}<br>%{{x:{form}}} {panels.safe([currency])[0]}<extra></extra>",
        "showlegend": False,
    }
