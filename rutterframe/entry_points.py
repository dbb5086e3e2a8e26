"""Extensions of installed packages and of the running program: read on first use, each problem reported once.

A package offers a report, a data check, a dialect or a field by an entry point in one of the groups of
`GROUPS`. Nothing is read when rutterframe is imported. Entry points are listed once in a process; the package
behind one is imported where its name is asked for, or where all of a kind are needed.
"""

from __future__ import annotations

import sys
import threading
import warnings
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import invalidate_caches, metadata
from typing import Any, Generic, TypeVar

from rutterframe.errors import ExtensionError

T = TypeVar("T")

#: The group of entry points of each kind of extension.
GROUPS: Mapping[str, str] = {
    "report": "rutterframe.reports",
    "check": "rutterframe.checks",
    "dialect": "rutterframe.dialects",
    "field": "rutterframe.fields",
}
# The registry of each kind, which may be in a layer above this one: it is imported where there is something.
_REGISTRIES = {
    "report": "rutterframe.reports.own:REPORTS",
    "check": "rutterframe.quality.own:OWN_CHECKS",
    "dialect": "rutterframe.dialects.own:OWN_DIALECTS",
    "field": "rutterframe.dialects.extra_fields:EXTRA_FIELDS",
}


class ExtensionWarning(UserWarning):
    """An extension of an installed package cannot be used: the program goes on without it."""


@dataclass(frozen=True, slots=True)
class Extension:
    """An extension that is installed or registered.

    Attributes
    ----------
    kind : str
        "report", "check", "dialect" or "field".
    name : str
        Its name.
    package, version : str
        The installed package that has it, and its version; empty where the program has registered it.
    value : str
        The object that the entry point names, such as "acme_reports:REPORT".
    problem : str
        Why it cannot be used; empty if it can.
    """

    kind: str
    name: str
    package: str = ""
    version: str = ""
    value: str = ""
    problem: str = ""

    @property
    def source(self) -> str:
        """The package with its version, in words."""
        return f"the package {self.package} {self.version}" if self.package else "this program"


@dataclass(frozen=True, slots=True, eq=False)
class _Entry:
    """An entry point, with its package."""

    point: metadata.EntryPoint = field(repr=False)
    extension: Extension


@cache
def _entries() -> dict[str, list[_Entry]]:
    """List the entry points of all groups by their kind, in the order of packages and names."""
    by_kind: dict[str, list[_Entry]] = {kind: [] for kind in GROUPS}
    points = metadata.entry_points()
    for kind, group in GROUPS.items():
        for point in points.select(group=group):
            package, version = (point.dist.name, point.dist.version) if point.dist else ("", "")
            by_kind[kind].append(_Entry(point, Extension(kind, point.name, package, version, point.value)))
        by_kind[kind].sort(key=lambda entry: (entry.extension.package, entry.extension.name))
    return by_kind


class Registry(Generic[T]):
    """The extensions of one kind.

    Parameters
    ----------
    kind : str
        A key of `GROUPS`.
    key : callable
        Returns the name of an extension; its entry point has the same.
    check : callable
        Raises TypeError or ValueError for what is not a valid extension of this kind.
    """

    def __init__(self, kind: str, key: Callable[[T], str], check: Callable[[Any], object]) -> None:
        self.kind = kind
        self._key, self._check = key, check
        self._own: Callable[[], Collection[str]] = tuple
        self._registered: dict[str, T] = {}
        self._loaded: dict[_Entry, T | str] = {}
        self._reported: set[_Entry] = set()
        self._changed: list[Callable[[], object]] = []
        self._lock = threading.Lock()

    def reserve(self, names: Callable[[], Collection[str]]) -> None:
        """Reserve the names that rutterframe itself uses."""
        self._own = names

    def on_change(self, forget: Callable[[], object]) -> None:
        """Call a function after each change, such as one that empties a cache."""
        self._changed.append(forget)

    def register(self, extension: T) -> None:
        """Add an extension to this program; one that was registered under its name is replaced.

        Raises
        ------
        TypeError, ValueError
            If it is not a valid extension, or rutterframe or an installed package has one of its name.
        """
        self._check(extension)
        name = self._key(extension)
        if name in self._own():
            raise ValueError(f"rutterframe has a {self.kind} {name!r} itself: use another name")
        for entry in _entries()[self.kind]:
            if entry.extension.name == name:
                raise ValueError(
                    f"{entry.extension.source} has a {self.kind} {name!r} already: use another name, or "
                    f"uninstall {entry.extension.package}"
                )
        with self._lock:
            self._registered[name] = extension
        self._forget()

    def unregister(self, name: str) -> None:
        """Remove what was registered under a name.

        Raises
        ------
        ValueError
            If nothing was; what a package offers goes with the package.
        """
        with self._lock:
            if name not in self._registered:
                known = ", ".join(map(repr, self._registered)) or "none"
                raise ValueError(
                    f"no {self.kind} {name!r} is registered in this program (there are: {known})"
                )
            del self._registered[name]
        self._forget()

    def reload(self) -> None:
        """List the entry points again on the next use: something was installed or removed meanwhile."""
        invalidate_caches()
        _entries.cache_clear()
        with self._lock:
            self._loaded.clear()
            self._reported.clear()
        self._forget()

    @property
    def names(self) -> list[str]:
        """The names of all extensions, sorted; no package is imported."""
        installed = {entry.extension.name for entry in _entries()[self.kind]}
        return sorted((installed | {*self._registered}) - {*self._own()})

    def find(self, name: str) -> T | None:
        """Return an extension by its name; None if there is none.

        Raises
        ------
        ExtensionError
            If there is one of that name in a package, and it cannot be used.
        """
        if name in self._registered:
            return self._registered[name]
        for entry in _entries()[self.kind]:
            if entry.extension.name == name:
                loaded = self._load(entry)
                if isinstance(loaded, str):
                    raise ExtensionError(_sentence(entry.extension, loaded), hint=advice(entry.extension))
                return loaded
        return None

    def all(self) -> list[T]:
        """Return the extensions that can be used, by name; of each other one warn, once in a process."""
        usable = dict(self._registered)
        for entry in _entries()[self.kind]:
            loaded = self._load(entry)
            if not isinstance(loaded, str):
                usable[entry.extension.name] = loaded
            elif entry not in self._reported:
                self._reported.add(entry)
                text = f"{_sentence(entry.extension, loaded)}\nNext: {advice(entry.extension)}"
                warnings.warn(text, ExtensionWarning, stacklevel=3)
        return [usable[name] for name in sorted(usable)]

    def listing(self) -> list[Extension]:
        """List the extensions with their packages and problems; every package is imported."""
        listed = [Extension(self.kind, name) for name in sorted(self._registered)]
        for entry in _entries()[self.kind]:
            known, loaded = entry.extension, self._load(entry)
            problem = loaded if isinstance(loaded, str) else ""
            listed.append(
                Extension(known.kind, known.name, known.package, known.version, known.value, problem)
            )
        return listed

    def source(self, name: str) -> str:
        """Return where an extension is from, in words."""
        of_package = [entry.extension for entry in _entries()[self.kind] if entry.extension.name == name]
        return of_package[0].source if of_package and name not in self._registered else "this program"

    def _load(self, entry: _Entry) -> T | str:
        """Return the object of an entry point, or why it cannot be used."""
        if entry not in self._loaded:
            # Without the lock: an import waits for imports of other threads, which may wait for it.
            loaded = self._problem(entry) or self._import(entry)
            with self._lock:
                self._loaded.setdefault(entry, loaded)
        return self._loaded[entry]

    def _problem(self, entry: _Entry) -> str:
        """Return why the name of an entry point cannot be used; empty if it can."""
        name = entry.extension.name
        if name in self._own():
            return f"rutterframe has a {self.kind} of that name itself"
        packages = [
            other.extension.source
            for other in _entries()[self.kind]
            if other.extension.name == name and other is not entry
        ]
        return f"{' and '.join(packages)} has one of that name as well" if packages else ""

    def _import(self, entry: _Entry) -> T | str:
        """Import the object of an entry point and check it."""
        try:
            loaded: Any = entry.point.load()
        # A package may raise anything when it is imported; sys.exit() would end this program.
        except (Exception, SystemExit) as error:  # noqa: BLE001
            return f"importing {entry.extension.value} failed with {type(error).__name__}: {error}"
        try:
            self._check(loaded)
        except (TypeError, ValueError) as error:
            return f"{error}"
        if self._key(loaded) != entry.extension.name:
            return f"it is named {self._key(loaded)!r}, and its entry point must have the same name"
        extension: T = loaded
        return extension

    def _forget(self) -> None:
        for forget in self._changed:
            forget()


def every_extension() -> list[Extension]:
    """List the extensions of every kind; every package of them is imported."""
    extensions = []
    for kind, value in _REGISTRIES.items():
        if _entries()[kind] or value.partition(":")[0] in sys.modules:
            registry: Registry[Any] = metadata.EntryPoint(kind, value, "").load()
            extensions += registry.listing()
    return extensions


def _sentence(extension: Extension, problem: str) -> str:
    return f"The {extension.kind} {extension.name!r} of {extension.source} cannot be used: {problem}"


def advice(extension: Extension) -> str:
    """Return what to do about an extension that cannot be used."""
    return (
        f"update or uninstall {extension.package} (its entry point {extension.name!r} in the group "
        f"{GROUPS[extension.kind]!r} names {extension.value}); `rutterframe doctor` lists all extensions."
    )
