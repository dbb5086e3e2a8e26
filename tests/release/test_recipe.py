"""The conda recipe and the citation file state what pyproject.toml states."""

from __future__ import annotations

import importlib
import re
import tomllib
from importlib.util import find_spec
from typing import Any

import pytest
import yaml

from tests.release.conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RECIPE = yaml.safe_load((ROOT / "recipe/recipe.yaml").read_text(encoding="utf-8"))
#: Names of conda-forge that differ from those of PyPI.
CONDA = {"duckdb": "python-duckdb"}
#: Programs for notebooks: the package imports none of them.
PROGRAMS = {"ipykernel", "jupyterlab", "nbclient", "voila"}


def requirements(specifiers: list[str]) -> set[tuple[str, str]]:
    """Return name and version of requirements as pyproject.toml has them, without extras."""
    matches = (re.fullmatch(r"([a-z-]+)(?:\[[a-z,]+\])?(>=[\d.]+)", one) for one in specifiers)
    return {(CONDA.get(one[1], one[1]), one[2]) for one in matches if one}


def conda(specifiers: list[str]) -> set[tuple[str, str]]:
    """Return name and version of requirements as the recipe has them."""
    return {(name, version) for name, _, version in (one.partition(" ") for one in specifiers)}


def test_the_recipe_needs_what_the_package_needs() -> None:
    """The recipe has the dependencies of the package and of its builder, with the same versions."""
    project, needs = PROJECT["project"], RECIPE["requirements"]
    assert len(requirements(project["dependencies"])) == len(project["dependencies"])
    assert conda(needs["run"]) == requirements(project["dependencies"]) | {
        ("python", project["requires-python"])
    }
    assert conda(needs["host"]) - {("pip", ""), ("python", "3.11.*")} == requirements(
        PROJECT["build-system"]["requires"]
    )


def test_no_older_version_of_an_extra_is_beside_it() -> None:
    """What the package imports of an extra has the version of that extra."""
    extras = {one for extra in PROJECT["project"]["optional-dependencies"].values() for one in extra}
    expected = {one for one in requirements(sorted(extras)) if one[0] not in PROGRAMS}
    assert conda(RECIPE["requirements"]["run_constraints"]) == expected


def test_the_recipe_describes_the_package() -> None:
    """Name, version, licence, summary, addresses and command are those of pyproject.toml."""
    project, about = PROJECT["project"], RECIPE["about"]
    assert (RECIPE["package"]["name"], RECIPE["context"]["version"]) == (project["name"], project["version"])
    assert (about["license"], about["summary"]) == (project["license"], project["description"])
    addresses = [about["homepage"], about["documentation"], about["repository"]]
    assert addresses == [project["urls"][name] for name in ("Homepage", "Documentation", "Repository")]
    assert RECIPE["build"]["python"]["entry_points"] == [
        f"{name} = {target}" for name, target in project["scripts"].items()
    ]


def test_the_recipe_renders() -> None:
    """rattler-build reads the recipe and renders one package for every platform, with three kinds of tests.

    It is not built here: that needs a conda channel.
    """
    if find_spec("rattler_build") is None:
        pytest.skip("py-rattler-build is not installed here: make build installs it")
    rattler_build: Any = importlib.import_module("rattler_build")
    [variant] = rattler_build.Stage0Recipe.from_file(ROOT / "recipe/recipe.yaml").render()
    recipe = variant.recipe.to_dict()
    assert recipe["package"] == {"name": "rutterframe", "version": PROJECT["project"]["version"]}
    assert recipe["build"]["noarch"] == "python"
    assert recipe["build"]["string"].startswith("pyh")
    imports, commands = recipe["tests"]
    assert "rutterframe" in imports["python"]["imports"]
    assert imports["python"].get("pip_check", True)
    assert commands["script"] == [
        "rutterframe --version",
        "rutterframe demo",
        "rutterframe report aging --demo",
    ]


def test_the_citation_file_is_valid() -> None:
    """CITATION.cff has the keys of version 1.2.0 of the format, and leaves the version to pyproject.toml."""
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = PROJECT["project"]
    assert citation.pop("message").startswith("If you use rutterframe")
    assert citation.pop("abstract") == project["description"]
    assert citation == {
        "cff-version": "1.2.0",
        "title": "rutterframe",
        "type": "software",
        "authors": [{"name": author["name"]} for author in project["authors"]],
        "repository-code": project["urls"]["Repository"],
        "url": project["urls"]["Homepage"],
        "license": project["license"],
        "keywords": sorted(project["keywords"]),
    }
