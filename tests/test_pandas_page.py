"""Every call on the page of pandas habits: what pandas refuses, what surprises, and what to write instead."""

from __future__ import annotations

import re
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.frames.text_dtype import IS_PANDAS_2

PAGE = (Path(rf.__file__).parent.parent / "docs/howto/pandas.md").read_text(encoding="utf-8")
SETUP = PAGE.partition("```python\n")[2].partition("```")[0]
_ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.splitlines()
    if line.startswith("| `")
]
REFUSED = [
    (call.strip("`"), error, instead) for call, error, instead in _ROWS if re.fullmatch(r"\w+Error", error)
]
SURPRISING = [
    (call.strip("`"), instead) for call, error, instead in _ROWS if not re.fullmatch(r"\w+Error", error)
]

#: What rutterframe and pandas return on pandas 3, and on pandas 2.3.
DIFFERENCES = re.findall(r"^\| [a-z][^`|]*: `(.+)` \| `([^`]+)` \| `([^`]+)` \|$", PAGE, re.MULTILINE)


@pytest.fixture(scope="module")
def loaded() -> Iterator[dict[str, Any]]:
    """Return the names that the page defines."""
    names: dict[str, Any] = {}
    exec(SETUP.replace('"books.db"', '":memory:"'), names)  # noqa: S102 - that it runs is the point
    yield names
    names["database"].close()
    names["client"].close()


def error_of(call: str, names: dict[str, Any]) -> str:
    """Return the name of the error that a call raises; empty if it raises none."""
    try:
        run(call, names)
    except Exception as error:  # noqa: BLE001 - its name is compared
        return type(error).__name__
    return ""


def run(call: str, names: dict[str, Any]) -> Any:
    """Run a call of the page."""
    return eval(call, names)  # noqa: S307 - that it runs is the point


@pytest.mark.parametrize(("call", "error", "instead"), REFUSED)
def test_what_pandas_refuses(call: str, error: str, instead: str, loaded: dict[str, Any]) -> None:
    """A call that the page lists as refused raises that error, and what to write instead does not."""
    # pandas 2.3 refuses a merge on lists by an error of its own.
    assert error_of(call, loaded) in ({error, "TypeError"} if IS_PANDAS_2 else {error})
    for other in re.findall("`([^`]+)`", instead):
        run(other, loaded)


@pytest.mark.parametrize(("call", "instead"), SURPRISING)
def test_what_surprises(call: str, instead: str, loaded: dict[str, Any]) -> None:
    """A call that surprises runs, and so does what to write instead."""
    with warnings.catch_warnings(action="ignore"):  # pandas warns of its own default
        run(call, loaded)
    for other in re.findall("`([^`]+)`", instead):
        run(other, loaded)


@pytest.mark.parametrize(("call", "on_3", "on_2"), DIFFERENCES)
def test_what_differs_between_versions(call: str, on_3: str, on_2: str, loaded: dict[str, Any]) -> None:
    """A call of the table of versions returns what the column of this pandas has, with its usual options."""
    for name in ("invoices.parquet", "invoices.xlsx"):
        rf.write_frame(loaded["invoices"], name)
    with pd.option_context("future.infer_string", False) if IS_PANDAS_2 else nullcontext():
        assert str(run(call, loaded)) == (on_2 if IS_PANDAS_2 else on_3)


def test_the_page_has_all_calls() -> None:
    """The tables of the page are read: each has rows."""
    assert len(DIFFERENCES) == PAGE.count("` | `") / 2
    assert len(REFUSED) >= 20
    assert len(SURPRISING) >= 12


def test_lists_in_sql(loaded: dict[str, Any]) -> None:
    """Of lists pandas stores addresses in a database; of a flat frame, their number."""
    database = loaded["database"]
    loaded["orders"].head(1).to_sql("addresses", database)
    assert isinstance(database.execute("select line_items from addresses").fetchone()[0], bytes)
    loaded["flat"].head(1).to_sql("numbers", database)
    assert database.execute("select line_items_count from numbers").fetchone() == (
        len(rf.line_items(loaded["orders"].head(1))),
    )


def test_names_and_days_in_excel(tmp_path: Path) -> None:
    """A name with "=" and the year 0001 are text in what write_frame writes, and not in what pandas does."""
    days = pd.Series(["0001-01-01"], dtype="datetime64[us]")
    frame = pd.DataFrame({"name": ["=1+1"], "due_date": days})
    frame.to_excel(tmp_path / "pandas.xlsx", index=False)
    rf.write_frame(frame, tmp_path / "ours.xlsx")
    with warnings.catch_warnings(action="ignore"):  # openpyxl warns of the day
        cells = openpyxl.load_workbook(tmp_path / "pandas.xlsx")["Sheet1"]["A2":"B2"][0]
    assert (cells[0].data_type, cells[1].value) == ("f", "#VALUE!")
    cells = openpyxl.load_workbook(tmp_path / "ours.xlsx")["data"]["A2":"B2"][0]
    assert [(cell.data_type, cell.value) for cell in cells] == [("s", "=1+1"), ("s", "0001-01-01")]


@pytest.mark.slow
def test_files_read_without_rutterframe(loaded: dict[str, Any], tmp_path: Path) -> None:
    """Without rutterframe pandas reads what write_frame and a flat frame wrote, not its own nested lists."""
    rf.write_frame(loaded["orders"], tmp_path / "ours.parquet")
    loaded["flat"].to_parquet(tmp_path / "flat.parquet")
    loaded["orders"].to_parquet(tmp_path / "pandas.parquet")
    read = "import sys, pandas as pd; print(len(pd.read_parquet(sys.argv[1])))"
    outcomes = {
        name: subprocess.run(
            [sys.executable, "-c", read, str(tmp_path / f"{name}.parquet")],
            check=False, capture_output=True, text=True,
        )
        for name in ("ours", "flat", "pandas")
    }  # fmt: skip
    count = f"{len(loaded['orders'])}\n"
    assert [outcomes[name].stdout for name in outcomes] == [count, count, ""]
    assert "list<" in outcomes["pandas"].stderr.splitlines()[-1]
