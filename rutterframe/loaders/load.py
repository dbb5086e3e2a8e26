"""Every page of a resource, of one connection or many, as one DataFrame with a receipt."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal

import pandas as pd

from rutterframe.client import Client, Connection, Moment, Paginator, RequestSpec
from rutterframe.errors import LoadError, LoadInterrupted, RutterframeError
from rutterframe.frames import OnInvalid, Rows, to_frame
from rutterframe.loaders.list_load import Part
from rutterframe.loaders.not_offered import (
    NotOffered,
    absence,
    read_not_offered,
    settle_not_found,
    warn_not_offered,
)
from rutterframe.loaders.progress import Progress
from rutterframe.loaders.receipts import Count, write_receipt
from rutterframe.loaders.run import run
from rutterframe.models import RESOURCES, record_model

#: One connection, or any number of them.
Connections = Connection | Iterable[Connection]
OnError = Literal["raise", "skip"]


@dataclass(frozen=True, slots=True)
class Options:
    """How to load.

    Attributes
    ----------
    on_invalid : {"raise", "quarantine"}
        What to do with rows that cannot be read.
    on_error : {"raise", "skip"}
        What to do when a connection fails.
    progress : bool
        Whether to show a progress bar.
    not_offered : iterable of str, or mapping of str to iterable of str
        Resources that are not asked for, since the platforms do not have them: of all connections, or by
        connection id.
    """

    on_invalid: OnInvalid = "raise"
    on_error: OnError = "raise"
    progress: bool = True
    not_offered: NotOffered = ()

    #: `not_offered` by connection id; None stands for every connection.
    by_connection: Mapping[str | None, frozenset[str]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Refuse words that are none of the choices: a typo would otherwise mean the opposite."""
        for name, choices in (("on_invalid", ("raise", "quarantine")), ("on_error", ("raise", "skip"))):
            given = getattr(self, name)
            if given not in choices:
                raise ValueError(f"{name}={given!r} is not known; use one of {', '.join(map(repr, choices))}")
        object.__setattr__(self, "by_connection", read_not_offered(self.not_offered))
        object.__setattr__(self, "not_offered", self.by_connection)  # an iterator is read once


class Partial:
    """A load that was cut short: what it has, and what is needed to go on.

    Attributes
    ----------
    frames : dict of str to pandas.DataFrame
        What was loaded so far, by resource; the receipts say that it is not complete.
    wanted : str or tuple of str
        What the load gives: the frame of one resource, or a dict of the frames of several.
    """

    def __init__(
        self, parts: Sequence[Part], options: Options, started: datetime, wanted: str | tuple[str, ...]
    ) -> None:
        self.parts = parts
        self.options = options
        self.started = started
        self.wanted = wanted

    @property
    def resources(self) -> tuple[str, ...]:
        """Name what is loaded."""
        return (self.wanted,) if isinstance(self.wanted, str) else self.wanted

    @property
    def frames(self) -> dict[str, pd.DataFrame]:
        """Give what was loaded so far."""
        return frames_of(
            dict.fromkeys(part.listing.resource for part in self.parts), self.parts, self.started
        )

    def __repr__(self) -> str:
        """Say how far it got; nothing secret."""
        done = sum(part.finished is not None for part in self.parts)
        rows = sum(part.count for part in self.parts)
        return f"<partial load: {done} of {len(self.parts)} lists complete, {rows:,} rows>"


def load(resource: str, connections: Connections, options: Options, **filters: Moment | None) -> pd.DataFrame:
    """Load one resource by its name."""
    listings = [connection.listing(resource, **filters) for connection in as_connections(connections)]
    return load_listings(listings, options, resource=resource)[resource]


def load_listings(
    listings: Sequence[RequestSpec], options: Options, *, resource: str | None = None
) -> dict[str, pd.DataFrame]:
    """Load lists side by side, and give a frame for each resource.

    Parameters
    ----------
    listings : sequence of RequestSpec
        What to load.
    options : Options
        How to load.
    resource : str, optional
        The only resource; all ten when left out.
    """
    stop = threading.Event()
    return finish(begin(listings, options, resource or RESOURCES, stop), stop)


def begin(
    listings: Sequence[RequestSpec], options: Options, wanted: str | tuple[str, ...], stop: threading.Event
) -> Partial:
    """Give the load of these lists before its first page."""
    parts = [new_part(listing, options, stop) for listing in listings]
    return Partial(parts, options, datetime.now(UTC), wanted)


def new_part(listing: RequestSpec, options: Options, stop: threading.Event) -> Part:
    """Give what is to be loaded of a list; one that is known not to be offered is at its end already."""
    part = Part(Paginator(listing, stop), options.on_invalid)
    if known := absence(listing, options.by_connection):
        part.settle(known)
    return part


def resume(
    error: RutterframeError | LoadInterrupted, *, progress: bool = True
) -> pd.DataFrame | dict[str, pd.DataFrame]:
    """Go on with a load that failed or was interrupted, from the pages it had.

    Parameters
    ----------
    error : RutterframeError or LoadInterrupted
        What the load raised. What was loaded until then is in ``error.partial.frames``.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    pandas.DataFrame or dict of str to pandas.DataFrame
        What the load itself would have given. A connection whose page could not be read starts anew; the
        others go on at their next page, and those that were complete are not asked again. A list that was not
        found (404), of which nobody knows whether the platform has it, is asked for again.

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
    partial = getattr(error, "partial", None)
    if not isinstance(partial, Partial):
        raise ValueError(f"There is nothing to resume: {type(error).__name__} is not from a load")
    stop = threading.Event()
    parts = [part if part.is_settled else part.again(stop) for part in partial.parts]
    options = replace(partial.options, progress=progress)
    frames = finish(Partial(parts, options, partial.started, partial.wanted), stop)
    return frames[partial.wanted] if isinstance(partial.wanted, str) else frames


def as_connections(connections: Connections) -> list[Connection]:
    """Take one connection or many as a list, reading an iterable once.

    Raises
    ------
    TypeError
        If something else was passed: an id, a client, a record.
    ValueError
        If there is none, or one stands there twice: its rows would count twice.
    """
    found = [connections] if isinstance(connections, Connection) else connections
    if isinstance(found, str | Client | Mapping) or not isinstance(found, Iterable):
        raise TypeError(_not_a_connection(found))
    listed = list(found)
    for one in listed:
        if not isinstance(one, Connection):
            raise TypeError(_not_a_connection(one))
    if not listed:
        raise ValueError(
            "No connection was given: frames without a row would look like books without a row. Pass a "
            "Connection, or several, such as [client.connection(id) for id in ids]"
        )
    twice = sorted(name for name, count in Counter(one.id for one in listed).items() if count > 1)
    if twice:
        raise ValueError(
            f"Given twice: {', '.join(twice)}; the rows would count twice. Pass each connection once"
        )
    return listed


def frames_of(resources: Iterable[str], parts: Sequence[Part], started: datetime) -> dict[str, pd.DataFrame]:
    """Make the frame of each resource, with its receipt."""
    return {
        resource: _frame(resource, [part for part in parts if part.listing.resource == resource], started)
        for resource in resources
    }


def _frame(resource: str, parts: Sequence[Part], started: datetime) -> pd.DataFrame:
    filters = parts[0].listing.filters if parts else {}
    rows: list[Rows] = [part.rows() for part in parts]
    counts = [Count(len(one.table), one.duplicates) for one in rows]
    written = write_receipt(resource, parts, counts, started)
    frame = to_frame(record_model(resource, filters), rows)
    frame.attrs["receipt"] = written
    return frame


def finish(partial: Partial, stop: threading.Event) -> dict[str, pd.DataFrame]:
    """Load what is not finished, then give the frames or raise."""
    complete(partial, stop)
    return frames_of(partial.resources, partial.parts, partial.started)


def complete(partial: Partial, stop: threading.Event, *, warn: bool = True) -> None:
    """Load what is not finished, or raise; the rows stay in the parts.

    Parameters
    ----------
    partial : Partial
        What to load.
    stop : threading.Event
        Ends the load once it is set.
    warn : bool
        Whether to warn of lists that count as not offered, or to leave that to the caller.
    """
    parts, options = partial.parts, partial.options
    title = (
        partial.wanted
        if isinstance(partial.wanted, str)
        else "all resources"
        if partial.wanted == RESOURCES
        else "several resources"
    )
    try:
        with Progress(title, show=options.progress) as progress:
            run([part for part in parts if part.finished is None], stop, progress)
        interrupted = stop.is_set() and any(part.finished is None for part in parts)
    except KeyboardInterrupt:
        interrupted = True
    if interrupted:
        raise LoadInterrupted(
            f"Interrupted: {partial!r}. "
            f"Next: rf.resume(error) goes on from there; error.partial.frames has the rows.",
            partial,
        )
    settled = settle_not_found(parts)
    if warn:
        warn_not_offered(settled)
    failed = [part.error for part in parts if part.error is not None]
    if failed and options.on_error == "raise":
        raise _failure(failed, partial)
    for part in parts:
        if part.error is not None:
            part.discard()  # half of a connection's rows would look like all of them


def _failure(failed: Sequence[RutterframeError], partial: Partial) -> RutterframeError:
    """Give the error of the only list as it is; of several lists, one error that names each that failed."""
    if len(partial.parts) == 1:
        error = failed[0]
    else:
        shown = "\n".join(f"  - {_in_short(one)}" for one in failed)
        error = LoadError(
            f"{len(failed)} of {len(partial.parts)} loads failed, the others finished:\n{shown}",
            errors=tuple(failed),
            hint=(
                "see error.errors for each; rf.resume(error) loads only what is missing; "
                'on_error="skip" gives the frame of the others and notes the failures in its receipt.'
            ),
        )
    error.partial = partial
    return error


def _in_short(error: RutterframeError) -> str:
    """Say in a line where a load failed, why, and what to do: to wait a day is not to try again."""
    why = error.message.splitlines()[0].rstrip(".")
    return f"{error.context}: {why}." + (f" Next: {error.hint}" if error.hint else "")


def _not_a_connection(given: object) -> str:
    return (
        f"A loader takes a Connection, or several, but this is {type(given).__name__}: open one with "
        f"client.connection(id), or several with [client.connection(id) for id in ids]"
    )
