"""The findings of books: by topic, from what the books hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.findings import findings


class Books:
    """Frames and an as-of date, with the reports that findings read."""

    as_of = "2026-06-30"

    def __init__(self, frames: Mapping[str, pd.DataFrame]) -> None:
        """Hold the frames."""
        self.frames = frames

    def ar_aging(self, **options: Any) -> pd.DataFrame:
        """Return the receivables aging."""
        report: pd.DataFrame = rf.reports.ar_aging(self.frames["invoices"], self.as_of, **options)
        return report

    def ap_aging(self, **options: Any) -> pd.DataFrame:
        """Return the payables aging."""
        report: pd.DataFrame = rf.reports.ap_aging(self.frames["bills"], self.as_of, **options)
        return report

    def open_items(self, documents: str, **options: Any) -> pd.DataFrame:
        """Return the open documents."""
        report: pd.DataFrame = rf.reports.open_items(self.frames[documents], self.as_of, **options)
        return report


INVOICES = pd.DataFrame(
    {"id": ["1"], "customer_id": ["a"], "status": ["open"], "currency": ["EUR"], "amount_due": [5.0],
     "due_date": ["2026-06-01"]}
)  # fmt: skip
BILLS = INVOICES.rename(columns={"customer_id": "vendor_id"})


def test_all_topics_that_the_frames_allow() -> None:
    """Without a topic those are computed that have their resources, in the order of a month end."""
    result = findings(Books({"bills": BILLS}))
    assert list(dict.fromkeys(finding.topic for finding in result)) == ["load", "payables"]


def test_one_topic() -> None:
    """A topic is computed by itself."""
    result = findings(Books({"invoices": INVOICES, "bills": BILLS}), "receivables")
    assert result.sentences == [
        "5.00 EUR of the 5.00 EUR that is owed to us is overdue (100%), all of it by one customer."
    ]


def test_an_unknown_topic_is_refused() -> None:
    """An error lists the topics."""
    with pytest.raises(ValueError, match="topic='tax' is not a topic"):
        findings(Books({}), "tax")
