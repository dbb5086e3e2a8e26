"""Controls for notebooks: a connection picker, a field for tokens, a browser of reports and a dashboard."""

from __future__ import annotations

import importlib
import typing

from rutterframe.widgets.picker import ConnectionPicker
from rutterframe.widgets.token_field import TokenField

if typing.TYPE_CHECKING:
    from rutterframe.widgets.browser import ReportBrowser
    from rutterframe.widgets.dashboard import Dashboard

__all__ = ["ConnectionPicker", "Dashboard", "ReportBrowser", "TokenField"]

# Imported on first use: they need the views of reports, and the browser anywidget, which is an extra.
_MODULES = {"Dashboard": "dashboard", "ReportBrowser": "browser"}


def __getattr__(name: str) -> object:
    """Import a widget on first use."""
    if name in _MODULES:
        return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names only, not the modules that define them."""
    return __all__
