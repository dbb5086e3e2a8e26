"""The outcome of ``rutterframe refresh``: its exit code, its document of JSON, and its errors."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from rutterframe.cli.log import StderrLog
from rutterframe.cli.staleness import format_time, json_records, stale_records, stale_sentences
from rutterframe.cli.terminal import as_options
from rutterframe.storage import mask_address

_STATUSES = ("refreshed", "unchanged", "not offered", "failed")


@dataclass(slots=True)
class RefreshReport:
    """The outcome of a refresh, as far as it came.

    Attributes
    ----------
    path : str
        The dataset, as the user named it.
    started : datetime
        When the command began.
    environment, dialect : str or None
        What was read; None where the command failed before that was known.
    result : pandas.DataFrame or None
        The result of the refresh.
    left_out : dict of str to str
        The connections that were not read, with the reason.
    left_out_notes : list of str
        The same in sentences.
    without_token : list of str
        Those for which no access token is known.
    max_age : timedelta or None
        The age from which a list is stale.
    stale : pandas.DataFrame or None
        The stale lists; None if no age was named.
    error : str or None
        The error that ended the command.
    error_code : int
        The exit code of that error.
    """

    path: str
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    environment: str | None = None
    dialect: str | None = None
    result: pd.DataFrame | None = None
    left_out: dict[str, str] = field(default_factory=dict)
    left_out_notes: Sequence[str] = ()
    without_token: Sequence[str] = ()
    max_age: timedelta | None = None
    stale: pd.DataFrame | None = None
    error: str | None = None
    error_code: int = 1

    @property
    def exit_code(self) -> int:
        """1 if something failed or was left out, else 3 if a list is stale, else 0."""
        if self.error is not None:
            return self.error_code
        # A list that did not fail has an error if rows were set aside or the API does not offer it.
        if self.without_token or (self.result is not None and self.result["error"].notna().any()):
            return 1
        return 3 if self.stale is not None and len(self.stale) else 0

    def to_json(self) -> str:
        """Return the outcome as a document in one line, which ends with a line break."""
        lists = [] if self.result is None else _records(self.result)
        counts = dict.fromkeys(_STATUSES, 0)
        for row in lists:
            counts[row["status"]] += 1
        document = {
            "path": mask_address(self.path),
            "environment": self.environment,
            "dialect": self.dialect,
            "started": format_time(self.started),
            "finished": format_time(datetime.now(UTC)),
            "exit_code": self.exit_code,
            "counts": counts,
            "lists": lists,
            "left_out": [{"connection_id": name, "reason": why} for name, why in self.left_out.items()],
            "errors": [
                {
                    "connection_id": row["connection_id"],
                    "resource": row["resource"],
                    **split_error(row["error"]),
                }
                for row in lists
                if row["error"] is not None
            ],
            "max_age_seconds": None if self.max_age is None else int(self.max_age.total_seconds()),
            "stale": None if self.stale is None else stale_records(self.stale),
            "error": None if self.error is None else split_error(self.error),
        }
        return json.dumps(document, allow_nan=False) + "\n"

    def write_errors(self, log: StderrLog, *, notes: bool) -> None:
        """Write what failed, and what is stale, to standard error; notes as well, if they are not printed."""
        if notes:
            self._write_notes(log)
        for names, error in self._failed():
            same = f"\nThe same reason: {', '.join(names[2:])} of {names[0]}." if names[2:] else ""
            fields: dict[str, Any] = {"connection_id": names[0], "resource": names[1], **split_error(error)}
            text = f"{error}{same}"
            log.error(text, same_reason=list(names[2:]) or None, **fields)
        if self.stale is not None and self.max_age is not None:
            for sentence, fields in stale_sentences(self.stale, self.max_age):
                log.warning(sentence, sentence, **fields)
        if self.error is not None:
            log.error(as_options(self.error), **split_error(self.error))

    def _write_notes(self, log: StderrLog) -> None:
        """Write what was left out, and what was read incompletely."""
        # The last note is about tokens; inactive connections do not change the exit code.
        tokens = 1 if self.without_token else 0
        for position, note in enumerate(self.left_out_notes, start=1):
            if position > len(self.left_out_notes) - tokens:
                log.warning(note, note)
            else:
                log.info(note)
        if self.result is None:
            return
        for row in _records(self.result[self.result["status"] != "failed"]):
            if row["error"] is not None:
                note = f"{row['connection_id']} {row['resource']}: {row['error']}."
                log.warning(note, note, connection_id=row["connection_id"], resource=row["resource"])

    def _failed(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """Yield a connection and its lists that failed for one reason, and the first of their errors.

        A connection without a token is named once as left out, unless nothing else was refreshed.
        """
        if self.result is None:
            return
        failed = self.result[self.result["status"] == "failed"]
        named = failed[~failed["connection_id"].isin(list(self.without_token))]
        if named.empty and self.result["connection_id"].isin(list(self.without_token)).all():
            named = failed.head(1)
        reasons: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for name, resource, error in named[["connection_id", "resource", "error"]].to_numpy().tolist():
            reasons.setdefault((name, error.partition("\n")[0]), []).append((resource, as_options(error)))
        for (name, _), lists in reasons.items():
            yield (name, *(resource for resource, _ in lists)), lists[0][1]


def split_error(text: str) -> dict[str, str | None]:
    r"""Return the message and the hint of an error's text, with the options of a command.

    Examples
    --------
    >>> split_error("The API answered HTTP 503\nWhere: resource 'bills'.\nNext: refresh again.")
    {'message': 'The API answered HTTP 503', 'hint': 'refresh again.'}
    """
    message, _, hint = as_options(text).partition("\nNext: ")
    return {"message": message.partition("\nWhere: ")[0], "hint": hint or None}


def _records(result: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a result with the values of JSON, and errors with the options of a command."""
    rows = json_records(result)
    return [{**row, "error": None if row["error"] is None else as_options(row["error"])} for row in rows]
