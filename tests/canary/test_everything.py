"""No secret anywhere else: every operation, every fault, frames, files, the shell, a notebook."""

from __future__ import annotations

import base64
import hmac
import json
import os
import pickle
import subprocess
import sys
import traceback
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pyarrow.parquet as pq
import pytest
from nbclient import NotebookClient
from pydantic import SecretStr

import rutterframe as rf
from rutterframe.demo.faults import KINDS, REPLACING, Fault
from rutterframe.demo.server import DemoServer
from rutterframe.reports.month_end import NEEDED, month_end
from rutterframe.views import charts, tables
from rutterframe.views.page import write_page
from rutterframe.views.workbook import write_workbook
from tests.canary.canaries import BOOKS, SECRET, TOKEN, Recorder, client_of, log_texts, secrets_in
from tests.client.operations import LINE, OPERATIONS, known_to

NOTEBOOKS = Path(rf.__file__).parent.parent / "notebooks"


def texts_with_secrets(texts: list[str]) -> list[list[str]]:
    return [secrets_in(text) for text in texts if secrets_in(text)]


def test_no_secret_in_any_operation(canary_api: DemoServer, logs: pytest.LogCaptureFixture) -> None:
    """What each of the 26 operations gives, and logs, shows no secret; the exchanged token is closed."""
    canary_api.configure(page_size=50, faults=[])
    recorder = Recorder()
    with client_of(canary_api.url, access_tokens=canary_api.access_tokens) as client:
        known = known_to(client, canary_api)
        results = [operation(client, known) for operation in OPERATIONS.values()]
        (exchanged,) = [thing for thing in results if isinstance(thing, SecretStr)]
        recorder.texts += [str(exchanged), repr(exchanged)]
        results.remove(exchanged)
        for thing in (*results, client, client.webhooks, client.connections, known):
            recorder.inspect(thing)
    assert exchanged.get_secret_value() == canary_api.access_tokens["gear-bank"]
    assert texts_with_secrets([*recorder.texts, *log_texts(logs)]) == []


@pytest.mark.parametrize("kind", KINDS)
def test_no_secret_in_any_fault(canary_api: DemoServer, logs: pytest.LogCaptureFixture, kind: str) -> None:
    """Whatever the API does to a load, a look-up or a write, for ever or once, shows no secret."""
    recorder = Recorder()
    with client_of(canary_api.url, access_tokens=canary_api.access_tokens) as client:
        books = client.connection(BOOKS)
        customer = canary_api.books.rows(BOOKS, "customers")[0]["id"]
        invoice = canary_api.books.rows(BOOKS, "invoices")[0]["id"]
        for times in (0, 1):
            for operation in ("list", "retrieve", "write") if kind in REPLACING else ("list",):
                fault = Fault(
                    kind, page=0 if kind != "expired_cursor" else 2, times=times, operation=operation
                )
                canary_api.configure(page_size=20, faults=[fault])
                recorder.run(lambda: rf.load_invoices(books, on_invalid="quarantine", progress=False).attrs)
                recorder.run(lambda: books.invoices.retrieve(invoice))
                recorder.run(lambda: books.invoices.create(customer_id=customer, line_items=[LINE]))
                recorder.run(lambda: books.bills.create(vendor_id="v", line_items=[LINE]))
    assert recorder.texts
    assert texts_with_secrets([*recorder.texts, *log_texts(logs)]) == []


def read_back(path: Path) -> Iterator[str]:
    """Yield all texts of a file: as it is, and decompressed."""
    yield path.read_bytes().decode("latin-1")
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as parts:
            yield from (parts.read(name).decode("utf-8", "replace") for name in parts.namelist())
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        yield f"{table.schema.metadata} {table.to_pylist()}"


def test_no_secret_in_frames_and_files(canary_api: DemoServer, tmp_path: Path) -> None:
    """Frames with their attrs, pickles, findings, reports, and every kind of file hold no secret."""
    canary_api.configure(page_size=50, faults=[])
    recorder = Recorder()
    with client_of(canary_api.url, access_tokens=canary_api.access_tokens) as client:
        connections = [client.connection(name) for name in (BOOKS, "roaster-shopify", "roaster-bank")]
        frames = rf.load_all(connections, progress=False)
        for frame in frames.values():
            recorder.inspect(frame.attrs)
            recorder.texts += [str(frame), frame.to_html(max_rows=20), pickle.dumps(frame).decode("latin-1")]
            rf.receipt(frame)
        recorder.inspect(rf.check(frames))
    for suffix in ("parquet", "csv", "xlsx"):
        rf.write_frame(frames["orders"], tmp_path / f"orders.{suffix}")
    close = month_end(NEEDED, frames, "2026-06-30")
    write_workbook(tmp_path / "close.xlsx", close.reports, close.ties, as_of="2026-06-30")
    aging = close.reports["Aging"]
    write_page(tmp_path / "close.html", {"Aging": [tables.aging(aging), charts.aging(aging)]}, title="Close")
    files = sorted(tmp_path.iterdir())
    assert [path.suffix for path in files] == [".html", ".xlsx", ".csv", ".parquet", ".xlsx"]
    recorder.texts += [text for path in files for text in read_back(path)]
    assert texts_with_secrets(recorder.texts) == []


def arguments_of_children() -> Iterator[str]:
    """Yield the command line of each process that this one has started, as anyone can see it."""
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            status = (entry.parent / "status").read_text()
            if f"PPid:\t{os.getpid()}\n" in status:
                yield entry.read_bytes().replace(b"\0", b" ").decode("latin-1")
        except OSError:  # gone by now
            continue


COMMANDS = {
    "load": ["load", "invoices", "--connection", BOOKS, "--out", "invoices.csv"],
    "a connection without a token": ["load", "invoices", "--connection", "unknown"],
    "report": ["report", "aging", "--as-of", "2026-06-30", "--connection", BOOKS, "--excel", "aging.xlsx"],
    "a page that cannot be read": ["load", "accounts", "--connection", BOOKS],
    "doctor": ["doctor"],
    "doctor of the other dialect": ["doctor", "--dialect", "live", "--json"],
}


@pytest.mark.parametrize("case", COMMANDS)
def test_no_secret_in_the_shell(
    canary_api: DemoServer, settings: dict[str, str], tmp_path: Path, case: str
) -> None:
    """With --verbose, what the commands print, write and are called with holds no secret."""
    if case == "a page that cannot be read":
        canary_api.configure(faults=[Fault("null_row", resource="accounts", times=0)])
    command = [sys.executable, "-m", "rutterframe", *COMMANDS[case], "--verbose"]
    with subprocess.Popen(
        command, env={**os.environ, **settings}, cwd=tmp_path,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as running:  # fmt: skip
        commands: list[str] = []
        while running.poll() is None and not any("--verbose" in text for text in commands):
            commands += arguments_of_children()
        assert running.stdout is not None
        printed = running.stdout.read()
        commands += arguments_of_children()
    assert f"GET {canary_api.url}/" in printed or case == "a connection without a token"
    assert any("--verbose" in text for text in commands) or not Path("/proc/self").exists()
    written = [text for path in tmp_path.iterdir() for text in read_back(path)]
    assert texts_with_secrets([printed, *commands, *written]) == []


@pytest.mark.parametrize("command", ["demo", "load", "report", "refresh", "doctor"])
def test_no_command_takes_a_secret(command: str) -> None:
    """No command has an option for a secret, since everyone can read the arguments of a process."""
    help_text = subprocess.run(
        [sys.executable, "-m", "rutterframe", command, "--help"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert "--verbose" in help_text
    assert [word for word in ("secret", "token", "client", "password") if f"--{word}" in help_text] == []


@pytest.mark.long
def test_no_secret_in_a_notebook(
    canary_api: DemoServer, settings: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An executed notebook, with all that is logged, a picker and verbose tracebacks, holds no secret."""
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    notebook: Any = nbformat.read(NOTEBOOKS / "01_connect_and_load.ipynb", as_version=4)
    code: Any = nbformat.v4.new_code_cell
    notebook.cells.insert(0, code("import logging\nlogging.basicConfig(level=logging.DEBUG)\n%xmode Verbose"))
    notebook.cells += [
        code("client, vars(client), client.connection('roaster-quickbooks')"),
        code("client.connection('roaster-quickbooks').invoices.retrieve('no such id')"),
        code("import traceback\ntraceback.print_last()"),
        code("client.connection('unknown')"),
        code("%tb"),
        code("client.connection('roaster-quickbooks').invoices.create(custmer_id=1)"),
    ]
    for cell in notebook.cells[-6:]:
        cell.metadata["tags"] = ["raises-exception"]
    NotebookClient(notebook, timeout=60, kernel_name="python3", store_widget_state=True).execute()
    text = nbformat.writes(notebook)
    assert "widgets" in notebook.metadata
    assert f"GET {canary_api.url}/connections" in text
    assert "NotFound" in text
    assert "MissingToken" in text
    assert texts_with_secrets([text]) == []


def signature_of(body: bytes) -> str:
    return "sha256=" + base64.b64encode(hmac.digest(SECRET.encode(), body, "sha256")).decode()


MESSAGE = json.dumps({"type": "CONNECTION", "code": "CONNECTION_CREATED", "access_token": TOKEN}).encode()


def test_no_secret_in_a_webhook(logs: pytest.LogCaptureFixture) -> None:
    """A message with an access token shows it nowhere."""
    message = rf.verify_webhook(MESSAGE, signature_of(MESSAGE), SECRET)
    assert message.access_token is not None
    assert message.access_token.get_secret_value() == TOKEN
    recorder = Recorder()
    recorder.inspect(message)
    assert texts_with_secrets([*recorder.texts, *log_texts(logs)]) == []


@pytest.mark.parametrize("body", [MESSAGE, MESSAGE[:-1], json.dumps({"access_token": TOKEN}).encode()])
@pytest.mark.parametrize("forged", [True, False])
def test_no_secret_when_a_webhook_is_refused(body: bytes, *, forged: bool) -> None:
    """Neither a forged message nor a broken one brings its token, or the secret, into the error."""
    signature = "sha256=forged" if forged else signature_of(body)
    if body == MESSAGE and not forged:
        body += b" "
    with pytest.raises((rf.InvalidSignature, rf.InvalidResponse)) as refused:
        rf.verify_webhook(body, signature, SECRET)
    error = refused.value
    texts = [str(error), repr(vars(error)), pickle.dumps(error).decode("latin-1")]
    assert texts_with_secrets([*texts, "".join(traceback.format_exception(error))]) == []
