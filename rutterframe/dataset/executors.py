"""Run the tasks of a refresh on an executor: a worker that dies fails its connection, not the others."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rutterframe.client.redaction import mask_parameter
from rutterframe.dataset.commits import refreshes
from rutterframe.dataset.connection_refresh import Outcome, Plan
from rutterframe.dataset.failures import BROKEN, plain_errors
from rutterframe.dataset.refresh_log import log_outcomes
from rutterframe.errors import ErrorContext, LoadError, RutterframeError
from rutterframe.loaders.threads import INTERVAL, run_in_thread

#: A function that returns an outcome, and its arguments.
Task = tuple[Any, ...]
_SIDE_BY_SIDE = 4
# An executor's own text may be long, such as that of a pickle.
_LONGEST = 160
_NOT_ENDED = "The task that refreshes it did not end"
_HINT = "look into the log of its worker, and refresh again: what is committed is not loaded anew."


class UnreadableError(RuntimeError):
    """An exception of a task that cannot be read here: its name and message.

    Attributes
    ----------
    kind : str
        The name alone.
    """

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(f"{kind}: {text}")
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception of a task itself, on its way back from a worker.

    Attributes
    ----------
    data : bytes
        The exception as a pickle, which may not be readable here: its class may be known there only.
    kind, text : str
        Its name, and its message.
    """

    data: bytes
    kind: str
    text: str

    def error(self) -> BaseException:
        """Return the exception; raise an UnreadableError where it cannot be read."""
        try:
            error = pickle.loads(self.data)  # noqa: S301 - from a worker, as the outcome itself
        except Exception:  # noqa: BLE001 - a class may do anything there
            error = None
        if not isinstance(error, BaseException):
            raise UnreadableError(self.kind, self.text)
        return error


def attempt(function: Callable[..., Outcome], *arguments: Any) -> Outcome | Raised:
    """Run a task on a worker: what it raises is returned, and so is not taken for a failure of the worker."""
    try:
        return function(*arguments)
    except BaseException as error:  # noqa: BLE001 - raised by `run_tasks`
        kind, text = type(error).__name__, str(error)
        try:
            return Raised(pickle.dumps(error), kind, text)
        except Exception:  # noqa: BLE001 - anything that a class does there
            return Raised(b"", kind, text)


def run_tasks(
    executor: Executor | None,
    tasks: Sequence[Task],
    stop: threading.Event,
    failed_outcome: Callable[[int, BaseException], Outcome] | None = None,
    task_ended: Callable[[], None] = lambda: None,
) -> list[Outcome]:
    """Run tasks side by side; on Ctrl-C, or an unforeseen error of a task itself, the others end.

    Parameters
    ----------
    executor : Executor or None
        Where they run; four threads if None.
    tasks : sequence of tuple
        The tasks.
    stop : threading.Event
        Is set to end them.
    failed_outcome : callable, optional
        Returns the outcome of a task, by its number, that the executor did not run to its end; a thread
        always does.
    task_ended : callable
        Is called after each task.

    Returns
    -------
    list of Outcome
        In the order of the tasks; of those that were not ended there is none.
    """
    outcomes: list[Outcome] = []

    def work() -> None:
        if executor is None:
            with ThreadPoolExecutor(_SIDE_BY_SIDE, "rutterframe-refresh") as threads:
                outcomes.extend(_wait([threads.submit(*task) for task in tasks], stop, None, task_ended))
            return
        outcomes.extend(_wait([_submit(executor, task) for task in tasks], stop, failed_outcome, task_ended))

    run_in_thread(work, name="rutterframe-refresh", stop=stop.set, watch=lambda: None)
    return outcomes


def _submit(executor: Executor, task: Task) -> Future[Outcome | Raised]:
    """Submit a task; one that the executor does not take, such as after its end, has failed."""
    try:
        return executor.submit(attempt, *task)
    except Exception as error:  # noqa: BLE001 - executors have errors of their own
        future: Future[Outcome | Raised] = Future()
        future.set_exception(error)
        return future


def _wait(
    futures: Sequence[Future[Any]],
    stop: threading.Event,
    failed_outcome: Callable[[int, BaseException], Outcome] | None,
    task_ended: Callable[[], None],
) -> list[Outcome]:
    """Wait for tasks until all have ended, one has raised an error of its own, or they are stopped."""
    for future in futures:
        future.add_done_callback(lambda _: task_ended())
    running: set[Future[Any]] = set(futures)
    ended_by: dict[Future[Any], Any] = {}
    try:
        while running and not stop.is_set():
            ended, running = wait(running, timeout=INTERVAL, return_when=FIRST_EXCEPTION)
            ended_by |= {future: _end(future, may_fail=failed_outcome is not None) for future in ended}
    except BaseException:
        stop.set()
        raise
    finally:
        for future in running:
            future.cancel()
    # At the end, since a dataset that cannot be written stops the rest.
    return [
        failed_outcome(number, end) if failed_outcome is not None and isinstance(end, BaseException) else end
        for number, future in enumerate(futures)
        if (end := ended_by.get(future)) is not None
    ]


def _end(future: Future[Any], *, may_fail: bool) -> Any:
    """Return the outcome of a task, or the error of its executor; raise an error of the task itself."""
    try:
        end = future.result()
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a cancelled task is none of Exception
        if may_fail:
            return error
        raise
    if not isinstance(end, Raised):
        return end
    try:
        own = end.error()
    except UnreadableError as unreadable:
        return unreadable
    raise own


def failed_connection(connection_id: str, plan: Plan, since: datetime, error: BaseException) -> Outcome:
    """Return the outcome of a connection that an executor did not refresh, and note what is not committed.

    Parameters
    ----------
    connection_id : str
        The connection.
    plan : Plan
        What was due.
    since : datetime
        When the refresh began: what was committed since then is done.
    error : BaseException
        The error of the executor.
    """
    kind, reason = _describe(error)
    rows: list[dict[str, Any]] = []
    errors: list[RutterframeError] = []
    for resource in plan.resources:
        row = {"connection_id": connection_id, "resource": resource}
        committed = _committed(plan, resource, connection_id, since)
        if committed is not None:
            log_outcomes([row | committed])
            rows.append(row | committed)
            continue
        context = ErrorContext(connection_id, resource)
        failure = LoadError(f"{_NOT_ENDED}: {reason}", hint=_HINT).with_context(context)
        # The text of a foreign exception may hold anything: neither the dataset nor a log has it.
        note = str(LoadError(f"{_NOT_ENDED} ({kind})", hint=_HINT).with_context(context))
        plan.tables.record(resource, {"connection_id": connection_id, "error": note}, create=False)
        log_outcomes([{**row, "status": "failed", "error": note}])
        errors.append(failure)
        rows.append({**row, "status": "failed", "error": str(failure)})
    return rows, errors


def _describe(error: BaseException) -> tuple[str, str]:
    """Return the kind of an executor's error, and what it states, without a token in an address."""
    kind, text = getattr(error, "kind", type(error).__name__), " ".join(str(error).split())
    for parameter in ("access_token", "client_secret"):
        text = mask_parameter(text, parameter)
    if kind == "CancelledError" and not text:
        text = "the task was cancelled, or the cluster has ended"
    reason = text if isinstance(error, RuntimeError) else f"{kind}: {text}"
    return kind, reason if len(reason) <= _LONGEST else f"{reason[:_LONGEST]}…"


def _committed(plan: Plan, resource: str, connection_id: str, since: datetime) -> dict[str, Any] | None:
    """Return what a task that did not end has committed of a list; None if nothing.

    The time is that of the worker's clock. If it is slow, a list counts as failed that is up to date; the
    next refresh finds nothing new.
    """
    with plain_errors(plan.tables.root, BROKEN):
        table = plan.tables.open(resource)
        note = None if table is None else refreshes(table).read.get(connection_id)
    # Without the number of rows the worker's rutterframe is an older one.
    if note is None or note["committed_at"] < since.timestamp() * 1000 or note.get("live") is None:
        return None
    counts = {name: note.get(name, 0) for name in ("added", "changed", "removed")}
    status = "refreshed" if any(counts.values()) else "unchanged"
    return {"status": status, "rows": note["live"], **counts, "version": note["version"]}
