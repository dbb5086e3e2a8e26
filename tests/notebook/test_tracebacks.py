"""What IPython shows of an error: the user's own lines, and what the error says."""

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
    """IPython, with a client that has something secret."""
    hook = sys.excepthook
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
    """Run a cell, and give what it showed."""
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(out):
        shell.run_cell(source, store_history=True)
    return out.getvalue()


def test_a_short_traceback(shell: InteractiveShell, server: DemoServer) -> None:
    """A cell that fails shows its own lines, the class, what happened, where, and what to do next."""
    load = "return rf.load_invoices(client.connection(name), progress=False)"
    said = run(shell, f"def mine(name):\n    {load}\n\nmine('gear-xero')")
    cell = f"Cell In[{shell.execution_count - 1}]"
    assert said.splitlines()[:5] == [
        f"{cell}, line 4",
        "----> mine('gear-xero')",
        "",
        f"{cell}, line 2",
        f"----> {load}",
    ]
    assert "\n\nAuthenticationError: The API answered HTTP 401" in said
    assert "\nWhere: connection 'gear-xero', resource 'invoices'" in said
    assert "\nNext: check the access token of connection 'gear-xero'" in said
    assert said.rstrip().endswith(FULL)
    assert "rutterframe/" not in said
    for secret in ("not its token", server.client_id, server.client_secret):
        assert secret not in said


def test_the_whole_stack_can_be_seen(shell: InteractiveShell) -> None:
    """What was left out is still there, for traceback.print_last and for %debug."""
    run(shell, "client.connection('unknown')")
    whole = run(shell, "import traceback; traceback.print_last()")
    assert "rutterframe/client/tokens.py" in whole.replace("\\", "/")
    assert sys.last_value is not None
    assert sys.last_value.__traceback__ is not None


def test_an_interrupted_load(shell: InteractiveShell) -> None:
    """An interrupted load shows as short as an error, and says how to go on."""
    said = run(shell, "raise rf.LoadInterrupted('Interrupted. Next: rf.resume(error) goes on.')")
    assert "LoadInterrupted: Interrupted. Next: rf.resume(error) goes on." in said
    assert said.rstrip().endswith(FULL)


def test_without_ipython() -> None:
    """Outside of a notebook a file stands in the place of a cell; an error can be pickled as before."""
    try:
        rf.Client()
    except rf.MissingCredentials as caught:
        error = caught
    lines = error._render_traceback_()
    assert lines[0].startswith("File ")
    assert lines[0].split(", line ")[0].endswith("test_tracebacks.py")
    assert lines[1:4] == ["----> rf.Client()", "", "MissingCredentials: No API credentials are set"]
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert again._render_traceback_()[0] == "MissingCredentials: No API credentials are set"
