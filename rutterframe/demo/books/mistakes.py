"""Wrong entries in single records: wrong totals, duplicates, missing dates and accounts.

They change what a list shows and never the ledger, and the lists still add up to the ledger: where one order
shows too much, another of the same fortnight and month shows too little.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import islice

from rutterframe.demo.books.collection import Record, Rows
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

#: The changed records of a list, by row.
Changes = dict[int, Record]

#: A due date that was entered with the wrong year.
LONG_AGO = "2020-05-31"
_LATE = 90  # days before the closing date
_PERIOD = 14  # days of sales in one payout


def with_mistakes(connection: str, lists: dict[str, Rows]) -> dict[str, Rows]:
    """Return the lists of a connection with its planted mistakes."""
    return {
        resource: _with_changes(rows, _MISTAKES[connection, resource])
        if (connection, resource) in _MISTAKES
        else rows
        for resource, rows in lists.items()
    }


def _with_changes(rows: Rows, find_changes: Callable[[Rows], Changes]) -> Rows:
    changes: Changes | None = None

    def record(row: int) -> Record:
        nonlocal changes
        if changes is None:
            changes = find_changes(rows)
        return changes[row] if row in changes else rows.record(row)

    return rows._replace(record=record)


def _records(rows: Rows) -> Iterator[tuple[int, Record]]:
    return ((row, rows.record(row)) for row in range(rows.size))


def _matching(rows: Rows, **fields: object) -> Iterator[tuple[int, Record]]:
    return ((row, record) for row, record in _records(rows) if fields.items() <= record.items())


def _period(order: Record) -> tuple[str, int, str]:
    """Return the month, the fortnight of the payout and the currency of an order."""
    day = order["created_at"][:10]
    return day[:7], (parse_day(day) - OPENING) // _PERIOD, order["currency"]


def _wrong_totals(rows: Rows) -> Changes:
    """Show ten times a total in one order and as much less in another; show a total in the next order."""
    groups: dict[tuple[str, int, str], list[int]] = {}
    for row, order in _matching(rows, status="fulfilled"):
        group = groups.setdefault(_period(order), [])
        group.append(row)
        if len(group) < 4:
            continue
        records = [rows.record(member) for member in group]
        totals = [minor(record["total_price"], order["currency"]) for record in records]
        wrong = [10 * totals[0], totals[1] - 9 * totals[0], 0, totals[2] + totals[3]]
        if wrong[1] < 0:
            return {
                member: {**record, "total_price": number(total, order["currency"])}
                for member, record, total in zip(group, records, wrong, strict=True)
            }
        group.clear()
    return {}


def _marketplace_orders(rows: Rows) -> Changes:
    undated = {
        row: {**order, "created_at": None} for row, order in islice(_matching(rows, status="cancelled"), 1)
    }
    return {**_wrong_totals(rows), **undated}


def _shop_orders(rows: Rows) -> Changes:
    """Show an order twice, in place of an equal one of its fortnight, and one updated before its creation."""
    earlier: dict[tuple[str, ...], Record] = {}
    changes: Changes = {}
    guest: tuple[int, Record] | None = None
    for row, order in _matching(rows, status="fulfilled"):
        key = (*map(str, _period(order)), str(order["total_price"]), json.dumps(order["line_items"]))
        if order["customer_id"] is None:
            guest = guest or (row, order)
        elif key in earlier:
            changes[row] = {**earlier[key], "id": order["id"]}
            break
        earlier[key] = order
    if guest:
        row, order = guest
        before = int(parse_moment(order["created_at"])) - 3600
        changes[row] = {**order, "updated_at": moment_text(before)}
    return changes


def _shop_customers(rows: Rows) -> Changes:
    """Enter a customer again, in capitals."""
    original, duplicate = rows.record(4), rows.record(9)
    return {9: {**duplicate, "name": original["name"].upper(), "email": original["email"]}}


def _negative_price(rows: Rows) -> Changes:
    archived = islice(_matching(rows, status="archived"), 1)
    return {row: {**product, "price": -product["price"]} for row, product in archived}


def _no_price(rows: Rows) -> Changes:
    return {row: {**product, "price": 0} for row, product in islice(_matching(rows, status="draft"), 1)}


def _old_invoice(rows: Rows) -> Changes:
    """Set the due date of a long overdue invoice to one of years ago."""
    late = day_text(CLOSING - _LATE)
    overdue = (
        (row, invoice)
        for row, invoice in _matching(rows, status="open")
        if invoice["due_date"] and invoice["due_date"] < late and invoice["amount_due"] > 0
    )
    return {row: {**invoice, "due_date": LONG_AGO} for row, invoice in islice(overdue, 1)}


def _bill_twice(rows: Rows) -> Changes:
    """Show a paid bill with the lines and the due date of the vendor's bill before it."""
    previous: dict[str, Record] = {}
    for row, bill in _matching(rows, status="paid"):
        if bill["vendor_id"] in previous:
            return {row: {**previous[bill["vendor_id"]], "id": bill["id"]}}
        previous[bill["vendor_id"]] = bill
    return {}


def _transactions(rows: Rows) -> Changes:
    """Post a regular cost twice on a day, and remove the date of one posting and the account of another."""
    changes: Changes = {}
    earlier: dict[tuple[object, ...], Record] = {}
    previous: dict[str, tuple[int, Record]] = {}
    for row, posting in _matching(rows, type="expense"):
        account, currency = posting["account_id"], posting["currency"]
        key = (account, posting["amount"], posting["description"])
        if not changes and account in previous:
            previous_row, undated = previous[account]
            total = minor(undated["amount"], currency) + minor(posting["amount"], currency)
            changes[previous_row] = {**undated, "amount": number(total, currency), "date": None}
            changes[row] = {**posting, "amount": 0, "account_id": None}
        elif changes and key in earlier:
            changes[row] = {**posting, "date": earlier[key]["date"]}
            break
        elif changes:
            earlier[key] = posting
        previous[account] = row, posting
    return changes


def _expenses(rows: Rows) -> Changes:
    """Show a refund beside its expense, and remove the date of one expense and the account of another."""
    changes: Changes = {}
    earlier: dict[tuple[object, ...], tuple[int, Record]] = {}
    for row, expense in _records(rows):
        currency = expense["currency"]
        key = (
            expense["account_id"],
            expense["category"],
            expense["description"],
            currency,
            expense["date"][:7],
        )
        if key in earlier:
            earlier_row, larger = earlier[key]
            refund = minor(expense["amount"], currency)
            total = minor(larger["amount"], currency) + 2 * refund
            changes[earlier_row] = {**larger, "amount": number(total, currency)}
            changes[row] = {**expense, "amount": number(-refund, currency)}
            break
        earlier[key] = row, expense
    unchanged = ((row, expense) for row, expense in _records(rows) if row not in changes)
    for (row, expense), field in zip(unchanged, ("date", "account_id"), strict=False):
        changes[row] = {**expense, field: None}
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
