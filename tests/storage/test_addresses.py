"""Addresses of object storage: which are taken, and the text to write instead of the others."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.dataset.locations import root_of
from rutterframe.storage.addresses import is_address, parse_address


@pytest.mark.parametrize(
    ("text", "kind", "store", "key"),
    [
        ("s3://bucket/books", "s3", "s3://bucket", "books"),
        ("S3A://bucket/a b/c#1?.csv", "s3", "S3A://bucket", "a b/c#1?.csv"),
        ("gs://my.bucket", "gs", "gs://my.bucket", ""),
        ("az://container/x", "az", "az://container", "x"),
        ("abfss://c@account.dfs.core.windows.net/x", "az", "abfss://c@account.dfs.core.windows.net", "x"),
    ],
)
def test_the_parts_of_an_address(text: str, kind: str, store: str, key: str) -> None:
    """An address is the bucket and the name of an object in it, which is taken as it is."""
    address = parse_address(text)
    assert is_address(text)
    assert (address.kind, address.store, address.key) == (kind, store, key)


@pytest.mark.parametrize("path", ["books", "s3:x", "C:\\x", Path("a/b"), "file:///x", "FILE:///x", 1])
def test_what_is_not_an_address(path: object) -> None:
    """A path, a Path, and a file:// address are of this machine."""
    assert not is_address(path)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "https://bucket.s3.amazonaws.com/x",
            "is not an address of object storage: expected one such as 's3://",
        ),
        ("s3://", "it names no bucket"),
        ("s3:///x", "it names no bucket"),
        ("s3://my bucket/x", "'my bucket' is not the name of a bucket"),
        ("s3://bucket:9000/x", "'bucket:9000' is not the name of a bucket"),
        ("s3://bucket/a//b", "its path has '//'"),
        ("s3://bucket/a/../b", "its path has '/..'"),
        ("s3://bucket/a\n", "its path has '\\n'"),
    ],
)
def test_refused_addresses(text: str, problem: str) -> None:
    """The error names what is wrong with an address; deltalake would panic, or write to another one."""
    with pytest.raises(ValueError, match=r"(is not an address|cannot be used)") as error:
        parse_address(text)
    assert problem in str(error.value)
    assert text in str(error.value) or repr(text) in str(error.value)


def test_keys_in_an_address() -> None:
    """Keys in an address are refused and not repeated."""
    with pytest.raises(ValueError, match="has keys in it") as error:
        rf.Dataset("s3://AKIA:the-secret@bucket/books")
    assert "the-secret" not in str(error.value)
    assert "AKIA" not in str(error.value)


@pytest.mark.parametrize("scheme", ["s3", "gs", "az", "abfss", "S3"])
def test_an_address_as_a_path(scheme: str) -> None:
    """Pathlib changes an address; each function that takes one names the text to write."""
    path = Path(f"{scheme}://bucket/x.csv")
    message = (
        rf"'{scheme}:/bucket/x.csv' is not an address, since pathlib.Path writes '//' as '/': write the text "
        rf"'{scheme}://bucket/x.csv'"
    )
    for action in (lambda: root_of(path), lambda: rf.write_frame(pd.DataFrame(), path)):
        with pytest.raises(ValueError, match=message):
            action()
    with pytest.raises(ValueError, match="since it has one '/' too few: write the text 's3://bucket/x'"):
        root_of("s3:/bucket/x")


@pytest.mark.parametrize("text", ["s3://bucket/books #1", "s3://bucket/what?", "s3://bucket/a%20b"])
def test_a_dataset_at_an_address_that_would_be_cut(text: str) -> None:
    """Deltalake drops what follows # and ? in the address of a table, and reads %XX: they are refused."""
    with pytest.raises(ValueError, match="which deltalake would write as another name"):
        root_of(text)
