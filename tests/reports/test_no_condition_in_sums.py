"""A rule for reports that linters do not have: no condition inside a sum."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import rutterframe.reports

MODULES = sorted(Path(rutterframe.reports.__file__).parent.rglob("*.py"))


def name_of(call: ast.Call) -> str:
    """Return the name of the function or method of a call."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def conditions_in_sums(source: str) -> list[int]:
    """Return the lines where `when` is called inside an argument of `agg`."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    arguments = [
        argument
        for call in calls
        if name_of(call) == "agg"
        for argument in (*call.args, *(keyword.value for keyword in call.keywords))
    ]
    inside = {node for argument in arguments for node in ast.walk(argument) if isinstance(node, ast.Call)}
    return sorted({call.lineno for call in inside if name_of(call) == "when"})


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_no_condition_inside_a_sum(path: Path) -> None:
    """Pandas and PyArrow ignore a condition inside a sum, so no report has one."""
    assert conditions_in_sums(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "snippet",
    [
        "frame.group_by('a').agg(nw.when(nw.col('b') == 1).then(nw.col('c')).sum())",
        "frame.group_by('a').agg(c=nw.when(x).then(y).otherwise(0).sum().alias('c'))",
        "frame.agg(nw.len(), *(when(x == place).then(y).sum() for place in range(3)))",
        "frame.agg([nw.col('a').sum(), (nw.lit(1) - nw.when(x).then(y)).sum()])",
    ],
)
def test_the_rule_finds_a_condition(snippet: str) -> None:
    """A condition inside a sum is found, however it is written."""
    assert conditions_in_sums(snippet) == [1]


@pytest.mark.parametrize(
    "snippet",
    [
        "frame.with_columns(nw.when(x).then(y).alias('c')).group_by('a').agg(nw.col('c').sum())",
        "frame.group_by('a').agg(nw.col('c').sum()).with_columns(nw.when(x).then(y).alias('d'))",
    ],
)
def test_the_rule_allows_conditions_outside_of_sums(snippet: str) -> None:
    """A condition in a column before the sum, or after it, is allowed."""
    assert conditions_in_sums(snippet) == []


def test_the_rule_reads_the_reports() -> None:
    """The rule reads the modules with sums, those of the engine too."""
    assert {"aging.py", "balances.py", "tie_out.py", "groupby.py"} <= {path.name for path in MODULES}
    assert any("agg(" in path.read_text(encoding="utf-8") for path in MODULES)
