"""dlt: its rest_api source, once in the setting that is fastest, once in the one that is most careful.

Tried at 20,000 transactions, seconds in all: Parquet files in a folder 0.50, JSON lines in a folder 0.61,
DuckDB by way of Parquet 0.66 (also with larger buffers), by JSON lines 0.79, by INSERT 2.68; two workers to
normalize cost a second more than they save. The columns' types are passed, so that none is inferred.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# Read when dlt is imported: no network but loopback, no log, and few retries of a broken page
os.environ.update(
    RUNTIME__DLTHUB_TELEMETRY="false",
    RUNTIME__LOG_LEVEL="CRITICAL",
    RUNTIME__REQUEST_MAX_ATTEMPTS="2",
    RUNTIME__REQUEST_BACKOFF_FACTOR="0",
)

import dlt
import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from dlt.sources.rest_api import rest_api_source

from benchmarks.baselines import AUTH, HEADERS
from benchmarks.peers.tool import DLT, Tool
from benchmarks.peers.typed import COUNT, DAY, LINE, MOMENT, NUMBER, ORDER, TEXT, TRANSACTION

KINDS = {TEXT: "text", NUMBER: "double", COUNT: "bigint", DAY: "date", MOMENT: "timestamp"}
DATASET = "bench"


@dataclass(frozen=True, slots=True)
class Setting:
    """The settings of a pipeline."""

    into_duckdb: bool = False
    """Whether the rows go on from Parquet files into a DuckDB database."""
    hints: dict[str, Any] = field(default_factory=dict)
    """Further hints of the resource."""


FASTEST = Setting(hints={"write_disposition": "replace"})
CAREFUL = Setting(
    into_duckdb=True,
    hints={"write_disposition": "merge", "primary_key": "id", "schema_contract": {"data_type": "freeze"}},
)


def columns(resource: str) -> dict[str, Any]:
    """Return the types of a table's columns."""
    kinds = {"orders": ORDER, "lines": LINE, "transactions": TRANSACTION}[resource]
    return {name: {"name": name, "data_type": KINDS[kind], "nullable": True} for name, kind in kinds.items()}


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline that has not run yet, in a folder of its own."""

    url: str
    folder: Path
    setting: Setting

    def run(self, resource: str) -> Loaded:
        """Load a resource."""
        pipeline = dlt.pipeline(
            "peers",
            pipelines_dir=f"{self.folder}/state",
            destination=self.destination(),
            dataset_name=DATASET,
        )
        pipeline.run(self.source(resource), loader_file_format="parquet")
        return Loaded(resource, self.folder, self.setting)

    def destination(self) -> Any:
        """Return the destination of the rows."""
        if self.setting.into_duckdb:
            return dlt.destinations.duckdb(f"{self.folder}/rows.duckdb")
        return dlt.destinations.filesystem(self.folder.as_uri())

    def source(self, resource: str) -> Any:
        """Describe the API."""
        hints = {"name": resource, "columns": columns(resource), **self.setting.hints}
        if resource == "orders":
            hints["nested_hints"] = {"line_items": {"columns": columns("lines")}}
        auth = {"type": "http_basic", "username": AUTH[0], "password": AUTH[1]}
        paginator = {"type": "cursor", "cursor_path": "next_cursor", "cursor_param": "cursor"}
        client = {"base_url": self.url, "headers": HEADERS, "auth": auth, "paginator": paginator}
        endpoint = {"path": resource, "params": {"access_token": "t0"}, "data_selector": resource}
        config: Any = {"client": client, "resources": [{**hints, "endpoint": endpoint}]}
        return rest_api_source(config)


@dataclass(frozen=True, slots=True)
class Loaded:
    """The result of a pipeline on disk."""

    resource: str
    folder: Path
    setting: Setting

    def frames(self) -> tuple[pd.DataFrame, ...]:
        """Return the result as frames."""
        parents = self.table(self.resource)
        if self.resource == "transactions":
            return (parents,)
        lines = self.table("orders__line_items")
        if lines.empty:
            return parents, lines
        ids = parents[["_dlt_id", "id"]].rename(columns={"_dlt_id": "_dlt_parent_id"})
        return parents, lines.merge(ids, on="_dlt_parent_id")

    def table(self, name: str) -> pd.DataFrame:
        """Read a table; one that does not exist is empty."""
        rows = self.from_duckdb(name) if self.setting.into_duckdb else self.from_folder(name)
        frame: pd.DataFrame = rows.to_pandas(types_mapper=pd.ArrowDtype)
        return frame

    def from_folder(self, name: str) -> pa.Table:
        """Read Parquet files, which may differ in their columns."""
        files = sorted((self.folder / DATASET / name).glob("*.parquet"))
        tables = [pq.read_table(file, partitioning=None) for file in files]
        return pa.concat_tables(tables, promote_options="default") if tables else pa.table({})

    def from_duckdb(self, name: str) -> pa.Table:
        """Read a table of the database."""
        with duckdb.connect(f"{self.folder}/rows.duckdb") as database:
            try:
                return database.table(f"{DATASET}.{name}").to_arrow_table()
            except duckdb.CatalogException:
                return pa.table({})


def opener_of(setting: Setting) -> Any:
    """Return the function that opens pipelines of a setting."""

    @contextmanager
    def open_pipeline(url: str) -> Iterator[Pipeline]:
        with tempfile.TemporaryDirectory() as folder:
            yield Pipeline(url, Path(folder), setting)

    return open_pipeline


TOOLS = tuple(
    Tool(
        name,
        ("dlt", "duckdb", "pyarrow"),
        opener_of(setting),
        lambda pipeline: pipeline.run("transactions"),
        lambda pipeline: pipeline.run("orders"),
        Loaded.frames,
    )
    for name, setting in ((DLT, FASTEST), ("dlt, careful", CAREFUL))
)
