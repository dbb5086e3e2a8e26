"""Decode pages of JSON into Arrow columns.

The columnar path reads several pages at once with Arrow's JSON reader and the record's schema: no Python
object per row, and no GIL. Where Arrow fails, or accepts what JSON or the contract do not allow, the same
pages take the exact path (`exact`), one by one.
"""

# pyarrow.compute creates its functions at run time, so that pyright does not know them.
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


class _NotColumnar(Exception):
    """The columnar path cannot judge these pages."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The decoded rows of some pages.

    Attributes
    ----------
    table : pyarrow.Table
        The rows, in the order of the pages.
    refused : int
        How many rows could not be read; the table is without them.
    reasons : tuple of Refusal
        One for each field that could not be read.
    """

    table: pa.Table
    refused: int = 0
    reasons: tuple[Refusal, ...] = ()

    def without_rows(self) -> Batch:
        """Return the batch with an empty table, for a receipt; a slice would keep all rows in memory."""
        return Batch(self.table.schema.empty_table(), self.refused, self.reasons)


@dataclass(frozen=True, slots=True)
class Decoder:
    """Decode the pages of one list.

    Attributes
    ----------
    model : type of record
        The record of the rows.
    list_key, cursor_key : str
        The keys of a page that hold the records and the next cursor.
    connection_id : str or None
        The expected connection: a page that names another one is refused.
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
            The bodies of whole pages.

        Raises
        ------
        InvalidResponse
            If a body is not a page of this list.
        InvalidRows
            If a page has rows that cannot be read and ``on_invalid`` is "raise".
        ConnectionMismatch
            If a page names another connection.
        """
        try:
            return Batch(self._columnar(bodies))
        except _NotColumnar:
            return self._one_by_one(bodies)

    def _one_by_one(self, bodies: Sequence[bytes]) -> Batch:
        """Decode page by page, so that only pages that need it take the exact path."""
        batches = []
        for body in bodies:
            try:
                batches.append(Batch(self._columnar([body])))
            except _NotColumnar:
                batches.append(self._exact(body))
        return Batch(
            pa.concat_tables([batch.table for batch in batches]),
            sum(batch.refused for batch in batches),
            tuple(reason for batch in batches for reason in batch.reasons),
        )

    def _columnar(self, bodies: Sequence[bytes]) -> pa.Table:
        if is_expanded(self.model):
            bodies = [self._with_text(body) for body in bodies]
        pages = self._read(bodies)
        lists = pages.column(self.list_key).combine_chunks()
        # Two documents in one body, or a page without its list
        if len(pages) != len(bodies) or lists.null_count:
            raise _NotColumnar
        rows = lists.flatten()
        if rows.null_count:  # null instead of a record
            raise _NotColumnar
        if self.connection_id is not None:
            self._check_connection(pages)
        if not all(_is_valid(column) for column in rows.flatten()):
            raise _NotColumnar
        return _typed(rows, frame_schema(self.model))

    def _with_text(self, body: bytes) -> bytes:
        rewritten = with_text(body, self.list_key)
        if rewritten is None:
            raise _NotColumnar
        return rewritten

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
            raise _NotColumnar from error

    def _check_connection(self, pages: pa.Table) -> None:
        for name in pc.unique(pc.struct_field(pages.column("connection"), "id")).to_pylist():
            self._refuse_other(name)

    def _refuse_other(self, name: str | None) -> None:
        if name is not None and self.connection_id is not None and name != self.connection_id:
            raise ConnectionMismatch(
                f"The access token of connection {self.connection_id!r} opened connection {name!r}",
                hint=f"give {self.connection_id!r} its own token; no row of the other one was loaded.",
            )

    def _exact(self, body: bytes) -> Batch:
        envelope = parse_object(body)
        connection = envelope.get("connection")
        if isinstance(connection, dict):
            self._refuse_other(connection.get("id"))
        objects = page_rows(envelope, self.list_key)
        if is_expanded(self.model):
            own_as_text([row for row in objects if repeated_key(row) is None])
        rows = read_rows(self.model, objects)
        if rows.refused and self.on_invalid == "raise":
            raise invalid_rows(rows)
        records = [row.model_dump() for row in rows.valid]
        table = pa.Table.from_pylist(records, schema=exact_schema(self.model)).cast(frame_schema(self.model))
        return Batch(table, rows.refused, tuple(rows.reasons))


def _joined(bodies: Sequence[bytes]) -> bytes:
    """Join pages into one text, a line each, after a check that each is one object in valid UTF-8.

    Arrow's reader checks neither: a text that begins with ``null`` crashes it, and it reads two documents in
    one body as two pages.
    """
    if not all(body[:1] == b"{" and body.rstrip()[-1:] == b"}" for body in bodies):
        raise _NotColumnar
    joined = b"\n".join(bodies)
    if not joined.isascii():
        _check_utf8(joined)
    return joined


def _check_utf8(text: bytes) -> None:
    """Check that the text is valid UTF-8, without the GIL."""
    span = pa.array([0, len(text)], pa.int64()).buffers()[1]
    try:
        pa.LargeStringArray.from_buffers(1, span, pa.py_buffer(text)).validate(full=True)
    except pa.ArrowInvalid as error:
        raise _NotColumnar from error


def _is_valid(column: pa.Array) -> bool:
    """Return whether a column has none of the values that Arrow accepts and the contract does not.

    These are NaN, infinity, and null instead of a nested record.
    """
    if pa.types.is_list(column.type):
        rows = column.flatten()
        return not rows.null_count and all(_is_valid(inner) for inner in rows.flatten())
    if not pa.types.is_floating(column.type):
        return True
    return math.isfinite(pc.sum(column, min_count=0).as_py())


def _typed(rows: pa.StructArray, schema: pa.Schema) -> pa.Table:
    """Cast dates and times from text to their types."""
    try:
        return pa.table(
            [_cast(column, kind) for column, kind in zip(rows.flatten(), schema.types, strict=True)],
            schema=schema,
        )
    except pa.ArrowInvalid as error:
        raise _NotColumnar from error


def _cast(column: pa.Array, kind: pa.DataType) -> pa.Array:
    if not pa.types.is_timestamp(kind):
        return column
    if kind.tz is None:
        column = column.cast(pa.date32())  # refuses a date with a time
    moments = column.cast(kind)
    span = pc.min_max(moments.cast(pa.int64())).as_py()
    if span["min"] is not None and (span["min"] < _FIRST or span["max"] > _LAST):
        raise _NotColumnar
    return moments
