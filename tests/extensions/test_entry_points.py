"""What happens to a package that cannot be used, and to names that two have."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pandas as pd
import pytest
from typer.testing import CliRunner

import rutterframe as rf
from rutterframe.cli.app import app
from rutterframe.extensions.reports import CURRENCY, Column, Kind, Report, Spec
from rutterframe.quality import check
from rutterframe.reports.describe import recognise
from rutterframe.reports.specs import SPECS

Install = Callable[..., None]

REPORTS = "rutterframe.reports"
#: A module with a report of this name.
MODULE = """
from rutterframe.extensions.reports import CURRENCY, Column, Kind, Report, Spec

def function(orders, as_of):
    return orders

COLUMNS = (CURRENCY, Column("pieces", Kind.COUNT, "Pieces", "How many"))
REPORT = Report(Spec("{name}", "Orders", "How many?", COLUMNS), function)
"""


@pytest.mark.parametrize(
    ("entry", "source", "problem"),
    [
        (
            "broken:REPORT",
            "import nothing_of_this_name",
            "importing broken:REPORT failed with ModuleNotFoundError",
        ),
        ("broken:REPORT", "", "importing broken:REPORT failed with AttributeError"),
        ("broken:REPORT", "raise SystemError('no licence')", "failed with SystemError: no licence"),
        ("broken:REPORT", "import sys; sys.exit(0)", "failed with SystemExit: 0"),
        ("broken:REPORT", "REPORT = 1", "expected a Report, not int"),
        (
            "broken:REPORT",
            MODULE.format(name="other"),
            "it is named 'other', and its entry point must have the same",
        ),
    ],
)
def test_a_package_that_cannot_be_used(install: Install, entry: str, source: str, problem: str) -> None:
    """An error names package, version, entry point, what is wrong and what to do; views go on."""
    install("acme-broken", {REPORTS: {"pieces": entry}}, {"broken": source})
    with pytest.raises(rf.ExtensionError) as caught:
        SPECS["pieces"]
    assert str(caught.value).startswith("The report 'pieces' of the package acme-broken 1.0 cannot be used: ")
    assert problem in str(caught.value)
    assert "Next: update or uninstall acme-broken" in str(caught.value)
    with pytest.warns(rf.ExtensionWarning, match=r"acme-broken 1\.0") as warned:
        assert recognise(["a"]) is None
    assert len(warned) == 1
    assert recognise(["a"]) is None  # without a second warning, which would be an error


@pytest.mark.slow
def test_other_commands_go_on(install: Install) -> None:
    """With a report that cannot be imported, another report is printed; doctor has a warning, exit code 0."""
    install("acme-broken", {REPORTS: {"pieces": "broken:REPORT"}}, {"broken": "import nothing_of_this_name"})
    printed = CliRunner().invoke(
        app, ["report", "cash", "--demo", "--connection", "gear-bank", "--format", "csv"]
    )
    assert printed.exit_code == 0
    assert "acme-broken" not in printed.output
    printed = CliRunner().invoke(app, ["doctor", "--demo"])
    assert printed.exit_code == 0
    assert "warning  extension" in printed.output
    assert "update or uninstall acme-broken" in " ".join(printed.output.split())
    printed = CliRunner().invoke(app, ["report", "pieces", "--demo"])
    assert printed.exit_code == 1
    assert "of the package acme-broken 1.0 cannot be used" in " ".join(printed.output.split())


def test_two_packages_with_one_name(install: Install) -> None:
    """Neither of two reports of one name is used, and the error names both packages."""
    install("acme-one", {REPORTS: {"pieces": "one:REPORT"}}, {"one": MODULE.format(name="pieces")})
    install("acme-two", {REPORTS: {"pieces": "two:REPORT"}}, {"two": MODULE.format(name="pieces")})
    with pytest.raises(
        rf.ExtensionError, match=r"acme-one 1\.0 cannot be used: the package acme-two 1\.0 has one"
    ):
        SPECS["pieces"]
    problems = rf.extensions.list_extensions()["problem"]
    assert len(problems) == 2
    assert problems.str.contains("has one of that name as well").all()


@pytest.mark.parametrize(
    ("group", "name"),
    [
        (REPORTS, "ar_aging"),
        (REPORTS, "open_bills"),
        ("rutterframe.checks", "duplicate_id"),
        ("rutterframe.dialects", "live"),
    ],
)
def test_a_name_of_rutterframe(install: Install, group: str, name: str) -> None:
    """What rutterframe has itself stays, and the listing says why the package's is not used."""
    install("acme-taken", {group: {name: "taken:X"}}, {"taken": "X = 1"})
    (listed,) = rf.extensions.list_extensions().itertuples()
    assert listed.problem == f"rutterframe has a {listed.kind} of that name itself"


def test_a_report_of_this_program_has_another_name(install: Install) -> None:
    """A name of an installed package cannot be registered; one that was registered before is replaced."""
    install("acme-one", {REPORTS: {"pieces": "one:REPORT"}}, {"one": MODULE.format(name="pieces")})
    columns = (CURRENCY, Column("pieces", Kind.COUNT, "Pieces", "How many"))
    with pytest.raises(ValueError, match=r"the package acme-one 1\.0 has a report 'pieces' already"):
        rf.extensions.register(Report(Spec("pieces", "Pieces", "How many?", columns), _orders))
    with pytest.raises(ValueError, match="rutterframe has a report 'runway' itself"):
        rf.extensions.register(Report(Spec("runway", "Pieces", "How many?", columns), _orders))
    first, second = (Report(Spec("mine", title, "How many?", columns), _orders) for title in ("One", "Two"))
    rf.extensions.register(first)
    rf.extensions.register(second)
    assert SPECS["mine"].title == "Two"
    rf.extensions.unregister(second)
    assert "mine" not in SPECS
    with pytest.raises(ValueError, match="no report 'mine' is registered in this program"):
        rf.extensions.unregister(second)


def test_something_else_cannot_be_registered() -> None:
    """Only the four kinds can be registered."""
    with pytest.raises(TypeError, match="expected one of Report, Check, ExtraField, Dialect, not int"):
        rf.extensions.register(1)  # type: ignore[arg-type]


def _orders(orders: pd.DataFrame) -> pd.DataFrame:
    return orders


@pytest.mark.slow
def test_nothing_is_listed_or_imported_with_rutterframe(install: Install, tmp_path: object) -> None:
    """Importing rutterframe lists no entry points; checking frames imports no package with a report."""
    install("acme-one", {REPORTS: {"pieces": "one:REPORT"}}, {"one": MODULE.format(name="pieces")})
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r} + '/site'); import rutterframe as rf; "
        "from rutterframe import entry_points; assert entry_points._entries.cache_info().misses == 0; "
        "import pandas as pd; rf.check({'customers': pd.DataFrame({'id': ['a']})}); "
        "print('one' in sys.modules)"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert printed.stdout == "False\n"


def test_the_checks_run_without_those_of_a_broken_package(install: Install) -> None:
    """A check that cannot be imported is a warning, and the other checks run."""
    install("acme-broken", {"rutterframe.checks": {"x": "broken:CHECK"}}, {"broken": "import nothing_of_it"})
    with pytest.warns(
        rf.ExtensionWarning, match="The check 'x' of the package acme-broken 1.0 cannot be used"
    ):
        findings = check({"customers": pd.DataFrame({"id": [None]}, dtype="str")})
    assert findings["check"].tolist() == ["missing_id"]
