"""Creating and changing invoices and bills in the live dialect; both dialects show what is written."""

from __future__ import annotations

from typing import Any

from rutterframe.demo.api.accounting import (
    BILLS,
    INVOICES,
    DocumentKind,
    document_line,
    post,
    write_document,
)
from rutterframe.demo.api.bodies import Field, Schema, list_of, number, object_of, one_of, text
from rutterframe.demo.api.responses import ApiError
from rutterframe.demo.api.service import Call
from rutterframe.demo.books.collection import Record
from rutterframe.demo.books.units import minor, parse_day
from rutterframe.demo.books.units import number as as_number
from rutterframe.demo.live.service import live

_KINDS = {"invoices": INVOICES, "bills": BILLS}
_LIVE_ONLY = ("document_number", "memo", "payment_terms_id")


def _date(value: Any, path: str) -> str:
    """Check an ISO 8601 date or date-time, and return its calendar date."""
    day = text(value, path)[:10]
    try:
        parse_day(day)
    except ValueError as error:
        raise ApiError(400, "INVALID_BODY", f"{path}: must be an ISO 8601 date, not {day!r}") from error
    return day


_ITEM: Schema = {"id": Field(text), "quantity": Field(number), "unit_amount": Field(number)}
_LINE: Schema = {
    "account_id": Field(text),
    "description": Field(text),
    "discount_amount": Field(number),
    "tax_rate_id": Field(text),
    "total_amount": Field(number, required=True),
    "item": Field(object_of(_ITEM)),
}


def document_schema(resource: str, *, creates: bool) -> Schema:
    """Return the fields of an invoice or a bill, when it is created or changed."""
    statuses = {"invoices": ("draft", "submitted", "open"), "bills": ()}[resource]
    if not creates:
        statuses = (*statuses, "void")
    schema: Schema = {
        _KINDS[resource].counterparty: Field(text, required=creates),
        "issue_date": Field(_date, required=creates),
        "currency_code": Field(text, required=creates),
        "line_items": Field(list_of(object_of(_LINE)), required=creates),
        "due_date": Field(_date),
        "document_number": Field(text),
        "memo": Field(text),
        "payment_terms_id": Field(text),
        "account_id": Field(text),
    }
    if statuses:
        schema["status"] = Field(one_of(*statuses))
    return schema


def create_document(call: Call, fields: dict[str, Any]) -> Record:
    """Create an invoice or a bill."""
    kind = _KINDS[call.resource]
    _check_sum(fields["line_items"])
    body = {
        kind.counterparty: fields[kind.counterparty],
        "currency": fields["currency_code"],
        "line_items": [_contract_line(line) for line in fields["line_items"]],
    }
    if "due_date" in fields:
        body["due_date"] = fields["due_date"]
    is_draft = fields.get("status") in {"draft", "submitted"}
    record = write_document(call, body, kind, status="draft" if is_draft else "open")
    _store_live_fields(call, record["id"], fields)
    return _answer(call, record["id"])


def update_document(call: Call, fields: dict[str, Any]) -> Record:
    """Change an invoice or a bill; the ledger follows."""
    kind, collection = _KINDS[call.resource], call.service.books.collection(call.connection, call.resource)
    position = live(call).live_books.list(call.connection, call.resource).find(call.path["id"])
    if position is None:
        raise ApiError(410, "OBJECT_NOT_FOUND", f"{kind.name}: no {call.path['id'][:60]!r} here")
    record = collection.record(position)
    currency = record["currency"]
    if fields.get("currency_code", currency) != currency:
        raise ApiError(400, "INVALID_BODY", "currency_code: cannot be changed")
    changed = {**record}
    for name in ("due_date", kind.counterparty):
        changed[name] = fields.get(name, record[name])
    if "line_items" in fields:
        _check_sum(fields["line_items"])
        changed["line_items"] = [
            document_line(_contract_line(line), currency) for line in fields["line_items"]
        ]
        changed["amount_due"] = as_number(
            minor(record["amount_due"], currency) + _total(changed) - _total(record), currency
        )
    if fields.get("status") == "void":
        changed |= {"status": "voided", "amount_due": as_number(0, currency)}
    elif fields.get("status") == "open" and record["status"] == "draft":
        changed["status"] = "open"
    instant = call.service.books.next_instant()
    collection.replace(position, changed, instant)
    _post_difference(call, kind, (record, changed), instant)
    _store_live_fields(call, record["id"], fields)
    return _answer(call, record["id"])


def _check_sum(lines: list[dict[str, Any]]) -> None:
    # The live service has credit memos for what is less than zero.
    if sum(line["total_amount"] for line in lines) < 0:
        raise ApiError(400, "INVALID_BODY", "line_items: must not add up to less than zero")


def _contract_line(line: dict[str, Any]) -> dict[str, Any]:
    item = line.get("item") or {}
    return {
        "description": line.get("description"),
        "quantity": item.get("quantity"),
        "unit_price": item.get("unit_amount"),
        "total_amount": line["total_amount"],
    }


def _total(record: Record) -> int:
    return sum(minor(line["total_amount"] or 0, record["currency"]) for line in record["line_items"])


def _due(record: Record) -> int:
    """Return what a document adds to its control account."""
    return minor(record["amount_due"], record["currency"]) if record["status"] == "open" else 0


def _post_difference(call: Call, kind: DocumentKind, records: tuple[Record, Record], instant: int) -> None:
    before, after = records
    difference = _due(after) - _due(before)
    business = call.service.books.business(call.connection)
    words = f"{kind.name.capitalize()} {after['id']}, changed"
    for role in (kind.control_account, kind.result_account) if difference else ():
        post(call, business, (role, after["currency"]), difference, words, instant, kind.name)


def _store_live_fields(call: Call, record_id: str, fields: dict[str, Any]) -> None:
    """Store what the contract has no field for."""
    books = call.service.books
    stored = {name: fields[name] for name in _LIVE_ONLY if name in fields}
    books.live_fields[record_id] = books.live_fields.get(record_id, {}) | stored
    if "issue_date" in fields:
        issued = parse_day(fields["issue_date"])
        books.issue_days[call.connection, call.resource][record_id] = issued


def _answer(call: Call, record_id: str) -> Record:
    listed = live(call).live_books.list(call.connection, call.resource)
    key = listed.find(record_id)
    if key is None:
        raise KeyError(record_id)
    return {_KINDS[call.resource].name: listed.record(key)}
