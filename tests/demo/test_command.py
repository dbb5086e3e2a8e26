"""The command line of the demo server: its output and its errors."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx
import pytest

from rutterframe.demo import command

if TYPE_CHECKING:
    from pathlib import Path

    from rutterframe.demo.server import DemoServer


@pytest.fixture
def interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C as soon as the command waits."""

    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "_wait", interrupt)


@pytest.mark.usefixtures("interrupted")
def test_it_prints_address_and_credentials(capsys: pytest.CaptureFixture[str]) -> None:
    """It prints URL, credentials, connections with token and status, and a curl command."""
    assert command.main(["--port", "0"]) == 0
    out, err = capsys.readouterr()

    assert err == ""
    assert out.startswith("Demo API on http://127.0.0.1:")
    assert "made up" in out
    for word in ("client id ", "client secret ", "gear-amazon ", " active", " error", " inactive"):
        assert word in out
    assert "curl -u " in out
    assert "-H 'X-Rutter-Version: 2024-08-31' 'http://127.0.0.1:" in out
    assert out.endswith("stopped\n")


@pytest.mark.usefixtures("interrupted")
def test_it_serves_the_live_dialect(capsys: pytest.CaptureFixture[str]) -> None:
    """With --dialect live the curl command has the path of the real service."""
    assert command.main(["--port", "0", "--dialect", "live"]) == 0
    assert "/versioned/accounting/invoices?access_token=" in capsys.readouterr().out


@pytest.mark.usefixtures("interrupted")
@pytest.mark.parametrize(
    ("host", "warned"),
    [("0.0.0.0", True), ("127.0.0.1", False), ("localhost", False)],  # noqa: S104 - the warning is the point
)
def test_it_warns_of_an_address_beyond_loopback(
    capsys: pytest.CaptureFixture[str], host: str, warned: bool
) -> None:
    """Only an address that other machines can reach gives a line on stderr."""
    assert command.main(["--port", "0", "--host", host]) == 0
    err = capsys.readouterr().err
    assert err.startswith(f"warning: listening on {host}:") == warned
    assert err.count("\n") == warned


@pytest.mark.usefixtures("interrupted")
def test_it_reads_a_fault_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The faults of the file are those of the server, and so are seed, scale and page size."""
    path = tmp_path / "plan.json"
    path.write_text(json.dumps([{"kind": "429", "resource": "invoices", "seconds": 1}]))
    servers: list[DemoServer] = []

    def welcome(server: DemoServer) -> str:
        servers.append(server)
        return ""

    monkeypatch.setattr(command, "_welcome", welcome)
    command.main(["--port", "0", "--seed", "8", "--scale", "2", "--page-size", "9", "--faults", str(path)])
    (server,) = servers
    assert [fault.kind for fault in server.plan.faults] == ["429"]
    assert (server.books.seed, server.books.scale) == (8, 2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON: "),
        ('{"kind": "500"}', "must hold a list of objects"),
        ("[3]", "must hold a list of objects"),
        ('[{"kind": "500"}, {"kind": "404"}]', "fault 2: unknown kind of fault '404'; known are 429"),
    ],
)
def test_an_invalid_plan_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    """The line names the file, the fault and the reason."""
    path = tmp_path / "plan.json"
    path.write_text(text)
    assert command.main(["--faults", str(path)]) == 1
    err = capsys.readouterr().err
    assert err.startswith(f"error: {path}: {message}")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--faults", "nowhere.json"], "No such file"),
        (["--port", "70000"], "port must be 0-65535"),
        (["--scale", "0"], "scale must be a whole number from 1"),
        (["--page-size", "0"], "page_size must be a whole number from 1"),
    ],
)
def test_invalid_arguments_are_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    """The error is one line without a traceback, and the exit status is 1."""
    assert command.main(arguments) == 1
    err = capsys.readouterr().err
    assert err.startswith("error: ")
    assert message in err
    assert err.count("\n") == 1


def test_a_port_in_use_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A port in use is an error of one line."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        assert command.main(["--port", str(listener.getsockname()[1])]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_a_port_that_is_not_a_number_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    """The parser prints how the command is used."""
    with pytest.raises(SystemExit, match="2"):
        command.main(["--port", "x"])
    assert "usage: python -m rutterframe.demo" in capsys.readouterr().err


def test_the_module_serves_until_it_is_interrupted() -> None:
    """`python -m rutterframe.demo` answers requests, and Ctrl-C ends it with status 0 and without noise."""
    arguments = [sys.executable, "-W", "error", "-m", "rutterframe.demo", "--port", "0"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[3]
        lines = [process.stdout.readline() for _ in range(4)]
        credentials = (lines[2].split()[-1], lines[3].split()[-1])
        answer = httpx.get(f"{url}/connections", headers={"X-Rutter-Version": "2024-08-31"}, auth=credentials)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert len(answer.json()["connections"]) == 10
    assert (process.returncode, err) == (0, "")
    assert out.endswith("stopped\n")
