"""A table that is open for writing: its newest version, the notes until then, its commits and checkpoints."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties
from deltalake.exceptions import DeltaError
from deltalake.transaction import AddAction, RemoveAction, Transaction

from rutterframe.dataset.commits import Refreshes
from rutterframe.dataset.latest import note_latest
from rutterframe.dataset.log import POINTER, last_checkpoint
from rutterframe.dataset.notes import NOTE
from rutterframe.dataset.small_files import SmallFiles
from rutterframe.dataset.summaries import SUMMARY

#: deltalake neither retries a commit, so that its version is known and its summary right, nor writes
#: checkpoints at versions of its own choice, nor deletes commits.
ONE_TRY: dict[str, Any] = {"max_commit_retries": 0}
NO_HOOKS = PostCommitHookProperties(create_checkpoint=False, cleanup_expired_logs=False)
#: A checkpoint of n connections follows at most n / 100 commits at the end of a refresh, n / 4 in it; or
#: n / 100 with files.
_AT_END, _MEANWHILE = 100, 4
#: In a folder the first commits after a checkpoint are read faster than another one is written; at an address
#: each takes two requests.
_IN_FOLDER = 4
#: A refresh does not end for this many commits: a checkpoint is due.
_MANY = 100
#: The same of commits with files: deltalake takes a fifth of a millisecond longer for each commit after it.
_MANY_WITH_FILES = 25


@dataclass(slots=True)
class OpenTable:
    """A table that is open for writing.

    Attributes
    ----------
    resource : str
        Its resource.
    table : DeltaTable
        The table, at the newest version that is known.
    files : SmallFiles
        The small files of the dataset.
    is_local : bool
        Whether the dataset is in a folder.
    read : callable
        Opens the table of a resource at its newest version.
    refreshes : Refreshes
        The newest notes.
    written : int
        The version of the last commit; -1 before the first.
    """

    resource: str
    table: DeltaTable
    files: SmallFiles
    is_local: bool
    read: Callable[[str], DeltaTable]
    refreshes: Refreshes = field(default_factory=Refreshes)
    written: int = -1
    _is_newest: bool = True
    _since_checkpoint: int = 0
    _with_files: int = 0

    def newest(self) -> DeltaTable:
        """Return the table at its newest version, with the notes until then.

        A table that was just opened, and to which nothing was committed, is not read again: if another
        process has committed meanwhile, the next commit fails, and is tried again.
        """
        if not self._is_newest:
            self.table.update_incremental()
            self._is_newest = True
        self.refreshes.advance(self.table)
        return self.table

    def commit(
        self,
        actions: Sequence[AddAction | RemoveAction],
        schema: pa.Schema,
        note: Mapping[str, Any],
        transactions: Sequence[str] = (),
    ) -> int:
        """Commit files and a note after the version that is open, and return the new version.

        Two commits cannot both follow the same version. The number of a transaction is that of the version,
        which tells writers of older releases that a connection was committed meanwhile.

        Parameters
        ----------
        actions : sequence of AddAction or RemoveAction
            The files to add and to remove.
        schema : pyarrow.Schema
            The columns of the table.
        note : mapping
            The note.
        transactions : sequence of str
            The connection, if its list was read.

        Raises
        ------
        CommitFailedError
            If another process was faster.
        """
        version = self.table.version() + 1
        texts = {NOTE: json.dumps(note)}
        summary = self.refreshes.summary(note)
        if summary is not None:
            texts[SUMMARY] = summary
        numbers = [Transaction(name, version) for name in transactions]
        self._is_newest = False
        self.table.create_write_transaction(
            list(actions), "append", schema, ["connection_id"],
            commit_properties=CommitProperties(texts, app_transactions=numbers, **ONE_TRY),
            post_commithook_properties=NO_HOOKS,
        )  # fmt: skip
        self.written = version
        self._since_checkpoint += 1
        self._with_files += bool(actions)
        if self.is_local:
            note_latest(self.files, self.resource, version)
        if self._is_long:
            self._write_checkpoint()
            with suppress(DeltaError, OSError):
                self.table = self.read(self.resource)
        return version

    def finish(self) -> None:
        """End a refresh: write a checkpoint if many commits follow the last one, and note the version.

        Nothing is raised: the commits are there already, and a log without a checkpoint is only read slower.
        """
        if self.written < 0:
            return
        most = max(_IN_FOLDER if self.is_local else 0, self._connections // _AT_END)
        # What is always due need not be looked up, which takes requests at an address.
        if not most or self.written - self._last_checkpoint() > most:
            self._write_checkpoint()
        note_latest(self.files, self.resource, self.written)
        self.written = -1

    @property
    def _is_long(self) -> bool:
        """Whether so many commits follow the last checkpoint that deltalake becomes slow."""
        return self._since_checkpoint >= max(
            _MANY, self._connections // _MEANWHILE
        ) or self._with_files >= max(_MANY_WITH_FILES, self._connections // _AT_END)

    @property
    def _connections(self) -> int:
        return len({*self.refreshes.read, *self.refreshes.failures})

    def _last_checkpoint(self) -> int:
        with suppress(OSError):
            return last_checkpoint(self.files.read(f"{self.resource}/_delta_log/{POINTER}"))
        return -1

    def _write_checkpoint(self) -> None:
        with suppress(DeltaError, OSError):
            self.table.update_incremental()
            self._is_newest = True
            self.table.create_checkpoint()
        self._since_checkpoint = self._with_files = 0
