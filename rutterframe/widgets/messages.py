"""The texts of a picker: of a connection, of a load, of the result."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rutterframe.errors import (
    AuthenticationError,
    ConnectionMismatch,
    NeedsReauthentication,
    NotFound,
    RutterframeError,
)
from rutterframe.loaders import ListProgress
from rutterframe.notebook.escape import escape_html
from rutterframe.widgets.loading import Frames, Loading
from rutterframe.widgets.selection import Choice, ListedConnection, Selection

STATUS = {
    "active": "active",
    "inactive": "inactive: disconnected",
    "error": "error: needs attention",
}
NO_PLATFORM = "platform not given"
NO_BUSINESS = "Without a business"
DATES = "Transactions and orders only, from 00:00 UTC. The API has no end date, and filters nothing else."
IN_CODE = (
    "In code: .load() returns what the Load button loaded, and loads only what is not loaded yet; "
    ".code() gives these choices as lines of Python."
)
CHANGED = "Changed: load again. The frames are those of the choice before."
_PROBLEMS = (
    (NeedsReauthentication, "needs a new sign-in"),
    (AuthenticationError, "access token refused"),
    (ConnectionMismatch, "token of another connection"),
    (NotFound, "not found"),
)
AFTER_RESTART = (
    "The controls live as long as the kernel: after a kernel restart, or where none are shown, run this cell "
    "again."
)


def status(connection: ListedConnection, problem: str | None = None) -> str:
    """Describe the status of a connection; an unknown one is shown as it is.

    Parameters
    ----------
    connection : ListedConnection
        The connection, with the status of the list.
    problem : str, optional
        What a load found out since.
    """
    listed = STATUS.get(connection.status, connection.status or "status not given")
    return listed if problem is None else f"{problem} (listed as {connection.status or 'nothing'})"


def problem(error: RutterframeError | None) -> str | None:
    """Describe an error that says something about a connection itself; None for any other."""
    return next((text for kind, text in _PROBLEMS if isinstance(error, kind)), None)


def resource_label(name: str) -> str:
    """Write a resource's name as a label."""
    return name.replace("_", " ").capitalize()


def outcome(lists: Sequence[ListProgress], loading: Loading) -> list[str]:
    """Describe the progress or the result of a connection's load, in one line or a few."""
    rows = sum(progress.rows for progress in lists)
    failed = [progress for progress in lists if progress.error is not None]
    loaded = [progress for progress in lists if progress.stage == "loaded"]
    if not loading.ended:
        return _failures(failed) or [_under_way(lists, loaded, rows)]
    if loading.cancelled:
        return _failures(failed) or [f"Cancelled after {_rows(rows)}"]
    if loading.error is not None:
        return ["Not loaded"]
    return ([_loaded(loaded)] if loaded else []) + _failures(failed)


def state(loading: Loading | None, *, is_changed: bool = False) -> str:
    """Describe the state of the whole load in one line.

    Parameters
    ----------
    loading : Loading, optional
        The last load.
    is_changed : bool
        Whether the choice is another one than that of the load.
    """
    if loading is None or not loading.ended:
        return "Ready to load." if loading is None else "Cancelling …" if loading.cancelling else "Loading …"
    if loading.cancelled:
        return (
            "Cancelled; there are no frames. Load starts anew; in code, rf.resume(picker.error) goes on "
            "from where it stopped."
        )
    if loading.error is not None:
        return f"Failed: {loading.error}"
    if is_changed:
        return CHANGED
    failed = [name for name, lists in loading.progress().items() if any(progress.error for progress in lists)]
    if failed:
        return f"Loaded, but not everything: {', '.join(failed)} failed; see its line."
    return "Loaded: everything that was chosen."


def count(selection: Selection, matching: Iterable[ListedConnection], most: int) -> str:
    """Describe how many connections are selected, and how many of them are not shown, and why."""
    ids = [connection.id for connection in matching]
    selected = set(selection.ids)
    hidden, below = len(selected.difference(ids)), len(selected.intersection(ids[most:]))
    text = f"{len(selected):,} of {len(selection.listed):,} connections chosen"
    text += (
        f", {hidden:,} of them hidden by the filter: the buttons leave these as they are" if hidden else ""
    )
    text += f", {below:,} of them below the first {most}" if below else ""
    if len(ids) > most:
        return f"{text}. The first {most} of {len(ids):,} are shown: type in the filter to find the others."
    return f"{text}." if ids else f"{text}. The filter leaves none: shorten it."


def listed(selection: Selection) -> str:
    """Describe how old the list of connections is, and what the businesses name that it does not have."""
    at = f" read at {selection.listed_at} UTC" if selection.listed_at else ""
    text = f"List and statuses{at}."
    if selection.unlisted:
        text += f" The businesses name connections that are not listed: {', '.join(selection.unlisted)}."
    return text


def dropped_ids(ids: Sequence[str]) -> str:
    """Name the connections that were selected, and are missing from a new list."""
    return f"Not listed any more, and not chosen: {', '.join(ids)}." if ids else ""


def remembered(choice: Choice) -> str:
    """Describe the choice that was made by hand before the cell ran again."""
    since = f", changed since {choice.since}" if choice.since else ""
    resources = ", ".join(map(_plain, choice.resources)) or "no resource"
    return (
        f"The choice of this session was remembered: {len(choice.ids):,} "
        f"connection{'' if len(choice.ids) == 1 else 's'}, {resources}{since}. "
        f"Reset returns to what the cell passes."
    )


def summary(frames: Frames) -> str:
    """Draw a table of what was loaded: rows, from how many connections, all of it or not, when."""
    if not frames:
        return ""
    cell = '<td style="padding:1px 24px 1px 0;text-align:{}">{}</td>'
    names = ("Resource", "Rows", "Connections", "Complete", "Fetched (UTC)")
    head = "".join(
        f'<th style="padding:1px 24px 1px 0;text-align:{_side(name)};font-weight:600">{name}</th>'
        for name in names
    )
    rows = "".join(
        f"<tr>{''.join(cell.format(_side(name), text) for name, text in zip(names, texts, strict=True))}</tr>"
        for texts in (_summary_row(resource, frame.attrs["receipt"]) for resource, frame in frames.items())
    )
    table = f'<table style="line-height:1.5"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    return f'<div style="overflow-x:auto;white-space:nowrap">{table}</div>'


def status_line(text: str) -> str:
    """Write text that a screen reader reads when it changes."""
    return f'<div role="status" style="line-height:1.45;padding:5px 8px">{escape_html(text)}</div>'


def note(text: str) -> str:
    """Write text in small, faint letters."""
    return f'<div style="font-size:13px;line-height:1.45;opacity:.8">{escape_html(text)}</div>'


def lines(texts: Sequence[str]) -> str:
    """Write lines as HTML, everything escaped."""
    return f'<div style="line-height:1.45;padding:5px 0">{"<br>".join(map(escape_html, texts))}</div>'


def _under_way(lists: Sequence[ListProgress], loaded: Sequence[ListProgress], rows: int) -> str:
    if len(loaded) == len(lists):
        return _loaded(loaded)
    if all(progress.stage == "waiting" for progress in lists):
        return "Waiting"
    pages = sum(progress.pages for progress in lists)
    read = f", {_rows(rows)}" if rows else ""  # rows are counted later than pages, when they are decoded
    count = f", {len(loaded)} of {len(lists)} resources" if len(lists) > 1 else ""
    return f"Loading: {pages:,} page{'' if pages == 1 else 's'}{read}{count}"


def _loaded(loaded: Sequence[ListProgress]) -> str:
    filled = [progress for progress in loaded if progress.rows] or loaded[:1]
    rows = _rows(sum(progress.rows for progress in loaded))
    if len(loaded) > 1 and not filled[0].rows:
        return rows
    if len(filled) == 1:
        return f"{rows} of {_plain(filled[0].resource)}"
    return f"{rows}: {', '.join(f'{progress.rows:,} {_plain(progress.resource)}' for progress in filled)}"


def _failures(failed: Sequence[ListProgress]) -> list[str]:
    """Name each reason once, with the resources it is about, and what to do next."""
    about: dict[tuple[str, str], list[str]] = {}
    for progress in failed:
        if progress.error is not None:
            reason = (progress.error.message.splitlines()[0], progress.error.hint)
            about.setdefault(reason, []).append(_plain(progress.resource))
    texts = []
    for (message, hint), resources in about.items():
        texts.append(f"Failed ({', '.join(resources)}): {message}")
        texts += [f"Next: {hint}"] if hint else []
    return texts


def _summary_row(resource: str, receipt: dict[str, Any]) -> tuple[str, ...]:
    connections, failed = receipt["connections"], receipt["errors"]
    fetched = str(receipt["finished"])[:16].replace("T", " ")
    complete = "yes" if receipt["complete"] else f"no: {escape_html(_lacking(receipt))}"
    share = f"{len(connections) - len(failed)} of {len(connections)}"
    return resource_label(resource), f"{receipt['rows']:,}", share, complete, fetched


def _lacking(receipt: dict[str, Any]) -> str:
    """Describe why a load is not complete."""
    per_connection = receipt.get("per_connection", {})
    without = [name for name, entry in per_connection.items() if "not_offered" in entry]
    without = [*receipt["errors"], *without]
    if without:
        return f"without {', '.join(without)}"
    if receipt.get("rows_refused"):
        return f"without {receipt['rows_refused']:,} rows that were refused"
    return "no platform has it"


def _side(name: str) -> str:
    return "right" if name in ("Rows", "Connections") else "left"


def _plain(resource: str) -> str:
    return resource.replace("_", " ")


def _rows(number: int) -> str:
    return "no rows" if number == 0 else f"{number:,} row{'' if number == 1 else 's'}"
