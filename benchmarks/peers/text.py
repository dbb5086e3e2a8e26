"""The peers' part of the results, in words."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.measure import Section
from benchmarks.peers.picture import PICTURE
from benchmarks.report import machine_text, section_text

LIBRARIES = (
    "rutterframe",
    "pandas",
    "pyarrow",
    "httpx",
    "requests",
    "pydantic",
    "msgspec",
    "orjson",
    "dlt",
    "duckdb",
    "polars",
    "narwhals",
)
HEAD = (
    "Written by `make bench-peers`; do not edit. {machine}\n\n"
    "![Bars for each tool: rows a second of 100,000 transactions and of 30,000 orders, and peak memory of "
    "a million transactions; invoices aged a second, and peak memory of it]({picture})\n\n"
    "The same server and data for all, in one process, interleaved in an order that rotates, {rounds} "
    "rounds after a warm-up; all must load equal rows and amounts. The clock runs from the first request "
    "to typed columns: a frame, or Parquet files for dlt and for `rf.iter_frames` with `rf.write_frame`. "
    "Each tool is used as its documentation suggests: a session kept open, types given beforehand, columns "
    "built page by page. dlt is its `rest_api` source into a folder of Parquet files, the fastest of what "
    "was tried: with JSON lines, and by way of Parquet, JSON lines or INSERT into DuckDB, with larger "
    "buffers or two workers it took longer. Peak memory is that of a fresh process over its imports, "
    "after a first small load. Only the ratios carry over to another machine.\n"
)
WHY = (
    "Where goals are missed, this is why. A load on two cores, with the server on the same two, cannot take "
    "less than half of its processor time; decoding is Arrow's JSON reader almost alone, and orders have "
    "four times the values of transactions in as many bytes. A column is Arrow's text in pandas: an aging "
    "begins by numbering it, which DuckDB does before the clock starts, when it makes its own table. Our "
    "frame of a million rows has one column more than the peers', the connection.\n"
)
FAULTS = (
    "Small pages with one thing wrong each, over a real socket. `right` is the value that was sent, in a "
    "sensible reading; `refused` is an error instead of a frame; `quarantined` is a load without that "
    "record that says so in its receipt. All three are acceptable. Silent faults are in capitals: a "
    "value that is wrong or missing, one that went to a column of its own, a record that is lost or "
    "duplicated, a list without end (stopped after {limit} requests). Every reading of a key that "
    "occurs twice, of NaN, of 1e999 and of null instead of a record would be a guess, so only refusing is "
    'acceptable there; a date with a clock time in it may be refused or kept whole. "dlt, careful" merges by '
    "id into DuckDB and freezes the data types.\n"
)


def part_text(
    sections: Sequence[Section],
    profile: Sequence[Section],
    faulty: Sequence[Section],
    rounds: int,
    limit: int,
) -> str:
    """Write the part: the picture, what was measured, where the time goes, and the tables of faulty pages."""
    head = HEAD.format(machine=machine_text(LIBRARIES), picture=PICTURE.name, rounds=rounds)
    measured, stages, tables = (
        [section_text(section) for section in part] for part in (sections, profile, faulty)
    )
    return "\n".join([head, *measured, WHY, *stages, FAULTS.format(limit=limit), *tables])
