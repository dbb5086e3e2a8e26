"""The page on privacy: no host but the API that is configured, and no file but those that are named."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import rutterframe as rf
from rutterframe.dialects import DIALECTS

PACKAGE = Path(rf.__file__).parent
#: Addresses of this machine and of examples, and names in the place of one.
_NEITHER = re.compile(r"127\.0\.0\.1|localhost|host(:port)?|(\w+\.)*example(\.com)?")
_RECORD = """
import json, sys

seen = set()


def record(event, values):
    if event == "socket.connect":
        seen.add(str(values[1][0] if isinstance(values[1], tuple) else values[1]))
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        seen.add(str(values[0] if event != "socket.sendto" else values[1]))
    elif event == "subprocess.Popen":
        seen.add(str(values[0]))


sys.addaudithook(record)

import rutterframe as rf
from rutterframe import cli
from typer.testing import CliRunner

with rf.demo() as client:
    ledger, lists = client.connection("gear-xero"), ["accounts", "invoices"]
    books = rf.load_books(ledger, resources=lists, progress=False)
    rf.refresh(ledger, "books", resources=lists)
books.to_excel("books.xlsx")
books.to_html("books.html")
books.ar_aging().rf.browse()
rf.open_books("books", as_of="2026-06-30").month_end("aging")
arguments = ["report", "aging", "--dataset", "books", "--as-of", "2026-06-30", "--format", "csv"]
assert CliRunner().invoke(cli.app, arguments).exit_code == 0
print(json.dumps(sorted(seen)))

once = rf.RetryPolicy(attempts=1)
other = "http://127.0.0.2:9"
with rf.Client(client_id="id", client_secret="secret", environment=other, retry=once) as client:
    try:
        rf.load_connections(client, progress=False)
    except rf.TransportError:
        print(json.dumps(sorted(seen)))
"""


def test_addresses_in_the_code() -> None:
    """The only hosts in the code are those of Rutter's API; all other addresses are of examples."""
    urls = [url for dialect in DIALECTS.values() for url in dialect.base_urls.values()]
    api = {url.removeprefix("https://").partition("/")[0] for url in urls}
    assert api == {"production.rutterapi.com", "sandbox.rutterapi.com"}
    hosts = {
        host
        for path in PACKAGE.rglob("*")
        if path.suffix in {".py", ".js", ".css", ".csv"}
        for host in re.findall(r"(?:https?|wss?)://([\w.-]+\w)", path.read_text(encoding="utf-8"))
    }
    assert {host for host in hosts if not _NEITHER.fullmatch(host)} == api


@pytest.mark.slow
def test_connections_and_files_of_a_process(tmp_path: Path) -> None:
    """Loads, reports and the command line connect to the demo alone, and write only what is named."""
    folders = {name: tmp_path / name for name in ("home", "temporary", "work")}
    for folder in folders.values():
        folder.mkdir()
    environment = {**os.environ, "HOME": str(folders["home"]), "TMPDIR": str(folders["temporary"])}
    result = subprocess.run(
        [sys.executable, "-c", _RECORD],
        cwd=folders["work"], env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    during, with_another = map(json.loads, result.stdout.splitlines())
    assert during == ["127.0.0.1"]
    assert with_another == ["127.0.0.1", "127.0.0.2"]  # the recorder would have noticed another address
    files = {name: sorted(path.name for path in folder.iterdir()) for name, folder in folders.items()}
    assert files == {"home": [], "temporary": [], "work": ["books", "books.html", "books.xlsx"]}
