"""Dialects of the API as data: base URLs, routes, keys and parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rutterframe.dialects.contract import CONTRACT
from rutterframe.dialects.dialect import Dialect, Filter, Route

if TYPE_CHECKING:
    from rutterframe.dialects.live import LIVE

__all__ = ["CONTRACT", "DIALECTS", "LIVE", "Dialect", "Filter", "Route"]


class _Dialects(Mapping[str, Dialect]):
    """Every dialect by its name; the live one is read on first use, since most programs need one dialect."""

    def __getitem__(self, name: str) -> Dialect:
        if name == CONTRACT.name:
            return CONTRACT
        if name == "live":
            from rutterframe.dialects.live import LIVE  # noqa: PLC0415 - see above

            return LIVE
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter((CONTRACT.name, "live"))

    def __len__(self) -> int:
        return 2


#: Every dialect by its name.
DIALECTS: Mapping[str, Dialect] = _Dialects()


def __getattr__(name: str) -> Any:
    """Return the live dialect, which is read on first use."""
    if name == "LIVE":
        return DIALECTS["live"]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
