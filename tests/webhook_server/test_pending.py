"""The set of pending refreshes, in memory and on the disk."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from rutterframe.webhook_server import pending as pending_module
from rutterframe.webhook_server.events import Change, Scope
from rutterframe.webhook_server.journal import Journal
from rutterframe.webhook_server.pending import Counts, Pending, QueueFull

ORDERS, PRODUCTS = Change("a", "orders"), Change("a", "products")
ALL_ORDERS = Change("a", "orders", Scope.ALL)


class Clock:
    """A clock that a test sets."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "state")
    yield journal
    journal.close()


@pytest.fixture
def pending(journal: Journal, clock: Clock) -> Pending:
    return Pending(journal, wait=5.0, clock=clock)


def take(pending: Pending) -> list[Change]:
    """Return the lists that are due, without waiting."""
    return pending._next()


def test_many_messages_are_one_refresh(pending: Pending, journal: Journal, clock: Clock) -> None:
    """However many messages ask for a list, it is pending once, with the largest scope, after the wait."""
    assert not pending.covers([ORDERS])
    for change in (ORDERS, PRODUCTS, ORDERS, ALL_ORDERS, ORDERS):
        pending.add([change])
    assert pending.covers([ORDERS, PRODUCTS, ALL_ORDERS])
    assert sorted(journal.read(), key=lambda one: one.resource) == [ALL_ORDERS, PRODUCTS]
    assert take(pending) == []
    clock.now += 5
    assert pending.counts == Counts(waiting=2, retrying=0, running=0, oldest=0.0)
    assert take(pending) == [ALL_ORDERS, PRODUCTS]
    assert pending.counts == Counts(waiting=0, retrying=0, running=2, oldest=0.0)
    pending.finish([ALL_ORDERS, PRODUCTS], {})
    assert journal.read() == []
    assert pending.wait_until_idle(0)


def test_a_change_during_its_refresh_is_refreshed_once_more(
    pending: Pending, journal: Journal, clock: Clock
) -> None:
    """A list that is added while it is refreshed waits again, stays on the disk, and not beside itself."""
    pending.add([ORDERS, PRODUCTS])
    clock.now += 5
    batch = take(pending)
    assert not pending.covers([ORDERS])
    pending.add([ORDERS])
    clock.now += 60
    assert take(pending) == []  # the connection is being refreshed
    pending.finish(batch, {})
    assert journal.read() == [ORDERS]
    assert take(pending) == [ORDERS]


def test_a_failure_is_tried_again_later(
    pending: Pending, journal: Journal, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After each failure in a row the wait doubles, from 30 seconds to 6 hours; a success ends that."""
    monkeypatch.setattr(random, "uniform", lambda low, high: (low + high) / 2)
    pending.add([ORDERS])
    clock.now += 5
    waits = []
    for number in range(12):
        batch = take(pending)
        pending.finish(batch, {"orders": f"error {number}"})
        assert pending.wait_until_idle(0)
        assert not pending.covers([ORDERS])
        waits.append(pending._waiting["a"]["orders"].due - clock.now)
        clock.now += waits[-1]
    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3840, 7680, 15360, 21600, 21600]
    (failure,) = pending.failures
    assert (failure.connection_id, failure.resource, failure.error, failure.attempts) == (
        "a",
        "orders",
        "error 11",
        12,
    )
    assert journal.read() == [ORDERS]
    pending.finish(take(pending), {})
    assert (pending.failures, journal.read()) == ([], [])


def test_a_message_brings_a_retry_forward(pending: Pending, clock: Clock) -> None:
    """A list that waits for a retry is tried within five minutes of a message; its failures still count."""
    pending.add([ORDERS])
    clock.now += 5
    for _ in range(9):
        pending.finish(take(pending), {"orders": "down"})
        clock.now += 30_000
    pending.finish(take(pending), {"orders": "down"})
    pending.add([ALL_ORDERS])
    pending.add([ALL_ORDERS])
    clock.now += 299
    assert take(pending) == []
    clock.now += 1
    assert take(pending) == [ALL_ORDERS]
    pending.finish([ALL_ORDERS], {"orders": "down"})
    assert pending.failures[0].attempts == 11


def test_a_change_during_a_failing_refresh_waits_as_long(pending: Pending, clock: Clock) -> None:
    """A list that is added while its refresh fails is one list, which waits for its retry."""
    pending.add([ORDERS])
    clock.now += 5
    batch = take(pending)
    pending.add([ALL_ORDERS])
    pending.finish(batch, {"orders": "down"})
    assert pending.counts == Counts(waiting=0, retrying=1, running=0, oldest=0.0)
    clock.now += 6
    assert take(pending) == []
    clock.now += 60
    assert take(pending) == [ALL_ORDERS]


def test_a_restart_continues(tmp_path: Path, clock: Clock) -> None:
    """What was pending, being refreshed or failing when the process ended is due at the next start."""
    journal = Journal(tmp_path / "state")
    pending = Pending(journal, wait=5.0, clock=clock)
    pending.add([ORDERS, Change("b", "orders"), Change("c", "orders", Scope.RECENT)])
    clock.now += 5
    pending.finish(take(pending), {"orders": "down"})
    assert take(pending)[0].connection_id == "b"
    journal.close()  # as after kill -9: nothing else is written at the end
    journal = Journal(tmp_path / "state")
    again = Pending(journal, wait=5.0, clock=clock)
    assert again.counts.waiting == 3
    assert [take(again) for _ in "abc"] == [
        [ORDERS],
        [Change("b", "orders")],
        [Change("c", "orders", Scope.RECENT)],
    ]
    journal.close()


def test_an_unfinished_refresh_stays_pending(pending: Pending, journal: Journal, clock: Clock) -> None:
    """A list of which the refresh was stopped is pending as before, without a failure."""
    pending.add([ORDERS])
    clock.now += 5
    pending.finish(take(pending), {}, ["orders"])
    assert (journal.read(), pending.failures, pending.counts.waiting) == ([ORDERS], [], 1)
    pending.close()
    assert pending.take() == []


def test_too_many_lists(pending: Pending, journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit nothing is added, and what waits already may still be asked for."""
    monkeypatch.setattr(pending_module, "MAX_PENDING", 2)
    pending.add([ORDERS, PRODUCTS])
    with pytest.raises(QueueFull):
        pending.add([Change("b", "orders")])
    assert len(journal.read()) == 2
    assert pending.covers([ORDERS])
    pending.add([ALL_ORDERS])


@pytest.mark.usefixtures("journal")
def test_the_file_is_of_one_process(tmp_path: Path) -> None:
    """A second server on the same file is refused, with what to do; so is a file that is something else."""
    with pytest.raises(
        OSError, match=r"(?s)another process, such as a second server, has it open.Next: stop"
    ):
        Journal(tmp_path / "state")
    (tmp_path / "other").write_bytes(b"not a database, but a text of some length" * 100)
    with pytest.raises(OSError, match=r"(?s)file is not a database.Next: check"):
        Journal(tmp_path / "other")
    with pytest.raises(OSError, match="unable to open"):
        Journal(tmp_path)


def test_what_cannot_be_written_is_not_half_written(journal: Journal) -> None:
    """Of lists that cannot all be noted none is, and the file can be used further."""
    with pytest.raises(UnicodeEncodeError):
        journal.add([ORDERS, Change("\ud800", "orders")])
    assert journal.read() == []
    journal.add([ORDERS])
    assert journal.read() == [ORDERS]


def test_a_disk_that_cannot_be_written(pending: Pending, journal: Journal) -> None:
    """Where a list cannot be noted it is not added: the message is not answered as accepted."""
    journal.close()
    with pytest.raises(OSError, match="cannot be used"):
        pending.add([ORDERS])
    assert pending.counts.waiting == 0
    assert not pending.covers([ORDERS])
