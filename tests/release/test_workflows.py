"""The workflows run make targets that exist; the files for GitHub are valid and ask for what is needed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.release.conftest import ROOT

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FORMS = sorted(path for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def read(path: Path) -> dict[Any, Any]:
    """Read a YAML file."""
    content: dict[Any, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


def steps(path: Path) -> list[dict[str, Any]]:
    """Return the steps of all jobs of a workflow."""
    return [step for job in read(path)["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_commands_are_make_targets(path: Path) -> None:
    """Every command of a workflow is a make target that exists, so that it runs here as well."""
    for step in steps(path):
        for line in step.get("run", "").splitlines():
            command, *words = line.split()
            targets = {word for word in words if re.fullmatch(r"[a-z-]+", word)}
            assert command == "make", line
            assert targets, line
            assert targets <= TARGETS, line


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_have_a_version_and_jobs_a_limit(path: Path) -> None:
    """Every action is of a version, every job ends, and the default is to read only."""
    for step in steps(path):
        if "uses" in step:
            assert re.fullmatch(r"[\w-]+/[\w/-]+@(release/)?v\d+", step["uses"]), step["uses"]
    for job in read(path)["jobs"].values():
        assert job["timeout-minutes"] <= 60
    assert read(path)["permissions"]["contents"] == "read"


def test_a_release_is_tested_before_it_is_published() -> None:
    """A tag is compared with the version, built, tested, published without a stored token, and attested."""
    release = read(GITHUB / "workflows/release.yml")
    # YAML 1.1 reads the key `on` as true.
    assert release[True] == {"push": {"tags": ["v*"]}}
    jobs = release["jobs"]
    commands = [step["run"] for step in jobs["build"]["steps"] if "run" in step]
    assert commands == ['make release-notes TAG="$GITHUB_REF_NAME" > notes.md', "make build"]
    assert (jobs["pypi"]["needs"], jobs["github"]["needs"]) == ("build", "pypi")
    assert (jobs["pypi"]["environment"], jobs["pypi"]["permissions"]) == ("pypi", {"id-token": "write"})
    assert jobs["pypi"]["steps"][-1] == {"uses": "pypa/gh-action-pypi-publish@release/v1"}
    uses = [step["uses"].partition("@")[0] for step in jobs["github"]["steps"]]
    assert uses == [
        "actions/download-artifact",
        "actions/attest-build-provenance",
        "softprops/action-gh-release",
    ]
    assert "secrets." not in (GITHUB / "workflows/release.yml").read_text(encoding="utf-8")


def test_ci_tests_each_python_the_lowest_versions_and_the_package() -> None:
    """CI has a job for each Python of the metadata, one for the lowest versions, and one for the package."""
    ci = read(GITHUB / "workflows/ci.yml")["jobs"]
    assert ci["test"]["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]
    assert {"run": "make matrix MATRIX=floors"} in ci["floors"]["steps"]
    assert {"run": "make build"} in ci["package"]["steps"]


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_forms_have_what_github_needs(path: Path) -> None:
    """A form has a name, a description, and fields with distinct ids and labels."""
    form = read(path)
    assert set(form) == {"name", "description", "labels", "body"}
    fields = [part for part in form["body"] if part["type"] != "markdown"]
    assert {part["type"] for part in fields} <= {"textarea", "input"}
    ids, labels = ([part["id"] for part in fields], [part["attributes"]["label"] for part in fields])
    assert len(set(ids)) == len(set(labels)) == len(fields)
    assert any(part.get("validations", {}).get("required") for part in fields)


def test_what_the_forms_ask_for() -> None:
    """Bugs and wrong figures ask for `rutterframe doctor`, and warn not to paste credentials."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in FORMS}
    assert sorted(texts) == ["bug_report", "feature_request", "wrong_figure"]
    for name in ("bug_report", "wrong_figure"):
        assert "rutterframe doctor" in texts[name]
        assert "**Paste no credentials**" in texts[name]
    ids = [part["id"] for part in read(FORMS[-1])["body"] if "id" in part]
    assert ids == ["report", "actual", "expected", "rows", "diagnosis"]
    assert "make check" in (GITHUB / "pull_request_template.md").read_text(encoding="utf-8")
