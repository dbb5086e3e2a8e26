"""Filters of lists: check them, and format Python values as query parameters."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

from rutterframe.dialects import Dialect, Filter, Route
from rutterframe.errors import InvalidFilter

#: What a filter for a point in time takes.
Moment = str | date | datetime

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class NaiveDatetimeWarning(UserWarning):
    """A point in time was passed without a time zone and is read as UTC."""


def format_filters(
    dialect: Dialect, resource: str, filters: Mapping[str, Moment | None], route: Route | None = None
) -> dict[str, str]:
    """Check the filters of a list, and format their values as query parameters.

    Parameters
    ----------
    dialect : Dialect
        The filters that exist.
    resource : str
        The resource that is listed.
    filters : mapping
        The values by the filters' names; None means no filter.
    route : Route, optional
        Which of the resource's routes; the first when left out.

    Raises
    ------
    InvalidFilter
        If the dialect has no such filter for this resource, or the value is not valid.
    """
    route = route or dialect.resources[resource][0]
    known = {filter_.name: filter_ for filter_ in route.filters}
    params = {}
    for name, value in filters.items():
        if value is None:
            continue
        if name not in known:
            raise InvalidFilter(
                f"{resource!r} cannot be filtered by {name!r}",
                hint=f"{_alternatives(dialect, resource, name, route)} Or load all and filter the frame.",
            )
        params[name] = _format_value(known[name], value, dialect)
    return params


def _alternatives(dialect: Dialect, resource: str, name: str, route: Route) -> str:
    """Return which filters the resource has, and which resources have that filter."""
    own = ", ".join(filter_.name for filter_ in route.filters) or "none"
    resources = [
        key
        for key, routes in dialect.resources.items()
        if any(filter_.name == name for one in routes for filter_ in one.filters)
    ]
    elsewhere = f"; {name!r} is known on {', '.join(resources)}" if resources else ""
    known = {"contract": "the contract's", "live": "the live dialect's"}
    of = known.get(dialect.name, f"the dialect {dialect.name!r}'s")
    return f"{of} filters on {resource!r}: {own}{elsewhere}."


def _format_value(filter_: Filter, value: Moment, dialect: Dialect) -> str:
    if filter_.is_date:
        return format_day(filter_.name, value)
    if filter_.values is None and dialect.moment_format == "milliseconds":
        return format_milliseconds(filter_.name, value)
    if filter_.values is None:
        return format_moment(filter_.name, value)
    if value not in filter_.values:
        raise InvalidFilter(f"{filter_.name}={value!r} is not known", hint=f"use one of {filter_.values!r}.")
    return str(value)


def format_moment(name: str, value: Moment) -> str:
    """Format a point in time as ISO 8601 in UTC; a value without a zone is read as UTC, with a warning.

    Raises
    ------
    InvalidFilter
        If the value is not a point in time.
    """
    return _iso(_in_utc(name, value))


def format_milliseconds(name: str, value: Moment) -> str:
    """Format a point in time as milliseconds since 1970, as the live service takes it.

    A fraction of a millisecond is cut off: what changed since then is in the answer, never left out.

    Raises
    ------
    InvalidFilter
        If the value is not a point in time.

    Examples
    --------
    >>> format_milliseconds("updated_at_min", "2026-01-31T00:00:00Z")
    '1769817600000'
    """
    return str((_in_utc(name, value) - _EPOCH) // timedelta(milliseconds=1))


def format_day(name: str, value: Moment) -> str:
    """Format a calendar date as its midnight in UTC: the date as it is written, whatever the zone.

    Raises
    ------
    InvalidFilter
        If the value is not a date.

    Examples
    --------
    >>> format_day("start_date", "2026-01-31")
    '2026-01-31T00:00:00.000Z'
    """
    return f"{_parse(name, value).date().isoformat()}T00:00:00.000Z"


def _in_utc(name: str, value: Moment) -> datetime:
    stamp = _parse(name, value)
    if stamp.tzinfo is None:
        stamp = stamp.replace(tzinfo=UTC)
        warnings.warn(
            f"{name}={value!s} has no time zone: read as {_iso(stamp)} (UTC). "
            f"Pass a datetime with a zone if another one is meant.",
            NaiveDatetimeWarning,
            stacklevel=stack_level(),
        )
    try:
        return stamp.astimezone(UTC)
    except OverflowError:
        raise InvalidFilter(f"{name}={value!s} is outside the years 1 to 9999 in UTC") from None


def stack_level() -> int:
    """Return the stack level of the user's line: the first frame outside of this package."""
    level, frame = 0, inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__", "").startswith("rutterframe."):
        level, frame = level + 1, frame.f_back
    return level


def _parse(name: str, value: Moment) -> datetime:
    expected = "is not a valid point in time (expected a datetime, a date or ISO 8601 text)"
    hint = (
        "pass a datetime with a zone, such as datetime(2026, 1, 31, tzinfo=UTC), or '2026-01-31T00:00:00Z'."
    )
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            raise InvalidFilter(f"{name}={value!r} {expected}", hint=hint) from None
    if isinstance(value, datetime):
        # pandas' NaT is a datetime by type, but not a point in time: it is unequal to itself.
        if value != value:  # noqa: PLR0124
            raise InvalidFilter(f"{name}={value!r} {expected}", hint=hint)
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    raise InvalidFilter(f"{name}={value!r} {expected}", hint=hint)


def _iso(stamp: datetime) -> str:
    return stamp.isoformat().replace("+00:00", "Z")
