"""Files are replaced as a whole, and keep their mode, owner and links."""

from __future__ import annotations

import os
import re
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from rutterframe.storage.replace import check_target, replace_file


@pytest.fixture
def umask() -> Iterator[int]:
    """Set an umask for the duration of a test."""
    before = os.umask(0o027)
    yield 0o027
    os.umask(before)


def write(path: Path, text: str = "new") -> None:
    """Replace a file."""
    with replace_file(path) as temporary:
        temporary.write_text(text)


def mode_of(path: Path) -> int:
    """Return the permissions of a file."""
    return stat.S_IMODE(path.stat().st_mode)


def test_the_old_content_stays_until_the_end(tmp_path: Path) -> None:
    """The old content stays until the block ends; then the new file is there, and no temporary one."""
    target = tmp_path / "page.html"
    target.write_text("old")
    with replace_file(target) as temporary:
        assert (temporary.parent, temporary.suffix) == (tmp_path, ".html")
        temporary.write_text("new")
        assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
    assert target.read_text() == "new"


def test_a_failure_leaves_the_old_file(tmp_path: Path) -> None:
    """An error in the block leaves the old file, and no temporary one."""
    target = tmp_path / "page.html"
    target.write_text("old")

    def interrupt() -> None:
        with replace_file(target) as temporary:
            temporary.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupt()
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


@pytest.mark.parametrize("mode", [0o664, 0o600, 0o640, 0o755])
def test_a_replaced_file_keeps_its_mode(tmp_path: Path, mode: int) -> None:
    """A file that a group may write keeps that; a private one stays private, also while it is written."""
    target = tmp_path / "x.csv"
    target.write_text("old")
    target.chmod(mode)
    with replace_file(target) as temporary:
        assert mode_of(temporary) == 0o600
        temporary.write_text("new")
    assert (mode_of(target), target.read_text()) == (mode, "new")


def test_a_new_file_has_the_mode_of_new_files(tmp_path: Path, umask: int) -> None:
    """A new file can be read by those whom the umask permits, as if `open` had created it."""
    write(tmp_path / "x.csv")
    assert mode_of(tmp_path / "x.csv") == 0o666 & ~umask


@pytest.mark.skipif(os.geteuid() != 0, reason="only the administrator can give files to others")
def test_owner_and_group_stay(tmp_path: Path) -> None:
    """A file that belongs to another user and group still does."""
    target = tmp_path / "x.csv"
    target.write_text("old")
    os.chown(target, 12345, 23456)
    write(target)
    assert (target.stat().st_uid, target.stat().st_gid) == (12345, 23456)


def test_no_other_group_can_read_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the group cannot be kept, the new one gets only the permissions of all others."""
    target = tmp_path / "x.csv"
    target.write_text("old")
    target.chmod(0o664)
    gid, stat_of = target.stat().st_gid, Path.stat

    def of_another_group(path: Path, **options: bool) -> os.stat_result:
        real = stat_of(path, **options)
        return os.stat_result([*real[:5], gid + 1, *real[6:10]]) if path == target else real

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "stat", of_another_group)
    monkeypatch.setattr(os, "chown", refuse)
    write(target)
    assert mode_of(target) == 0o644


def test_a_link_stays(tmp_path: Path) -> None:
    """The target of a symbolic link is replaced, in its own folder, and the link stays."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "june.csv").write_text("old")
    (tmp_path / "data" / "june.csv").chmod(0o664)
    (tmp_path / "data" / "latest").symlink_to("june.csv")
    link = tmp_path / "report.csv"
    link.symlink_to("data/latest")
    with replace_file(link) as temporary:
        assert (temporary.parent, temporary.suffix) == (tmp_path / "data", ".csv")
        temporary.write_text("new")
    assert link.is_symlink()
    assert (tmp_path / "data" / "latest").is_symlink()
    assert (tmp_path / "data" / "june.csv").read_text() == "new"
    assert mode_of(link) == 0o664


def test_a_link_to_a_missing_file_creates_it(tmp_path: Path) -> None:
    """A link to a file that does not exist yet stays, and the file is created."""
    link = tmp_path / "report.csv"
    link.symlink_to("june.csv")
    write(link)
    assert link.is_symlink()
    assert (tmp_path / "june.csv").read_text() == "new"


def test_file_and_folder_are_written_to_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is synchronised before it is renamed, and the folder afterwards."""
    steps: list[str] = []
    rename, sync = Path.replace, os.fsync

    def note_sync(handle: int) -> None:
        steps.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")
        sync(handle)

    def note_rename(path: Path, target: Path) -> Path:
        steps.append("rename")
        return rename(path, target)

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(Path, "replace", note_rename)
    write(tmp_path / "x.csv")
    assert steps == ["file", "rename", "folder"]


def test_a_disk_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the new file does not reach the disk, the old one stays."""

    def fail(_: int) -> None:
        raise OSError(5, "Input/output error")

    target = tmp_path / "x.csv"
    target.write_text("old")
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="Input/output error"):
        write(target)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


def refused(path: Path | str) -> str:
    """Return why a path is refused, by the check and by the replacement alike."""
    with pytest.raises(ValueError, match="Cannot write") as first:
        check_target(path)
    with pytest.raises(ValueError, match="Cannot write") as second, replace_file(path):
        pass
    assert str(first.value) == str(second.value)
    return str(first.value)


def test_folders_are_refused(tmp_path: Path) -> None:
    """A folder cannot be replaced by a file, and a missing folder is not created."""
    assert "that is a folder; name a file in it" in refused(tmp_path)
    assert re.search(
        r"there is no folder .*missing'; create it first", refused(tmp_path / "missing" / "x.html")
    )
    (tmp_path / "file").write_text("")
    assert re.search(r"there is no folder .*file'; create", refused(tmp_path / "file" / "x.html"))
    (tmp_path / "link.csv").symlink_to(tmp_path / "missing" / "x.csv")
    assert "missing', where the link leads; create it first" in refused(tmp_path / "link.csv")
    (tmp_path / "folder.csv").symlink_to(tmp_path)
    assert "that is a folder; name a file in it" in refused(tmp_path / "folder.csv")


def test_pipes_sockets_and_devices_are_refused(tmp_path: Path) -> None:
    """Only files are replaced: a pipe, a socket or a device stays what it is, also behind a link."""
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "null.csv").symlink_to("/dev/null")
    server = socket.socket(socket.AF_UNIX)
    before = Path.cwd()
    os.chdir(tmp_path)  # an address of a socket may have 108 letters only
    try:
        server.bind("socket.csv")
    finally:
        os.chdir(before)
        server.close()
    for name in ("pipe.csv", "null.csv", "socket.csv"):
        assert "that is a pipe, a socket or a device, not a file" in refused(tmp_path / name)
    assert stat.S_ISFIFO((tmp_path / "pipe.csv").stat().st_mode)
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    assert "Cannot write 'null'" in refused("/dev/null")


def test_what_is_write_protected_is_refused(tmp_path: Path) -> None:
    """A file or folder without permission to write is refused, also for an administrator."""
    target = tmp_path / "folder" / "x.csv"
    target.parent.mkdir()
    target.write_text("old")
    target.chmod(0o444)
    assert "the file is write-protected; choose another name" in refused(target)
    target.parent.chmod(0o555)
    try:
        assert "cannot be written to; choose another" in refused(target.with_name("new.csv"))
    finally:
        target.parent.chmod(0o755)
    assert target.read_text() == "old"


def test_a_read_only_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that looks as if it could be written to, and cannot, is refused with the system's reason."""

    def fail(**_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("tempfile.NamedTemporaryFile", fail)
    assert "no file can be created in the folder" in refused(tmp_path / "x.csv")
    assert "(Read-only file system); choose another" in refused(tmp_path / "x.csv")


def test_paths_that_the_system_refuses(tmp_path: Path) -> None:
    """A link to itself, a name that is too long and a NUL are refused in words."""
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    assert "the path cannot be read" in refused(tmp_path / "loop.csv")
    assert "the path cannot be read (File name too long)" in refused(tmp_path / ("x" * 300 + ".csv"))
    # Python 3.13 has other words for it than 3.12.
    assert re.search(
        r"the path cannot be read \(.*embedded null (byte|character)", refused(f"{tmp_path}/x\0.csv")
    )
