"""The page on other engines: its code runs over a dataset, and its reports have the cents of pandas."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pytest

import rutterframe as rf
from tests.dataset.scripted import Api, invoices

PAGE = (Path(rf.__file__).parent.parent / "docs/howto/engines.md").read_text(encoding="utf-8")
CODE = {
    name: re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    for name, section in re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
}


Reports = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a dataset of the roaster's books."""
    path = tmp_path_factory.mktemp("page")
    with rf.demo() as client:
        names = ["roaster-quickbooks", "roaster-shopify"]
        rf.refresh([client.connection(name) for name in names], path / "books")
    return path


@pytest.fixture
def expected(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Reports:
    """The reports on pandas of the dataset in the current folder."""
    monkeypatch.chdir(folder)
    data = rf.Dataset("books")
    aging = rf.reports.ar_aging(data.load("invoices"), "2026-06-30", customers=data.load("customers"))
    return {
        "aging": aging,
        "revenue": rf.reports.revenue_by_product(data.load("orders"), data.load("products")),
        "largest": rf.reports.concentration(aging, by="customer_id"),
    }


def run(section: str) -> dict[str, Any]:
    """Run the code of a section, and return its names."""
    (code,) = CODE[section]
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - the page's own code
    return names


def test_duckdb(expected: Reports) -> None:
    """DuckDB's relations of the files have the cents of pandas, and so has the scan."""
    page = run("DuckDB")
    with page["duck"] as duck:
        aging, revenue = page["aging"].df(), page["revenue"].df()
        assert aging["total"].tolist() == expected["aging"]["total"].tolist()
        assert aging["customer_name"].tolist() == expected["aging"]["customer_name"].tolist()
        assert revenue["revenue"].tolist() == expected["revenue"]["revenue"].tolist()
        assert revenue["title"].tolist() == expected["revenue"]["title"].tolist()
        assert page["largest"]["amount"].tolist() == expected["largest"]["amount"].tolist()
        scan = page["data"].scan("invoices")  # noqa: F841 - DuckDB finds it by its name
        rows = duck.sql("SELECT * FROM scan WHERE _deleted_at IS NULL")
        again = rf.reports.ar_aging(rows, "2026-06-30").df()
        assert again["total"].tolist() == expected["aging"]["total"].tolist()


def test_polars(expected: Reports) -> None:
    """Polars' lazy frames of the files and of the Delta table have the cents of pandas."""
    page = run("Polars")
    assert page["aging"]["total"].to_list() == expected["aging"]["total"].tolist()
    assert page["aging"]["customer_name"].to_list() == expected["aging"]["customer_name"].tolist()
    assert page["revenue"]["revenue"].to_list() == expected["revenue"]["revenue"].tolist()
    newest = rf.reports.ar_aging(page["newest"], "2026-06-30").collect()
    assert newest["total"].to_list() == expected["aging"]["total"].tolist()


def test_pyarrow_and_pandas(expected: Reports) -> None:
    """A PyArrow table of the scan has the cents of pandas."""
    page = run("PyArrow and pandas")
    assert page["aging"]["total"].to_pylist() == expected["aging"]["total"].tolist()
    assert page["same"]["total"].tolist() == expected["aging"]["total"].tolist()


def test_deleted_rows_and_ids_that_look_like_numbers(path: Path) -> None:
    """The connections "0123" and "a b" keep their names, and deleted invoices do not count."""
    api = Api(answers={("0123", "invoices"): invoices(3), ("a b", "invoices"): invoices(1)})
    rf.refresh(api.connections("0123", "a b"), path, resources=["invoices"])
    api.answers["0123", "invoices"] = invoices(2)
    rf.refresh(api.connections("0123"), path, resources=["invoices"])
    data = rf.Dataset(path)
    functions = [
        re.sub(r"^data = .*", "", CODE[name][0], flags=re.DOTALL | re.MULTILINE)
        for name in ("DuckDB", "Polars")
    ]
    counts: list[Any] = []
    for code in functions:
        names: dict[str, Any] = {}
        exec(code, names)  # noqa: S102 - the page's own code
        rows = names["read"](data, "invoices")
        frame = rows.collect() if isinstance(rows, pl.LazyFrame) else rows.pl()
        counts.append(sorted(frame["connection_id"].to_list()))
        if isinstance(rows, duckdb.DuckDBPyRelation):
            names["duck"].close()
    assert counts == [["0123", "0123", "a b"]] * 2
