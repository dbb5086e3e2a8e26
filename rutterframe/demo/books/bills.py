"""Bills of vendors with contracts, most of them paid on the due date."""

from __future__ import annotations

from random import Random

from rutterframe.demo.books.anomalies import planted_documents
from rutterframe.demo.books.company import Company, Vendor
from rutterframe.demo.books.documents import (
    DRAFT,
    OPEN,
    PAYABLES,
    VOIDED,
    DocumentTable,
    Line,
    NewDocument,
    PlantedDocuments,
)
from rutterframe.demo.books.journal import Journal
from rutterframe.demo.books.units import CLOSING, OPENING, workday

_INFLATION = 0.03


def write_bills(company: Company, seed: int, scale: int, journal: Journal) -> DocumentTable:
    """Write all bills of a company and post them."""
    random = Random(f"{seed}/{company.slug}/purchasing")
    bills = DocumentTable(PAYABLES, company, journal, [vendor.name for vendor in company.vendors])
    planted = PlantedDocuments(bills, planted_documents(company.ledger, "bills"), "Other purchases")
    # A larger company has more deliveries, sites and meters with the same vendors, not more vendors.
    days = [
        (day, counterparty)
        for counterparty, vendor in enumerate(company.vendors)
        for day in _apart([day for _ in range(scale) for day in _days(vendor, random)])
    ]
    for day, counterparty in sorted(days):
        planted.issue_until(day)
        bills.issue(_document(bills, day, counterparty, random))
    planted.issue_until(CLOSING)
    return bills


def _days(vendor: Vendor, random: Random) -> list[int]:
    days = []
    day = OPENING + vendor.cadence * random.random()
    wobble = 0.0 if vendor.cadence == 30 else 0.4
    while day <= CLOSING:
        days.append(min(workday(int(day)), CLOSING))
        day += vendor.cadence * (1 - wobble / 2 + wobble * random.random())
    return days


def _apart(days: list[int]) -> list[int]:
    """Return different days, as far as workdays are left: a vendor bills each site separately."""
    used: set[int] = set()
    for day in sorted(days):
        free = day
        while free in used and workday(free + 1) <= CLOSING:
            free = workday(free + 1)
        used.add(free)
    return sorted(used)


def _document(bills: DocumentTable, day: int, counterparty: int, random: Random) -> NewDocument:
    vendor = bills.company.vendors[counterparty]
    due = day + vendor.terms
    status = OPEN
    if CLOSING - day < 4 and random.random() < 0.3:
        status = DRAFT
    elif random.random() < 0.01:
        status = VOIDED
    return NewDocument(
        day=day,
        counterparty=counterparty,
        currency=vendor.currency,
        lines=_lines(bills.company, vendor, day, random),
        account=bills.journal.chart.find(vendor.category, vendor.currency),
        due=due,
        payment_day=_payment_day(day, due, random),
        status=status,
    )


def _lines(company: Company, vendor: Vendor, day: int, random: Random) -> list[Line]:
    inflation = 1 + _INFLATION * (day - OPENING) / 365
    lines: list[Line] = []
    for item in vendor.items:
        if lines and random.random() < 0.3:
            continue
        quantity = item.low + (item.high - item.low) * random.random()
        if item.low != item.high:
            quantity *= company.size_on(day)
        lines.append(Line(item.text, round(quantity) * 100, round(item.price * inflation)))
    return lines


def _payment_day(day: int, due: int, random: Random) -> int | None:
    chance = random.random()
    if chance < 0.05 and due > CLOSING - 200:
        return None  # disputed
    if chance < 0.2:
        return workday(due + random.randint(4, 45))
    return workday(max(day + 1, due - random.randint(0, 3)))
