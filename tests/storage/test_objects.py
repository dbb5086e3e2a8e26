"""Files at an address: every format, and the old object until the new one is complete."""

from __future__ import annotations

import io
import sys
from contextlib import suppress
from typing import Any

import openpyxl
import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.storage import StorageOptions, replace_file, target_exists, wrap_options
from rutterframe.views.page import write_page
from tests.s3_server import S3Server


def content(server: S3Server, address: str) -> bytes:
    """Return the bytes of an object."""
    bucket, _, key = address.removeprefix("s3://").partition("/")
    body: bytes = server.client().get_object(Bucket=bucket, Key=key)["Body"].read()
    return body


def names(server: S3Server, address: str) -> list[str]:
    """Return the names of the objects of a bucket."""
    listed = server.client().list_objects_v2(Bucket=address.removeprefix("s3://"))
    return [one["Key"] for one in listed.get("Contents", [])]


def test_every_file(s3_server: S3Server, s3_bucket: str) -> None:
    """A frame, a workbook and a page at an address are what they are on disk, and replace what was there."""
    frame = pd.DataFrame({"id": ["ü", "=1"], "amount": [1.25, None]})
    for _ in range(2):
        rf.write_frame(frame, f"{s3_bucket}/a b/x@1:%20.csv", escape_formulas=True)
        rf.write_frame(frame, f"{s3_bucket}/x.parquet")
        rf.write_frame(frame, f"{s3_bucket}/x.xlsx")
    rf.write_frame(frame, "x.csv", escape_formulas=True)
    with open("x.csv", "rb") as file:  # noqa: PTH123 - the working folder of the test
        assert content(s3_server, f"{s3_bucket}/a b/x@1:%20.csv") == file.read()
    read = pd.read_parquet(io.BytesIO(content(s3_server, f"{s3_bucket}/x.parquet")))
    pd.testing.assert_frame_equal(read, frame)
    sheet = openpyxl.load_workbook(io.BytesIO(content(s3_server, f"{s3_bucket}/x.xlsx")))["data"]
    assert [[cell.value for cell in row] for row in sheet] == [["id", "amount"], ["ü", 1.25], ["=1", None]]
    write_page(f"{s3_bucket}/x.HTML", {"June": ["All agree."]}, title="June")
    assert b"All agree." in content(s3_server, f"{s3_bucket}/x.HTML")
    assert names(s3_server, s3_bucket) == ["a b/x@1:%20.csv", "x.HTML", "x.parquet", "x.xlsx"]


def test_a_large_file_is_waited_for_longer(s3_bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An upload has the store's own bound on the time of a request, and a question has ten seconds."""
    bounds: list[str | None] = []
    for_address = StorageOptions.for_address

    def record(options: StorageOptions, address: str, *, small: bool = False) -> dict[str, str]:
        result = for_address(options, address, small=small)
        bounds.append(result.get("timeout"))
        return result

    monkeypatch.setattr(StorageOptions, "for_address", record)
    assert not target_exists(f"{s3_bucket}/new.csv")
    with replace_file(f"{s3_bucket}/new.csv") as temporary:
        temporary.write_text("id")
    assert bounds == ["10s", None]


def test_books_and_reports(s3_server: S3Server, s3_bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The workbook and the page of books, and the workbook of a report, go to an address with its options."""
    with rf.demo() as client:
        books = rf.load_books(client.connection("gear-xero"), progress=False)
    for name in s3_server.environment:
        monkeypatch.delenv(name)
    options = s3_server.storage_options
    books.to_excel(f"{s3_bucket}/june.xlsx", storage_options=options)
    books.to_html(f"{s3_bucket}/june.html", storage_options=options)
    books.ar_aging().rf.to_excel(f"{s3_bucket}/aging.xlsx", storage_options=options)
    sheets = [
        openpyxl.load_workbook(io.BytesIO(content(s3_server, f"{s3_bucket}/{name}.xlsx"))).sheetnames
        for name in ("june", "aging")
    ]
    assert [sheet[0] for sheet in sheets] == ["Cover", "Cover"]
    assert content(s3_server, f"{s3_bucket}/june.html").startswith(b"<!DOCTYPE html>")


def test_files_that_are_read(s3_bucket: str) -> None:
    """Rates and names are read from an address as from a file, with the same errors."""
    with replace_file(f"{s3_bucket}/rates.csv") as temporary:
        temporary.write_text("currency,rate,date\nEUR,1.0825,2026-06-30\n", encoding="utf-8-sig")
    assert rf.reports.read_rates(f"{s3_bucket}/rates.csv", "USD")["rate"].tolist() == [1.0825]
    with pytest.raises(ValueError, match=r"^rates\.csv has no column id, name; its header has 'currency'"):
        rf.reports.read_names(f"{s3_bucket}/rates.csv")
    with pytest.raises(ValueError, match=rf"^there is no file '{s3_bucket}/x\.csv': name another"):
        rf.reports.read_names(f"{s3_bucket}/x.csv")


def test_a_write_that_ends_early(s3_server: S3Server, s3_bucket: str) -> None:
    """An error, and Ctrl-C, leave the old object, and no object where there was none."""
    options = StorageOptions()
    with replace_file(f"{s3_bucket}/x.csv", options) as temporary:
        temporary.write_bytes(b"old")
    for kind in (ValueError, KeyboardInterrupt):
        for name in ("x.csv", "y.csv"):
            with suppress(kind), replace_file(f"{s3_bucket}/{name}", options) as temporary:
                temporary.write_bytes(b"new")
                raise kind
            assert not temporary.exists()
    assert content(s3_server, f"{s3_bucket}/x.csv") == b"old"
    assert (target_exists(f"{s3_bucket}/x.csv"), target_exists(f"{s3_bucket}/y.csv")) == (True, False)
    assert names(s3_server, s3_bucket) == ["x.csv"]


def test_an_upload_that_fails(s3_server: S3Server, s3_bucket: str) -> None:
    """An upload that the server refuses midway is a sentence, and leaves the old object."""
    with replace_file(f"{s3_bucket}/x.csv") as temporary:
        temporary.write_bytes(b"old")
    options = {**s3_server.storage_options, "max_retries": "0"}
    s3_server.refuse_parts(s3_bucket)
    with (
        pytest.raises(OSError, match=r"^Cannot write s3://.*/x\.csv: .* cannot answer now \(500 ") as error,
        replace_file(f"{s3_bucket}/x.csv", wrap_options(options)) as temporary,
    ):
        temporary.write_bytes(bytes(20_000_000))
    assert str(error.value).endswith("\nNext: try again later.")
    assert content(s3_server, f"{s3_bucket}/x.csv") == b"old"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "is a folder: name a file in it"),
        ("/", "is a folder: name a file in it"),
        ("/folder/", "is a folder: name a file in it"),
        ("/x.doc", "Cannot write 'x.doc': the ending must be one of .parquet, .csv, .xlsx"),
    ],
)
def test_addresses_that_are_not_of_a_file(s3_bucket: str, name: str, problem: str) -> None:
    """A bucket, a folder and another ending are refused before anything is sent."""
    with pytest.raises(ValueError, match=problem):
        rf.write_frame(pd.DataFrame(), f"{s3_bucket}{name}")


def test_an_address_without_deltalake(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra the error names it."""

    def find_spec(name: str, *_: Any) -> object:
        return None if name == "deltalake" else object()

    monkeypatch.setattr("rutterframe.storage.objects.find_spec", find_spec)
    monkeypatch.setitem(sys.modules, "deltalake", None)
    with pytest.raises(ImportError, match=r'needs deltalake: pip install "rutterframe\[dataset\]"$'):
        rf.write_frame(pd.DataFrame(), "s3://bucket/x.csv")
