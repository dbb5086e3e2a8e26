"""Durations as a person types them, and ages as a person reads them."""

from __future__ import annotations

from datetime import timedelta

import pytest
import typer

from rutterframe.cli.durations import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("26h", 26.0), ("26H", 26.0), (" 26 hours ", 26.0), ("1hr", 1.0), ("90m", 1.5), ("90min", 1.5),
        ("2d", 48.0), ("1d12h", 36.0), ("1d 12h", 36.0), ("1 day 30 minutes", 24.5), ("1.5h", 1.5),
        ("1w", 168.0), ("2 weeks", 336.0), ("5400s", 1.5), ("PT26H", 26.0), ("P2D", 48.0), ("P1DT2H", 26.0),
        ("pt90m", 1.5), ("P1W", 168.0), ("PT5400.0S", 1.5),
    ],
)  # fmt: skip
def test_durations(text: str, hours: float) -> None:
    """A number with a unit, several of them, and an ISO 8601 duration are read."""
    assert parse_duration(text) == timedelta(hours=hours)


@pytest.mark.parametrize(
    "text",
    ["", " ", "26", "h", "26x", "1h1d", "-26h", "0h", "PT0S", "P", "PT", "P1M", "P1Y", "1 month", "nan h",
     "1e3h", "tomorrow", "٢٦h", "9" * 40 + "d", "26h" + " " * 100 + "x", "1,5h", "26h\x1b"],
)  # fmt: skip
def test_what_is_not_a_duration(text: str) -> None:
    """Anything else is refused with examples, a bare number as well: it may be meant as hours or seconds."""
    with pytest.raises(typer.BadParameter, match="such as 26h, 90m, 2d, 1d12h or PT26H") as error:
        parse_duration(text)
    assert repr(text) in error.value.message


def test_ages() -> None:
    """An age has its two largest units."""
    hours = {
        0.0: "0m",
        0.99: "59m",
        1.0: "1h",
        9.2: "9h 12m",
        24.0: "1d",
        26.5: "1d 2h",
        24_001.0: "1,000d 1h",
    }
    assert {number: format_duration(timedelta(hours=number)) for number in hours} == hours
