"""The dashboard: aging, revenue, cash and tie-out of books, redrawn when one of four controls changes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import ipywidgets as W  # noqa: N812 - as its own documentation does
import pandas as pd
from IPython.display import HTML, display

from rutterframe.books import Books
from rutterframe.notebook.escape import escape_html, printable_names
from rutterframe.reports.caption import DEMO_SENTENCE
from rutterframe.reports.engine.dates import parse_as_of
from rutterframe.views import tables
from rutterframe.widgets import messages
from rutterframe.widgets.dashboard_figures import SECTIONS, Choice, Content, Figures

ALL_BUSINESSES, ALL_CURRENCIES = "All businesses", "All currencies"
TIE_OUT, FINDINGS = "Tie-out", "Findings"
NO_DAY = "There is no as-of date. Enter one, such as 2026-06-30, to see the figures of that day."
#: The value of the currency control that stands for a conversion; no currency has this code.
_CONVERTED = "converted"
#: The value that stands for all: a Dropdown with the value None shows no label.
_ALL = ""
_WIDE = {"description_width": "initial"}
# The browser draws the arrows of lists and the calendar of a date, in black unless the page is stated dark.
_STYLE = '<style>[data-jp-theme-light="false"] .rf-dashboard{color-scheme:dark}</style>'


class Dashboard(W.VBox):  # type: ignore[misc] # ipywidgets has no type information
    """Choose business, as-of date, currency and minimum amount; tie-out, tables and findings follow below.

    Parameters
    ----------
    books : Books
        The books, as `load_books`, `open_books` or the picker's ``load()`` return them.
    business : str, optional
        The business at first; all when left out.
    as_of : date, datetime or str, optional
        The day at first; that of the books when left out.
    currency : str, optional
        The currency at first; each by itself when left out.
    minimum : float
        The smallest amount of a row that is shown, in the row's own currency. What it hides is stated.
    max_rows : int
        How many rows of each currency to show; the others become one row.

    Attributes
    ----------
    business, as_of, currency, minimum
        What the controls are set to; each can be set. ``None`` stands for all businesses, no date, and all
        currencies.
    is_converted : bool
        Whether amounts are converted into the currency of the books; can be set where they have rates.
    verdict : str
        How many totals agree with their sources, differ, or were not compared.
    tables : dict of str to DataFrame
        The rows that are shown, by the titles "Tie-out", "Receivables", "Payables", "Revenue" and "Cash".
    sentences : dict of str to list of str
        What is stated above each table, and the findings.

    Raises
    ------
    TypeError
        If it is not books.
    ValueError
        If there is no such business or currency, or the day is not a valid date.

    Notes
    -----
    By keyboard, Alt+Down or Space opens a list: a letter alone is one of the notebook's own shortcuts.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     dashboard = rf.widgets.Dashboard(rf.load_books(client, progress=False), business="Roaster")
    >>> dashboard.minimum = 5000
    >>> dashboard.sentences["Payables"]
    ['9 of 11 rows are below 5,000 and hidden: 312.755 KWD and 10,327.57 USD.']
    >>> dashboard.verdict
    'All 11 totals agree.'
    """

    def __init__(
        self,
        books: Books,
        *,
        business: str | None = None,
        as_of: date | datetime | str | None = None,
        currency: str | None = None,
        minimum: float = 0.0,
        max_rows: int = 8,
    ) -> None:
        if not isinstance(books, Books):
            raise TypeError(
                f"Dashboard takes Books, not {type(books).__name__}: write books = rf.load_books(client), "
                "then rf.widgets.Dashboard(books)"
            )
        self._figures, self._max_rows = Figures(books), max_rows
        self._contents: dict[str, Content] = {}
        self._verdict = ""
        self._create_controls(books)
        self._status = W.HTML()
        self._parts = {title: W.HTML() for title in (TIE_OUT, *SECTIONS, FINDINGS)}
        for part in (self._status, *self._parts.values()):
            part.layout.width = "100%"
        controls = [self._business, self._as_of, self._currency, self._minimum]
        row = W.HBox(controls, layout=W.Layout(flex_flow="row wrap", align_items="center"))
        super().__init__(
            [W.HTML(_header(books)), row, self._status, *self._parts.values()], layout=W.Layout(width="100%")
        )
        self.add_class("rf-dashboard")
        self.business, self.currency, self.minimum = business, currency, minimum
        self.as_of = books.as_of if as_of is None else as_of
        self._redraw()
        for control in controls:
            control.observe(self._changed, "value")

    def _create_controls(self, books: Books) -> None:
        """Create the four controls with what the books offer."""
        businesses = [(name, name) for name in books.businesses or ()]
        self._business = W.Dropdown(
            options=[(ALL_BUSINESSES, _ALL), *businesses], description="Business", style=_WIDE,
            layout=W.Layout(width="215px"),
        )  # fmt: skip
        self._as_of = W.DatePicker(description="As of", style=_WIDE, layout=W.Layout(width="185px"))
        currencies = [(code, code) for code in self._figures.currencies]
        if books.rates is not None:
            currencies.append((f"Converted to {books.currency}", _CONVERTED))
        self._currency = W.Dropdown(
            options=[(ALL_CURRENCIES, _ALL), *currencies], description="Currency", style=_WIDE,
            layout=W.Layout(width="225px"),
        )  # fmt: skip
        self._minimum = W.BoundedFloatText(
            min=0, max=1e15, description="Minimum amount", style=_WIDE, layout=W.Layout(width="195px"),
        )  # fmt: skip

    @property
    def books(self) -> Books | None:
        """The books of the business on the day, for any report; None while no day is entered."""
        choice = self._choice
        return None if choice.as_of is None else self._figures.part(choice.business, choice.as_of)

    @property
    def business(self) -> str | None:
        """The business; None for all."""
        return self._business.value or None

    @business.setter
    def business(self, name: str | None) -> None:
        _select(self._business, name, "business")

    @property
    def as_of(self) -> str | None:
        """The as-of date, such as "2026-06-30"; None while none is entered."""
        day: date | None = self._as_of.value
        return None if day is None else day.isoformat()

    @as_of.setter
    def as_of(self, day: date | datetime | str | None) -> None:
        self._as_of.value = None if day is None else parse_as_of(day).date()

    @property
    def currency(self) -> str | None:
        """The currency; None for all, each by itself or converted."""
        return None if self.is_converted else self._currency.value or None

    @currency.setter
    def currency(self, code: str | None) -> None:
        _select(self._currency, code, "currency")

    @property
    def is_converted(self) -> bool:
        """Whether amounts are converted into the currency of the books."""
        return bool(self._currency.value == _CONVERTED)

    @is_converted.setter
    def is_converted(self, wanted: bool) -> None:
        if wanted and self._figures.books.rates is None:
            raise ValueError(
                "these books have no rates: books.replace(currency='USD', rates='rates.csv') adds them"
            )
        if wanted != self.is_converted:
            self._currency.value = _CONVERTED if wanted else _ALL

    @property
    def minimum(self) -> float:
        """The smallest amount of a row that is shown."""
        return float(self._minimum.value)

    @minimum.setter
    def minimum(self, amount: float) -> None:
        if not 0 <= amount <= self._minimum.max:
            raise ValueError(f"minimum={amount!r} is not a valid minimum amount (expected 0 or more)")
        self._minimum.value = amount

    @property
    def verdict(self) -> str:
        """How many totals agree, differ and were not compared."""
        return self._verdict

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The rows that are shown, by title; parts without rows to show are left out."""
        return {
            title: content.table for title, content in self._contents.items() if content.table is not None
        }

    @property
    def sentences(self) -> dict[str, list[str]]:
        """The sentences of each part that has any, by title."""
        return {title: content.sentences for title, content in self._contents.items() if content.sentences}

    def to_html(self) -> str:
        """Return what is shown as HTML without controls: readable where there is no kernel.

        Returns
        -------
        str
            A block of HTML.

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     bank = client.connection("gear-bank")
        ...     dashboard = rf.widgets.Dashboard(rf.load_books(bank, progress=False))
        >>> "Cash" in dashboard.to_html()
        True
        """
        parts = [self._status.value, *(part.value for part in self._parts.values())]
        return "\n".join([_header(self._figures.books), *(part for part in parts if part)])

    def __repr__(self) -> str:
        """State the choice and the verdict: a saved notebook has this where there is no kernel."""
        selected = f"{self.business or ALL_BUSINESSES} as of {self.as_of or 'no day'}"
        return f"<Dashboard: {selected}. {self._verdict} After a kernel restart, run this cell again.>"

    def _ipython_display_(self) -> None:
        """Show the controls, and below what stays in the saved notebook."""
        display(self._repr_mimebundle_(), raw=True)
        summary = f"As it was when this cell ran, as of {escape_html(str(self.as_of))}, without controls"
        note = messages.note(messages.AFTER_RESTART)
        display(HTML(f"{note}<details><summary>{summary}</summary>{self.to_html()}</details>"))

    @property
    def _choice(self) -> Choice:
        return Choice(
            self.business, self._as_of.value, self.currency, self.is_converted, float(self._minimum.value)
        )

    def _changed(self, _: Any) -> None:
        self._redraw()

    def _redraw(self) -> None:
        """Compute and draw what the choice shows; a part that stays the same is not sent again."""
        choice, figures = self._choice, self._figures
        counts, ties = figures.tie_out(choice)
        self._verdict = "" if choice.as_of is None else counts.sentence
        self._status.value = _status(self._verdict or NO_DAY, is_warning=not counts.passed)
        self._parts[TIE_OUT].value = _tie_out(ties, is_open=bool(counts.differ))
        self._contents = {TIE_OUT: ties}
        for title in SECTIONS:
            self._contents[title] = figures.show(title, choice)
            self._parts[title].value = _section(title, self._contents[title], self._max_rows)
        # Last, since the tables are there by then.
        self._contents[FINDINGS] = Content(figures.find(choice))
        self._parts[FINDINGS].value = _findings(self._contents[FINDINGS].sentences)


def _select(control: W.Dropdown, value: str | None, what: str) -> None:
    """Set a dropdown, or refuse what it does not offer."""
    offered = [each for _, each in control.options if each not in (_ALL, _CONVERTED)]
    if value is not None and value not in offered:
        names = printable_names(offered) or "none"
        raise ValueError(f"there is no {what} {value!r} in these books; there are {names} (None for all)")
    control.value = _ALL if value is None else value


def _header(books: Books) -> str:
    demo = f"<div><strong>{escape_html(DEMO_SENTENCE)}</strong></div>" if books.is_demo else ""
    lines = [f"Data fetched {_minute(books.fetched)}."]
    lines += [f"Not complete: {reason}." for reason in books.incomplete]
    return (
        f'{_STYLE}<div style="line-height:1.5"><strong style="font-size:1.3em">Dashboard</strong>{demo}'
        f"{_lines(lines)}</div>"
    )


def _minute(moment: str) -> str:
    """Return a moment of a receipt without its seconds; text that is not one stays."""
    try:
        return f"{datetime.fromisoformat(moment):%Y-%m-%d %H:%M} UTC"
    except ValueError:
        return moment


def _lines(sentences: list[str]) -> str:
    return "".join(f"<div>{escape_html(sentence)}</div>" for sentence in sentences)


def _status(text: str, *, is_warning: bool) -> str:
    """Return the verdict as HTML that a screen reader reads out when it changes."""
    bar = "#D55E00" if is_warning else "#009E73"
    style = f"border-left:5px solid {bar};padding:4px 12px;margin:6px 0;font-size:1.1em;font-weight:bold"
    return f'<div role="status" style="{style}">Tie-out: {escape_html(text)}</div>'


def _tie_out(content: Content, *, is_open: bool) -> str:
    """Return the comparisons as HTML, folded up while none differs."""
    if content.table is None:
        return _lines(content.sentences)
    table = tables.for_report(content.table).as_raw_html()
    state = " open" if is_open else ""
    summary = f"What was compared: {len(content.table):,} totals"
    return f"{_lines(content.sentences)}<details{state}><summary>{summary}</summary>{table}</details>"


def _findings(sentences: list[str]) -> str:
    if not sentences:
        return ""
    items = "".join(f"<li>{escape_html(sentence)}</li>" for sentence in sentences)
    return (
        f'<div style="line-height:1.5"><strong>Findings</strong><ul style="margin:2px 0">{items}</ul></div>'
    )


def _section(title: str, content: Content, max_rows: int) -> str:
    """Return a part as HTML: its sentences, its table, which has a title of its own."""
    if content.table is None and not content.sentences:
        return ""
    table = "" if content.table is None else tables.for_report(content.table, max_rows=max_rows).as_raw_html()
    heading = "" if table else f"<strong>{escape_html(title)}</strong>"
    lines = _lines(content.sentences)
    style = "margin:14px 0 2px;line-height:1.5"
    return f'<section aria-label="{escape_html(title)}" style="{style}">{heading}{lines}{table}</section>'
