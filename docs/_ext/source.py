"""Return where the source of a name stands in the repository, for the links beside names in the reference."""

from __future__ import annotations

import functools
import importlib
import inspect
from pathlib import Path
from typing import Any

from links import REPOSITORY

_ROOT = Path(__file__).parents[2]


def linkcode_resolve(domain: str, info: dict[str, str]) -> str | None:
    """Return the address of the lines that define a name; None where there are none, as of a field."""
    if domain != "py":
        return None
    try:
        first_part, *rest = info["fullname"].split(".")
        value: Any = getattr(importlib.import_module(info["module"]), first_part)
        for part in rest:
            value = inspect.getattr_static(value, part)
        value = getattr(value, "fget", None) or getattr(value, "func", None) or value
        value = inspect.unwrap(getattr(value, "__func__", value))
        path = Path(inspect.getsourcefile(value) or "").resolve()
        lines, first = _lines(value)
    except (AttributeError, OSError, TypeError):
        return None
    if not path.is_relative_to(_ROOT / "rutterframe"):
        return None
    return f"{REPOSITORY}/blob/main/{path.relative_to(_ROOT).as_posix()}#L{first}-L{first + lines - 1}"


@functools.cache
def _lines(value: Any) -> tuple[int, int]:
    lines, first = inspect.getsourcelines(value)
    return len(lines), first
