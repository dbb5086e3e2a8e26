"""Addresses of object storage: which are taken, and the text to write instead of the others."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.dataset.locations import root_of
from rutterframe.storage.addresses import is_address, mask_address, parse_address
from rutterframe.views.page import write_page
from rutterframe.views.workbook import write_workbook


@pytest.mark.parametrize(
    ("text", "kind", "store", "key"),
    [
        ("s3://bucket/books", "s3", "s3://bucket", "books"),
        ("S3A://bucket/a b/c@1.csv", "s3", "S3A://bucket", "a b/c@1.csv"),
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
        ("s3://bucket//x", "its path has '//'"),
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


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("s3://AKIA:SEKRET@bucket/books", "s3://***@bucket/books"),
        ("s3://AKIA:SEK/RET@bucket/books", "s3://***@bucket/books"),
        ("s3://SEKRET@bucket/books", "s3://***@bucket/books"),
        ("s3://AKIA:SEKRET/books", "s3://AKIA:***"),
        ("s3://AKIA:SEK?RET@bucket/books", "s3://***@bucket/books"),
        ("s3://bucket/books#SEKRET", "s3://bucket/books#***"),
        ("s3://bucket?token=SEKRET", "s3://bucket?***"),
        ("s3://bucket/x.parquet?X-Amz-Signature=SEKRET", "s3://bucket/x.parquet?***"),
        ("gs://bucket/what?", "gs://bucket/what?***"),
        ("az://c/books.csv?sv=1&sig=SEKRET", "az://c/books.csv?***"),
        ("abfss://c@a.dfs.core.windows.net/b?sig=SEKRET", "abfss://c@a.dfs.core.windows.net/b?***"),
        ("abfss://c:SEKRET@a.dfs.core.windows.net/b", "abfss://***@a.dfs.core.windows.net/b"),
        ("https://a.blob.core.windows.net/c/books?sig=SEKRET", "https://a.blob.core.windows.net/c/books?***"),
        (Path("s3://AKIA:SEKRET@bucket/b"), "s3:/***@bucket/b"),
        (Path("https://a.blob.core.windows.net/c?sig=SEKRET"), "https:/a.blob.core.windows.net/c?***"),
    ],
)
def test_keys_in_an_address(text: str | Path, masked: str) -> None:
    """What may be a key or a signature is refused, and stands in no error and no variable of a traceback."""
    assert str(mask_address(text)) == masked
    frame = pd.DataFrame()
    for action in (
        rf.Dataset,
        rf.open_books,
        lambda path: rf.refresh(["acme"], path, client=rf.demo),
        lambda path: rf.write_frame(frame, path),
        lambda path: write_page(path, {}, title="June"),
        lambda path: write_workbook(path, {}),
        frame.rf.to_excel,
        rf.reports.read_names,
        lambda path: rf.reports.read_rates(path, "USD"),
    ):
        with pytest.raises(ValueError, match=r"is not an address|cannot be used") as error:
            action(text)
        texts = [str(error.value), repr(error.value.__context__)]
        trace = error.value.__traceback__
        while trace is not None:
            if "/rutterframe/" in trace.tb_frame.f_code.co_filename:
                texts.append(repr(trace.tb_frame.f_locals))
            trace = trace.tb_next
        assert not [line for line in texts if re.search("SEK|RET|AKIA(?!:)", line)]
        assert masked in texts[0]


@pytest.mark.parametrize(
    "path", ["books #1?x=1", "a:/b#c", "file:///data/what?#1", Path("x#?y"), "u:p@h", b"s3://b?"]
)
def test_what_is_not_masked(path: object) -> None:
    """A folder of this machine may have any of these characters."""
    assert mask_address(path) is path


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


def test_a_dataset_at_an_address_that_would_be_decoded() -> None:
    """Deltalake reads %XX in the address of a table: it is refused."""
    with pytest.raises(ValueError, match="which deltalake would write as another name"):
        root_of("s3://bucket/a%20b")
