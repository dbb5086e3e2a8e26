"""The commands in the live dialect: the same books, and the same totals."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from rutterframe import cli

pytestmark = pytest.mark.slow

WIDE = {"COLUMNS": "200", "TERM": "dumb"}
AS_OF = ("--as-of", "2026-06-30", "--demo")


def run(*words: str) -> Result:
    """Run the command line."""
    return CliRunner().invoke(cli.app, list(words), env=WIDE)


def report(name: str, dialect: str) -> pd.DataFrame:
    """Return a report of the demo in one dialect."""
    result = run("report", name, *AS_OF, "--format", "csv", "--dialect", dialect)
    assert result.exit_code == 0, result.output
    return pd.read_csv(io.StringIO(result.stdout))


@pytest.mark.parametrize(("name", "key"), [("aging", "customer_id"), ("payables", "vendor_id")])
def test_agings_have_the_same_totals(name: str, key: str) -> None:
    """Each customer and vendor owes the same in both dialects, where credit memos are lists of their own."""
    columns = ["connection_id", key, "currency", "total", "documents"]
    contract, live = (
        report(name, dialect)[columns].sort_values(columns[:3], ignore_index=True)
        for dialect in ("contract", "live")
    )
    pd.testing.assert_frame_equal(contract, live, check_exact=True)


def test_payables_have_names() -> None:
    """The vendors' names, which the contract has no list of, are in the live payables."""
    assert report("payables", "live")["vendor_name"].notna().all()
    assert report("payables", "contract")["vendor_name"].isna().all()


def test_every_total_agrees() -> None:
    """All reports of the live demo agree with the ledger and the bank, like the contract's."""
    result = run("report", "all", *AS_OF, "--dialect", "live")
    assert result.exit_code == 0, result.output
    assert "Tie-out: All 32 totals agree." in result.stdout


def test_the_demo(tmp_path: Path) -> None:
    """The demo shows the lists that only the live dialect has as well, and its workbook."""
    result = run("demo", "--no-progress", "--dialect", "live")
    assert result.exit_code == 0, result.output
    for resource in ("invoices", "vendors", "invoice_credit_memos", "bill_credit_memos", "payment_terms"):
        assert f"{resource}: " in result.stdout
    assert "Receipts: 14 of 14 complete." in result.stdout
    assert "Tie-out: All 32 totals agree." in result.stdout
    assert (tmp_path / "rutterframe-demo.xlsx").exists()


def test_a_list_that_only_live_has() -> None:
    """Vendors are loaded in the live dialect; in the contract the error names the option."""
    assert run("load", "vendors", "--demo", "--dialect", "live", "--no-progress").exit_code == 0
    result = run("load", "vendors", "--demo", "--no-progress")
    assert result.exit_code == 1
    assert result.stderr == (
        "Error: 'vendors' is only in the live dialect\n"
        "Next: the contract has no such resource; add --dialect live.\n"
    )
