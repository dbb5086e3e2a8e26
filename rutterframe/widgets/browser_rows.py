"""Sort, filter and limit the rows of a report, and add up those that match."""

from __future__ import annotations

from typing import Any

import pandas as pd

from rutterframe.notebook.escape import printable, printable_names
from rutterframe.reports.caption import DEMO
from rutterframe.reports.columns import Column, Kind, Order, Spec
from rutterframe.reports.describe import read_report
from rutterframe.reports.labels import Names
from rutterframe.reports.specs import SPECS
from rutterframe.views.layout import NO_ROWS, OTHERS, Group, Total, lay_out

#: How many rows of each currency are shown at first.
MAX_ROWS = 100

#: The position of a row in the report, or the currency of a total.
Key = int | str


class Grid:
    """The rows of a report as a browser shows them: by currency, each with its total.

    Parameters
    ----------
    report : DataFrame
        Any report on pandas.
    names : mapping or DataFrame, optional
        Names by id.
    max_rows : int, optional
        How many rows of each currency are shown at first, and how many more `show_more` adds.

    Attributes
    ----------
    filter : str
        Words that each row must contain.
    sort : tuple of (str, bool) or None
        A column, and whether the largest comes first; None is the order of every view of the report.
    """

    def __init__(self, report: pd.DataFrame, names: Names = None, *, max_rows: int | None = None) -> None:
        if max_rows is not None and max_rows < 1:
            raise ValueError(f"max_rows={max_rows} is not a valid number of rows (expected 1 or more)")
        self.report = read_report(report)
        self.layout = lay_out(self.report, names, short_ids=True)
        displayed = [each for each in self.layout.columns if each.name != "currency"]
        self.columns = displayed if self.layout.is_grouped else self.layout.columns
        self.filter = ""
        self.sort: tuple[str, bool] | None = None
        self._parts = _with_counts(self.report)
        self._step = self._limit = max_rows or MAX_ROWS
        self._texts: list[list[str]] | None = None

    @property
    def name(self) -> str:
        """The report's name."""
        return str(self.report.attrs["report"])

    @property
    def spec(self) -> Spec:
        """What the report is."""
        return SPECS[self.name]

    def show_more(self) -> None:
        """Show more rows of each currency."""
        self._limit += self._step

    def sort_next(self, column: str) -> None:
        """Sort by a column: numbers largest first, text from A to Z; then the reverse; then not at all."""
        first = self.column(column).is_number
        steps = {None: (column, first), (column, first): (column, not first), (column, not first): None}
        current = self.sort if self.sort is not None and self.sort[0] == column else None
        self.sort = steps[current]

    def column(self, name: str) -> Column:
        """Return a column by its name, or raise ValueError."""
        for column in self.columns:
            if column.name == name:
                return column
        names = printable_names(column.name for column in self.columns)
        raise ValueError(f"column {name!r} is not a column of this view (expected one of {names})")

    def rows_of(self, key: Key) -> list[int]:
        """Return the positions of the rows that a row, or a total of what matches the filter, stands for."""
        if isinstance(key, int) and not isinstance(key, bool):
            if 0 <= key < len(self.report):
                return [key]
            raise ValueError(f"row {key} is not a row of the report, which has {len(self.report):,}")
        for group, places in self._matching():
            if self._total_of(group) and group.currencies[0] == key:
                return [group.positions[place] for place in places]
        totals = printable_names(self.layout.totals) or "none, since this report has no totals"
        raise ValueError(f"{key!r} is neither the position of a row nor the currency of a total ({totals})")

    def label(self, key: Key, column: str) -> str:
        """Return the words for a cell: its row, its column, and its text."""
        name = self.column(column)
        positions = self.rows_of(key)
        group = next(group for group in self.layout.groups if positions[0] in group.positions)
        if isinstance(key, str):
            total = self._totals([(group, positions)])[key]
            row, text = total.label, total.cells.get(column, "")
        else:
            place = group.positions.index(key)
            words = [each for each in self.columns if not each.is_number]
            row = ", ".join(group.cells[each.name][place] for each in words)
            text = group.cells[column][place] if name.is_number else ""
        has_currency = name.kind is Kind.MONEY and not isinstance(key, str) and any(map(str.isdigit, text))
        currency = group.currencies[0] if has_currency else ""
        value = f"{name.label}: {text} {currency}".rstrip() if text else ""
        return printable(", ".join(part for part in (row, value) if part))

    def table(self) -> dict[str, Any]:
        """Return what is drawn: texts only, in their final form."""
        lines: list[dict[str, Any]] = []
        matching = [(group, places) for group, places in self._matching() if places]
        is_part = bool(self.filter.split())
        totals = self._totals(_positions(matching)) if is_part else self.layout.totals
        number_shown = 0
        for group, places in matching:
            if self.layout.is_grouped:
                lines.append({"kind": "group", "cells": [printable(group.currencies[0])]})
            ordered = self._sorted(group, places)
            limit = len(ordered) if len(ordered) <= self._limit + 1 else self._limit
            number_shown += limit
            lines += [self._line(group, place) for place in ordered[:limit]]
            if rest := [group.positions[place] for place in ordered[limit:]]:
                lines.append(self._line_of_others(group, rest))
            if self._total_of(group):
                lines.append(self._total_line(group.currencies[0], totals[group.currencies[0]]))
        caption = self.layout.caption
        number = sum(len(places) for _, places in matching)
        return {
            "title": printable(caption.title),
            "question": printable(caption.question),
            "demo": DEMO if caption.is_demo else "",
            "notes": [printable(note) for note in (*caption.notes, caption.fetched)],
            "columns": [
                {"name": each.name, "label": printable(each.label), "meaning": printable(each.meaning),
                 "kind": kind_of(each), "sort": self._direction(each.name)}
                for each in self.columns
            ],
            "rows": lines,
            "filter": self.filter,
            "count": self._count(number_shown, number),
            "more": number > number_shown,
        }  # fmt: skip

    def _line(self, group: Group, place: int) -> dict[str, Any]:
        return {
            "kind": "row",
            "key": group.positions[place],
            "cells": [printable(group.cells[column.name][place]) for column in self.columns],
            "alarm": place in group.alarms,
        }

    def _total_line(self, key: str, total: Total) -> dict[str, Any]:
        texts = [total.cells.get(column.name, "") for column in self.columns[1:]]
        return {"kind": "total", "key": key, "cells": [printable(total.label), *texts]}

    def _line_of_others(self, group: Group, positions: list[int]) -> dict[str, Any]:
        """Return the line of the rows that are not shown: what they add up to."""
        cells = self._totals([(group, positions)])
        sums = cells[group.currencies[0]].cells if cells else {}
        flows = {column.name for column in self.columns if column.is_summed}
        texts = [sums.get(each.name, "") if each.name in flows else "" for each in self.columns[1:]]
        return {"kind": "others", "cells": [f"{OTHERS} ({len(positions):,})", *texts]}

    def _totals(self, parts: list[tuple[Group, list[int]]]) -> dict[str, Total]:
        """Add up rows of the report, by currency; the labels say of how many they are."""
        positions = sorted(position for _, part in parts for position in part)
        return dict(lay_out(self._parts.iloc[positions], max_rows=1).totals) if positions else {}

    def _total_of(self, group: Group) -> bool:
        return bool(self.layout.is_grouped and self.layout.totals and group.currencies)

    def _matching(self) -> list[tuple[Group, list[int]]]:
        """Return the places of the rows that have every word of the filter."""
        words = self.filter.casefold().split()
        if not words:
            return [(group, [*range(len(group.positions))]) for group in self.layout.groups]
        if self._texts is None:
            self._texts = [self._search_texts(group) for group in self.layout.groups]
        return [
            (group, [place for place, text in enumerate(texts) if all(word in text for word in words)])
            for group, texts in zip(self.layout.groups, self._texts, strict=True)
        ]

    def _search_texts(self, group: Group) -> list[str]:
        """Return the text of each row that words are looked for in: what it shows, and its ids."""
        visible = [group.cells[column.name] for column in self.layout.columns]
        ids = self.report.select_dtypes(["object", "string"]).iloc[group.positions]
        hidden = [[value if isinstance(value, str) else "" for value in ids[name]] for name in ids]
        rows = zip(*visible, *hidden, strict=True)
        texts = ["\n".join(cells).casefold() for cells in rows]
        # An amount is found as it is shown, 1,234.50, and as it is typed, 1234.50.
        return [f"{text}\n{text.replace(',', '')}" for text in texts]

    def _sorted(self, group: Group, places: list[int]) -> list[int]:
        """Order the rows of a currency; those without a value come last."""
        if self.sort is None:
            # The newest day first: it is the one that is asked for.
            return places[::-1] if self.spec.order is Order.DAYS else places
        name, descending = self.sort
        column = self.column(name)
        values = self.report[name].iloc[group.positions].tolist()
        texts = group.cells[name]
        missing = [place for place in places if pd.isna(values[place])]
        present = [place for place in places if not pd.isna(values[place])]
        by_value = column.is_number or column.kind is Kind.DAY
        present.sort(
            key=lambda place: values[place] if by_value else texts[place].casefold(), reverse=descending
        )
        return [*present, *missing]

    def _direction(self, name: str) -> str:
        if self.sort is None or self.sort[0] != name:
            return "none"
        return "descending" if self.sort[1] else "ascending"

    def _count(self, number_shown: int, number: int) -> str:
        """Return how many rows match, and how many of them are shown."""
        whole = len(self.report)
        if not whole:
            return NO_ROWS
        rows = "1 row" if whole == 1 else f"{whole:,} rows"
        matches = f"{number:,} of {rows} match." if self.filter.split() else f"{rows}."
        return matches if number_shown == number else f"{matches} {number_shown:,} are shown."


def kind_of(column: Column) -> str:
    """Return how a page draws a column: numbers to the right, days in one line."""
    return "number" if column.is_number else "day" if column.kind is Kind.DAY else "text"


def _positions(matching: list[tuple[Group, list[int]]]) -> list[tuple[Group, list[int]]]:
    return [(group, [group.positions[place] for place in places]) for group, places in matching]


def _with_counts(report: pd.DataFrame) -> pd.DataFrame:
    """Copy a report with its numbers of rows, which totals of a part state, if it lost them."""
    copy = report.copy(deep=False)
    codes = report["currency"].astype(object)
    counts = codes.where(codes.notna(), "").value_counts(sort=False)
    whole: dict[Any, Any] = {
        "rows": len(report),
        "rows_by_currency": {str(code): int(n) for code, n in counts.items()},
    }
    copy.attrs = {**whole, **report.attrs}
    return copy
