"""Refreshes in processes of their own, forked from one that has imported everything: they begin at once."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from multiprocessing.synchronize import Barrier
from types import MappingProxyType
from typing import Any
from unittest.mock import patch

import rutterframe as rf

_NO_SETTINGS: Mapping[str, str] = MappingProxyType({})


def start_process(target: Callable[..., None], *arguments: Any) -> ForkServerProcess:
    """Start a process that calls a function of this module."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["rutterframe", "rutterframe.dataset", "rutterframe.cli"])
    process = context.Process(target=target, args=arguments)
    process.start()
    return process


def start_refresh(settings: dict[str, str], path: str) -> ForkServerProcess:
    """Start a refresh of two ledgers, and wait until it is about to send its first request."""
    ready, sender = get_context("forkserver").Pipe(duplex=False)
    process = start_process(refresh_ledgers, settings, path, sender)
    sender.close()
    ready.recv_bytes()
    return process


def refresh_ledgers(settings: dict[str, str], path: str, ready: Connection) -> None:
    """Refresh all rows of two ledgers of a server."""
    os.environ.update(settings)
    with rf.Client(rate_limit=None) as client:
        connections = [client.connection(name) for name in ("roaster-quickbooks", "gear-xero")]
        ready.send_bytes(b"go")
        rf.refresh(connections, path, resources=["invoices", "bills", "accounts"], full=True)


def run_command(
    words: list[str], settings: dict[str, str], output: str, start: Barrier | None = None
) -> None:
    """Run the command line, with its output in the files .out and .err."""
    from rutterframe import cli  # noqa: PLC0415 - not every worker needs it

    os.environ.update(settings)
    for number, ending in ((1, "out"), (2, "err")):
        os.dup2(os.open(f"{output}.{ending}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    if start is not None:
        start.wait()
    cli.app(words)


def barrier(parties: int) -> Barrier:
    """Return a barrier for processes."""
    return get_context("forkserver").Barrier(parties)


def refresh_often(path: str, name: str, times: int, settings: Mapping[str, str] = _NO_SETTINGS) -> None:
    """Refresh two lists of a connection several times, each time with other rows."""
    os.environ.update(settings)
    from tests.dataset.scripted import Api  # noqa: PLC0415 - pytest takes longer to import than a refresh

    for number in range(times):
        bill, invoice = {"id": f"{number}"}, {"id": "1", "amount_due": float(number)}
        api = Api({(name, "invoices"): [invoice], (name, "bills"): [bill]})
        rf.refresh(api.connections(name), path, resources=["invoices", "bills"])


class TwoParts(Exception):
    """An exception that pickles, and cannot be read back: it is created with two arguments."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} {second}")


def client_that_cannot_be_opened() -> rf.Client:
    """Raise an exception that cannot be read in another process."""
    raise TwoParts("no", "token")


class _Dying(rf.Client):
    """A client that ends its process, or waits, when a connection of that name is opened."""

    def connection(self, connection_id: str, *args: Any, **options: Any) -> Any:
        if connection_id == "dies":
            os._exit(1)
        if connection_id == "waits":
            time.sleep(600)
        return super().connection(connection_id, *args, **options)


def set_environment(settings: dict[str, str]) -> None:
    """Set variables in a process of a pool."""
    os.environ.update(settings)


def client_that_dies() -> rf.Client:
    """Open a client that ends its process when a connection "dies" is opened."""
    return _Dying()


def export_and_wait(path: str, url: str, ready: Connection) -> None:
    """Export a dataset; when every row has been sent, report that and wait to be killed before the commit."""
    from rutterframe.dataset.export import resource  # noqa: PLC0415 - needed in this process only

    def wait(*_: Any) -> None:
        ready.send_bytes(b"sent")
        ready.recv_bytes()

    with patch.object(resource, "write_state", wait):
        rf.Dataset(path).export(url)


def export_often(path: str, url: str, times: int) -> None:
    """Export a dataset several times."""
    for _ in range(times):
        rf.Dataset(path).export(url, full=True)
