"""Bills of vendors with contracts, most of them paid on the due date."""

from __future__ import annotations

from random import Random

from rutterframe.demo.books.anomalies import planted
from rutterframe.demo.books.company import Company, Vendor
from rutterframe.demo.books.documents import DRAFT, OPEN, PAYABLES, VOIDED, Deal, Line, Plants, Trade
from rutterframe.demo.books.invoices import growth, workday
from rutterframe.demo.books.journal import Journal
from rutterframe.demo.books.units import CLOSING, OPENING

_INFLATION = 0.03


def purchase(company: Company, seed: int, scale: int, journal: Journal) -> Trade:
    """Write all bills of a company and post them."""
    random = Random(f"{seed}/{company.slug}/purchasing")
    trade = Trade(PAYABLES, company, journal, [vendor.name for vendor in company.vendors])
    plants = Plants(trade, planted(company.ledger, "bills"), "Other purchases")
    # A larger company has more deliveries, sites and meters with the same vendors, not more vendors.
    days = [
        (day, party)
        for party, vendor in enumerate(company.vendors)
        for day in _apart([day for _ in range(scale) for day in _days(vendor, random)])
    ]
    for day, party in sorted(days):
        plants.issue_until(day)
        trade.issue(_deal(trade, day, party, random))
    plants.issue_until(CLOSING)
    return trade


def _days(vendor: Vendor, random: Random) -> list[int]:
    days = []
    day = OPENING + vendor.cadence * random.random()
    wobble = 0.0 if vendor.cadence == 30 else 0.4
    while day <= CLOSING:
        days.append(min(workday(int(day)), CLOSING))
        day += vendor.cadence * (1 - wobble / 2 + wobble * random.random())
    return days


def _apart(days: list[int]) -> list[int]:
    """Return different days, as far as workdays are left: a vendor bills each site by itself."""
    taken: set[int] = set()
    for day in sorted(days):
        free = day
        while free in taken and workday(free + 1) <= CLOSING:
            free = workday(free + 1)
        taken.add(free)
    return sorted(taken)


def _deal(trade: Trade, day: int, party: int, random: Random) -> Deal:
    vendor = trade.company.vendors[party]
    due = day + vendor.terms
    status = OPEN
    if CLOSING - day < 4 and random.random() < 0.3:
        status = DRAFT
    elif random.random() < 0.01:
        status = VOIDED
    return Deal(
        day=day,
        party=party,
        currency=vendor.currency,
        lines=_lines(trade.company, vendor, day, random),
        account=trade.journal.chart.find(vendor.category, vendor.currency),
        due=due,
        settled=_paid(day, due, random),
        status=status,
    )


def _lines(company: Company, vendor: Vendor, day: int, random: Random) -> list[Line]:
    dearer = 1 + _INFLATION * (day - OPENING) / 365
    lines: list[Line] = []
    for ware in vendor.wares:
        if lines and random.random() < 0.3:
            continue
        quantity = ware.low + (ware.high - ware.low) * random.random()
        if ware.low != ware.high:
            quantity *= growth(company, day)
        lines.append(Line(ware.text, round(quantity) * 100, round(ware.price * dearer)))
    return lines


def _paid(day: int, due: int, random: Random) -> int | None:
    chance = random.random()
    if chance < 0.05 and due > CLOSING - 200:
        return None  # disputed
    if chance < 0.2:
        return workday(due + random.randint(4, 45))
    return workday(max(day + 1, due - random.randint(0, 3)))
