"""Durations as a person types them, such as 26h, 2d or PT26H, and ages as a person reads them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

import typer

_UNITS = {
    "weeks": "w|weeks?",
    "days": "d|days?",
    "hours": "h|hrs?|hours?",
    "minutes": "m|mins?|minutes?",
    "seconds": "s|secs?|seconds?",
}
# Larger units come first, as in 1d12h; a month has no fixed length.
_TYPED = re.compile(
    r"\s*".join(rf"(?:(?P<{name}>\d+(?:\.\d+)?)\s*(?:{unit})(?![a-z]))?" for name, unit in _UNITS.items()),
    re.ASCII | re.IGNORECASE,
)
_ISO = re.compile(
    r"P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?",
    re.ASCII | re.IGNORECASE,
)
_LONGEST_TEXT = 60
_DAY, _HOUR, _MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def parse_duration(text: str) -> timedelta:
    """Return the duration that a person typed; another text is an error of usage.

    Raises
    ------
    typer.BadParameter
        If it is not a duration, has no unit, is zero, or is longer than Python can count.

    Examples
    --------
    >>> [str(parse_duration(text)) for text in ("26h", "90m", "1d12h", "PT26H")]
    ['1 day, 2:00:00', '1:30:00', '1 day, 12:00:00', '1 day, 2:00:00']
    """
    words = text.strip() if len(text) <= _LONGEST_TEXT else ""
    match = _TYPED.fullmatch(words) or _ISO.fullmatch(words)
    parts = {name: float(number) for name, number in (match.groupdict() if match else {}).items() if number}
    try:
        duration = timedelta(**parts)
    except OverflowError:
        duration = timedelta(0)
    if duration <= timedelta(0):
        raise typer.BadParameter(
            f"{text!r} is not a duration (expected a number with a unit, such as 26h, 90m, 2d, 1d12h or "
            f"PT26H)."
        )
    return duration


MaxAge = Annotated[
    timedelta | None,
    typer.Option(
        "--max-age",
        parser=parse_duration,
        metavar="AGE",
        help="The exit code is 3 if a list was last read to its end longer ago, such as 26h, 90m or 2d.",
    ),
]


def format_duration(duration: timedelta) -> str:
    """Write a duration with its two largest units; less than a minute is 0m.

    Examples
    --------
    >>> [format_duration(timedelta(minutes=number)) for number in (0.5, 59, 60, 1_445, 200_000)]
    ['0m', '59m', '1h', '1d', '138d 21h']
    """
    days, rest = divmod(duration, _DAY)
    hours, rest = divmod(rest, _HOUR)
    if days:
        return f"{days:,}d {hours}h" if hours else f"{days:,}d"
    minutes = rest // _MINUTE
    if hours:
        return f"{hours}h {minutes}m" if minutes else f"{hours}h"
    return f"{minutes}m"
