"""Addresses of object storage, such as ``s3://bucket/folder``."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple, TypeVar, cast

T = TypeVar("T")

#: The kinds of object storage by the beginning of an address.
SCHEMES = {"s3": "s3", "s3a": "s3", "gs": "gs", "az": "az", "abfs": "az", "abfss": "az"}

_EXPECTED = "expected one such as 's3://bucket/folder', 'gs://bucket/folder' or 'az://container/folder'"
#: The name of a bucket or container; of Azure also ``container@account.dfs.core.windows.net``.
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(@[A-Za-z0-9][A-Za-z0-9.-]*)?")
#: What pathlib makes of an address.
_MANGLED = re.compile(rf"({'|'.join(SCHEMES)}|https?):/(?!/)", re.IGNORECASE)
#: What stands in the place of what may be secret, and an address that has it.
_MASK = "***"
_MASKED = re.compile(r"[^/]*://(\*{3}@|[^/]*:\*{3}$|.*[?#]\*{3}$)", re.DOTALL)
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


def mask_address(path: T) -> T:
    """Return an address without what may be a key, a password or a signature; anything else as it is.

    A public function calls it in its first line, so that no traceback with local variables shows one;
    `parse_address` refuses what has been masked.

    Examples
    --------
    >>> mask_address("s3://user:secret@bucket/books?token=secret"), mask_address("books #1?")
    ('s3://***@bucket/books?***', 'books #1?')
    """
    text = str(path) if isinstance(path, str | Path) else ""
    if not is_address(text) and not _MANGLED.match(text):
        return path
    scheme, separator, rest = text.partition("://" if is_address(text) else ":/")
    host = rest.partition("/")[0]
    if "@" in rest and ":" in host:  # a password may have any character, also / and ?
        rest = f"{_MASK}@{rest.rpartition('@')[2]}"
    elif "@" in host and SCHEMES.get(scheme.lower()) != "az":
        rest = f"{_MASK}@{rest[host.rindex('@') + 1 :]}"
    rest = re.sub(r"([?#]).*", rf"\1{_MASK}", rest, count=1, flags=re.DOTALL)
    # Two keys without a bucket; what is not a port may be secret.
    rest = re.sub(r"^([^/:]*:)(?!\d*(?:[/?#]|$)).*", rf"\1{_MASK}", rest, flags=re.DOTALL)
    masked = f"{scheme}{separator}{rest}"
    return path if masked == text else cast("T", Path(masked) if isinstance(path, Path) else masked)


def refuse_mangled(path: str | os.PathLike[str]) -> None:
    """Refuse an address that pathlib has changed.

    Raises
    ------
    ValueError
        With the text to write.
    """
    path = mask_address(path)
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
        If it is of an unknown kind, names no bucket, may have keys in it, or characters that deltalake would
        write as another name.
    """
    text = mask_address(text)
    scheme, _, rest = text.partition("://")
    bucket, _, key = rest.partition("/")
    if scheme.lower() not in SCHEMES:
        raise ValueError(f"{text!r} is not an address of object storage: {_EXPECTED}")
    if _MASKED.match(text):
        raise ValueError(
            f"{text!r} cannot be used: {_MASK} may be a key or a signature, which other programs would log. "
            f"Pass keys as storage_options= or in the environment, and write an address without a user, ? "
            f"and #, such as '{scheme}://bucket/folder'"
        )
    if not _BUCKET.fullmatch(bucket):
        problem = f"{bucket!r} is not the name of a bucket" if bucket else "it names no bucket"
        raise ValueError(f"{text!r} is not an address of object storage: {problem}; {_EXPECTED}")
    unusable = _UNUSABLE.search(f"/{key}")
    if unusable:
        raise ValueError(
            f"{text!r} cannot be used: its path has {unusable.group()!r}, which deltalake would write as "
            f"another name. Use a path without empty parts, '.', '..', backslashes and control characters"
        )
    return Address(f"{scheme}://{bucket}", key)
