"""Chromium and the servers of notebooks, and what a test does with a notebook in them."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from tests.browser.servers import Server, run_server

expect.set_options(timeout=30_000)

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
#: A notebook's usual width, and tall enough that nothing has to be scrolled to.
HEIGHT = 1700
LOCAL = ("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:")
#: Console errors that are not ours, each with its cause.
ERRORS_OF_JUPYTER = (
    "Canceled future for",  # JupyterLab, for each of its own requests that a restart leaves without an answer
    "Cannot read properties of undefined (reading 'schema')",  # Notebook 7, which reads a setting too early
    # anywidget, after two seconds on a busy machine; what its widgets show is checked in the page.
    "[anywidget] Failed to initialize model",
    "setData is not a function",  # Voilà, where plotly keeps a picture of a plot that was drawn
)
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


@pytest.fixture(scope="session")
def lab_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """JupyterLab with settings of its own; one for all tests."""
    yield from _serve("lab", tmp_path_factory)


@pytest.fixture(scope="session")
def notebook_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Notebook 7 with settings of its own; one for all tests."""
    yield from _serve("notebook", tmp_path_factory)


@pytest.fixture(scope="session")
def voila_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Voilà with settings of its own; one for all tests."""
    yield from _serve("voila", tmp_path_factory)


def _serve(name: str, folders: pytest.TempPathFactory) -> Iterator[Server]:
    """Run one of the servers, or skip where no browser could draw what it serves."""
    if CHROMIUM is None:
        pytest.skip("no chromium and no google-chrome on this machine")
    yield from run_server(name, folders.mktemp(name))


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
        if not any(part in text for part in ERRORS_OF_JUPYTER):
            self.errors.append(text)


@contextmanager
def watch(browser: Browser, theme: str = "light", width: int = 1280) -> Iterator[Watched]:
    """Open a page that must have made no request beyond loopback, and logged no error, at its end."""
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHT},
        color_scheme="dark" if theme == "dark" else "light",
        permissions=["clipboard-read", "clipboard-write"],
    )
    context.set_default_timeout(30_000)
    noted = Watched(context.new_page())
    noted.listen()
    yield noted
    context.close()
    assert noted.outside == []
    assert noted.errors == []


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    """Open a fresh page in the light theme."""
    with watch(browser) as noted:
        yield noted


@dataclass
class Lab:
    """One notebook, open in JupyterLab or Notebook 7."""

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

    def outputs(self) -> list[dict[str, Any]]:
        """Return what the cells show, each by its media types."""
        cells = self.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.model.toJSON().cells")
        return [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]

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
    """Open a notebook that is in the server's folder, in JupyterLab or Notebook 7."""
    page_of = "lab/tree" if server.name == "lab" else "notebooks"
    url = f"{server.url}/{page_of}/{path.relative_to(server.folder)}?reset"
    page.goto(url)
    page.wait_for_function(READY)
    page.evaluate(KERNEL)
    return Lab(page, path, url)


class OpenIn(Protocol):
    """Open a notebook in an application and a theme, with every cell run."""

    def __call__(
        self, app: str, cells: Path | list[str], *, theme: str = "light", width: int = 1280, name: str = ""
    ) -> Lab:
        """Open code cells, or a copy of a notebook, in "lab", "notebook" or "voila"."""


@pytest.fixture
def open_in(browser: Browser, request: pytest.FixtureRequest) -> Iterator[OpenIn]:
    """Open a notebook in JupyterLab ("lab"), Notebook 7 ("notebook") or Voilà ("voila"), light or dark.

    Every cell was run when it returns. Of a Voilà page only ``page`` is of use: it has no notebook around it.
    """
    with ExitStack() as pages:

        def opened(
            app: str, cells: Path | list[str], *, theme: str = "light", width: int = 1280, name: str = ""
        ) -> Lab:
            server: Server = request.getfixturevalue(f"{app}_server")
            noted = pages.enter_context(watch(browser, theme, width))
            path = server.write(name or re.sub(r"\W+", "-", request.node.name).strip("-"), cells)
            if app == "voila":
                return open_voila(noted, server, path, theme)
            lab = open_notebook(noted.page, server, path)
            expect(
                noted.page.locator(f"body[data-jp-theme-light={str(theme != 'dark').lower()}]")
            ).to_be_attached()
            lab.run_all()
            return lab

        yield opened


def open_voila(noted: Watched, server: Server, path: Path, theme: str) -> Lab:
    """Open a notebook in Voilà, and wait until its cells were run."""
    # Voilà asks for icons that it does not need here, and we use none.
    noted.allow("fontawesome")
    url = f"{server.url}/voila/render/{path.relative_to(server.folder)}?theme={theme}"
    noted.page.goto(url)
    expect(noted.page.locator(".jp-OutputArea-output").first).to_be_visible()
    return Lab(noted.page, path, url)


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures go: RUTTERFRAME_SCREENSHOTS, so that CI can keep them, or a temporary folder."""
    setting = os.environ.get("RUTTERFRAME_SCREENSHOTS")
    folder = Path(setting) if setting else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
