"""The wheel, installed where no development package and no checkout is."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.release.conftest import ROOT, Bare, Distributions, create_environment

pytestmark = [pytest.mark.long, pytest.mark.timeout(300), pytest.mark.xdist_group("release")]

VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
#: Packages of the development environment and of extras: the wheel has to do without them.
ABSENT = (
    "adbc_driver_postgresql", "anywidget", "deltalake", "duckdb", "great_tables", "hypothesis", "ibis",
    "jupyterlab", "keyring", "kaleido", "matplotlib", "openpyxl", "polars", "pyspark", "pytest", "yaml",
)  # fmt: skip


def test_it_is_not_the_checkout(bare: Bare) -> None:
    """The environment has the wheel's files and its version, and none of the development packages."""
    code = (
        "import importlib.util, rutterframe as rf\n"
        f"print(rf.__version__, [name for name in {ABSENT} if importlib.util.find_spec(name)])\n"
        "print(rf.__file__)"
    )
    printed = bare.python(code).splitlines()
    assert printed[0] == f"{VERSION} []"
    assert Path(printed[1]).is_relative_to(bare.folder / "venv")


def test_the_import_is_lean(bare: Bare) -> None:
    """`import rutterframe` imports neither plotly, ipywidgets nor servers; every public name can be read."""
    code = (
        "import sys, rutterframe as rf\n"
        "heavy = {'plotly', 'ipywidgets', 'IPython', 'uvicorn', 'starlette', 'typer'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
        "print([name for name in rf.__all__ if getattr(rf, name) is None], rf.reports.__name__)"
    )
    assert bare.python(code).splitlines() == ["[]", "[] rutterframe.reports"]


def test_a_load_and_a_report(bare: Bare) -> None:
    """The demo is loaded completely, its totals agree, and 46,692.39 dollars are receivable."""
    code = (
        "import rutterframe as rf\n"
        "with rf.demo() as client:\n"
        "    books = rf.load_books(client, progress=False)\n"
        "    invoices = rf.load_invoices(client.connection('gear-xero'), progress=False)\n"
        "print(rf.receipt(invoices)['complete'], books.month_end().verdict)\n"
        "print(books.ar_aging().groupby('currency')['total'].sum().round(2).to_dict())"
    )
    assert bare.python(code).splitlines() == [
        "True All 30 totals agree.",
        "{'EUR': 34720.0, 'GBP': 17673.0, 'JPY': 208600.0, 'KWD': 260.31, 'USD': 46692.39}",
    ]


def test_files_are_written(bare: Bare) -> None:
    """A frame is written as CSV and Parquet, the books as workbook and page; each chart can be drawn."""
    code = (
        "import pathlib, rutterframe as rf\n"
        "with rf.demo() as client:\n"
        "    books = rf.load_books(client, progress=False)\n"
        "rf.write_frame(books.frames['invoices'], 'invoices.csv')\n"
        "rf.write_frame(books.frames['invoices'], 'invoices.parquet')\n"
        "books.to_excel('books.xlsx')\n"
        "books.to_html('books.html')\n"
        "print(type(books.ar_aging().rf.chart()).__name__)\n"
        "print(*sorted(path.name for path in pathlib.Path().glob('*s.*') if path.stat().st_size > 5000))"
    )
    assert bare.python(code).splitlines() == [
        "ReportFigure",
        "books.html books.xlsx invoices.csv invoices.parquet",
    ]


def test_the_command_line(bare: Bare) -> None:
    """The commands print their version, the demo and a report, and end with their exit codes."""
    version, demo, report = (
        bare.run("rutterframe", *arguments)
        for arguments in (["--version"], ["demo"], ["report", "aging", "--demo"])
    )
    assert (version.returncode, version.stdout) == (0, f"rutterframe {VERSION}\n")
    assert (demo.returncode, demo.stderr) == (0, "")
    assert "All 32 totals agree." in demo.stdout
    assert report.returncode == 0
    assert "Union Street Trekking" in report.stdout
    without, unknown = bare.run("rutterframe", "report", "aging"), bare.run("rutterframe", "report", "ageing")
    assert (without.returncode, unknown.returncode) == (1, 2)
    assert "--demo" in without.stderr
    module = bare.run("python", "-m", "rutterframe", "--version")
    assert module.stdout == version.stdout


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("rf.Dataset('x')", 'A dataset needs deltalake: pip install "rutterframe[dataset]"'),
        ("rf.refresh([], 'x')", 'A dataset needs deltalake: pip install "rutterframe[dataset]"'),
        ("rf.open_books('x')", 'A dataset needs deltalake: pip install "rutterframe[dataset]"'),
        (
            "import pandas; rf.write_frame(pandas.DataFrame(), 's3://bucket/x.csv')",
            'An address of object storage needs deltalake: pip install "rutterframe[dataset]"',
        ),
        ("rf.widgets.ReportBrowser", 'ReportBrowser needs anywidget: pip install "rutterframe[lab]"'),
        (
            "rf.tokens.save('books', 'a-token')",
            'Next: pip install "rutterframe[keyring]", or set RUTTER_ACCESS_TOKENS instead.',
        ),
    ],
)
def test_what_needs_an_extra_names_it(bare: Bare, code: str, message: str) -> None:
    """Without an extra the package is imported; the call that needs one states which to install."""
    assert bare.last_line(f"import rutterframe as rf\n{code}").endswith(message)


@pytest.mark.parametrize(
    "arguments", [["status", "x"], ["refresh", "x", "--demo"], ["report", "aging", "--dataset", "x"]]
)
def test_commands_that_need_an_extra_name_it(bare: Bare, arguments: list[str]) -> None:
    """A command on a dataset states in a line which extra to install, and ends with 1."""
    done = bare.run("rutterframe", *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert 'pip install "rutterframe[dataset]"' in done.stderr
    assert "Traceback" not in done.stderr


def test_the_extra_is_enough(tmp_path: Path, distributions: Distributions) -> None:
    """With the extra `dataset` the demo is refreshed into one; an export names the extra of its database."""
    with_dataset = create_environment(tmp_path, f"rutterframe[dataset] @ {distributions.wheel.as_uri()}")
    code = (
        "import rutterframe as rf\n"
        "with rf.demo() as client:\n"
        "    rf.refresh(client.connection('gear-xero'), 'books', resources=['invoices'], progress=False)\n"
        "print(len(rf.Dataset('books').load('invoices')) > 100)"
    )
    assert with_dataset.python(code) == "True\n"
    for kind, address in (("duckdb", "duckdb:///x.duckdb"), ("postgresql", "postgresql://me@host/db")):
        line = with_dataset.last_line(f"import rutterframe as rf; rf.Dataset('books').export({address!r})")
        assert line.endswith(f'needs a driver: pip install "rutterframe[{kind}]"')


def test_the_source_distribution_installs(tmp_path: Path, distributions: Distributions) -> None:
    """The source distribution, built and installed by itself, is the same version and runs."""
    from_source = create_environment(tmp_path, str(distributions.sdist))
    code = (
        "import rutterframe as rf\nwith rf.demo() as client:\n"
        "    print(rf.__version__, len(rf.load_connections(client)))"
    )
    assert from_source.python(code) == f"{VERSION} 10\n"
