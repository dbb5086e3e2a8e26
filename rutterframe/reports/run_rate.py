"""The usual weekly flows of bank accounts that no open document announces."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from fractions import Fraction

from rutterframe.currency import minor_units
from rutterframe.reports.businesses import Businesses
from rutterframe.reports.engine.frame import Native, nulls_last
from rutterframe.reports.engine.ticks import format_amounts
from rutterframe.reports.transfers import flagged_postings

#: The weeks that the usual flows are averaged over, if transactions go back so far.
WEEKS = 13

#: Ticks of each currency and week.
Flows = Counter[tuple[str | None, int]]

_SIDES = {"in": 1, "out": -1}


def evenly(amount: int, weeks: int, currency: str | None, scale: int) -> list[int]:
    """Spread ticks over weeks in whole minor units of the currency; the first weeks have the remaining units.

    A remainder of less than a minor unit is in the first week.

    Examples
    --------
    >>> evenly(1_000_000, 3, "USD", 10_000), evenly(-1_000_000, 3, "JPY", 10_000)
    ([333400, 333300, 333300], [-340000, -330000, -330000])
    """
    unit = scale // 10 ** minor_units(currency or "")
    whole, rest = divmod(abs(amount), unit)
    share, left = divmod(whole, weeks)
    parts = [(share + (week < left)) * unit for week in range(weeks)]
    parts[0] += rest
    return [-part if amount < 0 else part for part in parts]


def usual_flows(
    bank_accounts: Native,
    transactions: Native,
    day: datetime,
    announced: Iterable[Flows],
    *,
    weeks: int,
    scale: int,
    businesses: Businesses | None = None,
) -> tuple[Flows, list[str]]:
    """Spread the usual flows over the weeks, in and out each, less those that open documents announce.

    Parameters
    ----------
    bank_accounts, transactions : DataFrame
        As for `cash_history`.
    day : datetime
        The last day that counts as past.
    announced : iterable of Counter
        The flows that documents announce, by currency and week, in ticks: receipts, and negative payments.
    weeks : int
        How many weeks there are.
    scale : int
        How many ticks one major unit has in ``announced`` and in the result.
    businesses : mapping of str to list of str, optional
        As for `transfers`, which are left out.
    """
    postings, is_transfer, _ = flagged_postings(bank_accounts, transactions, businesses)
    past = (postings.day > 0) & (postings.day <= day.toordinal())
    receipts, payments = (_by_currency(flows) for flows in announced)
    flows: Flows = Counter()
    notes = list(postings.notes)
    for currency in sorted({account.currency for account in postings.accounts}, key=nulls_last):
        own = past & postings.in_currency(currency)
        if not own.any():
            notes.append(f"Usual flows of {currency or 'no currency'}: no transactions, so none are added.")
            continue
        number = min(WEEKS, -(-(day.toordinal() - int(postings.day[own].min()) + 1) // 7))
        own &= ~is_transfer & (postings.day > day.toordinal() - 7 * number)
        texts = []
        for (side, sign), due in zip(_SIDES.items(), (receipts, payments), strict=True):
            total = int(postings.amount[own & (postings.amount * sign > 0)].sum())
            usual = _whole(Fraction(total * weeks * scale, number * postings.scale), currency, scale)
            known = due[currency] if due[currency] * sign > 0 else 0
            added = _whole(usual - known, currency, scale) if (usual - known) * sign > 0 else 0
            for week, part in enumerate(evenly(added, weeks, currency, scale), start=1):
                flows[currency, week] += part
            each = (round(Fraction(amount, weeks)) for amount in (usual, known))
            average, document = (format_amounts({currency: _whole(a, currency, scale)}, scale) for a in each)
            texts.append(f"{average} {side}, of which open documents announce {document}")
        notes.append(
            f"Usual flows are those of the last {number} weeks without transfers between own accounts, "
            f"a week {'; '.join(texts)}; the rest is added to every week."
        )
    return flows, notes


def _by_currency(flows: Mapping[tuple[str | None, int], int]) -> Counter[str | None]:
    """Add up the weeks."""
    sums: Counter[str | None] = Counter()
    for (currency, _), amount in flows.items():
        sums[currency] += amount
    return sums


def _whole(amount: int | Fraction, currency: str | None, scale: int) -> int:
    """Round ticks to the currency's minor unit, half to even."""
    unit: int = scale // 10 ** minor_units(currency or "")
    return round(Fraction(amount) / unit) * unit
