"""Count how many totals agree with their sources, differ from them or were not compared; say so in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import pandas as pd


class Verdict(NamedTuple):
    """How many totals agree with their sources, differ from them, and were not compared.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> cash = pd.DataFrame({"currency": ["USD", "EUR"], "balance": [1.0, 2.0]})
    >>> verdict = Verdict.of([rf.reports.tie_out(cash, cash)])
    >>> verdict
    Verdict(agree=2, differ=0, not_compared=0)
    >>> verdict.sentence
    'All 2 totals agree.'
    """

    agree: int
    differ: int
    not_compared: int

    @classmethod
    def of(cls, ties: Iterable[pd.DataFrame]) -> Verdict:
        """Count the rows of comparisons on pandas, as `tie_out` returns them."""
        flags = [None if pd.isna(ok) else bool(ok) for tie in ties for ok in tie["ok"].tolist()]
        return cls(flags.count(True), flags.count(False), flags.count(None))

    @property
    def passed(self) -> bool:
        """Whether something was compared and nothing differs."""
        return self.agree > 0 and self.differ == 0

    @property
    def sentence(self) -> str:
        """The three counts, in a sentence for a reader."""
        agree, differ, left = self
        total = agree + differ
        if not total:
            rest = f": {left:,} {'total' if left == 1 else 'totals'} not compared" if left else ""
            return f"Nothing was compared with its source{rest}."
        text = f"All {total:,} totals agree"
        if differ:
            text = f"{differ:,} of {total:,} totals DIFFER, {agree:,} {'agrees' if agree == 1 else 'agree'}"
        return f"{text}, {left:,} not compared." if left else f"{text}."


def agreement(ok: Any) -> str:
    """Return how one total compares, from the column ``ok``: null is neither agreement nor difference.

    Examples
    --------
    >>> agreement(True), agreement(False), agreement(None)
    ('agrees', 'DIFFERS', 'not compared')
    """
    return "not compared" if pd.isna(ok) else "agrees" if ok else "DIFFERS"
