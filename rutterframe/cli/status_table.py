"""Print the status of a dataset: a line for each connection, what is not complete or stale first."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from rich import box
from rich.console import Console
from rich.table import Table

from rutterframe.cli.durations import format_duration
from rutterframe.cli.terminal import as_options, print_text, texts
from rutterframe.views.format import count

#: Without --details, so many connections have a line, and so many errors are printed.
MAX_CONNECTIONS, MAX_ERRORS = 20, 5
# Terminals that are narrower have less between columns, and no times beside the ages.
_WIDE = 80
_KEYS = ["connection_id", "resource"]


def print_status(
    lists: pd.DataFrame, stale: pd.DataFrame | None, now: datetime, width: int | None, *, details: bool
) -> None:
    """Print the connections of a dataset, or all of its lists, and what is not complete.

    Parameters
    ----------
    lists : pandas.DataFrame
        As `Dataset.status` returns it.
    stale : pandas.DataFrame or None
        Those of the lists that are stale; None if no age was named.
    now : datetime
        The time to count ages from.
    width : int or None
        How wide the table may be; as the terminal if None.
    details : bool
        Whether to print every list and every error.
    """
    console = Console(width=width)
    if lists.empty:
        print_text(console, "No list of this dataset was ever refreshed.")
        return
    connections = by_connection(lists, stale)
    rows = _first_ones(lists.assign(stale=_is_in(lists, stale))) if details else _first_ones(connections)
    printed = rows if details else rows.head(MAX_CONNECTIONS)
    console.print(_table(printed, now, console.width))
    console.print()
    if len(printed) < len(rows):
        print_text(
            console,
            f"{len(printed)} of {count(len(rows), 'connection')}, those that are not complete or oldest "
            f"first. (--details shows each list.)",
        )
    print_text(console, _totals(lists, stale))
    for line in _errors(lists, None if details else MAX_ERRORS):
        print_text(console, line)


def by_connection(lists: pd.DataFrame, stale: pd.DataFrame | None) -> pd.DataFrame:
    """Return a row for each connection, by id.

    Parameters
    ----------
    lists : pandas.DataFrame
        As `Dataset.status` returns it.
    stale : pandas.DataFrame or None
        Those of the lists that are stale.

    Returns
    -------
    pandas.DataFrame
        ``connection_id``, ``last_success``, that of its oldest list, ``last_attempt``, the newest one,
        ``rows`` (null if not known), ``lists``, those that are not offered left out, how many of them are
        ``incomplete``, ``failed``, ``damaged`` and ``never_refreshed``, whether all are ``complete``, and
        where an age was named how many are ``stale``.
    """
    status = lists["status"]
    marks = {
        "lists": status != "not offered",
        # The API answered that there is no such list, which may be wrong.
        "incomplete": (status == "incomplete") | ((status == "not offered") & ~lists["complete"]),
        "failed": status == "failed",
        "damaged": status == "damaged",
        "never_refreshed": status == "never refreshed",
    }
    if stale is not None:
        marks["stale"] = _is_in(lists, stale)
    groups = lists.groupby("connection_id", sort=True)
    result = groups[["last_success"]].min()
    result["last_attempt"] = groups["last_attempt"].max()
    # A note of an older rutterframe does not state the rows: a sum without them would be too small.
    unknown = lists["rows"].isna() & lists["last_success"].notna()
    result["rows"] = groups["rows"].sum(min_count=1).mask(unknown.groupby(lists["connection_id"]).any())
    result = result.join(pd.DataFrame(marks).astype("int64").groupby(lists["connection_id"]).sum())
    result["complete"] = groups["complete"].all().astype("bool")
    return result.reset_index()


def _is_in(lists: pd.DataFrame, stale: pd.DataFrame | None) -> pd.Series[bool]:
    """Return which lists are among the stale ones."""
    if stale is None:
        return pd.Series(data=False, index=lists.index)
    pairs = pd.MultiIndex.from_frame(lists[_KEYS]).isin(pd.MultiIndex.from_frame(stale[_KEYS]))
    return pd.Series(pairs, index=lists.index)


def _first_ones(rows: pd.DataFrame) -> pd.DataFrame:
    """Sort rows: those not complete, those stale, the others by last success, those not offered."""
    stale = rows["stale"] > 0 if "stale" in rows else pd.Series(data=False, index=rows.index)
    is_complete = rows["complete"].astype("bool")
    has_no_rows = rows["status"] == "not offered" if "status" in rows else rows["lists"] == 0
    groups = is_complete * (2 - stale.astype("int64")) + (is_complete & has_no_rows)
    order = rows.assign(_order=groups)
    keys = ["_order", "last_success"]
    return order.sort_values(keys, na_position="first", kind="stable").drop(columns="_order")


def _table(rows: pd.DataFrame, now: datetime, width: int) -> Table:
    """Draw connections, or lists where there is a resource."""
    gap = 1 if width < _WIDE else 2
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, gap - 1, 0, 0), pad_edge=False)
    is_lists = "resource" in rows
    table.add_column("connection", overflow="fold", min_width=12)
    if is_lists:
        table.add_column("resource", no_wrap=True)
    if width >= _WIDE:
        table.add_column("last success UTC", no_wrap=True)
    table.add_column("age", justify="right", no_wrap=True)
    for name in ("rows",) if is_lists else ("rows", "lists"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("status", min_width=8)
    for row in rows.to_dict("records"):
        cells = [row["connection_id"], *([row["resource"]] if is_lists else [])]
        cells += [_time(row["last_success"], row)] * (width >= _WIDE) + [_age(row["last_success"], now)]
        cells += ["n/a" if pd.isna(row["rows"]) else f"{row['rows']:,}"]
        cells += [_word(row)] if is_lists else [f"{row['lists']:,}", _words(row)]
        table.add_row(*texts(*cells))
    return table


def _time(moment: pd.Timestamp, row: Mapping[Hashable, Any]) -> str:
    """Write a last success; never if no refresh has read it, and nothing of what is not offered."""
    if pd.isna(moment):
        return "–" if row.get("status") == "not offered" or row.get("lists") == 0 else "never"
    return f"{moment:%Y-%m-%d %H:%M}"


def _age(moment: pd.Timestamp, now: datetime) -> str:
    """Write how long ago something was; a moment ahead of this machine's clock has no age."""
    if pd.isna(moment):
        return "–"
    age = (pd.Timestamp(now) - moment).to_pytimedelta()
    return format_duration(age) if age >= timedelta(0) else "ahead"


def _word(row: Mapping[Hashable, Any]) -> str:
    """State the status of a list."""
    return f"{row['status']}, stale" if row["stale"] else str(row["status"])


def _words(row: Mapping[Hashable, Any]) -> str:
    """State how many lists of a connection are not complete or stale."""
    words = {
        "failed": "failed",
        "damaged": "damaged",
        "never_refreshed": "never read",
        "incomplete": "incomplete",
        "stale": "stale",
    }
    parts = [f"{row[name]:,} {word}" for name, word in words.items() if row.get(name)]
    return ", ".join(parts) or ("complete" if row["lists"] else "not offered")


def _totals(lists: pd.DataFrame, stale: pd.DataFrame | None) -> str:
    """State how many lists have which status, and how many are stale."""
    counts = ", ".join(f"{number:,} {status}" for status, number in lists["status"].value_counts().items())
    text = f"Lists: {len(lists):,} of {count(lists['connection_id'].nunique(), 'connection')} ({counts})."
    if stale is None:
        return text
    of = count(stale["connection_id"].nunique(), "connection")
    return f"{text} Stale: {count(len(stale), 'list')} of {of}." if len(stale) else f"{text} None is stale."


def _errors(lists: pd.DataFrame, most: int | None) -> Iterator[str]:
    """Yield why lists are not complete; of a connection those with one reason together."""
    reasons: dict[tuple[str, str], list[str]] = {}
    failed = lists[lists["error"].notna()]
    for name, resource, error in failed[[*_KEYS, "error"]].to_numpy().tolist():
        reasons.setdefault((name, as_options(error).partition("\n")[0]), []).append(resource)
    for (name, reason), resources in list(reasons.items())[:most]:
        yield f"{name} {', '.join(resources)}: {reason.rstrip('.')}."
    if most is not None and len(reasons) > most:
        yield f"({most} of {count(len(reasons), 'reason')}; --details shows each.)"
