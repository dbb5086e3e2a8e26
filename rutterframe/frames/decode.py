"""Decode pages of JSON into Arrow columns.

The columnar path reads several pages at once with Arrow's JSON reader and the record's schema: no Python
object per row, and no GIL. Values that Arrow refuses and the contract allows are rewritten before
(`rewrite`). A row that is still in doubt takes the exact path (`exact`), alone, and returns to its place.
"""

# pyarrow.compute creates its functions at run time, so that pyright does not know them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.json as pj

from rutterframe.errors import ConnectionMismatch, InvalidResponse, Refusal
from rutterframe.frames.cast import typed_rows
from rutterframe.frames.exact import MAX_REASONS, Refusals, repeated_key
from rutterframe.frames.exact_table import exact_table
from rutterframe.frames.json_index import Brackets, ManyBracketsError, RowIndex, index_rows
from rutterframe.frames.json_walk import read_cut_rows, read_page
from rutterframe.frames.platform_data import own_as_text, own_fields, with_text
from rutterframe.frames.rewrite import (
    Search,
    field_kinds,
    fields_like,
    fields_of,
    has_quoted_numbers,
    is_mostly_unclear,
    rewrite,
)
from rutterframe.frames.schema import frame_schema, page_schema
from rutterframe.models import Record
from rutterframe.models.fields import Kind

if TYPE_CHECKING:
    from rutterframe.dialects.mapping import Mapping

OnInvalid = Literal["raise", "quarantine"]

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
#: Rows that are parsed at once on the exact path: their objects are much larger than their text.
_CHUNK = 1_000
#: From this size on a text with so few bytes for each value takes the exact path: it is a list of nulls or
#: nearly empty objects, each of which would be a row of every column.
_LARGE, _BYTES_PER_VALUE = 2_000_000, 16
#: Up to so many rows are cut out of a table, which copies nothing.
_FEW = 8
#: Arrow's errors for a value of another kind, "Column(/bills/[]/amount_due) changed from number to string",
#: and for a repeated key, "Column(/invoices/[]/status) was specified twice".
_FIELD_IN_ERROR = re.compile(r"Column\(\S*/(\w+)\) (changed from|was specified twice)")
_TWICE = "was specified twice"
#: In a first batch of up to so many bytes, numbers as text are searched for before Arrow finds them.
_SEARCHED = 300_000


class _NotColumnar(Exception):
    """The columnar path cannot judge these pages."""


@dataclass(slots=True)
class _Habits:
    """How the pages of a list were written so far; it decides what is tried first, and never the result.

    Attributes
    ----------
    search : Search or None
        What had to be rewritten in the last batch; None for nothing.
    clean_batches : int
        How many batches were read as they are.
    """

    search: Search | None = None
    clean_batches: int = 0


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
        One for each field that could not be read: the first hundred.
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
    mapping : Mapping or None
        What the columns are worked out of; None if the pages hold records of the model.
    is_single, is_array : bool
        Whether a body holds one object instead of a list, or is the list itself, without an object around it.
    """

    model: type[Record]
    list_key: str
    cursor_key: str
    connection_id: str | None = None
    on_invalid: OnInvalid = "raise"
    mapping: Mapping | None = None
    is_single: bool = False
    is_array: bool = False

    #: How the pages of this list are written, from those that were decoded.
    _habits: _Habits = field(default_factory=_Habits, repr=False, compare=False)

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
        if self.is_array:
            bodies = [
                b'{"%s":%s}' % (self.list_key.encode(), body.removeprefix(_BYTE_ORDER_MARK))
                for body in bodies
            ]
        batch = self._decode(bodies)
        if self.mapping is None:
            return batch
        from rutterframe.frames.map_columns import mapped_table  # noqa: PLC0415 - for live pages only

        return replace(batch, table=mapped_table(self.mapping, batch.table))

    @property
    def _sent(self) -> type[Record]:
        """The record of the rows as they are sent."""
        return self.model if self.mapping is None else self.mapping.wire

    @property
    def _around(self) -> tuple[tuple[str, ...], ...]:
        """The paths of texts of the page that are columns of its rows."""
        return () if self.mapping is None else self.mapping.envelope

    def _decode(self, bodies: Sequence[bytes]) -> Batch:
        """Decode pages to records as they are sent."""
        try:
            return self._columnar(bodies)
        except (_NotColumnar, ManyBracketsError):
            pass  # and let go of the error, which holds all that was read so far
        if len(bodies) == 1:
            return self._exact(bodies[0])
        return _concat([self._decode([body]) for body in bodies])

    def _columnar(self, bodies: Sequence[bytes]) -> Batch:
        """Decode pages with Arrow, and only the rows that it cannot judge with the exact path."""
        if self.is_single or (self.mapping is not None and self.mapping.has_trees):
            raise _NotColumnar
        bodies = [body.removeprefix(_BYTE_ORDER_MARK) for body in bodies]
        if own_fields(self._sent):
            bodies = [self._with_text(body) for body in bodies]
        text = _joined(bodies)
        if len(text) > _LARGE and text.count(b",") * _BYTES_PER_VALUE > len(text):
            raise _NotColumnar
        pages, emptied, index = self._read(text)
        lists = pages.column(self.list_key).combine_chunks()
        # Two documents in one body, or a page without its list
        if len(pages) != len(bodies) or lists.null_count:
            raise _NotColumnar
        if self.connection_id is not None:
            self._check_connection(pages)
        rows = lists.flatten()
        table, unclear = typed_rows(rows, frame_schema(self._sent))
        envelopes = pages.drop_columns([self.list_key]).to_pylist() if self._around else []
        if envelopes:
            places = itertools.pairwise(lists.offsets.to_pylist())
            table = pa.concat_tables(
                self._with_texts(table.slice(begin, end - begin), envelope)
                for (begin, end), envelope in zip(places, envelopes, strict=True)
            )
        if not len(emptied) and unclear is None:
            return Batch(table)
        numbers = emptied if unclear is None else np.union1d(emptied, np.flatnonzero(unclear))
        if is_mostly_unclear(len(numbers), len(rows)):
            raise _NotColumnar
        counts = np.diff(lists.offsets.to_numpy()).tolist()
        spans = self._spans(text, index, numbers, rows, counts)
        return self._merge(table, numbers, counts, text, spans, envelopes)

    def _with_text(self, body: bytes) -> bytes:
        rewritten = with_text(body, self.list_key, own_fields(self._sent))
        if rewritten is None:
            raise _NotColumnar
        return rewritten

    def _read(self, text: bytes) -> tuple[pa.Table, np.ndarray, RowIndex | None]:
        """Read pages with Arrow: as they are, else rewritten; return which rows were emptied for that."""
        search = self._habits.search
        is_searched = self._habits.clean_batches == 0 and len(text) <= _SEARCHED
        if search is None and is_searched and has_quoted_numbers(text, self._sent):
            search = Search(fields_of(self._sent, Kind.NUMBER, Kind.COUNT))
        if search is None:
            try:
                pages = self._parse(text)
            except pa.ArrowInvalid as error:
                search = self._wider(Search(), error)
            else:
                self._habits.clean_batches += 1
                return pages, np.empty(0, np.int64), None
        while True:
            rewritten = rewrite(text, self._sent, self.list_key, search)
            if rewritten is None:
                raise _NotColumnar
            try:
                pages = self._parse(rewritten.text)
            except pa.ArrowInvalid as error:
                search = self._wider(search, error)
            else:
                # The next pages are likely to need the same; if these did not, they are read as they are.
                is_needed = len(rewritten.emptied) > 0 or rewritten.text != text
                self._habits.search = search if is_needed else None
                return pages, rewritten.emptied, rewritten.index

    def _wider(self, search: Search, error: pa.ArrowInvalid) -> Search:
        """Return a search for what Arrow names in an error as well."""
        if search.is_thorough:
            raise _NotColumnar from error
        message = str(error)
        named = _FIELD_IN_ERROR.search(message)
        kinds = field_kinds(self._sent) or {}
        wider = search
        if named is not None and named[1] in kinds:
            if named[2] == _TWICE:
                wider = replace(search, repeated=search.repeated | {named[1]})
            else:
                wider = replace(search, names=search.names | fields_like(self._sent, named[1]))
        elif "surrogate" in message:
            wider = replace(search, has_surrogates=True)
        elif not message.startswith("JSON parse error"):
            # The conversion of a value failed, such as 1.0 for a count.
            wider = replace(search, names=search.names | fields_of(self._sent, Kind.NUMBER, Kind.COUNT))
        return Search.for_everything(self._sent) if wider == search else wider

    def _parse(self, text: bytes) -> pa.Table:
        return pj.read_json(
            pa.BufferReader(text),
            read_options=pj.ReadOptions(use_threads=False, block_size=len(text) + 1),
            parse_options=pj.ParseOptions(
                explicit_schema=page_schema(self._sent, self.list_key, self.cursor_key, self._around),
                unexpected_field_behavior="ignore",
            ),
        )

    def _check_connection(self, pages: pa.Table) -> None:
        for connection in pages.column("connection").to_pylist():
            self._refuse_other(connection and connection["id"])

    def _refuse_other(self, name: str | None) -> None:
        if name is not None and self.connection_id is not None and name != self.connection_id:
            raise ConnectionMismatch(
                f"The access token of connection {self.connection_id!r} opened connection {name!r}",
                hint=f"give {self.connection_id!r} its own token; no row of the other one was loaded.",
            )

    def _spans(
        self,
        text: bytes,
        index: RowIndex | None,
        numbers: np.ndarray,
        rows: pa.StructArray,
        counts: list[int],
    ) -> list[tuple[int, int]]:
        """Return where some rows begin and end in the text; (0, 0) for a null."""
        is_null = np.zeros(len(numbers), np.bool_)
        if rows.null_count:
            is_null = rows.is_null().to_numpy(zero_copy_only=False)[numbers]
            if is_null.all():
                return [(0, 0)] * len(numbers)
        index = index or index_rows(text, Brackets.of(text), self.list_key)
        if index is None or index.counts != counts:
            raise _NotColumnar
        at = np.minimum(np.searchsorted(index.numbers, numbers), len(index.numbers) - 1)
        if not (is_null | (index.numbers[at] == numbers)).all():
            raise _NotColumnar
        starts, ends = np.where(is_null, 0, index.starts[at]), np.where(is_null, 0, index.ends[at])
        return list(zip(starts.tolist(), ends.tolist(), strict=True))

    def _merge(
        self,
        table: pa.Table,
        numbers: np.ndarray,
        counts: list[int],
        text: bytes,
        spans: list[tuple[int, int]],
        envelopes: list[dict[str, Any]],
    ) -> Batch:
        """Decode some rows by themselves, page by page, and put them in their places."""
        exact: list[pa.Table] = []
        places: list[np.ndarray] = []
        reasons: list[Refusal] = []
        refused = 0
        ends = np.searchsorted(numbers, np.cumsum(counts)).tolist()
        for number, (begin, end) in enumerate(itertools.pairwise([0, *ends])):
            page = Refusals()
            for start in range(begin, end, _CHUNK):
                chunk = slice(start, min(start + _CHUNK, end))
                objects = self._objects([text[begin:end] or b"null" for begin, end in spans[chunk]])
                decoded, positions = exact_table(self._sent, objects, page)
                if decoded is not None:
                    exact.append(self._with_texts(decoded, envelopes[number] if envelopes else {}))
                    places.append(numbers[chunk][positions])
            self._raise_if_refused(page, counts[number])
            refused += page.rows
            reasons += page.reasons[: MAX_REASONS - len(reasons)]
        return Batch(_replace_rows(table, numbers, exact, places), refused, tuple(reasons))

    def _exact(self, body: bytes) -> Batch:
        """Decode a whole page with the exact path: it is not JSON, or not a page, or Arrow cannot read it."""
        keys = {"connection", self.cursor_key, *(path[0] for path in self._around)}
        envelope, chunks = read_page(body, self.list_key, self._sent, keys, is_single=self.is_single)
        connection = envelope.get("connection")
        if isinstance(connection, dict):
            self._refuse_other(connection.get("id"))
        names = own_fields(self._sent)
        tables = [self._with_texts(frame_schema(self._sent).empty_table(), envelope)]
        refusals, count = Refusals(), 0
        for rows in chunks:
            if names:
                own_as_text([row for row in rows if repeated_key(row, self._sent) is None], names)
            table, _ = exact_table(self._sent, rows, refusals)
            if table is not None:
                tables.append(self._with_texts(table, envelope))
            count += len(rows)
        self._raise_if_refused(refusals, count)
        return Batch(pa.concat_tables(tables), refusals.rows, tuple(refusals.reasons))

    def _objects(self, sources: Sequence[bytes]) -> list[Any]:
        """Parse rows that were cut out of a page."""
        try:
            objects = read_cut_rows(sources, self._sent)
        except InvalidResponse as error:
            raise _NotColumnar from error
        if len(objects) != len(sources):
            raise _NotColumnar
        return objects

    def _with_texts(self, table: pa.Table, envelope: dict[str, Any]) -> pa.Table:
        """Add the texts of a page that are columns of its rows."""
        if not self._around:
            return table
        from rutterframe.frames.map_columns import with_texts  # noqa: PLC0415 - for live pages only

        return with_texts(table, envelope, self._around)

    def _raise_if_refused(self, refusals: Refusals, rows: int) -> None:
        if refusals.rows and self.on_invalid == "raise":
            raise refusals.error(rows)


def _replace_rows(
    table: pa.Table, numbers: np.ndarray, rows: Sequence[pa.Table], places: Sequence[np.ndarray]
) -> pa.Table:
    """Replace some rows by those that were decoded by themselves; the others of them are left out."""
    if len(numbers) > _FEW:
        is_clear = np.ones(len(table), np.bool_)
        is_clear[numbers] = False
        remaining = table.filter(pa.array(is_clear))
        if not rows:
            return remaining
        order = np.argsort(np.concatenate([np.flatnonzero(is_clear), *places]), kind="stable")
        return pa.concat_tables([remaining, *rows]).take(order)
    parts = []
    begin, used = 0, 0
    decoded = pa.concat_tables(rows) if rows else table.slice(0, 0)
    is_decoded = np.isin(numbers, np.concatenate(places)) if places else np.zeros(len(numbers), np.bool_)
    for number, is_read in zip(numbers.tolist(), is_decoded.tolist(), strict=True):
        parts += [table.slice(begin, number - begin), decoded.slice(used, int(is_read))]
        begin, used = number + 1, used + is_read
    return pa.concat_tables([part for part in [*parts, table.slice(begin)] if len(part)] or [decoded])


def _concat(batches: Sequence[Batch]) -> Batch:
    return Batch(
        pa.concat_tables([batch.table for batch in batches]),
        sum(batch.refused for batch in batches),
        tuple(itertools.islice((reason for batch in batches for reason in batch.reasons), MAX_REASONS)),
    )


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
