"""From Python values to the filters of a query, said aloud where a value leaves room for a guess."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Mapping
from datetime import UTC, date, datetime, time

from rutterframe.dialects import Dialect, Filter
from rutterframe.errors import InvalidFilter

#: What a filter for a point in time takes.
Moment = str | date | datetime


class NaiveDatetimeWarning(UserWarning):
    """A point in time was given without a zone and is read as UTC."""


def query(dialect: Dialect, resource: str, given: Mapping[str, Moment | None]) -> dict[str, str]:
    """Check the filters of a list, and write them as the query wants them.

    Parameters
    ----------
    dialect : Dialect
        Which filters there are.
    resource : str
        What is listed.
    given : mapping
        The filters by name; None means not given.

    Raises
    ------
    InvalidFilter
        If the contract has no such filter for this resource, or the value is none that it takes.
    """
    known = {found.name: found for found in dialect.resources[resource].filters}
    written = {}
    for name, value in given.items():
        if value is None:
            continue
        if name not in known:
            raise InvalidFilter(
                f"{resource!r} cannot be filtered by {name!r}",
                hint=f"{_alternatives(dialect, resource, name)} Or load all and filter the frame.",
            )
        written[name] = _written(known[name], value)
    return written


def _alternatives(dialect: Dialect, resource: str, name: str) -> str:
    own = ", ".join(found.name for found in dialect.resources[resource].filters) or "none"
    others = [
        key for key, spelling in dialect.resources.items() if any(f.name == name for f in spelling.filters)
    ]
    where = f"; {name!r} is known on {', '.join(others)}" if others else ""
    return f"the contract's filters on {resource!r}: {own}{where}."


def _written(found: Filter, value: Moment) -> str:
    if found.values is None:
        return moment(found.name, value)
    if value not in found.values:
        raise InvalidFilter(f"{found.name}={value!r} is not known", hint=f"use one of {found.values!r}.")
    return str(value)


def moment(name: str, value: Moment) -> str:
    """Write a point in time as ISO 8601 in UTC; a value without a zone is read as UTC, with a warning.

    Raises
    ------
    InvalidFilter
        If it is no point in time.
    """
    stamp = _parsed(name, value)
    if stamp.tzinfo is None:
        stamp = stamp.replace(tzinfo=UTC)
        warnings.warn(
            f"{name}={value!s} has no time zone: read as {_iso(stamp)} (UTC). "
            f"Pass a datetime with a zone to say which one is meant.",
            NaiveDatetimeWarning,
            stacklevel=stack_level(),
        )
    try:
        return _iso(stamp.astimezone(UTC))
    except OverflowError:
        raise InvalidFilter(f"{name}={value!s} is outside the years 1 to 9999 in UTC") from None


def stack_level() -> int:
    """Count the frames up to the first that is not this package's: the warning is about the user's line."""
    level, frame = 0, inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__", "").startswith("rutterframe."):
        level, frame = level + 1, frame.f_back
    return level


def _parsed(name: str, value: Moment) -> datetime:
    hint = (
        "pass a datetime with a zone, such as datetime(2026, 1, 31, tzinfo=UTC), or '2026-01-31T00:00:00Z'."
    )
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            raise InvalidFilter(f"{name}={value!r} is no ISO 8601 date and time", hint=hint) from None
    if isinstance(value, datetime):
        # pandas' NaT is a datetime by type, but it is no moment: it is unequal to itself.
        if value != value:  # noqa: PLR0124
            raise InvalidFilter(f"{name}={value!r} is no point in time", hint=hint)
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    raise InvalidFilter(f"{name}={value!r} is no point in time", hint=hint)


def _iso(stamp: datetime) -> str:
    return stamp.isoformat().replace("+00:00", "Z")
