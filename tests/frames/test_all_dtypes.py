"""Every frame that rutterframe returns has the dtypes of the contract, on each pandas with its usual options.

On pandas 2.3 the option that makes ``str`` of text is off here, as in most people's sessions.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.client.diagnose import diagnose
from rutterframe.frames.text_dtype import IS_PANDAS_2

pytestmark = pytest.mark.long

CONNECTIONS = ("roaster-quickbooks", "roaster-shopify", "roaster-bank")
DTYPES = {"str", "float64", "Int64", "int64", "bool", "boolean", "datetime64[us]", "datetime64[us, UTC]"}
#: Reports of books with their usual arguments; the last four are of live books.
REPORTS = (
    "ar_aging", "ap_aging", "open_items", "top_overdue", "revenue_by_product", "cash_position",
    "cash_history", "cash_forecast", "runway", "transfers", "trial_balance", "expenses_by_category",
    "dso", "dpo", "days_to_pay", "compare_statements",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _usual_options() -> Iterator[None]:
    with pd.option_context("future.infer_string", False) if IS_PANDAS_2 else nullcontext():
        yield


def unexpected(tables: dict[str, pd.DataFrame]) -> dict[str, list[str]]:
    """Return the columns with another dtype by table, and the tables with another index than 0, 1, 2 …"""
    result = {}
    for key, table in tables.items():
        columns = [
            f"{name}: {dtype}"
            for name, dtype in table.dtypes.items()
            if not isinstance(dtype, pd.ArrowDtype) and str(dtype) not in DTYPES
        ]
        columns += [] if isinstance(table.index, pd.RangeIndex) else [f"index: {table.index.dtype}"]
        if columns:
            result[key] = columns
    return result


@pytest.mark.parametrize("dialect", ["contract", "live"])
def test_loaded_frames(dialect: str, tmp_path: Path) -> None:
    """Of no row, one and many connections, flat, as lines, and of a dataset."""
    with rf.demo(dialect=dialect) as client:
        connections = [client.connection(name) for name in CONNECTIONS]
        frames = rf.load_all(connections, progress=False)
        tables = {f"all {name}": frame for name, frame in frames.items()}
        tables |= {f"none of {name}": frame.iloc[:0] for name, frame in frames.items()}
        tables |= {f"flat {name}": rf.flat(frame) for name, frame in frames.items()}
        tables |= {f"JSON {name}": rf.flat(frame, nested="json") for name, frame in frames.items()}
        tables["one"] = rf.load_invoices(connections[0], progress=False)
        tables["lines"], tables["variants"] = rf.line_items(frames["orders"]), rf.variants(frames["products"])
        tables["connections"] = rf.load_connections(client)
        tables["refresh"] = rf.refresh(connections, tmp_path / "books", progress=False)
    dataset = rf.Dataset(tmp_path / "books")
    tables |= {f"stored {name}": dataset.load(name) for name in frames}
    tables["status"], tables["versions"] = dataset.status(), dataset.versions("invoices")
    tables["export"] = dataset.export(f"sqlite:///{tmp_path / 'books.db'}", resources=["invoices"])
    newest = int(tables["versions"]["version"].max())
    tables["compare"] = dataset.compare("invoices", newest, newest)
    tables["removal"] = dataset.remove("roaster-quickbooks")
    assert unexpected(tables) == {}


@pytest.mark.parametrize("dialect", ["contract", "live"])
def test_reports(dialect: str) -> None:
    """All reports, their rows' documents, a month end with its comparisons, and findings."""
    with rf.demo(dialect=dialect) as client:
        books = rf.load_books([client.connection(name) for name in CONNECTIONS], progress=False)
        tables = {"diagnosis": diagnose(client).to_frame()}
    tables |= {name: getattr(books, name)() for name in (REPORTS if dialect == "live" else REPORTS[:-4])}
    month, aging = books.month_end(), tables["ar_aging"]
    tables |= {**month.reports, **month.ties, "tie-outs": month.tie_outs()[0], "summary": month.summary}
    tables |= {"receipts": books.receipts, "checks": books.check(), "rows": books.explain(aging.iloc[0])}
    tables["concentration"] = books.concentration(aging, "customer_id")
    tables["converted"], tables["by business"] = books.convert(aging), books.by_business()
    tables["by month"] = books.revenue_by_product(period="month")
    tables |= {"change": books.change(tables["by month"]), "extensions": rf.extensions.list_extensions()}
    assert unexpected(tables) == {}
