"""A tool of the comparison: its name, its client, and its loads of the two resources."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import pandas as pd


def as_tuple(loaded: pd.DataFrame | tuple[pd.DataFrame, ...]) -> tuple[pd.DataFrame, ...]:
    """Return frames as a tuple, also a single one."""
    return loaded if isinstance(loaded, tuple) else (loaded,)


@dataclass(frozen=True, slots=True)
class Tool:
    """One way from the API to typed columns, written as an expert would."""

    name: str
    packages: tuple[str, ...]
    """The distributions with the versions of the tool."""
    open: Callable[[str], AbstractContextManager[Any]]
    """Opens a client on a server, outside the clock."""
    transactions: Callable[[Any], Any]
    orders: Callable[[Any], Any]
    frames: Callable[[Any], tuple[pd.DataFrame, ...]] = as_tuple
    """Returns the result as frames (orders: and their lines), outside the clock."""


USER, OURS, DLT, TO_FILES = "user's loop", "rutterframe", "dlt", "rutterframe, to Parquet"

#: The module of each tool, so that a process can import one without the others.
_MODULES = {
    USER: "loops",
    "requests": "loops",
    "pydantic": "pydantic_models",
    "orjson + pa.array": "decoders",
    "msgspec": "msgspec_structs",
    DLT: "dlt_pipeline",
    "dlt, careful": "dlt_pipeline",
    "pyarrow.json": "decoders",
    "Polars": "decoders",
    "DuckDB": "decoders",
    OURS: "ours",
    TO_FILES: "ours",
    "rutterframe, quarantine": "ours",
}
TIMED = (USER, "requests", "pydantic", "orjson + pa.array", "msgspec", DLT, TO_FILES, OURS)
FRAMED = tuple(name for name in TIMED if name not in {DLT, TO_FILES, OURS})
"""The peers that end in a frame in memory."""
#: The tools that load faulty pages, and then the bare decoders.
TOOLS = (USER, "requests", "pydantic", "msgspec", DLT, "dlt, careful", "rutterframe, quarantine", OURS)
DECODERS = ("orjson + pa.array", "pyarrow.json", "Polars", "DuckDB", OURS)


def tool(name: str) -> Tool:
    """Import a tool."""
    module = importlib.import_module(f"benchmarks.peers.{_MODULES[name]}")
    tools: tuple[Tool, ...] = module.TOOLS
    return next(candidate for candidate in tools if candidate.name == name)
