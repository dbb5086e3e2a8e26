"""The defaults of reports on the demo's books: a client of the demo gives them to its session."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple


class DemoDefaults(NamedTuple):
    """What reports on the demo start with.

    Attributes
    ----------
    closing : date
        The closing date of the books.
    rates : Path
        The file of the made-up rates of that day, into USD.
    businesses : dict of str to list of str
        The connections of each business.
    vendors : callable
        Returns connection, id and name of every vendor, which the contract has no list of.
    """

    closing: date
    rates: Path
    businesses: dict[str, list[str]]
    vendors: Callable[[], list[tuple[str, str, str]]]


def demo_defaults(source: Any) -> DemoDefaults | None:
    """Return the defaults of reports on the demo's books, of a `Client` or a `Connection`; None elsewhere."""
    defaults: DemoDefaults | None = source._session.demo_defaults  # noqa: SLF001 - of this package's classes
    return defaults
