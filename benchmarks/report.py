"""Sections as text for the terminal and as Markdown for the results file."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.measure import Section

RESULTS = Path(__file__).resolve().parent / "RESULTS.md"
GOAL_HEADER = ["figure", "measured", "goal", "stretch", "verdict"]
LIBRARIES = ("rutterframe", "pandas", "pyarrow", "httpx", "pydantic", "numpy")


def markdown_table(header: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table with columns as wide as their longest cell."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    lines = [header, ["-" * width for width in widths], *rows]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
        for line in lines
    )


def section_text(section: Section) -> str:
    """Return a section as Markdown, which is also what the terminal shows."""
    parts = [f"## {section.title}", markdown_table(section.header, section.rows)]
    if section.goals:
        parts.append(markdown_table(GOAL_HEADER, [goal.cells() for goal in section.goals]))
    parts += [f"**DIFFERENCE** {difference}" for difference in section.differences]
    return "\n\n".join(parts) + "\n"


def processor() -> str:
    """Return the model of the processor, as far as the system states it."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def library_version(name: str) -> str:
    """Return the installed version of a library, or a dash."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "-"


def machine_text(libraries: Iterable[str] = LIBRARIES) -> str:
    """Return date, processor and versions of a run, without the name of the machine."""
    versions = ", ".join(f"{name} {library_version(name)}" for name in libraries)
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {processor()}, {platform.system()} "
        f"{platform.machine()}, Python {platform.python_version()}, {versions}."
    )


def results_text(sections: list[Section], rounds: int) -> str:
    """Return the part of the results file for the loaders."""
    head = (
        f"Written by `make bench`; do not edit. {machine_text()}\n\n"
        "A server in its own process sends pages rendered beforehand over loopback. All sides run "
        f"interleaved in one process, {rounds} rounds after a warm-up, and must load equal rows and amounts. "
        "The clock runs from the first request to the typed frame. Only the ratios carry over to another "
        "machine.\n"
    )
    return "\n".join([head, *map(section_text, sections)])


def with_part(document: str, title: str, text: str) -> str:
    """Return a document with the part under a heading of the first level replaced, or added at its end."""
    parts = re.split(r"^(?=# )", document, flags=re.MULTILINE)
    new = f"# {title}\n\n{text.strip()}\n"
    parts = [part.strip() + "\n" for part in parts if part.strip()]
    positions = [number for number, part in enumerate(parts) if part.splitlines()[0] == f"# {title}"]
    position = positions[0] if positions else len(parts)
    parts[position : position + 1] = [new]
    return "\n".join(parts)


def replace_part(path: Path, title: str, text: str) -> None:
    """Replace one part of a file of results; the other parts are left as they are."""
    document = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(with_part(document, title, text), encoding="utf-8")
    print(f"written to {path.name}")
