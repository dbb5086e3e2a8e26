"""A report of another package: computed from books, drawn by every view, explained, in the shell."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

import rutterframe as rf
from rutterframe.cli.app import app
from rutterframe.cli.report_names import complete_report

InstallExample = Callable[[str], None]


@pytest.fixture(scope="module")
def books() -> rf.Books:
    """The books of the demo's shops and ledgers."""
    with rf.demo() as client:
        shops = [client.connection(name) for name in ("gear-shopify", "gear-xero")]
        return rf.load_books(shops, progress=False)


def test_a_report_of_a_package_is_one_of_books(install_example: InstallExample, books: rf.Books) -> None:
    """The function gets frames and day of the books; the sums are those of the orders, to the cent."""
    install_example("acme-sales")
    report = books.report("sales_by_customer")
    assert report.columns.tolist() == [
        "connection_id", "customer_id", "customer_name", "currency", "orders", "sales",
    ]  # fmt: skip
    assert report.attrs["as_of"] == "2026-06-30"
    orders = books.frames["orders"]
    counted = orders[(orders["status"] != "cancelled") & (orders["created_at"] < "2026-07-01")]
    assert report["orders"].sum() == len(counted)
    for currency, total in counted.groupby("currency")["total_price"]:
        of_currency = report.loc[report["currency"] == currency, "sales"]
        assert round(sum(of_currency), 2) == round(sum(total), 2)


def test_its_rows_are_explained_by_what_it_adds_up(install_example: InstallExample, books: rf.Books) -> None:
    """The rows behind a row are the orders that it counts, and add up to it; a cancelled one is not shown."""
    install_example("acme-sales")
    report = books.report("sales-by-customer").nlargest(2, "orders")
    rows = report.head(1).rf.explain()
    assert len(rows) == report["orders"].iloc[0]
    assert round(sum(rows["total_price"]), 2) == report["sales"].iloc[0]
    assert "cancelled" not in {*rows["status"]}


@pytest.mark.slow
def test_every_view_draws_it(install_example: InstallExample, books: rf.Books, tmp_path: Path) -> None:
    """Table, chart, workbook and page show it with its title; the largest comes first."""
    install_example("acme-sales")
    report = books.report("sales_by_customer")
    table = report.rf.table(max_rows=3).as_raw_html()
    assert "Sales by customer" in table
    assert "Who buys from us?" in table
    figure = report.rf.chart(max_rows=2)
    named = report.dropna(subset="customer_name").sort_values("sales", ascending=False)
    assert figure.data[0].y[0] == named["customer_name"].iloc[0]
    books.to_excel(tmp_path / "june.xlsx", reports=["sales_by_customer"])
    sheet = openpyxl.load_workbook(tmp_path / "june.xlsx")["Sales by customer"]
    assert sheet["A1"].value == "Sales by customer as of 2026-06-30"
    books.to_html(tmp_path / "june.html", reports="sales_by_customer")
    page = (tmp_path / "june.html").read_text(encoding="utf-8")
    assert "<h2>Sales by customer</h2>" in page


def test_a_report_without_its_name_is_recognised(install_example: InstallExample, books: rf.Books) -> None:
    """Read back from a file, the report is known by its columns."""
    install_example("acme-sales")
    report = books.report("sales_by_customer")
    plain = pd.DataFrame(report.to_dict("list"))
    assert "Sales by customer" in plain.rf.table(max_rows=2).as_raw_html()


def test_the_shell_prints_it(install_example: InstallExample, tmp_path: Path) -> None:
    """The command loads what the report needs, and writes text, JSON, workbook and page."""
    install_example("acme-sales")
    arguments = ["report", "sales-by-customer", "--demo", "--connection", "gear-shopify"]
    printed = CliRunner().invoke(app, [*arguments, "--format", "json", "--excel", str(tmp_path / "a.xlsx")])
    assert printed.exit_code == 0, printed.output
    result = json.loads(printed.stdout)
    assert result["reports"][0]["report"] == "sales_by_customer"
    assert [column["name"] for column in result["reports"][0]["columns"]][-1] == "sales"
    assert (tmp_path / "a.xlsx").exists()
    printed = CliRunner().invoke(app, [*arguments, "--format", "csv"])
    assert printed.stdout.splitlines()[0] == "connection_id,customer_id,customer_name,currency,orders,sales"


def test_the_shell_names_it_among_the_reports(
    install_example: InstallExample, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Completion offers it without importing its package, and a misspelt name is answered with it."""
    monkeypatch.delitem(sys.modules, "acme_sales", raising=False)
    install_example("acme-sales")
    assert complete_report("sa") == ["sales-by-customer"]
    assert "acme_sales" not in sys.modules
    printed = CliRunner().invoke(app, ["report", "sales-by-customers", "--demo"])
    assert printed.exit_code == 2
    assert "Did you mean sales-by-customer?" in " ".join(printed.stderr.split()).replace("│ ", "")


def test_doctor_lists_it(install_example: InstallExample) -> None:
    """The diagnosis names kind, package and version."""
    install_example("acme-sales")
    with rf.demo() as client:
        lines = [each.finding for each in rf.diagnose(client).findings if each.check == "extension"]
    assert lines == ["The report 'sales_by_customer' of the package acme-sales 1.0.0."]
