"""Fault plans: the fields of a fault, and how often it is triggered."""

from __future__ import annotations

from threading import Thread
from typing import Any

import pytest

from rutterframe.demo.faults import KINDS, Fault, FaultPlan, RequestTarget

GEAR = "gear-xero"


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"kind": "404"}, "unknown kind of fault '404'; known are 429, 452, 500, 503, expired_cursor, drop"),
        ({}, "a fault needs a kind; known are 429"),
        (
            {"kind": "500", "where": 2},
            "unknown field 'where' of a fault; known are kind, resource, page, times",
        ),
        ({"kind": "500", "page": -1}, "page must be a whole number from 0, not -1"),
        ({"kind": "500", "page": True}, "page must be a whole number from 0, not True"),
        ({"kind": "500", "times": "3"}, "times must be a whole number from 0, not '3'"),
        ({"kind": "500", "resource": None}, "resource must be text, not None"),
        ({"kind": "500", "connection": 3}, "connection must be text, not 3"),
        ({"kind": "500", "seconds": "3"}, "seconds must be a number, not '3'"),
        ({"kind": "slow", "seconds": -3}, "seconds of a slow page must not be negative, but are -3"),
        (
            {"kind": "500", "operation": "delete"},
            "unknown operation 'delete'; known are list, retrieve, write",
        ),
    ],
)
def test_an_invalid_fault_is_refused(fault: dict[str, Any], message: str) -> None:
    """The error names the invalid field and what is known."""
    with pytest.raises(ValueError, match="^" + message.replace("'", "['\"]").replace(".", r"\.")):
        Fault.from_json(fault)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_planned(kind: str) -> None:
    """A fault of each kind is read from its JSON."""
    assert Fault.from_json({"kind": kind, "page": 2}) == Fault(kind, page=2)


def test_faults_are_counted_across_threads() -> None:
    """A fault of a hundred times is triggered a hundred times by four threads at once."""
    faults = FaultPlan([Fault("500", times=100)])
    target = RequestTarget("invoices", GEAR)
    triggered: list[Fault] = []

    def ask() -> None:
        for _ in range(50):
            triggered.extend(faults.trigger(target))

    threads = [Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(triggered) == faults.triggers == 100
