"""Spark reads the files of a dataset as howto/engines.md states, and its guesses of types are refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import rutterframe as rf
from tests.dataset.scripted import Api

pytestmark = [
    pytest.mark.spark,
    # Py4J and PySpark close their sockets late and use what Python is about to drop: their own affair.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]
PAGE = Path(rf.__file__).parent.parent / "docs/howto/engines.md"
INFERENCE = "spark.sql.sources.partitionColumnTypeInference.enabled"


@pytest.fixture(autouse=True)
def usual_inference(spark: Any) -> Iterator[None]:
    yield
    spark.conf.unset(INFERENCE)


@pytest.mark.timeout(300)
def test_the_page_runs(spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The code of the page reads a dataset on a disk, and its reports have the cents of pandas."""
    monkeypatch.chdir(tmp_path)
    names = ["roaster-quickbooks", "roaster-shopify", "roaster-bank"]
    with rf.demo() as client:
        rf.refresh([client.connection(name) for name in names], "books")
    (code,) = re.findall(
        r"```python\n(import rutterframe.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL
    )
    # Revenue and history are compared in tests/reports/test_spark*.py, and take longest.
    code = re.sub(r"revenue = .*", "lines = rf.line_items(orders)", code)
    code = re.sub(r"history = .*", 'moves = read(data, "transactions")', code)
    page: dict[str, Any] = {"spark": spark}
    exec(code, page)  # noqa: S102 - the page's own code
    data = rf.Dataset("books")
    expected = rf.reports.ar_aging(data.load("invoices"), "2026-06-30", customers=data.load("customers"))
    on_spark = page["aging"].toArrow()
    assert on_spark["total"].to_pylist() == expected["total"].tolist()
    assert on_spark["customer_name"].to_pylist() == expected["customer_name"].tolist()
    assert page["lines"].count() == len(rf.line_items(data.load("orders")))
    assert page["moves"].count() == len(data.load("transactions"))


@pytest.mark.timeout(300)
def test_ids_that_look_like_numbers(spark: Any, path: Path) -> None:
    """A connection "0123" that Spark has taken for 123 is refused, with the setting that keeps it."""
    order = {"id": "1", "status": "fulfilled", "currency": "USD", "total_price": 2.0, "line_items": []}
    account = {"id": "1", "type": "asset", "currency": "USD", "balance": 2.5}
    api = Api({("0123", "accounts"): [account], ("0123", "orders"): [order]})
    rf.refresh(api.connections("0123"), path, resources=["accounts", "orders"])
    data = rf.Dataset(path)

    def read(name: str) -> Any:
        files = data.files(name)
        return spark.read.option("basePath", files[0].split("connection_id=")[0]).parquet(*files)

    message = r"'connection_id' is \w+, not text: .* spark\.conf\.set\('spark\.sql\.sources\.partitionC"
    with pytest.raises(ValueError, match=message):
        rf.reports.cash_position(read("accounts"))
    with pytest.raises(ValueError, match=message):
        rf.line_items(read("orders"))
    spark.conf.set(INFERENCE, "false")
    rows = rf.reports.cash_position(read("accounts"), by=["connection_id"]).collect()
    assert [(row["connection_id"], row["balance"]) for row in rows] == [("0123", 2.5)]
