"""Reports, data checks, fields and dialects of your own: what a package imports, what a notebook calls.

A package offers them by entry points, in the groups ``rutterframe.reports``, ``rutterframe.checks``,
``rutterframe.fields`` and ``rutterframe.dialects``; the entry point has the name of what it offers. A
notebook calls `register` instead. Each of the modules below has what its kind is made of.

Examples
--------
>>> import rutterframe as rf
>>> from rutterframe.extensions.fields import ExtraField, Kind
>>> memo = ExtraField("bills", "memo", Kind.TEXT, "The note on the bill")
>>> rf.extensions.register(memo)
>>> with rf.demo() as client:
...     bills = rf.load_bills(client.connection("gear-xero"), progress=False)
>>> bills.columns[-1]
'memo'
>>> rf.extensions.unregister(memo)
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pandas as pd

from rutterframe.dialects import DIALECTS, Dialect, ExtraField
from rutterframe.dialects.extra_fields import EXTRA_FIELDS
from rutterframe.dialects.own import OWN_DIALECTS
from rutterframe.entry_points import Extension, ExtensionWarning, Registry, every_extension
from rutterframe.frames.text_dtype import TEXT_DTYPE
from rutterframe.quality import Check
from rutterframe.quality.own import OWN_CHECKS
from rutterframe.reports.own import REPORTS, Report

if TYPE_CHECKING:
    from rutterframe.extensions import checks, dialects, fields, reports

__all__ = [
    "Extension",
    "ExtensionWarning",
    "checks",
    "dialects",
    "fields",
    "list_extensions",
    "register",
    "reload",
    "reports",
    "unregister",
]

_MODULES = ("checks", "dialects", "fields", "reports")
_REGISTRIES: Mapping[type[Any], Registry[Any]] = {
    Report: REPORTS,
    Check: OWN_CHECKS,
    ExtraField: EXTRA_FIELDS,
    Dialect: OWN_DIALECTS,
}


def register(extension: Report | Check | ExtraField | Dialect) -> None:
    """Add a report, a data check, a field or a dialect to this program, without a package.

    One of the same kind and name that was registered before is replaced, so that a cell of a notebook can run
    again. Clients that are open keep the fields and the dialect that they began with.

    Parameters
    ----------
    extension : Report, Check, ExtraField or Dialect
        What is added.

    Raises
    ------
    TypeError
        If it is something else, or a part of it has the wrong type.
    ValueError
        If a part of it is not valid, or rutterframe or an installed package has one of its name.

    Examples
    --------
    >>> import rutterframe as rf
    >>> from rutterframe.extensions.fields import ExtraField, Kind
    >>> memo = ExtraField("bills", "memo", Kind.TEXT, "The note on the bill")
    >>> rf.extensions.register(memo)
    >>> rf.extensions.list_extensions()[["kind", "name"]].values.tolist()
    [['field', 'contract.bills.memo']]
    >>> rf.extensions.unregister(memo)
    """
    registry = _registry_of(extension)
    registry.register(extension)
    if isinstance(extension, ExtraField):
        try:
            _check_field(extension)
        except ValueError:
            registry.unregister(extension.key)
            raise


def unregister(extension: Report | Check | ExtraField | Dialect) -> None:
    """Remove what `register` added, or what has its name.

    Parameters
    ----------
    extension : Report, Check, ExtraField or Dialect
        What is removed.

    Raises
    ------
    TypeError
        If it is none of the four.
    ValueError
        If it is not registered.

    Examples
    --------
    >>> import rutterframe as rf
    >>> from rutterframe.extensions.fields import ExtraField, Kind
    >>> memo = ExtraField("bills", "memo", Kind.TEXT, "The note on the bill")
    >>> rf.extensions.register(memo)
    >>> rf.extensions.unregister(memo)
    >>> rf.extensions.list_extensions().empty
    True
    """
    name = extension.key if isinstance(extension, ExtraField) else extension.name
    _registry_of(extension).unregister(name)


def reload() -> None:
    """Look for installed packages again, such as after ``%pip install`` in a running notebook.

    Examples
    --------
    >>> import rutterframe as rf
    >>> rf.extensions.reload()
    """
    for registry in _REGISTRIES.values():
        registry.reload()


def list_extensions() -> pd.DataFrame:
    """List all extensions, those of installed packages and those of this program.

    Returns
    -------
    DataFrame
        ``kind`` ("report", "check", "dialect", "field"), ``name``, ``package``, ``version``, ``value`` (the
        object of the entry point) and ``problem`` (why it cannot be used; empty if it can), all ``str``.

    Examples
    --------
    >>> import rutterframe as rf
    >>> rf.extensions.list_extensions().columns.tolist()
    ['kind', 'name', 'package', 'version', 'value', 'problem']
    """
    rows = [
        (each.kind, each.name, each.package, each.version, each.value, each.problem)
        for each in every_extension()
    ]
    names = ["kind", "name", "package", "version", "value", "problem"]
    return pd.DataFrame(rows, columns=names, dtype=TEXT_DTYPE)


def _registry_of(extension: object) -> Registry[Any]:
    registry = next((each for kind, each in _REGISTRIES.items() if isinstance(extension, kind)), None)
    if registry is None:
        kinds = ", ".join(kind.__name__ for kind in _REGISTRIES)
        raise TypeError(f"expected one of {kinds}, not {type(extension).__name__}")
    return registry


def _check_field(field: ExtraField) -> None:
    """Refuse a field that does not fit the columns of its resource, or of a dialect that there is not."""
    if field.dialect not in [*DIALECTS]:
        raise ValueError(f"there is no dialect {field.dialect!r}; there are {', '.join(DIALECTS)}")
    with warnings.catch_warnings():
        warnings.simplefilter("error", ExtensionWarning)
        try:
            DIALECTS[field.dialect]
        except ExtensionWarning as warning:
            raise ValueError(str(warning)) from None


def __getattr__(name: str) -> Any:
    """Import a module on first use."""
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names only."""
    return __all__
