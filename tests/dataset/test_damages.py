"""A damaged dataset is an error of ours from every reader and from refresh, never a wrong frame."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from deltalake import DeltaTable

import rutterframe as rf
from tests.dataset.damages import damages
from tests.dataset.scripted import Api, invoices

DAMAGES = dict(damages())
#: One damage of each kind, for every run.
FEW = [
    "commit 4 cut in half", "commit 4 removed",
    "commit 0 a folder", "checkpoint garbage", "pointer a json list",
    "parquet emptied", "parquet with byte 5 flipped", "a note that is null", "a note in which receipt is 7",
    "a newer reader", "a summary that is not packed", "a summary that is null",
    "a summary that is of a note without version",
    "a receipt in which per_connection is {}", "a time of text", "another schema", "rows of another program",
    "no removal in a commit", "another partition", "another parquet file",
]  # fmt: skip
#: What a reader may raise beside "The dataset at … cannot be used: … Next: …".
OTHER = (
    "There is no dataset at",
    "There is no version 2; there are 0 to 0",
    "The dataset has no 'invoices'",
    "were never refreshed until",
    "have columns that",
)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of two connections with five commits, and a checkpoint of the third."""
    folder = tmp_path_factory.mktemp("original") / "dataset"
    api = served()
    _refresh(api, folder, "books", "shop")
    DeltaTable(folder / "invoices").create_checkpoint()
    api.answers["books", "invoices"] = [*invoices(2), {"id": "3", "amount_due": 30.0}]
    _refresh(api, folder, "shop")
    _refresh(api, folder, "books")
    return folder


def served(amount: float = 10.0) -> Api:
    """Return an API with three invoices of one connection, and two of another."""
    rows = [
        *invoices(2),
        {"id": "3", "amount_due": amount, **({"currency": "USD"} if amount == 10.0 else {})},
    ]
    return Api({("books", "invoices"): rows, ("shop", "invoices"): invoices(2)})


def _refresh(api: Api, folder: Path, *ids: str) -> pd.DataFrame:
    return rf.refresh(api.connections(*ids), folder, resources=["invoices"], progress=False)


def uses(folder: Path) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yield every way to read a dataset, a refresh, and how it is read after that."""

    def data() -> rf.Dataset:
        return rf.Dataset(folder)

    yield "resources", lambda: data().resources
    yield "connections", lambda: data().connections
    yield "repr", lambda: repr(data())
    yield "load", lambda: data().load("invoices")
    yield "load a version", lambda: data().load("invoices", version=2)
    yield "load a moment", lambda: data().load("invoices", version="2199-01-01")
    yield "load a connection", lambda: data().load("invoices", connections=["books"])
    yield "load deleted", lambda: data().load("invoices", deleted=True)
    yield "scan", lambda: data().scan("invoices")
    yield "files", lambda: data().files("invoices")
    yield "versions", lambda: data().versions("invoices")
    yield "compare", lambda: data().compare("invoices", 2)
    yield "refresh", lambda: _refresh(served(30.0), folder, "books", "shop")
    yield "load after a refresh", lambda: data().load("invoices")
    yield "compact", lambda: data().compact()
    yield "vacuum", lambda: data().vacuum(keep=timedelta(0))
    yield "load after a vacuum", lambda: data().load("invoices")


def try_all(damage: str, original: Path, folder: Path) -> list[str]:
    """Damage a copy of a dataset; return what is wrong with how it is read."""
    shutil.copytree(original, folder)
    expected = rf.Dataset(folder).load("invoices")
    DAMAGES[damage](folder / "invoices")
    problems = []
    for name, use in uses(folder):
        try:
            result = use()
        except (OSError, KeyError, ValueError) as error:
            text = str(error)
            ours = text.startswith(f"The dataset at {folder} cannot be used: ") and "\nNext: " in text
            if not ours and not any(known in text for known in OTHER):
                problems.append(f"{damage}, {name}: {error!r}")
        except BaseException as error:  # noqa: BLE001 - that is what is searched for
            problems.append(f"{damage}, {name}: {error!r}")
        else:
            is_frame = name.startswith("load after") or name == "load"
            if is_frame and not result.equals(expected):
                problems.append(f"{damage}, {name}: the rows are\n{result}")
    return problems


@pytest.mark.slow
@pytest.mark.parametrize("damage", FEW)
def test_a_damaged_dataset_is_an_error(original: Path, tmp_path: Path, damage: str) -> None:
    """Every reader and refresh raise an error of ours, or have the rows of before."""
    assert try_all(damage, original, tmp_path / "dataset") == []


@pytest.mark.long
@pytest.mark.timeout(900)
def test_every_damage_is_an_error(original: Path, tmp_path: Path) -> None:
    """The same for 415 damages: each kind of file, note, action and folder."""
    problems: list[str] = []
    for number, damage in enumerate(DAMAGES):
        problems += try_all(damage, original, tmp_path / f"{number}")
        shutil.rmtree(tmp_path / f"{number}")
    assert (len(DAMAGES), problems) == (415, [])


@pytest.mark.parametrize("at", range(200, 1100, 36))
def test_a_changed_byte_is_not_loaded(original: Path, tmp_path: Path, at: int) -> None:
    """A changed byte in a file is an error of load and refresh, or changes no row: pages have checksums."""
    folder = tmp_path / "dataset"
    shutil.copytree(original, folder)
    data = rf.Dataset(folder)
    expected = data.load("invoices")
    for text in data.files("invoices"):
        file = Path(text)
        content = bytearray(file.read_bytes())
        content[at] ^= 4
        file.write_bytes(content)
    for number in range(2):
        try:
            data.load("invoices") if number == 0 else _refresh(served(30.0), folder, "books", "shop")
        except OSError as error:
            assert str(error).startswith(f"The dataset at {folder} cannot be used: ")  # noqa: PT017
        else:
            assert data.load("invoices").equals(expected)


def test_the_message_of_rows_that_no_refresh_stored(original: Path, tmp_path: Path) -> None:
    """The message names the connection, both numbers, and what to do."""
    folder = tmp_path / "dataset"
    shutil.copytree(original, folder)
    DAMAGES["no removal in a commit"](folder / "invoices")
    message = (
        f"The dataset at {folder} cannot be used: connection 'books' has 6 rows, "
        "and its last refresh stored 3: a part of the log is lost, or another program has written rows\n"
        "Next: restore the folder from a copy, or refresh into another folder."
    )
    for read in (rf.Dataset(folder).load, rf.Dataset(folder).scan, rf.Dataset(folder).files):
        with pytest.raises(OSError, match="connection 'books' has 6 rows") as error:
            read("invoices")
        assert str(error.value) == message
    with pytest.raises(OSError, match="record '1' is stored twice"):
        _refresh(served(30.0), folder, "books")


def test_a_dataset_of_an_older_rutterframe_is_read(original: Path, tmp_path: Path) -> None:
    """Notes without the number of stored rows, as older versions wrote them, are read."""
    folder = tmp_path / "dataset"
    shutil.copytree(original, folder)
    expected = rf.Dataset(folder).load("invoices")
    for version in range(1, 5):
        file = folder / "invoices" / "_delta_log" / f"{version:020}.json"
        text = file.read_text()
        for number in (2, 3):
            text = text.replace(f', \\"stored\\": {number}', "")
        assert "stored" not in text
        file.write_text(text)
    assert rf.Dataset(folder).load("invoices").equals(expected)
    assert len(rf.Dataset(folder).files("invoices")) == 2


def test_a_log_without_its_newest_commit_is_noticed(original: Path, tmp_path: Path) -> None:
    """The error names both versions and the file to delete, and then the version before is read."""
    folder = tmp_path / "dataset"
    shutil.copytree(original, folder)
    before = rf.Dataset(folder).load("invoices", version=3)
    (folder / "invoices" / "_delta_log" / f"{4:020}.json").unlink()
    note = folder / "invoices" / "_rutterframe_latest"
    with pytest.raises(OSError, match="ends with version 3, but 4 was written") as error:
        rf.Dataset(folder).load("invoices")
    assert str(note) in str(error.value)
    note.unlink()
    pd.testing.assert_frame_equal(rf.Dataset(folder).load("invoices"), before)


@pytest.mark.parametrize("content", [b"", b"x", b"\xff", b"-1", b"9" * 5000, None])
def test_a_note_that_cannot_be_read_is_ignored(original: Path, tmp_path: Path, content: bytes | None) -> None:
    """A damaged note of the newest version, or a folder in its place, is as none: it stops no load."""
    folder = tmp_path / "dataset"
    shutil.copytree(original, folder)
    note = folder / "invoices" / "_rutterframe_latest"
    assert note.read_text() == "4\n"
    note.unlink()
    if content is None:
        note.mkdir()
    else:
        note.write_bytes(content)
    assert len(rf.Dataset(folder).load("invoices")) == 5
    _refresh(served(30.0), folder, "books", "shop")
    assert content is None or int(note.read_text()) > 4


@pytest.mark.parametrize("content", [None, b"", b"PAR1 damaged" * 9])
def test_a_dataset_without_its_checkpoint(original: Path, tmp_path: Path, content: bytes | None) -> None:
    """A missing or damaged checkpoint is named, and without it and its pointer every version can be read."""
    folder = tmp_path / "dataset"
    shutil.copytree(original, folder)
    data, expected = rf.Dataset(folder), rf.Dataset(original).load("invoices")
    log = folder / "invoices" / "_delta_log"
    for file in log.glob("*.checkpoint*.parquet"):
        file.unlink() if content is None else file.write_bytes(content)
    uses_of_it: list[Callable[[], Any]] = [
        lambda: data.load("invoices"),
        data.status,
        lambda: _refresh(served(), folder, "books"),
    ]
    for use in uses_of_it:
        with pytest.raises(OSError, match="a checkpoint of invoices is missing or damaged") as error:
            use()
        next_step = "move _last_checkpoint and the files *.checkpoint*.parquet out of invoices/_delta_log: "
        assert f"\nNext: {next_step}" in str(error.value)
    (log / "_last_checkpoint").unlink()
    for file in log.glob("*.checkpoint*.parquet"):
        file.unlink()
    assert data.load("invoices").equals(expected)
    assert len(data.load("invoices", version=2)) == 5
    _refresh(served(30.0), folder, "books", "shop")
    assert len(data.load("invoices")) == 5
