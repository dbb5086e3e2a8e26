"""The receipt: the proof of completeness that travels with a frame."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.demo.faults import Fault
from rutterframe.demo.server import DemoServer
from rutterframe.loaders import receipts

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def test_what_a_receipt_says(server: DemoServer, client: rf.Client) -> None:
    """A receipt is a plain dict with what was loaded, from where, when, and whether it is all there."""
    frame = rf.load_bank_accounts(client.connection("roaster-bank"), progress=False)
    receipt = frame.attrs["receipt"]
    rows = len(server.books.rows("roaster-bank", "bank_accounts"))
    started, finished = receipt.pop("started"), receipt.pop("finished")
    assert TIME.fullmatch(started)
    assert TIME.fullmatch(finished)
    assert started <= finished
    assert receipt == {
        "resource": "bank_accounts",
        "environment": server.url,
        "connections": ["roaster-bank"],
        "pages": 1,
        "rows": rows,
        "duplicates_dropped": 0,
        "rows_refused": 0,
        "refused": [],
        "filters": {},
        "complete": True,
        "errors": {},
        "not_offered": [],
        "per_connection": {
            "roaster-bank": {
                "pages": 1, "rows": rows, "duplicates_dropped": 0, "rows_refused": 0, "complete": True,
            }
        },
    }  # fmt: skip


def test_a_receipt_is_json_without_secrets(server: DemoServer, client: rf.Client) -> None:
    """JSON can hold a receipt, and no secret is in it."""
    server.configure(faults=[Fault("null_row", resource="accounts", page=1)])
    frame = rf.load_accounts(client.connection("gear-xero"), on_invalid="quarantine", progress=False)
    text = json.dumps(frame.attrs["receipt"])
    for secret in (server.client_id, server.client_secret, *server.access_tokens.values()):
        assert secret not in text


def test_only_the_first_hundred_reasons_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many rows are refused, all are counted, and as many reasons as are useful are kept."""
    assert receipts.MOST_REASONS == 100
    monkeypatch.setattr(receipts, "MOST_REASONS", 2)
    with rf.demo(faults=[Fault("null_row", resource="invoices", page=0, times=0)], page_size=100) as demo:
        frame = rf.load_invoices(demo.connection("gear-xero"), on_invalid="quarantine", progress=False)
    receipt = frame.attrs["receipt"]
    assert receipt["rows_refused"] == receipt["pages"] > 2
    assert len(receipt["refused"]) == 2
    assert receipt["environment"] == "demo"


def test_printed(server: DemoServer, client: rf.Client, capsys: pytest.CaptureFixture[str]) -> None:
    """rf.receipt prints a receipt in words."""
    frame = rf.load_bank_accounts(client.connection("roaster-bank"), progress=False)
    frame.attrs["receipt"] |= {"started": "2026-06-30T12:00:00.000Z", "finished": "2026-06-30T12:00:01.000Z"}
    rf.receipt(frame)
    assert (
        capsys.readouterr().out
        == f"""\
bank_accounts from {server.url}: COMPLETE
  rows                {len(frame)}
  pages               1
  duplicates dropped  0
  rows refused        0
  connections         roaster-bank
  filters             -
  started (UTC)       2026-06-30T12:00:00.000Z
  finished (UTC)      2026-06-30T12:00:01.000Z
"""
    )


def test_printed_when_something_is_missing(
    server: DemoServer, client: rf.Client, capsys: pytest.CaptureFixture[str]
) -> None:
    """A receipt that is not complete says so first, and then what is missing."""
    server.configure(faults=[Fault("null_row", resource="customers", page=1)])
    names = ["gear-shopify", "roaster-netsuite-old"]
    frame = rf.load_customers(
        [client.connection(name) for name in names],
        on_invalid="quarantine",
        on_error="report",
        progress=False,
    )
    rf.receipt(frame)
    text = capsys.readouterr().out
    assert ": NOT COMPLETE\n" in text
    assert "  refused             gear-shopify: None, : null instead of a record, got null\n" in text
    assert "  failed              roaster-netsuite-old: The API answered HTTP 403: NEEDS_UPDATE" in text


def test_no_receipt() -> None:
    """A frame that is not from a loader has no receipt, and the error says why it may be gone."""
    with pytest.raises(ValueError, match="This frame carries no receipt: pass the frame as a loader gave it"):
        rf.receipt(pd.DataFrame({"id": ["a"]}))


def test_a_receipt_survives_filtering(client: rf.Client) -> None:
    """Filtering rows carries the receipt along."""
    frame = rf.load_accounts(client.connection("gear-xero"), progress=False)
    assert frame[frame["currency"] == "EUR"].attrs["receipt"]["complete"] is True


def test_the_progress_bar(client: rf.Client, capsys: pytest.CaptureFixture[str]) -> None:
    """The bar counts pages and rows and goes to standard error; progress=False silences it."""
    frame = rf.load_invoices(client.connection("gear-xero"))
    shown = capsys.readouterr()
    assert f"invoices: {frame.attrs['receipt']['pages']} pages" in shown.err
    assert f"{len(frame):,} rows" in shown.err
    assert shown.out == ""
    rf.load_invoices(client.connection("gear-xero"), progress=False)
    assert capsys.readouterr() == ("", "")
