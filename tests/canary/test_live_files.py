"""No secret of the live service in frames, files and the shell, and with every fault."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import rutterframe as rf
from rutterframe.demo.faults import KINDS, REPLACING, Fault
from rutterframe.demo.server import DemoServer
from tests.canary.canaries import BOOKS, ID, SECRET, Recorder, client_of, log_texts, secrets_in

SHOP = "roaster-shopify"
LINE = {"total_amount": 15.15}


def texts_with_secrets(texts: list[str]) -> list[list[str]]:
    return [secrets_in(text) for text in texts if secrets_in(text)]


def live_client(server: DemoServer) -> rf.Client:
    return client_of(server.url, dialect="live", access_tokens=None)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_no_secret_in_any_fault(
    live_canary_api: DemoServer, logs: pytest.LogCaptureFixture, kind: str
) -> None:
    """Whatever the live API does to the list of connections, a load or a write shows no secret."""
    recorder = Recorder()
    live_canary_api.configure(faults=[])
    with live_client(live_canary_api) as client:
        books = client.connection(BOOKS)
        customer = next(books.customers.list()).id or ""
        for resource, operation in (("connections", "list"), ("invoices", "list"), ("invoices", "write")):
            if operation == "write" and kind not in REPLACING:
                continue
            page = 2 if kind == "expired_cursor" and resource == "invoices" else 0
            fault = Fault(kind, resource=resource, page=page, times=0, operation=operation)
            live_canary_api.configure(page_size=20, faults=[fault])
            with live_client(live_canary_api) as other:
                recorder.run(lambda: other.connection(BOOKS))
                recorder.run(lambda: rf.load_connections(other, progress=False).attrs)
                recorder.inspect(other)
            recorder.run(lambda: rf.load_invoices(books, on_invalid="quarantine", progress=False).attrs)
            recorder.run(
                lambda: books.invoices.create(
                    customer_id=customer, issue_date="2026-06-30", currency="USD", line_items=[LINE]
                )
            )
    assert texts_with_secrets([*recorder.texts, *log_texts(logs)]) == []


def read_back(path: Path) -> Iterator[str]:
    yield path.read_bytes().decode("latin-1")
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        yield f"{table.schema.metadata} {table.to_pylist()}"


@pytest.mark.slow
def test_no_secret_in_frames_and_files(live_canary_api: DemoServer, tmp_path: Path) -> None:
    """Frames of the connections and of everything else, and their files, hold no secret."""
    live_canary_api.configure(faults=[])
    recorder = Recorder()
    with live_client(live_canary_api) as client:
        listed = rf.load_connections(client, progress=False)
        frames = rf.load_all([client.connection(BOOKS), client.connection(SHOP)], progress=False)
        for name, frame in {"connections": listed, **frames}.items():
            recorder.inspect(frame.attrs)
            recorder.texts += [str(frame), pickle.dumps(frame).decode("latin-1"), repr(rf.receipt(frame))]
            rf.write_frame(frame, tmp_path / f"{name}.parquet")
        rf.write_frame(listed, tmp_path / "connections.csv")
    assert "link" not in "".join(listed.columns)
    recorder.texts += [text for path in sorted(tmp_path.iterdir()) for text in read_back(path)]
    assert texts_with_secrets(recorder.texts) == []


def test_no_secret_in_a_dataset(live_canary_api: DemoServer, tmp_path: Path) -> None:
    """A dataset that was refreshed with listed tokens only has none in its tables, logs and receipts."""
    live_canary_api.configure(faults=[])
    recorder = Recorder()
    with live_client(live_canary_api) as client:
        recorder.run(lambda: rf.refresh([client.connection(BOOKS)], tmp_path / "dataset", progress=False))
        recorder.run(lambda: rf.Dataset(tmp_path / "dataset").load("invoices").attrs)
    assert recorder.kinds == []
    files = [path for path in sorted(tmp_path.rglob("*")) if path.is_file()]
    assert {path.suffix for path in files} >= {".parquet", ".json"}
    recorder.texts += [text for path in files for text in read_back(path)]
    assert texts_with_secrets(recorder.texts) == []


@pytest.mark.slow
def test_no_secret_in_the_shell(live_canary_api: DemoServer, tmp_path: Path) -> None:
    """With --verbose, a load without any token of its own prints and writes no secret."""
    live_canary_api.configure(faults=[])
    settings = {
        "RUTTER_CLIENT_ID": ID,
        "RUTTER_CLIENT_SECRET": SECRET,
        "RUTTER_ENVIRONMENT": live_canary_api.url,
        "RUTTER_DIALECT": "live",
    }
    command = [sys.executable, "-m", "rutterframe", "load", "invoices", "--connection", BOOKS]
    done = subprocess.run(
        [*command, "--out", "invoices.csv", "--verbose"],
        env={**os.environ, **settings}, cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    printed = done.stdout + done.stderr
    assert done.returncode == 0, printed
    assert f"GET {live_canary_api.url}/connections" in printed
    assert texts_with_secrets([printed, (tmp_path / "invoices.csv").read_text(encoding="utf-8")]) == []
