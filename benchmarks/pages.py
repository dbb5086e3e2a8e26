"""The pages a benchmark server sends, rendered beforehand and the same on every run.

A page is a complete HTTP response: headers and the JSON body as the API sends it, so that serving it costs
the server one lookup and one write.
"""

from __future__ import annotations

import base64
import json
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CURRENCIES = ("USD", "USD", "USD", "EUR", "GBP", "CAD")
KINDS = ("payment", "deposit", "expense", "transfer", "journal_entry")
COUNTERPARTIES = (
    "Acme Supplies",
    "Northwind Traders",
    "Café Zürich",
    "Blue Bottle Print",
    "Globex",
    "Ørsted Logistik",
)
PURPOSES = ("Card payment", "Invoice payment", "Refund", "Subscription", "Payout", "Bank fee")
STATUSES = ("fulfilled", "fulfilled", "fulfilled", "processing", "pending", "cancelled")
LINES_PER_ORDER = 3
CATALOGUE = 400

HEAD = (
    "HTTP/1.1 200 OK\r\n"
    "Content-Type: application/json; charset=utf-8\r\n"
    "Content-Length: {length}\r\n"
    "Cache-Control: no-store\r\n"
    "X-Rutter-Request-ID: {request_id}\r\n"
    "Connection: keep-alive\r\n"
    "\r\n"
)


@dataclass(frozen=True, slots=True)
class Volume:
    """The volume that the server sends."""

    transactions: int = 0
    """Rows of /transactions."""
    orders: int = 0
    """Rows of /orders, three lines each."""
    books: int = 0
    """Rows of /invoices and of /orders, three lines each."""
    live_books: int = 0
    """The same books as the live service sends them, with all fields that it always sends."""
    connections: int = 1
    """Rows of /connections. Every connection has the same transactions and orders."""
    page_size: int = 500
    """Rows a page."""


def uuid_text(rng: random.Random) -> str:
    """Return a random id spelled like a UUID."""
    text = f"{rng.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def amount_text(cents: int) -> str:
    """Return an amount as JavaScript servers print it: 12.5 and 12, never 12.50 and 12.0."""
    return f"{cents / 100:.12g}"


def transaction_text(number: int, rng: random.Random, accounts: list[str]) -> str:
    """Return one transaction as JSON, about 220 bytes."""
    pick = rng.getrandbits(60)
    cents = pick % 500_000 - 200_000
    return (
        f'{{"id":"{uuid_text(rng)}","amount":{amount_text(cents)},'
        f'"currency":"{CURRENCIES[pick % 6]}","date":"{date_text(pick >> 20)}",'
        f'"description":"{PURPOSES[(pick >> 8) % 6]} {number:07d} {COUNTERPARTIES[(pick >> 12) % 6]}",'
        f'"type":"{KINDS[(pick >> 16) % 5]}","account_id":"{accounts[(pick >> 24) % len(accounts)]}"}}'
    )


def order_text(number: int, rng: random.Random, products: list[str]) -> str:
    """Return one order with its three lines as JSON, about 670 bytes."""
    pick = rng.getrandbits(60)
    lines = []
    total = (number % 4) * 250
    for _ in range(LINES_PER_ORDER):
        draw = rng.getrandbits(40)
        product, quantity, cents = draw % CATALOGUE, (draw >> 10) % 5 + 1, (draw >> 14) % 20_000 + 199
        total += quantity * cents
        lines.append(
            f'{{"product_id":"{products[product]}","variant_id":"{products[-1 - product]}",'
            f'"quantity":{quantity},"unit_price":{amount_text(cents)}}}'
        )
    day, clock = date_text(pick >> 20), f"{pick % 24:02d}:{pick % 60:02d}:{pick % 59:02d}.{pick % 1000:03d}Z"
    return (
        f'{{"id":"{uuid_text(rng)}","customer_id":"{products[(pick >> 9) % CATALOGUE]}",'
        f'"status":"{STATUSES[pick % 6]}","currency":"{CURRENCIES[(pick >> 5) % 6]}",'
        f'"total_price":{amount_text(total)},"line_items":[{",".join(lines)}],'
        f'"created_at":"{day}T{clock}","updated_at":"{day}T{clock}"}}'
    )


def date_text(draw: int) -> str:
    """Return a date between 2022 and 2025 that exists in every year."""
    return f"{2022 + draw % 4}-{(draw >> 2) % 12 + 1:02d}-{(draw >> 6) % 28 + 1:02d}"


def cursor_text(resource: str, page: int) -> str:
    """Return an opaque cursor: base64 of a time and a position, as the API's are."""
    plain = f"2024-08-31T00:00:00.000Z|{resource}|{page:08d}"
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def connection_texts(count: int, platform: str) -> Iterator[str]:
    """Yield the connections c0, c1 … as JSON."""
    for number in range(count):
        yield json.dumps(
            {
                "id": f"c{number}",
                "platform": platform,
                "status": "active",
                "created_at": "2024-01-01T00:00:00.000Z",
                "updated_at": "2024-06-01T00:00:00.000Z",
            },
            separators=(",", ":"),
        )


def response_bytes(resource: str, rows: list[str], cursor: str | None, page: int, after: str = "") -> bytes:
    """Return a page as a complete HTTP response."""
    body = f'{{"{resource}":[{",".join(rows)}],"next_cursor":{json.dumps(cursor)}{after}}}'.encode()
    request_id = f"{resource}-{page:08d}"
    return HEAD.format(length=len(body), request_id=request_id).encode() + body


def paginate(
    resource: str, texts: Iterator[str], rows: int, size: int, after: str = ""
) -> Iterator[tuple[str, bytes]]:
    """Yield each page with its cursor, from the first (cursor "") to the last."""
    pages = max(1, -(-rows // size))
    for page in range(pages):
        cursor = cursor_text(resource, page) if page else ""
        following = cursor_text(resource, page + 1) if page + 1 < pages else None
        block = [next(texts) for _ in range(min(size, rows - page * size))]
        yield cursor, response_bytes(resource, block, following, page, after)


def render(volume: Volume, seed: int = 20240831) -> dict[tuple[bytes, bytes], bytes]:
    """Return every response under its path and cursor."""
    rng = random.Random(seed)
    accounts = [uuid_text(rng) for _ in range(60)]
    products = [uuid_text(rng) for _ in range(2 * CATALOGUE)]
    renderers: dict[str, tuple[int, Callable[[int], str]]] = {
        "transactions": (volume.transactions, lambda number: transaction_text(number, rng, accounts)),
        "orders": (volume.orders, lambda number: order_text(number, rng, products)),
    }
    responses = {}
    for resource, (rows, text_of) in renderers.items():
        texts = map(text_of, range(rows))
        for cursor, response in paginate(resource, texts, rows, volume.page_size):
            responses[f"/{resource}".encode(), cursor.encode()] = response
    connections = connection_texts(volume.connections, "OTHER" if volume.live_books else "quickbooks")
    for cursor, response in paginate("connections", connections, volume.connections, volume.page_size):
        responses[b"/connections", cursor.encode()] = response
    return responses
