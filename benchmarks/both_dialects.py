"""Records of the same books in both dialects: each with all fields that the live service always sends."""

from __future__ import annotations

import itertools
import json
import random
from typing import TYPE_CHECKING, Any

from benchmarks.pages import (
    CATALOGUE,
    CURRENCIES,
    LINES_PER_ORDER,
    STATUSES,
    Volume,
    amount_text,
    date_text,
    paginate,
    uuid_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

Row = dict[str, Any]

#: Stands for the cursor of a request for rows that changed since a moment.
CHANGED = b"changed"
_AFTER = ',"connection":{"id":"c0","orgId":"o0","platform":"SHOPIFY"}'

_LIVE_STATUSES = ("open", "partially_paid", "paid")


def _amount(cents: int) -> float:
    number: float = json.loads(amount_text(cents))
    return number


def _moment(rng: random.Random) -> str:
    clock = (
        f"{rng.randrange(24):02d}:{rng.randrange(60):02d}:{rng.randrange(60):02d}.{rng.randrange(1000):03d}Z"
    )
    return f"{date_text(rng.getrandbits(20))}T{clock}"


def invoice(number: int, rng: random.Random, ids: list[str]) -> tuple[Row, Row]:
    """Return an invoice with three lines in the contract's dialect and in the live one."""
    lines, live_lines, total = [], [], 0
    for line in range(LINES_PER_ORDER):
        quantity, cents = rng.randint(1, 9), rng.randint(199, 20_000)
        total += quantity * cents
        amount, text = _amount(quantity * cents), f"Item {rng.randint(1, 400)}"
        lines.append(
            {"description": text, "quantity": quantity, "unit_price": _amount(cents), "total_amount": amount}
        )
        live_lines.append(
            {
                "platform_id": str(line + 1),
                "account_id": rng.choice(ids),
                "class_id": None,
                "location_id": None,
                "tax_rate_id": None,
                "description": text,
                "discount_amount": 0,
                "discount_percentage": None,
                "sub_total": amount,
                "tax_amount": 0,
                "total_amount": amount,
                "type": None,
                "item": {"id": rng.choice(ids), "quantity": quantity, "unit_amount": _amount(cents)},
            }
        )
    paid, status = rng.choice([0, total // 2, total]), _LIVE_STATUSES[number % 3]
    own: Row = {"id": uuid_text(rng), "customer_id": rng.choice(ids), "status": status}
    due = date_text(rng.getrandbits(20))
    contract = {
        **own,
        "amount_due": _amount(total - paid),
        "currency": CURRENCIES[number % 6],
        "due_date": due,
        "line_items": lines,
    }
    payment = {
        "id": uuid_text(rng),
        "allocated_date": f"{due}T00:00:00.000Z",
        "allocated_amount": _amount(paid),
        "type": "INVOICE_PAYMENT",
    }
    live = {
        **own,
        "platform_id": str(number),
        "account_id": rng.choice(ids),
        "subsidiary_id": None,
        "due_date": f"{due}T00:00:00.000Z",
        "issue_date": f"{date_text(rng.getrandbits(20))}T00:00:00.000Z",
        "amount_due": _amount(total - paid),
        "currency_code": CURRENCIES[number % 6],
        "discount_amount": 0,
        "document_number": f"INV-{number:06d}",
        "memo": None,
        "sub_total": _amount(total),
        "tax_amount": 0,
        "total_amount": _amount(total),
        "linked_payments": [payment] if paid else [],
        "line_items": live_lines,
        "created_at": _moment(rng),
        "updated_at": _moment(rng),
        "last_synced_at": _moment(rng),
        "platform_url": f"https://app.qbo.intuit.com/app/invoice?txnId={number}",
    }
    return contract, live


def _address(rng: random.Random) -> Row:
    return {
        "address1": f"{rng.randint(1, 999)} Market Street",
        "address2": "",
        "city": "San Francisco",
        "country_code": "US",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "postal_code": f"{rng.randint(10_000, 99_999)}",
        "region": "CA",
        "phone": None,
    }


def order(number: int, rng: random.Random, ids: list[str]) -> tuple[Row, Row]:
    """Return an order with three lines in the contract's dialect and in the live one."""
    lines, live_lines, total = [], [], 0
    for line in range(LINES_PER_ORDER):
        quantity, cents = rng.randint(1, 5), rng.randint(199, 20_000)
        total += quantity * cents
        article = {"product_id": rng.choice(ids), "variant_id": rng.choice(ids), "quantity": quantity}
        lines.append({**article, "unit_price": _amount(cents)})
        live_lines.append(
            {
                "id": f"{number:08d}{line}",
                **article,
                "price": _amount(quantity * cents),
                "iso_currency_code": CURRENCIES[number % 6],
                "sku": f"SKU-{rng.randint(1, 400):04d}",
                "title": f"Item {rng.randint(1, 400)}",
                "unit_cost": _amount(cents),
                "created_at": None,
                "updated_at": None,
            }
        )
    own: Row = {"id": uuid_text(rng), "total_price": _amount(total)}
    customer, created, updated = rng.choice(ids), _moment(rng), _moment(rng)
    contract = {
        **own,
        "customer_id": customer,
        "status": STATUSES[number % 6],
        "currency": CURRENCIES[number % 6],
        "line_items": lines,
        "created_at": created,
        "updated_at": updated,
    }
    live = {
        **own,
        "platform_id": str(number),
        "payment_status": ("paid", "pending", "refunded")[number % 3],
        "status": ("active", "active", "cancelled")[number % 3],
        "total_discount": 0,
        "fulfillment_status": ("fulfilled", None, "partial")[number % 3],
        "iso_currency_code": CURRENCIES[number % 6],
        "name": f"#{number}",
        "order_number": str(number),
        "source_name": "web",
        "total_line_items_price": _amount(total),
        "total_shipping": 0,
        "total_shipping_discount": 0,
        "total_tax": 0,
        "tags": [],
        "billing_address": _address(rng),
        "refunds": [],
        "shipping_address": _address(rng),
        "customer": {
            "id": customer,
            "email": "ada@example.com",
            "first_name": "Ada",
            "last_name": "Lovelace",
            "phone": None,
            "created_at": created,
            "updated_at": updated,
        },
        "line_items": live_lines,
        "fulfillments": [],
        "created_at": created,
        "updated_at": updated,
    }
    return contract, live


def responses(volume: Volume) -> Iterator[tuple[tuple[bytes, bytes], bytes]]:
    """Yield the path and cursor of each page of invoices and orders, and the response."""
    for name, document, live_path in (
        ("invoices", invoice, "/accounting/invoices"),
        ("orders", order, "/orders"),
    ):
        for path, rows, is_live in ((f"/{name}", volume.books, False), (live_path, volume.live_books, True)):
            rng = random.Random(7)
            ids = [uuid_text(rng) for _ in range(CATALOGUE)]
            pairs = (document(number, rng, ids) for number in itertools.count())
            texts = (json.dumps(pair[is_live], separators=(",", ":"), ensure_ascii=False) for pair in pairs)
            pages = paginate(name, texts, rows, volume.page_size, _AFTER if is_live else "") if rows else ()
            for cursor, response in pages:
                yield (path.encode(), cursor.encode()), response
            if is_live and rows:
                # The answer to a second request for what changed meanwhile
                ((_, response),) = paginate(name, iter(()), 0, volume.page_size, _AFTER)
                yield (path.encode(), CHANGED), response
