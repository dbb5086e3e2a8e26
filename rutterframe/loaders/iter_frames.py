"""A list in chunks: typed frames one after the other, for lists that are larger than memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pandas as pd
import pyarrow as pa

from rutterframe.client import Connection, Moment
from rutterframe.errors import RutterframeError
from rutterframe.frames import Batch, OnInvalid, frame_schema, rows_of, to_frame
from rutterframe.frames.receipt import Receipt
from rutterframe.loaders.list_load import BYTES_PER_BATCH, Part
from rutterframe.loaders.load import Options, new_part
from rutterframe.loaders.not_offered import NotOffered
from rutterframe.loaders.receipts import Count, write_receipt
from rutterframe.models import record_model


def iter_frames(
    connection: Connection,
    resource: str,
    *,
    chunksize: int = 100_000,
    on_invalid: OnInvalid = "raise",
    updated_at_min: Moment | None = None,
    expand: str | None = None,
    not_offered: NotOffered = (),
) -> Iterator[pd.DataFrame]:
    """Load a resource in chunks: no more than one chunk is held at a time.

    Parameters
    ----------
    connection : Connection
        Whose.
    resource : str
        Which: "transactions", "orders", …
    chunksize : int
        Rows of a chunk; only the last one has fewer.
    on_invalid : {"raise", "quarantine"}
        What to do with rows that cannot be read without guessing.
    updated_at_min : datetime, date or str, optional
        Only what changed at or after this moment, for transactions and orders.
    expand : {"platform_data"}, optional
        Also give the platform's own record, for orders.
    not_offered : iterable of str, or mapping of str to iterable of str
        Resources that the platform does not have: they are not asked for, and give one empty frame.

    Yields
    ------
    pandas.DataFrame
        The next rows, in the order in which they were sent, with the columns and dtypes of the loader; at
        least one frame, which is empty if there is nothing. In a chunk each record stands once. A record
        that changes while it is being read can come again in a later chunk: of the same id the later row
        counts.

        ``attrs["receipt"]`` is that of all chunks until now: it is complete on the last one, and only there.
        Where there are several, it has ``rows_in_chunk`` as well; a report of a chunk notes that it is one.

    Raises
    ------
    TypeError
        If it is not one Connection, or chunksize is not a whole number.
    ValueError
        If chunksize is less than 1, or there is no such resource.
    InvalidRows, InvalidFilter, APIError, TransportError, InvalidResponse
        As the loaders; the chunks that were given stay valid, and there is nothing to resume.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     chunks = rf.iter_frames(client.connection("roaster-bank"), "transactions", chunksize=500)
    ...     seen = [(len(chunk), chunk.attrs["receipt"]["complete"]) for chunk in chunks]
    >>> seen
    [(500, False), (500, False), (18, True)]
    """
    if not isinstance(chunksize, int):
        raise TypeError(f"chunksize={chunksize!r} is not a whole number")
    if chunksize < 1:
        raise ValueError(f"chunksize={chunksize}: a chunk has at least one row")
    if not isinstance(connection, Connection):
        raise TypeError(
            f"iter_frames takes one Connection, but this is {type(connection).__name__}: open one with "
            f"client.connection(id), and read several one after the other"
        )
    filters = {"updated_at_min": updated_at_min, "expand": expand}
    listing = connection.listing(resource, **{name: value for name, value in filters.items() if value})
    options = Options(on_invalid, not_offered=not_offered)
    return _chunks(new_part(listing, options, threading.Event()), chunksize)


def _chunks(part: Part, size: int) -> Iterator[pd.DataFrame]:
    listing, started = part.listing, datetime.now(UTC)
    model = record_model(listing.resource, listing.filters)
    given = Count(0, 0)

    def chunk(table: pa.Table) -> pd.DataFrame:
        nonlocal given
        kept = rows_of(model, [table], listing.connection_id)
        given = Count(given.rows + len(kept.table), given.duplicates + kept.duplicates)
        frame = to_frame(model, [kept])
        written = write_receipt(listing.resource, [part], [given], started)
        if part.finished is None or given.rows != len(frame):
            written = Receipt({**written, "rows_in_chunk": len(frame)})
        frame.attrs["receipt"] = written
        return frame

    held = frame_schema(model).empty_table()
    for batch in _batches(part) if part.finished is None else ():
        part.batches.append(batch.without_rows())
        held = pa.concat_tables([held, batch.table])
        while len(held) > size:
            yield chunk(held.slice(0, size))
            held = held.slice(size)
    part.finished = part.finished or datetime.now(UTC)
    yield chunk(held)


def _batches(part: Part) -> Iterator[Batch]:
    """Read and decode, a few pages at a time."""
    decoder = part.decoder()
    waiting: list[bytes] = []
    try:
        for body in part.walk:
            waiting.append(body)
            if sum(map(len, waiting)) >= BYTES_PER_BATCH:
                yield part.checked(decoder.decode(waiting))
                waiting = []
        if waiting:
            yield part.checked(decoder.decode(waiting))
    except RutterframeError as error:
        about = part.listing
        about.session.without_secrets(error, about)
        error.with_context(replace(about.context, pages=part.walk.pages))
        raise
