"""One list of one connection, on its way from pages to columns."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import pyarrow as pa

from rutterframe.client import Paginator, RequestSpec, Stopped
from rutterframe.errors import RutterframeError
from rutterframe.frames import Batch, Decoder, OnInvalid, Rows, rows_of
from rutterframe.loaders.progress import Progress
from rutterframe.models import record_model

T = TypeVar("T")

#: Bytes that are decoded together: fewer cost more per page, more leave more to do after the last page.
BYTES_PER_BATCH = 1_500_000
#: Batches that may wait for the decoder before the reader decodes as well.
BATCHES_WAITING = 3


class _Here(Executor):
    """Runs what is submitted at once, in the same thread."""

    def submit(self, run: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Run it, and give its outcome."""
        future: Future[T] = Future()
        try:
            future.set_result(run(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - it is raised where the result is asked for
            future.set_exception(error)
        return future


_HERE = _Here()


@dataclass(slots=True)
class Part:
    """What is loaded of one list.

    Attributes
    ----------
    walk : Paginator
        Where the pages come from, and how far it got.
    on_invalid : {"raise", "quarantine"}
        What to do with rows that cannot be read.
    batches : list of Batch
        The rows so far; without them, where there is a sink.
    sink : callable or None
        Takes the rows of each batch, in order, where they are not to be held here.
    count : int
        How many rows were decoded, duplicates included.
    error : RutterframeError or None
        Why it stopped.
    spoilt : bool
        Whether a page was read but could not be decoded: the rows have a hole then.
    finished : datetime or None
        When the last row was in.
    absence : str
        Why the list is not offered: "caller", "platform" (as is known), "HTTP 404" or "HTTP 410" (as was
        answered); empty if it is offered.
    """

    walk: Paginator
    on_invalid: OnInvalid
    batches: list[Batch] = field(default_factory=list)
    sink: Callable[[pa.Table], None] | None = None
    count: int = 0
    error: RutterframeError | None = None
    spoilt: bool = False
    finished: datetime | None = None
    absence: str = ""

    @property
    def listing(self) -> RequestSpec:
        """What is listed."""
        return self.walk.request

    @property
    def refused(self) -> int:
        """How many rows could not be read."""
        return sum(batch.refused for batch in self.batches)

    @property
    def offered(self) -> bool:
        """Whether the connection has the list, as far as is known."""
        return not self.absence

    @property
    def complete(self) -> bool:
        """Whether nothing is missing: a list that is known not to be there has nothing that could be."""
        return self.finished is not None and self.refused == 0 and not self.absence.startswith("HTTP")

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to ask for: a list that was not found may be there the next time."""
        return self.finished is not None and not self.absence.startswith("HTTP")

    def rows(self) -> Rows:
        """Give the rows, newest of each id."""
        model = record_model(self.listing.resource, self.listing.filters)
        return rows_of(model, [batch.table for batch in self.batches], self.listing.connection_id)

    def load(self, pool: Executor, progress: Progress) -> None:
        """Read every page, decoding them beside the reading; errors are kept, not raised.

        An interrupted walk can be loaded on: what was read is decoded before this returns.
        """
        decoding = _Decoding(pool, self.decoder())
        try:
            try:
                self._read(decoding, progress)
            finally:
                decoding.finish()
                while decoding:
                    self._keep(decoding, progress)
        except Stopped:
            return
        except RutterframeError as caught:
            if self.walk.stop.is_set():
                return  # an answer that was cut off by our own order to stop is no failure
            context = replace(self.listing.context, pages=self.walk.pages, rows=self.count)
            self.error = self.listing.session.without_secrets(caught, self.listing).with_context(context)
            return
        self.finished = datetime.now(UTC)

    def settle(self, absence: str) -> None:
        """End as a list that is not offered: no rows, and no failure."""
        self.absence = absence
        self.error = None
        self.finished = datetime.now(UTC)

    def checked(self, batch: Batch) -> Batch:
        """Take the secrets out of what is said about rows that cannot be read."""
        if not batch.reasons:
            return batch
        listing = self.listing
        reasons = listing.session.refusals_without_secrets(batch.reasons, listing)
        return replace(batch, reasons=reasons)

    def discard(self) -> None:
        """Let go of the rows so far."""
        self.batches.clear()
        self.count = 0

    def again(self, stop: threading.Event) -> Part:
        """Give the part to go on with: from its next page, or from the start where a page was no good."""
        if self.spoilt:
            return Part(Paginator(self.listing, stop), self.on_invalid)
        self.walk.stop = stop
        self.error = self.finished = None
        self.absence = ""
        return self

    def decoder(self) -> Decoder:
        """Give what reads the pages of this list."""
        listing = self.listing
        return Decoder(
            record_model(listing.resource, listing.filters),
            listing.list_key,
            listing.session.dialect.cursor_key,
            connection_id=listing.connection_id,
            on_invalid=self.on_invalid,
        )

    def _read(self, decoding: _Decoding, progress: Progress) -> None:
        waiting: list[bytes] = []
        size = 0
        try:
            for body in self.walk:
                waiting.append(body)
                size += len(body)
                progress.page()
                if size >= BYTES_PER_BATCH:
                    decoding.put(waiting)
                    waiting, size = [], 0
                while decoding.is_ready:
                    self._keep(decoding, progress)
        finally:
            half = len(waiting) // 2
            for share in (waiting[:half], waiting[half:]):
                if share:
                    decoding.put(share)

    def _keep(self, decoding: _Decoding, progress: Progress) -> None:
        try:
            batch = self.checked(decoding.take())
        except RutterframeError:
            self.spoilt = True
            raise
        rows = len(batch.table)
        if self.sink is not None:
            self.sink(batch.table)
            batch = batch.without_rows()
        self.batches.append(batch)
        self.count += rows
        progress.rows(rows)


class _Decoding:
    """Pages on their way through the decoder, in order."""

    def __init__(self, pool: Executor, decoder: Decoder) -> None:
        self._pool = pool
        self._decode = decoder.decode
        self._batches: deque[tuple[Future[Batch], list[bytes]]] = deque()

    def __len__(self) -> int:
        return len(self._batches)

    @property
    def is_ready(self) -> bool:
        """Whether the next batch is there."""
        return bool(self._batches) and self._batches[0][0].done()

    def put(self, pages: list[bytes]) -> None:
        """Have pages decoded; where the decoder cannot keep up, this thread lends a hand."""
        behind = sum(not batch.done() for batch, _ in self._batches) >= BATCHES_WAITING
        self._batches.append(((_HERE if behind else self._pool).submit(self._decode, pages), pages))

    def take(self) -> Batch:
        """Wait for the next batch."""
        batch, _ = self._batches.popleft()
        return batch.result()

    def finish(self) -> None:
        """Nothing is left to read: this thread decodes, from the end, what the decoder has not begun."""
        for place in reversed(range(len(self._batches))):
            batch, pages = self._batches[place]
            if batch.cancel():
                self._batches[place] = _HERE.submit(self._decode, pages), pages
