"""Lists that a connection does not offer: known before a load, or found out by a 404."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from rutterframe.client.filters import stack_level
from rutterframe.client.request import RequestSpec
from rutterframe.client.resources import RetrievableResource
from rutterframe.errors import NotFound
from rutterframe.models import RESOURCES
from rutterframe.models import Connection as ConnectionRecord
from rutterframe.models.platforms import offers

if TYPE_CHECKING:
    from rutterframe.loaders.list_load import Part

#: Resources that no connection has, or those that each connection does not have, by its id.
NotOffered = Iterable[str] | Mapping[str, Iterable[str]]


class NotOfferedWarning(UserWarning):
    """A list was not found (404), and nobody knows whether the platform has it: the load is not complete."""


def read_not_offered(given: NotOffered) -> dict[str | None, frozenset[str]]:
    """Return the resources that are not offered by connection id; None stands for every connection.

    Raises
    ------
    TypeError
        If it is text where several resources are expected.
    ValueError
        If there is no such resource.
    """
    by_connection = dict(given) if isinstance(given, Mapping) else {None: given}
    found: dict[str | None, frozenset[str]] = {}
    for connection_id, resources in by_connection.items():
        if isinstance(resources, str):
            raise TypeError(
                f"not_offered takes several resources, or several for each connection id; {resources!r} is "
                f"text: write [{resources!r}]"
            )
        found[connection_id] = frozenset(resources)
        unknown = sorted(found[connection_id] - {*RESOURCES})
        if unknown:
            raise ValueError(
                f"not_offered={unknown[0]!r} is not a resource; there are {', '.join(RESOURCES)}"
            )
    return found


def absence(listing: RequestSpec, not_offered: Mapping[str | None, frozenset[str]]) -> str:
    """Return why a list is not asked for: "caller", "platform", or empty if it is."""
    connection_id, resource = listing.connection_id, listing.resource
    if connection_id is None:
        return ""
    nothing: frozenset[str] = frozenset()
    if resource in not_offered.get(None, nothing) | not_offered.get(connection_id, nothing):
        return "caller"
    platform = listing.session.platforms.get(connection_id, "")
    return "platform" if offers(platform, resource) is False else ""


def settle_not_found(parts: Sequence[Part]) -> dict[str, list[str]]:
    """Decide of each list that answered 404 or 410 whether it is not offered, or a failure.

    Where the platform is known, that decides. Where it is not, a 404 may as well be a wrong address: the list
    counts as not offered only if the connection has rows in another list, or, in a load of one resource, if
    other connections have rows in the list; the receipt is then not complete.

    Returns
    -------
    dict of str to list of str
        The lists that are not offered as far as is known, such as "orders (HTTP 404)", by connection id.
    """
    settled: dict[str, list[str]] = {}
    answers = _Answers(parts)
    for part in parts:
        if not isinstance(part.error, NotFound) or part.walk.pages:
            continue
        about, status = part.listing, f"HTTP {part.error.status}"
        offered = offers(_platform(about), about.resource)
        if offered is False:
            part.settle("platform")
        elif offered is None and answers.speak_for(about):
            part.settle(status)
            settled.setdefault(str(about.connection_id), []).append(f"{about.resource} ({status})")
        else:
            _name_path(part.error, about)
    return settled


def warn_not_offered(settled: Mapping[str, Sequence[str]]) -> None:
    """Say which lists count as not offered, although nobody knows whether the platform has them."""
    if settled:
        lists = "; ".join(f"{name}: {', '.join(found)}" for name, found in settled.items())
        named = {name: [one.split()[0] for one in found] for name, found in settled.items()}
        warnings.warn(
            f"Recorded as not offered, since the list was not found: {lists}. It is not known whether the "
            f"platform has it, so the receipt is not complete. If it does not, pass not_offered={named}",
            NotOfferedWarning,
            stacklevel=stack_level(),
        )


class _Answers:
    """What the lists that were read say about those that were not found."""

    def __init__(self, parts: Sequence[Part]) -> None:
        answered = [part for part in parts if part.finished is not None and part.offered]
        self._lists = Counter(part.listing.connection_id for part in parts)
        self._with_rows = {part.listing.connection_id for part in answered if part.count or part.refused}
        self._resources = {part.listing.resource for part in answered if part.count or part.refused}

    def speak_for(self, listing: RequestSpec) -> bool:
        """Tell whether the address is right: an empty list alone does not prove it."""
        if self._lists[listing.connection_id] > 1:
            return listing.connection_id in self._with_rows
        return listing.resource in self._resources


def _platform(listing: RequestSpec) -> str:
    """Return the platform of a connection; empty if the API does not tell."""
    session, name = listing.session, listing.connection_id
    if name is not None and name not in session.platforms:
        records = RetrievableResource[ConnectionRecord](RequestSpec.of(session, "connections"))
        try:
            session.platforms[name] = records.retrieve(name).platform or ""
        except Exception:  # noqa: BLE001 - whatever the reason: it is not known then
            return ""
    return session.platforms.get(name or "", "")


def _name_path(error: NotFound, listing: RequestSpec) -> None:
    """Say at which address a list was not found."""
    session = listing.session
    path = session.dialect.resources[listing.resource].path
    error.reword(f"{error.message} ({session.server.base_url}{path})")
    error.hint = (
        "check RUTTER_ENVIRONMENT, and that the connection is of this environment; if its platform does not "
        f"have the list, pass not_offered={ {listing.connection_id: [listing.resource]} }."
    )
