"""Timings of loads against each other, goals and sections of the report."""

from __future__ import annotations

import gc
import statistics
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager


@dataclass(frozen=True, slots=True)
class Loaded:
    """The result of a load, reduced to what can be compared."""

    rows: int
    """Rows of every frame together."""
    cents: int
    """Exact sum of every amount, in cents."""


@dataclass(frozen=True, slots=True)
class Side:
    """One way of loading; opening it happens before the clock starts."""

    name: str
    open: Callable[[], AbstractContextManager[Callable[[], Any]]]
    """Gives the load, ready to send its first request."""
    summarize: Callable[[Any], Loaded] | None = None
    """Reduces the result, outside the clock; None for a side without a result."""


@dataclass(slots=True)
class Timing:
    """The seconds of a side, and its results."""

    name: str
    seconds: list[float] = field(default_factory=list)
    loaded: set[Loaded] = field(default_factory=set)

    @property
    def median(self) -> float:
        """The figure that is compared, in seconds."""
        return statistics.median(self.seconds)

    @property
    def best(self) -> float:
        """The fastest round, in seconds."""
        return min(self.seconds)


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure, and its goal."""

    name: str
    value: float
    bound: float
    stretch: float | None = None
    at_least: bool = False
    """Whether larger is better."""
    unit: str = "x"

    @property
    def verdict(self) -> str:
        """Whether the figure meets the goal."""
        if self.stretch is not None and self.meets(self.stretch):
            return "PASS (stretch)"
        return "PASS" if self.meets(self.bound) else "short of goal"

    def meets(self, bound: float) -> bool:
        """Return whether the figure is on the right side of a bound."""
        return self.value >= bound if self.at_least else self.value <= bound

    def cells(self) -> list[str]:
        """Return the goal as a row of a table."""
        sign = "≥" if self.at_least else "≤"
        stretch = "" if self.stretch is None else f"{sign} {self.stretch:g} {self.unit}"
        measured = f"{self.value:.2f}" if self.unit == "x" else f"{self.value:,.0f}"
        goal = f"{sign} {self.bound:g} {self.unit}"
        return [self.name, f"{measured} {self.unit}", goal, stretch, self.verdict]


@dataclass(slots=True)
class Section:
    """One topic of the report."""

    title: str
    header: list[str]
    rows: list[list[str]]
    goals: list[Goal]
    differences: list[str] = field(default_factory=list)
    """The differences between the sides; any of them fails the run."""


def time_interleaved(sides: list[Side], rounds: int) -> dict[str, Timing]:
    """Time every side once a round, in an order that rotates; the first round only warms up."""
    timings = {side.name: Timing(side.name) for side in sides}
    for number in range(rounds + 1):
        turn = number % len(sides)
        for side in sides[turn:] + sides[:turn]:
            seconds, loaded = time_once(side)
            if number:
                timings[side.name].seconds.append(seconds)
            if loaded is not None:
                timings[side.name].loaded.add(loaded)
    return timings


def time_once(side: Side) -> tuple[float, Loaded | None]:
    """Run a side once; return the seconds from its first request to its result, and the reduced result."""
    with side.open() as load:
        gc.collect()
        started = time.perf_counter()
        loaded = load()
        seconds = time.perf_counter() - started
        return seconds, side.summarize(loaded) if side.summarize else None


def differences(timings: dict[str, Timing]) -> list[str]:
    """Return a sentence if the sides with results did not all load the same in every round."""
    results = {timing.name: timing.loaded for timing in timings.values() if timing.loaded}
    if len(set().union(*results.values())) <= 1:
        return []
    return [f"the sides loaded different rows or amounts: {results}"]


def ratio(timings: dict[str, Timing], numerator: str, denominator: str) -> float:
    """Return how many times longer one side took than another."""
    return timings[numerator].median / timings[denominator].median


def timing_rows(timings: dict[str, Timing], reference: str) -> list[list[str]]:
    """Return the timings as rows of a table, with the factor by which each beats the reference."""
    base = timings[reference].median
    return [
        [
            timing.name,
            f"{timing.median * 1000:.0f} ms",
            f"{timing.best * 1000:.0f} ms",
            f"{base / timing.median:.2f} x",
            "; ".join(f"{loaded.rows:,} rows, Σ {loaded.cents / 100:,.2f}" for loaded in timing.loaded),
        ]
        for timing in timings.values()
    ]
