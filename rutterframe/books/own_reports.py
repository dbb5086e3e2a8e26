"""Reports by their names: those of `Books` itself, and those of other packages."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import pandas as pd

from rutterframe.books.derived import DerivedReports
from rutterframe.reports.own import REPORTS
from rutterframe.reports.own_frames import compute_report
from rutterframe.reports.specs import SPECS

#: The reports that need nothing but books.
_METHODS = (
    "ar_aging", "ap_aging", "open_items", "top_overdue", "revenue_by_product", "cash_position",
    "cash_history", "cash_forecast", "runway", "transfers", "trial_balance", "expenses_by_category",
    "dso", "dpo", "days_to_pay",
)  # fmt: skip


class NamedReports(DerivedReports):
    """Any report of books by its name."""

    def report(
        self, name: str, *, as_of: date | datetime | str | None = None, **options: Any
    ) -> pd.DataFrame:
        """Return a report by its name: one of the methods of books, or one that another package adds.

        Parameters
        ----------
        name : str
            Such as "ar_aging"; dashes are taken for underscores. `rutterframe.extensions.list_extensions`
            lists those of other packages.
        as_of : date, datetime or str, optional
            The day that a report counts to; that of the books when left out.
        **options
            The options of that report.

        Returns
        -------
        DataFrame
            The report, with the notes of the books and the way back to their documents.

        Raises
        ------
        KeyError
            If a frame that it needs is missing; the message says how to load it.
        TypeError
            If it has no such option, or does not count to a day.
        ValueError
            If there is no such report, or one of another package is not what its spec promises.
        ExtensionError
            If the package that has it cannot be used.

        Examples
        --------
        >>> books.report("cash-position", by="business")["business"].unique().tolist()
        ['Gear', 'Roaster']
        """
        wanted = name.replace("-", "_")
        if wanted in _METHODS:
            options |= {} if as_of is None else {"as_of": as_of}
            result: pd.DataFrame = getattr(self, wanted)(**options)
            return result
        own = SPECS.own(wanted)
        if own is None:
            known = (*_METHODS, *REPORTS.names)
            near = difflib.get_close_matches(wanted, known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"there is no report {name!r}{hint} There are {', '.join(known)}")
        report = compute_report(own, self.frames, self._day(as_of), options)
        if as_of is not None and "as_of" not in report.attrs:
            raise TypeError(f"{own.name} does not count to a day: leave as_of out")
        return self._of_books(report, {name: self.frames.get(name) for name in own.frames}, as_of)

    def _titled(self, names: Iterable[str], titles: Iterable[str]) -> dict[str, pd.DataFrame]:
        """Return reports by their titles, for files; none may have a title that the file has already."""
        titled: dict[str, pd.DataFrame] = {}
        used = {title.casefold() for title in titles}
        for name in dict.fromkeys([names] if isinstance(names, str) else names):
            report = self.report(name)
            title = SPECS[report.attrs["report"]].title
            if title.casefold() in used:
                raise ValueError(
                    f"{name}: the file has a report with the title {title!r} already, and one would replace "
                    "the other: give its spec another title, or leave it out of reports="
                )
            used.add(title.casefold())
            titled[title] = report
        return titled
