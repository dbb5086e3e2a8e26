"""The command `rutterframe doctor`, and the option --dialect of all commands."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner, Result

from rutterframe import cli
from rutterframe.cli.terminal import as_options
from rutterframe.dataset import Dataset
from rutterframe.demo.server import DemoServer
from tests.conftest import settings_of

WIDE = {"COLUMNS": "200", "TERM": "dumb"}


def run(*words: str, **env: str) -> Result:
    """Run the command line."""
    return CliRunner().invoke(cli.app, list(words), env={**WIDE, **env})


def test_the_demo() -> None:
    """Of the demo nothing fails: exit code 0, a line for each check and connection, at most 80 columns."""
    result = run("doctor", "--demo")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[:2] == [
        "2 warnings, 14 ok",
        "ok       credentials  Client id and secret are set (passed), and accepted.",
    ]
    assert "ok       dialect      The server speaks 'contract', as the client does." in lines
    assert "ok       connection   gear-xero: xero, active, access token known." in lines
    assert max(map(len, lines)) <= 80


def test_without_credentials() -> None:
    """Without credentials the exit code is 1, and the advice names the option of the command."""
    result = run("doctor")
    assert result.exit_code == 1
    assert result.stdout == (
        "1 failed\n"
        "failed   settings  No API credentials are set\n"
        "                   Next: set RUTTER_CLIENT_ID and RUTTER_CLIENT_SECRET in the\n"
        "                   environment or in a .env file in this folder. To try things\n"
        "                   without credentials, use --demo.\n"
    )


def test_json(server: DemoServer) -> None:
    """With --json the findings are objects; the exit code is the same, and no secret is printed."""
    settings = settings_of(server)
    result = run("doctor", "--json", **settings)
    assert result.exit_code == 0
    findings = json.loads(result.stdout)["findings"]
    assert findings[1] == {
        "check": "environment",
        "connection_id": None,
        "status": "ok",
        "finding": f"{server.url} (RUTTER_ENVIRONMENT).",
        "next": "",
    }
    refused = run("doctor", "--json", **{**settings, "RUTTER_CLIENT_SECRET": "another secret"})
    assert refused.exit_code == 1
    assert json.loads(refused.stdout)["ok"] is False
    for secret in (server.client_secret, "another secret", *server.access_tokens.values()):
        assert secret not in result.output + refused.output


def test_the_other_dialect(server: DemoServer) -> None:
    """A server of the contract and a client of the live dialect fail, with the option that corrects it."""
    result = run("doctor", "--dialect", "live", **settings_of(server))
    assert result.exit_code == 1
    assert "failed   dialect" in result.stdout
    assert "Next: add --dialect contract, or set RUTTER_DIALECT=contract." in " ".join(result.stdout.split())


@pytest.mark.parametrize("options", [("--dialect", "live"), ("--dialect", "LIVE")])
def test_the_demo_speaks_live(options: tuple[str, ...]) -> None:
    """--demo --dialect live checks a demo of the live dialect, in any case of letters."""
    result = run("doctor", "--demo", *options)
    assert "The server speaks 'live', as the client does." in result.stdout


def test_the_variable_for_the_dialect() -> None:
    """Without the option RUTTER_DIALECT counts, and the option comes first."""
    result = run("doctor", "--demo", RUTTER_DIALECT="live")
    assert "The server speaks 'live', as the client does." in result.stdout
    result = run("doctor", "--demo", "--dialect", "contract", RUTTER_DIALECT="live")
    assert "The server speaks 'contract', as the client does." in result.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("doctor",),
        ("demo",),
        ("load", "invoices", "--demo"),
        ("report", "aging", "--as-of", "2026-06-30", "--demo"),
        ("refresh", "books", "--demo"),
    ],
)
def test_an_unknown_dialect(words: tuple[str, ...]) -> None:
    """An unknown dialect is an error of usage, with exit code 2, and names the two."""
    result = run(*words, "--dialect", "life")
    assert result.exit_code == 2
    assert "Unknown dialect 'life' (expected 'contract' or 'live')." in result.stderr


def test_an_unknown_dialect_in_the_variable() -> None:
    """An unknown dialect in RUTTER_DIALECT is an error of the settings, with exit code 1."""
    result = run("load", "invoices", "--demo", RUTTER_DIALECT="life")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: Unknown dialect 'life' (expected 'contract' or 'live')\n")


def test_a_dataset_has_its_own_dialect() -> None:
    """A report of a dataset takes no dialect: the dataset was loaded in one."""
    words = ("report", "aging", "--as-of", "2026-06-30", "--dataset", "books", "--dialect", "live")
    result = run(*words)
    assert result.exit_code == 2
    assert "--dialect is for loading" in result.stderr


@pytest.mark.parametrize(
    ("advice", "option"),
    [
        ('pass dialect="live" to rf.Client(), or set it', "add --dialect live, or set it"),
        ("set RUTTER_DIALECT, or pass dialect= to rf.Client().", "set RUTTER_DIALECT, or add --dialect."),
        ("open it with rf.Client(dialect='contract'), the default", "add --dialect contract, the default"),
        ("of the real service open rf.Client(dialect='live').", "add --dialect live."),
        ("or pass dialect='contract' to rf.demo()", "or add --dialect contract"),
    ],
)
def test_advice_about_dialects_names_the_option(advice: str, option: str) -> None:
    """Advice for a caller in Python becomes that for a shell."""
    assert as_options(advice) == option


def test_advice_about_keys_names_the_environment() -> None:
    """The command line reads the keys of a bucket from the environment only."""
    with pytest.raises(ValueError, match="storage_options=") as caught:
        Dataset("s3://user:key@bucket/books")
    assert "Set keys in the environment, and write" in as_options(str(caught.value))
