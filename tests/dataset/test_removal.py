"""A connection that is removed from a dataset: nothing counts it, and older versions have it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from deltalake import DeltaTable

import rutterframe as rf
from rutterframe.loaders import LoadJob
from tests.dataset.databases import create_database
from tests.dataset.scripted import Api, invoices

ORDERS = [{"id": f"{number}", "updated_at": "2026-06-29T12:00:00Z"} for number in range(1, 4)]


@pytest.fixture
def api() -> Api:
    """Two connections with invoices and orders."""
    rows: Any = {(name, "invoices"): invoices(count) for name, count in (("acme", 3), ("beta", 2))}
    return Api({**rows, ("acme", "orders"): ORDERS, ("beta", "orders"): ORDERS})


def refresh(api: Api, path: Path, *ids: str, **options: Any) -> pd.DataFrame:
    keywords: dict[str, Any] = {"resources": ["invoices", "orders"], "on_error": "skip", **options}
    return rf.refresh(api.connections(*ids), path, **keywords)


def test_nothing_counts_a_removed_connection(api: Api, tmp_path: Path) -> None:
    """A connection that fails for ever leaves: status, receipts, frames and files are those of the others."""
    refresh(api, tmp_path, "acme", "beta")
    version = DeltaTable(tmp_path / "invoices").version()
    api.answers |= {("acme", "invoices"): 403, ("acme", "orders"): 403}
    refresh(api, tmp_path, "acme")
    data = rf.Dataset(tmp_path)
    assert not data.status()["complete"].all()
    removed = data.remove("acme")
    newest = [DeltaTable(tmp_path / name).version() for name in ("invoices", "orders")]
    assert removed.to_numpy().tolist() == [["invoices", 3, newest[0]], ["orders", 3, newest[1]]]
    assert removed.dtypes.astype(str).tolist() == ["str", "Int64", "Int64"]
    for again in (data, rf.Dataset(tmp_path)):
        assert again.connections == ("beta",)
        assert again.status()["complete"].all()
        assert set(again.status()["connection_id"]) == {"beta"}
        receipt = rf.receipt(again.load("invoices"))
        assert (receipt["connections"], receipt["rows"], receipt["complete"]) == (["beta"], 2, True)
        assert all("acme" not in file for file in again.files("invoices"))
        assert again.scan("invoices").count_rows() == 2
    with pytest.raises(KeyError, match="No invoices of 'acme' were refreshed; there are beta"):
        data.load("invoices", connections=["acme"])
    before = data.load("invoices", version=version)
    assert before["connection_id"].tolist() == ["acme"] * 3 + ["beta"] * 2
    assert rf.receipt(before)["complete"]
    changes = data.compare("invoices", version)
    assert changes[["connection_id", "change"]].to_numpy().tolist() == [["acme", "removed"]] * 3
    first = data.versions("invoices").iloc[0]
    assert (first["version"], first["connection_id"], first["removed"]) == (newest[0], "acme", 3)
    data.compact()
    assert data.vacuum(keep=timedelta(0)) > 0
    assert len(data.load("invoices")) == 2


def test_an_unknown_connection_is_refused(api: Api, tmp_path: Path) -> None:
    """An id that the dataset does not have, or not any more, changes nothing, and the error names the ids."""
    refresh(api, tmp_path, "acme", "beta")
    data = rf.Dataset(tmp_path)
    data.remove("acme")
    version = DeltaTable(tmp_path / "orders").version()
    for name in ("nope", "acme"):
        with pytest.raises(ValueError, match=f"^The dataset has no connection '{name}'; there are beta$"):
            data.remove(name)
    assert DeltaTable(tmp_path / "orders").version() == version


def test_a_refresh_after_a_removal_starts_anew(api: Api, tmp_path: Path) -> None:
    """All rows are requested, not only changes, and a list that is not found is not one that was read."""
    refresh(api, tmp_path, "acme", "beta")
    rf.Dataset(tmp_path).remove("acme")
    refresh(api, tmp_path, "beta")
    api.requests.clear()
    api.answers["acme", "invoices"] = 404
    result = refresh(api, tmp_path, "acme", resources=["orders"])
    assert [request.url.params.get("updated_at_min") for request in api.requests] == [None]
    assert result[["status", "rows", "added"]].to_numpy().tolist() == [["refreshed", 3, 3]]
    assert rf.Dataset(tmp_path).load("orders")["connection_id"].tolist() == ["acme"] * 3 + ["beta"] * 3
    with pytest.warns(rf.NotOfferedWarning):
        result = refresh(api, tmp_path, "acme")
    assert result["status"].tolist() == ["not offered", "unchanged"]


def test_only_a_failure_or_an_announcement(api: Api, tmp_path: Path) -> None:
    """A connection that was never read can be removed as well, and has no rows."""
    api.answers["acme", "invoices"] = 403
    refresh(api, tmp_path, "beta", resources=["invoices"])
    refresh(api, tmp_path, "acme", resources=["invoices"])
    data = rf.Dataset(tmp_path)
    assert data.remove("acme")["rows"].tolist() == [0]
    assert rf.receipt(data.load("invoices"))["complete"]
    data.remove("beta")
    assert (data.connections, data.status().empty) == ((), True)


def test_many_commits_later(api: Api, tmp_path: Path) -> None:
    """Summaries of later commits do not have it either."""
    refresh(api, tmp_path, "acme", "beta", resources=["invoices"])
    data = rf.Dataset(tmp_path)
    data.remove("acme")
    for _ in range(6):
        refresh(api, tmp_path, "beta", resources=["invoices"])
        assert data.connections == ("beta",)


@pytest.mark.parametrize("resource", ["invoices", "orders"])
def test_a_removal_during_a_refresh(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, resource: str
) -> None:
    """Changes alone are not committed as if they were the whole list; a whole list is, and starts anew."""
    refresh(api, tmp_path, "acme", "beta")
    read = LoadJob.read

    def read_and_remove(job: LoadJob, **options: Any) -> None:
        read(job, **options)
        rf.Dataset(tmp_path).remove("acme")

    api.date = datetime(2026, 7, 1, tzinfo=UTC)
    monkeypatch.setattr(LoadJob, "read", read_and_remove)
    row = refresh(api, tmp_path, "acme", resources=[resource]).iloc[0]
    monkeypatch.undo()
    if resource == "orders":
        assert row["status"] == "failed"
        assert row["error"].startswith("The connection was removed from the dataset while its changes")
        assert rf.Dataset(tmp_path).connections == ("beta",)
    else:
        assert (row["status"], row["added"]) == ("refreshed", 3)
        assert rf.receipt(rf.Dataset(tmp_path).load("invoices"))["complete"]


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
def test_an_export_deletes_its_rows(api: Api, tmp_path: Path, kind: str) -> None:
    """The next export deletes the rows of a removed connection, and writes those of a later refresh."""
    database, path = create_database(kind, tmp_path, None), tmp_path / "books"
    refresh(api, path, "acme", "beta")
    data = rf.Dataset(path)
    data.export(database.url)
    count = "SELECT connection_id, COUNT(*) FROM invoices GROUP BY 1 ORDER BY 1"
    data.remove("acme")
    result = data.export(database.url)
    assert result.loc[result["complete"], "connection_id"].tolist() == ["beta", "beta"]
    assert database.rows(count) == [("beta", 2)]
    assert data.export(database.url)["connection_id"].tolist() == ["beta", "beta"]
    data.remove("beta")
    data.export(database.url)
    assert database.rows(count) == []
    refresh(api, path, "acme")
    data.export(database.url)
    assert database.rows(count) == [("acme", 3)]
