"""run_in_thread: the work runs in a thread, and Ctrl-C leaves none behind."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from rutterframe.loaders import threads
from rutterframe.loaders.threads import run_in_thread

NAME = "rutterframe-test"


def alive() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == NAME]


def nothing() -> None:
    pass


def test_the_work_runs_in_a_thread_of_its_own() -> None:
    """The work runs in a thread with the given name, and has ended afterwards."""
    names: list[str] = []
    run_in_thread(
        lambda: names.append(threading.current_thread().name), name=NAME, stop=nothing, watch=nothing
    )
    assert (names, alive()) == ([NAME], [])


@pytest.mark.parametrize("error", [ZeroDivisionError("a bug"), KeyboardInterrupt("in the work")])
def test_an_error_of_the_work_is_raised(error: BaseException) -> None:
    """What the work raises is raised by the caller, after the thread has ended."""

    def work() -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        run_in_thread(work, name=NAME, stop=nothing, watch=nothing)
    assert caught.value is error
    assert alive() == []


def test_watch_is_called_while_the_work_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller's function is called in the caller's thread until the work ends."""
    monkeypatch.setattr(threads, "INTERVAL", 0.0)
    enough, callers = threading.Event(), set()

    def watch() -> None:
        callers.add(threading.current_thread().name)
        enough.set()

    def work() -> None:
        assert enough.wait(60)

    run_in_thread(work, name=NAME, stop=nothing, watch=watch)
    assert callers == {threading.current_thread().name}


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_interrupted_while_waiting(monkeypatch: pytest.MonkeyPatch, error: type[BaseException]) -> None:
    """Ctrl-C, or an error of the caller's function, stops the work and waits for its end."""
    monkeypatch.setattr(threads, "INTERVAL", 0.0)
    stop, steps = threading.Event(), []

    def work() -> None:
        assert stop.wait(60)
        steps.append("ended")

    def watch() -> None:
        raise error

    with pytest.raises(error):
        run_in_thread(work, name=NAME, stop=stop.set, watch=watch)
    assert (steps, alive()) == (["ended"], [])


@pytest.mark.parametrize("is_started", [False, True])
def test_interrupted_at_the_start(monkeypatch: pytest.MonkeyPatch, *, is_started: bool) -> None:
    """Ctrl-C at the start of the thread: the work has ended, or never begins."""
    start: Callable[[threading.Thread], None] = threading.Thread.start
    stop, steps = threading.Event(), []

    def interrupted_start(thread: threading.Thread) -> None:
        if is_started:
            start(thread)
        raise KeyboardInterrupt

    def work() -> None:
        steps.append("begun")
        assert stop.wait(60)
        steps.append("ended")

    monkeypatch.setattr(threading.Thread, "start", interrupted_start)
    with pytest.raises(KeyboardInterrupt):
        run_in_thread(work, name=NAME, stop=stop.set, watch=nothing)
    assert alive() == []
    assert steps in ([], ["begun", "ended"])
    assert is_started or not steps
