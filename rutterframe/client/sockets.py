"""The sockets that are open, so that Ctrl-C need not wait for an answer that does not come."""

from __future__ import annotations

import contextlib
import socket
import threading
import weakref
from collections.abc import Mapping
from typing import Any

_OPENED = ("connect_tcp.complete", "start_tls.complete")


class OpenSockets:
    """Learns of every socket through httpcore's trace extension, and can shut them all.

    Closing a socket does not wake a thread that reads from it; shutting it down does.
    """

    def __init__(self) -> None:
        self._sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._lock = threading.Lock()

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Take note of a socket that was opened; httpcore calls this for each of its steps."""
        if event.endswith(_OPENED):
            opened = info["return_value"].get_extra_info("socket")
            if isinstance(opened, socket.socket):
                with self._lock:
                    self._sockets.add(opened)

    def shut(self) -> None:
        """End every read at once; the connections are opened anew when they are needed again."""
        with self._lock:
            for opened in list(self._sockets):
                with contextlib.suppress(OSError):
                    opened.shutdown(socket.SHUT_RDWR)
