"""Folders with any name can be used, or the name is refused before any request."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

import rutterframe as rf
from rutterframe.dataset.tables import Tables
from tests.dataset.scripted import Api, invoices
from tests.dataset.test_tables import merge

WORK = [
    "books #1", "what?", "my books", "ü", "50%", "%", "100%", " lead", "trail ", "e\u0301", "a;b&c=d", "[x]",
    "it's", '"q"', "a:b", "*", "~", "{x}", "..x", "日本", "a+b", "a,b", "#", "?", "a#b?c=d",
]  # fmt: skip
#: Each name that is refused, and what of it the message quotes.
REFUSED = {
    "a%20b": "'%20'",
    "a%2Fb": "'%2F'",
    "50%25": "'%25'",
    "back\\slash": "'\\\\'",
    "tab\t": "'\\t'",
    "new\nline": "'\\n'",
}


@pytest.fixture
def api() -> Api:
    return Api({("books", "invoices"): invoices(3), ("a/b", "invoices"): invoices(2)})


@pytest.mark.parametrize(
    ("name", "as_text"), [("books #1", True), ("my books", True), *((name, False) for name in WORK)]
)
def test_everything_works_in_a_folder_of_this_name(
    api: Api, tmp_path: Path, name: str, *, as_text: bool
) -> None:
    """Refresh, load, scan, files, versions, compare, compact and vacuum work; the files are on the disk."""
    folder = tmp_path / name
    path: Any = f"{folder}" if as_text else folder
    rf.refresh(api.connections("books", "a/b"), path, resources=["invoices"])
    assert [one.name for one in tmp_path.iterdir() if (one / "invoices").is_dir()] == [name]
    api.answers["books", "invoices"] = [*invoices(2), {"id": "3", "amount_due": 30.0}]
    assert rf.refresh(api.connections("books"), path, resources=["invoices"])["changed"].tolist() == [1]
    assert rf.refresh(api.connections("books"), path, resources=["invoices"])["status"].tolist() == [
        "unchanged"
    ]
    data = rf.Dataset(path)
    assert data.resources == ("invoices",)
    assert data.load("invoices")["amount_due"].tolist() == [10.0, 10.0, 10.0, 10.0, 30.0]
    assert data.scan("invoices").count_rows() == 5
    files = data.files("invoices")
    assert [Path(file).is_file() for file in files] == [True, True]
    assert sum(duckdb.read_parquet(file).aggregate("count(*)").fetchall()[0][0] for file in files) == 5
    assert data.versions("invoices")["version"].tolist() == [4, 3, 2, 1]
    assert data.compare("invoices", 2)[["change", "amount_due"]].to_numpy().tolist() == [["changed", 30.0]]
    data.compact()
    assert data.vacuum(keep=timedelta(0)) >= 1
    assert len(data.load("invoices")) == 5
    assert len(data.load("invoices", version=datetime.now(UTC))) == 5


@pytest.mark.parametrize("name", REFUSED)
def test_a_name_that_deltalake_cannot_write_is_refused(api: Api, tmp_path: Path, name: str) -> None:
    """Such a name is refused by refresh and Dataset, with the invalid part, before any request."""
    message = f"A dataset cannot be at .*: its path has {re.escape(REFUSED[name])}"
    for path in (
        tmp_path / name,
        f"{tmp_path / name}",
        tmp_path / name / "inner",
        (tmp_path / name).as_uri(),
    ):
        with pytest.raises(ValueError, match=message):
            rf.refresh(api.connections("books"), path)
        with pytest.raises(ValueError, match=message):
            rf.Dataset(path)
    assert (api.requests, list(tmp_path.iterdir())) == ([], [])


@pytest.mark.parametrize("nothing", ["", " "])
def test_an_empty_name_is_refused(api: Api, nothing: str) -> None:
    """An empty path would be the root of the disk."""
    with pytest.raises(ValueError, match="The path of the dataset is empty"):
        rf.refresh(api.connections("books"), nothing)


def test_other_objects_than_paths_are_refused(api: Api) -> None:
    """A number or a client is not a path."""
    with pytest.raises(TypeError, match="A dataset's path is a text or a Path; this is int"):
        rf.refresh(api.connections("books"), 7)  # type: ignore[arg-type]


def test_the_address_of_a_folder_is_that_folder(api: Api, tmp_path: Path) -> None:
    """A file:// address with escapes names the folder without."""
    folder = tmp_path / "my books #1"
    rf.refresh(api.connections("books"), folder.as_uri(), resources=["invoices"])
    assert len(rf.Dataset(folder).load("invoices")) == 3


def test_a_relative_path(api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative path is below the working folder, whatever that is called."""
    (tmp_path / "c #").mkdir()
    monkeypatch.chdir(tmp_path / "c #")
    rf.refresh(api.connections("books"), "books", resources=["invoices"])
    assert len(rf.Dataset("books").load("invoices")) == 3
    assert [Path(file).is_file() for file in rf.Dataset("books").files("invoices")] == [True]


@pytest.mark.parametrize(
    "name",
    [
        "file:x", "books:2026", "s3:x", "xs3:/x", "memory:", "data:,x", "https:x", "c:books", "a:b", "-x",
        "~x", "~root", "a/~", "file:/x", "./~",
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", [str, Path])
def test_a_relative_path_that_looks_like_an_address(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, kind: Any
) -> None:
    """A name with a colon or ~ in it is a folder of the working folder; nothing is written elsewhere."""
    home = tmp_path / "home"
    work = tmp_path / "work"
    home.mkdir()
    work.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(work)
    if (kind, name) == (Path, "./~"):
        name = "a/./~"  # a Path has no ./ at its beginning
    rf.refresh(api.connections("books"), kind(name), resources=["invoices"])
    assert (work / name / "invoices" / "_delta_log").is_dir()
    assert len([*work.iterdir()]) == 1
    assert [*home.iterdir()] == []
    assert not Path("/x").exists()
    data = rf.Dataset(kind(name))
    assert len(data.load("invoices")) == 3
    monkeypatch.chdir(tmp_path)
    assert len(data.load("invoices")) == 3
    assert [Path(file).is_relative_to(work / name) for file in data.files("invoices")] == [True]


@pytest.mark.parametrize("name", ["~", "~/x9", "~/a/b"])
@pytest.mark.parametrize("kind", [str, Path])
def test_the_home_folder(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, kind: Any
) -> None:
    """A leading ~ is the home folder, once, as in pandas; the working folder gets no folder of that name."""
    home = tmp_path / "home"
    work = tmp_path / "work"
    home.mkdir()
    work.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(work)
    rf.refresh(api.connections("books"), kind(name), resources=["invoices"])
    assert (home / name[2:] / "invoices" / "_delta_log").is_dir()
    assert [*work.iterdir()] == []
    assert len(rf.Dataset(kind(name)).load("invoices")) == 3


def test_the_address_of_a_folder_as_it_is_written(api: Api, tmp_path: Path) -> None:
    """# and ? are part of the folder's name; localhost is this machine; the scheme may be in capitals."""
    for start in ("file://", "FILE://", "file://localhost"):
        rf.refresh(api.connections("books"), f"{start}{tmp_path}/what? #1", resources=["invoices"])
    assert [one.name for one in tmp_path.iterdir()] == ["what? #1"]


def test_the_address_of_another_machines_folder_is_refused(api: Api) -> None:
    """The host of a file:// address is not dropped; there is no request, and nothing is written."""
    for host in ("host", ".", "books"):
        with pytest.raises(
            ValueError, match=rf"A dataset cannot be at 'file://{host}/a/x': '{host}' would be"
        ):
            rf.refresh(api.connections("books"), f"file://{host}/a/x")
    assert api.requests == []


@pytest.mark.parametrize("below", ["", "/x", "/x/y"])
def test_a_file_in_the_way_is_refused(api: Api, tmp_path: Path, below: str) -> None:
    """A path that is a file, or below one, is refused before any request."""
    (tmp_path / "file").write_text("in the way")
    message = rf"The dataset at .*file{below} cannot be used: .*/file is a file"
    for path in (f"{tmp_path}/file{below}", (tmp_path / "file").as_uri() + below):
        with pytest.raises(NotADirectoryError, match=message):
            rf.refresh(api.connections("books"), path)
        with pytest.raises(NotADirectoryError, match=message):
            rf.Dataset(path)
    assert api.requests == []


def test_a_relative_path_in_a_folder_that_deltalake_cannot_write(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole path counts, also the part of it that the working folder is."""
    (tmp_path / "a%20b").mkdir()
    monkeypatch.chdir(tmp_path / "a%20b")
    with pytest.raises(ValueError, match="A dataset cannot be at 'books': its path has '%20'"):
        rf.refresh(api.connections("books"), "books")


IDS = [
    "a/b",
    "x=y",
    "%",
    "a%20b",
    "a b",
    "ü",
    "#",
    "?",
    "a\\b",
    "it's",
    '"',
    "*",
    "a:b",
    "..",
    "a\tb",
    "\n",
    " ",
    "null",
    "1",
]


@pytest.mark.parametrize("connection", IDS)
def test_any_id_is_a_connection(path: Path, connection: str) -> None:
    """An id may have any characters: its rows are stored and read apart from those of others."""
    receipt = {"environment": "demo", "pages": 1, "duplicates_dropped": 0, "rows_refused": 0, "refused": []}
    receipt |= {"started": "a", "finished": "b", "complete": True, "not_offered": []}

    def write(one: str, *rows: str) -> int:
        note = {"connection_id": one, "receipt": {**receipt, "per_connection": {one: {"complete": True}}}}
        return tables.write("accounts", one, lambda stored: merge(stored, *rows), lambda _: note).rows.added

    tables = Tables(path)
    added = [
        write(connection, "a"),
        write("other", "a", "b"),
        write(connection, "a"),
        write(connection, "a", "c"),
    ]
    assert added == [1, 2, 0, 1]
    data = rf.Dataset(path)
    assert data.load("accounts", connections=[connection])["id"].tolist() == ["a", "c"]
    assert data.load("accounts")["connection_id"].value_counts().to_dict() == {connection: 2, "other": 2}
    assert [Path(file).is_file() for file in data.files("accounts")] == [True, True]
    data.compact()
    data.vacuum(keep=timedelta(0))
    assert data.load("accounts", connections=[connection])["id"].tolist() == ["a", "c"]


@pytest.mark.parametrize(
    "content", ["", "\n", "{}\n", "{", "garbage\n", "[]\n", '{"commitInfo":{"time', "\x00\x00\x00\x00\x00"]
)
@pytest.mark.parametrize("version", [1, 2])
def test_a_broken_log_is_an_error(api: Api, path: Path, content: str, version: int) -> None:
    """A commit that is empty or not JSON is refused by every operation that reads or writes the dataset."""
    rf.refresh(api.connections("books", "a/b"), path, resources=["invoices"])
    data = rf.Dataset(path)
    (path / "invoices" / "_delta_log" / f"{version:020}.json").write_text(content)
    requests = len(api.requests)
    message = (
        "^The dataset at .* cannot be used: (?!The dataset)[^<]*\nNext: .*restore the folder from a copy"
    )
    for use in (
        lambda: data.resources,
        lambda: data.load("invoices"),
        lambda: data.versions("invoices"),
        lambda: rf.refresh(api.connections("books"), path, resources=["invoices"]),
    ):
        with pytest.raises(OSError, match=message):
            use()
    assert len(api.requests) == requests
