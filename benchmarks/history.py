"""One load and one refresh of a dataset after few and many commits: requests, CPU and wall time.

Run from the root of the repository::

    python -m benchmarks.history                         # after 1, 37, 40, 999 and 1,000 commits
    python -m benchmarks.history --commits 1 40 --no-s3
    python -m benchmarks.history --connections 10000     # what each commit costs, sizes of log and checkpoint

The demo's server and the S3-compatible one (moto) run in processes of their own, so that the CPU time is
that of rutterframe and deltalake alone. The commits between are those of refreshes that find nothing new.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deltalake import DeltaTable
from deltalake.transaction import AddAction

import rutterframe as rf
from benchmarks.report import machine_text, markdown_table
from rutterframe.dataset.commits import Refreshes
from rutterframe.dataset.summaries import Notes, write_summary
from rutterframe.dataset.tables import Tables, rows_schema, table_schema
from rutterframe.demo.server import DemoServer
from tests.s3_server import S3Server, run_s3_server

ROOT = Path(__file__).resolve().parent.parent
COMMITS = (1, 37, 40, 999, 1000)
CONNECTION, RESOURCE = "roaster-quickbooks", "invoices"
ROUNDS = 7


@dataclass(frozen=True, slots=True)
class Cost:
    """What one operation costs: requests to the store (none in a folder), and milliseconds."""

    requests: int
    cpu: float
    wall: float


@contextlib.contextmanager
def demo_process() -> Iterator[rf.Client]:
    """Run the demo's server in a process of its own, and yield a client of it."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.history", "--serve"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            settings = json.loads(process.stdout.readline())
            with rf.Client(**settings, rate_limit=None) as client:
                yield client
        finally:
            process.stdin.close()


def serve() -> None:
    """Serve the demo's books until the standard input is closed."""
    with DemoServer() as server:
        settings = {
            "client_id": server.client_id,
            "client_secret": server.client_secret,
            "environment": server.url,
            "access_tokens": server.access_tokens,
        }
        sys.stdout.write(f"{json.dumps(settings)}\n")
        sys.stdout.flush()
        sys.stdin.read()


def add_commits(path: str, until: int) -> None:
    """Commit as often as refreshes that find nothing new, until the table has a version."""
    while True:
        tables = Tables(path)
        opened = tables.refreshes(RESOURCE)
        assert opened is not None
        table, known = opened
        if table.version() >= until:
            return
        newest = known.read[CONNECTION]
        note = {key: value for key, value in newest.items() if key not in {"version", "committed_at"}}
        tables.record(RESOURCE, note, create=False)
        tables.finish()


def measure(operation: Callable[[], object], server: S3Server | None) -> Cost:
    """Return what an operation costs: the requests of the first round, the least times of all.

    Other work on the machine only adds to a time.
    """
    requests, cpu, wall = 0, [], []
    for number in range(ROUNDS):
        before = 0 if server is None else len(server.requests())
        started, begun = time.perf_counter(), time.process_time()
        operation()
        cpu.append((time.process_time() - begun) * 1e3)
        wall.append((time.perf_counter() - started) * 1e3)
        if number == 0 and server is not None:
            requests = len(server.requests(before))
    return Cost(requests, min(cpu), min(wall))


def history(path: str, commits: Sequence[int], client: rf.Client, server: S3Server | None) -> None:
    """Print what a load and a refresh cost after each number of commits, and the ratio to the first."""
    books = client.connection(CONNECTION)

    def refresh() -> object:
        return rf.refresh(books, path, resources=[RESOURCE], progress=False)

    refresh()
    rows: list[list[str]] = []
    first: dict[str, Cost] = {}
    for number in commits:
        add_commits(path, number)
        for name, operation in (("load", lambda: rf.Dataset(path).load(RESOURCE)), ("refresh", refresh)):
            cost = measure(operation, server)
            base = first.setdefault(name, cost)
            ratios = [f"{cost.cpu / base.cpu:.2f}", f"{cost.wall / base.wall:.2f}"]
            counts = [f"{cost.requests}", f"{cost.requests / base.requests:.2f}"] if server else ["–", "–"]
            times = [f"{cost.cpu:.1f}", ratios[0], f"{cost.wall:.1f}", ratios[1]]
            rows.append([f"{number:,}", name, *counts, *times])
    header = ["commits", "operation", "requests", "ratio", "CPU ms", "ratio", "wall ms", "ratio"]
    where = "a folder" if server is None else "s3://, moto on loopback"
    sys.stdout.write(f"\n{RESOURCE} of {CONNECTION} in {where}\n\n{markdown_table(header, rows)}\n")


def unchanged(client: rf.Client, folder: Path) -> None:
    """Print the CPU time of a refresh of one connection that finds nothing new, and of the load alone."""
    books = client.connection(CONNECTION)
    rows: list[list[str]] = []
    for name in ("accounts", "customers", "bills", "invoices", "transactions"):
        path = str(folder / f"unchanged-{name}")

        def refresh(name: str = name, path: str = path) -> object:
            return rf.refresh(books, path, resources=[name], progress=False)

        def load(name: str = name) -> object:
            return getattr(rf, f"load_{name}")(books, progress=False)

        refresh()
        number = len(rf.Dataset(path).load(name))
        rows.append([name, f"{number:,}", *(f"{measure(one, None).cpu:.1f}" for one in (refresh, load))])
    header = ["resource", "rows", "refresh, CPU ms", "loader alone, CPU ms"]
    sys.stdout.write(f"\nA refresh without changes (goal: 15 ms)\n\n{markdown_table(header, rows)}\n")


def note_of(name: str) -> dict[str, Any]:
    """Return the note of a refresh of one connection, as long as real ones are."""
    counts = {"pages": 1, "rows": 0, "duplicates_dropped": 0, "rows_refused": 0, "complete": True}
    receipt = {
        "resource": "accounts", "environment": "demo", "connections": [name], "pages": 1, "rows": 0,
        "duplicates_dropped": 0, "rows_refused": 0, "refused": [], "started": "2026-11-26T12:00:00.000Z",
        "finished": "2026-11-26T12:00:01.000Z", "filters": {}, "complete": True, "errors": {},
        "not_offered": [], "per_connection": {name: counts},
    }  # fmt: skip
    return {
        "connection_id": name, "receipt": receipt, "fields": f"{rows_schema('accounts')}", "watermark": None,
        "added": 0, "changed": 0, "removed": 0, "stored": 0, "live": 0,
    }  # fmt: skip


def create_with(path: Path, number: int) -> None:
    """Create a table of many connections with a file each, in one commit that has the notes of all."""
    tables = Tables(path)
    tables.record("accounts", note_of("first"), create=True)
    tables.refreshes("accounts")
    opened = tables._open_tables["accounts"]  # noqa: SLF001 - ten thousand commits would take an hour
    names = [f"{one:08x}-{uuid.uuid4()}" for one in range(number)]
    for one, name in enumerate(names):
        opened.refreshes.read[name] = {**note_of(name), "version": 1, "committed_at": 1_795_694_853_789 + one}
    files = [
        AddAction(
            f"connection_id={name}/part-{uuid.uuid4()}.parquet", 9000, {"connection_id": name}, 0, True,
            '{"numRecords":0}',
        )
        for name in names
    ]  # fmt: skip
    opened.refreshes.summarised = -number  # so that a summary is due
    opened.commit(files, table_schema("accounts"), note_of("first"), names)
    tables.finish()


def many_connections(number: int, folder: Path) -> None:
    """Print what a commit costs with many connections in the table, and what log and checkpoint take."""
    path = folder / "many"
    create_with(path, number)
    log = path / "accounts" / "_delta_log"
    DeltaTable(path / "accounts").create_checkpoint()
    tables = Tables(path)
    opened = measure(lambda: Tables(path).open("accounts"), None)
    known = measure(lambda: Tables(path).refreshes("accounts"), None)
    cpu: list[float] = []
    for one in range(50):
        begun = time.process_time()
        tables.record("accounts", note_of(f"connection-{one}"), create=False)
        cpu.append((time.process_time() - begun) * 1e3)
    all_notes = tables._open_tables["accounts"].refreshes  # noqa: SLF001 - what `commit` uses
    summary = measure(lambda: summary_text(all_notes), None)
    tables = Tables(path)
    checkpoints = [checkpoint_time(tables) for _ in range(ROUNDS)]
    sizes = {file.name: file.stat().st_size for file in log.iterdir()}
    rows = [
        ["open the table, CPU ms", f"{opened.cpu:.1f}"],
        ["open it and find the newest notes, CPU ms", f"{known.cpu:.1f}"],
        ["a commit, CPU ms", f"{statistics.median(cpu):.1f}"],
        [f"a summary, once in {number // 10:,} commits, CPU ms", f"{summary.cpu:.1f}"],
        [f"a summary, once in {number // 10:,} commits, kB", f"{len(summary_text(all_notes)) / 1e3:,.0f}"],
        ["a checkpoint, CPU ms", f"{min(checkpoints):.1f}"],
        ["a checkpoint, kB", f"{max(sizes[name] for name in sizes if name.endswith('.parquet')) / 1e3:,.0f}"],
        ["a commit without changes, kB", f"{sizes[max(n for n in sizes if n.endswith('.json'))] / 1e3:.1f}"],
    ]  # fmt: skip
    table = markdown_table(["of one table", f"{number:,} connections"], rows)
    sys.stdout.write(f"\n{table}\n")


def summary_text(known: Refreshes) -> str:
    """Return the summary of all notes."""
    read, failures = known.read, known.failures
    assert isinstance(read, Notes)
    assert isinstance(failures, Notes)
    return write_summary(read, failures, (), without=None)


def checkpoint_time(tables: Tables) -> float:
    """Return the CPU time of a checkpoint, after one more commit."""
    tables.record("accounts", note_of("first"), create=False)
    table = tables.open("accounts")
    assert table is not None
    begun = time.process_time()
    table.create_checkpoint()
    return (time.process_time() - begun) * 1e3


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--commits", type=int, nargs="+", default=list(COMMITS))
    parser.add_argument("--connections", type=int, help="measure a table of so many connections instead")
    parser.add_argument("--no-s3", action="store_true", help="only a folder")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve()
        return
    folder = Path(tempfile.mkdtemp())
    try:
        sys.stdout.write(f"{machine_text(['deltalake', 'pyarrow', 'pandas'])}\n")
        if arguments.connections:
            many_connections(arguments.connections, folder)
            return
        with demo_process() as client:
            unchanged(client, folder)
            history(str(folder / "books"), arguments.commits, client, None)
            if not arguments.no_s3:
                with run_s3_server(folder / "requests") as server:
                    os.environ.update(server.environment)
                    history(f"{server.create_bucket('ledger')}/books", arguments.commits, client, server)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
