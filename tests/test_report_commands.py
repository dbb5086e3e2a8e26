"""Reports from a shell, as a person would ask for them."""

from __future__ import annotations

import io
import re
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import typer
from typer.testing import CliRunner, Result

import rutterframe as rf
from rutterframe.demo.server import DemoServer
from rutterframe.money import TICKS
from rutterframe.report_commands import report
from rutterframe.views import marks

DAY = ("--as-of", "2026-06-30")
CONNECTIONS = ("--connection", "gear-xero")


@pytest.fixture
def credentials(server: DemoServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials as a user sets them, of the demo API: its environment is not called demo."""
    tokens = ", ".join(f'"{name}": "{token}"' for name, token in server.access_tokens.items())
    monkeypatch.setenv("RUTTER_CLIENT_ID", server.client_id)
    monkeypatch.setenv("RUTTER_CLIENT_SECRET", server.client_secret)
    monkeypatch.setenv("RUTTER_ENVIRONMENT", server.url)
    monkeypatch.setenv("RUTTER_ACCESS_TOKENS", f"{{{tokens}}}")


def run(*words: str) -> Result:
    """Run the command as the only one of a command line."""
    app = typer.Typer()
    app.command("report")(report)
    return CliRunner().invoke(app, list(words), env={"COLUMNS": "200", "TERM": "dumb"})


def tables(text: str) -> list[list[list[str]]]:
    """Read Markdown tables: every row must have as many cells as its header, and a rule must follow it."""
    found = []
    for block in re.findall(r"(?:^\|.*\|\n)+", text, re.MULTILINE):
        rows = [line[2:-2].split(" | ") for line in block.splitlines()]
        assert {len(row) for row in rows} == {len(rows[0])}
        assert all(re.fullmatch(r":---|---:", rule) for rule in rows[1])
        found.append([rows[0], *rows[2:]])
    return found


def test_figures(client: rf.Client) -> None:
    """The figures printed are those of the report, with thousands and the decimals of each currency."""
    result = run("aging", *DAY, *CONNECTIONS, "--demo")
    assert result.exit_code == 0, result.output
    invoices = rf.load_invoices(client.connection("gear-xero"), progress=False)
    made = rf.reports.ar_aging(invoices, "2026-06-30")
    printed = [row for row in tables(result.stdout)[0][1:] if not row[0].startswith("**")]
    assert [(row[0], row[1], row[8]) for row in printed] == [
        (
            name if isinstance(name, str) else marks.BLANK,
            currency,
            marks.money(round(total * TICKS), currency),
        )
        for name, currency, total in made[["customer_id", "currency", "total"]].to_numpy()
    ]


def test_aging_agrees_with_the_ledger() -> None:
    """Receivables are totalled per currency and compared with the ledger's control accounts, in words."""
    result = run("aging", *DAY, *CONNECTIONS, "--demo")
    assert "## Receivables aging as of 2026-06-30 (demo data)" in result.stdout
    aging, tie = tables(result.stdout)
    assert [row[0] for row in aging[-4:]] == [
        "**Total EUR**",
        "**Total GBP**",
        "**Total JPY**",
        "**Total USD**",
    ]
    assert tie == [
        ["Currency", "Report", "Source", "Difference", "Agrees"],
        ["EUR", "34,720.00", "34,720.00", "0.00", "agrees"],
        ["GBP", "17,673.00", "17,673.00", "0.00", "agrees"],
        ["JPY", "208,600", "208,600", "0", "agrees"],
        ["USD", "14,296.44", "14,296.44", "0.00", "agrees"],
    ]
    assert "- Receivables aging as of 2026-06-30 agrees with the ledger (Accounts Receivable" in result.stdout
    assert "- Demo data: every figure is made up." in result.stdout
    assert "- Amounts due are those of the day the data was fetched" in result.stdout
    assert "(255.42)" in result.stdout


def test_payables() -> None:
    """Payables are compared with the ledger's accounts payable."""
    result = run("payables", *DAY, *CONNECTIONS, "--demo")
    assert result.exit_code == 0, result.output
    assert "## Payables aging as of 2026-06-30 (demo data)" in result.stdout
    assert "- Payables aging as of 2026-06-30 agrees with the ledger (Accounts Payable" in result.stdout


def test_no_ledger() -> None:
    """Without a ledger among the connections the report says that it was not compared."""
    result = run("aging", *DAY, "--connection", "gear-shopify", "--demo")
    assert result.exit_code == 0, result.output
    assert "not compared, since no ledger here has an account named Accounts Receivable." in result.stdout
    assert "The report has no rows." in result.stdout


def test_a_difference_from_the_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    """A report that differs from the ledger says so, and in which currency."""

    def less(invoices: pd.DataFrame, as_of: str) -> pd.DataFrame:
        made: pd.DataFrame = rf.reports.ar_aging(invoices, as_of)
        made.loc[made["currency"] == "JPY", "total"] += 1
        return made

    monkeypatch.setattr("rutterframe.report_commands.ar_aging", less)
    result = run("aging", *DAY, *CONNECTIONS, "--demo")
    assert "| JPY | 208,601 | 208,600 | 1 | DIFFERS |" in result.stdout
    assert "- Receivables aging as of 2026-06-30 DIFFERS from the ledger in JPY" in result.stdout


def test_revenue() -> None:
    """Revenue names the products, and says that it does not depend on the day."""
    result = run("revenue", *DAY, "--connection", "gear-shopify", "--demo")
    assert result.exit_code == 0, result.output
    assert "| Fell Fleece | EUR |" in result.stdout
    assert "- Revenue is that of all orders loaded, also of those after 2026-06-30." in result.stdout


def test_cash(client: rf.Client) -> None:
    """Cash stands by bank, overdrafts in parentheses."""
    result = run("cash", *DAY, "--connection", "roaster-bank", "--demo")
    assert result.exit_code == 0, result.output
    accounts = rf.load_bank_accounts(client.connection("roaster-bank"), progress=False)
    total = marks.money(round(accounts["balance"].sum() * TICKS), "USD")
    assert tables(result.stdout)[0][-1][:4] == ["**Total USD**", "", "**3**", f"**{total}**"]


def test_a_table() -> None:
    """A table can be asked for also where the output is piped."""
    result = run("cash", *DAY, "--connection", "gear-bank", "--demo", "--format", "table")
    assert result.exit_code == 0, result.output
    assert "Cash position (demo data)" in result.stdout
    assert "Total EUR" in result.stdout
    assert "|" not in result.stdout


def test_csv() -> None:
    """CSV is the report and nothing else; what is said besides goes to standard error."""
    result = run("aging", *DAY, *CONNECTIONS, "--format", "csv")
    assert result.exit_code == 0, result.output
    frame = pd.read_csv(io.StringIO(result.stdout))
    assert list(frame.columns)[:3] == ["customer_id", "currency", "current"]
    assert frame.loc[frame["currency"] == "JPY", "total"].tolist() == [208600.0]
    assert "DEMO DATA" in result.stderr
    assert "agrees with the ledger" in result.stderr


def test_all_into_a_workbook() -> None:
    """All reports of all active connections are printed, and the workbook has a sheet for each."""
    result = run("all", *DAY, "--demo", "--excel", "book.xlsx")
    assert result.exit_code == 0, result.output
    assert len(tables(result.stdout)) == 6
    assert "- Written to book.xlsx." in result.stdout
    book = openpyxl.load_workbook("book.xlsx")
    assert book.sheetnames == [
        "Aging", "Payables", "Revenue", "Cash", "Tie-out", "Definitions", "Receipts",
    ]  # fmt: skip
    assert {row[5] for row in book["Tie-out"].iter_rows(min_row=6, max_row=15, values_only=True)} == {
        "agrees"
    }


@pytest.mark.usefixtures("credentials")
def test_with_credentials() -> None:
    """With credentials the report is of one's own books, and nothing says demo."""
    result = run("cash", *DAY, "--connection", "gear-bank")
    assert result.exit_code == 0, result.output
    assert "REAL DATA" in result.stderr
    assert "emo" not in result.stdout


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("aging", "--demo"), 2, "--as-of"),
        (("aging", "--as-of", "June", "--demo"), 1, "Error: as_of='June' is no day"),
        (("profit", *DAY, "--demo"), 2, "profit"),
        (("all", *DAY, "--demo", "--format", "csv"), 2, "CSV holds one report"),
        (("cash", *DAY, "--connection", "nobody", "--demo"), 1, "Error: "),
        (("cash", *DAY, "--demo", "--excel", "book.csv"), 1, "the ending must be .xlsx"),
        (("cash", *DAY, "--demo", "--excel", "no/book.xlsx"), 1, "there is no folder 'no'"),
    ],
)
def test_errors_in_words(words: tuple[str, ...], code: int, message: str, tmp_path: Path) -> None:
    """What is wrong is said in words, with an exit code that is not zero, and nothing is written."""
    result = run(*words)
    assert result.exit_code == code
    assert message in result.stderr
    assert "Traceback" not in result.output
    assert list(tmp_path.iterdir()) == []


def test_text_from_the_api_is_only_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bars, asterisks and terminal codes in a name neither break the Markdown nor steer the terminal."""

    def odd(accounts: pd.DataFrame, by: str) -> pd.DataFrame:
        made: pd.DataFrame = rf.reports.cash_position(accounts.assign(**{by: "A|B*\x1b[2J\n<b>"}), by=by)
        return made

    monkeypatch.setattr("rutterframe.report_commands.cash_position", odd)
    result = run("cash", *DAY, "--connection", "roaster-bank", "--demo")
    assert "| A\\|B\\* [2J &lt;b> | USD |" in result.stdout
    shown = run("cash", *DAY, "--connection", "roaster-bank", "--demo", "--format", "table")
    assert "A|B* [2J <b>" in shown.stdout
    assert "\x1b" not in shown.stdout
