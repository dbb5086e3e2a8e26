"""The wheel and the source distribution have what they should, and their metadata is complete."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
import tarfile
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.release.conftest import ROOT, Distributions, build

pytestmark = [pytest.mark.long, pytest.mark.timeout(300), pytest.mark.xdist_group("release")]

SITE = "https://rutterframe.github.io/rutterframe/"
REPOSITORY = "https://github.com/rutterframe/rutterframe"


def files_of_git() -> set[str]:
    """Return the files of the checkout that git has, or would have after `git add`."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a checkout of git, and its files are what these are compared with")
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout.splitlines()
    return {name for name in listed if (ROOT / name).is_file()}


def test_the_wheel_has_the_package_and_nothing_else(distributions: Distributions) -> None:
    """The wheel has the files of the package, the licence and the metadata: no test, no page, no notebook."""
    with ZipFile(distributions.wheel) as archive:
        names = set(archive.namelist())
    package = {name for name in files_of_git() if name.startswith("rutterframe/")}
    info = {re.sub(r"^rutterframe-[^/]+\.dist-info/", "", name) for name in names - package}
    assert package <= names
    assert info == {"METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE"}
    assert {"rutterframe/py.typed", "rutterframe/widgets/browser.js", "rutterframe/demo/rates.csv"} <= names


def test_the_source_distribution_has_all_of_git(distributions: Distributions) -> None:
    """The source distribution has every file of git, so that a distributor can run the tests."""
    with tarfile.open(distributions.sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert names == files_of_git() | {"PKG-INFO"}
    assert {"tests/contract/openapi.yaml", "docs/aging.png", "docs/picker.png", "recipe/recipe.yaml"} <= names


def test_a_build_is_reproducible(distributions: Distributions, tmp_path: Path) -> None:
    """Two builds give the same bytes: the wheel from the source distribution is the one from the tree."""
    from_sdist, from_tree = build(tmp_path / "a"), build(tmp_path / "b", "--sdist", "--wheel")
    assert from_sdist.wheel.name == distributions.wheel.name
    assert from_sdist.wheel.read_bytes() == from_tree.wheel.read_bytes()
    assert from_sdist.sdist.read_bytes() == from_tree.sdist.read_bytes()


def test_the_metadata_is_complete(distributions: Distributions) -> None:
    """Name, licence, addresses, versions of Python, keywords and maintainers are in the metadata."""
    metadata = distributions.metadata()
    assert metadata["Name"] == "rutterframe"
    assert metadata["License-Expression"] == "MIT"
    assert metadata.get_all("License-File") == ["LICENSE"]
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["Author"] == metadata["Maintainer"] == "The rutterframe maintainers"
    assert metadata["Keywords"] == "accounting,aging,dataframe,invoices,jupyter,pandas,rutter"
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert metadata.get_all("Project-URL") == [
        f"Homepage, {SITE}",
        f"Documentation, {SITE}",
        f"Repository, {REPOSITORY}",
        f"Changelog, {SITE}changelog.html",
        f"Issues, {REPOSITORY}/issues",
    ]
    assert metadata.get_all("Classifier") == [
        "Development Status :: 4 - Beta",
        "Framework :: Jupyter",
        "Intended Audience :: Financial and Insurance Industry",
        "Intended Audience :: Science/Research",
        "Natural Language :: English",
        "Operating System :: OS Independent",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3 :: Only",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Office/Business :: Financial :: Accounting",
        "Typing :: Typed",
    ]


def test_twine_accepts_both(distributions: Distributions) -> None:
    """Twine finds nothing to warn about: PyPI accepts the files, and renders the README."""
    if find_spec("twine") is None:
        pytest.skip("twine is not installed here: make build installs it")
    command = [sys.executable, "-m", "twine", "--no-color", "check", "--strict"]
    done = subprocess.run(
        [*command, str(distributions.wheel), str(distributions.sdist)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout.count("PASSED")) == (0, 2), done.stdout + done.stderr


def test_links_and_pictures_of_the_readme_are_absolute(distributions: Distributions) -> None:
    """On PyPI links and pictures are addresses; those of the repository are files of the version's tag."""
    if find_spec("comrak") is None:
        pytest.skip(
            "comrak, which renders Markdown as PyPI does, is not installed here: make build installs it"
        )
    renderer = importlib.import_module("readme_renderer.markdown")
    metadata = distributions.metadata()
    if not renderer.variants:
        pytest.skip(
            "comrak, which renders Markdown as PyPI does, is not installed here: make build installs it"
        )
    html = renderer.render(metadata.get_payload())
    assert html is not None
    # A heading links to itself.
    addresses = re.findall(r'(?:href|src)="([^"#][^"]*)"', html)
    tag = f"v{metadata['Version']}"
    files = [address.split(f"/{tag}/")[1] for address in addresses if f"/{tag}/" in address]
    relative = re.findall(r"\]\((?!https?://)([^)]+)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert [address for address in addresses if not address.startswith("https://")] == []
    assert sorted(files) == sorted(relative)
    assert f"https://raw.githubusercontent.com/rutterframe/rutterframe/{tag}/docs/aging.png" in addresses
    assert f"{REPOSITORY}/blob/{tag}/CONTRIBUTING.md" in addresses
