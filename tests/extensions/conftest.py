"""Packages with entry points that are installed for one test, without a build."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

import rutterframe as rf

EXAMPLES = Path(rf.__file__).parent.parent / "docs/howto/examples"

Install = Callable[..., None]


def write_metadata(folder: Path, name: str, version: str, groups: Mapping[str, Mapping[str, str]]) -> None:
    """Write what an installer writes of a package: its name, its version and its entry points."""
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    lines = [
        line
        for group, entries in groups.items()
        for line in (f"[{group}]", *(f"{key} = {value}" for key, value in entries.items()), "")
    ]
    (info / "entry_points.txt").write_text("\n".join(lines))


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Return a function that installs a package: its name, its entry points by group, and its modules."""
    folder = tmp_path / "site"
    folder.mkdir()
    before = {*sys.modules}

    def install_package(
        name: str,
        groups: Mapping[str, Mapping[str, str]],
        modules: Mapping[str, str] | None = None,
        *,
        version: str = "1.0",
    ) -> None:
        write_metadata(folder, name, version, groups)
        for module, source in (modules or {}).items():
            (folder / f"{module}.py").write_text(source, encoding="utf-8")
        rf.extensions.reload()

    monkeypatch.syspath_prepend(str(folder))
    yield install_package
    monkeypatch.undo()
    for name in {*sys.modules} - before:
        if getattr(sys.modules[name], "__file__", None) and str(folder) in str(sys.modules[name].__file__):
            del sys.modules[name]
    rf.extensions.reload()


@pytest.fixture
def install_example(install: Install) -> Callable[[str], None]:
    """Return a function that installs one of the packages of the documentation."""

    def install_by_name(name: str) -> None:
        project = tomllib.loads((EXAMPLES / name / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        modules = {path.stem: path.read_text(encoding="utf-8") for path in (EXAMPLES / name).glob("*.py")}
        install(name, project["entry-points"], modules, version=project["version"])

    return install_by_name
