"""The command line, as a person would use it."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

import httpx
import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner, Result

import rutterframe as rf
from rutterframe import cli
from rutterframe.demo.books.units import CLOSING
from rutterframe.demo.faults import Fault
from rutterframe.demo.server import DemoServer
from rutterframe.models import RESOURCES
from tests.conftest import settings_of

# `rutterframe.cli.app` is the Typer object.
app_module = importlib.import_module("rutterframe.cli.app")

WIDE = {"COLUMNS": "200", "TERM": "dumb"}


def run(*words: str, **env: str) -> Result:
    """Run the command line."""
    return CliRunner().invoke(cli.app, list(words), env={**WIDE, **env})


@pytest.fixture
def credentials(server: DemoServer) -> dict[str, str]:
    """Credentials as a user sets them, of the demo API."""
    return settings_of(server)


def test_demo() -> None:
    """The demo shows every resource with its figures, dtypes and first rows, and the verdict."""
    result = run("demo", "--no-progress")
    assert result.exit_code == 0, result.output
    assert "every figure is made up" in result.output
    assert "roaster-netsuite-old  netsuite    error (left out)" in result.output
    for resource in RESOURCES:
        assert f"{resource}: " in result.output
    assert "created_at     datetime64[us, UTC]  20" in result.output
    assert "due_date       datetime64[us]  20" in result.output
    assert "line_items     list<struct>         list of" in result.output
    assert "Receipts: 10 of 10 complete." in result.output
    assert "0 rows refused." in result.output
    assert "make lab opens JupyterLab" in result.output


def test_demo_reports_the_month_end(tmp_path: Path) -> None:
    """The demo ends with every report, its largest rows, the tie-out, and a workbook."""
    result = run("demo", "--no-progress")
    assert result.exit_code == 0, result.output
    _, _, reports = result.output.partition("Receipts: 10 of 10 complete.")
    titles = (
        "Receivables aging as of 2026-06-30", "Payables aging as of 2026-06-30", "Revenue by product",
        "Cash position", "Cash forecast as of 2026-06-30", "Tie-out: Receivables to ledger",
        "Tie-out: Payables to ledger", "Tie-out: Revenue to orders", "Tie-out: Cash to bank accounts",
        "Tie-out: Cash to ledger",
    )  # fmt: skip
    places = [reports.index(f"\n{title} (demo data)") for title in titles]
    assert places == sorted(places)
    # As the page docs/start/install.md has it.
    assert result.output.splitlines()[-2] == "Tie-out: All 32 totals agree."
    assert re.search(r"All others \(29\) +USD +18,051.62", reports)
    assert re.search(r"Total USD +29,451.57 .* 46,692.39 +55 ", reports)
    assert re.search(r"EUR +6–13 +2026-08-04 +221,646.80 +3,839.00 +\(1,075.76\) +224,410.04\n", reports)
    for line in (
        "gear-xero +EUR +34,720.00 +34,720.00", "roaster-quickbooks +USD +32,395.95 +32,395.95",
        "gear-xero +USD +21,947.48 +21,947.48", "roaster-quickbooks +USD +17,630.31 +17,630.31",
        "roaster-bank +USD +96,969.55 +96,969.55", r"Payroll Checking +USD +\(219.02\) +\(219.02\)",
    ):  # fmt: skip
        assert re.search(rf"{line} +– +agrees", reports), line
    assert "All rows are in rutterframe-demo.xlsx, in this folder.\n" in reports
    assert "Tie-out: All 32 totals agree.\n" in reports
    book = openpyxl.load_workbook(tmp_path / "rutterframe-demo.xlsx")
    sheets = ["Cover", "Aging", "Payables", "Revenue", "Cash", "Forecast", "Cash history", "Expenses"]
    assert book.sheetnames[:8] == sheets
    # All rows, not only the largest: 56 of five currencies, each with its connection in the last column.
    (head, *rows) = book["Aging"].iter_rows(min_row=5, values_only=True)
    assert (head[0], head[-1]) == ("Customer", "Connection id")
    assert sum(row[-1] in ("gear-xero", "roaster-quickbooks") for row in rows) == 56


def test_demo_that_does_not_tie_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """If a total differs, the demo prints it, and its exit code is 3."""

    def more(bills: pd.DataFrame, as_of: str, **names: Any) -> pd.DataFrame:
        report: pd.DataFrame = rf.reports.ap_aging(bills, as_of, **names)
        report.loc[report["currency"] == "KWD", "total"] += 0.001
        return report

    monkeypatch.setattr(sys.modules["rutterframe.reports.month_end"], "ap_aging", more)
    result = run("demo", "--no-progress")
    assert result.exit_code == 3
    assert re.search(r"roaster-quickbooks +KWD +312.756 +312.755 +0.001 +DIFFERS", result.output)
    assert "Payables to ledger: DIFFERS in roaster-quickbooks KWD (Accounts" in result.output
    assert "Tie-out: 1 of 32 totals DIFFER, 31 agree.\n" in result.output


def test_the_closing_day_is_the_books() -> None:
    """The day of the demo's reports is the last day of its books."""
    assert date.fromisoformat(app_module._AS_OF).toordinal() == CLOSING


def test_a_file_that_cannot_be_written() -> None:
    """An error of the operating system is printed without a traceback as well."""
    with mock.patch.object(app_module, "write_frame", side_effect=PermissionError(13, "Permission denied")):
        result = run(
            "load", "bills", "--connection", "gear-xero", "--no-progress", "--out", "bills.csv", "--demo"
        )
    assert result.exit_code == 1
    assert result.stderr == "Error: [Errno 13] Permission denied\n"


def test_load_from_the_demo(tmp_path: Path) -> None:
    """With --demo a load reads the demo, and writes the file of --out."""
    result = run(
        "load", "invoices", "--demo", "--connection", "gear-xero", "--out", "invoices.parquet",
        "--no-progress",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "invoices from demo: COMPLETE" in result.output
    assert "Written to invoices.parquet." in result.output
    frame = pd.read_parquet(tmp_path / "invoices.parquet")
    with rf.demo() as client:
        loaded = rf.load_invoices(client.connection("gear-xero"), progress=False)
    pd.testing.assert_frame_equal(frame.drop(columns="line_items"), loaded.drop(columns="line_items"))
    assert frame.attrs["receipt"]["environment"] == "demo"


def test_load_with_credentials(credentials: dict[str, str], server: DemoServer, tmp_path: Path) -> None:
    """With credentials a load reads the API, several connections at once, with filters."""
    result = run(
        "load", "orders", "--connection", "gear-shopify", "--connection", "gear-amazon",
        "--updated-at-min", "2026-06-01T00:00:00Z", "--expand", "platform_data", "--out", "orders.csv",
        "--no-progress", **credentials,
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert result.output.startswith("REAL DATA: reading from")
    assert f"orders from {server.url}: COMPLETE" in result.output.replace("\n", "")
    frame = pd.read_csv(tmp_path / "orders.csv")
    assert list(frame.columns)[-1] == "platform_data"
    assert frame["connection_id"].unique().tolist() == ["gear-shopify", "gear-amazon"]
    for secret in (server.client_id, server.client_secret, *server.access_tokens.values()):
        assert secret not in result.output
        assert secret not in (tmp_path / "orders.csv").read_text(encoding="utf-8")


def test_load_everything_active(credentials: dict[str, str], tmp_path: Path) -> None:
    """Without --connection every active connection is loaded, here into a workbook."""
    result = run("load", "bank_accounts", "--out", "banks.xlsx", "--no-progress", **credentials)
    assert result.exit_code == 0, result.output
    frame = pd.read_excel(tmp_path / "banks.xlsx", sheet_name="bank_accounts")
    assert sorted(frame["connection_id"].unique()) == ["gear-bank", "roaster-bank"]


def test_demo_ignores_credentials(credentials: dict[str, str]) -> None:
    """With --demo the demo is read, whatever credentials are set."""
    result = run(
        "load",
        "accounts",
        "--connection",
        "gear-xero",
        "--demo",
        "--quarantine",
        "--no-progress",
        **credentials,
    )
    assert result.exit_code == 0, result.output
    assert "accounts from demo: COMPLETE" in result.output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["load", "invoices", "--connection", "unknown"],
            "Error: No access token is known for connection 'unknown'",
        ),
        (
            ["load", "invoices", "--updated-at-min", "2026-01-01T00:00:00Z"],
            "Error: 'invoices' cannot be filtered by",
        ),
        (
            ["load", "bills", "--connection", "gear-xero", "--out", "bills.pdf"],
            "Error: --out: Cannot write 'bills.pdf'",
        ),
        (
            ["load", "bills", "--connection", "roaster-netsuite-old"],
            "Error: The API answered HTTP 403: NEEDS_UPDATE",
        ),
    ],
)
def test_errors_without_traceback(words: list[str], message: str) -> None:
    """An error is printed on standard error, without a traceback, with exit code 1."""
    result = run(*words, "--demo", "--no-progress")
    assert result.exit_code == 1
    assert result.stderr.startswith(message)
    assert "Traceback" not in result.output


def test_credentials_without_a_secret() -> None:
    """Half-set credentials are an error, not a reason for the demo."""
    result = run("load", "invoices", "--no-progress", RUTTER_CLIENT_ID="me")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: RUTTER_CLIENT_ID is set, but RUTTER_CLIENT_SECRET is not")


def test_no_credentials(tmp_path: Path) -> None:
    """Without credentials nothing is loaded and no file is written: made-up rows would pass for real ones."""
    result = run("load", "invoices", "--out", "prod.csv", "--no-progress")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "Error: No API credentials are set\n"
        "Next: set RUTTER_CLIENT_ID and RUTTER_CLIENT_SECRET in the environment or in a .env file in this "
        "folder; or add --demo to read made-up books.\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_connection_without_a_token(
    credentials: dict[str, str], server: DemoServer, tmp_path: Path
) -> None:
    """The others are loaded and written; the one without an access token is named, and the exit code is 1."""
    tokens = {name: server.access_tokens[name] for name in ("gear-bank", "gear-xero")}
    credentials["RUTTER_ACCESS_TOKENS"] = json.dumps(tokens)
    result = run(
        "load", "accounts", "--connection", "gear-bank", "--connection", "gear-shopify", "--connection",
        "gear-xero", "--out", "accounts.csv", "--no-progress", **credentials,
    )  # fmt: skip
    assert result.exit_code == 1
    assert (
        "\nLeft out, since no access token is known: gear-shopify. (See RUTTER_ACCESS_TOKENS.)\n"
        in result.output
    )
    assert set(pd.read_csv(tmp_path / "accounts.csv")["connection_id"]) <= {"gear-bank", "gear-xero"}


def answer(request: httpx.Request) -> httpx.Response:
    """Answer as an API on which only the bank has transactions, and no connection has orders."""
    path, token = request.url.path, request.url.params.get("access_token")
    if path == "/transactions" and token == "bank-token":
        return httpx.Response(200, json={"transactions": [{"id": "one"}], "next_cursor": None})
    return httpx.Response(404, json={})


def test_a_list_that_is_not_found(tmp_path: Path) -> None:
    """A list that answers 404 is named on the receipt, the others are written, and the exit code is 1."""
    client = rf.Client(
        client_id="an-id",
        client_secret="a-secret",
        environment="https://api.example.com",
        access_tokens={"bank": "bank-token", "shop": "shop-token"},
        transport=httpx.MockTransport(answer),
    )
    with mock.patch.object(app_module, "open_client", return_value=client):
        words = ("--connection", "bank", "--connection", "shop", "--out", "moves.csv", "--no-progress")
        result = run("load", "transactions", *words)
    assert result.exit_code == 1
    assert "not offered by      shop: not offered (HTTP 404)" in result.stdout
    assert "transactions from https://api.example.com: NOT COMPLETE" in result.stdout
    assert "Warning" not in result.output
    assert pd.read_csv(tmp_path / "moves.csv")["connection_id"].tolist() == ["bank"]


def test_a_platform_that_lacks_the_list(credentials: dict[str, str]) -> None:
    """Active connections of platforms that lack the list are named, and nothing is missing."""
    result = run("load", "orders", "--no-progress", **credentials)
    assert result.exit_code == 0, result.output
    text = " ".join(result.output.split())
    assert "not offered by roaster-quickbooks, roaster-bank, roaster-google-ads, gear-xero, gear-bank" in text
    assert ": COMPLETE rows" in text


@pytest.mark.parametrize(
    ("out", "message"),
    [
        ("nofolder/x.csv", "Cannot write 'x.csv': there is no folder 'nofolder'; create it first"),
        (".", "Cannot write '.': that is a folder; name a file in it"),
        ("folder", "Cannot write 'folder': that is a folder; name a file in it"),
        ("folder.csv", "Cannot write 'folder.csv': that is a folder; name a file in it"),
        (
            "pipe.csv",
            "Cannot write 'pipe.csv': that is a pipe, a socket or a device, not a file; choose another name",
        ),
        ("x.json", "Cannot write 'x.json': the ending must be one of .parquet, .csv, .xlsx"),
        ("x", "Cannot write 'x': the ending must be one of .parquet, .csv, .xlsx"),
    ],
)
def test_a_path_that_cannot_be_written(
    credentials: dict[str, str], server: DemoServer, tmp_path: Path, out: str, message: str
) -> None:
    """A path that cannot be written is refused before the first request."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder.csv").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")
    server.configure(faults=[])
    result = run("load", "bills", "--out", out, "--no-progress", **credentials)
    assert (result.exit_code, result.stderr) == (1, f"Error: --out: {message}\n")
    assert len(server.requests) == 0


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs the folder of processes of Linux")
def test_a_folder_in_which_no_file_can_be_created(credentials: dict[str, str], server: DemoServer) -> None:
    """A folder that cannot be written to, even by an administrator, is refused before the first request."""
    server.configure(faults=[])
    message = "Error: --out: Cannot write 'x.csv': the folder '/proc' cannot be written to; choose another\n"
    result = run("load", "bills", "--out", "/proc/x.csv", "--no-progress", **credentials)
    assert (result.exit_code, result.stderr) == (1, message)
    assert len(server.requests) == 0


def test_formulas_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Text that a spreadsheet would calculate gets an apostrophe in CSV, unless the user says no."""
    load = app_module.load

    def odd(*arguments: Any, **options: Any) -> pd.DataFrame:
        frame: pd.DataFrame = load(*arguments, **options)
        return frame.assign(name=["=1+1", "Ann\rBob", "+1 415 555 0100"])

    monkeypatch.setattr(app_module, "load", odd)
    words = (
        "load",
        "bank_accounts",
        "--connection",
        "roaster-bank",
        "--demo",
        "--no-progress",
        "--out",
        "x.csv",
    )
    for option, first in ((), "'=1+1"), (("--no-escape-formulas",), "=1+1"):
        assert run(*words, "--force", *option).exit_code == 0
        assert pd.read_csv(tmp_path / "x.csv")["name"].tolist() == [first, "Ann\rBob", "+1 415 555 0100"]


def test_advice_names_options(credentials: dict[str, str], server: DemoServer) -> None:
    """The advice about unreadable rows names the option of the command, not the argument of Python."""
    server.configure(faults=[Fault("null_row", resource="bills", page=1, connection="gear-xero")])
    result = run("load", "bills", "--connection", "gear-xero", "--no-progress", **credentials)
    assert result.exit_code == 1
    assert result.stderr.endswith(
        "Next: correct them on the platform, or load the other rows with --quarantine.\n"
    )


def test_rows_set_aside_are_left_out(credentials: dict[str, str], server: DemoServer) -> None:
    """With --quarantine the other rows are loaded, and the exit code is 1, since some were left out."""
    server.configure(faults=[Fault("null_row", resource="bills", page=1, connection="gear-xero")])
    words = ("--connection", "gear-xero", "--quarantine", "--no-progress")
    result = run("load", "bills", *words, **credentials)
    assert result.exit_code == 1
    assert "NOT COMPLETE" in result.stdout


def test_unknown_resource() -> None:
    """An unknown resource is refused with the known ones."""
    result = run("load", "invoice")
    assert result.exit_code == 2
    assert "there is no resource 'invoice'" in result.stderr


def test_ctrl_c() -> None:
    """After Ctrl-C the exit code is 130, and a line says what was loaded."""
    with mock.patch.object(
        app_module, "load", side_effect=rf.LoadInterrupted("Interrupted: 3 rows. Next: rf.resume")
    ):
        result = run("load", "bills", "--connection", "gear-xero", "--demo", "--no-progress")
    assert result.exit_code == 130
    assert result.stderr == "Interrupted: 3 rows.\n"


def test_as_a_program() -> None:
    """``python -m rutterframe`` and the installed command show the same help."""
    module = subprocess.run(
        [sys.executable, "-m", "rutterframe", "--help"], check=True, capture_output=True, text=True
    )
    script = Path(sys.executable).with_name("rutterframe")
    command = subprocess.run([script, "--help"], check=True, capture_output=True, text=True)
    assert "demo" in command.stdout
    assert "load" in command.stdout
    assert module.stdout.splitlines()[3:] == command.stdout.splitlines()[3:]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
@pytest.mark.parametrize(
    "command",
    [
        "load bank_accounts --demo --no-progress",
        "report cash --demo --as-of 2026-06-30",
        "report cash --demo --as-of 2026-06-30 --format csv",
        "refresh books --demo --connection roaster-bank --resource bank_accounts",
    ],
)
def test_an_output_that_is_full(command: str, tmp_path: Path) -> None:
    """Where nothing can be printed, the error is one line without a traceback, and the exit code 1."""
    with Path("/dev/full").open("w") as full:
        result = subprocess.run(
            [sys.executable, "-m", "rutterframe", *command.split()],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False, cwd=tmp_path,
        )  # fmt: skip
    assert (result.returncode, result.stderr) == (1, "Error: [Errno 28] No space left on device\n")


def test_a_file_that_exists_needs_force(
    credentials: dict[str, str], server: DemoServer, tmp_path: Path
) -> None:
    """An existing file is refused before the first request, with its option; --force replaces it."""
    (tmp_path / "banks.csv").write_text("mine", encoding="utf-8")
    server.configure(faults=[])
    words = ["load", "bank_accounts", "--connection", "gear-bank", "--out", "banks.csv", "--no-progress"]
    result = run(*words, **credentials)
    assert (result.exit_code, result.stderr) == (
        1,
        "Error: --out: 'banks.csv' exists; add --force to replace it, or choose another name\n",
    )
    assert len(server.requests) == 0
    assert (tmp_path / "banks.csv").read_text(encoding="utf-8") == "mine"
    assert run(*words, "--force", **credentials).exit_code == 0
    assert len(pd.read_csv(tmp_path / "banks.csv")) == 5


def test_version() -> None:
    """The version is that of the package."""
    result = run("--version")
    assert (result.exit_code, result.stdout) == (0, f"rutterframe {rf.__version__}\n")


@pytest.mark.parametrize(
    ("words", "completions"),
    [
        ("load bank", "bank_accounts bank_transactions"),
        ("re", "report refresh remove"),
        ("refresh --det", "--details"),
    ],
)
def test_shell_completion(words: str, completions: str) -> None:
    """Bash completes commands, options and the names of resources."""
    command = f"rutterframe {words}"
    place = str(len(command.split()) - 1)
    env = {"_RUTTERFRAME_COMPLETE": "complete_bash", "COMP_WORDS": command, "COMP_CWORD": place}
    result = CliRunner().invoke(cli.app, [], env=env, prog_name="rutterframe")
    assert result.stdout.split() == completions.split()


@pytest.mark.parametrize(("columns", "rows"), [("60", 1), ("80", 3), ("44", 1)])
def test_a_frame_in_a_narrow_terminal(columns: str, rows: int) -> None:
    """Every column has a line with its name and dtype; the values of as many rows as fit are cut."""
    result = run(
        "load", "bank_accounts", "--connection", "gear-bank", "--demo", "--no-progress", COLUMNS=columns
    )
    printed = [line.rstrip() for line in result.stdout.splitlines()]
    head, _, *lines = printed[next(n for n, line in enumerate(printed) if line.startswith("column")) :]
    assert head.split() == ["column", "dtype", *[word for n in range(rows) for word in ("row", str(n))]]
    assert [line.split()[0] for line in lines[:7]] == [
        "connection_id", "id", "name", "type", "balance", "currency", "institution_name",
    ]  # fmt: skip
    assert max(map(len, result.stdout.splitlines())) <= int(columns)
    assert "Geschäf" in result.stdout


def test_a_receipt_in_a_narrow_terminal() -> None:
    """The values of a receipt that go over several lines stand below each other."""
    result = run("load", "bank_accounts", "--demo", "--no-progress", COLUMNS="80")
    assert (
        "  connections         roaster-quickbooks, roaster-shopify, roaster-bank,\n"
        "                      roaster-google-ads, gear-xero, gear-shopify, gear-amazon,\n"
        "                      gear-bank\n"
    ) in result.stdout


def test_width() -> None:
    """The option is the width of tables, whatever the terminal has."""
    words = ("load", "bank_accounts", "--connection", "gear-bank", "--demo", "--no-progress")
    assert max(map(len, run(*words, "--width", "60").stdout.splitlines())) <= 60


def test_a_second_demo_replaces_the_workbook(tmp_path: Path) -> None:
    """The demo's workbook has the demo's own name: a second demo replaces it."""
    (tmp_path / "rutterframe-demo.xlsx").write_text("an earlier one", encoding="utf-8")
    assert run("demo", "--no-progress").exit_code == 0
    assert openpyxl.load_workbook(tmp_path / "rutterframe-demo.xlsx").sheetnames


def test_a_demo_in_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """Where the workbook cannot be written, the demo ends before it loads anything."""
    (tmp_path / "rutterframe-demo.xlsx").mkdir()
    result = run("demo", "--no-progress")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "Error: the workbook of the demo: Cannot write 'rutterframe-demo.xlsx': that is a folder; name a "
        "file in it\n"
    )
