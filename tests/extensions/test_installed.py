"""The packages of the documentation, built and installed into an environment of their own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pandas as pd
import pytest

import rutterframe as rf
from tests.extensions.conftest import EXAMPLES
from tests.extensions.gateway import serve

pytestmark = pytest.mark.long

#: What an analyst would write, with everything that the packages add.
SCRIPT = """
import json
import rutterframe as rf

with rf.demo() as client:
    books = rf.load_books([client.connection("gear-shopify"), client.connection("gear-xero")], progress=False)
report = books.report("sales_by_customer")
table, figure = report.rf.table(max_rows=3), report.rf.chart()
books.to_excel("june.xlsx", reports=["sales_by_customer"])
findings = books.check()
with rf.demo(dialect="live") as client:
    orders = rf.load_orders(client.connection("gear-shopify"), progress=False)
extensions = rf.extensions.list_extensions()
print(json.dumps({
    "title": "Sales by customer" in table.as_raw_html(),
    "bars": len(figure.data[0].y),
    "phones": int((findings["check"] == "debtor_without_phone").sum()),
    "channel": orders["channel"].unique().tolist(),
    "packages": sorted(extensions["package"] + " " + extensions["version"]),
    "problems": extensions["problem"].tolist(),
}))
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the Python of an environment with the four packages, and with this one's libraries."""
    pytest.importorskip(
        "hatchling", reason="requirements/site.lock.txt has hatchling, which builds the packages"
    )
    folder = tmp_path_factory.mktemp("installed")
    wheels = folder / "wheels"
    for example in sorted(path.parent for path in EXAMPLES.glob("*/pyproject.toml")):
        source = shutil.copytree(example, folder / example.name)
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(wheels)]
        subprocess.run(command, cwd=source, check=True, capture_output=True)
    venv.create(folder / "venv", with_pip=False)
    site = next((folder / "venv").glob("lib/python*/site-packages"))
    for wheel in wheels.glob("*.whl"):
        shutil.unpack_archive(wheel, site, "zip")
    # The libraries of this environment, and rutterframe itself, without a download.
    libraries = [path for path in sys.path if path.endswith("site-packages")]
    (site / "libraries.pth").write_text("\n".join([str(Path(rf.__file__).parent.parent), *libraries]))
    return folder / "venv/bin/python"


def run(python: Path, *arguments: str, **environment: str) -> str:
    """Run Python in a folder of its own, without the settings of this process, and return what it prints."""
    result = subprocess.run(
        [str(python), *arguments],
        cwd=python.parent.parent.parent,
        env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_reports_checks_and_fields(python: Path) -> None:
    """Installed, and nothing else: the report, the check and the fields are there."""
    result = json.loads(run(python, "-c", SCRIPT).splitlines()[-1])
    assert result == {
        "title": True,
        "bars": 12,
        "phones": 7,
        "channel": ["web"],
        "packages": ["acme-checks 1.0.0", "acme-fields 1.0.0", "acme-fields 1.0.0", "acme-gateway 1.0.0",
                     "acme-sales 1.0.0"],
        "problems": ["", "", "", "", ""],
    }  # fmt: skip


def test_the_command(python: Path) -> None:
    """The shell prints the report."""
    command = ["-m", "rutterframe", "report", "sales-by-customer", "--demo", "--connection", "gear-shopify"]
    printed = run(python, *command, "--format", "csv")
    assert printed.splitlines()[0] == "connection_id,customer_id,customer_name,currency,orders,sales"


def test_the_dialect(python: Path) -> None:
    """The shell reads the gateway in its own dialect."""
    with serve() as address:
        printed = run(
            python, "-m", "rutterframe", "load", "invoices", "--out", "invoices.csv", "--dialect", "acme",
            "--connection", "acme-books",
            RUTTER_CLIENT_ID="id", RUTTER_CLIENT_SECRET="secret", RUTTER_ENVIRONMENT=address,
            RUTTER_ACCESS_TOKENS='{"acme-books": "token"}',
        )  # fmt: skip
    assert "invoices: 3 rows, 2 pages" in printed
    loaded = pd.read_csv(python.parent.parent.parent / "invoices.csv")
    assert loaded["status"].tolist() == ["open", "paid", "disputed"]
