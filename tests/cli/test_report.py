"""Reports from a shell, as a person would ask for them."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import typer
from typer.testing import CliRunner, Result

import rutterframe as rf
from rutterframe.cli import report_data
from rutterframe.cli.report import report
from rutterframe.currency import TICKS
from rutterframe.demo.faults import Fault
from rutterframe.demo.server import DemoServer
from rutterframe.views.format import amount
from tests.conftest import settings_of
from tests.dataset.scripted import Api

DAY = ("--as-of", "2026-06-30")
CONNECTIONS = ("--connection", "gear-xero")


@pytest.fixture
def credentials(server: DemoServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials as a user sets them, of the demo API: its environment is not called demo."""
    for name, value in settings_of(server).items():
        monkeypatch.setenv(name, value)


def run(*words: str) -> Result:
    """Run the command as the only one of a command line."""
    app = typer.Typer()
    app.command("report")(report)
    return CliRunner().invoke(app, list(words), env={"COLUMNS": "200", "TERM": "dumb"})


def tables(text: str) -> list[list[list[str]]]:
    """Read Markdown tables: every row must have as many cells as its header, and a rule must follow it."""
    result = []
    for block in re.findall(r"(?:^\|.*\|\n)+", text, re.MULTILINE):
        rows = [line[2:-2].split(" | ") for line in block.splitlines()]
        assert {len(row) for row in rows} == {len(rows[0])}
        assert all(re.fullmatch(r":---|---:", rule) for rule in rows[1])
        result.append([rows[0], *rows[2:]])
    return result


def test_figures(client: rf.Client) -> None:
    """The figures printed are those of the report, largest first, and customers have their names."""
    result = run("aging", *DAY, *CONNECTIONS, "--demo")
    assert result.exit_code == 0, result.output
    ledger = client.connection("gear-xero")
    customers = rf.load_customers(ledger, progress=False).set_index("id")["name"]
    aging = rf.reports.ar_aging(rf.load_invoices(ledger, progress=False), "2026-06-30")
    aging = aging.sort_values(["currency", "total"], ascending=[True, False])
    printed = [row for row in tables(result.stdout)[0][1:] if not row[0].startswith("**")]
    assert [(row[0], row[1], row[8]) for row in printed] == [
        (customers[name], currency, amount(total, currency))
        for name, currency, total in aging[["customer_id", "currency", "total"]].to_numpy()
    ]


def test_aging_agrees_with_the_ledger() -> None:
    """Receivables are totalled per currency and compared with the ledger's control accounts."""
    result = run("aging", *DAY, *CONNECTIONS, "--demo")
    assert "## Receivables aging as of 2026-06-30 (demo data)" in result.stdout
    aging, tie = tables(result.stdout)
    assert [(row[0], row[8]) for row in aging if row[0].startswith("**")] == [
        ("**Total EUR**", "**34,720.00**"),
        ("**Total GBP**", "**17,673.00**"),
        ("**Total JPY**", "**208,600**"),
        ("**Total USD**", "**14,296.44**"),
    ]
    assert tie == [
        ["Comparison", "Currency", "Report", "Source", "Difference", "Agrees"],
        ["Receivables to ledger", "EUR", "34,720.00", "34,720.00", "–", "agrees"],
        ["Receivables to ledger", "GBP", "17,673.00", "17,673.00", "–", "agrees"],
        ["Receivables to ledger", "JPY", "208,600", "208,600", "–", "agrees"],
        ["Receivables to ledger", "USD", "14,296.44", "14,296.44", "–", "agrees"],
    ]
    assert "- Receivables to ledger: agrees (Accounts Receivable, Accounts Receivable (GBP)" in result.stdout
    assert "- Demo data: every figure is made up." in result.stdout
    assert "- Amounts due are those of the day the data was fetched" in result.stdout
    assert "(255.42)" in result.stdout


def test_payables() -> None:
    """Payables are compared with the ledger's accounts payable."""
    result = run("payables", *DAY, *CONNECTIONS, "--demo")
    assert result.exit_code == 0, result.output
    assert "## Payables aging as of 2026-06-30 (demo data)" in result.stdout
    assert "- Payables to ledger: agrees (Accounts Payable, Accounts Payable (GBP)" in result.stdout
    assert "| Vendor id |" in result.stdout


def test_no_ledger() -> None:
    """Without a ledger among the connections the report says that it was not compared."""
    result = run("aging", *DAY, "--connection", "gear-shopify", "--demo")
    assert result.exit_code == 0, result.output
    assert (
        "- Receivables to ledger: not compared, since there are no accounts there named Accounts Receivable."
        in result.stdout
    )
    assert "The report has no rows." in result.stdout


def test_a_difference_from_the_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    """A report that differs from the ledger says so, and in which currency."""

    def less(invoices: pd.DataFrame, as_of: str, **names: Any) -> pd.DataFrame:
        aging: pd.DataFrame = rf.reports.ar_aging(invoices, as_of, **names)
        aging.loc[aging["currency"] == "JPY", "total"] += 1
        return aging

    monkeypatch.setattr(sys.modules["rutterframe.reports.month_end"], "ar_aging", less)
    result = run("aging", *DAY, *CONNECTIONS, "--demo")
    assert "| Receivables to ledger | JPY | 208,601 | 208,600 | 1 | DIFFERS |" in result.stdout
    assert "- Receivables to ledger: DIFFERS in gear-xero JPY (Accounts Receivable" in result.stdout
    assert result.exit_code == 3


def test_revenue(client: rf.Client) -> None:
    """Revenue names the products, agrees with the orders, and says that it does not depend on the day."""
    result = run("revenue", *DAY, "--connection", "gear-shopify", "--demo")
    assert result.exit_code == 0, result.output
    assert "| Fell Fleece | EUR |" in result.stdout
    orders = rf.load_orders(client.connection("gear-shopify"), progress=False)
    paid = orders[(orders["status"] != "cancelled") & (orders["currency"] == "EUR")]["total_price"]
    total = amount(sum(round(price * TICKS) for price in paid) / TICKS, "EUR")
    assert f"| Revenue to orders | EUR | {total} | {total} | – | agrees |" in result.stdout
    assert "- Revenue is that of the orders until 2026-06-30, and of those without a date." in result.stdout


def test_cash(client: rf.Client) -> None:
    """Cash stands by bank, overdrafts in parentheses."""
    result = run("cash", *DAY, "--connection", "roaster-bank", "--demo")
    assert result.exit_code == 0, result.output
    accounts = rf.load_bank_accounts(client.connection("roaster-bank"), progress=False)
    total = amount(round(accounts["balance"].sum(), 4), "USD")
    assert tables(result.stdout)[0][-1][:4] == ["**Total USD**", "", "**3**", f"**{total}**"]
    comparisons = tables(result.stdout)[1]
    assert [comparisons[1][0], *comparisons[1][2:]] == [
        "Cash to bank accounts", "USD", total, total, "–", "agrees",
    ]  # fmt: skip
    assert [row[-1] for row in comparisons[2:]] == ["not compared"] * 3
    assert "- Cash to ledger: not compared, the ledger has no asset with the name and" in result.stdout


def test_cash_and_ledger() -> None:
    """Cash is also compared with the ledger's accounts of the same name and currency."""
    result = run("cash", *DAY, "--demo")
    assert [row[2:] for row in tables(result.stdout)[1] if row[0] == "Cash to ledger"][:3] == [
        ["Geschäftskonto", "EUR", "121,322.69", "121,322.69", "–", "agrees"],
        ["Lohnkonto", "EUR", "800.00", "800.00", "–", "agrees"],
        ["Tagesgeld", "EUR", "94,829.82", "94,829.82", "–", "agrees"],
    ]
    assert "- Cash to ledger: agrees (Geschäftskonto, Lohnkonto, Operating Checking" in result.stdout


def test_forecast() -> None:
    """The forecast has every week of each currency in order, and its flows add up."""
    result = run("forecast", *DAY, "--demo")
    assert result.exit_code == 0, result.output
    (rows,) = tables(result.stdout)
    assert rows[0] == ["Currency", "Week", "From", "Opening", "Receipts", "Payments", "Closing"]
    euros = rows[1:15]
    assert [row[1] for row in euros] == [*map(str, range(1, 14)), ""]
    assert euros[0] == ["EUR", "1", "2026-06-30", "216,952.51", "21,472.00", "(23,387.83)", "215,036.68"]
    assert euros[-1] == ["**Total EUR**", "", "", "", "**34,720.00**", "**(27,262.47)**", ""]


def test_inactive_connections_are_named() -> None:
    """Connections that are not active are named, unless the command names connections."""
    left_out = "Left out, since only active connections are fresh: roaster-netsuite-old (error), gear-ebay"
    assert left_out in run("cash", *DAY, "--demo").stdout
    assert "Left out" not in run("cash", *DAY, "--demo", "--connection", "gear-bank").stdout


def test_a_table() -> None:
    """A table can be requested for piped output as well."""
    result = run("cash", *DAY, "--connection", "gear-bank", "--demo", "--format", "table")
    assert result.exit_code == 0, result.output
    assert "Cash position (demo data)" in result.stdout
    assert "Total EUR" in result.stdout
    assert "|" not in result.stdout


def test_csv() -> None:
    """CSV is the report and nothing else; notes go to standard error."""
    result = run("aging", *DAY, *CONNECTIONS, "--demo", "--format", "csv")
    assert result.exit_code == 0, result.output
    frame = pd.read_csv(io.StringIO(result.stdout))
    assert list(frame.columns)[:4] == ["connection_id", "customer_id", "customer_name", "currency"]
    assert frame.loc[frame["currency"] == "JPY", "total"].tolist() == [208600.0]
    assert "Demo data: every figure is made up." in result.stderr
    assert "Receivables to ledger: agrees" in result.stderr


def test_formulas_and_line_breaks_in_csv(monkeypatch: pytest.MonkeyPatch) -> None:
    """Text that a spreadsheet would calculate gets an apostrophe, and a line break in a name makes no row."""

    def odd(accounts: pd.DataFrame, by: list[str]) -> pd.DataFrame:
        accounts = accounts.assign(institution_name=["=1+1", "Ann\rBob", "Ann\u2028Bob"])
        cash: pd.DataFrame = rf.reports.cash_position(accounts, by=by)
        return cash

    monkeypatch.setattr(sys.modules["rutterframe.reports.month_end"], "cash_position", odd)
    words = ("cash", *DAY, "--connection", "roaster-bank", "--demo", "--format", "csv")
    for option, first in ((), "'=1+1"), (("--no-escape-formulas",), "=1+1"):
        frame = pd.read_csv(io.StringIO(run(*words, *option).stdout, newline=""))
        assert set(frame["institution_name"]) == {first, "Ann\rBob", "Ann\u2028Bob"}


def test_all_into_a_workbook() -> None:
    """All reports of all active connections are printed, and the workbook has a sheet for each."""
    result = run("all", *DAY, "--demo", "--excel", "book.xlsx")
    assert result.exit_code == 0, result.output
    assert len(tables(result.stdout)) == 6
    assert result.stderr == "Written to book.xlsx.\n"
    book = openpyxl.load_workbook("book.xlsx")
    assert book.sheetnames == [
        "Cover", "Aging", "Payables", "Revenue", "Cash", "Forecast", "Trial balance", "Aging open items",
        "Payables open items", "Tie-out", "Definitions", "Receipts",
    ]  # fmt: skip
    (head, *ties) = book["Tie-out"].iter_rows(min_row=5, values_only=True)
    agrees = head.index("Agrees")
    assert {(row[0], row[agrees]) for row in ties if row[agrees] is not None} == {
        ("Receivables to ledger", "agrees"),
        ("Payables to ledger", "agrees"),
        ("Revenue to orders", "agrees"),
        ("Cash to bank accounts", "agrees"),
        ("Cash to ledger", "agrees"),
    }


RATES = """currency,rate,date
EUR,1.1,2026-06-30
EUR,9.9,2026-07-01
GBP,1.25,2026-06-29
JPY,0.01,2026-06-30
KWD,3,2026-06-30
"""


def test_in_one_currency(tmp_path: Path) -> None:
    """Converted, each row has its original currency, the total is one, and rates are named with their day."""
    (tmp_path / "rates.csv").write_text(RATES, encoding="utf-8")
    result = run(
        "cash", *DAY, "--demo", "--connection", "gear-bank", "--connection", "gear-xero",
        "--currency", "usd", "--rates", "rates.csv", "--excel", "book.xlsx",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    cash, tie = tables(result.stdout)
    assert cash == [
        ["Institution name", "Currency", "Original currency", "Accounts", "Balance", "Overdrawn", "Debt"],
        ["Elbe Bank", "USD", "EUR", "2", "237,767.76", "–", "–"],
        ["Thames & Mersey Bank", "USD", "GBP", "1", "38,523.39", "–", "–"],
        ["Hudson Trust", "USD", "USD", "1", "32,556.29", "–", "–"],
        ["Sparkasse Nordwest", "USD", "EUR", "1", "880.00", "–", "–"],
        ["**Total USD**", "", "", "**5**", "**309,727.44**", "**–**", "**–**"],
    ]
    assert ["Cash to ledger", "Geschäftskonto", "EUR", "121,322.69", "121,322.69", "–", "agrees"] in tie
    assert "- 1 EUR = 1.1 USD, the rate of 2026-06-30." in result.stdout
    assert "- 1 GBP = 1.25 USD, the rate of 2026-06-29." in result.stdout
    before = "Totals were compared before the conversion to USD, in the currencies of the books."
    assert f"- {before}" in result.stdout
    book = openpyxl.load_workbook("book.xlsx")
    texts = {sheet: {cell.value for row in book[sheet].rows for cell in row} for sheet in ("Cash", "Tie-out")}
    assert {"EUR", "GBP", "USD", 237767.76, "Total USD", "1 EUR = 1.1 USD, the rate of 2026-06-30."} <= texts[
        "Cash"
    ]
    assert {"EUR", 216952.51, before, "Cash to bank accounts: agrees."} <= texts["Tie-out"]


def test_all_in_one_currency_as_csv_and_table(tmp_path: Path) -> None:
    """Every report can be converted; CSV has the original currency as its last column."""
    (tmp_path / "rates.csv").write_text(RATES, encoding="utf-8")
    worth = ("--demo", "--currency", "USD", "--rates", "rates.csv")
    result = run("all", *DAY, *worth)
    assert result.exit_code == 0, result.output
    totals = [row[0] for table in tables(result.stdout) for row in table if row[0].startswith("**")]
    assert totals == ["**Total USD**"] * 5
    result = run("forecast", *DAY, *worth, "--format", "csv")
    frame = pd.read_csv(io.StringIO(result.stdout))
    assert frame.columns[-1] == "original_currency"
    assert frame["currency"].unique().tolist() == ["USD"]


def test_rates_that_are_missing(tmp_path: Path) -> None:
    """A currency without a rate up to the day is an error that names every one, of all reports."""
    (tmp_path / "rates.csv").write_text(
        "currency,rate,date\nEUR,1.1,2026-06-30\nKWD,3,2026-07-01\n", encoding="utf-8"
    )
    result = run("all", *DAY, "--demo", "--currency", "USD", "--rates", "rates.csv")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr == (
        "Error: rates has no rate up to 2026-06-30 for GBP, JPY, KWD; it has EUR, USD. Add a line for each "
        "of them to the file of --rates: the currency, its worth in USD, and a date not after 2026-06-30\n"
    )


@pytest.mark.usefixtures("credentials")
def test_with_credentials() -> None:
    """With credentials the report is of one's own books, and nothing says demo."""
    result = run("cash", *DAY, "--connection", "gear-bank")
    assert result.exit_code == 0, result.output
    assert "REAL DATA" in result.stderr
    assert "emo" not in result.stdout


@pytest.fixture
def without_gear_bank(server: DemoServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials, and the access tokens of all connections but gear-bank."""
    tokens = {one: token for one, token in server.access_tokens.items() if one != "gear-bank"}
    for name, value in {**settings_of(server), "RUTTER_ACCESS_TOKENS": json.dumps(tokens)}.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("without_gear_bank")
@pytest.mark.parametrize(
    "options", [(), ("--connection", "roaster-quickbooks", "--connection", "roaster-bank",
                    "--connection", "gear-bank")],
)  # fmt: skip
def test_a_connection_without_a_token_is_left_out(options: tuple[str, ...]) -> None:
    """A connection without an access token is named, the others go on, and the exit code is 1."""
    result = run("cash", *DAY, *options)
    assert result.exit_code == 1
    assert (
        "- Left out, since no access token is known: gear-bank. (See RUTTER_ACCESS_TOKENS.)" in result.stdout
    )
    cash = tables(result.stdout)[0]
    total = dict(zip(cash[0], cash[-1], strict=True))
    assert (total["Accounts"], total["Balance"]) == ("**3**", "**96,969.55**")
    assert "gear-bank" not in "".join(map(str, tables(result.stdout)))


@pytest.mark.usefixtures("without_gear_bank")
def test_left_out_connections_determine_the_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where something is left out and something differs the exit code is 1."""
    month_end = sys.modules["rutterframe.reports.month_end"]

    def more(accounts: pd.DataFrame, **by: Any) -> pd.DataFrame:
        cash: pd.DataFrame = rf.reports.cash_position(accounts, **by)
        return cash.assign(balance=cash["balance"] + 1)

    monkeypatch.setattr(month_end, "cash_position", more)
    assert run("cash", *DAY, "--connection", "roaster-bank").exit_code == 3
    both = run("cash", *DAY, "--connection", "roaster-bank", "--connection", "gear-bank")
    assert both.exit_code == 1
    assert "DIFFERS" in both.stdout


@pytest.mark.usefixtures("credentials")
def test_a_list_that_fails(server: DemoServer) -> None:
    """A connection of which a list cannot be read is left out as a whole, and the exit code is 1."""
    server.configure(
        faults=[Fault("expired_cursor", resource="bills", page=2, times=0, connection="gear-xero")]
    )
    both = run("payables", *DAY, "--connection", "gear-xero", "--connection", "roaster-quickbooks")
    assert both.exit_code == 1
    assert "- Left out, since not all of its lists could be read: gear-xero. The API" in both.stdout
    assert "EUR" not in "".join(map(str, tables(both.stdout)[0]))
    assert "differs" not in both.stdout.lower()
    one = run("payables", *DAY, "--connection", "gear-xero")
    assert (one.exit_code, one.stdout) == (1, "")
    assert "Error: The API answered HTTP 400" in one.stderr


@pytest.mark.usefixtures("credentials")
def test_a_row_that_cannot_be_read(server: DemoServer) -> None:
    """One unreadable row ends the report of its connection, unless --quarantine sets it aside by name."""
    server.configure(faults=[Fault("null_row", resource="bills", page=1, times=0, connection="gear-xero")])
    words = ("payables", *DAY, "--connection", "gear-xero")
    refused = run(*words)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "Next: correct them on the platform, or load the other rows with --quarantine." in refused.stderr
    assert "on_invalid" not in refused.stderr
    result = run(*words, "--quarantine")
    assert result.exit_code == 1
    assert re.search(
        r"- Rows of bills that were set aside: \d \(gear-xero: a row without an id, the row: ", result.stdout
    )
    assert "| **Total EUR** |" in result.stdout
    beside = run(*words, "--connection", "roaster-quickbooks")
    assert beside.exit_code == 1
    assert "- Left out, since not all of its lists could be read: gear-xero." in beside.stdout
    assert "--quarantine" in beside.stdout
    assert "on_invalid" not in beside.stdout


ROWS: dict[str, list[dict[str, Any]]] = {
    "invoices": [{"id": "1", "customer_id": "c1", "amount_due": 10.0, "currency": "USD", "status": "open"}],
    "customers": [{"id": "c1", "name": "Acme"}],
    "bank_accounts": [{"id": "b1", "balance": 5.0, "currency": "USD", "type": "checking"}],
}


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    """An API that the command reads from, and that tells no platform: "a" has invoices and a bank account."""
    api = Api({("a", name): rows for name, rows in ROWS.items()})
    monkeypatch.setattr(report_data, "open_client", lambda **_: api.client("a", "b"))
    return api


def test_all_without_the_lists_that_a_platform_lacks(api: Api) -> None:
    """Lists that answer 404 beside others with rows are noted, and every report is drawn."""
    api.answers |= {("a", "orders"): 404, ("a", "products"): 404}
    result = run("all", *DAY, "--connection", "a")
    assert result.exit_code == 1
    assert "Error" not in result.output
    assert "Warning" not in result.output
    assert result.stdout.count("\n## ") + result.stdout.startswith("## ") == 6
    assert "- The orders may be incomplete: a answered that there is no such list." in result.stdout
    assert "No connection offers" not in result.stdout
    assert "| Acme |" in result.stdout


def test_customers_that_a_platform_lacks(api: Api) -> None:
    """Customers that answer 404 count as not offered: the invoices tell that the address is right."""
    api.answers["a", "customers"] = 404
    result = run("aging", *DAY, "--connection", "a")
    assert (result.exit_code, result.stderr) == (1, "")
    assert "- The customers may be incomplete: a answered that there is no such list." in result.stdout
    assert "broke off" not in result.stdout


def test_every_list_answers_404(api: Api) -> None:
    """That is an error, and the hint names no argument of Python."""
    api.answers = {("a", "orders"): 404, ("a", "products"): 404}
    result = run("revenue", *DAY, "--connection", "a")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "Error: The API answered HTTP 404: X (https://api.example.com/base/orders)\n"
        "Where: connection 'a', resource 'orders', after 0 pages and 0 rows.\n"
        "Next: check RUTTER_ENVIRONMENT, and that the connection is of this environment.\n"
    )


def test_revenue_of_which_a_list_is_not_found(api: Api) -> None:
    """A note says so, and no warning of Python is printed."""
    api.answers = {("a", "orders"): 404, ("a", "products"): [{"id": "p1", "title": "Tent"}]}
    result = run("revenue", *DAY, "--connection", "a")
    assert (result.exit_code, result.stderr) == (1, "")
    assert "- The orders may be incomplete: a answered that there is no such list." in result.stdout


def test_customers_that_are_refused(api: Api) -> None:
    """Names that cannot be read are named with status and hint, and the report is drawn without them."""
    api.answers["a", "customers"] = 403
    result = run("aging", *DAY, "--connection", "a")
    assert result.exit_code == 1
    note = (
        "- Without names of customers or vendors, since they could not be read: a. The API answered HTTP 403"
    )
    assert note in result.stdout
    assert "Next: " in result.stdout
    assert "| **Total USD** |" in result.stdout


def test_rows_set_aside_do_not_fail_a_load(api: Api) -> None:
    """A row that is set aside is counted, and nothing says that a load broke off."""
    api.answers["a", "invoices"] = [
        *ROWS["invoices"],
        {"id": "2", "amount_due": 1.0, "due_date": "0000-00-00"},
    ]
    result = run("aging", *DAY, "--connection", "a", "--quarantine")
    assert result.exit_code == 1
    assert "- Rows of invoices that were set aside: 1 (a: 2, due_date: " in result.stdout
    assert "broke off" not in result.stdout


def test_a_dataset_of_which_a_list_was_not_found(api: Api, tmp_path: Path) -> None:
    """Where only a 404 tells that there are no orders, the report says that they may be incomplete."""
    api.answers["a", "orders"] = 404
    path = str(tmp_path / "books")
    with pytest.warns(rf.NotOfferedWarning):
        rf.refresh(api.connections("a"), path)
    result = run("revenue", *DAY, "--dataset", path)
    assert result.exit_code == 1
    assert "- The orders may be incomplete: a answered that there is no such list." in result.stdout
    assert "No connection offers orders." not in result.stdout


def test_businesses_beside_a_connection(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the list of connections cannot be read, a note says that the businesses could not be checked."""
    monkeypatch.setenv("RUTTER_BUSINESSES", '{"R": ["a", "zzz"]}')
    api.connections_status = 403
    result = run("cash", *DAY, "--connection", "a")
    assert (
        "- RUTTER_BUSINESSES lists zzz, not requested here. Whether there are such connections"
        in result.stdout
    )
    assert "could not be read: The API answered HTTP 403" in result.stdout


@pytest.mark.usefixtures("credentials")
def test_unknown_businesses_beside_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """With --connection too, businesses are held against all connections there are."""
    monkeypatch.setenv("RUTTER_BUSINESSES", '{"Gear": ["gear-xero", "gear-bank"]}')
    right = run("cash", *DAY, "--connection", "gear-bank")
    assert right.exit_code == 0, right.output
    monkeypatch.setenv("RUTTER_BUSINESSES", '{"Gear": ["zzz"]}')
    wrong = run("cash", *DAY, "--connection", "gear-bank")
    assert (wrong.exit_code, wrong.stdout) == (1, "")
    assert "businesses lists 'zzz', and no connection has such an id; there are gear-amazon" in wrong.stderr
    assert wrong.stderr.count("gear-bank") == 1


def test_unknown_businesses_beside_a_dataset(
    api: Api, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With --dataset, businesses are held against the connections of the dataset."""
    path = str(tmp_path / "books")
    rf.refresh(api.connections("a", "b"), path, resources=["bank_accounts", "accounts"])
    monkeypatch.setenv("RUTTER_BUSINESSES", '{"R": ["a", "b"]}')
    assert run("cash", *DAY, "--dataset", path, "--connection", "a").exit_code == 0
    monkeypatch.setenv("RUTTER_BUSINESSES", '{"R": ["zzz"]}')
    wrong = run("cash", *DAY, "--dataset", path)
    assert (wrong.exit_code, wrong.stdout) == (1, "")
    assert "businesses lists 'zzz', and no connection has such an id; there are a, b" in wrong.stderr


@pytest.mark.usefixtures("credentials")
def test_businesses_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """RUTTER_BUSINESSES puts the connections of a business together; unknown ones are refused by name."""
    monkeypatch.setenv("RUTTER_BUSINESSES", '{"Gear": ["gear-xero", "gear-bank"]}')
    result = run("cash", *DAY)
    assert result.exit_code == 0, result.output
    assert "| Cash to bank accounts | Gear |" in result.stdout
    assert "| Cash to bank accounts | roaster-bank |" in result.stdout
    monkeypatch.setenv("RUTTER_BUSINESSES", '{"Gear": ["gear-xreo"]}')
    wrong = run("cash", *DAY)
    assert (wrong.exit_code, wrong.stdout) == (1, "")
    assert "businesses lists 'gear-xreo', and no connection has such an id; there are gear-" in wrong.stderr


def test_a_dataset_after_a_failed_refresh(server: DemoServer, client: rf.Client, tmp_path: Path) -> None:
    """A report from a dataset names the list that is not up to date, and its exit code is 1."""
    ledgers = [client.connection(one) for one in ("gear-xero", "roaster-quickbooks")]
    path = str(tmp_path / "books")
    rf.refresh(ledgers, path, resources=["bills", "accounts"])
    words = ("payables", *DAY, "--dataset", path)
    assert run(*words).exit_code == 0
    server.configure(
        faults=[Fault("expired_cursor", resource="bills", page=2, times=0, connection="gear-xero")]
    )
    rf.refresh(ledgers, path, resources=["bills", "accounts"], on_error="skip", full=True)
    result = run(*words)
    assert result.exit_code == 1
    assert "- Not up to date: bills of gear-xero: " in result.stdout
    assert "not compared for gear-xero, since not all of its bills could be read." in result.stdout
    assert "## Payables aging" in result.stdout


@pytest.mark.parametrize("option", ["--quarantine", "--demo"])
def test_options_that_a_dataset_does_not_need(option: str) -> None:
    """Options of loading are refused beside --dataset, with the command that has them."""
    result = run("cash", *DAY, "--dataset", "books", option)
    assert result.exit_code == 2
    assert f"{option} is for loading" in result.stderr
    assert "rutterframe refresh" in result.stderr


def test_no_report_without_credentials() -> None:
    """Without credentials a report is refused: demo data is read only where --demo asks for it."""
    result = run("cash", *DAY)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "Error: No API credentials are set\n"
        "Next: set RUTTER_CLIENT_ID and RUTTER_CLIENT_SECRET in the environment or in a .env file in this "
        "folder; or add --demo to read made-up books.\n"
    )


def test_the_demo_has_a_day_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --as-of the demo is as of its closing date, which is printed; RUTTER_AS_OF sets another day."""
    result = run("aging", *CONNECTIONS, "--demo")
    assert result.stderr == "As of 2026-06-30, the closing date of the demo's books.\n"
    assert result.stdout == run("aging", *DAY, *CONNECTIONS, "--demo").stdout
    monkeypatch.setenv("RUTTER_AS_OF", "2026-03-31")
    result = run("aging", *CONNECTIONS, "--demo")
    assert result.stderr == "As of 2026-03-31, set by RUTTER_AS_OF.\n"
    assert "## Receivables aging as of 2026-03-31 (demo data)" in result.stdout


@pytest.mark.usefixtures("credentials")
def test_the_default_day_is_today() -> None:
    """Without --as-of a report of the API is as of today in UTC."""
    before = datetime.now(UTC).date()
    result = run("aging", *CONNECTIONS, "--format", "json")
    day = date.fromisoformat(json.loads(result.stdout)["as_of"])
    assert before <= day <= datetime.now(UTC).date()
    assert result.stderr.splitlines()[-1] == f"As of {day}, today in UTC (RUTTER_AS_OF sets another day)."


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("aging", "--as-of", "June", "--demo"), 1, "Error: as_of='June' is not a valid date"),
        (("profit", *DAY, "--demo"), 2, "'profit' is not one of aging"),
        (("all", *DAY, "--demo", "--format", "csv"), 2, "CSV holds one report"),
        (("cash", *DAY, "--connection", "unknown", "--demo"), 1, "Error: "),
        (("cash", *DAY, "--demo", "--excel", "book.csv"), 1, "the ending must be"),
        (("cash", *DAY, "--demo", "--excel", "no/book.xlsx"), 1, "there is no folder 'no'"),
        (("cash", *DAY, "--demo", "--currency", "USD"), 2, "--currency without --rates"),
        (("cash", *DAY, "--demo", "--rates", "rates.csv"), 2, "--rates without --currency"),
        (
            ("cash", *DAY, "--demo", "--currency", "euro", "--rates", "r.csv"),
            2,
            "'euro' is not a valid currency code",
        ),
        (("cash", *DAY, "--demo", "--currency", "EUR", "--rates", "r.csv"), 1, "there is no file 'r.csv'"),
    ],
)
def test_errors_without_traceback(words: tuple[str, ...], code: int, message: str, tmp_path: Path) -> None:
    """Errors are printed without a traceback, the exit code is not zero, and nothing is written."""
    result = run(*words)
    assert result.exit_code == code
    assert message in result.stderr
    assert "Traceback" not in result.output
    assert list(tmp_path.iterdir()) == []


def test_text_from_the_api_is_only_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bars, asterisks and terminal codes in a name neither break the Markdown nor steer the terminal."""

    def odd(accounts: pd.DataFrame, by: list[str]) -> pd.DataFrame:
        accounts = accounts.assign(institution_name="A|B*\x1b[2J\n<b>")
        cash: pd.DataFrame = rf.reports.cash_position(accounts, by=by)
        return cash

    monkeypatch.setattr(sys.modules["rutterframe.reports.month_end"], "cash_position", odd)
    result = run("cash", *DAY, "--connection", "roaster-bank", "--demo")
    assert "| A\\|B\\*\\\\x1b\\[2J &lt;b> | USD |" in result.stdout
    result = run("cash", *DAY, "--connection", "roaster-bank", "--demo", "--format", "table")
    assert r"A|B*\x1b[2J <b>" in result.stdout
    assert "\x1b" not in result.stdout


def test_a_pipe_that_its_reader_closes() -> None:
    """A pipe that its reader closes, such as `head`, is not an error."""
    command = [sys.executable, "-m", "rutterframe", "report", "cash", *DAY, "--demo"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        assert running.stderr.read() == ""
