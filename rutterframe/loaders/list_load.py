"""One list of one connection: its pages, decoded beside the reading, and the state of its load."""

# pyarrow.compute creates its functions at run time, so that pyright does not know them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import functools
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from rutterframe.client import Paginator, RequestSpec, Stopped
from rutterframe.client.filters import format_filters
from rutterframe.dialects.extra_fields import extend_mapping
from rutterframe.errors import Refusal, RutterframeError
from rutterframe.frames import Batch, Decoder, OnInvalid, Rows, rows_of
from rutterframe.loaders.side_by_side import SAME_THREAD, SideBySide

#: Bytes that are decoded together: fewer cost more per page, more leave more to do after the last page.
BYTES_PER_BATCH = 1_500_000
#: Batches that may wait for the decoder before the reader decodes as well.
BATCHES_WAITING = 3
#: Pages that a list is read for while others wait for a thread; the first time it is one, so that every list
#: has its first page before any has its second.
PAGES_PER_TURN = 4
#: Bytes of a complete list up to which its rows are stored as messages.
SMALL_LIST = 16_384
#: Small lists of a frame that are combined.
COMBINED = 100
#: How far the clocks of a server's machines may differ.
_CLOCKS = timedelta(minutes=1)
UPDATED_AT = "updated_at"


class ListLoad:
    """The reader of one list: gives its rows in batches, in order, and can be continued.

    Parameters
    ----------
    pages : Paginator
        The pages of the list, from the first one or from where they were left.
    on_invalid : {"raise", "quarantine"}
        What to do with rows that cannot be read.
    rows : int
        How many rows were read before, where a load is continued.
    newest : datetime, optional
        The latest change among them.
    changes : Paginator, optional
        The pages of what changed while the list was read, where they were begun.
    """

    def __init__(
        self,
        pages: Paginator,
        on_invalid: OnInvalid,
        rows: int = 0,
        newest: datetime | None = None,
        changes: Paginator | None = None,
    ) -> None:
        self._pages = pages
        self._on_invalid: OnInvalid = on_invalid
        self._rows = rows
        self._newest = newest
        self._changes = changes
        self._has_gap = False

    @property
    def request(self) -> RequestSpec:
        """The request of the list: connection, resource and filters."""
        return self._pages.request

    @property
    def pages(self) -> int:
        """How many pages were read."""
        return self._pages.pages + (0 if self._changes is None else self._changes.pages)

    @property
    def served(self) -> datetime | None:
        """When the first page was served, by the server's clock."""
        return self._pages.served

    def batches(self, shared: SideBySide) -> Iterator[Batch | None]:
        """Read every page, and yield the rows of a few pages at a time.

        Parameters
        ----------
        shared : SideBySide
            What the lists of the load share.

        Yields
        ------
        Batch or None
            Rows; None where other lists wait for the thread: the next step may be made in another thread.

        Raises
        ------
        Stopped
            If the load was stopped; what had been read was yielded.
        RutterframeError
            If a page cannot be read, after the rows before it; without secrets, with its context.
        """
        decoding = _Decoding(shared, self.decoder())
        try:
            yield from self._read(decoding, shared)
        except RutterframeError as error:
            context = replace(self.request.context, pages=self.pages, rows=self._rows)
            self.request.session.without_secrets(error, self.request).with_context(context)
            raise
        finally:
            decoding.discard()

    def decoder(self) -> Decoder:
        """Return the decoder of this list's pages."""
        request = self.request
        model = request.session.dialect.record(request.resource, request.filters)
        return Decoder(
            model,
            request.list_key,
            request.session.dialect.cursor_key,
            connection_id=request.connection_id,
            on_invalid=self._on_invalid,
            mapping=extend_mapping(request.route.mapping, model),
            is_single=request.route.is_single,
            is_array=request.route.is_array,
        )

    def resumed(self, stop: threading.Event) -> ListLoad | None:
        """Return the reader that continues at the next page; None if the rows have a gap.

        Parameters
        ----------
        stop : threading.Event
            Ends the load once it is set.
        """
        if self._has_gap:
            return None
        changes = None if self._changes is None else replace(self._changes, stop=stop)
        pages = replace(self._pages, stop=stop)
        return ListLoad(pages, self._on_invalid, self._rows, self._newest, changes)

    def _read(self, decoding: _Decoding, shared: SideBySide) -> Iterator[Batch | None]:
        """Read the list, and once more what changed meanwhile where rows may have moved to a page before."""
        yield from self._read_pages(self._pages, decoding, shared)
        if self._changes is None:
            self._changes = self._pages_of_changes()
        if self._changes is not None:
            yield from self._read_pages(self._changes, decoding, shared)

    def _pages_of_changes(self) -> Paginator | None:
        """Return the pages of what changed while the list was read; None where none can have been missed.

        The platform's clock counts, not only the server's: a change that is synchronised while the list is
        read was made earlier on the platform.
        """
        request, route = self.request, self.request.route
        if route.is_sorted or route.changed_since is None or self._pages.pages == 1:
            return None
        moments = [moment for moment in (self._newest, self.served) if moment is not None]
        if not moments:
            return None
        since = {route.changed_since: min(moments) - _CLOCKS}
        filters = format_filters(request.session.dialect, request.resource, since, route)
        return Paginator(replace(request, filters={**request.filters, **filters}), self._pages.stop)

    def _read_pages(
        self, pages: Paginator, decoding: _Decoding, shared: SideBySide
    ) -> Iterator[Batch | None]:
        bodies = iter(pages)
        error: Exception | None = None
        turn = 0
        while not pages.done:
            try:
                if shared.budget.is_used_up:
                    decoding.submit()  # else it could be this list's own pages that it waits for
                    shared.budget.wait(pages.stop)
                decoding.add(next(bodies))
            except (Stopped, RutterframeError) as failure:
                error = failure
                break
            shared.page_read()
            turn += 1
            is_over = (self.pages == 1 or turn >= PAGES_PER_TURN) and shared.others_wait()
            gives_way = is_over and not pages.done
            if gives_way or decoding.is_full:
                decoding.submit()
            while decoding.is_ready:
                yield self._next(decoding)
            if gives_way:
                yield None
                turn = 0
        decoding.finish()
        while decoding:
            yield self._next(decoding)
        if error is not None:
            raise error

    def _next(self, decoding: _Decoding) -> Batch:
        """Wait for the next batch, with the secrets taken out of the reasons for refused rows."""
        try:
            batch = decoding.result()
        except RutterframeError:
            self._has_gap = True
            raise
        self._rows += len(batch.table)
        if not self.request.route.is_sorted and UPDATED_AT in batch.table.column_names:
            newest = pc.max(batch.table.column(UPDATED_AT)).as_py()
            self._newest = max(filter(None, (self._newest, newest)), default=None)
        if not batch.reasons:
            return batch
        reasons = self.request.session.secrets.mask_refusals(batch.reasons, self.request)
        return replace(batch, reasons=reasons)


@dataclass(frozen=True, slots=True)
class SmallBatch:
    """A batch of few rows as a message of Arrow's IPC format.

    A table takes some 10 kB even with one row, and a large portfolio has tens of thousands of small lists.

    Attributes
    ----------
    schema : pyarrow.Schema
        The schema of the table.
    messages : tuple of bytes
        The rows.
    refused : int
        How many rows could not be read.
    reasons : tuple of Refusal
        One for each field that could not be read.
    """

    schema: pa.Schema
    messages: tuple[bytes, ...]
    refused: int
    reasons: tuple[Refusal, ...]

    @classmethod
    def of(cls, batch: Batch | SmallBatch) -> SmallBatch:
        """Return a batch as messages."""
        table = batch.table
        messages = tuple(part.serialize().to_pybytes() for part in table.to_batches())
        return cls(_shared_schema(table.schema), messages, batch.refused, batch.reasons)

    @property
    def table(self) -> pa.Table:
        """The rows as a table."""
        parts = [pa.ipc.read_record_batch(pa.py_buffer(one), self.schema) for one in self.messages]
        return pa.Table.from_batches(parts, self.schema)


@functools.lru_cache(maxsize=64)
def _shared_schema(schema: pa.Schema) -> pa.Schema:
    """Return the first schema that is equal to this one: there are few, and each takes some kilobytes."""
    return schema


def combine_small(parts: Iterable[Rows]) -> Iterator[Rows]:
    """Combine the rows of neighbouring small lists: a column of thousands of chunks is large and slow.

    Parameters
    ----------
    parts : iterable of Rows
        The rows of each list, in order.

    Yields
    ------
    Rows
        The same rows in the same order, in fewer tables.
    """
    small: list[pa.Table] = []
    for part in parts:
        if part.table.nbytes <= SMALL_LIST:
            small.append(part.table)
            if len(small) < COMBINED:
                continue
        if small:
            yield Rows(pa.concat_tables(small).combine_chunks(), 0)
            small = []
        if part.table.nbytes > SMALL_LIST:
            yield part
    if small:
        yield Rows(pa.concat_tables(small).combine_chunks(), 0)


@dataclass(slots=True)
class ListState:
    """The state of the load of one list; only its job changes it.

    Attributes
    ----------
    load : ListLoad
        The reader of the list.
    batches : list of Batch or SmallBatch
        The rows so far; without their rows, where these are stored elsewhere.
    rows : int
        How many rows were decoded, duplicates included.
    error : RutterframeError or None
        Why it failed.
    finished : bool
        Whether every row was read, or there are none to read.
    absence : str
        Why the list is not offered: "caller", "platform" (as is known), "HTTP 404" or "HTTP 410" (as was
        answered); empty if it is offered.
    """

    load: ListLoad
    batches: list[Batch | SmallBatch] = field(default_factory=list)
    rows: int = 0
    error: RutterframeError | None = None
    finished: bool = False
    absence: str = ""

    @property
    def request(self) -> RequestSpec:
        """The request of the list: connection, resource and filters."""
        return self.load.request

    @property
    def refused(self) -> int:
        """How many rows could not be read."""
        return sum(batch.refused for batch in self.batches)

    @property
    def reasons(self) -> list[Refusal]:
        """Why rows could not be read."""
        return [reason for batch in self.batches for reason in batch.reasons]

    @property
    def offered(self) -> bool:
        """Whether the connection has the list, as far as is known."""
        return not self.absence

    @property
    def complete(self) -> bool:
        """Whether nothing is missing: a list that is known not to exist has nothing that could be."""
        return self.finished and self.refused == 0 and not self.absence.startswith("HTTP")

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to request: a list that was not found may exist the next time."""
        return self.finished and not self.absence.startswith("HTTP")

    def finish(self) -> None:
        """Note that every row was read; the rows of a small list are stored as messages from now on."""
        self.finished = True
        if sum(batch.table.nbytes for batch in self.batches) <= SMALL_LIST:
            self.batches = [SmallBatch.of(batch) for batch in self.batches]

    def newest_rows(self) -> Rows:
        """Return the rows so far, the newest of each id."""
        request = self.request
        model = request.session.dialect.record(request.resource, request.filters)
        return rows_of(model, [batch.table for batch in self.batches], request.connection_id)


class _Decoding:
    """Pages on their way through the decoder, in order."""

    def __init__(self, shared: SideBySide, decoder: Decoder) -> None:
        self._decoders = shared.decoders
        self._budget = shared.budget
        self._decoder = decoder
        self._pages: list[bytes] = []
        self._size = 0
        self._batches: deque[tuple[Future[Batch], list[bytes]]] = deque()

    def __len__(self) -> int:
        return len(self._batches)

    @property
    def is_full(self) -> bool:
        """Whether the pages make up a batch."""
        return self._size >= BYTES_PER_BATCH

    @property
    def is_ready(self) -> bool:
        """Whether the next batch is decoded."""
        return bool(self._batches) and self._batches[0][0].done()

    def add(self, page: bytes) -> None:
        """Add a page to those that will be decoded together."""
        self._budget.add(len(page))
        self._pages.append(page)
        self._size += len(page)

    def submit(self) -> None:
        """Have the pages decoded; in this thread where the decoder cannot keep up."""
        self._submit(self._take())

    def result(self) -> Batch:
        """Wait for the next batch."""
        batch, _ = self._batches.popleft()
        return batch.result()

    def finish(self) -> None:
        """Have the last pages decoded, half of them in this thread: all pages are read."""
        pages = self._take()
        half = len(pages) // 2
        self._submit(pages[:half])
        self._submit(pages[half:])
        for index in reversed(range(len(self._batches))):
            batch, pages = self._batches[index]
            if batch.cancel():
                self._batches[index] = SAME_THREAD.submit(self._decode, pages), pages

    def discard(self) -> None:
        """Drop the pages that were not submitted."""
        self._budget.release(_size(self._take()))

    def _take(self) -> list[bytes]:
        """Return the pages that were not submitted, and begin a new batch."""
        pages, self._pages, self._size = self._pages, [], 0
        return pages

    def _submit(self, pages: list[bytes]) -> None:
        if pages:
            is_behind = sum(not batch.done() for batch, _ in self._batches) >= BATCHES_WAITING
            decoders = SAME_THREAD if is_behind else self._decoders
            self._batches.append((decoders.submit(self._decode, pages), pages))

    def _decode(self, pages: list[bytes]) -> Batch:
        try:
            return self._decoder.decode(pages)
        finally:
            self._budget.release(_size(pages))


def _size(pages: list[bytes]) -> int:
    return sum(map(len, pages))
