"""Planted documents take their place among the others, by their day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rutterframe.demo.books.calendar import CLOSING
from rutterframe.demo.books.trade import STATUSES, Deal, Line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rutterframe.demo.books.dirt import Planted
    from rutterframe.demo.books.trade import Trade


class Plants:
    """The documents still to be planted in one side of the trade."""

    def __init__(self, trade: Trade, documents: Sequence[Planted], account: str) -> None:
        self._trade = trade
        self._account = account
        self._waiting = list(reversed(documents))
        for document in documents:
            if document.party not in trade.parties:
                trade.parties.append(document.party)

    def issue_until(self, day: int) -> None:
        """Write the documents whose day has come."""
        while self._waiting and CLOSING - self._waiting[-1].age <= day:
            self._trade.issue(self._deal(self._waiting.pop()))

    def _deal(self, document: Planted) -> Deal:
        day = CLOSING - document.age
        return Deal(
            day=day,
            party=self._trade.parties.index(document.party),
            currency=document.currency,
            lines=[Line(document.text, document.quantity, document.unit)],
            account=self._trade.journal.chart.find(self._account, document.currency),
            due=None if document.terms is None else day + document.terms,
            settled=None if document.paid is None else day + 20,
            share=document.paid or 0,
            status=STATUSES.index(document.status),
            stays_open=True,
        )
