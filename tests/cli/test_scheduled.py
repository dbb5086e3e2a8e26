"""The command refresh as schedulers run it: two at once, ended by SIGTERM, and in cron's poor environment."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.demo.faults import Fault
from rutterframe.demo.server import DemoServer
from tests.conftest import client_of, settings_of
from tests.dataset.workers import barrier, run_command, start_process

LEDGER, BANK = "gear-xero", "roaster-bank"
IDS = (LEDGER, BANK)
RESOURCES = ("bank_accounts", "bills", "invoices", "transactions")


@pytest.fixture(scope="module")
def books() -> Iterator[DemoServer]:
    """A demo API of this module's own: its books change."""
    with DemoServer(page_size=500) as server:
        yield server


def words_of(path: Path) -> list[str]:
    connections = [word for name in IDS for word in ("--connection", name)]
    return [
        "refresh",
        str(path),
        *connections,
        *(word for name in RESOURCES for word in ("--resource", name)),
    ]


def outputs(path: Path, *numbers: int) -> list[dict[str, Any]]:
    """Return the documents of runs, and check that nothing else was written."""
    for number in numbers:
        assert Path(f"{path}.{number}.err").read_text(encoding="utf-8").count("\n") == 1  # REAL DATA
    return [json.loads(Path(f"{path}.{number}.out").read_text(encoding="utf-8")) for number in numbers]


def run_two(server: DemoServer, path: Path) -> pd.DataFrame:
    """Run the command in two processes that begin together; return the lists of both."""
    start = barrier(2)
    words = [*words_of(path), "--json"]
    processes = [
        start_process(run_command, words, settings_of(server), f"{path}.{number}", start)
        for number in range(2)
    ]
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    documents = outputs(path, 0, 1)
    assert [document["exit_code"] for document in documents] == [0, 0]
    return pd.DataFrame([row for document in documents for row in document["lists"]])


def change(server: DemoServer) -> None:
    """Change a bill and two invoices of the ledger."""
    for resource, numbers in {"bills": [0], "invoices": [3, 4]}.items():
        rows = server.books.collection(LEDGER, resource)
        for number in numbers:
            rows.replace(number, {**rows.record(number), "amount_due": 1234.56}, rows.changed_at(number))


def check(path: Path, client: rf.Client, commits: int) -> None:
    """Compare the dataset with the API: the same rows once each, in order, complete."""
    connections = [client.connection(name) for name in IDS]
    data = rf.Dataset(path)
    for resource in RESOURCES:
        loaded = getattr(rf, f"load_{resource}")(connections, progress=False)
        stored = data.load(resource, connections=IDS)
        pd.testing.assert_frame_equal(stored, loaded)
        receipt = rf.receipt(stored)
        assert (receipt["complete"], receipt["rows"], receipt["errors"]) == (True, len(loaded), {})
        versions = data.versions(resource)["connection_id"].value_counts()
        assert versions.to_dict() == dict.fromkeys(IDS, commits)


@pytest.mark.slow
def test_two_runs_at_once(books: DemoServer, tmp_path: Path) -> None:
    """Of two runs at once each new or changed row counts in one, and the dataset is as after a single one."""
    path = tmp_path / "books"
    with client_of(books) as client:
        done = run_two(books, path)
        check(path, client, 2)
        rows = done.groupby(["connection_id", "resource"])["rows"].max()
        assert done.groupby(["connection_id", "resource"])["added"].sum().equals(rows)
        assert done[["changed", "removed"]].to_numpy().sum() == 0
        change(books)
        done = run_two(books, path)
        check(path, client, 4)
        counts = done.groupby("resource")[["added", "changed", "removed"]].sum()
        assert counts.to_dict("index") == {
            name: {"added": 0, "changed": {"bills": 1, "invoices": 2}.get(name, 0), "removed": 0}
            for name in RESOURCES
        }


@pytest.mark.slow
def test_sigterm_ends_a_refresh(tmp_path: Path) -> None:
    """After SIGTERM what was committed stays, the exit code is 143, and the document has the error."""
    path = tmp_path / "books"
    # The ledger's invoices never arrive: the bank is committed meanwhile.
    slow = Fault("slow", "invoices", connection=LEDGER, seconds=3600)
    last_commit = path / "transactions/_delta_log/00000000000000000001.json"
    with DemoServer(page_size=500, faults=[slow]) as server:
        process = start_process(run_command, [*words_of(path), "--json"], settings_of(server), f"{path}.0")
        while process.is_alive() and not last_commit.exists():
            process.join(0.05)
        os.kill(process.pid or 0, signal.SIGTERM)
        process.join()
        assert process.exitcode == 143
        document = json.loads(Path(f"{path}.0.out").read_text(encoding="utf-8"))
        message = "Terminated by SIGTERM: what was committed stays."
        assert document["error"] == {"message": message, "hint": "refresh again"}
        assert (document["exit_code"], document["environment"], document["lists"]) == (143, server.url, [])
        lines = Path(f"{path}.0.err").read_text(encoding="utf-8").splitlines()
        assert lines[1:] == [f"Error: {message}", "Next: refresh again"]
        status = rf.Dataset(path).status().set_index(["connection_id", "resource"])["status"]
        offered = status[BANK][["bank_accounts", "transactions"]]
        assert offered.tolist() == ["complete", "complete"]
        assert (status[BANK].drop(offered.index) == "not offered").all()
        assert status[LEDGER].unique().tolist() == ["never refreshed"]
        server.configure(faults=[])
        with client_of(server) as client:
            rf.refresh([client.connection(name) for name in IDS], path, resources=RESOURCES, progress=False)
    assert rf.Dataset(path).status()["complete"].all()
