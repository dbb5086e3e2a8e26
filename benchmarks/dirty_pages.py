"""The time of pages with values in unusual forms, or unreadable ones, beside that of a clean page."""

from __future__ import annotations

import json
import random
import statistics
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from benchmarks.measure import Goal, Section
from benchmarks.pages import LINES_PER_ORDER, amount_text, date_text, uuid_text
from rutterframe.frames import Decoder, rows_of, to_frame
from rutterframe.models import Invoice, Order, Record

if TYPE_CHECKING:
    import pandas as pd

ROWS = 500
MIDDLE = ROWS // 2
#: The unreadable rows of a page with several.
UNREADABLE = range(7, ROWS, ROWS // 20)
CLEAN = "clean"
#: How much longer than a clean page any other may take.
BOUND = 1.5
#: A key that is written as one that the row has already.
REPEATED = "again"
AMOUNTS = ("quantity", "unit_price", "total_amount")

Row = dict[str, Any]
Rows = list[Row]


def invoice(rng: random.Random) -> Row:
    """Return an invoice with three lines."""
    lines = []
    for _ in range(LINES_PER_ORDER):
        quantity, cents = rng.randint(1, 9), rng.randint(199, 20_000)
        amounts = (quantity, json.loads(amount_text(cents)), json.loads(amount_text(quantity * cents)))
        lines.append(
            {"description": f"Item {rng.randint(1, 400)}", **dict(zip(AMOUNTS, amounts, strict=True))}
        )
    return {
        "id": uuid_text(rng),
        "customer_id": uuid_text(rng),
        "status": "open",
        "amount_due": json.loads(amount_text(rng.randint(100, 1_000_000))),
        "currency": "USD",
        "due_date": date_text(rng.getrandbits(20)),
        "line_items": lines,
    }


def order(rng: random.Random) -> Row:
    """Return an order with three lines, changed at midnight."""
    lines = [
        {
            "product_id": uuid_text(rng),
            "quantity": rng.randint(1, 9),
            "unit_price": rng.randint(199, 20_000) / 100,
        }
        for _ in range(LINES_PER_ORDER)
    ]
    created = f"{rng.randrange(24):02d}:{rng.randrange(60):02d}:00.{rng.randrange(0, 1000, 250):03d}Z"
    return {
        "id": str(rng.randrange(10**12, 10**13)),
        "customer_id": uuid_text(rng),
        "status": "fulfilled",
        "currency": "USD",
        "total_price": rng.randint(100, 1_000_000) / 100,
        "line_items": lines,
        "created_at": f"{date_text(rng.getrandbits(20))}T{created}",
        "updated_at": f"{date_text(rng.getrandbits(20))}T00:00:00.000Z",
    }


def changed(change: Callable[[Row], Row], at: Collection[int] = range(ROWS)) -> Callable[[Rows], Rows]:
    """Return a function that changes some rows of a page."""
    return lambda rows: [change(row) if number in at else row for number, row in enumerate(rows)]


def one(**values: Any) -> Callable[[Rows], Rows]:
    """Return a function that changes fields of the row in the middle of a page."""
    return changed(lambda row: {**row, **values}, [MIDDLE])


def amounts_as_text(row: Row) -> Row:
    lines = [{**line, **{name: str(line[name]) for name in AMOUNTS}} for line in row["line_items"]]
    return {**row, "amount_due": str(row["amount_due"]), "line_items": lines}


def mixed_fraction(row: Row) -> Row:
    """Return an order with as many decimals of a second as it needs, or with nine."""
    moment, _, decimals = row["created_at"].rstrip("Z").partition(".")
    written = {"000": "Z", "500": ".5Z", "250": ".250000000Z"}.get(decimals, f".{decimals}Z")
    return {**row, "created_at": moment + written}


def counts_with_zeros(row: Row) -> Row:
    return {
        **row,
        "line_items": [{**line, "quantity": float(line["quantity"])} for line in row["line_items"]],
    }


INVOICES: dict[str, Callable[[Rows], Rows]] = {
    CLEAN: list,
    "one amount as text": changed(lambda row: {**row, "amount_due": str(row["amount_due"])}, [MIDDLE]),
    "all amounts as text": changed(amounts_as_text),
    "dates as midnight timestamps": changed(lambda row: {**row, "due_date": f"{row['due_date']}T00:00:00Z"}),
    "one unreadable date, quarantined": one(due_date="2026-02-30"),
    "one unreadable amount, quarantined": one(amount_due="n/a"),
    "20 unreadable dates, quarantined": changed(lambda row: {**row, "due_date": "2026-02-30"}, UNREADABLE),
    "20 unreadable amounts, quarantined": changed(lambda row: {**row, "amount_due": "n/a"}, UNREADABLE),
    "one lone surrogate, quarantined": one(status="\ud800"),
    "one repeated key, quarantined": one(**{REPEATED: "x"}),
}

ORDERS: dict[str, Callable[[Rows], Rows]] = {
    CLEAN: list,
    "numeric ids": changed(lambda row: {**row, "id": int(row["id"])}),
    "counts as 1.0": changed(counts_with_zeros),
    "mixed fractions": changed(mixed_fraction),
    "bare dates as timestamps": changed(lambda row: {**row, "updated_at": row["updated_at"][:10]}),
    "zones without a colon": changed(
        lambda row: {**row, "updated_at": f"{row['updated_at'][:10]}T05:30:00+0530"}
    ),
    "one unreadable time, quarantined": one(updated_at="yesterday"),
}

GROUPS: list[tuple[type[Record], str, Callable[[random.Random], Row], dict[str, Callable[[Rows], Rows]]]] = [
    (Invoice, "invoices", invoice, INVOICES),
    (Order, "orders", order, ORDERS),
]


def page(list_key: str, rows: Rows) -> bytes:
    """Return a page as JSON."""
    text = json.dumps({list_key: rows, "next_cursor": None}, separators=(",", ":"))
    return text.replace(REPEATED, "status").encode()


@dataclass(slots=True)
class Page:
    """A page of a group, and the times it took."""

    name: str
    group: str
    model: type[Record]
    body: bytes
    decoder: Decoder
    seconds: list[float] = field(default_factory=list)

    def load(self) -> pd.DataFrame:
        """Decode the page into a frame."""
        return to_frame(self.model, [rows_of(self.model, [self.decoder.decode([self.body]).table], "c0")])

    @property
    def median(self) -> float:
        """The median time, in seconds."""
        return statistics.median(self.seconds)


def dirty_pages(rounds: int) -> Section:
    """Time pages of 500 invoices or orders with three lines, from the bytes to the frame."""
    rng = random.Random(20240831)
    pages = []
    for model, key, make, changes in GROUPS:
        rows = [make(rng) for _ in range(ROWS)]
        for name, change in changes.items():
            decoder = Decoder(model, key, "next_cursor", "c0", "quarantine")
            pages.append(Page(name, key, model, page(key, change(rows)), decoder))
    for number in range(rounds + 1):
        for one_page in pages:
            # Of this thread alone, since other programs may use the processor as well.
            started = time.thread_time()
            one_page.load()
            if number:
                one_page.seconds.append(time.thread_time() - started)
    clean = {one_page.group: one_page for one_page in pages if one_page.name == CLEAN}
    table, goals, differences = [], [], []
    for one_page in pages:
        ratio = one_page.median / clean[one_page.group].median
        frame = one_page.load()
        name = f"{one_page.group}: {one_page.name}"
        table.append([name, f"{one_page.median * 1000:.2f} ms", f"{ratio:.2f} x", f"{len(frame)} rows"])
        if one_page.name != CLEAN:
            goals.append(Goal(f"{name}, of a clean page", ratio, BOUND))
        differences += differing(name, frame, clean[one_page.group].load())
    header = ["page", "median", "of a clean page", "read"]
    return Section("500 rows with 3 lines each on a page", header, table, goals, differences)


def differing(name: str, frame: pd.DataFrame, clean: pd.DataFrame) -> list[str]:
    """Return a sentence if a page was not read as the clean one is, without its unreadable rows."""
    expected = {
        len(clean) - len(refused): clean.drop(index=list(refused)).reset_index(drop=True)
        for refused in ([], [MIDDLE], UNREADABLE)
    }
    if len(frame) in expected and frame.equals(expected[len(frame)]):
        return []
    return [f"{name}: the rows differ from those of the clean page"]
