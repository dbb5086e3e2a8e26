"""Literal frames with the columns of the live dialect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa

PAYMENTS = pd.ArrowDtype(
    pa.list_(
        pa.struct(
            [
                pa.field("id", pa.large_string()),
                pa.field("date", pa.timestamp("us")),
                pa.field("amount", pa.float64()),
                pa.field("kind", pa.large_string()),
            ]
        )
    )
)
_ALLOCATIONS = pd.ArrowDtype(
    pa.list_(
        pa.struct(
            [
                pa.field("id", pa.large_string()),
                pa.field("date", pa.timestamp("us")),
                pa.field("amount", pa.float64()),
            ]
        )
    )
)
#: One payment: its day and its amount.
Payment = tuple[str | None, float | None]


def nested(payments: Sequence[Payment] | None, *, kind: bool = True) -> list[dict[str, Any]] | None:
    """Write payments as the nested rows of a document."""
    if payments is None:
        return None
    rows = [
        {"id": f"p{place}", "date": None if day is None else pd.Timestamp(day), "amount": amount}
        for place, (day, amount) in enumerate(payments)
    ]
    return [{**row, "kind": "payment"} for row in rows] if kind else rows


def live_documents(*documents: Mapping[str, Any], party: str = "customer_id") -> pd.DataFrame:
    """Build live invoices or bills: by default an open one over 100 USD, of May, synchronised on 30 June.

    ``payments`` are pairs of a day and an amount.
    """
    usual = {
        "connection_id": "ledger",
        party: "c",
        "status": "open",
        "amount_due": 100.0,
        "currency": "USD",
        "due_date": "2026-05-31",
        "issue_date": "2026-05-01",
        "total_amount": 100.0,
        "payments": [],
        "payment_terms_id": None,
        "last_synced_at": "2026-06-30T18:00:00Z",
    }
    rows = [{"id": f"i{place}", **usual, **document} for place, document in enumerate(documents)]
    rows = [{**row, "payments": nested(row["payments"])} for row in rows]
    frame = pd.DataFrame(rows, columns=["id", *usual])
    texts = ("id", "connection_id", party, "status", "currency", "payment_terms_id")
    days = dict.fromkeys(("due_date", "issue_date"), "datetime64[us]")
    moments = pd.to_datetime(frame["last_synced_at"], utc=True).astype("datetime64[us, UTC]")
    return frame.assign(
        payments=pd.Series(frame["payments"].tolist(), dtype=PAYMENTS), last_synced_at=moments
    ).astype(dict.fromkeys(texts, "str") | days | {"amount_due": "float64", "total_amount": "float64"})


def live_credit_memos(*memos: Mapping[str, Any], party: str = "customer_id") -> pd.DataFrame:
    """Build live credit memos: by default an open one over 30 USD, of 10 May; ``documents`` are pairs."""
    usual = {
        "connection_id": "ledger",
        party: "c",
        "status": "open",
        "amount": 30.0,
        "remaining_amount": 30.0,
        "currency": "USD",
        "issue_date": "2026-05-10",
        "document_number": None,
        "documents": [],
        "last_synced_at": "2026-06-30T18:00:00Z",
    }
    rows = [{"id": f"m{place}", **usual, **memo} for place, memo in enumerate(memos)]
    rows = [{**row, "documents": nested(row["documents"], kind=False)} for row in rows]
    frame = pd.DataFrame(rows, columns=["id", *usual])
    texts = ("id", "connection_id", party, "status", "currency", "document_number")
    moments = pd.to_datetime(frame["last_synced_at"], utc=True).astype("datetime64[us, UTC]")
    return frame.assign(
        documents=pd.Series(frame["documents"].tolist(), dtype=_ALLOCATIONS), last_synced_at=moments
    ).astype(
        dict.fromkeys(texts, "str")
        | {"issue_date": "datetime64[us]", "amount": "float64", "remaining_amount": "float64"}
    )
