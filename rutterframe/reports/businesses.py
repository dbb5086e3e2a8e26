"""Businesses and their connections: read from JSON, checked, and added to a frame as a column."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import reduce

import narwhals.stable.v2 as nw
import pandas as pd

from rutterframe.frames.text_dtype import own_memory
from rutterframe.notebook.escape import printable_names
from rutterframe.reports.engine.frame import Frame, Native, cast_to_text, normalize_key, read_frame

#: The connections of each business, by the name of the business.
Businesses = Mapping[str, Sequence[str]]

_FORM = '{"Roaster": ["roaster-quickbooks", "roaster-bank"]}'


def parse_businesses(text: str) -> dict[str, list[str]]:
    """Read the connections of each business from JSON, as ``RUTTER_BUSINESSES`` holds them.

    Parameters
    ----------
    text : str
        A JSON object from the name of a business to the ids of its connections.

    Returns
    -------
    dict of str to list of str
        As `month_end` and `tie_out` take it.

    Raises
    ------
    ValueError
        If it is not JSON, or not such an object, or has a name twice.

    Examples
    --------
    >>> parse_businesses('{"Roaster": ["roaster-quickbooks", "roaster-bank"]}')
    {'Roaster': ['roaster-quickbooks', 'roaster-bank']}
    """
    try:
        businesses = json.loads(text, object_pairs_hook=_refuse_duplicates)
    except json.JSONDecodeError as error:
        raise ValueError(
            f"businesses is not JSON ({error.msg}, character {error.pos + 1}); write {_FORM}"
        ) from None
    except RecursionError:
        raise ValueError(f"businesses is nested too deeply; write {_FORM}") from None
    if businesses is None:
        raise TypeError(f"businesses must be a mapping such as {_FORM}, not null")
    owners(businesses)
    return {name: list(ids) for name, ids in businesses.items()}


def owners(businesses: Businesses | None) -> dict[str, str]:
    """Return the business of each connection that belongs to one; check that it is only one.

    Raises
    ------
    TypeError
        If it is not a mapping from names to lists of ids.
    ValueError
        If it is empty, a name or an id is empty, a business has no connection, or a connection is listed
        twice.

    Examples
    --------
    >>> owners({"Roaster": ["roaster-quickbooks", "roaster-bank"]})
    {'roaster-quickbooks': 'Roaster', 'roaster-bank': 'Roaster'}
    """
    if businesses is None:
        return {}
    if not isinstance(businesses, Mapping):
        raise TypeError(f"businesses must be a mapping such as {_FORM}, not {businesses!r}")
    if not businesses:
        raise ValueError(f"businesses is empty; leave it out, or write {_FORM}")
    owner_of: dict[str, str] = {}
    for name, ids in businesses.items():
        for connection in _check_ids(name, ids):
            if connection in owner_of:
                other = owner_of[connection]
                where = f"twice in {name!r}" if other == name else f"in {other!r} and in {name!r}"
                raise ValueError(f"businesses has connection {connection!r} {where}; list it once")
            owner_of[connection] = name
    return owner_of


def business_of(owner_of: Mapping[str, str], connection: str | None) -> str | None:
    """Return the business of a connection, by the result of `owners`; one that belongs to none is its own.

    Raises
    ------
    ValueError
        If a connection that belongs to no business is named like one: the two would become one.
    """
    if connection is None or connection in owner_of:
        return None if connection is None else owner_of[connection]
    if connection in owner_of.values():
        raise ValueError(
            f"businesses names a business {connection!r}, which is the id of a connection that "
            f"belongs to none: rename the business"
        )
    return connection


def connections_of(frame: pd.DataFrame) -> list[str | None]:
    """Return the connection of each row; None for all without the column."""
    if "connection_id" not in frame:
        return [None] * len(frame)
    return [normalize_key(connection) for connection in frame["connection_id"].tolist()]


def check_known(businesses: Businesses | None, connections: Sequence[str]) -> None:
    """Refuse businesses that list a connection that does not exist.

    Raises
    ------
    ValueError
        If there is such an id; the message lists the unknown ids and the known ones.
    """
    unknown = [connection for connection in owners(businesses) if connection not in connections]
    if unknown:
        raise ValueError(
            f"businesses lists {', '.join(map(repr, unknown))}, and no connection has such an id; "
            f"there are {printable_names(sorted(connections)) or 'none'}"
        )


def with_business(frame: Native, businesses: Businesses) -> Native:
    """Add the column ``business`` to a frame with ``connection_id``.

    Parameters
    ----------
    frame : DataFrame
        A frame of any engine, with ``connection_id``.
    businesses : mapping of str to sequence of str
        The connections of each business. A connection that belongs to none is a business by itself, named by
        its id.

    Returns
    -------
    DataFrame
        The frame with ``business`` after its other columns; ``attrs`` stay.

    Raises
    ------
    TypeError, ValueError
        If there is no ``connection_id``, there is a ``business`` already, or the businesses are not as
        `owners` takes them.

    Examples
    --------
    >>> import pandas as pd
    >>> invoices = pd.DataFrame({"connection_id": ["roaster-quickbooks", "gear-xero"], "id": ["1", "1"]})
    >>> with_business(invoices, {"Roaster": ["roaster-quickbooks"]})["business"].tolist()
    ['Roaster', 'gear-xero']
    """
    owner_of = owners(businesses)
    source = read_frame(frame, ("connection_id",), kind="frame")
    if "business" in source.collect_schema().names():
        raise ValueError("frame has a column 'business' already: rename it")
    result: Native = own_memory(_add_business(source, owner_of).to_native())
    if isinstance(frame, pd.DataFrame) and isinstance(result, pd.DataFrame):
        # narwhals drops them; without receipts a report would not state that its data is the demo's.
        result.attrs = dict(frame.attrs)
    return result


def _add_business(frame: Frame, owner_of: Mapping[str, str]) -> Frame:
    """Add ``business`` to a narwhals frame, from the business of each connection."""
    ids = cast_to_text(frame, "connection_id")
    if isinstance(frame, nw.DataFrame):
        values = frame.select(ids)["connection_id"].to_list()
        names = [business_of(owner_of, normalize_key(connection)) for connection in values]
        return frame.with_columns(nw.new_series("business", names, nw.String(), backend=frame.implementation))
    by_name: dict[str, list[str]] = {}
    for connection, name in owner_of.items():
        by_name.setdefault(name, []).append(connection)
    business = reduce(
        lambda otherwise, item: nw.when(ids.is_in(item[1])).then(nw.lit(item[0])).otherwise(otherwise),
        by_name.items(),
        ids,
    )
    return frame.with_columns(business.alias("business"))


def _check_ids(name: object, ids: object) -> Sequence[str]:
    """Check the connections of one business."""
    if not isinstance(name, str) or not name.strip():
        raise ValueError(f"businesses has a business without a name: {name!r}; write {_FORM}")
    if isinstance(ids, str | bytes) or not isinstance(ids, Sequence):
        raise TypeError(f"businesses[{name!r}] must be a list of connection ids, not {ids!r}; write {_FORM}")
    if not ids:
        raise ValueError(f"businesses[{name!r}] has no connection; list its ids, or leave it out")
    for connection in ids:
        if not isinstance(connection, str) or not connection.strip():
            raise ValueError(f"businesses[{name!r}] has a connection id that is not text: {connection!r}")
    return ids


def _refuse_duplicates(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    """Refuse an object that has a name twice, where JSON would take the last."""
    names = [name for name, _ in pairs]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"businesses has {twice!r} twice; list all its connections together")
    return dict(pairs)
