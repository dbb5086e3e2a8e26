"""JupyterLab and Chromium on loopback, and what a test does with a notebook in them."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

expect.set_options(timeout=30_000)

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
#: A notebook's usual width, and tall enough that nothing has to be scrolled to.
VIEWPORT = {"width": 1280, "height": 1700}
#: Folders of the server's own, so that a developer's settings do not leak in.
FOLDERS = {
    "JUPYTER_CONFIG_DIR": "config",
    "JUPYTER_DATA_DIR": "data",
    "JUPYTER_RUNTIME_DIR": "runtime",
    "IPYTHONDIR": "ipython",
    "JUPYTERLAB_SETTINGS_DIR": "settings",
    "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
}
NEWS = "@jupyterlab/apputils-extension:announcements"
LOCAL = ("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:")
SESSION = "window.jupyterapp.shell.currentWidget.sessionContext"
READY = "() => window.jupyterapp?.shell?.currentWidget?.sessionContext"
#: The indicator says idle before the kernel is there: run-all would then run nothing, without an error.
KERNEL = """async () => { const app = window.jupyterapp; await app.restored;
  const w = app.shell.currentWidget; await w.context.ready; await w.sessionContext.ready;
  await w.sessionContext.session.kernel.info; }"""
RUN_ALL = """async () => { const app = window.jupyterapp;
  await app.commands.execute('notebook:run-all-cells');
  return app.shell.currentWidget.content.model.toJSON().cells; }"""
RUN_NEW = """async (source) => { const app = window.jupyterapp; const w = app.shell.currentWidget;
  w.content.model.sharedModel.insertCell(w.content.widgets.length, {cell_type: 'code', source});
  w.content.activeCellIndex = w.content.widgets.length - 1;
  await app.commands.execute('notebook:run-cell');
  return w.content.model.toJSON().cells.at(-1).outputs; }"""


# Of a module, not of the session: while Playwright runs, no other test of this worker can run an event loop.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, or a reason to skip."""
    if CHROMIUM is None:
        pytest.skip("no chromium and no google-chrome on this machine")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@dataclass
class Server:
    """A server of notebooks on loopback."""

    url: str
    folder: Path

    def write(self, name: str, cells: list[str]) -> Path:
        """Write a notebook of code cells."""
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.metadata["kernelspec"] = {
            "name": "python3",
            "display_name": "Python 3",
            "language": "python",
        }
        path = self.folder / f"{name}.ipynb"
        nbformat.write(notebook, path)
        return path


def free_port() -> int:
    """Find a port that no process listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def run_server(command: list[str], probe: str, folder: Path) -> Iterator[Server]:
    """Run a server of notebooks on a free port, in folders of its own."""
    port = free_port()
    work = folder / "work"
    work.mkdir()
    places = {name: str(folder / part) for name, part in FOLDERS.items()}
    labconfig = folder / "config" / "labconfig"
    labconfig.mkdir(parents=True)
    (labconfig / "page_config.json").write_text(json.dumps({"disabledExtensions": {NEWS: True}}))
    clean = {name: value for name, value in os.environ.items() if not name.startswith("RUTTER_")}
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *command, f"--port={port}"],
            cwd=work,
            env=clean | places,
            stdout=log,
            stderr=log,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(url + probe, process, folder / "server.log")
            yield Server(url, work)
        finally:
            process.terminate()
            process.wait(20)


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until a server answers."""
    tick = threading.Event()
    for _ in range(300):
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - loopback
                return
        except OSError:
            tick.wait(0.2)
    raise AssertionError(f"no answer from {url}:\n{log.read_text()[-3000:]}")


Served = Callable[[list[str], str], Iterator[Server]]


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Served:
    """Run a server by its module, its options and the path of a page that answers when it is ready."""
    return lambda command, probe: run_server(command, probe, tmp_path_factory.mktemp(command[0]))


@pytest.fixture(scope="session")
def lab_server(served: Served) -> Iterator[Server]:
    """JupyterLab with settings of its own; one for all tests."""
    if CHROMIUM is None:
        pytest.skip("no chromium and no google-chrome on this machine")
    command = [
        "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", "--ServerApp.port_retries=0",
        "--IdentityProvider.token=", "--LabApp.expose_app_in_browser=True",
    ]  # fmt: skip
    yield from served(command, "/api/status")


@dataclass
class Watched:
    """A page, with its requests to other machines, and the errors in its console."""

    page: Page
    allowed: tuple[str, ...] = ()
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Record requests and console errors from now on."""
        self.page.on("request", self._note_request)
        self.page.on("console", self._note_message)
        self.page.on("pageerror", lambda error: self._note_error(str(error)))

    def allow(self, part: str) -> None:
        """Answer requests with this part in their address with an empty body, and do not count them."""
        self.allowed = (*self.allowed, part)
        self.page.route(
            re.compile(re.escape(part)), lambda route: route.fulfill(body="", content_type="text/css")
        )

    def _note_request(self, request: Request) -> None:
        if not request.url.startswith(LOCAL) and not any(part in request.url for part in self.allowed):
            self.outside.append(request.url)

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._note_error(message.text)

    def _note_error(self, text: str) -> None:
        # JupyterLab logs it for each of its own requests that a restart leaves without an answer.
        if "Canceled future for" not in text:
            self.errors.append(text)


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    """A fresh page: at its end it must have made no request beyond loopback, and logged no error."""
    context = browser.new_context(viewport=VIEWPORT)  # type: ignore[arg-type] # playwright wants its own dict
    context.set_default_timeout(30_000)
    noted = Watched(context.new_page())
    noted.listen()
    yield noted
    context.close()
    assert noted.outside == []
    assert noted.errors == []


@dataclass
class Lab:
    """One notebook, open in JupyterLab."""

    page: Page
    path: Path
    url: str

    def run_all(self) -> list[dict[str, Any]]:
        """Run every cell, and return the cells with their outputs; raise the error of a cell."""
        cells: list[dict[str, Any]] = self.page.evaluate(RUN_ALL)
        code = [cell for cell in cells if cell["cell_type"] == "code"]
        assert all(cell["execution_count"] for cell in code)
        raised = [out for cell in code for out in cell["outputs"] if out["output_type"] == "error"]
        assert raised == []
        return cells

    def run(self, source: str) -> str:
        """Run a new cell below, and return its output."""
        outputs = self.page.evaluate(RUN_NEW, source)
        return "".join(written(output) for output in outputs)

    def command(self, name: str, **arguments: str) -> None:
        """Run one of JupyterLab's own commands."""
        run = "([name, given]) => window.jupyterapp.commands.execute(name, given)"
        self.page.evaluate(run, [name, arguments])

    def save(self) -> str:
        """Save the notebook, and return the file's text."""
        self.command("docmanager:save")
        return self.path.read_text(encoding="utf-8")

    def restart_kernel(self) -> None:
        """Restart the kernel, without asking."""
        self.page.evaluate(f"async () => {{ await {SESSION}.session.kernel.restart(); }}")

    def reopen_without_kernel(self) -> None:
        """End the kernel, and open the saved notebook again, which starts another one and runs nothing."""
        self.page.evaluate(f"async () => {{ await {SESSION}.shutdown(); }}")
        self.page.goto(self.url)
        self.page.wait_for_function(READY)
        self.page.evaluate(KERNEL)


def written(output: dict[str, Any]) -> str:
    """Return the plain text of an output."""
    if output["output_type"] == "stream":
        return "".join(output["text"])
    if output["output_type"] == "error":
        return "\n".join(output["traceback"])
    return "".join(output["data"].get("text/plain", ""))


@pytest.fixture
def open_lab(lab_server: Server, watched: Watched) -> Callable[[str, list[str]], Lab]:
    """Open a new notebook of these cells in JupyterLab, with its kernel ready."""

    def opened(name: str, cells: list[str]) -> Lab:
        path = lab_server.write(name, cells)
        return open_notebook(watched.page, lab_server, path)

    return opened


def open_notebook(page: Page, server: Server, path: Path) -> Lab:
    """Open a notebook that is in the server's folder."""
    url = f"{server.url}/lab/tree/{path.relative_to(server.folder)}?reset"
    page.goto(url)
    page.wait_for_function(READY)
    page.evaluate(KERNEL)
    return Lab(page, path, url)


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures go: RUTTERFRAME_SCREENSHOTS, so that CI can keep them, or a temporary folder."""
    setting = os.environ.get("RUTTERFRAME_SCREENSHOTS")
    folder = Path(setting) if setting else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
