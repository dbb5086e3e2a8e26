"""Write objects whole: a file on this machine first, then one upload that appears when it is complete."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import Any

from rutterframe.storage.addresses import Address, parse_address
from rutterframe.storage.errors import plain_store_errors
from rutterframe.storage.options import StorageOptions

#: Bytes that are read at a time while a file is uploaded.
_CHUNK = 8_000_000


@contextmanager
def replace_object(address: str, options: StorageOptions) -> Iterator[Path]:
    """Replace an object: write a file on this machine, and upload it when it is complete.

    Parameters
    ----------
    address : str
        The object, such as ``s3://bucket/folder/file.csv``; it keeps its old content until the upload is
        complete.
    options : StorageOptions
        The keys.

    Yields
    ------
    Path
        The file to write, with the ending of the address. Nothing is uploaded if the block raises.

    Raises
    ------
    OSError
        If it cannot be uploaded; an old object stays. The parts of an upload that was killed are not
        listed; the rule of a bucket for incomplete uploads removes them.
    """
    with tempfile.TemporaryDirectory(prefix="rutterframe-") as folder:
        temporary = Path(folder) / f"object{PurePosixPath(address).suffix}"
        temporary.touch()
        yield temporary
        parts = _parts(address)
        with plain_store_errors(address):
            # Arrow's own copy does not complete an upload that ends early; a stream in a `with` block would.
            from pyarrow.fs import LocalFileSystem, copy_files  # noqa: PLC0415 - on first use

            copy_files(
                str(temporary), parts.key, source_filesystem=LocalFileSystem(),
                destination_filesystem=_file_system(parts, options, small=False), chunk_size=_CHUNK,
            )  # fmt: skip


def object_exists(address: str, options: StorageOptions, verb: str = "write") -> bool:
    """Return whether there is an object, before one reads or writes it.

    Raises
    ------
    OSError
        If that cannot be known: there is no such bucket, or it cannot be reached.
    ValueError
        If it is not the address of an object.
    """
    parts = _parts(address)
    from pyarrow.fs import FileType  # noqa: PLC0415 - on first use

    with plain_store_errors(address, verb):
        return bool(_file_system(parts, options).get_file_info(parts.key).type == FileType.File)


def read_object(address: str, options: StorageOptions) -> bytes:
    """Return the content of a small object.

    Raises
    ------
    ValueError
        If there is no such object.
    OSError
        If it cannot be read.
    """
    if not object_exists(address, options, "read"):
        raise ValueError(f"there is no file {address!r}: name another")
    parts = _parts(address)
    with plain_store_errors(address, "read"), _file_system(parts, options).open_input_file(parts.key) as file:
        content: bytes = file.read()
    return content


def check_object(address: str, endings: Sequence[str], options: StorageOptions) -> PurePosixPath:
    """Check the address of an object to write, and that its bucket can be reached.

    Returns
    -------
    PurePosixPath
        Its name, for the ending.

    Raises
    ------
    ValueError
        If it is not the address of an object, or has another ending.
    OSError
        If the bucket cannot be reached.
    """
    name = PurePosixPath(_parts(address).key)
    if endings and name.suffix.lower() not in endings:
        expected = f"{'one of ' if len(endings) > 1 else ''}{', '.join(endings)}"
        raise ValueError(f"Cannot write {name.name!r}: the ending must be {expected}")
    object_exists(address, options)
    return name


def _parts(address: str) -> Address:
    parts = parse_address(address)
    if not parts.key or parts.key.endswith("/"):
        raise ValueError(f"{address!r} is a folder: name a file in it")
    return parts


def _file_system(parts: Address, options: StorageOptions, *, small: bool = True) -> Any:
    """Return Arrow's view of a bucket."""
    if find_spec("deltalake") is None:
        raise ImportError('An address of object storage needs deltalake: pip install "rutterframe[dataset]"')
    # deltalake takes a fifth of a second to import, and is an extra.
    from deltalake.fs import DeltaStorageHandler  # noqa: PLC0415
    from pyarrow.fs import PyFileSystem  # noqa: PLC0415

    return PyFileSystem(DeltaStorageHandler(parts.store, options.for_address(parts.store, small=small)))
