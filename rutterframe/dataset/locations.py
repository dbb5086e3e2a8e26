"""Read the location of a dataset: a local folder or an address, without names that deltalake cannot write."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.request import url2pathname

from rutterframe.storage import is_address, mask_address, refuse_mangled
from rutterframe.storage.addresses import parse_address

#: deltalake decodes %XX in a path, and takes a backslash for a separator; control characters it refuses.
_UNUSABLE = re.compile(r"%[0-9a-fA-F]{2}|\\|[\x00-\x1f\x7f]" if os.sep == "/" else r"%[0-9a-fA-F]{2}")

_ALLOWED = "%XX, backslashes and control characters"

#: How the path of a file or folder in the home folder begins.
_HOME = ("~/", f"~{os.sep}")


def root_of(path: str | Path) -> str:
    """Return a dataset's folder as an absolute path, or its address as it is.

    deltalake gets no relative path: it would take ``books:2026`` for an address, ``~`` for another folder.

    Parameters
    ----------
    path : str or Path
        A folder, where ``~`` at the beginning is the home folder; or an address such as
        ``s3://bucket/folder``. A ``file:///`` address is its folder.

    Raises
    ------
    ValueError
        If it is empty, or has characters that deltalake cannot write, or is a folder of another machine.
    NotADirectoryError
        If there is a file in its place, or in that of a folder above it.
    TypeError
        If it is neither text nor a path.
    """
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"A dataset's path is a text or a Path; this is {type(path).__name__}")
    refuse_mangled(path)
    text = os.fspath(mask_address(path))
    if not text.strip():
        raise ValueError("The path of the dataset is empty: name a folder such as 'books'")
    root = _folder(text) if text.lower().startswith("file://") else text
    if is_local(root):
        # Only the user's own home: a folder may be named ~backup, and there may be a user of that name.
        root = os.path.expanduser(root) if root == "~" or root.startswith(_HOME) else root  # noqa: PTH111
        root = os.path.abspath(root)  # noqa: PTH100
    unusable = _UNUSABLE.search(root)
    if unusable:
        raise ValueError(
            f"A dataset cannot be at {text!r}: its path has {unusable.group()!r}, which deltalake would "
            f"write as another name. Use a path without {_ALLOWED}"
        )
    if is_local(root):
        _refuse_file(root)
    else:
        parse_address(root.rstrip("/"))
    return root


def _folder(address: str) -> str:
    """Return the folder of a ``file://`` address; what is after ``#`` or ``?`` belongs to it."""
    host, _, path = address.partition("://")[2].partition("/")
    if host.lower() not in {"", "localhost"}:
        raise ValueError(
            f"A dataset cannot be at {address!r}: {host!r} would be another machine. A folder of this one "
            f"has three slashes, as in 'file:///data/books', or is named without 'file:'"
        )
    return url2pathname(f"/{path}")


def _refuse_file(root: str) -> None:
    """Refuse a folder that cannot be created, since it or a folder above it is a file."""
    # os.path.exists returns False without permission to look; the error of the first write then says why.
    existing = next((path for path in (Path(root), *Path(root).parents) if os.path.exists(path)), None)  # noqa: PTH110
    if existing is not None and not existing.is_dir():
        raise NotADirectoryError(
            f"The dataset at {root} cannot be used: {existing} is a file (Not a directory)\n"
            f"Next: name a folder, or one that is not there yet."
        )


def create_folder(root: str) -> None:
    """Create the folder of a dataset, and those above it.

    Raises
    ------
    OSError
        If that is not possible.
    """
    try:
        Path(root).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OSError(
            f"The dataset at {root} cannot be used: the folder cannot be created there ({error.strerror})\n"
            f"Next: name a folder that you may write to, and refresh again."
        ) from None


def is_local(root: str) -> bool:
    """Return whether a root is a folder of this machine, and not an address."""
    return not is_address(root)
