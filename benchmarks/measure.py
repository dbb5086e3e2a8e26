"""Timing loads against each other, and the words for what came out."""

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
    """What a load brought, reduced to what can be compared."""

    rows: int
    """Rows of every frame together."""
    cents: int
    """Exact sum of every amount, in cents."""


@dataclass(frozen=True, slots=True)
class Side:
    """One way of loading; opening it happens before the clock starts."""

    name: str
    opened: Callable[[], AbstractContextManager[Callable[[], Any]]]
    """Gives the load, ready to send its first request."""
    reduced: Callable[[Any], Loaded] | None = None
    """Reduces what was loaded, outside the clock; absent for a side that keeps nothing."""


@dataclass(slots=True)
class Timing:
    """The seconds a side took, and what it loaded."""

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
    """A figure, and what is asked of it."""

    name: str
    value: float
    wanted: float
    stretch: float | None = None
    at_least: bool = False
    """Whether larger is better."""
    unit: str = "x"

    @property
    def verdict(self) -> str:
        """The figure held against what is asked."""
        if self.stretch is not None and self.meets(self.stretch):
            return "PASS (stretch)"
        return "PASS" if self.meets(self.wanted) else "short of goal"

    def meets(self, bound: float) -> bool:
        """Say whether the figure is on the right side of a bound."""
        return self.value >= bound if self.at_least else self.value <= bound

    def cells(self) -> list[str]:
        """Return the goal as a row of a table."""
        sign = "≥" if self.at_least else "≤"
        stretch = "" if self.stretch is None else f"{sign} {self.stretch:g} {self.unit}"
        measured = f"{self.value:.2f}" if self.unit == "x" else f"{self.value:,.0f}"
        wanted = f"{sign} {self.wanted:g} {self.unit}"
        return [self.name, f"{measured} {self.unit}", wanted, stretch, self.verdict]


@dataclass(slots=True)
class Section:
    """One topic of the report."""

    title: str
    header: list[str]
    rows: list[list[str]]
    goals: list[Goal]
    differences: list[str] = field(default_factory=list)
    """What the sides do not agree on; anything here fails the run."""


def interleaved(sides: list[Side], rounds: int) -> dict[str, Timing]:
    """Time every side once a round, in an order that rotates; the first round only warms up."""
    timings = {side.name: Timing(side.name) for side in sides}
    for number in range(rounds + 1):
        turn = number % len(sides)
        for side in sides[turn:] + sides[:turn]:
            seconds, loaded = timed(side)
            if number:
                timings[side.name].seconds.append(seconds)
            if loaded is not None:
                timings[side.name].loaded.add(loaded)
    return timings


def timed(side: Side) -> tuple[float, Loaded | None]:
    """Run a side once: seconds from its first request to what it returns, and the result reduced."""
    with side.opened() as load:
        gc.collect()
        started = time.perf_counter()
        loaded = load()
        seconds = time.perf_counter() - started
        return seconds, side.reduced(loaded) if side.reduced else None


def differences(timings: dict[str, Timing]) -> list[str]:
    """Return a sentence if the sides that keep their rows did not all load the same, every round."""
    kept = {timing.name: timing.loaded for timing in timings.values() if timing.loaded}
    if len(set().union(*kept.values())) <= 1:
        return []
    return [f"the sides loaded different rows or amounts: {kept}"]


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
