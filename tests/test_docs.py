"""What the documentation says is what the code does."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
import re
from functools import cache
from typing import Any

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.frames import rows_of, to_frame
from rutterframe.models import RECORDS
from rutterframe.models.columns import columns

#: A module named __main__ would run.
MODULES = [
    module.name
    for module in pkgutil.walk_packages(rf.__path__, "rutterframe.")
    if not module.name.endswith("__main__")
]
ROW = re.compile(r"^(\w+) +(str|float64|Int64|datetime64\[us(?:, UTC)?\]|list<struct>) +(.+)$")


def table(loader: Any) -> dict[str, tuple[str, str]]:
    """Read the table of columns in a docstring: name, dtype, meaning."""
    result: dict[str, tuple[str, str]] = {}
    for line in inspect.cleandoc(loader.__doc__).splitlines():
        row = ROW.match(line.strip())
        if row:
            result[row[1]] = (row[2], row[3])
            name = row[1]
        elif result and line.startswith("    ") and line.strip() and not set(line.strip()) <= {"=", " "}:
            result[name] = (result[name][0], f"{result[name][1]} {line.strip()}")
    return result


@pytest.mark.parametrize("resource", RECORDS)
def test_the_table_of_columns(resource: str) -> None:
    """A loader's docstring lists the columns of its frame, in order, with dtype, enumeration and meaning."""
    written = table(getattr(rf, f"load_{resource}"))
    frame = to_frame(RECORDS[resource], [rows_of(RECORDS[resource], [], "c1")])
    dtypes = {name: re.sub(r"^list<.*", "list<struct>", str(dtype)) for name, dtype in frame.dtypes.items()}
    assert {name: dtype for name, (dtype, _) in written.items()} == dtypes
    for column in columns(RECORDS[resource]):
        meaning = written[column.name][1].lower()
        assert column.meaning.lower() in meaning
        for word in column.known:
            assert word in meaning


@cache
def demo_books() -> rf.Books:
    """Return the books that the examples of their methods have."""
    with rf.demo() as client:
        return rf.load_books(client, progress=False)


@pytest.mark.parametrize("name", ["rutterframe", *MODULES])
def test_examples_run(name: str) -> None:
    """Every example in a docstring gives what it shows."""
    module = importlib.import_module(name)
    variables = {"books": demo_books()} if name.startswith("rutterframe.books.") else {}
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    assert doctest.testmod(module, optionflags=flags, extraglobs=variables).failed == 0


def test_reading_the_table_can_fail() -> None:
    """The reader of the tables sees a column that is not there."""
    assert "no_such_column" not in table(rf.load_orders)
    assert table(rf.load_orders)["total_price"][0] == "float64"
    assert isinstance(pd.DataFrame(), pd.DataFrame)
