"""The texts of a picker, with everything escaped."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.loaders import ListProgress, LoadJob, Options
from rutterframe.widgets import messages
from rutterframe.widgets.loading import Frames, Loading
from rutterframe.widgets.selection import Choice, ListedConnection, Selection

NOTHING = Choice((), (), None)


def loading(*, error: BaseException | None = None, ended: bool = False) -> Loading:
    """Return a load that is under way, or over, without loading anything."""
    loading = Loading(LoadJob([], Options(progress=False), ()), NOTHING, lambda: None)
    loading.error, loading.ended = error, ended
    return loading


REFUSED = rf.PermissionDenied("Not\nallowed", status=403, hint="ask.")
FAILED = ListProgress("c", "invoices", "failed", error=REFUSED)
ALSO = ListProgress("c", "bank_accounts", "failed", error=REFUSED)
WAITING = ListProgress("c", "orders", "waiting")
READING = ListProgress("c", "invoices", "loading", pages=1, rows=1)
LOADED = ListProgress("c", "bank_accounts", "loaded", pages=3, rows=1200)
EMPTY = ListProgress("c", "orders", "loaded", pages=1)


@pytest.mark.parametrize(
    ("lists", "texts"),
    [
        ([WAITING], ["Waiting"]),
        ([READING], ["Loading: 1 page, 1 row"]),
        ([LOADED, READING, WAITING], ["Loading: 4 pages, 1,201 rows, 1 of 3 resources"]),
        ([ListProgress("c", "orders", "loading", pages=2)], ["Loading: 2 pages"]),
        ([LOADED], ["1,200 rows of bank accounts"]),
        ([FAILED, READING], ["Failed (invoices): Not", "Next: ask."]),
    ],
)
def test_under_way(lists: list[ListProgress], texts: list[str]) -> None:
    """The text of a connection that is being loaded states how much has arrived."""
    assert messages.outcome(lists, loading()) == texts


@pytest.mark.parametrize(
    ("lists", "texts"),
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
def test_loaded(lists: list[ListProgress], texts: list[str]) -> None:
    """The text of a loaded connection states its rows, and each reason of a failure once, with what to do."""
    assert messages.outcome(lists, loading(ended=True)) == texts


def test_cancelled_or_failed() -> None:
    """After a Cancel the text states what had arrived; after an unforeseen error, that nothing was loaded."""
    cancelled = loading(error=rf.LoadInterrupted("stopped"), ended=True)
    assert messages.outcome([LOADED, READING], cancelled) == ["Cancelled after 1,201 rows"]
    assert messages.outcome([FAILED], cancelled) == ["Failed (invoices): Not", "Next: ask."]
    assert messages.state(cancelled).startswith("Cancelled; there are no frames.")
    broken = loading(error=RuntimeError("This client was closed"), ended=True)
    assert messages.outcome([WAITING], broken) == ["Not loaded"]
    assert messages.state(broken) == "Failed: This client was closed"


def test_the_state() -> None:
    """One line describes the state of the whole load."""
    under_way = loading()
    assert messages.state(None) == "Ready to load."
    assert messages.state(under_way) == "Loading …"
    under_way.cancelling = True
    assert messages.state(under_way) == "Cancelling …"
    assert messages.state(loading(ended=True)) == "Loaded: everything that was chosen."
    assert messages.state(loading(ended=True), is_changed=True) == (
        "Changed: load again. The frames are those of the choice before."
    )


def test_the_count(client: rf.Client) -> None:
    """The text states how many are selected, how many of them the filter hides, or the limit."""
    listed = pd.DataFrame({"id": list("abc"), "platform": "x", "status": "active"})
    selection = Selection(client, listed)
    assert messages.count(selection, selection.matching(""), 3) == "0 of 3 connections chosen."
    selection.select(["a", "c"])
    matching = selection.matching("")[:1]
    assert messages.count(selection, matching, 3) == (
        "2 of 3 connections chosen, 1 of them hidden by the filter: the buttons leave these as they are."
    )
    assert messages.count(selection, selection.matching(""), 2) == (
        "2 of 3 connections chosen, 1 of them below the first 2. "
        "The first 2 of 3 are shown: type in the filter to find the others."
    )
    assert messages.count(selection, [], 3).endswith("The filter leaves none: shorten it.")


@pytest.mark.parametrize(
    ("status", "text"),
    [
        ("active", "active"),
        ("error", "error: needs attention"),
        ("new", "new"),
        ("", "status not given"),
    ],
)
def test_the_status(status: str, text: str) -> None:
    """A known status is described; an unknown one is shown as it is, and a missing one named."""
    assert messages.status(ListedConnection("a", "b", status)) == text
    text = messages.status(ListedConnection("a", "b", status), "not found")
    assert text == f"not found (listed as {status or 'nothing'})"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (rf.NeedsReauthentication("no", status=403), "needs a new sign-in"),
        (rf.AuthenticationError("no", status=401), "access token refused"),
        (rf.NotFound("no", status=404), "not found"),
        (REFUSED, None),
        (None, None),
    ],
)
def test_the_problem(error: rf.RutterframeError | None, text: str | None) -> None:
    """An error that says something about the connection itself changes its status; others do not."""
    assert messages.problem(error) == text


def test_the_age_of_the_list(client: rf.Client) -> None:
    """The text states when the list was read, and which connections of businesses it does not have."""
    listed = pd.DataFrame({"id": ["a"], "platform": "x", "status": "active"})
    selection = Selection(client, listed, {"Roaster": ["a", "zzz"]})
    assert messages.listed(selection) == (
        "List and statuses. The businesses name connections that are not listed: zzz."
    )
    listed.attrs["receipt"] = {"finished": "2026-06-30T08:33:12Z"}
    assert messages.listed(Selection(client, listed)) == "List and statuses read at 2026-06-30 08:33 UTC."
    assert messages.dropped_ids([]) == ""
    assert messages.dropped_ids(["b", "c"]) == "Not listed any more, and not chosen: b, c."


def test_the_choice_that_was_remembered() -> None:
    """The text states what was remembered, and how to return to what the cell passes."""
    assert messages.remembered(Choice(("a",), (), None)) == (
        "The choice of this session was remembered: 1 connection, no resource. "
        "Reset returns to what the cell passes."
    )
    choice = Choice(("a", "b"), ("bank_accounts", "orders"), date(2026, 6, 1))
    assert "2 connections, bank accounts, orders, changed since 2026-06-01." in messages.remembered(choice)


def test_everything_is_escaped() -> None:
    """What the API sent cannot become HTML."""
    assert "<b>" not in messages.lines(["<b>"])
    assert "&lt;b&gt;" in messages.status_line("<b>")
    frame = pd.DataFrame()
    frame.attrs["receipt"] = {
        "rows": 2, "connections": ["<b>", "c"], "errors": {"<b>": "?"}, "complete": False,
        "finished": "2026-06-30T12:34:56.000Z",
    }  # fmt: skip
    html = messages.summary(Frames(invoices=frame))
    assert "<b>" not in html
    for text in ("Invoices", ">2<", "1 of 2", "no: without &lt;b&gt;", "2026-06-30 12:34"):
        assert text in html
    assert messages.summary(Frames()) == ""
