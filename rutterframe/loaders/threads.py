"""Run work in a thread of its own, so that Ctrl-C leaves neither a half-stored page nor a thread."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

#: Seconds between two checks while waiting: some systems cannot interrupt a wait without end.
INTERVAL = 0.2


def run_in_thread(
    work: Callable[[], None], *, name: str, stop: Callable[[], None], watch: Callable[[], None]
) -> None:
    """Run work in a thread, and wait for its end; on Ctrl-C stop it first.

    Ctrl-C interrupts the main thread at any instruction, so also between the start of a thread and the line
    that registers it. Work and caller therefore agree by a lock on whether the work runs: an interrupted
    caller either waits for the end of the work, or the work never begins.

    Parameters
    ----------
    work : callable
        Runs in the thread; what it raises is raised here.
    name : str
        The name of the thread.
    stop : callable
        Makes the work end soon. It is called here when this thread is interrupted.
    watch : callable
        Is called here, every `INTERVAL` seconds, while the work runs.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C, after the work has ended. A second Ctrl-C does not wait for that.
    """
    begun, ended = threading.Lock(), threading.Event()
    errors: list[BaseException] = []

    def run() -> None:
        if not begun.acquire(blocking=False):
            return  # the caller was interrupted first
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised in the thread that waits
            errors.append(error)
        finally:
            ended.set()

    thread = threading.Thread(target=run, name=name)
    try:
        thread.start()
        while not ended.wait(INTERVAL):
            watch()
    except BaseException:
        if not begun.acquire(blocking=False):
            stop()
            ended.wait()
        with contextlib.suppress(RuntimeError):  # the thread was not started
            thread.join()
        raise
    thread.join()
    if errors:
        raise errors[0]
