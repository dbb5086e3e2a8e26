"""Draw reports on time as bars: days outstanding, days to pay, and the weeks that the cash lasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from rutterframe.reports.describe import columns_of, read_report
from rutterframe.reports.labels import Names, label_rows
from rutterframe.views.charts import panels, theme
from rutterframe.views.charts.bars import EDGE, pattern
from rutterframe.views.charts.figure import ReportFigure
from rutterframe.views.format import BLANK, duration
from rutterframe.views.layout import choose_columns, in_ticks

_USUAL = "weeks_with_usual"
_NO_CURRENCY = "No currency"


def days_outstanding(report: pd.DataFrame) -> ReportFigure:
    """Draw the days sales or payables outstanding: a bar for each connection and currency.

    Parameters
    ----------
    report : DataFrame
        The result of `dso` or `dpo`, on pandas. Days have no currency, so all bars have one axis.

    Returns
    -------
    ReportFigure
        The figure, which a notebook shows.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> invoices = pd.DataFrame({"id": ["a"], "status": "open", "currency": "USD", "total_amount": 70.0,
    ...                          "issue_date": [pd.Timestamp("2026-06-10")], "amount_due": 70.0,
    ...                          "payments": None})
    >>> days_outstanding(rf.reports.dso(invoices, "2026-06-30")).data[0].x
    (90.0,)
    """
    report = read_report(report, "dso", "dpo")
    name = str(report.attrs["report"])
    return _days(report, {name: f"{name.upper()}, days"}, report, None)


def days_to_pay(report: pd.DataFrame, names: Names = None, *, max_rows: int = 10) -> ReportFigure:
    """Draw how long documents took to be paid: the weighted mean and the median of each row.

    Parameters
    ----------
    report : DataFrame
        The result of `days_to_pay`, on pandas.
    names : mapping or DataFrame, optional
        Names by id, such as the frame of the customers.
    max_rows : int
        How many to draw for each currency, those with the largest amounts; a mean of the others would mean
        nothing, so that they are left out, and the axis says so.

    Returns
    -------
    ReportFigure
        The figure, which a notebook shows.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> paid = [[{"date": pd.Timestamp("2026-06-15"), "amount": 70.0}]]
    >>> invoices = pd.DataFrame({"id": ["a"], "status": "paid", "currency": "USD", "total_amount": 70.0,
    ...                          "issue_date": [pd.Timestamp("2026-06-10")], "customer_id": "c",
    ...                          "payments": paid})
    >>> days_to_pay(rf.reports.days_to_pay(invoices)).data[0].x
    (5.0,)
    """
    report = read_report(report, "days_to_pay", needs=("median_days", "amount"))
    if max_rows < 1:
        raise ValueError(f"max_rows={max_rows} is not a valid number of rows (expected 1 or more)")
    largest = report.sort_values("amount", ascending=False, kind="stable")
    part = largest.groupby(largest["currency"].fillna(""), sort=False).head(max_rows).sort_index()
    return _days(report, {"weighted_days": "Weighted mean, days", "median_days": "Median, days"}, part, names)


def runway(report: pd.DataFrame) -> ReportFigure:
    """Draw how many weeks the cash lasts: a bar for each currency up to the week that ends below zero.

    Parameters
    ----------
    report : DataFrame
        The result of `runway`, on pandas. Where the cash does not fall below zero, the bar has all weeks of
        the forecast. A forecast with usual flows has a second bar.

    Returns
    -------
    ReportFigure
        The figure, which a notebook shows.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> banks = pd.DataFrame({"currency": ["EUR"], "balance": [100.0]})
    >>> bills = pd.DataFrame({"id": ["1", "2"], "vendor_id": "v", "status": "open", "currency": "EUR",
    ...                       "amount_due": [80.0, 30.0], "due_date": ["2026-07-01", "2026-07-09"]})
    >>> invoices = bills.head(0).rename(columns={"vendor_id": "customer_id"})
    >>> figure = runway(rf.reports.runway(rf.reports.cash_forecast(banks, invoices, bills, "2026-06-30")))
    >>> figure.data[0].x, figure.data[0].text
    ((2.0,), ('below zero in week 2',))
    """
    report = read_report(report, "runway", needs=("weeks", "lowest_week"))
    lengths = report.attrs.get("weeks", {})
    currencies = [_NO_CURRENCY if pd.isna(code) else str(code) for code in report["currency"].tolist()]
    whole = [lengths.get("" if code == _NO_CURRENCY else code) for code in currencies]
    known = {column.name: column.label for column in columns_of(report)}
    levels = {"weeks": "What is invoiced", _USUAL: "With the usual flows"}
    present = {name: label for name, label in levels.items() if name in known}
    series = {}
    for name, label in present.items():
        weeks: list[Any] = report[name].astype("Float64").tolist()
        bars = [
            float(length or 0) if pd.isna(week) else float(week)
            for week, length in zip(weeks, whole, strict=True)
        ]
        texts = [_lasts(week, length) for week, length in zip(weeks, whole, strict=True)]
        series[label] = (bars, texts)
    return _bars(report, currencies, series, "Weeks from the as-of date")


def _lasts(week: Any, length: int | None) -> str:
    """Return how long the cash lasts, in words."""
    if pd.isna(week):
        return "not below zero" if length is None else f"not below zero in {_counted(length)}"
    return "below zero today" if week == 0 else f"below zero in week {int(week)}"


def _counted(weeks: int) -> str:
    return "1 week" if weeks == 1 else f"{weeks:,} weeks"


def _days(report: pd.DataFrame, columns: Mapping[str, str], part: pd.DataFrame, names: Names) -> ReportFigure:
    """Draw columns of days; rows without a value state so."""
    _, keys = choose_columns(report)
    ticks = in_ticks(part)
    labels = label_rows(ticks, keys, names, short=True).tolist() if keys else [""] * len(part)
    currencies = ticks["currency"].tolist()
    if len(set(currencies)) > 1 or not keys:
        labels = [", ".join(filter(None, pair)) for pair in zip(labels, currencies, strict=True)]
    series = {}
    for name, label in columns.items():
        values: list[Any] = part[name].astype("Float64").tolist()
        bars = [0.0 if pd.isna(value) else float(value) for value in values]
        series[label] = (bars, [BLANK if pd.isna(value) else duration(value) for value in values])
    title = "Days"
    if len(part) < len(report):
        title = f"Days; the {len(part):,} of {len(report):,} rows with the largest amounts"
    return _bars(part, labels, series, title)


def _bars(
    report: pd.DataFrame,
    labels: Sequence[str],
    series: Mapping[str, tuple[list[float], list[str]]],
    title: str,
) -> ReportFigure:
    """Draw one or two bars for each label, with a text at the end of each."""
    several = len(series) > 1
    shorts = [panels.short(label) for label in labels]
    canvas = panels.Canvas(
        report,
        ["All"] if labels else [],
        heights=[(len(labels) * len(series) + 1) * panels.BAR],
        left=max(map(panels.width_of, shorts), default=60.0) + 30,
        legend=[*series] if several else (),
    )
    parties = panels.safe(labels)
    for turn, (name, (values, texts)) in enumerate(series.items() if labels else ()):
        marker = {**EDGE, "color": theme.PALETTE[turn]} | ({"pattern": pattern(turn)} if several else {})
        canvas.add(
            0,
            type="bar",
            orientation="h",
            name=name,
            x=values,
            y=parties,
            text=texts,
            textposition="outside",
            cliponaxis=False,
            marker=marker,
            hovertemplate="%{y}<br>%{text}<extra>%{fullData.name}</extra>",
            showlegend=several,
        )
    if labels:
        sizes = [value for values, _ in series.values() for value in values]
        low, high = min(0.0, *sizes), max(0.0, *sizes)
        widest = max(len(text) for _, texts in series.values() for text in texts)
        space = (high - low or 1) * min(0.012 * widest + 0.05, 0.5)
        canvas.xaxis(0).update(title={"text": title}, range=[low and low - space, high + space])
        ticks = {"tickvals": parties, "ticktext": shorts}
        canvas.yaxis(0).update(autorange="reversed", type="category", **ticks)
    canvas.layout["barmode"] = "group"
    return canvas.figure()
