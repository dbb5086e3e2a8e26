"""Time and memory of a load, a refresh and a dataset on one machine, by the number of rows.

Run from the root of the repository::

    python -m benchmarks.scale    # 100 k and 1 M transactions of one connection; 300 small connections
    python -m benchmarks.scale --connections 10000
    python -m benchmarks.scale --engines    # reports over 10 M rows on DuckDB, Polars and pandas

Each figure comes from a process of its own; the printed tables are for ``docs/howto/scale.md``. A refresh of
few changes is a load of these and a merge, which ``benchmarks.merge`` measures.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import rutterframe as rf
from benchmarks import engines, subject
from benchmarks.memory import CLEAR_REFS, MEGABYTE, memory_bytes, run_in_process
from benchmarks.pages import Volume
from benchmarks.report import machine_text, markdown_table
from benchmarks.server import run_server

RESOURCE = "transactions"


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
    """Refresh with all rows loaded again: none differs."""
    with subject.open_client(url) as client:
        books = client.connection("c0")
        return int(rf.refresh(books, path, resources=[RESOURCE], full=True)["rows"].iloc[0])


def read(_: str, path: str) -> int:
    return len(rf.Dataset(path).load(RESOURCE))


SIDES: dict[str, Callable[[str, str], int]] = {
    "rf.load_transactions": load,
    "rf.iter_frames, 100,000 rows each": chunks,
    "rf.refresh, the first": refresh,
    "rf.refresh, all again": again,
    "rf.Dataset.load": read,
}


def measure(side: str, url: str, path: str) -> dict[str, float]:
    with contextlib.suppress(OSError):
        CLEAR_REFS.write_text("5")
    before, begin = memory_bytes("VmRSS"), time.perf_counter()
    rows = SIDES[side](url, path)
    return {"rows": rows, "seconds": time.perf_counter() - begin, "peak": memory_bytes("VmHWM") - before}


def measure_in_process(side: str, url: str, path: str) -> dict[str, float]:
    """Measure a side in a process of its own."""
    figures: dict[str, float] = run_in_process("benchmarks.scale", side=side, url=url, path=path)
    return figures


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
                    figures = measure_in_process(side, url, path)
                    stored = f"{size_of(path) / MEGABYTE:,.0f} MB"
                else:
                    figures, stored = measure_in_process(side, url, path), ""
                assert figures["rows"] == rows, (side, figures)
                per_second = f"{rows / figures['seconds']:,.0f}"
                peak = f"{figures['peak'] / MEGABYTE:,.0f} MB"
                lines.append([f"{rows:,}", side, f"{figures['seconds']:.2f} s", per_second, peak, stored])
    header = ["rows", "operation", "time", "rows a second", "peak over imports", "files"]
    return markdown_table(header, lines)


def connections(count: int) -> str:
    """Measure a refresh of many small connections without a rate limit: what rutterframe itself takes."""
    tokens = {f"c{number}": f"t{number}" for number in range(count)}
    lines = []
    volume = Volume(transactions=500, orders=100, connections=count)
    with tempfile.TemporaryDirectory() as folder, run_server(volume) as url:
        path = Path(folder, "dataset")
        for what in ("the first", "again"):
            with rf.Client(
                client_id="bench",
                client_secret="bench",
                environment=url,
                access_tokens=tokens,
                rate_limit=rf.RateLimit(1_000_000, 1.0),
            ) as client:
                begin, cpu = time.perf_counter(), time.process_time()
                rf.refresh(
                    [client.connection(name) for name in tokens],
                    path,
                    resources=["transactions", "orders"],
                    progress=False,
                )
                seconds, cpu = time.perf_counter() - begin, time.process_time() - cpu
            lines.append(
                [
                    f"{count:,} connections, {what}",
                    f"{seconds:.1f} s",
                    f"{count / seconds * 60:,.0f}",
                    f"{cpu / count / 2 * 1000:.1f} ms",
                    f"{memory_bytes('VmHWM') / MEGABYTE:,.0f} MB",
                    f"{_megabytes(path, '*.parquet', '_delta_log')} + {_megabytes(path, '_delta_log/*')} MB",
                ]
            )
        begin, cpu = time.perf_counter(), time.process_time()
        lists = len(rf.Dataset(path).status())
        figures = [time.perf_counter() - begin, time.process_time() - cpu]
    header = ["rf.refresh, two lists of a page", "time", "connections a minute", "CPU of a list", "peak"]
    status = f"`Dataset.status()` of these {lists:,} lists: {figures[0]:.2f} s, {figures[1]:.2f} s of CPU."
    return f"{markdown_table([*header, 'rows + log'], lines)}\n\n{status}"


def _megabytes(path: Path, pattern: str, but: str = "\0") -> str:
    """Return the megabytes of the files with a pattern, those in one kind of folder aside."""
    files = [file for file in path.rglob(pattern) if but not in file.parts]
    return f"{sum(file.stat().st_size for file in files) / MEGABYTE:,.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--side", choices=list(SIDES))
    parser.add_argument("--url", default="")
    parser.add_argument("--path", default="")
    parser.add_argument("--connections", type=int, default=0, help="only so many small connections")
    parser.add_argument("--engines", action="store_true", help="reports over a dataset, by engine")
    parser.add_argument("--rows", type=int, default=10_000_000, help="the rows of each table, with --engines")
    options = parser.parse_args()
    if options.engines:
        print(f"{machine_text()}\n\n{engines.table(options.rows)}")
        return
    if options.connections:
        print(f"{machine_text()}\n\n{connections(options.connections)}")
        return
    if options.side:
        print(json.dumps(measure(options.side, options.url, options.path)))
        return
    print(f"{machine_text()}\n\n{table([100_000, 1_000_000])}\n\n{connections(300)}")


if __name__ == "__main__":
    main()
