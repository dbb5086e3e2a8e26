"""The time of pages with values in unusual forms, or unreadable ones, beside that of a clean page."""

from __future__ import annotations

import json
import random
import statistics
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from benchmarks.measure import Goal, Section
from benchmarks.pages import LINES_PER_ORDER, amount_text, date_text, uuid_text
from rutterframe.frames import Decoder, rows_of, to_frame
from rutterframe.models import Invoice

if TYPE_CHECKING:
    import pandas as pd

ROWS = 500
MIDDLE = ROWS // 2
CLEAN = "clean"
#: How much longer than a clean page any other may take.
BOUND = 1.5
AMOUNTS = ("quantity", "unit_price", "total_amount")

Record = dict[str, Any]


def invoice(rng: random.Random) -> Record:
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


def one(**changes: Any) -> Callable[[list[Record]], list[Record]]:
    """Return a function that changes fields of the record in the middle of a page."""
    return lambda rows: [*rows[:MIDDLE], {**rows[MIDDLE], **changes}, *rows[MIDDLE + 1 :]]


def amount_as_text(rows: list[Record]) -> list[Record]:
    return one(amount_due=str(rows[MIDDLE]["amount_due"]))(rows)


def amounts_as_text(rows: list[Record]) -> list[Record]:
    return [
        {
            **row,
            "amount_due": str(row["amount_due"]),
            "line_items": [
                {**line, **{name: str(line[name]) for name in AMOUNTS}} for line in row["line_items"]
            ],
        }
        for row in rows
    ]


def midnights(rows: list[Record]) -> list[Record]:
    return [{**row, "due_date": f"{row['due_date']}T00:00:00Z"} for row in rows]


PAGES: dict[str, Callable[[list[Record]], list[Record]]] = {
    CLEAN: lambda rows: rows,
    "one amount as text": amount_as_text,
    "all amounts as text": amounts_as_text,
    "dates as midnight timestamps": midnights,
    "one unreadable date, quarantined": one(due_date="2026-02-30"),
    "one unreadable amount, quarantined": one(amount_due="n/a"),
}


def page(rows: list[Record]) -> bytes:
    """Return a page as JSON."""
    return json.dumps({"invoices": rows, "next_cursor": None}, separators=(",", ":")).encode()


def load(decoder: Decoder, body: bytes) -> pd.DataFrame:
    """Decode a page into a frame."""
    return to_frame(Invoice, [rows_of(Invoice, [decoder.decode([body]).table], "c0")])


def dirty_pages(rounds: int) -> Section:
    """Time pages of 500 invoices with three lines, from the bytes to the frame."""
    rng = random.Random(20240831)
    rows = [invoice(rng) for _ in range(ROWS)]
    bodies = {name: page(change(rows)) for name, change in PAGES.items()}
    decoders = {name: Decoder(Invoice, "invoices", "next_cursor", "c0", "quarantine") for name in PAGES}
    seconds: dict[str, list[float]] = {name: [] for name in PAGES}
    for number in range(rounds + 1):
        for name, body in bodies.items():
            # Of this thread alone, since other programs may use the processor as well.
            started = time.thread_time()
            load(decoders[name], body)
            if number:
                seconds[name].append(time.thread_time() - started)
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    frames = {name: load(decoders[name], bodies[name]) for name in PAGES}
    ratios = {name: medians[name] / medians[CLEAN] for name in PAGES}
    table = [
        [name, f"{medians[name] * 1000:.2f} ms", f"{ratios[name]:.2f} x", f"{len(frames[name])} rows"]
        for name in PAGES
    ]
    goals = [Goal(f"{name}, of a clean page", ratios[name], BOUND) for name in PAGES if name != CLEAN]
    header = ["page", "median", "of a clean page", "read"]
    return Section("500 invoices with 3 lines each on a page", header, table, goals, differing(frames))


def differing(frames: dict[str, pd.DataFrame]) -> list[str]:
    """Return a sentence for each page that was not read as the clean one is, without its unreadable row."""
    clean = frames[CLEAN]
    expected = {len(clean): clean, len(clean) - 1: clean.drop(index=MIDDLE).reset_index(drop=True)}
    return [
        f"{name}: the rows differ from those of the clean page"
        for name, frame in frames.items()
        if len(frame) not in expected or not frame.equals(expected[len(frame)])
    ]
