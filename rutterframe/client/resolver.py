"""Name resolution with a time limit: Python's own has none, and cannot be interrupted."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

import httpcore


class Resolver:
    """Resolves names in threads of its own, which are abandoned when they take too long."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # One thread for each name, however many requests wait for it.
        self._pending: dict[tuple[str, int], Future[list[str]]] = {}

    def addresses(self, host: str, port: int, timeout: float | None) -> list[str]:
        """Return the addresses of a host, in the system's order; an address is its own.

        Raises
        ------
        httpcore.ConnectTimeout
            If they are not known in time.
        httpcore.ConnectError
            If the name cannot be resolved.
        """
        if _is_address(host):
            return [host]
        try:
            return self._resolve(host, port).result(timeout)
        except TimeoutError:
            raise httpcore.ConnectTimeout(f"the name {host} was not resolved in time") from None
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from None

    def _resolve(self, host: str, port: int) -> Future[list[str]]:
        """Return the addresses that a thread looks up, also one that was started before."""
        key = host, port
        with self._lock:
            future = self._pending.get(key)
            if future is not None:
                return future
            future = self._pending[key] = Future()

        def look_up() -> None:
            try:
                addresses = _look_up(host, port)
            except BaseException as error:  # noqa: BLE001 - raised where it is waited for
                self._forget(key)
                future.set_exception(error)
            else:
                self._forget(key)
                future.set_result(addresses)

        try:
            # As a daemon, so that Python can end while it still waits.
            threading.Thread(target=look_up, name="rutterframe-resolver", daemon=True).start()
        except RuntimeError:  # no further thread can be started
            look_up()
        return future

    def _forget(self, key: tuple[str, int]) -> None:
        with self._lock:
            self._pending.pop(key, None)


def _look_up(host: str, port: int) -> list[str]:
    rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(_text(address) for *_, address in rows))


def _text(address: Sequence[Any]) -> str:
    """Return an address, of IPv6 with its scope: without it a link-local one cannot be reached."""
    host, scope = str(address[0]), address[3] if len(address) == 4 else 0
    return f"{host}%{scope}" if scope and "%" not in host else host


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
