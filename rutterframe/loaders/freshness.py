"""The status of the connections of a load: how old the platform's data is, and what it cannot serve."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from rutterframe.client import ConnectionStatus, RequestSpec, read_status
from rutterframe.errors import RutterframeError


@dataclass(slots=True)
class Statuses:
    """Reads the status of each connection once, where the API gives one; for all threads of a load.

    Attributes
    ----------
    by_connection : mapping of str to ConnectionStatus or None
        The status by the connection's id; None where it could not be read.
    """

    by_connection: dict[str | None, ConnectionStatus | None] = field(default_factory=dict)
    _locks: dict[str | None, threading.Lock] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def of(self, request: RequestSpec) -> ConnectionStatus | None:
        """Return the status of a list's connection; None if there is none.

        Where it cannot be read, the lists are read nevertheless: the receipt does not say then how old the
        platform's data is.

        Parameters
        ----------
        request : RequestSpec
            The request of the list.
        """
        name = request.connection_id
        if name is None or not request.session.dialect.has_status:
            return None
        with self._lock:
            lock = self._locks.setdefault(name, threading.Lock())
        with lock:
            if name not in self.by_connection:
                try:
                    self.by_connection[name] = read_status(request)
                except RutterframeError:
                    self.by_connection[name] = None
            return self.by_connection[name]

    def is_unavailable(self, request: RequestSpec) -> bool:
        """Return whether the status of a list's connection names the list as one that it cannot serve."""
        status = self.of(request)
        return status is not None and request.resource in status.unavailable_resources

    def known(self) -> Mapping[str | None, ConnectionStatus | None]:
        """Return the statuses that were read so far."""
        return dict(self.by_connection)
