"""Binder installs the package's own requirements, and the check of it notices differences."""

from __future__ import annotations

import re
import runpy
import tomllib
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from packaging.requirements import Requirement

import rutterframe as rf

ROOT = Path(rf.__file__).parent.parent
BINDER = ROOT / "binder"
CHECK = runpy.run_path(str(BINDER / "check.py"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
STEPS = (
    "COPY build_script_files/conda-2fenvironment-2epy-2d3-2e12-2dlinux-2d64-2elock-3a5c1b /tmp/env/e.lock\n",
    "COPY --chown=1000:1000 src/ ${REPO_DIR}/\n",
    'RUN ${KERNEL_PYTHON_PREFIX}/bin/pip install --no-cache-dir -r "binder/requirements.txt"\n',
    "RUN ./binder/postBuild\n",
)


def test_requirements_are_the_packages_own() -> None:
    """Binder installs this package with its own extras, and no list that could drift from them."""
    lines = (BINDER / "requirements.txt").read_text(encoding="utf-8").splitlines()
    (line,) = (line for line in lines if not line.startswith("#"))
    extras = re.fullmatch(r"\.\[([a-z,]+)\]", line)
    assert extras
    assert set(extras[1].split(",")) == {"lab", "duckdb", "polars"} <= set(PROJECT["optional-dependencies"])


def test_minimum_versions_are_those_of_the_base_image() -> None:
    """The JupyterLab and ipywidgets of Binder's base image are new enough, and none has an upper limit."""
    requirements = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["lab"]]
    assert [each for each in requirements if not re.fullmatch(r"[a-z-]+>=[\d.]+", each)] == []
    python = CHECK["required_python"]((BINDER / "runtime.txt").read_text(encoding="utf-8"))
    base = dict(each.split("==") for each in CHECK["base_versions"](CHECK["base_lock"](python)))
    minimums = {each.name: each.specifier for each in map(Requirement, requirements)}
    assert base["jupyterlab"] in minimums["jupyterlab"]
    assert base["ipywidgets"] in minimums["ipywidgets"]


def test_python_is_one_that_ci_tests() -> None:
    """Binder's Python is one of those that CI runs the tests with."""
    python = CHECK["required_python"]((BINDER / "runtime.txt").read_text(encoding="utf-8"))
    assert f'"{python}"' in (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8")


def test_badge_opens_the_dashboard() -> None:
    """The README's badge, below the two commands, opens the dashboard in Voilà; a link the notebooks."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = readme.split("## Two commands")[1].split("\n## ")[0]
    links = re.findall(r"\]\((https://mybinder\.org/v2/[^)]+)\)", readme)
    assert commands.index("make lab") < commands.index(links[0])
    parts = [urlsplit(link) for link in links]
    assert all(re.fullmatch(r"/v2/gh/[\w-]+/rutterframe/HEAD", each.path) for each in parts)
    targets = [parse_qs(each.query)["urlpath"] for each in parts]
    dashboard, first, *_ = sorted((ROOT / "notebooks").glob("*.ipynb"))
    assert targets == [
        [f"voila/render/{dashboard.relative_to(ROOT).as_posix()}"],
        [f"lab/tree/{first.relative_to(ROOT).as_posix()}"],
    ]
    assert CHECK["DASHBOARD"] == targets[0][0]


def test_a_runtime_without_python_is_refused() -> None:
    """A runtime.txt that names no Python is refused with its content."""
    assert CHECK["required_python"]("python-3.12\n") == "3.12"
    with pytest.raises(SystemExit, match=r"holds 'r-4.4', not a line such as python-3.12"):
        CHECK["required_python"]("r-4.4")


def test_complete_dockerfile() -> None:
    """A Dockerfile with Python, the copy, the requirements and postBuild in this order lacks nothing."""
    assert CHECK["missing_steps"]("USER root\n".join(STEPS), "3.12") == []


@pytest.mark.parametrize("left_out", range(4))
def test_incomplete_dockerfile(left_out: int) -> None:
    """A Dockerfile without one of the four steps fails with the name of that step."""
    (missing,) = CHECK["missing_steps"]("".join(STEPS[:left_out] + STEPS[left_out + 1 :]), "3.12")
    assert missing in STEPS[left_out]


def test_wrong_dockerfiles() -> None:
    """Another Python, or requirements before the package is copied, are reported as missing steps."""
    assert CHECK["missing_steps"]("".join(STEPS), "3.11") == ["environment-2epy-2d3-2e11-2d"]
    early = (STEPS[0], STEPS[2], STEPS[1], STEPS[3])
    assert CHECK["missing_steps"]("".join(early), "3.12") == [STEPS[2].split("}/")[1].strip()]


def test_base_versions() -> None:
    """A conda lock file becomes pip's constraints; versions that pip cannot read are left out."""
    lock = (
        "@EXPLICIT\n"
        "https://example.test/linux-64/_libgcc_mutex-0.1-conda_forge.tar.bz2#d7c8\n"
        "https://example.test/noarch/tzdata-2025b-h78e105d_0.conda#4222\n"
        "https://example.test/noarch/python-json-logger-2.0.7-pyhd8ed1ab_0.conda#a61b\n"
        "https://example.test/noarch/cached-property-1.5.2-hd8ed1ab_1.tar.bz2#9b34\n"
    )
    assert CHECK["base_versions"](lock) == [
        "tzdata==2025b",
        "python-json-logger==2.0.7",
        "cached-property==1.5.2",
    ]


def test_disk_use(tmp_path: Path) -> None:
    """A file with two names counts once."""
    (tmp_path / "one").write_bytes(bytes(1_000_000))
    alone = CHECK["disk_use"](tmp_path)
    (tmp_path / "two").hardlink_to(tmp_path / "one")
    assert CHECK["disk_use"](tmp_path) == alone


def test_budget(capsys: pytest.CaptureFixture[str]) -> None:
    """A figure is printed beside its budget, in megabytes of a million bytes; one byte more is too much."""
    assert CHECK["within"]("venv", 1_000_000_000, 1_000_000_000, "all of it")
    assert not CHECK["within"]("venv", 1_000_000_001, 1_000_000_000, "all of it")
    assert capsys.readouterr().out.splitlines() == [
        "venv            1000 MB of 1000 MB (all of it)",
        "venv            1000 MB of 1000 MB: TOO MUCH (all of it)",
    ]
