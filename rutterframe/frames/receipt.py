"""The receipt of a loaded frame: a read-only dict of what was loaded, and its comparison with the frame."""

# pyarrow.compute creates its functions at run time, so that pyright does not know them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from rutterframe.frames.assemble import all_different, surely_different
from rutterframe.frames.read_only import ReadOnlyDict
from rutterframe.frames.schema import TEXT
from rutterframe.frames.text_dtype import TEXT_DTYPE
from rutterframe.notebook.cards import card
from rutterframe.notebook.escape import printable

#: Rows up to which a report looks for repeated rows: beyond, that would take seconds.
MAX_ROWS_COMPARED = 1_000_000

_IDENTITY = ("connection_id", "id")
#: The types of the entries, if present.
_TYPES: dict[str, type] = {
    **dict.fromkeys(("rows", "pages", "duplicates_dropped", "rows_refused", "rows_in_chunk"), int),
    **dict.fromkeys(("resource", "environment", "started", "finished"), str),
    **dict.fromkeys(("connections", "not_offered", "refused", "empty", "not_ready"), list),
    **dict.fromkeys(("filters", "errors", "per_connection"), dict),
    "complete": bool,
}
#: The entries of one connection that are numbers or flags, and the parts of a reason for a refused row.
_COUNTS = ("rows", "pages", "duplicates_dropped", "rows_refused", "complete")
_REASON = ("connection_id", "record_id", "field", "reason")
_TYPE_NAMES = {int: "a whole number", str: "text", list: "a list", dict: "a dict", bool: "True or False"}
#: The types of the items of lists and of the values of dicts.
_ITEM_TYPES: dict[str, type] = {
    "connections": str,
    "not_offered": str,
    "empty": str,
    "not_ready": str,
    "refused": dict,
    "errors": str,
    "per_connection": dict,
}


class Receipt(ReadOnlyDict):
    """The proof of what was loaded: a read-only dict that can be written as JSON.

    Its text, and its card in a notebook, show what was loaded, from where, when, and whether it is complete.
    A copy, also a deep one, is the receipt itself; ``json.loads(json.dumps(receipt))`` can be changed.

    ==================  =====  ================================================================
    key                 type   meaning
    ==================  =====  ================================================================
    resource            str    the list that was loaded
    environment         str    where from: "production", "sandbox", "demo" or an address
    connections         list   the ids of the connections that were requested
    pages               int    how many pages were read
    rows                int    how many rows there are
    duplicates_dropped  int    records that were sent more than once, and are kept once
    rows_refused        int    records that cannot be read without guessing, and are left out
    refused             list   the reasons of the first hundred: connection_id, record_id,
                               field, reason
    started, finished   str    when, ISO 8601 in UTC
    filters             dict   the filters that were sent
    complete            bool   whether every list was read to its end
    errors              dict   why a connection failed, by its id
    not_offered         list   connections of platforms without the list
    per_connection      dict   pages, rows, duplicates_dropped, rows_refused and complete of each
    data_as_of          str    live only: when the platforms were last read, the oldest
    empty               list   live only: connections that sent no row
    not_ready           list   live only: connections that were never synchronised to the end
    rows_in_chunk       int    of `rutterframe.iter_frames`: the rows of this chunk
    rows_in_frame       int    of a frame with other rows than were loaded, as are the next two
    differs             str    how its rows differ
    load_complete       bool   whether the load was complete
    ==================  =====  ================================================================
    """

    __slots__ = ()

    def __repr__(self) -> str:
        """Return the receipt as text, an entry a line."""
        lines = [f"  {name:<20}{printable(str(value))}" for name, value in _facts(self)]
        return "\n".join([printable(_title(self)), *lines])

    def _repr_html_(self) -> str:
        """Return the receipt as an HTML card."""
        return card(_title(self), _facts(self))

    def of(self, frame: pd.DataFrame) -> Receipt:
        """Return the receipt of a frame.

        Parameters
        ----------
        frame : DataFrame
            The rows, such as a part of those that were loaded.

        Returns
        -------
        Receipt
            This receipt, if the frame has the rows that were loaded. Otherwise one that is not ``complete``
            (``load_complete`` says whether the load was), with ``rows_in_frame`` and a description of the
            rows (``differs``).

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     frame = rf.load_bank_accounts(client.connection("roaster-bank"), progress=False)
        >>> receipt(frame).of(frame.head(2))["complete"]
        False
        """
        differs = _difference(self, frame)
        if differs is None:
            return self
        more = {"rows_in_frame": len(frame), "differs": differs, "load_complete": self.get("complete")}
        return Receipt({**self, "complete": False, **more})


def receipt(frame: pd.DataFrame) -> Receipt:
    """Return the receipt of a loaded frame: what was loaded, from where, when, and whether it is complete.

    Parameters
    ----------
    frame : pandas.DataFrame
        A frame from a loader, or some of its rows.

    Returns
    -------
    Receipt
        A read-only dict with a text and an HTML representation: ``frame.attrs["receipt"]``. If the frame has
        other rows than were loaded (fewer, more, repeated or blank ones), its receipt says so and is not
        complete. Rows are recognised by ``connection_id`` and ``id``: a frame without these columns is not
        complete either. A change within a row is not detected, nor a repeated row without an id. Reports say
        the same in their notes; of frames of more than 1,000,000 rows they compare only the number of rows.

    Raises
    ------
    ValueError
        If the frame has no receipt, or a damaged one.
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
    record = frame.attrs.get("receipt")
    if not isinstance(record, dict):
        raise ValueError(
            "This frame has no receipt: pass a frame from a loader. "
            "(pandas drops attrs when frames with different attrs are combined.)"
        )
    if not isinstance(record, Receipt):  # pandas read it from a Parquet file
        record = Receipt(record)
        frame.attrs["receipt"] = record
    damage = _damage(record)
    if damage is not None:
        raise ValueError(f"The receipt of this frame is damaged: {damage}. Load the frame again")
    return record.of(frame)


def gap(record: Mapping[str, Any], rows: int) -> str | None:
    """Return what is missing from a load by its receipt, in words; None if it is complete.

    A list that none of the connections offers has no rows that could be missing.

    Parameters
    ----------
    record : mapping
        The receipt of a frame, as `receipt` returns it.
    rows : int
        The number of rows of the frame.

    Examples
    --------
    >>> gap({"complete": False, "connections": ["a"], "not_offered": ["a"]}, 0) is None
    True
    """
    # A platform that we do not know may have the list.
    unsure = any("not_offered" in each for each in record.get("per_connection", {}).values())
    nowhere = not unsure and {*record.get("connections", ())} <= {*record.get("not_offered", ())}
    if record["complete"] or (nowhere and not record.get("errors") and not rows):
        return None
    return record.get("differs") or "not everything was loaded"


def part_note(frame: pd.DataFrame) -> str | None:
    """Return a sentence about a frame that has other rows than were loaded; None if it has all of them.

    Of frames of more than `MAX_ROWS_COMPARED` rows only the number of rows is compared.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     frame = rf.load_bank_accounts(client.connection("roaster-bank"), progress=False)
    >>> part_note(frame.head(2))
    'bank_accounts: 2 of the 3 rows loaded.'
    """
    record = frame.attrs.get("receipt")
    if not isinstance(record, dict):
        return None
    damage = _damage(record)
    if damage is not None:
        return f"The receipt of a frame is damaged: {damage}."
    differs = _difference(record, frame, limit=MAX_ROWS_COMPARED)
    if differs is None and "rows_in_chunk" in record:
        differs = f"a chunk of {record['rows_in_chunk']:,} of the {record['rows']:,} rows loaded until then"
    return differs and f"{record.get('resource', 'data')}: {differs}."


def sound_receipt(frame: pd.DataFrame) -> Mapping[str, Any] | None:
    """Return the receipt of a frame; None if it has none, or a damaged one, which `part_note` describes."""
    record = frame.attrs.get("receipt")
    return record if isinstance(record, dict) and _damage(record) is None else None


def _damage(record: Mapping[str, Any]) -> str | None:
    """Return a description of the first invalid entry of a receipt; None if all are valid."""
    invalid = _invalid_entry(record)
    if invalid is None:
        entries: Iterable[tuple[Any, Any]] = record.get("per_connection", {}).items()
        problems: list[str | None] = [
            _invalid_entry(entry, f"per_connection {name}: ") for name, entry in entries
        ]
        problems += [
            f"refused holds {row!r}, where {', '.join(_REASON)} are expected"
            for row in record.get("refused", ())
            if not all(isinstance(row.get(name, ""), str | None) for name in _REASON)
        ]
        invalid = next((problem for problem in problems if problem is not None), None)
    if not invalid and record.get("complete") and "rows" not in record:
        invalid = "it is complete, but has no number of rows"
    return invalid


def _invalid_entry(record: Mapping[str, Any], prefix: str = "") -> str | None:
    """Return a description of the first entry of another type."""
    for name, kind in _TYPES.items():
        # Of a connection, "not_offered" is the reason.
        if name not in record or (prefix and name not in _COUNTS):
            continue
        value: Any = record[name]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            return f"{prefix}{name} is {value!r}, where {_TYPE_NAMES[kind]} is expected"
        item_type = _ITEM_TYPES.get(name)
        if item_type is not None and value:
            items: Any = record[name].values() if isinstance(value, dict) else record[name]
            invalid = [item for item in items if not isinstance(item, item_type)]
            if invalid:
                return f"{name} holds {invalid[0]!r}, where {_TYPE_NAMES[item_type]} is expected"
    return None


def _difference(record: Mapping[str, Any], frame: pd.DataFrame, limit: int | None = None) -> str | None:
    """Describe the rows of a frame if they are not those that were loaded; None if they are."""
    rows = len(frame)
    loaded = record.get("rows_in_chunk", record.get("rows", rows))
    by_count = None if rows == loaded else _part(rows, loaded)
    if not rows or (limit is not None and rows > limit):
        return by_count
    missing = [name for name in _IDENTITY if not isinstance(frame.get(name), pd.Series)]
    if missing:
        unknown = f"{rows:,} rows without {missing[0]}: whether they are those that were loaded is not known"
        return by_count or (unknown if record.get("complete") else None)
    connections, ids = (_texts(frame[name]) for name in _IDENTITY)
    blank, repeated = connections.null_count, _repeated(connections, ids)
    if not blank and not repeated:
        return by_count
    distinct = rows - blank - repeated
    parts = [f"all {loaded:,} rows loaded" if distinct == loaded else _part(distinct, loaded)]
    parts += [f"{repeated:,} more that repeat them"] if repeated else []
    parts += [f"{blank:,} rows without connection_id, which were not loaded"] if blank else []
    return ", and ".join(parts)


def _texts(column: pd.Series) -> pa.ChunkedArray:
    """Return a column as Arrow text, without a copy if it is text already."""
    try:
        texts = pa.array(column, from_pandas=True)
    except pa.ArrowException:  # values of several kinds
        texts = pa.array(column.astype(TEXT_DTYPE), from_pandas=True)
    chunked = texts if isinstance(texts, pa.ChunkedArray) else pa.chunked_array([texts])
    return chunked if chunked.type == TEXT else chunked.cast(TEXT)


def _repeated(connections: pa.ChunkedArray, ids: pa.ChunkedArray) -> int:
    """Count the rows with the connection and id of an earlier row; null ids do not count."""
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


def _title(record: Receipt) -> str:
    verdict = "COMPLETE" if record.get("complete") else "NOT COMPLETE"
    if "rows_in_chunk" in record:
        verdict = f"a chunk of {record['rows_in_chunk']:,} rows; all chunks until then: {verdict}"
    if "rows_in_frame" in record:
        verdict = record["differs"]
        verdict += "" if record["load_complete"] else ", and the load is NOT COMPLETE"
    return f"{record.get('resource', 'data')} from {record.get('environment') or 'no connection'}: {verdict}"


def _facts(record: Receipt) -> list[tuple[str, str]]:
    """Return the entries of a receipt as text, by name."""
    rows = f"{record.get('rows', 0):,}"
    if "rows_in_frame" in record:
        rows = record["differs"]
    offers = ", ".join(_not_offered(record, name) for name in record.get("not_offered", ()))
    facts = [
        ("rows", rows),
        ("pages", f"{record.get('pages', 0):,}"),
        ("duplicates dropped", f"{record.get('duplicates_dropped', 0):,}"),
        ("rows refused", f"{record.get('rows_refused', 0):,}"),
        ("connections", ", ".join(record.get("connections", ())) or "-"),
        *([("not offered by", offers)] if offers else []),
        ("filters", ", ".join(f"{key}={value}" for key, value in record.get("filters", {}).items()) or "-"),
        *([("not ready yet", ", ".join(record["not_ready"]))] if record.get("not_ready") else []),
        *([("empty", ", ".join(record["empty"]))] if record.get("empty") else []),
        *([("data as of (UTC)", record["data_as_of"] or "not known")] if "data_as_of" in record else []),
        ("started (UTC)", record.get("started", "")),
        ("finished (UTC)", record.get("finished", "")),
    ]
    facts += [
        ("refused", "{}: {}, {}: {}".format(*(row.get(name) for name in _REASON)))
        for row in record.get("refused", ())
    ]
    return facts + [
        ("failed", f"{connection}: {error.partition(chr(10))[0]}")
        for connection, error in record.get("errors", {}).items()
    ]


def _not_offered(record: Receipt, name: str) -> str:
    """Return the name of a connection that does not offer the resource, with the reason if that is a 404."""
    reason = record.get("per_connection", {}).get(name, {}).get("not_offered")
    return f"{name}: {reason}" if reason else name
