"""The benchmark beside other tools computes its verdicts on faulty pages from the results."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchmarks.dirty_pages import dirty_pages
from benchmarks.measure import Goal
from benchmarks.peers.accuracy import cells_of
from benchmarks.peers.classify import ACCEPTABLE, Result, classify, count_acceptable, normalize
from benchmarks.peers.fault_server import REQUEST_LIMIT
from benchmarks.peers.faulty_pages import FAULTS, faulty_value
from benchmarks.peers.picture import short
from benchmarks.peers.tool import OURS, USER
from benchmarks.report import with_part

TEXT_NUMBER = faulty_value("a number as text", "amount", '"12.34"', 12.34)
NAMES = [fault.name for fault in FAULTS]


def rows(*amounts: Any, **more: Any) -> list[dict[str, Any]]:
    return [{"account_id": f"a{n}", "amount": amount, **more} for n, amount in enumerate(amounts, 1)]


@pytest.mark.parametrize(
    ("result", "verdict"),
    [
        (Result(rows(1.25, 12.34, 3.25)), "right"),
        (Result(rows(1.25, 12.0, 3.25)), "WRONG: 12.0"),
        (Result(rows(1.25, "12.34", 3.25)), "WRONG: 12.34"),
        (Result(rows(1.25, float("nan"), 3.25)), "LOST: null"),
        (Result(rows(1.25, None, 3.25, amount__v_text="12.34")), "MOVED to amount__v_text"),
        (Result([*rows(1.25, 12.34), {"account_id": None, "amount": pd.NA}]), "WRONG: a row of nulls"),
        (Result(rows(1.25)), "LOST 2 of 3 rows"),
        (Result(rows(1.25, 12.34, 3.25, 3.25)), "KEPT TWICE"),
        (Result(rows(1.25, 3.25), left_out=1), "quarantined"),
        (Result(rows(1.25), left_out=1), "LOST 2 of 3 rows"),
        (Result(refused=True), "refused"),
        (Result(refused=True, endless=True), "NEVER ENDS"),
    ],
)
def test_a_result_is_classified(result: Result, verdict: str) -> None:
    """Only the value that was sent, an error, or a row left out and reported is acceptable."""
    assert classify(TEXT_NUMBER, result) == verdict
    assert (verdict in ACCEPTABLE) == verdict.islower()


def test_a_guess_is_never_right() -> None:
    """Where every reading would be a guess, what was read is wrong."""
    guess = faulty_value("twice", "amount", "1.25", extra='"amount":99.75,')
    assert guess.pages[""].count('"amount":') == 4
    assert classify(guess, Result(rows(1.25, 1.25, 3.25))) == "WRONG: 1.25"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.float64("nan"), None),
        (pd.NaT, None),
        (pd.NA, None),
        (np.int64(2), 2),
        (dt.date(2026, 2, 28), "2026-02-28"),
        (pd.Timestamp("2026-02-28"), "2026-02-28"),
        (pd.Timestamp("2026-02-28T23:30"), "2026-02-28T23:30:00"),
        (pd.Timestamp("2026-03-02T10:00+05:30"), "2026-03-02T04:30:00+00:00"),
    ],
)
def test_values_of_any_library_have_one_form(value: Any, text: Any) -> None:
    """Missing is None, and dates and date-times are ISO 8601 text in UTC."""
    assert normalize(value) == text


def test_acceptable_cells_are_counted() -> None:
    """The foot of the table counts acceptable cells, and those of them in which the page was read."""
    assert count_acceptable(["right", "refused", "quarantined", "LOST: null", "NEVER ENDS"]) == (3, 1)


@pytest.mark.parametrize("name", [OURS, "rutterframe, quarantine"])
def test_rutterframe_is_accurate(name: str) -> None:
    """On every faulty page rutterframe returns the values that were sent, or an error."""
    wrong = {fault: cell for fault, cell in zip(NAMES, cells_of(name), strict=True) if cell not in ACCEPTABLE}
    assert wrong == {}


def test_the_users_loop_is_not() -> None:
    """The loop of an analyst never ends and keeps duplicates, so the pages are really served."""
    cells = dict(zip(NAMES, cells_of(USER), strict=True))
    assert cells["a cursor that repeats"] == "NEVER ENDS"
    assert cells["a record on two pages"] == "KEPT TWICE"
    assert cells["a body that is cut off"] == "refused"
    assert cells["an empty page before the last"] == "right"


def test_dirty_pages_are_read_as_clean_ones() -> None:
    """The benchmark of dirty pages reads the values of the clean page, without unreadable rows."""
    section = dirty_pages(1)
    assert section.differences == []
    read = [row[-1] for row in section.rows]
    assert read[:10] == ["500 rows"] * 4 + ["499 rows"] * 2 + ["480 rows"] * 2 + ["499 rows"] * 2
    assert read[10:] == ["500 rows"] * 6 + ["499 rows"]


def test_a_fault_cannot_be_misspelt() -> None:
    """A faulty page without its clean value is an error, not a clean page."""
    with pytest.raises(KeyError):
        faulty_value("nothing", "amuont", "1")
    assert len(set(NAMES)) == len(NAMES)
    assert all(len(fault.pages) < REQUEST_LIMIT for fault in FAULTS)


@pytest.mark.parametrize(
    ("document", "result"),
    [
        ("", "# Peers\n\nnew\n"),
        ("# Peers\n\nold\n\n## Sub\n\nold\n", "# Peers\n\nnew\n"),
        ("# A\n\na\n\n# Peers\n\nold\n\n# B\n\nb\n", "# A\n\na\n\n# Peers\n\nnew\n\n# B\n\nb\n"),
        ("# A\n\na\n", "# A\n\na\n\n# Peers\n\nnew\n"),
    ],
)
def test_only_its_own_part_is_replaced(document: str, result: str) -> None:
    """Each benchmark replaces its part of the results and leaves the others as they are."""
    assert with_part(document, "Peers", "new\n") == result


def test_goals_have_units() -> None:
    """A goal in megabytes is printed in megabytes, a factor in times."""
    assert Goal("peak", 243.6, 300, unit="MB").cells() == ["peak", "244 MB", "≤ 300 MB", "", "PASS"]
    assert Goal("faster", 3.456, 4, at_least=True).cells()[1:] == ["3.46 x", "≥ 4 x", "", "short of goal"]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (935_300, "rows a second", "935 k"),
        (12_345_678, "rows a second", "12.3 M"),
        (1_382.4, "MB over imports", "1,382 MB"),
    ],
)
def test_figures_of_the_picture_are_short(value: float, unit: str, text: str) -> None:
    """A speed has three digits, and memory is in megabytes."""
    assert short(value, unit) == text
