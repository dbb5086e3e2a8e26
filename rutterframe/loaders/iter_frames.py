"""A list in chunks: typed frames one after the other, for lists that are larger than memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd
import pyarrow as pa

from rutterframe.client import Connection, Moment, RequestSpec
from rutterframe.frames import OnInvalid, Rows, frame_schema, rows_of, to_frame
from rutterframe.frames.receipt import Receipt
from rutterframe.loaders.categories import with_categories
from rutterframe.loaders.docstrings import complete_docstring
from rutterframe.loaders.job import LoadJob
from rutterframe.loaders.list_load import ListState
from rutterframe.loaders.not_offered import NotOffered
from rutterframe.loaders.options import Options
from rutterframe.loaders.receipts import Count, write_receipt
from rutterframe.loaders.requests import requests_of


@complete_docstring
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
        The connection to load from.
    resource : str
        The resource, such as "transactions".
    chunksize : int
        Rows of a chunk; only the last one has fewer.
    {parameters}

    Returns
    -------
    iterator of pandas.DataFrame
        The next rows, in the order in which they were sent, with the columns and dtypes of the loader; at
        least one frame, which is empty if there is nothing. A chunk has each record once. A record that
        changes while the list is read can come again in a later chunk: the later row of an id counts.

        ``attrs["receipt"]`` is that of all chunks until now: it is complete on the last one, and only there.
        Where there are several, it has ``rows_in_chunk`` as well; a report of a chunk notes that it is one.

    Raises
    ------
    TypeError
        If it is not one Connection, or chunksize is not a whole number.
    ValueError
        If chunksize is less than 1, or there is no such resource.
    InvalidRows, InvalidFilter, APIError, TransportError, InvalidResponse
        As the loaders; the chunks before stay valid, and there is nothing to resume.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     chunks = rf.iter_frames(client.connection("roaster-bank"), "transactions", chunksize=500)
    ...     sizes = [(len(chunk), chunk.attrs["receipt"]["complete"]) for chunk in chunks]
    >>> sizes
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
    passed = {name: value for name, value in filters.items() if value}
    requests = requests_of([resource], [connection], {resource: passed})
    own = [request for request in requests if request.resource == resource]
    joined = _read_joined(requests[len(own) :], not_offered)
    return _chunks(LoadJob(own, Options(on_invalid, not_offered=not_offered), resource), joined, chunksize)


def _read_joined(requests: Sequence[RequestSpec], not_offered: NotOffered) -> list[ListState]:
    """Read the lists of another resource that are joined to each chunk; they are held."""
    if not requests:
        return []
    job = LoadJob(requests, Options(progress=False, not_offered=not_offered), requests[0].resource)
    job.read()
    return job.lists


def _chunks(job: LoadJob, joined: Sequence[ListState], size: int) -> Iterator[pd.DataFrame]:
    request = job.lists[0].request
    model = request.session.dialect.record(request.resource, request.filters)
    charts = [state.newest_rows().table for state in joined]
    total = Count(0, 0)

    def chunk(table: pa.Table) -> pd.DataFrame:
        nonlocal total
        rows = rows_of(model, [table], request.connection_id)
        total = Count(total.rows + len(rows.table), total.duplicates + rows.duplicates)
        if joined:
            rows = Rows(with_categories(rows.table, charts), rows.duplicates)
        frame = to_frame(model, [rows])
        # The lists are of one connection, and a receipt counts by connection.
        counts = [total, *[Count(0, 0)] * (len(job.lists) - 1)]
        receipt = write_receipt(
            request.resource, job.lists, counts, job.started, job.statuses.known(), joined
        )
        if not all(state.finished for state in job.lists) or total.rows != len(frame):
            receipt = Receipt({**receipt, "rows_in_chunk": len(frame)})
        frame.attrs["receipt"] = receipt
        return frame

    pending = frame_schema(model).empty_table()
    for batch in job.iter_batches():
        pending = pa.concat_tables([pending, batch.table])
        while len(pending) > size:
            yield chunk(pending.slice(0, size))
            pending = pending.slice(size)
    yield chunk(pending)
