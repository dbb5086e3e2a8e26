"""A load as the checks see it: frames by resource, their lines, and what could not be looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd
import pyarrow as pa

from rutterframe.frames.assemble import dtype_of
from rutterframe.frames.nested import line_numbers, nested_rows
from rutterframe.frames.receipt import part_note
from rutterframe.models import RECORDS
from rutterframe.models.columns import columns
from rutterframe.models.fields import Kind
from rutterframe.reports.engine.dates import parse_dates


class Loaded:
    """The frames of a load, by resource.

    Parameters
    ----------
    frames : mapping of str to pandas.DataFrame
        As the loaders give them; nothing in them is changed.
    as_of : pandas.Timestamp or None
        The day from which "ahead" is counted; by default the last on which something was fetched.

    Attributes
    ----------
    as_of : pandas.Timestamp or None
        That day; None where no receipt says it.
    receipts : dict of str to dict
        The receipts of the frames that carry one.
    parts : dict of str to str
        A sentence on each frame that holds other rows than were loaded.
    """

    def __init__(self, frames: Mapping[str, pd.DataFrame], as_of: pd.Timestamp | None) -> None:
        self._frames = {name: _typed(name, frame) for name, frame in frames.items()}
        self.receipts: dict[str, dict[str, Any]] = {
            name: frame.attrs["receipt"] for name, frame in frames.items() if "receipt" in frame.attrs
        }
        notes = {name: part_note(frame) for name, frame in frames.items()}
        self.parts = {name: note for name, note in notes.items() if note is not None}
        fetched = [str(receipt["finished"])[:10] for receipt in self.receipts.values()]
        self.as_of = pd.Timestamp(max(fetched)) if as_of is None and fetched else as_of
        self._lines: dict[tuple[str, str], pd.DataFrame] = {}
        self._notes: dict[str, None] = {}

    @property
    def notes(self) -> list[str]:
        """What could not be looked at, each once."""
        return list(self._notes)

    def note(self, text: str) -> None:
        """Say what could not be looked at."""
        self._notes[text] = None

    def frame(self, resource: str, *needed: str) -> pd.DataFrame | None:
        """Give a frame; None, and a note if columns are missing, where it cannot be looked at."""
        frame = self._frames.get(resource)
        if frame is None:
            return None
        missing = [name for name in needed if name not in frame.columns]
        for name in missing:
            self.note(f"The frame of {resource} has no column {name!r}: what needs it was not checked.")
        return None if missing else frame

    def each(self, resources: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str, pd.DataFrame]]:
        """Give the frames that are there, with each of their fields that is to be looked at."""
        for resource, fields in resources.items():
            for field in fields:
                frame = self.frame(resource, field)
                if frame is not None:
                    yield resource, field, frame

    def lines(self, resource: str, nested: str = "line_items") -> pd.DataFrame | None:
        """Give the lines of documents, or the variants of products.

        They have the fields of the line (its own id as ``line_id``), the ``row`` of the document in its
        frame, and ``line``, counted from 0 within the document as in a path; ``number`` counts from 1.
        """
        frame = self.frame(resource, nested)
        if frame is None:
            return None
        if (resource, nested) not in self._lines:
            self._lines[resource, nested] = _lines(frame, resource, nested)
        return self._lines[resource, nested]

    def has(self, resource: str) -> bool:
        """Tell whether a resource was loaded."""
        return resource in self._frames

    def count(self, resource: str, connection: str) -> int:
        """Return how many records of a connection there are."""
        return self._counts(resource).get(_name(connection), 0)

    def connections(self, resource: str) -> list[str | None]:
        """Return the connections that have records of a resource; none where it was not loaded."""
        return list(self._counts(resource)) if resource in self._frames else []

    def _counts(self, resource: str) -> dict[str | None, int]:
        counts = self._frames[resource]["connection_id"].value_counts(dropna=False)
        return {_name(name): int(count) for name, count in counts.items()}

    def whole(self, resources: Sequence[str]) -> set[str | None]:
        """Name the connections of which all records are there, and at least one: there one can be missed."""
        present: set[str | None] = set()
        partial: set[str | None] = set()
        for resource in resources:
            counts = self._counts(resource)
            present |= set(counts)
            receipt = self.receipts.get(resource)
            if receipt is not None:
                whole = {
                    name
                    for name, one in receipt["per_connection"].items()
                    if one["complete"] and one["rows"] == counts.get(name, 0)
                }
                partial |= set(counts) - whole | set(receipt["per_connection"]) - whole
        return present - partial


def resource_of(frame: pd.DataFrame) -> str:
    """Tell what a frame holds, by its receipt or else by its columns.

    Raises
    ------
    ValueError
        If it looks like none of the resources.
    """
    told = frame.attrs.get("receipt", {}).get("resource")
    if told in RECORDS:
        return str(told)
    fields = {name: set(model.model_fields) for name, model in RECORDS.items()}
    alike = [name for name, needed in fields.items() if needed <= set(frame.columns)]
    if not alike:
        raise ValueError(
            f"This frame looks like none of {', '.join(RECORDS)}; its columns are "
            f"{', '.join(map(str, frame))}. Pass it with its name: rf.check({{'invoices': frame}})"
        )
    return max(alike, key=lambda name: len(fields[name]))


def _typed(resource: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Give a frame the dtypes that a loader would have given it: it may have been in a file since."""
    if resource not in RECORDS:
        raise ValueError(f"There is no resource {resource!r}; there are {', '.join(RECORDS)}")
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"{resource}: a pandas DataFrame is needed, not {type(frame).__name__}")
    twice = [str(name) for name in frame.columns[frame.columns.duplicated()].unique()]
    if twice:
        raise ValueError(
            f"The frame of {resource} has the column {twice[0]!r} more than once: keep one of them"
        )
    if "id" not in frame.columns:
        raise ValueError(
            f"The frame of {resource} has no column 'id', by which a finding names its record; its columns "
            f"are {', '.join(map(str, frame))}"
        )
    typed = frame.reset_index(drop=True)
    # Without a receipt no operation below has to carry it along.
    typed.attrs = {}
    if "connection_id" not in typed.columns:
        typed.insert(0, "connection_id", None)
    kinds = {column.name: column.kind for column in columns(RECORDS[resource]) if column.rows is None}
    for name, kind in {"connection_id": Kind.TEXT, **kinds}.items():
        if name in typed.columns:
            typed[name] = _of_kind(typed, name, kind, resource)
    return typed


def _of_kind(frame: pd.DataFrame, name: str, kind: Kind | None, resource: str) -> pd.Series:
    """Give a column the dtype of its kind; a date that could be read in two ways is refused."""
    column = frame[name]
    if kind is Kind.DATE or kind is Kind.TIMESTAMP:
        one = nw.from_native(frame[[name]], eager_only=True)
        days = one.select(parse_dates(one, name, kind=resource).alias(name))[name]
        if kind is Kind.DATE:
            return pd.Series(days.to_numpy(), column.index, "datetime64[us]")
    try:
        if kind is Kind.TIMESTAMP:
            moments = pd.to_datetime(column, format="ISO8601", utc=True)
            return moments.dt.tz_localize(None).astype("datetime64[us]")
        return column.astype("float64" if kind is Kind.NUMBER else "str")
    except (ValueError, TypeError, OverflowError):
        raise ValueError(
            f"{resource}.{name} should hold a {kind}, but is {column.dtype}: "
            f"pass the frame as its loader gave it"
        ) from None


def _name(connection: Any) -> str | None:
    return None if pd.isna(connection) else str(connection)


def _lines(frame: pd.DataFrame, resource: str, nested: str) -> pd.DataFrame:
    model = next(column.rows for column in columns(RECORDS[resource]) if column.name == nested)
    if model is None:
        raise TypeError(f"{resource}.{nested} is no list")
    # A frame that was made by hand without any lists has no type to read.
    lists = frame[nested] if frame[nested].notna().any() else frame[nested].astype(object)
    try:
        parents, fields = nested_rows(lists, model)
    except pa.ArrowException:
        raise ValueError(
            f"{resource}.{nested} holds no lists: pass the frame as its loader gave it"
        ) from None
    lines: pd.DataFrame = pa.table(fields).to_pandas(types_mapper=dtype_of)
    rows = parents.to_numpy()
    return lines.rename(columns={"id": "line_id"}).assign(
        row=rows, line=line_numbers(rows) - 1, number=line_numbers(rows)
    )
