"""Lists that a connection does not offer: known before a load, or inferred from a 404."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from rutterframe.client.filters import stack_level
from rutterframe.client.request import RequestSpec
from rutterframe.client.resources import RetrievableResource
from rutterframe.errors import NotFound
from rutterframe.models import LIVE_RESOURCES, RESOURCES
from rutterframe.models import Connection as ConnectionRecord
from rutterframe.models.platforms import offers

if TYPE_CHECKING:
    from rutterframe.loaders.list_load import ListState
from rutterframe.notebook.escape import printable

#: Resources that no connection has, or those that each connection does not have, by its id.
NotOffered = Iterable[str] | Mapping[str, Iterable[str]]


class NotOfferedWarning(UserWarning):
    """A list was not found (404), and the platform may have it: the load is not complete."""


def read_not_offered(not_offered: NotOffered) -> dict[str | None, frozenset[str]]:
    """Return the resources that are not offered by connection id; None stands for every connection.

    Raises
    ------
    TypeError
        If it is text where several resources are expected.
    ValueError
        If there is no such resource.
    """
    pairs = not_offered.items() if isinstance(not_offered, Mapping) else [(None, not_offered)]
    by_connection: dict[str | None, frozenset[str]] = {}
    for connection_id, resources in pairs:
        if isinstance(resources, str):
            raise TypeError(
                f"not_offered takes several resources, or several for each connection id; {resources!r} is "
                f"text: write [{resources!r}]"
            )
        by_connection[connection_id] = frozenset(resources)
        unknown = sorted(by_connection[connection_id] - {*RESOURCES, *LIVE_RESOURCES})
        if unknown:
            raise ValueError(
                f"not_offered={unknown[0]!r} is not a resource; there are "
                f"{', '.join((*RESOURCES, *LIVE_RESOURCES))}"
            )
    return {connection_id: names for connection_id, names in by_connection.items() if names}


def known_absence(request: RequestSpec, not_offered: Mapping[str | None, frozenset[str]]) -> str:
    """Return why a list is not requested: "caller", "platform", or empty if it is."""
    connection_id, resource = request.connection_id, request.resource
    if connection_id is None:
        return ""
    # Set up for each of thousands of lists, mostly without a word of the caller.
    if not_offered and resource in {*not_offered.get(None, ()), *not_offered.get(connection_id, ())}:
        return "caller"
    platform = request.session.platforms.get(connection_id)
    return "platform" if platform and _offers(platform, request) is False else ""


def settle_not_found(
    lists: Sequence[ListState], evidence: Sequence[ListState] = ()
) -> list[tuple[ListState, str]]:
    """Decide of each list that answered 404 or 410 whether it is not offered, or a failure.

    Where the platform is known, that decides. Where it is not, a 404 may as well be a wrong address: the list
    counts as not offered only if the connection has rows in another list, or, in a load of one resource, if
    other connections have rows in the list; the receipt is then not complete.

    Parameters
    ----------
    lists : sequence of ListState
        The lists of a load, after they were read.
    evidence : sequence of ListState
        Lists that were loaded before, and that count like these as other lists.

    Returns
    -------
    list of (ListState, str)
        The lists that count as not offered, and why: "platform", "HTTP 404" or "HTTP 410".
    """
    absences = []
    answers = _Answers([*evidence, *lists])
    for state in lists:
        if not isinstance(state.error, NotFound) or state.load.pages:
            continue
        request, status = state.request, f"HTTP {state.error.status}"
        offered = _offers(_platform(request), request)
        if offered is False or answers.has_other_route(request):
            absences.append((state, "platform"))
        elif offered is None and answers.confirm(request):
            absences.append((state, status))
        else:
            _add_address(state.error, request)
    return absences


def warn_not_offered(recorded: Mapping[str, Sequence[str]]) -> None:
    """Warn of lists that count as not offered, although it is not known whether the platform has them.

    Parameters
    ----------
    recorded : mapping of str to sequence of str
        The lists, such as "orders (HTTP 404)", by connection id.
    """
    if recorded:
        lists = "; ".join(f"{printable(name)}: {', '.join(texts)}" for name, texts in recorded.items())
        argument = {name: [text.split()[0] for text in texts] for name, texts in recorded.items()}
        warnings.warn(
            f"Recorded as not offered, since the list was not found: {lists}. It is not known whether the "
            f"platform has it, so the receipt is not complete. If it does not, pass not_offered={argument}",
            NotOfferedWarning,
            stacklevel=stack_level(),
        )


class _Answers:
    """The lists that were read, as evidence on those that were not found."""

    def __init__(self, lists: Sequence[ListState]) -> None:
        answered = [state for state in lists if state.finished and state.offered]
        with_rows = [state.request for state in answered if state.rows or state.refused]
        self._lists = Counter(state.request.connection_id for state in lists)
        self._connections = {request.connection_id for request in with_rows}
        self._resources = {request.resource for request in with_rows}
        self._routes = {
            (request.connection_id, request.resource, request.route.kinds)
            for request in (state.request for state in answered)
        }

    def has_other_route(self, request: RequestSpec) -> bool:
        """Return whether the connection has the resource at the address of another kind of platform."""
        return any(
            (connection, resource) == (request.connection_id, request.resource)
            and not kinds & request.route.kinds
            for connection, resource, kinds in self._routes
        )

    def confirm(self, request: RequestSpec) -> bool:
        """Return whether the address is right: an empty list alone does not prove it."""
        if self._lists[request.connection_id] > 1:
            return request.connection_id in self._connections
        return request.resource in self._resources


def _offers(platform: str, request: RequestSpec) -> bool | None:
    """Return whether a platform has a list; None if that is not known."""
    if not platform:
        return None
    return offers(platform, request.resource) if request.route.is_on(platform) else False


def _platform(request: RequestSpec) -> str:
    """Return the platform of a connection; empty if the API does not name it."""
    session, name = request.session, request.connection_id
    if name is not None and name not in session.platforms:
        records = RetrievableResource[ConnectionRecord](RequestSpec.of(session, "connections"))
        try:
            if session.dialect.is_live:  # which has no path with the id
                return session.platform(name) or ""
            session.platforms[name] = records.retrieve(name).platform or ""
        except Exception:  # noqa: BLE001 - whatever the reason: it is not known then
            return ""
    return session.platforms.get(name or "", "")


def _add_address(error: NotFound, request: RequestSpec) -> None:
    """Add to an error at which address a list was not found."""
    session = request.session
    path = request.route.path
    error.reword(f"{error.message} ({session.server.base_url}{path})")
    error.hint = (
        "check RUTTER_ENVIRONMENT, and that the connection is of this environment; if its platform does not "
        f"have the list, pass not_offered={ {request.connection_id: [request.resource]} }."
    )
