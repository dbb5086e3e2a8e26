"""A list in chunks: the same rows as the loader's, a few at a time."""

from __future__ import annotations

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.demo.faults import Fault
from rutterframe.demo.server import DemoServer
from rutterframe.loaders import list_load
from rutterframe.models import RESOURCES

BOOKS = "roaster-quickbooks"


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Decode page by page, so that chunks and batches begin at different rows."""
    monkeypatch.setattr(list_load, "BYTES_PER_BATCH", 1)


@pytest.mark.parametrize("rows", [1, 49, 50, 51, 542, 100_000])
def test_the_chunks_are_the_loaders_frame(client: rf.Client, rows: int) -> None:
    """The chunks together are the frame of the loader: every row once, in order, the same dtypes."""
    books = client.connection(BOOKS)
    whole = rf.load_invoices(books, progress=False)
    chunks = list(rf.iter_frames(books, "invoices", chunksize=rows))
    assert [len(chunk) for chunk in chunks] == [rows] * ((len(whole) - 1) // rows) + [
        (len(whole) - 1) % rows + 1
    ]
    pd.testing.assert_frame_equal(pd.concat(chunks, ignore_index=True), whole)


@pytest.mark.parametrize("resource", RESOURCES)
def test_nothing_is_one_empty_frame(client: rf.Client, resource: str) -> None:
    """A list without rows yields one frame without rows, with the loader's columns and dtypes."""
    name = "roaster-bank" if resource not in {"bank_accounts", "transactions"} else "roaster-google-ads"
    (chunk,) = rf.iter_frames(client.connection(name), resource)
    whole = rf.load_all(client.connection(BOOKS), progress=False)[resource]
    assert len(chunk) == 0
    pd.testing.assert_series_equal(chunk.dtypes, whole.dtypes)
    assert chunk.attrs["receipt"]["complete"] is True


def test_only_the_last_receipt_is_complete(client: rf.Client) -> None:
    """The receipt counts the rows until now, and is complete on the last chunk alone."""
    receipts = [
        chunk.attrs["receipt"]
        for chunk in rf.iter_frames(client.connection(BOOKS), "invoices", chunksize=300)
    ]
    assert [(one["rows"], one["complete"]) for one in receipts] == [(300, False), (542, True)]
    own = receipts[1]["per_connection"][BOOKS]
    assert (own["rows"], own["pages"], own["complete"]) == (542, 11, True)


def test_a_row_that_moves_is_in_a_later_chunk_again(server: DemoServer, client: rf.Client) -> None:
    """Of the same id the later row counts: with drop_duplicates the chunks are the loader's rows."""
    server.configure(faults=[Fault("moved_row", resource="invoices", page=2)])
    books = client.connection(BOOKS)
    chunks = pd.concat(rf.iter_frames(books, "invoices", chunksize=50), ignore_index=True)
    assert len(chunks) == 543
    assert chunks["id"].nunique() == 542


def test_filters_and_quarantine(server: DemoServer, client: rf.Client) -> None:
    """Filters are sent along, and refused rows are counted and explained."""
    shop = client.connection("roaster-shopify")
    since = "2026-06-20T00:00:00Z"
    whole = rf.load_orders(shop, updated_at_min=since, progress=False)
    frame = pd.concat(rf.iter_frames(shop, "orders", chunksize=40, updated_at_min=since), ignore_index=True)
    pd.testing.assert_frame_equal(frame, whole)
    server.configure(faults=[Fault("null_row", resource="accounts", times=0)])
    books = client.connection(BOOKS)
    with pytest.raises(rf.InvalidRows):
        list(rf.iter_frames(books, "accounts"))
    (chunk,) = rf.iter_frames(books, "accounts", on_invalid="quarantine")
    assert (chunk.attrs["receipt"]["rows_refused"], chunk.attrs["receipt"]["complete"]) == (1, False)


def test_an_error_says_where(server: DemoServer, client: rf.Client) -> None:
    """A page that cannot be read ends the chunks with the loader's error; the chunks before stay valid."""
    server.configure(faults=[Fault("500", resource="invoices", page=3, times=0)])
    chunks = rf.iter_frames(client.connection(BOOKS), "invoices", chunksize=50)
    assert len(next(chunks)) == 50
    with pytest.raises(rf.ServerError) as error:
        list(chunks)
    context = error.value.context
    assert (context.connection_id, context.resource, context.pages) == (BOOKS, "invoices", 2)


def test_invalid_arguments(client: rf.Client) -> None:
    """A chunk of no rows, and a resource that does not exist, are refused before anything is sent."""
    books = client.connection(BOOKS)
    with pytest.raises(ValueError, match="chunksize=0: a chunk has at least one row"):
        rf.iter_frames(books, "invoices", chunksize=0)
    with pytest.raises(ValueError, match="There is no resource 'invoice'"):
        rf.iter_frames(books, "invoice")
    with pytest.raises(rf.InvalidFilter):
        rf.iter_frames(books, "invoices", updated_at_min="2026-01-01T00:00:00Z")


def test_what_a_chunk_says_of_itself(client: rf.Client) -> None:
    """The receipt of a chunk is that of all until then, says that it is one, and a report notes it."""
    connection = client.connection("roaster-bank")
    first, last = rf.iter_frames(connection, "bank_accounts", chunksize=2)
    assert (len(first), len(last)) == (2, 1)
    receipt = rf.receipt(last)
    assert receipt is last.attrs["receipt"]
    assert (receipt["complete"], receipt["rows"], receipt["rows_in_chunk"]) == (True, 3, 1)
    assert str(receipt).splitlines()[0].endswith(": a chunk of 1 rows; all chunks until then: COMPLETE")
    assert rf.receipt(first)["complete"] is False
    notes = [rf.reports.cash_position(chunk).attrs["notes"] for chunk in (first, last)]
    assert "bank_accounts: a chunk of 2 of the 2 rows loaded until then." in notes[0]
    assert "bank_accounts: a chunk of 1 of the 3 rows loaded until then." in notes[1]
    assert "1 of the 2 rows loaded" in str(rf.receipt(first.head(1)))
    (whole,) = rf.iter_frames(connection, "bank_accounts")
    assert "rows_in_chunk" not in rf.receipt(whole)
