"""Time of rutterframe's own stages, for goals of the comparison that are not met."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

import narwhals.stable.v2 as nw

from benchmarks import baselines, books, subject
from benchmarks.measure import Section
from benchmarks.pages import Volume
from benchmarks.server import run_server
from rutterframe.client import Paginator
from rutterframe.frames import rows_of, to_frame
from rutterframe.loaders.list_load import ListLoad
from rutterframe.models import record_model
from rutterframe.reports import ar_aging
from rutterframe.reports.engine.buckets import BOUNDS, bucket_codes
from rutterframe.reports.engine.dates import parse_as_of, parse_dates
from rutterframe.reports.engine.factorize import factorize
from rutterframe.reports.engine.frame import read_frame
from rutterframe.reports.engine.ticks import choose_scale, ticks
from rutterframe.reports.open_status import flag_open

PAGES_AT_ONCE = 14
HEADER = ["stage", "time", "processor time"]


def loading(rows: int, rounds: int) -> Section:
    """Time the stages of loading transactions, one by one; the load itself runs them side by side."""
    model = record_model("transactions", {})
    with run_server(Volume(transactions=rows)) as url, subject.open_client(url) as client:
        listing = client.connection("c0").listing("transactions")
        pages = list(Paginator(listing))
        decoder = ListLoad(Paginator(listing), "raise").decoder()
        shares = [pages[at : at + PAGES_AT_ONCE] for at in range(0, len(pages), PAGES_AT_ONCE)]
        decoded = [decoder.decode(share).table for share in shares]
        with baselines.open_client(url) as plain:
            stages: dict[str, Callable[[], Any]] = {
                "httpx alone, bytes not decoded": lambda: baselines.bytes_only(plain, "transactions"),
                "our paginator over the pages": lambda: list(Paginator(listing)),
                "decoding them": lambda: [decoder.decode(share) for share in shares],
                "the frame": lambda: to_frame(model, [rows_of(model, decoded, "c0")]),
                "the whole load": lambda: subject.transactions(client),
            }
            table = timed(stages, rounds)
    return Section(f"Where the time goes: {rows:,} transactions", HEADER, table, [])


def aging(rows: int, rounds: int) -> Section:
    """Time the stages of the aging of invoices."""
    frame = books.invoices(rows)
    needed = ("status", "amount_due", "currency", "due_date", "customer_id")
    read = read_frame(frame, needed, kind="invoices")
    known = read.with_columns(flag_open(read)[0])
    scale = choose_scale((known, "amount_due"))
    day = parse_as_of(books.AS_OF)
    columns = {
        "amount": ticks(known, "amount_due", scale),
        "bucket": bucket_codes(parse_dates(known, "due_date", kind="invoices"), day, BOUNDS),
        "open": nw.col("_open"),
    }
    chunks = [known[start : start + 2**20] for start in range(0, len(known), 2**20)]
    stages: dict[str, Callable[[], Any]] = {
        "statuses and amounts: flag what is open, notes": lambda: flag_open(
            read_frame(frame, needed, kind="invoices")
        ),
        "customers and currencies: number the text": lambda: factorize(known, ["customer_id", "currency"]),
        "amounts in ticks, buckets": lambda: [chunk.select(**columns) for chunk in chunks],
        "the whole report": lambda: ar_aging(frame, books.AS_OF),
    }
    return Section(f"Where the time goes: aging of {rows:,} invoices", HEADER, timed(stages, rounds), [])


def timed(stages: Mapping[str, Callable[[], Any]], rounds: int) -> list[list[str]]:
    """Run every stage once a round; return the medians of elapsed time and of processor time."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in stages}
    for number in range(rounds + 1):
        for name, stage in stages.items():
            gc.collect()
            clock, work = time.perf_counter(), time.process_time()
            stage()
            if number:
                times[name].append((time.perf_counter() - clock, time.process_time() - work))
    return [
        [
            name,
            *(f"{statistics.median(column) * 1000:,.0f} ms" for column in zip(*rounds_of_stage, strict=True)),
        ]
        for name, rounds_of_stage in times.items()
    ]
