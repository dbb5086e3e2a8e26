"""Invoices to regular customers, with their own rhythm, currency, terms and payment habits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from rutterframe.demo.books.anomalies import planted_documents
from rutterframe.demo.books.company import Company, Market, Wholesale
from rutterframe.demo.books.conditions import UNICODE_CUSTOMER
from rutterframe.demo.books.documents import (
    DRAFT,
    OPEN,
    RECEIVABLES,
    VOIDED,
    DocumentTable,
    Line,
    NewDocument,
    PlantedDocuments,
)
from rutterframe.demo.books.journal import Journal
from rutterframe.demo.books.names import shop_names
from rutterframe.demo.books.units import CLOSING, OPENING, month_of, workday

_TERMS = (30, 30, 14, 45, 30, 60)


@dataclass(frozen=True, slots=True)
class PaymentHabit:
    """How late a customer pays.

    Attributes
    ----------
    early, late : int
        Days after the due date, at the least and at the most; negative before it.
    unpaid : int
        Percent of the recent invoices that are not paid at all.
    """

    early: int
    late: int
    unpaid: int


_PROMPT, _SLOW, _LATE, _BAD = (
    PaymentHabit(-4, 3, 0),
    PaymentHabit(4, 22, 1),
    PaymentHabit(25, 80, 4),
    PaymentHabit(60, 140, 45),
)
# Of twenty customers eleven pay promptly, and one hardly ever.
_HABITS = (_PROMPT,) * 5 + (_SLOW,) * 3 + (_LATE,) + (_PROMPT,) * 6 + (_SLOW,) * 3 + (_LATE, _BAD)


@dataclass(frozen=True, slots=True)
class Customer:
    """A regular customer.

    Attributes
    ----------
    market : Market
        The currency of the invoices.
    terms : int
        Days until an invoice is due.
    habit : PaymentHabit
        How late the customer pays.
    cadence : float
        Days between two invoices.
    since : int
        The first day.
    """

    market: Market
    terms: int
    habit: PaymentHabit
    cadence: float
    since: int


def write_invoices(company: Company, seed: int, scale: int, journal: Journal) -> DocumentTable:
    """Write all invoices of a company, and post them."""
    random = Random(f"{seed}/{company.slug}/wholesale")
    count = company.wholesale.customers * scale
    customers = [_customer(company.wholesale, number, random) for number in range(count)]
    names = [*shop_names(company.wholesale.kinds, count, random), UNICODE_CUSTOMER]
    invoices = DocumentTable(RECEIVABLES, company, journal, names)
    planted = PlantedDocuments(invoices, planted_documents(company.ledger, "invoices"), "Wholesale sales")
    # The customer with the Unicode name.
    customers.append(replace(customers[0], market=company.wholesale.markets[0]))
    days = [
        (day, counterparty)
        for counterparty, customer in enumerate(customers)
        for day in _days(customer, random)
    ]
    for day, counterparty in sorted(days):
        planted.issue_until(day)
        invoices.issue(_document(invoices, customers[counterparty], day, counterparty, random))
    planted.issue_until(CLOSING)
    return invoices


def _customer(business: Wholesale, number: int, random: Random) -> Customer:
    market = random.choices(business.markets, [market.share for market in business.markets])[0]
    first_day = 0 if random.random() < 0.7 else random.randrange(540)
    return Customer(
        market=market,
        terms=_TERMS[random.randrange(len(_TERMS))],
        habit=_HABITS[number * 7 % len(_HABITS)],
        cadence=business.cadence * (0.5 + random.random()),
        since=OPENING + first_day,
    )


def _days(customer: Customer, random: Random) -> list[int]:
    days = []
    day = customer.since + customer.cadence * random.random()
    while day <= CLOSING:
        days.append(min(workday(int(day)), CLOSING))
        day += customer.cadence * (0.7 + 0.6 * random.random())
    return days


def _document(
    invoices: DocumentTable, customer: Customer, day: int, counterparty: int, random: Random
) -> NewDocument:
    company = invoices.company
    due = day + customer.terms
    status = OPEN
    if CLOSING - day < 6 and random.random() < 0.35:
        status = DRAFT
    elif random.random() < 0.012:
        status = VOIDED
    return NewDocument(
        day=day,
        counterparty=counterparty,
        currency=customer.market.currency,
        lines=_lines(company, customer, day, random),
        account=invoices.journal.chart.find("Wholesale sales", customer.market.currency),
        due=due,
        payment_day=_payment_day(customer, day, due, random),
        share=50 if CLOSING - day < 150 and random.random() < 0.03 else 100,
        status=status,
    )


def _lines(company: Company, customer: Customer, day: int, random: Random) -> list[Line]:
    business = company.wholesale
    demand = business.season[month_of(day) - 1] / 100 * company.size_on(day)
    lines = []
    for item in random.sample(business.items, random.choice((1, 2, 2, 3, 3, 4))):
        quantity = max(1, round((item.low + (item.high - item.low) * random.random() ** 1.6) * demand))
        half = 50 if item.text.endswith(", kg") and random.random() < 0.2 else 0
        lines.append(Line(item.text, quantity * 100 + half, item.price * customer.market.rate // 10_000))
    return lines


def _payment_day(customer: Customer, day: int, due: int, random: Random) -> int | None:
    if due > CLOSING - 300 and random.random() * 100 < customer.habit.unpaid:
        return None
    return workday(max(day + 1, due + random.randint(customer.habit.early, customer.habit.late)))
