"""Ways to damage the folder of a dataset: log, checkpoint, Parquet files, notes and folders."""

from __future__ import annotations

import base64
import json
import os
import random
import shutil
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable, write_deltalake

#: Changes the folder of the table of invoices.
Damage = Callable[[Path], object]

_NOTE, _SUMMARY = "rutterframe", "rutterframe.notes"
_VALUES: tuple[Any, ...] = (None, 7, "x", [], {}, ["x", 7], 1e300)


def commit(table: Path, version: int) -> Path:
    """Return the file of a commit."""
    return table / "_delta_log" / f"{version:020}.json"


def _parquet(table: Path) -> Path:
    """Return the newest file of the connection 'books'."""
    return max((table / "connection_id=books").glob("*.parquet"), key=lambda file: file.stat().st_mtime_ns)


def _checkpoint(table: Path) -> Path:
    return next((table / "_delta_log").glob("*.checkpoint.parquet"))


def _pointer(table: Path) -> Path:
    return table / "_delta_log" / "_last_checkpoint"


#: Each kind of file that a table has.
FILES: dict[str, Callable[[Path], Path]] = {
    **{f"commit {version}": partial(commit, version=version) for version in range(5)},
    "checkpoint": _checkpoint,
    "pointer": _pointer,
    "parquet": _parquet,
}


def _flip(file: Path, seed: int) -> None:
    """Change one byte at a random place."""
    content = bytearray(file.read_bytes())
    content[random.Random(seed).randrange(len(content))] ^= 1 << seed % 8  # noqa: S311 - not a secret
    file.write_bytes(content)


def _replace_by_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def _link_nowhere(file: Path) -> None:
    file.unlink()
    file.symlink_to("nowhere")


def _link_to_itself(file: Path) -> None:
    file.unlink()
    file.symlink_to(file.name)


def _pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


#: What can happen to any file.
_CHANGES: dict[str, Callable[[Path], object]] = {
    "removed": Path.unlink,
    "emptied": lambda file: file.write_bytes(b""),
    "cut in half": lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
    "without its last byte": lambda file: file.write_bytes(file.read_bytes()[:-2]),
    "zeros": lambda file: file.write_bytes(bytes(file.stat().st_size)),
    "garbage": lambda file: file.write_bytes(random.Random(7).randbytes(file.stat().st_size)),  # noqa: S311
    "with more at its end": lambda file: file.write_bytes(file.read_bytes() + b"\nmore"),
    "twice": lambda file: file.write_bytes(file.read_bytes() * 2),
    "a folder": _replace_by_folder,
    "a link to nowhere": _link_nowhere,
    "a link to itself": _link_to_itself,
    "json null": lambda file: file.write_text("null\n"),
    "a json list": lambda file: file.write_text("[]\n"),
    "json of another kind": lambda file: file.write_text('{"rutterframe": {"add": 1}}\n'),
    "deeply nested": lambda file: file.write_text("[" * 100_000),
    **{f"with byte {seed} flipped": partial(_flip, seed=seed) for seed in range(12)},
}


def _edit(version: int, action: str, change: Callable[[dict[str, Any]], object]) -> Damage:
    """Return a damage that changes an action of a commit in valid JSON."""

    def damage(table: Path) -> None:
        file = commit(table, version)
        lines = [json.loads(line) for line in file.read_text().splitlines()]
        for line in lines:
            if action in line:
                change(line[action])
        file.write_text("".join(f"{json.dumps(line)}\n" for line in lines))

    return damage


def _first(action: str, change: Callable[[dict[str, Any]], object]) -> Damage:
    """Return a damage that changes an action of the first commit, in a table without a checkpoint."""

    def damage(table: Path) -> None:
        for file in (_pointer(table), _checkpoint(table)):
            file.unlink()
        _edit(0, action, change)(table)

    return damage


def _drop(version: int, action: str) -> Damage:
    """Return a damage that removes the actions of one kind from a commit."""

    def damage(table: Path) -> None:
        file = commit(table, version)
        if version == 0:
            for extra in (_pointer(table), _checkpoint(table)):
                extra.unlink()
        lines = [line for line in file.read_text().splitlines() if action not in json.loads(line)]
        file.write_text("".join(f"{line}\n" for line in lines))

    return damage


def _note(change: Callable[[dict[str, Any]], object], version: int = 4) -> Damage:
    """Return a damage that changes the note of a refresh."""

    def edit(info: dict[str, Any]) -> None:
        if _NOTE in info:
            note = json.loads(info[_NOTE])
            change(note)
            info[_NOTE] = json.dumps(note)

    return _edit(version, "commitInfo", edit)


def _with(key: str, value: Any) -> Damage:
    return _note(lambda note: note.__setitem__(key, value))


def _without(key: str) -> Damage:
    return _note(lambda note: note.pop(key, None))


def _as_note(text: Any) -> Damage:
    return _edit(4, "commitInfo", lambda info: info.__setitem__(_NOTE, text))


def _as_summary(text: Any) -> Damage:
    """Return a damage that changes the summary of the notes before the newest commit."""
    return _edit(4, "commitInfo", lambda info: info.__setitem__(_SUMMARY, text))


def _packed(content: str) -> str:
    return base64.b64encode(zlib.compress(content.encode())).decode()


def _receipt(key: str, value: Any) -> Damage:
    return _note(lambda note: note["receipt"].__setitem__(key, value))


def _entry(key: str, value: Any) -> Damage:
    return _note(lambda note: note["receipt"]["per_connection"]["books"].__setitem__(key, value))


def _foreign_table(table: Path) -> None:
    """Put a Delta table of another program in its place."""
    shutil.rmtree(table)
    write_deltalake(table, pa.table({"x": [1, 2, 3]}))


def _foreign_notes(table: Path) -> None:
    """As `_foreign_table`, with a note of this package."""
    shutil.rmtree(table)
    write_deltalake(table, pa.table({"x": [1, 2, 3]}))
    _edit(0, "commitInfo", lambda info: info.__setitem__(_NOTE, json.dumps({"connection_id": "books"})))(
        table
    )


def _foreign_rows(table: Path) -> None:
    """Append rows that no refresh has read, as another program can."""
    rows = DeltaTable(table).to_pyarrow_table().slice(0, 1)
    write_deltalake(table, rows, mode="append")


def _foreign_schema(table: Path) -> None:
    rows = pa.table({"connection_id": ["books"], "amount_due": ["many"]})
    write_deltalake(table, rows, mode="overwrite", schema_mode="overwrite", partition_by=["connection_id"])


def _foreign_column(table: Path) -> None:
    rows = pa.table({"connection_id": ["books"], "colour": ["red"]})
    write_deltalake(table, rows, mode="append", schema_mode="merge")


def _other_parquet(table: Path) -> None:
    pq.write_table(pa.table({"x": [1, 2, 3]}), _parquet(table))


def _other_types(table: Path) -> None:
    file = _parquet(table)
    rows = pq.ParquetFile(file).read()
    name = rows.schema.get_field_index("amount_due")
    pq.write_table(rows.set_column(name, "amount_due", pa.array(["many"] * len(rows))), file)


def _fewer_rows(table: Path) -> None:
    file = _parquet(table)
    pq.write_table(pq.ParquetFile(file).read().slice(1), file)


def _swapped(table: Path) -> None:
    """Exchange the files of two connections."""
    one, two = _parquet(table), next((table / "connection_id=shop").glob("*.parquet"))
    content = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(content)


def _instead(table: Path) -> Path:
    """Remove a table, and return its path."""
    shutil.rmtree(table)
    return table


def _file_for_log(table: Path) -> None:
    _instead(table / "_delta_log").write_text("x")


_OTHER: dict[str, Damage] = {
    "no log": lambda table: shutil.rmtree(table / "_delta_log"),
    "a file for its log": _file_for_log,
    "a file for the table": lambda table: _instead(table).write_text("x"),
    "an empty folder for the table": lambda table: _instead(table).mkdir(),
    "a link to itself for the table": lambda table: _instead(table).symlink_to(table.name),
    "no folder of a connection": lambda table: shutil.rmtree(table / "connection_id=books"),
    "a folder in the log": lambda table: (table / "_delta_log" / f"{5:020}.json").mkdir(),
    "a commit left out": lambda table: commit(table, 4).rename(commit(table, 9)),
    "a stray file in the log": lambda table: (table / "_delta_log" / "x.json").write_text("{"),
    "the table of another program": _foreign_table,
    "the table of another program with a note": _foreign_notes,
    "rows of another program": _foreign_rows,
    "another schema": _foreign_schema,
    "another column": _foreign_column,
    "another parquet file": _other_parquet,
    "a column of another type": _other_types,
    "fewer rows in a file": _fewer_rows,
    "files of two connections exchanged": _swapped,
    "a newer reader": _first("protocol", lambda value: value.update(minReaderVersion=99)),
    "a newer writer": _first("protocol", lambda value: value.update(minWriterVersion=99)),
    "an unknown feature": _first(
        "protocol",
        lambda value: value.update(
            minReaderVersion=3, minWriterVersion=7, readerFeatures=["x"], writerFeatures=["x"]
        ),
    ),
    "deletion vectors": _first(
        "protocol",
        lambda value: value.update(
            minReaderVersion=3, minWriterVersion=7,
            readerFeatures=["deletionVectors"], writerFeatures=["deletionVectors"],
        ),
    ),
    "a negative version": _first("protocol", lambda value: value.update(minReaderVersion=-1)),
    "no protocol": _drop(0, "protocol"),
    "no metadata": _drop(0, "metaData"),
    "a schema of no columns": _first(
        "metaData", lambda value: value.update(schemaString='{"type":"struct","fields":[]}')
    ),
    "a schema that is not JSON": _first("metaData", lambda value: value.update(schemaString="{")),
    "no file of a commit": _drop(4, "add"),
    "no removal in a commit": _drop(4, "remove"),
    "no information on a commit": _drop(4, "commitInfo"),
    "no transaction": _drop(4, "txn"),
    "a transaction number of text": _edit(4, "txn", lambda value: value.update(version="many")),
    "an unknown action": lambda table: commit(table, 4).write_text(
        commit(table, 4).read_text() + '{"x": {"y": 1}}\n'
    ),
    "a path that leaves the folder": _edit(4, "add", lambda value: value.update(path="../../../etc/passwd")),
    "an absolute path": _edit(4, "add", lambda value: value.update(path="/etc/passwd")),
    "a path with a scheme": _edit(4, "add", lambda value: value.update(path="s3://bucket/x.parquet")),
    "another size": _edit(4, "add", lambda value: value.update(size=7)),
    "a negative size": _edit(4, "add", lambda value: value.update(size=-7)),
    "another count of rows": _edit(4, "add", lambda value: value.update(stats='{"numRecords": 77}')),
    "broken statistics": _edit(4, "add", lambda value: value.update(stats="{")),
    "no statistics": _edit(4, "add", lambda value: value.pop("stats")),
    "another partition": _edit(
        4, "add", lambda value: value.update(partitionValues={"connection_id": "shop"})
    ),
    "no partition": _edit(4, "add", lambda value: value.update(partitionValues={})),
    "a deletion vector": _edit(
        4,
        "add",
        lambda value: value.update(
            deletionVector={
                "storageType": "u", "pathOrInlineDv": "x", "offset": 1, "sizeInBytes": 1, "cardinality": 1
            }
        ),
    ),
    "no time of a commit": _edit(4, "commitInfo", lambda info: info.pop("timestamp")),
    "a time of text": _edit(4, "commitInfo", lambda info: info.update(timestamp="yesterday")),
    "a time too large": _edit(4, "commitInfo", lambda info: info.update(timestamp=10**18)),
    "a time that is NaN": _edit(4, "commitInfo", lambda info: info.update(timestamp=float("nan"))),
    "information that is a list": lambda table: commit(table, 4).write_text(
        commit(table, 4).read_text() + '{"commitInfo": []}\n'
    ),
    **{
        f"a note that is {name}": _as_note(text)
        for name, text in {
            "not JSON": "{", "a list": "[]", "null": "null", "a number": "7", "empty": "", "an object": {},
            "an empty object": "{}", "only an id": '{"connection_id": "books"}', "deep": "[" * 100_000,
            "no text": 7,
        }.items()
    },
    **{
        f"a summary that is {name}": _as_summary(text)
        for name, text in {
            "null": None, "a number": 7, "empty": "", "not base64": "ä", "not packed": "AAAA",
            "cut short": _packed("[]")[:8], "null inside": _packed("null"), "empty inside": _packed(""),
            "a list inside": _packed("[]"), "an object inside": _packed("{}"), "deep": _packed("[" * 100_000),
            "of a note without version": _packed(
                '[]\n"shop"\tread\t{"connection_id": "shop", "receipt": {}}'
            ),
            "of a failure without error": _packed(
                '[]\n"shop"\tfailed\t{"connection_id": "shop", "version": 2, "committed_at": 0}'
            ),
            "of a note of another connection": _packed(
                '[]\n"shop"\tread\t{"connection_id": "x", "version": 2, "committed_at": 0, "receipt": {}}'
            ),
            "of a note of text": _packed('[]\n"shop"\tread\t"x"'),
            "of a note that is not JSON": _packed('[]\n"shop"\tread\t{'),
            "of a note of no kind": _packed('[]\n"shop"\tx\t{}'),
            "of a line without a note": _packed('[]\n"shop"'),
            "of numbers requested": _packed("[7]"),
        }.items()
    },
    **{
        f"a note without {key}": _without(key)
        for key in ("connection_id", "receipt", "fields", "watermark", "added", "changed", "removed")
    },
    **{
        f"a note in which {key} is {value!r}": _with(key, value)
        for key in ("connection_id", "receipt", "fields", "watermark", "added", "connections", "error")
        for value in _VALUES
    },
    **{
        f"a receipt in which {key} is {value!r}": _receipt(key, value)
        for key in (
            "pages", "rows", "environment", "refused", "started", "not_offered", "complete", "per_connection",
        )
        for value in _VALUES
    },
    **{
        f"a receipt's connection in which {key} is {value!r}": _entry(key, value)
        for key in ("complete", "pages", "rows")
        for value in (*_VALUES[:1], *_VALUES[2:4])
    },
}  # fmt: skip


def _apply(find: Callable[[Path], Path], change: Callable[[Path], object], table: Path) -> None:
    change(find(table))


def damages() -> Iterator[tuple[str, Damage]]:
    """Yield each damage with its name."""
    for file, find in FILES.items():
        for change, apply in _CHANGES.items():
            yield f"{file} {change}", partial(_apply, find, apply)
    yield from _OTHER.items()
