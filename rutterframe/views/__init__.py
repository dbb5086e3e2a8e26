"""Draw reports: tables, charts, an HTML page, an Excel workbook.

Every view states the report's day, its currency and where its data is from. A module is imported on first
use: ``rf.views.charts`` needs plotly, ``rf.views.workbook`` XlsxWriter.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rutterframe.views import charts, format, page, sentences, tables, workbook  # noqa: A004

__all__ = ["charts", "format", "page", "sentences", "tables", "workbook"]


def __getattr__(name: str) -> Any:
    """Import a module on first use."""
    if name in __all__:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public modules only."""
    return __all__
