"""Check that names, prose and errors use the words of the field: python -m tests.check_words [PATH …]."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
SUFFIXES = {".py", ".md", ".ipynb", ".toml", ".sh", ".yml", ".yaml", ""}
# The changelog names what was renamed; results are figures; this file lists the words.
EXCLUDED = {"CHANGELOG.md", "LICENSE", "tests/check_words.py", "benchmarks/RESULTS.md"}

#: A pattern that this project does not use, and what to write for it.
WORDS = {
    r"\bweather\b": "transient errors, retry",
    r"\btold\b": "stated, reported, noted; or name who states it",
    r"\bnobody\b|\bnobody's\b": "no one; or say what is missing",
    r"\brooms?\b": "package, module; or space",
    r"(?<!coffee )\bhouse\b(?! blend)": "layout, project",
    r"\bfront door\b": "public API",
    r"\bdirt\b": "anomalies",
    r"\blifelike\b|\bonce_wrong\b": "what the test states",
    r"\bwitness\b": "independent check",
    r"\baloud\b": "print, warn",
    r"\b(a|the|this|each|one|every|our|PageWalk) ?walk\b|\bPageWalk\b": "pages, Paginator",
    r"\bcomes? of (it|them|each|a|the)\b|\bbecame of\b": "result, outcome",
    r"\bwhose\b": "of the …, with …",
    r"\"\"\"(Give|Make|Say|Tell)\b": "Return, Write, Create, Draw, State",
    r"\b(server|package|code|library)s? of (ours|others)\b|\bout of the box\b|\bby heart\b": "name it",
    r"(?<!there )(?<!There )\b(is|are|was|were) no (?!longer\b|more\b|less\b|one\b|other\b)\w": "is not a …",
}
#: Past participles that say nothing about a value: name what it is.
PARTICIPLES = frozenset(
    {
        "asked",
        "carried",
        "chosen",
        "drawn",
        "found",
        "given",
        "gone",
        "held",
        "hushed",
        "kept",
        "lost",
        "made",
        "meant",
        "put",
        "said",
        "seen",
        "shown",
        "sold",
        "spoken",
        "taken",
        "told",
    }
)
#: Words that stand for a noun: name what the value is.
PRONOUNS = frozenset({"here", "mine", "others", "them", "there", "whom"})


def files(names: list[str]) -> Iterator[Path]:
    """List the tracked text files, or those below the paths that were passed."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *names]
    listing = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in listing.splitlines():
        path = ROOT / name
        if path.suffix in SUFFIXES and name not in EXCLUDED and path.is_file():
            yield path


def text_of(path: Path) -> str:
    """Read a file; of a notebook only what was written, not its outputs."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        return text
    return "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])


def code_of(path: Path) -> str:
    """Read the code cells of a notebook, without IPython's own commands."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    lines = "".join("".join(cell["source"]) + "\n" for cell in cells if cell["cell_type"] == "code")
    return re.sub(r"^[%!].*$", "", lines, flags=re.MULTILINE)


def words(text: str) -> Iterator[tuple[int, str, str]]:
    """Find the words that this project does not use, with line and advice."""
    for number, line in enumerate(text.splitlines(), 1):
        for pattern, advice in WORDS.items():
            for match in re.finditer(pattern, line, re.IGNORECASE):
                yield number, match[0], advice


def names(text: str) -> Iterator[tuple[int, str, str]]:
    """Find functions, classes, parameters and variables that are named by a bare participle or pronoun."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            name = node.id
        elif isinstance(node, ast.arg):
            name = node.arg
        else:
            continue
        if name.strip("_").lower() in PARTICIPLES or name.strip("_") in PRONOUNS:
            yield getattr(node, "lineno", 0), name, "name what it is"


def main(paths: list[str]) -> int:
    """Print each finding, and return 1 if there is one."""
    count = 0
    for path in files(paths):
        text = text_of(path)
        code = text if path.suffix == ".py" else code_of(path) if path.suffix == ".ipynb" else ""
        findings = [*words(text), *names(code)]
        for line, word, advice in sorted(findings):
            print(f"{path.relative_to(ROOT)}:{line}: {word!r}: write: {advice}")
        count += len(findings)
    print(f"{count:,} words to replace" if count else "The words are those of the field.")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
