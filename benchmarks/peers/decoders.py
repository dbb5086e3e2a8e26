"""Bare decoders under explicit schemas: orjson with Arrow, Arrow's own, Polars and DuckDB."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import httpx
import orjson
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.json as pj

from benchmarks.baselines import open_client, page_bytes
from benchmarks.peers.tool import Tool
from benchmarks.peers.typed import COUNT, DAY, LINE, MOMENT, NUMBER, ORDER, ROW, TEXT, TRANSACTION, frames_of

Decode = Callable[[bytes, str], pa.Table]


def by_orjson(body: bytes, resource: str) -> pa.Table:
    return pa.Table.from_struct_array(pa.array(orjson.loads(body)[resource], ROW[resource]))


def by_arrow(body: bytes, resource: str) -> pa.Table:
    schema = pa.schema([(resource, pa.list_(ROW[resource])), ("next_cursor", TEXT)])
    page = pj.read_json(
        io.BytesIO(body),
        pj.ReadOptions(block_size=len(body) + 1, use_threads=False),
        pj.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore"),
    )
    return pa.Table.from_struct_array(page[resource].combine_chunks().flatten())


def by_polars(body: bytes, resource: str) -> pa.Table:
    kind = pl.Schema(pa.schema([(resource, pa.list_(ROW[resource]))]))
    page = pl.read_json(body, schema=kind)
    rows = page.explode(resource).unnest(resource).to_arrow()
    return rows.cast(pa.schema(list(ROW[resource])))


SQL = {TEXT: "VARCHAR", NUMBER: "DOUBLE", COUNT: "BIGINT", DAY: "DATE", MOMENT: "TIMESTAMPTZ"}


def sql_struct(types: dict[str, pa.DataType], *more: str) -> str:
    """Return a row's type in DuckDB's SQL, which can read dates and date-times itself."""
    return f"STRUCT({', '.join([*(f'{name} {SQL[kind]}' for name, kind in types.items()), *more])})"


SQL_ROW = {
    "transactions": sql_struct(TRANSACTION),
    "orders": sql_struct(ORDER, f"line_items {sql_struct(LINE)}[]"),
}


def by_duckdb(body: bytes, resource: str) -> pa.Table:
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.json"
        page.write_bytes(body)
        rows = duckdb.read_json(str(page), columns={resource: f"{SQL_ROW[resource]}[]"})
        unnested = rows.project(f"unnest({resource}) AS row").project("unnest(row)")
        return unnested.to_arrow_table()


def load(client: httpx.Client, resource: str, decode: Decode) -> tuple[pd.DataFrame, ...]:
    """Load a resource, page by page."""
    return frames_of([decode(body, resource) for body in page_bytes(client, resource)], resource)


def decoder(name: str, packages: tuple[str, ...], decode: Decode) -> Tool:
    """Return a tool that uses a decoder."""
    return Tool(
        name,
        packages,
        open_client,
        lambda client: load(client, "transactions", decode),
        lambda client: load(client, "orders", decode),
    )


TOOLS = (
    decoder("orjson + pa.array", ("orjson", "pyarrow"), by_orjson),
    decoder("pyarrow.json", ("pyarrow",), by_arrow),
    decoder("Polars", ("polars",), by_polars),
    decoder("DuckDB", ("duckdb",), by_duckdb),
)
