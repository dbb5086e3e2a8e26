"""The dataset on the command line, as a person would use it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import rutterframe as rf
from rutterframe import cli


def run(*words: str) -> Result:
    return CliRunner().invoke(cli.app, list(words), env={"COLUMNS": "200", "TERM": "dumb"})


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of the demo's active connections."""
    path = tmp_path_factory.mktemp("kept") / "books"
    result = run("refresh", str(path), "--demo")
    assert result.exit_code == 0, result.output
    assert "roaster-quickbooks invoices refreshed 542 542 0 0" in " ".join(result.output.split())
    assert "Left out" in result.output
    return path


def test_again_is_unchanged(kept: Path) -> None:
    """A second refresh says that nothing changed."""
    result = run(
        "refresh", str(kept), "--demo", "--connection", "roaster-quickbooks", "--resource", "invoices"
    )
    assert "roaster-quickbooks invoices unchanged 542 0 0 0" in " ".join(result.output.split())


def test_reports_from_a_dataset_are_those_of_the_api(kept: Path) -> None:
    """A report of what is kept is the one that is made from the API itself, names included."""
    for which in ("all", "aging"):
        words = ["report", which, "--as-of", "2026-06-30"]
        kept_report, fresh = run(*words, "--dataset", str(kept)), run(*words, "--demo")
        assert kept_report.exit_code == fresh.exit_code == 0

        def figures(result: Result) -> list[str]:
            lines = result.stdout.splitlines()
            return [line for line in lines if line.startswith("|") and "fetched" not in line]

        assert figures(kept_report) == figures(fresh) != []


def test_what_is_not_kept_is_said(tmp_path: Path) -> None:
    """A folder without a dataset, and a resource that was not refreshed, are said with what to do."""
    result = run("report", "aging", "--as-of", "2026-06-30", "--dataset", str(tmp_path / "none"))
    assert result.exit_code == 1
    assert "There is no dataset at" in result.stderr
    with rf.demo() as client:
        rf.refresh(client.connection("gear-xero"), tmp_path / "some", resources=["accounts"])
    result = run("report", "aging", "--as-of", "2026-06-30", "--dataset", str(tmp_path / "some"))
    assert result.exit_code == 1
    assert "The dataset has no 'invoices'; it has accounts. Next: rutterframe refresh" in result.stderr


def test_a_failure_is_told(tmp_path: Path) -> None:
    """A connection that fails makes the exit code 1, in words."""
    result = run(
        "refresh",
        str(tmp_path / "x"),
        "--demo",
        "--connection",
        "roaster-netsuite-old",
        "--resource",
        "bills",
    )
    assert result.exit_code == 1
    assert "failed" in result.stdout
    assert "roaster-netsuite-old" in result.stderr
