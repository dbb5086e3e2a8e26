"""The public names of the package, their members, and what their docstrings lack."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from dataclasses import is_dataclass
from functools import cache
from typing import Any

from numpydoc.docscrape import NumpyDocString  # type: ignore[import-untyped]
from numpydoc.validate import validate  # type: ignore[import-untyped]

import rutterframe as rf
from rutterframe import client, extensions, views, widgets
from rutterframe.frames.read_only import ReadOnlyDict

#: Public names beside those of an `__all__` of the public API, by module: what functions return, resources of
#: a connection, the accessor of frames, and what has a page in the reference besides.
_MORE = {
    "accessor": ("ReportAccessor",),
    "client.accounting": ("Bills", "Invoices"),
    "client.commerce": ("Orders", "Products"),
    "client.jobs": ("Job",),
    "client.resources": ("Customers", "RetrievableResource", "Transactions"),
    "client.tokens": ("Tokens", "delete", "save"),
    "client.webhooks": ("Webhooks",),
    "findings": ("Finding", "Findings"),
    "frames.receipt": ("Receipt",),
    "quality": ("Check", "Severity"),
}
#: Subpackages and data in an `__all__`.
_NO_DOCSTRING = {"__version__", "extensions", "reports", "tokens", "Moment", "CHARTS", "PALETTE", "TEMPLATE"}
#: Modules and data of the extensions, and what another page of the reference has.
_AGAIN = {
    "Check", "ExtensionWarning", "Severity", "checks", "dialects", "fields", "reports", "CONTRACT", "LIVE",
    "CURRENCY", "NO_REVENUE",
}  # fmt: skip
#: What numpydoc asks for and a docstring may lack: a second paragraph, and links to other functions.
_OPTIONAL = {"ES01", "SA01"}
#: Classes that functions return and users do not create: their methods have the examples.
_RETURNED = {
    "Bills", "Check", "Connection", "ConnectionStatus", "Connections", "Customers", "Invoices", "Job",
    "Orders", "Paginator", "Products", "Receipt", "ReportFigure", "RequestSpec", "Resource",
    "RetrievableResource", "Severity", "Stopped", "Tokens", "Transactions", "Webhooks",
}  # fmt: skip
#: Functions that change the user's own keyring.
_CHANGE_KEYRING = (rf.tokens.save, rf.tokens.delete)


def names() -> Iterator[str]:
    """Yield the path of each public function and class."""
    yield from (f"rutterframe.{name}" for name in rf.__all__ if name not in _NO_DOCSTRING)
    for module in (rf.reports, widgets):
        yield from (f"{module.__name__}.{name}" for name in module.__all__)
    of_client = {*client.__all__} - {*rf.__all__} - _NO_DOCSTRING
    yield from (f"rutterframe.client.{name}" for name in sorted(of_client))
    for module in (getattr(views, name) for name in views.__all__):
        yield from (f"{module.__name__}.{name}" for name in module.__all__ if name not in _NO_DOCSTRING)
    yield from (f"rutterframe.extensions.{name}" for name in extensions.__all__ if name not in _AGAIN)
    for module in (getattr(extensions, name) for name in ("reports", "checks", "fields", "dialects")):
        yield from (f"{module.__name__}.{name}" for name in module.__all__ if name not in _AGAIN)
    yield from (f"rutterframe.{module}.{name}" for module, each in _MORE.items() for name in each)


def checked_names() -> Iterator[str]:
    """Yield the public names with complete docstrings: the how-to pages show the classes of extensions."""
    for path in names():
        if not (path.startswith("rutterframe.extensions.") and inspect.isclass(resolve(path))):
            yield path


def resolve(path: str) -> Any:
    """Return a public object by its path."""
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


def members(path: str) -> Iterator[str]:
    """Yield the paths of the methods and properties that a public class has of this package."""
    kind = resolve(path)
    if not inspect.isclass(kind):
        return
    inherited = {base for base in kind.__mro__[1:] if base in _classes()}
    for name, member in inspect.getmembers_static(kind):
        function = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
        is_ours = inspect.isfunction(function) and function.__module__.startswith("rutterframe")
        is_of_base = any(vars(base).get(name) is member for base in inherited)
        # A read-only dict has the methods of a dict, and refuses them.
        is_refused = issubclass(kind, ReadOnlyDict) and hasattr(ReadOnlyDict, name)
        if is_ours and not (is_of_base or is_refused or name.startswith("_")):
            yield f"{path}.{name}"


@cache
def _classes() -> frozenset[type]:
    """Return the public classes: what one inherits from another has its docstring there."""
    return frozenset(kind for kind in map(resolve, names()) if inspect.isclass(kind))


def problems(path: str) -> list[str]:
    """List what numpydoc finds wrong with a docstring, but for what it may lack."""
    holder, _, name = path.rpartition(".")
    is_member = holder.count(".") > 0 and holder.rpartition(".")[2][:1].isupper()
    owner = resolve(holder) if is_member else None
    kind = inspect.getattr_static(owner, name) if is_member else resolve(path)
    # The name of a function and of a package: numpydoc would take the package.
    record = validate("rutterframe.connect.demo" if path == "rutterframe.demo" else path)
    listed = []
    for code, message in record["errors"]:
        if code in _OPTIONAL or (code == "EX01" and _needs_no_example(kind)):
            continue
        if code == "PR01" and inspect.isclass(kind) and _attributes_are_parameters(kind):
            continue
        # A description that ends with a table needs no full stop.
        if code == "RT05" and "=\n" in f"{record['docstring']}\n":
            continue
        listed.append(f"{path}: {code} {message}")
    return listed


def _needs_no_example(kind: Any) -> bool:
    """Return whether an object is a property, an error, a warning, or a class that a user does not create."""
    if not inspect.isclass(kind):
        return isinstance(kind, property) or (kind in _CHANGE_KEYRING)
    return issubclass(kind, BaseException) or kind.__name__ in _RETURNED


def _attributes_are_parameters(kind: type) -> bool:
    """Return whether a class documents the arguments of its constructor as attributes, or raises itself."""
    if issubclass(kind, BaseException) or kind.__name__ in _RETURNED:
        return True
    entries = NumpyDocString(inspect.getdoc(kind) or "")["Attributes"]
    documented = {name for entry in entries for name in entry.name.split(", ")}
    return is_dataclass(kind) and {*inspect.signature(kind).parameters} <= documented
