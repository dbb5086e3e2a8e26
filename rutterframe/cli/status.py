"""The command ``rutterframe status PATH``: how fresh each connection of a dataset is."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import pandas as pd
import typer

from rutterframe.cli.durations import MaxAge
from rutterframe.cli.refresh_report import split_error
from rutterframe.cli.staleness import format_time, json_records, stale_lists, stale_records, with_age
from rutterframe.cli.status_table import by_connection, print_status
from rutterframe.cli.terminal import EXPECTED_ERRORS, Width, plain_errors
from rutterframe.storage import mask_address

_STATUSES = ("complete", "incomplete", "failed", "never refreshed", "not offered", "damaged")


def show_status(
    path: Annotated[str, typer.Argument(help="The dataset's folder, or its address.")],
    *,
    max_age: MaxAge = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON, with every list.")] = False,
    details: Annotated[bool, typer.Option("--details", help="Print every list, and every error.")] = False,
    width: Width = None,
) -> None:
    """Show how fresh a dataset is; the exit code is 1 if a list is not complete, else 3 if one is stale.

    It needs no credentials, and no network but that of the dataset. A connection is as fresh as its oldest
    list. What failed, was never refreshed or is stale comes first.
    """
    report = _StatusReport(path, max_age)
    with plain_errors():
        try:
            from rutterframe.dataset import Dataset  # noqa: PLC0415 - deltalake is an extra

            report.lists = Dataset(path).status()
        except EXPECTED_ERRORS as error:
            report.error = str(error)
            if as_json:
                sys.stdout.write(report.to_json())
            raise
        if as_json:
            sys.stdout.write(report.to_json())
        else:
            print_status(report.lists, report.stale, report.checked, width, details=details)
    if report.exit_code:
        raise typer.Exit(report.exit_code)


@dataclass(slots=True)
class _StatusReport:
    """The status of a dataset at a moment.

    Attributes
    ----------
    path : str
        The dataset, as the user named it.
    max_age : timedelta or None
        The age from which a list is stale.
    checked : datetime
        The moment.
    lists : pandas.DataFrame or None
        The status of each list; None if the dataset cannot be read.
    error : str or None
        Why it cannot be read.
    """

    path: str
    max_age: timedelta | None
    checked: datetime = field(default_factory=lambda: datetime.now(UTC))
    lists: pd.DataFrame | None = None
    error: str | None = None

    @property
    def stale(self) -> pd.DataFrame | None:
        """The stale lists; None if no age was named."""
        if self.max_age is None or self.lists is None:
            return None
        return stale_lists(self.lists, self.max_age, self.checked)

    @property
    def exit_code(self) -> int:
        """1 if a list is not complete, or there is none, else 3 if one is stale, else 0."""
        if self.lists is None or self.lists.empty or not self.lists["complete"].all():
            return 1
        return 3 if self.stale is not None and len(self.stale) else 0

    def to_json(self) -> str:
        """Return the status as a document in one line, which ends with a line break."""
        lists = [] if self.lists is None else _records(self.lists, self.checked)
        connections = pd.DataFrame() if self.lists is None else by_connection(self.lists, None)
        stale = self.stale
        counts = dict.fromkeys(_STATUSES, 0)
        for row in lists:
            counts[row["status"]] += 1
        document = {
            "path": mask_address(self.path),
            "checked": format_time(self.checked),
            "exit_code": self.exit_code,
            "counts": counts,
            "connections": _records(connections, self.checked),
            "lists": lists,
            "max_age_seconds": None if self.max_age is None else int(self.max_age.total_seconds()),
            "stale": None if stale is None else stale_records(stale),
            "error": None if self.error is None else split_error(self.error),
        }
        return json.dumps(document, allow_nan=False) + "\n"


def _records(rows: pd.DataFrame, now: datetime) -> list[dict[str, Any]]:
    """Return rows with the values of JSON, and the age of their last success in seconds."""
    if rows.empty:
        return []
    return json_records(with_age(rows.assign(age=pd.Timestamp(now) - rows["last_success"])))
