"""Short tracebacks in IPython: the user's own lines and the message of the error."""

from __future__ import annotations

import atexit
import io
import pickle
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import rutterframe as rf
from rutterframe.demo.server import DemoServer

FULL = "(Full traceback: import traceback; traceback.print_last(). %debug starts the debugger.)"


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server: DemoServer) -> Iterator[InteractiveShell]:
    """IPython, with a client that has secrets."""
    hook = sys.excepthook
    # IPython puts a module of its own in its place, from which multiprocessing cannot start a process.
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    no_history = Config({"HistoryManager": {"enabled": False}})
    shell = InteractiveShell.instance(colors="nocolor", config=no_history)
    monkeypatch.setenv("RUTTER_CLIENT_ID", server.client_id)
    monkeypatch.setenv("RUTTER_CLIENT_SECRET", server.client_secret)
    monkeypatch.setenv("RUTTER_ENVIRONMENT", server.url)
    run(shell, "import rutterframe as rf\nclient = rf.Client(access_tokens={'gear-xero': 'not its token'})")
    yield shell
    run(shell, "client.close()")
    shell.reset()
    atexit.unregister(shell.atexit_operations)
    shell.atexit_operations()
    InteractiveShell.clear_instance()
    sys.excepthook = hook


def run(shell: InteractiveShell, source: str) -> str:
    """Run a cell and return its output."""
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(out):
        shell.run_cell(source, store_history=True)
    return out.getvalue()


def test_a_short_traceback(shell: InteractiveShell, server: DemoServer) -> None:
    """A failing cell prints its own lines, and class, message, context and hint of the error."""
    load = "return rf.load_invoices(client.connection(name), progress=False)"
    output = run(shell, f"def mine(name):\n    {load}\n\nmine('gear-xero')")
    cell = f"Cell In[{shell.execution_count - 1}]"
    assert output.splitlines()[:5] == [
        f"{cell}, line 4",
        "----> mine('gear-xero')",
        "",
        f"{cell}, line 2",
        f"----> {load}",
    ]
    assert "\n\nAuthenticationError: The API answered HTTP 401" in output
    assert "\nWhere: connection 'gear-xero', resource 'invoices'" in output
    assert "\nNext: check the access token of connection 'gear-xero'" in output
    assert output.rstrip().endswith(FULL)
    assert "rutterframe/" not in output
    for secret in ("not its token", server.client_id, server.client_secret):
        assert secret not in output


def test_the_full_traceback_is_available(shell: InteractiveShell) -> None:
    """traceback.print_last and %debug have the full traceback."""
    run(shell, "client.connection('unknown')")
    output = run(shell, "import traceback; traceback.print_last()")
    assert "rutterframe/client/tokens.py" in output.replace("\\", "/")
    assert sys.last_value is not None
    assert sys.last_value.__traceback__ is not None


def test_an_interrupted_load(shell: InteractiveShell) -> None:
    """The traceback of an interrupted load is short, and says how to resume it."""
    output = run(shell, "raise rf.LoadInterrupted('Interrupted. Next: rf.resume(error) goes on.')")
    assert "LoadInterrupted: Interrupted. Next: rf.resume(error) goes on." in output
    assert output.rstrip().endswith(FULL)


def test_without_ipython() -> None:
    """Outside of notebooks the lines name files; the error can be pickled."""
    with pytest.raises(rf.MissingCredentials) as caught:
        rf.Client()
    error = caught.value
    lines = error._render_traceback_()
    assert lines[0].startswith("File ")
    assert lines[0].split(", line ")[0].endswith("test_tracebacks.py")
    assert lines[1:4] == ["----> rf.Client()", "", "MissingCredentials: No API credentials are set"]
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert again._render_traceback_()[0] == "MissingCredentials: No API credentials are set"
