"""The findings of books: by topic, from what the books hold."""

from __future__ import annotations

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.findings import findings


def books_of(frames: dict[str, pd.DataFrame]) -> rf.Books:
    """Return books as of the end of June."""
    return rf.Books(frames, "2026-06-30")


INVOICES = pd.DataFrame(
    {"id": ["1"], "customer_id": ["a"], "status": ["open"], "currency": ["EUR"], "amount_due": [5.0],
     "due_date": ["2026-06-01"]}
)  # fmt: skip
BILLS = INVOICES.rename(columns={"customer_id": "vendor_id"})


def test_all_topics_that_the_frames_allow() -> None:
    """Without a topic those are computed that have their resources, in the order of a month end."""
    result = findings(books_of({"bills": BILLS}))
    assert list(dict.fromkeys(finding.topic for finding in result)) == ["load", "payables"]


def test_one_topic() -> None:
    """A topic is computed by itself."""
    result = findings(books_of({"invoices": INVOICES, "bills": BILLS}), "receivables")
    assert result.sentences == [
        "5.00 EUR of the 5.00 EUR that is owed to us is overdue (100%), all of it by one customer."
    ]


def test_an_unknown_topic_is_refused() -> None:
    """An error lists the topics."""
    with pytest.raises(ValueError, match="topic='tax' is not a topic"):
        findings(books_of({"bills": BILLS}), "tax")


def test_a_topic_that_cannot_be_computed_keeps_the_others() -> None:
    """Without a topic, one that fails states its reason, and the others are there; by itself it raises."""
    with rf.demo() as client:
        books = rf.load_books(client, as_of="2026-01-31", progress=False)
    result = findings(books)
    (reason,) = result.about("businesses").sentences
    assert reason.startswith("Not computed: rates has no rate up to 2026-01-31 for ")
    assert len(result.about("receivables")) > 0
    with pytest.raises(ValueError, match="rates has no rate up to 2026-01-31"):
        findings(books, "businesses")
