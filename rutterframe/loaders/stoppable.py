"""A load that another thread can watch and stop: what a notebook's buttons need."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from rutterframe.client import RequestSpec
from rutterframe.errors import RutterframeError
from rutterframe.loaders.list_load import Part
from rutterframe.loaders.load import Options, Partial, begin, finish
from rutterframe.loaders.run import interrupt

Stage = Literal["waiting", "loading", "loaded", "failed"]


@dataclass(frozen=True, slots=True)
class Standing:
    """How far one list of one connection is.

    Attributes
    ----------
    connection_id, resource : str
        What is loaded.
    stage : {"waiting", "loading", "loaded", "failed"}
        Whether it has begun, and how it ended.
    pages, rows : int
        What arrived so far; rows are counted when they are decoded, duplicates included.
    error : RutterframeError or None
        Why it failed.
    """

    connection_id: str
    resource: str
    stage: Stage
    pages: int = 0
    rows: int = 0
    error: RutterframeError | None = None


class StoppableLoad:
    """A load that one thread runs, and that others can watch and stop.

    Parameters
    ----------
    listings : sequence of RequestSpec
        What to load.
    options : Options
        How to load.
    resources : sequence of str
        The resources to give a frame for.

    Attributes
    ----------
    partial : Partial
        What there is so far.

    Examples
    --------
    >>> import rutterframe as rf
    >>> from rutterframe.loaders import Options, StoppableLoad
    >>> with rf.demo() as client:
    ...     listings = [client.connection("roaster-bank").listing("bank_accounts")]
    ...     load = StoppableLoad(listings, Options(progress=False), resources=["bank_accounts"])
    ...     frames = load.run()
    >>> [(one.stage, one.rows) for one in load.standings()]
    [('loaded', 3)]
    """

    def __init__(
        self, listings: Sequence[RequestSpec], options: Options, *, resources: Sequence[str]
    ) -> None:
        self._stop = threading.Event()
        self.partial: Partial = begin(listings, options, tuple(resources), self._stop)

    def run(self) -> dict[str, pd.DataFrame]:
        """Load, and give the frames by resource.

        Raises
        ------
        LoadInterrupted
            If it was stopped; `resume` goes on from there.
        RutterframeError
            What the options let it raise.
        """
        return finish(self.partial, self._stop)

    def stop(self) -> None:
        """End every wait and every request of this load; `run` then raises in its own thread."""
        self._stop.set()
        interrupt(self.partial.parts)

    def standings(self) -> list[Standing]:
        """Say how far each list is, in the order in which they were given."""
        return [_standing(part) for part in self.partial.parts]


def _standing(part: Part) -> Standing:
    stage: Stage = "loading" if part.walk.pages else "waiting"
    if part.error is not None:
        stage = "failed"
    elif part.finished is not None:
        stage = "loaded"
    connection_id, resource = part.listing.connection_id or "", part.listing.resource
    return Standing(connection_id, resource, stage, part.walk.pages, part.count, part.error)
