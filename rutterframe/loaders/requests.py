"""The requests of the lists that frames are loaded from; a frame of the live dialect may need several."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from rutterframe.client import Connection, Moment, RequestSpec
from rutterframe.errors import ConfigurationError

_NOTHING: Mapping[str, Mapping[str, Moment | None]] = MappingProxyType({})


def refuse_several_dialects(requests: Sequence[RequestSpec]) -> None:
    """Refuse connections of several dialects: their frames have different columns."""
    names = sorted({request.session.dialect.name for request in requests})
    if len(names) > 1:
        raise ConfigurationError(
            f"The connections are of clients in several dialects ({', '.join(names)}): their frames have "
            f"different columns",
            hint="load those of each client by themselves.",
        )


def requests_of(
    resources: Iterable[str],
    connections: Iterable[Connection],
    filters: Mapping[str, Mapping[str, Moment | None]] = _NOTHING,
) -> list[RequestSpec]:
    """Return the requests of every list that the frames of some resources need.

    Nothing is sent in the contract; in the live dialect the list of connections is read where the platform
    of a connection decides which lists it has, and is not known yet.

    Parameters
    ----------
    resources : iterable of str
        The resources.
    connections : iterable of Connection
        The connections.
    filters : mapping of str to mapping
        The filters of the lists, by resource.
    """
    names, opened = list(resources), list(connections)
    requests = [
        request
        for name in names
        for connection in opened
        for request in connection.listings(name, **filters.get(name, {}))
    ]
    joins = requests[0].session.dialect.joins if requests else {}
    needed = {joins[name] for name in names if name in joins} - {*names}
    return requests + [
        request for name in sorted(needed) for connection in opened for request in connection.listings(name)
    ]
