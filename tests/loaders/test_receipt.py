"""The receipt: the proof of completeness that travels with a frame."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import Any

import pytest

import rutterframe as rf
from rutterframe.demo.faults import Fault
from rutterframe.demo.server import DemoServer
from rutterframe.loaders import receipts


def test_the_content_of_a_receipt(
    server: DemoServer, client: rf.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A receipt states what was loaded, from where, when, and whether it is complete."""
    ticking = iter(range(10))

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Clock:
            return cls(2026, 6, 30, 12, 0, next(ticking), 7999, tzinfo=tz)

    monkeypatch.setattr(sys.modules["rutterframe.loaders.job"], "datetime", Clock)
    monkeypatch.setattr(receipts, "datetime", Clock)
    server.configure(
        page_size=2, faults=[Fault("null_row", resource="bank_accounts", page=2, connection="gear-bank")]
    )
    frame = rf.load_bank_accounts(
        [client.connection("roaster-bank"), client.connection("gear-bank")],
        on_invalid="quarantine",
        progress=False,
    )
    receipt = rf.receipt(frame)
    refused = {
        "connection_id": "gear-bank", "record_id": None, "field": "",
        "reason": "null instead of a record, got null",
    }  # fmt: skip
    assert receipt == {
        "resource": "bank_accounts",
        "environment": server.url,
        "connections": ["roaster-bank", "gear-bank"],
        "pages": 5,
        "rows": 8,
        "duplicates_dropped": 0,
        "rows_refused": 1,
        "refused": [refused],
        "started": "2026-06-30T12:00:00.007Z",
        "finished": "2026-06-30T12:00:01.007Z",
        "filters": {},
        "complete": False,
        "errors": {},
        "not_offered": [],
        "per_connection": {
            "roaster-bank": {
                "pages": 2, "rows": 3, "duplicates_dropped": 0, "rows_refused": 0, "complete": True,
            },
            "gear-bank": {
                "pages": 3, "rows": 5, "duplicates_dropped": 0, "rows_refused": 1, "complete": False,
            },
        },
    }  # fmt: skip


def test_duplicates_are_counted_where_they_came(server: DemoServer, client: rf.Client) -> None:
    """A row that came twice is counted as dropped, for its own connection."""
    server.configure(
        page_size=20, faults=[Fault("moved_row", resource="bills", page=2, connection="gear-xero")]
    )
    names = ["roaster-quickbooks", "gear-xero"]
    receipt = rf.receipt(rf.load_bills([client.connection(name) for name in names], progress=False))
    assert (receipt["duplicates_dropped"], receipt["complete"]) == (1, True)
    assert [receipt["per_connection"][name]["duplicates_dropped"] for name in names] == [0, 1]
    assert receipt["rows"] == sum(len(server.books.rows(name, "bills")) for name in names)


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


def test_the_text_when_something_is_missing(server: DemoServer, client: rf.Client) -> None:
    """A receipt that is not complete says so first, and then what is missing."""
    server.configure(faults=[Fault("null_row", resource="customers", page=1)])
    names = ["gear-shopify", "roaster-netsuite-old"]
    frame = rf.load_customers(
        [client.connection(name) for name in names],
        on_invalid="quarantine",
        on_error="skip",
        progress=False,
    )
    text = f"{rf.receipt(frame)}\n"
    assert ": NOT COMPLETE\n" in text
    assert "  refused             gear-shopify: None, : null instead of a record, got null\n" in text
    assert "  failed              roaster-netsuite-old: The API answered HTTP 403: NEEDS_UPDATE" in text
