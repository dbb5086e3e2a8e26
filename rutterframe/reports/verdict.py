"""Count how many totals agree with their sources, differ or were not compared, also as a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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


def with_outcome(
    title: str, tie: pd.DataFrame, *, accounts: Sequence[str] = (), notes: Sequence[str] = ()
) -> pd.DataFrame:
    """Put into the notes of a comparison whether it agrees, and why totals were not compared.

    Parameters
    ----------
    title : str
        The name of the comparison, with which each sentence begins.
    tie : DataFrame
        As `tie_out` returns it.
    accounts : sequence of str
        The accounts that were compared: they are found by their names, so a reader must see which they are.
    notes : sequence of str
        More sentences.
    """
    # Without other notes of a tie-out: here its source is a part of a frame on purpose.
    own = [note for note in tie.attrs["notes"] if note.startswith("Not compared")]
    lowered = [f"{title}: {note[0].lower()}{note[1:]}" for note in own]
    tie.attrs["notes"] = [*_outcome(title, tie, accounts), *lowered, *notes]
    return tie


def _outcome(title: str, tie: pd.DataFrame, accounts: Sequence[str]) -> list[str]:
    """Return a sentence on whether the compared totals agree; none if nothing was compared."""
    compared = tie[tie["ok"].notna()]
    if compared.empty:
        return []
    keys = [name for name in (tie.columns[0], "account", "line", "currency") if name in tie]
    rows = compared.loc[~compared["ok"].astype(bool), keys].to_numpy().tolist()
    labels = dict.fromkeys(
        " ".join(str(value) for value in row if not pd.isna(value)) or "no currency" for row in rows
    )
    text = f"{agreement(ok=False)} in {', '.join(labels)}" if labels else agreement(ok=True)
    return [f"{title}: {text} ({', '.join(accounts)})." if accounts else f"{title}: {text}."]
