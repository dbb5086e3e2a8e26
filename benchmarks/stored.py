"""Write generated rows to a dataset without an API: the files and commits are those of a refresh."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial

import numpy as np
import pyarrow as pa

from rutterframe.dataset.bucket_merge import MergedRows
from rutterframe.dataset.edits import Edits
from rutterframe.dataset.merge import DELETED, POSITION
from rutterframe.dataset.spool import MAX_BYTES
from rutterframe.dataset.stored_rows import StoredRows
from rutterframe.dataset.tables import Tables, rows_schema

CONNECTIONS = ("books-a", "books-b")
CURRENCIES = ("EUR", "GBP", "USD")
AS_OF = "2026-06-30"
LINES = 3
_BATCH = 100_000
_DAY = np.datetime64("2026-06-30T00:00:00", "us")


def _take(values: list[str], random: np.random.Generator, rows: int) -> pa.Array:
    return pa.array(values, pa.large_string()).take(pa.array(random.integers(0, len(values), rows)))


def _names(word: str, first: int, rows: int) -> pa.Array:
    return pa.array([f"{word}-{number:09d}" for number in range(first, first + rows)], pa.large_string())


def _days(random: np.random.Generator, rows: int, back: int, ahead: int) -> np.ndarray:
    days: np.ndarray = _DAY + random.integers(-back, ahead, rows).astype("timedelta64[D]")
    return days


def _lines(fields: dict[str, pa.Array], rows: int) -> pa.Array:
    items = pa.StructArray.from_arrays(list(fields.values()), names=list(fields))
    return pa.ListArray.from_arrays(pa.array(range(0, rows * LINES + 1, LINES), pa.int32()), items)


def invoices(random: np.random.Generator, first: int, rows: int) -> dict[str, pa.Array]:
    """Return invoices of 5,000 customers in three currencies; one in fifty has no due date."""
    due = pa.array(_days(random, rows, 200, 60), mask=random.integers(0, 50, rows) == 0)
    return {
        "id": _names("invoice", first, rows),
        "customer_id": _take([f"customer-{number:04d}" for number in range(5000)], random, rows),
        "status": _take(["open", "open", "open", "paid", "draft"], random, rows),
        "amount_due": pa.array(random.integers(1, 500_000, rows) / 100),
        "currency": _take([*CURRENCIES], random, rows),
        "due_date": due,
    }


def orders(random: np.random.Generator, first: int, rows: int) -> dict[str, pa.Array]:
    """Return orders with three lines each, of 2,000 products."""
    products = [f"product-{number:05d}" for number in range(2000)]
    lines = {
        "product_id": _take(products, random, rows * LINES),
        "variant_id": _take(products, random, rows * LINES),
        "quantity": pa.array(random.integers(1, 5, rows * LINES)),
        "unit_price": pa.array(random.integers(100, 20_000, rows * LINES) / 100),
    }
    return {
        "id": _names("order", first, rows),
        "status": _take(["fulfilled", "processing", "pending", "cancelled"], random, rows),
        "currency": _take([*CURRENCIES], random, rows),
        "total_price": pa.array(random.integers(1_000, 60_000, rows) / 100),
        "line_items": _lines(lines, rows),
        "created_at": pa.array(_days(random, rows, 700, 0)).cast(pa.timestamp("us", "UTC")),
    }


def transactions(random: np.random.Generator, first: int, rows: int) -> dict[str, pa.Array]:
    """Return transactions of three accounts, over two years."""
    accounts = random.integers(0, 3, rows)
    return {
        "id": _names("transaction", first, rows),
        "amount": pa.array(random.integers(-500_000, 500_000, rows) / 100),
        "currency": pa.array(CURRENCIES, pa.large_string()).take(pa.array(accounts)),
        "date": pa.array(_days(random, rows, 700, 0)),
        "account_id": pa.array([f"account-{number}" for number in range(3)], pa.large_string()).take(
            pa.array(accounts)
        ),
    }


def bank_accounts(random: np.random.Generator, first: int, rows: int) -> dict[str, pa.Array]:
    """Return an account in each currency."""
    return {
        "id": pa.array([f"account-{number}" for number in range(first, first + rows)], pa.large_string()),
        "type": pa.array(["checking"] * rows, pa.large_string()),
        "balance": pa.array(random.integers(0, 100_000_000, rows) / 100),
        "currency": pa.array(CURRENCIES[:rows], pa.large_string()),
    }


_ROWS: dict[str, Callable[[np.random.Generator, int, int], dict[str, pa.Array]]] = {
    "invoices": invoices,
    "orders": orders,
    "transactions": transactions,
    "bank_accounts": bank_accounts,
}


def write(path: str, resource: str, rows: int) -> None:
    """Write so many rows of a resource, the same on every run, in equal parts for each connection."""
    tables = Tables(path)
    for number, name in enumerate(CONNECTIONS):
        merge = partial(_merge, resource=resource, seed=number, rows=rows // len(CONNECTIONS))
        tables.write(resource, name, merge, partial(_note, resource, name))


def _merge(stored: StoredRows, *, resource: str, seed: int, rows: int) -> MergedRows:
    """Write new rows at their positions, as a first refresh does once it has looked for repeated ids."""
    edits = Edits(stored, datetime.now(UTC), MAX_BYTES)
    edits.rows = partial(_tables, stored.schema, resource, seed, rows)
    for first in range(0, rows, _BATCH):
        positions = np.arange(first, min(first + _BATCH, rows))
        edits.add_keys(positions, np.ones(len(positions), bool))
    return MergedRows(stored.schema, edits, live=rows, added=rows)


def _tables(schema: pa.Schema, resource: str, seed: int, rows: int) -> Iterator[pa.Table]:
    random = np.random.default_rng(seed)
    fields = [field for field in schema if field.name not in (DELETED, POSITION)]
    for first in range(0, rows, _BATCH):
        count = min(_BATCH, rows - first)
        columns = _ROWS[resource](random, first, count)
        arrays = [columns.get(field.name, pa.nulls(count, field.type)).cast(field.type) for field in fields]
        yield pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def _note(resource: str, name: str, rows: MergedRows) -> dict[str, object]:
    now = datetime.now(UTC).isoformat()
    entry = {"complete": True, "pages": 1, "rows": rows.live, "duplicates_dropped": 0, "rows_refused": 0}
    receipt = {
        "resource": resource, "environment": "https://api.example.com", "pages": 1, "rows": rows.live,
        "duplicates_dropped": 0, "rows_refused": 0, "refused": [], "started": now, "finished": now,
        "not_offered": [], "connections": [name], "complete": True, "per_connection": {name: entry},
    }  # fmt: skip
    return {"connection_id": name, "receipt": receipt, "fields": str(rows_schema(resource)), "watermark": now}
