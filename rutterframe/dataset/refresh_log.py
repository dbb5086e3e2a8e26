"""Write the log of a refresh: a line for each list, with its fields for a log of JSON."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

_log = logging.getLogger("rutterframe")
_FIELDS = ("connection_id", "resource", "status", "rows", "added", "changed", "removed", "version", "error")


def log_outcomes(rows: Iterable[Mapping[str, Any]]) -> None:
    """Log the outcome of some lists, as rows of the result of `refresh`.

    A failure is at the level of the others: the result has it as well, or an exception is raised.

    Parameters
    ----------
    rows : iterable of mapping
        The rows; what a row does not have is left out.
    """
    if not _log.isEnabledFor(logging.INFO):
        return
    for row in rows:
        fields = {name: row[name] for name in _FIELDS if row.get(name) is not None}
        _log.info("%s of %s: %s", row["resource"], row["connection_id"], _words(row), extra=fields)


def _words(row: Mapping[str, Any]) -> str:
    """State the outcome of a list in words."""
    error = str(row.get("error") or "").partition("\n")[0]
    if row["status"] in {"failed", "not offered"}:
        return f"{row['status']}: {error}" if row["status"] == "failed" else str(row["status"])
    counts = ", ".join(f"{row[name]:,} {name}" for name in ("added", "changed", "removed") if row[name])
    rows = f"{row['rows']:,} row{'' if row['rows'] == 1 else 's'}"
    return ", ".join(part for part in (str(row["status"]), rows, counts, error) if part)
