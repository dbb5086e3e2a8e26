"""A read-only dict and list, which pandas does not copy: the base of receipts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NoReturn, Self


def _refuse(*_: object, **__: object) -> NoReturn:
    raise TypeError(
        "A receipt is read-only: it is the proof of what was loaded. "
        "json.loads(json.dumps(receipt)) returns a copy that can be changed"
    )


class _ReadOnly:
    """Base of the read-only containers: a copy is the object itself.

    ``__new__`` fills it, so that a second call of ``__init__`` changes nothing.
    """

    __slots__ = ()

    def __init__(self, *_: object) -> None:
        """Change nothing."""

    def __copy__(self) -> Self:
        """Return itself: a read-only object needs no copy."""
        return self

    def __deepcopy__(self, _: object) -> Self:
        """Return itself. pandas copies ``attrs`` deeply at every operation."""
        return self

    __setattr__ = __delattr__ = _refuse
    __setitem__ = __delitem__ = __iadd__ = __ior__ = __imul__ = _refuse
    append = clear = extend = insert = pop = popitem = remove = reverse = setdefault = sort = update = _refuse


class ReadOnlyDict(_ReadOnly, dict[str, Any]):
    """A read-only dict with read-only values."""

    __slots__ = ()

    def __new__(cls, entries: Mapping[str, Any] | Iterable[tuple[str, Any]] = ()) -> Self:
        """Create the dict from entries."""
        self = super().__new__(cls)
        dict.update(self, {name: _read_only(value) for name, value in dict(entries).items()})
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as plain entries."""
        return type(self), (dict(self),)


class _ReadOnlyList(_ReadOnly, list[Any]):
    """A read-only list with read-only items."""

    __slots__ = ()

    def __new__(cls, items: Iterable[Any] = ()) -> Self:
        """Create the list from items."""
        self = super().__new__(cls)
        list.extend(self, map(_read_only, items))
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as plain items."""
        return type(self), (list(self),)


def _read_only(value: Any) -> Any:
    if isinstance(value, _ReadOnly):
        return value
    if isinstance(value, Mapping):
        return ReadOnlyDict(value)
    return _ReadOnlyList(value) if isinstance(value, list | tuple) else value
