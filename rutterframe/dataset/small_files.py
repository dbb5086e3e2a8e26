"""Small files of a dataset beside its tables, in a folder or at an address."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
from deltalake.fs import DeltaStorageHandler
from pyarrow.fs import FileSelector, FileSystem, FileType, PyFileSystem

from rutterframe.dataset.locations import is_local
from rutterframe.storage import StorageOptions


class SmallFiles:
    """Read and write files of a few bytes, each in one request where its size is known.

    Parameters
    ----------
    root : str
        The folder or address of the dataset.
    options : StorageOptions
        The keys for an address.
    sizes : mapping of str to int
        The most bytes that a file of a name has: one of these is not asked for its size first.
    """

    def __init__(self, root: str, options: StorageOptions, sizes: Mapping[str, int]) -> None:
        self._root = root
        self._files: FileSystem | None = None
        if not is_local(root):
            known = dict(sizes)
            self._files = PyFileSystem(
                DeltaStorageHandler(root, options.for_address(root, small=True), known)
            )

    def read(self, name: str) -> bytes:
        """Return the content of a file; of one that is not there, or of a folder in its place, nothing.

        Raises
        ------
        OSError
            If an address cannot be read.
        """
        if self._files is None:
            try:
                return Path(self._root, name).read_bytes()
            except OSError:
                return b""
        try:
            with self._files.open_input_file(name) as file:
                content: bytes = file.read()
        except FileNotFoundError:
            return b""
        return content

    def write(self, name: str, content: bytes) -> None:
        """Write a file, or leave it as it is where that fails: what is in it can be found without it."""
        with suppress(OSError):
            if self._files is None:
                Path(self._root, name).write_bytes(content)
                return
            # The stream of deltalake takes no buffers of Arrow, which only its own writers send in parts.
            with pa.BufferedOutputStream(self._files.open_output_stream(name), len(content) + 1) as file:
                file.write(content)

    def tables(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return which tables there are: at an address those that have a folder, here one with a log."""
        if self._files is None:
            return tuple(name for name in names if os.path.lexists(Path(self._root, name, "_delta_log")))
        infos = self._files.get_file_info(FileSelector("", allow_not_found=True))
        folders = {info.base_name for info in infos if info.type == FileType.Directory}
        return tuple(name for name in names if name in folders)
