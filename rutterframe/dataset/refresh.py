"""Keep a dataset up to date: request what changed, and commit each connection by itself."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import Any

import pandas as pd
from deltalake import DeltaTable

from rutterframe.client import Client, Connection
from rutterframe.dataset.commits import Refreshes, newest_watermarks
from rutterframe.dataset.connection_refresh import Outcome, Plan, not_opened, refresh_connection
from rutterframe.dataset.executors import Task, failed_connection, run_tasks
from rutterframe.dataset.failures import BROKEN, plain_errors
from rutterframe.dataset.origin import Origin, dialect_of, origin_of
from rutterframe.dataset.tables import Tables, rows_schema
from rutterframe.errors import LoadError, MissingToken, RutterframeError
from rutterframe.frames import OnInvalid
from rutterframe.frames.text_dtype import TEXT_DTYPE
from rutterframe.loaders import Options
from rutterframe.loaders.not_offered import NotOffered, warn_not_offered
from rutterframe.loaders.options import Connections, OnError, as_connections, open_by_id
from rutterframe.loaders.progress import ProgressBar
from rutterframe.loaders.side_by_side import ByteBudget
from rutterframe.models import LIVE_RESOURCES, RESOURCES
from rutterframe.storage import mask_address, wrap_options

_COUNTS = ("rows", "added", "changed", "removed", "version")
_HOUR = timedelta(hours=1)


def refresh(  # noqa: PLR0913 - each is an option of its own
    connections: Connections | Iterable[str],
    path: str | Path,
    *,
    resources: Iterable[str] | None = None,
    full: bool = False,
    overlap: timedelta = _HOUR,
    on_invalid: OnInvalid = "raise",
    on_error: OnError = "raise",
    not_offered: NotOffered = (),
    progress: bool | None = None,
    executor: Executor | None = None,
    client: Callable[[], Client] | None = None,
    storage_options: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Bring a dataset up to date: one Delta table for each resource, one commit for each connection.

    Of transactions and orders only what changed since the last refresh is requested; everything else is
    loaded whole. In the live dialect it is also changes of products, and of the lists of ledgers, of which
    deleted records are requested as events. Another refresh without changes adds only its date. It needs the
    extra: ``pip install "rutterframe[dataset]"``.

    Parameters
    ----------
    connections : Connection, iterable of Connection, or iterable of str
        What to refresh; the others in the dataset stay as they are. Ids, where ``client`` is passed.
    path : str or Path
        A folder, which is created if it does not exist (``~`` is the home folder), or an address such as
        ``s3://bucket/folder``.
    resources : iterable of str, optional
        The resources to refresh. When left out, all that the dialect has, events aside; the ten that both
        dialects have where ids are passed.
    full : bool
        Whether to load everything whole: only then rows that vanished are detected in lists of which only
        changes are requested and that have no events of deletions, such as orders and transactions.
    overlap : timedelta
        How far before the last refresh changes are requested, since records change while pages are read. The
        last refresh is timed by the server's clock (its ``Date`` header) and by the newest change in the
        rows, never by this machine's clock. Where the server sends no time, and a record claims to have
        changed in the future, all is requested again.
    on_invalid : {"raise", "quarantine"}
        Whether a list with rows that cannot be read fails, or those rows are set aside: the others are
        committed, their stored versions stay as they were, ``error`` and the receipt name them,
        the receipt is not complete, and the next refresh reads them again.
    on_error : {"raise", "skip"}
        Whether a connection that fails raises once the others are done, or is only a row of the result.
    not_offered : iterable of str, or mapping of str to iterable of str
        Resources that no connection offers, or those that each does not, by its id: they are not
        requested. A list that the platform is known not to have need not be named.
    progress : bool, optional
        Whether to show a bar with pages and rows, or with connections where ``client`` is passed: True
        always, False never. When left out, it is shown in a terminal or notebook, and nowhere else.
    executor : concurrent.futures.Executor, optional
        Where the connections are refreshed side by side; four threads when left out. For one of other
        processes or machines, such as that of a Dask cluster, pass ids and ``client``: a connection holds
        its access token and is not sent elsewhere. A connection has failed where its worker dies, its task
        is cancelled or its result cannot be read: the others go on.
    client : callable, optional
        Opens a client where a task runs, such as ``rf.Client``, which reads that machine's environment. Each
        task has a client, and so a rate limit, of its own: give each its share.
    storage_options : mapping of str to str, optional
        What an address needs, such as keys, by the names that deltalake has for them (``AWS_REGION``, …;
        docs/howto/storage.md lists them); else the environment has it. Nothing of it is stored.

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
        error          str    why it failed; which rows were set aside
        =============  =====  ==================================================================

        A list that fails keeps the rows that were read before, also where the API answers that it does not
        exist (404); the receipt of `Dataset.load` is then not complete. "not offered" is a list that was not
        requested, since the platform is known not to have it; or, with ``error`` and a warning, one that was
        never read and for which the API answered 404, while it answered others of the connection.

    Raises
    ------
    LoadError
        If connections failed: those that did not are committed.
    OSError
        If the dataset cannot be written; its last good version is as it was.
    ValueError
        If there is no such resource, no connection, or one is passed twice; if the dataset holds rows of
        another environment or dialect; or if a newer rutterframe has added columns that this one would lose.
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
    path, keys = mask_address(path), wrap_options(storage_options)
    del storage_options
    if not isinstance(overlap, timedelta):
        raise TypeError(f"overlap is a time such as timedelta(hours=1); this is {type(overlap).__name__}")
    if overlap < timedelta(0):
        raise ValueError(f"overlap={overlap} is negative: changes would be missed; pass timedelta(hours=1)")
    options = Options(on_invalid, on_error, progress, not_offered)
    opened = as_connections(_not_ids(connections), call="rf.refresh({}, path)") if client is None else []
    ids = [one.id for one in opened] if client is None else _ids(connections)
    if not ids:
        raise ValueError("No connection was passed: there is nothing to refresh")
    names = _names(resources, opened)
    tables = Tables(path, keys, _origin(opened))
    plan = _plan(tables, names, overlap, options, ids, full=full)
    stop, begun = threading.Event(), datetime.now(UTC)
    tasks: list[Task]

    def failed(number: int, error: BaseException) -> Outcome:
        return failed_connection(ids[number], plan, begun, error)

    if client is not None:
        # One task announces which connections are refreshed: tasks of other processes know of none.
        plans = [plan, *repeat(replace(plan, connections=()), len(ids) - 1)]
        tasks = [(_refresh_by_id, client, one, its) for one, its in zip(ids, plans, strict=True)]
        with ProgressBar("refresh", show=progress, unit="connections") as bar:
            outcomes = run_tasks(executor, tasks, stop, failed, bar.step)
        tables.finish()
        return _result(outcomes, on_error)
    with ProgressBar("refresh", show=progress) as bar:
        budget = ByteBudget()
        tasks = [(refresh_connection, one, plan, stop, bar, budget) for one in opened]
        outcomes = run_tasks(executor, tasks, stop, failed)
    tables.finish()
    return _result(outcomes, on_error)


def refresh_ids(
    client: Client,
    ids: Sequence[str],
    path: str | Path,
    *,
    resources: Iterable[str] | None,
    full: bool,
    on_invalid: OnInvalid,
    overlap: timedelta = _HOUR,
    stop: threading.Event | None = None,
) -> pd.DataFrame:
    """Refresh connections of one client by id; those without an access token are noted as not up to date.

    Parameters
    ----------
    client : Client
        Opens the connections.
    ids : sequence of str
        The ids, each once.
    path, resources, full, on_invalid, overlap
        As for `refresh`; failures are only rows of the result.
    stop : threading.Event, optional
        Ends the refresh once it is set: lists that were not committed are not in the result.

    Returns
    -------
    pandas.DataFrame
        As of `refresh`.

    Raises
    ------
    LoadInterrupted
        If it was stopped while a list was read.
    """
    stop = stop or threading.Event()
    opened, unopened = open_by_id(client, ids)
    names = _names(resources, opened)
    tables = Tables(path, None, _origin(opened))
    options = Options(on_invalid, "skip", progress=False)
    plan = _plan(tables, names, overlap, options, ids, full=full)
    budget = ByteBudget()
    tasks: list[Task] = [(refresh_connection, one, plan, stop, None, budget) for one in opened]
    for one, error in unopened.items():
        # Where none could be opened, an id that the dataset does not know may be misspelt.
        note = bool(opened) or any(tables.was_read(name, one) for name in names)
        tasks.append((partial(not_opened, note=note), one, plan, error))
    outcomes = run_tasks(None, tasks, stop)
    tables.finish()
    return _result(outcomes, "skip")


def _plan(
    tables: Tables,
    names: tuple[str, ...],
    overlap: timedelta,
    options: Options,
    ids: Sequence[str],
    *,
    full: bool,
) -> Plan:
    """Return the plan of a refresh; a dataset of another environment is refused."""
    tables.refuse_other_origin()
    # Each is opened before anything is requested: a broken one is an error before that.
    opened = {name: table for name in names if (table := tables.refreshes(name)) is not None}
    with plain_errors(tables.root, BROKEN):
        known = {} if full else _watermarks(opened)
    return Plan(tables, names, overlap, known, options, tuple(ids))


def _result(outcomes: Sequence[Outcome], on_error: OnError) -> pd.DataFrame:
    """Return a row for each list, or raise an error that names each that failed."""
    rows = [row for lists, _ in outcomes for row in lists]
    errors = [error for _, failed in outcomes for error in failed]
    if errors and on_error == "raise":
        raise _failure(errors, len(rows))
    _warn(rows)
    columns = ("connection_id", "resource", "status", *_COUNTS, "error")
    dtypes = {name: "Int64" if name in _COUNTS else TEXT_DTYPE for name in columns}
    # Column by column: astype takes four milliseconds, as much as loading a small list.
    as_array: Any = pd.array
    return pd.DataFrame(
        {name: as_array([row.get(name) for row in rows], dtype) for name, dtype in dtypes.items()}
    )


def _warn(rows: Sequence[Mapping[str, Any]]) -> None:
    """Warn of the lists that count as not offered because of the API's answer."""
    recorded: dict[str, list[str]] = {}
    for row in rows:
        if row["status"] == "not offered" and "error" in row:
            answer = row["error"].removeprefix("not offered ")
            recorded.setdefault(row["connection_id"], []).append(f"{row['resource']} {answer}")
    warn_not_offered(recorded)


def _names(resources: Iterable[str] | None, opened: Sequence[Connection]) -> tuple[str, ...]:
    """Return the names of the resources, each once.

    Raises
    ------
    ConfigurationError
        If the dialect of the connections does not have one of them.
    TypeError, ValueError
        If it is text, or names none, one twice, or one that cannot be refreshed.
    """
    offered = opened[0].listing(RESOURCES[0]).session.dialect.resources if opened else RESOURCES
    if resources is None:
        return tuple(name for name in offered if name not in {"connections", "events"})
    if isinstance(resources, str):
        raise TypeError(f"resources takes several names: pass resources=[{resources!r}]")
    names = tuple(resources)
    known = (*RESOURCES, *(name for name in LIVE_RESOURCES if name != "events"))
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"There is no resource {unknown[0]!r}; there are {', '.join(known)}")
    if not names:
        raise ValueError(f"No resource was named: leave resources= out for all, or name {', '.join(known)}")
    _refuse_repeated(names)
    missing = [name for name in names if opened and name not in offered]
    if missing:
        opened[0].listing(missing[0])  # raises
    return names


def _origin(connections: Sequence[Connection]) -> Origin | None:
    """Return the environment and dialect that connections share; None where each task opens its own."""
    origins = [origin_of(one.listing(RESOURCES[0]).session.server) for one in connections]
    for other in origins[1:]:
        if other != origins[0]:
            raise ValueError(
                f"These connections are of {origins[0]} and of {other}: refresh each into a folder of its own"
            )
    return origins[0] if origins else None


def _failure(errors: Sequence[RutterframeError], lists: int) -> LoadError:
    lines = "\n".join(f"  - {_summary(error)}" for error in errors)
    return LoadError(
        f"{len(errors)} of {lists} lists failed, the others are committed:\n{lines}",
        errors=tuple(errors),
        hint="refresh again: what is committed is not loaded anew.",
    )


def _summary(error: RutterframeError) -> str:
    """State in a line where a list failed, why, and what to do: of rows that cannot be read, the first."""
    first, *details = error.message.splitlines()
    reason = f"{first} {details[0].strip()}" if first.endswith(":") and details else first
    return f"{error.context}: {reason.rstrip('.')}." + (f" Next: {error.hint}" if error.hint else "")


def _not_ids(connections: Any) -> Connections:
    """Refuse ids, which need a client to open them."""
    several: Any = [connections] if isinstance(connections, str) else connections
    if isinstance(several, Iterable) and not isinstance(several, Connection | Client | Mapping):
        several = list(several)
        if any(isinstance(one, str) for one in several):
            raise TypeError("These are ids: pass client= as well, such as client=rf.Client, or connections")
    return several  # type: ignore[no-any-return] # as_connections refuses anything else


def _ids(connections: Any) -> list[str]:
    """Return ids, each once; connections are refused, since only ids are sent to other processes."""
    if not isinstance(connections, Connection | Iterable) or isinstance(connections, Client):
        raise TypeError(f"With client= pass ids, such as ['a', 'b']; this is {type(connections).__name__}")
    listed = [connections] if isinstance(connections, Connection | str) else list(connections)
    if any(not isinstance(one, str) for one in listed):
        raise TypeError("With client= pass ids, not connections: each is opened where its task runs")
    ids = [str(one) for one in listed]
    _refuse_repeated(ids)
    return ids


def _refuse_repeated(names: Sequence[str]) -> None:
    repeated = sorted(name for name, count in Counter(names).items() if count > 1)
    if repeated:
        raise ValueError(f"Passed more than once: {', '.join(repeated)}. Pass each once")


def _refresh_by_id(client: Callable[[], Client], connection_id: str, plan: Plan) -> Outcome:
    """Refresh one connection with a client of this process; one without a token does not stop the others."""
    with client() as own_client:
        try:
            connection = own_client.connection(connection_id)
        except MissingToken as error:
            return not_opened(connection_id, plan, error)
        tables = Tables(plan.tables.root, plan.tables.options, _origin([connection]))
        tables.refuse_other_origin()
        outcome = refresh_connection(connection, replace(plan, tables=tables), threading.Event())
        tables.finish()
        return outcome


def _watermarks(opened: Mapping[str, tuple[DeltaTable, Refreshes]]) -> dict[str, dict[str, str]]:
    """Return, by resource and connection, until when all changes are known, of resources with such a filter.

    Where the API has gained a field since then, changes are not enough: every row may have it.
    """
    watermarks: dict[str, dict[str, str]] = {}
    for name, (table, known) in opened.items():
        dialect = dialect_of(table)
        if name in dialect.by_changes:
            fields = str(rows_schema(name, dialect.name))
            watermarks[name] = newest_watermarks(known.read, fields)
    return watermarks
