"""Whatever happens in which order, no message is without a refresh that begins after it."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from rutterframe.webhook_server.events import Change, Scope
from rutterframe.webhook_server.journal import Journal
from rutterframe.webhook_server.pending import Pending

CHANGES = st.builds(
    Change, st.sampled_from("ab"), st.sampled_from(["orders", "products"]), st.sampled_from(list(Scope))
)


class Messages(RuleBasedStateMachine):
    """Messages, workers and kill -9 in any order, beside a plain record of what has yet to be refreshed."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.now = 0.0
        self.owed: dict[tuple[str, str], Scope] = {}
        self.running: list[list[Change]] = []
        self.open()

    def open(self) -> None:
        self.journal = Journal(Path(self.folder.name) / "state")
        self.pending = Pending(self.journal, wait=5.0, clock=lambda: self.now)

    def owe(self, changes: list[Change]) -> None:
        for one in changes:
            key = (one.connection_id, one.resource)
            self.owed[key] = max(one.scope, self.owed.get(key, one.scope))

    @rule(changes=st.lists(CHANGES, min_size=1, max_size=3))
    def message(self, changes: list[Change]) -> None:
        self.owe(changes)
        if not self.pending.covers(changes):
            self.pending.add(changes)

    @rule()
    def an_hour(self) -> None:
        self.now += 3600

    @rule()
    def take(self) -> None:
        batch = self.pending._next()
        assert len({one.connection_id for one in batch}) <= 1
        assert not {one.connection_id for one in batch} & {one.connection_id for [one, *_] in self.running}
        for one in batch:
            assert one.scope >= self.owed.pop((one.connection_id, one.resource), Scope.CHANGES)
        self.running += [batch] if batch else []

    @precondition(lambda self: self.running)
    @rule(outcome=st.sampled_from(["done", "failed", "stopped"]))
    def end(self, outcome: str) -> None:
        batch = self.running.pop(0)
        names = [one.resource for one in batch]
        errors = dict.fromkeys(names, "down") if outcome == "failed" else {}
        self.pending.finish(batch, errors, names if outcome == "stopped" else [])
        if outcome != "done":
            self.owe(batch)

    @rule()
    def kill(self) -> None:
        self.journal.close()
        self.open()
        while self.running:
            self.owe(self.running.pop())

    def teardown(self) -> None:
        self.now += 1_000_000
        try:
            for _ in range(9):
                self.take()
                if self.running:
                    self.end("done")
            assert (self.owed, self.journal.read()) == ({}, [])
        finally:
            self.journal.close()
            self.folder.cleanup()


@pytest.mark.slow
def test_no_message_is_lost() -> None:
    """Each list is taken after each message for it, with at least its scope, and then nothing is pending."""
    run_state_machine_as_test(
        Messages,
        settings=settings(
            max_examples=60,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
