"""The receipt of a loaded frame: a read-only dict that shows itself, and that pandas never copies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NoReturn, Self

import pandas as pd

from rutterframe.cards import card


def _refuse(*_: object, **__: object) -> NoReturn:
    raise TypeError(
        "A receipt cannot be changed: it is the proof of what was loaded. dict(receipt) gives a copy that can"
    )


class _ReadOnly:
    """What every part of a receipt has in common: copies of it are itself."""

    __slots__ = ()

    def __copy__(self) -> Self:
        """Return itself: what cannot be changed need not be copied."""
        return self

    def __deepcopy__(self, _: object) -> Self:
        """Return itself. pandas copies ``attrs`` deeply at every operation."""
        return self

    __setitem__ = __delitem__ = __iadd__ = __ior__ = __imul__ = _refuse
    append = clear = extend = insert = pop = popitem = remove = reverse = setdefault = sort = update = _refuse


class _ReadOnlyDict(_ReadOnly, dict[str, Any]):
    """A dict that cannot be changed, nor what is in it."""

    def __init__(self, entries: Mapping[str, Any] | Iterable[tuple[str, Any]] = ()) -> None:
        super().__init__({name: _read_only(value) for name, value in dict(entries).items()})

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as plain entries."""
        return type(self), (dict(self),)


class _ReadOnlyList(_ReadOnly, list[Any]):
    """A list that cannot be changed, nor what is in it."""

    def __init__(self, items: Iterable[Any] = ()) -> None:
        super().__init__(map(_read_only, items))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as plain items."""
        return type(self), (list(self),)


class Receipt(_ReadOnlyDict):
    """The proof of what was loaded: a dict that JSON can hold, and that cannot be changed.

    Its text, and its card in a notebook, say what was loaded, from where, when, and whether it is all there.
    A copy of it, also a deep one, is itself; ``dict(receipt)`` is a plain dict of its entries.
    """

    def __repr__(self) -> str:
        """Write it for people."""
        lines = [f"  {name:<20}{value}" for name, value in _facts(self)]
        return "\n".join([_title(self), *lines])

    def _repr_html_(self) -> str:
        """Draw it as a card."""
        return card(_title(self), _facts(self))

    def of(self, rows: int) -> Receipt:
        """Return the receipt of a frame with so many rows.

        Returns
        -------
        Receipt
            This receipt, if so many rows were loaded. Else one that has ``rows_in_frame`` as well and is not
            ``complete``: the load may have been, the frame is not what was loaded.
        """
        if rows == self.get("rows", rows):
            return self
        return Receipt(
            {**self, "complete": False, "rows_in_frame": rows, "load_complete": self.get("complete")}
        )


def receipt(frame: pd.DataFrame) -> Receipt:
    """Return the receipt of a loaded frame: what was loaded, from where, when, and whether it is all there.

    Parameters
    ----------
    frame : pandas.DataFrame
        A frame as a loader gave it, or some of its rows.

    Returns
    -------
    Receipt
        A read-only dict that shows itself, as text or as a card: ``frame.attrs["receipt"]``. If the frame has
        fewer or more rows than were loaded, its receipt says so, and is not complete.

    Raises
    ------
    ValueError
        If the frame carries no receipt.
    TypeError
        If it is not a pandas frame.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     frame = rf.load_bank_accounts(client.connection("roaster-bank"), progress=False)
    >>> rf.receipt(frame)["complete"]
    True
    >>> print(rf.receipt(frame.head(2)))
    bank_accounts from demo: 2 of the 3 rows loaded
    ...
    """
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"receipt takes a pandas DataFrame, but this is {type(frame).__name__}")
    found = frame.attrs.get("receipt")
    if not isinstance(found, dict):
        raise ValueError(
            "This frame carries no receipt: pass the frame as a loader gave it. "
            "(pandas drops attrs where frames with different ones are combined.)"
        )
    if not isinstance(found, Receipt):  # pandas read it from a Parquet file
        found = Receipt(found)
        frame.attrs["receipt"] = found
    return found.of(len(frame))


def part_note(frame: pd.DataFrame) -> str | None:
    """Return a sentence about a frame that has other rows than were loaded; None if it has all of them.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     frame = rf.load_bank_accounts(client.connection("roaster-bank"), progress=False)
    >>> part_note(frame.head(2))
    'bank_accounts: 2 of the 3 rows loaded.'
    """
    found = frame.attrs.get("receipt")
    if not isinstance(found, dict) or found.get("rows", len(frame)) == len(frame):
        return None
    return f"{found.get('resource', 'data')}: {_part(len(frame), found['rows'])}."


def _read_only(value: Any) -> Any:
    if isinstance(value, _ReadOnly):
        return value
    if isinstance(value, Mapping):
        return _ReadOnlyDict(value)
    return _ReadOnlyList(value) if isinstance(value, list | tuple) else value


def _part(rows: int, loaded: int) -> str:
    if rows < loaded:
        return f"{rows:,} of the {loaded:,} rows loaded"
    return f"{rows:,} rows, although {loaded:,} were loaded"


def _title(found: Receipt) -> str:
    verdict = "COMPLETE" if found.get("complete") else "NOT COMPLETE"
    if "rows_in_frame" in found:
        verdict = _part(found["rows_in_frame"], found["rows"])
        verdict += "" if found["load_complete"] else ", and the load is NOT COMPLETE"
    return f"{found.get('resource', 'data')} from {found.get('environment') or 'no connection'}: {verdict}"


def _facts(found: Receipt) -> list[tuple[str, str]]:
    """Give the entries of a receipt in words, by name."""
    rows = f"{found.get('rows', 0):,}"
    if "rows_in_frame" in found:
        rows = _part(found["rows_in_frame"], found["rows"])
    offers = ", ".join(_not_offered(found, name) for name in found.get("not_offered", ()))
    facts = [
        ("rows", rows),
        ("pages", f"{found.get('pages', 0):,}"),
        ("duplicates dropped", f"{found.get('duplicates_dropped', 0):,}"),
        ("rows refused", f"{found.get('rows_refused', 0):,}"),
        ("connections", ", ".join(found.get("connections", ())) or "-"),
        *([("not offered by", offers)] if offers else []),
        ("filters", ", ".join(f"{key}={value}" for key, value in found.get("filters", {}).items()) or "-"),
        ("started (UTC)", found.get("started", "")),
        ("finished (UTC)", found.get("finished", "")),
    ]
    facts += [
        ("refused", f"{one['connection_id']}: {one['record_id']}, {one['field']}: {one['reason']}")
        for one in found.get("refused", ())
    ]
    return facts + [
        ("failed", f"{connection}: {error.splitlines()[0]}")
        for connection, error in found.get("errors", {}).items()
    ]


def _not_offered(found: Receipt, name: str) -> str:
    """Name a connection that does not offer the resource; where only a 404 says so, that as well."""
    why = found.get("per_connection", {}).get(name, {}).get("not_offered")
    return f"{name}: {why}" if why else name
