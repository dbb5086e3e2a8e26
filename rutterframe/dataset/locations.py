"""Check where a dataset is: a local folder or an address, and the names that deltalake cannot write."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

#: deltalake decodes %XX in a path, and takes a backslash for a separator; control characters it refuses.
_UNUSABLE = re.compile(r"%[0-9a-fA-F]{2}|\\|[\x00-\x1f\x7f]" if os.sep == "/" else r"%[0-9a-fA-F]{2}")


def root_of(path: str | Path) -> str:
    """Return the folder or address of a dataset as text; a ``file://`` address becomes its folder.

    Parameters
    ----------
    path : str or Path
        A folder, or an address such as ``s3://bucket/folder``.

    Raises
    ------
    ValueError
        If it is empty, or has characters that deltalake cannot write.
    TypeError
        If it is neither text nor a path.
    """
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"A dataset's path is a text or a Path; this is {type(path).__name__}")
    root = os.fspath(path)
    if not root.strip():
        raise ValueError("The path of the dataset is empty: name a folder such as 'books'")
    if root.lower().startswith("file://"):
        root = unquote(urlsplit(root).path)
    unusable = _UNUSABLE.search(os.path.abspath(root) if is_local(root) else root)  # noqa: PTH100
    if unusable:
        raise ValueError(
            f"A dataset cannot be at {root!r}: its path has {unusable.group()!r}, which deltalake would "
            f"write as another name. Use a path without %XX, backslashes and control characters"
        )
    return root


def is_local(root: str) -> bool:
    """Return whether a root is a folder of this machine, and not an address."""
    return "://" not in root
