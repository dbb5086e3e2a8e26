"""How far one machine goes: what a load, a refresh and a dataset take, by the number of rows.

Run from the root of the repository::

    python -m benchmarks.scale    # 100 k and 1 M transactions of one connection; 300 small connections

Each figure comes from a process of its own; the table is printed, for ``docs/scale.md``.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

import rutterframe as rf
from benchmarks import subject
from benchmarks.memory import CLEAR_REFS, MEGABYTE, memory_bytes, run_in_process
from benchmarks.pages import Volume
from benchmarks.report import machine_text, markdown_table
from benchmarks.server import run_server
from rutterframe.dataset import refreshing
from rutterframe.dataset.spool import Spool

RESOURCE = "transactions"
DAY = 10_000  # rows that change on a day, of a million


def load(url: str, _: str) -> int:
    with subject.open_client(url) as client:
        return len(subject.transactions(client))


def chunks(url: str, _: str) -> int:
    with subject.open_client(url) as client:
        return sum(
            len(chunk) for chunk in rf.iter_frames(client.connection("c0"), RESOURCE, chunksize=100_000)
        )


def refresh(url: str, path: str) -> int:
    with subject.open_client(url) as client:
        return int(rf.refresh(client.connection("c0"), path, resources=[RESOURCE])["rows"].iloc[0])


def again(url: str, path: str) -> int:
    """Refresh with everything loaded whole: nothing is other."""
    with subject.open_client(url) as client:
        books = client.connection("c0")
        return int(rf.refresh(books, path, resources=[RESOURCE], full=True)["rows"].iloc[0])


def day(url: str, path: str) -> int:
    """Refresh with rows whose amounts are others now: the server always sends the same."""

    class Others(Spool):
        """Rows whose amounts are others."""

        def put(self, table: pa.Table, bucket: int = 0) -> None:
            place = table.column_names.index("amount")
            super().put(table.set_column(place, "amount", pc.add(table["amount"], 1.0)), bucket)

    setattr(refreshing, "Spool", Others)  # noqa: B010 - what it imports
    return refresh(url, path)


def read(_: str, path: str) -> int:
    return len(rf.Dataset(path).load(RESOURCE))


SIDES: dict[str, Callable[[str, str], int]] = {
    "rf.load_transactions": load,
    "rf.iter_frames, 100,000 rows each": chunks,
    "rf.refresh, the first": refresh,
    "rf.refresh, all again": again,
    f"rf.refresh, {DAY:,} rows changed": day,
    "rf.Dataset.load": read,
}


def measured(side: str, url: str, path: str) -> dict[str, float]:
    with contextlib.suppress(OSError):
        CLEAR_REFS.write_text("5")
    before, begin = memory_bytes("VmRSS"), time.perf_counter()
    rows = SIDES[side](url, path)
    return {"rows": rows, "seconds": time.perf_counter() - begin, "peak": memory_bytes("VmHWM") - before}


def alone(side: str, url: str, path: str) -> dict[str, float]:
    found: dict[str, float] = run_in_process("benchmarks.scale", side=side, url=url, path=path)
    return found


def size_of(path: str) -> int:
    return sum(file.stat().st_size for file in Path(path).rglob("*.parquet"))


def table(volumes: list[int]) -> str:
    """Measure every side at every volume."""
    lines = []
    for rows in volumes:
        with tempfile.TemporaryDirectory() as folder, run_server(Volume(transactions=rows)) as url:
            path = f"{folder}/dataset"
            for side in SIDES:
                if side.startswith("rf.refresh, the first"):
                    found = alone(side, url, path)
                    stored = f"{size_of(path) / MEGABYTE:,.0f} MB"
                elif side == f"rf.refresh, {DAY:,} rows changed":
                    with run_server(Volume(transactions=DAY)) as few:
                        found, stored = alone(side, few, path), ""
                else:
                    found, stored = alone(side, url, path), ""
                assert found["rows"] == rows, (side, found)
                per_second = f"{rows / found['seconds']:,.0f}"
                peak = f"{found['peak'] / MEGABYTE:,.0f} MB"
                lines.append([f"{rows:,}", side, f"{found['seconds']:.2f} s", per_second, peak, stored])
    header = ["rows", "what", "time", "rows a second", "peak over imports", "files"]
    return markdown_table(header, lines)


def connections(count: int) -> str:
    """Measure a refresh of many small connections, at the rate limit that a client keeps by itself."""
    tokens = {f"c{number}": f"t{number}" for number in range(count)}
    lines = []
    volume = Volume(transactions=500, orders=100, connections=count)
    with tempfile.TemporaryDirectory() as folder, run_server(volume) as url:
        for what in ("the first", "again"):
            with rf.Client(
                client_id="bench", client_secret="bench", environment=url, access_tokens=tokens
            ) as client:
                begin = time.perf_counter()
                rf.refresh(
                    [client.connection(name) for name in tokens],
                    f"{folder}/dataset",
                    resources=["transactions", "orders"],
                )
                seconds = time.perf_counter() - begin
            lines.append([f"{count} connections, {what}", f"{seconds:.1f} s", f"{count / seconds * 60:,.0f}"])
    return markdown_table(["rf.refresh, two lists of a page each", "time", "connections a minute"], lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--side", choices=list(SIDES))
    parser.add_argument("--url", default="")
    parser.add_argument("--path", default="")
    options = parser.parse_args()
    if options.side:
        print(json.dumps(measured(options.side, options.url, options.path)))
        return
    print(f"{machine_text()}\n\n{table([100_000, 1_000_000])}\n\n{connections(300)}")


if __name__ == "__main__":
    main()
