"""Mistakes of entry in single records: wrong totals, twins, what lacks a date or an account.

They change what a list shows, never what the ledger holds, and they are chosen so that the lists still add up
to the ledger: what one order says too much another says too little, in the same fortnight and month.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import islice

from rutterframe.demo.books.anomalies import Record
from rutterframe.demo.books.collection import Rows
from rutterframe.demo.books.units import (
    CLOSING,
    OPENING,
    day_text,
    minor,
    moment_text,
    number,
    parse_day,
    parse_moment,
)

Changes = dict[int, "Record"]

# The day that somebody typed with the wrong year.
LONG_AGO = "2020-05-31"
_LATE = 90
_PERIOD = 14


def with_mistakes(connection: str, lists: dict[str, Rows]) -> dict[str, Rows]:
    """Return the lists of a connection with the mistakes that are planted in it."""
    return {
        resource: _with_changes(rows, _MISTAKES[connection, resource])
        if (connection, resource) in _MISTAKES
        else rows
        for resource, rows in lists.items()
    }


def _with_changes(rows: Rows, choose: Callable[[Rows], Changes]) -> Rows:
    changes: Changes | None = None

    def record(row: int) -> Record:
        nonlocal changes
        if changes is None:
            changes = choose(rows)
        return changes[row] if row in changes else rows.record(row)

    return rows._replace(record=record)


def _records(rows: Rows) -> Iterator[tuple[int, Record]]:
    return ((row, rows.record(row)) for row in range(rows.size))


def _where(rows: Rows, **fields: object) -> Iterator[tuple[int, Record]]:
    return ((row, one) for row, one in _records(rows) if fields.items() <= one.items())


def _period(order: Record) -> tuple[str, int, str]:
    """Return the month, the fortnight of the payout and the currency of an order."""
    day = order["created_at"][:10]
    return day[:7], (parse_day(day) - OPENING) // _PERIOD, order["currency"]


def _wrong_totals(rows: Rows) -> Changes:
    """Write ten times a total, and as much too little; nothing for an order, and its total in another."""
    groups: dict[tuple[str, int, str], list[int]] = {}
    for row, order in _where(rows, status="fulfilled"):
        group = groups.setdefault(_period(order), [])
        group.append(row)
        if len(group) < 4:
            continue
        high, low, none, both = (rows.record(place) for place in group[:4])
        totals = [minor(one["total_price"], order["currency"]) for one in (high, low, none, both)]
        wrong = [10 * totals[0], totals[1] - 9 * totals[0], 0, totals[2] + totals[3]]
        if wrong[1] < 0:
            return {
                place: {**one, "total_price": number(total, order["currency"])}
                for place, one, total in zip(group, (high, low, none, both), wrong, strict=False)
            }
        group.clear()
    return {}


def _marketplace_orders(rows: Rows) -> Changes:
    undated = {
        row: {**order, "created_at": None} for row, order in islice(_where(rows, status="cancelled"), 1)
    }
    return {**_wrong_totals(rows), **undated}


def _shop_orders(rows: Rows) -> Changes:
    """Show an order twice, in place of an equal one of its fortnight, and one updated before it came."""
    seen: dict[tuple[str, ...], Record] = {}
    changes: Changes = {}
    early: tuple[int, Record] | None = None
    for row, order in _where(rows, status="fulfilled"):
        key = (*map(str, _period(order)), str(order["total_price"]), json.dumps(order["line_items"]))
        if order["customer_id"] is None:
            early = early or (row, order)
        elif key in seen:
            changes[row] = {**seen[key], "id": order["id"]}
            break
        seen[key] = order
    if early:
        row, order = early
        before = int(parse_moment(order["created_at"])) - 3600
        changes[row] = {**order, "updated_at": moment_text(before)}
    return changes


def _shop_customers(rows: Rows) -> Changes:
    """Enter a customer again, in capitals."""
    first, again = rows.record(4), rows.record(9)
    return {9: {**again, "name": first["name"].upper(), "email": first["email"]}}


def _negative_price(rows: Rows) -> Changes:
    return {row: {**one, "price": -one["price"]} for row, one in islice(_where(rows, status="archived"), 1)}


def _no_price(rows: Rows) -> Changes:
    return {row: {**one, "price": 0} for row, one in islice(_where(rows, status="draft"), 1)}


def _old_invoice(rows: Rows) -> Changes:
    """Give an invoice that is open for long a due date of years ago."""
    late = day_text(CLOSING - _LATE)
    invoices = (
        (one["due_date"], row, one)
        for row, one in _where(rows, status="open")
        if one["due_date"] and one["due_date"] < late and one["amount_due"] > 0
    )
    return {row: {**one, "due_date": LONG_AGO} for _, row, one in islice(invoices, 1)}


def _bill_twice(rows: Rows) -> Changes:
    """Show a bill that was paid with the lines and the due date of the one before it."""
    before: dict[str, Record] = {}
    for row, bill in _where(rows, status="paid"):
        if bill["vendor_id"] in before:
            return {row: {**before[bill["vendor_id"]], "id": bill["id"]}}
        before[bill["vendor_id"]] = bill
    return {}


def _transactions(rows: Rows) -> Changes:
    """Post a regular cost twice on a day; take a date away, and the account of what another one holds."""
    changes: Changes = {}
    seen: dict[tuple[object, ...], Record] = {}
    first: dict[str, tuple[int, Record]] = {}
    for row, one in _where(rows, type="expense"):
        key, account = (one["account_id"], one["amount"], one["description"]), one["account_id"]
        if not changes and account in first:
            place, other = first[account]
            both = sum(minor(each["amount"], one["currency"]) for each in (other, one))
            changes[place] = {**other, "amount": number(both, one["currency"]), "date": None}
            changes[row] = {**one, "amount": 0, "account_id": None}
        elif changes and key in seen:
            changes[row] = {**one, "date": seen[key]["date"]}
            break
        elif changes:
            seen[key] = one
        first[account] = row, one
    return changes


def _expenses(rows: Rows) -> Changes:
    """Put a refund beside what it refunds; take a date and an account away."""
    changes: Changes = {}
    seen: dict[tuple[object, ...], tuple[int, Record]] = {}
    for row, one in _records(rows):
        key = (one["account_id"], one["category"], one["description"], one["currency"], one["date"][:7])
        if key in seen:
            place, other = seen[key]
            amounts = [minor(each["amount"], one["currency"]) for each in (other, one)]
            changes[place] = {**other, "amount": number(amounts[0] + 2 * amounts[1], one["currency"])}
            changes[row] = {**one, "amount": number(-amounts[1], one["currency"])}
            break
        seen[key] = row, one
    others = ((row, one) for row, one in _records(rows) if row not in changes)
    for (row, one), field in zip(others, ("date", "account_id"), strict=False):
        changes[row] = {**one, field: None}
    return changes


_MISTAKES: dict[tuple[str, str], Callable[[Rows], Changes]] = {
    ("gear-amazon", "orders"): _marketplace_orders,
    ("roaster-shopify", "orders"): _shop_orders,
    ("roaster-shopify", "customers"): _shop_customers,
    ("roaster-shopify", "products"): _negative_price,
    ("gear-shopify", "products"): _no_price,
    ("gear-xero", "invoices"): _old_invoice,
    ("gear-xero", "bills"): _bill_twice,
    ("gear-xero", "transactions"): _transactions,
    ("gear-xero", "expenses"): _expenses,
}
