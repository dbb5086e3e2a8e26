"""Write reports as JSON, for other programs: amounts are text, so that no digit is lost."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from rutterframe.currency import minor_units
from rutterframe.notebook.escape import printable
from rutterframe.reports.caption import DEMO_SENTENCE, NO_CURRENCY, Caption, total_labels
from rutterframe.reports.columns import Column, Kind
from rutterframe.reports.describe import columns_of, read_report
from rutterframe.reports.specs import SPECS
from rutterframe.reports.verdict import Verdict


def reports_json(reports: Sequence[pd.DataFrame], *, as_of: str | None = None) -> str:
    """Write reports, comparisons and the verdict as one JSON object.

    Parameters
    ----------
    reports : sequence of DataFrame
        Reports on pandas, comparisons among them.
    as_of : str, optional
        The day of all of them; that of the first report that has one when left out.

    Returns
    -------
    str
        An object with ``as_of``; ``is_demo``; ``verdict`` (``agree``, ``differ``, ``not_compared``, numbers
        of totals, and ``sentence``); ``reports`` and ``tie_outs``, and ``notes``, those of all. A report has
        ``report``, ``title``, ``fetched``, ``columns`` (``name``, ``label``, ``kind``, ``unit``), ``notes``,
        and ``currencies``: for each of them ``currency``, ``rows``, and ``total`` where the report has one.
        Amounts are text with at least the decimals of their currency, never rounded: "34720.00". Counts,
        shares and numbers of days are numbers, dates are text, what is missing is null.

    Examples
    --------
    >>> import rutterframe as rf
    >>> banks = pd.DataFrame({"currency": ["EUR"], "balance": [5.5]})
    >>> result = json.loads(reports_json([rf.reports.cash_position(banks)], as_of="2026-06-30"))
    >>> result["reports"][0]["currencies"][0]["total"]["balance"]
    '5.50'
    """
    frames = [read_report(report) for report in reports]
    captions = [Caption.of(frame) for frame in frames]
    is_demo = any(caption.is_demo for caption in captions)
    compared = [SPECS[frame.attrs["report"]].compares for frame in frames]
    ties = [frame for frame, is_tie in zip(frames, compared, strict=True) if is_tie]
    verdict = Verdict.of(ties)
    notes = dict.fromkeys(note for caption in captions for note in caption.notes)
    days = (str(frame.attrs["as_of"]) for frame in frames if "as_of" in frame.attrs)
    result = {
        "as_of": as_of or next(days, None),
        "is_demo": is_demo,
        "verdict": {**verdict._asdict(), "sentence": verdict.sentence},
        "reports": [_report(frame) for frame, is_tie in zip(frames, compared, strict=True) if not is_tie],
        "tie_outs": [*map(_report, ties)],
        "notes": [*([DEMO_SENTENCE] if is_demo else []), *notes],
    }
    text = json.dumps(result, ensure_ascii=False, indent=2, allow_nan=False)
    # As in every other text: what a terminal obeys, or what turns the direction of writing, is escaped.
    escapes = {
        ord(letter): f"\\u{ord(letter):04x}" for letter in set(text) if printable(letter, keep="\n") != letter
    }
    return text.translate(escapes) + "\n"


def _report(report: pd.DataFrame) -> dict[str, Any]:
    """Return a report as an object: its columns, its rows by currency, and their totals."""
    spec, columns, caption = SPECS[report.attrs["report"]], columns_of(report), Caption.of(report)
    labels = total_labels(report)
    currencies = []
    codes: pd.Series[Any] = report["currency"].astype(object)
    for code, rows in report.groupby(codes.where(codes.notna(), ""), sort=False):
        currency = str(code) or None
        entry: dict[str, Any] = {"currency": currency, "rows": _rows(rows, columns)}
        if spec.has_totals:
            entry["total"] = {"label": labels[currency or NO_CURRENCY], **_total(rows, columns, currency)}
        currencies.append(entry)
    return {
        "report": spec.name,
        "title": caption.title,
        "fetched": caption.fetched,
        "columns": [
            {"name": each.name, "label": each.label, "kind": str(each.kind), "unit": each.unit}
            for each in columns
        ],
        "currencies": currencies,
        "notes": [*caption.notes],
    }


def _rows(rows: pd.DataFrame, columns: Sequence[Column]) -> list[dict[str, Any]]:
    codes = [None if pd.isna(code) else str(code) for code in rows["currency"].astype(object).tolist()]
    values = {
        column.name: [
            _value(value, column, code)
            for value, code in zip(rows[column.name].array.tolist(), codes, strict=True)
        ]
        for column in columns
    }
    return [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]


def _value(value: Any, column: Column, currency: str | None) -> Any:
    """Return a value as JSON has it."""
    if isinstance(value, list):
        return json.loads(json.dumps(value, default=str))
    if pd.isna(value):
        return None
    if column.kind is Kind.MONEY:
        return _amount(Decimal(str(float(value))), currency)
    if column.kind is Kind.FLAG:
        return bool(value)
    if column.is_number:
        return int(value) if value == int(value) else float(value)
    is_day = isinstance(value, pd.Timestamp) and column.kind is Kind.DAY
    return f"{value:%Y-%m-%d}" if is_day else str(value)


def _total(rows: pd.DataFrame, columns: Sequence[Column], currency: str | None) -> dict[str, Any]:
    """Return the exact sums of the columns that have one."""
    sums: dict[str, Any] = {}
    for column in columns:
        if not column.is_summed or column.kind is Kind.SHARE:
            continue
        amounts = [Decimal(str(value)) for value in rows[column.name].dropna().tolist()]
        total = sum(amounts, Decimal(0)) if amounts else None
        if column.kind is Kind.MONEY:
            sums[column.name] = None if total is None else _amount(total, currency)
        else:
            sums[column.name] = None if total is None else _value(float(total), column, currency)
    return sums


def _amount(exact: Decimal, currency: str | None) -> str:
    """Write an amount with all of its decimals, and at least those of its currency; a zero has no sign."""
    whole, _, fraction = f"{exact:f}".partition(".")
    fraction = fraction.rstrip("0").ljust(minor_units(currency or ""), "0")
    text = f"{whole}.{fraction}" if fraction else whole
    return text if exact else text.removeprefix("-")
