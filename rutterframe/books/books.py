"""`Books`: loaded frames with the day, the names and the businesses that reports need."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from uuid import uuid4

import pandas as pd

from rutterframe import reports
from rutterframe.books.frames import BookFrames
from rutterframe.books.month_end import BookMonthEnd
from rutterframe.books.part import part_of
from rutterframe.books.report_source import ENTRY
from rutterframe.currency import parse_currency
from rutterframe.frames.deleted_rows import DELETED, leave_out_deleted
from rutterframe.frames.receipt import gap, receipt
from rutterframe.frames.text_dtype import TEXT_DTYPE
from rutterframe.notebook.cards import card
from rutterframe.notebook.escape import printable, printable_names
from rutterframe.reports.businesses import Businesses, owners
from rutterframe.reports.engine.dates import parse_as_of

#: What `Books.replace` takes.
_ARGUMENTS = ("as_of", "businesses", "vendors", "currency", "rates", "notes", "missing")


class Books(BookMonthEnd):
    """Loaded frames with a day to report on, names and businesses: every report as a method, in one object.

    `load_books`, `open_books` and the picker's ``load()`` return books; this makes them of any frames. Books
    do not change: `filter` and `replace` return others.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        Loaded frames by resource, as `load_all` returns them.
    as_of : date, datetime or str
        The day to count from, such as "2026-06-30".
    businesses : mapping of str to sequence of str, optional
        The connections of each business, such as ``{"Roaster": ["roaster-quickbooks", "roaster-bank"]}``.
    vendors : DataFrame, str or Path, optional
        The names of vendors, which the contract has no list of: a frame or a CSV file with ``id``, ``name``
        and, for several ledgers, ``connection_id``.
    currency : str, optional
        The currency to convert into, for `convert`; reports stay in the currencies of the books.
    rates : DataFrame, str or Path, optional
        Rates into it, as `convert` takes them, or a CSV file, as `rutterframe.reports.read_rates` does.
    notes : sequence of str
        Sentences on what is not in the frames on purpose; every report has them.
    missing : sequence of str
        Sentences on what should be in the frames and is not: the books are then not complete. Every report
        has these as well.

    Attributes
    ----------
    frames : mapping of str to DataFrame
        The frames; a missing one is a KeyError that says how to load it.
    as_of : str
        The day.
    businesses : mapping of str to list of str, or None
        The connections of each business.
    currency : str or None
        The currency to convert into.
    rates : DataFrame or None
        The rates into it.
    notes : tuple of str
        What is not in the frames, on purpose or not.
    connections : tuple of str
        The ids of the connections that were requested or have rows.

    Raises
    ------
    TypeError
        If a frame is not a pandas DataFrame.
    ValueError
        If there are no frames, the day cannot be read, a business lists a connection twice, or rates or names
        cannot be read.

    Notes
    -----
    The examples of the methods are on the books of the demo: ``books = rf.load_books(rf.demo())``.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     books = rf.load_books(client.connection("roaster-quickbooks"), progress=False)
    >>> books
    <Books as of 2026-06-30: roaster-quickbooks, 5,772 rows, complete; DEMO DATA>
    >>> books.ar_aging(by="currency")[["currency", "total", "documents"]].values.tolist()
    [['KWD', 260.312, 1], ['USD', 32395.95, 50]]
    """

    def __init__(
        self,
        frames: Mapping[str, pd.DataFrame],
        as_of: date | datetime | str,
        *,
        businesses: Businesses | None = None,
        vendors: pd.DataFrame | str | Path | None = None,
        currency: str | None = None,
        rates: pd.DataFrame | str | Path | None = None,
        notes: Sequence[str] = (),
        missing: Sequence[str] = (),
    ) -> None:
        named = _check_frames(frames)
        if isinstance(vendors, str | Path):
            vendors = reports.read_names(vendors)
        if vendors is not None:
            if not isinstance(vendors, pd.DataFrame):
                raise TypeError(f"vendors must be a DataFrame or a CSV file, not {type(vendors).__name__}")
            named["vendors"] = vendors
        owners(businesses)
        if rates is not None and currency is None:
            raise ValueError(
                "rates without currency: name the currency that they convert into, such as 'USD'"
            )
        self.currency = None if currency is None else parse_currency(currency, name="currency")
        if isinstance(rates, str | Path):
            rates = reports.read_rates(rates, str(self.currency))
        if rates is not None and not isinstance(rates, pd.DataFrame):
            raise TypeError(f"rates must be a DataFrame or a CSV file, not {type(rates).__name__}")
        self.rates = rates
        self.frames = BookFrames(named)
        self.as_of = f"{parse_as_of(as_of):%Y-%m-%d}"
        self.businesses = None if businesses is None else {name: [*ids] for name, ids in businesses.items()}
        self.connections = _connections(self.frames.values())
        absent = _absent(self.businesses or {}, self.connections)
        self._missing = tuple(dict.fromkeys([*_sentences(missing, "missing"), *absent]))
        self._on_purpose = tuple(each for each in _sentences(notes, "notes") if each not in self._missing)
        self.notes = (*self._missing, *self._on_purpose)
        self._key = f"Books as of {self.as_of}, {uuid4().hex[:12]}"

    if not TYPE_CHECKING:  # a type checker refuses what does not exist

        def __getattr__(self, name: str) -> NoReturn:
            """Raise an AttributeError that names the frame or the report that was probably meant."""
            frames = vars(self).get("frames", {})
            near = [f"books.frames[{name!r}]"] if name in frames else []
            if not name.startswith("_"):
                near += [f"books.{each}" for each in difflib.get_close_matches(name, dir(self), n=1)]
            hint = f"; write {near[0]}" if near else ""
            raise AttributeError(f"'Books' object has no attribute {name!r}{hint}", name=name, obj=self)

    def __repr__(self) -> str:
        """State the day, the connections, the rows, and whether everything was loaded."""
        names = ", ".join(self.connections) if len(self.connections) <= 3 else (
            f"{len(self.connections)} connections"
        )  # fmt: skip
        rows = sum(map(len, self.frames.values()))
        state = "complete" if self.is_complete else "NOT COMPLETE"
        demo = "; DEMO DATA" if self.is_demo else ""
        return f"<Books as of {self.as_of}: {names or 'no connection'}, {rows:,} rows, {state}{demo}>"

    def _repr_html_(self) -> str:
        """Draw day, businesses, rows and next steps as a card."""
        grouped = self.businesses or {}
        facts = [
            ("as of", self.as_of),
            ("connections", ", ".join(self.connections) or "-"),
            *([("businesses", ", ".join(grouped))] if grouped else []),
            (
                "rows",
                ", ".join(f"{len(frame):,} {name}" for name, frame in self.frames.items() if len(frame)),
            ),
            ("complete", "yes" if self.is_complete else "; ".join(self.incomplete)),
            ("fetched (UTC)", self.fetched),
            *([("data", "demo: every figure is made up")] if self.is_demo else []),
            (
                "next",
                "books.ar_aging().rf.table(), books.month_end().verdict, books.to_excel(path)",
            ),
        ]
        return card("Books", facts)

    @property
    def incomplete(self) -> list[str]:
        """Why the books are not complete, a sentence each; empty if they are."""
        reasons = []
        for name, frame in self.frames.items():
            if "receipt" not in frame.attrs:
                if name != "vendors":
                    reasons.append(f"{name}: the frame has no receipt")
                continue
            record = receipt(frame)
            missing = gap(record, len(frame))
            if missing is not None:
                reasons.append(f"{name}: {missing}")
        return [*reasons, *self._missing]

    @property
    def is_complete(self) -> bool:
        """Whether every list of every connection was read to its end, and nothing was left out."""
        return not self.incomplete

    @property
    def is_demo(self) -> bool:
        """Whether any of the data is the demo's."""
        return any("demo" in str(record.get("environment", "")).split(", ") for record in self._receipts)

    @property
    def fetched(self) -> str:
        """When the newest of the data was fetched, ISO 8601 in UTC; "not recorded" without receipts."""
        return max((str(record.get("finished") or "") for record in self._receipts), default="") or (
            "not recorded"
        )

    @property
    def receipts(self) -> pd.DataFrame:
        """The receipts, a row for each frame that has one.

        ``resource`` (str), ``rows``, ``pages``, ``duplicates_dropped``, ``rows_refused`` (int64),
        ``complete`` (bool) and ``fetched`` (datetime64[us, UTC]).
        """
        counts = ["rows", "pages", "duplicates_dropped", "rows_refused"]
        frames = [frame for frame in self.frames.values() if "receipt" in frame.attrs]
        lines = [receipt(frame) for frame in frames]
        table = pd.DataFrame(lines, columns=["resource", *counts, "complete", "finished"])
        table = table.rename(columns={"finished": "fetched"})
        table["fetched"] = pd.to_datetime(table["fetched"], utc=True, format="ISO8601")
        return table.astype(
            {"resource": TEXT_DTYPE, **dict.fromkeys(counts, "int64"), "fetched": "datetime64[us, UTC]"}
        )

    def count_rows(self) -> pd.DataFrame:
        """Count the loaded rows: resources down, connections across, int64.

        Returns
        -------
        DataFrame
            Counts (int64); zero where a connection has none.

        Examples
        --------
        >>> books.count_rows().loc["invoices", ["gear-xero", "gear-bank"]].tolist()
        [423, 0]
        """
        counts = {
            name: frame["connection_id"].value_counts()
            for name, frame in self.frames.items()
            if "receipt" in frame.attrs
        }
        table = pd.DataFrame(counts).T.reindex(columns=[*self.connections]).fillna(0).astype("int64")
        return table.rename_axis(index="resource", columns="connection_id")

    @property
    def _receipts(self) -> list[Mapping[str, Any]]:
        return [frame.attrs["receipt"] for frame in self.frames.values() if "receipt" in frame.attrs]

    def filter(self, business: str | None = None, *, connections: Iterable[str] | None = None) -> Books:
        """Return the books of one business, or of some connections.

        Their receipts are those of these connections alone, so that they can be complete.

        Parameters
        ----------
        business : str, optional
            The business.
        connections : iterable of str, optional
            The ids of the connections, where no business is named.

        Returns
        -------
        Books
            Those books, of the same day.

        Raises
        ------
        ValueError
            If there is no such business or connection, or none is named.

        Examples
        --------
        >>> books.filter("Gear")
        <Books as of 2026-06-30: 4 connections, 12,139 rows, complete; DEMO DATA>
        """
        if (business is None) == (connections is None):
            raise ValueError("name a business, or connections=[…]: one of the two")
        if business is not None:
            known = self.businesses or {}
            if business not in [*known]:
                raise ValueError(
                    f"there is no business {business!r}; there are {printable_names(known) or 'none'}"
                )
            wanted = [name for name in known[business] if name in self.connections]
        else:
            wanted = [connections] if isinstance(connections, str) else [*(connections or ())]
        unknown = [name for name in wanted if name not in self.connections]
        if unknown or not wanted:
            what = f"no connection {unknown[0]!r}" if unknown else "no connection of those"
            raise ValueError(f"these books have {what}; they have {printable_names(self.connections)}")
        frames = {name: part_of(frame, wanted) for name, frame in self.frames.items()}
        grouped = {
            name: [each for each in ids if each in wanted] for name, ids in (self.businesses or {}).items()
        }
        grouped = {name: ids for name, ids in grouped.items() if ids}
        return Books(frames, self.as_of, **{**self._options, "businesses": grouped or None})

    def replace(self, **changes: Any) -> Books:
        """Return the same books with other arguments, such as ``as_of`` or ``vendors``; the frames stay.

        Parameters
        ----------
        **changes
            The arguments of `Books` to replace, by name.

        Returns
        -------
        Books
            Books with the same frames.

        Raises
        ------
        TypeError
            If there is no such argument.

        Examples
        --------
        >>> books.replace(as_of="2026-05-31").as_of
        '2026-05-31'
        """
        unknown = [name for name in changes if name not in _ARGUMENTS]
        if unknown:
            raise TypeError(f"{unknown[0]!r} cannot be replaced; {', '.join(_ARGUMENTS)} can")
        as_of = changes.pop("as_of", self.as_of)
        options = self._options
        if "businesses" in changes:
            before = _absent(self.businesses or {}, self.connections)
            options["missing"] = [each for each in self._missing if each not in before]
        return Books(self.frames, as_of, **{**options, **changes})

    @property
    def _options(self) -> dict[str, Any]:
        return {
            "businesses": self.businesses,
            "currency": self.currency,
            "rates": self.rates,
            "notes": self._on_purpose,
            "missing": self._missing,
        }

    def explain(self, row: pd.Series[Any] | pd.DataFrame, bucket: str | None = None) -> pd.DataFrame:
        """Return the documents, lines or accounts that a row of a report of these books sums.

        Parameters
        ----------
        row : Series, or DataFrame of one row
            A row of a report, such as ``report.iloc[0]``.
        bucket : str, optional
            One cell of an aging, by the name or the label of its column ("days_31_60", "31–60 days"); of a
            forecast ``"receipts"`` or ``"payments"``.

        Returns
        -------
        DataFrame
            The rows, with all of their columns, as `rutterframe.reports.explain` returns them.

        Raises
        ------
        ValueError
            If the row is not of books, or has no documents behind it.

        Examples
        --------
        >>> largest = books.ar_aging().iloc[0]
        >>> bool(books.explain(largest)["amount_due"].sum() == largest["total"])
        True
        """
        sources = dict(self.source_of(row))
        if row.attrs.get("report") == "cash_forecast":
            sides = {"receipts": "invoices", "payments": "bills"}
            if bucket not in sides:
                raise ValueError("name bucket='receipts' or 'payments' of the forecast: one side at a time")
            side, bucket = sides[bucket], None
            memos = sources.get(f"{side[:-1]}_credit_memos")
            sources = {side: sources[side]} | ({} if memos is None else {"credit_memos": memos})
        result: pd.DataFrame = reports.explain(row, sources, bucket=bucket)
        result.attrs[ENTRY] = row.attrs[ENTRY]
        return result


def _check_frames(frames: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the frames by resource, without rows that were deleted upstream; refuse what is not one."""
    if not isinstance(frames, Mapping):
        kind = type(frames).__name__
        raise TypeError(f"Books takes frames by resource, as rf.load_all returns them, not {kind}")
    if not frames:
        raise ValueError("there are no frames: books of nothing would look like books of zero")
    for name, frame in frames.items():
        if not isinstance(frame, pd.DataFrame):
            raise TypeError(f"frames[{name!r}] is not a pandas DataFrame, but {type(frame).__name__}")
    return {name: leave_out_deleted(frame) if DELETED in frame else frame for name, frame in frames.items()}


def _absent(businesses: Businesses, connections: Sequence[str]) -> list[str]:
    """Return a sentence on each connection of a business that the frames have nothing of."""
    return [
        f"Nothing of {printable(each)} is in these books, which is a connection of {printable(name)}."
        for name, ids in businesses.items()
        for each in ids
        if each not in connections
    ]


def _sentences(sentences: Sequence[str], name: str) -> Sequence[str]:
    """Return sentences; refuse a text: each letter would be one."""
    if isinstance(sentences, str):
        raise TypeError(f"{name} must be a list of sentences, not {sentences!r}: write [{sentences!r}]")
    return sentences


def _connections(frames: Iterable[pd.DataFrame]) -> tuple[str, ...]:
    """Return the ids of the connections that were requested, or have rows, in their order."""
    names: dict[str, None] = {}
    for frame in frames:
        record = frame.attrs.get("receipt")
        requested = record.get("connections", ()) if isinstance(record, Mapping) else ()
        rows = frame["connection_id"].dropna().unique().tolist() if "connection_id" in frame else ()
        names |= dict.fromkeys([*requested, *rows])
    return tuple(names)
