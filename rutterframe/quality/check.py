"""`check`: every check over a load, as one frame."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import pandas as pd

from rutterframe.models import RECORDS, RESOURCES
from rutterframe.quality.findings import findings
from rutterframe.quality.loaded import Loaded, resource_of
from rutterframe.quality.specs import CHECKS
from rutterframe.reports.engine.dates import parse_as_of


def check(
    frames: Mapping[str, pd.DataFrame] | pd.DataFrame, *, as_of: date | datetime | str | None = None
) -> pd.DataFrame:
    """Look for what is wrong with loaded data: orphans, duplicates, amounts that do not agree, odd values.

    Nothing is changed and nothing is dropped: a finding says which record, which field, how bad it is, and
    why. `rutterframe.quality.CHECKS` lists what is looked for.

    Parameters
    ----------
    frames : mapping of str to pandas.DataFrame, or pandas.DataFrame
        The frames by resource, as `load_all` gives them, or one frame alone. What was not loaded is not
        missed: the notes say what could not be looked at.
    as_of : date, datetime or str, optional
        The day after which days are ahead; by default the day on which the data was fetched.

    Returns
    -------
    pandas.DataFrame
        One row for each finding; the same columns for none. Errors come first, then warnings, then notes;
        within these by resource, check, connection_id, id, field and value, nulls last. A RangeIndex.

        =============  =======  ======================================================================
        name           dtype    meaning
        =============  =======  ======================================================================
        resource       str      what was loaded
        connection_id  str      the connection of the record
        id             str      the record; null where it has no id, or where a connection or a load is
                                meant
        severity       str      error: a figure is wrong or missing; warning: probably a mistake;
                                note: worth knowing
        check          str      the check that found it
        field          str      the field, such as line_items[0].quantity; empty for the record itself
        value          str      what the field holds, as text; null where it holds nothing
        explanation    str      what is wrong with it, in words
        =============  =======  ======================================================================

        ``attrs["notes"]`` says what could not be looked at, and which frames hold a part of what was
        loaded; ``attrs["sources"]`` has the receipts.

    Raises
    ------
    ValueError
        If a frame is of no known resource, has no ``id``, or holds text for numbers, or numbers, booleans or
        text in another order than YYYY-MM-DD for dates.
    TypeError
        If it is no pandas frame.

    Notes
    -----
    Every check goes by connection: what a record points to, and what it is a duplicate of, is looked up in
    its own. A shop has its own customers, and a ledger has its own, and their ids may be the same by chance.
    Frames without ``connection_id`` are those of one connection. Money is compared in whole ticks, and two
    amounts differ from the smallest unit of their currency on (ISO 4217).

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     frames = rf.load_all(client.connection("roaster-quickbooks"), progress=False)
    >>> found = rf.check(frames)
    >>> found.loc[found["severity"] == "warning", ["resource", "check"]].value_counts(sort=False)
    resource  check
    bills     missing_due_date        1
    invoices  missing_due_date        1
              open_without_balance    1
    Name: count, dtype: int64
    """
    if isinstance(frames, pd.DataFrame):
        frames = {resource_of(frames): frames}
    elif not isinstance(frames, Mapping):
        raise TypeError(
            f"check takes frames by resource, as rf.load_all gives them, or one frame, not "
            f"{type(frames).__name__}"
        )
    given = {name: frames[name] for name in (*RECORDS, *frames) if name in frames}
    loaded = Loaded(given, None if as_of is None else pd.Timestamp(parse_as_of(as_of)))
    found = findings(CHECKS, loaded)
    absent = [name for name in RESOURCES if name not in given]
    notes = [f"Not loaded, so not checked: {', '.join(absent)}."] if absent else []
    found.attrs = {
        "report": "check",
        "notes": notes + loaded.notes,
        "sources": list(loaded.receipts.values()),
    }
    if loaded.as_of is not None:
        found.attrs["as_of"] = f"{loaded.as_of:%Y-%m-%d}"
    return found
