"""Invoices to regular customers, with their own rhythm, currency, terms and payment habits."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from rutterframe.demo.books.anomalies import UNICODE_CUSTOMER, planted
from rutterframe.demo.books.company import Company, Market, Wholesale
from rutterframe.demo.books.documents import DRAFT, OPEN, RECEIVABLES, VOIDED, Deal, Line, Plants, Trade
from rutterframe.demo.books.journal import Journal
from rutterframe.demo.books.names import shop_names
from rutterframe.demo.books.units import CLOSING, OPENING, month_of

_TERMS = (30, 30, 14, 45, 30, 60)


class Habit(NamedTuple):
    """How late a customer pays: so many days after the due date, at the least and at the most."""

    early: int
    late: int
    unpaid: int  # percent of the recent invoices that are simply not paid


_PROMPT, _SLOW, _LATE, _BAD = Habit(-4, 3, 0), Habit(4, 22, 1), Habit(25, 80, 4), Habit(60, 140, 45)
# Out of twenty customers eleven are prompt, and one is trouble.
_HABITS = (_PROMPT,) * 5 + (_SLOW,) * 3 + (_LATE,) + (_PROMPT,) * 6 + (_SLOW,) * 3 + (_LATE, _BAD)


class Customer(NamedTuple):
    """A regular customer."""

    market: Market
    terms: int
    habit: Habit
    cadence: float
    since: int


def growth(company: Company, day: int) -> float:
    """Return how much larger the business is on a day than it was at the beginning."""
    return 1 + company.growth * (day - OPENING) / 365


def workday(day: int) -> int:
    """Return the day, or the Monday after a weekend."""
    return day + max(0, 7 - (day - 1) % 7) if (day - 1) % 7 > 4 else day


def sell(company: Company, seed: int, scale: int, journal: Journal) -> Trade:
    """Write all invoices of a company and post them."""
    random = Random(f"{seed}/{company.slug}/wholesale")
    count = company.wholesale.customers * scale
    customers = [_customer(company.wholesale, number, random) for number in range(count)]
    names = [*shop_names(company.wholesale.kinds, count, random), UNICODE_CUSTOMER]
    trade = Trade(RECEIVABLES, company, journal, names)
    plants = Plants(trade, planted(company.ledger, "invoices"), "Wholesale sales")
    customers.append(
        customers[0]._replace(market=company.wholesale.markets[0])
    )  # the one with the Unicode name
    days = [(day, party) for party, customer in enumerate(customers) for day in _days(customer, random)]
    for day, party in sorted(days):
        plants.issue_until(day)
        trade.issue(_deal(trade, customers[party], day, party, random))
    plants.issue_until(CLOSING)
    return trade


def _customer(business: Wholesale, number: int, random: Random) -> Customer:
    market = random.choices(business.markets, [market.share for market in business.markets])[0]
    joined = 0 if random.random() < 0.7 else random.randrange(540)
    return Customer(
        market=market,
        terms=_TERMS[random.randrange(len(_TERMS))],
        habit=_HABITS[number * 7 % len(_HABITS)],
        cadence=business.cadence * (0.5 + random.random()),
        since=OPENING + joined,
    )


def _days(customer: Customer, random: Random) -> list[int]:
    days = []
    day = customer.since + customer.cadence * random.random()
    while day <= CLOSING:
        days.append(min(workday(int(day)), CLOSING))
        day += customer.cadence * (0.7 + 0.6 * random.random())
    return days


def _deal(trade: Trade, customer: Customer, day: int, party: int, random: Random) -> Deal:
    company = trade.company
    due = day + customer.terms
    status = OPEN
    if CLOSING - day < 6 and random.random() < 0.35:
        status = DRAFT
    elif random.random() < 0.012:
        status = VOIDED
    return Deal(
        day=day,
        party=party,
        currency=customer.market.currency,
        lines=_lines(company, customer, day, random),
        account=trade.journal.chart.find("Wholesale sales", customer.market.currency),
        due=due,
        settled=_paid(customer, day, due, random),
        share=50 if CLOSING - day < 150 and random.random() < 0.03 else 100,
        status=status,
    )


def _lines(company: Company, customer: Customer, day: int, random: Random) -> list[Line]:
    business = company.wholesale
    busy = business.season[month_of(day) - 1] / 100 * growth(company, day)
    lines = []
    for ware in random.sample(business.wares, random.choice((1, 2, 2, 3, 3, 4))):
        quantity = max(1, round((ware.low + (ware.high - ware.low) * random.random() ** 1.6) * busy))
        half = 50 if ware.text.endswith(", kg") and random.random() < 0.2 else 0
        lines.append(Line(ware.text, quantity * 100 + half, ware.price * customer.market.rate // 10_000))
    return lines


def _paid(customer: Customer, day: int, due: int, random: Random) -> int | None:
    if due > CLOSING - 300 and random.random() * 100 < customer.habit.unpaid:
        return None
    return workday(max(day + 1, due + random.randint(customer.habit.early, customer.habit.late)))
