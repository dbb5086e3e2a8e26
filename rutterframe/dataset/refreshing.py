"""Keep a dataset up to date: ask for what changed, and commit each connection by itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from rutterframe.client import Client, Connection
from rutterframe.dataset.external import Kept, Refreshed, refreshed
from rutterframe.dataset.spool import Spool
from rutterframe.dataset.tables import Tables, notes, plain_errors, rows_schema
from rutterframe.dialects import CONTRACT
from rutterframe.errors import LoadError, RutterframeError
from rutterframe.loaders import Options
from rutterframe.loaders.load import Connections, OnError, Partial, as_connections, begin, complete
from rutterframe.loaders.part import Part
from rutterframe.loaders.receipts import Count, write_receipt
from rutterframe.models import RESOURCES

_SIDE_BY_SIDE = 4
_COUNTS = ("rows", "added", "changed", "removed", "version")
_HOUR = timedelta(hours=1)
_CHANGED = "updated_at_min"
#: What became of each list of a connection, and the errors of those that failed.
_Outcome = tuple[list[dict[str, Any]], list[RutterframeError]]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What to refresh, the same for every connection."""

    tables: Tables
    resources: Sequence[str]
    overlap: timedelta
    last: Mapping[str, Mapping[str, str]]


def refresh(  # noqa: PLR0913 - each is a choice of its own
    connections: Connections | Sequence[str],
    path: str | Path,
    *,
    resources: Sequence[str] = RESOURCES,
    full: bool = False,
    overlap: timedelta = _HOUR,
    on_error: OnError = "raise",
    executor: Executor | None = None,
    client: Callable[[], Client] | None = None,
    storage_options: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Bring a dataset up to date: one Delta table for each resource, one commit for each connection.

    Transactions and orders are asked only for what changed since the last refresh; everything else is loaded
    whole. To refresh again changes nothing but the day it was done. It needs the extra:
    ``pip install 'rutterframe[dataset]'``.

    Parameters
    ----------
    connections : Connection, iterable of Connection, or sequence of str
        What to refresh; the others in the dataset stay as they are. Ids, where ``client`` is given.
    path : str or Path
        A folder, which is made if it is not there, or an address such as ``s3://bucket/folder``.
    resources : sequence of str
        Which; all ten when left out.
    full : bool
        Whether to load transactions and orders whole as well: only then it is seen which of them vanished.
    overlap : timedelta
        How far before the last refresh to ask, since records change while pages are read.
    on_error : {"raise", "report"}
        Whether a connection that fails raises once the others are done, or is only told in the result.
    executor : concurrent.futures.Executor, optional
        Where the connections are refreshed side by side; four threads when left out. For one of other
        processes or machines, such as that of a Dask cluster, pass ids and ``client``: a connection holds
        its access token and is not sent elsewhere.
    client : callable, optional
        Opens a client where a task runs, such as ``rf.Client``, which reads that machine's environment. Each
        task has a client, and so a rate limit, of its own: give each its share.
    storage_options : mapping of str to str, optional
        What deltalake needs for an address, such as keys; nothing of it is kept.

    Returns
    -------
    pandas.DataFrame
        One row for each connection and resource.

        =============  =====  ==================================================================
        name           dtype  meaning
        =============  =====  ==================================================================
        connection_id  str    the connection
        resource       str    the resource
        status         str    refreshed, unchanged, not offered, or failed
        rows           Int64  how many rows there are now
        added          Int64  how many of them are new
        changed        Int64  how many are different
        removed        Int64  how many vanished; they are kept, marked as deleted
        version        Int64  the table's version that has them
        error          str    why it failed
        =============  =====  ==================================================================

    Raises
    ------
    LoadError
        If connections failed: those that did not are committed.
    OSError
        If the dataset cannot be written; its last good version is as it was.
    ValueError
        If there is no such resource, or a newer rutterframe has added columns that this one would lose.
    KeyboardInterrupt
        On Ctrl-C: what was committed stays, and the next refresh does the rest.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     books = client.connection("roaster-quickbooks")
    ...     first = rf.refresh(books, "dataset", resources=["invoices"])
    ...     again = rf.refresh(books, "dataset", resources=["invoices"])
    >>> first["added"].tolist(), again["status"].tolist()
    ([542], ['unchanged'])
    """
    strangers = [name for name in resources if name not in RESOURCES]
    if strangers:
        raise ValueError(f"There is no resource {strangers[0]!r}; there are {', '.join(RESOURCES)}")
    tables = Tables(str(path), storage_options)
    plan = _Plan(tables, tuple(resources), overlap, {} if full else _last(tables, resources))
    stop = threading.Event()
    tasks: list[tuple[Any, ...]]
    if client is None:
        tasks = [(_refresh_one, one, plan, stop) for one in as_connections(_opened(connections))]
    else:
        tasks = [(_refresh_there, client, one, plan) for one in _ids(connections)]
    with ThreadPoolExecutor(_SIDE_BY_SIDE, "rutterframe-refresh") as threads:
        outcomes = _run(executor or threads, tasks, stop)
    rows = [row for told, _ in outcomes for row in told]
    errors = [error for _, failed in outcomes for error in failed]
    if errors and on_error == "raise":
        raise _failure(errors, len(rows))
    columns = ("connection_id", "resource", "status", *_COUNTS, "error")
    dtypes = {name: "Int64" if name in _COUNTS else "str" for name in columns}
    return pd.DataFrame(rows, columns=list(columns)).astype(dtypes)


def _run(executor: Executor, tasks: Sequence[tuple[Any, ...]], stop: threading.Event) -> list[_Outcome]:
    """Run the tasks side by side; what goes wrong in one of them in an unforeseen way ends the others."""
    running = [executor.submit(*task) for task in tasks]
    try:
        return [future.result() for future in running]
    except BaseException:
        stop.set()
        for future in running:
            future.cancel()
        raise


def _failure(errors: Sequence[RutterframeError], lists: int) -> LoadError:
    shown = "\n".join(f"  - {one.where}: {one.message.splitlines()[0]}" for one in errors)
    return LoadError(
        f"{len(errors)} of {lists} lists failed, the others are committed:\n{shown}",
        errors=tuple(errors),
        hint="refresh again: what is committed is not loaded anew.",
    )


def _opened(connections: Any) -> Connections:
    """Refuse ids, where nobody says how to open them."""
    found: Any = connections if isinstance(connections, Connection) else list(connections)
    if isinstance(found, list) and any(isinstance(one, str) for one in found):
        raise TypeError("These are ids: pass client= as well, such as client=rf.Client, or connections")
    opened: Connections = found
    return opened


def _ids(connections: Connections | Sequence[str]) -> list[str]:
    """Refuse connections, where ids are sent elsewhere."""
    listed = [connections] if isinstance(connections, Connection | str) else list(connections)
    if any(not isinstance(one, str) for one in listed):
        raise TypeError("With client= pass ids, not connections: each is opened where its task runs")
    return [str(one) for one in dict.fromkeys(listed)]


def _refresh_there(client: Callable[[], Client], connection_id: str, plan: _Plan) -> _Outcome:
    """Refresh one connection with a client of this process's own."""
    with client() as opened:
        return _refresh_one(opened.connection(connection_id), plan, threading.Event())


def _refresh_one(connection: Connection, plan: _Plan, stop: threading.Event) -> _Outcome:
    """Load what is due of one connection, and commit each resource that is complete."""
    listings = [connection.listing(name, **_since(connection, name, plan)) for name in plan.resources]
    partial = begin(listings, Options(on_error="report", progress=False), tuple(plan.resources), stop)
    with ExitStack() as stack:
        spools = [stack.enter_context(closing(Spool())) for _ in partial.parts]
        for part, spool in zip(partial.parts, spools, strict=True):
            part.sink = spool.put
        complete(partial, stop)
        return _commit_all(connection.id, partial, spools, plan)


def _commit_all(connection_id: str, partial: Partial, spools: Sequence[Spool], plan: _Plan) -> _Outcome:
    """Commit each list that is complete, and tell what failed."""
    told, failed = [], []
    for part, spool in zip(partial.parts, spools, strict=True):
        row: dict[str, Any] = {"connection_id": connection_id, "resource": part.listing.resource}
        if part.error is not None:
            failed.append(part.error)
            told.append({**row, "status": "failed", "error": str(part.error)})
        else:
            told.append(row | _commit(part, spool, plan, partial.started))
    return told, failed


def _last(tables: Tables, resources: Sequence[str]) -> dict[str, dict[str, str]]:
    """Give, by resource and connection, when the last refresh began: for what can be asked by changes.

    Where the API has gained a field since then, changes are not enough: every row may have it.
    """
    found: dict[str, dict[str, str]] = {}
    for name in resources:
        if _CHANGED in {known.name for known in CONTRACT.resources[name].filters}:
            with plain_errors(tables.root):
                table = tables.open(name)
                newest: dict[str, Any] = {}
                for note in notes(table) if table is not None else ():
                    newest.setdefault(note["connection_id"], note)
            found[name] = {
                connection: note["receipt"]["started"]
                for connection, note in newest.items()
                if note["fields"] == str(rows_schema(name))
            }
    return found


def _since(connection: Connection, resource: str, plan: _Plan) -> dict[str, datetime]:
    """Give the filter for what changed since the last refresh, where there was one and the API has it."""
    last = plan.last.get(resource, {}).get(connection.id)
    return {} if last is None else {_CHANGED: datetime.fromisoformat(last) - plan.overlap}


def _commit(part: Part, come: Spool, plan: _Plan, started: datetime) -> dict[str, Any]:
    listing = part.listing
    whole = _CHANGED not in listing.filters

    def merge(kept: Kept) -> Refreshed:
        return refreshed(kept, come, whole=whole, now=datetime.now(UTC))

    def note(rows: Refreshed) -> dict[str, Any]:
        count = Count(come.rows - rows.duplicates, rows.duplicates)
        receipt = write_receipt(listing.resource, [part], [count], started)
        fields = str(rows_schema(listing.resource))
        return {"connection_id": listing.connection_id, "receipt": receipt, "fields": fields}

    done = plan.tables.write(listing.resource, str(listing.connection_id), merge, note)
    rows = done.rows
    status = "refreshed" if rows.is_new else "unchanged"
    return {
        "status": status if part.offered else "not offered",
        "rows": rows.live,
        "added": rows.added,
        "changed": rows.changed,
        "removed": rows.removed,
        "version": done.version,
    }
