"""Text, moments and memory of frames are the same on pandas 2.3, in a session without its options."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

import rutterframe as rf
from rutterframe.frames.text_dtype import IS_PANDAS_2, TEXT_DTYPE, infer_text
from rutterframe.reports.businesses import with_business

AS_OF = "2026-06-30"
DTYPES = {"str", "float64", "Int64", "int64", "bool", "boolean", "datetime64[us]", "datetime64[us, UTC]"}


@pytest.fixture(autouse=True)
def _usual_options() -> Iterator[None]:
    """What a session of pandas 2.3 starts with; the tests' own literals need another option there."""
    with pd.option_context("future.infer_string", False) if IS_PANDAS_2 else nullcontext():
        yield


def objects() -> pd.DataFrame:
    """Two invoices with text as Python objects, as a session of pandas 2.3 reads them from a CSV file."""
    columns: dict[str, list[Any]] = {
        "connection_id": ["c", None], "id": ["1", "2"], "customer_id": ["k", None], "status": ["open"] * 2,
        "amount_due": [10.0, 5.0], "currency": ["USD"] * 2, "due_date": ["0001-01-01", "9999-12-31"],
    }  # fmt: skip
    return frame_of_objects(columns).astype({"amount_due": "float64"})


def frame_of_objects(columns: dict[str, list[Any]]) -> pd.DataFrame:
    """Return a frame of Python objects."""
    return pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in columns.items()})


def other_dtypes(frame: pd.DataFrame) -> set[str]:
    """Return the dtypes of a frame that the contract does not have; lists are Arrow's."""
    return {str(dtype) for dtype in frame.dtypes if not isinstance(dtype, pd.ArrowDtype)} - DTYPES


def test_the_dtype_of_text() -> None:
    """It is called str, and holds NaN where a value is missing."""
    assert str(TEXT_DTYPE) == "str"
    assert pd.Series(["a", None], dtype=TEXT_DTYPE).isna().tolist() == [False, True]


def test_loads_and_reports_hold_no_objects(client: rf.Client) -> None:
    """All loaded frames, reports, comparisons and tables of books hold the dtypes of the contract."""
    connections = [client.connection(f"roaster-{name}") for name in ("quickbooks", "shopify", "bank")]
    books = rf.load_books(connections, progress=False)
    month = books.month_end()
    tables = {**books.frames, **month.reports, **month.ties, "tie-outs": month.tie_outs()[0]}
    tables |= {"summary": month.summary, "receipts": books.receipts, "findings": books.check()}
    assert {name: other_dtypes(table) for name, table in tables.items() if other_dtypes(table)} == {}
    assert all(isinstance(table.index, pd.RangeIndex) for table in tables.values())


def test_a_report_of_objects() -> None:
    """Missing keys stay missing, days beyond nanoseconds are read, and the report's text is str."""
    report = rf.reports.ar_aging(objects(), AS_OF)
    assert report["customer_id"].isna().tolist() == [False, True]
    assert report[["days_91_plus", "current"]].to_numpy().tolist() == [[10.0, 0.0], [0.0, 5.0]]
    if IS_PANDAS_2:
        assert other_dtypes(report) == set()


def test_moments_of_pyarrow() -> None:
    """A due date with a zone counts by the calendar of that zone."""
    utc = pd.to_datetime(["2026-06-30 23:30", "2026-06-29 00:30"]).tz_localize("UTC")
    days = pd.Series(utc.tz_convert("America/New_York"))
    frame = objects().assign(due_date=days.astype(pd.ArrowDtype(pa.timestamp("us", "America/New_York"))))
    listed = rf.reports.open_items(frame, AS_OF)
    assert dict(zip(listed["id"], listed["days_past_due"], strict=True)) == {"2": 2, "1": 0}


def test_a_report_has_memory_of_its_own() -> None:
    """To change a converted report, or rows with their business, changes no other frame."""
    frame = objects().rename(columns={"amount_due": "amount"})
    original = frame.copy()
    rates = pd.DataFrame({"currency": ["USD"], "rate": [1.0], "date": ["2026-01-01"]})
    for result in (
        rf.reports.convert(frame, rates, "USD", columns=["amount"]),
        with_business(frame, {"Roaster": ["c"]}),
    ):
        for name in frame.columns:
            result.loc[0, name] = result[name].iloc[1]
    pd.testing.assert_frame_equal(frame, original)


def test_columns_that_are_not_text() -> None:
    """Objects of other types stay as they are, on every pandas."""
    frame = frame_of_objects({"lists": [["a"], ["b"]], "mixed": ["a", 1]})
    assert infer_text(frame).dtypes.tolist() == [object, object]


@pytest.mark.slow
def test_an_older_pandas_is_named(tmp_path: Path) -> None:
    """With a pandas that is too old, the import states which it is, and what to do."""
    (tmp_path / "old.py").write_text("import pandas\npandas.__version__ = '2.2.2'\nimport rutterframe\n")
    run = subprocess.run([sys.executable, tmp_path / "old.py"], capture_output=True, text=True, check=False)
    assert run.stderr.splitlines()[-1] == (
        "ImportError: rutterframe needs pandas 2.3 or later, and this program has imported pandas 2.2.2: "
        'run pip install "pandas>=2.3", then restart the program, in a notebook the kernel'
    )
