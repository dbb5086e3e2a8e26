"""The wheel and the source distribution of `make build`, and an environment with the wheel only."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from email.message import Message
from email.parser import Parser
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parent.parent.parent
#: A day in 2026: the files in an archive have it, so that two builds are equal.
EPOCH = "1767225600"


@dataclass(frozen=True)
class Distributions:
    """The two files of a release."""

    wheel: Path
    sdist: Path

    def metadata(self) -> Message:
        """Return what the wheel states about itself."""
        with ZipFile(self.wheel) as archive:
            name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
            return Parser().parsestr(archive.read(name).decode())


def build(folder: Path, *options: str, source: Path = ROOT) -> Distributions:
    """Build into a folder with the builder that is installed; as it is, the wheel is of the sdist."""
    if find_spec("build") is None or find_spec("hatchling") is None:
        pytest.skip("build and hatchling are not installed here: make build installs them")
    environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH}
    command = [
        sys.executable,
        "-m",
        "build",
        "--no-isolation",
        *options,
        "--outdir",
        str(folder),
        str(source),
    ]
    subprocess.run(command, check=True, capture_output=True, env=environment)
    return find_distributions(folder)


def find_distributions(folder: Path) -> Distributions:
    """Return the files of a folder."""
    [wheel], [sdist] = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return Distributions(wheel, sdist)


@pytest.fixture(scope="session")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Distributions:
    """The files to release: those in the folder that DISTRIBUTIONS names, else built here."""
    if folder := os.environ.get("DISTRIBUTIONS"):
        return find_distributions(ROOT / folder)
    return build(tmp_path_factory.mktemp("dist"))


@dataclass(frozen=True)
class Bare:
    """An environment with the wheel and its dependencies, and a folder outside of the checkout."""

    folder: Path

    @property
    def bin(self) -> Path:
        """The folder of its programs."""
        return self.folder / "venv" / ("Scripts" if os.name == "nt" else "bin")

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment, without the settings of this one."""
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PYTHON", "RUTTER_", "COVERAGE", "COV_", "VIRTUAL_ENV"))
        }
        program, *arguments = command
        where = self.folder / "work"
        where.mkdir(exist_ok=True)
        environment |= {"COLUMNS": "120", "NO_COLOR": "1", "TERM": "dumb"}
        return subprocess.run(
            [self.bin / program, *arguments],
            check=False,
            capture_output=True,
            text=True,
            cwd=where,
            env=environment,
        )

    def python(self, code: str) -> str:
        """Return what code prints; a warning is an error."""
        done = self.run("python", "-W", "error", "-c", code)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    def last_line(self, code: str) -> str:
        """Return the last line of an error that code raises."""
        done = self.run("python", "-W", "error", "-c", code)
        assert done.returncode == 1
        return done.stderr.strip().splitlines()[-1]

    def install(self, *requirements: str) -> None:
        """Install from the cache or the registry; skip the test with the reason where neither has it."""
        python = str(self.bin / "python")
        if uv := shutil.which("uv"):
            command = [uv, "pip", "install", "--quiet", "--python", python, *requirements]
        else:
            command = [
                python,
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                *requirements,
            ]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"cannot install {requirements}: {done.stderr.strip().splitlines()[-1]}")


def create_environment(folder: Path, *requirements: str) -> Bare:
    """Create an environment that has what is named, what that needs, and no development package."""
    base = str(Path(sys.executable).resolve())
    if uv := shutil.which("uv"):
        make = [uv, "venv", "--quiet", "--python", base, str(folder / "venv")]
    else:
        make = [base, "-m", "venv", str(folder / "venv")]
    subprocess.run(make, check=True, capture_output=True)
    environment = Bare(folder)
    environment.install(*requirements)
    return environment


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory, distributions: Distributions) -> Bare:
    """An environment with the wheel, to which no test adds a package: the order of tests is random."""
    return create_environment(tmp_path_factory.mktemp("bare"), str(distributions.wheel))
