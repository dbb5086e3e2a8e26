"""Replace files and objects atomically: the old content, mode and links stay until the new is complete."""

from __future__ import annotations

import os
import secrets
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePath

from rutterframe.storage.addresses import is_address, refuse_mangled
from rutterframe.storage.objects import check_object, object_exists, replace_object
from rutterframe.storage.options import StorageOptions

_PREFIX = ".rutterframe-"
_WRITE_BITS = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


@contextmanager
def replace_file(path: str | Path, options: StorageOptions | None = None) -> Iterator[Path]:
    """Replace a file or an object atomically: write a temporary file, which takes its place when complete.

    Parameters
    ----------
    path : str or Path
        The file to write, or an address such as ``s3://bucket/totals.csv``; it keeps its old content until
        the new file is complete. Of a symbolic link the target is replaced, and the link stays.
    options : StorageOptions, optional
        The keys for an address, as `wrap_options` returns them.

    Yields
    ------
    Path
        The temporary file, in the folder of the target and with the ending of the path. It is removed if the
        block raises. That of an address is uploaded at the end.

    Raises
    ------
    ValueError
        If the path is a folder, a pipe or a device, its folder is missing, or it cannot be written to.
    OSError
        If the new file cannot be written to the disk, or uploaded; the old one stays.

    Notes
    -----
    The new file has the mode of the old one, and its owner and group where the system permits that; a new
    file has the mode of any other new file (``0666`` without the bits of the umask). File and folder are
    written to the disk (``fsync``), so that a power cut leaves the old file or the new one. Other hard links
    to the old file keep the old content.

    Examples
    --------
    >>> with replace_file("totals.csv") as temporary:
    ...     _ = temporary.write_text("currency,total")
    >>> Path("totals.csv").read_text()
    'currency,total'
    """
    if is_address(path):
        with replace_object(str(path), options or StorageOptions()) as temporary:
            yield temporary
        return
    target = Path(os.path.realpath(check_target(path)))
    old = target.stat() if target.exists() else None
    name = f"{_PREFIX}{secrets.token_hex(8)}{Path(path).suffix}"
    temporary = target.with_name(name)
    # No one else can read the new content of a file before it has the mode of the old one.
    os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o666 if old is None else 0o600))
    try:
        yield temporary
        if old is not None:
            _copy_mode(old, temporary)
        _sync(temporary)
        temporary.replace(target)
        # Some file systems cannot write folders to the disk by themselves.
        with suppress(OSError):
            _sync(target.parent)
    finally:
        temporary.unlink(missing_ok=True)


def check_target(
    path: str | Path, endings: Sequence[str] = (), options: StorageOptions | None = None
) -> PurePath:
    """Check that a file can be written, so that a load does not end in an error.

    Parameters
    ----------
    path : str or Path
        The file to write, or an address: of that its bucket is asked whether the object exists.
    endings : sequence of str
        The endings that its name may have, such as ".xlsx"; any if empty.
    options : StorageOptions, optional
        The keys for an address.

    Returns
    -------
    PurePath
        The path; of an address the part in the bucket.

    Raises
    ------
    ValueError
        If the ending is another, the path is a folder, a pipe or a device, its folder is missing, it
        cannot be written to, or an address is not valid.
    OSError
        If a bucket cannot be reached.
    """
    refuse_mangled(path)
    if is_address(path):
        return check_object(str(path), endings, options or StorageOptions())
    target = Path(path)
    problem = _path_problem(target)
    if not problem and endings and target.suffix.lower() not in endings:
        problem = f"the ending must be {'one of ' if len(endings) > 1 else ''}{', '.join(endings)}"
    problem = problem or _folder_problem(target)
    if problem:
        raise ValueError(f"Cannot write {target.name or str(target)!r}: {problem}")
    return target


def target_exists(path: str | Path, options: StorageOptions | None = None) -> bool:
    """Return whether a file or an object exists."""
    if is_address(path):
        return object_exists(str(path), options or StorageOptions())
    return Path(path).exists()


def _path_problem(target: Path) -> str:
    """Return why something at the path cannot be replaced; empty text if it can, or if nothing is there."""
    try:
        mode = target.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return ""  # a missing folder is reported by its name
    except (OSError, ValueError) as error:
        return f"the path cannot be read ({_reason(error)}); choose another"
    if stat.S_ISDIR(mode):
        return "that is a folder; name a file in it"
    if not stat.S_ISREG(mode):
        return "that is a pipe, a socket or a device, not a file; choose another name"
    # An administrator may write to every file: what the mode forbids counts all the same.
    if not mode & _WRITE_BITS or not os.access(target, os.W_OK):
        return "the file is write-protected; choose another name"
    return ""


def _folder_problem(target: Path) -> str:
    """Return why no file can be created beside a path, or where its link leads; empty text if one can."""
    is_link = target.is_symlink()
    folder = Path(os.path.realpath(target)).parent if is_link else target.parent
    quoted = f"{str(folder)!r}{', where the link leads' if is_link else ''}"
    if not folder.is_dir():
        return f"there is no folder {quoted}; create it first"
    forbidden = os.name == "posix" and not folder.stat().st_mode & _WRITE_BITS
    if forbidden or not os.access(folder, os.W_OK | os.X_OK):
        return f"the folder {quoted} cannot be written to; choose another"
    # Permissions alone do not show a read-only disk.
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=_PREFIX):
            return ""
    except (OSError, ValueError) as error:
        return f"no file can be created in the folder {quoted} ({_reason(error)}); choose another"


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _copy_mode(old: os.stat_result, temporary: Path) -> None:
    """Copy the owner, group and mode of an old file to a new one, as far as the system permits."""
    mode = stat.S_IMODE(old.st_mode)
    if os.name == "posix":
        new = temporary.stat()
        if old.st_gid != new.st_gid:
            try:
                os.chown(temporary, -1, old.st_gid)
            except OSError:
                # Another group must not read what was only for the old one.
                mode = mode & ~stat.S_IRWXG | (mode & stat.S_IRWXO) << 3
        if old.st_uid != new.st_uid:
            with suppress(OSError):
                os.chown(temporary, old.st_uid, -1)
    temporary.chmod(mode)


def _sync(path: Path) -> None:
    """Write a file, or the entries of a folder, to the disk."""
    handle = os.open(path, os.O_RDONLY if path.is_dir() or os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
