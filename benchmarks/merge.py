"""The merge of a refresh against the merge of deltalake and a join in DuckDB: time, memory, bytes written.

Run from the root of the repository::

    python -m benchmarks.merge                      # 100,000 and 1 M stored rows, three rounds
    python -m benchmarks.merge --rows 100000 --rounds 1 --sides rf.refresh

Every run is a process of its own, on a copy of the same stored table. The sides take turns, and all of them
must leave the same rows, in the same order, with the same rows marked as deleted. The printed table is for
``docs/howto/scale.md``.
"""

# pyarrow.compute creates its functions at run time, where pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake.transaction import AddAction

from benchmarks.memory import CLEAR_REFS, MEGABYTE, memory_bytes, run_in_process
from benchmarks.report import machine_text, markdown_table
from rutterframe.dataset.bucket_merge import merge_rows
from rutterframe.dataset.spool import Spool
from rutterframe.dataset.tables import Tables, rows_schema, table_schema

RESOURCE, CONNECTION, NOW = "transactions", "c0", datetime(2026, 6, 30, tzinfo=UTC)
BATCH = 25_000
SCHEMA = pa.schema([field for field in rows_schema(RESOURCE) if not field.name.startswith("_")])
COLUMNS = [name for name in SCHEMA.names if name != "id"]


@dataclass(frozen=True, slots=True)
class Case:
    """The loaded rows of a merge.

    Attributes
    ----------
    name : str
        For the table.
    full : bool
        Whether they are the full list, so that other stored rows are marked as deleted.
    clusters : int
        How many runs of rows side by side the changed 1 % are; 0 for none.
    deletes : bool
        Whether another 1 % is not in the list.
    """

    name: str
    full: bool
    clusters: int
    deletes: bool = False

    def changed(self, numbers: np.ndarray, rows: int, *, after: int = 0) -> np.ndarray:
        """Return which rows changed: runs of rows, the last of which are the newest; or those after them."""
        if not self.clusters:
            return np.zeros(len(numbers), bool)
        clusters = min(self.clusters, rows // 100)
        width, size = rows // clusters, rows // 100 // clusters
        at = (numbers % width) - (width - size) + after * size
        return (at >= 0) & (at < size) & (numbers < width * clusters)


SPREAD = 1_000_000
CASES = {
    "newest": Case("the newest 1 % changed, only they", full=False, clusters=1),
    "changes": Case("1 % spread evenly changed, only they", full=False, clusters=SPREAD),
    "list-newest": Case("all rows, the newest 1 % changed", full=True, clusters=1),
    "list-clusters": Case("all rows, 1 % in three runs changed", full=True, clusters=3),
    "full": Case(
        "all rows, 1 % spread evenly changed, 1 % deleted", full=True, clusters=SPREAD, deletes=True
    ),
    "same": Case("all rows, none changed", full=True, clusters=0),
}


def stored_rows(start: int, count: int) -> pa.Table:
    """Return rows of transactions, the same for the same numbers."""
    numbers = np.arange(start, start + count)
    hashed = pd.util.hash_array(numbers)
    ids = [f"{one:016x}-{two:016x}" for one, two in zip(hashed, pd.util.hash_array(hashed), strict=True)]
    columns = {
        "id": ids,
        "amount": (hashed % np.uint64(500_000)).astype("float64") / 100,
        "currency": np.array(["USD", "EUR", "GBP"])[hashed % np.uint64(3)],
        "date": (np.datetime64("2024-01-01") + (hashed % np.uint64(900)).astype("m8[D]")).astype("M8[us]"),
        "description": [f"Card payment {number:07d} Northwind Traders" for number in numbers],
        "type": np.array(["payment", "deposit", "expense"])[hashed % np.uint64(3)],
        "account_id": [f"account-{one}" for one in hashed % np.uint64(40)],
    }
    return pa.table([pa.array(columns[field.name], field.type) for field in SCHEMA], schema=SCHEMA)


def loaded_rows(case: Case, rows: int) -> Iterator[pa.Table]:
    """Yield the loaded rows: the changed ones, or all but some; new ones follow at the end."""
    for start in range(0, rows, BATCH):
        table = stored_rows(start, min(BATCH, rows - start))
        if case.clusters:
            number = np.arange(start, start + len(table))
            changed = case.changed(number, rows)
            amount = pc.if_else(changed, pc.add(table["amount"], 1.0), table["amount"])
            table = table.set_column(table.column_names.index("amount"), "amount", amount)
            deleted = case.deletes & case.changed(number, rows, after=1)
            table = table.filter(pa.array(~deleted if case.full else changed))
        yield table
    if case.clusters:
        yield stored_rows(rows, rows // 1000)


def numbered(path: str, start: int = 0) -> Iterator[pa.RecordBatch]:
    """Yield the loaded rows with all columns of a table: connection, time of deletion and position."""
    with pa.OSFile(f"{path}/loaded.arrow") as file, pa.ipc.open_stream(file) as stream:
        for batch in stream:
            table = pa.table(
                [
                    pa.repeat(pa.scalar(CONNECTION, pa.large_string()), len(batch)),
                    *batch.columns,
                    pa.nulls(len(batch), pa.timestamp("us", "UTC")),
                    pa.array(np.arange(start, start + len(batch))),
                ],
                schema=table_schema(RESOURCE),
            )
            start += len(batch)
            yield from table.to_batches()


def reader(path: str, start: int = 0) -> pa.RecordBatchReader:
    return pa.RecordBatchReader.from_batches(table_schema(RESOURCE), numbered(path, start))


def next_position(table: DeltaTable) -> int:
    """Return the position behind the last stored row."""
    query = f"SELECT max(_position) FROM read_parquet({table.file_uris()})"
    with closing(duckdb.connect()) as base:
        [[last]] = base.execute(query).fetchall()
    return int(last) + 1


def ours(path: str, case: Case) -> None:
    """Merge in buckets, by way of a temporary file, as `rf.refresh` does."""
    with closing(Spool()) as spool:
        with pa.OSFile(f"{path}/loaded.arrow") as file, pa.ipc.open_stream(file) as stream:
            for batch in stream:
                spool.append(pa.Table.from_batches([batch]))
        Tables(path).write(
            RESOURCE,
            CONNECTION,
            lambda stored: merge_rows(stored, spool, full=case.full, now=NOW),
            lambda _: {"connection_id": CONNECTION, "receipt": {}},
        )


def delta(path: str, case: Case, spill: int | None = None) -> None:
    """Merge with deltalake, which returns one count for rows that are changed, moved or marked as deleted."""
    table = DeltaTable(f"{path}/{RESOURCE}")
    start = 0 if case.full else next_position(table)
    differs = " OR ".join(f"(t.{name} IS DISTINCT FROM s.{name})" for name in COLUMNS)
    updates = {name: f"s.{name}" for name in (*COLUMNS, "_deleted_at")}
    if case.full:
        differs += " OR (t._position <> s._position)"
        updates["_position"] = "s._position"
    else:
        updates["_position"] = "CASE WHEN t._deleted_at IS NULL THEN t._position ELSE s._position END"
    merge = (
        table.merge(
            reader(path, start),
            f"t.connection_id = '{CONNECTION}' AND t.id = s.id",
            source_alias="s",
            target_alias="t",
            max_spill_size=spill,
        )
        .when_matched_update(updates, f"(t._deleted_at IS NOT NULL) OR {differs}")
        .when_not_matched_insert_all()
    )
    if case.full:
        merge = merge.when_not_matched_by_source_update(
            {"_deleted_at": f"TIMESTAMP '{NOW:%Y-%m-%dT%H:%M:%SZ}'"},
            f"t.connection_id = '{CONNECTION}' AND t._deleted_at IS NULL",
        )
    merge.execute()


def duck(path: str, case: Case, limit: str = "") -> None:
    """Join in DuckDB, and write a sorted file where anything differs."""
    table = DeltaTable(f"{path}/{RESOURCE}")
    start = 0 if case.full else next_position(table)
    name = f"connection_id={CONNECTION}/part-{uuid.uuid4()}.zstd.parquet"
    target = Path(path) / RESOURCE / name
    with closing(duckdb.connect()) as base:
        base.execute("SET TimeZone = 'UTC'")
        base.execute(f"SET temp_directory = '{path}/spill'")
        if limit:
            base.execute(f"SET memory_limit = '{limit}'")
        source = reader(path, start)
        base.register("source", source)
        base.execute("CREATE TEMP TABLE loaded AS SELECT * FROM source")
        base.execute(f"CREATE TEMP TABLE merged AS {join(table.file_uris(), case)}")
        [[differences]] = base.execute("SELECT count(*) FROM merged WHERE _change <> 0").fetchall()
        if not differences:
            return
        names = ", ".join(rows_schema(RESOURCE).names)
        base.execute(
            f"COPY (SELECT {names} FROM merged ORDER BY _position) TO '{target}' "
            f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {BATCH})"
        )
    rows = pq.read_metadata(target).num_rows
    add = AddAction(
        name,
        target.stat().st_size,
        {"connection_id": CONNECTION},
        int(time.time() * 1000),
        True,
        json.dumps({"numRecords": rows}),
    )
    table.create_write_transaction(
        [add],
        "overwrite",
        table_schema(RESOURCE),
        ["connection_id"],
        [("connection_id", "=", CONNECTION)],
    )


def join(files: list[str], case: Case) -> str:
    """Return the query that joins stored and loaded rows by id; rows without an id match none."""
    came = "s._position IS NOT NULL"
    values = [f"CASE WHEN {came} THEN s.{name} ELSE t.{name} END AS {name}" for name in ("id", *COLUMNS)]
    live = f"{came} AND t._position IS NOT NULL AND t._deleted_at IS NULL"
    differs = " OR ".join(f"(t.{name} IS DISTINCT FROM s.{name})" for name in COLUMNS)
    if case.full:
        deleted = f"coalesce(t._deleted_at, TIMESTAMPTZ '{NOW:%Y-%m-%d}')"
        position = f"CASE WHEN {came} THEN s._position ELSE t._position END"
        rest = "CASE WHEN t._deleted_at IS NULL THEN 3 ELSE 0 END"
        unmoved = "t._position = s._position"
    else:
        deleted = "t._deleted_at"
        position = f"CASE WHEN {came} AND NOT ({live}) THEN s._position ELSE t._position END"
        rest, unmoved = "0", "true"
    change = (
        f"CASE WHEN NOT ({came}) THEN {rest} WHEN NOT ({live}) THEN 1 WHEN {differs} THEN 2 "
        f"WHEN {unmoved} THEN 0 ELSE 4 END AS _change"
    )
    nameless = f"WHERE {came} OR t.id IS NOT NULL" if case.full else ""
    return (
        f"SELECT {', '.join(values)}, CASE WHEN {came} THEN NULL ELSE {deleted} END AS _deleted_at, "
        f"{position} AS _position, {change} "
        f"FROM read_parquet({files}, hive_partitioning = false) t "
        f"FULL JOIN loaded s ON t.id = s.id {nameless}"
    )


SIDES: dict[str, Callable[[str, Case], None]] = {
    "rf.refresh": ours,
    "deltalake merge": delta,
    "DuckDB join": duck,
    "DuckDB join, memory_limit 300 MB": lambda path, case: duck(path, case, "300MB"),
}


def measured(side: str, path: str, case: Case) -> dict[str, float]:
    """Merge once, and return wall and CPU seconds, and the peak of memory over the imports."""
    with contextlib.suppress(OSError):
        CLEAR_REFS.write_text("5")
    before, begin, cpu = memory_bytes("VmRSS"), time.perf_counter(), time.process_time()
    SIDES[side](path, case)
    seconds, cpu = time.perf_counter() - begin, time.process_time() - cpu
    return {"seconds": seconds, "cpu": cpu, "peak": memory_bytes("VmHWM") - before}


def store(path: str, rows: int) -> None:
    """Write the table that every side begins with."""
    with closing(Spool()) as spool:
        for start in range(0, rows, BATCH):
            spool.append(stored_rows(start, min(BATCH, rows - start)))
        Tables(path).write(
            RESOURCE,
            CONNECTION,
            lambda stored: merge_rows(stored, spool, full=True, now=NOW),
            lambda _: {"connection_id": CONNECTION, "receipt": {}},
        )


def write_loaded(path: str, case: Case, rows: int) -> None:
    """Write the loaded rows as a stream of Arrow that every side reads a batch at a time."""
    with pa.OSFile(f"{path}/loaded.arrow", "wb") as file, pa.ipc.new_stream(file, SCHEMA) as stream:
        for table in loaded_rows(case, rows):
            stream.write_table(table)


def digest(path: str) -> tuple[int, int, int]:
    """Return the number of live rows, and hashes of these in their order and of the deleted ones."""
    rows = DeltaTable(f"{path}/{RESOURCE}").to_pyarrow_table().sort_by([("_position", "ascending")])
    hashes: list[int] = []
    deleted = pc.is_valid(rows["_deleted_at"])
    for mask in (pc.invert(deleted), deleted):
        frame = rows.filter(mask).select(["id", *COLUMNS]).to_pandas()
        each = pd.util.hash_pandas_object(frame, index=False).to_numpy()
        hashes.append(hash(each.tobytes() if not hashes else np.sort(each).tobytes()))
    return (rows["_deleted_at"].null_count, hashes[0], hashes[1])


def size_of(path: str) -> int:
    return sum(file.stat().st_size for file in Path(path).rglob("*.parquet"))


def compare(rows: int, key: str, base: str, rounds: int, sides: list[str]) -> list[list[str]]:
    """Measure every side in turn, and return a line of the table for each."""
    runs: dict[str, list[dict[str, float]]] = {side: [] for side in sides}
    digests: dict[str, set[tuple[int, int, int]]] = {side: set() for side in sides}
    errors: dict[str, str] = {}
    write_loaded(base, CASES[key], rows)
    for number in range(rounds):
        turn = number % len(sides)
        for side in [*sides[turn:], *sides[:turn]]:
            if side in errors:
                continue
            with tempfile.TemporaryDirectory() as folder:
                path = f"{folder}/dataset"
                shutil.copytree(base, path)
                before = size_of(path)
                try:
                    run = run_in_process("benchmarks.merge", side=side, path=path, case=key)
                except Exception as error:  # noqa: BLE001 - a side that fails is a result
                    errors[side] = type(error).__name__
                    continue
                runs[side].append({**run, "stored": before, "written": size_of(path) - before})
                if not number:
                    digests[side].add(digest(path))
    assert len(set().union(*digests.values())) == 1, digests
    return [line(rows, key, side, runs, errors) for side in sides]


def line(
    rows: int, key: str, side: str, runs: dict[str, list[dict[str, float]]], errors: dict[str, str]
) -> list[str]:
    """Return the medians of a side, and their ratios to the first."""
    begin = [f"{rows:,}", CASES[key].name, side]
    if side in errors:
        return [*begin, "failed", *[""] * 7]

    def median(name: str, of: str) -> float:
        return statistics.median(run[name] for run in runs[of])

    first = next(iter(runs))
    share = median("written", side) / median("stored", side)
    seconds, cpu, peak, written = (median(name, side) for name in ("seconds", "cpu", "peak", "written"))
    return [
        *begin,
        f"{seconds:.2f} s",
        f"{seconds / median('seconds', first):.1f} x",
        f"{cpu:.2f} s",
        f"{cpu / median('cpu', first):.1f} x",
        f"{peak / MEGABYTE:,.0f} MB",
        f"{peak / median('peak', first):.1f} x",
        f"{written / MEGABYTE:,.1f} MB",
        f"{share:.1%}",
    ]


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--side", choices=list(SIDES))
    parser.add_argument("--path", default="")
    parser.add_argument("--case", choices=list(CASES))
    parser.add_argument("--sides", choices=list(SIDES), nargs="+", default=list(SIDES))
    options = parser.parse_args()
    if options.side:
        print(json.dumps(measured(options.side, options.path, CASES[options.case])))
        return
    lines = []
    for rows in options.rows:
        with tempfile.TemporaryDirectory() as base:
            store(base, rows)
            for key in CASES:
                lines += compare(rows, key, base, options.rounds, options.sides)
    header = [
        "stored rows",
        "loaded rows",
        "merge",
        "time",
        "ratio",
        "CPU",
        "ratio",
        "peak over imports",
        "ratio",
        "written",
        "of those stored",
    ]
    machine = machine_text(("pyarrow", "deltalake", "duckdb", "pandas"))
    print(f"{machine}\n\n{markdown_table(header, lines)}")


if __name__ == "__main__":
    main()
