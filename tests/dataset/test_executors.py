"""An executor that loses a task fails that connection, and keeps the outcomes of the others."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

import rutterframe as rf
from rutterframe.dataset.executors import Raised, UnreadableError, attempt
from rutterframe.demo.server import DemoServer
from tests.conftest import client_of, settings_of
from tests.dataset.workers import TwoParts, client_that_dies, set_environment

BOOKS, XERO, BANK = "roaster-quickbooks", "gear-xero", "roaster-bank"
ALL = (BOOKS, XERO, BANK)


class KilledWorker(Exception):
    """What Dask raises for a worker that died with each try of a task."""


class Losing(ThreadPoolExecutor):
    """An executor that loses the task of one connection, in one of several ways."""

    def __init__(self, lose: Callable[[Future[Any], tuple[Any, ...]], None]) -> None:
        super().__init__(2)
        self.lose = lose

    def submit(self, function: Any, *arguments: Any, **options: Any) -> Future[Any]:  # type: ignore[override]
        if XERO not in arguments:
            return super().submit(function, *arguments, **options)
        future: Future[Any] = Future()
        self.lose(future, arguments)
        return future


def die(future: Future[Any], _: tuple[Any, ...]) -> None:
    future.set_exception(KilledWorker("task-1 on 4 different workers,\nbut all of them died", 3))


def cancel(future: Future[Any], _: tuple[Any, ...]) -> None:
    future.cancel()
    future.set_running_or_notify_cancel()


def cancel_in_a_loop(future: Future[Any], _: tuple[Any, ...]) -> None:
    future.set_exception(asyncio.CancelledError("scheduler-connection-lost"))


def refuse(_: Future[Any], __: tuple[Any, ...]) -> None:
    raise RuntimeError("cannot schedule new futures after shutdown")


REASONS = {
    die: r"\('task-1 on 4 different workers,\\nbut all of them died', 3\)",
    cancel: "CancelledError: the task was cancelled, or the cluster has ended",
    cancel_in_a_loop: "CancelledError: scheduler-connection-lost",
    refuse: "cannot schedule new futures after shutdown",
}


@pytest.mark.parametrize("lose", REASONS)
def test_a_lost_task_fails_its_connection(server: DemoServer, path: Path, lose: Any) -> None:
    """The others are committed; the error names the connection, what happened and what to do."""
    options: Any = {"resources": ["accounts"], "client": lambda: client_of(server)}
    with Losing(lose) as executor:
        done = rf.refresh(ALL, path, on_error="skip", executor=executor, **options)
    assert done["status"].tolist() == ["refreshed", "failed", "unchanged"]
    assert done["rows"].fillna(-1).tolist() == [48, -1, 0]
    with Losing(lose) as executor, pytest.raises(rf.LoadError, match=REASONS[lose]) as caught:
        rf.refresh(ALL, path, executor=executor, **options)
    assert str(caught.value).startswith(
        "1 of 3 lists failed, the others are committed:\n  - connection 'gear-xero', resource 'accounts': "
        "The task that refreshes it did not end: "
    )
    assert " Next: look into the log of its worker" in str(caught.value)
    assert [error.context.connection_id for error in caught.value.errors] == [XERO]
    receipt = rf.Dataset(path).load("accounts").attrs["receipt"]
    assert receipt["complete"] is False
    assert receipt["per_connection"][XERO]["complete"] is False
    again = rf.refresh(ALL, path, **options)
    assert again["status"].tolist() == ["unchanged", "refreshed", "unchanged"]
    assert rf.Dataset(path).load("accounts").attrs["receipt"]["complete"] is True


def test_what_a_lost_task_has_committed_counts(server: DemoServer, path: Path) -> None:
    """Lists that the worker committed before it died are up to date; the others have failed."""

    def die_half_way(future: Future[Any], task: tuple[Any, ...]) -> None:
        refresh_by_id, client, connection, plan = task
        refresh_by_id(client, connection, replace(plan, resources=plan.resources[:1]))
        die(future, task)

    for status in ("refreshed", "unchanged"):
        with Losing(die_half_way) as executor:
            done = rf.refresh(
                [XERO], path, resources=["accounts", "invoices"], executor=executor, on_error="skip",
                client=lambda: client_of(server),
            )  # fmt: skip
        assert done["status"].tolist() == [status, "failed"]
        assert done["rows"].fillna(-1).tolist() == [71, -1]
        assert done["error"].isna().tolist() == [True, False]
    assert rf.Dataset(path).load("accounts").attrs["receipt"]["complete"] is True
    with pytest.raises(KeyError, match="no 'invoices'"):
        rf.Dataset(path).load("invoices")


def test_an_exception_that_cannot_be_read_here(server: DemoServer, path: Path) -> None:
    """An exception of a task that does not unpickle fails its connection, by its name and message."""

    def open_client() -> rf.Client:
        raise TwoParts("no", "token")

    with (
        ThreadPoolExecutor(1) as executor,
        pytest.raises(rf.LoadError, match="end: TwoParts: no token") as caught,
    ):
        rf.refresh([XERO], path, resources=["accounts"], client=open_client, executor=executor)
    assert caught.value.errors[0].hint.startswith("look into the log of its worker")
    with ThreadPoolExecutor(1) as executor, pytest.raises(rf.MissingCredentials):
        rf.refresh(
            [XERO], path, resources=["accounts"], executor=executor,
            client=lambda: client_of(server, client_id="", client_secret=""),
        )  # fmt: skip


def test_an_exception_that_cannot_be_sent() -> None:
    """An exception of a class that cannot be pickled comes back as its name and message."""

    class Local(Exception):
        pass

    def fail() -> Any:
        raise Local("no disk")

    raised = attempt(fail)
    assert isinstance(raised, Raised)
    with pytest.raises(UnreadableError, match="Local: no disk") as caught:
        raised.error()
    assert caught.value.kind == "Local"


def test_the_text_of_a_foreign_exception_is_not_stored(
    server: DemoServer, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the dataset nor the log has the text of an executor's exception, which may hold a secret."""
    rf.refresh([XERO], path, resources=["accounts"], client=lambda: client_of(server))

    def echo(future: Future[Any], _: tuple[Any, ...]) -> None:
        future.set_exception(KilledWorker("GET /x?access_token=s3cret&limit=5"))

    with caplog.at_level("INFO", "rutterframe"), Losing(echo) as executor:
        done = rf.refresh(
            [XERO], path, resources=["accounts"], executor=executor, on_error="skip",
            client=lambda: client_of(server),
        )  # fmt: skip
    assert "access_token=**********&limit=5" in done["error"].iloc[0]
    (line,) = [record.getMessage() for record in caplog.records]
    assert line == "accounts of gear-xero: failed: The task that refreshes it did not end (KilledWorker)"
    error = rf.Dataset(path).status()["error"].iloc[0]
    assert error.startswith("The task that refreshes it did not end (KilledWorker)")


@pytest.mark.slow
def test_a_process_that_dies(server: DemoServer, path: Path) -> None:
    """Where a process of a pool dies, what was committed before is in the result, and the rest has failed."""
    # The fork server has the environment of its start, which another test may have caused.
    with ProcessPoolExecutor(
        1, get_context("forkserver"), initializer=set_environment, initargs=(settings_of(server),)
    ) as executor:
        done = rf.refresh(
            (BOOKS, "dies", BANK), path, resources=["accounts"], executor=executor, on_error="skip",
            client=client_that_dies,
        )  # fmt: skip
    assert done["status"].tolist() == ["refreshed", "failed", "failed"]
    assert (
        done["error"]
        .iloc[1]
        .startswith("The task that refreshes it did not end: A process in the process pool")
    )
    assert len(rf.Dataset(path).load("accounts", connections=[BOOKS])) == 48


# In a process of its own: Dask changes how every exception of a process is pickled.
CLUSTER = """
import sys
import threading
import dask
import distributed
import rutterframe as rf
from tests.dataset.workers import client_that_cannot_be_opened, client_that_dies

dask.config.set({"distributed.scheduler.allowed-failures": 0, "distributed.comm.timeouts.connect": "2s"})

def refresh(ids, path, client, executor):
    done = rf.refresh(ids, path, resources=["accounts"], executor=executor, client=client, on_error="skip")
    for row in done.itertuples():
        print(row.connection_id, row.status, "" if row.error != row.error else row.error.splitlines()[0])

if __name__ == "__main__":
    path, *ids = sys.argv[1:]
    options = dict(n_workers=1, threads_per_worker=1, dashboard_address=None, host="127.0.0.1")
    cluster = distributed.LocalCluster(**options)
    with distributed.Client(cluster, timeout="5s") as dask_client, dask_client.get_executor() as executor:
        refresh([ids[0], "dies"], path, client_that_dies, executor)
        refresh([ids[1]], path, client_that_cannot_be_opened, executor)
        threading.Timer(1, cluster.loop.add_callback, [cluster.scheduler.close]).start()
        refresh(["waits"], path, client_that_dies, executor)
"""


@pytest.mark.long
@pytest.mark.timeout(120)
def test_a_cluster_that_loses_tasks(server: DemoServer, path: Path, tmp_path: Path) -> None:
    """On Dask a worker that dies, an unreadable exception, and a cluster that ends are failures."""
    script = tmp_path / "cluster.py"
    script.write_text(CLUSTER)
    ran = subprocess.run(
        [sys.executable, script, path, BOOKS, XERO], env={**os.environ, **settings_of(server)},
        capture_output=True, text=True, check=False, timeout=110,
    )  # fmt: skip
    ended = "failed The task that refreshes it did not end:"
    starts = [
        f"{BOOKS} refreshed ",
        f"dies {ended} KilledWorker: Attempted to run",
        f"{XERO} {ended} TwoParts: no token",
        f"waits {ended} ",  # the task is cancelled, or its worker is killed
    ]
    lines = ran.stdout.splitlines()
    assert [line[: len(start)] for line, start in zip(lines, starts, strict=True)] == starts, ran.stderr
