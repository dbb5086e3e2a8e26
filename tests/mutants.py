"""Change the code in one place, run the tests that should notice, and list the changes that none noticed.

A random sample of single changes is tried, the same for the same seed: comparisons, numbers, `not`, `and` and
`or`, signs, sorting and filters taken out, the order of two arguments. Each is tried in a copy of the
project: first against the tests that name the module, then against all tests of its package.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).parent.parent
#: The packages that are tried, with the folders of their tests.
TESTS = {
    "reports": ("tests/reports",),
    "dataset": ("tests/dataset",),
    "frames": ("tests/frames", "tests/loaders"),
    "loaders": ("tests/loaders",),
    "quality": ("tests/quality",),
    "storage": ("tests/storage",),
    "webhook_server": ("tests/webhook_server",),
}
# The test files that name a module most often are run first, so many of them.
_FIRST = 4
_COMPARISONS: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Lt: ("<", "<="), ast.LtE: ("<=", "<"), ast.Gt: (">", ">="), ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="), ast.NotEq: ("!=", "=="), ast.In: ("in", "not in"), ast.NotIn: ("not in", "in"),
    ast.Is: ("is", "is not"), ast.IsNot: ("is not", "is"),
}  # fmt: skip
_OPERATORS: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("+", "-"), ast.Sub: ("-", "+"), ast.Mult: ("*", "+"), ast.FloorDiv: ("//", "*"),
    ast.BitAnd: ("&", "|"), ast.BitOr: ("|", "&"),
}  # fmt: skip
# A call of one of these becomes what it is called on, or its first argument.
_METHODS = {"sort", "sort_values", "sort_by", "filter", "unique", "drop_duplicates", "abs", "strip", "lower"}
_FUNCTIONS = {"sorted", "reversed", "abs", "round"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: what stands in a file from one offset to another, and what stands there instead."""

    path: str
    line: int
    start: int
    end: int
    text: str
    what: str


class Source:
    """A module with the places in which it can be changed."""

    def __init__(self, path: Path) -> None:
        self.path = path.relative_to(ROOT).as_posix()
        self.data = path.read_bytes()
        self._starts = [0]
        for line in self.data.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def mutants(self) -> Iterator[Mutant]:
        """Yield every change of the module."""
        tree = ast.parse(self.data)
        skipped = {id(inner) for node in ast.walk(tree) for top in _not_code(node) for inner in ast.walk(top)}
        for node in ast.walk(tree):
            if id(node) not in skipped:
                yield from self._changes(node)

    def _changes(self, node: ast.AST) -> Iterator[Mutant]:
        if isinstance(node, ast.Compare | ast.BinOp | ast.BoolOp):
            yield from self._operators(node)
        elif isinstance(node, ast.Constant):
            if isinstance(node.value, bool):
                yield self._replaced(node, str(not node.value), f"{node.value} is {not node.value}")
            elif isinstance(node.value, int):
                yield self._replaced(node, str(node.value + 1), f"{node.value} is {node.value + 1}")
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            yield self._replaced(node, self._text(node.operand), "not dropped")
        elif isinstance(node, ast.If | ast.comprehension):
            for test in [node.test] if isinstance(node, ast.If) else node.ifs:
                yield self._replaced(test, "True", f"if {self._text(test)} is always true")
        elif isinstance(node, ast.Call):
            yield from self._calls(node)
        elif isinstance(node, ast.Dict) and node.keys == [None, None]:
            one, other = (self._text(value) for value in node.values)
            yield self._replaced(node, f"{{**{other}, **{one}}}", "precedence swapped")

    def _operators(self, node: ast.Compare | ast.BinOp | ast.BoolOp) -> Iterator[Mutant]:
        if isinstance(node, ast.Compare):
            operands = [node.left, *node.comparators]
            for left, operator, right in zip(operands, node.ops, operands[1:], strict=False):
                yield from self._between(left, right, *_COMPARISONS[type(operator)])
        elif isinstance(node, ast.BoolOp):
            words = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
            yield from self._between(node.values[0], node.values[1], *words)
        elif type(node.op) in _OPERATORS:
            yield from self._between(node.left, node.right, *_OPERATORS[type(node.op)])

    def _calls(self, node: ast.Call) -> Iterator[Mutant]:
        function = node.func
        if isinstance(function, ast.Attribute) and function.attr in _METHODS:
            yield self._replaced(node, self._text(function.value), f".{function.attr}() dropped")
        elif isinstance(function, ast.Name) and function.id in _FUNCTIONS and node.args:
            wrapped = "list({})" if function.id in {"sorted", "reversed"} else "({})"
            yield self._replaced(node, wrapped.format(self._text(node.args[0])), f"{function.id}() dropped")
        if len(node.args) == 2 and not any(isinstance(argument, ast.Starred) for argument in node.args):
            one, other = node.args
            swapped = f"{self._text(other)}, {self._text(one)}"
            start, end = self._span(one)[0], self._span(other)[1]
            if isinstance(one, ast.Name | ast.Attribute) and isinstance(other, ast.Name | ast.Attribute):
                yield Mutant(self.path, one.lineno, start, end, swapped, "arguments swapped")

    def _between(self, left: ast.expr, right: ast.expr, old: str, new: str) -> Iterator[Mutant]:
        start, end = self._span(left)[1], self._span(right)[0]
        words = r"\b" if old[0].isalpha() else ""
        match = re.search(
            words + re.escape(old).replace(r"\ ", r"\s+") + words, self.data[start:end].decode()
        )
        if match:
            yield Mutant(
                self.path,
                left.end_lineno or left.lineno,
                start + match.start(),
                start + match.end(),
                new,
                f"{old} is {new}",
            )

    def _replaced(self, node: ast.AST, text: str, what: str) -> Mutant:
        start, end = self._span(node)
        return Mutant(self.path, getattr(node, "lineno", 0), start, end, text, " ".join(what.split()))

    def _span(self, node: ast.AST) -> tuple[int, int]:
        lines, ends = getattr(node, "lineno", 1), getattr(node, "end_lineno", 1)
        return (
            self._starts[lines - 1] + getattr(node, "col_offset", 0),
            self._starts[ends - 1] + getattr(node, "end_col_offset", 0),
        )

    def _text(self, node: ast.AST) -> str:
        start, end = self._span(node)
        return self.data[start:end].decode()


def _not_code(node: ast.AST) -> list[ast.AST]:
    """Return the parts of a node in which a change is none: annotations, messages, and what types read."""
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        return [node]
    if isinstance(node, ast.Raise):
        return [node]
    parts = [getattr(node, name, None) for name in ("annotation", "returns")]
    if isinstance(node, ast.FunctionDef):
        parts += node.decorator_list
    return [part for part in parts if part is not None]


def test_files(mutant: Mutant) -> tuple[list[str], list[str]]:
    """Return the test files that name a module most often, and the folders of all tests of its package."""
    path = Path(mutant.path)
    folders = list(TESTS[path.parts[1]])
    tree = ast.parse((ROOT / path).read_bytes())
    names = {
        path.stem,
        *(node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)),
    }
    names = {name for name in names if not name.startswith("_")}
    word = re.compile(rf"\b({'|'.join(map(re.escape, sorted(names)))})\b")
    counts = {
        file: len(word.findall(file.read_text(encoding="utf-8"))) + 1000 * (file.stem == f"test_{path.stem}")
        for folder in folders
        for file in sorted((ROOT / folder).glob("test_*.py"))
    }
    ranked = sorted((file for file in counts if counts[file]), key=lambda file: -counts[file])
    return [file.relative_to(ROOT).as_posix() for file in ranked[:_FIRST]], folders


def draw(count: int, seed: int, only: str) -> list[Mutant]:
    """Draw a sample: first a module, then a change of it, so that a long table of data is not most of it."""
    sources = [
        Source(path)
        for package in TESTS
        for path in sorted((ROOT / "rutterframe" / package).rglob("*.py"))
        if only in path.relative_to(ROOT).as_posix()
    ]
    chance = random.Random(seed)  # noqa: S311 - a sample, no secret
    pools = [pool for pool in (list(source.mutants()) for source in sources) if pool]
    weights = [len(pool) ** 0.5 for pool in pools]
    sample: dict[Mutant, None] = {}
    while len(sample) < min(count, sum(map(len, pools))):
        (pool,) = chance.choices(pools, weights)
        sample[chance.choice(pool)] = None
    return list(sample)


class Copy:
    """A copy of what git knows of the project, in which one file is changed at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._sound: dict[str, bool] = {}
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
        for name in filter(None, listed.stdout.decode().split("\0")):
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, folder / name)

    def notice(self, mutant: Mutant, limit: float, *, thorough: bool) -> str:
        """Try a mutant, and return the test that fails; "" where all of them pass."""
        target = self.folder / mutant.path
        whole = target.read_bytes()
        first, folders = test_files(mutant)
        for files in filter(None, [first, folders if thorough else []]):
            target.write_bytes(whole[: mutant.start] + mutant.text.encode() + whole[mutant.end :])
            try:
                failed = self._failing(files, limit)
            finally:
                target.write_bytes(whole)
            if failed and not self._fails_anyway(failed, files, limit):
                return failed
        return ""

    def _fails_anyway(self, failed: str, files: list[str], limit: float) -> bool:
        """Return whether the tests fail without a change as well: then they noticed nothing."""
        target = failed.partition("[")[0] if failed.startswith("tests/") else files[0]
        if target not in self._sound:
            self._sound[target] = not self._failing([target], limit)
        return not self._sound[target]

    def _failing(self, files: list[str], limit: float) -> str:
        """Run tests, and return the first that fails, or why they did not end; "" if all pass."""
        plugins = ["-p", "pytest_timeout", "-p", "_hypothesis_pytestplugin", "-p", "xdist.plugin"]
        command = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=no", "-p", "no:cacheprovider", *plugins]
        command += ["-m", "not spark and not browser and not slow", *files]
        environment = {
            **os.environ, "PYTHONPATH": str(self.folder), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONDONTWRITEBYTECODE": "1", "TZ": "UTC",
        }  # fmt: skip
        try:
            ended = subprocess.run(
                command, cwd=self.folder, env=environment, capture_output=True, timeout=limit, check=False
            )
        except subprocess.TimeoutExpired:
            return f"the limit of {limit:g} seconds"
        # 5 says that there were no tests but those left out.
        if ended.returncode in {0, 5}:
            return ""
        match = re.search(r"^(?:FAILED|ERROR) (\S+)", ended.stdout.decode(errors="replace"), re.MULTILINE)
        return match[1] if match else "the tests' own start"


def main() -> int:
    """Draw, try, print: one line for each survivor, and the ratio."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=60, help="how many changes to try")
    parser.add_argument("--seed", type=int, default=0, help="another seed is another sample")
    parser.add_argument("--only", default="", help="a part of the path, such as reports/cash")
    parser.add_argument("--limit", type=float, default=300, help="seconds for the tests of one change")
    parser.add_argument("--quick", action="store_true", help="only the test files that name the module")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at a time")
    arguments = parser.parse_args()
    survivors = 0
    mutants = draw(arguments.count, arguments.seed, arguments.only)
    free: SimpleQueue[Copy] = SimpleQueue()

    def notice(mutant: Mutant) -> str:
        copy = free.get()
        try:
            return copy.notice(mutant, arguments.limit, thorough=not arguments.quick)
        finally:
            free.put(copy)

    with tempfile.TemporaryDirectory(prefix="mutants-") as folder, ThreadPoolExecutor(arguments.jobs) as pool:
        for number in range(arguments.jobs):
            free.put(Copy(Path(folder) / str(number)))
        for number, (mutant, test) in enumerate(zip(mutants, pool.map(notice, mutants), strict=True), 1):
            survivors += not test
            verdict = f"noticed by {test}" if test else "SURVIVED"
            sys.stdout.write(
                f"{number}/{len(mutants)} {mutant.path}:{mutant.line} {mutant.what}: {verdict}\n"
            )
            sys.stdout.flush()
    ratio = survivors / max(len(mutants), 1)
    sys.stdout.write(f"{survivors} of {len(mutants)} survived ({ratio:.0%})\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
