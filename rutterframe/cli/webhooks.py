"""The command ``rutterframe serve-webhooks``."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer
from pydantic import SecretStr

from rutterframe.cli.dataset import check_names
from rutterframe.cli.log import LogFormat, LogLevel, StderrLog
from rutterframe.cli.terminal import (
    ConnectionIds,
    DialectName,
    LogFormatName,
    LogLevelName,
    Quarantine,
    Verbose,
    open_client,
    plain_errors,
)
from rutterframe.client import Client
from rutterframe.client.config import credentials, find_dialect, is_loopback, read_settings
from rutterframe.connect import DemoClient, open_connections
from rutterframe.errors import ConfigurationError
from rutterframe.loaders import NotOfferedWarning
from rutterframe.models import RESOURCES
from rutterframe.views.format import count

if TYPE_CHECKING:
    from rutterframe.webhook_server import WebhookServer
    from rutterframe.webhook_server.workers import Refresh

# Beside the tables of a dataset in a folder; Delta ignores what begins with an underscore.
_STATE = "_webhooks.sqlite"
_WARNING = (
    "{host} is open to other machines, and this is plain HTTP. Let a proxy with TLS forward "
    "/webhooks only, and let this listen on 127.0.0.1."
)


def serve_webhooks(  # noqa: PLR0913 - a parameter for each option
    *,
    dataset: Annotated[
        str, typer.Option(metavar="PATH", help="The dataset to refresh: its folder, or its address.")
    ],
    connection: ConnectionIds = None,
    resource: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help=f"One of {', '.join(RESOURCES)}; all if none.")
    ] = None,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Where to listen; by default only this machine.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, metavar="PORT", help="0 for a free one.")] = 8790,
    wait: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="How long messages of a connection are gathered.")
    ] = 5.0,
    workers: Annotated[
        int, typer.Option(min=1, max=64, metavar="N", help="How many connections are refreshed side by side.")
    ] = 4,
    catch_up: Annotated[
        float,
        typer.Option(
            min=0, metavar="HOURS", help="Refresh all at the start and every so many hours; 0 for never."
        ),
    ] = 24.0,
    state: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help=f"Notes what is pending; {_STATE} in the dataset's folder when left out."
        ),
    ] = None,
    quarantine: Quarantine = False,
    use_demo: Annotated[bool, typer.Option("--demo", help="Refresh from the made-up books.")] = False,
    dialect: DialectName = None,
    log_format: LogFormatName = LogFormat.TEXT,
    log_level: LogLevelName = None,
    verbose: Verbose = False,
) -> None:
    """Receive webhooks, and refresh what each one names, until Ctrl-C or SIGTERM.

    The address of messages is /webhooks; GET /health reports what is pending and what fails, GET /ready
    whether messages are taken. Messages are verified with RUTTER_CLIENT_SECRET. Requests are plain HTTP: a
    proxy has to add TLS. The exit code is 0 when it was stopped, 1 if it could not start.
    """
    names = check_names(resource) if resource else None
    options = _Options(host, port, wait, workers, catch_up)
    level = log_level or (LogLevel.DEBUG if verbose else LogLevel.INFO)
    with plain_errors(), StderrLog(log_format, level) as log:
        root, path = _places(dataset, state)
        with open_client(use_demo=use_demo, dialect=dialect, announce=log.state) as client:
            log.hide_secrets_of(client)
            refresh = _refresh_of(client, root, quarantine=quarantine)
            with _open_server(client, refresh, path, options, names, connection) as server:
                log.state(f"Messages: POST {server.url}; state: GET /health, same port.")
                if not is_loopback(host):
                    text = f"Warning: {_WARNING.format(host=host)}"
                    log.warning(text, text.removeprefix("Warning: "))
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", NotOfferedWarning)  # the log has them
                    server.serve()
                log.state(_outcome(server, path))


class _Options(NamedTuple):
    """The options of the server."""

    host: str
    port: int
    wait: float
    workers: int
    catch_up: float


def _places(dataset: str, state: Path | None) -> tuple[str, Path]:
    """Return the dataset's folder or address, and the file that notes what is pending."""
    from rutterframe.dataset.locations import is_local, root_of  # noqa: PLC0415 - deltalake is an extra

    root = root_of(dataset)
    if state is None and not is_local(root):
        raise ConfigurationError(
            f"Pending refreshes cannot be noted at the address {root}",
            hint="name a file of this machine with --state, on a disk that outlives the process.",
        )
    return root, state or Path(root) / _STATE


def _refresh_of(client: Client, root: str, *, quarantine: bool) -> Refresh:
    """Return the function that refreshes lists of a connection."""
    from rutterframe.webhook_server.refresh import DatasetRefresh  # noqa: PLC0415 - deltalake is an extra

    return DatasetRefresh(client, root, on_invalid="quarantine" if quarantine else "raise")


def _open_server(
    client: Client,
    refresh: Refresh,
    state: Path,
    options: _Options,
    names: Sequence[str] | None,
    ids: Sequence[str] | None,
) -> WebhookServer:
    """Open the server for the messages of a client's credentials."""
    from rutterframe.webhook_server import ServerOptions, WebhookServer  # noqa: PLC0415 - on first use

    def list_connections() -> list[str]:
        opened = open_connections(client, ids, allow_none=True)
        return [*(one.id for one in opened.connections), *opened.without_token]

    return WebhookServer(
        refresh,
        _secret_of(client),
        find_dialect(client.dialect),
        state,
        list_connections=list_connections,
        resources=names,
        connections=ids,
        options=ServerOptions(**options._asdict()),
    )


def _secret_of(client: Client) -> SecretStr:
    """Return the secret that signs the messages of a client's credentials."""
    if isinstance(client, DemoClient):
        return SecretStr(client.server.client_secret)
    return credentials(read_settings())[1]


def _outcome(server: WebhookServer, state: Path) -> str:
    """Return a sentence on what is pending when the server has stopped."""
    counts = server.pending.counts
    pending = counts.waiting + counts.retrying
    if not pending:
        return "Stopped. Nothing is pending."
    verb, pronoun = ("is", "it") if pending == 1 else ("are", "them")
    return (
        f"Stopped. {count(pending, 'list')} {verb} pending, as {state} notes: "
        f"the next start refreshes {pronoun}."
    )
