"""Print the changelog of a tag, after checking that it can be released: `make release-notes TAG=v1.2.3`."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def release_notes(tag: str, version: str, changelog: str) -> str:
    """Return the section of a version, which has to be the tag's and to have a date.

    Raises
    ------
    ValueError
        If the tag is not that of the version, or the section is missing or has no date.
    """
    if tag != f"v{version}":
        raise ValueError(f"tag: {tag!r} is not v{version}, of the version in pyproject.toml; set one of them")
    headings = re.findall(rf"^## ({re.escape(version)}\b.*)$", changelog, re.MULTILINE)
    if not headings:
        raise ValueError(f"CHANGELOG.md: no heading '## {version} (YYYY-MM-DD)'; add it")
    if not re.fullmatch(rf"{re.escape(version)} \(\d{{4}}-\d\d-\d\d\)", headings[0]):
        raise ValueError(f"CHANGELOG.md: the heading is {headings[0]!r}; expected '{version} (YYYY-MM-DD)'")
    section = changelog.partition(f"## {headings[0]}\n")[2]
    return re.split(r"^## ", section, maxsplit=1, flags=re.MULTILINE)[0].strip()


def main() -> None:
    """Print the notes of the tag that the command line names, or what prevents its release."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    try:
        print(release_notes(sys.argv[1], project["version"], changelog))
    except ValueError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
