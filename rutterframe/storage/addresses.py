"""Addresses of object storage, such as ``s3://bucket/folder``."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

#: The kinds of object storage by the beginning of an address.
SCHEMES = {"s3": "s3", "s3a": "s3", "gs": "gs", "az": "az", "abfs": "az", "abfss": "az"}

_EXPECTED = "expected one such as 's3://bucket/folder', 'gs://bucket/folder' or 'az://container/folder'"
#: The name of a bucket or container; of Azure also ``container@account.dfs.core.windows.net``.
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(@[A-Za-z0-9][A-Za-z0-9.-]*)?")
#: What pathlib makes of an address.
_MANGLED = re.compile(rf"({'|'.join(SCHEMES)}):/(?!/)", re.IGNORECASE)
#: What a key cannot have: deltalake drops or refuses it.
_UNUSABLE = re.compile(r"[\x00-\x1f\x7f\\]|//|(?:^|/)\.\.?(?=/|$)")


class Address(NamedTuple):
    """An address, in parts.

    Attributes
    ----------
    store : str
        The bucket or container, such as ``s3://bucket``.
    key : str
        The name of an object in it, such as ``folder/file.csv``.
    """

    store: str
    key: str

    @property
    def kind(self) -> str:
        """The kind of object storage: s3, gs or az."""
        return SCHEMES[self.store.partition("://")[0].lower()]


def is_address(path: object) -> bool:
    """Return whether a path is an address of object storage; ``file://`` is a folder of this machine.

    Examples
    --------
    >>> is_address("s3://bucket/books"), is_address("books:2026"), is_address("file:///data/books")
    (True, False, False)
    """
    return isinstance(path, str) and "://" in path and not path.lower().startswith("file://")


def refuse_mangled(path: str | os.PathLike[str]) -> None:
    """Refuse an address that pathlib has changed.

    Raises
    ------
    ValueError
        With the text to write.
    """
    text = os.fspath(path)
    if _MANGLED.match(text):
        scheme, _, rest = text.partition(":/")
        cause = "pathlib.Path writes '//' as '/'" if isinstance(path, Path) else "it has one '/' too few"
        raise ValueError(
            f"{text!r} is not an address, since {cause}: write the text '{scheme}://{rest.lstrip('/')}'"
        )


def parse_address(text: str) -> Address:
    """Return the parts of an address.

    Raises
    ------
    ValueError
        If it is of an unknown kind, names no bucket, has keys in it, or characters that deltalake would
        write as another name.
    """
    scheme, _, rest = text.partition("://")
    bucket, _, key = rest.partition("/")
    if ":" in bucket.partition("@")[0] and "@" in bucket:
        # Not shown: they are secrets.
        raise ValueError(
            f"An address of {scheme}:// has keys in it, which other programs would log: pass them as "
            f"storage_options= or in the environment, and write '{scheme}://bucket/folder'"
        )
    if scheme.lower() not in SCHEMES:
        raise ValueError(f"{text!r} is not an address of object storage: {_EXPECTED}")
    if not _BUCKET.fullmatch(bucket):
        problem = f"{bucket!r} is not the name of a bucket" if bucket else "it names no bucket"
        raise ValueError(f"{text!r} is not an address of object storage: {problem}; {_EXPECTED}")
    unusable = _UNUSABLE.search(key)
    if unusable:
        raise ValueError(
            f"{text!r} cannot be used: its path has {unusable.group()!r}, which deltalake would write as "
            f"another name. Use a path without empty parts, '.', '..', backslashes and control characters"
        )
    return Address(f"{scheme}://{bucket}", key)
