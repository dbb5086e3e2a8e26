"""A refresh over a real socket is complete, can be repeated, and commits whole lists only."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pydantic import create_model

import rutterframe as rf
from rutterframe.demo.faults import Fault
from rutterframe.demo.server import DemoServer
from rutterframe.loaders.side_by_side import ByteBudget
from rutterframe.models import RECORDS, RESOURCES, Invoice, Record, Transaction
from tests.conftest import client_of, settings_of
from tests.dataset.workers import start_refresh

BOOKS, SHOP = "roaster-quickbooks", "roaster-shopify"
#: The id of a user without files.
UNPRIVILEGED_USER = 65534
ALL = (BOOKS, SHOP, "roaster-bank", "gear-xero")


def counts(done: pd.DataFrame) -> list[tuple[str, int, int, int]]:
    rows = done[["status", "added", "changed", "removed"]].itertuples(index=False, name=None)
    return list(rows)


def vanish(server: DemoServer, connection: str, resource: str) -> dict[str, Any]:
    """Take the record that was created first out of the books, as no operation of the API can."""
    record: dict[str, Any] = server.books.collection(connection, resource)._written.pop(0)
    return record


def invoice(client: rf.Client, amount: float) -> Invoice:
    """Create an invoice."""
    books = client.connection(BOOKS)
    customer = str(next(books.customers.list()).id)
    return books.invoices.create(customer_id=customer, line_items=[{"total_amount": amount}])


def test_frames_equal_those_of_the_loaders(client: rf.Client, path: Path) -> None:
    """Every resource is read as its loader returns it: rows, order, columns, dtypes and receipt."""
    connections = [client.connection(name) for name in ALL]
    done = rf.refresh(connections, path)
    assert [tuple(row) for row in done[["connection_id", "resource"]].to_numpy()] == [
        (one, name) for one in ALL for name in RESOURCES
    ]
    data = rf.Dataset(path)
    assert data.resources == RESOURCES
    for name, whole in rf.load_all(connections, progress=False).items():
        stored = data.load(name, connections=ALL)
        pd.testing.assert_frame_equal(stored, whole)
        receipts = [dict(frame.attrs["receipt"]) for frame in (stored, whole)]
        for receipt in receipts:
            assert receipt.pop("started") < receipt.pop("finished")
        assert receipts[0] == receipts[1]


def test_all_connections_share_a_limit_of_bytes(
    client: rf.Client, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bytes in flight are limited over all connections of a refresh, and none are left at its end."""
    budgets: set[ByteBudget] = set()
    add = ByteBudget.add

    def note(self: ByteBudget, size: int) -> None:
        budgets.add(self)
        add(self, size)

    monkeypatch.setattr(ByteBudget, "add", note)
    rf.refresh([client.connection(name) for name in ALL], path, resources=["transactions", "customers"])
    (budget,) = budgets
    assert budget.peak > budget.size == 0


def test_a_second_refresh_changes_nothing(server: DemoServer, client: rf.Client, path: Path) -> None:
    """A second refresh adds nothing, and requests only changes of transactions."""
    books = client.connection(BOOKS)
    first = rf.refresh(books, path)
    before = {name: rf.Dataset(path).load(name) for name in RESOURCES}
    server.configure()
    again = rf.refresh(books, path)
    assert set(again["status"]) == {"unchanged"}
    assert again["rows"].tolist() == first["rows"].tolist()
    for name, frame in before.items():
        pd.testing.assert_frame_equal(rf.Dataset(path).load(name), frame)
    assert sum(one.path == "/transactions" for one in server.requests) == 1


def test_changes_are_counted_and_stored(client: rf.Client, path: Path) -> None:
    """A new and a changed product are counted; the versions before can still be read, and compared."""
    shop = client.connection(SHOP)
    first = rf.refresh(shop, path, resources=["products"])
    old = next(shop.products.list())
    shop.products.update(str(old.id), price=99.0)
    product = shop.products.create(title="Kettle", price=49.0)
    second = rf.refresh(shop, path, resources=["products"])
    assert counts(first)[0][:2] == ("refreshed", 18)
    assert counts(second) == [("refreshed", 1, 1, 0)]
    data = rf.Dataset(path)
    versions = data.versions("products")
    numbers = versions[["version", "added", "changed", "removed"]].to_numpy().tolist()
    assert numbers == [[2, 1, 1, 0], [1, 18, 0, 0]]
    assert str(versions.dtypes["committed_at"]) == "datetime64[us, UTC]"
    assert len(data.load("products", version=1)) == 18
    changes = data.compare("products", 1)
    by_id = {row["id"]: row for row in changes.to_dict("records")}
    assert {name: row["change"] for name, row in by_id.items()} == {old.id: "changed", product.id: "added"}
    assert by_id[old.id]["fields"] == "price, updated_at"
    assert (by_id[old.id]["price"], by_id[old.id]["price_before"]) == (99.0, old.price)
    assert pd.isna(by_id[product.id]["price_before"])
    nothing = data.compare("products", 2, 2)
    assert len(nothing) == 0
    pd.testing.assert_series_equal(nothing.dtypes, changes.dtypes)


def test_records_that_the_api_deletes_are_stored_as_deleted(
    server: DemoServer, client: rf.Client, path: Path
) -> None:
    """An invoice that the API has deleted is not in the frame, stored as deleted, and listed by compare."""
    books = client.connection(BOOKS)
    invoice(client, 12.34)
    rf.refresh(books, path, resources=["invoices"])
    deleted = vanish(server, BOOKS, "invoices")
    done = rf.refresh(books, path, resources=["invoices"])
    assert counts(done) == [("refreshed", 0, 0, 1)]
    data = rf.Dataset(path)
    pd.testing.assert_frame_equal(data.load("invoices"), rf.load_invoices(books, progress=False))
    assert data.load("invoices", deleted=True)["id"].tolist() == [deleted["id"]]
    changes = data.compare("invoices", 1)
    assert changes[["change", "id"]].to_numpy().tolist() == [["removed", deleted["id"]]]
    assert changes["amount_due_before"].tolist() == [12.34]


def test_orders_and_transactions_are_requested_by_changes(
    server: DemoServer, client: rf.Client, path: Path
) -> None:
    """A new order is loaded with the changes; only a full refresh finds deleted ones."""
    shop = client.connection(SHOP)
    customer = str(next(shop.customers.list()).id)
    line = {"quantity": 1, "unit_price": 2.5}
    first = shop.orders.create(customer_id=customer, line_items=[line])
    rf.refresh(shop, path, resources=["orders"])
    order = shop.orders.create(customer_id=customer, line_items=[line])
    assert vanish(server, SHOP, "orders")["id"] == first.id
    wide = timedelta(days=3650)
    assert counts(rf.refresh(shop, path, resources=["orders"], overlap=wide)) == [("refreshed", 1, 0, 0)]
    data = rf.Dataset(path)
    assert {order.id, first.id} <= set(data.load("orders")["id"])
    assert counts(rf.refresh(shop, path, resources=["orders"], full=True)) == [("refreshed", 0, 0, 1)]
    pd.testing.assert_frame_equal(data.load("orders"), rf.load_orders(shop, progress=False))


def test_a_failed_connection_does_not_stop_the_others(
    server: DemoServer, client: rf.Client, path: Path
) -> None:
    """Lists that were loaded are committed; the failure is raised or returned; the next refresh completes."""
    connections = [client.connection(name) for name in (BOOKS, "gear-xero")]
    server.configure(faults=[Fault("500", resource="invoices", connection=BOOKS, page=3, times=0)])
    with pytest.raises(rf.LoadError, match=r"1 of 4 lists failed, the others are committed") as error:
        rf.refresh(connections, path, resources=["invoices", "bills"])
    assert error.value.errors[0].context.connection_id == BOOKS
    result = rf.refresh(connections, path, resources=["invoices", "bills"], on_error="skip")
    assert result["status"].tolist() == ["failed", "unchanged", "unchanged", "unchanged"]
    data = rf.Dataset(path)
    with pytest.raises(KeyError, match=f"No invoices of '{BOOKS}' were refreshed; there are gear-xero"):
        data.load("invoices", connections=[BOOKS])
    server.configure(faults=[])
    assert rf.refresh(connections, path, resources=["invoices"])["added"].tolist() == [542, 0]


def test_a_missing_list_is_an_error(server: DemoServer, path: Path) -> None:
    """A connection in trouble fails by name, before anything is written."""
    with client_of(server) as client, pytest.raises(rf.LoadError):
        rf.refresh(client.connection("roaster-netsuite-old"), path, resources=["invoices", "bills"])
    with pytest.raises(FileNotFoundError, match="There is no dataset at"):
        rf.Dataset(path)


def test_refreshes_at_the_same_time(client: rf.Client, path: Path) -> None:
    """Refreshes of the same connections at the same time lose nothing and double nothing."""
    connections = [client.connection(name) for name in (BOOKS, "gear-xero")]
    errors: list[BaseException] = []

    def once() -> None:
        try:
            rf.refresh(connections, path, resources=["invoices", "bills", "accounts"])
        except BaseException as error:  # noqa: BLE001 - it is looked at below
            errors.append(error)

    threads = [threading.Thread(target=once) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    data = rf.Dataset(path)
    everything = rf.load_all(connections, progress=False)
    for name in ("invoices", "bills", "accounts"):
        whole = everything[name]
        pd.testing.assert_frame_equal(data.load(name, connections=(BOOKS, "gear-xero")), whole)
        versions = data.versions(name)
        assert len(versions) == 8
        assert versions["added"].sum() == len(whole)


REFRESH = """
import os, sys, rutterframe as rf
with rf.Client(rate_limit=None) as client:
    connections = [client.connection(name) for name in ("roaster-quickbooks", "gear-xero")]
    print("go", flush=True)
    rf.refresh(connections, sys.argv[1], resources=["invoices", "bills", "accounts"], full=True)
"""


def readable(path: Path | str) -> dict[str, int]:
    """Load all resources, and return the number of rows of each connection."""
    try:
        data = rf.Dataset(path)
    except FileNotFoundError:
        return {}
    rows: dict[str, int] = {}
    for name in data.resources:
        frame = data.load(name)
        rows |= {f"{name} of {one}": len(part) for one, part in frame.groupby("connection_id")}
        assert frame[["connection_id", "id"]].duplicated().sum() == 0
    return rows


@pytest.mark.parametrize("times", [10, pytest.param(50, marks=[pytest.mark.long, pytest.mark.timeout(240)])])
def test_killed_at_random_moments(server: DemoServer, client: rf.Client, path: Path, times: int) -> None:
    """After each of many kills at random moments the dataset is readable, and the next refresh completes."""
    connections = [client.connection(name) for name in (BOOKS, "gear-xero")]
    server.configure(page_size=50)
    full = {
        "invoices of roaster-quickbooks": 542, "invoices of gear-xero": 423,
        "bills of roaster-quickbooks": 277, "bills of gear-xero": 318,
        "accounts of roaster-quickbooks": 48, "accounts of gear-xero": 71,
    }  # fmt: skip
    moments = random.Random(7)  # noqa: S311 - not a secret
    killed = 0
    for turn in range(times):
        bills = server.books.collection(BOOKS, "bills")
        bills.replace(turn, {**bills.record(turn), "amount_due": 1000.0 + turn}, bills.changed_at(turn))
        process = start_refresh(settings_of(server), str(path))
        process.join(moments.uniform(0.0, 0.9))
        killed += process.is_alive()
        process.kill()
        process.join()
        rows = readable(path)
        assert {name: full[name] for name in rows} == rows
    assert killed > times / 5
    rf.refresh(connections, path, resources=["invoices", "bills", "accounts"], full=True)
    assert readable(path) == full
    stored = rf.Dataset(path).load("bills", connections=(BOOKS, "gear-xero"))
    pd.testing.assert_frame_equal(stored, rf.load_bills(connections, progress=False))


# No file may grow beyond 6 kB: what the system then says is what it says of a full disk.
FULL_DISK = f"""
import resource, signal
resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
{REFRESH}"""


def test_a_full_disk_is_an_error(server: DemoServer, client: rf.Client, path: Path) -> None:
    """Where nothing more can be written the error says so, and the last good version is as it was."""
    books = client.connection(BOOKS)
    rf.refresh(books, path, resources=["accounts"])
    before = rf.Dataset(path).load("accounts")
    ran = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(path)], env={**os.environ, **settings_of(server)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 1
    assert f"OSError: The dataset at {path} cannot be used: " in ran.stderr
    assert "the last good version is as it was" in ran.stderr
    pd.testing.assert_frame_equal(rf.Dataset(path).load("accounts", connections=[BOOKS]), before)


def test_a_folder_that_cannot_be_created_is_an_error(client: rf.Client) -> None:
    """Where the system creates no folder, the error says so, and speaks of no earlier version."""
    with pytest.raises(OSError, match="cannot be used: the folder cannot be created there") as caught:
        rf.refresh(client.connection("roaster-bank"), "/proc/x", resources=["bank_accounts"])
    assert str(caught.value).endswith(
        "there (No such file or directory)\nNext: name a folder that you may write to, and refresh again."
    )


def test_a_folder_that_cannot_be_written_is_an_error(client: rf.Client, tmp_path: Path) -> None:
    """If the folder cannot be created, the error names it, and the reason."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError, match=r"The dataset at .*file/dataset cannot be used: .*Not a directory"):
        rf.refresh(client.connection("roaster-bank"), tmp_path / "file/dataset", resources=["bank_accounts"])


@pytest.fixture
def read_only(client: rf.Client) -> Iterator[Path]:
    """A dataset that can be read but not written; not as root, who may write everything."""
    with tempfile.TemporaryDirectory() as folder:
        dataset = Path(folder) / "dataset"
        rf.refresh(client.connection(BOOKS), dataset, resources=["invoices"])
        rf.Dataset(dataset).load("invoices")  # imports on first use, which may not be readable later
        invoice(client, 12.34)
        folders = [Path(folder), dataset, *(one for one in dataset.rglob("*") if one.is_dir())]
        for one in folders:
            one.chmod(0o555)
        root = os.geteuid() == 0
        if root:
            os.seteuid(UNPRIVILEGED_USER)
        try:
            yield dataset
        finally:
            if root:
                os.seteuid(0)
            for one in folders:
                one.chmod(0o755)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
def test_a_read_only_folder_is_an_error(client: rf.Client, read_only: Path) -> None:
    """Where nothing may be written the error says so, and the last good version can still be read."""
    message = r"The dataset at .*dataset cannot be used: .*Permission denied.*\nNext: check"
    with pytest.raises(OSError, match=message):
        rf.refresh(client.connection(BOOKS), read_only, resources=["invoices"])
    assert rf.Dataset(read_only).load("invoices").attrs["receipt"]["complete"]


class Interrupted(ThreadPoolExecutor):
    """An executor with Ctrl-C in its second task; the first has ended by then."""

    first: Future[Any] | None = None

    def submit(self, *args: Any, **kwargs: Any) -> Future[Any]:
        if self.first is not None:
            self.first.result()
            interrupted: Future[Any] = Future()
            interrupted.set_exception(KeyboardInterrupt())
            return interrupted
        self.first = super().submit(*args, **kwargs)
        return self.first


def test_ctrl_c_at_the_start_of_a_refresh(
    client: rf.Client, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C between the start of a thread and its registration leaves no thread of the refresh."""
    start = threading.Thread.start

    def start_and_interrupt(thread: threading.Thread) -> None:
        monkeypatch.setattr(threading.Thread, "start", start)
        start(thread)
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "start", start_and_interrupt)
    connections = [client.connection(name) for name in (BOOKS, "gear-xero")]
    with pytest.raises(KeyboardInterrupt):
        rf.refresh(connections, path, resources=["accounts"])
    assert [thread for thread in threading.enumerate() if thread.name.startswith("rutterframe-re")] == []
    assert set(rf.refresh(connections, path, resources=["accounts"])["status"]) <= {"refreshed", "unchanged"}


def test_ctrl_c_leaves_what_was_committed(client: rf.Client, path: Path) -> None:
    """After Ctrl-C the commits can be read, and the next refresh completes."""
    connections = [client.connection(name) for name in (BOOKS, "gear-xero")]
    with Interrupted(1) as executor, pytest.raises(KeyboardInterrupt):
        rf.refresh(connections, path, resources=["accounts"], executor=executor)
    assert readable(path) == {"accounts of roaster-quickbooks": 48}
    again = rf.refresh(connections, path, resources=["accounts"])
    assert again["status"].tolist() == ["unchanged", "refreshed"]


class Counting(ThreadPoolExecutor):
    """An executor that counts its tasks."""

    tasks = 0

    def submit(self, *args: Any, **kwargs: Any) -> Future[Any]:
        self.tasks += 1
        return super().submit(*args, **kwargs)


def test_another_executor(server: DemoServer, client: rf.Client, path: Path) -> None:
    """Each connection is one task of the executor, by connection or by id."""
    connections = [client.connection(name) for name in ALL]
    whole = rf.load_accounts(connections, progress=False)
    expected = [[name, int((whole["connection_id"] == name).sum())] for name in ALL]
    opened: list[dict[str, Any]] = [
        {"connections": connections},
        {"connections": ALL, "client": lambda: client_of(server)},
    ]
    for number, options in enumerate(opened):
        with Counting(2) as executor:
            as_executor: Executor = executor
            done = rf.refresh(
                path=path / f"{number}", resources=["accounts"], executor=as_executor, **options
            )
            assert executor.tasks == len(ALL)
        assert done[["connection_id", "rows"]].to_numpy().tolist() == expected
        assert done["added"].tolist() == done["rows"].tolist()
        assert done["error"].isna().all()
        stored = rf.Dataset(path / f"{number}").load("accounts", connections=ALL)
        pd.testing.assert_frame_equal(stored, whole)
        assert stored.attrs["receipt"]["complete"] is True


# In a process of its own: Dask changes how every exception of a process is pickled.
CLUSTER = """
import sys
import distributed
import rutterframe as rf

if __name__ == "__main__":
    path, *ids = sys.argv[1:]
    options = dict(n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1")
    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster) as dask:
        with dask.get_executor() as executor:
            done = rf.refresh(
                ids, path, resources=["invoices", "accounts", "orders"], executor=executor, client=rf.Client
            )
    print(*done["connection_id"].unique())
"""


@pytest.mark.long
def test_a_cluster_of_two_processes(
    server: DemoServer, client: rf.Client, path: Path, tmp_path: Path
) -> None:
    """On a Dask cluster of two processes the rows and cents are those of one process."""
    script = tmp_path / "cluster.py"
    script.write_text(CLUSTER)
    ran = subprocess.run(
        [sys.executable, script, path, *ALL], env={**os.environ, **settings_of(server)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.stdout == " ".join(ALL) + "\n", ran.stderr
    whole = rf.load_all([client.connection(name) for name in ALL], progress=False)
    for name in ("invoices", "accounts", "orders"):
        pd.testing.assert_frame_equal(rf.Dataset(path).load(name, connections=ALL), whole[name])
    aging = rf.reports.ar_aging(rf.Dataset(path).load("invoices"), "2026-06-30")
    pd.testing.assert_frame_equal(aging, rf.reports.ar_aging(whole["invoices"], "2026-06-30"))


def test_ids_are_opened_where_they_are_refreshed(server: DemoServer, path: Path) -> None:
    """With ids each task opens a client of its own, and closes it."""
    opened: list[rf.Client] = []

    def open_client() -> rf.Client:
        opened.append(client_of(server))
        return opened[-1]

    done = rf.refresh(ALL, path, resources=["accounts"], client=open_client)
    assert done["rows"].tolist() == [48, 0, 0, 71]
    assert len(opened) == len(ALL)
    with pytest.raises(RuntimeError, match="This client was closed"):
        next(opened[0].connections.list())


def test_ids_and_connections_are_distinguished(client: rf.Client, path: Path) -> None:
    """Ids need a function that opens a client, and connections are not sent elsewhere."""
    with pytest.raises(TypeError, match="These are ids: pass client= as well"):
        rf.refresh([BOOKS], path)
    with pytest.raises(TypeError, match="With client= pass ids, not connections"):
        rf.refresh(client.connection(BOOKS), path, client=rf.Client)


def test_no_credential_is_stored(server: DemoServer, client: rf.Client, path: Path) -> None:
    """No file of a dataset holds a credential."""
    rf.refresh([client.connection(name) for name in ALL], path)
    secrets = [server.client_id, server.client_secret, *server.access_tokens.values()]
    for file in path.rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            assert [secret for secret in secrets if secret.encode() in data] == []


def test_an_unknown_resource_is_refused(client: rf.Client, path: Path) -> None:
    """A resource that does not exist is refused before any request."""
    with pytest.raises(ValueError, match="There is no resource 'invoice'; there are"):
        rf.refresh(client.connection(BOOKS), path, resources=["invoice"])


def test_the_api_gains_a_field(
    server: DemoServer, client: rf.Client, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new field is loaded for every row, of lists of changes as well; an older version refuses to write."""
    known: Any = {
        name: (field.annotation, field)
        for name, field in Transaction.model_fields.items()
        if name != "description"
    }
    older = create_model("Older", __base__=Record, **known)
    bank, other = client.connection("roaster-bank"), client.connection("gear-bank")
    with monkeypatch.context() as then:
        then.setitem(RECORDS, "transactions", older)
        rf.refresh(other, path, resources=["transactions"])
        first = rf.refresh(bank, path, resources=["transactions"])
        assert "description" not in rf.Dataset(path).load("transactions").columns
    server.configure()
    second = rf.refresh(bank, path, resources=["transactions"])
    whole = rf.load_transactions(bank, progress=False)
    assert counts(second) == [("refreshed", 0, int(whole["description"].notna().sum()), 0)]
    data = rf.Dataset(path)
    assert data.load("transactions", connections=[other.id])["description"].isna().all()
    rf.refresh(other, path, resources=["transactions"])
    both = rf.load_transactions([other, bank], progress=False)
    pd.testing.assert_frame_equal(data.load("transactions"), both)
    before = data.load("transactions", version=first["version"].iloc[0])
    assert before["description"].isna().all()
    assert before.dtypes.equals(whole.dtypes)
    assert counts(rf.refresh(bank, path, resources=["transactions"])) == [("unchanged", 0, 0, 0)]
    monkeypatch.setitem(RECORDS, "transactions", older)
    with pytest.raises(
        ValueError, match=r"columns that this rutterframe does not know: description\. A newer"
    ):
        rf.refresh(bank, path, resources=["transactions"])


@pytest.mark.parametrize("value", [None, 5, {"a": 1}])
def test_other_objects_than_connections_are_refused(value: Any, path: Path) -> None:
    """The error is that of the loaders."""
    with pytest.raises(TypeError, match="takes a Connection, or several, but this is"):
        rf.refresh(value, path)
    if not isinstance(value, dict):
        with pytest.raises(TypeError, match="With client= pass ids, such as"):
            rf.refresh(value, path, client=rf.Client)


def test_a_client_is_not_a_connection(client: rf.Client, path: Path) -> None:
    """A client has many connections: the caller must name those to refresh."""
    message = r"a Client: write rf.refresh\(client.connection\(\"roaster-\w+\"\), path\)$"
    with pytest.raises(TypeError, match=message):
        rf.refresh(client, path)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"overlap is a time such as .*; this is int"):
        rf.refresh(client.connection(BOOKS), path, overlap=3)  # type: ignore[arg-type]


def test_invalid_versions_are_refused(client: rf.Client, path: Path) -> None:
    """Invalid versions are refused; to keep versions for ever deletes nothing."""
    rf.refresh(client.connection("roaster-bank"), path, resources=["bank_accounts"])
    data = rf.Dataset(path)
    for value in (timedelta(1), float("nan"), True, 1.0):
        with pytest.raises(TypeError, match=r"is not a version \(expected a whole number, a date"):
            data.load("bank_accounts", version=value)  # type: ignore[arg-type]
    for text in ("1", "nonsense of a day"):
        with pytest.raises(ValueError, match=f"version='{text}' is not a valid date or time"):
            data.load("bank_accounts", version=text)
    with pytest.raises(ValueError, match="version is NaT"):
        data.load("bank_accounts", version=pd.NaT)  # type: ignore[arg-type]
    assert data.vacuum(keep=timedelta.max) == 0
    assert len(data.load("bank_accounts", version=1)) == len(data.load("bank_accounts")) > 0
