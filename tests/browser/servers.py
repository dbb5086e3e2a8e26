"""Servers of notebooks on loopback: JupyterLab, Notebook 7 and Voilà, each in folders of its own."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat

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
#: The theme follows the browser's own setting, so that one server serves both themes.
THEMES = {"theme": "JupyterLab Light", "adaptive-theme": True}
_LOOPBACK = ("--ServerApp.ip=127.0.0.1", "--ServerApp.port_retries=0", "--IdentityProvider.token=")
#: The module of each server with its options, and a page that answers when it is ready.
COMMANDS = {
    "lab": (
        ["jupyterlab", "--no-browser", "--allow-root", *_LOOPBACK, "--LabApp.expose_app_in_browser=True"],
        "/api/status",
    ),
    "notebook": (
        [
            "notebook",
            "--no-browser",
            "--allow-root",
            *_LOOPBACK,
            "--JupyterNotebookApp.expose_app_in_browser=True",
        ],
        "/api/status",
    ),
    # The denied extension is Notebook 7's, which looks for an application that Voilà is not.
    "voila": (
        [
            "voila",
            "--no-browser",
            "--Voila.ip=127.0.0.1",
            "--show_tracebacks=True",
            "--VoilaConfiguration.extension_denylist=@jupyter-notebook/lab-extension",
        ],
        "/",
    ),
}


@dataclass
class Server:
    """A server of notebooks on loopback."""

    name: str
    url: str
    folder: Path

    def write(self, name: str, cells: Path | list[str]) -> Path:
        """Write a notebook of code cells, or copy one, and what stands beside it, under its own name."""
        if isinstance(cells, Path):
            for file in (cells, *cells.parent.glob("local_spark.*"), cells.parent / "engines.py"):
                shutil.copy(file, self.folder)
            return self.folder / cells.name
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


def run_server(name: str, folder: Path) -> Iterator[Server]:
    """Run a server of notebooks on a free port, in folders of its own."""
    command, probe = COMMANDS[name]
    port = free_port()
    work = folder / "work"
    work.mkdir()
    places = {variable: str(folder / part) for variable, part in FOLDERS.items()}
    labconfig = folder / "config" / "labconfig"
    labconfig.mkdir(parents=True)
    (labconfig / "page_config.json").write_text(json.dumps({"disabledExtensions": {NEWS: True}}))
    settings = folder / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "themes.jupyterlab-settings").write_text(json.dumps(THEMES))
    clean = {variable: value for variable, value in os.environ.items() if not variable.startswith("RUTTER_")}
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
            yield Server(name, url, work)
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
