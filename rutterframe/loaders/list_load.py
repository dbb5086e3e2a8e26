"""One list of one connection: its pages, decoded beside the reading, and the state of its load."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from rutterframe.client import Paginator, RequestSpec, Stopped
from rutterframe.errors import Refusal, RutterframeError
from rutterframe.frames import Batch, Decoder, OnInvalid, Rows, rows_of
from rutterframe.models import record_model

T = TypeVar("T")

#: Bytes that are decoded together: fewer cost more per page, more leave more to do after the last page.
BYTES_PER_BATCH = 1_500_000
#: Batches that may wait for the decoder before the reader decodes as well.
BATCHES_WAITING = 3


class SameThread(Executor):
    """An executor that runs what is submitted at once, in the thread that submits it."""

    def submit(self, run: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Run it, and return its result as a future."""
        future: Future[T] = Future()
        try:
            future.set_result(run(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - raised by the future's result()
            future.set_exception(error)
        return future


#: Decodes in the thread that reads.
SAME_THREAD = SameThread()


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
    """

    def __init__(self, pages: Paginator, on_invalid: OnInvalid, rows: int = 0) -> None:
        self._pages = pages
        self._on_invalid: OnInvalid = on_invalid
        self._rows = rows
        self._has_gap = False

    @property
    def request(self) -> RequestSpec:
        """The request of the list: connection, resource and filters."""
        return self._pages.request

    @property
    def pages(self) -> int:
        """How many pages were read."""
        return self._pages.pages

    @property
    def served(self) -> datetime | None:
        """When the first page was served, by the server's clock."""
        return self._pages.served

    def batches(self, decoders: Executor, page_read: Callable[[], None]) -> Iterator[Batch]:
        """Read every page, and yield the rows of a few pages at a time.

        Parameters
        ----------
        decoders : Executor
            Decodes pages while the next ones are read.
        page_read : callable
            Is called after each page.

        Raises
        ------
        Stopped
            If the load was stopped; what had been read was yielded.
        RutterframeError
            If a page cannot be read, after the rows before it; without secrets, with its context.
        """
        decoding = _Decoding(decoders, self.decoder())
        try:
            yield from self._read(decoding, page_read)
        except RutterframeError as error:
            context = replace(self.request.context, pages=self.pages, rows=self._rows)
            self.request.session.without_secrets(error, self.request).with_context(context)
            raise

    def decoder(self) -> Decoder:
        """Return the decoder of this list's pages."""
        request = self.request
        return Decoder(
            record_model(request.resource, request.filters),
            request.list_key,
            request.session.dialect.cursor_key,
            connection_id=request.connection_id,
            on_invalid=self._on_invalid,
        )

    def resumed(self, stop: threading.Event) -> ListLoad | None:
        """Return the reader that continues at the next page; None if the rows have a gap.

        Parameters
        ----------
        stop : threading.Event
            Ends the load once it is set.
        """
        return (
            None if self._has_gap else ListLoad(replace(self._pages, stop=stop), self._on_invalid, self._rows)
        )

    def _read(self, decoding: _Decoding, page_read: Callable[[], None]) -> Iterator[Batch]:
        waiting: list[bytes] = []
        size = 0
        bodies = iter(self._pages)
        error: Exception | None = None
        while True:
            try:
                body = next(bodies)
            except StopIteration:
                break
            except (Stopped, RutterframeError) as failure:
                error = failure
                break
            waiting.append(body)
            size += len(body)
            page_read()
            if size >= BYTES_PER_BATCH:
                decoding.submit(waiting)
                waiting, size = [], 0
            while decoding.is_ready:
                yield self._next(decoding)
        half = len(waiting) // 2
        for share in (waiting[:half], waiting[half:]):
            if share:
                decoding.submit(share)
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
        if not batch.reasons:
            return batch
        reasons = self.request.session.refusals_without_secrets(batch.reasons, self.request)
        return replace(batch, reasons=reasons)


@dataclass(slots=True)
class ListState:
    """The state of the load of one list; only its job changes it.

    Attributes
    ----------
    load : ListLoad
        The reader of the list.
    batches : list of Batch
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
    batches: list[Batch] = field(default_factory=list)
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

    def newest_rows(self) -> Rows:
        """Return the rows so far, the newest of each id."""
        request = self.request
        model = record_model(request.resource, request.filters)
        return rows_of(model, [batch.table for batch in self.batches], request.connection_id)


class _Decoding:
    """Pages on their way through the decoder, in order."""

    def __init__(self, decoders: Executor, decoder: Decoder) -> None:
        self._decoders = decoders
        self._decode = decoder.decode
        self._batches: deque[tuple[Future[Batch], list[bytes]]] = deque()

    def __len__(self) -> int:
        return len(self._batches)

    @property
    def is_ready(self) -> bool:
        """Whether the next batch is decoded."""
        return bool(self._batches) and self._batches[0][0].done()

    def submit(self, pages: list[bytes]) -> None:
        """Have pages decoded; in this thread where the decoder cannot keep up."""
        is_behind = sum(not batch.done() for batch, _ in self._batches) >= BATCHES_WAITING
        decoders = SAME_THREAD if is_behind else self._decoders
        self._batches.append((decoders.submit(self._decode, pages), pages))

    def result(self) -> Batch:
        """Wait for the next batch."""
        batch, _ = self._batches.popleft()
        return batch.result()

    def finish(self) -> None:
        """Decode in this thread, from the end, what the decoder has not begun, since all pages are read."""
        for index in reversed(range(len(self._batches))):
            batch, pages = self._batches[index]
            if batch.cancel():
                self._batches[index] = SAME_THREAD.submit(self._decode, pages), pages
