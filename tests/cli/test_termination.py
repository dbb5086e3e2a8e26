"""SIGTERM ends a command as Ctrl-C does, once, and not while its result is written."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from rutterframe.cli.termination import Termination


def terminate() -> None:
    """Send SIGTERM to this process: its handler runs before the next line."""
    os.kill(os.getpid(), signal.SIGTERM)


def test_the_first_sigterm_interrupts() -> None:
    """It raises KeyboardInterrupt, a second one nothing; afterwards the handler is as before."""
    before = signal.getsignal(signal.SIGTERM)
    with Termination() as termination:
        assert (termination.exit_code, termination.reason) == (130, "Interrupted by Ctrl-C")
        with pytest.raises(KeyboardInterrupt):
            terminate()
        terminate()
        assert (termination.exit_code, termination.reason) == (143, "Terminated by SIGTERM")
    assert signal.getsignal(signal.SIGTERM) == before


def test_while_the_result_is_written() -> None:
    """SIGTERM is ignored."""
    with Termination() as termination:
        termination.ignore()
        terminate()
    assert not termination.received


def test_in_another_thread() -> None:
    """Only the main thread may set handlers: in another one nothing changes."""
    before, handlers = signal.getsignal(signal.SIGTERM), []

    def enter() -> None:
        with Termination():
            handlers.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert handlers == [before]
