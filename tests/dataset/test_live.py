"""A dataset of the live dialect: what changed, deletions from events, and the frames of the loaders."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.connect import DemoClient
from rutterframe.demo.faults import Fault

LEDGER, SHOP, BANK = "roaster-quickbooks", "roaster-shopify", "roaster-bank"
LISTS = ["accounts", "invoices", "bills", "expenses", "customers", "vendors", "orders", "bank_transactions"]

pytestmark = pytest.mark.slow


@pytest.fixture
def live() -> Iterator[DemoClient]:
    """A demo of a test's own: it changes the books."""
    with rf.demo(dialect="live", retry=rf.RetryPolicy(attempts=1)) as client:
        yield client


def sorted_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that are not nested, by connection and id."""
    plain = [name for name in frame.columns if not str(frame[name].dtype).startswith("list")]
    return frame[plain].sort_values(["connection_id", "id"]).reset_index(drop=True)


def status_of(result: pd.DataFrame, connection: str) -> dict[str, str]:
    """Return the status of each resource of a connection."""
    own = result[result["connection_id"] == connection]
    return dict(zip(own["resource"], own["status"], strict=True))


def test_the_frames_are_those_of_the_loaders(live: DemoClient, tmp_path: Path) -> None:
    """A dataset has the columns, dtypes and rows of the live loaders, categories of expenses included."""
    connections = [live.connection(name) for name in (LEDGER, SHOP, BANK)]
    rf.refresh(connections, tmp_path / "books", resources=LISTS, progress=False)
    data = rf.Dataset(tmp_path / "books")
    loaded = rf.load_all(connections, resources=LISTS, progress=False)
    for name in LISTS:
        stored = data.load(name)
        assert list(stored.dtypes.items()) == list(loaded[name].dtypes.items())
        assert sorted_rows(stored).equals(sorted_rows(loaded[name])), name
        assert stored.attrs["receipt"]["complete"]
        assert stored.attrs["receipt"]["data_as_of"] == loaded[name].attrs["receipt"]["data_as_of"]
    assert data.load("expenses")["category"].notna().all()


def test_only_changes_are_requested(live: DemoClient, tmp_path: Path) -> None:
    """The second refresh of a ledger requests what the service stored since, and reads no list whole."""
    connection = live.connection(LEDGER)
    rf.refresh(connection, tmp_path / "books", resources=["invoices", "bills"], progress=False)
    invoice = live.server.books.rows(LEDGER, "invoices")[5]["id"]
    live.server.books.change(LEDGER, "invoices", invoice, status="voided")
    result = rf.refresh(connection, tmp_path / "books", resources=["invoices", "bills"], progress=False)
    assert result[["resource", "status", "added", "changed", "removed"]].to_numpy().tolist() == [
        ["invoices", "refreshed", 0, 1, 0],
        ["bills", "unchanged", 0, 0, 0],
    ]
    stored = rf.Dataset(tmp_path / "books").load("invoices")
    assert stored.set_index("id").loc[invoice, "status"] == "voided"
    assert stored.attrs["receipt"]["per_connection"][LEDGER]["pages"] == 1


def test_deletions_are_events(live: DemoClient, tmp_path: Path) -> None:
    """A record that the ledger deleted is marked as deleted, though its list only leaves it out."""
    connection = live.connection(LEDGER)
    rf.refresh(connection, tmp_path / "books", resources=["bills", "vendors"], progress=False)
    bill = live.server.books.rows(LEDGER, "bills")[3]["id"]
    live.server.books.delete(LEDGER, "bills", bill)
    result = rf.refresh(connection, tmp_path / "books", resources=["bills", "vendors"], progress=False)
    assert result["removed"].tolist() == [1, 0]
    data = rf.Dataset(tmp_path / "books")
    assert bill not in set(data.load("bills")["id"])
    assert data.load("bills", deleted=True)["id"].tolist() == [bill]
    again = rf.refresh(connection, tmp_path / "books", resources=["bills", "vendors"], progress=False)
    assert again["status"].tolist() == ["unchanged", "unchanged"]


def test_deletions_that_cannot_be_read_fail_the_lists(live: DemoClient, tmp_path: Path) -> None:
    """Without the events a list of changes would keep deleted rows: it fails, and is not committed."""
    connection = live.connection(LEDGER)
    rf.refresh(connection, tmp_path / "books", resources=["bills", "payment_terms"], progress=False)
    live.server.configure(faults=[Fault("500", resource="events", times=0)])
    result = rf.refresh(
        connection,
        tmp_path / "books",
        resources=["bills", "payment_terms"],
        on_error="skip",
        progress=False,
    )
    assert status_of(result, LEDGER) == {"bills": "failed", "payment_terms": "unchanged"}
    assert not rf.Dataset(tmp_path / "books").load("bills").attrs["receipt"]["complete"]


def test_a_shop_needs_a_full_refresh_for_deletions(live: DemoClient, tmp_path: Path) -> None:
    """A shop's deletions are not listed as events: a full refresh finds them, one by changes does not."""
    connection = live.connection(SHOP)
    rf.refresh(connection, tmp_path / "books", resources=["products"], progress=False)
    product = live.server.books.rows(SHOP, "products")[0]["id"]
    live.server.books.delete(SHOP, "products", product)
    by_changes = rf.refresh(connection, tmp_path / "books", resources=["products"], progress=False)
    whole = rf.refresh(connection, tmp_path / "books", resources=["products"], full=True, progress=False)
    assert (by_changes["removed"].tolist(), whole["removed"].tolist()) == ([0], [1])


def test_another_dialect_is_refused(live: DemoClient, tmp_path: Path) -> None:
    """A dataset remembers its dialect: rows of the other one are not mixed in."""
    rf.refresh(live.connection(BANK), tmp_path / "books", resources=["bank_accounts"], progress=False)
    with rf.demo() as contract, pytest.raises(ValueError, match=r"in the dialect 'live'.*'contract'"):
        rf.refresh(contract.connection(BANK), tmp_path / "books", progress=False)


def test_what_only_live_has_is_refused_for_the_contract(client: rf.Client, tmp_path: Path) -> None:
    """A contract client cannot refresh what only the live dialect has; nothing is written."""
    with pytest.raises(rf.ConfigurationError, match="only in the live dialect"):
        rf.refresh(client.connection(BANK), tmp_path / "books", resources=["vendors"], progress=False)
    assert not (tmp_path / "books").exists()


def test_everything_of_the_dialect_by_default(live: DemoClient, tmp_path: Path) -> None:
    """Without names all resources of the dialect are refreshed, events aside."""
    result = rf.refresh(live.connection(BANK), tmp_path / "books", progress=False)
    assert len(result) == 24
    assert set(result.loc[result["status"] == "refreshed", "resource"]) == {
        "bank_accounts",
        "bank_transactions",
        "transactions",
    }
