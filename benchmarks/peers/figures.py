"""The figures of a topic in the picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figures:
    """One figure for each tool, in the order in which they are shown."""

    title: str
    unit: str
    values: Mapping[str, float]
