"""The command ``rutterframe refresh PATH``."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import typer

from rutterframe.cli.durations import MaxAge
from rutterframe.cli.log import LogFormat, LogLevel, StderrLog
from rutterframe.cli.refresh_report import RefreshReport
from rutterframe.cli.refresh_table import MAX_LISTS, print_result
from rutterframe.cli.staleness import stale_lists
from rutterframe.cli.terminal import (
    EXPECTED_ERRORS,
    ConnectionIds,
    DialectName,
    LogFormatName,
    LogLevelName,
    Quarantine,
    Verbose,
    Width,
    open_client,
    plain_errors,
)
from rutterframe.cli.termination import Termination
from rutterframe.client import Client
from rutterframe.connect import open_connections
from rutterframe.errors import RutterframeError
from rutterframe.loaders import NotOfferedWarning
from rutterframe.models import LIVE_RESOURCES, RESOURCES
from rutterframe.notebook.escape import printable

_log = logging.getLogger("rutterframe")
#: The exit code where the command itself is not right.
_USAGE = 2


@dataclass(frozen=True, slots=True)
class _Request:
    """What the options ask for: of which connections and resources, and how."""

    ids: Sequence[str] | None
    names: Sequence[str] | None
    full: bool
    quarantine: bool
    use_demo: bool
    dialect: str | None


def refresh_dataset(  # noqa: PLR0913 - a parameter for each option
    path: Annotated[
        str, typer.Argument(help="The dataset's folder, created if it does not exist, or its address.")
    ],
    *,
    connection: ConnectionIds = None,
    resource: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help=f"One of {', '.join(RESOURCES)}; all if none.")
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Load all transactions and orders, to find deleted ones.")
    ] = False,
    quarantine: Quarantine = False,
    max_age: MaxAge = None,
    use_demo: Annotated[bool, typer.Option("--demo", help="Read the made-up books of the demo.")] = False,
    dialect: DialectName = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the result as one line of JSON, and all else to stderr.")
    ] = False,
    details: Annotated[
        bool, typer.Option("--details", help=f"Print every list, also where there are more than {MAX_LISTS}.")
    ] = False,
    width: Width = None,
    log_format: LogFormatName = LogFormat.TEXT,
    log_level: LogLevelName = None,
    verbose: Verbose = False,
) -> None:
    """Refresh a dataset; the exit code is 1 if a list failed, or anything was left out, 3 if one is stale.

    Prints the rows of each resource, and how many lists were refreshed; failed ones are named. After SIGTERM
    or Ctrl-C what was committed stays, and the exit code is 143 or 130.
    """
    names = check_names(resource) if resource else None
    request = _Request(connection, names, full, quarantine, use_demo, dialect)
    report = RefreshReport(path, max_age=max_age)
    level = log_level or (LogLevel.DEBUG if verbose else None)
    with plain_errors(), StderrLog(log_format, level) as log, Termination() as termination:
        try:
            _refresh(request, report, log, as_json=as_json)
        except BrokenPipeError:
            raise
        except EXPECTED_ERRORS as error:
            report.error = str(error)
        except Exception as error:
            if not (as_json or log.is_json):
                raise
            report.error = log.failure(error)
        except KeyboardInterrupt:
            report.error = f"{termination.reason}: what was committed stays.\nNext: refresh again"
            report.error_code = termination.exit_code
        termination.ignore()
        if report.result is not None and not as_json:
            print_result(report.result, report.left_out_notes, width, details=details)
        report.write_errors(log, notes=as_json or log.is_json)
        if as_json:
            # The last line, also where a scheduler writes both streams to one file.
            sys.stdout.write(report.to_json())
            sys.stdout.flush()
    if report.exit_code:
        raise typer.Exit(report.exit_code)


def _refresh(request: _Request, report: RefreshReport, log: StderrLog, *, as_json: bool) -> None:
    """Refresh the dataset, and fill in the report as far as that is known."""
    from rutterframe.dataset import Dataset  # noqa: PLC0415 - deltalake is an extra
    from rutterframe.dataset.locations import root_of  # noqa: PLC0415 - the same
    from rutterframe.dataset.origin import origin_of  # noqa: PLC0415 - the same
    from rutterframe.dataset.refresh import refresh_ids  # noqa: PLC0415 - the same

    root = root_of(report.path)
    announce = log.state if as_json or log.is_json else None
    with open_client(
        use_demo=request.use_demo, dialect=request.dialect, err=False, announce=announce
    ) as client:
        log.hide_secrets_of(client)
        origin = origin_of(client.connections.listing().session.server)
        report.environment, report.dialect = origin.environment, origin.dialect
        if request.ids and (unknown := _unknown_connection(client, request.ids)):
            report.error, report.error_code = unknown, _USAGE
            return
        opened = open_connections(client, request.ids, allow_none=True)
        report.left_out = {name: f"it is not active: {status}" for name, status in opened.inactive.items()}
        report.left_out |= dict.fromkeys(opened.without_token, "no access token is known")
        report.left_out_notes = opened.left_out
        report.without_token = opened.without_token
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotOfferedWarning)  # the report names them
            report.result = refresh_ids(
                client,
                [*(connection.id for connection in opened.connections), *opened.without_token],
                root,
                resources=request.names,
                full=request.full,
                on_invalid="quarantine" if request.quarantine else "raise",
            )
    if report.max_age is not None:
        with suppress(FileNotFoundError):  # where every list failed there may be no dataset yet
            report.stale = stale_lists(Dataset(root).status(), report.max_age, datetime.now(UTC))


def _unknown_connection(client: Client, ids: Sequence[str]) -> str | None:
    """Read the list of connections, which has their platforms; return an error if an id is not known.

    Without it lists would be requested that a platform is known not to have. A live client reads it by
    itself, for the tokens. Where it cannot be read, each connection is requested all the same.
    """
    if client.is_live:
        return None
    listed: list[str] = []
    try:
        listed += (record.id for record in client.connections.list() if record.id)
    except RutterframeError as error:
        reason = printable(error.message)
        _log.warning("The list of connections cannot be read, so their platforms are not known: %s", reason)
        return None
    unknown = [name for name in ids if name not in {*listed, *client.known_ids}]
    if not unknown:
        return None
    names = ", ".join(printable(name) for name in listed) or "none"
    return f"There is no connection {unknown[0]!r}; there are {names}"


def check_names(resources: list[str]) -> tuple[str, ...]:
    """Return the names of resources, each once; refuse one that does not exist."""
    for name in resources:
        if name not in (*RESOURCES, *LIVE_RESOURCES):
            known = ", ".join((*RESOURCES, *LIVE_RESOURCES))
            raise typer.BadParameter(f"there is no resource {name!r}; there are {known}")
    return tuple(dict.fromkeys(resources))
