"""The options of `rutterframe report`: JSON, pages, one business, names of vendors; and more reports."""

from __future__ import annotations

import json
import re
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner, Result

import rutterframe as rf
from rutterframe import cli
from rutterframe.demo.server import DemoServer
from tests.conftest import settings_of

DAY = ("--as-of", "2026-06-30")


def run(*words: str, **env: str) -> Result:
    """Run the command line."""
    return CliRunner().invoke(cli.app, ["report", *words], env={"COLUMNS": "200", "TERM": "dumb", **env})


def test_json() -> None:
    """JSON has every report of the month end, the comparisons and the verdict; amounts are text."""
    result = run(
        "all", *DAY, "--demo", "--connection", "gear-xero", "--connection", "gear-bank", "--format", "json"
    )
    assert (result.exit_code, result.stderr) == (0, "")
    data = json.loads(result.stdout)
    assert (data["as_of"], data["is_demo"], data["verdict"]["differ"]) == ("2026-06-30", True, 0)
    assert [report["report"] for report in data["reports"]] == [
        "ar_aging", "ap_aging", "revenue_by_product", "cash_position", "cash_forecast",
    ]  # fmt: skip
    totals = {each["currency"]: each["total"]["total"] for each in data["reports"][0]["currencies"]}
    assert totals == {"EUR": "34720.00", "GBP": "17673.00", "JPY": "208600", "USD": "14296.44"}
    assert data["tie_outs"][0]["currencies"][0]["rows"][0]["ok"] is True
    assert data["notes"][0] == "Demo data: every figure is made up."


def test_a_page(tmp_path: Path) -> None:
    """A page has the verdict and the report."""
    result = run("cash", *DAY, "--demo", "--connection", "gear-bank", "--html", "cash.html")
    assert result.exit_code == 0, result.output
    assert result.stderr == "Written to cash.html.\n"
    text = (tmp_path / "cash.html").read_text(encoding="utf-8")
    assert "216,952.51" in text
    assert "Cash position" in text


@pytest.mark.parametrize("option", ["--html", "--excel"])
def test_a_file_that_exists_needs_force(server: DemoServer, tmp_path: Path, option: str) -> None:
    """An existing file is refused before the first request, with its option; --force replaces it."""
    name = {"--html": "cash.html", "--excel": "cash.xlsx"}[option]
    (tmp_path / name).write_text("mine", encoding="utf-8")
    server.configure(faults=[])
    words = ("cash", *DAY, "--connection", "gear-bank", option, name)
    result = run(*words, **settings_of(server))
    assert (result.exit_code, result.stdout, result.stderr) == (
        1,
        "",
        f"Error: {option}: '{name}' exists; add --force to replace it, or choose another name\n",
    )
    assert len(server.requests) == 0
    assert run(*words, "--force", **settings_of(server)).exit_code == 0
    assert (tmp_path / name).read_bytes() != b"mine"


@pytest.mark.parametrize("option", ["--html", "--excel"])
def test_every_file_is_checked_before_the_first_request(server: DemoServer, option: str) -> None:
    """A folder that does not exist is named together with the option."""
    server.configure(faults=[])
    ending = option.removeprefix("--").replace("excel", "xlsx")
    result = run("cash", *DAY, option, f"none/x.{ending}", **settings_of(server))
    assert (result.exit_code, result.stdout) == (1, "")
    message = f"Error: {option}: Cannot write 'x.{ending}': there is no folder 'none'; create it first\n"
    assert result.stderr == message
    assert len(server.requests) == 0


def test_one_business() -> None:
    """Of a business only its active connections are read; in the demo it has the demo's two."""
    result = run("cash", *DAY, "--demo", "--business", "Roaster")
    assert result.exit_code == 0, result.output
    assert "| First Harbor Bank | USD |" in result.stdout
    assert "Elbe Bank" not in result.stdout
    assert (
        "- Left out, since only active connections are fresh: roaster-netsuite-old (error)." in result.stdout
    )
    assert "| Cash to bank accounts | Roaster |" in result.stdout


def test_the_business_on_the_cover_of_a_workbook(tmp_path: Path) -> None:
    """The workbook of a business names it on its first sheet."""
    assert run("cash", *DAY, "--demo", "--business", "Roaster", "--excel", "cash.xlsx").exit_code == 0
    book = openpyxl.load_workbook(tmp_path / "cash.xlsx")
    assert "Roaster" in {cell.value for row in book.worksheets[0].rows for cell in row}


def test_businesses_that_are_not_known(server: DemoServer) -> None:
    """Another name is refused with the known ones, as is one without RUTTER_BUSINESSES."""
    wrong = run("cash", *DAY, "--demo", "--business", "Baker")
    assert (wrong.exit_code, wrong.stderr) == (
        1,
        "Error: --business: there is no business 'Baker'; there are Roaster, Gear\n",
    )
    none = run("cash", *DAY, "--business", "Baker", **settings_of(server))
    assert none.stderr.endswith("there is no business 'Baker'; RUTTER_BUSINESSES names none\n")
    both = run("cash", *DAY, "--demo", "--business", "Gear", "--connection", "gear-bank")
    assert both.exit_code == 2
    assert "--business reads all of its active connections" in " ".join(both.stderr.split())


def test_a_business_of_a_dataset(tmp_path: Path) -> None:
    """With --dataset a business is that of RUTTER_BUSINESSES, and its connections are read from it."""
    with rf.demo() as client:
        banks = [client.connection(name) for name in ("gear-bank", "roaster-bank")]
        rf.refresh(banks, tmp_path / "books", resources=["bank_accounts", "accounts"])
    businesses = json.dumps({"Gear": ["gear-bank"], "Roaster": ["roaster-bank"]})
    words = ("cash", *DAY, "--dataset", str(tmp_path / "books"), "--business", "Roaster")
    result = run(*words, RUTTER_BUSINESSES=businesses)
    assert "First Harbor Bank" in result.stdout
    assert "Elbe Bank" not in result.stdout


def test_names_of_vendors(tmp_path: Path) -> None:
    """Vendors have the names of the file, the others their ids; a mistake in it is reported at once."""
    with rf.demo() as client:
        bills = rf.load_bills(client.connection("gear-xero"), progress=False)
    open_bills = rf.reports.open_items(bills, "2026-06-30")
    vendor = open_bills["vendor_id"].iloc[0]
    (tmp_path / "vendors.csv").write_text(f"id,name\n{vendor},Harbour Imports\n", encoding="utf-8")
    words = ("payables", *DAY, "--demo", "--connection", "gear-xero", "--vendors")
    result = run(*words, "vendors.csv")
    assert result.exit_code == 0, result.output
    assert "| Harbour Imports |" in result.stdout
    wrong = run(*words, "none.csv")
    assert (wrong.exit_code, wrong.stdout) == (1, "")
    assert "none.csv" in wrong.stderr


@pytest.mark.parametrize(
    ("name", "title", "header"),
    [
        ("open-invoices", "Open items as of 2026-06-30", "| Customer |"),
        ("top-overdue", "Largest overdue as of 2026-06-30", "| Customer |"),
        ("open-bills", "Open items as of 2026-06-30", "| Vendor id |"),
        (
            "cash-history",
            "Cash history as of 2026-06-30",
            "| Day | Currency | Inflow | Outflow | Transfers | Balance |",
        ),
        ("transfers", "Transfers", "| From day | To day | Currency | Amount |"),
        ("runway", "Runway", "| Currency | Opening | Lowest | In week | Below zero in week |"),
        ("trial-balance", "Trial balance", "| Type | Currency | Accounts | Balance |"),
        ("expenses", "Expenses by category", "| Category | Currency | Expenses | Amount | Share |"),
    ],
)
def test_more_reports(name: str, title: str, header: str) -> None:
    """Reports that are not of the month end are printed without a comparison."""
    words = [word for one in ("gear-xero", "gear-bank") for word in ("--connection", one)]
    result = run(name, *DAY, "--demo", *words)
    assert result.exit_code == 0, result.output
    assert f"## {title} (demo data)" in result.stdout
    assert re.search(f"^{re.escape(header)}", result.stdout, re.MULTILINE), result.stdout
    assert "Tie-out" not in result.stdout


def test_a_report_that_only_live_data_has() -> None:
    """In the contract the error names the option; in the live dialect the report is printed."""
    words = ("dso", *DAY, "--demo", "--connection", "gear-xero")
    contract = run(*words)
    assert contract.exit_code == 1
    assert "Frames of the live dialect have them: add --dialect live" in contract.stderr
    live = run(*words, "--dialect", "live")
    assert live.exit_code == 0, live.output
    assert "## Days sales outstanding" in live.stdout


def test_completion_of_reports() -> None:
    """A shell completes the names of reports and formats."""
    for words, completions in (
        ("report tr", ["transfers", "trial-balance"]),
        ("report cash --format m", ["markdown"]),
    ):
        command = f"rutterframe {words}"
        place = str(len(command.split()) - 1)
        env = {"_RUTTERFRAME_COMPLETE": "complete_bash", "COMP_WORDS": command, "COMP_CWORD": place}
        assert CliRunner().invoke(cli.app, [], env=env, prog_name="rutterframe").stdout.split() == completions


@pytest.mark.parametrize("command", ["", "demo", "load", "report", "refresh", "doctor"])
def test_help_in_80_columns(command: str) -> None:
    """The help of each command has at most 80 columns, and cuts no option and no word."""
    words = [*command.split(), "--help"]
    result = CliRunner().invoke(cli.app, words, env={"COLUMNS": "80", "TERM": "dumb"})
    assert result.exit_code == 0
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "…" not in result.stdout
