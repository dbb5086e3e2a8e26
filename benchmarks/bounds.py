"""Measure the exact path on pages that are made to be slow: ``python -m benchmarks.bounds``.

Printed are the processor time for each MB of a page, that of a page of a quarter of its size (which is less
where time grows faster than the page), and the peak of Python objects as a multiple of the body.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from functools import partial

from rutterframe.frames import Decoder
from rutterframe.frames.decode import Batch
from rutterframe.models import Invoice


def page(*rows: str) -> bytes:
    """Return a page of invoices."""
    return f'{{"invoices":[{",".join(rows)}]}}'.encode()


def decode(body: bytes) -> Batch:
    """Decode a page, and set its refused rows aside."""
    return Decoder(Invoice, "invoices", "next_cursor", on_invalid="quarantine").decode([body])


def peak(run: Callable[[], object]) -> int:
    """Return the most bytes that Python objects took at once."""
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def seconds(run: Callable[[], object]) -> float:
    """Return the processor time of this thread."""
    start = time.thread_time()
    run()
    return time.thread_time() - start


def long_key(size: float) -> bytes:
    """Return a page with a refused row that has a long unknown key over a list of as many objects."""
    objects = ",".join(["{}"] * int(20_000 * size))
    return page(f'{{"id":"a","amount_due":"x","{"k" * int(1_000_000 * size)}":[{objects}]}}')


def repeated(size: float) -> bytes:
    """Return a page with a row of many keys, the last one twice."""
    keys = ",".join(f'"key{number}":{number}' for number in range(int(20_000 * size)))
    return page(f'{{{keys},"id":"a","id":"b"}}')


def refused(size: float) -> bytes:
    """Return a page of refused rows."""
    return page(*(f'{{"id":"i{number}","amount_due":"x"}}' for number in range(int(200_000 * size))))


def bad_dates(size: float) -> bytes:
    """Return a page of rows with a date that does not exist."""
    return page(*(f'{{"id":"i{number}","due_date":"2026-02-30"}}' for number in range(int(200_000 * size))))


def nulls(size: float) -> bytes:
    """Return a page of nulls."""
    return page(*["null"] * int(2_000_000 * size))


def bad_lines(size: float) -> bytes:
    """Return a page of one row with many refused lines."""
    lines = ",".join(f'{{"description":"Item {number}","quantity":"x"}}' for number in range(int(1e5 * size)))
    return page(f'{{"id":"a","line_items":[{lines}]}}')


def tiny_rows(size: float) -> bytes:
    """Return a page of the shortest refused rows."""
    return page(*['{"id":true}'] * int(200_000 * size))


def tiny_lines(size: float) -> bytes:
    """Return a page of one row with many short refused lines."""
    return page(f'{{"id":"a","line_items":[{",".join(["{}", "null"] * int(200_000 * size))}]}}')


def empty_lines(size: float) -> bytes:
    """Return a page of one row with many lines without values, and half of a surrogate pair."""
    return page(f'{{"status":"\\ud800","line_items":[{",".join(["{}"] * int(300_000 * size))}]}}')


def wrong_kind(size: float) -> bytes:
    """Return a page of one row with a list of objects as its id."""
    return page(f'{{"id":[{",".join(["{}"] * int(1_000_000 * size))}]}}')


def deep(size: float) -> bytes:
    """Return a page of one refused row with lists in lists."""
    depth = int(500_000 * size)
    return page(f'{{"id":true,"unknown":{"[" * depth}{"]" * depth}}}')


def numbers(size: float) -> bytes:
    """Return a page of numbers instead of records."""
    return page(*["5"] * int(300_000 * size))


def digits(size: float) -> bytes:
    """Return a page of one row with an amount of many digits."""
    return page(f'{{"amount_due":{"1" * int(3_000_000 * size)}}}')


#: Each returns a page of a size, as a share of those that were reported.
REPORTED: list[Callable[[float], bytes]] = [long_key, repeated, refused, bad_dates, nulls, bad_lines]
#: More pages, each slow for another reason.
MORE_PAGES: list[Callable[[float], bytes]] = [
    tiny_rows, tiny_lines, empty_lines, wrong_kind, deep, numbers, digits,
]  # fmt: skip
PAGES = [*REPORTED, *MORE_PAGES]


def main() -> None:
    """Print a line for each page."""
    print(f"{'page':12}{'MB':>8}{'s per MB':>10}{'of a quarter':>14}{'peak of body':>14}")
    for make in PAGES:
        small, large = make(0.25), make(1)
        rates = [seconds(partial(decode, body)) * 1e6 / len(body) for body in (large, small)]
        multiple = peak(partial(decode, small)) / len(small)
        print(f"{make.__name__:12}{len(large) / 1e6:8.2f}{rates[0]:10.2f}{rates[1]:14.2f}{multiple:14.1f}")


if __name__ == "__main__":
    main()
