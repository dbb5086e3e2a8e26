"""The file that notes which refreshes are pending, so that none is lost when the process ends."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from rutterframe.webhook_server.events import Change, Scope

_TABLE = """
CREATE TABLE IF NOT EXISTS pending (
    connection_id TEXT NOT NULL, resource TEXT NOT NULL, scope INTEGER NOT NULL,
    PRIMARY KEY (connection_id, resource)
) WITHOUT ROWID"""
_ADD = """
INSERT INTO pending VALUES (?, ?, ?)
ON CONFLICT (connection_id, resource) DO UPDATE SET scope = max(scope, excluded.scope)"""
_REMOVE = "DELETE FROM pending WHERE connection_id = ? AND resource = ?"


class Journal:
    """The pending refreshes in a SQLite file, which one process at a time has open; not thread-safe.

    What a method has written is on the disk when it returns. The file has ids of connections and names of
    resources; nothing of the messages.

    Parameters
    ----------
    path : Path
        The file, which is created if it does not exist.

    Raises
    ------
    OSError
        If it cannot be opened or is not such a file, or another process has it open.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._plain_errors():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
            try:
                # FULL: a commit is on the disk, also after a power failure. EXCLUSIVE: the lock stays.
                self._file.executescript(
                    "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                )
                with self._transaction():
                    self._file.execute(_TABLE)
            except BaseException:
                self._file.close()
                raise

    def read(self) -> list[Change]:
        """Return all pending refreshes."""
        with self._plain_errors():
            rows = self._file.execute("SELECT connection_id, resource, scope FROM pending").fetchall()
        return [Change(connection_id, resource, Scope(scope)) for connection_id, resource, scope in rows]

    def add(self, changes: Iterable[Change]) -> None:
        """Note refreshes as pending; of one that is noted the larger scope stays."""
        with self._plain_errors(), self._transaction():
            self._file.executemany(
                _ADD, [(one.connection_id, one.resource, int(one.scope)) for one in changes]
            )

    def remove(self, keys: Iterable[tuple[str, str]]) -> None:
        """Delete refreshes that are done, by connection and resource."""
        with self._plain_errors(), self._transaction():
            self._file.executemany(_REMOVE, keys)

    def close(self) -> None:
        """Close the file; another process may open it then."""
        self._file.close()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._file.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._file.execute("ROLLBACK")
            raise
        self._file.execute("COMMIT")

    @contextlib.contextmanager
    def _plain_errors(self) -> Iterator[None]:
        """Raise errors of SQLite as an OSError with the next step."""
        try:
            yield
        except sqlite3.Error as error:
            is_open = "locked" in str(error)
            reason = "another process, such as a second server, has it open" if is_open else str(error)
            first = "stop that process" if is_open else "check that its folder can be written and has space"
            raise OSError(
                f"The file of pending refreshes {self._path} cannot be used: {reason}\n"
                f"Next: {first}, or name another file (--state)."
            ) from None
