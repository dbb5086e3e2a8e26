"""The receipt of a loaded frame: a read-only dict that shows itself, and that pandas never copies."""

# pyarrow.compute makes its functions at run time, where pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NoReturn, Self

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from rutterframe.frames.assemble import all_different, surely_different
from rutterframe.frames.schema import TEXT
from rutterframe.notebook.cards import card

#: Rows up to which a report looks for rows that stand there twice: beyond, that would take it seconds.
MOST_ROWS_COMPARED = 1_000_000

_IDENTITY = ("connection_id", "id")
#: What the entries of a receipt are, where they are there.
_KINDS: dict[str, type] = {
    **dict.fromkeys(("rows", "pages", "duplicates_dropped", "rows_refused", "rows_in_chunk"), int),
    **dict.fromkeys(("resource", "environment", "started", "finished"), str),
    **dict.fromkeys(("connections", "not_offered", "refused"), list),
    **dict.fromkeys(("filters", "errors", "per_connection"), dict),
    "complete": bool,
}
_CALLED = {int: "a whole number", str: "text", list: "a list", dict: "a dict", bool: "True or False"}
#: What each thing in them is.
_KINDS_WITHIN: dict[str, type] = {
    "connections": str,
    "not_offered": str,
    "refused": dict,
    "errors": str,
    "per_connection": dict,
}


def _refuse(*_: object, **__: object) -> NoReturn:
    raise TypeError(
        "A receipt cannot be changed: it is the proof of what was loaded. "
        "json.loads(json.dumps(receipt)) gives a copy that can"
    )


class _ReadOnly:
    """What every part of a receipt has in common: copies of it are itself.

    It is filled as it comes into being (``__new__``), so that to call ``__init__`` again changes nothing.
    """

    __slots__ = ()

    def __init__(self, *_: object) -> None:
        """Change nothing."""

    def __copy__(self) -> Self:
        """Return itself: what cannot be changed need not be copied."""
        return self

    def __deepcopy__(self, _: object) -> Self:
        """Return itself. pandas copies ``attrs`` deeply at every operation."""
        return self

    __setattr__ = __delattr__ = _refuse
    __setitem__ = __delitem__ = __iadd__ = __ior__ = __imul__ = _refuse
    append = clear = extend = insert = pop = popitem = remove = reverse = setdefault = sort = update = _refuse


class _ReadOnlyDict(_ReadOnly, dict[str, Any]):
    """A dict that cannot be changed, nor what is in it."""

    __slots__ = ()

    def __new__(cls, entries: Mapping[str, Any] | Iterable[tuple[str, Any]] = ()) -> Self:
        """Make one of these entries."""
        made = super().__new__(cls)
        dict.update(made, {name: _read_only(value) for name, value in dict(entries).items()})
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as plain entries."""
        return type(self), (dict(self),)


class _ReadOnlyList(_ReadOnly, list[Any]):
    """A list that cannot be changed, nor what is in it."""

    __slots__ = ()

    def __new__(cls, items: Iterable[Any] = ()) -> Self:
        """Make one of these items."""
        made = super().__new__(cls)
        list.extend(made, map(_read_only, items))
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as plain items."""
        return type(self), (list(self),)


class Receipt(_ReadOnlyDict):
    """The proof of what was loaded: a dict that JSON can hold, and that cannot be changed.

    Its text, and its card in a notebook, say what was loaded, from where, when, and whether it is all there.
    A copy of it, also a deep one, is itself; ``json.loads(json.dumps(receipt))`` can be changed.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        """Write it for people."""
        lines = [f"  {name:<20}{value}" for name, value in _facts(self)]
        return "\n".join([_title(self), *lines])

    def _repr_html_(self) -> str:
        """Draw it as a card."""
        return card(_title(self), _facts(self))

    def of(self, frame: pd.DataFrame) -> Receipt:
        """Return the receipt of a frame.

        Returns
        -------
        Receipt
            This receipt, if the frame has the rows that were loaded. Else one that has ``rows_in_frame``, and
            in words what they are (``differs``), and is not ``complete``: the load may have been, the frame
            is not what was loaded.
        """
        differs = _difference(self, frame)
        if differs is None:
            return self
        more = {"rows_in_frame": len(frame), "differs": differs, "load_complete": self.get("complete")}
        return Receipt({**self, "complete": False, **more})


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
        other rows than were loaded (fewer, more, some twice, blank ones), its receipt says so, and is not
        complete. Rows are recognised by ``connection_id`` and ``id``: a frame without these columns is not
        complete either. What changed within a row is not seen, nor that a row without an id stands there
        twice. Reports say the same in their notes; of frames of more than 1,000,000 rows they compare only
        the number of rows.

    Raises
    ------
    ValueError
        If the frame carries no receipt, or one that was damaged.
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
    damage = _damage(found)
    if damage is not None:
        raise ValueError(f"The receipt of this frame is damaged: {damage}. Load the frame again")
    return found.of(frame)


def part_note(frame: pd.DataFrame) -> str | None:
    """Return a sentence about a frame that has other rows than were loaded; None if it has all of them.

    Of frames of more than `MOST_ROWS_COMPARED` rows only the number of rows is compared.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     frame = rf.load_bank_accounts(client.connection("roaster-bank"), progress=False)
    >>> part_note(frame.head(2))
    'bank_accounts: 2 of the 3 rows loaded.'
    """
    found = frame.attrs.get("receipt")
    if not isinstance(found, dict):
        return None
    damage = _damage(found)
    if damage is not None:
        return f"The receipt of a frame is damaged: {damage}."
    differs = _difference(found, frame, most=MOST_ROWS_COMPARED)
    if differs is None and "rows_in_chunk" in found:
        differs = f"a chunk of {found['rows_in_chunk']:,} of the {found['rows']:,} rows loaded until then"
    return differs and f"{found.get('resource', 'data')}: {differs}."


def _read_only(value: Any) -> Any:
    if isinstance(value, _ReadOnly):
        return value
    if isinstance(value, Mapping):
        return _ReadOnlyDict(value)
    return _ReadOnlyList(value) if isinstance(value, list | tuple) else value


def _damage(found: Mapping[str, Any]) -> str | None:
    """Say which entry of a receipt is not what it should be; None if all are."""
    for name, kind in _KINDS.items():
        value = found.get(name)
        if name in found and (not isinstance(value, kind) or (kind is int and isinstance(value, bool))):
            return f"{name} is {value!r}, where {_CALLED[kind]} is expected"
        within = _KINDS_WITHIN.get(name)
        if within is not None and value:
            inner = value.values() if isinstance(value, dict) else value
            wrong = [one for one in inner if not isinstance(one, within)]
            if wrong:
                return f"{name} holds {wrong[0]!r}, where {_CALLED[within]} is expected"
    if found.get("complete") and "rows" not in found:
        return "it says complete, and not how many rows"
    return None


def _difference(found: Mapping[str, Any], frame: pd.DataFrame, most: int | None = None) -> str | None:
    """Say which rows a frame has instead of those that were loaded; None if it has these."""
    rows = len(frame)
    loaded = found.get("rows_in_chunk", found.get("rows", rows))
    only_numbers = None if rows == loaded else _part(rows, loaded)
    if not rows or (most is not None and rows > most):
        return only_numbers
    missing = [name for name in _IDENTITY if not isinstance(frame.get(name), pd.Series)]
    if missing:
        unknown = f"{rows:,} rows without {missing[0]}: whether they are those that were loaded is not known"
        return only_numbers or (unknown if found.get("complete") else None)
    connections, ids = (_texts(frame[name]) for name in _IDENTITY)
    blank, repeated = connections.null_count, _repeated(connections, ids)
    if not blank and not repeated:
        return only_numbers
    distinct = rows - blank - repeated
    said = [f"all {loaded:,} rows loaded" if distinct == loaded else _part(distinct, loaded)]
    said += [f"{repeated:,} more that repeat them"] if repeated else []
    said += [f"{blank:,} rows without connection_id, which were not loaded"] if blank else []
    return ", and ".join(said)


def _texts(column: pd.Series) -> pa.ChunkedArray:
    """Give a column as Arrow's text, without a copy where it is that already."""
    try:
        texts = pa.array(column, from_pandas=True)
    except pa.ArrowException:  # values of several kinds
        texts = pa.array(column.astype("str"), from_pandas=True)
    chunked = texts if isinstance(texts, pa.ChunkedArray) else pa.chunked_array([texts])
    return chunked if chunked.type == TEXT else chunked.cast(TEXT)


def _repeated(connections: pa.ChunkedArray, ids: pa.ChunkedArray) -> int:
    """Count the rows whose id, of the same connection, stands in an earlier row; null ids do not count."""
    if surely_different(ids):
        return 0
    keys = pc.binary_join_element_wise(connections, ids, pa.scalar("\x1f", TEXT))
    if all_different(keys):
        return 0
    return int(len(keys) - keys.null_count - pc.count_distinct(keys).as_py())


def _part(rows: int, loaded: int) -> str:
    if rows < loaded:
        return f"{rows:,} of the {loaded:,} rows loaded"
    return f"{rows:,} rows, although {loaded:,} were loaded"


def _title(found: Receipt) -> str:
    verdict = "COMPLETE" if found.get("complete") else "NOT COMPLETE"
    if "rows_in_chunk" in found:
        verdict = f"a chunk of {found['rows_in_chunk']:,} rows; all chunks until then: {verdict}"
    if "rows_in_frame" in found:
        verdict = found["differs"]
        verdict += "" if found["load_complete"] else ", and the load is NOT COMPLETE"
    return f"{found.get('resource', 'data')} from {found.get('environment') or 'no connection'}: {verdict}"


def _facts(found: Receipt) -> list[tuple[str, str]]:
    """Give the entries of a receipt in words, by name."""
    rows = f"{found.get('rows', 0):,}"
    if "rows_in_frame" in found:
        rows = found["differs"]
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
        ("failed", f"{connection}: {error.partition(chr(10))[0]}")
        for connection, error in found.get("errors", {}).items()
    ]


def _not_offered(found: Receipt, name: str) -> str:
    """Name a connection that does not offer the resource; where only a 404 says so, that as well."""
    why = found.get("per_connection", {}).get(name, {}).get("not_offered")
    return f"{name}: {why}" if why else name
