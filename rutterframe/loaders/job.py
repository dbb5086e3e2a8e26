"""LoadJob: load lists side by side, watch them, stop them, and resume what is missing."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pandas as pd
import pyarrow as pa

from rutterframe.client import Moment, Paginator, RequestSpec, Stopped
from rutterframe.dialects import CONTRACT, DIALECTS
from rutterframe.errors import LoadError, LoadInterrupted, RutterframeError
from rutterframe.frames import Batch, Rows, to_frame
from rutterframe.frames.assemble import without_repeated
from rutterframe.loaders.categories import with_categories
from rutterframe.loaders.freshness import Statuses
from rutterframe.loaders.list_load import ListLoad, ListState, combine_small
from rutterframe.loaders.not_offered import known_absence, settle_not_found, warn_not_offered
from rutterframe.loaders.options import Connections, Options, as_connections
from rutterframe.loaders.progress import ListProgress, ProgressBar, Stage
from rutterframe.loaders.receipts import Count, write_receipt
from rutterframe.loaders.requests import refuse_several_dialects, requests_of
from rutterframe.loaders.side_by_side import ByteBudget, SideBySide
from rutterframe.loaders.threads import run_in_thread
from rutterframe.models import RESOURCES, Record

#: Lists that are read at the same time. The rate limit, not this number, keeps the API from being overrun.
SIDE_BY_SIDE = 16
_DECODERS = 1


@dataclass(eq=False, repr=False)
class LoadJob:
    """A load of lists: one thread runs it, others can watch and stop it.

    Attributes
    ----------
    requests : sequence of RequestSpec
        The lists to load.
    options : Options
        How to load them.
    resources : str or tuple of str
        The resources that a frame is returned for. Text means that the load returns one frame: `resume` then
        returns the frame itself, not a dict.
    stop_event : threading.Event
        Ends the load once it is set; jobs that share one are stopped together.
    store : callable, optional
        Takes the request of a list and the rows of each of its batches, in order: they are not held then, and
        the frames have no rows.
    evidence : sequence of ListState
        Lists of these connections that an earlier job loaded: as the job's own, they show whether the
        address of a list that was not found is right.
    bar : ProgressBar, optional
        The bar to count pages and rows in; one of its own, as the options say, when left out.
    budget : ByteBudget
        The bytes of pages that may be in flight; jobs that share one are limited together.
    started : datetime
        When the load began.
    lists : list of ListState
        The state of the load of each list, in the order of the requests.
    statuses : Statuses
        The status of each connection, where the API gives one.

    Examples
    --------
    >>> import rutterframe as rf
    >>> from rutterframe.loaders import LoadJob, Options
    >>> with rf.demo() as client:
    ...     requests = [client.connection("roaster-bank").listing("bank_accounts")]
    ...     job = LoadJob(requests, Options(progress=False), resources=("bank_accounts",))
    ...     frames = job.run()
    >>> [(progress.stage, progress.rows) for progress in job.progress()]
    [('loaded', 3)]
    """

    requests: Sequence[RequestSpec]
    options: Options
    resources: str | tuple[str, ...] = RESOURCES
    stop_event: threading.Event = field(default_factory=threading.Event)
    store: Callable[[RequestSpec, pa.Table], None] | None = None
    evidence: Sequence[ListState] = ()
    bar: ProgressBar | None = None
    budget: ByteBudget = field(default_factory=ByteBudget)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    lists: list[ListState] = field(default_factory=list)
    statuses: Statuses = field(default_factory=Statuses)

    def __post_init__(self) -> None:
        """Begin each list; one that is known not to be offered has ended already."""
        refuse_several_dialects(self.requests)
        if not self.lists:
            self.lists = [self._begin(request) for request in self.requests]

    @property
    def frames(self) -> dict[str, pd.DataFrame]:
        """What was loaded so far, by resource; the receipts say whether it is complete."""
        resources = self.resources
        return {
            name: self._frame(name) for name in ([resources] if isinstance(resources, str) else resources)
        }

    def __repr__(self) -> str:
        """Show how far it got; nothing secret."""
        complete = sum(state.finished for state in self.lists)
        rows = sum(state.rows for state in self.lists)
        return f"<partial load: {complete} of {len(self.lists)} lists complete, {rows:,} rows>"

    def run(self, watch: Callable[[], None] = lambda: None) -> dict[str, pd.DataFrame]:
        """Load, and return the frames by resource.

        Parameters
        ----------
        watch : callable
            Is called in this thread, a few times a second, while the load runs.

        Raises
        ------
        LoadInterrupted
            If it was stopped, or on Ctrl-C; `resume` continues it.
        RutterframeError
            If a list failed, unless the options skip it.
        """
        self.read(watch)
        return self.frames

    def read(self, watch: Callable[[], None] = lambda: None, *, warn: bool = True) -> None:
        """Load what is not finished, as `run`, but leave the rows in the job.

        Parameters
        ----------
        watch : callable
            Is called in this thread, a few times a second, while the load runs.
        warn : bool
            Whether to warn of lists that count as not offered, or to leave that to the caller.
        """
        try:
            self._read_all(watch)
            interrupted = self.stop_event.is_set() and not all(state.finished for state in self.lists)
        except KeyboardInterrupt:
            interrupted = True
        if interrupted:
            raise LoadInterrupted(
                f"Interrupted: {self!r}. "
                f"Next: rf.resume(error) goes on from there; error.partial.frames has the rows.",
                self,
            )
        self._settle_not_found(warn=warn)
        failed = [state for state in self.lists if state.error is not None]
        if failed and self.options.on_error == "raise":
            raise self._failure([state.error for state in failed if state.error is not None])
        for state in failed:
            state.batches.clear()  # half of a connection's rows would look like all of them
            state.rows = 0

    def iter_batches(self) -> Iterator[Batch]:
        """Read the lists of the job in turn in this thread, and yield their rows, which are not held.

        Raises
        ------
        RutterframeError
            If a page cannot be read; what was yielded stays valid.
        """
        for state in self.lists:
            if state.finished or self._is_absent(state):
                continue
            for batch in state.load.batches(SideBySide(budget=self.budget)):
                if batch is None:
                    continue
                state.batches.append(batch.without_rows())
                state.rows += len(batch.table)
                yield batch
            state.finished = True

    def stop(self) -> None:
        """End every wait and every request of this load; `run` then raises in its own thread."""
        self.stop_event.set()
        self._interrupt()

    def progress(self) -> list[ListProgress]:
        """Return how far each list is, in the order of the requests."""
        return [_progress(state) for state in self.lists]

    def resumed(self, progress: bool | None) -> LoadJob:
        """Return the job that loads what is missing: complete lists are not requested again.

        Parameters
        ----------
        progress : bool, optional
            Whether to show a progress bar.
        """
        stop = threading.Event()
        job = replace(self, options=replace(self.options, progress=progress), stop_event=stop, lists=[])
        job.lists = [state if state.is_settled else job.continued(state) for state in self.lists]
        return job

    def continued(self, state: ListState) -> ListState:
        """Return the state of another job's list at its next page; at its first where the rows have a gap."""
        load = state.load.resumed(self.stop_event)
        if load is None:
            return self._begin(state.request)
        return ListState(load, list(state.batches), state.rows)

    def _begin(self, request: RequestSpec) -> ListState:
        load = ListLoad(Paginator(request, self.stop_event), self.options.on_invalid)
        absence = known_absence(request, self.options.by_connection)
        return ListState(load, absence=absence, finished=bool(absence))

    def _read_all(self, watch: Callable[[], None]) -> None:
        """Read what is not finished, in threads even for one list.

        Ctrl-C strikes the main thread at any instruction, and there it could fall between the arrival of a
        page and the storing of its rows.
        """
        pending = [state for state in self.lists if not state.finished]

        def look() -> None:
            if self.stop_event.is_set():
                # Again and again: a request may have been sent after the last interruption.
                self._interrupt()
            watch()

        shared = nullcontext(self.bar) if self.bar is not None else None
        with shared or ProgressBar(self._title, show=self.options.progress) as bar:
            if pending:
                run_in_thread(
                    lambda: self._read_side_by_side(pending, bar),
                    name="rutterframe-load",
                    stop=self.stop,
                    watch=look,
                )

    def _read_side_by_side(self, pending: Sequence[ListState], bar: ProgressBar) -> None:
        """Read lists in turn in a few threads, and decode them in one more; a single list in this thread."""
        # An iterator only once a list is begun: of thousands of lists, few are at the same time.
        waiting: deque[tuple[ListState, Iterator[Batch | None] | None]] = deque(
            (state, None) for state in pending
        )
        with ThreadPoolExecutor(_DECODERS, "rutterframe-decode") as decoders:
            shared = SideBySide(decoders, bar.step, self.budget, lambda: bool(waiting))

            def read() -> None:
                while waiting:
                    try:
                        state, batches = waiting.popleft()
                    except IndexError:  # another thread was first
                        return
                    if batches is None:
                        if self.stop_event.is_set() or self._is_absent(state):
                            continue
                        batches = state.load.batches(shared)
                    if self._read_turn(state, batches, bar):
                        waiting.append((state, batches))

            if len(pending) == 1:
                read()
                return
            workers = min(len(pending), SIDE_BY_SIDE)
            with ThreadPoolExecutor(workers, "rutterframe-read") as readers:
                futures = [readers.submit(read) for _ in range(workers)]
                ended, running = wait(futures, return_when=FIRST_EXCEPTION)
                if running:
                    self.stop()
                for future in ended:
                    future.result()

    def _is_absent(self, state: ListState) -> bool:
        """Return whether the connection's status names the list as one that it cannot serve."""
        if not self.statuses.is_unavailable(state.request):
            return False
        state.absence, state.finished = "platform", True
        return True

    def _read_turn(self, state: ListState, batches: Iterator[Batch | None], bar: ProgressBar) -> bool:
        """Read a list until it gives way to others; return whether pages are left.

        Its error becomes part of its state, and is not raised.
        """
        try:
            for batch in batches:
                if batch is None:
                    return True
                if self.store is None:
                    state.batches.append(batch)
                else:
                    self.store(state.request, batch.table)
                    state.batches.append(batch.without_rows())
                state.rows += len(batch.table)
                bar.rows(len(batch.table))
        except Stopped:
            return False
        except RutterframeError as error:
            # A response that was cut off because this job was stopped is not a failure.
            if not self.stop_event.is_set():
                state.error = error
            return False
        state.finish()
        return False

    def _interrupt(self) -> None:
        """End every request that is under way; one that should continue is retried."""
        for session in {id(state.request.session): state.request.session for state in self.lists}.values():
            session.interrupt()

    def _settle_not_found(self, *, warn: bool) -> None:
        """Count lists that were not found as not offered where that is plausible."""
        recorded: dict[str, list[str]] = {}
        for state, absence in settle_not_found(self.lists, self.evidence):
            state.absence, state.error, state.finished = absence, None, True
            if absence.startswith("HTTP"):
                name = str(state.request.connection_id)
                recorded.setdefault(name, []).append(f"{state.request.resource} ({absence})")
        if warn:
            warn_not_offered(recorded)

    def _failure(self, errors: Sequence[RutterframeError]) -> RutterframeError:
        """Return the error of the only list itself; of several lists, one error that names each failure."""
        if len(self.lists) == 1:
            error = errors[0]
        else:
            lines = "\n".join(f"  - {_summary(error)}" for error in errors)
            error = LoadError(
                f"{len(errors)} of {len(self.lists)} loads failed, the others finished:\n{lines}",
                errors=tuple(errors),
                hint=(
                    "see error.errors for each; rf.resume(error) loads only what is missing; "
                    'on_error="skip" returns the frame of the others and notes the failures in its receipt.'
                ),
            )
        error.partial = self
        return error

    @property
    def _title(self) -> str:
        if isinstance(self.resources, str):
            return self.resources
        return "all resources" if self.resources == RESOURCES else "several resources"

    def _frame(self, resource: str) -> pd.DataFrame:
        lists = [state for state in self.lists if state.request.resource == resource]
        counts: list[Count] = []

        def newest_rows() -> Iterator[Rows]:
            before: tuple[str | None, list[pa.Table]] = (None, [])
            for state in lists:
                rows = state.newest_rows()
                # A platform that ignores what its lists differ by sends the same records in each of them.
                name = state.request.connection_id
                rows = without_repeated(rows, before[1]) if before[0] == name else rows
                before = (name, [*(before[1] if before[0] == name else ()), rows.table])
                counts.append(Count(len(rows.table), rows.duplicates))
                yield rows

        parts = list(combine_small(newest_rows()))
        joined = self._joined_lists(resource, lists)
        if joined:
            charts = [state.newest_rows().table for state in joined]
            parts = [Rows(with_categories(part.table, charts), part.duplicates) for part in parts]
        statuses = self.statuses.known()
        receipt = write_receipt(resource, lists, counts, self.started, statuses, joined)
        frame = to_frame(
            _record_of(lists[0].request) if lists else DIALECTS[CONTRACT.name].record(resource), parts
        )
        frame.attrs["receipt"] = receipt
        return frame

    def _joined_lists(self, resource: str, lists: Sequence[ListState]) -> list[ListState]:
        """Return the lists of another resource that are joined to the rows of this one."""
        other = lists[0].request.session.dialect.joins.get(resource) if lists else None
        return [state for state in self.lists if state.request.resource == other]


def _record_of(request: RequestSpec) -> type[Record]:
    return request.session.dialect.record(request.resource, request.filters)


def load(resource: str, connections: Connections, options: Options, **filters: Moment | None) -> pd.DataFrame:
    """Load one resource by its name, as its own loader does."""
    requests = requests_of([resource], as_connections(connections, resource), {resource: filters})
    return LoadJob(requests, options, resource).run()[resource]


def resume(
    error: RutterframeError | LoadInterrupted, *, progress: bool | None = None
) -> pd.DataFrame | dict[str, pd.DataFrame]:
    """Resume a load that failed or was interrupted, from the pages it had.

    Parameters
    ----------
    error : RutterframeError or LoadInterrupted
        What the load raised. What was loaded until then is in ``error.partial.frames``.
    progress : bool, optional
        Whether to show a progress bar; in a terminal or notebook only when left out.

    Returns
    -------
    pandas.DataFrame or dict of str to pandas.DataFrame
        What the load itself would have returned. A connection with a page that could not be read starts
        anew; the others continue at their next page, and complete ones are not requested again. A list that
        was not found (404), of which it is not known whether the platform has it, is requested again.

    Raises
    ------
    ValueError
        If the error is not from a load.

    Examples
    --------
    >>> import rutterframe as rf
    >>> from rutterframe.demo.faults import Fault
    >>> with rf.demo(faults=[Fault("expired_cursor", resource="orders", page=2)]) as client:
    ...     try:
    ...         orders = rf.load_orders(client.connection("roaster-shopify"), progress=False)
    ...     except rf.BadRequest as error:
    ...         orders = rf.resume(error, progress=False)
    >>> orders.attrs["receipt"]["complete"]
    True
    """
    job = getattr(error, "partial", None)
    if not isinstance(job, LoadJob):
        raise ValueError(f"There is nothing to resume: {type(error).__name__} is not from a load")
    frames = job.resumed(progress).run()
    return frames[job.resources] if isinstance(job.resources, str) else frames


def _progress(state: ListState) -> ListProgress:
    stage: Stage = "loading" if state.load.pages else "waiting"
    if state.error is not None:
        stage = "failed"
    elif state.finished:
        stage = "loaded"
    request = state.request
    return ListProgress(
        request.connection_id or "", request.resource, stage, state.load.pages, state.rows, state.error
    )


def _summary(error: RutterframeError) -> str:
    """State in a line where a load failed, why, and what to do: some errors ask to wait, others to retry."""
    reason = error.message.splitlines()[0].rstrip(".")
    return f"{error.context}: {reason}." + (f" Next: {error.hint}" if error.hint else "")
