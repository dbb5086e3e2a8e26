"""Refresh lists of a dataset for the workers, with one client for as long as the server runs."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Sequence

import pandas as pd

from rutterframe.client import Client
from rutterframe.dataset.origin import origin_of
from rutterframe.dataset.refresh import refresh_ids
from rutterframe.dataset.tables import Tables
from rutterframe.errors import MissingToken, RutterframeError
from rutterframe.frames import OnInvalid
from rutterframe.notebook.escape import printable
from rutterframe.webhook_server.events import Scope

_log = logging.getLogger("rutterframe")
# Between two requests for the list of connections, however many connections fail.
_LIST_SECONDS = 60.0


class DatasetRefresh:
    """Refreshes lists of one connection at a time, for several threads.

    The list of connections has their platforms, without which lists would be requested that a platform is
    known not to have. It is read for the first connection, and again for one that it did not have. In the
    live dialect the client also has the access tokens from it: it is read again for a connection of which a
    refresh failed, since that may have another token once its business has signed in again.

    Parameters
    ----------
    client : Client
        Opens the connections.
    root : str
        The dataset's folder or address.
    on_invalid : {"raise", "quarantine"}
        As for `rf.refresh`.

    Raises
    ------
    ValueError
        If the dataset holds rows of another environment or dialect.
    """

    def __init__(self, client: Client, root: str, *, on_invalid: OnInvalid = "raise") -> None:
        self._client, self._root = client, root
        self._on_invalid: OnInvalid = on_invalid
        self._failing: set[str] = set()
        self._lock = threading.Lock()
        self._listed_at = -_LIST_SECONDS
        Tables(root, None, origin_of(client.connections.listing().session.server)).refuse_other_origin()

    def __call__(
        self, connection_id: str, resources: Sequence[str], scope: Scope, stop: threading.Event
    ) -> pd.DataFrame:
        """Refresh resources of a connection.

        Parameters
        ----------
        connection_id : str
            The connection.
        resources : sequence of str
            The resources.
        scope : Scope
            How much of each list is requested.
        stop : threading.Event
            Ends the refresh once it is set.

        Returns
        -------
        pandas.DataFrame
            As of `rf.refresh`; failures are rows of it.

        Raises
        ------
        LoadInterrupted
            If it was stopped while a list was read.
        """
        if self._needs_list(connection_id):
            self._list()
        result = refresh_ids(
            self._client,
            [connection_id],
            self._root,
            resources=resources,
            full=scope is Scope.ALL,
            on_invalid=self._on_invalid,
            overlap=scope.overlap,
            stop=stop,
        )
        if (result["status"] == "failed").any():
            self._failing.add(connection_id)
        else:
            self._failing.discard(connection_id)
        return result

    def _needs_list(self, connection_id: str) -> bool:
        """Return whether the list may have a connection's platform, another token by now, or one at all."""
        if not self._client.is_live:
            return connection_id not in self._client.connections.listing().session.platforms
        if connection_id in self._failing:
            return True
        try:
            self._client.connection(connection_id)
        except MissingToken:
            return True
        return False

    def _list(self) -> None:
        """Read the list of connections, unless that was just done: the client remembers what it needs."""
        with self._lock:
            if time.monotonic() - self._listed_at < _LIST_SECONDS:
                return
            try:
                deque(self._client.connections.list(), maxlen=0)
            except RutterframeError as error:
                if self._client.is_live:
                    raise
                # The tokens are known without it, and where a platform is not, every list is requested.
                reason = printable(error.message)
                _log.warning("The list of connections cannot be read, so platforms are not known: %s", reason)
            self._listed_at = time.monotonic()
