"""Run every check over loaded frames (`check`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import pandas as pd

from rutterframe.models import LIVE_RESOURCES, RECORDS, RESOURCES
from rutterframe.quality.findings import findings
from rutterframe.quality.frames import FrameSet, resource_of
from rutterframe.quality.specs import all_checks
from rutterframe.reports.engine.dates import parse_as_of


def check(
    frames: Mapping[str, pd.DataFrame] | pd.DataFrame, *, as_of: date | datetime | str | None = None
) -> pd.DataFrame:
    """Check loaded data for orphans, duplicates, amounts that do not agree and unlikely values.

    Nothing is changed or dropped: a finding names the record, the field, the severity and the reason.
    `rutterframe.quality.CHECKS` lists the checks; those of other packages run as well, after them.

    Parameters
    ----------
    frames : mapping of str to pandas.DataFrame, or pandas.DataFrame
        The frames by resource, as `load_all` returns them, or one frame. Resources may be missing: the notes
        say what could not be checked.
    as_of : date, datetime or str, optional
        The reference day for dates in the future; by default the day on which the data was fetched.

    Returns
    -------
    pandas.DataFrame
        One row for each finding; the same columns for none. Errors come first, then warnings, then notes;
        within these by resource, check, connection_id, id, field and value, nulls last. A RangeIndex.

        =============  =======  ======================================================================
        name           dtype    meaning
        =============  =======  ======================================================================
        resource       str      the resource of the record
        connection_id  str      the connection of the record
        id             str      the record; null if it has no id, or for a connection or a whole load
        severity       str      error: a figure is wrong or missing; warning: probably a mistake;
                                note: worth knowing
        check          str      the name of the check
        field          str      the field, such as line_items[0].quantity; empty for the record itself
        value          str      the value of the field as text; null if it is empty
        explanation    str      what is wrong
        =============  =======  ======================================================================

        ``attrs["notes"]`` says what could not be checked, and which frames hold a part of what was loaded;
        ``attrs["sources"]`` has the receipts.

    Raises
    ------
    ValueError
        If the resource of a frame is unknown, it has no ``id``, or holds text for numbers, or numbers,
        booleans or text in another form than YYYY-MM-DD for dates.
    TypeError
        If a frame is not a pandas DataFrame.

    Notes
    -----
    Every check goes by connection: references and duplicates are looked up in the record's own connection,
    since an id is unique only there. Frames without ``connection_id`` count as one connection. Amounts differ
    if they are apart by the smallest unit of their currency (ISO 4217) or more.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     frames = rf.load_all(client.connection("roaster-quickbooks"), progress=False)
    >>> findings = rf.check(frames)
    >>> findings.loc[findings["severity"] == "warning", ["resource", "check"]].value_counts(sort=False)
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
            f"check takes frames by resource, as rf.load_all returns them, or one frame, not "
            f"{type(frames).__name__}"
        )
    by_resource = {name: frames[name] for name in (*RECORDS, *LIVE_RESOURCES, *frames) if name in frames}
    frame_set = FrameSet(by_resource, None if as_of is None else pd.Timestamp(parse_as_of(as_of)))
    result = findings(all_checks(), frame_set)
    absent = [name for name in RESOURCES if name not in by_resource]
    notes = [f"Not loaded, so not checked: {', '.join(absent)}."] if absent else []
    result.attrs = {
        "report": "check",
        "notes": notes + frame_set.notes,
        "sources": list(frame_set.receipts.values()),
    }
    if frame_set.as_of is not None:
        result.attrs["as_of"] = f"{frame_set.as_of:%Y-%m-%d}"
    return result
