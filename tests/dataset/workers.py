"""Refreshes in processes of their own, forked from one that has imported everything: they begin at once."""

from __future__ import annotations

import os
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from typing import Any

import rutterframe as rf


def start_process(target: Callable[..., None], *arguments: Any) -> ForkServerProcess:
    """Start a process that calls a function of this module."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["rutterframe", "rutterframe.dataset"])
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


def refresh_often(path: str, name: str, times: int) -> None:
    """Refresh two lists of a connection several times, each time with other rows."""
    from tests.dataset.scripted import Api  # noqa: PLC0415 - pytest takes longer to import than a refresh

    for number in range(times):
        bill, invoice = {"id": f"{number}"}, {"id": "1", "amount_due": float(number)}
        api = Api({(name, "invoices"): [invoice], (name, "bills"): [bill]})
        rf.refresh(api.connections(name), path, resources=["invoices", "bills"])
