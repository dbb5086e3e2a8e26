"""The frames that the checks read: by resource, with their lines, and notes on what could not be checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd
import pyarrow as pa

from rutterframe.frames.assemble import dtype_of
from rutterframe.frames.deleted_rows import DELETED, leave_out_deleted
from rutterframe.frames.nested import nested_rows
from rutterframe.frames.nested_arrow import line_numbers
from rutterframe.frames.receipt import part_note, sound_receipt
from rutterframe.frames.text_dtype import TEXT_DTYPE
from rutterframe.models import LIVE_RESOURCES, RECORDS, Record, record_of
from rutterframe.models.columns import columns
from rutterframe.models.fields import Kind
from rutterframe.notebook.escape import printable_names
from rutterframe.reports.engine.dates import parse_dates


class FrameSet:
    """The frames of a load by resource, with the dtypes of a loader.

    Parameters
    ----------
    frames : mapping of str to pandas.DataFrame
        The frames, as loaders return them; they are not changed.
    as_of : pandas.Timestamp or None
        The reference day for dates in the future; by default the last on which a frame was fetched.

    Attributes
    ----------
    as_of : pandas.Timestamp or None
        That day; None if no receipt has it.
    receipts : dict of str to dict
        The receipts of the frames that have one.
    parts : dict of str to str
        A sentence on each frame that holds other rows than were loaded.
    """

    def __init__(self, frames: Mapping[str, pd.DataFrame], as_of: pd.Timestamp | None) -> None:
        self._frames = {name: _typed(name, frame) for name, frame in frames.items()}
        self._models = {name: record_of(name, frame.columns) for name, frame in self._frames.items()}
        receipts = {name: sound_receipt(frame) for name, frame in frames.items()}
        self.receipts = {name: receipt for name, receipt in receipts.items() if receipt is not None}
        notes = {name: part_note(frame) for name, frame in frames.items()}
        self.parts = {name: note for name, note in notes.items() if note is not None}
        fetched = [receipt.get("finished", "")[:10] for receipt in self.receipts.values()]
        last = max((day for day in fetched if _is_date(day)), default=None)
        self.as_of = pd.Timestamp(last) if as_of is None and last is not None else as_of
        self._lines: dict[tuple[str, str], pd.DataFrame] = {}
        self._notes: dict[str, None] = {}

    @property
    def notes(self) -> list[str]:
        """Notes on what could not be checked, without repeats."""
        return list(self._notes)

    def note(self, text: str) -> None:
        """Add a note on what could not be checked."""
        self._notes[text] = None

    def frame(self, resource: str, *needed: str) -> pd.DataFrame | None:
        """Return a frame; None if it was not loaded, or with a note if columns are missing."""
        frame = self._frames.get(resource)
        if frame is None:
            return None
        missing = [name for name in needed if name not in frame.columns]
        for name in missing:
            self.note(f"The frame of {resource} has no column {name!r}: what needs it was not checked.")
        return None if missing else frame

    def each(self, resources: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str, pd.DataFrame]]:
        """Yield the loaded frames with each of the fields to check."""
        for resource, fields in resources.items():
            for field in fields:
                frame = self.frame(resource, field)
                if frame is not None:
                    yield resource, field, frame

    def lines(self, resource: str, nested: str = "line_items") -> pd.DataFrame | None:
        """Return the lines of documents, or the variants of products.

        They have the fields of the line (its own id as ``line_id``), the ``row`` of the document in its
        frame, and ``line``, counted from 0 within the document as in a path; ``number`` counts from 1.
        """
        frame = self.frame(resource, nested)
        if frame is None:
            return None
        if (resource, nested) not in self._lines:
            self._lines[resource, nested] = _lines(frame, self.model(resource), resource, nested)
        return self._lines[resource, nested]

    def model(self, resource: str) -> type[Record]:
        """Return the record of a loaded frame, which has more columns in the live dialect."""
        return self._models[resource]

    def is_live(self, resource: str) -> bool:
        """Return whether a frame was loaded in the live dialect."""
        return resource in self._models and self._models[resource] is not RECORDS.get(resource)

    def has(self, resource: str) -> bool:
        """Return whether a resource was loaded."""
        return resource in self._frames

    def count(self, resource: str, connection: str) -> int:
        """Return the number of records of a connection."""
        return self._counts(resource).get(_name(connection), 0)

    def connections(self, resource: str) -> list[str | None]:
        """Return the connections that have records of a resource; none where it was not loaded."""
        return list(self._counts(resource)) if resource in self._frames else []

    def _counts(self, resource: str) -> dict[str | None, int]:
        counts = self._frames[resource]["connection_id"].value_counts(dropna=False)
        return {_name(name): int(count) for name, count in counts.items()}

    def complete_connections(self, resources: Sequence[str]) -> set[str | None]:
        """Return the connections with all records, and at least one: there a reference can be missing."""
        present: set[str | None] = set()
        partial: set[str | None] = set()
        for resource in resources:
            counts = self._counts(resource)
            present |= set(counts)
            receipt = self.receipts.get(resource)
            if receipt is not None:
                complete = {
                    name
                    for name, entry in receipt["per_connection"].items()
                    if entry["complete"] and entry["rows"] == counts.get(name, 0)
                }
                partial |= set(counts) - complete | set(receipt["per_connection"]) - complete
        return present - partial


def _is_date(text: str) -> bool:
    with suppress(ValueError):
        return bool(date.fromisoformat(text))
    return False


def resource_of(frame: pd.DataFrame) -> str:
    """Return the resource of a frame by its receipt, or by its columns.

    Raises
    ------
    ValueError
        If its columns are those of no resource.
    """
    resource = (sound_receipt(frame) or {}).get("resource")
    if resource in (*RECORDS, *LIVE_RESOURCES):
        return str(resource)
    fields = {name: set(model.model_fields) for name, model in RECORDS.items()}
    alike = [name for name, needed in fields.items() if needed <= set(frame.columns)]
    if not alike:
        fields = {name: set(record_of(name, ()).model_fields) for name in LIVE_RESOURCES}
        alike = [name for name, needed in fields.items() if needed <= set(frame.columns)]
    if not alike:
        raise ValueError(
            f"This frame looks like none of {', '.join(RECORDS)}; its columns are "
            f"{printable_names(frame)}. Pass it with its name: rf.check({{'invoices': frame}})"
        )
    return max(alike, key=lambda name: len(fields[name]))


def _typed(resource: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with the dtypes of a loader: it may have been read from a file."""
    if resource not in (*RECORDS, *LIVE_RESOURCES):
        known = ", ".join((*RECORDS, *LIVE_RESOURCES))
        raise ValueError(f"There is no resource {resource!r}; there are {known}")
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"{resource}: expected a pandas DataFrame, not {type(frame).__name__}")
    repeated = [str(name) for name in frame.columns[frame.columns.duplicated()].unique()]
    if repeated:
        raise ValueError(
            f"The frame of {resource} has the column {repeated[0]!r} more than once: keep one of them"
        )
    if "id" not in frame.columns:
        raise ValueError(
            f"The frame of {resource} has no column 'id', by which a finding names its record; its columns "
            f"are {printable_names(frame)}"
        )
    current = leave_out_deleted(frame) if DELETED in frame.columns else frame
    typed: pd.DataFrame = current.reset_index(drop=True)
    # Without a receipt, pandas does not copy it in the operations below.
    typed.attrs = {}
    if "connection_id" not in typed.columns:
        typed.insert(0, "connection_id", None)
    kinds = {
        column.name: column.kind
        for column in columns(record_of(resource, frame.columns))
        if column.rows is None
    }
    for name, kind in {"connection_id": Kind.TEXT, **kinds}.items():
        if name in typed.columns:
            typed[name] = _of_kind(typed, name, kind, resource)
    return typed


def _of_kind(frame: pd.DataFrame, name: str, kind: Kind | None, resource: str) -> pd.Series:
    """Return a column with the dtype of its kind; ambiguous dates are refused."""
    column = frame[name]
    if kind is Kind.DATE or kind is Kind.TIMESTAMP:
        single = nw.from_native(frame[[name]], eager_only=True)
        days = single.select(parse_dates(single, name, kind=resource).alias(name))[name]
        if kind is Kind.DATE:
            return pd.Series(days.to_numpy(), column.index, "datetime64[us]")
    try:
        if kind is Kind.TIMESTAMP:
            moments = pd.to_datetime(column, format="ISO8601", utc=True)
            return moments.dt.tz_localize(None).astype("datetime64[us]")
        return column.astype("float64" if kind is Kind.NUMBER else TEXT_DTYPE)
    except (ValueError, TypeError, OverflowError):
        raise ValueError(
            f"{resource}.{name} should hold a {kind}, but is {column.dtype}: pass the frame from its loader"
        ) from None


def _name(connection: Any) -> str | None:
    return None if pd.isna(connection) else str(connection)


def _lines(frame: pd.DataFrame, record: type[Record], resource: str, nested: str) -> pd.DataFrame:
    model = next(column.rows for column in columns(record) if column.name == nested)
    if model is None:
        raise TypeError(f"{resource}.{nested} is not a list")
    # A frame built by hand without any lists has no list type.
    lists = frame[nested] if frame[nested].notna().any() else frame[nested].astype(object)
    try:
        parents, fields = nested_rows(lists, model)
    except pa.ArrowException:
        raise ValueError(f"{resource}.{nested} holds no lists: pass the frame from its loader") from None
    lines: pd.DataFrame = pa.table(fields).to_pandas(types_mapper=dtype_of)
    rows = parents.to_numpy()
    return lines.rename(columns={"id": "line_id"}).assign(
        row=rows, line=line_numbers(rows) - 1, number=line_numbers(rows)
    )
