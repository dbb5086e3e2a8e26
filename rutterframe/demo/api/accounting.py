"""Endpoints that create invoices and bills, and post them to the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from rutterframe.demo.api.bodies import BILL, INVOICE, Schema, invalid, parse_body
from rutterframe.demo.api.responses import ApiError
from rutterframe.demo.api.service import Call
from rutterframe.demo.books.business import Business
from rutterframe.demo.books.collection import Record
from rutterframe.demo.books.units import day_of, day_text, minor, number


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """What is different between invoices and bills."""

    schema: Schema
    counterparty: str
    control_account: str
    result_account: str
    name: str


INVOICES = DocumentKind(INVOICE, "customer_id", "Accounts Receivable", "Wholesale sales", "invoice")
BILLS = DocumentKind(BILL, "vendor_id", "Accounts Payable", "Other purchases", "bill")


def create_invoice(call: Call) -> Record:
    """Create an invoice, or return the one that its Idempotency-Key has created before."""
    body = parse_body(call.body, INVOICE)
    if call.idempotency_key is None:
        return write_document(call, body, INVOICES)
    known = call.service.idempotent.get((call.connection, call.idempotency_key))
    if known is None:
        record = write_document(call, body, INVOICES)
        call.service.idempotent[call.connection, call.idempotency_key] = body, record
        return record
    if known[0] != body:
        raise ApiError(409, "IDEMPOTENCY_CONFLICT", "Idempotency-Key: was used before with another body")
    return known[1]


def create_bill(call: Call) -> Record:
    """Create a bill."""
    return write_document(call, parse_body(call.body, BILL), BILLS)


def write_document(call: Call, body: dict[str, Any], kind: DocumentKind, *, status: str = "open") -> Record:
    """Write a document, and post it unless it is a draft.

    Parameters
    ----------
    call : Call
        The request.
    body : dict
        The checked body, as the contract spells it.
    kind : DocumentKind
        `INVOICES` or `BILLS`.
    status : str
        "open" or "draft".
    """
    business = _ledger_of(call)
    currency = _currency(body, business)
    _check_counterparty(call, body, kind)
    lines = [document_line(line, currency) for line in body["line_items"]]
    total = sum(minor(line["total_amount"], currency) for line in lines)
    documents = call.service.books.collection(call.connection, call.resource)
    record = {
        "id": documents.next_id(),
        kind.counterparty: body[kind.counterparty],
        "status": status,
        "amount_due": number(total, currency),
        "currency": currency,
        "due_date": body.get("due_date"),
        "line_items": lines,
    }
    instant = call.service.books.next_instant()
    documents.add(record, instant)
    for role in (kind.control_account, kind.result_account) if total and status == "open" else ():
        post(
            call,
            business,
            (role, currency),
            total,
            f"{kind.name.capitalize()} {record['id']}",
            instant,
            kind.name,
        )
    return record


def _ledger_of(call: Call) -> Business:
    business = call.service.books.business(call.connection)
    if call.connection != business.company.ledger:
        raise ApiError(
            400, "UNSUPPORTED_BY_PLATFORM", f"{call.resource}: the platform of this connection keeps none"
        )
    return business


def _currency(body: dict[str, Any], business: Business) -> str:
    currency = str(body.get("currency", business.company.base))
    if currency not in business.company.currencies:
        known = ", ".join(business.company.currencies)
        raise invalid("currency", f"the ledger keeps no accounts in {currency[:10]!r}; known are {known}")
    return currency


def _check_counterparty(call: Call, body: dict[str, Any], kind: DocumentKind) -> None:
    counterparty = body[kind.counterparty]
    books = call.service.books
    if kind.counterparty == "customer_id":
        known = books.collection(call.connection, "customers").find(counterparty) is not None
    else:
        known = books.has_vendor(call.connection, counterparty)
    if not known:
        raise invalid(kind.counterparty, f"no {counterparty[:60]!r} on this connection")


def document_line(line: dict[str, Any], currency: str) -> Record:
    """Return the line of a document, with its total worked out if the body has none."""
    quantity, unit = line.get("quantity"), line.get("unit_price")
    total = line.get("total_amount")
    if total is None:
        total = (Decimal(1) if quantity is None else quantity) * (unit or Decimal(0))
    return {
        "description": line.get("description"),
        "quantity": None if quantity is None else _plain(quantity),
        "unit_price": None if unit is None else float(unit),
        "total_amount": number(minor(total, currency), currency),
    }


def _plain(amount: Decimal) -> int | float:
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def post(
    call: Call, business: Business, role: tuple[str, str], total: int, text: str, instant: int, kind: str
) -> None:
    """Post an amount to the account of a role and a currency, which raises its balance."""
    books, connection = call.service.books, call.connection
    accounts = books.collection(connection, "accounts")
    position = business.ledger.chart.find(*role)
    account = accounts.record(position)
    currency = account["currency"]
    balance = number(minor(account["balance"], currency) + total, currency)
    accounts.replace(position, {**account, "balance": balance}, instant)
    transactions = books.collection(connection, "transactions")
    posting = {
        "id": transactions.next_id(),
        "amount": number(total, currency),
        "currency": currency,
        "date": day_text(day_of(instant)),
        "description": text,
        "type": kind,
        "account_id": account["id"],
    }
    transactions.add(posting, instant)
