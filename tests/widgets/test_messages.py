"""What a picker says: in words, and with everything escaped."""

from __future__ import annotations

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.loaders import ListProgress, LoadJob, Options
from rutterframe.widgets import messages
from rutterframe.widgets.loading import Frames, Loading
from rutterframe.widgets.selection import Choice, Known


def loading(*, error: BaseException | None = None, ended: bool = False) -> Loading:
    """Make a load that is under way, or over, without loading anything."""
    made = Loading(LoadJob([], Options(progress=False), ()), lambda: None)
    made.error, made.ended = error, ended
    return made


REFUSED = rf.PermissionDenied("Not\nallowed", status=403, hint="ask.")
FAILED = ListProgress("c", "invoices", "failed", error=REFUSED)
ALSO = ListProgress("c", "bank_accounts", "failed", error=REFUSED)
WAITING = ListProgress("c", "orders", "waiting")
READING = ListProgress("c", "invoices", "loading", pages=1, rows=1)
LOADED = ListProgress("c", "bank_accounts", "loaded", pages=3, rows=1200)
EMPTY = ListProgress("c", "orders", "loaded", pages=1)


@pytest.mark.parametrize(
    ("standings", "said"),
    [
        ([WAITING], ["Waiting"]),
        ([READING], ["Loading: 1 page, 1 row"]),
        ([LOADED, READING, WAITING], ["Loading: 4 pages, 1,201 rows, 1 of 3 resources"]),
        ([ListProgress("c", "orders", "loading", pages=2)], ["Loading: 2 pages"]),
        ([LOADED], ["1,200 rows of bank accounts"]),
        ([FAILED, READING], ["Failed (invoices): Not", "Next: ask."]),
    ],
)
def test_under_way(standings: list[ListProgress], said: list[str]) -> None:
    """A connection that is being loaded says how much has arrived."""
    assert messages.outcome(standings, loading()) == said


@pytest.mark.parametrize(
    ("standings", "said"),
    [
        ([LOADED], ["1,200 rows of bank accounts"]),
        ([EMPTY], ["no rows of orders"]),
        ([LOADED, EMPTY], ["1,200 rows of bank accounts"]),
        ([EMPTY, EMPTY], ["no rows"]),
        (
            [LOADED, EMPTY, ListProgress("c", "bills", "loaded", rows=3)],
            ["1,203 rows: 1,200 bank accounts, 3 bills"],
        ),
        ([FAILED, ALSO], ["Failed (invoices, bank accounts): Not", "Next: ask."]),
        ([EMPTY, FAILED], ["no rows of orders", "Failed (invoices): Not", "Next: ask."]),
    ],
)
def test_over(standings: list[ListProgress], said: list[str]) -> None:
    """A connection that was loaded says its rows, and each reason of a failure once, with what to do."""
    assert messages.outcome(standings, loading(ended=True)) == said


def test_cut_short() -> None:
    """After a Cancel a connection says what had arrived, and after a break-down that nothing was loaded."""
    cancelled = loading(error=rf.LoadInterrupted("stopped"), ended=True)
    assert messages.outcome([LOADED, READING], cancelled) == ["Cancelled after 1,201 rows"]
    assert messages.outcome([FAILED], cancelled) == ["Failed (invoices): Not", "Next: ask."]
    assert messages.state(cancelled).startswith("Cancelled; there are no frames.")
    broken = loading(error=RuntimeError("This client was closed"), ended=True)
    assert messages.outcome([WAITING], broken) == ["Not loaded"]
    assert messages.state(broken) == "Failed: This client was closed"


def test_the_state() -> None:
    """The whole load says in one line how it stands."""
    under_way = loading()
    assert messages.state(None) == "Ready to load."
    assert messages.state(under_way) == "Loading …"
    under_way.cancelling = True
    assert messages.state(under_way) == "Cancelling …"
    assert messages.state(loading(ended=True)) == "Loaded: everything that was chosen."


def test_the_count(client: rf.Client) -> None:
    """How many are chosen is said, how many of them are out of sight, and why."""
    listed = pd.DataFrame({"id": list("abc"), "platform": "x", "status": "active"})
    choice = Choice(client, listed)
    assert messages.count(choice, choice.matching(""), 3) == "0 of 3 connections chosen."
    choice.choose(["a", "c"])
    shown = choice.matching("")[:1]
    assert messages.count(choice, shown, 3) == "2 of 3 connections chosen, 1 of them not shown."
    assert messages.count(choice, choice.matching(""), 2) == (
        "2 of 3 connections chosen, 1 of them not shown. "
        "The first 2 of 3 are shown: type in the filter to find the others."
    )
    assert messages.count(choice, [], 3).endswith("The filter leaves none: shorten it.")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("active", "active"),
        ("error", "error: needs attention"),
        ("new", "new"),
        ("", "status not given"),
    ],
)
def test_the_status(given: str, said: str) -> None:
    """A status is said in words; one that nobody knows is kept, and none is called none."""
    assert messages.status(Known("a", "b", given)) == said


def test_everything_is_escaped() -> None:
    """What the API sent cannot become HTML."""
    assert "<b>" not in messages.lines(["<b>"])
    assert "&lt;b&gt;" in messages.status_line("<b>")
    frame = pd.DataFrame()
    frame.attrs["receipt"] = {
        "rows": 2, "connections": ["<b>", "c"], "errors": {"<b>": "?"}, "complete": False,
        "finished": "2026-06-30T12:34:56.000Z",
    }  # fmt: skip
    drawn = messages.summary(Frames(invoices=frame))
    assert "<b>" not in drawn
    for text in ("Invoices", ">2<", "1 of 2", "no: without &lt;b&gt;", "2026-06-30 12:34"):
        assert text in drawn
    assert messages.summary(Frames()) == ""
