"""From the bytes of pages to Arrow columns.

The fast way gives several pages at once to Arrow's JSON reader, with the record's own schema. It holds no
Python object per row and does its work without the GIL. Where Arrow refuses, or would take what JSON or the
contract do not allow, the same pages go to the exact way (`exact`), one by one.
"""

# pyarrow.compute makes its functions at run time, where pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj

from rutterframe.errors import ConnectionMismatch, Refusal
from rutterframe.frames.exact import invalid_rows, page_rows, parse_object, read_rows, repeated_key
from rutterframe.frames.platform_data import is_expanded, own_as_text, with_text
from rutterframe.frames.schema import exact_schema, frame_schema, page_schema
from rutterframe.models import Record

OnInvalid = Literal["raise", "quarantine"]

# Years 1 to 9999, in microseconds since 1970: beyond them Python has no dates, though Arrow has.
_FIRST, _LAST = -62_135_596_800_000_000, 253_402_300_799_999_999


class _Doubtful(Exception):
    """The fast way is not sure of these pages."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The rows of some pages.

    Attributes
    ----------
    table : pyarrow.Table
        The rows, in the order in which they were sent.
    refused : int
        How many rows could not be read; they are not in the table.
    reasons : tuple of Refusal
        Why.
    """

    table: pa.Table
    refused: int = 0
    reasons: tuple[Refusal, ...] = ()

    def without_rows(self) -> Batch:
        """Give what a receipt needs: even an empty slice would keep all rows."""
        return Batch(self.table.schema.empty_table(), self.refused, self.reasons)


@dataclass(frozen=True, slots=True)
class Decoder:
    """Decodes the pages of one list.

    Attributes
    ----------
    model : type of record
        What the rows are.
    list_key, cursor_key : str
        The keys of a page.
    connection_id : str or None
        Whose rows are expected: a page that names another connection is refused.
    on_invalid : {"raise", "quarantine"}
        What to do with a page that has unreadable rows.
    """

    model: type[Record]
    list_key: str
    cursor_key: str
    connection_id: str | None = None
    on_invalid: OnInvalid = "raise"

    def decode(self, bodies: Sequence[bytes]) -> Batch:
        """Decode pages.

        Parameters
        ----------
        bodies : sequence of bytes
            Whole pages, as they were sent.

        Raises
        ------
        InvalidResponse
            If a page is none.
        InvalidRows
            If a page has rows that cannot be read, unless they are to be quarantined.
        """
        try:
            return Batch(self._fast(bodies))
        except _Doubtful:
            return self._one_by_one(bodies)

    def _one_by_one(self, bodies: Sequence[bytes]) -> Batch:
        """Find the page that is in doubt, so that only its rows are read the slow way."""
        batches = []
        for body in bodies:
            try:
                batches.append(Batch(self._fast([body])))
            except _Doubtful:
                batches.append(self._exact(body))
        return Batch(
            pa.concat_tables([batch.table for batch in batches]),
            sum(batch.refused for batch in batches),
            tuple(reason for batch in batches for reason in batch.reasons),
        )

    def _fast(self, bodies: Sequence[bytes]) -> pa.Table:
        if is_expanded(self.model):
            bodies = [self._with_text(body) for body in bodies]
        pages = self._read(bodies)
        lists = pages.column(self.list_key).combine_chunks()
        # Two documents in one body, a page without its list, null instead of a record
        if len(pages) != len(bodies) or lists.null_count:
            raise _Doubtful
        rows = lists.flatten()
        if rows.null_count:
            raise _Doubtful
        if self.connection_id is not None:
            self._check_connection(pages)
        if not all(_is_sound(column) for column in rows.flatten()):
            raise _Doubtful
        return _typed(rows, frame_schema(self.model))

    def _with_text(self, body: bytes) -> bytes:
        written = with_text(body, self.list_key)
        if written is None:
            raise _Doubtful
        return written

    def _read(self, bodies: Sequence[bytes]) -> pa.Table:
        joined = _joined(bodies)
        try:
            return pj.read_json(
                pa.BufferReader(joined),
                read_options=pj.ReadOptions(use_threads=False, block_size=len(joined) + 1),
                parse_options=pj.ParseOptions(
                    explicit_schema=page_schema(self.model, self.list_key, self.cursor_key),
                    unexpected_field_behavior="ignore",
                ),
            )
        except pa.ArrowInvalid as error:
            raise _Doubtful from error

    def _check_connection(self, pages: pa.Table) -> None:
        for served in pc.unique(pc.struct_field(pages.column("connection"), "id")).to_pylist():
            self._refuse_other(served)

    def _refuse_other(self, served: str | None) -> None:
        if served is not None and self.connection_id is not None and served != self.connection_id:
            raise ConnectionMismatch(
                f"The access token of connection {self.connection_id!r} opened connection {served!r}",
                hint=f"give {self.connection_id!r} its own token; nothing of the other one was kept.",
            )

    def _exact(self, body: bytes) -> Batch:
        envelope = parse_object(body)
        connection = envelope.get("connection")
        if isinstance(connection, dict):
            self._refuse_other(connection.get("id"))
        sent = page_rows(envelope, self.list_key)
        if is_expanded(self.model):
            own_as_text([row for row in sent if repeated_key(row) is None])
        rows = read_rows(self.model, sent)
        if rows.refused and self.on_invalid == "raise":
            raise invalid_rows(rows)
        found = [row.model_dump() for row in rows.valid]
        table = pa.Table.from_pylist(found, schema=exact_schema(self.model)).cast(frame_schema(self.model))
        return Batch(table, rows.refused, tuple(rows.reasons))


def _joined(bodies: Sequence[bytes]) -> bytes:
    """Join pages into one text, a document each, if every page is an object in UTF-8 from end to end.

    Arrow's reader checks neither: a text that begins with ``null`` crashes it, and two documents in one body
    are two pages to it.
    """
    if not all(body[:1] == b"{" and body.rstrip()[-1:] == b"}" for body in bodies):
        raise _Doubtful
    joined = b"\n".join(bodies)
    if not joined.isascii():
        _check_utf8(joined)
    return joined


def _check_utf8(text: bytes) -> None:
    """Make sure that the text is UTF-8, without holding the GIL."""
    span = pa.array([0, len(text)], pa.int64()).buffers()[1]
    try:
        pa.LargeStringArray.from_buffers(1, span, pa.py_buffer(text)).validate(full=True)
    except pa.ArrowInvalid as error:
        raise _Doubtful from error


def _is_sound(column: pa.Array) -> bool:
    """Tell whether a column is free of what Arrow takes, but JSON or the contract does not.

    That is: NaN, infinity, and null instead of a nested record.
    """
    if pa.types.is_list(column.type):
        rows = column.flatten()
        return not rows.null_count and all(_is_sound(inner) for inner in rows.flatten())
    if not pa.types.is_floating(column.type):
        return True
    return math.isfinite(pc.sum(column, min_count=0).as_py())


def _typed(rows: pa.StructArray, schema: pa.Schema) -> pa.Table:
    """Turn dates and times from text into themselves."""
    try:
        return pa.table(
            [_cast(column, kind) for column, kind in zip(rows.flatten(), schema.types, strict=True)],
            schema=schema,
        )
    except pa.ArrowInvalid as error:
        raise _Doubtful from error


def _cast(column: pa.Array, kind: pa.DataType) -> pa.Array:
    if not pa.types.is_timestamp(kind):
        return column
    if kind.tz is None:
        column = column.cast(pa.date32())  # a date with a time in it is no date
    moments = column.cast(kind)
    span = pc.min_max(moments.cast(pa.int64())).as_py()
    if span["min"] is not None and (span["min"] < _FIRST or span["max"] > _LAST):
        raise _Doubtful
    return moments
