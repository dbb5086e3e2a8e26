"""Draw cash over time: flows as columns and levels as lines, from the opening to the closing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from rutterframe.reports.describe import columns_of
from rutterframe.reports.specs import ORIGINAL
from rutterframe.views.charts import panels, theme
from rutterframe.views.charts.bars import EDGE
from rutterframe.views.charts.figure import ReportFigure
from rutterframe.views.charts.panels import units
from rutterframe.views.format import BLANK, amount, plotly_format
from rutterframe.views.layout import in_ticks

_IN, _OUT, _LEVEL, _OTHER = "#009E73", "#E69F00", "#0072B2", "#CC79A7"
# Transfers between own accounts are figure where they do not cancel out: on their way over a day's end.
_OWN = ("inflow", "outflow")
_FLOWS = {"inflow": _IN, "outflow": _OUT, "transfers": _OTHER}
# What the levels of a forecast look like: what is invoiced, and that with the usual flows.
_LEVELS = {
    "closing": {"colour": _LEVEL, "dash": "solid"},
    "closing_with_usual": {"colour": _OTHER, "dash": "dash"},
}
_WEEK = 7 * 24 * 3600 * 1000  # in the milliseconds of plotly's time axes
# Columns of single days cannot be seen any more beyond this many.
_MOST_DAYS = 92
_Side = tuple[Any, Any, float, float]
_Parts = dict[str, tuple[str, pd.DataFrame]]


def history(report: pd.DataFrame) -> ReportFigure:
    """Draw the balance of each day from its opening to its closing, and what flowed in and out."""
    parts = _parts(report, _all_days)
    span = report["date"].max() - report["date"].min() if len(report) else pd.Timedelta(0)
    monthly = span.days > _MOST_DAYS
    per = " per month" if monthly else " per day"
    moved = {name: colour for name, colour in _FLOWS.items() if name in _OWN or _moves(report, name)}
    bars = {name: f"{name.capitalize()}{per}" for name in moved}
    canvas = _canvas(report, parts, [*bars.values(), "Opening", "Balance", "Closing"], ("balance", *moved))
    sides: list[_Side] = []
    for place, (currency, part) in enumerate(parts.values()):
        start = part["date"].dt.to_period("M").dt.start_time if monthly else part["date"]
        flows = part.groupby(start)[list(moved)].sum()
        wide = {"xperiod": "M1", "xperiodalignment": "middle"} if monthly else {}
        for column, colour in moved.items():
            bar = _bar(flows.index.tolist(), units(flows[column]), colour) | wide
            _add(canvas, place, currency, bars[column], bar)
        days, balances = part["date"].tolist(), units(part["balance"])
        before = (days[0] - pd.Timedelta(days=1), units(pd.Series([_before(part.iloc[0])], dtype=object))[0])
        # Between two days with transactions the balance stands still.
        line = {"color": _LEVEL, "width": 2, "shape": "hv"}
        level = {"type": "scatter", "mode": "lines", "line": line}
        _add(canvas, place, currency, "Opening", _end(*before, currency, opening=True))
        _add(
            canvas,
            place,
            currency,
            "Balance",
            {**level, "x": [before[0], *days], "y": [before[1], *balances]},
        )
        _add(canvas, place, currency, "Closing", _end(days[-1], balances[-1], currency))
        sides.append((before[0], days[-1], _width(before[1], currency), _width(balances[-1], currency)))
    return _with_margins(canvas, sides)


def forecast(report: pd.DataFrame) -> ReportFigure:
    """Draw the weeks: what comes in and goes out in each, and the cash before the first and after each.

    A report with a run rate has a second line: the cash if the usual flows go on, too.
    """
    parts = _parts(report, _all_weeks)
    lines = [column for column in columns_of(report) if column.name in _LEVELS]
    names = ["Receipts", "Payments", "Opening", *(column.label for column in lines)]
    levels = [column.name for column in lines]
    canvas = _canvas(report, parts, names, ("opening", *levels, "receipts", "payments"))
    sides: list[_Side] = []
    for place, (currency, part) in enumerate(parts.values()):
        starts = part["week_start"].tolist()
        middle = {"xperiod": _WEEK, "xperiodalignment": "middle", "xperiod0": starts[0]}
        for name, flow, colour in zip(names, ("receipts", "payments"), (_IN, _OUT), strict=False):
            _add(canvas, place, currency, name, _bar(starts, units(part[flow]), colour) | middle)
        opening = units(part["opening"])[0]
        ends = [start + pd.Timedelta(weeks=1) for start in starts]
        _add(canvas, place, currency, "Opening", _end(starts[0], opening, currency, opening=True))
        widest = 0.0
        lasts = {name: units(part[name].tail(1))[0] for name in levels}
        highest = max((size for size in lasts.values() if size is not None), default=None)
        for column in lines:
            closings = units(part[column.name])
            line = _level([starts[0], *ends], [opening, *closings], **_LEVELS[column.name])
            _add(canvas, place, currency, column.label, line)
            # The lower of two amounts stands below its line, so that both can be read.
            side = "top right" if lasts[column.name] == highest else "bottom right"
            text = {"mode": "text", "hoverinfo": "skip", "showlegend": False, "textposition": side}
            canvas.add(place, **_end(ends[-1], closings[-1], currency) | text)
            widest = max(widest, _width(closings[-1], currency))
        sides.append((starts[0], ends[-1], _width(opening, currency), widest))
        if len(part) <= 13:
            days = [start.strftime("%d %b") for start in starts[::2]]
            canvas.xaxis(place).update(tickvals=starts[::2], ticktext=days)
    return _with_margins(canvas, sides)


def _bar(days: list[Any], amounts: list[float | None], colour: str) -> dict[str, Any]:
    """Draw a flow as columns."""
    return {"type": "bar", "x": days, "y": amounts, "marker": {**EDGE, "color": colour}}


def _level(days: list[Any], amounts: list[float | None], *, colour: str, dash: str) -> dict[str, Any]:
    """Draw a level of the cash through the ends of the weeks; one below zero is a cross."""
    below = [amount is not None and amount < 0 for amount in amounts]
    marker = {
        "size": [0, *[9 if each else 7 for each in below[1:]]],
        "opacity": 1,
        "symbol": ["x" if each else "circle" for each in below],
        "color": [theme.ALARM if each else colour for each in below],
    }
    line = {"color": colour, "dash": dash}
    return {
        "type": "scatter",
        "x": days,
        "y": amounts,
        "mode": "lines+markers",
        "line": line,
        "marker": marker,
    }


def _parts(report: pd.DataFrame, together: Any) -> _Parts:
    """Return the currency and rows of each panel; converted rows have one for all and one for each origin."""
    parts: _Parts = {}
    for code, part in in_ticks(report).groupby("currency", sort=False):
        currency = str(code)
        if ORIGINAL not in part:
            parts[currency] = (currency, part)
            continue
        part[ORIGINAL] = part[ORIGINAL].fillna("no currency")
        origins = {str(origin): each for origin, each in part.groupby(ORIGINAL, sort=False)}
        if len(origins) > 1:
            parts[f"{currency}, all together"] = (currency, together(part))
        parts |= {
            f"{currency}, converted from {origin}": (currency, each) for origin, each in origins.items()
        }
    return parts


def _all_weeks(part: pd.DataFrame) -> pd.DataFrame:
    """Add up the weeks of several currencies that were converted to one."""
    names = [name for name in ("opening", "receipts", "payments", *_LEVELS) if name in part]
    return part.groupby("week_start")[names].sum().reset_index()


def _all_days(part: pd.DataFrame) -> pd.DataFrame:
    """Add up the days of several currencies that were converted to one; a balance stands until it changes."""
    flows = part.groupby("date")[[name for name in _FLOWS if name in part]].sum()
    balances = part.pivot_table(index="date", columns=ORIGINAL, values="balance", aggfunc="last")
    balances = balances.ffill()
    for origin, each in part.groupby(ORIGINAL):
        balances[origin] = balances[origin].fillna(_before(each.iloc[0]))
    return flows.assign(balance=balances.sum(axis=1)).reset_index()


def _moves(report: pd.DataFrame, name: str) -> bool:
    return name in report and bool((report[name].fillna(0) != 0).any())


def _before(first: pd.Series[Any]) -> Any:
    """Return the balance before the first day, in ticks."""
    return first["balance"] - sum(first[name] for name in _FLOWS if name in first)


def _canvas(report: pd.DataFrame, parts: _Parts, legend: list[str], columns: Sequence[str]) -> panels.Canvas:
    """Return a canvas with a panel for each part, with space for its longest amount."""
    amounts = (size for _, part in parts.values() for name in columns for size in units(part[name].dropna()))
    widest = max((f"({size:,.0f})" for size in amounts), key=len, default="")
    canvas = panels.Canvas(
        report,
        list(parts),
        heights=[panels.PANEL] * max(len(parts), 1),
        left=panels.width_of(widest) + 62,
        legend=legend,
    )
    for place, (currency, _) in enumerate(parts.values()):
        panels.money_axis(canvas.yaxis(place), currency)
    return canvas


def _add(canvas: panels.Canvas, place: int, currency: str, name: str, trace: Mapping[str, Any]) -> None:
    """Add a trace to its panel, with its amounts under the pointer; the legend names it once."""
    form = plotly_format(currency)
    hover = f"%{{x|%Y-%m-%d}}<br>%{{y:{form}}} {panels.safe([currency])[0]}<extra>%{{fullData.name}}</extra>"
    canvas.add(place, **trace, name=name, legendgroup=name, hovertemplate=hover, showlegend=not place)


def _end(x: Any, y: float | None, currency: str, *, opening: bool = False) -> dict[str, Any]:
    """Return a mark where the level begins or ends, with its amount."""
    text = f"<b>\N{NO-BREAK SPACE}{_written(y, currency)}\N{NO-BREAK SPACE}</b>"
    symbol = {"symbol": "circle-open" if opening else "circle", "size": 9, "color": theme.MARK}
    side = "top left" if opening else "top right"
    options = {"mode": "markers+text", "marker": symbol, "textposition": side, "cliponaxis": False}
    return {"type": "scatter", "x": [x], "y": [y], "text": [text], **options}


def _written(y: float | None, currency: str) -> str:
    # The dash that stands for zero in a table would be a stray line here.
    return BLANK if y is None else amount(y, currency) if y else "0"


def _width(y: float | None, currency: str) -> float:
    return panels.width_of(_written(y, currency)) + 24


def _with_margins(canvas: panels.Canvas, sides: Sequence[_Side]) -> ReportFigure:
    """Set one range of time in all panels, with space at both sides for the amounts written there."""
    if sides:
        starts, ends, before, after = zip(*sides, strict=True)
        pixel = (max(ends) - min(starts)) / (760 - max(before) - max(after))
        span = [min(starts) - max(before) * pixel, max(ends) + max(after) * pixel]
        for place in range(len(sides)):
            canvas.xaxis(place)["range"] = span
    canvas.layout["barmode"] = "relative"
    return canvas.figure()
