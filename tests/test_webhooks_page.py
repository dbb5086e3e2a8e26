"""The page on webhooks: its commands, its code, its files and its figures are those of the program."""

from __future__ import annotations

import configparser
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

import rutterframe as rf
from rutterframe import cli
from rutterframe.demo.server import DemoServer
from rutterframe.webhook_server import ServerOptions, app, events, pending, protocol, server
from tests.webhook_server.serving import Refreshes, Site, serving

PAGE = (Path(rf.__file__).parent.parent / "docs/howto/webhooks.md").read_text(encoding="utf-8")
# Blocks in a list are indented.
BLOCKS = [
    (kind, re.sub(r"^ {3}", "", code, flags=re.MULTILINE))
    for kind, code in re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)
]
DEFAULTS = ServerOptions()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with serving(Refreshes(), tmp_path / "state", secret=DemoServer().client_secret) as site:
        yield site


def blocks(kind: str) -> list[str]:
    """Return the blocks of a kind of code."""
    return [code for name, code in BLOCKS if name == kind]


def parse(command: str) -> dict[str, object]:
    """Parse a command as the shell would, without running it; an option that does not exist raises."""
    name, *words = shlex.split(command)[1:]
    group: Any = typer.main.get_command(cli.app)
    parameters: dict[str, object] = group.commands[name].make_context(name, words).params
    return parameters


def test_commands_are_parsed() -> None:
    """The page's commands, also that of the service, have options that exist."""
    (command,) = blocks("bash")
    assert parse(command)["dataset"] == "books"
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string(blocks("ini")[0])
    options = parse(unit["Service"]["ExecStart"])
    assert (options["dataset"], options["port"], options["host"]) == ("/srv/books", 8790, "127.0.0.1")
    # The service manager waits longer than the command takes to stop.
    assert int(unit["Service"]["TimeoutStopSec"]) > DEFAULTS.grace + server._ANSWER_SECONDS
    assert parse("rutterframe refresh books --full")["full"] is True


def test_the_code_sends_a_message(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    """The page's code sends a message that is accepted."""
    (code,) = blocks("python")
    port = f"{DEFAULTS.host}:{DEFAULTS.port}"
    assert port in code
    exec(code.replace(port, f"{site.server.address[0]}:{site.server.address[1]}"), {})  # noqa: S102 - that it runs is the point
    assert capsys.readouterr().out == "202 queued\n"


def test_figures_are_those_of_the_code() -> None:
    """Addresses, sizes, times and limits on the page are the program's."""
    for proxy in blocks("text"):
        assert f"{DEFAULTS.host}:{DEFAULTS.port}" in proxy
        assert app.PATH in proxy
    assert app.MAX_BODY == 256 * 1024
    assert "client_max_body_size 256k;" in PAGE
    for text in (
        f"`--wait` seconds ({DEFAULTS.wait:g})",
        f"every {DEFAULTS.catch_up:g} hours",
        f"under way have {DEFAULTS.grace:g} seconds",
        f"At most {pending.MAX_PENDING:,} lists",
        f"after {pending._FIRST_RETRY:g} seconds",
        f"up to {pending._LONGEST_RETRY / 3600:g} hours",
        f"forward to {pending._RETRY_AFTER_MESSAGE / 60:g} minutes",
        f"the body took more than {app.BODY_SECONDS:g} seconds",
        f"the headers take more than {protocol.HEADER_SECONDS:g} seconds",
        f"more than {server._MAX_CONNECTIONS} connections",
        f"the first {server._MAX_FAILURES} failures",
        f"the changes of {events.Scope.RECENT.overlap.days} days more",
    ):
        assert text in " ".join(PAGE.split()), text
