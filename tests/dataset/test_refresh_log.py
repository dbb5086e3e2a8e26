"""The log of a refresh: a line for each list, and one for each retry, with their fields."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

import rutterframe as rf
from tests.dataset.scripted import Api, invoices

FIELDS = ("connection_id", "resource", "status", "rows", "added", "changed", "removed", "version")


def test_a_line_for_each_list(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Each list is logged with its counts, a failed one with its error; a retry names its list as well."""
    rows: Any = [*invoices(2), {"id": "3", "due_date": "0000-00-00"}]
    api = Api({("a", "invoices"): rows, ("a", "bills"): [{"id": "1"}], ("a", "orders"): 404})
    resources = ["bills", "invoices", "orders", "products"]
    api.answers["a", "products"] = 503
    caplog.set_level(logging.INFO, logger="rutterframe")
    with pytest.warns(rf.NotOfferedWarning):
        rf.refresh(
            api.connections("a"), path, resources=resources, on_invalid="quarantine", on_error="skip",
            progress=False,
        )  # fmt: skip
    records = [record for record in caplog.records if record.name == "rutterframe"]
    retries = [record for record in records if "try " in record.getMessage()]
    assert [record.getMessage() for record in retries] == [
        "try 1 of 3: HTTP 503; again in 0.0 s", "try 2 of 3: HTTP 503; again in 0.0 s"
    ]  # fmt: skip
    assert {(vars(one)["connection_id"], vars(one)["resource"]) for one in retries} == {("a", "products")}
    lists = [record for record in records if record not in retries]
    assert [record.getMessage().partition(", due_date")[0] for record in lists] == [
        "bills of a: refreshed, 1 row, 1 added",
        "invoices of a: refreshed, 2 rows, 2 added, 1 row could not be read and is set aside: record '3'",
        "orders of a: not offered",
        "products of a: failed: The API answered HTTP 503: X (tried 3 times)",
    ]
    assert {record.levelname for record in records} == {"INFO"}
    assert [[vars(record).get(name) for name in FIELDS] for record in lists] == [
        ["a", "bills", "refreshed", 1, 1, 0, 0, 1],
        ["a", "invoices", "refreshed", 2, 2, 0, 0, 1],
        ["a", "orders", "not offered", 0, 0, 0, 0, None],
        ["a", "products", "failed", None, None, None, None, None],
    ]
    assert vars(lists[-1])["error"].startswith("The API answered HTTP 503")


def test_a_connection_without_a_token_is_logged(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A connection that could not be opened is logged like a list that failed."""
    caplog.set_level(logging.INFO, logger="rutterframe")
    api = Api({("a", "invoices"): invoices(1)})
    with pytest.raises(rf.LoadError):
        rf.refresh(
            ["a", "b"], path, resources=["invoices"], client=lambda: api.client("a"), progress=False
        )  # fmt: skip
    messages = [record.getMessage() for record in caplog.records]
    assert any(one.startswith("invoices of b: failed: No access token is known") for one in messages)
